/* SPDX-License-Identifier: MIT */
/* OrderedDict. Dicts keep their order anyway, so this is a dict with more methods: moving a key to
 * the end gives it a new entry, moving it to the front makes a new table. */
#include "object/dict_int.h"

struct ordered_dict {
    PyDictObject dict;
    PyObject *instance_dict;
    PyObject *weak_references;
};

static bool is_ordered(Value v)
{
    return value_is_instance(v, &PyODict_Type);
}
static bool is_exact(Value v)
{
    return value_is_object(v) && value_object(v)->ob_type == &PyODict_Type;
}
/* Stores go straight to the table unless a subclass has its own __setitem__. */
static bool has_plain_setitem(Value self)
{
    return value_ops(self)->setitem == type_ops(&PyDict_Type)->setitem;
}

static void ordered_trace(PyObject *self, struct tracer *tracer)
{
    type_info(&PyDict_Type)->trace(self, tracer);
    trace_pointer(tracer, ((struct ordered_dict *)self)->instance_dict);
}

/* ---- Updating, as collections.abc.MutableMapping does. */

static int unpack_pair(Value pair, Value *key, Value *value)
{
    Value iterator = object_iter(pair), end;
    if (value_is_null(iterator)) {
        return -1;
    }
    *key = object_next(iterator);
    *value = value_is_present(*key) ? object_next(iterator) : *key;
    if (!value_is_present(*value)) {
        if (value_is_null(*value)) {
            return -1;
        }
        return error_raise_int(PyExc_ValueError, "need more than %d value%s to unpack",
                               value_is_present(*key), value_is_present(*key) ? "" : "s");
    }
    end = object_next(iterator);
    if (value_is_present(end)) {
        return error_raise_int(PyExc_ValueError, "too many values to unpack (expected 2)");
    }
    return value_is_null(end) ? -1 : 0;
}

static int add_pairs(Value self, Value pairs)
{
    Value iterator = object_iter(pairs), key, v;
    if (value_is_null(iterator)) {
        return -1;
    }
    for (;;) {
        Value pair = object_next(iterator);
        if (!value_is_present(pair)) {
            return value_is_null(pair) ? -1 : 0;
        }
        if (unpack_pair(pair, &key, &v) < 0 || object_setitem(self, key, v) < 0) {
            return -1;
        }
    }
}

static int add_keys(Value self, Value other, Value keys_method)
{
    Value keys = object_call0(keys_method);
    Value iterator = value_is_null(keys) ? keys : object_iter(keys);
    if (value_is_null(iterator)) {
        return -1;
    }
    for (;;) {
        Value key = object_next(iterator);
        if (!value_is_present(key)) {
            return value_is_null(key) ? -1 : 0;
        }
        Value v = object_getitem(other, key);
        if (value_is_null(v) || object_setitem(self, key, v) < 0) {
            return -1;
        }
    }
}

static int update_from(Value self, Value other)
{
    Value method;
    if (dict_check_exact(other)) {
        if (has_plain_setitem(self)) {
            return dict_merge(value_object(self), other, 1);
        }
        PyObject *items = dict_items(value_object(other));
        return items != NULL ? add_pairs(self, value_from_object(items)) : -1;
    }
    int found = object_find_attr(other, names.keys, &method);
    if (found != 0) {
        return found < 0 ? -1 : add_keys(self, other, method);
    }
    found = object_find_attr(other, names.items, &method);
    if (found < 0) {
        return -1;
    }
    if (found) {
        other = object_call0(method);
    }
    return value_is_null(other) ? -1 : add_pairs(self, other);
}

static int update_keywords(Value self, const Value *values, PyObject *kwnames)
{
    Py_ssize_t count = kwnames != NULL ? tuple_length(kwnames) : 0;
    for (Py_ssize_t i = 0; i < count; i++) {
        if (object_setitem(self, tuple_get(kwnames, i), values[i]) < 0) {
            return -1;
        }
    }
    return 0;
}

static int ordered_init(Value self, const Value *args, size_t nargs, PyObject *kwnames)
{
    if (nargs > 1) {
        return error_raise_int(PyExc_TypeError, "expected at most 1 arguments, got %zu", nargs);
    }
    if (nargs == 1 && update_from(self, args[0]) < 0) {
        return -1;
    }
    return update_keywords(self, args + nargs, kwnames);
}

