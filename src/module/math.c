/* SPDX-License-Identifier: MIT */
/* math. Elementary functions come from the C library; what they report by NaN and infinity becomes
 * ValueError and OverflowError by the rules of C99's Annex F. No state. */
#include <errno.h>
#include <float.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "module/math_int.h"
#include "object/float.h"
#include "object/int.h"
#include "object/list.h"
#include "object/native.h"
#include "object/str.h"

Value math_domain_error(void)
{
    return error_raise(PyExc_ValueError, "math domain error");
}
Value math_range_error(void)
{
    return error_raise(PyExc_OverflowError, "math range error");
}

static inline int to_double(Value v, double *out)
{
    return LIKELY(float_try(v, out)) ? 0 : arg_double(v, out);
}

/* ---- Functions of one float. */

static Value apply(Value arg, double (*f)(double), bool can_overflow)
{
    double x;
    if (to_double(arg, &x) < 0) {
        return VALUE_NULL;
    }
    double r = f(x);
    if (UNLIKELY(!isfinite(r))) {
        if (isnan(r) && !isnan(x)) {
            return math_domain_error();
        }
        if (isinf(r) && isfinite(x)) {
            return can_overflow ? math_range_error() : math_domain_error();
        }
    }
    return float_from_double(r);
}

#define FUNCTION(name, f, can_overflow)                                                            \
    static Value name(Value module, Value arg)                                                     \
    {                                                                                              \
        (void)module;                                                                              \
        return apply(arg, f, can_overflow);                                                        \
    }
FUNCTION(math_acos, acos, false)
FUNCTION(math_acosh, acosh, false)
FUNCTION(math_asin, asin, false)
FUNCTION(math_asinh, asinh, false)
FUNCTION(math_atan, atan, false)
FUNCTION(math_atanh, atanh, false)
FUNCTION(math_cbrt, cbrt, false)
FUNCTION(math_cos, cos, false)
FUNCTION(math_cosh, cosh, true)
FUNCTION(math_erf, erf, false)
FUNCTION(math_erfc, erfc, false)
FUNCTION(math_exp, exp, true)
FUNCTION(math_exp2, exp2, true)
FUNCTION(math_expm1, expm1, true)
FUNCTION(math_fabs, fabs, false)
FUNCTION(math_log1p, log1p, false)
FUNCTION(math_sin, sin, false)
FUNCTION(math_sinh, sinh, true)
FUNCTION(math_sqrt, sqrt, false)
FUNCTION(math_tan, tan, false)
FUNCTION(math_tanh, tanh, false)

static double gamma_of(double x)
{
    if (x == floor(x) && x > 0 && x <= 23) { /* these factorials are exact */
        double product = 1;
        for (double i = 2; i < x; i++) {
            product *= i;
        }
        return product;
    }
    return x == -INFINITY ? NAN : tgamma(x);
}

static Value math_gamma(Value module, Value arg)
{
    double x;
    (void)module;
    if (to_double(arg, &x) < 0) {
        return VALUE_NULL;
    }
    if (isfinite(x) && x == floor(x) && x <= 0) {
        return math_domain_error();
    }
    double r = gamma_of(x);
    if (isnan(r) && !isnan(x)) {
        return math_domain_error();
    }
    return isinf(r) && isfinite(x) ? math_range_error() : float_from_double(r);
}

static Value math_lgamma(Value module, Value arg)
{
    double x;
    int sign;
    (void)module;
    if (to_double(arg, &x) < 0) {
        return VALUE_NULL;
    }
    if (isfinite(x) && x == floor(x) && x <= 2) {
        return x <= 0 ? math_domain_error() : float_from_double(0.0);
    }
    double r = isinf(x) ? INFINITY : lgamma_r(x, &sign);
    return isinf(r) && isfinite(x) ? math_range_error() : float_from_double(r);
}

/* ---- Functions of two floats. */

static Value finish_two(double x, double y, double r)
{
    if (UNLIKELY(isnan(r))) {
        if (!isnan(x) && !isnan(y)) {
            return math_domain_error();
        }
    } else if (isinf(r) && isfinite(x) && isfinite(y)) {
        return math_range_error();
    }
    return float_from_double(r);
}

