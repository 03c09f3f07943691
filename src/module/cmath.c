/* SPDX-License-Identifier: MIT */
/* cmath: the C library's complex functions, whose special values are those of C99's Annex G, with
 * the errors that Python raises. No state. */
#include <complex.h>
#undef I
#include <math.h>

#include "object/complex.h"
#include "object/float.h"
#include "object/int.h"
#include "object/list.h"
#include "object/native.h"

typedef double complex (*complex_function)(double complex);

static double complex to_c(Py_complex z)
{
    return __builtin_complex(z.real, z.imag);
}
static const Py_complex undefined = {NAN, NAN};
static Py_complex from_c(double complex z)
{
    return (Py_complex){creal(z), cimag(z)};
}

static bool is_finite(Py_complex z)
{
    return isfinite(z.real) && isfinite(z.imag);
}

static Value domain_error(void)
{
    return error_raise(PyExc_ValueError, "math domain error");
}
static Value range_error(void)
{
    return error_raise(PyExc_OverflowError, "math range error");
}

/* When an argument has no limit: the function turns round and round as `turning` grows. */
enum domain { DOMAIN_ALL, DOMAIN_EXP, DOMAIN_COSH, DOMAIN_TANH };

static bool outside(enum domain domain, double steady, double turning)
{
    if (!isinf(turning) || domain == DOMAIN_ALL) {
        return false;
    }
    switch (domain) {
    case DOMAIN_EXP: return !isnan(steady) && steady != -INFINITY;
    case DOMAIN_COSH: return !isnan(steady);
    default: return isfinite(steady);
    }
}

static Value apply(Value arg, complex_function f, enum domain domain, bool circular)
{
    Py_complex z;
    if (complex_from_value(arg, &z) < 0) {
        return VALUE_NULL;
    }
    if (outside(domain, circular ? z.imag : z.real, circular ? z.real : z.imag)) {
        return domain_error();
    }
    Py_complex r = from_c(f(to_c(z)));
    if (is_finite(z) && (isinf(r.real) || isinf(r.imag))) {
        return range_error();
    }
    return complex_from(r);
}

#define FUNCTION(name, f, domain, circular)                                                        \
    static Value cmath_##name(Value module, Value arg)                                             \
    {                                                                                              \
        (void)module;                                                                              \
        return apply(arg, f, domain, circular);                                                    \
    }
FUNCTION(acos, cacos, DOMAIN_ALL, false)
/* Some libraries know the angle of this one. */
static double complex acosh_of(double complex z)
{
    return creal(z) == 0 && isnan(cimag(z)) ? to_c(undefined) : cacosh(z);
}
FUNCTION(acosh, acosh_of, DOMAIN_ALL, false)
FUNCTION(asin, casin, DOMAIN_ALL, false)
FUNCTION(asinh, casinh, DOMAIN_ALL, false)
FUNCTION(atan_checked, catan, DOMAIN_ALL, false)
FUNCTION(atanh_checked, catanh, DOMAIN_ALL, false)
FUNCTION(cos, ccos, DOMAIN_COSH, true)
FUNCTION(cosh, ccosh, DOMAIN_COSH, false)
FUNCTION(exp, cexp, DOMAIN_EXP, false)
FUNCTION(sin, csin, DOMAIN_COSH, true)
FUNCTION(sinh, csinh, DOMAIN_COSH, false)
FUNCTION(sqrt, csqrt, DOMAIN_ALL, false)

static double complex tanh_of(double complex z)
{
    return creal(z) == 0 && isnan(cimag(z)) ? to_c(undefined) : ctanh(z);
}

static double complex tan_of(double complex z)
{
    return isnan(creal(z)) && cimag(z) == 0 ? to_c(undefined) : ctan(z);
}
FUNCTION(tan, tan_of, DOMAIN_TANH, true)
FUNCTION(tanh, tanh_of, DOMAIN_TANH, false)

