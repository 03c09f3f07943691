/* SPDX-License-Identifier: MIT */
/* The types set and frozenset, their methods, and the iterator over both. */
#include "object/set_int.h"

struct set_iterator {
    PyObject_HEAD PyObject *set; /* NULL: exhausted */
    Py_ssize_t used;             /* the set's length at the start; -1 after it changed */
    Py_ssize_t remaining;        /* atomic */
    size_t position;             /* a cursor */
};

/* ---- Making. */

static Value set_op_new(PyTypeObject *type, const Value *args, size_t nargs, PyObject *kwnames)
{
    return value_from_object(set_alloc(type));
}

static int set_op_init(Value self, const Value *args, size_t nargs, PyObject *kwnames)
{
    PyObject *s = value_object(self);
    if (native_no_keywords("set", kwnames) < 0 || native_check_positional("set", nargs, 0, 1) < 0 ||
        set_clear(s) < 0) {
        return -1;
    }
    ((PySetObject *)s)->hash = -1;
    return nargs == 1 ? set_update(s, args[0]) : 0;
}

static Value frozenset_op_new(PyTypeObject *type, const Value *args, size_t nargs,
                              PyObject *kwnames)
{
    bool strict =
        type == &PyFrozenSet_Type || type_ops(type)->init == type_ops(&PyFrozenSet_Type)->init;
    if ((strict && native_no_keywords("frozenset", kwnames) < 0) ||
        native_check_positional("frozenset", nargs, 0, 1) < 0) {
        return VALUE_NULL;
    }
    if (type == &PyFrozenSet_Type && nargs == 1 && value_is_object(args[0]) &&
        value_object(args[0])->ob_type == &PyFrozenSet_Type) {
        return args[0];
    }
    return value_from_object(set_new(type, nargs == 1 ? args[0] : VALUE_ABSENT));
}

/* ---- Operations. */

static Py_ssize_t set_op_len(Value self)
{
    return set_length(value_object(self));
}

/* A set as a member is looked for as the frozenset with its items. */
static Value hashable_key(Value key)
{
    if (value_is_object(key)) {
        PyTypeObject *type = value_object(key)->ob_type;
        if (type_ops(type)->hash == type_ops(&PySet_Type)->hash &&
            value_is_instance(key, &PySet_Type)) {
            return value_from_object(set_new(&PyFrozenSet_Type, key));
        }
    }
    return key;
}

static int set_op_contains(Value self, Value key)
{
    key = hashable_key(key);
    return value_is_null(key) ? -1 : set_contains(value_object(self), key);
}

static Value set_op_repr(Value self)
{
    PyObject *s = value_object(self);
    const char *name = type_short_name(s->ob_type);
    if (set_length(s) == 0) {
        return value_from_object(str_format("%s()", name));
    }
    int active = repr_enter(self);
    if (active != 0) {
        return active > 0 ? value_from_object(str_format("%s(...)", name)) : VALUE_NULL;
    }
    struct str_builder b;
    str_builder_init(&b);
    PyObject *list = object_to_list(self);
    int status = list != NULL ? str_builder_char(&b, '{') : -1;
    for (Py_ssize_t i = 0; status == 0 && i < list_length(list); i++) {
        status = i > 0 ? str_builder_ascii(&b, ", ", 2) : 0;
        PyObject *text = status == 0 ? object_repr(list_find(list, i)) : NULL;
        status = text != NULL ? str_builder_str(&b, text) : -1;
    }
    repr_leave(self);
    if (status < 0 || str_builder_char(&b, '}') < 0) {
        return VALUE_NULL;
    }
    PyObject *text = str_builder_finish(&b);
    if (text == NULL || s->ob_type == &PySet_Type) {
        return value_from_object(text);
    }
    return value_from_object(str_format("%s(%U)", name, text));
}

static int sets_equal(PyObject *a, PyObject *b)
{
    Py_hash_t x = ((PySetObject *)a)->hash, y = ((PySetObject *)b)->hash;
    if (set_length(a) != set_length(b) || (x != -1 && y != -1 && x != y)) {
        return 0;
    }
    return set_is_subset(a, b);
}

static Value set_op_richcompare(Value self, Value other, int op)
{
    if (!set_check(self) || !set_check(other)) {
        return VALUE_NOT_IMPLEMENTED;
    }
    PyObject *a = value_object(self), *b = value_object(other);
    int result;
    switch (op) {
    case Py_EQ: result = sets_equal(a, b); break;
    case Py_NE:
        result = sets_equal(a, b);
        result = result < 0 ? -1 : !result;
        break;
    case Py_LE: result = set_is_subset(a, b); break;
    case Py_GE: result = set_is_subset(b, a); break;
    case Py_LT: result = set_length(a) < set_length(b) ? set_is_subset(a, b) : 0; break;
    default: result = set_length(a) > set_length(b) ? set_is_subset(b, a) : 0;
    }
    return result < 0 ? VALUE_NULL : value_from_bool(result);
}

