/* SPDX-License-Identifier: MIT */
/* Descriptors of native types: method_descriptor, classmethod_descriptor, getset_descriptor,
 * member_descriptor, wrapper_descriptor, and method-wrapper.
 *
 * Layouts are descrobject.h's with our fields after them. Descriptors of extension code have no
 * definition of ours (def is NULL) and go through native_hooks. All fields are constant. */
#include <Python.h>
#include <structmember.h>

#include "object/cacheable.h"
#include "object/dict.h"
#include "object/function.h"
#include "object/int.h"
#include "object/iterator.h"
#include "object/list.h"
#include "object/property.h"
#include "object/signature.h"
#include "object/str.h"
#include "object/type_int.h"

struct getset_descriptor {
    PyGetSetDescrObject base;
    PyGetSetDef getset;
    const struct getset_def *def;
};

struct member_descriptor {
    PyMemberDescrObject base;
    PyMemberDef member;
};

struct wrapper_descriptor {
    PyWrapperDescrObject base;
    const struct slot_row *row;
};

struct bound_wrapper {
    PyObject_HEAD struct wrapper_descriptor *descriptor;
    Value self;
};

static PyDescrObject *descr(Value v)
{
    return (PyDescrObject *)value_object(v);
}

static PyDescrObject *descriptor_alloc(PyTypeObject *kind, size_t size, PyTypeObject *type,
                                       PyObject *name)
{
    PyDescrObject *d = name == NULL ? NULL : (PyDescrObject *)object_alloc_bytes(kind, size);
    if (d != NULL) {
        heap_init(d, &d->d_type, type);
        heap_init(d, &d->d_name, name);
    }
    return d;
}

static void descriptor_trace(PyObject *self, struct tracer *tracer)
{
    PyDescrObject *d = (PyDescrObject *)self;
    trace_pointer(tracer, d->d_type);
    trace_pointer(tracer, d->d_name);
    trace_pointer(tracer, d->d_qualname);
}

/* ---- What all have in common. */

static Value get_objclass(Value self, void *closure)
{
    return value_from_object(descr(self)->d_type);
}
static Value get_name(Value self, void *closure)
{
    return value_from_object(descr(self)->d_name);
}

static Value get_qualname(Value self, void *closure)
{
    PyDescrObject *d = descr(self);
    PyObject *known = atomic_load_acquire(&d->d_qualname);
    if (known != NULL) {
        return value_from_object(known);
    }
    Value owner = object_getattr(value_from_object(d->d_type), names.__qualname__);
    if (value_is_null(owner)) {
        return owner;
    }
    PyObject *qualname = str_format("%S.%U", owner, d->d_name);
    if (qualname != NULL) {
        heap_store(d, &d->d_qualname, qualname);
    }
    return value_from_object(qualname);
}

static Value descriptor_repr(Value self, const char *what)
{
    PyDescrObject *d = descr(self);
    return value_from_object(
        str_format("<%s '%U' of '%s' objects>", what, d->d_name, d->d_type->tp_name));
}

/* Pickles as getattr(class, name). */
static Value descriptor_reduce(Value self)
{
    Value args[2] = {value_from_object(descr(self)->d_type),
                     value_from_object(descr(self)->d_name)};
    Value pair[2] = {builtin_function("getattr"), value_from_object(tuple_from_array(args, 2))};
    if (value_is_null(pair[0]) || value_is_null(pair[1])) {
        return VALUE_NULL;
    }
    return value_from_object(tuple_from_array(pair, 2));
}

static int check_object(Value self, Value object)
{
    PyDescrObject *d = descr(self);
    if (LIKELY(value_is_instance(object, d->d_type))) {
        return 0;
    }
    return error_raise_int(PyExc_TypeError,
                           "descriptor '%U' for '%s' objects doesn't apply to a '%T' object",
                           d->d_name, d->d_type->tp_name, object);
}

static Value get_plain_doc(const char *doc)
{
    return doc == NULL ? VALUE_NONE : value_from_object(str_from_text(doc));
}

#define REDUCE_METHODS(table)                                                                      \
    static const struct native_def table[] = {                                                     \
        {"__reduce__", "($self, /)", "How to make the object again, for pickling and copying.",    \
         .f0 = descriptor_reduce},                                                                 \
        {NULL},                                                                                    \
    }
