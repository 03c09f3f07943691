/* SPDX-License-Identifier: MIT */
/* str_format(): text from a C format with the directives of object/error.h; and repr() of str. */
#include <stdarg.h>
#include <stdio.h>

#include "object/codec.h"
#include "object/str_int.h"
#include "object/unicode_data.h"

/* One parsed directive: %[flags][width][.precision][length]conversion */
struct directive {
    char flags[8];
    int width, precision; /* -1: not given */
    char length;          /* 0, 'l', 'q' (ll), 'z' */
    char conversion;
};

static const char *parse_directive(const char *p, struct directive *d)
{
    size_t flags = 0;
    *d = (struct directive){.width = -1, .precision = -1};
    while ((*p == '-' || *p == '0' || *p == '#' || *p == '+') && flags < sizeof d->flags - 1) {
        d->flags[flags++] = *p++;
    }
    for (; ascii_is_digit((unsigned char)*p); p++) {
        d->width = (d->width < 0 ? 0 : d->width) * 10 + (*p - '0');
    }
    if (*p == '.') {
        d->precision = 0;
        for (p++; ascii_is_digit((unsigned char)*p); p++) {
            d->precision = d->precision * 10 + (*p - '0');
        }
    }
    if (*p == 'z') {
        d->length = *p++;
    } else if (*p == 'l') {
        p++;
        d->length = *p == 'l' ? 'q' : 'l';
        p += *p == 'l';
    }
    d->conversion = *p;
    return *p == '\0' ? p : p + 1;
}

static long long read_integer(const struct directive *d, va_list *arguments)
{
    bool is_signed = d->conversion == 'd' || d->conversion == 'i';
    switch (d->length) {
    case 'z': return (long long)va_arg(*arguments, Py_ssize_t);
    case 'l': return (long long)va_arg(*arguments, long);
    case 'q': return va_arg(*arguments, long long);
    default: return is_signed ? va_arg(*arguments, int) : (long long)va_arg(*arguments, unsigned);
    }
}

static int put_integer(struct str_builder *b, const struct directive *d, va_list *arguments)
{
    char format[32], text[128];
    long long value = read_integer(d, arguments);
    int width = d->width < 0 ? 0 : d->width > 100 ? 100 : d->width;
    snprintf(format, sizeof format, "%%%s*%sll%c", d->flags, d->precision >= 0 ? ".*" : "",
             d->conversion);
    int n = d->precision >= 0 ? snprintf(text, sizeof text, format, width,
                                         d->precision > 100 ? 100 : d->precision, value)
                              : snprintf(text, sizeof text, format, width, value);
    return str_builder_ascii(b, text, n);
}

static int put_text(struct str_builder *b, const struct directive *d, const char *text)
{
    if (text == NULL) {
        text = "(null)";
    }
    size_t n = d->precision >= 0 ? strnlen(text, (size_t)d->precision) : strlen(text);
    if (text_is_ascii(text, n)) {
        return str_builder_ascii(b, text, (Py_ssize_t)n);
    }
    PyObject *s = codec_utf8_decode(text, (Py_ssize_t)n, "replace", NULL);
    return s == NULL ? -1 : str_builder_str(b, s);
}

static int put_object(struct str_builder *b, const struct directive *d, PyObject *s)
{
    if (s == NULL) {
        return -1;
    }
    Py_ssize_t n = str_length(s);
    if (d->precision >= 0 && n > d->precision) {
        n = d->precision;
    }
    if (d->width > n && str_builder_fill(b, ' ', d->width - n) < 0) {
        return -1;
    }
    return str_builder_slice(b, s, 0, n);
}

static int put_directive(struct str_builder *b, const struct directive *d, va_list *arguments)
{
    switch (d->conversion) {
    case 'd':
    case 'i':
    case 'u':
    case 'x':
    case 'X':
    case 'o': return put_integer(b, d, arguments);
    case 'c': return str_builder_char(b, (Py_UCS4)va_arg(*arguments, int));
    case 's': return put_text(b, d, va_arg(*arguments, const char *));
    case 'U': return put_object(b, d, va_arg(*arguments, PyObject *));
    case 'S': return put_object(b, d, object_str(va_arg(*arguments, Value)));
    case 'R': return put_object(b, d, object_repr(va_arg(*arguments, Value)));
    case 'A': return put_object(b, d, object_ascii(va_arg(*arguments, Value)));
    case 'T': return put_text(b, d, value_type(va_arg(*arguments, Value))->tp_name);
    case 'N': return put_text(b, d, va_arg(*arguments, PyTypeObject *)->tp_name);
    case 'p': {
        char text[32];
        int n = snprintf(text, sizeof text, "%p", va_arg(*arguments, void *));
        return str_builder_ascii(b, text, n);
    }
    case '%': return str_builder_char(b, '%');
    default: return error_raise_int(PyExc_SystemError, "invalid format string");
    }
}