static Value method_update(Value self, const Value *args, size_t nargs, PyObject *kwnames)
{
    if (nargs > 1) {
        return error_raise(PyExc_TypeError,
                           "update() takes at most 1 positional argument (%zu given)", nargs);
    }
    if ((nargs == 1 && update_from(self, args[0]) < 0) ||
        update_keywords(self, args + nargs, kwnames) < 0) {
        return VALUE_NULL;
    }
    return VALUE_NONE;
}

/* ---- Operations. */

static PyObject *items_as_list(Value self)
{
    if (is_exact(self)) {
        return dict_items(value_object(self));
    }
    Value items = object_call_method0(self, names.items);
    return value_is_null(items) ? NULL : object_to_list(items);
}

static Value ordered_repr(Value self)
{
    const char *name = type_short_name(value_type(self));
    if (dict_length(value_object(self)) == 0) {
        return value_from_object(str_format("%s()", name));
    }
    int active = repr_enter(self);
    if (active != 0) {
        return active > 0 ? value_from_object(str_from_ascii("...", 3)) : VALUE_NULL;
    }
    PyObject *list = items_as_list(self);
    PyObject *text = list != NULL ? str_format("%s(%R)", name, value_from_object(list)) : NULL;
    repr_leave(self);
    return value_from_object(text);
}

/* 1 if the keys come in the same order. */
static int same_order(PyObject *a, PyObject *b)
{
    size_t i = 0, k = 0;
    Value x, y;
    while (dict_next(a, &i, &x, NULL, NULL)) {
        if (!dict_next(b, &k, &y, NULL, NULL)) {
            return 0;
        }
        int equal = object_equal(x, y);
        if (equal != 1) {
            return equal;
        }
    }
    return !dict_next(b, &k, &y, NULL, NULL);
}

static Value ordered_richcompare(Value self, Value other, int op)
{
    Value result = type_ops(&PyDict_Type)->richcompare(self, other, Py_EQ);
    if ((op != Py_EQ && op != Py_NE) || !dict_check(other)) {
        return VALUE_NOT_IMPLEMENTED;
    }
    if (value_is_null(result)) {
        return result;
    }
    int equal = result.bits == VALUE_TRUE.bits;
    if (equal && is_ordered(other)) {
        equal = same_order(value_object(self), value_object(other));
    }
    return equal < 0 ? VALUE_NULL : value_from_bool(equal == (op == Py_EQ));
}

static Value ordered_or(Value left, Value right)
{
    if (!dict_check(left) || !dict_check(right)) {
        return VALUE_NOT_IMPLEMENTED;
    }
    PyTypeObject *type = value_type(is_ordered(left) ? left : right);
    Value result = object_call1(value_from_object(type), left);
    return value_is_null(result) || update_from(result, right) < 0 ? VALUE_NULL : result;
}

static Value ordered_inplace_or(Value self, Value other)
{
    return update_from(self, other) < 0 ? VALUE_NULL : self;
}

/* ---- Iterators. */

enum part { PART_KEYS = 1, PART_VALUES = 2, PART_ITEMS = 3, PART_REVERSED = 4 };

struct ordered_iterator {
    PyObject_HEAD PyObject *dict; /* NULL: exhausted */
    struct dict_table *table;     /* what it was at the start */
    size_t used_entries;
    Py_ssize_t length;
    size_t position;
    int parts;
};

static Value make_iterator(PyObject *d, int parts)
{
    struct ordered_iterator *it =
        (struct ordered_iterator *)object_alloc_bytes(&PyODictIter_Type, sizeof *it);
    if (it != NULL) {
        struct dict_table *t = dict_table(d);
        heap_init(it, &it->dict, d);
        heap_init(it, &it->table, t);
        it->used_entries = atomic_load_acquire(&t->used_entries);
        it->length = dict_length(d);
        it->parts = parts;
        it->position = parts & PART_REVERSED ? it->used_entries : 0;
    }
    return value_from_object(it);
}

static void iterator_trace(PyObject *self, struct tracer *tracer)
{
    struct ordered_iterator *it = (struct ordered_iterator *)self;
    trace_pointer(tracer, it->dict);
    trace_pointer(tracer, it->table);
}

