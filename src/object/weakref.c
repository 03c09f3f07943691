/* SPDX-License-Identifier: MIT */
/* weakref.ref and the two proxy types. What a reference refers to is read without a lock
 * (weakref_get); whoever got the referent has it on its stack, so it stays. */
#include "object/weakref.h"

#include "object/function.h"
#include "object/list.h"
#include "object/native.h"
#include "object/str.h"

static PyWeakReference *cast(PyObject *o)
{
    return (PyWeakReference *)(void *)o;
}

static void trace(PyObject *self, struct tracer *tracer)
{
    trace_pointer(tracer, cast(self)->wr_callback);
}

static bool is_proxy(Value v)
{
    return value_is_object(v) && (value_object(v)->ob_type == &_PyWeakref_ProxyType ||
                                  value_object(v)->ob_type == &_PyWeakref_CallableProxyType);
}

bool weakref_check(Value v)
{
    return is_proxy(v) || value_is_instance(v, &_PyWeakref_RefType);
}

/* ---- Making. */

PyObject *weakref_new(PyObject *referent, PyObject *callback, PyTypeObject *type)
{
    if (referent->ob_type->tp_weaklistoffset <= 0) {
        return error_raise_null(PyExc_TypeError, "cannot create weak reference to '%T' object",
                                value_from_object(referent));
    }
    bool share =
        callback == NULL && (type == &_PyWeakref_RefType || type == &_PyWeakref_ProxyType ||
                             type == &_PyWeakref_CallableProxyType);
    if (share) {
        PyObject *shared = weakref_find_shared(referent, type);
        if (shared != NULL) {
            return shared;
        }
    }
    PyObject *reference = object_alloc(type, 0);
    if (reference == NULL) {
        return NULL;
    }
    PyWeakReference *r = cast(reference);
    r->hash = -1;
    r->wr_object = weakref_dead_mark;
    heap_init(r, &r->wr_callback, callback);
    PyObject *result = weakref_attach(reference, referent, share);
    if (result == NULL) {
        error_no_memory();
    }
    return result;
}

PyObject *weakref_proxy_new(PyObject *referent, PyObject *callback)
{
    bool callable = object_is_callable(value_from_object(referent));
    return weakref_new(referent, callback,
                       callable ? &_PyWeakref_CallableProxyType : &_PyWeakref_ProxyType);
}

static PyObject *callback_argument(Value v)
{
    return value_is_absent(v) || value_is_none(v) ? NULL : value_object(v);
}

static Value reference_new(PyTypeObject *type, const Value *args, size_t nargs, PyObject *kwnames)
{
    if (type == &_PyWeakref_RefType && native_no_keywords("ref", kwnames) < 0) {
        return VALUE_NULL;
    }
    if (native_check_positional("__new__", nargs, 1, 2) < 0) {
        return VALUE_NULL;
    }
    PyObject *referent = value_box(args[0]);
    Value callback = nargs > 1 ? value_from_object(value_box(args[1])) : VALUE_ABSENT;
    if (referent == NULL || value_is_null(callback)) {
        return VALUE_NULL;
    }
    return value_from_object(weakref_new(referent, callback_argument(callback), type));
}

static int reference_init(Value self, const Value *args, size_t nargs, PyObject *kwnames)
{
    if (value_type(self) == &_PyWeakref_RefType && native_no_keywords("ref", kwnames) < 0) {
        return -1;
    }
    return native_check_positional("__init__", nargs, 1, 2);
}

/* ---- weakref.ref. */

static Value reference_call(Value self, const Value *args, size_t nargs, PyObject *kwnames)
{
    if (native_no_keywords("weakref", kwnames) < 0 ||
        native_check_positional("weakref", nargs, 0, 0) < 0) {
        return VALUE_NULL;
    }
    PyObject *referent = weakref_get(value_object(self));
    return referent != NULL ? value_from_object(referent) : VALUE_NONE;
}

static Py_hash_t reference_hash(Value self)
{
    PyWeakReference *r = cast(value_object(self));
    Py_hash_t hash = atomic_load_relaxed(&r->hash);
    if (hash != -1) {
        return hash;
    }
    PyObject *referent = weakref_get(value_object(self));
    if (referent == NULL) {
        return error_raise_int(PyExc_TypeError, "weak object has gone away");
    }
    hash = object_hash(value_from_object(referent));
    atomic_store_relaxed(&r->hash, hash);
    return hash;
}

