/* SPDX-License-Identifier: MIT */
/* Descriptors made by hand, fields, and read-only proxies of mappings. */
#include "capi/capi_int.h"
#include "object/type_int.h"

#include <structmember.h>

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

/* A slot wrapper bound to an object. */
PyObject *PyWrapper_New(PyObject *descriptor, PyObject *self)
{
    return descriptor->ob_type->tp_descr_get(descriptor, self, (PyObject *)self->ob_type);
}

/* The structure need not be an object: then what its field refers to is counted there. */
static PyObject **raw_field(const char *structure, const PyMemberDef *def)
{
    bool raw = def->type == T_OBJECT && !heap_contains(structure);
    return raw ? (PyObject **)(uintptr_t)(structure + def->offset) : NULL;
}

PyObject *PyMember_GetOne(const char *object, PyMemberDef *def)
{
    PyObject **field = raw_field(object, def);
    if (field != NULL) {
        return Py_NewRef(*field == NULL ? Py_None : *field);
    }
    struct thread *t = capi_enter();
    PyObject *o = (PyObject *)(uintptr_t)object;
    return capi_return(t, member_get(o, def->name, def->type, def->offset));
}

int PyMember_SetOne(char *object, PyMemberDef *def, PyObject *value)
{
    PyObject **field = raw_field(object, def);
    if (field != NULL && (def->flags & READONLY) == 0) {
        PyObject *old = *field;
        *field = Py_XNewRef(value);
        Py_XDECREF(old);
        return 0;
    }
    struct thread *t = capi_enter();
    PyObject *o = (PyObject *)(void *)object;
    return capi_return_int(t, member_set(o, def->name, def->type, def->flags, def->offset,
                                         capi_value_or(value, VALUE_ABSENT)));
}

PyObject *PyDictProxy_New(PyObject *mapping)
{
    struct thread *t = capi_enter();
    return capi_return_object(t, mappingproxy_new(capi_value(mapping)));
}
