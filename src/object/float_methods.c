/* SPDX-License-Identifier: MIT */
/* Methods of float that deal with its digits: rounding, ratios, hexadecimal text. */
#include "object/float_int.h"

#include <ctype.h>
#include <float.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/text_number.h"
#include "object/int.h"
#include "object/list.h"
#include "object/str.h"

/* ---- Rounding. */

/* d rounded to a multiple of 10^n, n > 0. */
static double round_to_tens(double d, int n)
{
    char text[400];
    double limit = pow(10.0, n);
    int digits = (int)floor(log10(fabs(d))) + 1; /* may be one off near a power of ten */
    if (fabs(d) >= limit) {
        snprintf(text, sizeof text, "%.0f", fabs(d));
        digits = (int)strlen(text); /* of the rounded number: exact enough to choose a precision */
        if (digits - n >= 1) {
            char *e = text_format_double(d, 'e', digits - n - 1, false, false, false);
            double result = 0;
            if (e != NULL) {
                text_to_double(e, strlen(e), &result);
                free(e);
            }
            return result;
        }
    }
    double half = limit / 2;
    return fabs(d) > half ? copysign(limit, d) : copysign(0.0, d);
}

static Value round_digits(double d, Py_ssize_t n)
{
    if (!isfinite(d) || d == 0 || n > 323) {
        return float_from_double(d);
    }
    if (n < -308) {
        return float_from_double(copysign(0.0, d));
    }
    double result = 0;
    if (n < 0) {
        result = round_to_tens(d, (int)-n);
    } else {
        char *text = text_format_double(d, 'f', (int)n, false, false, false);
        if (text == NULL) {
            return error_no_memory();
        }
        text_to_double(text, strlen(text), &result);
        free(text);
    }
    if (isinf(result)) {
        return error_raise(PyExc_OverflowError, "rounded value too large to represent");
    }
    return float_from_double(result);
}

static Value float_round(Value self, const Value *args)
{
    double d = float_value(self);
    if (value_is_absent(args[0]) || value_is_none(args[0])) {
        return int_from_double(rint(d));
    }
    Py_ssize_t n;
    return arg_index_clip(args[0], &n) < 0 ? VALUE_NULL : round_digits(d, n);
}

static Value float_trunc(Value self)
{
    return int_from_double(float_value(self));
}
static Value float_floor(Value self)
{
    return int_from_double(floor(float_value(self)));
}
static Value float_ceil(Value self)
{
    return int_from_double(ceil(float_value(self)));
}
static Value float_plain(Value self)
{
    return float_from_double(float_value(self));
}

static Value is_integer(Value self)
{
    double d = float_value(self);
    return value_from_bool(isfinite(d) && floor(d) == d);
}

/* ---- Ratios. */

static Value as_integer_ratio(Value self)
{
    double d = float_value(self);
    if (isinf(d)) {
        return error_raise(PyExc_OverflowError, "cannot convert Infinity to integer ratio");
    }
    if (isnan(d)) {
        return error_raise(PyExc_ValueError, "cannot convert NaN to integer ratio");
    }
    int exponent;
    double m = frexp(d, &exponent);
    for (int i = 0; i < 300 && m != floor(m); i++) {
        m *= 2.0;
        exponent--;
    }
    Value pair[2] = {int_from_double(m), value_from_int(1)};
    Value shift = value_from_int(exponent < 0 ? -exponent : exponent);
    int which = exponent < 0 ? 1 : 0;
    if (value_is_null(pair[0])) {
        return VALUE_NULL;
    }
    pair[which] = int_binary(pair[which], shift, OP_LSHIFT);
    return value_is_null(pair[which]) ? VALUE_NULL : value_from_object(tuple_from_array(pair, 2));
}

/* ---- Hexadecimal text. */

