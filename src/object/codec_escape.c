/* SPDX-License-Identifier: MIT */
/* The escapes of literals: unicode_escape, raw_unicode_escape, and those of bytes. */
#include <stdio.h>

#include "object/codec_int.h"
#include "object/unicode_data.h"

static int hex_value(unsigned char c)
{
    return ascii_is_digit(c)                    ? c - '0'
           : (c | 32) >= 'a' && (c | 32) <= 'f' ? (c | 32) - 'a' + 10
                                                : -1;
}

/* What a one-letter escape stands for, -1 if it is none, -2 for a line continuation. */
static int simple_escape(unsigned char c)
{
    switch (c) {
    case '\n': return -2;
    case '\\':
    case '\'':
    case '"': return c;
    case 'a': return 7;
    case 'b': return 8;
    case 'f': return 12;
    case 'n': return 10;
    case 'r': return 13;
    case 't': return 9;
    case 'v': return 11;
    default: return -1;
    }
}

/* Up to three octal digits at i; *end is behind them. */
static int octal(const unsigned char *p, Py_ssize_t i, Py_ssize_t n, Py_ssize_t *end)
{
    int c = 0, digits = 0;
    for (; digits < 3 && i < n && p[i] >= '0' && p[i] <= '7'; digits++, i++) {
        c = c * 8 + (p[i] - '0');
    }
    *end = i;
    return c;
}

static int warn_invalid(const unsigned char *p)
{
    if (*p >= '4' && *p <= '7') {
        return error_warn(PyExc_DeprecationWarning, 1, "invalid octal escape sequence '\\%.3s'", p);
    }
    return error_warn(PyExc_DeprecationWarning, 1, "invalid escape sequence '\\%c'", *p);
}

/* ---- unicode_escape. */

struct escape {
    struct decoder d;
    const unsigned char *first_invalid; /* behind its backslash */
    bool incomplete;                    /* the last problem may be cured by more input */
};

/* Reads `count` hex digits at i. Returns the position to go on at, or -1. */
static Py_ssize_t read_hex(struct escape *e, Py_ssize_t start, Py_ssize_t i, int count,
                           const char *reason)
{
    struct decoder *d = &e->d;
    Py_UCS4 c = 0;
    Py_ssize_t end = i;
    while (end - i < count && end < d->length && hex_value(d->data[end]) >= 0) {
        c = c << 4 | (Py_UCS4)hex_value(d->data[end++]);
    }
    if (end - i < count) {
        e->incomplete = end == d->length;
        return e->incomplete ? -2 : decoder_error(d, start, end, reason);
    }
    if (c > 0x10ffff) {
        return decoder_error(d, start, end, "illegal Unicode character");
    }
    return str_builder_char(&d->out, c) < 0 ? -1 : end;
}

static const char *truncated_reason(unsigned char kind)
{
    return kind == 'x'   ? "truncated \\xXX escape"
           : kind == 'u' ? "truncated \\uXXXX escape"
                         : "truncated \\UXXXXXXXX escape";
}

/* \N{name}; i is behind the N. */
static Py_ssize_t read_name(struct escape *e, Py_ssize_t start, Py_ssize_t i)
{
    struct decoder *d = &e->d;
    Py_ssize_t end = i;
    if (i >= d->length) {
        e->incomplete = true;
        return -2;
    }
    if (d->data[i] != '{') {
        return decoder_error(d, start, i, "malformed \\N character escape");
    }
    const unsigned char *close = memchr(d->data + i, '}', (size_t)(d->length - i));
    if (close == NULL) {
        e->incomplete = true;
        return -2;
    }
    end = close - d->data;
    Py_ssize_t length = end - i - 1;
    if (length == 0) {
        return decoder_error(d, start, i + 1, "malformed \\N character escape");
    }
    if (codec_name_lookup == NULL) {
        error_raise(PyExc_UnicodeError,
                    "\\N escapes not supported (can't load unicodedata module)");
        return -1;
    }
    int32_t code = codec_name_lookup((const char *)d->data + i + 1, length);
    if (code < 0) {
        return decoder_error(d, start, end + 1, "unknown Unicode character name");
    }
    return str_builder_char(&d->out, (Py_UCS4)code) < 0 ? -1 : end + 1;
}

