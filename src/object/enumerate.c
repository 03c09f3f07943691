/* SPDX-License-Identifier: MIT */
/* enumerate and reversed. */
#include "object/function.h"
#include "object/int.h"
#include "object/iterator.h"
#include "object/list.h"
#include "object/native.h"

/* ---- enumerate. */

struct enumerate {
    PyObject_HEAD Value index; /* of the next item: an int; atomic */
    Value iterator;            /* constant */
    bool whole;                /* constant: a step of both is one step; the iterator is owned until
                                * __reduce__ */
    uint8_t lock;              /* a byte lock, around that step */
};

static void enumerate_trace(PyObject *self, struct tracer *tracer)
{
    struct enumerate *e = (struct enumerate *)self;
    trace_value(tracer, e->index);
    trace_value(tracer, e->iterator);
}

static Value enumerate_new(PyTypeObject *type, const Value *args, size_t nargs, PyObject *kwnames)
{
    static const struct native_signature *signature;
    Value bound[2];
    if (native_bind("enumerate", "(iterable, start=0)", &signature, args, nargs, kwnames, bound) <
        0) {
        return VALUE_NULL;
    }
    Value start = value_is_absent(bound[1]) ? value_from_int(0) : object_index(bound[1]);
    bool whole = iterable_is_simple(bound[0]);
    Value iterator = value_is_null(start) ? VALUE_NULL
                     : whole              ? object_iter_owned(bound[0])
                                          : object_iter(bound[0]);
    struct enumerate *e = NULL;
    if (!value_is_null(iterator)) {
        e = (struct enumerate *)object_alloc(type, 0);
    }
    if (e != NULL) {
        heap_fill_value(e, &e->index, start);
        heap_fill_value(e, &e->iterator, iterator);
        e->whole = whole;
    }
    return value_from_object(e);
}

static int next_pair(struct enumerate *e, Value pair[2])
{
    pair[1] = iterator_next_item(e->iterator);
    if (!value_is_present(pair[1])) {
        return value_is_null(pair[1]) ? -1 : 0;
    }
    Value index = value_load_acquire(&e->index), after;
    if (LIKELY(value_is_int(index) && value_int(index) < VALUE_INT_MAX)) {
        after = value_from_int(value_int(index) + 1);
    } else {
        after = int_binary(index, value_from_int(1), OP_ADD);
        if (value_is_null(after)) {
            return -1;
        }
    }
    heap_store_value(e, &e->index, after);
    pair[0] = index;
    return 1;
}

int enumerate_next_pair(Value iterator, Value pair[2])
{
    struct enumerate *e = (struct enumerate *)value_object(iterator);
    if (!e->whole) {
        return next_pair(e, pair); /* it may run Python code */
    }
    byte_lock(&e->lock);
    int got = next_pair(e, pair);
    byte_unlock(&e->lock);
    return got;
}

static Value enumerate_next(Value self)
{
    Value pair[2];
    int got = enumerate_next_pair(self, pair);
    return got > 0   ? value_from_object(tuple_from_array(pair, 2))
           : got < 0 ? VALUE_NULL
                     : VALUE_ABSENT;
}

static Value iterator_self(Value self)
{
    return self;
}

static Value type_and_arguments(Value self, Value a, Value b)
{
    Value arguments[2] = {a, b};
    PyObject *t = tuple_from_array(arguments, 2);
    return t != NULL ? value_from_object(tuple_pack(2, (PyObject *)value_type(self), t))
                     : VALUE_NULL;
}

static Value enumerate_reduce(Value self)
{
    struct enumerate *e = (struct enumerate *)value_object(self);
    if (e->whole) { /* whoever gets the iterator steps it without the lock */
        byte_lock(&e->lock);
        object_iter_share(e->iterator);
        byte_unlock(&e->lock);
    }
    return type_and_arguments(self, e->iterator, value_load_acquire(&e->index));
}

static Value class_getitem(Value self, Value item)
{
    return value_from_object(generic_alias_new(self, item));
}

static const struct native_def enumerate_methods[] = {
    {"__reduce__", "($self, /)", "How to make the object again, for pickling and copying.",
     .f0 = enumerate_reduce},
    {"__class_getitem__", "($type, item, /)", "See PEP 585", NATIVE_CLASS, .f1 = class_getitem},
    {NULL},
};

static struct type_info enumerate_info = {
    .ops = {.new_ = enumerate_new, .iter = iterator_self, .next = enumerate_next},
    .trace = enumerate_trace,
    .methods = enumerate_methods,
};

PyTypeObject PyEnum_Type = {
    STATIC_TYPE_HEAD,
    .tp_name = "enumerate",
    .tp_doc = "enumerate(iterable, start=0)\n--\n\nPairs of a running count and an item.",
    .tp_basicsize = sizeof(struct enumerate),
    .tp_flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_BASETYPE | Py_TPFLAGS_HAVE_GC,
    .tp_cache = (PyObject *)&enumerate_info,
};

/* ---- reversed. */

