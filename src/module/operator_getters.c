/* SPDX-License-Identifier: MIT */
/* operator.itemgetter, attrgetter and methodcaller. All fields are constant. */
#include "module/operator_int.h"

#include "object/dict.h"
#include "object/function.h"
#include "object/iterator.h"
#include "object/list.h"
#include "object/str.h"
#include "object/type_int.h"

struct getter {                    /* itemgetter, attrgetter */
    PyObject_HEAD PyObject *items; /* tuple: keys, or dotted names as given */
    PyObject *chains;              /* attrgetter: tuple of tuples of interned names */
};

struct method_caller {
    PyObject_HEAD PyObject *name; /* interned */
    PyObject *args;               /* tuple */
    PyObject *kwargs;             /* dict or NULL */
};

static struct getter *getter_cast(Value v)
{
    return (struct getter *)value_object(v);
}
static struct method_caller *caller_cast(Value v)
{
    return (struct method_caller *)value_object(v);
}

static int check_one(const char *name, size_t nargs, PyObject *kwnames)
{
    if (native_no_keywords(name, kwnames) < 0) {
        return -1;
    }
    return native_check_positional(name, nargs, 1, 1);
}

static Value get_each(Value self, Value object,
                      Value (*get)(Value self, Value object, Py_ssize_t i))
{
    Py_ssize_t count = tuple_length(getter_cast(self)->items);
    if (count == 1) {
        return get(self, object, 0);
    }
    PyObject *result = tuple_new(count);
    for (Py_ssize_t i = 0; result != NULL && i < count; i++) {
        Value item = get(self, object, i);
        if (value_is_null(item) || tuple_init_item(result, i, item) < 0) {
            return VALUE_NULL;
        }
    }
    return value_from_object(result);
}

/* name(item, item): the repr's form */
static Value getter_repr(Value self)
{
    const char *name = value_type(self)->tp_name;
    int active = repr_enter(self);
    if (active != 0) {
        return active < 0 ? VALUE_NULL : value_from_object(str_format("%s(...)", name));
    }
    PyObject *items = getter_cast(self)->items;
    PyObject *text = tuple_length(items) == 1 ? str_format("%s(%R)", name, tuple_get(items, 0))
                                              : str_format("%s%R", name, value_from_object(items));
    repr_leave(self);
    return value_from_object(text);
}

static Value getter_reduce(Value self)
{
    Value parts[2] = {value_from_object(value_type(self)),
                      value_from_object(getter_cast(self)->items)};
    return value_from_object(tuple_from_array(parts, 2));
}

static const struct native_def getter_methods[] = {
    {"__reduce__", "($self, /)", "Return state information for pickling", .f0 = getter_reduce},
    {NULL},
};

static void getter_trace(PyObject *self, struct tracer *tracer)
{
    trace_pointer(tracer, ((struct getter *)self)->items);
    trace_pointer(tracer, ((struct getter *)self)->chains);
}

static struct getter *getter_alloc(PyTypeObject *type, const Value *args, size_t nargs)
{
    struct getter *g = (struct getter *)object_alloc(type, 0);
    PyObject *items = g == NULL ? NULL : tuple_from_array(args, nargs);
    if (items == NULL) {
        return NULL;
    }
    heap_init(g, &g->items, items);
    return g;
}

/* ---- itemgetter */

static Value itemgetter_new(PyTypeObject *type, const Value *args, size_t nargs, PyObject *kwnames)
{
    if (native_no_keywords("itemgetter", kwnames) < 0 ||
        native_check_positional("itemgetter", nargs, 1, SIZE_MAX) < 0) {
        return VALUE_NULL;
    }
    return value_from_object(getter_alloc(type, args, nargs));
}

static Value get_item(Value self, Value object, Py_ssize_t i)
{
    return object_getitem(object, value_unbox(tuple_object(getter_cast(self)->items, i)));
}

static Value itemgetter_call(Value self, const Value *args, size_t nargs, PyObject *kwnames)
{
    return check_one("itemgetter", nargs, kwnames) < 0 ? VALUE_NULL
                                                       : get_each(self, args[0], get_item);
}

static struct type_info itemgetter_info = {
    .ops = {.repr = getter_repr, .call = itemgetter_call, .new_ = itemgetter_new},
    .trace = getter_trace,
    .methods = getter_methods,
};

PyTypeObject itemgetter_type = {
    STATIC_TYPE_HEAD,
    .tp_name = "operator.itemgetter",
    .tp_doc = "Return a callable object that fetches the given item(s) from its operand.",
    .tp_basicsize = sizeof(struct getter),
    .tp_flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_HAVE_GC,
    .tp_cache = (PyObject *)&itemgetter_info,
};