REDUCE_METHODS(reduce_methods);

#define COMMON_GETSETS                                                                             \
    {"__objclass__", get_objclass}, {"__name__", get_name},                                        \
    {                                                                                              \
        "__qualname__", get_qualname                                                               \
    }

/* ---- method_descriptor */

static struct method_descriptor *method_cast(Value v)
{
    return (struct method_descriptor *)value_object(v);
}
static bool is_native(const struct method_descriptor *m)
{
    return method_descriptor_is_native(m);
}

static struct method_descriptor *method_alloc(PyTypeObject *kind, PyTypeObject *type,
                                              const struct native_def *def)
{
    struct method_descriptor *m = (struct method_descriptor *)descriptor_alloc(
        kind, sizeof *m, type, str_intern_text(def->name));
    if (m != NULL) {
        native_row_init(&m->row, def);
        m->base.d_method = &m->row.ml;
        m->base.vectorcall = native_hooks.vectorcall;
    }
    return m;
}

static PyObject *method_alloc_c(PyTypeObject *kind, PyTypeObject *type, PyMethodDef *def)
{
    PyMethodDescrObject *m = (PyMethodDescrObject *)descriptor_alloc(
        kind, sizeof(PyMethodDescrObject), type, str_intern_text(def->ml_name));
    if (m != NULL) {
        m->d_method = def;
        m->vectorcall = native_hooks.vectorcall;
    }
    return (PyObject *)m;
}

PyObject *method_descriptor_new_c(PyTypeObject *type, PyMethodDef *def)
{
    return method_alloc_c(&PyMethodDescr_Type, type, def);
}

PyObject *classmethod_descriptor_new_c(PyTypeObject *type, PyMethodDef *def)
{
    return method_alloc_c(&PyClassMethodDescr_Type, type, def);
}

PyObject *method_descriptor_bind(PyObject *descriptor, Value self)
{
    struct method_descriptor *m = (struct method_descriptor *)descriptor;
    if (is_native(m)) {
        return native_method_new(&m->row, self);
    }
    PyObject *boxed = value_box(self);
    PyTypeObject *class =
        (m->base.d_method->ml_flags & METH_METHOD) != 0 ? ((PyDescrObject *)m)->d_type : NULL;
    return boxed == NULL ? NULL : native_function_new_c(m->base.d_method, boxed, NULL, class);
}

static Value method_get(Value self, Value object, PyTypeObject *owner)
{
    if (value_is_absent(object)) {
        return self;
    }
    if (check_object(self, object) < 0) {
        return VALUE_NULL;
    }
    return value_from_object(method_descriptor_bind(value_object(self), object));
}

static Value method_call(Value self, const Value *args, size_t nargs, PyObject *kwnames)
{
    struct method_descriptor *m = method_cast(self);
    if (UNLIKELY(nargs == 0)) {
        PyObject *name = callable_name((PyObject *)m, m->base.d_method->ml_name);
        return error_raise(PyExc_TypeError, "unbound method %U() needs an argument", name);
    }
    if (check_object(self, args[0]) < 0) {
        return VALUE_NULL;
    }
    if (LIKELY(is_native(m))) {
        return native_call_object((PyObject *)m, m->row.def, &m->row.signature, args[0], args + 1,
                                  nargs - 1, kwnames);
    }
    PyObject *boxed = value_box(args[0]);
    return boxed == NULL ? VALUE_NULL
                         : native_hooks.call(m->base.d_method, boxed, ((PyDescrObject *)m)->d_type,
                                             args + 1, nargs - 1, kwnames);
}

static Value method_repr(Value self)
{
    return descriptor_repr(self, "method");
}

static Value method_get_doc(Value self, void *closure)
{
    struct method_descriptor *m = method_cast(self);
    return native_doc(is_native(m) ? m->row.def : NULL, m->base.d_method);
}

static Value method_get_text_signature(Value self, void *closure)
{
    struct method_descriptor *m = method_cast(self);
    return native_text_signature(is_native(m) ? m->row.def : NULL, m->base.d_method);
}