#define FUNCTION_OF_TWO(name, f)                                                                   \
    static Value name(Value module, const Value *args)                                             \
    {                                                                                              \
        double x, y;                                                                               \
        (void)module;                                                                              \
        if (to_double(args[0], &x) < 0 || to_double(args[1], &y) < 0) {                            \
            return VALUE_NULL;                                                                     \
        }                                                                                          \
        return finish_two(x, y, f(x, y));                                                          \
    }
FUNCTION_OF_TWO(math_atan2, atan2)
FUNCTION_OF_TWO(math_copysign, copysign)
FUNCTION_OF_TWO(math_remainder, remainder)
FUNCTION_OF_TWO(math_fmod, fmod)

static Value math_nextafter(Value module, const Value *args)
{
    double x, y;
    (void)module;
    if (to_double(args[0], &x) < 0 || to_double(args[1], &y) < 0) {
        return VALUE_NULL;
    }
    return float_from_double(nextafter(x, y));
}

static Value math_pow(Value module, const Value *args)
{
    double x, y;
    (void)module;
    if (to_double(args[0], &x) < 0 || to_double(args[1], &y) < 0) {
        return VALUE_NULL;
    }
    double r = pow(x, y);
    if (!isfinite(r) && isfinite(x) && isfinite(y)) {
        return isnan(r) || x == 0 ? math_domain_error() : math_range_error();
    }
    return float_from_double(r);
}

/* ---- Logarithms: ints of any size. */

static Value log_of(Value v, double (*f)(double), double log_of_two)
{
    double x;
    if (int_check(v)) {
        long exponent;
        if (int_sign(v) <= 0) {
            return math_domain_error();
        }
        if (int_bit_length(v) > 1023) {
            double m = int_frexp(v, &exponent);
            return float_from_double(f(m) + log_of_two * (double)exponent);
        }
        x = int_to_double(v);
    } else if (to_double(v, &x) < 0) {
        return VALUE_NULL;
    }
    if (x <= 0) {
        return math_domain_error();
    }
    return float_from_double(f(x));
}

static Value math_log2(Value module, Value arg)
{
    (void)module;
    return log_of(arg, log2, 1.0);
}

static Value math_log10(Value module, Value arg)
{
    (void)module;
    return log_of(arg, log10, M_LN2 / M_LN10);
}

static Value math_log(Value module, const Value *args, size_t nargs, PyObject *kwnames)
{
    (void)module;
    if (native_no_keywords("math.log", kwnames) < 0) {
        return VALUE_NULL;
    }
    if (nargs < 1 || nargs > 2) {
        return error_raise(PyExc_TypeError, "math.log requires 1 to 2 arguments");
    }
    Value numerator = log_of(args[0], log, M_LN2);
    if (nargs == 1 || value_is_null(numerator)) {
        return numerator;
    }
    Value denominator = log_of(args[1], log, M_LN2);
    return value_is_null(denominator) ? denominator
                                      : object_binary(numerator, denominator, OP_TRUEDIV);
}

/* ---- To integers. */

static Value to_whole(Value v, PyObject *name, double (*f)(double))
{
    double x;
    Value method;
    if (float_try(v, &x)) {
        return int_from_double(f(x));
    }
    int found = object_find_special(v, name, &method);
    if (found != 0) {
        return found < 0 ? VALUE_NULL : object_call0(method);
    }
    return to_double(v, &x) < 0 ? VALUE_NULL : int_from_double(f(x));
}

static Value math_floor(Value module, Value arg)
{
    (void)module;
    return to_whole(arg, names.__floor__, floor);
}

static Value math_ceil(Value module, Value arg)
{
    (void)module;
    return to_whole(arg, names.__ceil__, ceil);
}

static Value math_trunc(Value module, Value arg)
{
    double x;
    Value method;
    (void)module;
    if (float_try(arg, &x)) {
        return int_from_double(x);
    }
    int found = object_find_special(arg, names.__trunc__, &method);
    if (found == 0) {
        return error_raise(PyExc_TypeError, "type %T doesn't define __trunc__ method", arg);
    }
    return found < 0 ? VALUE_NULL : object_call0(method);
}

