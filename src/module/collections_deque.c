/* SPDX-License-Identifier: MIT */
/* collections.deque: a ring of values in one heap cell.
 *
 * Everything is read and written under the deque's byte lock, so every method that runs no Python
 * code is one atomic step. A ring that is full is replaced by a bigger one. `state` counts changes
 * of the items' places; iterators compare it, and searches that have to run Python code. */
#include "module/collections_int.h"
#include "object/function.h"
#include "object/int.h"
#include "object/iterator.h"
#include "object/list.h"
#include "object/simple_compare.h"
#include "object/str.h"
#include "thread/lock.h"

struct deque {
    PyObject_HEAD Value *ring; /* a WORDS cell; NULL when capacity is 0 */
    size_t capacity;           /* a power of two, or 0 */
    size_t head;               /* place of the first item */
    Py_ssize_t length;
    Py_ssize_t maximum; /* maxlen; -1: none. Constant after __init__ */
    uint64_t state;
    PyObject *weak_references;
    uint8_t lock;
};

static struct deque *cast(Value v)
{
    return (struct deque *)value_object(v);
}
static bool is_deque(Value v)
{
    return value_is_instance(v, &deque_type);
}

static Py_ssize_t deque_length(struct deque *d)
{
    return atomic_load_relaxed(&d->length);
}
static uint64_t deque_state(struct deque *d)
{
    return atomic_load_acquire(&d->state);
}

/* ---- Under the lock. */

static Value *slot_locked(struct deque *d, Py_ssize_t i)
{
    return &d->ring[(d->head + (size_t)i) & (d->capacity - 1)];
}

static void set_length_locked(struct deque *d, Py_ssize_t length)
{
    atomic_store_relaxed(&d->length, length);
    atomic_store_release(&d->state, d->state + 1);
}

static int reserve_locked(struct deque *d, Py_ssize_t needed)
{
    if ((size_t)needed <= d->capacity) {
        return 0;
    }
    size_t capacity = d->capacity != 0 ? d->capacity : 8;
    while (capacity < (size_t)needed) {
        capacity *= 2;
    }
    Value *ring = heap_alloc(capacity * sizeof(Value), CELL_WORDS);
    if (ring == NULL) {
        error_no_memory();
        return -1;
    }
    for (Py_ssize_t i = 0; i < d->length; i++) {
        heap_init_value(ring, &ring[i], *slot_locked(d, i));
    }
    d->head = 0;
    heap_store(d, &d->ring, ring);
    d->capacity = capacity;
    return 0;
}

static Value take_locked(struct deque *d, bool left)
{
    if (d->length == 0) {
        return VALUE_ABSENT;
    }
    Value *slot = slot_locked(d, left ? 0 : d->length - 1);
    Value item = *slot;
    heap_store_value(d->ring, slot, VALUE_NULL);
    d->head = (d->head + left) & (d->capacity - 1);
    set_length_locked(d, d->length - 1);
    return item;
}

static int push_locked(struct deque *d, Value item, bool left)
{
    if (d->maximum == 0) {
        return 0;
    }
    if (d->maximum >= 0 && d->length >= d->maximum) {
        take_locked(d, !left);
    }
    if (reserve_locked(d, d->length + 1) < 0) {
        return -1;
    }
    if (left) {
        d->head = (d->head - 1) & (d->capacity - 1);
    }
    set_length_locked(d, d->length + 1);
    heap_store_value(d->ring, slot_locked(d, left ? 0 : d->length - 1), item);
    return 0;
}

static void move_locked(struct deque *d, Py_ssize_t to, Py_ssize_t from)
{
    heap_store_value(d->ring, slot_locked(d, to), *slot_locked(d, from));
}

static void delete_locked(struct deque *d, Py_ssize_t i)
{
    if (i < d->length / 2) {
        for (; i > 0; i--) {
            move_locked(d, i, i - 1);
        }
        take_locked(d, true);
    } else {
        for (; i < d->length - 1; i++) {
            move_locked(d, i, i + 1);
        }
        take_locked(d, false);
    }
}

