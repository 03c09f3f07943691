/* SPDX-License-Identifier: MIT */
/* _functools: partial, reduce, cmp_to_key. functools_cache.c has lru_cache. */
#include "module/functools_int.h"

#include <structmember.h>

#include "object/dict.h"
#include "object/function.h"
#include "object/list.h"
#include "object/str.h"
#include "object/type_int.h"

/* ---- partial */

struct partial {
    PyObject_HEAD PyObject *function;
    PyObject *args;     /* tuple */
    PyObject *keywords; /* dict */
    PyObject *dict;
    PyObject *weaklist;
};

static struct partial *partial_cast(Value v)
{
    return (struct partial *)value_object(v);
}

static PyObject *tuple_join(PyObject *first, const Value *more, size_t count)
{
    Py_ssize_t length = first == NULL ? 0 : tuple_length(first);
    PyObject *result = tuple_new(length + (Py_ssize_t)count);
    for (Py_ssize_t i = 0; result != NULL && i < length; i++) {
        tuple_init_item(result, i, tuple_get(first, i));
    }
    for (size_t i = 0; result != NULL && i < count; i++) {
        if (tuple_init_item(result, length + (Py_ssize_t)i, more[i]) < 0) {
            return NULL;
        }
    }
    return result;
}

static int add_keywords(PyObject *dict, const Value *values, PyObject *kwnames)
{
    for (Py_ssize_t i = 0; kwnames != NULL && i < tuple_length(kwnames); i++) {
        if (dict_set(dict, tuple_get(kwnames, i), values[i]) < 0) {
            return -1;
        }
    }
    return 0;
}

/* A partial of a plain partial is merged with it. */
static bool is_plain_partial(Value v)
{
    return value_type(v) == &partial_type &&
           (partial_cast(v)->dict == NULL || dict_length(partial_cast(v)->dict) == 0);
}

static Value partial_new(PyTypeObject *type, const Value *args, size_t nargs, PyObject *kwnames)
{
    if (nargs < 1) {
        return error_raise(PyExc_TypeError, "type 'partial' takes at least one argument");
    }
    Value function = args[0];
    if (!object_is_callable(function)) {
        return error_raise(PyExc_TypeError, "the first argument must be callable");
    }
    struct partial *inner = is_plain_partial(function) ? partial_cast(function) : NULL;
    struct partial *p = (struct partial *)object_alloc(type, 0);
    PyObject *all = tuple_join(inner == NULL ? NULL : inner->args, args + 1, nargs - 1);
    PyObject *keywords = inner == NULL ? dict_new() : dict_copy(inner->keywords);
    if (p == NULL || all == NULL || keywords == NULL ||
        add_keywords(keywords, args + nargs, kwnames) < 0) {
        return VALUE_NULL;
    }
    heap_init(p, &p->function, inner == NULL ? value_box(function) : inner->function);
    heap_init(p, &p->args, all);
    heap_init(p, &p->keywords, keywords);
    return value_from_object(p);
}

static Value call_with_keywords(struct partial *p, const Value *args, size_t nargs,
                                PyObject *kwnames)
{
    PyObject *all = tuple_join(p->args, args, nargs);
    PyObject *keywords = dict_copy(p->keywords);
    if (all == NULL || keywords == NULL || add_keywords(keywords, args + nargs, kwnames) < 0) {
        return VALUE_NULL;
    }
    return object_call_tuple(value_from_object(p->function), all, keywords);
}

static Value partial_call(Value self, const Value *args, size_t nargs, PyObject *kwnames)
{
    struct partial *p = partial_cast(self);
    size_t own = (size_t)tuple_length(p->args);
    size_t given = nargs + (kwnames == NULL ? 0 : (size_t)tuple_length(kwnames));
    if (dict_length(p->keywords) > 0 || own + given > 10) {
        return call_with_keywords(p, args, nargs, kwnames);
    }
    Value all[12];
    all[0] = VALUE_NULL;
    for (size_t i = 0; i < own; i++) {
        all[1 + i] = value_unbox(tuple_object(p->args, (Py_ssize_t)i));
    }
    memcpy(all + 1 + own, args, given * sizeof(Value));
    return object_call(value_from_object(p->function), all + 1, (own + nargs) | CALL_PREPEND,
                       kwnames);
}

static int append_items(PyObject *parts, struct partial *p)
{
    for (Py_ssize_t i = 0; i < tuple_length(p->args); i++) {
        PyObject *text = object_repr(tuple_get(p->args, i));
        if (text == NULL || list_append(parts, value_from_object(text)) < 0) {
            return -1;
        }
    }
    size_t position = 0;
    Value key, value;
    Py_hash_t hash;
    while (dict_next(p->keywords, &position, &key, &value, &hash)) {
        PyObject *text = str_format("%S=%R", key, value);
        if (text == NULL || list_append(parts, value_from_object(text)) < 0) {
            return -1;
        }
    }
    return 0;
}

