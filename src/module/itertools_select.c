/* SPDX-License-Identifier: MIT */
/* itertools: iterators that let some items through, or call a function on each. */
#include "module/itertools_int.h"

/* Makes a tool from (function, iterable). */
static Value function_tool_new(PyTypeObject *type, PyTypeObject *exact, const char *name,
                               const Value *args, size_t nargs, PyObject *kwnames)
{
    if ((type_ops(type)->init == type_ops(exact)->init && native_no_keywords(name, kwnames) < 0) ||
        native_check_positional(name, nargs, 2, 2) < 0) {
        return VALUE_NULL;
    }
    struct tool *t = tool_new(type, object_iter(args[1]));
    if (t != NULL) {
        heap_init_value(t, &t->function, args[0]);
    }
    return value_from_object(t);
}

/* Is function(item) true? 1, 0, -1. */
static int test_item(struct tool *t, Value item)
{
    Value verdict = object_call1(t->function, item);
    return value_is_null(verdict) ? -1 : object_truth(verdict);
}

static Value reduce_plain(Value self)
{
    struct tool *t = tool_cast(self);
    return tool_reduce(self, tool_pair(t->function, t->iterator), VALUE_ABSENT);
}

static Value reduce_with_flag(Value self)
{
    struct tool *t = tool_cast(self);
    return tool_reduce(self, tool_pair(t->function, t->iterator), value_from_int(t->flag));
}

static Value setstate_flag(Value self, Value state)
{
    int truth = object_truth(state);
    if (truth < 0) {
        return VALUE_NULL;
    }
    tool_cast(self)->flag = (uint8_t)truth;
    return VALUE_NONE;
}

static const struct native_def flag_methods[] = {
    {"__reduce__", "($self, /)", "How to make the object again, for pickling and copying.",
     .f0 = reduce_with_flag},
    {"__setstate__", "($self, state, /)", "Sets the state that __reduce__ gave.",
     .f1 = setstate_flag},
    {NULL},
};
static const struct native_def plain_methods[] = {
    {"__reduce__", "($self, /)", "How to make the object again, for pickling and copying.",
     .f0 = reduce_plain},
    {NULL},
};

/* ---- dropwhile: `flag` says that dropping is over. */

static Value dropwhile_new(PyTypeObject *type, const Value *args, size_t nargs, PyObject *kwnames)
{
    return function_tool_new(type, &dropwhile_type, "dropwhile", args, nargs, kwnames);
}

static Value dropwhile_next(Value self)
{
    struct tool *t = tool_cast(self);
    for (;;) {
        Value item = object_next(t->iterator);
        if (!value_is_present(item) || atomic_load_relaxed(&t->flag)) {
            return item;
        }
        int truth = test_item(t, item);
        if (truth <= 0) {
            atomic_store_relaxed(&t->flag, truth == 0);
            return truth < 0 ? VALUE_NULL : item;
        }
    }
}

static struct type_info dropwhile_info = {
    .ops = {.new_ = dropwhile_new, .iter = tool_iterator_self, .next = dropwhile_next},
    .trace = tool_trace,
    .methods = flag_methods,
};
TOOL_TYPE(dropwhile_type, "dropwhile",
          "dropwhile(predicate, iterable, /)\n--\n\nThe items from the first that fails the test.",
          sizeof(struct tool), Py_TPFLAGS_BASETYPE, dropwhile_info)

/* ---- takewhile: `flag` says that it is over. */

static Value takewhile_new(PyTypeObject *type, const Value *args, size_t nargs, PyObject *kwnames)
{
    return function_tool_new(type, &takewhile_type, "takewhile", args, nargs, kwnames);
}

static Value takewhile_next(Value self)
{
    struct tool *t = tool_cast(self);
    if (atomic_load_relaxed(&t->flag)) {
        return VALUE_ABSENT;
    }
    Value item = object_next(t->iterator);
    if (!value_is_present(item)) {
        return item;
    }
    int truth = test_item(t, item);
    atomic_store_relaxed(&t->flag, truth == 0);
    return truth > 0 ? item : truth < 0 ? VALUE_NULL : VALUE_ABSENT;
}

