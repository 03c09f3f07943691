/* SPDX-License-Identifier: MIT */
/* mappingproxy: a read-only view of a mapping, as cls.__dict__ gives. */
#include "object/dict.h"
#include "object/function.h"
#include "object/int.h"
#include "object/list.h"
#include "object/str.h"
#include "object/type_int.h"

struct mappingproxy {
    PyObject_HEAD PyObject *mapping; /* constant */
};

static Value mapping_of(Value self)
{
    return value_from_object(((struct mappingproxy *)value_object(self))->mapping);
}

PyObject *mappingproxy_new(Value mapping)
{
    struct mappingproxy *proxy =
        (struct mappingproxy *)object_alloc_bytes(&PyDictProxy_Type, sizeof *proxy);
    PyObject *boxed = value_box(mapping);
    if (proxy == NULL || boxed == NULL) {
        return NULL;
    }
    heap_init(proxy, &proxy->mapping, boxed);
    return (PyObject *)proxy;
}

static Value new_op(PyTypeObject *type, const Value *args, size_t nargs, PyObject *kwnames)
{
    static const struct native_signature *signature;
    Value mapping;
    if (native_bind("mappingproxy", "(mapping)", &signature, args, nargs, kwnames, &mapping) < 0) {
        return VALUE_NULL;
    }
    if (!object_is_mapping(mapping) || list_check(mapping) || tuple_check(mapping)) {
        return error_raise(PyExc_TypeError, "mappingproxy() argument must be a mapping, not %T",
                           mapping);
    }
    return value_from_object(mappingproxy_new(mapping));
}

static Value repr(Value self)
{
    return value_from_object(str_format("mappingproxy(%R)", mapping_of(self)));
}
static Value str(Value self)
{
    return value_from_object(object_str(mapping_of(self)));
}
static Py_hash_t hash(Value self)
{
    return object_hash(mapping_of(self));
}
static Py_ssize_t len(Value self)
{
    return object_length(mapping_of(self));
}
static Value getitem(Value self, Value key)
{
    return object_getitem(mapping_of(self), key);
}
static int contains(Value self, Value key)
{
    return object_contains(mapping_of(self), key);
}
static Value iter(Value self)
{
    return object_iter(mapping_of(self));
}
static Value richcompare(Value self, Value other, int op)
{
    return object_compare(mapping_of(self), other, op);
}

static Value unwrap(Value v)
{
    return value_type(v) == &PyDictProxy_Type ? mapping_of(v) : v;
}
static Value or_op(Value left, Value right)
{
    return object_binary(unwrap(left), unwrap(right), OP_OR);
}
static Value inplace_or(Value self, Value other)
{
    return error_raise(PyExc_TypeError, "'|=' is not supported by %T; use '|' instead", self);
}

static Value method_get(Value self, const Value *args)
{
    return object_call_method2(mapping_of(self), names.get, args[0],
                               value_is_absent(args[1]) ? VALUE_NONE : args[1]);
}
static Value method_keys(Value self)
{
    return object_call_method0(mapping_of(self), names.keys);
}
static Value method_values(Value self)
{
    return object_call_method0(mapping_of(self), names.values);
}
static Value method_items(Value self)
{
    return object_call_method0(mapping_of(self), names.items);
}
static Value method_copy(Value self)
{
    return object_call_method0(mapping_of(self), names.copy);
}
static Value method_reversed(Value self)
{
    return object_call_method0(mapping_of(self), names.__reversed__);
}
static Value class_getitem(Value self, Value item)
{
    return value_from_object(generic_alias_new(self, item));
}

static const struct native_def methods[] = {
    {"get", "($self, key, default=None, /)",
     "Return the value for key if it is there, else default.", .n = method_get},
    {"keys", "($self, /)", "A set-like object providing a view on the keys.", .f0 = method_keys},
    {"values", "($self, /)", "An object providing a view on the values.", .f0 = method_values},
    {"items", "($self, /)", "A set-like object providing a view on the items.", .f0 = method_items},
    {"copy", "($self, /)", "A shallow copy of the underlying mapping.", .f0 = method_copy},
    {"__class_getitem__", "($type, object, /)", "See PEP 585", NATIVE_CLASS, .f1 = class_getitem},
    {"__reversed__", "($self, /)", "Return reversed(self).", .f0 = method_reversed},
    {NULL},
};

static void trace(PyObject *self, struct tracer *tracer)
{
    trace_pointer(tracer, ((struct mappingproxy *)self)->mapping);
}

static struct type_info info = {
    .ops =
        {
            .repr = repr,
            .str = str,
            .hash = hash,
            .len = len,
            .getitem = getitem,
            .contains = contains,
            .iter = iter,
            .richcompare = richcompare,
            .binary[OP_OR] = or_op,
            .inplace[OP_OR] = inplace_or,
            .new_ = new_op,
        },
    .trace = trace,
    .methods = methods,
};

PyTypeObject PyDictProxy_Type = {
    STATIC_TYPE_HEAD,
    .tp_name = "mappingproxy",
    .tp_basicsize = sizeof(struct mappingproxy),
    .tp_flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_HAVE_GC | Py_TPFLAGS_MAPPING,
    .tp_cache = (PyObject *)&info,
};