static Value iterator_self(Value self)
{
    return self;
}

static bool find_before(const struct dict_table *t, size_t *position, Value *key, Value *v)
{
    for (size_t i = *position; i > 0; i--) {
        *v = dict_entry_value(&t->entries[i - 1]);
        if (!value_is_absent(*v)) {
            *key = t->entries[i - 1].key;
            *position = i - 1;
            return true;
        }
    }
    return false;
}

static Value iterator_next(Value self)
{
    struct ordered_iterator *it = (struct ordered_iterator *)value_object(self);
    PyObject *d = atomic_load_acquire(&it->dict);
    Value pair[2];
    if (d == NULL) {
        return VALUE_ABSENT;
    }
    const struct dict_table *t = dict_table(d);
    if (t != it->table || t->used_entries != it->used_entries || it->length != dict_length(d)) {
        return error_raise(PyExc_RuntimeError, "OrderedDict mutated during iteration");
    }
    bool found = it->parts & PART_REVERSED ? find_before(t, &it->position, &pair[0], &pair[1])
                                           : dict_next(d, &it->position, &pair[0], &pair[1], NULL);
    if (!found) {
        heap_store(it, &it->dict, NULL);
        return VALUE_ABSENT;
    }
    switch (it->parts & PART_ITEMS) {
    case PART_KEYS: return pair[0];
    case PART_VALUES: return pair[1];
    default: return value_from_object(tuple_from_array(pair, 2));
    }
}

static Value ordered_iterator_reduce(Value self)
{
    struct ordered_iterator *it = (struct ordered_iterator *)value_object(self);
    PyObject *d = atomic_load_acquire(&it->dict);
    if (d == NULL) {
        return iterator_reduce("iter", value_from_object(list_new(0)), VALUE_ABSENT);
    }
    Value copy = make_iterator(d, it->parts);
    if (value_is_null(copy)) {
        return copy;
    }
    ((struct ordered_iterator *)value_object(copy))->position = it->position;
    PyObject *list = object_to_list(copy);
    return list != NULL ? iterator_reduce("iter", value_from_object(list), VALUE_ABSENT)
                        : VALUE_NULL;
}

static const struct native_def iterator_methods[] = {
    {"__reduce__", "($self, /)", "How to make the object again, for pickling and copying.",
     .f0 = ordered_iterator_reduce},
    {NULL},
};

static struct type_info iterator_info = {
    .ops = {.iter = iterator_self, .next = iterator_next},
    .trace = iterator_trace,
    .methods = iterator_methods,
    .flags = TYPE_NO_NEW,
};

PyTypeObject PyODictIter_Type = {
    STATIC_TYPE_HEAD,
    .tp_name = "odict_iterator",
    .tp_basicsize = sizeof(struct ordered_iterator),
    .tp_flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_HAVE_GC,
    .tp_cache = (PyObject *)&iterator_info,
};

/* ---- Views. */

static Value iterate_view(Value view, int parts)
{
    return make_iterator((PyObject *)((_PyDictViewObject *)value_object(view))->dv_dict, parts);
}
static Value keys_iter(Value self)
{
    return iterate_view(self, PART_KEYS);
}
static Value values_iter(Value self)
{
    return iterate_view(self, PART_VALUES);
}
static Value items_iter(Value self)
{
    return iterate_view(self, PART_ITEMS);
}
static Value keys_reversed(Value self)
{
    return iterate_view(self, PART_KEYS | PART_REVERSED);
}
static Value values_reversed(Value self)
{
    return iterate_view(self, PART_VALUES | PART_REVERSED);
}
static Value items_reversed(Value self)
{
    return iterate_view(self, PART_ITEMS | PART_REVERSED);
}

static void view_trace(PyObject *self, struct tracer *tracer)
{
    trace_pointer(tracer, ((_PyDictViewObject *)self)->dv_dict);
}

