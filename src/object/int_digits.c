/* SPDX-License-Identifier: MIT */
/* Sums and products of magnitudes: 30-bit digits, as CPython's headers lay them out, taken two at a
 * time. A pair is a 60-bit number, so the product of two pairs, a third one and a carry fit in 128
 * bits; that quarters the multiplications and halves the chain of carries.
 *
 * Sums, differences and products with one digit are taken four digits at a time where the machine
 * has vectors. The digits of a vector do not wait for each other: each gives its carry to the next
 * lane, and only there a carry may stay (a digit that reads 2^30 or -1: once in a billion digits of
 * random numbers). `settle` then passes those on. */
#ifdef __SSE2__
#include <emmintrin.h>
#endif
#include <string.h>

#include "object/int_int.h"

_Static_assert(PyLong_SHIFT == 30 && sizeof(digit) == 4, "a pair of digits is a 64-bit word");
_Static_assert(__BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__, "the lower digit is the lower half");

/* The number that so many digits (at most two) make. */
static ALWAYS_INLINE uint64_t read_some(const digit *from, size_t count)
{
    return count >= 2 ? int_pair(from) : from[0];
}

#ifdef __SSE2__
enum { LANES = 4 };

static ALWAYS_INLINE __m128i load(const digit *from)
{
    return _mm_loadu_si128((const __m128i *)(const void *)from);
}
static ALWAYS_INLINE void store(digit *to, __m128i v)
{
    _mm_storeu_si128((__m128i *)(void *)to, v);
}

/* Every lane moves one up; what leaves goes to the lowest lane of *next, what *next held comes in.
 */
static ALWAYS_INLINE __m128i pass_on(__m128i v, __m128i *next)
{
    __m128i moved = _mm_or_si128(_mm_slli_si128(v, sizeof(digit)), *next);
    *next = _mm_srli_si128(v, (LANES - 1) * sizeof(digit));
    return moved;
}

static ALWAYS_INLINE bool has_unsettled(__m128i all)
{
    const __m128i outside = _mm_set1_epi32((int)~PyLong_MASK);
    const __m128i inside = _mm_cmpeq_epi32(_mm_and_si128(all, outside), _mm_setzero_si128());
    return _mm_movemask_epi8(inside) != 0xffff;
}

/* Brings digits from -1 to 2^30 into their range; returns the carry, which may be -1. */
static NO_INLINE int32_t settle(digit *out, size_t count)
{
    int32_t carry = 0;
    for (size_t i = 0; i < count; i++) {
        int32_t d = (int32_t)out[i] + carry;
        out[i] = (digit)d & PyLong_MASK;
        carry = d >> PyLong_SHIFT;
    }
    return carry;
}

/* The lowest digits of x + y, or of x - y, as many of them as fill vectors (returned). */
static ALWAYS_INLINE size_t combine_vectors(digit *restrict out, const digit *x, const digit *y,
                                            size_t count, bool subtract, uint64_t *carry)
{
    const __m128i mask = _mm_set1_epi32(PyLong_MASK);
    __m128i next = _mm_setzero_si128(), all = _mm_setzero_si128();
    size_t i = 0;
    for (; i + LANES <= count; i += LANES) {
        __m128i a = load(x + i), b = load(y + i);
        __m128i sum = subtract ? _mm_sub_epi32(a, b) : _mm_add_epi32(a, b);
        __m128i passed = pass_on(_mm_srli_epi32(sum, subtract ? 31 : PyLong_SHIFT), &next);
        sum = _mm_and_si128(sum, mask);
        sum = subtract ? _mm_sub_epi32(sum, passed) : _mm_add_epi32(sum, passed);
        all = _mm_or_si128(all, sum);
        store(out + i, sum);
    }
    int32_t rest = UNLIKELY(has_unsettled(all)) ? settle(out, i) : 0;
    *carry = (uint64_t)(_mm_cvtsi128_si32(next) + (subtract ? -rest : rest));
    return i;
}

/* The lowest digits of x * factor, as many of them as fill vectors (returned). */
static size_t multiply_vectors(digit *restrict out, const digit *x, size_t count, digit factor,
                               uint64_t *carry)
{
    const __m128i mask = _mm_set1_epi32(PyLong_MASK), upper = _mm_set_epi32(-1, 0, -1, 0);
    const __m128i factors = _mm_set1_epi32((int)factor);
    __m128i next = _mm_setzero_si128(), next_high = next, all = next;
    size_t i = 0;
    for (; i + LANES <= count; i += LANES) {
        __m128i v = load(x + i);
        __m128i even = _mm_mul_epu32(v, factors);
        __m128i odd = _mm_mul_epu32(_mm_srli_epi64(v, 32), factors);
        __m128i low = _mm_or_si128(_mm_andnot_si128(upper, even), _mm_slli_epi64(odd, 32));
        __m128i high = _mm_or_si128(_mm_srli_epi64(even, PyLong_SHIFT),
                                    _mm_and_si128(_mm_slli_epi64(odd, 32 - PyLong_SHIFT), upper));
        __m128i sum = _mm_add_epi32(_mm_and_si128(low, mask), pass_on(high, &next_high));
        __m128i passed = pass_on(_mm_srli_epi32(sum, PyLong_SHIFT), &next);
        sum = _mm_add_epi32(_mm_and_si128(sum, mask), passed);
        all = _mm_or_si128(all, sum);
        store(out + i, sum);
    }
    int32_t rest = UNLIKELY(has_unsettled(all)) ? settle(out, i) : 0;
    *carry = (uint64_t)(_mm_cvtsi128_si32(_mm_add_epi32(next, next_high)) + rest);
    return i;
}
#else
static size_t combine_vectors(digit *restrict out, const digit *x, const digit *y, size_t count,
                              bool subtract, uint64_t *carry)
{
    *carry = 0;
    return 0;
}
static size_t multiply_vectors(digit *restrict out, const digit *x, size_t count, digit factor,
                               uint64_t *carry)
{
    *carry = 0;
    return 0;
}
#endif

void int_digits_add(digit *restrict out, const digit *x, size_t longer, const digit *y,
                    size_t shorter)
{
    uint64_t carry;
    size_t i = combine_vectors(out, x, y, shorter, false, &carry);
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
    uint64_t borrow;
    size_t i = combine_vectors(out, x, y, shorter, true, &borrow);
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
static digit multiply_by_digit(digit *restrict out, const digit *x, size_t count, digit factor)
{
    uint64_t carry;
    for (size_t i = multiply_vectors(out, x, count, factor, &carry); i < count; i++) {
        carry += (uint64_t)x[i] * factor;
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