/* ---- Taking floats apart. */

static Value pair(Value a, Value b)
{
    Value items[2] = {a, b};
    return value_from_object(tuple_from_array(items, 2));
}

static Value math_frexp(Value module, Value arg)
{
    double x;
    int exponent = 0;
    (void)module;
    if (to_double(arg, &x) < 0) {
        return VALUE_NULL;
    }
    double m = isfinite(x) ? frexp(x, &exponent) : x;
    return pair(float_from_double(m), value_from_int(exponent));
}

static Value math_modf(Value module, Value arg)
{
    double x, whole;
    (void)module;
    if (to_double(arg, &x) < 0) {
        return VALUE_NULL;
    }
    double fraction = modf(x, &whole);
    return pair(float_from_double(fraction), float_from_double(whole));
}

static Value math_ldexp(Value module, const Value *args)
{
    double x;
    int64_t exponent;
    (void)module;
    if (to_double(args[0], &x) < 0) {
        return VALUE_NULL;
    }
    if (!int_check(args[1])) {
        return error_raise(PyExc_TypeError, "Expected an int as second argument to ldexp.");
    }
    int order = int_clip_i64(args[1], &exponent);
    if (x == 0 || !isfinite(x)) {
        return float_from_double(x);
    }
    if (order != 0 || exponent > INT32_MAX || exponent < INT32_MIN) {
        bool up = order != 0 ? order > 0 : exponent > 0;
        return up ? math_range_error() : float_from_double(copysign(0.0, x));
    }
    double r = ldexp(x, (int)exponent);
    return isinf(r) ? math_range_error() : float_from_double(r);
}

static Value math_ulp(Value module, Value arg)
{
    double x;
    (void)module;
    if (to_double(arg, &x) < 0) {
        return VALUE_NULL;
    }
    x = fabs(x);
    if (!isfinite(x)) {
        return float_from_double(x);
    }
    double next = nextafter(x, INFINITY);
    return float_from_double(isinf(next) ? x - nextafter(x, 0.0) : next - x);
}

static Value math_isfinite(Value module, Value arg)
{
    double x;
    (void)module;
    return to_double(arg, &x) < 0 ? VALUE_NULL : value_from_bool(isfinite(x));
}

static Value math_isinf(Value module, Value arg)
{
    double x;
    (void)module;
    return to_double(arg, &x) < 0 ? VALUE_NULL : value_from_bool(isinf(x));
}

static Value math_isnan(Value module, Value arg)
{
    double x;
    (void)module;
    return to_double(arg, &x) < 0 ? VALUE_NULL : value_from_bool(isnan(x));
}

static Value math_degrees(Value module, Value arg)
{
    double x;
    (void)module;
    return to_double(arg, &x) < 0 ? VALUE_NULL : float_from_double(x * (180.0 / M_PI));
}

static Value math_radians(Value module, Value arg)
{
    double x;
    (void)module;
    return to_double(arg, &x) < 0 ? VALUE_NULL : float_from_double(x * (M_PI / 180.0));
}

static Value math_isclose(Value module, const Value *args)
{
    double a, b, relative = 1e-9, absolute = 0;
    (void)module;
    if (to_double(args[0], &a) < 0 || to_double(args[1], &b) < 0 ||
        (!value_is_absent(args[2]) && to_double(args[2], &relative) < 0) ||
        (!value_is_absent(args[3]) && to_double(args[3], &absolute) < 0)) {
        return VALUE_NULL;
    }
    if (relative < 0 || absolute < 0) {
        return error_raise(PyExc_ValueError, "tolerances must be non-negative");
    }
    if (a == b) {
        return VALUE_TRUE;
    }
    if (isinf(a) || isinf(b)) {
        return VALUE_FALSE;
    }
    double difference = fabs(b - a);
    return value_from_bool(difference <= fabs(relative * b) || difference <= fabs(relative * a) ||
                           difference <= absolute);
}

/* ---- Lengths: squares are summed as unevaluated pairs of doubles, so that the root is nearly
 * always correctly rounded. Scaling by a power of two keeps everything in range. */

