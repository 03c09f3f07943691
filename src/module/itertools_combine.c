/* SPDX-License-Identifier: MIT */
/* itertools: product, permutations, combinations and combinations_with_replacement. A step changes
 * the index arrays and makes a tuple under the iterator's byte lock; it runs no Python code. */
#include "module/itertools_int.h"
#include "thread/lock.h"

struct combiner {
    PyObject_HEAD PyObject *pool; /* a tuple; of tuples for product. Constant */
    Py_ssize_t *indices;          /* a RAW cell: which items the last result had; under the lock */
    Py_ssize_t *cycles;           /* permutations: a RAW cell; under the lock */
    Py_ssize_t count;             /* of the pool; constant */
    Py_ssize_t length;            /* of the results; constant */
    uint8_t lock;
    uint8_t started; /* a result was given; under the lock */
    uint8_t stopped; /* under the lock */
};

static struct combiner *cast(Value v)
{
    return (struct combiner *)value_object(v);
}

static void combiner_trace(PyObject *self, struct tracer *tracer)
{
    struct combiner *c = (struct combiner *)self;
    trace_pointer(tracer, c->pool);
    trace_pointer(tracer, c->indices);
    trace_pointer(tracer, c->cycles);
}

static Py_ssize_t *numbers_new(Py_ssize_t count)
{
    Py_ssize_t *numbers = NULL;
    if (count < PY_SSIZE_T_MAX / 8 - 1) {
        numbers = heap_alloc((size_t)(count + 1) * sizeof(Py_ssize_t), CELL_RAW);
    }
    if (numbers == NULL) {
        error_no_memory();
    }
    return numbers;
}

static struct combiner *combiner_new(PyTypeObject *type, PyObject *pool, Py_ssize_t length)
{
    struct combiner *c = pool != NULL ? (struct combiner *)object_alloc(type, 0) : NULL;
    if (c != NULL) {
        heap_init(c, &c->pool, pool);
        c->count = tuple_length(pool);
        c->length = length;
        Py_ssize_t *indices = numbers_new(length > c->count ? length : c->count);
        if (indices == NULL) {
            return NULL;
        }
        heap_init(c, &c->indices, indices);
    }
    return c;
}

static Value combiner_reduce(Value self)
{
    struct combiner *c = cast(self);
    byte_lock(&c->lock);
    bool started = c->started, stopped = c->stopped;
    PyObject *state = started && !stopped ? tuple_new(c->length) : NULL;
    for (Py_ssize_t i = 0; state != NULL && i < c->length; i++) {
        tuple_init_item(state, i, int_from_ssize(c->indices[i]));
    }
    byte_unlock(&c->lock);
    PyObject *pool = stopped ? tuple_new(0) : c->pool;
    return tool_reduce(self, tool_pair(value_from_object(pool), int_from_ssize(c->length)),
                       started && !stopped ? value_from_object(state) : VALUE_ABSENT);
}

static Value combiner_sizeof(Value self)
{
    struct combiner *c = cast(self);
    return int_from_ssize(value_type(self)->tp_basicsize +
                          c->length * (Py_ssize_t)sizeof(Py_ssize_t));
}

/* Reads a tuple of ints, one for each result item, clipped to [0, limits]. */
static int read_indices(PyObject *state, Py_ssize_t count, Py_ssize_t *out,
                        Py_ssize_t (*limit)(struct combiner *, Py_ssize_t), struct combiner *c)
{
    for (Py_ssize_t i = 0; i < count; i++) {
        Py_ssize_t index, most = limit(c, i);
        if (arg_index(tuple_get(state, i), &index) < 0) {
            return -1;
        }
        out[i] = index < 0 ? 0 : index > most ? most : index;
    }
    return 0;
}

static Value combiner_setstate(Value self, Value state,
                               Py_ssize_t (*limit)(struct combiner *, Py_ssize_t))
{
    struct combiner *c = cast(self);
    if (!tuple_check(state) || tuple_length(value_object(state)) != c->length) {
        return error_raise(PyExc_ValueError, "invalid arguments");
    }
    if (c->stopped) {
        return VALUE_NONE;
    }
    Py_ssize_t *indices = numbers_new(c->length);
    if (indices == NULL || read_indices(value_object(state), c->length, indices, limit, c) < 0) {
        return VALUE_NULL;
    }
    byte_lock(&c->lock);
    memcpy(c->indices, indices, (size_t)c->length * sizeof(Py_ssize_t));
    c->started = true;
    byte_unlock(&c->lock);
    return VALUE_NONE;
}

