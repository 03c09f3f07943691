/* SPDX-License-Identifier: MIT */
/* Integer arithmetic. Two operands that fit int64_t are computed in 128 bits; the rest is added and
 * combined digit by digit here, and multiplied and divided by GMP. */
#include "object/int_int.h"

#include <math.h>
#include <string.h>

#include "object/float.h"
#include "object/list.h"

/* ---- Sums. */

static Value add_magnitudes(const struct int_view *a, const struct int_view *b, bool negative)
{
    if (a->count < b->count) {
        const struct int_view *t = a;
        a = b;
        b = t;
    }
    PyLongObject *o = int_alloc_unfilled(a->count + 1);
    if (o == NULL) {
        return VALUE_NULL;
    }
    int_digits_add(o->ob_digit, a->digits, a->count, b->digits, b->count);
    return int_finish(o, a->count + 1, negative);
}

static bool magnitude_less(const struct int_view *a, const struct int_view *b)
{
    if (a->count != b->count) {
        return a->count < b->count;
    }
    size_t i = a->count;
    while (i > 0 && a->digits[i - 1] == b->digits[i - 1]) {
        i--;
    }
    return i > 0 && a->digits[i - 1] < b->digits[i - 1];
}

/* |a| - |b|, negated if `negative`. */
static Value subtract_magnitudes(const struct int_view *a, const struct int_view *b, bool negative)
{
    if (magnitude_less(a, b)) {
        const struct int_view *t = a;
        a = b;
        b = t;
        negative = !negative;
    }
    PyLongObject *o = int_alloc_unfilled(a->count);
    if (o == NULL) {
        return VALUE_NULL;
    }
    int_digits_subtract(o->ob_digit, a->digits, a->count, b->digits, b->count);
    return int_finish(o, a->count, negative);
}

static Value add_big(Value a, Value b, bool subtract)
{
    struct int_view x, y;
    int_view(a, &x);
    int_view(b, &y);
    bool y_negative = y.negative != subtract;
    return x.negative == y_negative ? add_magnitudes(&x, &y, x.negative)
                                    : subtract_magnitudes(&x, &y, x.negative);
}

/* ---- Products and quotients. */

/* Below this many digits in the smaller operand, conversion to GMP's limbs costs more than it
 * saves. */
enum { SCHOOLBOOK_LIMIT = 12 };

/* a has at least as many digits as b. */
static Value multiply_schoolbook(const struct int_view *a, const struct int_view *b)
{
    if (b->count == 0) {
        return value_from_int(0);
    }
    PyLongObject *o = int_alloc_unfilled(a->count + b->count);
    if (o == NULL) {
        return VALUE_NULL;
    }
    int_digits_multiply(o->ob_digit, a->digits, a->count, b->digits, b->count);
    return int_finish(o, a->count + b->count, a->negative != b->negative);
}

static Value multiply_big(Value a, Value b)
{
    struct int_view left, right;
    int_view(a, &left);
    int_view(b, &right);
    if (right.count <= SCHOOLBOOK_LIMIT && right.count <= left.count) {
        return multiply_schoolbook(&left, &right);
    }
    if (left.count <= SCHOOLBOOK_LIMIT && left.count < right.count) {
        return multiply_schoolbook(&right, &left);
    }
    mpz_t x, y;
    int_mpz_init(x, a);
    bool square = value_same_bits(a, b);
    if (!square) {
        int_mpz_init(y, b);
    }
    bool detached = int_work_begin((left.count < right.count ? left.count : right.count) / 2);
    mpz_mul(x, x, square ? x : y);
    int_work_end(detached);
    Value result = int_from_mpz(x);
    mpz_clear(x);
    if (!square) {
        mpz_clear(y);
    }
    return result;
}

enum quotient_parts { WANT_QUOTIENT = 1, WANT_REMAINDER = 2 };