static void method_trace(PyObject *self, struct tracer *tracer)
{
    descriptor_trace(self, tracer);
    struct method_descriptor *m = (struct method_descriptor *)self;
    if (is_native(m)) {
        trace_pointer(tracer, m->row.signature);
    }
}

static const struct getset_def method_getsets[] = {
    COMMON_GETSETS,
    {"__doc__", method_get_doc},
    {"__text_signature__", method_get_text_signature},
    {NULL},
};

static struct type_info method_info = {
    .ops = {.repr = method_repr, .call = method_call, .descr_get = method_get},
    .trace = method_trace,
    .methods = reduce_methods,
    .getsets = method_getsets,
    .flags = TYPE_NO_NEW,
};

PyTypeObject PyMethodDescr_Type = {
    STATIC_TYPE_HEAD,
    .tp_name = "method_descriptor",
    .tp_basicsize = sizeof(PyMethodDescrObject),
    .tp_vectorcall_offset = offsetof(PyMethodDescrObject, vectorcall),
    .tp_flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_HAVE_GC | Py_TPFLAGS_HAVE_VECTORCALL |
                Py_TPFLAGS_METHOD_DESCRIPTOR,
    .tp_cache = (PyObject *)&method_info,
};

/* ---- classmethod_descriptor */

static Value classmethod_bind(Value self, PyTypeObject *type)
{
    struct method_descriptor *m = method_cast(self);
    PyDescrObject *d = (PyDescrObject *)m;
    if (!type_is_subtype(type, d->d_type)) {
        return error_raise(PyExc_TypeError,
                           "descriptor '%U' requires a subtype of '%s' but received '%s'",
                           d->d_name, d->d_type->tp_name, type->tp_name);
    }
    if (is_native(m)) {
        return value_from_object(native_method_new(&m->row, value_from_object(type)));
    }
    PyTypeObject *class = (m->base.d_method->ml_flags & METH_METHOD) != 0 ? d->d_type : NULL;
    return value_from_object(
        native_function_new_c(m->base.d_method, (PyObject *)type, NULL, class));
}

static Value classmethod_get(Value self, Value object, PyTypeObject *owner)
{
    PyDescrObject *d = descr(self);
    if (owner == NULL) {
        if (value_is_absent(object)) {
            return error_raise(PyExc_TypeError,
                               "descriptor '%U' for type '%s' needs either an object or a type",
                               d->d_name, d->d_type->tp_name);
        }
        owner = value_type(object);
    }
    if (!type_check(value_from_object(owner))) {
        return error_raise(PyExc_TypeError,
                           "descriptor '%U' for type '%s' needs a type, not a '%T' as arg 2",
                           d->d_name, d->d_type->tp_name, value_from_object(owner));
    }
    return classmethod_bind(self, owner);
}

static Value classmethod_call(Value self, const Value *args, size_t nargs, PyObject *kwnames)
{
    PyDescrObject *d = descr(self);
    if (nargs == 0) {
        return error_raise(PyExc_TypeError, "descriptor '%U' of '%s' object needs an argument",
                           d->d_name, d->d_type->tp_name);
    }
    if (!type_check(args[0])) {
        return error_raise(PyExc_TypeError,
                           "descriptor '%U' for type '%s' needs a type, not a '%T' as arg 2",
                           d->d_name, d->d_type->tp_name, args[0]);
    }
    Value bound = classmethod_bind(self, type_cast(args[0]));
    return value_is_null(bound) ? bound : object_call(bound, args + 1, nargs - 1, kwnames);
}

static struct type_info classmethod_info = {
    .ops = {.repr = method_repr, .call = classmethod_call, .descr_get = classmethod_get},
    .trace = method_trace,
    .getsets = method_getsets,
    .flags = TYPE_NO_NEW,
};

PyTypeObject PyClassMethodDescr_Type = {
    STATIC_TYPE_HEAD,
    .tp_name = "classmethod_descriptor",
    .tp_basicsize = sizeof(PyMethodDescrObject),
    .tp_flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_HAVE_GC,
    .tp_cache = (PyObject *)&classmethod_info,
};

