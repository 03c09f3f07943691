/* SPDX-License-Identifier: MIT */
/* complex: PyComplexObject, its arithmetic, constructor and text. */
#include "object/complex.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <structmember.h>

#include "base/text_number.h"
#include "object/float.h"
#include "object/int.h"
#include "object/list.h"
#include "object/native.h"
#include "object/str.h"

static Value make(PyTypeObject *type, Py_complex c)
{
    PyComplexObject *o = (PyComplexObject *)object_alloc(type, 0);
    if (o != NULL) {
        o->cval = c;
    }
    return value_from_object(o);
}

Value complex_from(Py_complex c)
{
    return make(&PyComplex_Type, c);
}

/* 1: a number; 0: not one of ours; -1: error. */
static int to_complex(Value v, Py_complex *out)
{
    if (complex_check(v)) {
        *out = complex_value(v);
        return 1;
    }
    out->imag = 0;
    if (float_check(v)) {
        out->real = float_value(v);
        return 1;
    }
    if (int_check(v)) {
        out->real = int_to_double(v);
        return out->real == -1.0 && error_occurred() ? -1 : 1;
    }
    return 0;
}

/* ---- Arithmetic. */

static Py_complex multiply(Py_complex a, Py_complex b)
{
    return (Py_complex){a.real * b.real - a.imag * b.imag, a.real * b.imag + a.imag * b.real};
}

/* Scales by the bigger part of the divisor, so that nothing overflows on the way. */
static Py_complex divide(Py_complex a, Py_complex b)
{
    if (fabs(b.real) >= fabs(b.imag)) {
        double ratio = b.imag / b.real, scale = b.real + b.imag * ratio;
        return (Py_complex){(a.real + a.imag * ratio) / scale, (a.imag - a.real * ratio) / scale};
    }
    if (fabs(b.imag) >= fabs(b.real)) {
        double ratio = b.real / b.imag, scale = b.real * ratio + b.imag;
        return (Py_complex){(a.real * ratio + a.imag) / scale, (a.imag * ratio - a.real) / scale};
    }
    return (Py_complex){NAN, NAN};
}

static Py_complex power_integer(Py_complex base, long n)
{
    Py_complex result = {1, 0};
    for (unsigned long m = (unsigned long)(n < 0 ? -n : n); m != 0; m >>= 1) {
        if (m & 1) {
            result = multiply(result, base);
        }
        base = multiply(base, base);
    }
    return n < 0 ? divide((Py_complex){1, 0}, result) : result;
}

static Py_complex power_general(Py_complex a, Py_complex b)
{
    double magnitude = hypot(a.real, a.imag), angle = atan2(a.imag, a.real);
    double length = pow(magnitude, b.real), phase = angle * b.real;
    if (b.imag != 0) {
        length *= exp(-angle * b.imag);
        phase += b.imag * log(magnitude);
    }
    return (Py_complex){length * cos(phase), length * sin(phase)};
}

Value complex_power(Py_complex a, Py_complex b)
{
    Py_complex r;
    if (b.real == 0 && b.imag == 0) {
        return complex_from((Py_complex){1, 0});
    }
    if (a.real == 0 && a.imag == 0) {
        if (b.imag != 0 || b.real < 0) {
            return error_raise(PyExc_ZeroDivisionError, "0.0 to a negative or complex power");
        }
        return complex_from((Py_complex){0, 0});
    }
    if (b.imag == 0 && b.real == floor(b.real) && fabs(b.real) <= 100) {
        r = power_integer(a, (long)b.real);
    } else {
        r = power_general(a, b);
    }
    bool finite = isfinite(a.real) && isfinite(a.imag) && isfinite(b.real) && isfinite(b.imag);
    if (finite && (!isfinite(r.real) || !isfinite(r.imag))) {
        return error_raise(PyExc_OverflowError, "complex exponentiation");
    }
    return complex_from(r);
}

