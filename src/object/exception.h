/* SPDX-License-Identifier: MIT */
/* Exception objects: pyerrors.h's layouts. object/exception.c holds the types, object/error.c the
 * error state, object/traceback.c PyTracebackObject. */
#ifndef OROCHI_OBJECT_EXCEPTION_H
#define OROCHI_OBJECT_EXCEPTION_H

#include "object/object.h"

static inline bool exception_check(Value v)
{
    return value_is_object(v) &&
           type_has_feature(value_object(v)->ob_type, Py_TPFLAGS_BASE_EXC_SUBCLASS);
}
static inline bool exception_class_check(Value v)
{
    return value_is_object(v) &&
           type_has_feature(value_object(v)->ob_type, Py_TPFLAGS_TYPE_SUBCLASS) &&
           type_has_feature((PyTypeObject *)value_object(v), Py_TPFLAGS_BASE_EXC_SUBCLASS);
}
PyObject *exception_new(PyObject *type, PyObject *args_tuple);
PyObject *exception_get_context(PyObject *e);
void exception_set_context(PyObject *e, PyObject *context);
PyObject *exception_get_cause(PyObject *e);
void exception_set_cause(PyObject *e, PyObject *cause);
PyObject *exception_get_traceback(PyObject *e);
void exception_set_traceback(PyObject *e, PyObject *traceback);
/* Prepends an entry for a frame object to the current exception's traceback. */
int traceback_add(PyObject *frame, int lasti, int lineno);
/* Splits an exception (group) for except*: both may be None. 0 or -1. */
int exception_group_match(PyObject *exception, PyObject *type, Value *match, Value *rest);
/* Re-groups raised and unhandled exceptions at the end of a try-except* (PEP 654). */
Value exception_group_rejoin(PyObject *original, PyObject *raised_list);
/* Adds all exception types to a dict (that of builtins), with their aliases. 0 or -1. */
int exception_add_types(PyObject *dict);
/* How traceback.c learns about code and columns; set by the VM at start-up. */
struct traceback_hooks {
    /* Position of instruction lasti in a code object: lines from 1, columns in UTF-8 bytes from 0;
     * -1: unknown. */
    void (*position)(PyObject *code, int lasti, int *line, int *end_line, int *column,
                     int *end_column);
};
extern struct traceback_hooks traceback_hooks;
/* "Traceback (most recent call last):" and its entries. 0 or -1. */
int traceback_print(PyObject *traceback, Value file);
/* Drops importlib's frames from the current exception's traceback: all of them for ImportError,
 * else those around the module's own code. */
void traceback_remove_importlib(void);
/* The last line alone: "ValueError: text". 0 or -1. */
int exception_write_line(Value type, Value exception, Value file);
/* Writes the traceback and message of an exception to a file object, as the interpreter prints. */
void exception_print(PyObject *exception, Value file);

#endif