static Value make_method(PyTypeObject *type, const struct native_def *def)
{
    if ((def->flags & NATIVE_STATIC) != 0) {
        PyObject *function = native_function_new(def, value_from_object(type), NULL);
        if (function == NULL || type_ready(&PyStaticMethod_Type) < 0) {
            return VALUE_NULL; /* early types need it before its turn */
        }
        ((struct native_function *)function)->self = VALUE_NULL;
        return value_from_object(staticmethod_new(value_from_object(function)));
    }
    return value_from_object(method_alloc(
        (def->flags & NATIVE_CLASS) != 0 ? &PyClassMethodDescr_Type : &PyMethodDescr_Type, type,
        def));
}

int type_add_methods(PyTypeObject *type, const struct native_def *defs)
{
    for (; defs->name != NULL; defs++) {
        PyObject *name = str_intern_text(defs->name);
        if (name == NULL) {
            return -1;
        }
        bool present = !value_is_absent(dict_get_str(type->tp_dict, name));
        bool special = slots_depend_on(name);
        if (present && !special && (defs->flags & NATIVE_COEXIST) == 0) {
            continue;
        }
        Value method = make_method(type, defs);
        if (value_is_null(method) || dict_set_str(type->tp_dict, name, method) < 0) {
            return -1;
        }
    }
    return 0;
}

/* ---- getset_descriptor */

static struct getset_descriptor *getset_cast(Value v)
{
    return (struct getset_descriptor *)value_object(v);
}

static Value getset_get(Value self, Value object, PyTypeObject *owner)
{
    if (value_is_absent(object)) {
        return self;
    }
    if (check_object(self, object) < 0) {
        return VALUE_NULL;
    }
    struct getset_descriptor *g = getset_cast(self);
    PyGetSetDef *def = g->base.d_getset;
    if (LIKELY(def == &g->getset)) {
        if (g->def->get != NULL) {
            return g->def->get(object, g->def->closure);
        }
    } else if (def->get != NULL) {
        PyObject *boxed = value_box(object);
        return boxed == NULL ? VALUE_NULL : native_hooks.get(def, boxed);
    }
    return error_raise(PyExc_AttributeError, "attribute '%U' of '%s' objects is not readable",
                       descr(self)->d_name, descr(self)->d_type->tp_name);
}

static int getset_set(Value self, Value object, Value value)
{
    if (check_object(self, object) < 0) {
        return -1;
    }
    struct getset_descriptor *g = getset_cast(self);
    PyGetSetDef *def = g->base.d_getset;
    if (LIKELY(def == &g->getset)) {
        if (g->def->set != NULL) {
            return g->def->set(object, value, g->def->closure);
        }
    } else if (def->set != NULL) {
        PyObject *boxed = value_box(object);
        return boxed == NULL ? -1 : native_hooks.set(def, boxed, value);
    }
    return error_raise_int(PyExc_AttributeError, "attribute '%U' of '%s' objects is not writable",
                           descr(self)->d_name, descr(self)->d_type->tp_name);
}

static Value getset_repr(Value self)
{
    return descriptor_repr(self, "attribute");
}

static Value getset_doc(Value self, void *closure)
{
    return get_plain_doc(getset_cast(self)->base.d_getset->doc);
}

static const struct getset_def getset_getsets[] = {
    COMMON_GETSETS,
    {"__doc__", getset_doc},
    {NULL},
};

static struct type_info getset_info = {
    .ops = {.repr = getset_repr, .descr_get = getset_get, .descr_set = getset_set},
    .trace = descriptor_trace,
    .getsets = getset_getsets,
    .flags = TYPE_NO_NEW,
};

PyTypeObject PyGetSetDescr_Type = {
    STATIC_TYPE_HEAD,
    .tp_name = "getset_descriptor",
    .tp_basicsize = sizeof(PyGetSetDescrObject),
    .tp_flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_HAVE_GC,
    .tp_cache = (PyObject *)&getset_info,
};

PyObject *getset_descriptor_new_c(PyTypeObject *type, PyGetSetDef *def)
{
    PyGetSetDescrObject *g = (PyGetSetDescrObject *)descriptor_alloc(
        &PyGetSetDescr_Type, sizeof(PyGetSetDescrObject), type, str_intern_text(def->name));
    if (g != NULL) {
        g->d_getset = def;
    }
    return (PyObject *)g;
}

