/* SPDX-License-Identifier: MIT */
/* str methods that cut and assemble: split, join, strip, partition, replace ... */
#ifndef OROCHI_OBJECT_STR_SPLIT_H
#define OROCHI_OBJECT_STR_SPLIT_H

#include "object/str_int.h"

enum strip_side { STRIP_LEFT = 1, STRIP_RIGHT = 2 };
PyObject *str_strip(PyObject *s, PyObject *chars, int sides); /* chars NULL: white space */
PyObject *str_rsplit(PyObject *s, PyObject *separator, Py_ssize_t max);
PyObject *str_splitlines(PyObject *s, bool keep_ends);
PyObject *str_partition(PyObject *s, PyObject *separator, int direction); /* a tuple */
PyObject *str_pad(PyObject *s, Py_ssize_t left, Py_ssize_t right, Py_UCS4 fill);
PyObject *str_expandtabs(PyObject *s, int tab_size);
PyObject *str_translate(PyObject *s, Value table);
Value str_maketrans(Value self, const Value *args);

#endif
