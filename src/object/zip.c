/* SPDX-License-Identifier: MIT */
/* zip, map and filter. Their fields are constant after creation (zip's `strict` and lock apart). */
#include "object/int.h"
#include "object/iterator.h"
#include "object/list.h"
#include "object/native.h"
#include "object/str.h"

struct zip {
    PyObject_HEAD PyObject *iterators; /* a tuple; zip and map */
    Value function;                    /* map and filter */
    Value iterator;                    /* filter */
    bool strict;                       /* zip */
    bool whole;                        /* zip: a step of all iterators is one step; they are owned
                                        * until __reduce__ */
    uint8_t lock;                      /* a byte lock, around that step */
};

static struct zip *cast(Value v)
{
    return (struct zip *)value_object(v);
}

static void zip_trace(PyObject *self, struct tracer *tracer)
{
    struct zip *z = (struct zip *)self;
    trace_pointer(tracer, z->iterators);
    trace_value(tracer, z->function);
    trace_value(tracer, z->iterator);
}

static PyObject *make_iterators(const Value *iterables, size_t count, bool owned)
{
    PyObject *t = tuple_new((Py_ssize_t)count);
    for (size_t i = 0; t != NULL && i < count; i++) {
        Value iterator = owned ? object_iter_owned(iterables[i]) : object_iter(iterables[i]);
        if (value_is_null(iterator) || tuple_init_item(t, (Py_ssize_t)i, iterator) < 0) {
            return NULL;
        }
    }
    return t;
}

static Value make(PyTypeObject *type, PyObject *iterators, Value function, Value iterator)
{
    struct zip *z = (struct zip *)object_alloc(type, 0);
    if (z != NULL) {
        heap_fill(z, &z->iterators, iterators);
        heap_fill_value(z, &z->function, function);
        heap_fill_value(z, &z->iterator, iterator);
    }
    return value_from_object(z);
}

static Value iterator_self(Value self)
{
    return self;
}

/* ---- zip. */

static bool all_simple(const Value *iterables, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        if (!iterable_is_simple(iterables[i])) {
            return false;
        }
    }
    return true;
}

static Value zip_new(PyTypeObject *type, const Value *args, size_t nargs, PyObject *kwnames)
{
    int strict = 0;
    Py_ssize_t keywords = kwnames != NULL ? tuple_length(kwnames) : 0;
    if (keywords > 1) {
        return error_raise(PyExc_TypeError, "zip() takes at most 1 keyword argument (%zd given)",
                           keywords);
    }
    if (keywords == 1) {
        if (!str_equal_text(tuple_object(kwnames, 0), "strict")) {
            return error_raise(PyExc_TypeError, "'%U' is an invalid keyword argument for zip()",
                               tuple_object(kwnames, 0));
        }
        strict = object_truth(args[nargs]);
        if (strict < 0) {
            return VALUE_NULL;
        }
    }
    bool whole = all_simple(args, nargs);
    PyObject *iterators = make_iterators(args, nargs, whole);
    if (iterators == NULL) {
        return VALUE_NULL;
    }
    Value z = make(type, iterators, VALUE_NULL, VALUE_NULL);
    if (!value_is_null(z)) {
        cast(z)->strict = strict;
        cast(z)->whole = whole;
    }
    return z;
}

static Value zip_mismatch(Py_ssize_t index, const char *what)
{
    return error_raise(PyExc_ValueError, "zip() argument %zd is %s than argument%s%zd", index + 1,
                       what, index == 1 ? " " : "s 1-", index);
}

/* The i-th iterator has ended; in strict mode, that must be the first, and all others too. */
static Value zip_end(struct zip *z, Py_ssize_t i)
{
    if (!z->strict) {
        return VALUE_ABSENT;
    }
    if (i > 0) {
        return zip_mismatch(i, "shorter");
    }
    for (Py_ssize_t k = 1; k < tuple_length(z->iterators); k++) {
        Value item = object_next(tuple_get(z->iterators, k));
        if (value_is_null(item)) {
            return item;
        }
        if (!value_is_absent(item)) {
            return zip_mismatch(k, "longer");
        }
    }
    return VALUE_ABSENT;
}

