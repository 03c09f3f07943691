/* SPDX-License-Identifier: MIT */
/* float: arithmetic, comparison, conversions. Methods that deal with digits are float_methods.c. */
#include "object/float_int.h"

#include <errno.h>
#include <math.h>
#include <string.h>

#include "base/text_number.h"
#include "object/complex.h"
#include "object/int.h"
#include "object/list.h"
#include "object/str.h"

PyObject *float_box(double d)
{
    PyFloatObject *o =
        (PyFloatObject *)object_alloc_kind(&PyFloat_Type, sizeof(PyFloatObject), CELL_LEAF);
    if (o != NULL) {
        o->ob_fval = d;
    }
    return (PyObject *)o;
}

PyObject *float_repr(double d)
{
    char text[40];
    size_t length = text_from_double(d, text);
    return str_from_ascii(text, (Py_ssize_t)length);
}

Py_hash_t float_hash(double d)
{
    const uint64_t modulus = (UINT64_C(1) << 61) - 1;
    if (isinf(d)) {
        return d > 0 ? 314159 : -314159;
    }
    if (isnan(d)) {
        return 0;
    }
    if (d == (double)(int32_t)d) {
        int32_t i = (int32_t)d;
        return i == -1 ? -2 : i;
    }
    int exponent;
    double m = frexp(fabs(d), &exponent);
    uint64_t h = 0;
    while (m != 0) {
        h = ((h << 28) & modulus) | h >> 33;
        m *= 268435456.0; /* 2^28 */
        exponent -= 28;
        uint64_t piece = (uint64_t)m;
        m -= (double)piece;
        h += piece;
        h = h >= modulus ? h - modulus : h;
    }
    exponent = exponent >= 0 ? exponent % 61 : 60 - (-1 - exponent) % 61;
    h = ((h << exponent) & modulus) | h >> (61 - exponent);
    Py_hash_t result = d < 0 ? -(Py_hash_t)h : (Py_hash_t)h;
    return result == -1 ? -2 : result;
}

/* ---- Arithmetic. */

static double remainder_of(double x, double y)
{
    double r = fmod(x, y);
    if (r != 0) {
        return (y < 0) != (r < 0) ? r + y : r;
    }
    return copysign(0.0, y);
}

static double floor_quotient(double x, double y)
{
    double r = fmod(x, y);
    double q = (x - r) / y;
    if (r != 0 && (y < 0) != (r < 0)) {
        q -= 1.0;
    }
    if (q == 0) {
        return copysign(0.0, x / y);
    }
    double whole = floor(q);
    return q - whole > 0.5 ? whole + 1.0 : whole;
}

static Value raise_range(void)
{
    PyObject *text = str_from_text(strerror(ERANGE));
    Value args[2] = {value_from_int(ERANGE), value_from_object(text)};
    Value e = text == NULL ? VALUE_NULL
                           : object_call(value_from_object(PyExc_OverflowError), args, 2, NULL);
    if (!value_is_null(e)) {
        error_set_instance(value_object(e));
    }
    return VALUE_NULL;
}

static Value power(double x, double y)
{
    if (x == 0 && y < 0 && isfinite(y)) {
        return error_raise(PyExc_ZeroDivisionError, "0.0 cannot be raised to a negative power");
    }
    if (x < 0 && isfinite(x) && isfinite(y) && y != floor(y)) {
        return complex_power((Py_complex){x, 0}, (Py_complex){y, 0});
    }
    double r = pow(x, y);
    if (isinf(r) && isfinite(x) && isfinite(y)) {
        return raise_range();
    }
    return float_from_double(r);
}

static Value divide_by_zero(const char *what)
{
    return error_raise(PyExc_ZeroDivisionError, "%s", what);
}