static int insert_locked(struct deque *d, Py_ssize_t i, Value item)
{
    if (push_locked(d, item, i < d->length / 2) < 0) {
        return -1;
    }
    if (i < (d->length - 1) / 2) {
        for (Py_ssize_t k = 0; k < i; k++) {
            move_locked(d, k, k + 1);
        }
    } else {
        for (Py_ssize_t k = d->length - 1; k > i; k--) {
            move_locked(d, k, k - 1);
        }
    }
    heap_store_value(d->ring, slot_locked(d, i), item);
    return 0;
}

static void rotate_locked(struct deque *d, Py_ssize_t n)
{
    if (d->length < 2) {
        return;
    }
    n %= d->length;
    if (n > d->length / 2) {
        n -= d->length;
    } else if (n < -(d->length / 2)) {
        n += d->length;
    }
    bool full = (size_t)d->length == d->capacity;
    for (; n != 0; n += n > 0 ? -1 : 1) {
        bool right = n > 0;
        if (full) {
            d->head = (d->head + (right ? d->capacity - 1 : 1)) & (d->capacity - 1);
            continue;
        }
        Value item = take_locked(d, !right);
        d->head = (d->head - right) & (d->capacity - 1);
        d->length++;
        heap_store_value(d->ring, slot_locked(d, right ? 0 : d->length - 1), item);
    }
    set_length_locked(d, d->length);
}

/* ---- Single steps. */

static int deque_push(struct deque *d, Value item, bool left)
{
    byte_lock(&d->lock);
    int status = push_locked(d, item, left);
    byte_unlock(&d->lock);
    return status;
}

static Value deque_take(struct deque *d, bool left)
{
    byte_lock(&d->lock);
    Value item = take_locked(d, left);
    byte_unlock(&d->lock);
    return item;
}

/* What a search of [low, high) finds without Python code: a place or MISSING; UNKNOWN if it would
 * have to run some. */
enum { MISSING = -1, UNKNOWN = -2 };
static Py_ssize_t search_locked(struct deque *d, Value wanted, Py_ssize_t low, Py_ssize_t high)
{
    high = high < d->length ? high : d->length;
    for (Py_ssize_t i = low; i < high; i++) {
        int equal = value_equal_simple(*slot_locked(d, i), wanted, SIMPLE_DEPTH);
        if (equal != 0) {
            return equal > 0 ? i : UNKNOWN;
        }
    }
    return MISSING;
}

static Py_ssize_t deque_search(struct deque *d, Value wanted, Py_ssize_t low, Py_ssize_t high)
{
    byte_lock(&d->lock);
    Py_ssize_t place = search_locked(d, wanted, low, high);
    byte_unlock(&d->lock);
    return place;
}

/* Item i, VALUE_ABSENT if there is none. *state is the state at that moment. */
static Value deque_find(struct deque *d, Py_ssize_t i, uint64_t *state)
{
    byte_lock(&d->lock);
    Value item = (size_t)i < (size_t)d->length ? *slot_locked(d, i) : VALUE_ABSENT;
    *state = d->state;
    byte_unlock(&d->lock);
    return item;
}

static void deque_clear(struct deque *d)
{
    byte_lock(&d->lock);
    set_length_locked(d, 0);
    d->head = 0;
    d->capacity = 0;
    heap_store(d, &d->ring, NULL);
    byte_unlock(&d->lock);
}

/* A copy of all items, taken in one step. */
static Value *copy_items(struct deque *d, Py_ssize_t *length)
{
    for (;;) {
        Py_ssize_t room = deque_length(d);
        Value *copy = heap_alloc((size_t)(room + 1) * sizeof(Value), CELL_WORDS);
        if (copy == NULL) {
            error_no_memory();
            return NULL;
        }
        byte_lock(&d->lock);
        *length = d->length;
        for (Py_ssize_t i = 0; *length <= room && i < *length; i++) {
            heap_init_value(copy, &copy[i], *slot_locked(d, i));
        }
        byte_unlock(&d->lock);
        if (*length <= room) {
            return copy;
        }
    }
}

static PyObject *deque_items(struct deque *d)
{
    Py_ssize_t length;
    Value *copy = copy_items(d, &length);
    return copy != NULL ? tuple_from_array(copy, (size_t)length) : NULL;
}

