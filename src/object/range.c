/* SPDX-License-Identifier: MIT */
/* Ranges: immutable; ints of any size. Almost all have inline ints only, which is the fast path of
 * everything here. */
#include <Python.h>
#include <structmember.h>

#include "object/function.h"
#include "object/int.h"
#include "object/iterator.h"
#include "object/list.h"
#include "object/native.h"
#include "object/str.h"

struct range {
    PyObject_HEAD Value start, stop, step, length; /* exact ints; constant */
};

struct long_range_iterator {
    PyObject_HEAD Value start, step, length; /* constant */
    Value index;                             /* of the next item, a cursor; atomic */
    uint8_t lock;                            /* a byte lock, around moving it */
};

static struct range *cast(Value v)
{
    return (struct range *)value_object(v);
}

static Value add(Value a, Value b)
{
    return value_is_null(b) ? b : int_binary(a, b, OP_ADD);
}
static Value subtract(Value a, Value b)
{
    return int_binary(a, b, OP_SUB);
}
static Value multiply(Value a, Value b)
{
    return int_binary(a, b, OP_MUL);
}

static Value range_length(Value start, Value stop, Value step)
{
    if (value_both_int(start, stop) && value_is_int(step)) {
        int64_t s = value_int(step), distance = value_int(stop) - value_int(start);
        if (s < 0) {
            s = -s;
            distance = -distance;
        }
        return int_from_i64(distance > 0 ? (distance - 1) / s + 1 : 0);
    }
    Value low = start, high = stop;
    if (int_sign(step) < 0) {
        low = stop;
        high = start;
        step = int_binary(value_from_int(0), step, OP_SUB);
        if (value_is_null(step)) {
            return step;
        }
    }
    if (int_compare(low, high) >= 0) {
        return value_from_int(0);
    }
    Value distance = subtract(high, low);
    distance = value_is_null(distance) ? distance : subtract(distance, value_from_int(1));
    Value count = value_is_null(distance) ? distance : int_binary(distance, step, OP_FLOORDIV);
    return add(value_from_int(1), count);
}

static Value range_new(Value start, Value stop, Value step)
{
    Value length = range_length(start, stop, step);
    struct range *r = NULL;
    if (!value_is_null(length)) {
        r = (struct range *)object_alloc_kind(&PyRange_Type, sizeof *r, CELL_OBJECT);
    }
    if (r != NULL) {
        heap_fill_value(r, &r->start, start);
        heap_fill_value(r, &r->stop, stop);
        heap_fill_value(r, &r->step, step);
        heap_fill_value(r, &r->length, length);
    }
    return value_from_object(r);
}

/* An exact int, inline if it fits. */
static Value exact_index(Value v)
{
    v = value_is_int(v) ? v : object_index(v);
    if (value_is_null(v) || value_is_int(v)) {
        return v;
    }
    return int_binary(v, value_from_int(0), OP_ADD);
}

static Value range_op_new(PyTypeObject *type, const Value *args, size_t nargs, PyObject *kwnames)
{
    if (native_no_keywords("range", kwnames) < 0 ||
        native_check_positional("range", nargs, 1, 3) < 0) {
        return VALUE_NULL;
    }
    Value start = nargs > 1 ? exact_index(args[0]) : value_from_int(0);
    Value stop = value_is_null(start) ? start : exact_index(args[nargs > 1]);
    Value step = value_from_int(1);
    if (nargs > 2 && !value_is_null(stop)) {
        step = exact_index(args[2]);
        if (!value_is_null(step) && int_sign(step) == 0) {
            return error_raise(PyExc_ValueError, "range() arg 3 must not be zero");
        }
    }
    if (value_is_null(stop) || value_is_null(step)) {
        return VALUE_NULL;
    }
    return range_new(start, stop, step);
}

/* start + index * step; no overflow inline, because the result lies in the range. */
static Value range_item(Value start, Value step, Value index)
{
    if (value_both_int(start, step) && value_is_int(index)) {
        int64_t product;
        if (!__builtin_mul_overflow(value_int(step), value_int(index), &product) &&
            !__builtin_add_overflow(value_int(start), product, &product)) {
            return int_from_i64(product);
        }
    }
    Value product = multiply(index, step);
    return add(start, product);
}

