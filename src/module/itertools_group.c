/* SPDX-License-Identifier: MIT */
/* itertools: groupby, tee and zip_longest. */
#include "module/itertools_int.h"

/* ---- groupby. The group iterators share the state of their parent. */

struct groupby {
    PyObject_HEAD Value iterator, key_function; /* constant */
    Value target_key;                           /* of the current group; VALUE_NULL: none yet */
    Value current_key;                          /* of current_value */
    Value current_value;                        /* taken, but not given out; VALUE_NULL: none */
    PyObject *group;                            /* the group iterator that may go on */
};

struct grouper {
    PyObject_HEAD PyObject *parent; /* constant */
    Value target_key;               /* constant */
};

static void groupby_trace(PyObject *self, struct tracer *tracer)
{
    struct groupby *g = (struct groupby *)self;
    trace_value(tracer, g->iterator);
    trace_value(tracer, g->key_function);
    trace_value(tracer, g->target_key);
    trace_value(tracer, g->current_key);
    trace_value(tracer, g->current_value);
    trace_pointer(tracer, g->group);
}

static Value groupby_new(PyTypeObject *type, const Value *args, size_t nargs, PyObject *kwnames)
{
    static const struct native_signature *signature;
    Value bound[2];
    if (native_bind("groupby", "(iterable, key=None)", &signature, args, nargs, kwnames, bound) <
        0) {
        return VALUE_NULL;
    }
    Value iterator = object_iter(bound[0]);
    struct groupby *g = NULL;
    if (!value_is_null(iterator)) {
        g = (struct groupby *)object_alloc(type, 0);
    }
    if (g != NULL) {
        heap_init_value(g, &g->iterator, iterator);
        heap_init_value(g, &g->key_function, value_is_absent(bound[1]) ? VALUE_NONE : bound[1]);
    }
    return value_from_object(g);
}

/* Takes the next item and its key: 1, 0 at the end, -1. */
static int groupby_step(struct groupby *g)
{
    Value item = object_next(g->iterator);
    if (!value_is_present(item)) {
        return value_is_null(item) ? -1 : 0;
    }
    Value key = value_is_none(g->key_function) ? item : object_call1(g->key_function, item);
    if (value_is_null(key)) {
        return -1;
    }
    heap_store_value(g, &g->current_value, item);
    heap_store_value(g, &g->current_key, key);
    return 1;
}

static Value grouper_make(struct groupby *g, Value target_key)
{
    struct grouper *group =
        (struct grouper *)object_alloc_bytes(&grouper_type, sizeof(struct grouper));
    if (group != NULL) {
        heap_init(group, &group->parent, (PyObject *)g);
        heap_init_value(group, &group->target_key, target_key);
        heap_store(g, &g->group, group);
    }
    return value_from_object(group);
}

static Value groupby_next(Value self)
{
    struct groupby *g = (struct groupby *)value_object(self);
    heap_store(g, &g->group, NULL);
    for (;;) {
        Value current = value_load_acquire(&g->current_key);
        Value target = value_load_acquire(&g->target_key);
        if (!value_is_null(current)) {
            if (value_is_null(target)) {
                break;
            }
            int equal = object_equal(target, current);
            if (equal < 0) {
                return VALUE_NULL;
            }
            if (!equal) {
                break;
            }
        }
        int got = groupby_step(g);
        if (got <= 0) {
            return got < 0 ? VALUE_NULL : VALUE_ABSENT;
        }
    }
    Value key = value_load_acquire(&g->current_key);
    heap_store_value(g, &g->target_key, key);
    Value group = grouper_make(g, key);
    return value_is_null(group) ? group : value_from_object(tool_pair(key, group));
}

