/* SPDX-License-Identifier: MIT */
/* itertools: the module, and the iterators that do not end by themselves or take others one after
 * the other. itertools_select.c has those that select, itertools_combine.c the combinatoric ones,
 * itertools_group.c groupby, tee and zip_longest. */
#include "module/itertools_int.h"

#include "object/float.h"

/* ---- count: `state` is the next number (atomic), `function` the step. */

static bool is_number(Value v)
{
    struct type_ops *ops = value_ops(v);
    return int_check(v) || float_check(v) || ops->index != NULL || ops->int_ != NULL ||
           ops->float_ != NULL || value_is_instance(v, &PyComplex_Type);
}

static Value count_new(PyTypeObject *type, const Value *args, size_t nargs, PyObject *kwnames)
{
    static const struct native_signature *signature;
    Value bound[2];
    if (native_bind("count", "(start=0, step=1)", &signature, args, nargs, kwnames, bound) < 0) {
        return VALUE_NULL;
    }
    for (int i = 0; i < 2; i++) {
        if (value_is_absent(bound[i])) {
            bound[i] = value_from_int(i);
        } else if (!is_number(bound[i])) {
            return error_raise(PyExc_TypeError, "a number is required");
        }
        /* Ints of any representation count as ints; True is 1. */
        int64_t small;
        if (int_check(bound[i]) && int_clip_i64(bound[i], &small) == 0 && value_int_fits(small)) {
            bound[i] = value_from_int(small);
        }
    }
    struct tool *t = tool_new(type, VALUE_ABSENT);
    if (t != NULL) {
        heap_init_value(t, &t->state, bound[0]);
        heap_init_value(t, &t->function, bound[1]);
    }
    return value_from_object(t);
}

/* Numbers that are no small ints. Floats, too, go to one thread each. */
static Value count_slowly(struct tool *t, Value current)
{
    for (;;) {
        Value after = object_binary(current, t->function, OP_ADD);
        if (value_is_null(after)) {
            return after;
        }
        if (!value_is_double(current) || !value_is_double(after)) {
            heap_store_value(t, &t->state, after);
            return current;
        }
        if (atomic_cas_acq_rel(&t->state.bits, current.bits, after.bits)) {
            return current;
        }
    }
}

static Value count_next(Value self)
{
    struct tool *t = tool_cast(self);
    Value current = value_load_acquire(&t->state);
    while (value_both_int(current, t->function)) {
        int64_t sum = value_int(current) + value_int(t->function);
        if (!value_int_fits(sum)) {
            break;
        }
        if (atomic_cas_acq_rel(&t->state.bits, current.bits, value_from_int(sum).bits)) {
            return current;
        }
    }
    return count_slowly(t, current);
}

static Value count_repr(Value self)
{
    struct tool *t = tool_cast(self);
    const char *name = type_short_name(value_type(self));
    Value current = value_load_acquire(&t->state);
    if (value_same_bits(t->function, value_from_int(1))) {
        return value_from_object(str_format("%s(%R)", name, current));
    }
    return value_from_object(str_format("%s(%R, %R)", name, current, t->function));
}

static Value count_reduce(Value self)
{
    struct tool *t = tool_cast(self);
    Value arguments[2] = {value_load_acquire(&t->state), t->function};
    bool plain = value_same_bits(t->function, value_from_int(1));
    return tool_reduce(self, tuple_from_array(arguments, plain ? 1 : 2), VALUE_ABSENT);
}

static const struct native_def count_methods[] = {
    {"__reduce__", "($self, /)", "How to make the object again, for pickling and copying.",
     .f0 = count_reduce},
    {NULL},
};
static struct type_info count_info = {
    .ops = {.new_ = count_new, .repr = count_repr, .iter = tool_iterator_self, .next = count_next},
    .trace = tool_trace,
    .methods = count_methods,
};
TOOL_TYPE(count_type, "count", "count(start=0, step=1)\n--\n\nCounts without end.",
          sizeof(struct tool), Py_TPFLAGS_BASETYPE, count_info)

/* ---- cycle: `state` is the list of saved items, `index` the next of them. */

