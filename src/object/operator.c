/* SPDX-License-Identifier: MIT */
/* Operators on any values: comparison, arithmetic, truth, hashing, conversions to numbers. */
#include "object/int.h"

#include "object/bytes.h"
#include "object/float.h"
#include "object/list.h"
#include "object/str.h"
#include "object/type_int.h"

/* ---- Identity and boxes. */

/* The exact float in v, as its bits; or the exact int. */
bool value_is_slow(Value a, Value b)
{
    if (value_is_object(a) && value_is_object(b) && value_type(a) != value_type(b)) {
        return false;
    }
    int64_t i, k;
    if (int_check_exact(a) && int_check_exact(b)) {
        return int_try_small(a, &i) ? int_try_small(b, &k) && i == k : int_compare(a, b) == 0;
    }
    double x, y;
    if (float_try(a, &x) && float_try(b, &y)) {
        return memcmp(&x, &y, sizeof x) == 0;
    }
    return false;
}

PyObject *value_box_slow(Value v)
{
    return value_is_int(v) ? int_box(value_int(v)) : float_box(value_double(v));
}

Value value_unbox(PyObject *object)
{
    if (object == NULL) {
        return VALUE_NULL;
    }
    int64_t small;
    Value v = int_unbox_ready(object);
    if (value_is_int(v)) {
        return v;
    }
    if (object->ob_type == &PyFloat_Type) {
        return value_from_double(((PyFloatObject *)object)->ob_fval);
    }
    if (object->ob_type != &PyLong_Type) {
        return v;
    }
    return int_try_small(v, &small) ? value_from_int(small) : v;
}

/* ---- Comparison. */

static const char *const compare_symbols[] = {"<", "<=", "==", "!=", ">", ">="};
static const int swapped_ops[] = {Py_GT, Py_GE, Py_EQ, Py_NE, Py_LT, Py_LE};

static bool not_implemented(Value v)
{
    return value_same_bits(v, VALUE_NOT_IMPLEMENTED);
}

static Value compare_either(Value a, Value b, int op)
{
    PyTypeObject *x = value_type(a), *y = value_type(b);
    Value (*left)(Value, Value, int) = type_ops(x)->richcompare;
    Value (*right)(Value, Value, int) = type_ops(y)->richcompare;
    bool tried = false;
    if (x != y && right != NULL && type_is_subtype(y, x)) {
        tried = true;
        Value result = right(b, a, swapped_ops[op]);
        if (!not_implemented(result)) {
            return result;
        }
    }
    if (left != NULL) {
        Value result = left(a, b, op);
        if (!not_implemented(result)) {
            return result;
        }
    }
    if (!tried && right != NULL) {
        Value result = right(b, a, swapped_ops[op]);
        if (!not_implemented(result)) {
            return result;
        }
    }
    if (op == Py_EQ || op == Py_NE) {
        return value_from_bool(value_is(a, b) == (op == Py_EQ));
    }
    return error_raise(PyExc_TypeError, "'%s' not supported between instances of '%T' and '%T'",
                       compare_symbols[op], a, b);
}

static Value compare_ints(int64_t a, int64_t b, int op)
{
    switch (op) {
    case Py_LT: return value_from_bool(a < b);
    case Py_LE: return value_from_bool(a <= b);
    case Py_EQ: return value_from_bool(a == b);
    case Py_NE: return value_from_bool(a != b);
    case Py_GT: return value_from_bool(a > b);
    default: return value_from_bool(a >= b);
    }
}

Value object_compare(Value a, Value b, int op)
{
    if (value_both_int(a, b)) {
        return compare_ints(value_int(a), value_int(b), op);
    }
    if (UNLIKELY(recursion_enter(" in comparison") < 0)) {
        return VALUE_NULL;
    }
    Value result = compare_either(a, b, op);
    recursion_leave();
    return result;
}

int object_compare_bool(Value a, Value b, int op)
{
    if (value_is(a, b)) {
        if (op == Py_EQ) {
            return 1;
        }
        if (op == Py_NE) {
            return 0;
        }
    }
    Value result = object_compare(a, b, op);
    if (value_is_null(result)) {
        return -1;
    }
    return object_truth(result);
}