static Value groupby_reduce(Value self)
{
    struct groupby *g = (struct groupby *)value_object(self);
    Value parts[3] = {g->current_value, g->target_key, g->current_key};
    bool whole = !value_is_null(parts[0]) && !value_is_null(parts[1]) && !value_is_null(parts[2]);
    return tool_reduce(self, tool_pair(g->iterator, g->key_function),
                       whole ? value_from_object(tuple_from_array(parts, 3)) : VALUE_ABSENT);
}

static Value groupby_setstate(Value self, Value state)
{
    struct groupby *g = (struct groupby *)value_object(self);
    if (!tuple_check(state)) {
        return error_raise(PyExc_TypeError, "state is not a tuple");
    }
    PyObject *parts = value_object(state);
    if (tuple_length(parts) != 3) {
        return error_raise(PyExc_TypeError, "function takes exactly 3 arguments (%zd given)",
                           tuple_length(parts));
    }
    heap_store_value(g, &g->current_value, tuple_get(parts, 0));
    heap_store_value(g, &g->target_key, tuple_get(parts, 1));
    heap_store_value(g, &g->current_key, tuple_get(parts, 2));
    return VALUE_NONE;
}

static const struct native_def groupby_methods[] = {
    {"__reduce__", "($self, /)", "How to make the object again, for pickling and copying.",
     .f0 = groupby_reduce},
    {"__setstate__", "($self, state, /)", "Sets the state that __reduce__ gave.",
     .f1 = groupby_setstate},
    {NULL},
};
static struct type_info groupby_info = {
    .ops = {.new_ = groupby_new, .iter = tool_iterator_self, .next = groupby_next},
    .trace = groupby_trace,
    .methods = groupby_methods,
};
TOOL_TYPE(groupby_type, "groupby",
          "groupby(iterable, key=None)\n--\n\nPairs of a key and the consecutive items with it.",
          sizeof(struct groupby), Py_TPFLAGS_BASETYPE, groupby_info)

static void grouper_trace(PyObject *self, struct tracer *tracer)
{
    struct grouper *group = (struct grouper *)self;
    trace_pointer(tracer, group->parent);
    trace_value(tracer, group->target_key);
}

static Value grouper_new(PyTypeObject *type, const Value *args, size_t nargs, PyObject *kwnames)
{
    if (native_no_keywords("_grouper", kwnames) < 0 ||
        native_check_positional("_grouper", nargs, 2, 2) < 0) {
        return VALUE_NULL;
    }
    if (!value_is_instance(args[0], &groupby_type)) {
        return error_raise(PyExc_TypeError, "argument 1 must be itertools.groupby, not %T",
                           args[0]);
    }
    return grouper_make((struct groupby *)value_object(args[0]), args[1]);
}

static Value grouper_next(Value self)
{
    struct grouper *group = (struct grouper *)value_object(self);
    struct groupby *g = (struct groupby *)group->parent;
    if (atomic_load_acquire(&g->group) != (PyObject *)group) {
        return VALUE_ABSENT;
    }
    if (value_is_null(value_load_acquire(&g->current_value))) {
        int got = groupby_step(g);
        if (got <= 0) {
            return got < 0 ? VALUE_NULL : VALUE_ABSENT;
        }
    }
    int equal = object_equal(group->target_key, value_load_acquire(&g->current_key));
    if (equal <= 0) {
        return equal < 0 ? VALUE_NULL : VALUE_ABSENT;
    }
    Value item = value_load_acquire(&g->current_value);
    heap_store_value(g, &g->current_value, VALUE_NULL);
    heap_store_value(g, &g->current_key, VALUE_NULL);
    return value_is_null(item) ? VALUE_ABSENT : item;
}

static Value grouper_reduce(Value self)
{
    struct grouper *group = (struct grouper *)value_object(self);
    struct groupby *g = (struct groupby *)group->parent;
    if (atomic_load_acquire(&g->group) != (PyObject *)group) {
        return iterator_reduce("iter", value_from_object(tuple_new(0)), VALUE_ABSENT);
    }
    return tool_reduce(self, tool_pair(value_from_object(group->parent), group->target_key),
                       VALUE_ABSENT);
}