PyObject *deque_to_list(PyObject *deque)
{
    Py_ssize_t length;
    Value *copy = copy_items((struct deque *)deque, &length);
    return copy != NULL ? list_from_array(copy, (size_t)length) : NULL;
}

static int deque_extend(struct deque *d, Value iterable, bool left)
{
    if (value_is_object(iterable) &&
        (value_object(iterable) == (PyObject *)d || value_type(iterable) == &deque_type)) {
        PyObject *items = deque_items(cast(iterable));
        if (items == NULL) {
            return -1;
        }
        iterable = value_from_object(items);
    }
    Value iterator = object_iter_owned(iterable);
    if (value_is_null(iterator)) {
        return -1;
    }
    for (;;) {
        Value item = object_next(iterator);
        if (!value_is_present(item)) {
            return value_is_null(item) ? -1 : 0;
        }
        if (deque_push(d, item, left) < 0) {
            return -1;
        }
    }
}

static Value index_error(void)
{
    return error_raise(PyExc_IndexError, "deque index out of range");
}

static Value mutated(void)
{
    return error_raise(PyExc_RuntimeError, "deque mutated during iteration");
}

/* ---- Operations. */

static void deque_trace(PyObject *self, struct tracer *tracer)
{
    trace_pointer(tracer, ((struct deque *)self)->ring);
}

static Value op_new(PyTypeObject *type, const Value *args, size_t nargs, PyObject *kwnames)
{
    struct deque *d = (struct deque *)object_alloc(type, 0);
    if (d != NULL) {
        d->maximum = -1;
    }
    return value_from_object(d);
}

static int parse_maximum(Value v, Py_ssize_t *out)
{
    *out = -1;
    if (value_is_absent(v) || value_is_none(v)) {
        return 0;
    }
    int64_t wide;
    if (!int_check(v)) {
        return error_raise_int(PyExc_TypeError, "an integer is required");
    }
    if (int_clip_i64(v, &wide) != 0) {
        return error_raise_int(PyExc_OverflowError, "Python int too large to convert to C ssize_t");
    }
    if (wide < 0) {
        return error_raise_int(PyExc_ValueError, "maxlen must be non-negative");
    }
    *out = (Py_ssize_t)wide;
    return 0;
}

static int op_init(Value self, const Value *args, size_t nargs, PyObject *kwnames)
{
    static const struct native_signature *signature;
    struct deque *d = cast(self);
    Value bound[2];
    Py_ssize_t maximum;
    if (native_bind("deque", "(iterable=(), maxlen=None)", &signature, args, nargs, kwnames,
                    bound) < 0 ||
        parse_maximum(bound[1], &maximum) < 0) {
        return -1;
    }
    d->maximum = maximum;
    if (deque_length(d) > 0) {
        deque_clear(d);
    }
    return value_is_absent(bound[0]) ? 0 : deque_extend(d, bound[0], false);
}

static Value op_repr(Value self)
{
    struct deque *d = cast(self);
    int active = repr_enter(self);
    if (active != 0) {
        return active > 0 ? value_from_object(str_from_ascii("[...]", 5)) : VALUE_NULL;
    }
    PyObject *items = deque_items(d), *text = NULL;
    PyObject *list = items != NULL ? object_to_list(value_from_object(items)) : NULL;
    const char *name = type_short_name(value_type(self));
    if (list != NULL && d->maximum >= 0) {
        text = str_format("%s(%R, maxlen=%zd)", name, value_from_object(list), d->maximum);
    } else if (list != NULL) {
        text = str_format("%s(%R)", name, value_from_object(list));
    }
    repr_leave(self);
    return value_from_object(text);
}

static Value op_richcompare(Value self, Value other, int op)
{
    if (!is_deque(self) || !is_deque(other)) {
        return VALUE_NOT_IMPLEMENTED;
    }
    if (deque_length(cast(self)) != deque_length(cast(other)) && (op == Py_EQ || op == Py_NE)) {
        return value_from_bool(op == Py_NE);
    }
    PyObject *a = deque_items(cast(self)), *b = deque_items(cast(other));
    if (a == NULL || b == NULL) {
        return VALUE_NULL;
    }
    return object_compare(value_from_object(a), value_from_object(b), op);
}