int type_add_getsets(PyTypeObject *type, const struct getset_def *defs)
{
    for (; defs->name != NULL; defs++) {
        PyObject *name = str_intern_text(defs->name);
        struct getset_descriptor *g = (struct getset_descriptor *)descriptor_alloc(
            &PyGetSetDescr_Type, sizeof *g, type, name);
        if (g == NULL) {
            return -1;
        }
        g->getset = (PyGetSetDef){.name = defs->name, .doc = defs->doc};
        g->base.d_getset = &g->getset;
        g->def = defs;
        if (!value_is_absent(dict_get_str(type->tp_dict, name))) {
            continue;
        }
        if (dict_set_str(type->tp_dict, name, value_from_object(g)) < 0) {
            return -1;
        }
    }
    return 0;
}

/* ---- member_descriptor */

static PyMemberDef *member_of(Value v)
{
    return ((PyMemberDescrObject *)value_object(v))->d_member;
}

static Value member_descriptor_get(Value self, Value object, PyTypeObject *owner)
{
    if (value_is_absent(object)) {
        return self;
    }
    if (check_object(self, object) < 0) {
        return VALUE_NULL;
    }
    const PyMemberDef *member = member_of(self);
    return member_get(value_box(object), member->name, member->type, member->offset);
}

static int member_descriptor_set(Value self, Value object, Value value)
{
    if (check_object(self, object) < 0) {
        return -1;
    }
    const PyMemberDef *member = member_of(self);
    return member_set(value_box(object), member->name, member->type, member->flags, member->offset,
                      value);
}

static Value member_repr(Value self)
{
    return descriptor_repr(self, "member");
}
static Value member_doc(Value self, void *closure)
{
    return get_plain_doc(member_of(self)->doc);
}

static const struct getset_def member_getsets[] = {
    COMMON_GETSETS,
    {"__doc__", member_doc},
    {NULL},
};

static struct type_info member_info = {
    .ops = {.repr = member_repr,
            .descr_get = member_descriptor_get,
            .descr_set = member_descriptor_set},
    .trace = descriptor_trace,
    .methods = reduce_methods,
    .getsets = member_getsets,
    .flags = TYPE_NO_NEW,
};

PyTypeObject PyMemberDescr_Type = {
    STATIC_TYPE_HEAD,
    .tp_name = "member_descriptor",
    .tp_basicsize = sizeof(PyMemberDescrObject),
    .tp_flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_HAVE_GC,
    .tp_cache = (PyObject *)&member_info,
};

PyObject *member_descriptor_new_c(PyTypeObject *type, PyMemberDef *def)
{
    PyMemberDescrObject *m = (PyMemberDescrObject *)descriptor_alloc(
        &PyMemberDescr_Type, sizeof(PyMemberDescrObject), type, str_intern_text(def->name));
    if (m != NULL) {
        m->d_member = def;
    }
    return (PyObject *)m;
}

static PyObject *member_new(PyTypeObject *type, PyObject *name, PyMemberDef member)
{
    struct member_descriptor *m =
        (struct member_descriptor *)descriptor_alloc(&PyMemberDescr_Type, sizeof *m, type, name);
    if (m != NULL) {
        m->member = member;
        m->base.d_member = &m->member;
    }
    return (PyObject *)m;
}

PyObject *slot_member_new(PyTypeObject *type, PyObject *name, Py_ssize_t offset)
{
    const char *text = str_utf8(name, NULL);
    if (text == NULL) {
        return NULL;
    }
    return member_new(type, name,
                      (PyMemberDef){.name = text, .type = MEMBER_VALUE, .offset = offset});
}

int type_add_members(PyTypeObject *type, const struct member_def *defs)
{
    for (; defs->name != NULL; defs++) {
        PyObject *name = str_intern_text(defs->name);
        PyMemberDef member = {.name = defs->name,
                              .type = defs->kind,
                              .offset = defs->offset,
                              .flags = defs->flags,
                              .doc = defs->doc};
        PyObject *m = member_new(type, name, member);
        if (m == NULL || dict_set_str(type->tp_dict, name, value_from_object(m)) < 0) {
            return -1;
        }
    }
    return 0;
}

