/* SPDX-License-Identifier: MIT */
/* Shared by math.c (floats) and math_integer.c (integers and sums). */
#ifndef OROCHI_MODULE_MATH_INT_H
#define OROCHI_MODULE_MATH_INT_H

#include "object/object.h"

Value math_domain_error(void);
Value math_range_error(void);
double math_vector_length(const double *x, size_t n);

Value math_comb(Value module, const Value *args);
Value math_perm(Value module, const Value *args);
Value math_factorial(Value module, Value arg);
Value math_gcd(Value module, const Value *args);
Value math_lcm(Value module, const Value *args);
Value math_isqrt(Value module, Value arg);
Value math_fsum(Value module, Value arg);
Value math_prod(Value module, const Value *args);

#endif