/* The escape whose backslash is at start. The position to go on at, -1, or -2: incomplete. */
static Py_ssize_t read_escape(struct escape *e, Py_ssize_t start)
{
    struct decoder *d = &e->d;
    Py_ssize_t i = start + 1;
    if (i >= d->length) {
        e->incomplete = true;
        return -2;
    }
    unsigned char c = d->data[i];
    int simple = simple_escape(c);
    if (simple >= 0) {
        return str_builder_char(&d->out, (Py_UCS4)simple) < 0 ? -1 : i + 1;
    }
    if (simple == -2) {
        return i + 1;
    }
    if (c >= '0' && c <= '7') {
        Py_ssize_t end;
        int code = octal(d->data, i, d->length, &end);
        if (code > 0377 && e->first_invalid == NULL) {
            e->first_invalid = d->data + i;
        }
        return str_builder_char(&d->out, (Py_UCS4)code) < 0 ? -1 : end;
    }
    if (c == 'x' || c == 'u' || c == 'U') {
        return read_hex(e, start, i + 1, c == 'x' ? 2 : c == 'u' ? 4 : 8, truncated_reason(c));
    }
    if (c == 'N') {
        return read_name(e, start, i + 1);
    }
    if (e->first_invalid == NULL) {
        e->first_invalid = d->data + i;
    }
    return str_builder_char(&d->out, '\\') < 0 || str_builder_char(&d->out, c) < 0 ? -1 : i + 1;
}

/* The reason for an escape that the end of the input cuts off. */
static const char *cut_off_reason(const struct decoder *d, Py_ssize_t start)
{
    if (start + 1 >= d->length) {
        return "\\ at end of string";
    }
    unsigned char c = d->data[start + 1];
    return c == 'N' ? "malformed \\N character escape" : truncated_reason(c);
}

PyObject *codec_unicode_escape_decode(const char *text, Py_ssize_t n, const char *errors,
                                      Py_ssize_t *consumed, const char **first_invalid)
{
    struct escape e = {.first_invalid = NULL};
    struct decoder *d = &e.d;
    decoder_init(d, "unicodeescape", errors, text, n);
    if (n > 0 && str_builder_reserve(&d->out, n, 0x7f) < 0) {
        return NULL;
    }
    Py_ssize_t i = 0;
    while (i < d->length) {
        const unsigned char *backslash = memchr(d->data + i, '\\', (size_t)(d->length - i));
        Py_ssize_t end = backslash == NULL ? d->length : backslash - d->data;
        if (str_builder_chars(&d->out, 1, d->data + i, end - i) < 0) {
            return NULL;
        }
        i = end;
        if (i == d->length) {
            break;
        }
        Py_ssize_t next = read_escape(&e, i);
        if (next == -2) {
            if (consumed != NULL) {
                break;
            }
            next = decoder_error(d, i, d->length, cut_off_reason(d, i));
        }
        if (next < 0) {
            return NULL;
        }
        i = next;
    }
    if (consumed != NULL) {
        *consumed = i;
    }
    if (first_invalid != NULL) {
        *first_invalid = (const char *)e.first_invalid;
    } else if (e.first_invalid != NULL && warn_invalid(e.first_invalid) < 0) {
        return NULL;
    }
    return str_builder_finish(&d->out);
}

static int put_hex(struct bytes_builder *b, Py_UCS4 c, bool allow_x)
{
    char text[12];
    const char *format = allow_x && c < 0x100 ? "\\x%02x" : c < 0x10000 ? "\\u%04x" : "\\U%08x";
    return bytes_builder_add(b, text, snprintf(text, sizeof text, format, c));
}