#define ORDERED_VIEW(type, base, name, iter_function, reversed_function)                           \
    static const struct native_def type##_methods[] = {                                            \
        {"__reversed__", "($self, /)", "An iterator from the end to the beginning.",               \
         .f0 = reversed_function},                                                                 \
        {NULL},                                                                                    \
    };                                                                                             \
    static struct type_info type##_info = {                                                        \
        .ops = {.iter = iter_function},                                                            \
        .trace = view_trace,                                                                       \
        .methods = type##_methods,                                                                 \
        .flags = TYPE_NO_NEW,                                                                      \
    };                                                                                             \
    PyTypeObject type = {                                                                          \
        STATIC_TYPE_HEAD,                                                                          \
        .tp_name = name,                                                                           \
        .tp_base = &base,                                                                          \
        .tp_basicsize = sizeof(_PyDictViewObject),                                                 \
        .tp_flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_HAVE_GC,                                       \
        .tp_cache = (PyObject *)&type##_info,                                                      \
    };

ORDERED_VIEW(PyODictKeys_Type, PyDictKeys_Type, "odict_keys", keys_iter, keys_reversed)
ORDERED_VIEW(PyODictValues_Type, PyDictValues_Type, "odict_values", values_iter, values_reversed)
ORDERED_VIEW(PyODictItems_Type, PyDictItems_Type, "odict_items", items_iter, items_reversed)

/* ---- Methods. */

static Value method_keys(Value self)
{
    return value_from_object(dict_view_new(value_object(self), &PyODictKeys_Type));
}
static Value method_values(Value self)
{
    return value_from_object(dict_view_new(value_object(self), &PyODictValues_Type));
}
static Value method_items(Value self)
{
    return value_from_object(dict_view_new(value_object(self), &PyODictItems_Type));
}
static Value ordered_iter(Value self)
{
    return make_iterator(value_object(self), PART_KEYS);
}
static Value method_reversed(Value self)
{
    return make_iterator(value_object(self), PART_KEYS | PART_REVERSED);
}

static Value method_fromkeys(Value class, const Value *args)
{
    Value result = object_call0(class), v = value_is_absent(args[1]) ? VALUE_NONE : args[1];
    Value iterator = value_is_null(result) ? result : object_iter(args[0]);
    for (;;) {
        Value key = value_is_null(iterator) ? iterator : object_next(iterator);
        if (!value_is_present(key)) {
            return value_is_null(key) ? key : result;
        }
        if (object_setitem(result, key, v) < 0) {
            return VALUE_NULL;
        }
    }
}

static Value method_setdefault(Value self, const Value *args)
{
    Value fallback = value_is_absent(args[1]) ? VALUE_NONE : args[1];
    if (is_exact(self)) {
        return dict_setdefault(value_object(self), args[0], fallback);
    }
    int found = object_contains(self, args[0]);
    if (found < 0) {
        return VALUE_NULL;
    }
    if (found) {
        return object_getitem(self, args[0]);
    }
    return object_setitem(self, args[0], fallback) < 0 ? VALUE_NULL : fallback;
}

static Value method_pop(Value self, const Value *args)
{
    Value v = dict_pop(value_object(self), args[0]);
    if (value_is_absent(v)) {
        return value_is_absent(args[1]) ? error_raise_value(PyExc_KeyError, args[0]) : args[1];
    }
    return v;
}

static Value method_popitem(Value self, const Value *args)
{
    PyObject *d = value_object(self);
    bool last = true;
    Value v;
    if (value_is_present(args[0]) && arg_bool(args[0], &last) < 0) {
        return VALUE_NULL;
    }
    if (dict_length(d) == 0) {
        return error_raise(PyExc_KeyError, "dictionary is empty");
    }
    v = last ? dict_popitem(d) : dict_popfirst(d);
    return value_is_absent(v) ? error_raise(PyExc_KeyError, "dictionary is empty") : v;
}

static Value method_move_to_end(Value self, const Value *args)
{
    bool last = true;
    if (value_is_present(args[1]) && arg_bool(args[1], &last) < 0) {
        return VALUE_NULL;
    }
    int found = dict_move_to_end(value_object(self), args[0], last);
    if (found == 0) {
        return error_raise_value(PyExc_KeyError, args[0]);
    }
    return found < 0 ? VALUE_NULL : VALUE_NONE;
}

static Value method_clear(Value self)
{
    dict_clear(value_object(self));
    return VALUE_NONE;
}

