/* SPDX-License-Identifier: MIT */
/* Integers to text and back. Bases that are powers of two go bit by bit; base 10 of up to 18 digits
 * by division; the rest through GMP, which is subquadratic. */
#include "object/int_int.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "object/str.h"

int int_max_str_digits = 4300;

/* Below this many digits the limit is never looked at. */
enum { LIMIT_THRESHOLD = 640 };

/* ---- To text. */

char *int_small_text(int64_t i, int base, char *end)
{
    uint64_t u = i < 0 ? -(uint64_t)i : (uint64_t)i;
    if (base == 10) {
        for (; u >= 10; u /= 100) { /* half as many divisions that wait for each other */
            unsigned pair = (unsigned)(u % 100);
            *--end = (char)('0' + pair % 10);
            *--end = (char)('0' + pair / 10);
        }
        if (u != 0 || i == 0) {
            *--end = (char)('0' + u);
        }
    } else {
        int bits = __builtin_ctz((unsigned)base); /* 2, 8 or 16 */
        do {
            *--end = "0123456789abcdef"[u & (unsigned)(base - 1)];
            u >>= bits;
        } while (u != 0);
    }
    if (i < 0) {
        *--end = '-';
    }
    return end;
}

/* Numbers below 2^120 in base 10: two halves. */
static PyObject *wide_to_text(__int128 i)
{
    const uint64_t half = UINT64_C(1000000000000000000); /* 18 zeros */
    char buffer[INT_SMALL_TEXT], *end = buffer + sizeof buffer;
    unsigned __int128 u = (unsigned __int128)(i < 0 ? -i : i);
    char *low = int_small_text((int64_t)(u % half), 10, end);
    memset(end - 18, '0', (size_t)(low - (end - 18)));
    char *text = int_small_text((int64_t)(u / half), 10, end - 18);
    if (i < 0) {
        *--text = '-';
    }
    return str_from_ascii(text, end - text);
}

static PyObject *too_long_for_text(int limit)
{
    return error_raise_null(PyExc_ValueError,
                            "Exceeds the limit (%d digits) for integer string conversion; use "
                            "sys.set_int_max_str_digits() to increase the limit",
                            limit);
}

PyObject *int_to_text(Value v, int base)
{
    int64_t small;
    if (LIKELY(int_try_i64(v, &small))) {
        char buffer[INT_SMALL_TEXT], *end = buffer + sizeof buffer;
        char *text = int_small_text(small, base, end);
        return str_from_ascii(text, end - text);
    }
    __int128 wide;
    if (base == 10 && int_try_i128(v, &wide)) {
        return wide_to_text(wide);
    }
    int limit = atomic_load_relaxed(&int_max_str_digits);
    size_t bits = int_bit_length(v);
    bool limited = base == 10 && limit > 0 && bits > LIMIT_THRESHOLD * 3;
    if (limited && (double)bits * 0.30102 > (double)limit + 2) {
        return too_long_for_text(limit);
    }
    mpz_t z;
    int_mpz_init(z, v);
    char *text = malloc(mpz_sizeinbase(z, base) + 2);
    if (text == NULL) {
        mpz_clear(z);
        error_no_memory();
        return NULL;
    }
    bool detached = int_work_begin(mpz_size(z));
    mpz_get_str(text, base, z);
    int_work_end(detached);
    mpz_clear(z);
    size_t length = strlen(text);
    bool over = limited && length - (text[0] == '-') > (size_t)limit;
    PyObject *result = over ? too_long_for_text(limit) : str_from_ascii(text, (Py_ssize_t)length);
    free(text);
    return result;
}

/* ---- From text. */

static int digit_value(char c)
{
    if (c >= '0' && c <= '9') {
        return c - '0';
    }
    c |= 0x20;
    return c >= 'a' && c <= 'z' ? c - 'a' + 10 : 99;
}

/* A literal taken apart; digits may still contain underscores. */
struct literal {
    const char *start, *end;
    int base;
    bool negative;
};

static bool take_prefix(struct literal *l)
{
    const char *p = l->start;
    if (l->end - p < 2 || p[0] != '0') {
        if (l->base == 0) {
            l->base = 10;
        }
        return true;
    }
    char letter = (char)(p[1] | 0x20);
    int base = letter == 'x' ? 16 : letter == 'o' ? 8 : letter == 'b' ? 2 : 0;
    if (base != 0 && (l->base == 0 || l->base == base)) {
        l->base = base;
        l->start += 2;
        if (l->start < l->end && *l->start == '_') {
            l->start++;
        }
        return true;
    }
    if (l->base == 0) { /* "00" is zero, "01" is not a literal */
        l->base = 10;
        for (; p < l->end; p++) {
            if (*p != '0' && *p != '_') {
                return false;
            }
        }
    }
    return true;
}

/* Checks the digits and counts them; 0 if the text is no literal. */
static size_t count_digits(const struct literal *l)
{
    size_t count = 0;
    bool after_digit = false;
    for (const char *p = l->start; p < l->end; p++) {
        if (*p == '_') {
            if (!after_digit) {
                return 0;
            }
            after_digit = false;
        } else {
            if (digit_value(*p) >= l->base) {
                return 0;
            }
            after_digit = true;
            count++;
        }
    }
    return after_digit ? count : 0;
}

static Value parse_small(const struct literal *l)
{
    int64_t i = 0;
    for (const char *p = l->start; p < l->end; p++) {
        if (*p != '_') {
            i = i * l->base + digit_value(*p);
        }
    }
    return int_from_i64(l->negative ? -i : i);
}