static struct type_info takewhile_info = {
    .ops = {.new_ = takewhile_new, .iter = tool_iterator_self, .next = takewhile_next},
    .trace = tool_trace,
    .methods = flag_methods,
};
TOOL_TYPE(takewhile_type, "takewhile",
          "takewhile(predicate, iterable, /)\n--\n\nThe items up to the first that fails the test.",
          sizeof(struct tool), Py_TPFLAGS_BASETYPE, takewhile_info)

/* ---- filterfalse. */

static Value filterfalse_new(PyTypeObject *type, const Value *args, size_t nargs, PyObject *kwnames)
{
    return function_tool_new(type, &filterfalse_type, "filterfalse", args, nargs, kwnames);
}

static Value filterfalse_next(Value self)
{
    struct tool *t = tool_cast(self);
    bool itself =
        value_is_none(t->function) || value_same_bits(t->function, value_from_object(&PyBool_Type));
    for (;;) {
        Value item = object_next(t->iterator);
        if (!value_is_present(item)) {
            return item;
        }
        int truth = itself ? object_truth(item) : test_item(t, item);
        if (truth <= 0) {
            return truth < 0 ? VALUE_NULL : item;
        }
    }
}

static struct type_info filterfalse_info = {
    .ops = {.new_ = filterfalse_new, .iter = tool_iterator_self, .next = filterfalse_next},
    .trace = tool_trace,
    .methods = plain_methods,
};
TOOL_TYPE(filterfalse_type, "filterfalse",
          "filterfalse(function, iterable, /)\n--\n\nThe items that fail the test.",
          sizeof(struct tool), Py_TPFLAGS_BASETYPE, filterfalse_info)

/* ---- starmap. */

static Value starmap_new(PyTypeObject *type, const Value *args, size_t nargs, PyObject *kwnames)
{
    return function_tool_new(type, &starmap_type, "starmap", args, nargs, kwnames);
}

static Value starmap_next(Value self)
{
    struct tool *t = tool_cast(self);
    Value item = object_next(t->iterator);
    if (!value_is_present(item)) {
        return item;
    }
    PyObject *arguments = tuple_check_exact(item) ? value_object(item) : object_to_tuple(item);
    return arguments != NULL ? object_call_tuple(t->function, arguments, NULL) : VALUE_NULL;
}

static struct type_info starmap_info = {
    .ops = {.new_ = starmap_new, .iter = tool_iterator_self, .next = starmap_next},
    .trace = tool_trace,
    .methods = plain_methods,
};
TOOL_TYPE(starmap_type, "starmap",
          "starmap(function, iterable, /)\n--\n\nfunction(*args) for each args of the iterable.",
          sizeof(struct tool), Py_TPFLAGS_BASETYPE, starmap_info)

/* ---- compress: `state` is the iterator of the selectors. */

static Value compress_new(PyTypeObject *type, const Value *args, size_t nargs, PyObject *kwnames)
{
    static const struct native_signature *signature;
    Value bound[2];
    if (native_bind("compress", "(data, selectors)", &signature, args, nargs, kwnames, bound) < 0) {
        return VALUE_NULL;
    }
    Value data = object_iter(bound[0]);
    Value selectors = value_is_null(data) ? data : object_iter(bound[1]);
    struct tool *t = value_is_null(selectors) ? NULL : tool_new(type, data);
    if (t != NULL) {
        heap_init_value(t, &t->state, selectors);
    }
    return value_from_object(t);
}

static Value compress_next(Value self)
{
    struct tool *t = tool_cast(self);
    for (;;) {
        Value item = object_next(t->iterator);
        Value selector = value_is_present(item) ? object_next(t->state) : item;
        if (!value_is_present(selector)) {
            return selector;
        }
        int truth = object_truth(selector);
        if (truth != 0) {
            return truth < 0 ? VALUE_NULL : item;
        }
    }
}

static Value compress_reduce(Value self)
{
    struct tool *t = tool_cast(self);
    return tool_reduce(self, tool_pair(t->iterator, t->state), VALUE_ABSENT);
}

