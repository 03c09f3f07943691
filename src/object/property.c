/* SPDX-License-Identifier: MIT */
/* property(getter, setter, deleter, doc). */
#include "object/property.h"

#include <structmember.h>

#include "object/dict.h"
#include "object/native.h"
#include "object/str.h"

static struct property *property_of(Value self)
{
    return (struct property *)value_object(self);
}

static Value optional(PyObject *o)
{
    return o == NULL ? VALUE_NONE : value_from_object(o);
}

/* "property 'x' of 'C' object has no setter" */
static int fail_missing(Value self, Value object, const char *what)
{
    struct property *p = property_of(self);
    Value owner = object_getattr(value_from_object(value_type(object)), names.__qualname__);
    if (value_is_null(owner)) {
        return -1;
    }
    if (p->name != NULL) {
        return error_raise_int(PyExc_AttributeError, "property %R of %R object has no %s",
                               value_from_object(p->name), owner, what);
    }
    return error_raise_int(PyExc_AttributeError, "property of %R object has no %s", owner, what);
}

static Value property_get(Value self, Value object, PyTypeObject *owner)
{
    if (value_is_absent(object) || value_is_none(object)) {
        return self;
    }
    PyObject *function = property_of(self)->getter;
    if (function == NULL) {
        fail_missing(self, object, "getter");
        return VALUE_NULL;
    }
    return object_call1(value_from_object(function), object);
}

static int property_set(Value self, Value object, Value v)
{
    struct property *p = property_of(self);
    bool is_delete = value_is_absent(v);
    PyObject *function = is_delete ? p->deleter : p->setter;
    if (function == NULL) {
        return fail_missing(self, object, is_delete ? "deleter" : "setter");
    }
    Value result = is_delete ? object_call1(value_from_object(function), object)
                             : object_call2(value_from_object(function), object, v);
    return value_is_null(result) ? -1 : 0;
}

static PyObject *given(Value v)
{
    return value_is_absent(v) || value_is_none(v) ? NULL : value_box(v);
}

static int property_init(Value self, const Value *args, size_t nargs, PyObject *kwnames)
{
    static const struct native_signature *signature;
    Value in[4];
    if (native_bind("property", "(fget=None, fset=None, fdel=None, doc=None)", &signature, args,
                    nargs, kwnames, in) < 0) {
        return -1;
    }
    struct property *p = property_of(self);
    heap_store(p, &p->getter, given(in[0]));
    heap_store(p, &p->setter, given(in[1]));
    heap_store(p, &p->deleter, given(in[2]));
    heap_store(p, &p->doc, given(in[3]));
    heap_store(p, &p->name, NULL);
    p->getter_doc = false;
    if (p->doc != NULL || p->getter == NULL) {
        return 0;
    }
    Value doc;
    int found = object_find_attr(value_from_object(p->getter), names.__doc__, &doc);
    if (found <= 0) {
        return found;
    }
    p->getter_doc = true;
    if (value_type(self) == &PyProperty_Type) {
        heap_store(p, &p->doc, value_box(doc));
        return 0;
    }
    /* Instances of subclasses keep it in their dict, in front of the class's own __doc__. */
    return object_setattr(self, names.__doc__, doc);
}

/* A copy with some functions replaced (ABSENT: as they are). */
static Value copy_with(Value self, Value fget, Value fset, Value fdel)
{
    struct property *p = property_of(self);
    Value args[4] = {value_is_absent(fget) ? optional(p->getter) : fget,
                     value_is_absent(fset) ? optional(p->setter) : fset,
                     value_is_absent(fdel) ? optional(p->deleter) : fdel, VALUE_NONE};
    if (!(p->getter_doc && !value_is_none(args[0]))) {
        args[3] = optional(p->doc);
    }
    Value copy = object_call(value_from_object(value_type(self)), args, 4, NULL);
    if (value_is_object(copy) && value_is_instance(copy, &PyProperty_Type)) {
        struct property *c = property_of(copy);
        heap_store(c, &c->name, p->name);
    }
    return copy;
}

