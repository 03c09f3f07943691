/* SPDX-License-Identifier: MIT */
/* Integers: representation and conversions.
 *
 * An int is inline in its Value when it fits in 49 bits, else a PyLongObject: sign in ob_size,
 * 30-bit digits, least significant first. Boxed small ints exist too (in lists, as instances of
 * subclasses). Operations first try int64_t; what does not fit goes digit by digit (int_arith.c) or
 * through GMP. Text conversion is int_text.c; the type with its methods is int_type.c. */
#include "object/int_int.h"

#include <math.h>
#include <string.h>

#include "heap/roots.h"
#include "object/float.h"
#include "object/native.h"

HOLDS_NO_CELLS PyLongObject int_ready[INT_READY_COUNT];

int int_init(void)
{
    for (int i = 0; i < INT_READY_COUNT; i++) {
        int n = i + INT_READY_MIN;
        PyLongObject *o = &int_ready[i];
        ((PyObject *)o)->ob_refcnt = OBJECT_PUBLIC_COUNT;
        ((PyObject *)o)->ob_type = &PyLong_Type;
        ((PyVarObject *)o)->ob_size = n < 0 ? -1 : n > 0;
        o->ob_digit[0] = (digit)(n < 0 ? -n : n);
    }
    return 0;
}

/* ---- Making. */

PyLongObject *int_alloc_unfilled(size_t count)
{
    if (count > ((size_t)PY_SSIZE_T_MAX - offsetof(PyLongObject, ob_digit)) / sizeof(digit)) {
        return error_raise_null(PyExc_OverflowError, "too many digits in integer");
    }
    size_t bytes = offsetof(PyLongObject, ob_digit) + (count > 0 ? count : 1) * sizeof(digit);
    PyObject *o = heap_alloc_uncleared(bytes, CELL_LEAF);
    if (UNLIKELY(o == NULL)) {
        error_no_memory();
        return NULL;
    }
    o->ob_refcnt = OBJECT_PUBLIC_COUNT;
    o->ob_type = &PyLong_Type;
    return (PyLongObject *)o;
}

PyLongObject *int_alloc(size_t count)
{
    enum { CLEARED = (HEAP_CLEARED_HEAD - offsetof(PyLongObject, ob_digit)) / sizeof(digit) };
    PyLongObject *o = int_alloc_unfilled(count);
    if (o != NULL && count > CLEARED) {
        memset(o->ob_digit + CLEARED, 0, (count - CLEARED) * sizeof(digit));
    }
    return o;
}

static size_t split_u64(uint64_t u, digit out[3])
{
    size_t count = 0;
    while (u != 0) {
        out[count++] = (digit)(u & PyLong_MASK);
        u >>= PyLong_SHIFT;
    }
    return count;
}

static PyObject *box_u64(uint64_t u, bool negative)
{
    digit digits[3];
    size_t count = split_u64(u, digits);
    PyLongObject *o = int_alloc(count);
    if (o != NULL) {
        memcpy(o->ob_digit, digits, count * sizeof(digit));
        ((PyVarObject *)o)->ob_size = negative ? -(Py_ssize_t)count : (Py_ssize_t)count;
    }
    return (PyObject *)o;
}

PyObject *int_box(int64_t i)
{
    if (i >= INT_READY_MIN && i <= INT_READY_MAX) {
        return (PyObject *)&int_ready[i - INT_READY_MIN];
    }
    uint64_t magnitude = i < 0 ? -(uint64_t)i : (uint64_t)i;
    if (UNLIKELY(magnitude >> 2 * PyLong_SHIFT != 0)) {
        return box_u64(magnitude, i < 0);
    }
    PyLongObject *o = (PyLongObject *)object_alloc_kind(
        &PyLong_Type, offsetof(PyLongObject, ob_digit) + 2 * sizeof(digit), CELL_LEAF);
    if (LIKELY(o != NULL)) {
        Py_ssize_t size = magnitude > PyLong_MASK ? 2 : 1;
        ((PyVarObject *)o)->ob_size = i < 0 ? -size : size;
        o->ob_digit[0] = (digit)(magnitude & PyLong_MASK);
        o->ob_digit[1] = (digit)(magnitude >> PyLong_SHIFT);
    }
    return (PyObject *)o;
}

