/* SPDX-License-Identifier: MIT */
/* The type int: constructor, operators, methods. */
#include "object/int_int.h"

#include <string.h>
#include <structmember.h>

#include "object/bytes.h"
#include "object/float.h"
#include "object/list.h"
#include "object/str.h"

/* ---- Making. */

Value int_plain(Value v)
{
    int64_t i;
    if (int_check_exact(v)) {
        return v;
    }
    if (int_try_i64(v, &i)) {
        return int_from_i64(i);
    }
    struct int_view view;
    int_view(v, &view);
    PyLongObject *o = int_alloc(view.count);
    if (o == NULL) {
        return VALUE_NULL;
    }
    memcpy(o->ob_digit, view.digits, view.count * sizeof(digit));
    return int_finish(o, view.count, view.negative);
}

Value int_as_subclass(PyTypeObject *type, Value v)
{
    struct int_view view;
    int_view(v, &view);
    PyLongObject *o = (PyLongObject *)object_alloc(type, (Py_ssize_t)(view.count ? view.count : 1));
    if (o == NULL) {
        return VALUE_NULL;
    }
    memcpy(o->ob_digit, view.digits, view.count * sizeof(digit));
    ((PyVarObject *)o)->ob_size = view.negative ? -(Py_ssize_t)view.count : (Py_ssize_t)view.count;
    return value_from_object(o);
}

static Value from_buffer(Value v, int base)
{
    Py_buffer buffer;
    if (object_get_buffer(v, &buffer, PyBUF_SIMPLE) < 0) {
        return VALUE_NULL;
    }
    Value shown = v;
    if (!bytes_check(v) && !bytearray_check(v)) {
        shown = value_from_object(bytes_new(buffer.buf, buffer.len));
    }
    Value result = value_is_null(shown)
                       ? shown
                       : int_from_bytes_text(buffer.buf, (size_t)buffer.len, base, shown);
    object_release_buffer(&buffer);
    return result;
}

static Value from_value(Value v)
{
    Value trunc;
    if (int_check_exact(v)) {
        return v;
    }
    const struct type_ops *ops = value_ops(v);
    if (ops->int_ != NULL || ops->index != NULL) {
        Value result = object_int(v);
        return value_is_null(result) ? result : int_plain(result);
    }
    int found = object_find_special(v, names.__trunc__, &trunc);
    if (found != 0) {
        Value result = found < 0 ? VALUE_NULL : object_int(v);
        return value_is_null(result) ? result : int_plain(result);
    }
    if (str_check(v)) {
        return int_from_str(value_object(v), 10);
    }
    if (object_has_buffer(v)) {
        return from_buffer(v, 10);
    }
    return error_raise(PyExc_TypeError,
                       "int() argument must be a string, a bytes-like object or a real number, "
                       "not '%T'",
                       v);
}

static Value from_text_and_base(Value v, Value base_value)
{
    Py_ssize_t base;
    if (arg_index_clip(base_value, &base) < 0) {
        return VALUE_NULL;
    }
    if (base != 0 && (base < 2 || base > 36)) {
        return error_raise(PyExc_ValueError, "int() base must be >= 2 and <= 36, or 0");
    }
    if (str_check(v)) {
        return int_from_str(value_object(v), (int)base);
    }
    if (bytes_check(v) || bytearray_check(v)) {
        return from_buffer(v, (int)base);
    }
    return error_raise(PyExc_TypeError, "int() can't convert non-string with explicit base");
}

Value int_new(PyTypeObject *type, const Value *args, size_t nargs, PyObject *kwnames)
{
    static const struct native_signature *signature;
    Value bound[2] = {VALUE_ABSENT, VALUE_ABSENT};
    Value result;
    if (kwnames == NULL && nargs <= 1) {
        bound[0] = nargs == 1 ? args[0] : VALUE_ABSENT;
    } else if (native_bind("int", "(x=0, /, base=10)", &signature, args, nargs, kwnames, bound) <
               0) {
        return VALUE_NULL;
    }
    if (value_is_absent(bound[0])) {
        if (!value_is_absent(bound[1])) {
            return error_raise(PyExc_TypeError, "int() missing string argument");
        }
        result = value_from_int(0);
    } else {
        result = value_is_absent(bound[1]) ? from_value(bound[0])
                                           : from_text_and_base(bound[0], bound[1]);
    }
    if (type == &PyLong_Type || value_is_null(result)) {
        return result;
    }
    return int_as_subclass(type, result);
}