static Value cycle_new(PyTypeObject *type, const Value *args, size_t nargs, PyObject *kwnames)
{
    if ((type_ops(type)->init == type_ops(&cycle_type)->init &&
         native_no_keywords("cycle", kwnames) < 0) ||
        native_check_positional("cycle", nargs, 1, 1) < 0) {
        return VALUE_NULL;
    }
    struct tool *t = tool_new(type, object_iter(args[0]));
    PyObject *saved = t != NULL ? list_new(0) : NULL;
    if (saved == NULL) {
        return VALUE_NULL;
    }
    heap_store(t, &t->state, saved);
    return value_from_object(t);
}

static Value cycle_again(struct tool *t, PyObject *saved)
{
    for (;;) {
        Py_ssize_t index = atomic_load_relaxed(&t->index), length = list_length(saved);
        if (length == 0) {
            return VALUE_ABSENT;
        }
        Py_ssize_t at = index < length ? index : 0;
        Value item = list_find(saved, at);
        if (tool_move(t, index, at + 1 < length ? at + 1 : 0)) {
            return item;
        }
    }
}

static Value cycle_next(Value self)
{
    struct tool *t = tool_cast(self);
    Value iterator = value_load_acquire(&t->iterator);
    PyObject *saved = value_object(value_load_acquire(&t->state));
    if (!value_is_null(iterator)) {
        Value item = object_next(iterator);
        if (!value_is_absent(item)) {
            bool keep = !value_is_null(item) && !t->flag;
            return keep && list_append(saved, item) < 0 ? VALUE_NULL : item;
        }
        heap_store_value(t, &t->iterator, VALUE_NULL);
    }
    return cycle_again(t, saved);
}

static Value cycle_reduce(Value self)
{
    struct tool *t = tool_cast(self);
    Value iterator = value_load_acquire(&t->iterator), saved = value_load_acquire(&t->state);
    bool first_pass = !value_is_null(iterator);
    if (!first_pass) {
        iterator = object_iter(saved);
        if (value_is_null(iterator)) {
            return iterator;
        }
        ((struct sequence_iterator *)value_object(iterator))->index = t->index;
    }
    PyObject *state = tool_pair(saved, value_from_bool(!first_pass));
    return tool_reduce(self, tuple_from_array(&iterator, 1), value_from_object(state));
}

static Value cycle_setstate(Value self, Value state)
{
    struct tool *t = tool_cast(self);
    int64_t flag;
    if (!tuple_check(state)) {
        return error_raise(PyExc_TypeError, "state is not a tuple");
    }
    PyObject *parts = value_object(state);
    if (tuple_length(parts) != 2) {
        return error_raise(PyExc_TypeError, "function takes exactly 2 arguments (%zd given)",
                           tuple_length(parts));
    }
    if (!list_check(tuple_get(parts, 0))) {
        return error_raise(PyExc_TypeError, "argument 1 must be list, not %T", tuple_get(parts, 0));
    }
    if (arg_i64(tuple_get(parts, 1), &flag) < 0) {
        return VALUE_NULL;
    }
    heap_store_value(t, &t->state, tuple_get(parts, 0));
    t->flag = flag != 0;
    t->index = 0;
    return VALUE_NONE;
}

static const struct native_def cycle_methods[] = {
    {"__reduce__", "($self, /)", "How to make the object again, for pickling and copying.",
     .f0 = cycle_reduce},
    {"__setstate__", "($self, state, /)", "Sets the state that __reduce__ gave.",
     .f1 = cycle_setstate},
    {NULL},
};
static struct type_info cycle_info = {
    .ops = {.new_ = cycle_new, .iter = tool_iterator_self, .next = cycle_next},
    .trace = tool_trace,
    .methods = cycle_methods,
};
TOOL_TYPE(cycle_type, "cycle", "cycle(iterable, /)\n--\n\nThe items again and again.",
          sizeof(struct tool), Py_TPFLAGS_BASETYPE, cycle_info)

/* ---- repeat: `state` is the object, `index` how often it still comes (atomic), -1 for ever. */

