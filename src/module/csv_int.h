/* SPDX-License-Identifier: MIT */
/* What the files of _csv share. _csv.c has the overview. */
#ifndef OROCHI_MODULE_CSV_INT_H
#define OROCHI_MODULE_CSV_INT_H

#include "object/native.h"
#include "object/object.h"

enum csv_quoting { QUOTE_MINIMAL, QUOTE_ALL, QUOTE_NONNUMERIC, QUOTE_NONE };
#define CSV_NO_CHAR ((Py_UCS4)-1)

struct csv_dialect { /* constant once made */
    PyObject_HEAD bool doublequote, skipinitialspace, strict;
    int quoting;
    Py_UCS4 delimiter, quotechar, escapechar; /* CSV_NO_CHAR: none */
    PyObject *lineterminator;
};

extern PyObject *csv_error;
extern PyObject *csv_dialects;  /* a dict of the registered ones */
extern int64_t csv_field_limit; /* atomic */
extern PyTypeObject csv_dialect_type, csv_reader_type, csv_writer_type;

/* A dialect from an argument (ABSENT: the default) and keywords that override it. */
Value csv_dialect_make(Value dialect, const Value *values, PyObject *kwnames);
Value csv_dialect_find(Value name);
Value csv_reader_make(Value self, const Value *args, size_t nargs, PyObject *kwnames);
Value csv_writer_make(Value self, const Value *args, size_t nargs, PyObject *kwnames);

#endif
