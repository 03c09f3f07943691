/* SPDX-License-Identifier: MIT */
/* Sets, weak references and mapping proxies of the C API. */
#include "capi/capi_int.h"
#include "object/dict.h"
#include "object/set_int.h"
#include "object/type_int.h"
#include "object/weakref.h"

PyObject *PySet_New(PyObject *items)
{
    struct thread *t = capi_enter();
    return capi_return_object(t, set_new(&PySet_Type, capi_value_or(items, VALUE_ABSENT)));
}

PyObject *PyFrozenSet_New(PyObject *items)
{
    struct thread *t = capi_enter();
    return capi_return_object(t, set_new(&PyFrozenSet_Type, capi_value_or(items, VALUE_ABSENT)));
}

int PySet_Add(PyObject *set, PyObject *item)
{
    struct thread *t = capi_enter();
    return capi_return_int(t, set_add(capi_object(set), capi_value(item)));
}

int PySet_Discard(PyObject *set, PyObject *item)
{
    struct thread *t = capi_enter();
    return capi_return_int(t, set_discard(capi_object(set), capi_value(item)));
}

int PySet_Contains(PyObject *set, PyObject *item)
{
    struct thread *t = capi_enter();
    return capi_return_int(t, set_contains(capi_object(set), capi_value(item)));
}

int _PySet_Update(PyObject *set, PyObject *items)
{
    struct thread *t = capi_enter();
    if (!PySet_Check(set)) {
        return capi_return_int(t, (PyErr_BadInternalCall(), -1));
    }
    return capi_return_int(t, set_update(capi_object(set), capi_value(items)));
}

Py_ssize_t PySet_Size(PyObject *set)
{
    return set_length(set);
}

int PySet_Clear(PyObject *set)
{
    struct thread *t = capi_enter();
    return capi_return_int(t, set_clear(capi_object(set)));
}

PyObject *PySet_Pop(PyObject *set)
{
    struct thread *t = capi_enter();
    Value popped = set_pop(capi_object(set));
    return capi_return(
        t, value_is_absent(popped) ? error_raise(PyExc_KeyError, "pop from an empty set") : popped);
}

int _PySet_NextEntry(PyObject *set, Py_ssize_t *position, PyObject **key, Py_hash_t *hash)
{
    struct thread *t = capi_enter();
    size_t place = (size_t)*position;
    Value k;
    bool more = set_next(capi_object(set), &place, &k, hash);
    *position = (Py_ssize_t)place;
    if (more) {
        *key = value_box(k);
    }
    return capi_return_int(t, more);
}