static Value float_hex(Value self)
{
    double d = float_value(self);
    char text[64];
    if (!isfinite(d)) {
        return value_from_object(float_repr(d));
    }
    const char *sign = signbit(d) ? "-" : "";
    if (d == 0) {
        snprintf(text, sizeof text, "%s0x0.0p+0", sign);
        return value_from_object(str_from_text(text));
    }
    int exponent;
    double m = frexp(fabs(d), &exponent);
    int shift = 1 - (DBL_MIN_EXP - exponent > 0 ? DBL_MIN_EXP - exponent : 0);
    m = ldexp(m, shift);
    exponent -= shift;
    uint64_t whole = (uint64_t)m;
    uint64_t fraction = (uint64_t)ldexp(m - (double)whole, 52);
    snprintf(text, sizeof text, "%s0x%u.%013llxp%+d", sign, (unsigned)whole,
             (unsigned long long)fraction, exponent);
    return value_from_object(str_from_text(text));
}

/* m * 2^exponent, rounded half to even; `sticky`: there are more nonzero bits below m. */
static double scale(uint64_t m, long exponent, bool sticky)
{
    if (m == 0) {
        return 0.0;
    }
    long bits = 64 - __builtin_clzll(m);
    if (exponent + bits > 1100) {
        return INFINITY;
    }
    long drop = bits - 53, subnormal = -1074 - exponent; /* bits that the result cannot hold */
    drop = drop > subnormal ? drop : subnormal;
    if (drop > 64 || exponent < -2000) {
        return 0.0;
    }
    if (drop > 0) {
        unsigned __int128 wide = (unsigned __int128)m, half = (unsigned __int128)1 << (drop - 1);
        unsigned __int128 rest = wide & (2 * half - 1);
        wide >>= drop;
        wide += rest > half || (rest == half && (sticky || (wide & 1) != 0));
        m = (uint64_t)wide;
        exponent += drop;
    }
    return ldexp((double)m, (int)exponent);
}

/* The number in [p, end), which scan_hex has checked. */
static double read_hex(const char *p, const char *end)
{
    uint64_t m = 0;
    long exponent = 0, given = 0;
    bool sticky = false, after_point = false;
    for (; p < end && *p != 'p' && *p != 'P'; p++) {
        if (*p == '.') {
            after_point = true;
            continue;
        }
        unsigned d = (unsigned)(*p <= '9' ? *p - '0' : (*p | 0x20) - 'a' + 10);
        if (m >> 60 == 0) {
            m = m << 4 | d;
            exponent -= after_point ? 4 : 0;
        } else {
            sticky = sticky || d != 0;
            exponent += after_point ? 0 : 4;
        }
    }
    if (p < end) {
        bool negative = p[1] == '-';
        for (p += 1 + (p[1] == '-' || p[1] == '+'); p < end; p++) {
            given = given < 1000000000000 ? given * 10 + (*p - '0') : given;
        }
        exponent += negative ? -given : given;
    }
    return scale(m, exponent, sticky);
}

static const char *skip_hex(const char *p, bool *any)
{
    while (isxdigit((unsigned char)*p)) {
        *any = true;
        p++;
    }
    return p;
}

/* The end of a hexadecimal number after sign and prefix; NULL if it is none. */
static const char *scan_hex(const char *p)
{
    bool any = false;
    p = skip_hex(p, &any);
    if (*p == '.') {
        p = skip_hex(p + 1, &any);
    }
    if (!any) {
        return NULL;
    }
    if (*p == 'p' || *p == 'P') {
        p++;
        p += *p == '+' || *p == '-';
        if (!isdigit((unsigned char)*p)) {
            return NULL;
        }
        while (isdigit((unsigned char)*p)) {
            p++;
        }
    }
    return p;
}

/* text: one number with spaces around it. 1 read, 0 malformed. */
static int parse_hex(const char *text, size_t length, double *out)
{
    while (isspace((unsigned char)*text)) {
        text++;
        length--;
    }
    bool negative = *text == '-';
    const char *p = text + (*text == '-' || *text == '+'), *end;
    if (isalpha((unsigned char)*p) && (*p | 0x20) != 'a' && (*p | 0x20) != 'b' &&
        ((*p | 0x20) == 'i' || (*p | 0x20) == 'n')) {
        size_t n = text_to_double(p, length - (size_t)(p - text), out);
        end = n == 0 ? NULL : p + n;
    } else {
        if (p[0] == '0' && (p[1] | 0x20) == 'x') {
            p += 2;
        }
        end = scan_hex(p);
        if (end != NULL) {
            *out = read_hex(p, end);
        }
    }
    if (end == NULL) {
        return 0;
    }
    while (isspace((unsigned char)*end)) {
        end++;
    }
    *out = negative ? -*out : *out;
    return *end == '\0' && end == text + length;
}

