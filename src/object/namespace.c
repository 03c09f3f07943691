/* SPDX-License-Identifier: MIT */
/* types.SimpleNamespace. */
#include "object/dict.h"
#include "object/function.h"
#include "object/list.h"
#include "object/str.h"
#include "object/type_int.h"

struct namespace
{
    PyObject_HEAD PyObject *dict; /* atomic: may be replaced */
};

static PyObject *dict_of(Value self)
{
    return object_dict(value_object(self));
}

static Value new_op(PyTypeObject *type, const Value *args, size_t nargs, PyObject *kwnames)
{
    PyObject *self = object_alloc(type, 0);
    PyObject *dict = self == NULL ? NULL : dict_new();
    if (dict == NULL) {
        return VALUE_NULL;
    }
    heap_init(self, &((struct namespace *)self)->dict, dict);
    return value_from_object(self);
}

static int init(Value self, const Value *args, size_t nargs, PyObject *kwnames)
{
    if (nargs > 0) {
        return error_raise_int(PyExc_TypeError, "no positional arguments expected");
    }
    PyObject *dict = dict_of(self);
    for (Py_ssize_t i = 0; dict != NULL && kwnames != NULL && i < tuple_length(kwnames); i++) {
        if (dict_set(dict, tuple_get(kwnames, i), args[i]) < 0) {
            return -1;
        }
    }
    return dict == NULL ? -1 : 0;
}

static PyObject *format_pairs(Value self, const char *name)
{
    PyObject *parts = list_new(0), *dict = dict_of(self);
    size_t position = 0;
    Value key, value;
    Py_hash_t hash;
    if (parts == NULL || dict == NULL) {
        return NULL;
    }
    while (dict_next(dict, &position, &key, &value, &hash)) {
        if (!str_check(key) || str_length(value_object(key)) == 0) {
            continue;
        }
        PyObject *part = str_format("%S=%R", key, value);
        if (part == NULL || list_append(parts, value_from_object(part)) < 0) {
            return NULL;
        }
    }
    PyObject *separator = str_from_text(", ");
    PyObject *joined = separator == NULL ? NULL : str_join(separator, value_from_object(parts));
    return joined == NULL ? NULL : str_format("%s(%U)", name, joined);
}

static Value repr(Value self)
{
    const char *name =
        value_type(self) == &_PyNamespace_Type ? "namespace" : value_type(self)->tp_name;
    int active = repr_enter(self);
    if (active != 0) {
        return active < 0 ? VALUE_NULL : value_from_object(str_format("%s(...)", name));
    }
    PyObject *result = format_pairs(self, name);
    repr_leave(self);
    return value_from_object(result);
}

static Value richcompare(Value self, Value other, int op)
{
    if (!value_is_instance(self, &_PyNamespace_Type) ||
        !value_is_instance(other, &_PyNamespace_Type)) {
        return VALUE_NOT_IMPLEMENTED;
    }
    return object_compare(value_from_object(dict_of(self)), value_from_object(dict_of(other)), op);
}

static Value method_reduce(Value self)
{
    Value parts[3] = {value_from_object(value_type(self)), value_from_object(tuple_new(0)),
                      value_from_object(dict_of(self))};
    return value_from_object(tuple_from_array(parts, 3));
}

static const struct native_def methods[] = {
    {"__reduce__", "($self, /)", "Return state information for pickling", .f0 = method_reduce},
    {NULL},
};

static void trace(PyObject *self, struct tracer *tracer)
{
    trace_pointer(tracer, ((struct namespace *)self)->dict);
}

static struct type_info info = {
    .ops = {.repr = repr, .richcompare = richcompare, .new_ = new_op, .init = init},
    .trace = trace,
    .methods = methods,
    .getsets = instance_dict_getset,
};

PyTypeObject _PyNamespace_Type = {
    STATIC_TYPE_HEAD,
    .tp_name = "types.SimpleNamespace",
    .tp_doc = "A simple attribute-based namespace.\n\nSimpleNamespace(**kwargs)",
    .tp_basicsize = sizeof(struct namespace),
    .tp_dictoffset = offsetof(struct namespace, dict),
    .tp_flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_HAVE_GC | Py_TPFLAGS_BASETYPE,
    .tp_cache = (PyObject *)&info,
};

PyObject *namespace_new(PyObject *dict)
{
    Value self = new_op(&_PyNamespace_Type, NULL, 0, NULL);
    if (value_is_null(self)) {
        return NULL;
    }
    if (dict != NULL && dict_merge(dict_of(self), value_from_object(dict), 1) < 0) {
        return NULL;
    }
    return value_object(self);
}