static Value range_op_getitem(Value self, Value key)
{
    struct range *r = cast(self);
    if (slice_check(key)) {
        Value parts[3];
        if (slice_big_indices(value_object(key), r->length, parts) < 0) {
            return VALUE_NULL;
        }
        Value step = multiply(r->step, parts[2]);
        Value start = range_item(r->start, r->step, parts[0]);
        Value stop = range_item(r->start, r->step, parts[1]);
        if (value_is_null(step) || value_is_null(start) || value_is_null(stop)) {
            return VALUE_NULL;
        }
        return range_new(start, stop, step);
    }
    if (!object_has_index(key)) {
        return error_raise(PyExc_TypeError, "range indices must be integers or slices, not %T",
                           key);
    }
    Value index = exact_index(key);
    if (!value_is_null(index) && int_sign(index) < 0) {
        index = add(index, r->length);
    }
    if (value_is_null(index)) {
        return VALUE_NULL;
    }
    if (int_sign(index) < 0 || int_compare(index, r->length) >= 0) {
        return error_raise(PyExc_IndexError, "range object index out of range");
    }
    return range_item(r->start, r->step, index);
}

static Value range_op_item(Value self, Py_ssize_t index)
{
    struct range *r = cast(self);
    Value i = int_from_ssize(index);
    if (index < 0 || int_compare(i, r->length) >= 0) {
        return error_raise(PyExc_IndexError, "range object index out of range");
    }
    return range_item(r->start, r->step, i);
}

static Py_ssize_t range_op_len(Value self)
{
    int64_t length;
    if (int_clip_i64(cast(self)->length, &length) != 0) {
        return error_raise_int(PyExc_OverflowError, "Python int too large to convert to C ssize_t");
    }
    return (Py_ssize_t)length;
}

static bool is_plain_int(Value v)
{
    return int_check_exact(v) || v.bits == VALUE_TRUE.bits || v.bits == VALUE_FALSE.bits;
}

/* The index of an exact int (or bool): 1 and *index, 0 if it is not in the range, -1. */
static int find_int(struct range *r, Value v, Value *index)
{
    if (!value_is_int(v)) {
        v = exact_index(v);
    }
    int sign = int_sign(r->step);
    bool inside = sign > 0 ? int_compare(v, r->start) >= 0 && int_compare(v, r->stop) < 0
                           : int_compare(v, r->start) <= 0 && int_compare(v, r->stop) > 0;
    if (!inside) {
        return 0;
    }
    Value distance = subtract(v, r->start);
    Value rest = value_is_null(distance) ? distance : int_binary(distance, r->step, OP_MOD);
    if (value_is_null(rest)) {
        return -1;
    }
    if (int_sign(rest) != 0) {
        return 0;
    }
    *index = int_binary(distance, r->step, OP_FLOORDIV);
    return value_is_null(*index) ? -1 : 1;
}

/* Goes through the range comparing: how many items equal v; at most `limit`. *index: of the last.
 */
static Py_ssize_t search(Value self, Value v, Py_ssize_t limit, Py_ssize_t *index)
{
    Value iterator = object_iter(self);
    Py_ssize_t found = 0;
    for (Py_ssize_t i = 0; found < limit; i++) {
        Value item = value_is_null(iterator) ? VALUE_NULL : object_next(iterator);
        if (!value_is_present(item)) {
            return value_is_null(item) ? -1 : found;
        }
        int equal = object_equal(item, v);
        if (equal < 0) {
            return -1;
        }
        if (equal) {
            found++;
            *index = i;
        }
    }
    return found;
}

static int range_op_contains(Value self, Value v)
{
    Value index;
    Py_ssize_t place;
    return is_plain_int(v) ? find_int(cast(self), v, &index) : (int)search(self, v, 1, &place);
}

static Value method_count(Value self, Value v)
{
    Value index;
    Py_ssize_t place;
    Py_ssize_t n =
        is_plain_int(v) ? find_int(cast(self), v, &index) : search(self, v, PY_SSIZE_T_MAX, &place);
    return n < 0 ? VALUE_NULL : int_from_ssize(n);
}