Value float_binary(double a, double b, enum binary_op op)
{
    switch (op) {
    case OP_ADD: return float_from_double(a + b);
    case OP_SUB: return float_from_double(a - b);
    case OP_MUL: return float_from_double(a * b);
    case OP_TRUEDIV:
        return b == 0 ? divide_by_zero("float division by zero") : float_from_double(a / b);
    case OP_FLOORDIV:
        return b == 0 ? divide_by_zero("float floor division by zero")
                      : float_from_double(floor_quotient(a, b));
    case OP_MOD:
        return b == 0 ? divide_by_zero("float modulo") : float_from_double(remainder_of(a, b));
    case OP_DIVMOD: {
        if (b == 0) {
            return divide_by_zero("float divmod()");
        }
        Value pair[2] = {float_from_double(floor_quotient(a, b)),
                         float_from_double(remainder_of(a, b))};
        return value_from_object(tuple_from_array(pair, 2));
    }
    case OP_POW: return power(a, b);
    default: return VALUE_NOT_IMPLEMENTED;
    }
}

/* 1: a double; 0: not a number of ours; -1: error. */
static int to_double(Value v, double *out)
{
    if (float_try(v, out)) {
        return 1;
    }
    if (int_check(v)) {
        *out = int_to_double(v);
        return *out == -1.0 && error_occurred() ? -1 : 1;
    }
    if (float_check(v)) {
        *out = float_value(v);
        return 1;
    }
    return 0;
}

static Value operate(Value a, Value b, enum binary_op op)
{
    double x, y;
    int status = to_double(a, &x);
    if (status == 1) {
        status = to_double(b, &y);
    }
    if (status <= 0) {
        return status < 0 ? VALUE_NULL : VALUE_NOT_IMPLEMENTED;
    }
    return float_binary(x, y, op);
}

static Value op_add(Value a, Value b)
{
    return operate(a, b, OP_ADD);
}
static Value op_sub(Value a, Value b)
{
    return operate(a, b, OP_SUB);
}
static Value op_mul(Value a, Value b)
{
    return operate(a, b, OP_MUL);
}
static Value op_truediv(Value a, Value b)
{
    return operate(a, b, OP_TRUEDIV);
}
static Value op_floordiv(Value a, Value b)
{
    return operate(a, b, OP_FLOORDIV);
}
static Value op_mod(Value a, Value b)
{
    return operate(a, b, OP_MOD);
}
static Value op_divmod(Value a, Value b)
{
    return operate(a, b, OP_DIVMOD);
}
static Value op_pow(Value a, Value b)
{
    return operate(a, b, OP_POW);
}

static Value op_pow3(Value a, Value b, Value c)
{
    if (!value_is_none(c)) {
        return error_raise(PyExc_TypeError,
                           "pow() 3rd argument not allowed unless all arguments are integers");
    }
    return operate(a, b, OP_POW);
}

static Value op_neg(Value v)
{
    return float_from_double(-float_value(v));
}
static Value op_abs(Value v)
{
    return float_from_double(fabs(float_value(v)));
}
static Value op_plain(Value v)
{
    return float_from_double(float_value(v));
}
static int op_bool(Value v)
{
    return float_value(v) != 0;
}
static Value op_int(Value v)
{
    return int_from_double(float_value(v));
}
static Value op_repr(Value v)
{
    return value_from_object(float_repr(float_value(v)));
}

static Py_hash_t op_hash(Value v)
{
    return float_hash(float_value(v));
}

/* ---- Comparison: exact also between a float and a big int. */

/* <0, 0, >0 for d against the int v; d is no NaN. */
static int compare_with_int(double d, Value v)
{
    int64_t i;
    if (int_clip_i64(v, &i) == 0 && i >= -(INT64_C(1) << 53) && i <= (INT64_C(1) << 53)) {
        double other = (double)i;
        return (d > other) - (d < other);
    }
    if (isinf(d) || (d < 0) != (int_sign(v) < 0)) {
        return d < 0 ? -1 : 1;
    }
    int exponent;
    frexp(d, &exponent);
    size_t bits = int_bit_length(v), d_bits = exponent > 0 ? (size_t)exponent : 0;
    if (bits != d_bits) {
        return (d_bits < bits) == (d >= 0) ? -1 : 1;
    }
    /* The same number of bits, more than 53: d is whole. */
    Value whole = int_from_double(d);
    if (value_is_null(whole)) {
        error_clear();
        return 1;
    }
    return int_compare(whole, v);
}

