/* SPDX-License-Identifier: MIT */
/* Making extension types ready. A static type keeps its C structures; a type from a specification
 * (typespec.c) is a PyHeapTypeObject of ours. Both get a type_info whose operations call their C
 * slots, and what they inherit is filled into their C slots, as extensions expect it. */
#include <Python.h>
#include <structmember.h>

#include "capi/type_int.h"
#include "object/function.h"
#include "object/list.h"

/* ---- Descriptors. */

/* A method that is found under this name already wins, unless METH_COEXIST says otherwise. */
static int add_method(PyTypeObject *type, PyMethodDef *def)
{
    PyObject *name = str_intern_text(def->ml_name), *descriptor;
    if (name == NULL) {
        return -1;
    }
    if ((def->ml_flags & METH_COEXIST) == 0 &&
        !value_is_absent(dict_get_str(type->tp_dict, name))) {
        return 0;
    }
    if (def->ml_flags & METH_CLASS) {
        descriptor = classmethod_descriptor_new_c(type, def);
    } else if (def->ml_flags & METH_STATIC) {
        PyObject *f = native_function_new_c(def, (PyObject *)type, NULL, NULL);
        descriptor = f == NULL ? NULL : staticmethod_new(value_from_object(f));
    } else {
        descriptor = method_descriptor_new_c(type, def);
    }
    return descriptor == NULL ? -1
                              : dict_set_str(type->tp_dict, name, value_from_object(descriptor));
}

static int add_named(PyTypeObject *type, const char *text, PyObject *descriptor)
{
    PyObject *name = str_intern_text(text);
    if (descriptor == NULL || name == NULL) {
        return -1;
    }
    /* A __doc__ of instances goes before the text of the class, which is there already. */
    return value_is_absent(dict_get_str(type->tp_dict, name)) || name == names.__doc__
               ? dict_set_str(type->tp_dict, name, value_from_object(descriptor))
               : 0;
}

int capi_add_descriptors(PyTypeObject *type)
{
    for (PyMethodDef *m = type->tp_methods; m != NULL && m->ml_name != NULL; m++) {
        if (add_method(type, m) < 0) {
            return -1;
        }
    }
    for (PyMemberDef *m = type->tp_members; m != NULL && m->name != NULL; m++) {
        if (add_named(type, m->name, member_descriptor_new_c(type, m)) < 0) {
            return -1;
        }
    }
    for (PyGetSetDef *g = type->tp_getset; g != NULL && g->name != NULL; g++) {
        if (add_named(type, g->name, getset_descriptor_new_c(type, g)) < 0) {
            return -1;
        }
    }
    return 0;
}

/* ---- Making ready. */

/* A static type that derives from object and has no tp_new cannot be called. */
static void forbid_new(PyTypeObject *type)
{
    bool plain = type->tp_base == &PyBaseObject_Type;
    bool heap = type_has_feature(type, Py_TPFLAGS_HEAPTYPE);
    if ((type->tp_new == NULL && plain && !heap) ||
        type_has_feature(type, Py_TPFLAGS_DISALLOW_INSTANTIATION)) {
        type->tp_flags |= Py_TPFLAGS_DISALLOW_INSTANTIATION;
        type->tp_new = NULL;
        type_info(type)->flags |= TYPE_NO_NEW;
    }
}

static void inherit_vectorcall(PyTypeObject *type)
{
    PyTypeObject *base = type->tp_base;
    if (type->tp_call == NULL && type_has_feature(base, Py_TPFLAGS_HAVE_VECTORCALL)) {
        type->tp_vectorcall_offset = base->tp_vectorcall_offset;
        type->tp_flags |= Py_TPFLAGS_HAVE_VECTORCALL;
    }
}

static int ready_base(PyTypeObject *type)
{
    if (type->tp_base == NULL) {
        type->tp_base = &PyBaseObject_Type;
    }
    return type_has_feature(type->tp_base, Py_TPFLAGS_READY) ? 0 : capi_ready_type(type->tp_base);
}

/* CPython 3.11 keeps a dict that a type leaves to it in front of the object; here it comes last. */
static void place_managed_dict(PyTypeObject *type)
{
    const PyTypeObject *base = type->tp_base;
    if (type_has_feature(type, Py_TPFLAGS_MANAGED_DICT) && type->tp_dictoffset == 0 &&
        base->tp_dictoffset == 0 && type->tp_itemsize == 0 && base->tp_itemsize == 0) {
        Py_ssize_t size =
            type->tp_basicsize > base->tp_basicsize ? type->tp_basicsize : base->tp_basicsize;
        type->tp_dictoffset = (size + 7) & ~(Py_ssize_t)7;
        type->tp_basicsize = type->tp_dictoffset + (Py_ssize_t)sizeof(PyObject *);
    }
}

/* What can be closed holds something that others may wait for, as files do. */
static void note_closing(PyTypeObject *type)
{
    if (!value_is_absent(type_lookup(type, names.close))) {
        type_info(type)->flags |= TYPE_CLOSES;
    }
}