PyObject *codec_unicode_escape_encode(PyObject *s)
{
    struct bytes_builder b;
    bytes_builder_init(&b);
    for (Py_ssize_t i = 0; i < str_length(s); i++) {
        Py_UCS4 c = str_at(s, i);
        const char *plain = c == '\\'   ? "\\\\"
                            : c == '\t' ? "\\t"
                            : c == '\n' ? "\\n"
                            : c == '\r' ? "\\r"
                                        : NULL;
        int status = plain != NULL          ? bytes_builder_add(&b, plain, 2)
                     : c >= ' ' && c < 0x7f ? bytes_builder_byte(&b, (unsigned char)c)
                                            : put_hex(&b, c, true);
        if (status < 0) {
            return NULL;
        }
    }
    return bytes_builder_finish(&b);
}

/* ---- raw_unicode_escape: only \u and \U after an odd number of backslashes. */

static Py_ssize_t read_raw(struct escape *e, Py_ssize_t start)
{
    struct decoder *d = &e->d;
    if (start + 1 >= d->length) {
        e->incomplete = true;
        return -2;
    }
    unsigned char c = d->data[start + 1];
    if (c != 'u' && c != 'U') {
        return str_builder_char(&d->out, '\\') < 0 || str_builder_char(&d->out, c) < 0 ? -1
                                                                                       : start + 2;
    }
    Py_ssize_t i = start + 2, end = i;
    int count = c == 'u' ? 4 : 8;
    Py_UCS4 code = 0;
    while (end - i < count && end < d->length && hex_value(d->data[end]) >= 0) {
        code = code << 4 | (Py_UCS4)hex_value(d->data[end++]);
    }
    if (end - i < count) {
        e->incomplete = end == d->length;
        return e->incomplete ? -2 : decoder_error(d, start, end, truncated_reason(c));
    }
    if (code > 0x10ffff) {
        return decoder_error(d, start, end, "\\Uxxxxxxxx out of range");
    }
    return str_builder_char(&d->out, code) < 0 ? -1 : end;
}

PyObject *codec_raw_unicode_escape_decode(const char *text, Py_ssize_t n, const char *errors,
                                          Py_ssize_t *consumed)
{
    struct escape e = {.first_invalid = NULL};
    struct decoder *d = &e.d;
    decoder_init(d, "rawunicodeescape", errors, text, n);
    Py_ssize_t i = 0;
    while (i < d->length) {
        Py_ssize_t next;
        if (d->data[i] != '\\') {
            next = str_builder_char(&d->out, d->data[i]) < 0 ? -1 : i + 1;
        } else {
            next = read_raw(&e, i);
        }
        if (next == -2) {
            if (consumed != NULL) {
                break;
            }
            next = i + 1 >= d->length
                       ? (str_builder_char(&d->out, '\\') < 0 ? -1 : d->length)
                       : decoder_error(d, i, d->length, truncated_reason(d->data[i + 1]));
        }
        if (next < 0) {
            return NULL;
        }
        i = next;
    }
    if (consumed != NULL) {
        *consumed = i;
    }
    return str_builder_finish(&d->out);
}

PyObject *codec_raw_unicode_escape_encode(PyObject *s)
{
    struct bytes_builder b;
    bytes_builder_init(&b);
    for (Py_ssize_t i = 0; i < str_length(s); i++) {
        Py_UCS4 c = str_at(s, i);
        int status = c < 0x100 ? bytes_builder_byte(&b, (unsigned char)c) : put_hex(&b, c, false);
        if (status < 0) {
            return NULL;
        }
    }
    return bytes_builder_finish(&b);
}

/* ---- Escapes of bytes. */

