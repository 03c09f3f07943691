/* SPDX-License-Identifier: MIT */
/* Function objects, bound methods, cells, static and class methods, properties, iterators over
 * sequences: the small objects around calls. The call operation of functions is the VM's and set
 * at start-up (function_hooks). */
#ifndef OROCHI_OBJECT_FUNCTION_H
#define OROCHI_OBJECT_FUNCTION_H

#include "object/object.h"

/* A PyFunctionObject. */
PyObject *function_new(PyObject *code, PyObject *globals);
static inline PyFunctionObject *function_cast(PyObject *f)
{
    return (PyFunctionObject *)f;
}
struct function_hooks {
    Value (*call)(Value self, const Value *args, size_t nargs, PyObject *kwnames);
};
extern struct function_hooks function_hooks;

PyObject *method_new(Value function, Value self); /* PyMethodObject */
PyObject *cell_new(Value v);                      /* PyCellObject; ABSENT: empty */
static inline Value cell_get(PyObject *cell)      /* VALUE_NULL if empty */
{
    return value_load_acquire((const Value *)(void *)&((PyCellObject *)cell)->ob_ref);
}
int cell_set(PyObject *cell, Value v); /* boxes; VALUE_NULL empties */
/* Both kinds; `callable` is NULL before __init__ ran. */
struct method_decorator {
    PyObject ob_base;
    PyObject *callable;
    PyObject *dict;
};
PyObject *staticmethod_new(Value function);
PyObject *classmethod_new(Value function);
static inline Value staticmethod_function(PyObject *o)
{
    return value_from_object(((struct method_decorator *)o)->callable);
}
static inline Value classmethod_function(PyObject *o)
{
    return staticmethod_function(o);
}
PyObject *sequence_iterator_new(Value sequence);                 /* over __getitem__ */
PyObject *callable_iterator_new(Value callable, Value sentinel); /* iter(f, sentinel) */
PyObject *slice_new(Value start, Value stop, Value step);
/* Adjusted indices as slice.indices() gives; -1 on error. */
int slice_unpack(PyObject *slice, Py_ssize_t *start, Py_ssize_t *stop, Py_ssize_t *step);
Py_ssize_t slice_adjust(Py_ssize_t length, Py_ssize_t *start, Py_ssize_t *stop, Py_ssize_t step);
/* o[start:stop]; the built-in sequences do without a slice object. VALUE_ABSENT for instances of
 * TYPE_FOREIGN: the caller does it. */
Value object_get_slice(Value o, Value start, Value stop);
PyObject *generic_alias_new(Value origin, Value args);
extern PyTypeObject _PyNamespace_Type;
PyObject *namespace_new(PyObject *dict_or_null); /* types.SimpleNamespace */

#endif