/* Up to 36 digits in a base up to 10. */
static Value parse_wide(const struct literal *l)
{
    __int128 i = 0;
    uint64_t part = 0, scale = 1;
    for (const char *p = l->start; p < l->end; p++) {
        if (*p != '_') {
            part = part * (unsigned)l->base + (unsigned)(*p - '0');
            scale *= (unsigned)l->base;
            if (scale >= UINT64_C(1000000000000000000)) {
                i = i * scale + part;
                part = 0;
                scale = 1;
            }
        }
    }
    i = i * scale + part;
    return int_from_i128(l->negative ? -i : i);
}

static Value parse_big(const struct literal *l, size_t count)
{
    char *digits = malloc(count + 1);
    if (digits == NULL) {
        return error_no_memory();
    }
    size_t used = 0;
    for (const char *p = l->start; p < l->end; p++) {
        if (*p != '_') {
            digits[used++] = *p;
        }
    }
    digits[used] = '\0';
    mpz_t z;
    mpz_init(z);
    bool detached = int_work_begin(count / 16);
    mpz_set_str(z, digits, l->base);
    int_work_end(detached);
    free(digits);
    if (l->negative) {
        mpz_neg(z, z);
    }
    Value result = int_from_mpz(z);
    mpz_clear(z);
    return result;
}

static Value too_long_to_parse(int limit, size_t count)
{
    return error_raise(PyExc_ValueError,
                       "Exceeds the limit (%d digits) for integer string conversion: value has %zu "
                       "digits; use sys.set_int_max_str_digits() to increase the limit",
                       limit, count);
}

/* VALUE_ABSENT if the text is no integer literal. */
static Value parse(const char *text, size_t length, int base)
{
    struct literal l = {text, text + length, base, false};
    while (l.start < l.end && isspace((unsigned char)*l.start)) {
        l.start++;
    }
    while (l.end > l.start && isspace((unsigned char)l.end[-1])) {
        l.end--;
    }
    if (l.start < l.end && (*l.start == '-' || *l.start == '+')) {
        l.negative = *l.start++ == '-';
    }
    if (!take_prefix(&l)) {
        return VALUE_ABSENT;
    }
    size_t count = count_digits(&l);
    if (count == 0) {
        return VALUE_ABSENT;
    }
    if (count <= 12 || (count <= 18 && l.base <= 10)) {
        return parse_small(&l);
    }
    if (count <= 36 && l.base <= 10) {
        return parse_wide(&l);
    }
    int limit = atomic_load_relaxed(&int_max_str_digits);
    bool power_of_two = (l.base & (l.base - 1)) == 0;
    if (!power_of_two && count > LIMIT_THRESHOLD && limit > 0 && count > (size_t)limit) {
        return too_long_to_parse(limit, count);
    }
    return parse_big(&l, count);
}

static Value bad_literal(Value shown, int base)
{
    PyObject *repr = object_repr(shown);
    if (repr != NULL && str_length(repr) > 200) {
        repr = str_substring(repr, 0, 200);
    }
    if (repr == NULL) {
        return VALUE_NULL;
    }
    return error_raise(PyExc_ValueError, "invalid literal for int() with base %d: %U", base, repr);
}

static bool check_base(int base)
{
    if (base != 0 && (base < 2 || base > 36)) {
        error_raise(PyExc_ValueError, "int() base must be >= 2 and <= 36, or 0");
        return false;
    }
    return true;
}

Value int_from_bytes_text(const char *text, size_t length, int base, Value shown)
{
    if (!check_base(base)) {
        return VALUE_NULL;
    }
    Value v = parse(text, length, base);
    return value_is_absent(v) ? bad_literal(shown, base) : v;
}

Value int_from_text(const char *text, size_t length, int base)
{
    if (!check_base(base)) {
        return VALUE_NULL;
    }
    Value v = parse(text, length, base);
    if (!value_is_absent(v)) {
        return v;
    }
    PyObject *shown = str_from_utf8(text, (Py_ssize_t)length);
    return shown == NULL ? VALUE_NULL : bad_literal(value_from_object(shown), base);
}

char *number_text_from_str(PyObject *s, size_t *length)
{
    Py_ssize_t n = str_length(s);
    char *text = heap_alloc((size_t)n + 1, CELL_RAW);
    if (text == NULL) {
        error_no_memory();
        return NULL;
    }
    for (Py_ssize_t i = 0; i < n; i++) {
        Py_UCS4 c = str_at(s, i);
        int decimal;
        if (c < 128) {
            text[i] = c >= 0x1c && c <= 0x1f ? ' ' : (char)c; /* str.isspace() knows these */
        } else if (str_char_is_space(c)) {
            text[i] = ' ';
        } else if ((decimal = str_char_to_decimal(c)) >= 0) {
            text[i] = (char)('0' + decimal);
        } else {
            text[i] = '?';
        }
    }
    text[n] = '\0';
    *length = (size_t)n;
    return text;
}

Value int_from_str(PyObject *str, int base)
{
    Value shown = value_from_object(str);
    if (str_is_ascii(str)) {
        return int_from_bytes_text(str_data(str), (size_t)str_length(str), base, shown);
    }
    size_t length;
    const char *text = number_text_from_str(str, &length);
    return text == NULL ? VALUE_NULL : int_from_bytes_text(text, length, base, shown);
}