int object_equal(Value a, Value b)
{
    if (str_check_exact(a) && str_check_exact(b)) {
        return str_equal(value_object(a), value_object(b));
    }
    return object_compare_bool(a, b, Py_EQ);
}

/* ---- Truth and hash. */

int object_truth(Value v)
{
    if (value_same_bits(v, VALUE_TRUE)) {
        return 1;
    }
    if (value_same_bits(v, VALUE_FALSE) || value_is_none(v)) {
        return 0;
    }
    if (value_is_int(v)) {
        return value_int(v) != 0;
    }
    struct type_ops *ops = value_ops(v);
    if (ops->bool_ != NULL) {
        return ops->bool_(v);
    }
    if (ops->len != NULL) {
        Py_ssize_t length = ops->len(v);
        return length < 0 ? -1 : length > 0;
    }
    return 1;
}

Py_hash_t object_hash(Value v)
{
    Py_hash_t (*hash)(Value) = value_ops(v)->hash;
    return hash != NULL ? hash(v) : object_hash_not_implemented(v);
}

/* ---- Binary operators. */

static const char *const binary_symbols[] = {
    [OP_ADD] = "+",     [OP_SUB] = "-",          [OP_MUL] = "*", [OP_MATMUL] = "@",
    [OP_TRUEDIV] = "/", [OP_FLOORDIV] = "//",    [OP_MOD] = "%", [OP_POW] = "** or pow()",
    [OP_LSHIFT] = "<<", [OP_RSHIFT] = ">>",      [OP_AND] = "&", [OP_OR] = "|",
    [OP_XOR] = "^",     [OP_DIVMOD] = "divmod()"};
static const char *const inplace_symbols[] = {
    [OP_ADD] = "+=",     [OP_SUB] = "-=",         [OP_MUL] = "*=", [OP_MATMUL] = "@=",
    [OP_TRUEDIV] = "/=", [OP_FLOORDIV] = "//=",   [OP_MOD] = "%=", [OP_POW] = "**=",
    [OP_LSHIFT] = "<<=", [OP_RSHIFT] = ">>=",     [OP_AND] = "&=", [OP_OR] = "|=",
    [OP_XOR] = "^=",     [OP_DIVMOD] = "divmod()"};

/* NotImplemented if neither operand knows how. */
static Value binary_numbers(Value a, Value b, enum binary_op op)
{
    PyTypeObject *x = value_type(a), *y = value_type(b);
    Value (*left)(Value, Value) = type_ops(x)->binary[op];
    Value (*right)(Value, Value) = x == y ? NULL : type_ops(y)->binary[op];
    if (right == left) {
        right = NULL;
    }
    if (left != NULL) {
        if (right != NULL && type_is_subtype(y, x)) {
            Value result = right(a, b);
            if (!not_implemented(result)) {
                return result;
            }
            right = NULL;
        }
        Value result = left(a, b);
        if (!not_implemented(result)) {
            return result;
        }
    }
    return right != NULL ? right(a, b) : VALUE_NOT_IMPLEMENTED;
}

static Value repeat_with(Value (*repeat)(Value, Value), Value sequence, Value count)
{
    if (value_ops(count)->index == NULL) {
        return error_raise(PyExc_TypeError, "can't multiply sequence by non-int of type '%T'",
                           count);
    }
    Value index = object_index(count);
    return value_is_null(index) ? index : repeat(sequence, index);
}

/* Sequence + and *, when numbers said NotImplemented. */
static Value binary_sequences(Value a, Value b, enum binary_op op)
{
    if (op == OP_ADD && value_ops(a)->concat != NULL) {
        return value_ops(a)->concat(a, b);
    }
    if (op == OP_MUL) {
        if (value_ops(a)->repeat != NULL) {
            return repeat_with(value_ops(a)->repeat, a, b);
        }
        if (value_ops(b)->repeat != NULL) {
            return repeat_with(value_ops(b)->repeat, b, a);
        }
    }
    return VALUE_NOT_IMPLEMENTED;
}