static const struct native_def compress_methods[] = {
    {"__reduce__", "($self, /)", "How to make the object again, for pickling and copying.",
     .f0 = compress_reduce},
    {NULL},
};
static struct type_info compress_info = {
    .ops = {.new_ = compress_new, .iter = tool_iterator_self, .next = compress_next},
    .trace = tool_trace,
    .methods = compress_methods,
};
TOOL_TYPE(compress_type, "compress",
          "compress(data, selectors)\n--\n\nThe data items whose selector is true.",
          sizeof(struct tool), Py_TPFLAGS_BASETYPE, compress_info)

/* ---- islice: `index` counts the items taken from the iterator so far, `extra` (an int) is the
 * index of the next item to give out (see islice_next_one), `stop` is -1 for none. */

static bool parse_bound(Value v, Py_ssize_t fallback, Py_ssize_t *out)
{
    *out = fallback;
    if (value_is_none(v)) {
        return true;
    }
    if (object_has_index(v) && subscript_index(v, out) == 0) {
        return *out >= 0;
    }
    error_clear();
    return false;
}

static Value islice_new(PyTypeObject *type, const Value *args, size_t nargs, PyObject *kwnames)
{
    Py_ssize_t start = 0, stop, step = 1;
    if ((type_ops(type)->init == type_ops(&islice_type)->init &&
         native_no_keywords("islice", kwnames) < 0) ||
        native_check_positional("islice", nargs, 2, 4) < 0) {
        return VALUE_NULL;
    }
    if (!parse_bound(args[nargs > 2 ? 2 : 1], -1, &stop)) {
        return error_raise(PyExc_ValueError, "Stop argument for islice() must be None or an "
                                             "integer: 0 <= x <= sys.maxsize.");
    }
    if (nargs > 2 && !parse_bound(args[1], 0, &start)) {
        return error_raise(PyExc_ValueError, "Indices for islice() must be None or an integer: "
                                             "0 <= x <= sys.maxsize.");
    }
    if (nargs > 3 && (!parse_bound(args[3], 1, &step) || step < 1)) {
        return error_raise(PyExc_ValueError,
                           "Step for islice() must be a positive integer or None.");
    }
    struct tool *t = tool_new(type, object_iter(args[0]));
    if (t != NULL) {
        t->extra = int_from_ssize(start);
        t->stop = stop;
        t->step = step;
    }
    return value_from_object(t);
}

static Value islice_end(struct tool *t)
{
    heap_store_value(t, &t->iterator, VALUE_NULL);
    return VALUE_ABSENT;
}

/* With a step of 1 an item is claimed by its number before it is taken, so that threads do not take
 * more than there shall be. `extra` stays the first number to give out. */
static Value islice_next_one(struct tool *t, Value iterator, Py_ssize_t start)
{
    for (;;) {
        Py_ssize_t index = atomic_load_relaxed(&t->index);
        if (t->stop != -1 && index >= t->stop && index >= start) {
            return islice_end(t);
        }
        if (!tool_move(t, index, index + 1)) {
            continue;
        }
        Value item = object_next(iterator);
        if (!value_is_present(item)) {
            atomic_fetch_add_relaxed(&t->index, -1);
            return value_is_null(item) ? item : islice_end(t);
        }
        if (index >= start) {
            return item;
        }
    }
}

static Value islice_next(Value self)
{
    struct tool *t = tool_cast(self);
    Value iterator = value_load_acquire(&t->iterator);
    int64_t wanted = 0;
    if (value_is_null(iterator)) {
        return VALUE_ABSENT;
    }
    int_clip_i64(value_load_relaxed(&t->extra), &wanted);
    if (t->step == 1) {
        return islice_next_one(t, iterator, wanted);
    }
    while (atomic_load_relaxed(&t->index) < wanted) {
        Value skipped = object_next(iterator);
        if (!value_is_present(skipped)) {
            return value_is_null(skipped) ? skipped : islice_end(t);
        }
        atomic_store_relaxed(&t->index, atomic_load_relaxed(&t->index) + 1);
    }
    if (t->stop != -1 && atomic_load_relaxed(&t->index) >= t->stop) {
        return islice_end(t);
    }
    Value item = object_next(iterator);
    if (!value_is_present(item)) {
        return value_is_null(item) ? item : islice_end(t);
    }
    atomic_store_relaxed(&t->index, atomic_load_relaxed(&t->index) + 1);
    int64_t after = (int64_t)((uint64_t)wanted + (uint64_t)t->step);
    if (after < wanted || (t->stop != -1 && after > t->stop)) {
        after = t->stop == -1 ? PY_SSIZE_T_MAX : t->stop;
    }
    heap_store_value(t, &t->extra, int_from_i64(after));
    return item;
}

