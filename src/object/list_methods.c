/* SPDX-License-Identifier: MIT */
/* The methods of lists, and the iterators over lists. */
#include "object/iterator.h"
#include "object/list_int.h"

static Value method_append(Value self, Value item)
{
    return list_append(value_object(self), item) < 0 ? VALUE_NULL : VALUE_NONE;
}

static Value method_clear(Value self)
{
    list_clear(value_object(self));
    return VALUE_NONE;
}

static Value method_copy(Value self)
{
    return value_from_object(list_copy(value_object(self)));
}

static Value method_count(Value self, Value wanted)
{
    PyObject *o = value_object(self);
    struct list_search search = list_search_begin(o);
    Py_ssize_t found = 0;
    for (Py_ssize_t i = 0;; i++) {
        Value item = list_find(o, i);
        if (value_is_absent(item)) {
            if (!list_search_missed(o, &search)) {
                return int_from_ssize(found);
            }
            o = list_copy(o); /* which nobody else changes */
            if (o == NULL) {
                return VALUE_NULL;
            }
            search = list_search_begin(o);
            found = 0;
            i = -1;
            continue;
        }
        int equal = object_equal(item, wanted);
        if (equal < 0) {
            return VALUE_NULL;
        }
        found += equal;
    }
}

static Value method_extend(Value self, Value iterable)
{
    return list_extend(value_object(self), iterable) < 0 ? VALUE_NULL : VALUE_NONE;
}

int arg_search_range(Value start, Value stop, Py_ssize_t length, Py_ssize_t *low, Py_ssize_t *high)
{
    *low = 0;
    *high = PY_SSIZE_T_MAX;
    if (value_is_present(start) && arg_slice_index(start, low) < 0) {
        return -1;
    }
    if (value_is_present(stop) && arg_slice_index(stop, high) < 0) {
        return -1;
    }
    if (*low < 0) {
        *low += length;
        *low = *low < 0 ? 0 : *low;
    }
    if (*high < 0) {
        *high += length;
        *high = *high < 0 ? 0 : *high;
    }
    return 0;
}

static Value method_index(Value self, const Value *args)
{
    PyObject *o = value_object(self);
    Py_ssize_t low, high;
    if (arg_search_range(args[1], args[2], list_length(o), &low, &high) < 0) {
        return VALUE_NULL;
    }
    Py_ssize_t at = list_search(o, args[0], low, high);
    if (at == -1) {
        return error_raise(PyExc_ValueError, "%R is not in list", args[0]);
    }
    return at < 0 ? VALUE_NULL : int_from_ssize(at);
}

static Value method_insert(Value self, const Value *args)
{
    Py_ssize_t index;
    if (arg_index(args[0], &index) < 0 || list_insert(value_object(self), index, args[1]) < 0) {
        return VALUE_NULL;
    }
    return VALUE_NONE;
}

static Value method_pop(Value self, const Value *args)
{
    Py_ssize_t index = -1;
    if (value_is_present(args[0]) && arg_index(args[0], &index) < 0) {
        return VALUE_NULL;
    }
    return list_pop(value_object(self), index);
}

/* Deletes item i if it still is the given one. */
static bool delete_if_same(PyObject *o, Py_ssize_t i, Value item)
{
    PyListObject *list = (PyListObject *)o;
    byte_lock(list_byte_lock(o));
    bool same = i < ((PyVarObject *)o)->ob_size && list->ob_item[i] == value_object(item);
    if (same) {
        list_remove_range_locked(list, i, i + 1);
    }
    byte_unlock(list_byte_lock(o));
    return same;
}

/* What a comparison or another thread moved away meanwhile is looked for again. */
static Value method_remove(Value self, Value wanted)
{
    PyObject *o = value_object(self);
    struct list_search search = list_search_begin(o);
    for (Py_ssize_t i = 0;;) {
        Value item = list_find(o, i);
        if (value_is_absent(item)) {
            if (!list_search_missed(o, &search)) {
                return error_raise(PyExc_ValueError, "list.remove(x): x not in list");
            }
            search = list_search_begin(o);
            i = 0;
            continue;
        }
        int equal = object_equal(item, wanted);
        if (equal < 0) {
            return VALUE_NULL;
        }
        if (equal && delete_if_same(o, i, item)) {
            return VALUE_NONE;
        }
        i = equal ? 0 : i + 1;
    }
}

static Value method_reverse(Value self)
{
    list_reverse(value_object(self));
    return VALUE_NONE;
}

static Value method_reversed(Value self)
{
    PyObject *o = value_object(self);
    return value_from_object(sequence_iterator_new_of(&PyListRevIter_Type, o, list_length(o) - 1));
}

