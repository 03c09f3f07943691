/* SPDX-License-Identifier: MIT */
/* Doubles to text and back.
 *
 * The shortest text is found with R. Giulietti's method ("The Schubfach way to render doubles",
 * 2020): the rounding interval of the double is scaled by a power of ten so that it holds one or
 * two integers of interest, using 128-bit approximations of the powers. Those are computed with GMP
 * when first needed. Text with a given precision comes from C's printf, which is exact; reading
 * tries Clinger's fast path and leaves the rest to strtod, both in the C locale. */
#include "base/text_number.h"

#include <gmp.h>
#include <locale.h>
#include <math.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/atomic.h"
#include "base/debug.h"

/* ---- Powers of ten. */

enum { POWER_MIN = -292, POWER_MAX = 324 };

struct power {
    uint64_t high, low; /* high == 0: not computed yet */
};
HOLDS_NO_CELLS static struct power
    powers[POWER_MAX - POWER_MIN + 1]; /* atomic; every thread computes the same */

/* floor(e * log2(10)), floor(e * log10(2)), floor(log10(3/4 * 2^e)): exact in the range of doubles.
 */
static int floor_log2_pow10(int e)
{
    return (e * 1741647) >> 19;
}
static int floor_log10_pow2(int e)
{
    return (e * 1262611) >> 22;
}
static int floor_log10_three_quarters_pow2(int e)
{
    return (e * 1262611 - 524031) >> 22;
}

/* 10^k scaled to 128 bits, rounded up. */
static struct power compute_power(int k)
{
    mpz_t z, divisor;
    int shift = 127 - floor_log2_pow10(k);
    mpz_init_set_ui(z, 1);
    mpz_init(divisor);
    mpz_ui_pow_ui(divisor, 10, (unsigned long)(k < 0 ? -k : k));
    if (k >= 0) {
        if (shift >= 0) {
            mpz_mul_2exp(z, divisor, (mp_bitcnt_t)shift);
        } else {
            mpz_cdiv_q_2exp(z, divisor, (mp_bitcnt_t)-shift);
        }
    } else {
        mpz_mul_2exp(z, z, (mp_bitcnt_t)shift);
        mpz_cdiv_q(z, z, divisor);
    }
    struct power p;
    p.low = mpz_get_ui(z);
    mpz_tdiv_q_2exp(z, z, 64);
    p.high = mpz_get_ui(z);
    mpz_clear(z);
    mpz_clear(divisor);
    return p;
}

static struct power power_of_ten(int k)
{
    struct power *entry = &powers[k - POWER_MIN], p;
    p.high = atomic_load_acquire(&entry->high);
    if (LIKELY(p.high != 0)) {
        p.low = atomic_load_relaxed(&entry->low);
        return p;
    }
    p = compute_power(k);
    atomic_store_relaxed(&entry->low, p.low);
    atomic_store_release(&entry->high, p.high);
    return p;
}

/* ---- Shortest digits. */

/* The upper bits of the product, with a sticky lowest bit. */
static uint64_t multiply_to_odd(struct power g, uint64_t c)
{
    unsigned __int128 low = (unsigned __int128)g.low * c;
    unsigned __int128 high = (unsigned __int128)g.high * c + (uint64_t)(low >> 64);
    return (uint64_t)(high >> 64) | ((uint64_t)high > 1);
}

struct decimal {
    uint64_t digits;
    int exponent; /* value = digits * 10^exponent */
};

/* d is finite and positive. */
static struct decimal shortest_decimal(double d)
{
    uint64_t bits;
    memcpy(&bits, &d, sizeof bits);
    uint64_t fraction = bits & ((UINT64_C(1) << 52) - 1);
    int biased = (int)(bits >> 52);
    uint64_t c = biased != 0 ? fraction | UINT64_C(1) << 52 : fraction;
    int q = biased != 0 ? biased - 1075 : -1074;
    if (q <= 0 && q > -53 && (c & ((UINT64_C(1) << -q) - 1)) == 0) {
        return (struct decimal){c >> -q, 0}; /* a small integer */
    }
    bool narrow_below =
        fraction == 0 && biased > 1; /* the gap below a power of two is half as wide */
    bool odd = c & 1;
    int k = narrow_below ? floor_log10_three_quarters_pow2(q) : floor_log10_pow2(q);
    int h = q + floor_log2_pow10(-k) + 1;
    struct power g = power_of_ten(-k);
    uint64_t lower = multiply_to_odd(g, (4 * c - 2 + narrow_below) << h) + odd;
    uint64_t middle = multiply_to_odd(g, (4 * c) << h);
    uint64_t upper = multiply_to_odd(g, (4 * c + 2) << h) - odd;
    uint64_t s = middle / 4;
    if (s >= 10) { /* one digit fewer? */
        uint64_t tens = s / 10;
        bool down_inside = lower <= 40 * tens, up_inside = 40 * tens + 40 <= upper;
        if (down_inside != up_inside) {
            return (struct decimal){tens + up_inside, k + 1};
        }
    }
    bool down_inside = lower <= 4 * s, up_inside = 4 * s + 4 <= upper;
    if (down_inside != up_inside) {
        return (struct decimal){s + up_inside, k};
    }
    uint64_t half = 4 * s + 2;
    bool up = middle > half || (middle == half && (s & 1) != 0);
    return (struct decimal){s + up, k};
}