Value int_from_i64(int64_t i)
{
    if (LIKELY(value_int_fits(i))) {
        return value_from_int(i);
    }
    return value_from_object(box_u64(i < 0 ? -(uint64_t)i : (uint64_t)i, i < 0));
}

Value int_from_u64(uint64_t u)
{
    return u <= (uint64_t)VALUE_INT_MAX ? value_from_int((int64_t)u)
                                        : value_from_object(box_u64(u, false));
}

Value int_from_size(size_t n)
{
    return int_from_u64(n);
}

bool int_try_i128(Value v, __int128 *out)
{
    int64_t small;
    if (int_try_i64(v, &small)) {
        *out = small;
        return true;
    }
    const PyLongObject *o = (const PyLongObject *)value_object(v);
    Py_ssize_t size = ((const PyVarObject *)o)->ob_size;
    size_t count = (size_t)(size < 0 ? -size : size);
    if (count > 4) {
        return false;
    }
    uint64_t high = count == 4 ? int_pair(o->ob_digit + 2) : o->ob_digit[2];
    __int128 magnitude = (__int128)high << INT_PAIR_BITS | int_pair(o->ob_digit);
    *out = size < 0 ? -magnitude : magnitude;
    return true;
}

Value int_from_i128(__int128 i)
{
    if (i >= VALUE_INT_MIN && i <= VALUE_INT_MAX) {
        return value_from_int((int64_t)i);
    }
    unsigned __int128 u = i < 0 ? -(unsigned __int128)i : (unsigned __int128)i;
    size_t count = 2;
    for (unsigned __int128 rest = u >> INT_PAIR_BITS; rest != 0; rest >>= PyLong_SHIFT) {
        count++;
    }
    PyLongObject *o = int_alloc(count);
    if (o == NULL) {
        return VALUE_NULL;
    }
    for (size_t k = 0; k < count; k++, u >>= PyLong_SHIFT) {
        o->ob_digit[k] = (digit)((uint64_t)u & PyLong_MASK);
    }
    ((PyVarObject *)o)->ob_size = i < 0 ? -(Py_ssize_t)count : (Py_ssize_t)count;
    return value_from_object(o);
}

Value int_finish(PyLongObject *o, size_t count, bool negative)
{
    while (count > 0 && o->ob_digit[count - 1] == 0) {
        count--;
    }
    ((PyVarObject *)o)->ob_size = negative ? -(Py_ssize_t)count : (Py_ssize_t)count;
    int64_t i;
    if (count <= 2 && int_try_i64(value_from_object(o), &i) && value_int_fits(i)) {
        return value_from_int(i);
    }
    return value_from_object(o);
}

Value int_from_double(double d)
{
    if (LIKELY(d > -0x1p62 && d < 0x1p62)) {
        return int_from_i64((int64_t)d);
    }
    if (isnan(d)) {
        return error_raise(PyExc_ValueError, "cannot convert float NaN to integer");
    }
    if (isinf(d)) {
        return error_raise(PyExc_OverflowError, "cannot convert float infinity to integer");
    }
    int exponent;
    uint64_t mantissa = (uint64_t)ldexp(frexp(fabs(d), &exponent), 53);
    size_t shift = (size_t)(exponent - 53), whole = shift / PyLong_SHIFT;
    unsigned __int128 bits = (unsigned __int128)mantissa << (shift % PyLong_SHIFT);
    PyLongObject *o = int_alloc(whole + 3);
    if (o == NULL) {
        return VALUE_NULL;
    }
    for (size_t i = 0; i < 3; i++, bits >>= PyLong_SHIFT) {
        o->ob_digit[whole + i] = (digit)((uint64_t)bits & PyLong_MASK);
    }
    return int_finish(o, whole + 3, d < 0);
}

/* ---- Looking. */

