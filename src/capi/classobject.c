/* SPDX-License-Identifier: MIT */
/* Bound methods, class and static methods, iterators over sequences, generic aliases. */
#include "capi/capi_int.h"
#include "object/function.h"

PyObject *PyClassMethod_New(PyObject *callable)
{
    struct thread *t = capi_enter();
    return capi_return_object(t, classmethod_new(capi_value(callable)));
}

PyObject *PyStaticMethod_New(PyObject *callable)
{
    struct thread *t = capi_enter();
    return capi_return_object(t, staticmethod_new(capi_value(callable)));
}

PyObject *PyMethod_New(PyObject *function, PyObject *self)
{
    if (self == NULL) {
        return CAPI_BAD_ARGUMENT();
    }
    struct thread *t = capi_enter();
    return capi_return_object(t, method_new(capi_value(function), capi_value(self)));
}

PyObject *PySeqIter_New(PyObject *sequence)
{
    struct thread *t = capi_enter();
    return capi_return_object(t, sequence_iterator_new(capi_value(sequence)));
}

PyObject *PyCallIter_New(PyObject *callable, PyObject *sentinel)
{
    struct thread *t = capi_enter();
    return capi_return_object(t, callable_iterator_new(capi_value(callable), capi_value(sentinel)));
}

PyObject *Py_GenericAlias(PyObject *origin, PyObject *args)
{
    struct thread *t = capi_enter();
    return capi_return_object(t, generic_alias_new(capi_value(origin), capi_value(args)));
}