/* The number without its lowest `drop` bits; what is left has at most 98 bits. */
static unsigned __int128 upper_bits(const struct int_view *view, size_t drop)
{
    size_t lowest = drop / PyLong_SHIFT;
    unsigned __int128 bits = 0;
    for (size_t i = view->count; i-- > lowest;) {
        bits = bits << PyLong_SHIFT | view->digits[i];
    }
    return bits >> (drop % PyLong_SHIFT);
}

/* The quotient of two magnitudes of nearly the same size, if their upper bits decide it, as they
 * nearly always do; never if the division leaves no rest. */
static bool find_quotient(Value a, Value b, int64_t *quotient)
{
    size_t a_bits = int_bit_length(a), b_bits = int_bit_length(b);
    if (b_bits < 64 || a_bits > b_bits + 30 || a_bits == 0) {
        return false;
    }
    struct int_view x, y;
    int_view(a, &x);
    int_view(b, &y);
    unsigned __int128 dividend = upper_bits(&x, b_bits - 64);
    uint64_t divisor = (uint64_t)upper_bits(&y, b_bits - 64);
    uint64_t q = (uint64_t)(dividend / divisor);
    uint64_t rest = (uint64_t)(dividend - (unsigned __int128)q * divisor);
    *quotient = (int64_t)q;
    /* The lower bits add less than 1 to each: dividend / (divisor + 1) and (dividend + 1) / divisor
     * must have the same quotient. */
    return rest >= q && rest < divisor - 1;
}

/* Takes the quotient of the magnitudes, of which a rest remains. */
static Value divide_known(Value a, Value b, int64_t magnitude, int want)
{
    bool negative = int_sign(a) != int_sign(b);
    Value parts[2] = {value_from_int(negative ? -magnitude - 1 : magnitude), VALUE_NONE};
    if (want == WANT_QUOTIENT) {
        return parts[0];
    }
    Value product = multiply_big(b, parts[0]);
    parts[1] = value_is_null(product) ? VALUE_NULL : add_big(a, product, true);
    return want == WANT_REMAINDER || value_is_null(parts[1])
               ? parts[1]
               : value_from_object(tuple_from_array(parts, 2));
}

/* Division of numbers up to this size needs no memory but the C stack and the result. */
enum { STACK_LIMBS = 64 };

/* divide_big for operands of at most STACK_LIMBS limbs, the dividend having as many as the divisor
 * or more. */
static Value divide_on_stack(const struct int_view *a, const struct int_view *b, int want)
{
    mp_limb_t x[STACK_LIMBS], y[STACK_LIMBS], q[STACK_LIMBS + 1], r[STACK_LIMBS];
    size_t x_count = int_limb_count(a), y_count = int_limb_count(b);
    int_to_limbs(a, x);
    int_to_limbs(b, y);
    y_count -= y[y_count - 1] == 0;
    mpn_tdiv_qr(q, r, 0, x, (mp_size_t)x_count, y, (mp_size_t)y_count);
    size_t q_count = x_count - y_count + 1;
    bool negative = a->negative != b->negative;
    if (negative && !mpn_zero_p(r, (mp_size_t)y_count)) { /* floor */
        mpn_sub_n(r, y, r, (mp_size_t)y_count);
        q[q_count] = mpn_add_1(q, q, (mp_size_t)q_count, 1);
        q_count++;
    }
    if (want == WANT_QUOTIENT) {
        return int_from_limbs(q, q_count, negative);
    }
    Value parts[2] = {VALUE_NONE, int_from_limbs(r, y_count, b->negative)};
    if (want == WANT_REMAINDER || value_is_null(parts[1])) {
        return parts[1];
    }
    parts[0] = int_from_limbs(q, q_count, negative);
    return value_is_null(parts[0]) ? VALUE_NULL : value_from_object(tuple_from_array(parts, 2));
}

