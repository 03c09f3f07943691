/* SPDX-License-Identifier: MIT */
/* Operations of types and their special methods, both ways.
 *
 *  - A native type has operations (struct type_ops); each shows as a slot wrapper, a
 *    wrapper_descriptor such as int.__add__, that calls the operation.
 *  - A class written in Python has special methods; for each the class gets a generic operation
 *    (slot_repr ...) that looks the method up and calls it. slots_update decides: if all special
 *    methods behind an operation come from native classes, their operation is taken itself.
 *
 * slots.def is the one table for both. */
#include "object/function.h"
#include "object/int.h"
#include "object/list.h"
#include "object/str.h"
#include "object/type_int.h"

/* ---- Calling special methods. */

Value attribute_bind(Value attribute, Value object, PyTypeObject *type)
{
    Value (*get)(Value, Value, PyTypeObject *) = value_ops(attribute)->descr_get;
    return get != NULL ? get(attribute, object, type) : attribute;
}

Value special_find(Value self, PyObject *name, bool *unbound)
{
    PyTypeObject *type = value_type(self);
    Value method = type_lookup(type, name);
    *unbound = false;
    if (value_is_absent(method)) {
        return method;
    }
    if (type_has_feature(value_type(method), Py_TPFLAGS_METHOD_DESCRIPTOR)) {
        *unbound = true;
        return method;
    }
    return attribute_bind(method, self, type);
}

Value special_call(Value self, PyObject *name, const Value *args, size_t nargs)
{
    bool unbound;
    Value method = special_find(self, name, &unbound);
    if (!value_is_present(method)) {
        return method;
    }
    if (!unbound) {
        return object_call(method, args, nargs, NULL);
    }
    Value all[5];
    debug_assert(nargs < 5);
    all[0] = self;
    for (size_t i = 0; i < nargs; i++) {
        all[i + 1] = args[i];
    }
    return object_call(method, all, nargs + 1, NULL);
}

static Value call_required(Value self, PyObject *name, const Value *args, size_t nargs)
{
    Value result = special_call(self, name, args, nargs);
    if (UNLIKELY(value_is_absent(result))) {
        return error_raise_value(PyExc_AttributeError, value_from_object(name));
    }
    return result;
}

/* ---- The operations of Python classes. */

#define SLOT_UNARY_FUNCTION(function, name)                                                        \
    static Value function(Value self)                                                              \
    {                                                                                              \
        return call_required(self, names.name, NULL, 0);                                           \
    }
SLOT_UNARY_FUNCTION(slot_neg, __neg__)
SLOT_UNARY_FUNCTION(slot_pos, __pos__)
SLOT_UNARY_FUNCTION(slot_abs, __abs__)
SLOT_UNARY_FUNCTION(slot_invert, __invert__)
SLOT_UNARY_FUNCTION(slot_int, __int__)
SLOT_UNARY_FUNCTION(slot_float, __float__)
SLOT_UNARY_FUNCTION(slot_index, __index__)
SLOT_UNARY_FUNCTION(slot_str, __str__)
SLOT_UNARY_FUNCTION(slot_anext, __anext__)

static Value slot_repr(Value self)
{
    Value result = special_call(self, names.__repr__, NULL, 0);
    if (value_is_absent(result)) {
        return value_from_object(str_format("<%s object at 0x%llx>", value_type(self)->tp_name,
                                            (unsigned long long)self.bits));
    }
    return result;
}

static Value slot_await(Value self)
{
    Value result = special_call(self, names.__await__, NULL, 0);
    if (value_is_absent(result)) {
        return error_raise(PyExc_AttributeError, "object %T does not have __await__ method", self);
    }
    return result;
}

static Value slot_aiter(Value self)
{
    Value result = special_call(self, names.__aiter__, NULL, 0);
    if (value_is_absent(result)) {
        return error_raise(PyExc_AttributeError, "object %T does not have __aiter__ method", self);
    }
    return result;
}

Py_hash_t object_hash_not_implemented(Value self)
{
    error_raise(PyExc_TypeError, "unhashable type: '%T'", self);
    return -1;
}