/* ---- attrgetter */

/* "a.b" as a tuple of interned names. */
static PyObject *split_name(PyObject *name)
{
    PyObject *dot = str_from_char('.');
    PyObject *parts = dot == NULL ? NULL : str_split(name, dot, -1);
    PyObject *chain = parts == NULL ? NULL : tuple_new(list_length(parts));
    for (Py_ssize_t i = 0; chain != NULL && i < list_length(parts); i++) {
        PyObject *part = str_name_check(list_find(parts, i));
        if (part == NULL || tuple_init_item(chain, i, value_from_object(part)) < 0) {
            return NULL;
        }
    }
    return chain;
}

static Value attrgetter_new(PyTypeObject *type, const Value *args, size_t nargs, PyObject *kwnames)
{
    if (native_no_keywords("attrgetter", kwnames) < 0 ||
        native_check_positional("attrgetter", nargs, 1, SIZE_MAX) < 0) {
        return VALUE_NULL;
    }
    struct getter *g = getter_alloc(type, args, nargs);
    PyObject *chains = g == NULL ? NULL : tuple_new((Py_ssize_t)nargs);
    for (size_t i = 0; chains != NULL && i < nargs; i++) {
        if (!str_check(args[i])) {
            return error_raise(PyExc_TypeError, "attribute name must be a string");
        }
        PyObject *chain = split_name(value_object(args[i]));
        if (chain == NULL || tuple_init_item(chains, (Py_ssize_t)i, value_from_object(chain)) < 0) {
            return VALUE_NULL;
        }
    }
    if (chains == NULL) {
        return VALUE_NULL;
    }
    heap_init(g, &g->chains, chains);
    return value_from_object(g);
}

static Value get_attribute(Value self, Value object, Py_ssize_t i)
{
    PyObject *chain = tuple_object(getter_cast(self)->chains, i);
    for (Py_ssize_t k = 0; k < tuple_length(chain) && !value_is_null(object); k++) {
        object = object_getattr(object, tuple_object(chain, k));
    }
    return object;
}

static Value attrgetter_call(Value self, const Value *args, size_t nargs, PyObject *kwnames)
{
    return check_one("attrgetter", nargs, kwnames) < 0 ? VALUE_NULL
                                                       : get_each(self, args[0], get_attribute);
}

static struct type_info attrgetter_info = {
    .ops = {.repr = getter_repr, .call = attrgetter_call, .new_ = attrgetter_new},
    .trace = getter_trace,
    .methods = getter_methods,
};

PyTypeObject attrgetter_type = {
    STATIC_TYPE_HEAD,
    .tp_name = "operator.attrgetter",
    .tp_doc = "Return a callable object that fetches the given attribute(s) from its operand.",
    .tp_basicsize = sizeof(struct getter),
    .tp_flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_HAVE_GC,
    .tp_cache = (PyObject *)&attrgetter_info,
};

/* ---- methodcaller */

static PyObject *collect_keywords(const Value *values, PyObject *kwnames)
{
    PyObject *kwargs = dict_new();
    for (Py_ssize_t i = 0; kwargs != NULL && i < tuple_length(kwnames); i++) {
        if (dict_set(kwargs, tuple_get(kwnames, i), values[i]) < 0) {
            return NULL;
        }
    }
    return kwargs;
}

static Value methodcaller_new(PyTypeObject *type, const Value *args, size_t nargs,
                              PyObject *kwnames)
{
    if (nargs < 1) {
        return error_raise(PyExc_TypeError,
                           "methodcaller needs at least one argument, the method name");
    }
    if (!str_check(args[0])) {
        return error_raise(PyExc_TypeError, "method name must be a string");
    }
    struct method_caller *c = (struct method_caller *)object_alloc(type, 0);
    PyObject *name = str_name_check(args[0]);
    PyObject *rest = tuple_from_array(args + 1, nargs - 1);
    if (c == NULL || name == NULL || rest == NULL) {
        return VALUE_NULL;
    }
    heap_init(c, &c->name, name);
    heap_init(c, &c->args, rest);
    if (kwnames != NULL && tuple_length(kwnames) > 0) {
        PyObject *kwargs = collect_keywords(args + nargs, kwnames);
        if (kwargs == NULL) {
            return VALUE_NULL;
        }
        heap_init(c, &c->kwargs, kwargs);
    }
    return value_from_object(c);
}