Value object_binary(Value a, Value b, enum binary_op op)
{
    Value result = binary_numbers(a, b, op);
    if (LIKELY(!not_implemented(result))) {
        return result;
    }
    result = binary_sequences(a, b, op);
    return not_implemented(result) ? error_bad_operands(a, b, binary_symbols[op]) : result;
}

Value object_binary_declined(Value a, Value b, enum binary_op op)
{
    Value (*left)(Value, Value) = value_ops(a)->binary[op];
    Value (*right)(Value, Value) = value_type(a) == value_type(b) ? NULL : value_ops(b)->binary[op];
    Value result = right != NULL && right != left ? right(a, b) : VALUE_NOT_IMPLEMENTED;
    if (not_implemented(result)) {
        result = binary_sequences(a, b, op);
    }
    return not_implemented(result) ? error_bad_operands(a, b, binary_symbols[op]) : result;
}

static Value inplace_sequences(Value a, Value b, enum binary_op op)
{
    struct type_ops *ops = value_ops(a);
    if (op == OP_ADD && ops->inplace_concat != NULL) {
        return ops->inplace_concat(a, b);
    }
    if (op == OP_MUL && ops->inplace_repeat != NULL) {
        return repeat_with(ops->inplace_repeat, a, b);
    }
    return binary_sequences(a, b, op);
}

Value object_inplace(Value a, Value b, enum binary_op op)
{
    Value (*inplace)(Value, Value) = value_ops(a)->inplace[op];
    if (inplace != NULL) {
        Value result = inplace(a, b);
        if (!not_implemented(result)) {
            return result;
        }
    }
    return object_inplace_declined(a, b, op);
}

Value object_inplace_declined(Value a, Value b, enum binary_op op)
{
    Value result = binary_numbers(a, b, op);
    if (LIKELY(!not_implemented(result))) {
        return result;
    }
    result = inplace_sequences(a, b, op);
    return not_implemented(result) ? error_bad_operands(a, b, inplace_symbols[op]) : result;
}

Value object_pow(Value a, Value b, Value modulus)
{
    if (value_is_none(modulus) || value_is_absent(modulus)) {
        return object_binary(a, b, OP_POW);
    }
    Value operands[3] = {a, b, modulus};
    Value (*tried[3])(Value, Value, Value) = {NULL};
    PyTypeObject *x = value_type(a), *y = value_type(b);
    /* The right operand of a derived class goes first. */
    int order[3] = {0, 1, 2};
    if (x != y && type_is_subtype(y, x)) {
        order[0] = 1;
        order[1] = 0;
    }
    for (int i = 0; i < 3; i++) {
        Value (*pow3)(Value, Value, Value) = value_ops(operands[order[i]])->pow3;
        if (pow3 == NULL || pow3 == tried[0] || pow3 == tried[1]) {
            continue;
        }
        tried[i] = pow3;
        Value result = pow3(a, b, modulus);
        if (!not_implemented(result)) {
            return result;
        }
    }
    return error_raise(PyExc_TypeError,
                       "unsupported operand type(s) for ** or pow(): '%T', '%T', '%T'", a, b,
                       modulus);
}

/* ---- Unary operators and conversions. */

Value object_unary(Value v, enum unary_op op)
{
    static const char *const words[] = {
        [OP_NEG] = "unary -", [OP_POS] = "unary +", [OP_INVERT] = "unary ~", [OP_ABS] = "abs()"};
    Value (*unary)(Value) = value_ops(v)->unary[op];
    if (unary != NULL) {
        return unary(v);
    }
    return error_raise(PyExc_TypeError, "bad operand type for %s: '%T'", words[op], v);
}