/* Writes the digits without trailing zeros; returns how many, and moves the exponent. */
static int write_digits(struct decimal *dec, char *out)
{
    char buffer[24];
    int count = 0;
    while (dec->digits % 10 == 0) {
        dec->digits /= 10;
        dec->exponent++;
    }
    for (uint64_t u = dec->digits; u != 0; u /= 10) {
        buffer[count++] = (char)('0' + u % 10);
    }
    for (int i = 0; i < count; i++) {
        out[i] = buffer[count - 1 - i];
    }
    return count;
}

/* ---- Layout: `count` digits whose decimal point stands after the first `point` of them. */

static char *put_zeros(char *p, int n)
{
    memset(p, '0', (size_t)(n > 0 ? n : 0));
    return p + (n > 0 ? n : 0);
}

static char *put_fixed(char *p, const char *digits, int count, int point)
{
    if (point <= 0) {
        *p++ = '0';
        *p++ = '.';
        p = put_zeros(p, -point);
        memcpy(p, digits, (size_t)count);
        return p + count;
    }
    int whole = count < point ? count : point;
    memcpy(p, digits, (size_t)whole);
    p = put_zeros(p + whole, point - whole);
    if (count > whole) {
        *p++ = '.';
        memcpy(p, digits + whole, (size_t)(count - whole));
        p += count - whole;
    }
    return p;
}

static char *put_exponent(char *p, char letter, int exponent)
{
    *p++ = letter;
    *p++ = exponent < 0 ? '-' : '+';
    return p + sprintf(p, "%02d", exponent < 0 ? -exponent : exponent);
}

static char *put_scientific(char *p, const char *digits, int count, int point, char letter)
{
    *p++ = digits[0];
    if (count > 1) {
        *p++ = '.';
        memcpy(p, digits + 1, (size_t)(count - 1));
        p += count - 1;
    }
    return put_exponent(p, letter, point - 1);
}

size_t text_from_double(double d, char *out)
{
    char *p = out;
    if (isnan(d)) {
        memcpy(out, "nan", 4);
        return 3;
    }
    if (signbit(d)) {
        *p++ = '-';
        d = -d;
    }
    if (isinf(d)) {
        memcpy(p, "inf", 4);
        return (size_t)(p + 3 - out);
    }
    char digits[24] = "0";
    int count = 1, point = 1;
    if (d != 0) {
        struct decimal dec = shortest_decimal(d);
        count = write_digits(&dec, digits);
        point = count + dec.exponent;
    }
    if (point > -4 && point <= 16) {
        p = put_fixed(p, digits, count, point);
        if (count <= point) {
            *p++ = '.';
            *p++ = '0';
        }
    } else {
        p = put_scientific(p, digits, count, point, 'e');
    }
    *p = '\0';
    return (size_t)(p - out);
}

/* ---- The C locale, whatever setlocale() says. */

static locale_t c_locale(void)
{
    static locale_t cached; /* atomic; a lost race leaks one locale */
    locale_t l = atomic_load_acquire(&cached);
    if (l == NULL) {
        l = newlocale(LC_ALL_MASK, "C", NULL);
        atomic_store_release(&cached, l);
    }
    return l;
}

/* ---- From text. */

static const double exact_powers[] = {1e0,  1e1,  1e2,  1e3,  1e4,  1e5,  1e6,  1e7,
                                      1e8,  1e9,  1e10, 1e11, 1e12, 1e13, 1e14, 1e15,
                                      1e16, 1e17, 1e18, 1e19, 1e20, 1e21, 1e22};

struct scanner {
    const char *p, *end;
    uint64_t mantissa; /* the first 19 significant digits */
    int mantissa_digits;
    long exponent; /* of the mantissa's last digit */
    bool exact;    /* no nonzero digit was left out */
    bool any;
};