static Value reference_compare(Value self, Value other, int op)
{
    if ((op != Py_EQ && op != Py_NE) || !value_is_instance(other, &_PyWeakref_RefType)) {
        return VALUE_NOT_IMPLEMENTED;
    }
    PyObject *a = weakref_get(value_object(self));
    PyObject *b = weakref_get(value_object(other));
    if (a == NULL || b == NULL) {
        return value_from_bool((self.bits == other.bits) == (op == Py_EQ));
    }
    return object_compare(value_from_object(a), value_from_object(b), op);
}

static Value reference_repr(Value self)
{
    PyObject *reference = value_object(self);
    PyObject *referent = weakref_get(reference);
    if (referent == NULL) {
        return value_from_object(str_format("<weakref at 0x%zx; dead>", (size_t)reference));
    }
    Value name;
    int found = object_find_attr(value_from_object(referent), names.__name__, &name);
    if (found < 0) {
        return VALUE_NULL;
    }
    if (found == 0 || !str_check(name)) {
        return value_from_object(str_format("<weakref at 0x%zx; to '%T' at 0x%zx>",
                                            (size_t)reference, value_from_object(referent),
                                            (size_t)referent));
    }
    return value_from_object(str_format("<weakref at 0x%zx; to '%T' at 0x%zx (%U)>",
                                        (size_t)reference, value_from_object(referent),
                                        (size_t)referent, value_object(name)));
}

static Value get_callback(Value self, void *closure)
{
    PyWeakReference *r = cast(value_object(self));
    PyObject *callback = atomic_load_acquire(&r->wr_callback);
    if (callback == NULL || weakref_get(value_object(self)) == NULL) {
        return VALUE_NONE;
    }
    return value_from_object(callback);
}

static Value class_getitem(Value self, Value item)
{
    return value_from_object(generic_alias_new(self, item));
}

static const struct native_def reference_methods[] = {
    {"__class_getitem__", "($type, item, /)", "See PEP 585.", NATIVE_CLASS, .f1 = class_getitem},
    {NULL},
};
static const struct getset_def reference_getsets[] = {{"__callback__", get_callback}, {NULL}};

static struct type_info reference_info = {
    .ops = {.new_ = reference_new,
            .init = reference_init,
            .call = reference_call,
            .hash = reference_hash,
            .richcompare = reference_compare,
            .repr = reference_repr},
    .trace = trace,
    .methods = reference_methods,
    .getsets = reference_getsets,
};

PyTypeObject _PyWeakref_RefType = {
    STATIC_TYPE_HEAD,
    .tp_name = "weakref.ReferenceType",
    .tp_basicsize = sizeof(PyWeakReference),
    .tp_flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_HAVE_GC | Py_TPFLAGS_BASETYPE,
    .tp_cache = (PyObject *)&reference_info,
};

/* ---- Proxies: every operation goes to the referent. */

/* What v stands for: the referent of a proxy, else v. VALUE_NULL with ReferenceError if it is gone.
 */
static Value unwrap(Value v)
{
    if (!is_proxy(v)) {
        return v;
    }
    PyObject *referent = weakref_get(value_object(v));
    if (referent == NULL) {
        return error_raise(PyExc_ReferenceError, "weakly-referenced object no longer exists");
    }
    return value_from_object(referent);
}

static Value proxy_repr(Value self)
{
    PyObject *proxy = value_object(self);
    PyObject *referent = weakref_get(proxy);
    Value shown = referent != NULL ? value_from_object(referent) : VALUE_NONE;
    return value_from_object(str_format("<weakproxy at 0x%zx to %T at 0x%zx>", (size_t)proxy, shown,
                                        (size_t)value_object(shown)));
}

static Value proxy_str(Value self)
{
    Value v = unwrap(self);
    return value_is_null(v) ? v : value_from_object(object_str(v));
}

static Value proxy_getattr(Value self, PyObject *name)
{
    Value v = unwrap(self);
    return value_is_null(v) ? v : object_getattr(v, name);
}

static int proxy_setattr(Value self, PyObject *name, Value value)
{
    Value v = unwrap(self);
    return value_is_null(v) ? -1 : object_setattr(v, name, value);
}

static Value proxy_compare(Value self, Value other, int op)
{
    Value a = unwrap(self), b = value_is_null(a) ? a : unwrap(other);
    return value_is_null(b) ? b : object_compare(a, b, op);
}