static Value method_sizeof(Value self)
{
    PyListObject *list = (PyListObject *)value_object(self);
    PyTypeObject *type = ((PyObject *)list)->ob_type;
    struct list_items *array = list_items_of(list);
    return int_from_ssize(type->tp_basicsize + array->capacity * (Py_ssize_t)sizeof(PyObject *));
}

static Value method_sort(Value self, const Value *args)
{
    bool reverse = false;
    Value key = value_is_present(args[0]) && value_is_none(args[0]) ? VALUE_ABSENT : args[0];
    if (value_is_present(args[1])) {
        int flag;
        if (arg_int(args[1], &flag) < 0) {
            return VALUE_NULL;
        }
        reverse = flag != 0;
    }
    return list_sort(value_object(self), key, reverse) < 0 ? VALUE_NULL : VALUE_NONE;
}

static Value method_class_getitem(Value self, Value item)
{
    return value_from_object(generic_alias_new(self, item));
}

const struct native_def list_methods[] = {
    {"__reversed__", "($self, /)", "A reverse iterator over the list.", .f0 = method_reversed},
    {"__sizeof__", "($self, /)", "Size of the list in memory, in bytes.", .f0 = method_sizeof},
    {"__class_getitem__", "($type, item, /)", "See PEP 585", NATIVE_CLASS,
     .f1 = method_class_getitem},
    {"append", "($self, object, /)", "Add an object to the end of the list.", .f1 = method_append},
    {"clear", "($self, /)", "Remove all items.", .f0 = method_clear},
    {"copy", "($self, /)", "A shallow copy of the list.", .f0 = method_copy},
    {"count", "($self, value, /)", "How many items equal value.", .f1 = method_count},
    {"extend", "($self, iterable, /)", "Add all items of the iterable to the end.",
     .f1 = method_extend},
    {"index", "($self, value, start=0, stop=sys.maxsize, /)",
     "Index of the first item that equals value.\n\nRaises ValueError if there is none.",
     .n = method_index},
    {"insert", "($self, index, object, /)", "Insert object before index.", .n = method_insert},
    {"pop", "($self, index=-1, /)",
     "Remove and return the item at index (default last).\n\n"
     "Raises IndexError if list is empty or index is out of range.",
     .n = method_pop},
    {"remove", "($self, value, /)",
     "Remove the first item that equals value.\n\nRaises ValueError if there is none.",
     .f1 = method_remove},
    {"reverse", "($self, /)", "Reverse the list in place.", .f0 = method_reverse},
    {"sort", "($self, /, *, key=None, reverse=False)",
     "Sort the list in place, in ascending order; the sort is stable.\n\n"
     "A key function is applied once to each item. The reverse flag sorts in descending order.",
     .n = method_sort},
    {NULL},
};

/* ---- Iterators. */

static void iterator_trace(PyObject *self, struct tracer *tracer)
{
    trace_pointer(tracer, ((struct sequence_iterator *)self)->sequence);
}

static Value iterator_self(Value self)
{
    return self;
}

PyObject *list_iterator_step_slow(struct sequence_iterator *it)
{
    PyObject *list = atomic_load_acquire(&it->sequence);
    if (list == NULL) {
        return NULL;
    }
    for (;;) {
        Py_ssize_t i = atomic_load_relaxed(&it->index);
        Value found = list_find(list, i);
        if (value_is_absent(found)) {
            if (it->owned != NULL) { /* else others may be reading it */
                it->owned = NULL;
            }
            heap_store(it, &it->sequence, NULL);
            return NULL;
        }
        if (sequence_iterator_move(it, i, i + 1)) {
            return value_object(found);
        }
    }
}

static Value list_iterator_next(Value self)
{
    PyObject *item = list_iterator_step((struct sequence_iterator *)value_object(self));
    return LIKELY(item != NULL) ? int_unbox_ready(item) : VALUE_ABSENT;
}

static Value list_reverse_next(Value self)
{
    struct sequence_iterator *it = (struct sequence_iterator *)value_object(self);
    PyObject *list = atomic_load_acquire(&it->sequence);
    if (list == NULL) {
        return VALUE_ABSENT;
    }
    for (;;) {
        Py_ssize_t index = atomic_load_relaxed(&it->index);
        Value item = index >= 0 ? list_find(list, index) : VALUE_ABSENT;
        if (UNLIKELY(value_is_absent(item))) {
            break;
        }
        if (LIKELY(sequence_iterator_move(it, index, index - 1))) {
            return int_unbox_ready(value_object(item));
        }
    }
    atomic_store_relaxed(&it->index, -1);
    heap_store(it, &it->sequence, NULL);
    return VALUE_ABSENT;
}