static Value method_index(Value self, Value v)
{
    Value index;
    Py_ssize_t place;
    if (is_plain_int(v)) {
        int found = find_int(cast(self), v, &index);
        return found > 0   ? index
               : found < 0 ? VALUE_NULL
                           : error_raise(PyExc_ValueError, "%R is not in range", v);
    }
    Py_ssize_t n = search(self, v, 1, &place);
    return n > 0   ? int_from_ssize(place)
           : n < 0 ? VALUE_NULL
                   : error_raise(PyExc_ValueError, "sequence.index(x): x not in sequence");
}

static Value range_op_repr(Value self)
{
    struct range *r = cast(self);
    if (value_same_bits(r->step, value_from_int(1))) {
        return value_from_object(str_format("range(%R, %R)", r->start, r->stop));
    }
    return value_from_object(str_format("range(%R, %R, %R)", r->start, r->stop, r->step));
}

static bool ranges_equal(struct range *a, struct range *b)
{
    if (a == b) {
        return true;
    }
    if (int_compare(a->length, b->length) != 0) {
        return false;
    }
    if (int_sign(a->length) == 0) {
        return true;
    }
    return int_compare(a->start, b->start) == 0 &&
           (value_same_bits(a->length, value_from_int(1)) || int_compare(a->step, b->step) == 0);
}

static Value range_op_richcompare(Value self, Value other, int op)
{
    if ((op != Py_EQ && op != Py_NE) || !value_is_object(other) ||
        value_object(other)->ob_type != &PyRange_Type) {
        return VALUE_NOT_IMPLEMENTED;
    }
    return value_from_bool(ranges_equal(cast(self), cast(other)) == (op == Py_EQ));
}

static Py_hash_t range_op_hash(Value self)
{
    struct range *r = cast(self);
    Value parts[3] = {r->length, VALUE_NONE, VALUE_NONE};
    if (int_sign(r->length) != 0) {
        parts[1] = r->start;
        if (!value_same_bits(r->length, value_from_int(1))) {
            parts[2] = r->step;
        }
    }
    PyObject *t = tuple_from_array(parts, 3);
    return t != NULL ? object_hash(value_from_object(t)) : -1;
}

static int range_op_bool(Value self)
{
    return int_sign(cast(self)->length) != 0;
}

static void range_trace(PyObject *self, struct tracer *tracer)
{
    struct range *r = (struct range *)self;
    trace_value(tracer, r->start);
    trace_value(tracer, r->stop);
    trace_value(tracer, r->step);
    trace_value(tracer, r->length);
}

static Value make_iterator(Value start, Value step, Value length)
{
    Value last = range_item(start, step, length);
    if (value_is_null(last)) {
        return last;
    }
    if (value_both_int(start, step) && value_both_int(length, last)) {
        struct range_iterator *it =
            (struct range_iterator *)object_alloc_bytes(&PyRangeIter_Type, sizeof *it);
        if (it != NULL) {
            it->step = value_int(step);
            it->end = value_int(start) + value_int(length) * it->step;
            it->remaining = it->length = value_int(length);
            it->owned_above = RANGE_ITERATOR_SHARED;
        }
        return value_from_object(it);
    }
    struct long_range_iterator *it =
        (struct long_range_iterator *)object_alloc_bytes(&PyLongRangeIter_Type, sizeof *it);
    if (it != NULL) {
        heap_init_value(it, &it->start, start);
        heap_init_value(it, &it->step, step);
        heap_init_value(it, &it->length, length);
        it->index = value_from_int(0);
    }
    return value_from_object(it);
}

static Value range_op_iter(Value self)
{
    struct range *r = cast(self);
    return make_iterator(r->start, r->step, r->length);
}

static Value method_reversed(Value self)
{
    struct range *r = cast(self);
    Value before_end = subtract(r->length, value_from_int(1));
    Value start =
        value_is_null(before_end) ? before_end : range_item(r->start, r->step, before_end);
    Value step = value_is_null(start) ? start : subtract(value_from_int(0), r->step);
    return value_is_null(step) ? step : make_iterator(start, step, r->length);
}