struct reversed {
    PyObject_HEAD Value sequence; /* VALUE_NULL: exhausted; atomic */
    Py_ssize_t index;             /* of the next item; -1 at the end */
};

static void reversed_trace(PyObject *self, struct tracer *tracer)
{
    trace_value(tracer, ((struct reversed *)self)->sequence);
}

static Value reversed_new(PyTypeObject *type, const Value *args, size_t nargs, PyObject *kwnames)
{
    Value method;
    if ((type == &PyReversed_Type && native_no_keywords("reversed", kwnames) < 0) ||
        native_check_positional("reversed", nargs, 1, 1) < 0) {
        return VALUE_NULL;
    }
    int found = object_find_special(args[0], names.__reversed__, &method);
    if (found < 0) {
        return VALUE_NULL;
    }
    if (found && !value_is_none(method)) {
        return object_call0(method);
    }
    if (found || !object_is_sequence(args[0])) {
        return error_raise(PyExc_TypeError, "'%T' object is not reversible", args[0]);
    }
    Py_ssize_t length = object_length(args[0]);
    struct reversed *r = length < 0 ? NULL : (struct reversed *)object_alloc(type, 0);
    if (r != NULL) {
        heap_init_value(r, &r->sequence, args[0]);
        r->index = length - 1;
    }
    return value_from_object(r);
}

static Value reversed_next(Value self)
{
    struct reversed *r = (struct reversed *)value_object(self);
    Value sequence = value_load_acquire(&r->sequence);
    Py_ssize_t index = atomic_load_relaxed(&r->index);
    if (value_is_null(sequence)) {
        return VALUE_ABSENT;
    }
    if (index >= 0) {
        Value item = object_getitem(sequence, int_from_ssize(index));
        if (!value_is_null(item)) {
            if (!cursor_move((uint64_t *)(void *)&r->index, (uint64_t)index, (uint64_t)index - 1,
                             false)) {
                return reversed_next(self); /* another thread has that item */
            }
            return item;
        }
        if (!error_matches(PyExc_IndexError) && !error_matches(PyExc_StopIteration)) {
            return VALUE_NULL;
        }
        error_clear();
    }
    atomic_store_relaxed(&r->index, -1);
    heap_store_value(r, &r->sequence, VALUE_NULL);
    return VALUE_ABSENT;
}

static Value reversed_hint(Value self)
{
    struct reversed *r = (struct reversed *)value_object(self);
    Value sequence = value_load_acquire(&r->sequence);
    if (value_is_null(sequence)) {
        return value_from_int(0);
    }
    Py_ssize_t length = object_length(sequence), left = r->index + 1;
    return length < 0 ? VALUE_NULL : int_from_ssize(length < left ? 0 : left);
}

static Value reversed_reduce(Value self)
{
    struct reversed *r = (struct reversed *)value_object(self);
    Value sequence = value_load_acquire(&r->sequence);
    Value type = value_from_object(value_type(self));
    bool done = value_is_null(sequence);
    Value argument = done ? value_from_object(tuple_new(0)) : sequence;
    PyObject *arguments = tuple_from_array(&argument, 1);
    if (arguments == NULL) {
        return VALUE_NULL;
    }
    Value parts[3] = {type, value_from_object(arguments), int_from_ssize(r->index)};
    return value_from_object(tuple_from_array(parts, done ? 2 : 3));
}

static Value reversed_setstate(Value self, Value state)
{
    struct reversed *r = (struct reversed *)value_object(self);
    Value sequence = value_load_acquire(&r->sequence);
    Py_ssize_t index;
    if (arg_index(state, &index) < 0) {
        return VALUE_NULL;
    }
    if (!value_is_null(sequence)) {
        Py_ssize_t length = object_length(sequence);
        if (length < 0) {
            return VALUE_NULL;
        }
        atomic_store_relaxed(&r->index, index < -1 ? -1 : index > length - 1 ? length - 1 : index);
    }
    return VALUE_NONE;
}

static const struct native_def reversed_methods[] = {
    {"__length_hint__", "($self, /)", "About how many items are left.", .f0 = reversed_hint},
    {"__reduce__", "($self, /)", "How to make the object again, for pickling and copying.",
     .f0 = reversed_reduce},
    {"__setstate__", "($self, state, /)", "Sets the state that __reduce__ gave.",
     .f1 = reversed_setstate},
    {NULL},
};

static struct type_info reversed_info = {
    .ops = {.new_ = reversed_new, .iter = iterator_self, .next = reversed_next},
    .trace = reversed_trace,
    .methods = reversed_methods,
};

PyTypeObject PyReversed_Type = {
    STATIC_TYPE_HEAD,
    .tp_name = "reversed",
    .tp_doc = "reversed(sequence, /)\n--\n\nAn iterator over the items in reverse order.",
    .tp_basicsize = sizeof(struct reversed),
    .tp_flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_BASETYPE | Py_TPFLAGS_HAVE_GC,
    .tp_cache = (PyObject *)&reversed_info,
};