static Value proxy_iter(Value self)
{
    Value v = unwrap(self);
    return value_is_null(v) ? v : object_iter(v);
}

static Value proxy_next(Value self)
{
    Value v = unwrap(self);
    if (value_is_null(v)) {
        return v;
    }
    if (!object_is_iterator(v)) {
        return error_raise(PyExc_TypeError, "Weakref proxy referenced a non-iterator '%T' object",
                           v);
    }
    return object_next(v);
}

static Py_ssize_t proxy_len(Value self)
{
    Value v = unwrap(self);
    return value_is_null(v) ? -1 : object_length(v);
}

static Value proxy_getitem(Value self, Value key)
{
    Value v = unwrap(self), k = value_is_null(v) ? v : unwrap(key);
    return value_is_null(k) ? k : object_getitem(v, k);
}

static int proxy_setitem(Value self, Value key, Value value)
{
    Value v = unwrap(self), k = value_is_null(v) ? v : unwrap(key);
    Value item = value_is_null(k) ? k : unwrap(value);
    return value_is_null(item) ? -1 : object_setitem(v, k, item);
}

static int proxy_contains(Value self, Value item)
{
    Value v = unwrap(self), i = value_is_null(v) ? v : unwrap(item);
    return value_is_null(i) ? -1 : object_contains(v, i);
}

static int proxy_bool(Value self)
{
    Value v = unwrap(self);
    return value_is_null(v) ? -1 : object_truth(v);
}

static Value proxy_int(Value self)
{
    Value v = unwrap(self);
    return value_is_null(v) ? v : object_int(v);
}

static Value proxy_float(Value self)
{
    Value v = unwrap(self);
    return value_is_null(v) ? v : object_float(v);
}

static Value proxy_index(Value self)
{
    Value v = unwrap(self);
    return value_is_null(v) ? v : object_index(v);
}

static Value proxy_pow3(Value base, Value exponent, Value modulus)
{
    Value a = unwrap(base), b = value_is_null(a) ? a : unwrap(exponent);
    Value c = value_is_null(b) ? b : unwrap(modulus);
    return value_is_null(c) ? c : object_pow(a, b, c);
}

static Value binary(Value left, Value right, enum binary_op op)
{
    Value a = unwrap(left), b = value_is_null(a) ? a : unwrap(right);
    return value_is_null(b) ? b : object_binary(a, b, op);
}

static Value inplace(Value left, Value right, enum binary_op op)
{
    Value a = unwrap(left), b = value_is_null(a) ? a : unwrap(right);
    return value_is_null(b) ? b : object_inplace(a, b, op);
}

static Value unary(Value self, enum unary_op op)
{
    Value v = unwrap(self);
    return value_is_null(v) ? v : object_unary(v, op);
}

/* One function per row of the operator tables. */
#define BINARY_ROWS(ROW)                                                                           \
    ROW(OP_ADD)                                                                                    \
    ROW(OP_SUB)                                                                                    \
    ROW(OP_MUL)                                                                                    \
    ROW(OP_MATMUL)                                                                                 \
    ROW(OP_TRUEDIV)                                                                                \
    ROW(OP_FLOORDIV)                                                                               \
    ROW(OP_MOD) ROW(OP_POW) ROW(OP_LSHIFT) ROW(OP_RSHIFT) ROW(OP_AND) ROW(OP_OR) ROW(OP_XOR)
#define BINARY_FUNCTION(op)                                                                        \
    static Value proxy_##op(Value a, Value b)                                                      \
    {                                                                                              \
        return binary(a, b, op);                                                                   \
    }                                                                                              \
    static Value proxy_inplace_##op(Value a, Value b)                                              \
    {                                                                                              \
        return inplace(a, b, op);                                                                  \
    }
BINARY_ROWS(BINARY_FUNCTION)
static Value proxy_OP_DIVMOD(Value a, Value b)
{
    return binary(a, b, OP_DIVMOD);
}
#define UNARY_ROWS(ROW) ROW(OP_NEG) ROW(OP_POS) ROW(OP_INVERT) ROW(OP_ABS)
#define UNARY_FUNCTION(op)                                                                         \
    static Value proxy_##op(Value v)                                                               \
    {                                                                                              \
        return unary(v, op);                                                                       \
    }
UNARY_ROWS(UNARY_FUNCTION)