double math_vector_length(const double *x, size_t n)
{
    double largest = 0;
    bool nan = false;
    for (size_t i = 0; i < n; i++) {
        nan = nan || isnan(x[i]);
        largest = fmax(largest, fabs(x[i]));
    }
    if (isinf(largest)) {
        return INFINITY;
    }
    if (nan) {
        return NAN;
    }
    if (largest == 0) {
        return 0.0;
    }
    int exponent;
    frexp(largest, &exponent);
    double high = 0, low = 0;
    for (size_t i = 0; i < n; i++) {
        double v = ldexp(x[i], -exponent), square = v * v, error = fma(v, v, -square);
        double sum = high + square, back = sum - high;
        low += (high - (sum - back)) + (square - back) + error;
        high = sum;
    }
    double total = high + low;
    double root = sqrt(total);
    /* One step of Newton's method with the exact residue. */
    double residue = fma(-root, root, high) + low;
    root += residue / (2 * root);
    return ldexp(root, exponent);
}

static double *collect(const Value *values, size_t n)
{
    double *x = heap_alloc((n + 1) * sizeof(double), CELL_RAW);
    if (x == NULL) {
        error_no_memory();
        return NULL;
    }
    for (size_t i = 0; i < n; i++) {
        if (to_double(values[i], &x[i]) < 0) {
            return NULL;
        }
    }
    return x;
}

static Value math_hypot(Value module, const Value *args, size_t nargs, PyObject *kwnames)
{
    (void)module;
    if (kwnames != NULL && tuple_length(kwnames) != 0) {
        return error_raise(PyExc_TypeError, "math.hypot() takes no keyword arguments");
    }
    double *x = collect(args, nargs);
    return x == NULL ? VALUE_NULL : float_from_double(math_vector_length(x, nargs));
}

static Value math_dist(Value module, const Value *args)
{
    (void)module;
    PyObject *p = object_to_tuple(args[0]), *q = p == NULL ? NULL : object_to_tuple(args[1]);
    if (q == NULL) {
        return VALUE_NULL;
    }
    size_t n = (size_t)tuple_length(p);
    if ((size_t)tuple_length(q) != n) {
        return error_raise(PyExc_ValueError, "both points must have the same number of dimensions");
    }
    double *x = heap_alloc((n + 1) * sizeof(double), CELL_RAW);
    if (x == NULL) {
        return error_no_memory();
    }
    for (size_t i = 0; i < n; i++) {
        double a, b;
        if (to_double(tuple_get(p, (Py_ssize_t)i), &a) < 0 ||
            to_double(tuple_get(q, (Py_ssize_t)i), &b) < 0) {
            return VALUE_NULL;
        }
        x[i] = a - b;
    }
    return float_from_double(math_vector_length(x, n));
}

/* ---- The module. */

#define ONE(name, text)                                                                            \
    {                                                                                              \
#name, "($module, x, /)", text, .f1 = math_##name                                          \
    }