static Py_hash_t slot_hash(Value self)
{
    Value method = type_lookup(value_type(self), names.__hash__);
    if (value_is_absent(method) || value_is_none(method)) {
        return object_hash_not_implemented(self);
    }
    Value result = special_call(self, names.__hash__, NULL, 0);
    if (value_is_null(result)) {
        return -1;
    }
    if (!int_check(result)) {
        return error_raise_int(PyExc_TypeError, "__hash__ method should return an integer");
    }
    int64_t small;
    Py_hash_t hash;
    if (int_clip_i64(result, &small) == 0) {
        hash = small;
    } else {
        hash = int_hash(result);
    }
    return hash == -1 ? -2 : hash;
}

static Value call_method(Value self, const Value *args, size_t nargs, PyObject *kwnames)
{
    bool unbound;
    Value method = special_find(self, names.__call__, &unbound);
    if (value_is_absent(method)) {
        return error_raise_value(PyExc_AttributeError, value_from_object(names.__call__));
    }
    if (value_is_null(method) || !unbound) {
        return value_is_null(method) ? method : object_call(method, args, nargs, kwnames);
    }
    size_t count = nargs + (kwnames != NULL ? (size_t)tuple_length(kwnames) : 0);
    Value few[9];
    Value *all = few;
    if (count > 7) {
        all = heap_alloc((count + 2) * sizeof(Value), CELL_WORDS);
        if (all == NULL) {
            return error_no_memory();
        }
    }
    all[0] = VALUE_NULL;
    all[1] = self;
    memcpy(all + 2, args, count * sizeof(Value));
    return object_call(method, all + 1, (nargs + 1) | CALL_PREPEND, kwnames);
}

static Value slot_call(Value self, const Value *args, size_t nargs, PyObject *kwnames)
{
    if (recursion_enter(" while calling a Python object") < 0) {
        return VALUE_NULL;
    }
    Value result = call_method(self, args, nargs, kwnames);
    recursion_leave();
    return result;
}

static Value getattr_plain(Value self, PyObject *name)
{
    PyTypeObject *type = value_type(self);
    Value method;
    PyTypeObject *owner = type_lookup_owner(type, names.__getattribute__, &method);
    if (owner != NULL && !type_is_python(owner)) {
        return type_ops(owner)->getattr(self, name);
    }
    PyTypeObject *wrapper_type;
    void *wrapped;
    if (wrapper_descriptor_row(method, &wrapper_type, &wrapped) != NULL &&
        type_is_subtype(type, wrapper_type)) {
        return type_ops(wrapper_type)->getattr(self, name);
    }
    Value argument = value_from_object(name);
    return call_required(self, names.__getattribute__, &argument, 1);
}

Value slot_getattr(Value self, PyObject *name)
{
    Value result = getattr_plain(self, name);
    if (value_is_present(result)) {
        return result;
    }
    if (value_is_absent(type_lookup(value_type(self), names.__getattr__))) {
        return result;
    }
    if (value_is_null(result)) {
        if (!error_matches(PyExc_AttributeError)) {
            return result;
        }
        error_clear();
    }
    Value argument = value_from_object(name);
    result = call_required(self, names.__getattr__, &argument, 1);
    if (value_is_null(result)) {
        error_set_attribute_context(self, name);
    }
    return result;
}

static int slot_setattr(Value self, PyObject *name, Value value)
{
    Value args[2] = {value_from_object(name), value};
    Value result = value_is_absent(value) ? call_required(self, names.__delattr__, args, 1)
                                          : call_required(self, names.__setattr__, args, 2);
    return value_is_null(result) ? -1 : 0;
}

static PyObject *compare_name(int op)
{
    switch (op) {
    case Py_LT: return names.__lt__;
    case Py_LE: return names.__le__;
    case Py_EQ: return names.__eq__;
    case Py_NE: return names.__ne__;
    case Py_GT: return names.__gt__;
    default: return names.__ge__;
    }
}

static Value slot_richcompare(Value self, Value other, int op)
{
    bool unbound;
    Value method = special_find(self, compare_name(op), &unbound);
    if (!value_is_present(method)) {
        error_clear(); /* a method that cannot be fetched is none */
        return VALUE_NOT_IMPLEMENTED;
    }
    return unbound ? object_call2(method, self, other) : object_call1(method, other);
}