/* ---- wrapper_descriptor */

static struct wrapper_descriptor *wrapper_cast(Value v)
{
    return (struct wrapper_descriptor *)value_object(v);
}

PyObject *wrapper_descriptor_new(PyTypeObject *type, const struct slot_row *row, void *wrapped)
{
    struct wrapper_descriptor *w = (struct wrapper_descriptor *)descriptor_alloc(
        &PyWrapperDescr_Type, sizeof *w, type, *row->name_cell);
    if (w != NULL) {
        w->base.d_base = slot_wrapper_base(row);
        w->base.d_wrapped = wrapped;
        w->row = row;
    }
    return (PyObject *)w;
}

const struct slot_row *wrapper_descriptor_row(Value v, PyTypeObject **type, void **wrapped)
{
    if (!value_is_object(v) || value_object(v)->ob_type != &PyWrapperDescr_Type) {
        return NULL;
    }
    struct wrapper_descriptor *w = wrapper_cast(v);
    *type = ((PyDescrObject *)w)->d_type;
    *wrapped = w->base.d_wrapped;
    return w->row;
}

static Value wrapper_call_with(struct wrapper_descriptor *w, Value self, const Value *args,
                               size_t nargs, PyObject *kwnames)
{
    PyTypeObject *type = ((PyDescrObject *)w)->d_type;
    return slot_wrapper_call(w->row, type_ops(type), w->base.d_wrapped, self, args, nargs, kwnames);
}

static Value wrapper_call(Value self, const Value *args, size_t nargs, PyObject *kwnames)
{
    PyDescrObject *d = descr(self);
    if (nargs == 0) {
        return error_raise(PyExc_TypeError, "descriptor '%U' of '%s' object needs an argument",
                           d->d_name, d->d_type->tp_name);
    }
    if (!value_is_instance(args[0], d->d_type)) {
        return error_raise(PyExc_TypeError,
                           "descriptor '%U' requires a '%s' object but received a '%T'", d->d_name,
                           d->d_type->tp_name, args[0]);
    }
    return wrapper_call_with(wrapper_cast(self), args[0], args + 1, nargs - 1, kwnames);
}

static Value wrapper_get(Value self, Value object, PyTypeObject *owner)
{
    if (value_is_absent(object)) {
        return self;
    }
    if (check_object(self, object) < 0) {
        return VALUE_NULL;
    }
    struct bound_wrapper *bound =
        (struct bound_wrapper *)object_alloc_bytes(&_PyMethodWrapper_Type, sizeof *bound);
    if (bound != NULL) {
        heap_init(bound, &bound->descriptor, wrapper_cast(self));
        heap_init_value(bound, &bound->self, object);
    }
    return value_from_object(bound);
}

static Value wrapper_repr(Value self)
{
    return descriptor_repr(self, "slot wrapper");
}

static Value wrapper_doc(Value self, void *closure)
{
    return get_plain_doc(wrapper_cast(self)->base.d_base->doc);
}
static Value wrapper_text_signature(Value self, void *closure)
{
    return get_plain_doc(wrapper_cast(self)->row->signature);
}

static const struct getset_def wrapper_getsets[] = {
    COMMON_GETSETS,
    {"__doc__", wrapper_doc},
    {"__text_signature__", wrapper_text_signature},
    {NULL},
};

static struct type_info wrapper_info = {
    .ops = {.repr = wrapper_repr, .call = wrapper_call, .descr_get = wrapper_get},
    .trace = descriptor_trace,
    .methods = reduce_methods,
    .getsets = wrapper_getsets,
    .flags = TYPE_NO_NEW,
};

PyTypeObject PyWrapperDescr_Type = {
    STATIC_TYPE_HEAD,
    .tp_name = "wrapper_descriptor",
    .tp_basicsize = sizeof(PyWrapperDescrObject),
    .tp_flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_HAVE_GC | Py_TPFLAGS_METHOD_DESCRIPTOR,
    .tp_cache = (PyObject *)&wrapper_info,
};