static Py_ssize_t op_len(Value self)
{
    return deque_length(cast(self));
}

static Value op_item(Value self, Py_ssize_t index)
{
    uint64_t state;
    Value item = deque_find(cast(self), index, &state);
    return value_is_absent(item) ? index_error() : item;
}

static int parse_index(Value key, Py_ssize_t *index)
{
    if (!object_has_index(key)) {
        return error_raise_int(PyExc_TypeError, "sequence index must be integer, not '%T'", key);
    }
    return subscript_index(key, index);
}

static Value op_getitem(Value self, Value key)
{
    struct deque *d = cast(self);
    Py_ssize_t index;
    if (parse_index(key, &index) < 0) {
        return VALUE_NULL;
    }
    byte_lock(&d->lock);
    index += index < 0 ? d->length : 0;
    Value item = (size_t)index < (size_t)d->length ? *slot_locked(d, index) : VALUE_ABSENT;
    byte_unlock(&d->lock);
    return value_is_absent(item) ? index_error() : item;
}

static int op_setitem(Value self, Value key, Value item)
{
    struct deque *d = cast(self);
    Py_ssize_t index;
    if (parse_index(key, &index) < 0) {
        return -1;
    }
    byte_lock(&d->lock);
    index += index < 0 ? d->length : 0;
    bool inside = (size_t)index < (size_t)d->length;
    if (inside && value_is_absent(item)) {
        delete_locked(d, index);
    } else if (inside) {
        heap_store_value(d->ring, slot_locked(d, index), item);
    }
    byte_unlock(&d->lock);
    if (!inside) {
        index_error();
    }
    return inside ? 0 : -1;
}

static int op_contains(Value self, Value wanted)
{
    struct deque *d = cast(self);
    Py_ssize_t place = deque_search(d, wanted, 0, PY_SSIZE_T_MAX);
    if (place != UNKNOWN) {
        return place != MISSING;
    }
    uint64_t start = deque_state(d), state;
    for (Py_ssize_t i = 0;; i++) {
        Value item = deque_find(d, i, &state);
        if (state != start) {
            mutated();
            return -1;
        }
        if (value_is_absent(item)) {
            return 0;
        }
        int equal = object_equal(item, wanted);
        if (equal != 0) {
            return equal;
        }
    }
}

static Value deque_copy(Value self)
{
    struct deque *d = cast(self);
    Value type = value_from_object(value_type(self));
    if (value_type(self) == &deque_type) {
        Value copy = op_new(&deque_type, NULL, 0, NULL);
        if (value_is_null(copy)) {
            return copy;
        }
        cast(copy)->maximum = d->maximum;
        return deque_extend(cast(copy), self, false) < 0 ? VALUE_NULL : copy;
    }
    Value copy = d->maximum < 0 ? object_call1(type, self)
                                : object_call2(type, self, int_from_ssize(d->maximum));
    if (!value_is_null(copy) && !is_deque(copy)) {
        return error_raise(PyExc_TypeError, "%s() must return a deque, not %T",
                           type_short_name(value_type(self)), copy);
    }
    return copy;
}

static Value op_concat(Value self, Value other)
{
    if (!is_deque(other)) {
        return error_raise(PyExc_TypeError, "can only concatenate deque (not \"%T\") to deque",
                           other);
    }
    Value copy = deque_copy(self);
    if (!value_is_null(copy) && deque_extend(cast(copy), other, false) < 0) {
        return VALUE_NULL;
    }
    return copy;
}

static Value op_inplace_concat(Value self, Value other)
{
    return deque_extend(cast(self), other, false) < 0 ? VALUE_NULL : self;
}