static void scan_digits(struct scanner *s, bool after_point)
{
    for (; s->p < s->end && *s->p >= '0' && *s->p <= '9'; s->p++) {
        s->any = true;
        if (s->mantissa_digits < 19) {
            s->mantissa = s->mantissa * 10 + (uint64_t)(*s->p - '0');
            s->mantissa_digits += s->mantissa != 0;
            s->exponent -= after_point;
        } else {
            s->exact = s->exact && *s->p == '0';
            s->exponent += !after_point;
        }
    }
}

static void scan_exponent(struct scanner *s)
{
    const char *p = s->p;
    if (p == s->end || (*p | 0x20) != 'e') {
        return;
    }
    p++;
    bool negative = p < s->end && *p == '-';
    if (p < s->end && (*p == '-' || *p == '+')) {
        p++;
    }
    if (p == s->end || *p < '0' || *p > '9') {
        return;
    }
    long e = 0;
    for (; p < s->end && *p >= '0' && *p <= '9'; p++) {
        e = e < 100000000 ? e * 10 + (*p - '0') : e;
    }
    s->exponent += negative ? -e : e;
    s->p = p;
}

static bool starts_with(const char *p, const char *end, const char *word)
{
    size_t n = strlen(word);
    if ((size_t)(end - p) < n) {
        return false;
    }
    for (size_t i = 0; i < n; i++) {
        if ((p[i] | 0x20) != word[i]) {
            return false;
        }
    }
    return true;
}

static size_t read_word(const char *p, const char *end, double *out)
{
    if (starts_with(p, end, "infinity")) {
        *out = INFINITY;
        return 8;
    }
    if (starts_with(p, end, "inf")) {
        *out = INFINITY;
        return 3;
    }
    if (starts_with(p, end, "nan")) {
        *out = NAN;
        return 3;
    }
    return 0;
}

/* The slow, always right way: start..end is a checked literal without sign. */
static double read_exactly(const char *start, const char *end)
{
    char stack[128], *copy = stack;
    size_t length = (size_t)(end - start);
    if (length >= sizeof stack) {
        copy = malloc(length + 1);
        if (copy == NULL) {
            fatal_memory("out of memory while reading a number");
        }
    }
    memcpy(copy, start, length);
    copy[length] = '\0';
    double d = strtod_l(copy, NULL, c_locale());
    if (copy != stack) {
        free(copy);
    }
    return d;
}

size_t text_to_double(const char *text, size_t length, double *out)
{
    const char *end = text + length, *start = text;
    bool negative = false;
    if (start < end && (*start == '-' || *start == '+')) {
        negative = *start++ == '-';
    }
    size_t word = read_word(start, end, out);
    if (word != 0) {
        *out = negative ? -*out : *out;
        return (size_t)(start - text) + word;
    }
    struct scanner s = {.p = start, .end = end, .exact = true};
    scan_digits(&s, false);
    if (s.p < end && *s.p == '.') {
        s.p++;
        scan_digits(&s, true);
    }
    if (!s.any) {
        return 0;
    }
    scan_exponent(&s);
    double d;
    if (s.exact && s.mantissa < (UINT64_C(1) << 53) && s.exponent >= -22 && s.exponent <= 22) {
        d = (double)s.mantissa;
        d = s.exponent < 0 ? d / exact_powers[-s.exponent] : d * exact_powers[s.exponent];
    } else {
        d = s.mantissa == 0 ? 0.0 : read_exactly(start, s.p);
    }
    *out = negative ? -d : d;
    return (size_t)(s.p - text);
}

/* ---- With a given precision. */

/* Not in its callers: gcc 12 would take what strchr finds in the text for an address in the
 * variable. */
static NO_INLINE char *print(const char *format, int precision, double d)
{
    locale_t old = uselocale(c_locale());
    char *text = NULL;
    if (asprintf(&text, format, precision, d) < 0) {
        text = NULL;
    }
    uselocale(old);
    return text;
}

static char *duplicate(const char *a, const char *b)
{
    char *text = malloc(strlen(a) + strlen(b) + 1);
    if (text != NULL) {
        strcat(strcpy(text, a), b);
    }
    return text;
}

