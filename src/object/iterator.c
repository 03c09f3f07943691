/* SPDX-License-Identifier: MIT */
/* Iterators over __getitem__ and over a callable with a sentinel, and what all built-in iterators
 * share. */
#include "object/iterator.h"

#include "object/dict.h"
#include "object/function.h"
#include "object/int.h"
#include "object/list.h"
#include "object/native.h"
#include "object/str.h"

PyObject *object_builtins;

PyObject *sequence_iterator_new_of(PyTypeObject *type, PyObject *sequence, Py_ssize_t index)
{
    struct sequence_iterator *it = (struct sequence_iterator *)object_alloc_kind(
        type, sizeof(struct sequence_iterator), CELL_OBJECT);
    if (it != NULL) {
        it->sequence = sequence; /* plain: the cell is fresh */
        it->index = index;
    }
    return (PyObject *)it;
}

PyObject *sequence_iterator_new(Value sequence)
{
    PyObject *o = value_box(sequence);
    return o != NULL ? sequence_iterator_new_of(&PySeqIter_Type, o, 0) : NULL;
}

bool object_has_index(Value key)
{
    return value_is_int(key) || value_ops(key)->index != NULL;
}

int subscript_index(Value key, Py_ssize_t *out)
{
    Value index = object_index(key);
    int64_t wide;
    if (value_is_null(index)) {
        return -1;
    }
    if (int_clip_i64(index, &wide) != 0) {
        return error_raise_int(PyExc_IndexError, "cannot fit '%T' into an index-sized integer",
                               key);
    }
    *out = (Py_ssize_t)wide;
    return 0;
}

int arg_slice_index(Value v, Py_ssize_t *out)
{
    if (!object_has_index(v)) {
        return error_raise_int(PyExc_TypeError,
                               "slice indices must be integers or have an __index__ method");
    }
    return arg_index_clip(v, out);
}

Value builtin_function(const char *name)
{
    PyObject *interned = str_intern_text(name);
    if (interned == NULL) {
        return VALUE_NULL;
    }
    Value function =
        object_builtins != NULL ? dict_get_str(object_builtins, interned) : VALUE_ABSENT;
    return value_is_absent(function)
               ? error_raise_value(PyExc_AttributeError, value_from_object(interned))
               : function;
}

Value iterator_reduce(const char *name, Value argument, Value state)
{
    Value function = builtin_function(name);
    if (value_is_null(function) || value_is_null(argument)) {
        return VALUE_NULL;
    }
    PyObject *arguments = tuple_from_array(&argument, 1);
    if (arguments == NULL) {
        return VALUE_NULL;
    }
    Value parts[3] = {function, value_from_object(arguments), state};
    return value_from_object(tuple_from_array(parts, value_is_absent(state) ? 2 : 3));
}

/* ---- Iterators over __getitem__. */

static void sequence_trace(PyObject *self, struct tracer *tracer)
{
    trace_pointer(tracer, ((struct sequence_iterator *)self)->sequence);
}

static Value iterator_self(Value self)
{
    return self;
}

static Value sequence_next(Value self)
{
    struct sequence_iterator *it = (struct sequence_iterator *)value_object(self);
    PyObject *sequence = atomic_load_acquire(&it->sequence);
    if (sequence == NULL) {
        return VALUE_ABSENT;
    }
    Py_ssize_t index = atomic_load_relaxed(&it->index);
    if (index == PY_SSIZE_T_MAX) {
        return error_raise(PyExc_OverflowError, "iter index too large");
    }
    Value item = object_getitem(value_from_object(sequence), int_from_ssize(index));
    if (!value_is_null(item)) {
        atomic_store_relaxed(&it->index, index + 1);
        return item;
    }
    if (error_matches(PyExc_IndexError) || error_matches(PyExc_StopIteration)) {
        error_clear();
        heap_store(it, &it->sequence, NULL);
        return VALUE_ABSENT;
    }
    return VALUE_NULL;
}

Py_ssize_t iterator_count_left(Value iterator)
{
    enum { MOST = 1 << 16 };
    PyTypeObject *type = value_type(iterator);
    int64_t left = 0;
    if (type == &PyRangeIter_Type) {
        left = atomic_load_relaxed(
            &((struct range_iterator *)(void *)value_object(iterator))->remaining);
    } else if (type == &PyListIter_Type || type == &PyTupleIter_Type) {
        struct sequence_iterator *it = (struct sequence_iterator *)value_object(iterator);
        PyObject *sequence = atomic_load_acquire(&it->sequence);
        left = sequence == NULL           ? 0
               : type == &PyListIter_Type ? list_length(sequence)
                                          : tuple_length(sequence);
        left -= atomic_load_relaxed(&it->index);
    }
    return left < 0 ? 0 : left < MOST ? (Py_ssize_t)left : MOST;
}

static Value sequence_hint(Value self)
{
    struct sequence_iterator *it = (struct sequence_iterator *)value_object(self);
    PyObject *sequence = atomic_load_acquire(&it->sequence);
    if (sequence == NULL) {
        return value_from_int(0);
    }
    if (value_ops(value_from_object(sequence))->len == NULL) {
        return VALUE_NOT_IMPLEMENTED;
    }
    Py_ssize_t length = object_length(value_from_object(sequence));
    if (length < 0) {
        return VALUE_NULL;
    }
    return int_from_ssize(length > it->index ? length - it->index : 0);
}