/* ---- method-wrapper: a slot wrapper bound to an object. */

static struct bound_wrapper *bound_cast(Value v)
{
    return (struct bound_wrapper *)value_object(v);
}
static Value bound_descriptor(Value v)
{
    return value_from_object(bound_cast(v)->descriptor);
}

static Value bound_call(Value self, const Value *args, size_t nargs, PyObject *kwnames)
{
    struct bound_wrapper *bound = bound_cast(self);
    return wrapper_call_with(bound->descriptor, bound->self, args, nargs, kwnames);
}

static Value bound_repr(Value self)
{
    struct bound_wrapper *bound = bound_cast(self);
    PyObject *object = value_box(bound->self);
    return value_from_object(str_format("<method-wrapper '%s' of %T object at 0x%llx>",
                                        bound->descriptor->row->name, bound->self,
                                        (unsigned long long)(uintptr_t)object));
}

static Value bound_richcompare(Value self, Value other, int op)
{
    if ((op != Py_EQ && op != Py_NE) || !value_is_object(other) ||
        value_object(other)->ob_type != &_PyMethodWrapper_Type) {
        return VALUE_NOT_IMPLEMENTED;
    }
    struct bound_wrapper *a = bound_cast(self), *b = bound_cast(other);
    bool same = a->descriptor == b->descriptor && value_is(a->self, b->self);
    return value_from_bool(same == (op == Py_EQ));
}

static Py_hash_t bound_hash(Value self)
{
    struct bound_wrapper *bound = bound_cast(self);
    uint64_t owner = value_is_pointer_bits(bound->self) ? bound->self.bits >> 4 : bound->self.bits;
    Py_hash_t hash = (Py_hash_t)(owner * 1000003u ^ ((uintptr_t)bound->descriptor >> 4));
    return hash == -1 ? -2 : hash;
}

static Value bound_get_self(Value self, void *closure)
{
    return bound_cast(self)->self;
}
static Value bound_get_objclass(Value self, void *closure)
{
    return get_objclass(bound_descriptor(self), closure);
}
static Value bound_get_name(Value self, void *closure)
{
    return get_name(bound_descriptor(self), closure);
}
static Value bound_get_qualname(Value self, void *closure)
{
    return get_qualname(bound_descriptor(self), closure);
}
static Value bound_get_doc(Value self, void *closure)
{
    return wrapper_doc(bound_descriptor(self), closure);
}
static Value bound_get_text_signature(Value self, void *closure)
{
    return wrapper_text_signature(bound_descriptor(self), closure);
}

static Value bound_reduce(Value self)
{
    Value args[2] = {bound_cast(self)->self, get_name(bound_descriptor(self), NULL)};
    Value pair[2] = {builtin_function("getattr"), value_from_object(tuple_from_array(args, 2))};
    if (value_is_null(pair[0]) || value_is_null(pair[1])) {
        return VALUE_NULL;
    }
    return value_from_object(tuple_from_array(pair, 2));
}

static void bound_trace(PyObject *self, struct tracer *tracer)
{
    struct bound_wrapper *bound = (struct bound_wrapper *)self;
    trace_pointer(tracer, bound->descriptor);
    trace_value(tracer, bound->self);
}

static const struct native_def bound_methods[] = {
    {"__reduce__", "($self, /)", "How to make the object again, for pickling and copying.",
     .f0 = bound_reduce},
    {NULL},
};

static const struct getset_def bound_getsets[] = {
    {"__self__", bound_get_self},
    {"__objclass__", bound_get_objclass},
    {"__name__", bound_get_name},
    {"__qualname__", bound_get_qualname},
    {"__doc__", bound_get_doc},
    {"__text_signature__", bound_get_text_signature},
    {NULL},
};

static struct type_info bound_info = {
    .ops = {.repr = bound_repr,
            .call = bound_call,
            .richcompare = bound_richcompare,
            .hash = bound_hash},
    .trace = bound_trace,
    .methods = bound_methods,
    .getsets = bound_getsets,
    .flags = TYPE_NO_NEW,
};