static Value repeat_new(PyTypeObject *type, const Value *args, size_t nargs, PyObject *kwnames)
{
    static const struct native_signature *signature;
    Value bound[2];
    Py_ssize_t times = -1;
    if (native_bind("repeat", "(object, times=<unrepresentable>)", &signature, args, nargs, kwnames,
                    bound) < 0) {
        return VALUE_NULL;
    }
    if (value_is_present(bound[1])) {
        if (arg_index(bound[1], &times) < 0) {
            return VALUE_NULL;
        }
        times = times < 0 ? 0 : times;
    }
    struct tool *t = tool_new(type, VALUE_ABSENT);
    if (t != NULL) {
        heap_init_value(t, &t->state, bound[0]);
        t->index = times;
    }
    return value_from_object(t);
}

static Value repeat_next(Value self)
{
    struct tool *t = tool_cast(self);
    Py_ssize_t left = atomic_load_relaxed(&t->index);
    while (left > 0 && !atomic_cas_relaxed(&t->index, left, left - 1)) {
    }
    return left == 0 ? VALUE_ABSENT : t->state;
}

static Value repeat_repr(Value self)
{
    struct tool *t = tool_cast(self);
    const char *name = type_short_name(value_type(self));
    if (t->index < 0) {
        return value_from_object(str_format("%s(%R)", name, t->state));
    }
    return value_from_object(str_format("%s(%R, %zd)", name, t->state, t->index));
}

static Value repeat_hint(Value self)
{
    Py_ssize_t left = tool_cast(self)->index;
    return left < 0 ? error_raise(PyExc_TypeError, "len() of unsized object")
                    : int_from_ssize(left);
}

static Value repeat_reduce(Value self)
{
    struct tool *t = tool_cast(self);
    Value arguments[2] = {t->state, int_from_ssize(t->index)};
    return tool_reduce(self, tuple_from_array(arguments, t->index < 0 ? 1 : 2), VALUE_ABSENT);
}

static const struct native_def repeat_methods[] = {
    {"__length_hint__", "($self, /)", "About how many items are left.", .f0 = repeat_hint},
    {"__reduce__", "($self, /)", "How to make the object again, for pickling and copying.",
     .f0 = repeat_reduce},
    {NULL},
};
static struct type_info repeat_info = {
    .ops = {.new_ = repeat_new,
            .repr = repeat_repr,
            .iter = tool_iterator_self,
            .next = repeat_next},
    .trace = tool_trace,
    .methods = repeat_methods,
};
TOOL_TYPE(repeat_type, "repeat", "repeat(object [,times])\n\nThe object, times times or for ever.",
          sizeof(struct tool), Py_TPFLAGS_BASETYPE, repeat_info)

/* ---- chain: `iterator` gives iterables, `state` is the iterator of the current one. */

static Value chain_make(PyTypeObject *type, Value iterables)
{
    return value_from_object(tool_new(type, object_iter(iterables)));
}

static Value chain_new(PyTypeObject *type, const Value *args, size_t nargs, PyObject *kwnames)
{
    if (type_ops(type)->init == type_ops(&chain_type)->init &&
        native_no_keywords("chain", kwnames) < 0) {
        return VALUE_NULL;
    }
    PyObject *iterables = tuple_from_array(args, nargs);
    return iterables != NULL ? chain_make(type, value_from_object(iterables)) : VALUE_NULL;
}

static Value chain_from_iterable(Value class, Value iterable)
{
    return chain_make((PyTypeObject *)value_object(class), iterable);
}

static Value chain_next(Value self)
{
    struct tool *t = tool_cast(self);
    for (;;) {
        Value source = value_load_acquire(&t->iterator);
        if (value_is_null(source)) {
            return VALUE_ABSENT;
        }
        Value active = value_load_acquire(&t->state);
        if (value_is_null(active)) {
            Value iterable = object_next(source);
            active = value_is_present(iterable) ? object_iter(iterable) : iterable;
            if (!value_is_present(active)) {
                heap_store_value(t, &t->iterator, VALUE_NULL);
                return active;
            }
            heap_store_value(t, &t->state, active);
        }
        Value item = object_next(active);
        if (!value_is_absent(item)) {
            return item;
        }
        heap_store_value(t, &t->state, VALUE_NULL);
    }
}