/* Checks the result of __index__ or __int__: an int; of a strict subclass it warns. */
static Value check_int_result(Value v, Value result, const char *method)
{
    if (value_is_null(result) || int_check_exact(result)) {
        return result;
    }
    if (!int_check(result)) {
        return error_raise(PyExc_TypeError, "%s returned non-int (type %T)", method, result);
    }
    if (error_warn(PyExc_DeprecationWarning, 1,
                   "%s returned non-int (type %T).  The ability to return an instance of a strict "
                   "subclass of int is deprecated, and may not be supported in a future version of "
                   "Python.",
                   method, result) < 0) {
        return VALUE_NULL;
    }
    return result;
}

Value object_index(Value v)
{
    if (int_check(v)) {
        return v;
    }
    Value (*index)(Value) = value_ops(v)->index;
    if (index == NULL) {
        return error_raise(PyExc_TypeError, "'%T' object cannot be interpreted as an integer", v);
    }
    return check_int_result(v, index(v), "__index__");
}

static Value int_from_trunc(Value v)
{
    Value result = special_call(v, names.__trunc__, NULL, 0);
    if (!value_is_present(result)) {
        return result;
    }
    if (error_warn(PyExc_DeprecationWarning, 1,
                   "The delegation of int() to __trunc__ is deprecated.") < 0) {
        return VALUE_NULL;
    }
    if (int_check(result)) {
        return result;
    }
    if (value_ops(result)->index == NULL) {
        return error_raise(PyExc_TypeError, "__trunc__ returned non-Integral (type %T)", result);
    }
    return object_index(result);
}

static Value int_from_buffer(Value v)
{
    Py_buffer view;
    if (object_get_buffer(v, &view, PyBUF_SIMPLE) < 0) {
        return VALUE_NULL;
    }
    Value result = int_from_text(view.buf, (size_t)view.len, 10);
    object_release_buffer(&view);
    return result;
}

Value object_int(Value v)
{
    if (int_check_exact(v)) {
        return v;
    }
    struct type_ops *ops = value_ops(v);
    if (ops->int_ != NULL) {
        return check_int_result(v, ops->int_(v), "__int__");
    }
    if (ops->index != NULL) {
        return object_index(v);
    }
    Value truncated = int_from_trunc(v);
    if (!value_is_absent(truncated)) {
        return truncated;
    }
    if (str_check(v)) {
        return int_from_str(value_object(v), 10);
    }
    if (object_has_buffer(v)) {
        return int_from_buffer(v);
    }
    return error_raise(
        PyExc_TypeError,
        "int() argument must be a string, a bytes-like object or a real number, not '%T'", v);
}

static Value check_float_result(Value v, Value result)
{
    if (value_is_null(result) || float_check_exact(result)) {
        return result;
    }
    if (!float_check(result)) {
        return error_raise(PyExc_TypeError, "%T.__float__ returned non-float (type %T)", v, result);
    }
    if (error_warn(
            PyExc_DeprecationWarning, 1,
            "%T.__float__ returned non-float (type %T).  The ability to return an instance of "
            "a strict subclass of float is deprecated, and may not be supported in a future "
            "version of Python.",
            v, result) < 0) {
        return VALUE_NULL;
    }
    return value_from_double(float_value(result));
}

Value object_float(Value v)
{
    if (float_check_exact(v)) {
        return v;
    }
    struct type_ops *ops = value_ops(v);
    if (ops->float_ != NULL) {
        return check_float_result(v, ops->float_(v));
    }
    if (ops->index != NULL) {
        Value index = object_index(v);
        double d = value_is_null(index) ? 0 : int_to_double(index);
        return value_is_null(index) || (d == -1.0 && error_occurred()) ? VALUE_NULL
                                                                       : value_from_double(d);
    }
    if (str_check(v)) {
        return float_from_text(value_object(v));
    }
    if (!object_has_buffer(v)) {
        return error_raise(PyExc_TypeError,
                           "float() argument must be a string or a real number, not '%T'", v);
    }
    Py_buffer view;
    if (object_get_buffer(v, &view, PyBUF_SIMPLE) < 0) {
        return VALUE_NULL;
    }
    PyObject *text = str_from_latin1(view.buf, view.len);
    object_release_buffer(&view);
    return text == NULL ? VALUE_NULL : float_from_text(text);
}