static bool holds(int order, int op)
{
    switch (op) {
    case Py_LT: return order < 0;
    case Py_LE: return order <= 0;
    case Py_EQ: return order == 0;
    case Py_NE: return order != 0;
    case Py_GT: return order > 0;
    default: return order >= 0;
    }
}

static Value op_richcompare(Value a, Value b, int op)
{
    double x = float_value(a), y;
    if (float_check(b)) {
        y = float_value(b);
        if (isnan(x) || isnan(y)) {
            return value_from_bool(op == Py_NE);
        }
        return value_from_bool(holds((x > y) - (x < y), op));
    }
    if (!int_check(b)) {
        return VALUE_NOT_IMPLEMENTED;
    }
    if (isnan(x)) {
        return value_from_bool(op == Py_NE);
    }
    return value_from_bool(holds(compare_with_int(x, b), op));
}

/* ---- float("..."). */

/* Copies the text without underscores; they may only stand between digits. NULL: misplaced. */
static char *drop_underscores(const char *text, size_t *length)
{
    char *copy = heap_alloc(*length + 1, CELL_RAW);
    size_t used = 0;
    for (size_t i = 0; copy != NULL && i < *length; i++) {
        if (text[i] != '_') {
            copy[used++] = text[i];
            continue;
        }
        bool inside = i > 0 && i + 1 < *length && text[i - 1] >= '0' && text[i - 1] <= '9' &&
                      text[i + 1] >= '0' && text[i + 1] <= '9';
        if (!inside) {
            return NULL;
        }
    }
    *length = used;
    return copy;
}

static bool is_space(char c)
{
    return c == ' ' || (c >= '\t' && c <= '\r');
}

/* The whole text is one number, with spaces around it. */
static bool parse(const char *text, size_t length, double *out)
{
    while (length > 0 && is_space(*text)) {
        text++;
        length--;
    }
    while (length > 0 && is_space(text[length - 1])) {
        length--;
    }
    if (memchr(text, '_', length) != NULL) {
        text = drop_underscores(text, &length);
        if (text == NULL) {
            return false;
        }
    }
    return length > 0 && text_to_double(text, length, out) == length;
}

static Value from_text(const char *text, size_t length, Value shown)
{
    double d;
    if (!parse(text, length, &d)) {
        return error_raise(PyExc_ValueError, "could not convert string to float: %R", shown);
    }
    return float_from_double(d);
}

Value float_from_text(PyObject *str)
{
    size_t length = (size_t)str_length(str);
    const char *text = str_is_ascii(str) ? str_data(str) : NULL;
    if (text == NULL || memchr(text, 0x1c, length) || memchr(text, 0x1d, length) ||
        memchr(text, 0x1e, length) || memchr(text, 0x1f, length)) {
        text = number_text_from_str(str, &length);
        if (text == NULL) {
            return VALUE_NULL;
        }
    }
    return from_text(text, length, value_from_object(str));
}

static Value from_buffer(Value v)
{
    Py_buffer buffer;
    if (object_get_buffer(v, &buffer, PyBUF_SIMPLE) < 0) {
        return VALUE_NULL;
    }
    Value result = from_text(buffer.buf, (size_t)buffer.len, v);
    object_release_buffer(&buffer);
    return result;
}

static Value from_value(Value v)
{
    if (float_check_exact(v)) {
        return v;
    }
    if (str_check_exact(v)) {
        return float_from_text(value_object(v));
    }
    const struct type_ops *ops = value_ops(v);
    if (ops->float_ != NULL || ops->index != NULL) {
        return object_float(v);
    }
    if (str_check(v)) {
        return float_from_text(value_object(v));
    }
    if (object_has_buffer(v)) {
        return from_buffer(v);
    }
    return error_raise(PyExc_TypeError,
                       "float() argument must be a string or a real number, not '%T'", v);
}