static const struct native_def functions[] = {
    ONE(acos, "Return the arc cosine (measured in radians) of x."),
    ONE(acosh, "Return the inverse hyperbolic cosine of x."),
    ONE(asin, "Return the arc sine (measured in radians) of x."),
    ONE(asinh, "Return the inverse hyperbolic sine of x."),
    ONE(atan, "Return the arc tangent (measured in radians) of x."),
    {"atan2", "($module, y, x, /)", "Return the arc tangent of y/x in the right quadrant.",
     .n = math_atan2},
    ONE(atanh, "Return the inverse hyperbolic tangent of x."),
    ONE(cbrt, "Return the cube root of x."),
    ONE(ceil, "Return the ceiling of x as an Integral."),
    {"comb", "($module, n, k, /)", "Number of ways to choose k items from n items.",
     .n = math_comb},
    {"copysign", "($module, x, y, /)", "A float with the magnitude of x and the sign of y.",
     .n = math_copysign},
    ONE(cos, "Return the cosine of x (measured in radians)."),
    ONE(cosh, "Return the hyperbolic cosine of x."),
    ONE(degrees, "Convert angle x from radians to degrees."),
    {"dist", "($module, p, q, /)", "Return the Euclidean distance between two points.",
     .n = math_dist},
    ONE(erf, "Error function at x."),
    ONE(erfc, "Complementary error function at x."),
    ONE(exp, "Return e raised to the power of x."),
    ONE(exp2, "Return 2 raised to the power of x."),
    ONE(expm1, "Return exp(x)-1."),
    ONE(fabs, "Return the absolute value of the float x."),
    {"factorial", "($module, n, /)", "Find n!.", .f1 = math_factorial},
    ONE(floor, "Return the floor of x as an Integral."),
    {"fmod", "($module, x, y, /)", "Return fmod(x, y), according to platform C.", .n = math_fmod},
    ONE(frexp, "Return the mantissa and exponent of x, as pair (m, e)."),
    {"fsum", "($module, seq, /)", "Return an accurate floating point sum of values.",
     .f1 = math_fsum},
    ONE(gamma, "Gamma function at x."),
    {"gcd", "($module, *integers)", "Greatest Common Divisor.", .n = math_gcd},
    {"hypot", .raw = math_hypot, .doc = "hypot(*coordinates) -> the distance from the origin."},
    {"isclose", "($module, /, a, b, *, rel_tol=1e-09, abs_tol=0.0)",
     "Determine whether two floating point numbers are close in value.", .n = math_isclose},
    ONE(isfinite, "Return True if x is neither an infinity nor a NaN."),
    ONE(isinf, "Return True if x is a positive or negative infinity."),
    ONE(isnan, "Return True if x is a NaN (not a number)."),
    {"isqrt", "($module, n, /)", "Return the integer part of the square root of the input.",
     .f1 = math_isqrt},
    {"lcm", "($module, *integers)", "Least Common Multiple.", .n = math_lcm},
    {"ldexp", "($module, x, i, /)", "Return x * (2**i).", .n = math_ldexp},
    ONE(lgamma, "Natural logarithm of absolute value of Gamma function at x."),
    {"log", .raw = math_log, .doc = "log(x, [base=math.e]): the logarithm of x to the given base."},
    ONE(log10, "Return the base 10 logarithm of x."),
    ONE(log1p, "Return the natural logarithm of 1+x (base e)."),
    ONE(log2, "Return the base 2 logarithm of x."),
    ONE(modf, "Return the fractional and integer parts of x."),
    {"nextafter", "($module, x, y, /)", "Return the next floating-point value after x towards y.",
     .n = math_nextafter},
    {"perm", "($module, n, k=None, /)", "Number of ways to choose k items from n items in order.",
     .n = math_perm},
    {"pow", "($module, x, y, /)", "Return x**y (x to the power of y).", .n = math_pow},
    {"prod", "($module, iterable, /, *, start=1)",
     "Calculate the product of all the elements in the input iterable.", .n = math_prod},
    ONE(radians, "Convert angle x from degrees to radians."),
    {"remainder", "($module, x, y, /)", "Difference between x and the closest multiple of y.",
     .n = math_remainder},
    ONE(sin, "Return the sine of x (measured in radians)."),
    ONE(sinh, "Return the hyperbolic sine of x."),
    ONE(sqrt, "Return the square root of x."),
    ONE(tan, "Return the tangent of x (measured in radians)."),
    ONE(tanh, "Return the hyperbolic tangent of x."),
    ONE(trunc, "Truncates the Real x to the nearest Integral toward 0."),
    ONE(ulp, "Return the value of the least significant bit of the float x."),
    {NULL},
};

static int exec(PyObject *module)
{
    static const struct {
        const char *name;
        double value;
    } rows[] = {{"pi", M_PI}, {"e", M_E}, {"tau", 2 * M_PI}, {"inf", INFINITY}, {"nan", NAN}};
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        if (module_add(module, rows[i].name, float_from_double(rows[i].value)) < 0) {
            return -1;
        }
    }
    return 0;
}

const struct module_def math_module = {
    "math", "This module provides access to the mathematical functions\ndefined by the C standard.",
    functions, exec};
