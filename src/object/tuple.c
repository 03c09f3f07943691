/* SPDX-License-Identifier: MIT */
/* Tuples: immutable once shared. Their items are objects; ints and floats are boxed. */
#include <stdarg.h>

#include "heap/prompt.h"
#include "object/dict_int.h"
#include "object/function.h"
#include "object/int.h"
#include "object/iterator.h"
#include "object/list_int.h"
#include "object/simple_compare.h"
#include "object/str.h"

/* () : one static object. */
static PyTupleObject empty_tuple = {
    .ob_base = {STATIC_OBJECT_HEAD(&PyTuple_Type), 0},
};

PyObject *tuple_new(Py_ssize_t length)
{
    if (length == 0) {
        return (PyObject *)&empty_tuple;
    }
    if ((size_t)length > (PY_SSIZE_T_MAX - sizeof(PyTupleObject)) / sizeof(PyObject *)) {
        error_no_memory();
        return NULL;
    }
    size_t bytes = offsetof(PyTupleObject, ob_item) + (size_t)length * sizeof(PyObject *);
    PyObject *t = object_alloc_kind(&PyTuple_Type, bytes, CELL_OBJECT);
    if (t != NULL) {
        ((PyVarObject *)t)->ob_size = length;
    }
    return t;
}

/* Into a tuple that its maker fills. Observed objects in it are not counted (heap/prompt.c): most
 * such tuples are arguments, and die without anybody telling. */
static ALWAYS_INLINE void init_item(PyObject *t, size_t i, PyObject *item)
{
    PyObject **slot = &((PyTupleObject *)t)->ob_item[i];
    atomic_store_relaxed(slot, item);
    if (UNLIKELY(heap_is_observed((uint64_t)(uintptr_t)item))) {
        heap_prompt_holds(t, item);
    }
}

PyObject *tuple_from_array(const Value *values, size_t count)
{
    PyObject *t = tuple_new((Py_ssize_t)count);
    for (size_t i = 0; t != NULL && i < count; i++) {
        PyObject *item = value_box(values[i]);
        if (item == NULL) {
            return NULL;
        }
        init_item(t, i, item);
    }
    return t;
}

PyObject *tuple_from_objects(PyObject *const *items, Py_ssize_t count)
{
    PyObject *t = tuple_new(count);
    for (size_t i = 0; t != NULL && i < (size_t)count; i++) {
        init_item(t, i, atomic_load_relaxed(&items[i]));
    }
    return t;
}

PyObject *tuple_pack(size_t count, ...)
{
    PyObject *t = tuple_new((Py_ssize_t)count);
    if (t == NULL) {
        return NULL;
    }
    va_list items;
    va_start(items, count);
    for (size_t i = 0; i < count; i++) {
        heap_fill(t, &((PyTupleObject *)t)->ob_item[i], va_arg(items, PyObject *));
    }
    va_end(items);
    return t;
}

int tuple_init_item(PyObject *t, Py_ssize_t i, Value v)
{
    PyObject *item = value_box(v);
    if (item == NULL) {
        return -1;
    }
    init_item(t, (size_t)i, item);
    heap_remember(&((PyTupleObject *)t)->ob_item[i]); /* there may have been collections */
    return 0;
}

PyObject *tuple_slice(PyObject *t, Py_ssize_t low, Py_ssize_t high)
{
    Py_ssize_t length = tuple_length(t);
    low = low < 0 ? 0 : low;
    high = high > length ? length : high;
    high = high < low ? low : high;
    if (low == 0 && high == length && t->ob_type == &PyTuple_Type) {
        return t;
    }
    return tuple_from_objects(((PyTupleObject *)t)->ob_item + low, high - low);
}

/* ---- Operations of the type. */

static void tuple_trace(PyObject *self, struct tracer *tracer)
{
    trace_words(tracer, (const Value *)((PyTupleObject *)self)->ob_item,
                (size_t)tuple_length(self));
}

static Value tuple_op_new(PyTypeObject *type, const Value *args, size_t nargs, PyObject *kwnames)
{
    bool strict = type_ops(type)->init == type_ops(&PyTuple_Type)->init;
    if (strict && native_no_keywords("tuple", kwnames) < 0) {
        return VALUE_NULL;
    }
    if (native_check_positional("tuple", nargs, 0, 1) < 0) {
        return VALUE_NULL;
    }
    PyObject *t = nargs == 0 ? tuple_new(0) : object_to_tuple(args[0]);
    if (t == NULL || type == &PyTuple_Type) {
        return value_from_object(t);
    }
    Py_ssize_t length = tuple_length(t);
    PyObject *instance = object_alloc(type, length);
    if (instance != NULL) {
        ((PyVarObject *)instance)->ob_size = length;
        heap_init_copy(instance, (Value *)((PyTupleObject *)instance)->ob_item,
                       (const Value *)((PyTupleObject *)t)->ob_item, (size_t)length);
    }
    return value_from_object(instance);
}