static Value divide_big(Value a, Value b, int want)
{
    int64_t quotient;
    if (find_quotient(a, b, &quotient)) {
        return divide_known(a, b, quotient, want);
    }
    struct int_view dividend, divisor;
    int_view(a, &dividend);
    int_view(b, &divisor);
    size_t limbs = int_limb_count(&dividend);
    if (limbs < STACK_LIMBS && limbs >= int_limb_count(&divisor)) {
        return divide_on_stack(&dividend, &divisor, want);
    }
    mpz_t x, y;
    int_mpz_init(x, a);
    int_mpz_init(y, b);
    Value results[2] = {VALUE_NONE, VALUE_NONE};
    bool detached = int_work_begin(mpz_size(y));
    if (want == WANT_QUOTIENT) {
        mpz_fdiv_q(x, x, y);
    } else if (want == WANT_REMAINDER) {
        mpz_fdiv_r(y, x, y);
    } else {
        mpz_fdiv_qr(x, y, x, y);
    }
    int_work_end(detached);
    if (want & WANT_QUOTIENT) {
        results[0] = int_from_mpz(x);
    }
    if (want & WANT_REMAINDER) {
        results[1] = int_from_mpz(y);
    }
    mpz_clear(x);
    mpz_clear(y);
    if (value_is_null(results[0]) || value_is_null(results[1])) {
        return VALUE_NULL;
    }
    return want == WANT_QUOTIENT    ? results[0]
           : want == WANT_REMAINDER ? results[1]
                                    : value_from_object(tuple_from_array(results, 2));
}

/* Division of a big number by one digit. */
static Value divide_by_digit(Value a, int64_t divisor, int want)
{
    struct int_view view;
    int_view(a, &view);
    uint64_t d = (uint64_t)(divisor < 0 ? -divisor : divisor), rest = 0;
    PyLongObject *o = want & WANT_QUOTIENT ? int_alloc(view.count + 1) : NULL;
    if (o == NULL && (want & WANT_QUOTIENT)) {
        return VALUE_NULL;
    }
    const digit *x = view.digits;
    digit *out = o != NULL ? o->ob_digit : NULL;
    for (size_t i = view.count; i-- > 0;) {
        uint64_t part = rest << PyLong_SHIFT | x[i];
        uint64_t q = part / d;
        rest = part - q * d;
        if (out != NULL) {
            out[i] = (digit)q;
        }
    }
    bool negative = view.negative != (divisor < 0);
    if (negative && rest != 0) { /* floor */
        rest = d - rest;
        for (size_t i = 0; out != NULL; i++) {
            out[i] = (out[i] + 1) & PyLong_MASK;
            if (out[i] != 0) {
                break;
            }
        }
    }
    Value remainder = value_from_int(divisor < 0 ? -(int64_t)rest : (int64_t)rest);
    if (want == WANT_REMAINDER) {
        return remainder;
    }
    Value parts[2] = {int_finish(o, view.count + 1, negative), remainder};
    return want == WANT_QUOTIENT ? parts[0] : value_from_object(tuple_from_array(parts, 2));
}

static int64_t floor_quotient(int64_t x, int64_t y)
{
    int64_t q = x / y;
    return q - ((x % y != 0) & ((x < 0) != (y < 0)));
}

static int64_t floor_remainder(int64_t x, int64_t y)
{
    int64_t r = x % y;
    return r != 0 && (r < 0) != (y < 0) ? r + y : r;
}

/* Division of numbers below 2^120. */
static Value divide_i128(__int128 x, __int128 y, int want)
{
    __int128 q = x / y, r = x - q * y;
    if (r != 0 && (r < 0) != (y < 0)) { /* floor */
        q--;
        r += y;
    }
    if (want == WANT_QUOTIENT) {
        return int_from_i128(q);
    }
    Value parts[2] = {VALUE_NONE, int_from_i128(r)};
    if (want == WANT_REMAINDER || value_is_null(parts[1])) {
        return parts[1];
    }
    parts[0] = int_from_i128(q);
    return value_is_null(parts[0]) ? VALUE_NULL : value_from_object(tuple_from_array(parts, 2));
}