static Py_hash_t frozenset_op_hash(Value self)
{
    return set_frozen_hash(value_object(self));
}

static Value finish(PyObject *s, int status)
{
    return s == NULL || status < 0 ? VALUE_NULL : value_from_object(s);
}

static Value symmetric_difference_of(PyObject *s, Value other)
{
    PyObject *result = set_new(set_base_type(s), other);
    return finish(result, result != NULL
                              ? set_symmetric_difference_update(result, value_from_object(s))
                              : -1);
}

static Value set_op_or(Value left, Value right)
{
    if (!set_check(left) || !set_check(right)) {
        return VALUE_NOT_IMPLEMENTED;
    }
    return value_from_object(set_union(value_object(left), value_object(right)));
}

static Value set_op_and(Value left, Value right)
{
    if (!set_check(left) || !set_check(right)) {
        return VALUE_NOT_IMPLEMENTED;
    }
    return value_from_object(set_intersection(value_object(left), right));
}

static Value set_op_sub(Value left, Value right)
{
    if (!set_check(left) || !set_check(right)) {
        return VALUE_NOT_IMPLEMENTED;
    }
    return value_from_object(set_difference(value_object(left), right));
}

static Value set_op_xor(Value left, Value right)
{
    if (!set_check(left) || !set_check(right)) {
        return VALUE_NOT_IMPLEMENTED;
    }
    return symmetric_difference_of(value_object(left), right);
}

static Value inplace(Value self, Value other, int (*update)(PyObject *, Value))
{
    if (!set_check(other)) {
        return VALUE_NOT_IMPLEMENTED;
    }
    return update(value_object(self), other) < 0 ? VALUE_NULL : self;
}
static Value set_op_ior(Value self, Value other)
{
    return inplace(self, other, set_update);
}
static Value set_op_iand(Value self, Value other)
{
    return inplace(self, other, set_intersection_update);
}
static Value set_op_isub(Value self, Value other)
{
    return inplace(self, other, set_difference_update);
}
static Value set_op_ixor(Value self, Value other)
{
    return inplace(self, other, set_symmetric_difference_update);
}

static Value set_op_iter(Value self)
{
    struct set_iterator *it =
        (struct set_iterator *)object_alloc_bytes(&PySetIter_Type, sizeof(struct set_iterator));
    if (it != NULL) {
        heap_init(it, &it->set, value_object(self));
        it->used = it->remaining = set_length(value_object(self));
    }
    return value_from_object(it);
}

/* ---- Methods. */

static Value method_add(Value self, Value key)
{
    return set_add(value_object(self), key) < 0 ? VALUE_NULL : VALUE_NONE;
}

static Value method_clear(Value self)
{
    return set_clear(value_object(self)) < 0 ? VALUE_NULL : VALUE_NONE;
}

static Value method_contains(Value self, Value key)
{
    int found = set_op_contains(self, key);
    return found < 0 ? VALUE_NULL : value_from_bool(found);
}

static Value method_copy(Value self)
{
    return value_from_object(set_copy(value_object(self)));
}

static Value frozenset_copy(Value self)
{
    return value_object(self)->ob_type == &PyFrozenSet_Type ? self : method_copy(self);
}

static Value method_discard(Value self, Value key)
{
    key = hashable_key(key);
    if (value_is_null(key) || set_discard(value_object(self), key) < 0) {
        return VALUE_NULL;
    }
    return VALUE_NONE;
}

static Value method_remove(Value self, Value key)
{
    Value hashable = hashable_key(key);
    int found = value_is_null(hashable) ? -1 : set_discard(value_object(self), hashable);
    if (found < 0) {
        return VALUE_NULL;
    }
    return found ? VALUE_NONE : error_raise_value(PyExc_KeyError, key);
}

static Value method_pop(Value self)
{
    Value key = set_pop(value_object(self));
    return value_is_absent(key) ? error_raise(PyExc_KeyError, "pop from an empty set") : key;
}

/* Calls a step for each of the *others that a method got. */
static Value update_with_all(Value self, PyObject *others, int (*update)(PyObject *, Value))
{
    for (Py_ssize_t i = 0; i < tuple_length(others); i++) {
        if (update(value_object(self), tuple_get(others, i)) < 0) {
            return VALUE_NULL;
        }
    }
    return VALUE_NONE;
}

