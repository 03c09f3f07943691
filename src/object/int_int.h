/* SPDX-License-Identifier: MIT */
/* Shared by the int*.c files: views of magnitudes, and the way to GMP and back. */
#ifndef OROCHI_OBJECT_INT_INT_H
#define OROCHI_OBJECT_INT_INT_H

#include <gmp.h>
#include <string.h>

#include "object/int.h"
#include "object/native.h"

/* The sign and the 30-bit digits of an int of any representation. Copy by int_view only: `digits`
 * may point into the view itself. */
struct int_view {
    const digit *digits;
    size_t count;
    bool negative;
    digit small[3];
};
void int_view(Value v, struct int_view *out);

/* Two digits as one number of 60 bits. */
#define INT_PAIR_BITS (2 * PyLong_SHIFT)
#define INT_PAIR_MASK ((UINT64_C(1) << INT_PAIR_BITS) - 1)
static ALWAYS_INLINE uint64_t int_pair(const digit *from)
{
    uint64_t word;
    memcpy(&word, from, sizeof word);
    return (word & PyLong_MASK) | word >> 32 << PyLong_SHIFT;
}
static ALWAYS_INLINE void int_put_pair(digit *to, uint64_t pair)
{
    uint64_t word = (pair & PyLong_MASK) | pair >> PyLong_SHIFT << 32;
    memcpy(to, &word, sizeof word);
}

/* Magnitudes (object/int_digits.c). x has at least as many digits as y. The sum has longer + 1
 * digits, the difference (x is not below y) longer, the product x_count + y_count. */
void int_digits_add(digit *restrict out, const digit *x, size_t longer, const digit *y,
                    size_t shorter);
void int_digits_subtract(digit *restrict out, const digit *x, size_t longer, const digit *y,
                         size_t shorter);
void int_digits_multiply(digit *restrict out, const digit *x, size_t x_count, const digit *y,
                         size_t y_count);

/* Reads an int that fits int64_t: inline, bool, or an object with up to 2 digits. */
static ALWAYS_INLINE bool int_try_i64(Value v, int64_t *out)
{
    if (LIKELY(value_is_int(v))) {
        *out = value_int(v);
        return true;
    }
    const PyVarObject *o = (const PyVarObject *)value_object(v);
    const digit *d = ((const PyLongObject *)o)->ob_digit;
    switch (o->ob_size) {
    case 0: *out = 0; return true;
    case 1: *out = d[0]; return true;
    case -1: *out = -(int64_t)d[0]; return true;
    case 2: *out = (int64_t)d[0] | (int64_t)d[1] << PyLong_SHIFT; return true;
    case -2: *out = -((int64_t)d[0] | (int64_t)d[1] << PyLong_SHIFT); return true;
    default: return false;
    }
}

/* Reads an int of up to 4 digits: below 2^120. */
bool int_try_i128(Value v, __int128 *out);
Value int_from_i128(__int128 i);
/* A fresh PyLongObject with room for `count` digits; NULL with MemoryError. */
PyLongObject *int_alloc(size_t count);
/* The same for who writes every digit: they need not read as zero. */
PyLongObject *int_alloc_unfilled(size_t count);
/* Strips leading zeros and sets the sign; returns the inline form when it fits. */
Value int_finish(PyLongObject *o, size_t count, bool negative);

/* 64-bit limbs, as GMP has them. Writes as many as the digits need, the highest may be 0. */
static inline size_t int_limb_count(const struct int_view *view)
{
    return (view->count * PyLong_SHIFT + 63) / 64;
}
void int_to_limbs(const struct int_view *view, mp_limb_t *out);
Value int_from_limbs(const mp_limb_t *limbs, size_t count, bool negative);

/* GMP numbers live in malloc memory; every int_mpz_init needs its mpz_clear. */
void int_mpz_init(mpz_t z, Value v);
Value int_from_mpz(const mpz_t z);
/* Big GMP operations run detached, so that a collection need not wait for them. */
bool int_work_begin(size_t limbs);
void int_work_end(bool detached);

Value int_negate(Value v);
Value int_power_mod(Value a, Value b, Value c); /* c is not None */
extern const struct native_def int_methods[];
extern const struct getset_def int_getsets[];
Value int_new(PyTypeObject *type, const Value *args, size_t nargs, PyObject *kwnames);
/* An instance of a subclass with the same number. */
Value int_as_subclass(PyTypeObject *type, Value v);

#endif