static Value divide(Value a, Value b, int want)
{
    if (int_sign(b) == 0) {
        return error_raise(PyExc_ZeroDivisionError, want == WANT_REMAINDER
                                                        ? "integer modulo by zero"
                                                        : "integer division or modulo by zero");
    }
    int64_t x, y;
    __int128 wide_x, wide_y;
    if (!int_try_i64(a, &x) && int_try_i128(a, &wide_x) && int_try_i128(b, &wide_y)) {
        return divide_i128(wide_x, wide_y, want);
    }
    if (!int_try_i64(b, &y)) {
        return divide_big(a, b, want);
    }
    if (!int_try_i64(a, &x)) {
        bool digit_fits = y < (INT64_C(1) << PyLong_SHIFT) && y > -(INT64_C(1) << PyLong_SHIFT);
        return digit_fits ? divide_by_digit(a, y, want) : divide_big(a, b, want);
    }
    switch (want) {
    case WANT_QUOTIENT: return int_from_i64(floor_quotient(x, y));
    case WANT_REMAINDER: return int_from_i64(floor_remainder(x, y));
    default: {
        Value parts[2] = {int_from_i64(floor_quotient(x, y)), int_from_i64(floor_remainder(x, y))};
        return value_from_object(tuple_from_array(parts, 2));
    }
    }
}

/* Rounds x (an integer of at most 64 bits, the lowest one sticky) times 2^shift to a double. */
static double round_scaled(uint64_t x, long shift)
{
    long bits = 64 - __builtin_clzll(x);
    long keep_from = -1021 - shift; /* bits that a subnormal result can hold */
    long extra = (bits > keep_from ? bits : keep_from) - 53;
    uint64_t half = UINT64_C(1) << (extra - 1);
    if ((x & half) != 0 && (x & (3 * half - 1)) != 0) {
        x += half;
    }
    x &= ~(2 * half - 1);
    return ldexp((double)x, (int)shift);
}

/* The correctly rounded quotient of two big magnitudes. */
static Value true_divide_big(Value a, Value b)
{
    long difference = (long)int_bit_length(a) - (long)int_bit_length(b);
    bool negative = (int_sign(a) < 0) != (int_sign(b) < 0);
    if (difference > 1024) {
        return error_raise(PyExc_OverflowError, "integer division result too large for a float");
    }
    if (difference < -1076) {
        return float_from_double(negative ? -0.0 : 0.0);
    }
    long shift = (difference > -1021 ? difference : -1021) - 55;
    mpz_t x, y;
    int_mpz_init(x, a);
    int_mpz_init(y, b);
    mpz_abs(x, x);
    mpz_abs(y, y);
    if (shift <= 0) {
        mpz_mul_2exp(x, x, (mp_bitcnt_t)-shift);
    } else {
        mpz_mul_2exp(y, y, (mp_bitcnt_t)shift);
    }
    mpz_tdiv_qr(x, y, x, y);
    uint64_t quotient = mpz_get_ui(x) | (mpz_sgn(y) != 0);
    mpz_clear(x);
    mpz_clear(y);
    double result = quotient == 0 ? 0.0 : round_scaled(quotient, shift);
    if (isinf(result)) {
        return error_raise(PyExc_OverflowError, "integer division result too large for a float");
    }
    return float_from_double(negative ? -result : result);
}

static Value true_divide(Value a, Value b)
{
    const int64_t exact = INT64_C(1) << 53;
    int64_t x, y;
    if (int_sign(b) == 0) {
        return error_raise(PyExc_ZeroDivisionError, "division by zero");
    }
    if (int_sign(a) == 0) {
        return float_from_double(int_sign(b) < 0 ? -0.0 : 0.0);
    }
    if (int_try_i64(a, &x) && int_try_i64(b, &y) && x <= exact && x >= -exact && y <= exact &&
        y >= -exact) {
        return float_from_double((double)x / (double)y);
    }
    return true_divide_big(a, b);
}