/* The items at the indices. */
static PyObject *result_locked(struct combiner *c)
{
    PyObject *t = tuple_new(c->length);
    for (Py_ssize_t i = 0; t != NULL && i < c->length; i++) {
        heap_init(t, &((PyTupleObject *)t)->ob_item[i], tuple_object(c->pool, c->indices[i]));
    }
    return t;
}

/* One step: `advance` moves the indices on and returns false at the end. */
static Value step(Value self, bool (*advance)(struct combiner *),
                  PyObject *(*result)(struct combiner *))
{
    struct combiner *c = cast(self);
    PyObject *t = NULL;
    byte_lock(&c->lock);
    if (!c->stopped && c->started && !advance(c)) {
        c->stopped = true;
    }
    bool stopped = c->stopped;
    if (!stopped) {
        c->started = true;
        t = result(c);
    }
    byte_unlock(&c->lock);
    return stopped ? VALUE_ABSENT : value_from_object(t);
}

static int parse_length(Value v, Py_ssize_t *out)
{
    if (arg_index(v, out) < 0) {
        return -1;
    }
    return *out < 0 ? error_raise_int(PyExc_ValueError, "r must be non-negative") : 0;
}

/* ---- combinations. */

static Value combinations_new(PyTypeObject *type, const Value *args, size_t nargs,
                              PyObject *kwnames)
{
    static const struct native_signature *signature;
    Value bound[2];
    if (native_bind("combinations", "(iterable, r)", &signature, args, nargs, kwnames, bound) < 0) {
        return VALUE_NULL;
    }
    PyObject *pool = object_to_tuple(bound[0]);
    Py_ssize_t length;
    if (pool == NULL || parse_length(bound[1], &length) < 0) {
        return VALUE_NULL;
    }
    if (length > tuple_length(pool)) {
        struct combiner *none = combiner_new(type, pool, 0);
        if (none != NULL) {
            none->length = length;
            none->stopped = true;
        }
        return value_from_object(none);
    }
    struct combiner *c = combiner_new(type, pool, length);
    for (Py_ssize_t i = 0; c != NULL && i < length; i++) {
        c->indices[i] = i;
    }
    return value_from_object(c);
}

static bool combinations_advance(struct combiner *c)
{
    Py_ssize_t i = c->length - 1;
    while (i >= 0 && c->indices[i] == i + c->count - c->length) {
        i--;
    }
    if (i < 0) {
        return false;
    }
    c->indices[i]++;
    for (i++; i < c->length; i++) {
        c->indices[i] = c->indices[i - 1] + 1;
    }
    return true;
}

static Value combinations_next(Value self)
{
    return step(self, combinations_advance, result_locked);
}

static Py_ssize_t combinations_limit(struct combiner *c, Py_ssize_t i)
{
    return i + c->count - c->length;
}
static Value combinations_setstate(Value self, Value state)
{
    return combiner_setstate(self, state, combinations_limit);
}

static const struct native_def combinations_methods[] = {
    {"__reduce__", "($self, /)", "How to make the object again, for pickling and copying.",
     .f0 = combiner_reduce},
    {"__setstate__", "($self, state, /)", "Sets the state that __reduce__ gave.",
     .f1 = combinations_setstate},
    {"__sizeof__", "($self, /)", "Size in memory, in bytes.", .f0 = combiner_sizeof},
    {NULL},
};
static struct type_info combinations_info = {
    .ops = {.new_ = combinations_new, .iter = tool_iterator_self, .next = combinations_next},
    .trace = combiner_trace,
    .methods = combinations_methods,
};
TOOL_TYPE(combinations_type, "combinations",
          "combinations(iterable, r)\n--\n\nSubsequences of length r.", sizeof(struct combiner),
          Py_TPFLAGS_BASETYPE, combinations_info)

/* ---- combinations_with_replacement. */