static Value method_copy(Value self)
{
    Value copy = object_call0(value_from_object(value_type(self)));
    if (value_is_null(copy)) {
        return copy;
    }
    if (is_exact(self)) {
        return dict_merge(value_object(copy), self, 1) < 0 ? VALUE_NULL : copy;
    }
    PyObject *keys = dict_keys(value_object(self));
    for (Py_ssize_t i = 0; keys != NULL && i < list_length(keys); i++) {
        Value key = list_find(keys, i), v = object_getitem(self, key);
        if (value_is_null(v) || object_setitem(copy, key, v) < 0) {
            return VALUE_NULL;
        }
    }
    return keys != NULL ? copy : VALUE_NULL;
}

static Value method_reduce(Value self)
{
    Value state = object_call_method0(self, names.__getstate__);
    Value items = value_is_null(state) ? state : object_call_method0(self, names.items);
    Value iterator = value_is_null(items) ? items : object_iter(items);
    if (value_is_null(iterator)) {
        return iterator;
    }
    Value parts[5] = {value_from_object(value_type(self)), value_from_object(tuple_new(0)), state,
                      VALUE_NONE, iterator};
    return value_from_object(tuple_from_array(parts, 5));
}

static const struct native_def ordered_methods[] = {
    {"fromkeys", "($type, /, iterable, value=None)",
     "Make an ordered dictionary with keys from iterable and values set to value.", NATIVE_CLASS,
     .n = method_fromkeys},
    {"__reduce__", "($self, /)", "State for pickling.", .f0 = method_reduce},
    {"setdefault", "($self, /, key, default=None)",
     "Insert key with the default value if it is missing.\n\nReturn the value for key.",
     .n = method_setdefault},
    {"pop", "($self, /, key, default=<unrepresentable>)",
     "Remove the key and return its value.\n\n"
     "If it is missing, return the default if given; otherwise, raise a KeyError.",
     .n = method_pop},
    {"popitem", "($self, /, last=True)",
     "Remove and return a (key, value) pair, last in first out if last is true, else first in "
     "first out.",
     .n = method_popitem},
    {"keys", "($self, /)", "A view of the keys.", .f0 = method_keys},
    {"values", "($self, /)", "A view of the values.", .f0 = method_values},
    {"items", "($self, /)", "A view of the items.", .f0 = method_items},
    {"update", NULL, "Update from a mapping or pairs, and from keyword arguments.",
     .raw = method_update},
    {"clear", "($self, /)", "Remove all items.", .f0 = method_clear},
    {"copy", "($self, /)", "A shallow copy.", .f0 = method_copy},
    {"__reversed__", "($self, /)", "A reverse iterator over the keys.", .f0 = method_reversed},
    {"move_to_end", "($self, /, key, last=True)",
     "Move an existing element to the end (or beginning if last is false).\n\n"
     "Raises KeyError if the element does not exist.",
     .n = method_move_to_end},
    {NULL},
};

static Value get_instance_dict(Value self, void *closure)
{
    return value_from_object(object_dict(value_object(self)));
}

static int set_instance_dict(Value self, Value v, void *closure)
{
    if (!dict_check(v)) {
        return error_raise_int(PyExc_TypeError, "__dict__ must be set to a dictionary, not a '%T'",
                               v);
    }
    return object_set_dict(value_object(self), value_object(v));
}

static const struct getset_def ordered_getsets[] = {
    {"__dict__", get_instance_dict, set_instance_dict, NULL},
    {NULL},
};

static struct type_info ordered_info = {
    .ops = {.init = ordered_init,
            .repr = ordered_repr,
            .richcompare = ordered_richcompare,
            .iter = ordered_iter,
            .binary = {[OP_OR] = ordered_or},
            .inplace = {[OP_OR] = ordered_inplace_or}},
    .trace = ordered_trace,
    .methods = ordered_methods,
    .getsets = ordered_getsets,
};

PyTypeObject PyODict_Type = {
    STATIC_TYPE_HEAD,
    .tp_name = "collections.OrderedDict",
    .tp_doc = "Dictionary that remembers insertion order",
    .tp_base = &PyDict_Type,
    .tp_basicsize = sizeof(struct ordered_dict),
    .tp_dictoffset = offsetof(struct ordered_dict, instance_dict),
    .tp_weaklistoffset = offsetof(struct ordered_dict, weak_references),
    .tp_flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_BASETYPE | Py_TPFLAGS_HAVE_GC,
    .tp_cache = (PyObject *)&ordered_info,
};