void int_view(Value v, struct int_view *out)
{
    if (value_is_int(v)) {
        int64_t i = value_int(v);
        out->negative = i < 0;
        out->count = split_u64(i < 0 ? -(uint64_t)i : (uint64_t)i, out->small);
        out->digits = out->small;
        return;
    }
    const PyLongObject *o = (const PyLongObject *)value_object(v);
    Py_ssize_t size = ((const PyVarObject *)o)->ob_size;
    out->negative = size < 0;
    out->count = (size_t)(size < 0 ? -size : size);
    out->digits = o->ob_digit;
}

int int_sign(Value v)
{
    if (value_is_int(v)) {
        int64_t i = value_int(v);
        return (i > 0) - (i < 0);
    }
    Py_ssize_t size = ((const PyVarObject *)value_object(v))->ob_size;
    return (size > 0) - (size < 0);
}

size_t int_bit_length(Value v)
{
    struct int_view view;
    int_view(v, &view);
    if (view.count == 0) {
        return 0;
    }
    return (view.count - 1) * PyLong_SHIFT +
           (size_t)(32 - __builtin_clz(view.digits[view.count - 1]));
}

/* The magnitude, if it fits. */
static bool magnitude_u64(const struct int_view *view, uint64_t *out)
{
    if (view->count > 3 || (view->count == 3 && view->digits[2] >> 4 != 0)) {
        return false;
    }
    uint64_t u = 0;
    for (size_t i = view->count; i-- > 0;) {
        u = u << PyLong_SHIFT | view->digits[i];
    }
    *out = u;
    return true;
}

int int_clip_i64(Value v, int64_t *out)
{
    if (LIKELY(int_try_i64(v, out))) {
        return 0;
    }
    struct int_view view;
    uint64_t u;
    int_view(v, &view);
    if (!magnitude_u64(&view, &u) || u > (uint64_t)INT64_MAX + view.negative) {
        return view.negative ? -1 : 1;
    }
    *out = view.negative ? (int64_t)-u : (int64_t)u;
    return 0;
}

int int_to_i64(Value v, int64_t *out)
{
    if (int_clip_i64(v, out) != 0) {
        return error_raise_int(PyExc_OverflowError, "Python int too large to convert to C long");
    }
    return 0;
}

int int_to_u64(Value v, uint64_t *out)
{
    struct int_view view;
    int_view(v, &view);
    if (view.negative) {
        return error_raise_int(PyExc_OverflowError, "can't convert negative value to unsigned int");
    }
    if (!magnitude_u64(&view, out)) {
        return error_raise_int(PyExc_OverflowError,
                               "Python int too large to convert to C unsigned long");
    }
    return 0;
}

uint64_t int_to_u64_mask(Value v)
{
    struct int_view view;
    int_view(v, &view);
    uint64_t u = 0;
    for (size_t i = view.count < 3 ? view.count : 3; i-- > 0;) {
        u = u << PyLong_SHIFT | view.digits[i];
    }
    return view.negative ? -u : u;
}

/* The top 64 bits of the magnitude (the lowest one sticky) and the exponent that goes with them. */
static uint64_t top_bits(const struct int_view *view, size_t bits, size_t *exponent)
{
    size_t drop = bits - 64, word = drop / PyLong_SHIFT, bit = drop % PyLong_SHIFT;
    unsigned __int128 window = 0;
    for (size_t i = view->count; i-- > word;) {
        window = window << PyLong_SHIFT | view->digits[i];
    }
    bool sticky = (window & (((unsigned __int128)1 << bit) - 1)) != 0;
    for (size_t i = 0; !sticky && i < word; i++) {
        sticky = view->digits[i] != 0;
    }
    *exponent = drop;
    return (uint64_t)(window >> bit) | sticky;
}

double int_to_double(Value v)
{
    int64_t small;
    if (LIKELY(int_try_i64(v, &small))) {
        return (double)small;
    }
    struct int_view view;
    int_view(v, &view);
    size_t bits = int_bit_length(v), exponent = 0;
    if (bits <= 64) {
        uint64_t u = 0;
        magnitude_u64(&view, &u);
        return view.negative ? -(double)u : (double)u;
    }
    if (bits <= 1024) {
        uint64_t top = top_bits(&view, bits, &exponent);
        double d = ldexp((double)top, (int)exponent);
        if (!isinf(d)) {
            return view.negative ? -d : d;
        }
    }
    error_raise(PyExc_OverflowError, "int too large to convert to float");
    return -1.0;
}

