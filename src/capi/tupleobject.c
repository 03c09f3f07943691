/* SPDX-License-Identifier: MIT */
/* Tuples of the C API. Those that extension code makes are private until they are published. */
#include "capi/capi_int.h"
#include "object/bytes.h"
#include "object/dict.h"
#include "object/float.h"
#include "object/int.h"
#include "object/list.h"

PyObject *PyTuple_New(Py_ssize_t n)
{
    struct thread *t = capi_enter();
    if (n <= 0) {
        return n < 0 ? capi_return(
                           t, error_raise(PyExc_SystemError, "bad argument to internal function"))
                     : capi_return_object(t, tuple_new(0));
    }
    PyObject *tuple = tuple_new(n);
    capi_leave(t);
    return capi_make_private(tuple);
}

Py_ssize_t PyTuple_Size(PyObject *o)
{
    return PyTuple_Check(o) ? Py_SIZE(o) : CAPI_BAD_ARGUMENT_INT();
}

PyObject *PyTuple_GetItem(PyObject *o, Py_ssize_t i)
{
    if (!PyTuple_Check(o)) {
        return CAPI_BAD_ARGUMENT();
    }
    if ((size_t)i >= (size_t)Py_SIZE(o)) {
        PyErr_SetString(PyExc_IndexError, "tuple index out of range");
        return NULL;
    }
    return PyTuple_GET_ITEM(o, i);
}

int PyTuple_SetItem(PyObject *o, Py_ssize_t i, PyObject *item)
{
    if (!PyTuple_Check(o)) {
        Py_XDECREF(item);
        return CAPI_BAD_ARGUMENT_INT();
    }
    if ((size_t)i >= (size_t)Py_SIZE(o)) {
        Py_XDECREF(item);
        PyErr_SetString(PyExc_IndexError, "tuple assignment index out of range");
        return -1;
    }
    PyObject *old = PyTuple_GET_ITEM(o, i);
    if (object_is_public(o)) {
        capi_steal(item);
        heap_store(o, &((PyTupleObject *)o)->ob_item[i], item);
    } else {
        PyTuple_SET_ITEM(o, i, item);
        Py_XDECREF(old);
    }
    return 0;
}

PyObject *PyTuple_Pack(Py_ssize_t n, ...)
{
    PyObject *tuple = PyTuple_New(n);
    va_list items;
    va_start(items, n);
    for (Py_ssize_t i = 0; tuple != NULL && i < n; i++) {
        PyTuple_SET_ITEM(tuple, i, Py_NewRef(va_arg(items, PyObject *)));
    }
    va_end(items);
    return tuple;
}

PyObject *PyTuple_GetSlice(PyObject *o, Py_ssize_t low, Py_ssize_t high)
{
    struct thread *t = capi_enter();
    low = low < 0 ? 0 : low;
    high = high > Py_SIZE(o) ? Py_SIZE(o) : high;
    return capi_return_object(t, tuple_slice(capi_object(o), low, high < low ? low : high));
}

/* The old tuple must be the caller's alone. */
int _PyTuple_Resize(PyObject **o, Py_ssize_t n)
{
    PyObject *old = *o;
    Py_ssize_t size = Py_SIZE(old);
    if (size == n) {
        return 0;
    }
    *o = PyTuple_New(n);
    for (Py_ssize_t i = 0; *o != NULL && i < n && i < size; i++) {
        Py_XINCREF(PyTuple_GET_ITEM(old, i));
        PyTuple_SetItem(*o, i, PyTuple_GET_ITEM(old, i));
    }
    Py_DECREF(old);
    return *o == NULL ? -1 : 0;
}
