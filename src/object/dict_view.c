/* SPDX-License-Identifier: MIT */
/* keys(), values() and items() of dicts, and the iterators over dicts. */
#include "object/dict_int.h"
#include "object/set_int.h"

enum part { PART_KEY, PART_VALUE, PART_ITEM };

/* ---- Iterators. */

static ALWAYS_INLINE uint64_t make_progress(size_t position, size_t remaining)
{
    return (uint64_t)remaining << 32 | position; /* tables have less than 2^32 entries */
}

PyObject *dict_iterator_new(PyObject *d, PyTypeObject *type)
{
    struct dict_iterator *it =
        (struct dict_iterator *)object_alloc_bytes(type, sizeof(struct dict_iterator));
    if (it == NULL) {
        return NULL;
    }
    const struct dict_table *t = dict_table(d);
    heap_fill(it, &it->dict, d);
    it->used = dict_length(d);
    size_t position = 0;
    if (type == &PyDictRevIterKey_Type || type == &PyDictRevIterValue_Type ||
        type == &PyDictRevIterItem_Type) {
        position = t->kind == DICT_VIEW ? (size_t)it->used : atomic_load_acquire(&t->used_entries);
    }
    it->progress = make_progress(position, (size_t)it->used);
    return (PyObject *)it;
}

Value dict_op_iter(Value self)
{
    return value_from_object(dict_iterator_new(value_object(self), &PyDictIterKey_Type));
}

static void iterator_trace(PyObject *self, struct tracer *tracer)
{
    trace_pointer(tracer, ((struct dict_iterator *)self)->dict);
}

/* The entry before *position. */
static bool find_previous(PyObject *d, size_t *position, Value *key, Value *v)
{
    const struct dict_table *t = dict_table(d);
    if (t->kind == DICT_VIEW) {
        size_t forward = 0;
        if (*position == 0) {
            return false;
        }
        for (size_t i = 0; i < *position; i++) {
            if (!dict_view_next(t, &forward, key, v)) {
                return false;
            }
        }
        --*position;
        return true;
    }
    size_t used = atomic_load_acquire(&t->used_entries);
    size_t i = *position < used ? *position : used;
    while (i > 0) {
        i--;
        *v = dict_entry_value(&t->entries[i]);
        if (!value_is_absent(*v)) {
            *key = t->entries[i].key;
            *position = i;
            return true;
        }
    }
    *position = 0;
    return false;
}

static Value make_part(Value key, Value v, enum part part)
{
    if (part != PART_ITEM) {
        return part == PART_KEY ? key : v;
    }
    PyObject *pair = tuple_new(2);
    if (pair == NULL || tuple_init_item(pair, 0, key) < 0 || tuple_init_item(pair, 1, v) < 0) {
        return VALUE_NULL;
    }
    return value_from_object(pair);
}

/* The next entry: 1, 0 at the end, -1. */
static ALWAYS_INLINE int iterate_entry(Value self, bool backwards, Value *key, Value *v)
{
    struct dict_iterator *it = (struct dict_iterator *)value_object(self);
    PyObject *d = atomic_load_acquire(&it->dict);
    if (d == NULL) {
        return 0;
    }
    if (UNLIKELY(it->used != dict_length(d))) {
        it->used = -1;
        return error_raise_int(PyExc_RuntimeError, "dictionary changed size during iteration");
    }
    bool found;
    for (;;) {
        uint64_t progress = atomic_load_relaxed(&it->progress);
        size_t position = (uint32_t)progress, remaining = progress >> 32;
        found =
            backwards ? find_previous(d, &position, key, v) : dict_next(d, &position, key, v, NULL);
        if (UNLIKELY(!found || remaining == 0)) {
            break;
        }
        if (LIKELY(cursor_move(&it->progress, progress, make_progress(position, remaining - 1),
                               it->owned))) {
            return 1;
        }
    }
    heap_store(it, &it->dict, NULL);
    return found ? error_raise_int(PyExc_RuntimeError, "dictionary keys changed during iteration")
                 : 0;
}

static ALWAYS_INLINE Value iterate(Value self, enum part part, bool backwards)
{
    Value key, v;
    int got = iterate_entry(self, backwards, &key, &v);
    return LIKELY(got > 0) ? make_part(key, v, part) : got < 0 ? VALUE_NULL : VALUE_ABSENT;
}

int dict_items_next_pair(Value iterator, Value pair[2])
{
    return iterate_entry(iterator, false, &pair[0], &pair[1]);
}