static Value chain_reduce(Value self)
{
    struct tool *t = tool_cast(self);
    Value source = value_load_acquire(&t->iterator), active = value_load_acquire(&t->state);
    Value state = VALUE_ABSENT;
    if (!value_is_null(source)) {
        Value parts[2] = {source, active};
        state = value_from_object(tuple_from_array(parts, value_is_null(active) ? 1 : 2));
    }
    return tool_reduce(self, tuple_new(0), state);
}

static Value chain_setstate(Value self, Value state)
{
    struct tool *t = tool_cast(self);
    if (!tuple_check(state)) {
        return error_raise(PyExc_TypeError, "state is not a tuple");
    }
    PyObject *parts = value_object(state);
    Py_ssize_t count = tuple_length(parts);
    if (count < 1 || count > 2) {
        return error_raise(PyExc_TypeError, "function takes at %s %d argument%s (%zd given)",
                           count < 1 ? "least" : "most", count < 1 ? 1 : 2, count < 1 ? "" : "s",
                           count);
    }
    for (Py_ssize_t i = 0; i < count; i++) {
        if (!object_is_iterator(tuple_get(parts, i))) {
            return error_raise(PyExc_TypeError, "Arguments must be iterators.");
        }
    }
    heap_store_value(t, &t->iterator, tuple_get(parts, 0));
    heap_store_value(t, &t->state, count > 1 ? tuple_get(parts, 1) : VALUE_NULL);
    return VALUE_NONE;
}

static Value class_getitem(Value self, Value item)
{
    return value_from_object(generic_alias_new(self, item));
}

static const struct native_def chain_methods[] = {
    {"from_iterable", "($type, iterable, /)", "Like chain(*iterable), but lazily.", NATIVE_CLASS,
     .f1 = chain_from_iterable},
    {"__reduce__", "($self, /)", "How to make the object again, for pickling and copying.",
     .f0 = chain_reduce},
    {"__setstate__", "($self, state, /)", "Sets the state that __reduce__ gave.",
     .f1 = chain_setstate},
    {"__class_getitem__", "($type, item, /)", "See PEP 585", NATIVE_CLASS, .f1 = class_getitem},
    {NULL},
};
static struct type_info chain_info = {
    .ops = {.new_ = chain_new, .iter = tool_iterator_self, .next = chain_next},
    .trace = tool_trace,
    .methods = chain_methods,
};
TOOL_TYPE(chain_type, "chain", "chain(*iterables)\n\nThe items of one iterable after the other.",
          sizeof(struct tool), Py_TPFLAGS_BASETYPE, chain_info)

/* ---- accumulate: `function` or None, `state` the total (VALUE_NULL: none yet), `extra` initial.
 */

static Value accumulate_new(PyTypeObject *type, const Value *args, size_t nargs, PyObject *kwnames)
{
    static const struct native_signature *signature;
    Value bound[3];
    if (native_bind("accumulate", "(iterable, func=None, *, initial=None)", &signature, args, nargs,
                    kwnames, bound) < 0) {
        return VALUE_NULL;
    }
    struct tool *t = tool_new(type, object_iter(bound[0]));
    if (t != NULL) {
        heap_init_value(t, &t->function, value_is_absent(bound[1]) ? VALUE_NONE : bound[1]);
        heap_init_value(t, &t->extra, value_is_absent(bound[2]) ? VALUE_NONE : bound[2]);
    }
    return value_from_object(t);
}

static Value accumulate_next(Value self)
{
    struct tool *t = tool_cast(self);
    Value initial = value_load_acquire(&t->extra);
    if (!value_is_none(initial)) {
        heap_store_value(t, &t->extra, VALUE_NONE);
        heap_store_value(t, &t->state, initial);
        return initial;
    }
    Value item = object_next(t->iterator);
    if (!value_is_present(item)) {
        return item;
    }
    Value total = value_load_acquire(&t->state);
    if (!value_is_null(total)) {
        item = value_is_none(t->function) ? object_binary(total, item, OP_ADD)
                                          : object_call2(t->function, total, item);
        if (value_is_null(item)) {
            return item;
        }
    }
    heap_store_value(t, &t->state, item);
    return item;
}