static Value tuple_op_repr(Value self)
{
    PyObject *t = value_object(self);
    Py_ssize_t length = tuple_length(t);
    if (length == 0) {
        return value_from_object(str_from_ascii("()", 2));
    }
    int active = repr_enter(self);
    if (active != 0) {
        return active > 0 ? value_from_object(str_from_ascii("(...)", 5)) : VALUE_NULL;
    }
    struct str_builder b;
    str_builder_init(&b);
    int status = str_builder_char(&b, '(');
    for (Py_ssize_t i = 0; status == 0 && i < length; i++) {
        if (i > 0) {
            status = str_builder_ascii(&b, ", ", 2);
        }
        PyObject *text = status == 0 ? object_repr(tuple_get(t, i)) : NULL;
        status = text != NULL ? str_builder_str(&b, text) : -1;
    }
    repr_leave(self);
    if (status < 0 || str_builder_ascii(&b, length == 1 ? ",)" : ")", length == 1 ? 2 : 1) < 0) {
        return VALUE_NULL;
    }
    return value_from_object(str_builder_finish(&b));
}

/* xxHash's mixing steps over the items' hashes, which gives CPython's values. */
static Py_hash_t tuple_op_hash(Value self)
{
    const uint64_t prime1 = UINT64_C(11400714785074694791), prime2 = UINT64_C(14029467366897019727),
                   prime5 = UINT64_C(2870177450012600261);
    PyObject *t = value_object(self);
    Py_ssize_t length = tuple_length(t);
    uint64_t sum = prime5;
    for (Py_ssize_t i = 0; i < length; i++) {
        Py_hash_t hash = dict_key_hash(tuple_get(t, i));
        if (hash == -1) {
            return -1;
        }
        sum += (uint64_t)hash * prime2;
        sum = (sum << 31 | sum >> 33) * prime1;
    }
    sum += (uint64_t)length ^ (prime5 ^ 3527539);
    return sum == UINT64_MAX ? 1546275796 : (Py_hash_t)sum;
}

static Value tuple_op_richcompare(Value self, Value other, int op)
{
    if (!tuple_check(self) || !tuple_check(other)) {
        return VALUE_NOT_IMPLEMENTED;
    }
    PyObject *a = value_object(self), *b = value_object(other);
    Py_ssize_t m = tuple_length(a), n = tuple_length(b), i = 0;
    for (; i < m && i < n; i++) {
        Value x = tuple_get(a, i), y = tuple_get(b, i);
        int equal = value_equal_simple(x, y, 0);
        if (equal < 0 && (equal = object_equal(x, y)) < 0) {
            return VALUE_NULL;
        }
        if (!equal) {
            break;
        }
    }
    if (i >= m || i >= n) {
        switch (op) {
        case Py_LT: return value_from_bool(m < n);
        case Py_LE: return value_from_bool(m <= n);
        case Py_EQ: return value_from_bool(m == n);
        case Py_NE: return value_from_bool(m != n);
        case Py_GT: return value_from_bool(m > n);
        default: return value_from_bool(m >= n);
        }
    }
    if (op == Py_EQ || op == Py_NE) {
        return value_from_bool(op == Py_NE);
    }
    return object_compare(tuple_get(a, i), tuple_get(b, i), op);
}

static Value tuple_op_iter(Value self)
{
    return value_from_object(sequence_iterator_new_of(&PyTupleIter_Type, value_object(self), 0));
}

static Py_ssize_t tuple_op_len(Value self)
{
    return tuple_length(value_object(self));
}

static Value tuple_op_item(Value self, Py_ssize_t index)
{
    PyObject *t = value_object(self);
    if ((size_t)index >= (size_t)tuple_length(t)) {
        return error_raise(PyExc_IndexError, "tuple index out of range");
    }
    return tuple_get(t, index);
}

static Value tuple_stepped_slice(PyObject *t, PyObject *slice)
{
    Py_ssize_t start, stop, step;
    if (slice_unpack(slice, &start, &stop, &step) < 0) {
        return VALUE_NULL;
    }
    Py_ssize_t length = slice_adjust(tuple_length(t), &start, &stop, step);
    if (step == 1) {
        return value_from_object(tuple_slice(t, start, start + length));
    }
    PyObject *result = tuple_new(length);
    for (Py_ssize_t i = 0; result != NULL && i < length; i++) {
        heap_init(result, &((PyTupleObject *)result)->ob_item[i],
                  tuple_object(t, start + i * step));
    }
    return value_from_object(result);
}