static Value op_inplace_repeat(Value self, Value count)
{
    struct deque *d = cast(self);
    Py_ssize_t times;
    if (!object_has_index(count)) {
        return error_raise(PyExc_TypeError, "can't multiply sequence by non-int of type '%T'",
                           count);
    }
    if (arg_index(count, &times) < 0) {
        return VALUE_NULL;
    }
    PyObject *items = deque_items(d);
    if (items == NULL) {
        return VALUE_NULL;
    }
    Py_ssize_t length = tuple_length(items);
    if (times <= 0) {
        deque_clear(d);
        return self;
    }
    if (length > 0 && times > PY_SSIZE_T_MAX / (Py_ssize_t)sizeof(Value) / length &&
        d->maximum < 0) {
        return error_no_memory();
    }
    if (d->maximum >= 0 && length > 0 && times > d->maximum / length + 2) {
        /* Only the last `maximum` items stay, and they begin at a multiple of length. */
        Py_ssize_t dropped = times - (d->maximum / length + 2);
        times -= dropped;
    }
    for (Py_ssize_t i = 1; i < times && length > 0; i++) {
        if (deque_extend(d, value_from_object(items), false) < 0) {
            return VALUE_NULL;
        }
    }
    return self;
}

static Value op_repeat(Value self, Value count)
{
    Value copy = deque_copy(self);
    return value_is_null(copy) ? copy : op_inplace_repeat(copy, count);
}

/* ---- Methods. */

static Value method_append(Value self, Value item)
{
    return deque_push(cast(self), item, false) < 0 ? VALUE_NULL : VALUE_NONE;
}

static Value method_appendleft(Value self, Value item)
{
    return deque_push(cast(self), item, true) < 0 ? VALUE_NULL : VALUE_NONE;
}

static Value method_pop(Value self)
{
    Value item = deque_take(cast(self), false);
    return value_is_absent(item) ? error_raise(PyExc_IndexError, "pop from an empty deque") : item;
}

static Value method_popleft(Value self)
{
    Value item = deque_take(cast(self), true);
    return value_is_absent(item) ? error_raise(PyExc_IndexError, "pop from an empty deque") : item;
}

static Value method_clear(Value self)
{
    deque_clear(cast(self));
    return VALUE_NONE;
}

static Value method_extend(Value self, Value iterable)
{
    return deque_extend(cast(self), iterable, false) < 0 ? VALUE_NULL : VALUE_NONE;
}

static Value method_extendleft(Value self, Value iterable)
{
    return deque_extend(cast(self), iterable, true) < 0 ? VALUE_NULL : VALUE_NONE;
}

/* How many items equal the value; UNKNOWN if Python code has to say. */
static Py_ssize_t count_simple(struct deque *d, Value wanted)
{
    Py_ssize_t count = 0, place = MISSING;
    byte_lock(&d->lock);
    while ((place = search_locked(d, wanted, place + 1, PY_SSIZE_T_MAX)) >= 0) {
        count++;
    }
    byte_unlock(&d->lock);
    return place == MISSING ? count : UNKNOWN;
}

static Value method_count(Value self, Value wanted)
{
    struct deque *d = cast(self);
    Py_ssize_t found = count_simple(d, wanted);
    if (found != UNKNOWN) {
        return int_from_ssize(found);
    }
    found = 0;
    uint64_t start = deque_state(d), state;
    for (Py_ssize_t i = 0;; i++) {
        Value item = deque_find(d, i, &state);
        if (state != start) {
            return mutated();
        }
        if (value_is_absent(item)) {
            return int_from_ssize(found);
        }
        int equal = object_equal(item, wanted);
        if (equal < 0) {
            return VALUE_NULL;
        }
        found += equal;
    }
}

static Value method_index(Value self, const Value *args)
{
    struct deque *d = cast(self);
    uint64_t start = deque_state(d), state;
    Py_ssize_t low, high;
    if (arg_search_range(args[1], args[2], deque_length(d), &low, &high) < 0) {
        return VALUE_NULL;
    }
    Py_ssize_t place = deque_search(d, args[0], low, high);
    if (place >= 0) {
        return int_from_ssize(place);
    }
    for (Py_ssize_t i = low; i < high && place == UNKNOWN; i++) {
        Value item = deque_find(d, i, &state);
        if (state != start) {
            return mutated();
        }
        if (value_is_absent(item)) {
            break;
        }
        int equal = object_equal(item, args[0]);
        if (equal != 0) {
            return equal < 0 ? VALUE_NULL : int_from_ssize(i);
        }
    }
    return error_raise(PyExc_ValueError, "%R is not in deque", args[0]);
}