static Value method_update(Value self, const Value *args)
{
    return update_with_all(self, value_object(args[0]), set_update);
}

static Value method_difference_update(Value self, const Value *args)
{
    return update_with_all(self, value_object(args[0]), set_difference_update);
}

static Value method_union(Value self, const Value *args)
{
    PyObject *result = set_copy(value_object(self)), *others = value_object(args[0]);
    for (Py_ssize_t i = 0; result != NULL && i < tuple_length(others); i++) {
        if (!value_object_is(tuple_get(others, i), value_object(self)) &&
            set_update(result, tuple_get(others, i)) < 0) {
            return VALUE_NULL;
        }
    }
    return value_from_object(result);
}

static PyObject *intersect_all(PyObject *s, PyObject *others)
{
    if (tuple_length(others) == 0) {
        return set_copy(s);
    }
    for (Py_ssize_t i = 0; s != NULL && i < tuple_length(others); i++) {
        s = set_intersection(s, tuple_get(others, i));
    }
    return s;
}

static Value method_intersection(Value self, const Value *args)
{
    return value_from_object(intersect_all(value_object(self), value_object(args[0])));
}

static Value method_intersection_update(Value self, const Value *args)
{
    PyObject *others = value_object(args[0]);
    if (tuple_length(others) == 1) {
        int status = set_intersection_update(value_object(self), tuple_get(others, 0));
        return status < 0 ? VALUE_NULL : VALUE_NONE;
    }
    PyObject *result = intersect_all(value_object(self), others);
    if (result == NULL || set_take_contents(value_object(self), result) < 0) {
        return VALUE_NULL;
    }
    return VALUE_NONE;
}

static Value method_difference(Value self, const Value *args)
{
    PyObject *others = value_object(args[0]);
    if (tuple_length(others) == 0) {
        return method_copy(self);
    }
    PyObject *result = set_difference(value_object(self), tuple_get(others, 0));
    for (Py_ssize_t i = 1; result != NULL && i < tuple_length(others); i++) {
        if (set_difference_update(result, tuple_get(others, i)) < 0) {
            return VALUE_NULL;
        }
    }
    return value_from_object(result);
}

static Value method_symmetric_difference(Value self, Value other)
{
    return symmetric_difference_of(value_object(self), other);
}

static Value method_symmetric_difference_update(Value self, Value other)
{
    return set_symmetric_difference_update(value_object(self), other) < 0 ? VALUE_NULL : VALUE_NONE;
}

static Value method_isdisjoint(Value self, Value other)
{
    PyObject *s = value_object(self);
    if (value_object_is(other, s)) {
        return value_from_bool(set_length(s) == 0);
    }
    if (set_check(other)) {
        PyObject *smaller = value_object(other);
        Value key;
        Py_hash_t hash;
        if (set_length(smaller) > set_length(s)) {
            PyObject *swap = smaller;
            smaller = s;
            s = swap;
        }
        struct set_scan scan = set_scan_start(smaller);
        while (set_scan_next(&scan, &key, &hash)) {
            int found = set_contains_hashed(s, key, hash);
            if (found != 0) {
                return found < 0 ? VALUE_NULL : VALUE_FALSE;
            }
        }
        return VALUE_TRUE;
    }
    Value iterator = object_iter_owned(other);
    for (;;) {
        Value key = value_is_null(iterator) ? VALUE_NULL : object_next(iterator);
        if (!value_is_present(key)) {
            return value_is_null(key) ? VALUE_NULL : VALUE_TRUE;
        }
        int found = set_contains(s, key);
        if (found != 0) {
            return found < 0 ? VALUE_NULL : VALUE_FALSE;
        }
    }
}

static Value method_issubset(Value self, Value other)
{
    PyObject *s = value_object(self);
    if (!set_check(other)) {
        PyObject *common = set_intersection(s, other);
        return common != NULL ? value_from_bool(set_length(common) == set_length(s)) : VALUE_NULL;
    }
    int result = set_is_subset(s, value_object(other));
    return result < 0 ? VALUE_NULL : value_from_bool(result);
}

static Value method_issuperset(Value self, Value other)
{
    PyObject *s = value_object(self);
    if (set_check(other)) {
        int result = set_is_subset(value_object(other), s);
        return result < 0 ? VALUE_NULL : value_from_bool(result);
    }
    Value iterator = object_iter_owned(other);
    for (;;) {
        Value key = value_is_null(iterator) ? VALUE_NULL : object_next(iterator);
        if (!value_is_present(key)) {
            return value_is_null(key) ? VALUE_NULL : VALUE_TRUE;
        }
        int found = set_contains(s, key);
        if (found != 1) {
            return found < 0 ? VALUE_NULL : VALUE_FALSE;
        }
    }
}