static Value methodcaller_call(Value self, const Value *args, size_t nargs, PyObject *kwnames)
{
    if (check_one("methodcaller", nargs, kwnames) < 0) {
        return VALUE_NULL;
    }
    struct method_caller *c = caller_cast(self);
    if (c->kwargs == NULL && tuple_length(c->args) <= 4) {
        Value few[4];
        for (Py_ssize_t i = 0; i < tuple_length(c->args); i++) {
            few[i] = value_unbox(tuple_object(c->args, i));
        }
        return object_call_method(args[0], c->name, few, (size_t)tuple_length(c->args));
    }
    Value method = object_getattr(args[0], c->name);
    return value_is_null(method) ? method : object_call_tuple(method, c->args, c->kwargs);
}

static int append_text(PyObject *parts, PyObject *text)
{
    return text == NULL ? -1 : list_append(parts, value_from_object(text));
}

static PyObject *caller_text(struct method_caller *c)
{
    PyObject *parts = list_new(4), *comma = str_from_text(", ");
    if (parts == NULL || comma == NULL ||
        append_text(parts, object_repr(value_from_object(c->name))) < 0) {
        return NULL;
    }
    for (Py_ssize_t i = 0; i < tuple_length(c->args); i++) {
        if (append_text(parts, object_repr(tuple_get(c->args, i))) < 0) {
            return NULL;
        }
    }
    size_t position = 0;
    Value key, value;
    Py_hash_t hash;
    while (c->kwargs != NULL && dict_next(c->kwargs, &position, &key, &value, &hash)) {
        if (append_text(parts, str_format("%S=%R", key, value)) < 0) {
            return NULL;
        }
    }
    PyObject *joined = str_join(comma, value_from_object(parts));
    return joined == NULL ? NULL : str_format("operator.methodcaller(%U)", joined);
}

static Value methodcaller_repr(Value self)
{
    int active = repr_enter(self);
    if (active != 0) {
        return active < 0 ? VALUE_NULL
                          : value_from_object(str_from_text("operator.methodcaller(...)"));
    }
    PyObject *text = caller_text(caller_cast(self));
    repr_leave(self);
    return value_from_object(text);
}

/* With keywords: functools.partial(methodcaller, name, **kwargs)(*args). */
static Value reduce_with_keywords(struct method_caller *c)
{
    Value import = builtin_function("__import__");
    PyObject *functools = str_intern_text("functools"), *partial = str_intern_text("partial");
    if (value_is_null(import) || functools == NULL || partial == NULL) {
        return VALUE_NULL;
    }
    Value module = object_call1(import, value_from_object(functools));
    Value class = value_is_null(module) ? module : object_getattr(module, partial);
    PyObject *args = tuple_pack(2, (PyObject *)&methodcaller_type, c->name);
    if (value_is_null(class) || args == NULL) {
        return VALUE_NULL;
    }
    Value constructor = object_call_tuple(class, args, c->kwargs);
    if (value_is_null(constructor)) {
        return constructor;
    }
    Value parts[2] = {constructor, value_from_object(c->args)};
    return value_from_object(tuple_from_array(parts, 2));
}

static Value methodcaller_reduce(Value self)
{
    struct method_caller *c = caller_cast(self);
    if (c->kwargs != NULL && dict_length(c->kwargs) > 0) {
        return reduce_with_keywords(c);
    }
    PyObject *args = tuple_new(tuple_length(c->args) + 1);
    if (args == NULL) {
        return VALUE_NULL;
    }
    tuple_init_item(args, 0, value_from_object(c->name));
    for (Py_ssize_t i = 0; i < tuple_length(c->args); i++) {
        tuple_init_item(args, i + 1, tuple_get(c->args, i));
    }
    Value parts[2] = {value_from_object(&methodcaller_type), value_from_object(args)};
    return value_from_object(tuple_from_array(parts, 2));
}

static const struct native_def methodcaller_methods[] = {
    {"__reduce__", "($self, /)", "Return state information for pickling",
     .f0 = methodcaller_reduce},
    {NULL},
};

static void methodcaller_trace(PyObject *self, struct tracer *tracer)
{
    struct method_caller *c = (struct method_caller *)self;
    trace_pointer(tracer, c->name);
    trace_pointer(tracer, c->args);
    trace_pointer(tracer, c->kwargs);
}

static struct type_info methodcaller_info = {
    .ops = {.repr = methodcaller_repr, .call = methodcaller_call, .new_ = methodcaller_new},
    .trace = methodcaller_trace,
    .methods = methodcaller_methods,
};

PyTypeObject methodcaller_type = {
    STATIC_TYPE_HEAD,
    .tp_name = "operator.methodcaller",
    .tp_doc = "Return a callable object that calls the given method on its operand.",
    .tp_basicsize = sizeof(struct method_caller),
    .tp_flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_HAVE_GC,
    .tp_cache = (PyObject *)&methodcaller_info,
};