static const struct native_def grouper_methods[] = {
    {"__reduce__", "($self, /)", "How to make the object again, for pickling and copying.",
     .f0 = grouper_reduce},
    {NULL},
};
static struct type_info grouper_info = {
    .ops = {.new_ = grouper_new, .iter = tool_iterator_self, .next = grouper_next},
    .trace = grouper_trace,
    .methods = grouper_methods,
};
TOOL_TYPE(grouper_type, "_grouper", NULL, sizeof(struct grouper), 0, grouper_info)

/* ---- tee: a linked list of data objects with up to 57 items each, which the iterators walk. */

enum { TEE_ITEMS = 57 };

struct tee_data {
    PyObject_HEAD Value iterator; /* constant */
    PyObject *next;               /* set once */
    Py_ssize_t count;             /* items read; the owner of `running` writes it (release) */
    uint8_t running;              /* atomic: somebody asks the iterator */
    Value items[TEE_ITEMS];
};

struct tee {
    PyObject_HEAD PyObject *data;
    Py_ssize_t index;
    PyObject *weak_references;
};

static void tee_data_trace(PyObject *self, struct tracer *tracer)
{
    struct tee_data *d = (struct tee_data *)self;
    trace_value(tracer, d->iterator);
    trace_pointer(tracer, d->next);
    trace_words(tracer, d->items, TEE_ITEMS);
}

static struct tee_data *tee_data_make(Value iterator)
{
    struct tee_data *d =
        (struct tee_data *)object_alloc_bytes(&tee_data_type, sizeof(struct tee_data));
    if (d != NULL) {
        heap_init_value(d, &d->iterator, iterator);
    }
    return d;
}

/* Item i, reading it from the iterator if it is the next one. */
static Value tee_data_item(struct tee_data *d, Py_ssize_t i)
{
    uint8_t idle = 0;
    if (i < atomic_load_acquire(&d->count)) {
        return value_load_acquire(&d->items[i]);
    }
    if (!atomic_cas_acq_rel(&d->running, idle, 1)) {
        return error_raise(PyExc_RuntimeError, "cannot re-enter the tee iterator");
    }
    Value item;
    Py_ssize_t count = atomic_load_acquire(&d->count);
    if (i < count) {
        item = value_load_acquire(&d->items[i]);
    } else {
        /* Threads that share a tee may ask beyond the next place: no place is left out. */
        item = object_next(d->iterator);
        if (value_is_present(item)) {
            heap_store_value(d, &d->items[count], item);
            atomic_store_release(&d->count, count + 1);
        }
    }
    atomic_store_release(&d->running, 0);
    return item;
}

static struct tee_data *tee_data_next(struct tee_data *d)
{
    PyObject *next = atomic_load_acquire(&d->next);
    if (next != NULL) {
        return (struct tee_data *)next;
    }
    struct tee_data *fresh = tee_data_make(d->iterator);
    PyObject *nothing = NULL;
    if (fresh == NULL) {
        return NULL;
    }
    heap_barrier(d, &d->next, 0, (uint64_t)(uintptr_t)fresh);
    if (!atomic_cas_acq_rel(&d->next, nothing, (PyObject *)fresh)) {
        return (struct tee_data *)nothing;
    }
    return fresh;
}

static Value tee_data_reduce(Value self)
{
    struct tee_data *d = (struct tee_data *)value_object(self);
    PyObject *next = atomic_load_acquire(&d->next);
    PyObject *items = list_from_array(d->items, (size_t)atomic_load_acquire(&d->count));
    Value parts[3] = {d->iterator, value_from_object(items),
                      next != NULL ? value_from_object(next) : VALUE_NONE};
    return items == NULL ? VALUE_NULL : tool_reduce(self, tuple_from_array(parts, 3), VALUE_ABSENT);
}