static Value next_key(Value self)
{
    return iterate(self, PART_KEY, false);
}
static Value next_value(Value self)
{
    return iterate(self, PART_VALUE, false);
}
static Value next_item(Value self)
{
    return iterate(self, PART_ITEM, false);
}
static Value previous_key(Value self)
{
    return iterate(self, PART_KEY, true);
}
static Value previous_value(Value self)
{
    return iterate(self, PART_VALUE, true);
}
static Value previous_item(Value self)
{
    return iterate(self, PART_ITEM, true);
}

static Value iterator_self(Value self)
{
    return self;
}

static Value iterator_hint(Value self)
{
    struct dict_iterator *it = (struct dict_iterator *)value_object(self);
    PyObject *d = atomic_load_acquire(&it->dict);
    return int_from_ssize(d != NULL && it->used == dict_length(d)
                              ? (Py_ssize_t)(atomic_load_relaxed(&it->progress) >> 32)
                              : 0);
}

/* What is left, as a list; the iterator itself stays where it is. */
static Value dict_iterator_reduce(Value self)
{
    struct dict_iterator *it = (struct dict_iterator *)value_object(self);
    PyTypeObject *type = ((PyObject *)it)->ob_type;
    struct dict_iterator *copy =
        (struct dict_iterator *)object_alloc_bytes(type, sizeof(struct dict_iterator));
    if (copy == NULL) {
        return VALUE_NULL;
    }
    heap_init(copy, &copy->dict, atomic_load_acquire(&it->dict));
    copy->used = it->used;
    copy->progress = atomic_load_relaxed(&it->progress);
    PyObject *list = object_to_list(value_from_object(copy));
    return list != NULL ? iterator_reduce("iter", value_from_object(list), VALUE_ABSENT)
                        : VALUE_NULL;
}

static const struct native_def iterator_methods[] = {
    {"__length_hint__", "($self, /)", "About how many items are left.", .f0 = iterator_hint},
    {"__reduce__", "($self, /)", "How to make the object again, for pickling and copying.",
     .f0 = dict_iterator_reduce},
    {NULL},
};

#define DICT_ITERATOR(type, name, next_function)                                                   \
    static struct type_info type##_info = {                                                        \
        .ops = {.iter = iterator_self, .next = next_function},                                     \
        .trace = iterator_trace,                                                                   \
        .methods = iterator_methods,                                                               \
        .flags = TYPE_NO_NEW,                                                                      \
    };                                                                                             \
    PyTypeObject type = {                                                                          \
        STATIC_TYPE_HEAD,                                                                          \
        .tp_name = name,                                                                           \
        .tp_basicsize = sizeof(struct dict_iterator),                                              \
        .tp_flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_HAVE_GC,                                       \
        .tp_cache = (PyObject *)&type##_info,                                                      \
    };

DICT_ITERATOR(PyDictIterKey_Type, "dict_keyiterator", next_key)
DICT_ITERATOR(PyDictIterValue_Type, "dict_valueiterator", next_value)
DICT_ITERATOR(PyDictIterItem_Type, "dict_itemiterator", next_item)
DICT_ITERATOR(PyDictRevIterKey_Type, "dict_reversekeyiterator", previous_key)
DICT_ITERATOR(PyDictRevIterValue_Type, "dict_reversevalueiterator", previous_value)
DICT_ITERATOR(PyDictRevIterItem_Type, "dict_reverseitemiterator", previous_item)

/* ---- Views. */

PyObject *dict_view_new(PyObject *d, PyTypeObject *type)
{
    _PyDictViewObject *view =
        (_PyDictViewObject *)object_alloc_bytes(type, sizeof(_PyDictViewObject));
    if (view != NULL) {
        heap_init(view, &view->dv_dict, d);
    }
    return (PyObject *)view;
}

static PyObject *view_dict(Value self)
{
    return (PyObject *)((_PyDictViewObject *)value_object(self))->dv_dict;
}

static void view_trace(PyObject *self, struct tracer *tracer)
{
    trace_pointer(tracer, ((_PyDictViewObject *)self)->dv_dict);
}

static Py_ssize_t view_len(Value self)
{
    return dict_length(view_dict(self));
}

static Value view_repr(Value self)
{
    int active = repr_enter(self);
    if (active != 0) {
        return active > 0 ? value_from_object(str_from_ascii("...", 3)) : VALUE_NULL;
    }
    PyObject *list = object_to_list(self);
    PyObject *text = NULL;
    if (list != NULL) {
        text = str_format("%s(%R)", value_type(self)->tp_name, value_from_object(list));
    }
    repr_leave(self);
    return value_from_object(text);
}

