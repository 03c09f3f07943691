/* SPDX-License-Identifier: MIT */
/* Shared by traceback.c, traceback_anchors.c, exception_print.c and suggestions.c. */
#ifndef OROCHI_OBJECT_TRACEBACK_INT_H
#define OROCHI_OBJECT_TRACEBACK_INT_H

#include "object/dict.h"
#include "object/exception.h"
#include "object/object.h"

/* Inside exception groups every line starts with a margin: 2 * depth spaces and "| ". */
struct traceback_style {
    int depth;
};
int traceback_margin(Value file, struct traceback_style *style);
int traceback_print_styled(PyObject *traceback, Value file, struct traceback_style *style,
                           const char *header);
/* The source line without its end, or NULL (no exception). */
PyObject *traceback_source_line(PyObject *filename, int lineno);
/* If the segment is a binary operation or a subscript: where its operator stands. */
void traceback_find_anchors(PyObject *segment, Py_ssize_t *left, Py_ssize_t *right);
/* The name that may have been meant (a str), or NULL without exception. */
PyObject *suggestion_for(PyObject *exception);

#endif