#define BINARY_ENTRY(op) [op] = proxy_##op,
#define INPLACE_ENTRY(op) [op] = proxy_inplace_##op,
#define PROXY_OPS                                                                                  \
    .repr = proxy_repr, .str = proxy_str, .getattr = proxy_getattr, .setattr = proxy_setattr,      \
    .richcompare = proxy_compare, .iter = proxy_iter, .next = proxy_next, .len = proxy_len,        \
    .getitem = proxy_getitem, .setitem = proxy_setitem, .contains = proxy_contains,                \
    .bool_ = proxy_bool, .int_ = proxy_int, .float_ = proxy_float, .index = proxy_index,           \
    .pow3 = proxy_pow3, .binary = {BINARY_ROWS(BINARY_ENTRY) BINARY_ENTRY(OP_DIVMOD)},             \
    .inplace = {BINARY_ROWS(INPLACE_ENTRY)}, .unary = {UNARY_ROWS(BINARY_ENTRY)}

static Value proxy_call(Value self, const Value *args, size_t nargs, PyObject *kwnames)
{
    Value v = unwrap(self);
    return value_is_null(v) ? v : object_call(v, args, nargs & ~CALL_PREPEND, kwnames);
}

static Value proxy_bytes(Value self)
{
    Value v = unwrap(self);
    return value_is_null(v) ? v : object_call_method0(v, names.__bytes__);
}

static Value proxy_reversed(Value self)
{
    Value v = unwrap(self);
    return value_is_null(v) ? v : object_call_method0(v, names.__reversed__);
}

static const struct native_def proxy_methods[] = {
    {"__bytes__", "($self, /)", "The same text as bytes.", .f0 = proxy_bytes},
    {"__reversed__", "($self, /)", "An iterator from the end to the beginning.",
     .f0 = proxy_reversed},
    {NULL},
};

static Py_hash_t proxy_hash(Value self)
{
    return error_raise_int(PyExc_TypeError, "unhashable type: '%T'", self);
}

static struct type_info proxy_info = {
    .ops = {PROXY_OPS, .hash = proxy_hash},
    .trace = trace,
    .methods = proxy_methods,
    .flags = TYPE_NO_NEW,
};
PyTypeObject _PyWeakref_ProxyType = {
    STATIC_TYPE_HEAD,
    .tp_name = "weakref.ProxyType",
    .tp_basicsize = sizeof(PyWeakReference),
    .tp_flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_HAVE_GC,
    .tp_cache = (PyObject *)&proxy_info,
};

static struct type_info callable_proxy_info = {
    .ops = {PROXY_OPS, .hash = proxy_hash, .call = proxy_call},
    .trace = trace,
    .flags = TYPE_NO_NEW,
};
PyTypeObject _PyWeakref_CallableProxyType = {
    STATIC_TYPE_HEAD,
    .tp_name = "weakref.CallableProxyType",
    .tp_basicsize = sizeof(PyWeakReference),
    .tp_flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_HAVE_GC,
    .tp_cache = (PyObject *)&callable_proxy_info,
};

/* ---- What the module asks. */

size_t weakref_count(PyObject *referent)
{
    return referent->ob_type->tp_weaklistoffset > 0 ? weakref_list(referent, NULL, 0) : 0;
}

PyObject *weakref_get_list(PyObject *referent)
{
    PyObject *list = list_new(0);
    size_t count = weakref_count(referent);
    if (list == NULL || count == 0) {
        return list;
    }
    /* References that are made meanwhile are not in it. */
    PyObject **references = heap_alloc(count * sizeof *references, CELL_WORDS);
    if (references == NULL) {
        error_no_memory();
        return NULL;
    }
    size_t found = weakref_list(referent, references, count);
    for (size_t i = 0; i < (found < count ? found : count); i++) {
        if (list_append(list, value_from_object(references[i])) < 0) {
            return NULL;
        }
    }
    return list;
}

void weakref_call_callback(PyObject *reference, PyObject *callback)
{
    PyObject *current = error_take();
    Value result = object_call1(value_from_object(callback), value_from_object(reference));
    if (value_is_null(result)) {
        error_write_unraisable(value_from_object(callback), NULL);
    }
    error_restore(current);
}

void weakref_init(void)
{
    weakref_dead_mark = Py_None;
    heap_hooks.weakref_callback = weakref_call_callback;
}