static PyObject *partial_text(Value self)
{
    struct partial *p = partial_cast(self);
    PyObject *parts = list_new(4), *comma = str_from_text(", ");
    PyObject *function = object_repr(value_from_object(p->function));
    if (parts == NULL || comma == NULL || function == NULL ||
        list_append(parts, value_from_object(function)) < 0 || append_items(parts, p) < 0) {
        return NULL;
    }
    PyObject *joined = str_join(comma, value_from_object(parts));
    const char *name = value_type(self)->tp_name;
    return joined == NULL ? NULL : str_format("%s(%U)", name, joined);
}

static Value partial_repr(Value self)
{
    int active = repr_enter(self);
    if (active != 0) {
        return active < 0 ? VALUE_NULL : value_from_object(str_from_text("..."));
    }
    PyObject *text = partial_text(self);
    repr_leave(self);
    return value_from_object(text);
}

static Value partial_reduce(Value self)
{
    struct partial *p = partial_cast(self);
    Value function = value_from_object(p->function);
    Value state[4] = {function, value_from_object(p->args), value_from_object(p->keywords),
                      p->dict == NULL ? VALUE_NONE : value_from_object(p->dict)};
    Value parts[3] = {value_from_object(value_type(self)),
                      value_from_object(tuple_from_array(&function, 1)),
                      value_from_object(tuple_from_array(state, 4))};
    return value_from_object(tuple_from_array(parts, 3));
}

static Value partial_setstate(Value self, Value state)
{
    if (!tuple_check(state) || tuple_length(value_object(state)) != 4) {
        return error_raise(PyExc_TypeError, "invalid partial state");
    }
    PyObject *tuple = value_object(state);
    Value function = tuple_get(tuple, 0), args = tuple_get(tuple, 1),
          keywords = tuple_get(tuple, 2);
    Value dict = tuple_get(tuple, 3);
    if (!object_is_callable(function) || !tuple_check(args) ||
        (!value_is_none(keywords) && !dict_check(keywords))) {
        return error_raise(PyExc_TypeError, "invalid partial state");
    }
    struct partial *p = partial_cast(self);
    PyObject *plain_args = object_to_tuple(args);
    PyObject *plain_keywords = value_is_none(keywords)      ? dict_new()
                               : dict_check_exact(keywords) ? value_object(keywords)
                                                            : dict_copy(value_object(keywords));
    if (plain_args == NULL || plain_keywords == NULL) {
        return VALUE_NULL;
    }
    heap_store(p, &p->function, value_object(function));
    heap_store(p, &p->args, plain_args);
    heap_store(p, &p->keywords, plain_keywords);
    heap_store(p, &p->dict, value_is_none(dict) ? NULL : value_object(dict));
    return VALUE_NONE;
}

static Value class_getitem(Value self, Value item)
{
    return value_from_object(generic_alias_new(self, item));
}

static const struct native_def partial_methods[] = {
    {"__reduce__", "($self, /)", "How to make the object again, for pickling and copying.",
     .f0 = partial_reduce},
    {"__setstate__", "($self, state, /)", "Sets the state that __reduce__ gave.",
     .f1 = partial_setstate},
    {"__class_getitem__", "($type, object, /)", "See PEP 585", NATIVE_CLASS, .f1 = class_getitem},
    {NULL},
};

static const struct member_def partial_members[] = {
    {"func", T_OBJECT, offsetof(struct partial, function), READONLY,
     "function object to use in future partial calls"},
    {"args", T_OBJECT, offsetof(struct partial, args), READONLY,
     "tuple of arguments to future partial calls"},
    {"keywords", T_OBJECT, offsetof(struct partial, keywords), READONLY,
     "dictionary of keyword arguments to future partial calls"},
    {NULL},
};

static void partial_trace(PyObject *self, struct tracer *tracer)
{
    struct partial *p = (struct partial *)self;
    trace_pointer(tracer, p->function);
    trace_pointer(tracer, p->args);
    trace_pointer(tracer, p->keywords);
    trace_pointer(tracer, p->dict);
}

static struct type_info partial_info = {
    .ops = {.repr = partial_repr, .call = partial_call, .new_ = partial_new},
    .trace = partial_trace,
    .methods = partial_methods,
    .members = partial_members,
    .getsets = instance_dict_getset,
};