static Value cmath_atanh(Value module, Value arg)
{
    Py_complex z;
    if (complex_from_value(arg, &z) < 0) {
        return VALUE_NULL;
    }
    return z.imag == 0 && fabs(z.real) == 1 ? domain_error() : cmath_atanh_checked(module, arg);
}

static Value cmath_atan(Value module, Value arg)
{
    Py_complex z;
    if (complex_from_value(arg, &z) < 0) {
        return VALUE_NULL;
    }
    return z.real == 0 && fabs(z.imag) == 1 ? domain_error() : cmath_atan_checked(module, arg);
}

static int logarithm(Value arg, Py_complex *out)
{
    if (complex_from_value(arg, out) < 0) {
        return -1;
    }
    if (out->real == 0 && out->imag == 0) {
        domain_error();
        return -1;
    }
    *out = from_c(clog(to_c(*out)));
    return 0;
}

static Value cmath_log(Value module, const Value *args)
{
    Py_complex z, base;
    (void)module;
    if (logarithm(args[0], &z) < 0) {
        return VALUE_NULL;
    }
    if (value_is_absent(args[1])) {
        return complex_from(z);
    }
    if (logarithm(args[1], &base) < 0) {
        return VALUE_NULL;
    }
    return object_binary(complex_from(z), complex_from(base), OP_TRUEDIV);
}

static Value cmath_log10(Value module, Value arg)
{
    Py_complex z;
    (void)module;
    if (logarithm(arg, &z) < 0) {
        return VALUE_NULL;
    }
    return complex_from((Py_complex){z.real / M_LN10, z.imag / M_LN10});
}

static Value cmath_phase(Value module, Value arg)
{
    Py_complex z;
    (void)module;
    return complex_from_value(arg, &z) < 0 ? VALUE_NULL : float_from_double(atan2(z.imag, z.real));
}

static Value cmath_polar(Value module, Value arg)
{
    Py_complex z;
    (void)module;
    if (complex_from_value(arg, &z) < 0) {
        return VALUE_NULL;
    }
    double r = hypot(z.real, z.imag);
    if (isinf(r) && is_finite(z)) {
        return range_error();
    }
    Value pair[2] = {float_from_double(r), float_from_double(atan2(z.imag, z.real))};
    return value_from_object(tuple_from_array(pair, 2));
}

static Value cmath_rect(Value module, const Value *args)
{
    double r, phi;
    (void)module;
    if (arg_double(args[0], &r) < 0 || arg_double(args[1], &phi) < 0) {
        return VALUE_NULL;
    }
    if (isinf(phi) && r != 0 && !isnan(r)) {
        return domain_error();
    }
    if (!isfinite(r) && isfinite(phi) && phi != 0 && isinf(r)) {
        double x = copysign(INFINITY, cos(phi)), y = copysign(INFINITY, sin(phi));
        return complex_from(r > 0 ? (Py_complex){x, y} : (Py_complex){-x, -y});
    }
    if (r == 0 && !isfinite(phi)) {
        return complex_from((Py_complex){0.0, 0.0});
    }
    if (isinf(r) && isnan(phi)) {
        return complex_from((Py_complex){INFINITY, NAN});
    }
    if (phi == 0) { /* no angle: the sign of zero is what the product's would be */
        return complex_from(
            (Py_complex){r, isnan(r) ? phi : copysign(0.0, r) * copysign(1.0, phi)});
    }
    return complex_from((Py_complex){r * cos(phi), r * sin(phi)});
}

static Value cmath_isfinite(Value module, Value arg)
{
    Py_complex z;
    (void)module;
    return complex_from_value(arg, &z) < 0 ? VALUE_NULL : value_from_bool(is_finite(z));
}

static Value cmath_isnan(Value module, Value arg)
{
    Py_complex z;
    (void)module;
    return complex_from_value(arg, &z) < 0 ? VALUE_NULL
                                           : value_from_bool(isnan(z.real) || isnan(z.imag));
}