/* A bad \x escape at `at`: what the error mode says. 0 or -1. */
static int bad_hex(struct bytes_builder *b, const char *errors, Py_ssize_t at)
{
    if (errors == NULL || strcmp(errors, "strict") == 0) {
        return error_raise_int(PyExc_ValueError, "invalid \\x escape at position %zd", at);
    }
    if (strcmp(errors, "replace") == 0) {
        return bytes_builder_byte(b, '?');
    }
    if (strcmp(errors, "ignore") == 0) {
        return 0;
    }
    return error_raise_int(PyExc_ValueError, "decoding error; unknown error handling code: %.400s",
                           errors);
}

/* i is behind the backslash; the position to go on at, or -1. */
static Py_ssize_t bytes_escape(struct bytes_builder *b, const unsigned char *p, Py_ssize_t i,
                               Py_ssize_t n, const char *errors, const unsigned char **invalid)
{
    unsigned char c = p[i];
    int simple = simple_escape(c);
    if (simple != -1) {
        return simple >= 0 && bytes_builder_byte(b, (unsigned char)simple) < 0 ? -1 : i + 1;
    }
    if (c >= '0' && c <= '7') {
        Py_ssize_t end;
        int code = octal(p, i, n, &end);
        if (code > 0377 && *invalid == NULL) {
            *invalid = p + i;
        }
        return bytes_builder_byte(b, (unsigned char)code) < 0 ? -1 : end;
    }
    if (c == 'x') {
        int high = i + 1 < n ? hex_value(p[i + 1]) : -1, low = i + 2 < n ? hex_value(p[i + 2]) : -1;
        if (high >= 0 && low >= 0) {
            return bytes_builder_byte(b, (unsigned char)(high << 4 | low)) < 0 ? -1 : i + 3;
        }
        return bad_hex(b, errors, i - 1) < 0 ? -1 : i + 1 + (high >= 0);
    }
    if (*invalid == NULL) {
        *invalid = p + i;
    }
    return bytes_builder_byte(b, '\\') < 0 || bytes_builder_byte(b, c) < 0 ? -1 : i + 1;
}

PyObject *codec_bytes_escape_decode(const char *text, Py_ssize_t n, const char *errors,
                                    const char **first_invalid)
{
    const unsigned char *p = (const unsigned char *)text, *invalid = NULL;
    struct bytes_builder b;
    bytes_builder_init(&b);
    if (bytes_builder_reserve(&b, n) == NULL) {
        return NULL;
    }
    for (Py_ssize_t i = 0; i < n;) {
        if (p[i] != '\\') {
            if (bytes_builder_byte(&b, p[i++]) < 0) {
                return NULL;
            }
            continue;
        }
        if (i + 1 >= n) {
            return error_raise_null(PyExc_ValueError, "Trailing \\ in string");
        }
        i = bytes_escape(&b, p, i + 1, n, errors, &invalid);
        if (i < 0) {
            return NULL;
        }
    }
    if (first_invalid != NULL) {
        *first_invalid = (const char *)invalid;
    } else if (invalid != NULL && warn_invalid(invalid) < 0) {
        return NULL;
    }
    return bytes_builder_finish(&b);
}

PyObject *codec_bytes_escape_encode(const char *text, Py_ssize_t n)
{
    struct bytes_builder b;
    bytes_builder_init(&b);
    for (Py_ssize_t i = 0; i < n; i++) {
        unsigned char c = (unsigned char)text[i];
        const char *plain = c == '\\'   ? "\\\\"
                            : c == '\'' ? "\\'"
                            : c == '\t' ? "\\t"
                            : c == '\n' ? "\\n"
                            : c == '\r' ? "\\r"
                                        : NULL;
        int status = plain != NULL          ? bytes_builder_add(&b, plain, 2)
                     : c >= ' ' && c < 0x7f ? bytes_builder_byte(&b, c)
                                            : put_hex(&b, c, true);
        if (status < 0) {
            return NULL;
        }
    }
    return bytes_builder_finish(&b);
}
