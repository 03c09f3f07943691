/* SPDX-License-Identifier: MIT */
/* Tuples of the C API. Those that extension code makes are private until they are published. */
#include "capi/capi_int.h"
#include "object/bytes.h"
#include "object/dict.h"
#include "object/float.h"
#include "object/int.h"
#include "object/list.h"

/* ---- Cells of tuples that extension code made and gave up again, for its next ones: NumPy makes
 * one per operator. Without type meanwhile, so that nobody takes them for objects. */

#define KEPT_LENGTHS 6
#define KEPT_TUPLES 4

/* By length; under the extension lock. A stop may come in between: the cells are roots, also while
 * one is in a register. */
static PyObject *kept[KEPT_LENGTHS][KEPT_TUPLES];
static unsigned kept_count[KEPT_LENGTHS];

void capi_keep_tuple(PyObject *o, Py_ssize_t n)
{
    if (n > 0 && n < KEPT_LENGTHS && o->ob_type == &PyTuple_Type &&
        extension_lock_is_mine(thread_current()) && kept_count[n] < KEPT_TUPLES) {
        atomic_store_relaxed(&o->ob_type, NULL);
        kept[n][kept_count[n]++] = o;
    }
}

/* A private tuple, or NULL. What it held was counted and is not any more; what is stored there from
 * now on is counted until the tuple is published, and then a card tells of it. */
static PyObject *take_kept(Py_ssize_t n)
{
    if (n <= 0 || n >= KEPT_LENGTHS || !extension_lock_is_mine(thread_current()) ||
        kept_count[n] == 0) {
        return NULL;
    }
    PyObject *o = kept[n][--kept_count[n]];
    o->ob_refcnt = 1;
    Py_SET_SIZE(o, n);
    atomic_store_release(&o->ob_type, &PyTuple_Type);
    return o;
}

PyObject *PyTuple_New(Py_ssize_t n)
{
    PyObject *again = take_kept(n);
    if (again != NULL) {
        return again;
    }
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