static Value iterate_view(Value self, PyTypeObject *type)
{
    return value_from_object(dict_iterator_new(view_dict(self), type));
}
static Value keys_iter(Value self)
{
    return iterate_view(self, &PyDictIterKey_Type);
}
static Value values_iter(Value self)
{
    return iterate_view(self, &PyDictIterValue_Type);
}
static Value items_iter(Value self)
{
    return iterate_view(self, &PyDictIterItem_Type);
}
static Value keys_reversed(Value self)
{
    return iterate_view(self, &PyDictRevIterKey_Type);
}
static Value values_reversed(Value self)
{
    return iterate_view(self, &PyDictRevIterValue_Type);
}
static Value items_reversed(Value self)
{
    return iterate_view(self, &PyDictRevIterItem_Type);
}

static int keys_contains(Value self, Value key)
{
    return dict_contains(view_dict(self), key);
}

static int items_contains(Value self, Value item)
{
    if (!tuple_check(item) || tuple_length(value_object(item)) != 2) {
        return 0;
    }
    Value found = dict_get(view_dict(self), tuple_get(value_object(item), 0));
    if (!value_is_present(found)) {
        return value_is_null(found) ? -1 : 0;
    }
    return object_equal(found, tuple_get(value_object(item), 1));
}

static bool is_keys(Value v)
{
    return value_is_instance(v, &PyDictKeys_Type);
}
static bool is_items(Value v)
{
    return value_is_instance(v, &PyDictItems_Type);
}
static bool is_set_view(Value v)
{
    return is_keys(v) || is_items(v);
}

/* 1 if everything in a is in b. */
static int all_contained(Value a, Value b)
{
    Value iterator = object_iter_owned(a);
    if (value_is_null(iterator)) {
        return -1;
    }
    for (;;) {
        Value item = object_next(iterator);
        if (!value_is_present(item)) {
            return value_is_null(item) ? -1 : 1;
        }
        int found = object_contains(b, item);
        if (found != 1) {
            return found;
        }
    }
}

static Value view_richcompare(Value self, Value other, int op)
{
    if (!set_check(other) && !is_set_view(other)) {
        return VALUE_NOT_IMPLEMENTED;
    }
    Py_ssize_t m = object_length(self), n = m < 0 ? -1 : object_length(other);
    int result = 0;
    if (n < 0) {
        return VALUE_NULL;
    }
    switch (op) {
    case Py_NE:
    case Py_EQ:
        result = m == n ? all_contained(self, other) : 0;
        result = op == Py_NE && result >= 0 ? !result : result;
        break;
    case Py_LT: result = m < n ? all_contained(self, other) : 0; break;
    case Py_LE: result = m <= n ? all_contained(self, other) : 0; break;
    case Py_GT: result = m > n ? all_contained(other, self) : 0; break;
    default: result = m >= n ? all_contained(other, self) : 0;
    }
    return result < 0 ? VALUE_NULL : value_from_bool(result);
}

static PyObject *view_to_set(Value v)
{
    if (is_keys(v) && view_dict(v)->ob_type == &PyDict_Type) {
        v = value_from_object(view_dict(v));
    }
    return set_new(&PySet_Type, v);
}

static Value view_sub(Value left, Value right)
{
    PyObject *s = view_to_set(left);
    return s == NULL || set_difference_update(s, right) < 0 ? VALUE_NULL : value_from_object(s);
}

static Value view_or(Value left, Value right)
{
    PyObject *s = view_to_set(left);
    return s == NULL || set_update(s, right) < 0 ? VALUE_NULL : value_from_object(s);
}

static Value view_xor(Value left, Value right)
{
    PyObject *s = view_to_set(left);
    if (s == NULL || set_symmetric_difference_update(s, right) < 0) {
        return VALUE_NULL;
    }
    return value_from_object(s);
}

static Value view_and(Value left, Value right)
{
    if (!is_set_view(left)) {
        Value swap = left;
        left = right;
        right = swap;
    }
    if (is_set_view(right) && object_length(right) > object_length(left)) {
        Value swap = left;
        left = right;
        right = swap;
    }
    PyObject *result = set_new(&PySet_Type, VALUE_ABSENT);
    Value iterator = result != NULL ? object_iter_owned(right) : VALUE_NULL;
    if (value_is_null(iterator)) {
        return VALUE_NULL;
    }
    for (;;) {
        Value key = object_next(iterator);
        if (!value_is_present(key)) {
            return value_is_null(key) ? VALUE_NULL : value_from_object(result);
        }
        int found = object_contains(left, key);
        if (found < 0 || (found > 0 && set_add(result, key) < 0)) {
            return VALUE_NULL;
        }
    }
}