static Value method_reduce(Value self)
{
    PyObject *list = object_to_list(self);
    PyObject *arguments = list != NULL ? tuple_pack(1, list) : NULL;
    Value state = arguments != NULL ? object_call_method0(self, names.__getstate__) : VALUE_NULL;
    if (value_is_null(state)) {
        return VALUE_NULL;
    }
    Value parts[3] = {value_from_object(value_type(self)), value_from_object(arguments), state};
    return value_from_object(tuple_from_array(parts, 3));
}

static Value method_sizeof(Value self)
{
    PyObject *s = value_object(self);
    return int_from_size((size_t)s->ob_type->tp_basicsize + set_table_size(s));
}

static Value method_class_getitem(Value self, Value item)
{
    return value_from_object(generic_alias_new(self, item));
}

#define SHARED_METHODS                                                                             \
    {"__class_getitem__", "($type, item, /)", "See PEP 585", NATIVE_CLASS,                         \
     .f1 = method_class_getitem},                                                                  \
        {"__contains__", "($self, key, /)", "x.__contains__(y) <==> y in x.", NATIVE_COEXIST,      \
         .f1 = method_contains},                                                                   \
        {"__reduce__", "($self, /)", "State for pickling.", .f0 = method_reduce},                  \
        {"__sizeof__", "($self, /)", "Size in memory, in bytes.", .f0 = method_sizeof},            \
        {"difference", "($self, /, *others)", "What is in this set but not in the others.",        \
         .n = method_difference},                                                                  \
        {"intersection", "($self, /, *others)", "What is in all of the sets.",                     \
         .n = method_intersection},                                                                \
        {"isdisjoint", "($self, other, /)", "True if the two have nothing in common.",             \
         .f1 = method_isdisjoint},                                                                 \
        {"issubset", "($self, other, /)", "True if the other has all of this set.",                \
         .f1 = method_issubset},                                                                   \
        {"issuperset", "($self, other, /)", "True if this set has all of the other.",              \
         .f1 = method_issuperset},                                                                 \
        {"symmetric_difference", "($self, other, /)", "What is in exactly one of the two.",        \
         .f1 = method_symmetric_difference},                                                       \
    {                                                                                              \
        "union", "($self, /, *others)", "What is in any of the sets.", .n = method_union           \
    }

static const struct native_def set_methods[] = {
    SHARED_METHODS,
    {"add", "($self, object, /)", "Add an element; no effect if it is present.", .f1 = method_add},
    {"clear", "($self, /)", "Remove all elements.", .f0 = method_clear},
    {"copy", "($self, /)", "A shallow copy.", .f0 = method_copy},
    {"discard", "($self, object, /)", "Remove an element if it is a member.", .f1 = method_discard},
    {"remove", "($self, object, /)",
     "Remove an element; it must be a member.\n\nRaises KeyError if it is not.",
     .f1 = method_remove},
    {"pop", "($self, /)", "Remove and return an arbitrary element.\n\nRaises KeyError if empty.",
     .f0 = method_pop},
    {"update", "($self, /, *others)", "Add the elements of all others.", .n = method_update},
    {"difference_update", "($self, /, *others)", "Remove the elements of all others.",
     .n = method_difference_update},
    {"intersection_update", "($self, /, *others)", "Keep what is in all others.",
     .n = method_intersection_update},
    {"symmetric_difference_update", "($self, other, /)", "Keep what is in exactly one of the two.",
     .f1 = method_symmetric_difference_update},
    {NULL},
};

static const struct native_def frozenset_methods[] = {
    SHARED_METHODS,
    {"copy", "($self, /)", "A shallow copy.", .f0 = frozenset_copy},
    {NULL},
};

/* ---- The types. */

#define SHARED_OPS                                                                                 \
    .repr = set_op_repr, .richcompare = set_op_richcompare, .iter = set_op_iter,                   \
    .len = set_op_len, .contains = set_op_contains,                                                \
    .binary = {                                                                                    \
        [OP_SUB] = set_op_sub, [OP_AND] = set_op_and, [OP_OR] = set_op_or, [OP_XOR] = set_op_xor}

static struct type_info set_info = {
    .ops = {SHARED_OPS, .new_ = set_op_new, .init = set_op_init,
            .inplace = {[OP_SUB] = set_op_isub,
                        [OP_AND] = set_op_iand,
                        [OP_OR] = set_op_ior,
                        [OP_XOR] = set_op_ixor}},
    .trace = set_trace,
    .methods = set_methods,
};

