/* SPDX-License-Identifier: MIT */
/* Number theory on ints, by GMP where it pays. */
#include <math.h>

#include "object/int_int.h"

static uint64_t gcd_small(uint64_t a, uint64_t b)
{
    if (a == 0 || b == 0) {
        return a | b;
    }
    int shift = __builtin_ctzll(a | b);
    a >>= __builtin_ctzll(a);
    b >>= __builtin_ctzll(b);
    while (a != b) { /* no branch in it that guesses wrong */
        uint64_t difference = a > b ? a - b : b - a;
        a = a > b ? b : a;
        b = difference >> __builtin_ctzll(difference);
    }
    return a << shift;
}

/* Euclid's steps until both numbers are small. */
static unsigned __int128 gcd_wide(unsigned __int128 a, unsigned __int128 b)
{
    while (b >> 63 != 0) {
        unsigned __int128 rest = a % b;
        a = b;
        b = rest;
    }
    return b == 0 ? a : gcd_small((uint64_t)b, (uint64_t)(a % b));
}

Value int_gcd(Value a, Value b)
{
    int64_t x, y;
    if (int_try_i64(a, &x) && int_try_i64(b, &y)) {
        return int_from_u64(
            gcd_small(x < 0 ? -(uint64_t)x : (uint64_t)x, y < 0 ? -(uint64_t)y : (uint64_t)y));
    }
    __int128 wide_x, wide_y;
    if (int_try_i128(a, &wide_x) && int_try_i128(b, &wide_y)) {
        return int_from_i128(
            (__int128)gcd_wide((unsigned __int128)(wide_x < 0 ? -wide_x : wide_x),
                               (unsigned __int128)(wide_y < 0 ? -wide_y : wide_y)));
    }
    mpz_t p, q;
    int_mpz_init(p, a);
    int_mpz_init(q, b);
    bool detached = int_work_begin(mpz_size(p) + mpz_size(q));
    mpz_gcd(p, p, q);
    int_work_end(detached);
    Value result = int_from_mpz(p);
    mpz_clear(p);
    mpz_clear(q);
    return result;
}

/* What all functions of one operand end with. */
static Value take(mpz_t z)
{
    Value result = int_from_mpz(z);
    mpz_clear(z);
    return result;
}

Value int_isqrt(Value v)
{
    mpz_t z;
    int_mpz_init(z, v);
    mpz_sqrt(z, z);
    return take(z);
}

Value int_factorial(uint64_t n)
{
    if (n > (UINT64_C(1) << 32)) {
        return error_no_memory();
    }
    mpz_t z;
    mpz_init(z);
    bool detached = int_work_begin(n);
    mpz_fac_ui(z, n);
    int_work_end(detached);
    return take(z);
}

Value int_binomial(Value n, uint64_t k)
{
    mpz_t z;
    int_mpz_init(z, n);
    bool detached = int_work_begin(k);
    mpz_bin_ui(z, z, k);
    int_work_end(detached);
    return take(z);
}

/* out = n * (n-1) * ... * (n-k+1), by halves, so that the factors stay balanced. */
static void falling(mpz_t out, const mpz_t n, uint64_t k)
{
    if (k <= 16) {
        mpz_t factor;
        mpz_init_set(factor, n);
        mpz_set_ui(out, 1);
        for (uint64_t i = 0; i < k; i++) {
            mpz_mul(out, out, factor);
            mpz_sub_ui(factor, factor, 1);
        }
        mpz_clear(factor);
        return;
    }
    mpz_t rest, product;
    mpz_init(rest);
    mpz_init(product);
    mpz_sub_ui(rest, n, k / 2);
    falling(out, n, k / 2);
    falling(product, rest, k - k / 2);
    mpz_mul(out, out, product);
    mpz_clear(rest);
    mpz_clear(product);
}

Value int_falling_power(Value n, uint64_t k)
{
    if (k > (UINT64_C(1) << 32)) {
        return error_no_memory();
    }
    mpz_t z, result;
    int_mpz_init(z, n);
    mpz_init(result);
    bool detached = int_work_begin(k);
    falling(result, z, k);
    int_work_end(detached);
    mpz_clear(z);
    return take(result);
}

double int_frexp(Value v, long *exponent)
{
    int small;
    int64_t i;
    if (int_try_i64(v, &i) && i < (INT64_C(1) << 53) && i > -(INT64_C(1) << 53)) {
        double d = frexp((double)i, &small);
        *exponent = small;
        return d;
    }
    /* Keep 62 bits and a sticky one: the conversion to double rounds correctly then. */
    long bits = (long)int_bit_length(v), drop = bits > 62 ? bits - 62 : 0;
    mpz_t z, low;
    int_mpz_init(z, v);
    mpz_init(low);
    bool negative = mpz_sgn(z) < 0;
    mpz_abs(z, z);
    mpz_tdiv_r_2exp(low, z, (mp_bitcnt_t)drop);
    mpz_tdiv_q_2exp(z, z, (mp_bitcnt_t)drop);
    uint64_t top = mpz_get_ui(z) << 1 | (mpz_sgn(low) != 0);
    mpz_clear(z);
    mpz_clear(low);
    double d = frexp((double)top, &small);
    *exponent = small + drop - 1;
    return negative ? -d : d;
}
