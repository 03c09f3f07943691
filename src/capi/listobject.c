/* SPDX-License-Identifier: MIT */
/* Lists of the C API. Those that extension code makes are private until they are published. */
#include "capi/capi_int.h"
#include "object/bytes.h"
#include "object/dict.h"
#include "object/float.h"
#include "object/int.h"
#include "object/list.h"

/* A list that counts its items has a plain array; it is filled with NULL until items come. */
PyObject *PyList_New(Py_ssize_t n)
{
    struct thread *t = capi_enter();
    if (n < 0) {
        return capi_return(t, error_raise(PyExc_SystemError, "bad argument to internal function"));
    }
    PyObject *list = list_new(n);
    if (list != NULL) {
        Py_SET_SIZE(list, n);
    }
    capi_leave(t);
    return n == 0 ? (list == NULL ? NULL : Py_NewRef(list)) : capi_make_private(list);
}

Py_ssize_t PyList_Size(PyObject *o)
{
    return PyList_Check(o) ? Py_SIZE(o) : CAPI_BAD_ARGUMENT_INT();
}

PyObject *PyList_GetItem(PyObject *o, Py_ssize_t i)
{
    if (!PyList_Check(o)) {
        return CAPI_BAD_ARGUMENT();
    }
    if (!object_is_public(o) && (size_t)i < (size_t)Py_SIZE(o)) {
        return PyList_GET_ITEM(o, i);
    }
    struct thread *t = capi_enter();
    Value item = i < 0 ? VALUE_ABSENT : list_find(capi_object(o), i);
    return capi_return_borrowed(
        t, value_is_absent(item) ? error_raise(PyExc_IndexError, "list index out of range") : item);
}

int PyList_SetItem(PyObject *o, Py_ssize_t i, PyObject *item)
{
    if (!PyList_Check(o)) {
        Py_XDECREF(item);
        return CAPI_BAD_ARGUMENT_INT();
    }
    if (!object_is_public(o) && (size_t)i < (size_t)Py_SIZE(o)) {
        Py_XSETREF(((PyListObject *)o)->ob_item[i], item);
        return 0;
    }
    struct thread *t = capi_enter();
    Value v = capi_steal(item);
    if ((size_t)i >= (size_t)Py_SIZE(o)) {
        return capi_return_int(
            t, error_raise_int(PyExc_IndexError, "list assignment index out of range"));
    }
    return capi_return_int(t, list_set(o, i, v));
}

int PyList_Append(PyObject *o, PyObject *item)
{
    if (!PyList_Check(o) || item == NULL) {
        return CAPI_BAD_ARGUMENT_INT();
    }
    struct thread *t = capi_enter();
    return capi_return_int(t, list_append(capi_object(o), capi_value(item)));
}

int PyList_Insert(PyObject *o, Py_ssize_t i, PyObject *item)
{
    struct thread *t = capi_enter();
    return capi_return_int(t, list_insert(capi_object(o), i, capi_value(item)));
}

PyObject *PyList_AsTuple(PyObject *o)
{
    if (o == NULL || !PyList_Check(o)) {
        return CAPI_BAD_ARGUMENT();
    }
    struct thread *t = capi_enter();
    return capi_return_object(t, list_to_tuple(capi_object(o)));
}

PyObject *PyList_GetSlice(PyObject *o, Py_ssize_t low, Py_ssize_t high)
{
    struct thread *t = capi_enter();
    low = low < 0 ? 0 : low;
    high = high > Py_SIZE(o) ? Py_SIZE(o) : high;
    return capi_return_object(t, list_slice(capi_object(o), low, high < low ? low : high));
}

int PyList_SetSlice(PyObject *o, Py_ssize_t low, Py_ssize_t high, PyObject *items)
{
    struct thread *t = capi_enter();
    return capi_return_int(
        t, list_set_slice(capi_object(o), low, high, capi_value_or(items, VALUE_ABSENT)));
}

int PyList_Sort(PyObject *o)
{
    struct thread *t = capi_enter();
    return capi_return_int(t, list_sort(capi_object(o), VALUE_ABSENT, false));
}

int PyList_Reverse(PyObject *o)
{
    struct thread *t = capi_enter();
    return capi_return_int(t, list_reverse(capi_object(o)));
}

PyObject *_PyList_Extend(PyListObject *o, PyObject *items)
{
    struct thread *t = capi_enter();
    return capi_return(t, list_extend(capi_object((PyObject *)o), capi_value(items)) < 0
                              ? VALUE_NULL
                              : VALUE_NONE);
}