/* ---- Powers. */

static Value power_big(Value a, uint64_t exponent)
{
    size_t bits = int_bit_length(a);
    __int128 square, product = 1;
    if (exponent <= 120 / bits && int_try_i128(a, &square)) {
        for (;; square *= square) { /* wraps only where it is not used again */
            product *= exponent & 1 ? square : 1;
            exponent >>= 1;
            if (exponent == 0) {
                return int_from_i128(product);
            }
        }
    }
    if (bits > 1 && exponent > (UINT64_C(1) << 36) / bits) {
        return error_no_memory();
    }
    mpz_t x;
    int_mpz_init(x, a);
    bool detached = int_work_begin(bits * exponent / 64);
    mpz_pow_ui(x, x, exponent);
    int_work_end(detached);
    Value result = int_from_mpz(x);
    mpz_clear(x);
    return result;
}

static Value power(Value a, Value b)
{
    int64_t base, exponent;
    if (int_sign(b) < 0) {
        double x = int_to_double(a);
        if (x == -1.0 && error_occurred()) {
            return VALUE_NULL;
        }
        double y = int_to_double(b);
        if (y == -1.0 && error_occurred()) {
            return VALUE_NULL;
        }
        return float_binary(x, y, OP_POW);
    }
    bool small_base = int_try_i64(a, &base);
    if (small_base && (base == 0 || base == 1 || base == -1)) {
        if (int_sign(b) == 0) {
            return value_from_int(1);
        }
        bool odd = (int_to_u64_mask(b) & 1) != 0;
        return value_from_int(base == -1 && !odd ? 1 : base);
    }
    if (!int_try_i64(b, &exponent)) {
        return error_no_memory();
    }
    if (small_base) {
        int64_t result = 1, square = base;
        uint64_t e = (uint64_t)exponent;
        while (e != 0) {
            if ((e & 1) && __builtin_mul_overflow(result, square, &result)) {
                return power_big(a, (uint64_t)exponent);
            }
            e >>= 1;
            if (e != 0 && __builtin_mul_overflow(square, square, &square)) {
                return power_big(a, (uint64_t)exponent);
            }
        }
        return int_from_i64(result);
    }
    return power_big(a, (uint64_t)exponent);
}

/* pow(a, b, c) for small non-negative operands. */
static uint64_t power_mod_small(uint64_t base, uint64_t exponent, uint64_t modulus)
{
    uint64_t result = 1 % modulus;
    base %= modulus;
    for (; exponent != 0; exponent >>= 1) {
        if (exponent & 1) {
            result = (uint64_t)((unsigned __int128)result * base % modulus);
        }
        base = (uint64_t)((unsigned __int128)base * base % modulus);
    }
    return result;
}

static Value power_mod_big(Value a, Value b, Value c)
{
    mpz_t x, y, m;
    int_mpz_init(x, a);
    int_mpz_init(y, b);
    int_mpz_init(m, c);
    bool negative_modulus = mpz_sgn(m) < 0, invertible = true;
    mpz_abs(m, m);
    if (mpz_sgn(y) < 0) {
        invertible = mpz_invert(x, x, m) != 0 || mpz_cmp_ui(m, 1) == 0;
        mpz_neg(y, y);
    }
    Value result;
    if (!invertible) {
        result = error_raise(PyExc_ValueError, "base is not invertible for the given modulus");
    } else {
        bool detached = int_work_begin(mpz_size(m) * 64);
        mpz_powm(x, x, y, m);
        int_work_end(detached);
        if (negative_modulus && mpz_sgn(x) > 0) {
            mpz_sub(x, x, m);
        }
        result = int_from_mpz(x);
    }
    mpz_clear(x);
    mpz_clear(y);
    mpz_clear(m);
    return result;
}