static Value method_reduce(Value self)
{
    struct range *r = cast(self);
    Value parts[3] = {r->start, r->stop, r->step};
    PyObject *arguments = tuple_from_array(parts, 3);
    return arguments != NULL
               ? value_from_object(tuple_pack(2, (PyObject *)&PyRange_Type, arguments))
               : VALUE_NULL;
}

static const struct native_def range_methods[] = {
    {"__reversed__", "($self, /)", "A reverse iterator.", .f0 = method_reversed},
    {"__reduce__", "($self, /)", "How to make the object again, for pickling and copying.",
     .f0 = method_reduce},
    {"count", "($self, value, /)", "How often value is in the range.", .f1 = method_count},
    {"index", "($self, value, /)",
     "Index of value.\n\nRaises ValueError if the value is not present.", .f1 = method_index},
    {NULL},
};

static const struct member_def range_members[] = {
    {"start", MEMBER_VALUE, offsetof(struct range, start), READONLY, NULL},
    {"stop", MEMBER_VALUE, offsetof(struct range, stop), READONLY, NULL},
    {"step", MEMBER_VALUE, offsetof(struct range, step), READONLY, NULL},
    {NULL},
};

static struct type_info range_info = {
    .ops = {.new_ = range_op_new,
            .repr = range_op_repr,
            .hash = range_op_hash,
            .richcompare = range_op_richcompare,
            .iter = range_op_iter,
            .len = range_op_len,
            .getitem = range_op_getitem,
            .contains = range_op_contains,
            .item = range_op_item,
            .bool_ = range_op_bool},
    .trace = range_trace,
    .methods = range_methods,
    .members = range_members,
};

PyTypeObject PyRange_Type = {
    STATIC_TYPE_HEAD,
    .tp_name = "range",
    .tp_doc = "range(stop), range(start, stop[, step]): integers from start up to, without, stop.",
    .tp_basicsize = sizeof(struct range),
    .tp_flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_SEQUENCE,
    .tp_cache = (PyObject *)&range_info,
};

/* ---- Iterators. */

static Value iterator_self(Value self)
{
    return self;
}

static Value range_iterator_next(Value self)
{
    struct range_iterator *it = (struct range_iterator *)value_object(self);
    int64_t remaining;
    do {
        remaining = atomic_load_relaxed(&it->remaining);
        if (UNLIKELY(remaining <= 0)) {
            return VALUE_ABSENT;
        }
    } while (UNLIKELY(!cursor_move((uint64_t *)(void *)&it->remaining, (uint64_t)remaining,
                                   (uint64_t)remaining - 1, it->owned_above == 0)));
    return value_from_int(range_iterator_value(it, remaining));
}

static Value range_iterator_hint(Value self)
{
    return int_from_i64(((struct range_iterator *)value_object(self))->remaining);
}

/* (iter, (range(...),), index) */
static Value reduce_to_range(Value start, Value step, Value length, Value index)
{
    Value stop = range_item(start, step, length);
    Value range = value_is_null(stop) ? stop : range_new(start, stop, step);
    return value_is_null(range) ? range : iterator_reduce("iter", range, index);
}

static Value range_iterator_reduce(Value self)
{
    struct range_iterator *it = (struct range_iterator *)value_object(self);
    int64_t index = it->length - atomic_load_relaxed(&it->remaining);
    return reduce_to_range(int_from_i64(range_iterator_value(it, it->length)),
                           int_from_i64(it->step), int_from_i64(it->length), int_from_i64(index));
}

static Value range_iterator_setstate(Value self, Value state)
{
    struct range_iterator *it = (struct range_iterator *)value_object(self);
    int64_t index;
    if (arg_i64(state, &index) < 0) {
        return VALUE_NULL;
    }
    index = index < 0 ? 0 : index > it->length ? it->length : index;
    atomic_store_relaxed(&it->remaining, it->length - index);
    return VALUE_NONE;
}