static Value tee_data_new(PyTypeObject *type, const Value *args, size_t nargs, PyObject *kwnames)
{
    if (native_no_keywords("teedataobject", kwnames) < 0 ||
        native_check_positional("teedataobject", nargs, 3, 3) < 0) {
        return VALUE_NULL;
    }
    if (!list_check(args[1])) {
        return error_raise(PyExc_TypeError, "teedataobject() argument 2 must be list, not %T",
                           args[1]);
    }
    PyObject *items = list_to_tuple(value_object(args[1]));
    Py_ssize_t count = items != NULL ? tuple_length(items) : 0;
    bool has_next = !value_is_none(args[2]);
    bool valid = count <= TEE_ITEMS &&
                 (!has_next || (count == TEE_ITEMS && value_type(args[2]) == &tee_data_type));
    if (!valid) {
        return error_raise(PyExc_ValueError, "Invalid arguments");
    }
    struct tee_data *d = items != NULL ? tee_data_make(args[0]) : NULL;
    if (d == NULL) {
        return VALUE_NULL;
    }
    for (Py_ssize_t i = 0; i < count; i++) {
        heap_init_value(d, &d->items[i], tuple_get(items, i));
    }
    d->count = count;
    if (has_next) {
        heap_init(d, &d->next, value_object(args[2]));
    }
    return value_from_object(d);
}

static const struct native_def tee_data_methods[] = {
    {"__reduce__", "($self, /)", "How to make the object again, for pickling and copying.",
     .f0 = tee_data_reduce},
    {NULL},
};
static struct type_info tee_data_info = {
    .ops = {.new_ = tee_data_new},
    .trace = tee_data_trace,
    .methods = tee_data_methods,
};
TOOL_TYPE(tee_data_type, "_tee_dataobject",
          "teedataobject(iterable, values, next, /)\n--\n\nItems shared by tee iterators.",
          sizeof(struct tee_data), 0, tee_data_info)

static void tee_trace(PyObject *self, struct tracer *tracer)
{
    trace_pointer(tracer, ((struct tee *)self)->data);
}

static Value tee_make(PyObject *data, Py_ssize_t index)
{
    struct tee *t = data != NULL ? (struct tee *)object_alloc(&tee_type, 0) : NULL;
    if (t != NULL) {
        heap_init(t, &t->data, data);
        t->index = index;
    }
    return value_from_object(t);
}

static Value tee_copy(Value self)
{
    struct tee *t = (struct tee *)value_object(self);
    return tee_make(t->data, t->index);
}

static Value tee_from_iterable(Value iterable)
{
    Value iterator = object_iter(iterable);
    if (value_is_null(iterator)) {
        return iterator;
    }
    if (value_is_instance(iterator, &tee_type)) {
        return tee_copy(iterator);
    }
    return tee_make((PyObject *)tee_data_make(iterator), 0);
}

static Value tee_new(PyTypeObject *type, const Value *args, size_t nargs, PyObject *kwnames)
{
    if (native_check_positional("_tee", nargs, 1, 1) < 0) {
        return VALUE_NULL;
    }
    return tee_from_iterable(args[0]);
}

static Value tee_next(Value self)
{
    struct tee *t = (struct tee *)value_object(self);
    struct tee_data *data = (struct tee_data *)atomic_load_acquire(&t->data);
    Py_ssize_t index = atomic_load_relaxed(&t->index);
    if (index >= TEE_ITEMS && atomic_load_acquire(&data->count) < TEE_ITEMS) {
        index = 0; /* another thread has just come to this block: the place is of the one before */
    }
    if (index >= TEE_ITEMS) {
        data = tee_data_next(data);
        if (data == NULL) {
            return VALUE_NULL;
        }
        heap_store(t, &t->data, data);
        index = 0;
    }
    Value item = tee_data_item(data, index);
    atomic_store_relaxed(&t->index, value_is_present(item) ? index + 1 : index);
    return item;
}