static Value property_getter(Value self, Value v)
{
    return copy_with(self, v, VALUE_ABSENT, VALUE_ABSENT);
}
static Value property_setter(Value self, Value v)
{
    return copy_with(self, VALUE_ABSENT, v, VALUE_ABSENT);
}
static Value property_deleter(Value self, Value v)
{
    return copy_with(self, VALUE_ABSENT, VALUE_ABSENT, v);
}

static Value property_set_name(Value self, const Value *args, size_t nargs, PyObject *kwnames)
{
    if (nargs != 2) {
        return error_raise(PyExc_TypeError,
                           "__set_name__() takes 2 positional arguments but %zu "
                           "were given",
                           nargs);
    }
    struct property *p = property_of(self);
    heap_store(p, &p->name, value_box(args[1]));
    return VALUE_NONE;
}

/* Abstract if one of its functions is. */
static Value property_is_abstract(Value self, void *unused)
{
    struct property *p = property_of(self);
    PyObject *functions[] = {p->getter, p->setter, p->deleter};
    for (int i = 0; i < 3; i++) {
        Value v;
        int found = functions[i] == NULL ? 0
                                         : object_find_attr(value_from_object(functions[i]),
                                                            names.__isabstractmethod__, &v);
        int truth = found > 0 ? object_truth(v) : found;
        if (truth != 0) {
            return truth < 0 ? VALUE_NULL : VALUE_TRUE;
        }
    }
    return VALUE_FALSE;
}

static void property_trace(PyObject *self, struct tracer *tracer)
{
    struct property *p = (struct property *)self;
    trace_pointer(tracer, p->getter);
    trace_pointer(tracer, p->setter);
    trace_pointer(tracer, p->deleter);
    trace_pointer(tracer, p->doc);
    trace_pointer(tracer, p->name);
}

static Value property_new(PyTypeObject *type, const Value *args, size_t nargs, PyObject *kwnames)
{
    return value_from_object(object_alloc(type, 0));
}

static const struct native_def property_methods[] = {
    {"getter", "($self, fget, /)", "A copy with another getter.", .f1 = property_getter},
    {"setter", "($self, fset, /)", "A copy with another setter.", .f1 = property_setter},
    {"deleter", "($self, fdel, /)", "A copy with another deleter.", .f1 = property_deleter},
    {"__set_name__", NULL, "Remembers the name of the property.", .raw = property_set_name},
    {NULL},
};
static const struct getset_def property_getsets[] = {
    {"__isabstractmethod__", property_is_abstract, NULL, NULL, NULL},
    {NULL},
};
static const struct member_def property_members[] = {
    {"fget", T_OBJECT, offsetof(struct property, getter), READONLY, NULL},
    {"fset", T_OBJECT, offsetof(struct property, setter), READONLY, NULL},
    {"fdel", T_OBJECT, offsetof(struct property, deleter), READONLY, NULL},
    {"__doc__", T_OBJECT, offsetof(struct property, doc), 0, NULL},
    {NULL},
};
static struct type_info property_info = {
    .ops = {.descr_get = property_get,
            .descr_set = property_set,
            .init = property_init,
            .new_ = property_new},
    .trace = property_trace,
    .methods = property_methods,
    .getsets = property_getsets,
    .members = property_members,
};
PyTypeObject PyProperty_Type = {
    STATIC_TYPE_HEAD,
    .tp_name = "property",
    .tp_basicsize = sizeof(struct property),
    .tp_flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_BASETYPE | Py_TPFLAGS_HAVE_GC,
    .tp_doc = "property(fget=None, fset=None, fdel=None, doc=None)\n--\n\nAn attribute whose "
              "access calls functions.",
    .tp_cache = (PyObject *)&property_info,
};