PyTypeObject PySet_Type = {
    STATIC_TYPE_HEAD,
    .tp_name = "set",
    .tp_doc = "Different items in no order: set(iterable).",
    .tp_basicsize = sizeof(PySetObject),
    .tp_weaklistoffset = offsetof(PySetObject, weakreflist),
    .tp_flags =
        Py_TPFLAGS_DEFAULT | Py_TPFLAGS_BASETYPE | Py_TPFLAGS_HAVE_GC | _Py_TPFLAGS_MATCH_SELF,
    .tp_cache = (PyObject *)&set_info,
};

static struct type_info frozenset_info = {
    .ops = {SHARED_OPS, .new_ = frozenset_op_new, .hash = frozenset_op_hash},
    .trace = set_trace,
    .methods = frozenset_methods,
};

PyTypeObject PyFrozenSet_Type = {
    STATIC_TYPE_HEAD,
    .tp_name = "frozenset",
    .tp_doc = "A set that cannot be changed: frozenset(iterable).",
    .tp_basicsize = sizeof(PySetObject),
    .tp_weaklistoffset = offsetof(PySetObject, weakreflist),
    .tp_flags =
        Py_TPFLAGS_DEFAULT | Py_TPFLAGS_BASETYPE | Py_TPFLAGS_HAVE_GC | _Py_TPFLAGS_MATCH_SELF,
    .tp_cache = (PyObject *)&frozenset_info,
};

/* ---- The iterator. */

static void iterator_trace(PyObject *self, struct tracer *tracer)
{
    trace_pointer(tracer, ((struct set_iterator *)self)->set);
}

static Value iterator_self(Value self)
{
    return self;
}

static Value iterator_next(Value self)
{
    struct set_iterator *it = (struct set_iterator *)value_object(self);
    PyObject *s = atomic_load_acquire(&it->set);
    Value key;
    if (s == NULL) {
        return VALUE_ABSENT;
    }
    if (UNLIKELY(atomic_load_relaxed(&it->used) != set_length(s))) {
        atomic_store_relaxed(&it->used, -1);
        return error_raise(PyExc_RuntimeError, "Set changed size during iteration");
    }
    for (;;) {
        size_t seen = atomic_load_relaxed(&it->position), position = seen;
        if (!set_next(s, &position, &key, NULL)) {
            heap_store(it, &it->set, NULL);
            return VALUE_ABSENT;
        }
        if (cursor_move(&it->position, seen, position, false)) {
            atomic_fetch_add_relaxed(&it->remaining, -1);
            return key;
        }
    }
}

static Value iterator_hint(Value self)
{
    struct set_iterator *it = (struct set_iterator *)value_object(self);
    PyObject *s = atomic_load_acquire(&it->set);
    return int_from_ssize(s != NULL && atomic_load_relaxed(&it->used) == set_length(s)
                              ? atomic_load_relaxed(&it->remaining)
                              : 0);
}

static Value set_iterator_reduce(Value self)
{
    struct set_iterator *it = (struct set_iterator *)value_object(self);
    struct set_iterator *copy =
        (struct set_iterator *)object_alloc_bytes(&PySetIter_Type, sizeof(struct set_iterator));
    if (copy == NULL) {
        return VALUE_NULL;
    }
    heap_init(copy, &copy->set, atomic_load_acquire(&it->set));
    copy->used = it->used;
    copy->remaining = it->remaining;
    copy->position = it->position;
    PyObject *list = object_to_list(value_from_object(copy));
    return list != NULL ? iterator_reduce("iter", value_from_object(list), VALUE_ABSENT)
                        : VALUE_NULL;
}

static const struct native_def iterator_methods[] = {
    {"__length_hint__", "($self, /)", "About how many items are left.", .f0 = iterator_hint},
    {"__reduce__", "($self, /)", "How to make the object again, for pickling and copying.",
     .f0 = set_iterator_reduce},
    {NULL},
};

static struct type_info iterator_info = {
    .ops = {.iter = iterator_self, .next = iterator_next},
    .trace = iterator_trace,
    .methods = iterator_methods,
    .flags = TYPE_NO_NEW,
};

PyTypeObject PySetIter_Type = {
    STATIC_TYPE_HEAD,
    .tp_name = "set_iterator",
    .tp_basicsize = sizeof(struct set_iterator),
    .tp_flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_HAVE_GC,
    .tp_cache = (PyObject *)&iterator_info,
};