PyTypeObject partial_type = {
    STATIC_TYPE_HEAD,
    .tp_name = "functools.partial",
    .tp_doc = "partial(func, *args, **keywords) - new function with partial application\n"
              "    of the given arguments and keywords.\n",
    .tp_basicsize = sizeof(struct partial),
    .tp_dictoffset = offsetof(struct partial, dict),
    .tp_weaklistoffset = offsetof(struct partial, weaklist),
    .tp_flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_HAVE_GC | Py_TPFLAGS_BASETYPE,
    .tp_cache = (PyObject *)&partial_info,
};

/* ---- cmp_to_key */

struct key_object { /* without an object: the key function itself */
    PyObject_HEAD PyObject *compare;
    Value object; /* NULL: none */
};

static PyTypeObject key_type;

static struct key_object *key_cast(Value v)
{
    return (struct key_object *)value_object(v);
}

static Value key_new(PyObject *compare, Value object)
{
    struct key_object *key = (struct key_object *)object_alloc(&key_type, 0);
    if (key == NULL) {
        return VALUE_NULL;
    }
    heap_init(key, &key->compare, compare);
    heap_init_value(key, &key->object, object);
    return value_from_object(key);
}

static Value key_call(Value self, const Value *args, size_t nargs, PyObject *kwnames)
{
    static const struct native_signature *signature;
    Value object;
    if (native_bind("K", "(obj)", &signature, args, nargs, kwnames, &object) < 0) {
        return VALUE_NULL;
    }
    return key_new(key_cast(self)->compare, object);
}

static Value key_richcompare(Value self, Value other, int op)
{
    if (value_type(other) != &key_type) {
        return error_raise(PyExc_TypeError, "other argument must be K instance");
    }
    struct key_object *a = key_cast(self), *b = key_cast(other);
    if (value_is_null(a->object) || value_is_null(b->object)) {
        return error_raise_value(PyExc_AttributeError, value_from_object(names.object));
    }
    Value result = object_call2(value_from_object(a->compare), a->object, b->object);
    return value_is_null(result) ? result : object_compare(result, value_from_int(0), op);
}

static Value key_get_object(Value self, void *closure)
{
    Value object = key_cast(self)->object;
    return value_is_null(object) ? VALUE_NONE : object;
}

static const struct getset_def key_getsets[] = {
    {"obj", key_get_object, NULL, "Value wrapped by a key function."},
    {NULL},
};

static void key_trace(PyObject *self, struct tracer *tracer)
{
    trace_pointer(tracer, ((struct key_object *)self)->compare);
    trace_value(tracer, ((struct key_object *)self)->object);
}

static struct type_info key_info = {
    .ops = {.call = key_call, .richcompare = key_richcompare, .hash = object_hash_not_implemented},
    .trace = key_trace,
    .getsets = key_getsets,
    .flags = TYPE_NO_NEW,
};

static PyTypeObject key_type = {
    STATIC_TYPE_HEAD,
    .tp_name = "functools.KeyWrapper",
    .tp_basicsize = sizeof(struct key_object),
    .tp_flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_HAVE_GC,
    .tp_cache = (PyObject *)&key_info,
};

static Value cmp_to_key(Value self, const Value *args)
{
    PyObject *compare = value_box(args[0]);
    return compare == NULL ? VALUE_NULL : key_new(compare, VALUE_NULL);
}

/* ---- reduce */

static Value reduce(Value self, const Value *args)
{
    Value iterator = object_iter_owned(args[1]);
    if (value_is_null(iterator)) {
        if (error_matches(PyExc_TypeError)) {
            error_clear();
            return error_raise(PyExc_TypeError, "reduce() arg 2 must support iteration");
        }
        return iterator;
    }
    Value result = value_is_absent(args[2]) ? object_next(iterator) : args[2];
    if (value_is_absent(result)) {
        return error_raise(PyExc_TypeError, "reduce() of empty iterable with no initial value");
    }
    while (!value_is_null(result)) {
        Value item = object_next(iterator);
        if (!value_is_present(item)) {
            return value_is_null(item) ? item : result;
        }
        result = object_call2(args[0], result, item);
        if (thread_safepoint(thread_current()) < 0) {
            return VALUE_NULL;
        }
    }
    return result;
}

static const struct native_def functions[] = {
    {"reduce", "(function, iterable, initial=<functools._initial_missing>, /)",
     "Apply a function of two arguments cumulatively to the items of an iterable, from left to "
     "right.",
     .n = reduce},
    {"cmp_to_key", "($module, /, mycmp)", "Convert a cmp= function into a key= function.",
     .n = cmp_to_key},
    {NULL},
};

static int exec(PyObject *module)
{
    if (type_ready(&key_type) < 0 || type_ready(&lru_link_type) < 0 ||
        module_add_type(module, &partial_type) < 0) {
        return -1;
    }
    return module_add_type(module, &lru_cache_type);
}

const struct module_def functools_module = {"_functools", "Tools that operate on functions.",
                                            functions, exec};