static Value cmath_isinf(Value module, Value arg)
{
    Py_complex z;
    (void)module;
    return complex_from_value(arg, &z) < 0 ? VALUE_NULL
                                           : value_from_bool(isinf(z.real) || isinf(z.imag));
}

static Value cmath_isclose(Value module, const Value *args)
{
    Py_complex a, b;
    double relative = 1e-9, absolute = 0;
    (void)module;
    if (complex_from_value(args[0], &a) < 0 || complex_from_value(args[1], &b) < 0 ||
        (!value_is_absent(args[2]) && arg_double(args[2], &relative) < 0) ||
        (!value_is_absent(args[3]) && arg_double(args[3], &absolute) < 0)) {
        return VALUE_NULL;
    }
    if (relative < 0 || absolute < 0) {
        return error_raise(PyExc_ValueError, "tolerances must be non-negative");
    }
    if (a.real == b.real && a.imag == b.imag) {
        return VALUE_TRUE;
    }
    if (isinf(a.real) || isinf(a.imag) || isinf(b.real) || isinf(b.imag)) {
        return VALUE_FALSE;
    }
    double difference = hypot(a.real - b.real, a.imag - b.imag);
    return value_from_bool(difference <= relative * hypot(b.real, b.imag) ||
                           difference <= relative * hypot(a.real, a.imag) ||
                           difference <= absolute);
}

#define ONE(name, text)                                                                            \
    {                                                                                              \
#name, "($module, z, /)", text, .f1 = cmath_##name                                         \
    }
static const struct native_def functions[] = {
    ONE(acos, "Return the arc cosine of z."),
    ONE(acosh, "Return the inverse hyperbolic cosine of z."),
    ONE(asin, "Return the arc sine of z."),
    ONE(asinh, "Return the inverse hyperbolic sine of z."),
    ONE(atan, "Return the arc tangent of z."),
    ONE(atanh, "Return the inverse hyperbolic tangent of z."),
    ONE(cos, "Return the cosine of z."),
    ONE(cosh, "Return the hyperbolic cosine of z."),
    ONE(exp, "Return the exponential value e**z."),
    {"isclose", "($module, /, a, b, *, rel_tol=1e-09, abs_tol=0.0)",
     "Determine whether two complex numbers are close in value.", .n = cmath_isclose},
    ONE(isfinite, "Return True if both parts of z are finite."),
    ONE(isinf, "Checks if the real or imaginary part of z is infinite."),
    ONE(isnan, "Checks if the real or imaginary part of z is not a number."),
    {"log", "($module, z, base=<unrepresentable>, /)", "The logarithm of z to the given base.",
     .n = cmath_log},
    ONE(log10, "Return the base-10 logarithm of z."),
    ONE(phase, "Return argument, also known as the phase angle, of a complex."),
    ONE(polar, "Convert a complex from rectangular coordinates to polar coordinates."),
    {"rect", "($module, r, phi, /)", "Convert from polar coordinates to rectangular coordinates.",
     .n = cmath_rect},
    ONE(sin, "Return the sine of z."),
    ONE(sinh, "Return the hyperbolic sine of z."),
    ONE(sqrt, "Return the square root of z."),
    ONE(tan, "Return the tangent of z."),
    ONE(tanh, "Return the hyperbolic tangent of z."),
    {NULL},
};

static int exec(PyObject *module)
{
    if (module_add(module, "pi", float_from_double(M_PI)) < 0 ||
        module_add(module, "e", float_from_double(M_E)) < 0 ||
        module_add(module, "tau", float_from_double(2 * M_PI)) < 0 ||
        module_add(module, "inf", float_from_double(INFINITY)) < 0 ||
        module_add(module, "nan", float_from_double(NAN)) < 0 ||
        module_add(module, "infj", complex_from((Py_complex){0, INFINITY})) < 0) {
        return -1;
    }
    return module_add(module, "nanj", complex_from((Py_complex){0, NAN}));
}

const struct module_def cmath_module = {"cmath", "Mathematical functions for complex numbers.",
                                        functions, exec};