static Value sequence_reduce(Value self)
{
    struct sequence_iterator *it = (struct sequence_iterator *)value_object(self);
    PyObject *sequence = atomic_load_acquire(&it->sequence);
    if (sequence == NULL) {
        return iterator_reduce("iter", value_from_object(tuple_new(0)), VALUE_ABSENT);
    }
    return iterator_reduce("iter", value_from_object(sequence), int_from_ssize(it->index));
}

static Value sequence_setstate(Value self, Value state)
{
    struct sequence_iterator *it = (struct sequence_iterator *)value_object(self);
    Py_ssize_t index;
    if (arg_index(state, &index) < 0) {
        return VALUE_NULL;
    }
    if (atomic_load_acquire(&it->sequence) != NULL) {
        atomic_store_relaxed(&it->index, index < 0 ? 0 : index);
    }
    return VALUE_NONE;
}

static const struct native_def sequence_methods[] = {
    {"__length_hint__", "($self, /)", "About how many items are left.", .f0 = sequence_hint},
    {"__reduce__", "($self, /)", "How to make the object again, for pickling and copying.",
     .f0 = sequence_reduce},
    {"__setstate__", "($self, state, /)", "Sets the state that __reduce__ gave.",
     .f1 = sequence_setstate},
    {NULL},
};

static struct type_info sequence_iterator_info = {
    .ops = {.iter = iterator_self, .next = sequence_next},
    .trace = sequence_trace,
    .methods = sequence_methods,
    .flags = TYPE_NO_NEW,
};

PyTypeObject PySeqIter_Type = {
    STATIC_TYPE_HEAD,
    .tp_name = "iterator",
    .tp_basicsize = sizeof(struct sequence_iterator),
    .tp_flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_HAVE_GC,
    .tp_cache = (PyObject *)&sequence_iterator_info,
};

/* ---- iter(callable, sentinel). */

struct callable_iterator {
    PyObject_HEAD Value callable; /* VALUE_NULL: exhausted */
    Value sentinel;
};

static void callable_trace(PyObject *self, struct tracer *tracer)
{
    struct callable_iterator *it = (struct callable_iterator *)self;
    trace_value(tracer, it->callable);
    trace_value(tracer, it->sentinel);
}

PyObject *callable_iterator_new(Value callable, Value sentinel)
{
    struct callable_iterator *it = (struct callable_iterator *)object_alloc_bytes(
        &PyCallIter_Type, sizeof(struct callable_iterator));
    if (it != NULL) {
        heap_init_value(it, &it->callable, callable);
        heap_init_value(it, &it->sentinel, sentinel);
    }
    return (PyObject *)it;
}

static void callable_finish(struct callable_iterator *it)
{
    heap_store_value(it, &it->callable, VALUE_NULL);
    heap_store_value(it, &it->sentinel, VALUE_NULL);
}

static Value callable_next(Value self)
{
    struct callable_iterator *it = (struct callable_iterator *)value_object(self);
    Value callable = value_load_acquire(&it->callable);
    if (value_is_null(callable)) {
        return VALUE_ABSENT;
    }
    Value result = object_call0(callable);
    if (value_is_null(result)) {
        if (error_matches(PyExc_StopIteration)) {
            error_clear();
            callable_finish(it);
            return VALUE_ABSENT;
        }
        return VALUE_NULL;
    }
    Value sentinel = value_load_acquire(&it->sentinel);
    if (value_is_null(sentinel)) {
        return VALUE_ABSENT;
    }
    int equal = object_equal(sentinel, result);
    if (equal == 0) {
        return result;
    }
    if (equal > 0) {
        callable_finish(it);
        return VALUE_ABSENT;
    }
    return VALUE_NULL;
}

static Value callable_reduce(Value self)
{
    struct callable_iterator *it = (struct callable_iterator *)value_object(self);
    Value callable = value_load_acquire(&it->callable);
    Value sentinel = value_load_acquire(&it->sentinel);
    if (value_is_null(callable) || value_is_null(sentinel)) {
        return iterator_reduce("iter", value_from_object(tuple_new(0)), VALUE_ABSENT);
    }
    Value function = builtin_function("iter");
    Value pair[2] = {callable, sentinel};
    PyObject *arguments = value_is_null(function) ? NULL : tuple_from_array(pair, 2);
    if (arguments == NULL) {
        return VALUE_NULL;
    }
    Value parts[2] = {function, value_from_object(arguments)};
    return value_from_object(tuple_from_array(parts, 2));
}

static const struct native_def callable_methods[] = {
    {"__reduce__", "($self, /)", "How to make the object again, for pickling and copying.",
     .f0 = callable_reduce},
    {NULL},
};

static struct type_info callable_iterator_info = {
    .ops = {.iter = iterator_self, .next = callable_next},
    .trace = callable_trace,
    .methods = callable_methods,
    .flags = TYPE_NO_NEW,
};

PyTypeObject PyCallIter_Type = {
    STATIC_TYPE_HEAD,
    .tp_name = "callable_iterator",
    .tp_basicsize = sizeof(struct callable_iterator),
    .tp_flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_HAVE_GC,
    .tp_cache = (PyObject *)&callable_iterator_info,
};