Value int_power_mod(Value a, Value b, Value c)
{
    int64_t base, exponent, modulus;
    if (int_sign(c) == 0) {
        return error_raise(PyExc_ValueError, "pow() 3rd argument cannot be 0");
    }
    if (int_try_i64(a, &base) && int_try_i64(b, &exponent) && int_try_i64(c, &modulus) &&
        base >= 0 && exponent >= 0 && modulus > 0) {
        return int_from_u64(power_mod_small((uint64_t)base, (uint64_t)exponent, (uint64_t)modulus));
    }
    return power_mod_big(a, b, c);
}

/* ---- Shifts. */

static Value shift_left_big(Value a, uint64_t shift)
{
    struct int_view view;
    int_view(a, &view);
    size_t whole = shift / PyLong_SHIFT;
    unsigned bits = shift % PyLong_SHIFT;
    PyLongObject *o = int_alloc(view.count + whole + 1);
    if (o == NULL) {
        return VALUE_NULL;
    }
    uint64_t accumulator = 0;
    for (size_t i = 0; i < view.count; i++) {
        accumulator |= (uint64_t)view.digits[i] << bits;
        o->ob_digit[whole + i] = (digit)(accumulator & PyLong_MASK);
        accumulator >>= PyLong_SHIFT;
    }
    o->ob_digit[whole + view.count] = (digit)accumulator;
    return int_finish(o, view.count + whole + 1, view.negative);
}

static Value shift_right_big(Value a, uint64_t shift)
{
    struct int_view view;
    int_view(a, &view);
    size_t whole = shift / PyLong_SHIFT;
    unsigned bits = shift % PyLong_SHIFT;
    if (whole >= view.count) {
        return value_from_int(view.negative ? -1 : 0);
    }
    bool dropped = bits > 0 && (view.digits[whole] & ((1u << bits) - 1)) != 0;
    for (size_t i = 0; view.negative && !dropped && i < whole; i++) {
        dropped = view.digits[i] != 0;
    }
    size_t count = view.count - whole;
    PyLongObject *o = int_alloc_unfilled(count + 1);
    if (o == NULL) {
        return VALUE_NULL;
    }
    digit carry = view.negative && dropped; /* floor: away from zero below zero */
    for (size_t i = 0; i < count; i++) {
        digit high = i + 1 < count ? view.digits[whole + i + 1] : 0;
        digit d = (view.digits[whole + i] >> bits) |
                  (digit)(((uint64_t)high << (PyLong_SHIFT - bits)) & PyLong_MASK);
        d += carry;
        o->ob_digit[i] = d & PyLong_MASK;
        carry = d >> PyLong_SHIFT;
    }
    o->ob_digit[count] = carry;
    return int_finish(o, count + 1, view.negative);
}

static Value shift_left(Value a, Value b)
{
    int64_t x, shift;
    if (int_sign(b) < 0) {
        return error_raise(PyExc_ValueError, "negative shift count");
    }
    if (int_sign(a) == 0) {
        return value_from_int(0);
    }
    if (int_clip_i64(b, &shift) != 0) {
        return error_raise(PyExc_OverflowError, "too many digits in integer");
    }
    if (int_try_i64(a, &x) && shift < 64 && x < (INT64_C(1) << 62) && x > -(INT64_C(1) << 62)) {
        return int_from_i128((__int128)x << shift);
    }
    return shift_left_big(a, (uint64_t)shift);
}

static Value shift_right(Value a, Value b)
{
    int64_t x, shift;
    if (int_sign(b) < 0) {
        return error_raise(PyExc_ValueError, "negative shift count");
    }
    if (int_clip_i64(b, &shift) != 0) {
        return value_from_int(int_sign(a) < 0 ? -1 : 0);
    }
    if (int_try_i64(a, &x)) {
        return int_from_i64(x >> (shift < 63 ? shift : 63));
    }
    return shift_right_big(a, (uint64_t)shift);
}