static Value method_insert(Value self, const Value *args)
{
    struct deque *d = cast(self);
    Py_ssize_t index;
    if (arg_index(args[0], &index) < 0) {
        return VALUE_NULL;
    }
    byte_lock(&d->lock);
    bool full = d->maximum >= 0 && d->length >= d->maximum;
    int status = 0;
    if (!full) {
        index += index < 0 ? d->length : 0;
        index = index < 0 ? 0 : index > d->length ? d->length : index;
        status = insert_locked(d, index, args[1]);
    }
    byte_unlock(&d->lock);
    if (full) {
        return error_raise(PyExc_IndexError, "deque already at its maximum size");
    }
    return status < 0 ? VALUE_NULL : VALUE_NONE;
}

/* The place of the removed item, MISSING, or UNKNOWN: Python code has to compare. */
static Py_ssize_t remove_simple(struct deque *d, Value wanted)
{
    byte_lock(&d->lock);
    Py_ssize_t place = search_locked(d, wanted, 0, PY_SSIZE_T_MAX);
    if (place >= 0) {
        delete_locked(d, place);
    }
    byte_unlock(&d->lock);
    return place;
}

static Value method_remove(Value self, Value wanted)
{
    struct deque *d = cast(self);
    Py_ssize_t place = remove_simple(d, wanted);
    if (place >= 0) {
        return VALUE_NONE;
    }
    if (place == MISSING) {
        return error_raise(PyExc_ValueError, "%R is not in deque", wanted);
    }
    uint64_t start = deque_state(d), state;
    for (Py_ssize_t i = 0;; i++) {
        Value item = deque_find(d, i, &state);
        if (state != start) {
            return error_raise(PyExc_IndexError, "deque mutated during remove().");
        }
        if (value_is_absent(item)) {
            return error_raise(PyExc_ValueError, "%R is not in deque", wanted);
        }
        int equal = object_equal(item, wanted);
        if (equal < 0) {
            return VALUE_NULL;
        }
        if (!equal) {
            continue;
        }
        byte_lock(&d->lock);
        bool same = d->state == start;
        if (same) {
            delete_locked(d, i);
        }
        byte_unlock(&d->lock);
        return same ? VALUE_NONE : error_raise(PyExc_IndexError, "deque mutated during remove().");
    }
}

static Value method_reverse(Value self)
{
    struct deque *d = cast(self);
    byte_lock(&d->lock);
    for (Py_ssize_t i = 0, k = d->length - 1; i < k; i++, k--) {
        Value first = *slot_locked(d, i);
        move_locked(d, i, k);
        heap_store_value(d->ring, slot_locked(d, k), first);
    }
    byte_unlock(&d->lock);
    return VALUE_NONE;
}

static Value method_rotate(Value self, const Value *args)
{
    struct deque *d = cast(self);
    Py_ssize_t n = 1;
    if (value_is_present(args[0]) && arg_index(args[0], &n) < 0) {
        return VALUE_NULL;
    }
    byte_lock(&d->lock);
    rotate_locked(d, n);
    byte_unlock(&d->lock);
    return VALUE_NONE;
}

static Value method_reduce(Value self)
{
    struct deque *d = cast(self);
    Value state = object_call_method0(self, names.__getstate__);
    Value iterator = value_is_null(state) ? state : object_iter(self);
    PyObject *arguments = tuple_new(0);
    if (d->maximum >= 0) {
        Value pair[2] = {value_from_object(tuple_new(0)), int_from_ssize(d->maximum)};
        arguments = tuple_from_array(pair, 2);
    }
    if (value_is_null(iterator) || arguments == NULL) {
        return VALUE_NULL;
    }
    Value parts[4] = {value_from_object(value_type(self)), value_from_object(arguments), state,
                      iterator};
    return value_from_object(tuple_from_array(parts, 4));
}

static Value method_sizeof(Value self)
{
    struct deque *d = cast(self);
    return int_from_size((size_t)value_type(self)->tp_basicsize + d->capacity * sizeof(Value));
}

static Value class_getitem(Value self, Value item)
{
    return value_from_object(generic_alias_new(self, item));
}

/* ---- Iterators. */