static Value float_fromhex(Value class, Value arg)
{
    if (!str_check(arg)) {
        return error_raise(PyExc_TypeError, "fromhex() argument must be str, not %T", arg);
    }
    Py_ssize_t length;
    const char *text = str_utf8(value_object(arg), &length);
    double d = 0;
    if (text == NULL) {
        return VALUE_NULL;
    }
    if (!parse_hex(text, (size_t)length, &d)) {
        return error_raise(PyExc_ValueError, "invalid hexadecimal floating-point string");
    }
    if (isinf(d) && strpbrk(text, "xX0123456789") != NULL) {
        return error_raise(PyExc_OverflowError,
                           "hexadecimal value too large to represent as a float");
    }
    Value v = float_from_double(d);
    return value_object(class) == (PyObject *)&PyFloat_Type ? v : object_call1(class, v);
}

/* ---- The rest. */

static Value getnewargs(Value self)
{
    Value plain = float_plain(self);
    return value_from_object(tuple_from_array(&plain, 1));
}

static Value getformat(Value class, Value arg)
{
    (void)class;
    if (!str_check(arg)) {
        return error_raise(PyExc_TypeError, "__getformat__() argument must be str, not %T", arg);
    }
    if (!str_equal_text(value_object(arg), "double") &&
        !str_equal_text(value_object(arg), "float")) {
        return error_raise(PyExc_ValueError,
                           "__getformat__() argument 1 must be 'double' or 'float'");
    }
    return value_from_object(str_from_text("IEEE, little-endian"));
}

static Value float_format_method(Value self, Value spec)
{
    if (!str_check(spec)) {
        return error_raise(PyExc_TypeError, "__format__() argument must be str, not %T", spec);
    }
    return value_from_object(number_format(self, value_object(spec)));
}

static Value get_real(Value self, void *closure)
{
    (void)closure;
    return float_plain(self);
}

static Value get_imag(Value self, void *closure)
{
    (void)self;
    (void)closure;
    return float_from_double(0.0);
}

const struct native_def float_methods[] = {
    {"conjugate", "($self, /)", "Return self, the complex conjugate of any float.",
     .f0 = float_plain},
    {"__trunc__", "($self, /)", "Return the Integral closest to x between 0 and x.",
     .f0 = float_trunc},
    {"__floor__", "($self, /)", "Return the floor as an Integral.", .f0 = float_floor},
    {"__ceil__", "($self, /)", "Return the ceiling as an Integral.", .f0 = float_ceil},
    {"__round__", "($self, ndigits=None, /)", "Round to ndigits decimal digits.", .n = float_round},
    {"as_integer_ratio", "($self, /)", "Return a pair of integers whose ratio equals the float.",
     .f0 = as_integer_ratio},
    {"fromhex", "($type, string, /)", "Create a float from a hexadecimal string.",
     .flags = NATIVE_CLASS, .f1 = float_fromhex},
    {"hex", "($self, /)", "Return a hexadecimal representation.", .f0 = float_hex},
    {"is_integer", "($self, /)", "Return True if the float is an integer.", .f0 = is_integer},
    {"__getnewargs__", "($self, /)", "Arguments that __new__ needs for a copy.", .f0 = getnewargs},
    {"__getformat__", "($type, typestr, /)", "The format of C's double or float.",
     .flags = NATIVE_CLASS, .f1 = getformat},
    {"__format__", "($self, format_spec, /)", "Formats by the format spec.",
     .f1 = float_format_method},
    {NULL},
};

const struct getset_def float_getsets[] = {
    {"real", get_real, NULL, "the real part of a complex number"},
    {"imag", get_imag, NULL, "the imaginary part of a complex number"},
    {NULL},
};