static Value replacement_new(PyTypeObject *type, const Value *args, size_t nargs, PyObject *kwnames)
{
    static const struct native_signature *signature;
    Value bound[2];
    if (native_bind("combinations_with_replacement", "(iterable, r)", &signature, args, nargs,
                    kwnames, bound) < 0) {
        return VALUE_NULL;
    }
    PyObject *pool = object_to_tuple(bound[0]);
    Py_ssize_t length;
    if (pool == NULL || parse_length(bound[1], &length) < 0) {
        return VALUE_NULL;
    }
    struct combiner *c = combiner_new(type, pool, length);
    if (c != NULL) {
        c->stopped = c->count == 0 && length > 0;
    }
    return value_from_object(c);
}

static bool replacement_advance(struct combiner *c)
{
    Py_ssize_t i = c->length - 1;
    while (i >= 0 && c->indices[i] == c->count - 1) {
        i--;
    }
    if (i < 0) {
        return false;
    }
    Py_ssize_t index = c->indices[i] + 1;
    for (; i < c->length; i++) {
        c->indices[i] = index;
    }
    return true;
}

static Value replacement_next(Value self)
{
    return step(self, replacement_advance, result_locked);
}

static Py_ssize_t last_of_pool(struct combiner *c, Py_ssize_t i)
{
    return c->count - 1;
}
static Value replacement_setstate(Value self, Value state)
{
    return combiner_setstate(self, state, last_of_pool);
}

static const struct native_def replacement_methods[] = {
    {"__reduce__", "($self, /)", "How to make the object again, for pickling and copying.",
     .f0 = combiner_reduce},
    {"__setstate__", "($self, state, /)", "Sets the state that __reduce__ gave.",
     .f1 = replacement_setstate},
    {"__sizeof__", "($self, /)", "Size in memory, in bytes.", .f0 = combiner_sizeof},
    {NULL},
};
static struct type_info replacement_info = {
    .ops = {.new_ = replacement_new, .iter = tool_iterator_self, .next = replacement_next},
    .trace = combiner_trace,
    .methods = replacement_methods,
};
TOOL_TYPE(combinations_with_replacement_type, "combinations_with_replacement",
          "combinations_with_replacement(iterable, r)\n--\n\n"
          "Subsequences of length r in which items may repeat.",
          sizeof(struct combiner), Py_TPFLAGS_BASETYPE, replacement_info)

/* ---- permutations. */

static Value permutations_new(PyTypeObject *type, const Value *args, size_t nargs,
                              PyObject *kwnames)
{
    static const struct native_signature *signature;
    Value bound[2];
    if (native_bind("permutations", "(iterable, r=None)", &signature, args, nargs, kwnames, bound) <
        0) {
        return VALUE_NULL;
    }
    PyObject *pool = object_to_tuple(bound[0]);
    Py_ssize_t length = pool != NULL ? tuple_length(pool) : 0;
    if (pool == NULL) {
        return VALUE_NULL;
    }
    if (value_is_present(bound[1]) && !value_is_none(bound[1])) {
        if (!int_check(bound[1])) {
            return error_raise(PyExc_TypeError, "Expected int as r");
        }
        if (parse_length(bound[1], &length) < 0) {
            return VALUE_NULL;
        }
    }
    bool none = length > tuple_length(pool);
    struct combiner *c = combiner_new(type, pool, none ? 0 : length);
    Py_ssize_t *cycles = c != NULL ? numbers_new(c->length) : NULL;
    if (cycles == NULL) {
        return VALUE_NULL;
    }
    for (Py_ssize_t i = 0; i < c->count; i++) {
        c->indices[i] = i;
    }
    for (Py_ssize_t i = 0; i < c->length; i++) {
        cycles[i] = c->count - i;
    }
    heap_store(c, &c->cycles, cycles);
    c->stopped = none;
    c->length = length;
    return value_from_object(c);
}

/* The rightmost cycle that is not over exchanges; those that are over rotate back. */
static bool permutations_advance(struct combiner *c)
{
    Py_ssize_t *indices = c->indices, n = c->count;
    for (Py_ssize_t i = c->length - 1; i >= 0; i--) {
        if (--c->cycles[i] != 0) {
            Py_ssize_t k = n - c->cycles[i], index = indices[i];
            indices[i] = indices[k];
            indices[k] = index;
            return true;
        }
        Py_ssize_t index = indices[i];
        memmove(indices + i, indices + i + 1, (size_t)(n - i - 1) * sizeof *indices);
        indices[n - 1] = index;
        c->cycles[i] = n - i;
    }
    return false;
}