static Value list_iterator_hint(Value self)
{
    struct sequence_iterator *it = (struct sequence_iterator *)value_object(self);
    PyObject *list = atomic_load_acquire(&it->sequence);
    Py_ssize_t left = list != NULL ? list_length(list) - it->index : 0;
    return int_from_ssize(left > 0 ? left : 0);
}

static Value list_reverse_hint(Value self)
{
    struct sequence_iterator *it = (struct sequence_iterator *)value_object(self);
    PyObject *list = atomic_load_acquire(&it->sequence);
    Py_ssize_t left = it->index + 1;
    return int_from_ssize(list == NULL || left > list_length(list) ? 0 : left);
}

static Value list_iterator_reduce(Value self)
{
    struct sequence_iterator *it = (struct sequence_iterator *)value_object(self);
    PyObject *list = atomic_load_acquire(&it->sequence);
    if (list == NULL) {
        return iterator_reduce("iter", value_from_object(list_new(0)), VALUE_ABSENT);
    }
    return iterator_reduce("iter", value_from_object(list), int_from_ssize(it->index));
}

static Value list_reverse_reduce(Value self)
{
    struct sequence_iterator *it = (struct sequence_iterator *)value_object(self);
    PyObject *list = atomic_load_acquire(&it->sequence);
    if (list == NULL) {
        return iterator_reduce("iter", value_from_object(list_new(0)), VALUE_ABSENT);
    }
    return iterator_reduce("reversed", value_from_object(list), int_from_ssize(it->index));
}

static Value list_iterator_setstate(Value self, Value state)
{
    struct sequence_iterator *it = (struct sequence_iterator *)value_object(self);
    Py_ssize_t index;
    if (arg_index(state, &index) < 0) {
        return VALUE_NULL;
    }
    PyObject *list = atomic_load_acquire(&it->sequence);
    if (list != NULL) {
        Py_ssize_t length = list_length(list);
        atomic_store_relaxed(&it->index, index < 0 ? 0 : index > length ? length : index);
    }
    return VALUE_NONE;
}

static Value list_reverse_setstate(Value self, Value state)
{
    struct sequence_iterator *it = (struct sequence_iterator *)value_object(self);
    Py_ssize_t index;
    if (arg_index(state, &index) < 0) {
        return VALUE_NULL;
    }
    PyObject *list = atomic_load_acquire(&it->sequence);
    if (list != NULL) {
        Py_ssize_t last = list_length(list) - 1;
        atomic_store_relaxed(&it->index, index < -1 ? -1 : index > last ? last : index);
    }
    return VALUE_NONE;
}

static const struct native_def list_iterator_methods[] = {
    {"__length_hint__", "($self, /)", "About how many items are left.", .f0 = list_iterator_hint},
    {"__reduce__", "($self, /)", "How to make the object again, for pickling and copying.",
     .f0 = list_iterator_reduce},
    {"__setstate__", "($self, state, /)", "Sets the state that __reduce__ gave.",
     .f1 = list_iterator_setstate},
    {NULL},
};

static struct type_info list_iterator_info = {
    .ops = {.iter = iterator_self, .next = list_iterator_next},
    .trace = iterator_trace,
    .methods = list_iterator_methods,
    .flags = TYPE_NO_NEW,
};

PyTypeObject PyListIter_Type = {
    STATIC_TYPE_HEAD,
    .tp_name = "list_iterator",
    .tp_basicsize = sizeof(struct sequence_iterator),
    .tp_flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_HAVE_GC,
    .tp_cache = (PyObject *)&list_iterator_info,
};

static const struct native_def list_reverse_methods[] = {
    {"__length_hint__", "($self, /)", "About how many items are left.", .f0 = list_reverse_hint},
    {"__reduce__", "($self, /)", "How to make the object again, for pickling and copying.",
     .f0 = list_reverse_reduce},
    {"__setstate__", "($self, state, /)", "Sets the state that __reduce__ gave.",
     .f1 = list_reverse_setstate},
    {NULL},
};

static struct type_info list_reverse_info = {
    .ops = {.iter = iterator_self, .next = list_reverse_next},
    .trace = iterator_trace,
    .methods = list_reverse_methods,
    .flags = TYPE_NO_NEW,
};

PyTypeObject PyListRevIter_Type = {
    STATIC_TYPE_HEAD,
    .tp_name = "list_reverseiterator",
    .tp_basicsize = sizeof(struct sequence_iterator),
    .tp_flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_HAVE_GC,
    .tp_cache = (PyObject *)&list_reverse_info,
};