/* ---- Bits: negative numbers count as two's complement with endless ones. */

struct complement_reader {
    const struct int_view *view;
    digit carry;
};

static digit next_digit(struct complement_reader *r, size_t i)
{
    digit d = i < r->view->count ? r->view->digits[i] : 0;
    if (!r->view->negative) {
        return d;
    }
    d = (d ^ PyLong_MASK) + r->carry;
    r->carry = d >> PyLong_SHIFT;
    return d & PyLong_MASK;
}

static digit combine(digit a, digit b, enum binary_op op)
{
    return op == OP_AND ? a & b : op == OP_OR ? a | b : a ^ b;
}

static Value bitwise_big(Value a, Value b, enum binary_op op)
{
    struct int_view x, y;
    int_view(a, &x);
    int_view(b, &y);
    bool negative = combine(x.negative, y.negative, op) != 0;
    size_t count = (x.count > y.count ? x.count : y.count) + 1;
    PyLongObject *o = int_alloc_unfilled(count);
    if (o == NULL) {
        return VALUE_NULL;
    }
    struct complement_reader rx = {&x, 1}, ry = {&y, 1};
    digit carry = 1;
    for (size_t i = 0; i < count; i++) {
        digit first = next_digit(&rx, i), second = next_digit(&ry, i);
        digit d = combine(first, second, op);
        if (negative) { /* back to sign and magnitude */
            d = (d ^ PyLong_MASK) + carry;
            carry = d >> PyLong_SHIFT;
            d &= PyLong_MASK;
        }
        o->ob_digit[i] = d;
    }
    return int_finish(o, count, negative);
}

static Value bitwise(Value a, Value b, enum binary_op op)
{
    int64_t x, y;
    if (int_try_i64(a, &x) && int_try_i64(b, &y)) {
        return int_from_i64(op == OP_AND ? x & y : op == OP_OR ? x | y : x ^ y);
    }
    return bitwise_big(a, b, op);
}

/* ---- Entry. */

Value int_negate(Value v)
{
    int64_t i;
    if (int_try_i64(v, &i)) {
        return int_from_i64(-i);
    }
    struct int_view view;
    int_view(v, &view);
    PyLongObject *o = int_alloc_unfilled(view.count);
    if (o == NULL) {
        return VALUE_NULL;
    }
    memcpy(o->ob_digit, view.digits, view.count * sizeof(digit));
    return int_finish(o, view.count, !view.negative);
}

Value int_binary(Value a, Value b, enum binary_op op)
{
    int64_t x, y;
    switch (op) {
    case OP_ADD:
    case OP_SUB:
        if (LIKELY(int_try_i64(a, &x) && int_try_i64(b, &y))) {
            return int_from_i64(op == OP_ADD ? x + y : x - y); /* |x|, |y| < 2^60 */
        }
        return add_big(a, b, op == OP_SUB);
    case OP_MUL:
        if (LIKELY(int_try_i64(a, &x) && int_try_i64(b, &y))) {
            return int_from_i128((__int128)x * y);
        }
        return multiply_big(a, b);
    case OP_TRUEDIV: return true_divide(a, b);
    case OP_FLOORDIV: return divide(a, b, WANT_QUOTIENT);
    case OP_MOD: return divide(a, b, WANT_REMAINDER);
    case OP_DIVMOD: return divide(a, b, WANT_QUOTIENT | WANT_REMAINDER);
    case OP_POW: return power(a, b);
    case OP_LSHIFT: return shift_left(a, b);
    case OP_RSHIFT: return shift_right(a, b);
    case OP_AND:
    case OP_OR:
    case OP_XOR: return bitwise(a, b, op);
    default: return VALUE_NOT_IMPLEMENTED;
    }
}