/* ---- Operators. */

#define INT_OPERATOR(name, op)                                                                     \
    static Value name(Value a, Value b)                                                            \
    {                                                                                              \
        if (UNLIKELY(!int_check(a) || !int_check(b))) {                                            \
            return VALUE_NOT_IMPLEMENTED;                                                          \
        }                                                                                          \
        return int_binary(a, b, op);                                                               \
    }
INT_OPERATOR(op_add, OP_ADD)
INT_OPERATOR(op_sub, OP_SUB)
INT_OPERATOR(op_mul, OP_MUL)
INT_OPERATOR(op_truediv, OP_TRUEDIV)
INT_OPERATOR(op_floordiv, OP_FLOORDIV)
INT_OPERATOR(op_mod, OP_MOD)
INT_OPERATOR(op_pow, OP_POW)
INT_OPERATOR(op_lshift, OP_LSHIFT)
INT_OPERATOR(op_rshift, OP_RSHIFT)
INT_OPERATOR(op_and, OP_AND)
INT_OPERATOR(op_or, OP_OR)
INT_OPERATOR(op_xor, OP_XOR)
INT_OPERATOR(op_divmod, OP_DIVMOD)

static Value op_pow3(Value a, Value b, Value c)
{
    if (!int_check(a) || !int_check(b)) {
        return VALUE_NOT_IMPLEMENTED;
    }
    if (value_is_none(c)) {
        return int_binary(a, b, OP_POW);
    }
    return int_check(c) ? int_power_mod(a, b, c) : VALUE_NOT_IMPLEMENTED;
}

static Value op_neg(Value v)
{
    return int_negate(v);
}

static Value op_abs(Value v)
{
    return int_sign(v) < 0 ? int_negate(v) : int_plain(v);
}

static Value op_invert(Value v)
{
    int64_t i;
    if (int_try_i64(v, &i)) {
        return int_from_i64(~i);
    }
    Value negated = int_negate(v);
    return value_is_null(negated) ? negated : int_binary(negated, value_from_int(1), OP_SUB);
}

static int op_bool(Value v)
{
    return int_sign(v) != 0;
}

static Value op_float(Value v)
{
    double d = int_to_double(v);
    return d == -1.0 && error_occurred() ? VALUE_NULL : float_from_double(d);
}

static Value op_repr(Value v)
{
    return value_from_object(int_to_text(v, 10));
}

static Value op_richcompare(Value a, Value b, int op)
{
    if (!int_check(a) || !int_check(b)) {
        return VALUE_NOT_IMPLEMENTED;
    }
    int order = int_compare(a, b);
    switch (op) {
    case Py_LT: return value_from_bool(order < 0);
    case Py_LE: return value_from_bool(order <= 0);
    case Py_EQ: return value_from_bool(order == 0);
    case Py_NE: return value_from_bool(order != 0);
    case Py_GT: return value_from_bool(order > 0);
    default: return value_from_bool(order >= 0);
    }
}

/* ---- Methods. */

static Value bit_length(Value self)
{
    return int_from_size(int_bit_length(self));
}

static Value bit_count(Value self)
{
    struct int_view view;
    int_view(self, &view);
    size_t count = 0;
    for (size_t i = 0; i < view.count; i++) {
        count += (size_t)__builtin_popcount(view.digits[i]);
    }
    return int_from_size(count);
}

/* byteorder: 1 little, 0 big, -1 error. */
static int parse_order(Value order, const char *fname)
{
    if (value_is_absent(order)) {
        return 0;
    }
    if (!str_check(order)) {
        return error_raise_int(PyExc_TypeError, "%s() argument 'byteorder' must be str, not %T",
                               fname, order);
    }
    if (str_equal_text(value_object(order), "little")) {
        return 1;
    }
    if (str_equal_text(value_object(order), "big")) {
        return 0;
    }
    return error_raise_int(PyExc_ValueError, "byteorder must be either 'little' or 'big'");
}