static Value tuple_op_getitem(Value self, Value key)
{
    PyObject *t = value_object(self);
    int64_t small;
    if (slice_check(key)) {
        return tuple_stepped_slice(t, value_object(key));
    }
    if (!int_try_small(key, &small)) {
        Py_ssize_t index;
        if (!object_has_index(key)) {
            return error_raise(PyExc_TypeError, "tuple indices must be integers or slices, not %T",
                               key);
        }
        if (subscript_index(key, &index) < 0) {
            return VALUE_NULL;
        }
        small = index;
    }
    return tuple_op_item(self, small < 0 ? small + tuple_length(t) : small);
}

static int tuple_op_contains(Value self, Value v)
{
    PyObject *t = value_object(self);
    for (Py_ssize_t i = 0; i < tuple_length(t); i++) {
        int equal = object_equal(tuple_get(t, i), v);
        if (equal != 0) {
            return equal;
        }
    }
    return 0;
}

static Value tuple_op_concat(Value self, Value other)
{
    PyObject *a = value_object(self);
    if (!tuple_check(other)) {
        return error_raise(PyExc_TypeError, "can only concatenate tuple (not \"%T\") to tuple",
                           other);
    }
    PyObject *b = value_object(other);
    Py_ssize_t m = tuple_length(a), n = tuple_length(b);
    if (m == 0 && tuple_check_exact(other)) {
        return other;
    }
    if (n == 0 && tuple_check_exact(self)) {
        return self;
    }
    PyObject *t = tuple_new(m + n);
    if (t != NULL) {
        Value *slots = (Value *)((PyTupleObject *)t)->ob_item;
        heap_init_copy(t, slots, (const Value *)((PyTupleObject *)a)->ob_item, (size_t)m);
        heap_init_copy(t, slots + m, (const Value *)((PyTupleObject *)b)->ob_item, (size_t)n);
    }
    return value_from_object(t);
}

static Value tuple_op_repeat(Value self, Value v)
{
    PyObject *t = value_object(self);
    Py_ssize_t times, length = tuple_length(t);
    if (repeat_count(v, &times) < 0) {
        return VALUE_NULL;
    }
    times = times > 0 ? times : 0;
    if ((length == 0 || times == 1) && tuple_check_exact(self)) {
        return self;
    }
    if (length > 0 && times > PY_SSIZE_T_MAX / length) {
        return error_no_memory();
    }
    PyObject *result = tuple_new(length * times);
    for (Py_ssize_t i = 0; result != NULL && i < times; i++) {
        heap_init_copy(result, (Value *)((PyTupleObject *)result)->ob_item + i * length,
                       (const Value *)((PyTupleObject *)t)->ob_item, (size_t)length);
    }
    return value_from_object(result);
}

/* ---- Methods. */

static Value method_getnewargs(Value self)
{
    PyObject *t = value_object(self);
    PyObject *copy = tuple_from_objects(((PyTupleObject *)t)->ob_item, tuple_length(t));
    return copy != NULL ? value_from_object(tuple_pack(1, copy)) : VALUE_NULL;
}

static Value method_count(Value self, Value wanted)
{
    PyObject *t = value_object(self);
    Py_ssize_t found = 0;
    for (Py_ssize_t i = 0; i < tuple_length(t); i++) {
        int equal = object_equal(tuple_get(t, i), wanted);
        if (equal < 0) {
            return VALUE_NULL;
        }
        found += equal;
    }
    return int_from_ssize(found);
}

static Value method_index(Value self, const Value *args)
{
    PyObject *t = value_object(self);
    Py_ssize_t low, high, length = tuple_length(t);
    if (arg_search_range(args[1], args[2], length, &low, &high) < 0) {
        return VALUE_NULL;
    }
    for (Py_ssize_t i = low; i < high && i < length; i++) {
        int equal = object_equal(tuple_get(t, i), args[0]);
        if (equal != 0) {
            return equal > 0 ? int_from_ssize(i) : VALUE_NULL;
        }
    }
    return error_raise(PyExc_ValueError, "tuple.index(x): x not in tuple");
}

static Value method_class_getitem(Value self, Value item)
{
    return value_from_object(generic_alias_new(self, item));
}

