/* SPDX-License-Identifier: MIT */
/* PyUnicode_FromFormat: the printf of the C API. */
#include <stdarg.h>

#include "capi/capi_int.h"
#include "object/int.h"

struct directive {
    bool left, zero;
    int width, precision; /* -1: none */
    char size;            /* 0, 'l', 'L' (ll), 'z' */
};

static const char *read_number(const char *f, int *out, va_list *arguments)
{
    if (*f == '*') {
        *out = va_arg(*arguments, int);
        return f + 1;
    }
    if (*f >= '0' && *f <= '9') {
        *out = 0;
        while (*f >= '0' && *f <= '9') {
            *out = *out * 10 + (*f++ - '0');
        }
    }
    return f;
}

static const char *read_directive(const char *f, struct directive *d, va_list *arguments)
{
    *d = (struct directive){.width = -1, .precision = -1};
    for (; *f == '-' || *f == '0'; f++) {
        d->left |= *f == '-';
        d->zero |= *f == '0';
    }
    f = read_number(f, &d->width, arguments);
    if (*f == '.') {
        d->precision = 0;
        f = read_number(f + 1, &d->precision, arguments);
    }
    if (*f == 'l' && f[1] == 'l') {
        d->size = 'L';
        return f + 2;
    }
    if (*f == 'l' || *f == 'z' || *f == 'j' || *f == 't') {
        d->size = *f;
        return f + 1;
    }
    return f;
}

static int add_padded(struct str_builder *b, PyObject *s, const struct directive *d)
{
    if (s == NULL) {
        return -1;
    }
    Py_ssize_t length = str_length(s);
    if (d->precision >= 0 && length > d->precision) {
        length = d->precision;
    }
    Py_ssize_t padding = d->width > length ? d->width - length : 0;
    if (!d->left && str_builder_fill(b, ' ', padding) < 0) {
        return -1;
    }
    if (str_builder_slice(b, s, 0, length) < 0) {
        return -1;
    }
    return d->left ? str_builder_fill(b, ' ', padding) : 0;
}

static int add_integer(struct str_builder *b, char kind, const struct directive *d,
                       va_list *arguments)
{
    bool is_signed = kind == 'd' || kind == 'i';
    long long value = d->size == 0 ? is_signed ? (long long)va_arg(*arguments, int)
                                               : (long long)va_arg(*arguments, unsigned)
                                   : va_arg(*arguments, long long);
    char digits[32], text[300];
    const char *format = is_signed     ? "%lld"
                         : kind == 'x' ? "%llx"
                         : kind == 'X' ? "%llX"
                         : kind == 'o' ? "%llo"
                                       : "%llu";
    int n = snprintf(digits, sizeof digits, format, value);
    const char *sign = digits[0] == '-' ? "-" : "";
    const char *start = digits + (digits[0] == '-');
    int least = d->precision > 200 ? 200 : d->precision;
    int zeros = least > n ? least - n : 0;
    if (d->zero && !d->left && d->width > n && d->width < 200) {
        zeros = d->width - n;
    }
    n = snprintf(text, sizeof text, "%s%0*d%s", sign, zeros, 0, start);
    if (zeros == 0) {
        n = snprintf(text, sizeof text, "%s%s", sign, start);
    }
    struct directive plain = {.left = d->left, .width = d->width, .precision = -1};
    return add_padded(b, str_from_ascii(text, n), &plain);
}

static int add_bytes(struct str_builder *b, const char *text, const struct directive *d)
{
    size_t n = d->precision >= 0 ? strnlen(text, (size_t)d->precision) : strlen(text);
    struct directive rest = {.left = d->left, .width = d->width, .precision = -1};
    return add_padded(b, str_decode(text, (Py_ssize_t)n, "utf-8", "replace"), &rest);
}

static int add_object(struct str_builder *b, char kind, const struct directive *d,
                      va_list *arguments)
{
    PyObject *o = va_arg(*arguments, PyObject *);
    if (kind == 'V') {
        const char *text = va_arg(*arguments, const char *);
        return o != NULL ? add_padded(b, capi_object(o), d) : add_bytes(b, text, d);
    }
    Value v = capi_value(o);
    return add_padded(b,
                      kind == 'U'   ? value_object(v)
                      : kind == 'S' ? object_str(v)
                      : kind == 'R' ? object_repr(v)
                                    : object_ascii(v),
                      d);
}

/* One directive; *f moves behind it. */
static int add_directive(struct str_builder *b, const char **f, va_list *arguments)
{
    struct directive d;
    const char *start = *f;
    *f = read_directive(*f + 1, &d, arguments);
    char kind = *(*f)++;
    switch (kind) {
    case '%': return str_builder_char(b, '%');
    case 'c': {
        int c = va_arg(*arguments, int);
        if (c < 0 || c > 0x10FFFF) {
            return error_raise_int(PyExc_OverflowError,
                                   "character argument not in range(0x110000)");
        }
        return str_builder_char(b, (Py_UCS4)c);
    }
    case 'd':
    case 'i':
    case 'u':
    case 'x':
    case 'X':
    case 'o': return add_integer(b, kind, &d, arguments);
    case 's': return add_bytes(b, va_arg(*arguments, const char *), &d);
    case 'p': {
        char text[32];
        int n = snprintf(text, sizeof text, "%p", va_arg(*arguments, void *));
        return str_builder_ascii(b, text, n);
    }
    case 'U':
    case 'V':
    case 'S':
    case 'R':
    case 'A': return add_object(b, kind, &d, arguments);
    default: return error_raise_int(PyExc_SystemError, "invalid format string: %s", start);
    }
}

PyObject *PyUnicode_FromFormatV(const char *format, va_list arguments)
{
    struct thread *t = capi_enter();
    struct str_builder b;
    va_list copy;
    va_copy(copy, arguments);
    str_builder_init(&b);
    int status = 0;
    while (status == 0 && *format != 0) {
        const char *percent = strchrnul(format, '%');
        if (percent > format) {
            status = str_builder_ascii(&b, format, percent - format);
        }
        format = percent;
        if (status == 0 && *format == '%') {
            status = add_directive(&b, &format, &copy);
        }
    }
    va_end(copy);
    return capi_return_object(t, status < 0 ? NULL : str_builder_finish(&b));
}

PyObject *PyUnicode_FromFormat(const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    PyObject *s = PyUnicode_FromFormatV(format, arguments);
    va_end(arguments);
    return s;
}