struct deque_iterator {
    PyObject_HEAD PyObject *deque; /* constant, and so are: */
    Py_ssize_t length;
    uint64_t state;
    Py_ssize_t remaining; /* a cursor */
};

static void iterator_trace(PyObject *self, struct tracer *tracer)
{
    trace_pointer(tracer, ((struct deque_iterator *)self)->deque);
}

static Value iterator_make(PyTypeObject *type, Value deque)
{
    struct deque_iterator *it = (struct deque_iterator *)object_alloc_bytes(type, sizeof *it);
    if (it != NULL) {
        heap_init(it, &it->deque, value_object(deque));
        byte_lock(&cast(deque)->lock);
        it->state = cast(deque)->state;
        it->length = it->remaining = cast(deque)->length;
        byte_unlock(&cast(deque)->lock);
    }
    return value_from_object(it);
}

static Value op_iter(Value self)
{
    return iterator_make(&deque_iterator_type, self);
}
static Value method_reversed(Value self)
{
    return iterator_make(&deque_reverse_iterator_type, self);
}
static Value iterator_self(Value self)
{
    return self;
}

static Value iterate(Value self, bool backwards)
{
    struct deque_iterator *it = (struct deque_iterator *)value_object(self);
    struct deque *d = (struct deque *)it->deque;
    for (;;) {
        uint64_t state;
        Py_ssize_t remaining = atomic_load_relaxed(&it->remaining);
        Value item = deque_find(d, backwards ? remaining - 1 : it->length - remaining, &state);
        if (state != it->state) {
            atomic_store_relaxed(&it->remaining, 0);
            return mutated();
        }
        if (remaining == 0) {
            return VALUE_ABSENT;
        }
        if (cursor_move((uint64_t *)(void *)&it->remaining, (uint64_t)remaining,
                        (uint64_t)remaining - 1, false)) {
            return item;
        }
    }
}
static Value iterator_next(Value self)
{
    return iterate(self, false);
}
static Value reverse_iterator_next(Value self)
{
    return iterate(self, true);
}

static Value iterator_new(PyTypeObject *type, const Value *args, size_t nargs, PyObject *kwnames)
{
    Py_ssize_t index = 0;
    if (native_check_positional(type_short_name(type), nargs, 1, 2) < 0) {
        return VALUE_NULL;
    }
    if (!is_deque(args[0])) {
        return error_raise(PyExc_TypeError, "argument 1 must be collections.deque, not %T",
                           args[0]);
    }
    if (nargs > 1 && arg_index(args[1], &index) < 0) {
        return VALUE_NULL;
    }
    Value iterator = iterator_make(type, args[0]);
    struct deque_iterator *it = (struct deque_iterator *)value_object(iterator);
    if (it != NULL && index > 0) {
        it->remaining -= index < it->remaining ? index : it->remaining;
    }
    return iterator;
}

static Value deque_iterator_reduce(Value self)
{
    struct deque_iterator *it = (struct deque_iterator *)value_object(self);
    Value arguments[2] = {value_from_object(it->deque),
                          int_from_ssize(it->length - atomic_load_relaxed(&it->remaining))};
    PyObject *t = tuple_from_array(arguments, 2);
    return t != NULL ? value_from_object(tuple_pack(2, (PyObject *)value_type(self), t))
                     : VALUE_NULL;
}

static Value iterator_hint(Value self)
{
    return int_from_ssize(((struct deque_iterator *)value_object(self))->remaining);
}

static const struct native_def iterator_methods[] = {
    {"__length_hint__", "($self, /)", "About how many items are left.", .f0 = iterator_hint},
    {"__reduce__", "($self, /)", "How to make the object again, for pickling and copying.",
     .f0 = deque_iterator_reduce},
    {NULL},
};

static struct type_info iterator_info = {
    .ops = {.new_ = iterator_new, .iter = iterator_self, .next = iterator_next},
    .trace = iterator_trace,
    .methods = iterator_methods,
};

PyTypeObject deque_iterator_type = {
    STATIC_TYPE_HEAD,
    .tp_name = "_collections._deque_iterator",
    .tp_basicsize = sizeof(struct deque_iterator),
    .tp_flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_HAVE_GC,
    .tp_cache = (PyObject *)&iterator_info,
};