PyObject *str_format_v(const char *format, va_list arguments)
{
    struct str_scratch scratch;
    struct str_builder b;
    str_builder_init_scratch(&b, &scratch);
    va_list copy;
    va_copy(copy, arguments);
    int status = 0;
    const char *p = format;
    while (status == 0 && *p != '\0') {
        const char *end = strchrnul(p, '%');
        if (end > p) {
            struct directive plain = {.precision = (int)(end - p)};
            status = put_text(&b, &plain, p);
        }
        p = end;
        if (status == 0 && *p == '%') {
            struct directive d;
            p = parse_directive(p + 1, &d);
            status = put_directive(&b, &d, &copy);
        }
    }
    va_end(copy);
    return status < 0 ? NULL : str_builder_finish(&b);
}

PyObject *str_format(const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    PyObject *s = str_format_v(format, arguments);
    va_end(arguments);
    return s;
}

/* ---- repr. */

/* The character's escape, without the leading backslash's doubling; 0 if it stands for itself. */
static int escape_char(Py_UCS4 c, Py_UCS4 quote, char *out)
{
    static const char digits[] = "0123456789abcdef";
    char letter = c == '\\' || c == quote ? (char)c
                  : c == '\t'             ? 't'
                  : c == '\n'             ? 'n'
                  : c == '\r'             ? 'r'
                                          : 0;
    if (letter) {
        out[0] = '\\';
        out[1] = letter;
        return 2;
    }
    if (c < 0x7f ? c >= ' ' : char_is_printable(c)) {
        return 0;
    }
    int width = c < 0x100 ? 2 : c < 0x10000 ? 4 : 8;
    out[0] = '\\';
    out[1] = width == 2 ? 'x' : width == 4 ? 'u' : 'U';
    for (int i = 0; i < width; i++) {
        out[2 + i] = digits[(c >> (4 * (width - 1 - i))) & 15];
    }
    return 2 + width;
}

PyObject *str_repr(PyObject *s)
{
    Py_ssize_t n = str_length(s);
    int kind = str_kind(s);
    const void *data = str_data(s);
    bool single = str_find_char(s, '\'', 0, n, 1) >= 0;
    Py_UCS4 quote = single && str_find_char(s, '"', 0, n, 1) < 0 ? '"' : '\'';
    struct str_scratch scratch;
    struct str_builder b;
    str_builder_init_scratch(&b, &scratch);
    if (str_builder_reserve(&b, n + 2, 0x7f) < 0 || str_builder_char(&b, quote) < 0) {
        return NULL;
    }
    for (Py_ssize_t i = 0; i < n;) {
        char escape[10];
        Py_ssize_t start = i;
        int length = 0;
        while (i < n && (length = escape_char(str_read(kind, data, i), quote, escape)) == 0) {
            i++;
        }
        if (str_builder_slice(&b, s, start, i) < 0 ||
            (i < n && str_builder_ascii(&b, escape, length) < 0)) {
            return NULL;
        }
        i++;
    }
    return str_builder_char(&b, quote) < 0 ? NULL : str_builder_finish(&b);
}

PyObject *str_escape_non_ascii(PyObject *s)
{
    if (str_is_ascii(s)) {
        return s;
    }
    struct str_scratch scratch;
    struct str_builder b;
    str_builder_init_scratch(&b, &scratch);
    for (Py_ssize_t i = 0; i < str_length(s); i++) {
        char text[16];
        Py_UCS4 c = str_at(s, i);
        int n = snprintf(text, sizeof text,
                         c < 0x80      ? "%c"
                         : c < 0x100   ? "\\x%02x"
                         : c < 0x10000 ? "\\u%04x"
                                       : "\\U%08x",
                         c);
        if (str_builder_ascii(&b, text, n) < 0) {
            return NULL;
        }
    }
    return str_builder_finish(&b);
}