/* The items of a step, up to the first iterator that gives none: its number, or `count`. */
static Py_ssize_t zip_step(struct zip *z, Value *items, Py_ssize_t count)
{
    Py_ssize_t i = 0;
    if (z->whole) {
        byte_lock(&z->lock);
    }
    for (; i < count; i++) {
        items[i] = iterator_next_item(tuple_get(z->iterators, i));
        if (!value_is_present(items[i])) {
            break;
        }
    }
    if (z->whole) {
        byte_unlock(&z->lock);
    }
    return i;
}

enum { ZIP_FEW = 8 };

static Value zip_next(Value self)
{
    struct zip *z = cast(self);
    Py_ssize_t count = tuple_length(z->iterators);
    if (count == 0) {
        return VALUE_ABSENT;
    }
    Value few[ZIP_FEW];
    Value *items = count <= ZIP_FEW ? few : heap_alloc((size_t)count * sizeof *items, CELL_SCRATCH);
    if (items == NULL) {
        return error_no_memory();
    }
    Py_ssize_t got = zip_step(z, items, count);
    if (got < count) {
        return value_is_null(items[got]) ? VALUE_NULL : zip_end(z, got);
    }
    return value_from_object(tuple_from_array(items, (size_t)count));
}

int zip_next_pair(Value iterator, Value pair[2])
{
    struct zip *z = cast(iterator);
    if (tuple_length(z->iterators) != 2) {
        return 2;
    }
    Py_ssize_t got = zip_step(z, pair, 2);
    if (got < 2) {
        return value_is_null(pair[got]) || value_is_null(zip_end(z, got)) ? -1 : 0;
    }
    return 1;
}

/* Whoever gets the iterators steps them without the lock. */
static void share_iterators(struct zip *z)
{
    byte_lock(&z->lock);
    for (Py_ssize_t i = 0; i < tuple_length(z->iterators); i++) {
        object_iter_share(tuple_get(z->iterators, i));
    }
    byte_unlock(&z->lock);
}

static Value zip_reduce(Value self)
{
    struct zip *z = cast(self);
    if (z->whole) {
        share_iterators(z);
    }
    Value parts[3] = {value_from_object(value_type(self)), value_from_object(z->iterators),
                      VALUE_TRUE};
    return value_from_object(tuple_from_array(parts, z->strict ? 3 : 2));
}

static Value zip_setstate(Value self, Value state)
{
    int strict = object_truth(state);
    if (strict < 0) {
        return VALUE_NULL;
    }
    cast(self)->strict = strict;
    return VALUE_NONE;
}

static const struct native_def zip_methods[] = {
    {"__reduce__", "($self, /)", "How to make the object again, for pickling and copying.",
     .f0 = zip_reduce},
    {"__setstate__", "($self, state, /)", "Sets the state that __reduce__ gave.",
     .f1 = zip_setstate},
    {NULL},
};

static struct type_info zip_info = {
    .ops = {.new_ = zip_new, .iter = iterator_self, .next = zip_next},
    .trace = zip_trace,
    .methods = zip_methods,
};

PyTypeObject PyZip_Type = {
    STATIC_TYPE_HEAD,
    .tp_name = "zip",
    .tp_doc =
        "zip(*iterables, strict=False): tuples of the items side by side, up to the shortest.",
    .tp_basicsize = sizeof(struct zip),
    .tp_flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_BASETYPE | Py_TPFLAGS_HAVE_GC,
    .tp_cache = (PyObject *)&zip_info,
};

/* ---- map. */

static Value map_new(PyTypeObject *type, const Value *args, size_t nargs, PyObject *kwnames)
{
    if (type_ops(type)->init == type_ops(&PyMap_Type)->init &&
        native_no_keywords("map", kwnames) < 0) {
        return VALUE_NULL;
    }
    if (nargs < 2) {
        return error_raise(PyExc_TypeError, "map() must have at least two arguments.");
    }
    PyObject *iterators = make_iterators(args + 1, nargs - 1, false);
    return iterators != NULL ? make(type, iterators, args[0], VALUE_NULL) : VALUE_NULL;
}

enum { MAP_STACK_ARGUMENTS = 5 };