static Value operate(Value x, Value y, enum binary_op op)
{
    Py_complex a, b;
    int status = to_complex(x, &a);
    if (status == 1) {
        status = to_complex(y, &b);
    }
    if (status <= 0) {
        return status < 0 ? VALUE_NULL : VALUE_NOT_IMPLEMENTED;
    }
    switch (op) {
    case OP_ADD: return complex_from((Py_complex){a.real + b.real, a.imag + b.imag});
    case OP_SUB: return complex_from((Py_complex){a.real - b.real, a.imag - b.imag});
    case OP_MUL: return complex_from(multiply(a, b));
    case OP_TRUEDIV:
        if (b.real == 0 && b.imag == 0) {
            return error_raise(PyExc_ZeroDivisionError, "complex division by zero");
        }
        return complex_from(divide(a, b));
    default: return complex_power(a, b);
    }
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
static Value op_pow(Value a, Value b)
{
    return operate(a, b, OP_POW);
}

static Value op_pow3(Value a, Value b, Value c)
{
    if (!value_is_none(c)) {
        return error_raise(PyExc_ValueError, "complex modulo");
    }
    return operate(a, b, OP_POW);
}

static Value op_neg(Value v)
{
    Py_complex c = complex_value(v);
    return complex_from((Py_complex){-c.real, -c.imag});
}

static Value op_pos(Value v)
{
    return value_object(v)->ob_type == &PyComplex_Type ? v : complex_from(complex_value(v));
}

static Value op_abs(Value v)
{
    Py_complex c = complex_value(v);
    double r = hypot(c.real, c.imag);
    if (isinf(r) && isfinite(c.real) && isfinite(c.imag)) {
        return error_raise(PyExc_OverflowError, "absolute value too large");
    }
    return float_from_double(r);
}

static int op_bool(Value v)
{
    Py_complex c = complex_value(v);
    return c.real != 0 || c.imag != 0;
}

static Py_hash_t op_hash(Value v)
{
    Py_complex c = complex_value(v);
    uint64_t h = (uint64_t)float_hash(c.real) + UINT64_C(1000003) * (uint64_t)float_hash(c.imag);
    return h == (uint64_t)-1 ? -2 : (Py_hash_t)h;
}

static Value op_richcompare(Value a, Value b, int op)
{
    if (op != Py_EQ && op != Py_NE) {
        return VALUE_NOT_IMPLEMENTED;
    }
    Py_complex x = complex_value(a);
    bool equal;
    if (complex_check(b)) {
        Py_complex y = complex_value(b);
        equal = x.real == y.real && x.imag == y.imag;
    } else if (float_check(b)) {
        equal = x.imag == 0 && x.real == float_value(b);
    } else if (int_check(b)) {
        int same = x.imag == 0 ? object_compare_bool(float_from_double(x.real), b, Py_EQ) : 0;
        if (same < 0) {
            return VALUE_NULL;
        }
        equal = same == 1;
    } else {
        return VALUE_NOT_IMPLEMENTED;
    }
    return value_from_bool(equal == (op == Py_EQ));
}

static Value op_repr(Value v)
{
    Py_complex c = complex_value(v);
    char *imaginary = text_format_double(c.imag, 'r', 0, false, false, false), *real = NULL;
    bool both = c.real != 0 || copysign(1.0, c.real) != 1.0;
    PyObject *text = NULL;
    if (both) {
        free(imaginary);
        imaginary = text_format_double(c.imag, 'r', 0, true, false, false);
        real = text_format_double(c.real, 'r', 0, false, false, false);
    }
    if (imaginary != NULL && (real != NULL || !both)) {
        text = both ? str_format("(%s%sj)", real, imaginary) : str_format("%sj", imaginary);
    } else {
        error_no_memory();
    }
    free(imaginary);
    free(real);
    return value_from_object(text);
}

/* ---- complex("..."). */

static char *take_double(char *p, char *end, double *out)
{
    return p + text_to_double(p, (size_t)(end - p), out);
}

/* A sign without digits before 'j' means one. */
static char *take_unit(char *p, double *out)
{
    *out = *p == '-' ? -1.0 : 1.0;
    return p + (*p == '-' || *p == '+');
}

static bool parse_inner(char *p, char *end, Py_complex *out)
{
    double first, second;
    char *q = take_double(p, end, &first);
    if (q == p) {
        q = take_unit(p, &first);
        if ((*q | 0x20) != 'j') {
            return false;
        }
    }
    if ((*q | 0x20) == 'j') {
        *out = (Py_complex){0, first};
        return q + 1 == end;
    }
    if (q == end) {
        *out = (Py_complex){first, 0};
        return true;
    }
    if (*q != '+' && *q != '-') {
        return false;
    }
    char *r = take_double(q, end, &second);
    if (r == q) {
        r = take_unit(q, &second);
    }
    *out = (Py_complex){first, second};
    return (*r | 0x20) == 'j' && r + 1 == end;
}

/* Drops underscores between digits; false if one is elsewhere. */
static bool drop_underscores(char *text, size_t *length)
{
    size_t used = 0;
    char previous = 0;
    for (size_t i = 0; i < *length; i++) {
        char c = text[i];
        if (c == '_') {
            char next = i + 1 < *length ? text[i + 1] : 0;
            if (previous < '0' || previous > '9' || next < '0' || next > '9') {
                return false;
            }
        } else {
            text[used++] = c;
        }
        previous = c;
    }
    text[used] = '\0';
    *length = used;
    return true;
}

static bool is_space(char c)
{
    return c == ' ' || (c >= '\t' && c <= '\r');
}

static void strip(char **start, char **end)
{
    while (*start < *end && is_space(**start)) {
        (*start)++;
    }
    while (*end > *start && is_space((*end)[-1])) {
        (*end)--;
    }
}

static bool parse(char *text, size_t length, Py_complex *out)
{
    if (!drop_underscores(text, &length)) {
        return false;
    }
    char *start = text, *end = text + length;
    strip(&start, &end);
    if (start < end && *start == '(') {
        if (end[-1] != ')') {
            return false;
        }
        start++;
        end--;
        strip(&start, &end);
    }
    *end = '\0';
    return start < end && parse_inner(start, end, out);
}

static Value from_text(PyTypeObject *type, PyObject *str)
{
    size_t length;
    char *text = number_text_from_str(str, &length);
    Py_complex c;
    if (text == NULL) {
        return VALUE_NULL;
    }
    if (!parse(text, length, &c)) {
        return error_raise(PyExc_ValueError, "complex() arg is a malformed string");
    }
    return make(type, c);
}

/* ---- The constructor. */

/* 1 and *out if v has __complex__; 0; -1. */
static int call_complex(Value v, Py_complex *out)
{
    Value method;
    if (value_is_object(v) && value_object(v)->ob_type == &PyComplex_Type) {
        *out = complex_value(v);
        return 1;
    }
    int found = object_find_special(v, names.complex_, &method);
    if (found <= 0) {
        return found;
    }
    Value result = object_call0(method);
    if (value_is_null(result)) {
        return -1;
    }
    if (!complex_check(result)) {
        return error_raise_int(PyExc_TypeError, "%T.__complex__() returned non-complex (type %T)",
                               v, result);
    }
    if (value_object(result)->ob_type != &PyComplex_Type &&
        error_warn(PyExc_DeprecationWarning, 1,
                   "%T.__complex__() must return a complex, not %T; this will become an error in a "
                   "future version of Python",
                   v, result) < 0) {
        return -1;
    }
    *out = complex_value(result);
    return 1;
}

static bool is_real(Value v)
{
    const struct type_ops *ops = value_ops(v);
    return ops->float_ != NULL || ops->index != NULL;
}

static int real_of(Value v, Py_complex *out)
{
    Value f = object_float(v);
    if (value_is_null(f)) {
        return -1;
    }
    *out = (Py_complex){float_value(f), 0};
    return 0;
}

int complex_from_value(Value v, Py_complex *out)
{
    int status = call_complex(v, out);
    if (status != 0) {
        return status < 0 ? -1 : 0;
    }
    if (!is_real(v)) {
        return error_raise_int(PyExc_TypeError, "must be real number, not %T", v);
    }
    return real_of(v, out);
}

static Value from_two(PyTypeObject *type, Value real, Value imaginary)
{
    Py_complex a = {0, 0}, b = {0, 0};
    bool a_complex = false, b_complex = false;
    if (!value_is_absent(real)) {
        int status = call_complex(real, &a);
        a_complex = status == 1;
        if (status < 0) {
            return VALUE_NULL;
        }
        if (status == 0 && !is_real(real)) {
            return error_raise(PyExc_TypeError,
                               "complex() first argument must be a string or a number, not '%T'",
                               real);
        }
    }
    if (!value_is_absent(imaginary)) {
        b_complex = complex_check(imaginary);
        if (!b_complex && !is_real(imaginary)) {
            return error_raise(PyExc_TypeError,
                               "complex() second argument must be a number, not '%T'", imaginary);
        }
    }
    if (!value_is_absent(real) && !a_complex && real_of(real, &a) < 0) {
        return VALUE_NULL;
    }
    if (b_complex) {
        b = complex_value(imaginary);
    } else if (!value_is_absent(imaginary) && real_of(imaginary, &b) < 0) {
        return VALUE_NULL;
    }
    if (b_complex) {
        a.real -= b.imag;
    }
    if (a_complex && !value_is_absent(imaginary)) {
        b.real += a.imag;
    }
    return make(type, value_is_absent(imaginary) ? a : (Py_complex){a.real, b.real});
}

static Value complex_new(PyTypeObject *type, const Value *args, size_t nargs, PyObject *kwnames)
{
    static const struct native_signature *signature;
    Value bound[2];
    if (native_bind("complex", "(real=0, imag=0)", &signature, args, nargs, kwnames, bound) < 0) {
        return VALUE_NULL;
    }
    Value real = bound[0], imaginary = bound[1];
    if (type == &PyComplex_Type && value_is_absent(imaginary) && value_is_object(real) &&
        value_object(real)->ob_type == &PyComplex_Type) {
        return real;
    }
    if (value_is_present(real) && str_check(real)) {
        if (!value_is_absent(imaginary)) {
            return error_raise(PyExc_TypeError,
                               "complex() can't take second arg if first is a string");
        }
        return from_text(type, value_object(real));
    }
    if (value_is_present(imaginary) && str_check(imaginary)) {
        return error_raise(PyExc_TypeError, "complex() second arg can't be a string");
    }
    return from_two(type, real, imaginary);
}

/* ---- Methods. */

static Value conjugate(Value self)
{
    Py_complex c = complex_value(self);
    return complex_from((Py_complex){c.real, -c.imag});
}

static Value getnewargs(Value self)
{
    Py_complex c = complex_value(self);
    Value pair[2] = {float_from_double(c.real), float_from_double(c.imag)};
    return value_from_object(tuple_from_array(pair, 2));
}

static Value complex_format_method(Value self, Value spec)
{
    if (!str_check(spec)) {
        return error_raise(PyExc_TypeError, "__format__() argument must be str, not %T", spec);
    }
    return value_from_object(number_format(self, value_object(spec)));
}

static const struct native_def complex_methods[] = {
    {"conjugate", "($self, /)", "Return the complex conjugate of its argument.", .f0 = conjugate},
    {"__complex__", "($self, /)", "Convert this value to exact type complex.", .f0 = op_pos},
    {"__getnewargs__", "($self, /)", "Arguments that __new__ needs for a copy.", .f0 = getnewargs},
    {"__format__", "($self, format_spec, /)", "Formats by the format spec.",
     .f1 = complex_format_method},
    {NULL},
};

static const struct member_def complex_members[] = {
    {"real", T_DOUBLE, offsetof(PyComplexObject, cval.real), READONLY,
     "the real part of a complex number"},
    {"imag", T_DOUBLE, offsetof(PyComplexObject, cval.imag), READONLY,
     "the imaginary part of a complex number"},
    {NULL},
};

static struct type_info complex_info = {
    .ops =
        {
            .repr = op_repr,
            .hash = op_hash,
            .richcompare = op_richcompare,
            .new_ = complex_new,
            .binary = {[OP_ADD] = op_add,
                       [OP_SUB] = op_sub,
                       [OP_MUL] = op_mul,
                       [OP_TRUEDIV] = op_truediv,
                       [OP_POW] = op_pow},
            .pow3 = op_pow3,
            .unary = {[OP_NEG] = op_neg, [OP_POS] = op_pos, [OP_ABS] = op_abs},
            .bool_ = op_bool,
        },
    .methods = complex_methods,
    .members = complex_members,
    .flags = TYPE_LEAF,
};

PyTypeObject PyComplex_Type = {
    STATIC_TYPE_HEAD,
    .tp_name = "complex",
    .tp_basicsize = sizeof(PyComplexObject),
    .tp_flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_BASETYPE,
    .tp_doc = "complex(real=0, imag=0)\n--\n\nCreate a complex number from a real part and an "
              "optional imaginary part.",
    .tp_cache = (PyObject *)&complex_info,
};