Py_hash_t int_hash(Value v)
{
    const uint64_t modulus = (UINT64_C(1) << 61) - 1;
    int64_t small;
    if (LIKELY(int_try_i64(v, &small))) {
        return small == -1 ? -2 : (Py_hash_t)small;
    }
    struct int_view view;
    int_view(v, &view);
    uint64_t h = 0;
    for (size_t i = view.count; i-- > 0;) {
        h = ((h << PyLong_SHIFT) & modulus) | (h >> (61 - PyLong_SHIFT));
        h += view.digits[i];
        h = h >= modulus ? h - modulus : h;
    }
    Py_hash_t result = view.negative ? -(Py_hash_t)h : (Py_hash_t)h;
    return result == -1 ? -2 : result;
}

static int compare_magnitudes(const struct int_view *a, const struct int_view *b)
{
    if (a->count != b->count) {
        return a->count < b->count ? -1 : 1;
    }
    for (size_t i = a->count; i-- > 0;) {
        if (a->digits[i] != b->digits[i]) {
            return a->digits[i] < b->digits[i] ? -1 : 1;
        }
    }
    return 0;
}

int int_compare(Value a, Value b)
{
    int64_t x, y;
    if (LIKELY(int_try_i64(a, &x) && int_try_i64(b, &y))) {
        return (x > y) - (x < y);
    }
    struct int_view left, right;
    int_view(a, &left);
    int_view(b, &right);
    if (left.negative != right.negative) {
        return left.negative ? -1 : 1;
    }
    int order = compare_magnitudes(&left, &right);
    return left.negative ? -order : order;
}

/* ---- Bytes. */

Value int_from_byte_array(const unsigned char *bytes, size_t n, bool little, bool is_signed)
{
    bool negative = is_signed && n > 0 && (bytes[little ? n - 1 : 0] & 0x80) != 0;
    size_t count = (n * 8 + PyLong_SHIFT - 1) / PyLong_SHIFT;
    digit stack[8];
    PyLongObject *o = NULL;
    digit *out = stack;
    if (count > 8) {
        o = int_alloc(count);
        if (o == NULL) {
            return VALUE_NULL;
        }
        out = o->ob_digit;
    }
    uint64_t accumulator = 0;
    unsigned carry = negative;
    int bits = 0;
    size_t used = 0;
    for (size_t i = 0; i < n; i++) {
        unsigned byte = bytes[little ? i : n - 1 - i];
        if (negative) { /* the magnitude is the complement plus one */
            byte = (byte ^ 0xff) + carry;
            carry = byte >> 8;
            byte &= 0xff;
        }
        accumulator |= (uint64_t)byte << bits;
        bits += 8;
        if (bits >= PyLong_SHIFT) {
            out[used++] = (digit)(accumulator & PyLong_MASK);
            accumulator >>= PyLong_SHIFT;
            bits -= PyLong_SHIFT;
        }
    }
    if (carry) { /* only zeros followed the sign: the magnitude needs the next bit */
        accumulator |= (uint64_t)1 << bits;
        bits++;
    }
    if (bits > 0 && used < count) {
        out[used++] = (digit)accumulator;
    }
    if (o == NULL) {
        o = int_alloc(used);
        if (o == NULL) {
            return VALUE_NULL;
        }
        memcpy(o->ob_digit, stack, used * sizeof(digit));
    }
    return int_finish(o, used, negative);
}