static Value float_new(PyTypeObject *type, const Value *args, size_t nargs, PyObject *kwnames)
{
    if (kwnames != NULL && tuple_length(kwnames) != 0 &&
        (type == &PyFloat_Type || type_ops(type)->init == type_ops(&PyFloat_Type)->init)) {
        return error_raise(PyExc_TypeError, "float() takes no keyword arguments");
    }
    if (native_check_positional("float", nargs, 0, 1) < 0) {
        return VALUE_NULL;
    }
    Value v = nargs == 0 ? float_from_double(0.0) : from_value(args[0]);
    if (type == &PyFloat_Type || value_is_null(v)) {
        return v;
    }
    PyFloatObject *o = (PyFloatObject *)object_alloc(type, 0);
    if (o == NULL) {
        return VALUE_NULL;
    }
    o->ob_fval = float_value(v);
    return value_from_object(o);
}

static struct type_info float_info = {
    .ops =
        {
            .repr = op_repr,
            .hash = op_hash,
            .richcompare = op_richcompare,
            .new_ = float_new,
            .binary = {[OP_ADD] = op_add,
                       [OP_SUB] = op_sub,
                       [OP_MUL] = op_mul,
                       [OP_TRUEDIV] = op_truediv,
                       [OP_FLOORDIV] = op_floordiv,
                       [OP_MOD] = op_mod,
                       [OP_POW] = op_pow,
                       [OP_DIVMOD] = op_divmod},
            .pow3 = op_pow3,
            .unary = {[OP_NEG] = op_neg, [OP_POS] = op_plain, [OP_ABS] = op_abs},
            .bool_ = op_bool,
            .int_ = op_int,
            .float_ = op_plain,
        },
    .methods = float_methods,
    .getsets = float_getsets,
    .flags = TYPE_LEAF,
};

PyTypeObject PyFloat_Type = {
    STATIC_TYPE_HEAD,
    .tp_name = "float",
    .tp_basicsize = sizeof(PyFloatObject),
    .tp_flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_BASETYPE | _Py_TPFLAGS_MATCH_SELF,
    .tp_doc = "float(x=0, /)\n--\n\nConvert a string or number to a floating point number, if "
              "possible.",
    .tp_cache = (PyObject *)&float_info,
};

/* ---- Half precision (IEEE 754 binary16). */

double float_from_half(uint16_t bits)
{
    int exponent = bits >> 10 & 0x1f, fraction = bits & 0x3ff;
    double d;
    if (exponent == 0x1f) {
        d = fraction == 0 ? INFINITY : NAN;
    } else {
        d = exponent == 0 ? ldexp(fraction, -24) : ldexp(fraction + 1024, exponent - 25);
    }
    return bits & 0x8000 ? -d : d;
}

bool float_to_half(double d, uint16_t *out)
{
    uint16_t sign = signbit(d) ? 0x8000 : 0;
    int exponent;
    d = fabs(d);
    if (isnan(d)) {
        *out = sign | 0x7e00;
        return true;
    }
    if (isinf(d)) {
        *out = sign | 0x7c00;
        return true;
    }
    if (d == 0) {
        *out = sign;
        return true;
    }
    frexp(d, &exponent);
    int unit = exponent - 11 > -24 ? exponent - 11 : -24; /* exponent of the last bit */
    double scaled = rint(ldexp(d, -unit));
    if (scaled >= 2048) {
        scaled /= 2;
        unit++;
    }
    if (unit > 5) {
        return false;
    }
    uint16_t whole = (uint16_t)scaled;
    *out = whole < 1024 ? sign | whole : (uint16_t)(sign | (unit + 25) << 10 | (whole & 0x3ff));
    return true;
}