static const struct native_def range_iterator_methods[] = {
    {"__length_hint__", "($self, /)", "About how many items are left.", .f0 = range_iterator_hint},
    {"__reduce__", "($self, /)", "How to make the object again, for pickling and copying.",
     .f0 = range_iterator_reduce},
    {"__setstate__", "($self, state, /)", "Sets the state that __reduce__ gave.",
     .f1 = range_iterator_setstate},
    {NULL},
};

static struct type_info range_iterator_info = {
    .ops = {.iter = iterator_self, .next = range_iterator_next},
    .methods = range_iterator_methods,
    .flags = TYPE_NO_NEW | TYPE_LEAF,
};

PyTypeObject PyRangeIter_Type = {
    STATIC_TYPE_HEAD,
    .tp_name = "range_iterator",
    .tp_basicsize = sizeof(struct range_iterator),
    .tp_flags = Py_TPFLAGS_DEFAULT,
    .tp_cache = (PyObject *)&range_iterator_info,
};

/* As cursor_move. */
static bool long_move(struct long_range_iterator *it, Value seen, Value next)
{
    byte_lock(&it->lock);
    bool mine = value_same_bits(value_load_acquire(&it->index), seen);
    if (mine) {
        heap_store_value(it, &it->index, next);
    }
    byte_unlock(&it->lock);
    return mine;
}

static Value long_next(Value self)
{
    struct long_range_iterator *it = (struct long_range_iterator *)value_object(self);
    Value index, item, after;
    do {
        index = value_load_acquire(&it->index);
        if (int_compare(index, it->length) >= 0) {
            return VALUE_ABSENT;
        }
        item = range_item(it->start, it->step, index);
        after = value_is_null(item) ? item : add(index, value_from_int(1));
        if (value_is_null(after)) {
            return after;
        }
    } while (!long_move(it, index, after));
    return item;
}

static Value long_hint(Value self)
{
    struct long_range_iterator *it = (struct long_range_iterator *)value_object(self);
    return subtract(it->length, value_load_acquire(&it->index));
}

static Value long_reduce(Value self)
{
    struct long_range_iterator *it = (struct long_range_iterator *)value_object(self);
    return reduce_to_range(it->start, it->step, it->length, value_load_acquire(&it->index));
}

static Value long_setstate(Value self, Value state)
{
    struct long_range_iterator *it = (struct long_range_iterator *)value_object(self);
    if (!int_check(state)) {
        return error_raise(PyExc_TypeError, "state must be an int, not %T", state);
    }
    state = exact_index(state);
    if (value_is_null(state)) {
        return state;
    }
    state = int_sign(state) < 0                  ? value_from_int(0)
            : int_compare(state, it->length) > 0 ? it->length
                                                 : state;
    byte_lock(&it->lock);
    heap_store_value(it, &it->index, state);
    byte_unlock(&it->lock);
    return VALUE_NONE;
}

static void long_trace(PyObject *self, struct tracer *tracer)
{
    struct long_range_iterator *it = (struct long_range_iterator *)self;
    trace_value(tracer, it->start);
    trace_value(tracer, it->step);
    trace_value(tracer, it->length);
    trace_value(tracer, it->index);
}

static const struct native_def long_methods[] = {
    {"__length_hint__", "($self, /)", "About how many items are left.", .f0 = long_hint},
    {"__reduce__", "($self, /)", "How to make the object again, for pickling and copying.",
     .f0 = long_reduce},
    {"__setstate__", "($self, state, /)", "Sets the state that __reduce__ gave.",
     .f1 = long_setstate},
    {NULL},
};

static struct type_info long_range_iterator_info = {
    .ops = {.iter = iterator_self, .next = long_next},
    .trace = long_trace,
    .methods = long_methods,
    .flags = TYPE_NO_NEW,
};

PyTypeObject PyLongRangeIter_Type = {
    STATIC_TYPE_HEAD,
    .tp_name = "longrange_iterator",
    .tp_basicsize = sizeof(struct long_range_iterator),
    .tp_flags = Py_TPFLAGS_DEFAULT,
    .tp_cache = (PyObject *)&long_range_iterator_info,
};