int int_to_byte_array(Value v, unsigned char *bytes, size_t n, bool little, bool is_signed)
{
    struct int_view view;
    int_view(v, &view);
    if (view.negative && !is_signed) {
        return error_raise_int(PyExc_OverflowError, "can't convert negative int to unsigned");
    }
    uint64_t accumulator = 0;
    int bits = 0;
    size_t written = 0, next = 0;
    unsigned carry = view.negative, last = 0;
    while (written < n) {
        while (bits < 8 && next < view.count) {
            accumulator |= (uint64_t)view.digits[next++] << bits;
            bits += PyLong_SHIFT;
        }
        unsigned byte = (unsigned)(accumulator & 0xff);
        accumulator >>= 8;
        bits = bits > 8 ? bits - 8 : 0;
        if (view.negative) {
            byte = (byte ^ 0xff) + carry;
            carry = byte >> 8;
            byte &= 0xff;
        }
        last = byte;
        bytes[little ? written : n - 1 - written] = (unsigned char)byte;
        written++;
    }
    bool fits = accumulator == 0 && next == view.count;
    if (fits && is_signed && view.count > 0) {
        fits = n > 0 && ((last & 0x80) != 0) == view.negative;
    }
    if (!fits) {
        return error_raise_int(PyExc_OverflowError, "int too big to convert");
    }
    return 0;
}

/* ---- GMP. */

void int_to_limbs(const struct int_view *view, mp_limb_t *out)
{
    size_t limbs = int_limb_count(view), used = 0, i = 0;
    unsigned __int128 accumulator = 0;
    int bits = 0;
    for (; i + 2 <= view->count; i += 2) {
        accumulator |= (unsigned __int128)int_pair(view->digits + i) << bits;
        bits += INT_PAIR_BITS;
        if (bits >= 64) {
            out[used++] = (mp_limb_t)accumulator;
            accumulator >>= 64;
            bits -= 64;
        }
    }
    if (i < view->count) {
        accumulator |= (unsigned __int128)view->digits[i] << bits;
    }
    for (; used < limbs; accumulator >>= 64) {
        out[used++] = (mp_limb_t)accumulator;
    }
}

void int_mpz_init(mpz_t z, Value v)
{
    struct int_view view;
    int_view(v, &view);
    mp_size_t limbs = (mp_size_t)int_limb_count(&view);
    mpz_init(z);
    if (limbs == 0) {
        return;
    }
    int_to_limbs(&view, mpz_limbs_write(z, limbs));
    mpz_limbs_finish(z, view.negative ? -limbs : limbs);
}

Value int_from_limbs(const mp_limb_t *limbs, size_t limb_count, bool negative)
{
    while (limb_count > 0 && limbs[limb_count - 1] == 0) {
        limb_count--;
    }
    if (limb_count == 0) {
        return value_from_int(0);
    }
    size_t bits_total = limb_count * 64 - (size_t)__builtin_clzll(limbs[limb_count - 1]);
    size_t count = (bits_total + PyLong_SHIFT - 1) / PyLong_SHIFT;
    PyLongObject *o = int_alloc_unfilled(count);
    if (o == NULL) {
        return VALUE_NULL;
    }
    unsigned __int128 accumulator = 0;
    int bits = 0;
    size_t next = 0, i = 0;
    for (; i + 2 <= count; i += 2) {
        if (bits < INT_PAIR_BITS && next < limb_count) {
            accumulator |= (unsigned __int128)limbs[next++] << bits;
            bits += 64;
        }
        int_put_pair(o->ob_digit + i, (uint64_t)accumulator & INT_PAIR_MASK);
        accumulator >>= INT_PAIR_BITS;
        bits -= INT_PAIR_BITS;
    }
    if (i < count) {
        accumulator |= next < limb_count ? (unsigned __int128)limbs[next] << bits : 0;
        o->ob_digit[i] = (digit)((uint64_t)accumulator & PyLong_MASK);
    }
    return int_finish(o, count, negative);
}

Value int_from_mpz(const mpz_t z)
{
    if (mpz_fits_slong_p(z)) {
        return int_from_i64(mpz_get_si(z));
    }
    return int_from_limbs(mpz_limbs_read(z), mpz_size(z), mpz_sgn(z) < 0);
}

bool int_work_begin(size_t limbs)
{
    if (limbs < 5000) {
        return false;
    }
    thread_detach();
    return true;
}

void int_work_end(bool detached)
{
    if (detached) {
        thread_reattach();
    }
}