static const struct native_def tuple_methods[] = {
    {"__class_getitem__", "($type, item, /)", "See PEP 585", NATIVE_CLASS,
     .f1 = method_class_getitem},
    {"__getnewargs__", "($self, /)", "Arguments that __new__ needs for a copy.",
     .f0 = method_getnewargs},
    {"count", "($self, value, /)", "How many items equal value.", .f1 = method_count},
    {"index", "($self, value, start=0, stop=sys.maxsize, /)",
     "Index of the first item that equals value.\n\nRaises ValueError if there is none.",
     .n = method_index},
    {NULL},
};

static struct type_info tuple_info = {
    .ops = {.new_ = tuple_op_new,
            .repr = tuple_op_repr,
            .hash = tuple_op_hash,
            .richcompare = tuple_op_richcompare,
            .iter = tuple_op_iter,
            .len = tuple_op_len,
            .getitem = tuple_op_getitem,
            .contains = tuple_op_contains,
            .concat = tuple_op_concat,
            .repeat = tuple_op_repeat,
            .item = tuple_op_item},
    .trace = tuple_trace,
    .methods = tuple_methods,
};

PyTypeObject PyTuple_Type = {
    STATIC_TYPE_HEAD,
    .tp_name = "tuple",
    .tp_doc = "tuple(iterable=(), /)\n--\n\nA sequence that cannot be changed.",
    .tp_basicsize = offsetof(PyTupleObject, ob_item),
    .tp_itemsize = sizeof(PyObject *),
    .tp_flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_BASETYPE | Py_TPFLAGS_TUPLE_SUBCLASS |
                Py_TPFLAGS_SEQUENCE | Py_TPFLAGS_HAVE_GC | _Py_TPFLAGS_MATCH_SELF,
    .tp_cache = (PyObject *)&tuple_info,
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

static Value iterator_next(Value self)
{
    struct sequence_iterator *it = (struct sequence_iterator *)value_object(self);
    PyObject *t = atomic_load_acquire(&it->sequence);
    if (t == NULL) {
        return VALUE_ABSENT;
    }
    Py_ssize_t index;
    do {
        index = atomic_load_relaxed(&it->index);
        if (UNLIKELY(index >= tuple_length(t))) {
            if (it->owned != NULL) { /* else others may be reading it */
                it->owned = NULL;
            }
            heap_store(it, &it->sequence, NULL);
            return VALUE_ABSENT;
        }
    } while (UNLIKELY(!sequence_iterator_move(it, index, index + 1)));
    return int_unbox_ready(tuple_object(t, index));
}

static Value iterator_hint(Value self)
{
    struct sequence_iterator *it = (struct sequence_iterator *)value_object(self);
    PyObject *t = atomic_load_acquire(&it->sequence);
    return int_from_ssize(t != NULL ? tuple_length(t) - it->index : 0);
}

static Value tuple_iterator_reduce(Value self)
{
    struct sequence_iterator *it = (struct sequence_iterator *)value_object(self);
    PyObject *t = atomic_load_acquire(&it->sequence);
    if (t == NULL) {
        return iterator_reduce("iter", value_from_object(tuple_new(0)), VALUE_ABSENT);
    }
    return iterator_reduce("iter", value_from_object(t), int_from_ssize(it->index));
}

static Value iterator_setstate(Value self, Value state)
{
    struct sequence_iterator *it = (struct sequence_iterator *)value_object(self);
    Py_ssize_t index;
    if (arg_index(state, &index) < 0) {
        return VALUE_NULL;
    }
    PyObject *t = atomic_load_acquire(&it->sequence);
    if (t != NULL) {
        Py_ssize_t length = tuple_length(t);
        atomic_store_relaxed(&it->index, index < 0 ? 0 : index > length ? length : index);
    }
    return VALUE_NONE;
}

static const struct native_def tuple_iterator_methods[] = {
    {"__length_hint__", "($self, /)", "About how many items are left.", .f0 = iterator_hint},
    {"__reduce__", "($self, /)", "How to make the object again, for pickling and copying.",
     .f0 = tuple_iterator_reduce},
    {"__setstate__", "($self, state, /)", "Sets the state that __reduce__ gave.",
     .f1 = iterator_setstate},
    {NULL},
};

static struct type_info tuple_iterator_info = {
    .ops = {.iter = iterator_self, .next = iterator_next},
    .trace = iterator_trace,
    .methods = tuple_iterator_methods,
    .flags = TYPE_NO_NEW,
};

PyTypeObject PyTupleIter_Type = {
    STATIC_TYPE_HEAD,
    .tp_name = "tuple_iterator",
    .tp_basicsize = sizeof(struct sequence_iterator),
    .tp_flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_HAVE_GC,
    .tp_cache = (PyObject *)&tuple_iterator_info,
};
