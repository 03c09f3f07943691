/* SPDX-License-Identifier: MIT */
/* Weak references. */
#include "object/weakref.h"

#include "capi/capi_int.h"

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

PyObject *PyWeakref_NewProxy(PyObject *o, PyObject *callback)
{
    struct thread *t = capi_enter();
    PyObject *f = callback == Py_None ? NULL : capi_object(callback);
    return capi_return_object(t, weakref_proxy_new(capi_object(o), f));
}