static Value tee_reduce(Value self)
{
    struct tee *t = (struct tee *)value_object(self);
    Value empty = value_from_object(tuple_new(0));
    PyObject *state = tool_pair(value_from_object(t->data), int_from_ssize(t->index));
    return tool_reduce(self, tuple_from_array(&empty, 1), value_from_object(state));
}

static Value tee_setstate(Value self, Value state)
{
    struct tee *t = (struct tee *)value_object(self);
    Py_ssize_t index;
    if (!tuple_check(state)) {
        return error_raise(PyExc_TypeError, "state is not a tuple");
    }
    PyObject *parts = value_object(state);
    if (tuple_length(parts) != 2) {
        return error_raise(PyExc_TypeError, "function takes exactly 2 arguments (%zd given)",
                           tuple_length(parts));
    }
    if (value_type(tuple_get(parts, 0)) != &tee_data_type) {
        return error_raise(PyExc_TypeError, "argument 1 must be itertools._tee_dataobject, not %T",
                           tuple_get(parts, 0));
    }
    if (arg_index(tuple_get(parts, 1), &index) < 0) {
        return VALUE_NULL;
    }
    if (index < 0 || index > TEE_ITEMS) {
        return error_raise(PyExc_ValueError, "Index out of range");
    }
    heap_store(t, &t->data, tuple_object(parts, 0));
    t->index = index;
    return VALUE_NONE;
}

static const struct native_def tee_methods[] = {
    {"__copy__", "($self, /)", "An independent iterator.", .f0 = tee_copy},
    {"__reduce__", "($self, /)", "How to make the object again, for pickling and copying.",
     .f0 = tee_reduce},
    {"__setstate__", "($self, state, /)", "Sets the state that __reduce__ gave.",
     .f1 = tee_setstate},
    {NULL},
};
static struct type_info tee_info = {
    .ops = {.new_ = tee_new, .iter = tool_iterator_self, .next = tee_next},
    .trace = tee_trace,
    .methods = tee_methods,
};
PyTypeObject tee_type = {
    STATIC_TYPE_HEAD,
    .tp_name = "itertools._tee",
    .tp_doc = "_tee(iterable, /)\n--\n\nOne of several iterators over the same items.",
    .tp_basicsize = sizeof(struct tee),
    .tp_weaklistoffset = offsetof(struct tee, weak_references),
    .tp_flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_HAVE_GC,
    .tp_cache = (PyObject *)&tee_info,
};

Value itertools_tee(Value module, const Value *args, size_t nargs, PyObject *kwnames)
{
    Py_ssize_t n = 2;
    Value copy;
    if (native_no_keywords("itertools.tee", kwnames) < 0 ||
        native_check_positional("tee", nargs, 1, 2) < 0 ||
        (nargs > 1 && arg_index(args[1], &n) < 0)) {
        return VALUE_NULL;
    }
    if (n < 0) {
        return error_raise(PyExc_ValueError, "n must be >= 0");
    }
    PyObject *result = tuple_new(n);
    if (result == NULL || n == 0) {
        return value_from_object(result);
    }
    Value iterator = object_iter(args[0]);
    if (value_is_null(iterator)) {
        return iterator;
    }
    int found = object_find_attr(iterator, names.__copy__, &copy);
    if (found == 0) {
        iterator = tee_from_iterable(iterator);
        found = value_is_null(iterator) ? -1 : object_find_attr(iterator, names.__copy__, &copy);
    }
    for (Py_ssize_t i = 0; found > 0 && i < n; i++) {
        Value one = i == 0 ? iterator : object_call0(copy);
        if (value_is_null(one)) {
            return one;
        }
        tuple_init_item(result, i, one);
    }
    return found < 0 ? VALUE_NULL : value_from_object(result);
}

/* ---- zip_longest: `state` is a list of iterators, None where one has ended (a list because it
 * changes); `index` is 0 once all have; `extra` is the fill value. Threads that share one may see
 * the same iterator end, so nobody counts those that go on. */

