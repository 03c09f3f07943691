/* SPDX-License-Identifier: MIT */
/* Sums and products of magnitudes: 30-bit digits, as CPython's headers lay them out, taken two at a
 * time. A pair is a 60-bit number, so the product of two pairs, a third one and a carry fit in 128
 * bits; that quarters the multiplications and halves the chain of carries. */
#include <string.h>

#include "object/int_int.h"

_Static_assert(PyLong_SHIFT == 30 && sizeof(digit) == 4, "a pair of digits is a 64-bit word");
_Static_assert(__BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__, "the lower digit is the lower half");

/* The number that so many digits (at most two) make. */
static ALWAYS_INLINE uint64_t read_some(const digit *from, size_t count)
{
    return count >= 2 ? int_pair(from) : from[0];
}

void int_digits_add(digit *restrict out, const digit *x, size_t longer, const digit *y,
                    size_t shorter)
{
    uint64_t carry = 0;
    size_t i = 0;
    for (; i + 2 <= shorter; i += 2) {
        uint64_t sum = int_pair(x + i) + int_pair(y + i) + carry;
        int_put_pair(out + i, sum & INT_PAIR_MASK);
        carry = sum >> INT_PAIR_BITS;
    }
    if (i < shorter) {
        uint64_t sum = (uint64_t)x[i] + y[i] + carry;
        out[i++] = (digit)sum & PyLong_MASK;
        carry = sum >> PyLong_SHIFT;
    }
    for (; i < longer && carry != 0; i++) {
        uint64_t sum = (uint64_t)x[i] + carry;
        out[i] = (digit)sum & PyLong_MASK;
        carry = sum >> PyLong_SHIFT;
    }
    memcpy(out + i, x + i, (longer - i) * sizeof *out);
    out[longer] = (digit)carry;
}

void int_digits_subtract(digit *restrict out, const digit *x, size_t longer, const digit *y,
                         size_t shorter)
{
    uint64_t borrow = 0;
    size_t i = 0;
    for (; i + 2 <= shorter; i += 2) {
        uint64_t difference = int_pair(x + i) - int_pair(y + i) - borrow;
        int_put_pair(out + i, difference & INT_PAIR_MASK);
        borrow = difference >> 63;
    }
    if (i < shorter) {
        uint64_t difference = (uint64_t)x[i] - y[i] - borrow;
        out[i++] = (digit)difference & PyLong_MASK;
        borrow = difference >> 63;
    }
    for (; i < longer && borrow != 0; i++) {
        uint64_t difference = (uint64_t)x[i] - borrow;
        out[i] = (digit)difference & PyLong_MASK;
        borrow = difference >> 63;
    }
    memcpy(out + i, x + i, (longer - i) * sizeof *out);
}

/* out[0..count) = x * factor (+ out, if `add`); returns what goes beyond. */
static ALWAYS_INLINE uint64_t multiply_row(digit *restrict out, const digit *x, size_t count,
                                           uint64_t factor, bool add)
{
    uint64_t carry = 0;
    size_t i = 0;
    for (; i + 2 <= count; i += 2) {
        unsigned __int128 sum = (unsigned __int128)int_pair(x + i) * factor + carry;
        sum += add ? int_pair(out + i) : 0;
        int_put_pair(out + i, (uint64_t)sum & INT_PAIR_MASK);
        carry = (uint64_t)(sum >> INT_PAIR_BITS);
    }
    if (i < count) {
        unsigned __int128 sum = (unsigned __int128)x[i] * factor + carry;
        sum += add ? out[i] : 0;
        out[i] = (digit)sum & PyLong_MASK;
        carry = (uint64_t)(sum >> PyLong_SHIFT);
    }
    return carry;
}

/* out = x * factor; returns the digit that goes beyond. */
static digit multiply_by_digit(digit *restrict out, const digit *x, size_t count, uint64_t factor)
{
    uint64_t carry = 0;
    for (size_t i = 0; i < count; i++) {
        carry += x[i] * factor;
        out[i] = (digit)carry & PyLong_MASK;
        carry >>= PyLong_SHIFT;
    }
    return (digit)carry;
}

void int_digits_multiply(digit *restrict out, const digit *x, size_t x_count, const digit *y,
                         size_t y_count)
{
    if (y_count == 1) {
        out[x_count] = multiply_by_digit(out, x, x_count, y[0]);
        return;
    }
    for (size_t j = 0; j < y_count; j += 2) {
        uint64_t factor = read_some(y + j, y_count - j);
        uint64_t carry = j == 0 ? multiply_row(out, x, x_count, factor, false)
                                : multiply_row(out + j, x, x_count, factor, true);
        out[x_count + j] = (digit)carry & PyLong_MASK;
        if (j + 1 < y_count) {
            out[x_count + j + 1] = (digit)(carry >> PyLong_SHIFT);
        }
    }
}