static Value permutations_next(Value self)
{
    return step(self, permutations_advance, result_locked);
}

static PyObject *numbers_to_tuple(const Py_ssize_t *numbers, Py_ssize_t count)
{
    PyObject *t = tuple_new(count);
    for (Py_ssize_t i = 0; t != NULL && i < count; i++) {
        tuple_init_item(t, i, int_from_ssize(numbers[i]));
    }
    return t;
}

static Value permutations_reduce(Value self)
{
    struct combiner *c = cast(self);
    byte_lock(&c->lock);
    bool active = c->started && !c->stopped, stopped = c->stopped;
    PyObject *indices = active ? numbers_to_tuple(c->indices, c->count) : NULL;
    PyObject *cycles = active ? numbers_to_tuple(c->cycles, c->length) : NULL;
    byte_unlock(&c->lock);
    Value state = VALUE_ABSENT;
    if (active) {
        state = indices == NULL || cycles == NULL
                    ? VALUE_NULL
                    : value_from_object(tuple_pack(2, indices, cycles));
    }
    PyObject *pool = stopped ? tuple_new(0) : c->pool;
    return tool_reduce(self, tool_pair(value_from_object(pool), int_from_ssize(c->length)), state);
}

static Py_ssize_t cycle_limit(struct combiner *c, Py_ssize_t i)
{
    return c->count - i;
}

static Value permutations_setstate(Value self, Value state)
{
    struct combiner *c = cast(self);
    if (!tuple_check(state)) {
        return error_raise(PyExc_TypeError, "state is not a tuple");
    }
    PyObject *parts = value_object(state);
    if (tuple_length(parts) != 2) {
        return error_raise(PyExc_TypeError, "function takes exactly 2 arguments (%zd given)",
                           tuple_length(parts));
    }
    for (int i = 0; i < 2; i++) {
        if (!tuple_check(tuple_get(parts, i))) {
            return error_raise(PyExc_TypeError, "argument %d must be tuple, not %T", i + 1,
                               tuple_get(parts, i));
        }
    }
    PyObject *new_indices = tuple_object(parts, 0), *new_cycles = tuple_object(parts, 1);
    if (tuple_length(new_indices) != c->count || tuple_length(new_cycles) != c->length ||
        c->stopped) {
        return error_raise(PyExc_ValueError, "invalid arguments");
    }
    Py_ssize_t *indices = numbers_new(c->count), *cycles = numbers_new(c->length);
    if (indices == NULL || cycles == NULL ||
        read_indices(new_indices, c->count, indices, last_of_pool, c) < 0 ||
        read_indices(new_cycles, c->length, cycles, cycle_limit, c) < 0) {
        return VALUE_NULL;
    }
    for (Py_ssize_t i = 0; i < c->length; i++) {
        cycles[i] = cycles[i] < 1 ? 1 : cycles[i];
    }
    byte_lock(&c->lock);
    memcpy(c->indices, indices, (size_t)c->count * sizeof *indices);
    memcpy(c->cycles, cycles, (size_t)c->length * sizeof *cycles);
    c->started = true;
    byte_unlock(&c->lock);
    return VALUE_NONE;
}

static const struct native_def permutations_methods[] = {
    {"__reduce__", "($self, /)", "How to make the object again, for pickling and copying.",
     .f0 = permutations_reduce},
    {"__setstate__", "($self, state, /)", "Sets the state that __reduce__ gave.",
     .f1 = permutations_setstate},
    {"__sizeof__", "($self, /)", "Size in memory, in bytes.", .f0 = combiner_sizeof},
    {NULL},
};
static struct type_info permutations_info = {
    .ops = {.new_ = permutations_new, .iter = tool_iterator_self, .next = permutations_next},
    .trace = combiner_trace,
    .methods = permutations_methods,
};
TOOL_TYPE(permutations_type, "permutations",
          "permutations(iterable, r=None)\n--\n\nOrderings of r items.", sizeof(struct combiner),
          Py_TPFLAGS_BASETYPE, permutations_info)

/* ---- product: `pool` has the pools, each as often as `repeat` says. */