int capi_ready_type(PyTypeObject *type)
{
    if (type_has_feature(type, Py_TPFLAGS_READY)) {
        return 0;
    }
    if (ready_base(type) < 0) {
        return -1;
    }
    struct type_info *info = type_info_new(type);
    if (info == NULL) {
        return -1;
    }
    if (!type_has_feature(type, Py_TPFLAGS_HEAPTYPE)) {
        capi_know_library(type); /* of a program that embeds Python, say */
    }
    info->flags = TYPE_EXTENSION | TYPE_FOREIGN | TYPE_OBSERVED;
    heap_store(type, &type->tp_cache, info);
    forbid_new(type);
    capi_take_slots(type, false);
    inherit_vectorcall(type);
    place_managed_dict(type);
    if (type_ready(type) < 0) {
        return -1;
    }
    if (!type_has_feature(type, Py_TPFLAGS_HEAPTYPE)) {
        type->tp_flags |= Py_TPFLAGS_IMMUTABLETYPE;
    }
    if (capi_add_descriptors(type) < 0) {
        return -1;
    }
    note_closing(type);
    capi_fill_slots(type);
    type_modified(type);
    capi_late_slots_note(type);
    return 0;
}

int PyType_Ready(PyTypeObject *type)
{
    struct thread *t = capi_enter();
    return capi_return_int(t, capi_ready_type(type));
}

/* ---- Questions. */

int PyType_IsSubtype(PyTypeObject *a, PyTypeObject *b)
{
    return type_is_subtype(a, b);
}

unsigned long PyType_GetFlags(PyTypeObject *type)
{
    return type->tp_flags;
}

void PyType_Modified(PyTypeObject *type)
{
    struct thread *t = capi_enter();
    if (type_has_feature(type, Py_TPFLAGS_READY)) {
        type_modified(type);
    }
    capi_leave(t);
}

unsigned int PyType_ClearCache(void)
{
    return 0;
}

PyObject *_PyType_Lookup(PyTypeObject *type, PyObject *name)
{
    struct thread *t = capi_enter();
    PyObject *interned = capi_name(name);
    if (interned == NULL) {
        error_clear();
        return capi_return_borrowed(t, VALUE_NULL);
    }
    Value found = type_lookup(type, interned);
    return capi_return_borrowed(t, value_is_absent(found) ? VALUE_NULL : found);
}

/* mypyc asks before it makes a class by hand. */
PyTypeObject *_PyType_CalculateMetaclass(PyTypeObject *metatype, PyObject *bases)
{
    struct thread *t = capi_enter();
    PyTypeObject *winner = type_calculate_metaclass(metatype, capi_object(bases));
    return (PyTypeObject *)capi_return_borrowed(t, value_from_object(winner));
}

const char *_PyType_Name(PyTypeObject *type)
{
    return type_short_name(type);
}

PyObject *PyType_GetName(PyTypeObject *type)
{
    struct thread *t = capi_enter();
    return capi_return(t, object_getattr(value_from_object(type), names.__name__));
}

PyObject *PyType_GetQualName(PyTypeObject *type)
{
    struct thread *t = capi_enter();
    return capi_return(t, object_getattr(value_from_object(type), names.__qualname__));
}

PyObject *PyType_GetModule(PyTypeObject *type)
{
    struct thread *t = capi_enter();
    PyObject *module =
        type_has_feature(type, Py_TPFLAGS_HEAPTYPE) ? ((PyHeapTypeObject *)type)->ht_module : NULL;
    if (module == NULL) {
        return capi_return_borrowed(
            t, error_raise(PyExc_TypeError, "PyType_GetModule: Type '%s' has no associated module",
                           type->tp_name));
    }
    return capi_return_borrowed(t, value_from_object(module));
}

void *PyType_GetModuleState(PyTypeObject *type)
{
    PyObject *module = PyType_GetModule(type);
    return module == NULL ? NULL : PyModule_GetState(module);
}

PyObject *PyType_GetModuleByDef(PyTypeObject *type, PyModuleDef *def)
{
    struct thread *t = capi_enter();
    PyObject *mro = atomic_load_acquire(&type->tp_mro);
    for (Py_ssize_t i = 0; i < tuple_length(mro); i++) {
        PyTypeObject *base = (PyTypeObject *)tuple_object(mro, i);
        PyObject *module = type_has_feature(base, Py_TPFLAGS_HEAPTYPE)
                               ? ((PyHeapTypeObject *)base)->ht_module
                               : NULL;
        if (module != NULL && PyModule_GetDef(module) == def) {
            return capi_return_borrowed(t, value_from_object(module));
        }
    }
    return capi_return_borrowed(
        t, error_raise(PyExc_TypeError,
                       "PyType_GetModuleByDef: No superclass of '%s' has the given module",
                       type->tp_name));
}