/* An iterator that gives one item and then those of another. */
static Value with_first(Value first, Value iterator)
{
    PyObject *one = tuple_from_array(&first, 1);
    PyObject *both = one != NULL ? tool_pair(value_from_object(one), iterator) : NULL;
    return both != NULL ? chain_make(&chain_type, value_from_object(both)) : VALUE_NULL;
}

static Value accumulate_reduce(Value self)
{
    struct tool *t = tool_cast(self);
    Value total = value_load_acquire(&t->state), initial = value_load_acquire(&t->extra);
    if (!value_is_none(initial)) {
        Value chain = with_first(initial, t->iterator);
        PyObject *arguments = value_is_null(chain) ? NULL : tool_pair(chain, t->function);
        return tool_reduce(self, arguments, VALUE_NONE);
    }
    if (!value_is_null(total) && value_is_none(total)) {
        /* None as a state means "no total": begin with it and skip it. */
        Value chain = with_first(total, t->iterator);
        Value again = value_is_null(chain)
                          ? chain
                          : object_call2(value_from_object(value_type(self)), chain, t->function);
        if (value_is_null(again)) {
            return again;
        }
        Value parts[3] = {again, value_from_int(1), VALUE_NONE};
        return value_from_object(
            tuple_pack(2, (PyObject *)&islice_type, tuple_from_array(parts, 3)));
    }
    return tool_reduce(self, tool_pair(t->iterator, t->function),
                       value_is_null(total) ? VALUE_NONE : total);
}

static Value accumulate_setstate(Value self, Value state)
{
    struct tool *t = tool_cast(self);
    heap_store_value(t, &t->state, value_is_none(state) ? VALUE_NULL : state);
    return VALUE_NONE;
}

static const struct native_def accumulate_methods[] = {
    {"__reduce__", "($self, /)", "How to make the object again, for pickling and copying.",
     .f0 = accumulate_reduce},
    {"__setstate__", "($self, state, /)", "Sets the state that __reduce__ gave.",
     .f1 = accumulate_setstate},
    {NULL},
};
static struct type_info accumulate_info = {
    .ops = {.new_ = accumulate_new, .iter = tool_iterator_self, .next = accumulate_next},
    .trace = tool_trace,
    .methods = accumulate_methods,
};
TOOL_TYPE(accumulate_type, "accumulate",
          "accumulate(iterable, func=None, *, initial=None)\n--\n\nRunning totals.",
          sizeof(struct tool), Py_TPFLAGS_BASETYPE, accumulate_info)

/* ---- The module. */

static const struct native_def functions[] = {
    {"tee", "($module, iterable, n=2, /)",
     "tee(iterable, n=2)\n\nA tuple of n independent iterators.", .raw = itertools_tee},
    {NULL},
};

static int itertools_exec(PyObject *module)
{
    PyTypeObject *types[] = {
        &accumulate_type,   &combinations_with_replacement_type,
        &combinations_type, &count_type,
        &cycle_type,        &dropwhile_type,
        &takewhile_type,    &islice_type,
        &starmap_type,      &chain_type,
        &compress_type,     &filterfalse_type,
        &zip_longest_type,  &pairwise_type,
        &permutations_type, &product_type,
        &repeat_type,       &groupby_type,
        &grouper_type,      &tee_type,
        &tee_data_type,
    };
    for (size_t i = 0; i < sizeof types / sizeof types[0]; i++) {
        if (type_ready(types[i]) < 0 || module_add_type(module, types[i]) < 0) {
            return -1;
        }
    }
    return 0;
}

const struct module_def itertools_module = {
    .name = "itertools",
    .doc = "Functional tools for creating and using iterators.",
    .functions = functions,
    .exec = itertools_exec,
};
