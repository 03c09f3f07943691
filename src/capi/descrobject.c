/* SPDX-License-Identifier: MIT */
/* Descriptors made by hand, and read-only proxies of mappings. */
#include "capi/capi_int.h"
#include "object/type_int.h"

PyObject *PyDescr_NewMethod(PyTypeObject *type, PyMethodDef *def)
{
    struct thread *t = capi_enter();
    return capi_return_object(t, method_descriptor_new_c(type, def));
}

PyObject *PyDescr_NewClassMethod(PyTypeObject *type, PyMethodDef *def)
{
    struct thread *t = capi_enter();
    return capi_return_object(t, classmethod_descriptor_new_c(type, def));
}

PyObject *PyDescr_NewGetSet(PyTypeObject *type, PyGetSetDef *def)
{
    struct thread *t = capi_enter();
    return capi_return_object(t, getset_descriptor_new_c(type, def));
}

PyObject *PyDescr_NewMember(PyTypeObject *type, PyMemberDef *def)
{
    struct thread *t = capi_enter();
    return capi_return_object(t, member_descriptor_new_c(type, def));
}

int PyDescr_IsData(PyObject *o)
{
    return value_ops(value_from_object(o))->descr_set != NULL;
}

PyObject *PyDictProxy_New(PyObject *mapping)
{
    struct thread *t = capi_enter();
    return capi_return_object(t, mappingproxy_new(capi_value(mapping)));
}