static Value slot_iter(Value self)
{
    Value method = type_lookup(value_type(self), names.__iter__);
    if (value_is_none(method)) {
        return error_raise(PyExc_TypeError, "'%T' object is not iterable", self);
    }
    if (!value_is_absent(method)) {
        return call_required(self, names.__iter__, NULL, 0);
    }
    if (value_is_absent(type_lookup(value_type(self), names.__getitem__))) {
        return error_raise(PyExc_TypeError, "'%T' object is not iterable", self);
    }
    return value_from_object(sequence_iterator_new(self));
}

/* A plain StopIteration becomes the end; one with a value stays set for whoever wants it. */
static Value slot_next(Value self)
{
    Value result = call_required(self, names.__next__, NULL, 0);
    if (LIKELY(!value_is_null(result))) {
        return result;
    }
    PyObject *exception = thread_current()->state.curexc_value;
    if (exception != NULL && (PyObject *)exception->ob_type == PyExc_StopIteration) {
        PyObject *value = ((PyStopIterationObject *)exception)->value;
        if (value == NULL || value == Py_None) {
            error_clear();
            return VALUE_ABSENT;
        }
    }
    return result;
}

static Value slot_descr_get(Value self, Value object, PyTypeObject *owner)
{
    Value args[2] = {value_is_absent(object) ? VALUE_NONE : object,
                     owner == NULL ? VALUE_NONE : value_from_object(owner)};
    Value result = special_call(self, names.__get__, args, 2);
    return value_is_absent(result) ? self : result;
}

static int slot_descr_set(Value self, Value object, Value value)
{
    Value args[2] = {object, value};
    Value result = value_is_absent(value) ? call_required(self, names.__delete__, args, 1)
                                          : call_required(self, names.__set__, args, 2);
    return value_is_null(result) ? -1 : 0;
}

static Value call_with_first(Value callable, Value first, const Value *args, size_t nargs,
                             PyObject *kwnames)
{
    size_t count = nargs + (kwnames != NULL ? (size_t)tuple_length(kwnames) : 0);
    Value few[8];
    Value *all = few;
    if (count > 7) {
        all = heap_alloc((count + 1) * sizeof(Value), CELL_WORDS);
        if (all == NULL) {
            return error_no_memory();
        }
    }
    all[0] = first;
    memcpy(all + 1, args, count * sizeof(Value));
    return object_call(callable, all, nargs + 1, kwnames);
}

static int slot_init(Value self, const Value *args, size_t nargs, PyObject *kwnames)
{
    bool unbound;
    Value method = special_find(self, names.__init__, &unbound);
    if (value_is_null(method)) {
        return -1;
    }
    if (value_is_absent(method)) {
        error_raise_value(PyExc_AttributeError, value_from_object(names.__init__));
        return -1;
    }
    Value result = unbound ? call_with_first(method, self, args, nargs, kwnames)
                           : object_call(method, args, nargs, kwnames);
    if (value_is_null(result)) {
        return -1;
    }
    if (!value_is_none(result)) {
        return error_raise_int(PyExc_TypeError, "__init__() should return None, not '%T'", result);
    }
    return 0;
}

Value slot_new(PyTypeObject *type, const Value *args, size_t nargs, PyObject *kwnames)
{
    Value self = value_from_object(type);
    Value method = object_getattr(self, names.__new__);
    return value_is_null(method) ? method : call_with_first(method, self, args, nargs, kwnames);
}

static void slot_finalize(Value self)
{
    Value result = special_call(self, names.__del__, NULL, 0);
    if (value_is_null(result)) {
        Value method = type_lookup(value_type(self), names.__del__);
        error_write_unraisable(value_is_absent(method) ? self : method, NULL);
    }
}

bool type_has_del(PyTypeObject *type)
{
    return type_info(type)->ops.finalize == slot_finalize;
}

/* The right operand's method overrides the left class's method of the same name. */
static int method_is_overloaded(PyTypeObject *left, PyTypeObject *right, PyObject *name)
{
    Value b = type_lookup(right, name);
    if (value_is_absent(b)) {
        return 0;
    }
    Value a = type_lookup(left, name);
    return value_is_absent(a) || !value_same_bits(a, b);
}