static struct type_info reverse_iterator_info = {
    .ops = {.new_ = iterator_new, .iter = iterator_self, .next = reverse_iterator_next},
    .trace = iterator_trace,
    .methods = iterator_methods,
};

PyTypeObject deque_reverse_iterator_type = {
    STATIC_TYPE_HEAD,
    .tp_name = "_collections._deque_reverse_iterator",
    .tp_basicsize = sizeof(struct deque_iterator),
    .tp_flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_HAVE_GC,
    .tp_cache = (PyObject *)&reverse_iterator_info,
};

/* ---- The type. */

static Value get_maximum(Value self, void *closure)
{
    Py_ssize_t maximum = cast(self)->maximum;
    return maximum < 0 ? VALUE_NONE : int_from_ssize(maximum);
}

static const struct getset_def getsets[] = {
    {"maxlen", get_maximum, NULL, "maximum size of a deque or None if unbounded"},
    {NULL},
};

static const struct native_def methods[] = {
    {"append", "($self, item, /)", "Add an element to the right side.", .f1 = method_append},
    {"appendleft", "($self, item, /)", "Add an element to the left side.", .f1 = method_appendleft},
    {"clear", "($self, /)", "Remove all elements.", .f0 = method_clear},
    {"__copy__", "($self, /)", "A shallow copy.", .f0 = deque_copy},
    {"copy", "($self, /)", "A shallow copy.", .f0 = deque_copy},
    {"count", "($self, value, /)", "How many items equal value.", .f1 = method_count},
    {"extend", "($self, iterable, /)", "Add the elements to the right side.", .f1 = method_extend},
    {"extendleft", "($self, iterable, /)", "Add the elements to the left side, one by one.",
     .f1 = method_extendleft},
    {"index", "($self, value, start=0, stop=sys.maxsize, /)",
     "Index of the first item that equals value.\n\nRaises ValueError if there is none.",
     .n = method_index},
    {"insert", "($self, index, object, /)", "Insert object before index.", .n = method_insert},
    {"pop", "($self, /)", "Remove and return the rightmost element.", .f0 = method_pop},
    {"popleft", "($self, /)", "Remove and return the leftmost element.", .f0 = method_popleft},
    {"__reduce__", "($self, /)", "State for pickling.", .f0 = method_reduce},
    {"remove", "($self, value, /)", "Remove the first item that equals value.",
     .f1 = method_remove},
    {"__reversed__", "($self, /)", "A reverse iterator.", .f0 = method_reversed},
    {"reverse", "($self, /)", "Reverse the deque in place.", .f0 = method_reverse},
    {"rotate", "($self, n=1, /)", "Rotate n steps to the right; to the left if n is negative.",
     .n = method_rotate},
    {"__sizeof__", "($self, /)", "Size in memory, in bytes.", .f0 = method_sizeof},
    {"__class_getitem__", "($type, item, /)", "See PEP 585", NATIVE_CLASS, .f1 = class_getitem},
    {NULL},
};

static struct type_info deque_info = {
    .ops = {.new_ = op_new,
            .init = op_init,
            .repr = op_repr,
            .richcompare = op_richcompare,
            .iter = op_iter,
            .len = op_len,
            .getitem = op_getitem,
            .setitem = op_setitem,
            .contains = op_contains,
            .concat = op_concat,
            .repeat = op_repeat,
            .inplace_concat = op_inplace_concat,
            .inplace_repeat = op_inplace_repeat,
            .item = op_item},
    .trace = deque_trace,
    .methods = methods,
    .getsets = getsets,
};

PyTypeObject deque_type = {
    STATIC_TYPE_HEAD,
    .tp_name = "collections.deque",
    .tp_doc = "deque([iterable[, maxlen]])\n\nA list-like sequence, fast at both ends.",
    .tp_basicsize = sizeof(struct deque),
    .tp_weaklistoffset = offsetof(struct deque, weak_references),
    .tp_flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_BASETYPE | Py_TPFLAGS_HAVE_GC | Py_TPFLAGS_SEQUENCE,
    .tp_cache = (PyObject *)&deque_info,
};