static Value map_next(Value self)
{
    struct zip *z = cast(self);
    Py_ssize_t count = tuple_length(z->iterators);
    Value few[MAP_STACK_ARGUMENTS + 1];
    Value *args = few;
    if (count > MAP_STACK_ARGUMENTS) {
        args = heap_alloc((size_t)(count + 1) * sizeof(Value), CELL_WORDS);
        if (args == NULL) {
            return error_no_memory();
        }
    }
    for (Py_ssize_t i = 0; i < count; i++) {
        Value item = object_next(tuple_get(z->iterators, i));
        if (!value_is_present(item)) {
            return item;
        }
        args[i + 1] = item;
    }
    return object_call(z->function, args + 1, (size_t)count | CALL_PREPEND, NULL);
}

static Value map_reduce(Value self)
{
    struct zip *z = cast(self);
    Py_ssize_t count = tuple_length(z->iterators);
    PyObject *arguments = tuple_new(count + 1);
    if (arguments == NULL || tuple_init_item(arguments, 0, z->function) < 0) {
        return VALUE_NULL;
    }
    for (Py_ssize_t i = 0; i < count; i++) {
        tuple_init_item(arguments, i + 1, tuple_get(z->iterators, i));
    }
    return value_from_object(tuple_pack(2, (PyObject *)value_type(self), arguments));
}

static const struct native_def map_methods[] = {
    {"__reduce__", "($self, /)", "How to make the object again, for pickling and copying.",
     .f0 = map_reduce},
    {NULL},
};

static struct type_info map_info = {
    .ops = {.new_ = map_new, .iter = iterator_self, .next = map_next},
    .trace = zip_trace,
    .methods = map_methods,
};

PyTypeObject PyMap_Type = {
    STATIC_TYPE_HEAD,
    .tp_name = "map",
    .tp_doc = "map(function, *iterables): the results of function for the items side by side.",
    .tp_basicsize = sizeof(struct zip),
    .tp_flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_BASETYPE | Py_TPFLAGS_HAVE_GC,
    .tp_cache = (PyObject *)&map_info,
};

/* ---- filter. */

static Value filter_new(PyTypeObject *type, const Value *args, size_t nargs, PyObject *kwnames)
{
    if ((type_ops(type)->init == type_ops(&PyFilter_Type)->init &&
         native_no_keywords("filter", kwnames) < 0) ||
        native_check_positional("filter", nargs, 2, 2) < 0) {
        return VALUE_NULL;
    }
    Value iterator = object_iter(args[1]);
    return value_is_null(iterator) ? VALUE_NULL : make(type, NULL, args[0], iterator);
}

static Value filter_next(Value self)
{
    struct zip *z = cast(self);
    bool itself =
        value_is_none(z->function) || value_same_bits(z->function, value_from_object(&PyBool_Type));
    for (;;) {
        Value item = object_next(z->iterator);
        if (!value_is_present(item)) {
            return item;
        }
        Value verdict = itself ? item : object_call1(z->function, item);
        int truth = value_is_null(verdict) ? -1 : object_truth(verdict);
        if (truth != 0) {
            return truth > 0 ? item : VALUE_NULL;
        }
    }
}

static Value filter_reduce(Value self)
{
    struct zip *z = cast(self);
    Value arguments[2] = {z->function, z->iterator};
    PyObject *t = tuple_from_array(arguments, 2);
    return t != NULL ? value_from_object(tuple_pack(2, (PyObject *)value_type(self), t))
                     : VALUE_NULL;
}

static const struct native_def filter_methods[] = {
    {"__reduce__", "($self, /)", "How to make the object again, for pickling and copying.",
     .f0 = filter_reduce},
    {NULL},
};

static struct type_info filter_info = {
    .ops = {.new_ = filter_new, .iter = iterator_self, .next = filter_next},
    .trace = zip_trace,
    .methods = filter_methods,
};

PyTypeObject PyFilter_Type = {
    STATIC_TYPE_HEAD,
    .tp_name = "filter",
    .tp_doc = "filter(function, iterable): the items for which function, or bool, is true.",
    .tp_basicsize = sizeof(struct zip),
    .tp_flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_BASETYPE | Py_TPFLAGS_HAVE_GC,
    .tp_cache = (PyObject *)&filter_info,
};