static Value to_bytes(Value self, const Value *args)
{
    Py_ssize_t length = 1;
    bool is_signed = false;
    if (!value_is_absent(args[0]) && arg_index(args[0], &length) < 0) {
        return VALUE_NULL;
    }
    if (!value_is_absent(args[2]) && arg_bool(args[2], &is_signed) < 0) {
        return VALUE_NULL;
    }
    int little = parse_order(args[1], "to_bytes");
    if (little < 0) {
        return VALUE_NULL;
    }
    if (length < 0) {
        return error_raise(PyExc_ValueError, "length argument must be non-negative");
    }
    PyObject *bytes = bytes_new(NULL, length);
    if (bytes == NULL || int_to_byte_array(self, (unsigned char *)bytes_data(bytes), (size_t)length,
                                           little == 1, is_signed) < 0) {
        return VALUE_NULL;
    }
    return value_from_object(bytes);
}

static Value from_bytes(Value class, const Value *args)
{
    bool is_signed = false;
    int little = parse_order(args[1], "from_bytes");
    if (little < 0 || (!value_is_absent(args[2]) && arg_bool(args[2], &is_signed) < 0)) {
        return VALUE_NULL;
    }
    PyObject *bytes = bytes_check(args[0]) ? value_object(args[0]) : object_bytes(args[0]);
    if (bytes == NULL) {
        return VALUE_NULL;
    }
    Value result = int_from_byte_array((const unsigned char *)bytes_data(bytes),
                                       (size_t)bytes_length(bytes), little == 1, is_signed);
    if (value_is_null(result) || value_object(class) == (PyObject *)&PyLong_Type) {
        return result;
    }
    return object_call1(class, result);
}

static Value as_integer_ratio(Value self)
{
    Value pair[2] = {int_plain(self), value_from_int(1)};
    return value_is_null(pair[0]) ? VALUE_NULL : value_from_object(tuple_from_array(pair, 2));
}

static Value getnewargs(Value self)
{
    Value plain = int_plain(self);
    return value_is_null(plain) ? plain : value_from_object(tuple_from_array(&plain, 1));
}

/* Rounds to a multiple of 10**n, half to even. */
static Value round_to(Value self, Value n)
{
    Value factor = int_binary(value_from_int(10), n, OP_POW);
    Value remainder = value_is_null(factor) ? factor : int_binary(self, factor, OP_MOD);
    Value twice =
        value_is_null(remainder) ? remainder : int_binary(remainder, value_from_int(2), OP_MUL);
    Value down = value_is_null(twice) ? twice : int_binary(self, remainder, OP_SUB);
    if (value_is_null(down)) {
        return down;
    }
    int order = int_compare(twice, factor);
    if (order == 0) {
        Value quotient = int_binary(self, factor, OP_FLOORDIV);
        if (value_is_null(quotient)) {
            return quotient;
        }
        order = (int_to_u64_mask(quotient) & 1) != 0 ? 1 : -1;
    }
    return order > 0 ? int_binary(down, factor, OP_ADD) : down;
}

static Value int_round(Value self, const Value *args)
{
    if (value_is_absent(args[0]) || value_is_none(args[0])) {
        return int_plain(self);
    }
    Value digits = object_index(args[0]);
    if (value_is_null(digits)) {
        return digits;
    }
    if (int_sign(digits) >= 0) {
        return int_plain(self);
    }
    /* More digits than the number has: the factor need not be computed. */
    int64_t n;
    if (int_clip_i64(digits, &n) != 0 || (double)-n > (double)int_bit_length(self) * 0.30103 + 2) {
        return value_from_int(0);
    }
    return round_to(self, value_from_int(-n));
}

static Value int_format_method(Value self, Value spec)
{
    if (!str_check(spec)) {
        return error_raise(PyExc_TypeError, "__format__() argument must be str, not %T", spec);
    }
    return value_from_object(number_format(self, value_object(spec)));
}

static Value int_sizeof(Value self)
{
    struct int_view view;
    int_view(self, &view);
    return int_from_size(offsetof(PyLongObject, ob_digit) + view.count * sizeof(digit));
}

