/* SPDX-License-Identifier: MIT */
/* Floats: inline doubles, or PyFloatObject when boxed or of a subclass. */
#ifndef OROCHI_OBJECT_FLOAT_H
#define OROCHI_OBJECT_FLOAT_H

#include "object/object.h"

static inline bool float_check(Value v)
{
    return value_is_double(v) ||
           (value_is_object(v) && type_is_subtype(value_object(v)->ob_type, &PyFloat_Type));
}
static inline bool float_check_exact(Value v)
{
    return value_is_double(v) || (value_is_object(v) && value_object(v)->ob_type == &PyFloat_Type);
}
/* Fast read of an exact float, inline or boxed. */
static ALWAYS_INLINE bool float_try(Value v, double *out)
{
    if (LIKELY(value_is_double(v))) {
        *out = value_double(v);
        return true;
    }
    if (value_is_object(v) && value_object(v)->ob_type == &PyFloat_Type) {
        *out = ((const PyFloatObject *)value_object(v))->ob_fval;
        return true;
    }
    return false;
}
/* v is a float (float_check); subclasses give their ob_fval. */
static inline double float_value(Value v)
{
    return value_is_double(v) ? value_double(v) : ((PyFloatObject *)value_object(v))->ob_fval;
}
static inline Value float_from_double(double d)
{
    return value_from_double(d);
}
PyObject *float_box(double d);
PyObject *float_repr(double d);       /* str */
Value float_from_text(PyObject *str); /* float("..."), ValueError */
Py_hash_t float_hash(double d);
Value float_binary(double a, double b, enum binary_op op); /* ZeroDivisionError and so on */
/* IEEE 754 binary16. to: rounds half to even; false if the number is too large. */
double float_from_half(uint16_t bits);
bool float_to_half(double d, uint16_t *out);
/* PEP 3101 format specs for int, float and complex: format(v, spec). */
PyObject *number_format(Value v, PyObject *spec);

#endif
