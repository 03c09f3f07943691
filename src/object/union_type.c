/* SPDX-License-Identifier: MIT */
/* types.UnionType: int | str (PEP 604). */
#include "object/dict.h"
#include "object/generic_alias.h"
#include "object/list.h"
#include "object/str.h"
#include "object/type_int.h"

static struct union_object *union_cast(Value v)
{
    return (struct union_object *)value_object(v);
}
static bool union_check(Value v)
{
    return value_type(v) == &union_type;
}

static bool is_unionable(Value v)
{
    return value_is_none(v) || type_check(v) || value_is_instance(v, &Py_GenericAliasType) ||
           union_check(v);
}

/* Adds v unless an equal one is there: aliases by ==, types by identity. */
static int add_member(PyObject *list, Value v)
{
    if (value_is_none(v)) {
        v = value_from_object(&_PyNone_Type);
    }
    for (Py_ssize_t i = 0; i < list_length(list); i++) {
        int equal = object_equal(list_find(list, i), v);
        if (equal != 0) {
            return equal < 0 ? -1 : 0;
        }
    }
    return list_append(list, v);
}

static int add_members(PyObject *list, Value v)
{
    if (!union_check(v)) {
        return add_member(list, v);
    }
    PyObject *args = union_cast(v)->args;
    for (Py_ssize_t i = 0; i < tuple_length(args); i++) {
        if (add_member(list, tuple_get(args, i)) < 0) {
            return -1;
        }
    }
    return 0;
}

static Value union_from_list(PyObject *list)
{
    if (list_length(list) == 1) {
        return list_find(list, 0);
    }
    PyObject *args = list_to_tuple(list);
    struct union_object *u = (struct union_object *)object_alloc(&union_type, 0);
    if (args == NULL || u == NULL) {
        return VALUE_NULL;
    }
    heap_init(u, &u->args, args);
    return value_from_object(u);
}

Value union_or(Value left, Value right)
{
    if (!is_unionable(left) || !is_unionable(right)) {
        return VALUE_NOT_IMPLEMENTED;
    }
    if (value_is_none(left) && value_is_none(right)) {
        return VALUE_NOT_IMPLEMENTED;
    }
    PyObject *list = list_new(2);
    if (list == NULL || add_members(list, left) < 0 || add_members(list, right) < 0) {
        return VALUE_NULL;
    }
    return union_from_list(list);
}

static PyObject *as_set(Value v)
{
    return set_new(&PyFrozenSet_Type, value_from_object(union_cast(v)->args));
}

static Value union_richcompare(Value self, Value other, int op)
{
    if (!union_check(other) || (op != Py_EQ && op != Py_NE)) {
        return VALUE_NOT_IMPLEMENTED;
    }
    PyObject *a = as_set(self), *b = as_set(other);
    return a == NULL || b == NULL ? VALUE_NULL
                                  : object_compare(value_from_object(a), value_from_object(b), op);
}

static Py_hash_t union_hash(Value self)
{
    PyObject *set = as_set(self);
    return set == NULL ? -1 : object_hash(value_from_object(set));
}

static Value union_repr(Value self)
{
    PyObject *args = union_cast(self)->args;
    struct str_builder out;
    str_builder_init(&out);
    for (Py_ssize_t i = 0; i < tuple_length(args); i++) {
        if (i > 0) {
            str_builder_text(&out, " | ");
        }
        Value item = tuple_get(args, i);
        bool none = value_same_bits(item, value_from_object(&_PyNone_Type));
        if ((none ? str_builder_text(&out, "None") : generic_repr_item(&out, item)) < 0) {
            return VALUE_NULL;
        }
    }
    return value_from_object(str_builder_finish(&out));
}

static PyObject *parameters_of(struct union_object *u)
{
    PyObject *known = atomic_load_acquire(&u->parameters);
    if (known == NULL && (known = generic_parameters(u->args)) != NULL) {
        heap_store(u, &u->parameters, known);
    }
    return known;
}

static Value union_getitem(Value self, Value item)
{
    struct union_object *u = union_cast(self);
    PyObject *parameters = parameters_of(u);
    PyObject *args =
        parameters == NULL ? NULL : generic_substitute(self, u->args, parameters, item);
    if (args == NULL) {
        return VALUE_NULL;
    }
    Value result = tuple_get(args, 0);
    for (Py_ssize_t i = 1; i < tuple_length(args) && !value_is_null(result); i++) {
        result = object_binary(result, tuple_get(args, i), OP_OR);
    }
    return result;
}

static int check_args(PyObject *args, const char *message)
{
    for (Py_ssize_t i = 0; i < tuple_length(args); i++) {
        if (!type_check(tuple_get(args, i))) {
            return error_raise_int(PyExc_TypeError, "%s", message);
        }
    }
    return 0;
}

static Value method_instancecheck(Value self, Value object)
{
    PyObject *args = union_cast(self)->args;
    if (check_args(args, "isinstance() argument 2 cannot be a parameterized generic") < 0) {
        return VALUE_NULL;
    }
    int result = object_is_instance(object, value_from_object(args));
    return result < 0 ? VALUE_NULL : value_from_bool(result);
}

static Value method_subclasscheck(Value self, Value class)
{
    if (!type_check(class)) {
        return error_raise(PyExc_TypeError, "issubclass() arg 1 must be a class");
    }
    PyObject *args = union_cast(self)->args;
    if (check_args(args, "issubclass() argument 2 cannot be a parameterized generic") < 0) {
        return VALUE_NULL;
    }
    int result = object_is_subclass(class, value_from_object(args));
    return result < 0 ? VALUE_NULL : value_from_bool(result);
}

static const struct native_def union_methods[] = {
    {"__instancecheck__", "($self, instance, /)", "Is the object an instance of it?",
     .f1 = method_instancecheck},
    {"__subclasscheck__", "($self, class, /)", "Is the class a subclass of it?",
     .f1 = method_subclasscheck},
    {NULL},
};

static Value get_args(Value self, void *closure)
{
    return value_from_object(union_cast(self)->args);
}
static Value get_parameters(Value self, void *closure)
{
    return value_from_object(parameters_of(union_cast(self)));
}

static const struct getset_def union_getsets[] = {
    {"__args__", get_args},
    {"__parameters__", get_parameters, NULL, "Type variables in the types.UnionType."},
    {NULL},
};

/* Only the class's own attributes are an alias's; __module__ is that of the type. */
static Value union_getattr(Value self, PyObject *name)
{
    if (name == names.__module__) {
        return object_getattr(value_from_object(&union_type), name);
    }
    return object_generic_getattr(self, name);
}

static void union_trace(PyObject *self, struct tracer *tracer)
{
    trace_pointer(tracer, ((struct union_object *)self)->args);
    trace_pointer(tracer, ((struct union_object *)self)->parameters);
}

static struct type_info union_info = {
    .ops =
        {
            .repr = union_repr,
            .hash = union_hash,
            .getattr = union_getattr,
            .richcompare = union_richcompare,
            .getitem = union_getitem,
            .binary[OP_OR] = union_or,
        },
    .trace = union_trace,
    .methods = union_methods,
    .getsets = union_getsets,
    .flags = TYPE_NO_NEW,
};

PyTypeObject union_type = {
    STATIC_TYPE_HEAD,
    .tp_name = "types.UnionType",
    .tp_doc = "Represent a PEP 604 union type\n\nE.g. for int | str",
    .tp_basicsize = sizeof(struct union_object),
    .tp_flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_HAVE_GC,
    .tp_cache = (PyObject *)&union_info,
};