PyTypeObject _PyMethodWrapper_Type = {
    STATIC_TYPE_HEAD,
    .tp_name = "method-wrapper",
    .tp_basicsize = sizeof(struct bound_wrapper),
    .tp_flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_HAVE_GC,
    .tp_cache = (PyObject *)&bound_info,
};

/* ---- __new__ of native types: a builtin bound to the type that checks its first argument. */

static Value new_wrapper_check(PyTypeObject *owner, const Value *args, size_t nargs)
{
    if (nargs == 0) {
        return error_raise(PyExc_TypeError, "%s.__new__(): not enough arguments", owner->tp_name);
    }
    if (!type_check(args[0])) {
        return error_raise(PyExc_TypeError, "%s.__new__(X): X is not a type object (%T)",
                           owner->tp_name, args[0]);
    }
    PyTypeObject *type = type_cast(args[0]);
    if (!type_is_subtype(type, owner)) {
        return error_raise(PyExc_TypeError, "%s.__new__(%s): %s is not a subtype of %s",
                           owner->tp_name, type->tp_name, type->tp_name, owner->tp_name);
    }
    PyTypeObject *native = type;
    while (native != NULL && type_is_python(native)) {
        native = native->tp_base;
    }
    if (native != NULL && type_ops(native)->new_ != type_ops(owner)->new_) {
        return error_raise(PyExc_TypeError, "%s.__new__(%s) is not safe, use %s.__new__()",
                           owner->tp_name, type->tp_name, native->tp_name);
    }
    return args[0];
}

static Value new_wrapper_call(Value self, const Value *args, size_t nargs, PyObject *kwnames)
{
    PyTypeObject *owner = type_cast(self);
    Value type = new_wrapper_check(owner, args, nargs);
    if (value_is_null(type)) {
        return type;
    }
    return type_ops(owner)->new_(type_cast(type), args + 1, nargs - 1, kwnames);
}

static const struct native_def new_wrapper_def = {
    "__new__", "($type, *args, **kwargs)",
    "Create and return a new object.  See help(type) for accurate signature.",
    .raw = new_wrapper_call};

bool new_wrapper_is(Value v)
{
    if (!value_is_object(v) || value_object(v)->ob_type != &PyCFunction_Type) {
        return false;
    }
    const struct native_row *row = native_row_of(((PyCFunctionObject *)value_object(v))->m_ml);
    return row != NULL && row->def == &new_wrapper_def;
}

PyObject *new_wrapper_new(PyTypeObject *type)
{
    return native_function_new(&new_wrapper_def, value_from_object(type), NULL);
}

/* ---- For the inline caches of the VM. */

bool descriptor_value_member(PyObject *o, PyTypeObject *type, Py_ssize_t *offset)
{
    if (o->ob_type != &PyMemberDescr_Type || !type_is_subtype(type, ((PyDescrObject *)o)->d_type)) {
        return false;
    }
    const PyMemberDef *member = ((PyMemberDescrObject *)o)->d_member;
    *offset = member->offset;
    return member->type == MEMBER_VALUE;
}

bool descriptor_property_getter(PyObject *o, Value *found)
{
    if (o->ob_type != &PyProperty_Type) {
        return false;
    }
    PyObject *function = ((struct property *)o)->getter;
    *found = function == NULL ? VALUE_NONE : value_from_object(function);
    return true;
}

const struct getset_def *descriptor_getset(PyObject *o, PyTypeObject *type)
{
    if (o->ob_type != &PyGetSetDescr_Type || !type_is_subtype(type, ((PyDescrObject *)o)->d_type)) {
        return NULL;
    }
    struct getset_descriptor *g = (struct getset_descriptor *)o;
    return g->base.d_getset == &g->getset ? g->def : NULL;
}

const struct native_def *descriptor_method(PyObject *o, const struct native_signature **signature)
{
    if (o->ob_type != &PyMethodDescr_Type) {
        return NULL;
    }
    struct method_descriptor *m = (struct method_descriptor *)o;
    if (!is_native(m)) {
        return NULL;
    }
    const struct native_def *def = m->row.def;
    if (def->raw == NULL && def->signature != NULL) {
        signature_of(def->signature, &m->row.signature);
    }
    *signature = atomic_load_acquire(&m->row.signature);
    return def;
}