static int parse_repeat(const Value *args, size_t nargs, PyObject *kwnames, Py_ssize_t *repeat)
{
    Py_ssize_t keywords = kwnames != NULL ? tuple_length(kwnames) : 0;
    *repeat = 1;
    if (keywords == 0) {
        return 0;
    }
    if (keywords > 1) {
        return error_raise_int(PyExc_TypeError,
                               "product() takes at most 1 keyword argument (%zd given)", keywords);
    }
    if (!str_equal_text(tuple_object(kwnames, 0), "repeat")) {
        return error_raise_int(PyExc_TypeError, "'%U' is an invalid keyword argument for product()",
                               tuple_object(kwnames, 0));
    }
    if (arg_index(args[nargs], repeat) < 0) {
        return -1;
    }
    return *repeat < 0 ? error_raise_int(PyExc_ValueError, "repeat argument cannot be negative")
                       : 0;
}

static Value product_new(PyTypeObject *type, const Value *args, size_t nargs, PyObject *kwnames)
{
    Py_ssize_t repeat, count = (Py_ssize_t)nargs;
    if (parse_repeat(args, nargs, kwnames, &repeat) < 0) {
        return VALUE_NULL;
    }
    if (repeat > 0 && count > PY_SSIZE_T_MAX / (Py_ssize_t)sizeof(Value) / repeat) {
        return error_raise(PyExc_OverflowError, "repeat argument too large");
    }
    if (repeat == 0) {
        count = 0;
    }
    PyObject *pools = tuple_new(count * repeat);
    bool empty = false;
    for (Py_ssize_t i = 0; pools != NULL && i < count; i++) {
        PyObject *pool = object_to_tuple(args[i]);
        if (pool == NULL) {
            return VALUE_NULL;
        }
        empty |= tuple_length(pool) == 0;
        for (Py_ssize_t k = 0; k < repeat; k++) {
            tuple_init_item(pools, k * count + i, value_from_object(pool));
        }
    }
    struct combiner *c = combiner_new(type, pools, count * repeat);
    if (c != NULL) {
        c->stopped = empty;
    }
    return value_from_object(c);
}

static bool product_advance(struct combiner *c)
{
    for (Py_ssize_t i = c->length - 1; i >= 0; i--) {
        if (++c->indices[i] < tuple_length(tuple_object(c->pool, i))) {
            return true;
        }
        c->indices[i] = 0;
    }
    return false;
}

static PyObject *product_result(struct combiner *c)
{
    PyObject *t = tuple_new(c->length);
    for (Py_ssize_t i = 0; t != NULL && i < c->length; i++) {
        heap_init(t, &((PyTupleObject *)t)->ob_item[i],
                  tuple_object(tuple_object(c->pool, i), c->indices[i]));
    }
    return t;
}

static Value product_next(Value self)
{
    return step(self, product_advance, product_result);
}

static Value product_reduce(Value self)
{
    struct combiner *c = cast(self);
    byte_lock(&c->lock);
    bool active = c->started && !c->stopped, stopped = c->stopped;
    PyObject *indices = active ? numbers_to_tuple(c->indices, c->length) : NULL;
    byte_unlock(&c->lock);
    PyObject *pools = stopped ? tuple_pack(1, tuple_new(0)) : c->pool;
    return tool_reduce(self, pools, active ? value_from_object(indices) : VALUE_ABSENT);
}

static Py_ssize_t product_limit(struct combiner *c, Py_ssize_t i)
{
    return tuple_length(tuple_object(c->pool, i)) - 1;
}
static Value product_setstate(Value self, Value state)
{
    return combiner_setstate(self, state, product_limit);
}

static const struct native_def product_methods[] = {
    {"__reduce__", "($self, /)", "How to make the object again, for pickling and copying.",
     .f0 = product_reduce},
    {"__setstate__", "($self, state, /)", "Sets the state that __reduce__ gave.",
     .f1 = product_setstate},
    {"__sizeof__", "($self, /)", "Size in memory, in bytes.", .f0 = combiner_sizeof},
    {NULL},
};
static struct type_info product_info = {
    .ops = {.new_ = product_new, .iter = tool_iterator_self, .next = product_next},
    .trace = combiner_trace,
    .methods = product_methods,
};
TOOL_TYPE(product_type, "product",
          "product(*iterables, repeat=1)\n\nCartesian product, like nested loops.",
          sizeof(struct combiner), Py_TPFLAGS_BASETYPE, product_info)
