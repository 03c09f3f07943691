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

PyObject *PyDictProxy_New(PyObject *mapping)
{
    struct thread *t = capi_enter();
    return capi_return_object(t, mappingproxy_new(capi_value(mapping)));
}

PyObject *PyWeakref_NewRef(PyObject *o, PyObject *callback)
{
    struct thread *t = capi_enter();
    if (o->ob_type->tp_weaklistoffset <= 0) {
        return capi_return(t, error_raise(PyExc_TypeError,
                                          "cannot create weak reference to '%T' object",
                                          capi_value(o)));
    }
    PyObject *f = callback == Py_None ? NULL : capi_object(callback);
    return capi_return_object(t, weakref_new(capi_object(o), f, &_PyWeakref_RefType));
}

/* Borrowed: good while somebody else keeps the object, or it is on this C stack. */
PyObject *PyWeakref_GetObject(PyObject *reference)
{
    struct thread *t = capi_enter();
    PyObject *o = weakref_get(capi_object(reference));
    return capi_return_borrowed(t, o == NULL ? VALUE_NONE : value_from_object(o));
}