/* d is not negative. 'g': like C, but with add_dot_zero a point needs one more digit to spare. */
static char *format_general(double d, int precision, bool alternate, bool add_dot_zero, bool upper)
{
    precision = precision == 0 ? 1 : precision;
    char *e = print("%.*e", precision - 1, d);
    if (e == NULL) {
        return NULL;
    }
    char *mark = strchr(e, 'e');
    int point = atoi(mark + 1) + 1, count = 0;
    for (const char *p = e; p < mark; p++) { /* the digits alone, in place */
        if (*p != '.') {
            e[count++] = *p;
        }
    }
    bool scientific = point <= -4 || point > precision - (add_dot_zero ? 1 : 0);
    while (!alternate && count > 1 && e[count - 1] == '0') {
        count--;
    }
    char *out = malloc((size_t)precision + 32);
    if (out != NULL) {
        char *p = out;
        if (scientific) {
            p = put_scientific(p, e, count, point, upper ? 'E' : 'e');
            if (alternate && count == 1) {
                memmove(out + 2, out + 1, (size_t)(p - out - 1));
                out[1] = '.';
                p++;
            }
        } else {
            p = put_fixed(p, e, count, point);
            if (point > 0 && count <= point && (alternate || add_dot_zero)) {
                *p++ = '.';
                if (add_dot_zero) {
                    *p++ = '0';
                }
            }
        }
        *p = '\0';
    }
    free(e);
    return out;
}

static char *format_repr(double d, bool alternate, bool add_dot_zero)
{
    char text[40];
    size_t length = text_from_double(d, text);
    bool dotted = length > 2 && text[length - 2] == '.' && text[length - 1] == '0' &&
                  strchr(text, 'e') == NULL;
    if (dotted && !add_dot_zero) {
        text[length - (alternate ? 1 : 2)] = '\0';
    }
    char *e = strchr(text, 'e');
    if (alternate && e != NULL && strchr(text, '.') == NULL) { /* "1.e+300" */
        memmove(e + 1, e, strlen(e) + 1);
        *e = '.';
    }
    return duplicate(text, "");
}

/* d >= 0 with `precision` digits after the point, exactly rounded in 128 bits; NULL if it does not
 * fit (or memory ran out: the slow way will tell). */
static char *format_fixed(double d, int precision, bool alternate)
{
    uint64_t bits;
    memcpy(&bits, &d, sizeof bits);
    int exponent = (int)(bits >> 52) - 1075;
    if (precision > 17 || exponent > 0 || exponent < -1000) {
        return NULL;
    }
    uint64_t power = 1;
    for (int i = 0; i < precision; i++) {
        power *= 10;
    }
    unsigned __int128 scaled =
        (unsigned __int128)((bits & ((UINT64_C(1) << 52) - 1)) | UINT64_C(1) << 52) * power;
    int shift = -exponent;
    unsigned __int128 whole = shift < 128 ? scaled >> shift : 0;
    if (whole >> 63 != 0) {
        return NULL;
    }
    uint64_t digits = (uint64_t)whole;
    if (shift > 0 && shift < 128) {
        unsigned __int128 half = (unsigned __int128)1 << (shift - 1);
        unsigned __int128 rest = scaled & (2 * half - 1);
        digits += rest > half || (rest == half && (digits & 1) != 0);
    }
    char buffer[32], *end = buffer + sizeof buffer, *p = end;
    for (int i = 0; i < precision || digits != 0 || i == precision; i++) {
        if (i == precision && (precision > 0 || alternate)) {
            *--p = '.';
        }
        *--p = (char)('0' + digits % 10);
        digits /= 10;
    }
    char *out = malloc((size_t)(end - p) + 1);
    if (out != NULL) {
        memcpy(out, p, (size_t)(end - p));
        out[end - p] = '\0';
    }
    return out;
}

static char *format_finite(double d, char code, int precision, bool alternate, bool add_dot_zero)
{
    char format[8];
    if (code == 'f' || code == 'F') {
        char *text = format_fixed(d, precision, alternate);
        if (text != NULL) {
            return text;
        }
    }
    switch (code) {
    case 'r': return format_repr(d, alternate, add_dot_zero);
    case 'g':
    case 'G': return format_general(d, precision, alternate, add_dot_zero, code == 'G');
    default:
        sprintf(format, alternate ? "%%#.*%c" : "%%.*%c", code);
        return print(format, precision, d);
    }
}

char *text_format_double(double d, char code, int precision, bool always_sign, bool alternate,
                         bool add_dot_zero)
{
    bool upper = code >= 'A' && code <= 'Z';
    bool negative = signbit(d) && !isnan(d);
    const char *sign = negative ? "-" : always_sign ? "+" : "";
    if (isnan(d)) {
        return duplicate(sign, upper ? "NAN" : "nan");
    }
    if (isinf(d)) {
        return duplicate(sign, upper ? "INF" : "inf");
    }
    char *text = format_finite(fabs(d), code, precision, alternate, add_dot_zero);
    if (text == NULL || *sign == '\0') {
        return text;
    }
    char *signed_text = duplicate(sign, text);
    free(text);
    return signed_text;
}
