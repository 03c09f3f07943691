/* SPDX-License-Identifier: MIT */
/* Complex numbers: PyComplexObject. */
#ifndef OROCHI_OBJECT_COMPLEX_H
#define OROCHI_OBJECT_COMPLEX_H

#include "object/object.h"

static inline bool complex_check(Value v)
{
    return value_is_object(v) && type_is_subtype(value_object(v)->ob_type, &PyComplex_Type);
}
static inline Py_complex complex_value(Value v)
{
    return ((PyComplexObject *)value_object(v))->cval;
}
Value complex_from(Py_complex c);
/* a ** b; ZeroDivisionError, OverflowError. */
Value complex_power(Py_complex a, Py_complex b);
/* What complex(v) reads from a number: __complex__, __float__, __index__. 0 or -1. */
int complex_from_value(Value v, Py_complex *out);

#endif