static Value view_isdisjoint(Value self, Value other)
{
    if (value_same_bits(self, other)) {
        return value_from_bool(view_len(self) == 0);
    }
    if ((set_check(other) || is_set_view(other)) && object_length(other) > view_len(self)) {
        Value swap = self;
        self = other;
        other = swap;
    }
    Value iterator = object_iter_owned(other);
    if (value_is_null(iterator)) {
        return VALUE_NULL;
    }
    for (;;) {
        Value key = object_next(iterator);
        if (!value_is_present(key)) {
            return value_is_null(key) ? VALUE_NULL : VALUE_TRUE;
        }
        int found = object_contains(self, key);
        if (found != 0) {
            return found < 0 ? VALUE_NULL : VALUE_FALSE;
        }
    }
}

static Value view_mapping(Value self, void *closure)
{
    return object_call1(value_from_object(&PyDictProxy_Type), value_from_object(view_dict(self)));
}

static const struct getset_def view_getsets[] = {
    {"mapping", view_mapping, NULL, "the dictionary that the view shows"},
    {NULL},
};

static const struct native_def keys_methods[] = {
    {"isdisjoint", "($self, other, /)", "True if the view and the iterable have no common item.",
     .f1 = view_isdisjoint},
    {"__reversed__", "($self, /)", "A reverse iterator over the keys.", .f0 = keys_reversed},
    {NULL},
};
static const struct native_def items_methods[] = {
    {"isdisjoint", "($self, other, /)", "True if the view and the iterable have no common item.",
     .f1 = view_isdisjoint},
    {"__reversed__", "($self, /)", "A reverse iterator over the items.", .f0 = items_reversed},
    {NULL},
};
static const struct native_def values_methods[] = {
    {"__reversed__", "($self, /)", "A reverse iterator over the values.", .f0 = values_reversed},
    {NULL},
};

#define SET_VIEW(type, name, iter_function, contains_function, method_table)                       \
    static struct type_info type##_info = {                                                        \
        .ops = {.repr = view_repr,                                                                 \
                .richcompare = view_richcompare,                                                   \
                .iter = iter_function,                                                             \
                .len = view_len,                                                                   \
                .contains = contains_function,                                                     \
                .binary = {[OP_SUB] = view_sub,                                                    \
                           [OP_AND] = view_and,                                                    \
                           [OP_OR] = view_or,                                                      \
                           [OP_XOR] = view_xor}},                                                  \
        .trace = view_trace,                                                                       \
        .methods = method_table,                                                                   \
        .getsets = view_getsets,                                                                   \
        .flags = TYPE_NO_NEW,                                                                      \
    };                                                                                             \
    PyTypeObject type = {                                                                          \
        STATIC_TYPE_HEAD,                                                                          \
        .tp_name = name,                                                                           \
        .tp_basicsize = sizeof(_PyDictViewObject),                                                 \
        .tp_flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_HAVE_GC,                                       \
        .tp_cache = (PyObject *)&type##_info,                                                      \
    };

SET_VIEW(PyDictKeys_Type, "dict_keys", keys_iter, keys_contains, keys_methods)
SET_VIEW(PyDictItems_Type, "dict_items", items_iter, items_contains, items_methods)

static struct type_info values_info = {
    .ops = {.repr = view_repr, .iter = values_iter, .len = view_len},
    .trace = view_trace,
    .methods = values_methods,
    .getsets = view_getsets,
    .flags = TYPE_NO_NEW,
};

PyTypeObject PyDictValues_Type = {
    STATIC_TYPE_HEAD,
    .tp_name = "dict_values",
    .tp_basicsize = sizeof(_PyDictViewObject),
    .tp_flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_HAVE_GC,
    .tp_cache = (PyObject *)&values_info,
};

/* ---- Snapshots. */

struct snapshot_kind snapshot_other;

bool container_snapshot(Value v, PyObject **list)
{
    if (!value_is_object(v)) {
        return false;
    }
    PyObject *o = value_object(v);
    PyTypeObject *type = o->ob_type;
    if (type == &PyODict_Type || (dict_check(v) && value_ops(v)->iter == dict_op_iter)) {
        *list = dict_keys(o);
    } else if (type == &PySet_Type || type == &PyFrozenSet_Type) {
        *list = set_to_list(o);
    } else if (type == &PyDictKeys_Type) {
        *list = dict_keys(view_dict(v));
    } else if (type == &PyDictValues_Type) {
        *list = dict_values(view_dict(v));
    } else if (type == &PyDictItems_Type) {
        *list = dict_items(view_dict(v));
    } else if (type == snapshot_other.type) {
        *list = snapshot_other.to_list(o);
    } else {
        return false;
    }
    return true;
}
