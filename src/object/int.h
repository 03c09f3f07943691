/* SPDX-License-Identifier: MIT */
/* Integers: inline in a Value when they fit in 49 bits, else PyLongObject (30-bit digits, the sign
 * in ob_size, as CPython's headers lay it out). Results are inline whenever they fit; operands may
 * be boxed even when small. */
#ifndef OROCHI_OBJECT_INT_H
#define OROCHI_OBJECT_INT_H

#include "object/object.h"

/* True for ints of any representation, subclasses (bool too) included. */
static inline bool int_check(Value v)
{
    return value_is_int(v) || (value_is_object(v) && type_has_feature(value_object(v)->ob_type,
                                                                      Py_TPFLAGS_LONG_SUBCLASS));
}
static inline bool int_check_exact(Value v)
{
    return value_is_int(v) || (value_is_object(v) && value_object(v)->ob_type == &PyLong_Type);
}
/* Reads an exact int that has an inline representation, though it is boxed. Returns false for
 * anything else. */
static ALWAYS_INLINE bool int_object_try_small(const PyObject *object, int64_t *out)
{
    if (object->ob_type != &PyLong_Type) {
        return false;
    }
    const PyLongObject *o = (const PyLongObject *)object;
    Py_ssize_t size = ((const PyVarObject *)o)->ob_size;
    int64_t magnitude = o->ob_digit[0];
    if (LIKELY(size >= -1 && size <= 1)) {
        *out = size * magnitude;
        return true;
    }
    if (size != 2 && size != -2) {
        return false;
    }
    magnitude |= (int64_t)o->ob_digit[1] << PyLong_SHIFT;
    magnitude = size < 0 ? -magnitude : magnitude;
    if (!value_int_fits(magnitude)) {
        return false;
    }
    *out = magnitude;
    return true;
}
/* The same for one that may be inline. */
static ALWAYS_INLINE bool int_try_small(Value v, int64_t *out)
{
    if (LIKELY(value_is_int(v))) {
        *out = value_int(v);
        return true;
    }
    return value_is_object(v) && int_object_try_small(value_object(v), out);
}

Value int_from_i64(int64_t i);
Value int_from_u64(uint64_t u);
Value int_from_size(size_t n);
static inline Value int_from_ssize(Py_ssize_t n)
{
    return int_from_i64(n);
}
Value int_from_double(double d); /* truncates; OverflowError, ValueError for inf, nan */
/* int(text, base): digits with underscores and sign, spaces around; ValueError otherwise. */
Value int_from_text(const char *text, size_t length, int base);
/* int(str or bytes, base) for text in an object; ValueError shows the object. */
Value int_from_str(PyObject *str, int base);
Value int_from_bytes_text(const char *text, size_t length, int base, Value shown);
/* The text of a str as ASCII for number parsers: other decimal digits become '0'..'9', other spaces
 * ' ', the rest '?'. NULL with MemoryError. */
char *number_text_from_str(PyObject *s, size_t *length);
/* sys.set_int_max_str_digits(); 0: no limit. Atomic. */
extern int int_max_str_digits;
/* An exact int with the number of v, which may be of a subclass. */
Value int_plain(Value v);
/* Ready objects for the ints from INT_READY_MIN on; constant after int_init. */
enum {
    INT_READY_MIN = -5,
    INT_READY_MAX = 1024,
    INT_READY_COUNT = INT_READY_MAX - INT_READY_MIN + 1
};
extern PyLongObject int_ready[INT_READY_COUNT];
/* An object as a Value, and a ready int as the inline int: which it is, and its number, follow from
 * its address. For items of containers on their way to registers. */
static ALWAYS_INLINE Value int_unbox_ready(PyObject *o)
{
    uintptr_t offset = (uintptr_t)o - (uintptr_t)int_ready;
    return offset < sizeof int_ready
               ? value_from_int((int64_t)(offset / sizeof(PyLongObject)) + INT_READY_MIN)
               : value_from_object(o);
}
/* The PyLongObject for an int value: a ready one or a fresh one. */
PyObject *int_box(int64_t i);
/* value_box, with ready ints in place. */
static ALWAYS_INLINE PyObject *value_box_ready(Value v)
{
    if (value_is_pointer_bits(v)) {
        return value_object(v);
    }
    if (value_is_int(v)) {
        uint64_t i = (uint64_t)(value_int(v) - INT_READY_MIN);
        if (LIKELY(i < INT_READY_COUNT)) {
            return (PyObject *)&int_ready[i];
        }
    }
    return value_box_slow(v);
}

/* v must be an int. 0, or -1 with OverflowError ("Python int too large to convert to C long"). */
int int_to_i64(Value v, int64_t *out);
int int_to_u64(Value v, uint64_t *out); /* negative: OverflowError */
uint64_t int_to_u64_mask(Value v);      /* modulo 2^64, never fails */
/* -1, 0 or +1 for v below, in or above the range of int64_t; *out is set when 0. No exception. */
int int_clip_i64(Value v, int64_t *out);
double int_to_double(Value v); /* -1.0 with OverflowError set if too large */
int int_sign(Value v);         /* -1, 0, 1 */
size_t int_bit_length(Value v);
/* Base 2, 8, 10 or 16. Writes before `end`, which has INT_SMALL_TEXT chars in front of it; returns
 * the start. */
enum { INT_SMALL_TEXT = 72 };
char *int_small_text(int64_t i, int base, char *end);
PyObject *int_to_text(Value v, int base); /* "-123"; with the int-max-str-digits limit in base 10 */
/* Little- or big-endian two's complement, as int.to_bytes. 0, or -1 with OverflowError. */
int int_to_byte_array(Value v, unsigned char *bytes, size_t n, bool little, bool is_signed);
Value int_from_byte_array(const unsigned char *bytes, size_t n, bool little, bool is_signed);

/* Exact ints of any representation. */
Value int_binary(Value a, Value b, enum binary_op op);
int int_compare(Value a, Value b); /* <0, 0, >0; cannot fail */
Py_hash_t int_hash(Value v);
/* ---- Number theory, for math and fractions; arguments are ints. */
Value int_gcd(Value a, Value b);
Value int_isqrt(Value v); /* v >= 0 */
Value int_factorial(uint64_t n);
Value int_binomial(Value n, uint64_t k);      /* n >= k */
Value int_falling_power(Value n, uint64_t k); /* n * (n-1) * ... of k factors */
/* v = result * 2^*exponent with 0.5 <= |result| < 1, correctly rounded; 0.0 for 0. */
double int_frexp(Value v, long *exponent);
int int_init(void); /* small-int cache */

#endif
