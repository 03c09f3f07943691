/* SPDX-License-Identifier: MIT */
/* super: attribute lookup that starts behind a class in an MRO. */
#include "object/dict.h"
#include "object/list.h"
#include "object/str.h"
#include "object/type_int.h"

struct super_object { /* constant after __init__ */
    PyObject_HEAD PyTypeObject
        *type;                 /* where the search starts, exclusive; NULL: not initialised */
    Value object;              /* ABSENT or NULL: unbound */
    PyTypeObject *object_type; /* whose MRO is searched */
};

static struct super_object *super_cast(Value v)
{
    return (struct super_object *)value_object(v);
}

Value super_find(PyTypeObject *start, Value object, PyTypeObject *object_type, PyObject *name)
{
    PyObject *mro = atomic_load_acquire(&object_type->tp_mro);
    Py_ssize_t count = mro == NULL ? 0 : tuple_length(mro), i = 0;
    while (i < count && tuple_object(mro, i) != (PyObject *)start) {
        i++;
    }
    for (i++; i < count; i++) {
        PyObject *dict = ((PyTypeObject *)tuple_object(mro, i))->tp_dict;
        Value found = dict == NULL ? VALUE_ABSENT : dict_get_str(dict, name);
        if (value_is_absent(found)) {
            continue;
        }
        Value (*get)(Value, Value, PyTypeObject *) = value_ops(found)->descr_get;
        if (get == NULL) {
            return found;
        }
        bool on_class = value_same_bits(object, value_from_object(object_type));
        return get(found, on_class ? VALUE_ABSENT : object, object_type);
    }
    return VALUE_ABSENT;
}

static Value super_getattr(Value self, PyObject *name)
{
    struct super_object *s = super_cast(self);
    if (s->object_type != NULL && name != names.__class__) {
        Value found = super_find(s->type, s->object, s->object_type, name);
        if (!value_is_absent(found)) {
            return found;
        }
    }
    return object_generic_getattr(self, name);
}

/* The class whose MRO is used for super(type, object); NULL with TypeError. */
static PyTypeObject *check_object(PyTypeObject *type, Value object)
{
    if (type_check(object) && type_is_subtype(type_cast(object), type)) {
        return type_cast(object);
    }
    if (type_is_subtype(value_type(object), type)) {
        return value_type(object);
    }
    Value class;
    int found = object_find_attr(object, names.__class__, &class);
    if (found < 0) {
        return NULL;
    }
    if (found > 0 && type_check(class) && type_cast(class) != value_type(object) &&
        type_is_subtype(type_cast(class), type)) {
        return type_cast(class);
    }
    return error_raise_null(PyExc_TypeError,
                            "super(type, obj): obj must be an instance or subtype of type");
}

static int bind(struct super_object *s, PyTypeObject *type, Value object)
{
    PyTypeObject *object_type = NULL;
    bool bound = value_is_present(object) && !value_is_none(object);
    if (bound && (object_type = check_object(type, object)) == NULL) {
        return -1;
    }
    heap_store(s, &s->type, type);
    heap_store_value(s, &s->object, bound ? object : VALUE_NULL);
    heap_store(s, &s->object_type, object_type);
    return 0;
}

static int super_init(Value self, const Value *args, size_t nargs, PyObject *kwnames)
{
    Value type, object = VALUE_ABSENT;
    if (native_no_keywords("super", kwnames) < 0 ||
        native_check_positional("super", nargs, 0, 2) < 0) {
        return -1;
    }
    if (nargs == 0) {
        if (object_hooks.super_arguments == NULL) {
            return error_raise_int(PyExc_RuntimeError, "super(): no current frame");
        }
        if (object_hooks.super_arguments(&type, &object) < 0) {
            return -1;
        }
    } else {
        type = args[0];
        object = nargs == 2 ? args[1] : VALUE_ABSENT;
    }
    if (!type_check(type)) {
        return error_raise_int(PyExc_TypeError, "super() argument 1 must be a type, not %T", type);
    }
    return bind(super_cast(self), type_cast(type), object);
}

static Value super_descr_get(Value self, Value object, PyTypeObject *owner)
{
    struct super_object *s = super_cast(self);
    if (value_is_absent(object) || value_is_none(object) || s->object_type != NULL ||
        s->type == NULL) {
        return self;
    }
    if (value_type(self) != &PySuper_Type) {
        return object_call2(value_from_object(value_type(self)), value_from_object(s->type),
                            object);
    }
    struct super_object *bound = (struct super_object *)object_alloc(&PySuper_Type, 0);
    return bound == NULL || bind(bound, s->type, object) < 0 ? VALUE_NULL
                                                             : value_from_object(bound);
}

static Value super_repr(Value self)
{
    struct super_object *s = super_cast(self);
    const char *type = s->type == NULL ? "NULL" : s->type->tp_name;
    if (s->object_type == NULL) {
        return value_from_object(str_format("<super: <class '%s'>, NULL>", type));
    }
    return value_from_object(
        str_format("<super: <class '%s'>, <%s object>>", type, s->object_type->tp_name));
}

static void super_trace(PyObject *self, struct tracer *tracer)
{
    struct super_object *s = (struct super_object *)self;
    trace_pointer(tracer, s->type);
    trace_value(tracer, s->object);
    trace_pointer(tracer, s->object_type);
}

static Value get_thisclass(Value self, void *closure)
{
    PyTypeObject *type = super_cast(self)->type;
    return type == NULL ? VALUE_NONE : value_from_object(type);
}
static Value get_self(Value self, void *closure)
{
    Value object = super_cast(self)->object;
    return value_is_null(object) ? VALUE_NONE : object;
}
static Value get_self_class(Value self, void *closure)
{
    PyTypeObject *type = super_cast(self)->object_type;
    return type == NULL ? VALUE_NONE : value_from_object(type);
}

static const struct getset_def super_getsets[] = {
    {"__thisclass__", get_thisclass, NULL, "the class invoking super()"},
    {"__self__", get_self, NULL, "the instance invoking super(); may be None"},
    {"__self_class__", get_self_class, NULL,
     "the type of the instance invoking super(); may be None"},
    {NULL},
};

/* Ignores its arguments: __init__ takes them. */
static Value super_new(PyTypeObject *type, const Value *args, size_t nargs, PyObject *kwnames)
{
    return value_from_object(object_alloc(type, 0));
}

static struct type_info super_info = {
    .ops =
        {
            .repr = super_repr,
            .getattr = super_getattr,
            .descr_get = super_descr_get,
            .new_ = super_new,
            .init = super_init,
        },
    .trace = super_trace,
    .getsets = super_getsets,
};

PyTypeObject PySuper_Type = {
    STATIC_TYPE_HEAD,
    .tp_name = "super",
    .tp_doc = "super() -> same as super(__class__, <first argument>)\n"
              "super(type) -> unbound super object\n"
              "super(type, obj) -> bound super object; requires isinstance(obj, type)\n"
              "super(type, type2) -> bound super object; requires issubclass(type2, type)",
    .tp_basicsize = sizeof(struct super_object),
    .tp_flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_HAVE_GC | Py_TPFLAGS_BASETYPE,
    .tp_cache = (PyObject *)&super_info,
};