/* The number of the next item to give out. */
static Value islice_wanted(struct tool *t)
{
    int64_t wanted = 0;
    Value next = value_load_relaxed(&t->extra);
    int_clip_i64(next, &wanted);
    Py_ssize_t index = atomic_load_relaxed(&t->index);
    return t->step == 1 && index > wanted ? int_from_ssize(index) : next;
}

static Value islice_reduce(Value self)
{
    struct tool *t = tool_cast(self);
    Value iterator = value_load_acquire(&t->iterator);
    if (value_is_null(iterator)) {
        Value empty = object_iter(value_from_object(list_new(0)));
        Value arguments[2] = {empty, value_from_int(0)};
        return value_is_null(empty)
                   ? empty
                   : tool_reduce(self, tuple_from_array(arguments, 2), value_from_int(0));
    }
    Value next = islice_wanted(t);
    Value arguments[4] = {iterator, next, t->stop == -1 ? VALUE_NONE : int_from_ssize(t->stop),
                          int_from_ssize(t->step)};
    return tool_reduce(self, tuple_from_array(arguments, 4), int_from_ssize(t->index));
}

static Value islice_setstate(Value self, Value state)
{
    Py_ssize_t index;
    if (arg_index(state, &index) < 0) {
        return VALUE_NULL;
    }
    tool_cast(self)->index = index;
    return VALUE_NONE;
}

static const struct native_def islice_methods[] = {
    {"__reduce__", "($self, /)", "How to make the object again, for pickling and copying.",
     .f0 = islice_reduce},
    {"__setstate__", "($self, state, /)", "Sets the state that __reduce__ gave.",
     .f1 = islice_setstate},
    {NULL},
};
static struct type_info islice_info = {
    .ops = {.new_ = islice_new, .iter = tool_iterator_self, .next = islice_next},
    .trace = tool_trace,
    .methods = islice_methods,
};
TOOL_TYPE(islice_type, "islice",
          "islice(iterable, stop)\nislice(iterable, start, stop[, step])\n\n"
          "The items that a slice would select.",
          sizeof(struct tool), Py_TPFLAGS_BASETYPE, islice_info)

/* ---- pairwise: `state` is the previous item. */

static Value pairwise_new(PyTypeObject *type, const Value *args, size_t nargs, PyObject *kwnames)
{
    if ((type_ops(type)->init == type_ops(&pairwise_type)->init &&
         native_no_keywords("pairwise", kwnames) < 0) ||
        native_check_positional("pairwise", nargs, 1, 1) < 0) {
        return VALUE_NULL;
    }
    return value_from_object(tool_new(type, object_iter(args[0])));
}

static Value pairwise_next(Value self)
{
    struct tool *t = tool_cast(self);
    Value iterator = value_load_acquire(&t->iterator), old = value_load_acquire(&t->state);
    if (value_is_null(iterator)) {
        return VALUE_ABSENT;
    }
    if (value_is_null(old)) {
        old = object_next(iterator);
        if (value_is_present(old)) {
            heap_store_value(t, &t->state, old);
            if (value_is_null(value_load_acquire(&t->iterator))) {
                heap_store_value(t, &t->state, VALUE_NULL);
                return VALUE_ABSENT;
            }
        }
    }
    Value item = value_is_present(old) ? object_next(iterator) : old;
    if (!value_is_present(item)) {
        heap_store_value(t, &t->iterator, VALUE_NULL);
        heap_store_value(t, &t->state, VALUE_NULL);
        return item;
    }
    heap_store_value(t, &t->state, item);
    return value_from_object(tool_pair(old, item));
}

static struct type_info pairwise_info = {
    .ops = {.new_ = pairwise_new, .iter = tool_iterator_self, .next = pairwise_next},
    .trace = tool_trace,
};
TOOL_TYPE(pairwise_type, "pairwise",
          "pairwise(iterable, /)\n--\n\nOverlapping pairs of successive items.",
          sizeof(struct tool), Py_TPFLAGS_BASETYPE, pairwise_info)