static Value get_plain(Value self, void *closure)
{
    (void)closure;
    return int_plain(self);
}

static Value get_constant(Value self, void *closure)
{
    (void)self;
    return value_from_int((intptr_t)closure);
}

const struct native_def int_methods[] = {
    {"conjugate", "($self, /)", "Returns self, the complex conjugate of any int.", .f0 = int_plain},
    {"bit_length", "($self, /)", "Number of bits necessary to represent self in binary.",
     .f0 = bit_length},
    {"bit_count", "($self, /)", "Number of ones in the binary form of the absolute value.",
     .f0 = bit_count},
    {"to_bytes", "($self, /, length=1, byteorder='big', *, signed=False)",
     "Return an array of bytes representing an integer.", .n = to_bytes},
    {"from_bytes", "($type, /, bytes, byteorder='big', *, signed=False)",
     "Return the integer represented by the given array of bytes.", .flags = NATIVE_CLASS,
     .n = from_bytes},
    {"as_integer_ratio", "($self, /)", "Return a pair of integers whose ratio equals self.",
     .f0 = as_integer_ratio},
    {"__trunc__", "($self, /)", "Truncating an int returns itself.", .f0 = int_plain},
    {"__floor__", "($self, /)", "Flooring an int returns itself.", .f0 = int_plain},
    {"__ceil__", "($self, /)", "Ceiling of an int returns itself.", .f0 = int_plain},
    {"__round__", "($self, ndigits=<unrepresentable>, /)", "Rounding to ndigits decimal digits.",
     .n = int_round},
    {"__getnewargs__", "($self, /)", "Arguments that __new__ needs for a copy.", .f0 = getnewargs},
    {"__format__", "($self, format_spec, /)", "Formats by the format spec.",
     .f1 = int_format_method},
    {"__sizeof__", "($self, /)", "Returns size in memory, in bytes.", .f0 = int_sizeof},
    {NULL},
};

const struct getset_def int_getsets[] = {
    {"real", get_plain, NULL, "the real part of a complex number"},
    {"imag", get_constant, NULL, "the imaginary part of a complex number", (void *)0},
    {"numerator", get_plain, NULL, "the numerator of a rational number in lowest terms"},
    {"denominator", get_constant, NULL, "the denominator of a rational number in lowest terms",
     (void *)1},
    {NULL},
};

static struct type_info int_info = {
    .ops =
        {
            .repr = op_repr,
            .hash = int_hash,
            .richcompare = op_richcompare,
            .new_ = int_new,
            .binary = {[OP_ADD] = op_add,
                       [OP_SUB] = op_sub,
                       [OP_MUL] = op_mul,
                       [OP_TRUEDIV] = op_truediv,
                       [OP_FLOORDIV] = op_floordiv,
                       [OP_MOD] = op_mod,
                       [OP_POW] = op_pow,
                       [OP_LSHIFT] = op_lshift,
                       [OP_RSHIFT] = op_rshift,
                       [OP_AND] = op_and,
                       [OP_OR] = op_or,
                       [OP_XOR] = op_xor,
                       [OP_DIVMOD] = op_divmod},
            .pow3 = op_pow3,
            .unary = {[OP_NEG] = op_neg,
                      [OP_POS] = int_plain,
                      [OP_INVERT] = op_invert,
                      [OP_ABS] = op_abs},
            .bool_ = op_bool,
            .int_ = int_plain,
            .float_ = op_float,
            .index = int_plain,
        },
    .methods = int_methods,
    .getsets = int_getsets,
    .flags = TYPE_LEAF,
};

PyTypeObject PyLong_Type = {
    STATIC_TYPE_HEAD,
    .tp_name = "int",
    .tp_basicsize = offsetof(PyLongObject, ob_digit),
    .tp_itemsize = sizeof(digit),
    .tp_flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_BASETYPE | Py_TPFLAGS_LONG_SUBCLASS |
                _Py_TPFLAGS_MATCH_SELF,
    .tp_doc = "int([x]) -> integer\nint(x, base=10) -> integer\n\nConverts a number or a string to "
              "an integer.",
    .tp_cache = (PyObject *)&int_info,
};