static Value zip_longest_new(PyTypeObject *type, const Value *args, size_t nargs, PyObject *kwnames)
{
    Py_ssize_t keywords = kwnames != NULL ? tuple_length(kwnames) : 0;
    if (keywords > 1 || (keywords == 1 && !str_equal_text(tuple_object(kwnames, 0), "fillvalue"))) {
        return error_raise(PyExc_TypeError, "zip_longest() got an unexpected keyword argument");
    }
    PyObject *iterators = list_new((Py_ssize_t)nargs);
    for (size_t i = 0; iterators != NULL && i < nargs; i++) {
        Value iterator = object_iter(args[i]);
        if (value_is_null(iterator) || list_append(iterators, iterator) < 0) {
            return VALUE_NULL;
        }
    }
    struct tool *t = iterators != NULL ? tool_new(type, VALUE_ABSENT) : NULL;
    if (t != NULL) {
        heap_init_value(t, &t->state, value_from_object(iterators));
        heap_init_value(t, &t->extra, keywords == 1 ? args[nargs] : VALUE_NONE);
        t->index = (Py_ssize_t)nargs;
    }
    return value_from_object(t);
}

static Value zip_longest_next(Value self)
{
    struct tool *t = tool_cast(self);
    PyObject *iterators = value_object(t->state);
    Py_ssize_t count = list_length(iterators);
    if (count == 0 || atomic_load_relaxed(&t->index) == 0) {
        return VALUE_ABSENT;
    }
    PyObject *result = tuple_new(count);
    bool any = false;
    for (Py_ssize_t i = 0; result != NULL && i < count; i++) {
        Value iterator = list_find(iterators, i), item = t->extra;
        if (!value_is_none(iterator)) {
            item = object_next(iterator);
            if (value_is_null(item)) {
                atomic_store_relaxed(&t->index, 0);
                return item;
            }
            if (value_is_absent(item)) {
                item = t->extra;
                list_set(iterators, i, VALUE_NONE);
            } else {
                any = true;
            }
        }
        if (tuple_init_item(result, i, item) < 0) {
            return VALUE_NULL;
        }
    }
    if (result != NULL && !any) {
        atomic_store_relaxed(&t->index, 0);
        return VALUE_ABSENT;
    }
    return value_from_object(result);
}

static Value zip_longest_reduce(Value self)
{
    struct tool *t = tool_cast(self);
    PyObject *iterators = list_to_tuple(value_object(t->state));
    PyObject *arguments = iterators != NULL ? tuple_new(tuple_length(iterators)) : NULL;
    for (Py_ssize_t i = 0; arguments != NULL && i < tuple_length(iterators); i++) {
        Value iterator = tuple_get(iterators, i);
        tuple_init_item(arguments, i,
                        value_is_none(iterator) ? value_from_object(tuple_new(0)) : iterator);
    }
    return tool_reduce(self, arguments, t->extra);
}

static Value zip_longest_setstate(Value self, Value state)
{
    struct tool *t = tool_cast(self);
    heap_store_value(t, &t->extra, state);
    return VALUE_NONE;
}

static const struct native_def zip_longest_methods[] = {
    {"__reduce__", "($self, /)", "How to make the object again, for pickling and copying.",
     .f0 = zip_longest_reduce},
    {"__setstate__", "($self, state, /)", "Sets the state that __reduce__ gave.",
     .f1 = zip_longest_setstate},
    {NULL},
};
static struct type_info zip_longest_info = {
    .ops = {.new_ = zip_longest_new, .iter = tool_iterator_self, .next = zip_longest_next},
    .trace = tool_trace,
    .methods = zip_longest_methods,
};
TOOL_TYPE(zip_longest_type, "zip_longest",
          "zip_longest(*iterables, fillvalue=None)\n\nLike zip, filling up what is shorter.",
          sizeof(struct tool), Py_TPFLAGS_BASETYPE, zip_longest_info)