/* left op right when the operation `function` belongs to at least one of the two classes. */
static Value slot_binary(Value left, Value right, enum binary_op op,
                         Value (*function)(Value, Value), PyObject *name, PyObject *rname)
{
    PyTypeObject *a = value_type(left), *b = value_type(right);
    bool try_right = a != b && type_ops(b)->binary[op] == function;
    if (type_ops(a)->binary[op] == function) {
        if (try_right && type_is_subtype(b, a) && method_is_overloaded(a, b, rname)) {
            Value result = special_call(right, rname, &left, 1);
            if (value_is_null(result) ||
                (!value_is_absent(result) && !value_same_bits(result, VALUE_NOT_IMPLEMENTED))) {
                return result;
            }
            try_right = false;
        }
        Value result = special_call(left, name, &right, 1);
        if (!value_is_absent(result) &&
            (value_is_null(result) || !value_same_bits(result, VALUE_NOT_IMPLEMENTED))) {
            return result;
        }
    }
    if (try_right) {
        Value result = special_call(right, rname, &left, 1);
        return value_is_absent(result) ? VALUE_NOT_IMPLEMENTED : result;
    }
    return VALUE_NOT_IMPLEMENTED;
}

#define SLOT_BINARY_FUNCTION(op, name, rname)                                                      \
    static Value slot_##op(Value left, Value right)                                                \
    {                                                                                              \
        return slot_binary(left, right, op, slot_##op, names.name, names.rname);                   \
    }
SLOT_BINARY_FUNCTION(OP_ADD, __add__, __radd__)
SLOT_BINARY_FUNCTION(OP_SUB, __sub__, __rsub__)
SLOT_BINARY_FUNCTION(OP_MUL, __mul__, __rmul__)
SLOT_BINARY_FUNCTION(OP_MATMUL, __matmul__, __rmatmul__)
SLOT_BINARY_FUNCTION(OP_TRUEDIV, __truediv__, __rtruediv__)
SLOT_BINARY_FUNCTION(OP_FLOORDIV, __floordiv__, __rfloordiv__)
SLOT_BINARY_FUNCTION(OP_MOD, __mod__, __rmod__)
SLOT_BINARY_FUNCTION(OP_POW, __pow__, __rpow__)
SLOT_BINARY_FUNCTION(OP_LSHIFT, __lshift__, __rlshift__)
SLOT_BINARY_FUNCTION(OP_RSHIFT, __rshift__, __rrshift__)
SLOT_BINARY_FUNCTION(OP_AND, __and__, __rand__)
SLOT_BINARY_FUNCTION(OP_OR, __or__, __ror__)
SLOT_BINARY_FUNCTION(OP_XOR, __xor__, __rxor__)
SLOT_BINARY_FUNCTION(OP_DIVMOD, __divmod__, __rdivmod__)

/* Three-argument pow calls __pow__ only; there is no reflected form. */
static Value slot_pow3(Value base, Value exponent, Value modulus)
{
    if (type_ops(value_type(base))->pow3 != slot_pow3) {
        return VALUE_NOT_IMPLEMENTED;
    }
    Value args[2] = {exponent, modulus};
    Value result = special_call(base, names.__pow__, args, 2);
    return value_is_absent(result) ? VALUE_NOT_IMPLEMENTED : result;
}

#define SLOT_INPLACE_FUNCTION(op, name)                                                            \
    static Value slot_inplace_##op(Value left, Value right)                                        \
    {                                                                                              \
        return call_required(left, names.name, &right, 1);                                         \
    }
SLOT_INPLACE_FUNCTION(OP_ADD, __iadd__)
SLOT_INPLACE_FUNCTION(OP_SUB, __isub__)
SLOT_INPLACE_FUNCTION(OP_MUL, __imul__)
SLOT_INPLACE_FUNCTION(OP_MATMUL, __imatmul__)
SLOT_INPLACE_FUNCTION(OP_TRUEDIV, __itruediv__)
SLOT_INPLACE_FUNCTION(OP_FLOORDIV, __ifloordiv__)
SLOT_INPLACE_FUNCTION(OP_MOD, __imod__)
SLOT_INPLACE_FUNCTION(OP_POW, __ipow__)
SLOT_INPLACE_FUNCTION(OP_LSHIFT, __ilshift__)
SLOT_INPLACE_FUNCTION(OP_RSHIFT, __irshift__)
SLOT_INPLACE_FUNCTION(OP_AND, __iand__)
SLOT_INPLACE_FUNCTION(OP_OR, __ior__)
SLOT_INPLACE_FUNCTION(OP_XOR, __ixor__)

static int slot_bool(Value self)
{
    Value result = call_required(self, names.__bool__, NULL, 0);
    if (value_is_null(result)) {
        return -1;
    }
    if (!value_same_bits(result, VALUE_TRUE) && !value_same_bits(result, VALUE_FALSE)) {
        return error_raise_int(PyExc_TypeError, "__bool__ should return bool, returned %T", result);
    }
    return value_same_bits(result, VALUE_TRUE);
}

static Py_ssize_t slot_len(Value self)
{
    Value result = call_required(self, names.__len__, NULL, 0);
    if (value_is_null(result)) {
        return -1;
    }
    Value index = object_index(result);
    if (value_is_null(index)) {
        return -1;
    }
    if (int_sign(index) < 0) {
        return error_raise_int(PyExc_ValueError, "__len__() should return >= 0");
    }
    int64_t length;
    if (int_clip_i64(index, &length) != 0) {
        return error_raise_int(PyExc_OverflowError, "cannot fit '%T' into an index-sized integer",
                               index);
    }
    return length;
}

static Value slot_getitem(Value self, Value key)
{
    return call_required(self, names.__getitem__, &key, 1);
}

static Value slot_item(Value self, Py_ssize_t index)
{
    Value key = int_from_ssize(index);
    return call_required(self, names.__getitem__, &key, 1);
}

static int slot_setitem(Value self, Value key, Value value)
{
    Value args[2] = {key, value};
    Value result = value_is_absent(value) ? call_required(self, names.__delitem__, args, 1)
                                          : call_required(self, names.__setitem__, args, 2);
    return value_is_null(result) ? -1 : 0;
}

static int slot_contains(Value self, Value key)
{
    Value method = type_lookup(value_type(self), names.__contains__);
    if (value_is_none(method)) {
        return error_raise_int(PyExc_TypeError, "'%T' object is not a container", self);
    }
    Value result = call_required(self, names.__contains__, &key, 1);
    return value_is_null(result) ? -1 : object_truth(result);
}

/* ---- The table. */

const struct slot_row slot_rows[] = {
#define SLOT(dunder, field, kind, generic, signature, doc)                                         \
    {                                                                                              \
        #dunder,      offsetof(struct type_ops, field),                                            \
        SLOT_##kind,  (void *)(generic),                                                           \
        signature,    doc,                                                                         \
        &names.dunder},
#include "object/slots.def"
#undef SLOT
};
const size_t slot_row_count = sizeof slot_rows / sizeof slot_rows[0];

/* Only name and doc are there; all threads write the same. */
struct wrapperbase *slot_wrapper_base(const struct slot_row *row)
{
    HOLDS_NO_CELLS static struct wrapperbase bases[sizeof slot_rows / sizeof slot_rows[0]];
    struct wrapperbase *base = &bases[row - slot_rows];
    atomic_store_relaxed(&base->name, row->name);
    atomic_store_relaxed(&base->doc, row->doc);
    return base;
}

bool slots_depend_on(PyObject *name)
{
    for (size_t i = 0; i < slot_row_count; i++) {
        if (*slot_rows[i].name_cell == name) {
            return true;
        }
    }
    return false;
}

/* ---- Slot wrappers: from a call of the special method to the operation. */

static Value check_arguments(size_t nargs, size_t min, size_t max)
{
    if (nargs >= min && nargs <= max) {
        return VALUE_NONE;
    }
    if (min == max) {
        return error_raise(PyExc_TypeError, "expected %zu argument%s, got %zu", min,
                           min == 1 ? "" : "s", nargs);
    }
    bool few = nargs < min;
    size_t limit = few ? min : max;
    return error_raise(PyExc_TypeError, "expected at %s %zu argument%s, got %zu",
                       few ? "least" : "most", limit, limit == 1 ? "" : "s", nargs);
}

static Value wrap_status(int status)
{
    return status < 0 ? VALUE_NULL : VALUE_NONE;
}
static Value wrap_bool(int status)
{
    return status < 0 ? VALUE_NULL : value_from_bool(status);
}

/* object.__setattr__ may not be used to get around the __setattr__ of a native class. */
static int check_setattr(Value self, void *wrapped, const char *what)
{
    PyTypeObject *type = value_type(self);
    while (type != NULL && type_is_python(type)) {
        type = type_base(type);
    }
    if (type != NULL && (void *)type_ops(type)->setattr != wrapped) {
        return error_raise_int(PyExc_TypeError, "can't apply this %s to %T object", what, self);
    }
    return 0;
}

static Value wrap_setattr(void *wrapped, Value self, Value name_value, Value value)
{
    PyObject *name = str_name_check(name_value);
    if (name == NULL ||
        check_setattr(self, wrapped, value_is_absent(value) ? "__delattr__" : "__setattr__") < 0) {
        return VALUE_NULL;
    }
    return wrap_status(((int (*)(Value, PyObject *, Value))wrapped)(self, name, value));
}

static Value wrap_getattr(void *wrapped, Value self, Value name_value)
{
    PyObject *name = str_name_check(name_value);
    if (name == NULL) {
        return VALUE_NULL;
    }
    Value result = ((Value(*)(Value, PyObject *))wrapped)(self, name);
    return value_is_absent(result) ? error_no_attribute(self, name) : result;
}

static Value wrap_next(void *wrapped, Value self)
{
    Value result = ((Value(*)(Value))wrapped)(self);
    return value_is_absent(result) ? error_raise_value(PyExc_StopIteration, VALUE_ABSENT) : result;
}

static Value wrap_descr_get(void *wrapped, Value self, const Value *args, size_t nargs)
{
    if (value_is_null(check_arguments(nargs, 1, 2))) {
        return VALUE_NULL;
    }
    Value object = value_is_none(args[0]) ? VALUE_ABSENT : args[0];
    PyTypeObject *owner = NULL;
    if (nargs == 2 && !value_is_none(args[1])) {
        owner = (PyTypeObject *)value_box(args[1]);
    }
    if (value_is_absent(object) && owner == NULL) {
        return error_raise(PyExc_TypeError, "__get__(None, None) is invalid");
    }
    return ((Value(*)(Value, Value, PyTypeObject *))wrapped)(self, object, owner);
}

static Value wrap_pow(const struct slot_row *row, struct type_ops *ops, void *wrapped, Value self,
                      const Value *args, size_t nargs)
{
    if (value_is_null(check_arguments(nargs, 1, 2))) {
        return VALUE_NULL;
    }
    Value left = row->kind == SLOT_POW ? self : args[0];
    Value right = row->kind == SLOT_POW ? args[0] : self;
    if (nargs == 2 && !value_is_none(args[1])) {
        return ops->pow3 == NULL ? VALUE_NOT_IMPLEMENTED : ops->pow3(left, right, args[1]);
    }
    return ((Value(*)(Value, Value))wrapped)(left, right);
}

static Value wrap_repeat(void *wrapped, Value self, Value count)
{
    Value index = object_index(count);
    return value_is_null(index) ? index : ((Value(*)(Value, Value))wrapped)(self, index);
}

static Value wrap_item(void *wrapped, Value self, Value key)
{
    Py_ssize_t i;
    if (arg_index(key, &i) < 0) {
        return VALUE_NULL;
    }
    if (i < 0 && value_ops(self)->len != NULL) {
        Py_ssize_t length = value_ops(self)->len(self);
        if (length < 0) {
            return VALUE_NULL;
        }
        i += length;
    }
    return ((Value(*)(Value, Py_ssize_t))wrapped)(self, i);
}

static Value wrap_len(void *wrapped, Value self)
{
    Py_ssize_t length = ((Py_ssize_t(*)(Value))wrapped)(self);
    return length < 0 ? VALUE_NULL : int_from_ssize(length);
}

static Value wrap_hash(void *wrapped, Value self)
{
    Py_hash_t hash = ((Py_hash_t(*)(Value))wrapped)(self);
    return hash == -1 ? VALUE_NULL : int_from_i64(hash);
}

/* Kinds with no argument but self. */
static Value wrap_no_arguments(enum slot_kind kind, void *wrapped, Value self)
{
    switch (kind) {
    case SLOT_HASH: return wrap_hash(wrapped, self);
    case SLOT_NEXT: return wrap_next(wrapped, self);
    case SLOT_BOOL: return wrap_bool(((int (*)(Value))wrapped)(self));
    case SLOT_LEN: return wrap_len(wrapped, self);
    case SLOT_DEL: ((void (*)(Value))wrapped)(self); return VALUE_NONE;
    default: return ((Value(*)(Value))wrapped)(self);
    }
}

/* Kinds with one argument. */
static Value wrap_one(enum slot_kind kind, void *wrapped, Value self, Value a)
{
    switch (kind) {
    case SLOT_GETATTR: return wrap_getattr(wrapped, self, a);
    case SLOT_DELATTR: return wrap_setattr(wrapped, self, a, VALUE_ABSENT);
    case SLOT_DESCR_DELETE:
        return wrap_status(((int (*)(Value, Value, Value))wrapped)(self, a, VALUE_ABSENT));
    case SLOT_DELITEM:
        return wrap_status(((int (*)(Value, Value, Value))wrapped)(self, a, VALUE_ABSENT));
    case SLOT_CONTAINS: return wrap_bool(((int (*)(Value, Value))wrapped)(self, a));
    case SLOT_RIGHT: return ((Value(*)(Value, Value))wrapped)(a, self);
    case SLOT_REPEAT: return wrap_repeat(wrapped, self, a);
    case SLOT_ITEM: return wrap_item(wrapped, self, a);
    case SLOT_COMPARE_LT:
    case SLOT_COMPARE_LE:
    case SLOT_COMPARE_EQ:
    case SLOT_COMPARE_NE:
    case SLOT_COMPARE_GT:
    case SLOT_COMPARE_GE: {
        static const int ops[] = {Py_LT, Py_LE, Py_EQ, Py_NE, Py_GT, Py_GE};
        return ((Value(*)(Value, Value, int))wrapped)(self, a, ops[kind - SLOT_COMPARE_LT]);
    }
    default: return ((Value(*)(Value, Value))wrapped)(self, a);
    }
}

static size_t wrapper_arity(enum slot_kind kind)
{
    switch (kind) {
    case SLOT_UNARY:
    case SLOT_HASH:
    case SLOT_NEXT:
    case SLOT_BOOL:
    case SLOT_LEN:
    case SLOT_DEL: return 0;
    case SLOT_SETATTR:
    case SLOT_DESCR_SET:
    case SLOT_SETITEM: return 2;
    default: return 1;
    }
}

Value slot_wrapper_call(const struct slot_row *row, struct type_ops *ops, void *wrapped, Value self,
                        const Value *args, size_t nargs, PyObject *kwnames)
{
    enum slot_kind kind = row->kind;
    if (kind == SLOT_CALL) {
        return ((Value(*)(Value, const Value *, size_t, PyObject *))wrapped)(self, args, nargs,
                                                                             kwnames);
    }
    if (kind == SLOT_INIT) {
        return wrap_status(((int (*)(Value, const Value *, size_t, PyObject *))wrapped)(
            self, args, nargs, kwnames));
    }
    if (kwnames != NULL && tuple_length(kwnames) > 0) {
        return error_raise(PyExc_TypeError, "wrapper %s() takes no keyword arguments", row->name);
    }
    if (kind == SLOT_DESCR_GET) {
        return wrap_descr_get(wrapped, self, args, nargs);
    }
    if (kind == SLOT_POW || kind == SLOT_RPOW) {
        return wrap_pow(row, ops, wrapped, self, args, nargs);
    }
    size_t arity = wrapper_arity(kind);
    if (value_is_null(check_arguments(nargs, arity, arity))) {
        return VALUE_NULL;
    }
    if (arity == 0) {
        return wrap_no_arguments(kind, wrapped, self);
    }
    if (arity == 1) {
        return wrap_one(kind, wrapped, self, args[0]);
    }
    if (kind == SLOT_SETATTR) {
        return wrap_setattr(wrapped, self, args[0], args[1]);
    }
    return wrap_status(((int (*)(Value, Value, Value))wrapped)(self, args[0], args[1]));
}
