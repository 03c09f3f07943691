/* SPDX-License-Identifier: MIT */
/* UTF-8, ASCII and Latin-1. */
#include "object/codec_int.h"

/* ---- UTF-8 decoding. */

/* Reads one sequence. Returns its length, or minus the length of the maximal invalid prefix, with
 * *incomplete set if only the end of the input is missing. */
static int read_sequence(const unsigned char *p, Py_ssize_t left, Py_UCS4 *out, const char **reason,
                         bool *incomplete)
{
    unsigned char c = p[0];
    *incomplete = false;
    if (c < 0xc2 || c > 0xf4) {
        *reason = "invalid start byte";
        return -1;
    }
    int length = c < 0xe0 ? 2 : c < 0xf0 ? 3 : 4;
    Py_UCS4 code = c & (0x7f >> length);
    for (int i = 1; i < length; i++) {
        if (i >= left) {
            *incomplete = true;
            *reason = "unexpected end of data";
            return -i;
        }
        unsigned char low = 0x80, high = 0xbf;
        if (i == 1) {
            low = c == 0xe0 ? 0xa0 : c == 0xf0 ? 0x90 : 0x80;
            high = c == 0xed ? 0x9f : c == 0xf4 ? 0x8f : 0xbf;
        }
        if (p[i] < low || p[i] > high) {
            *reason = "invalid continuation byte";
            return -i;
        }
        code = code << 6 | (p[i] & 0x3f);
    }
    *out = code;
    return length;
}

/* The first two bytes of a surrogate end the input: another handler may want the third. */
static bool is_half_surrogate(const struct decoder *d, Py_ssize_t i)
{
    return d->length - i == 2 && d->data[i] == 0xed && d->data[i + 1] >= 0xa0 &&
           d->data[i + 1] <= 0xbf;
}

/* Appends the well-formed part from i on; returns where it ends. */
static Py_ssize_t decode_valid(struct decoder *d, Py_ssize_t i, const char **reason, int *bad,
                               bool *incomplete)
{
    while (i < d->length) {
        size_t ascii = text_ascii_prefix((const char *)d->data + i, (size_t)(d->length - i));
        if (ascii > 0) {
            if (str_builder_ascii(&d->out, (const char *)d->data + i, (Py_ssize_t)ascii) < 0) {
                return -1;
            }
            i += (Py_ssize_t)ascii;
            continue;
        }
        Py_UCS4 c;
        int n = read_sequence(d->data + i, d->length - i, &c, reason, incomplete);
        if (n < 0) {
            *bad = -n;
            return i;
        }
        if (str_builder_char(&d->out, c) < 0) {
            return -1;
        }
        i += n;
    }
    *bad = 0;
    return i;
}

PyObject *codec_utf8_decode(const char *text, Py_ssize_t n, const char *errors,
                            Py_ssize_t *consumed)
{
    if (consumed != NULL) {
        *consumed = n;
    }
    if (text_is_ascii(text, (size_t)n)) {
        return str_from_ascii(text, n);
    }
    struct decoder d;
    decoder_init(&d, "utf-8", errors, text, n);
    if (str_builder_reserve(&d.out, n / 2, 0x7f) < 0) {
        return NULL;
    }
    Py_ssize_t i = 0;
    for (;;) {
        const char *reason = NULL;
        int bad = 0;
        bool incomplete = false;
        i = decode_valid(&d, i, &reason, &bad, &incomplete);
        if (i < 0) {
            return NULL;
        }
        bool wait = consumed != NULL && (incomplete || is_half_surrogate(&d, i));
        if (bad == 0 || wait) {
            break;
        }
        i = decoder_error(&d, i, i + bad, reason);
        if (i < 0) {
            return NULL;
        }
    }
    if (consumed != NULL) {
        *consumed = i;
    }
    return str_builder_finish(&d.out);
}

/* ---- UTF-8 encoding. */

static inline int put_char(unsigned char *p, Py_UCS4 c)
{
    if (c < 0x80) {
        p[0] = (unsigned char)c;
        return 1;
    }
    if (c < 0x800) {
        p[0] = (unsigned char)(0xc0 | c >> 6);
        p[1] = (unsigned char)(0x80 | (c & 0x3f));
        return 2;
    }
    if (c < 0x10000) {
        p[0] = (unsigned char)(0xe0 | c >> 12);
        p[1] = (unsigned char)(0x80 | (c >> 6 & 0x3f));
        p[2] = (unsigned char)(0x80 | (c & 0x3f));
        return 3;
    }
    p[0] = (unsigned char)(0xf0 | c >> 18);
    p[1] = (unsigned char)(0x80 | (c >> 12 & 0x3f));
    p[2] = (unsigned char)(0x80 | (c >> 6 & 0x3f));
    p[3] = (unsigned char)(0x80 | (c & 0x3f));
    return 4;
}

/* Bytes needed, or -1 at the first surrogate. Sets no exception. */
static Py_ssize_t measure(PyObject *s)
{
    int kind = str_kind(s);
    const void *data = str_data(s);
    Py_ssize_t n = str_length(s), total = n;
    if (str_is_ascii(s)) {
        return n;
    }
    for (Py_ssize_t i = 0; i < n; i++) {
        Py_UCS4 c = str_read(kind, data, i);
        if (c - 0xd800 < 0x800) {
            return -1;
        }
        total += (c >= 0x80) + (c >= 0x800) + (c >= 0x10000);
    }
    return total;
}

void codec_utf8_fill(PyObject *s, char *out)
{
    Py_ssize_t n = str_length(s);
    int kind = str_kind(s);
    const void *data = str_data(s);
    if (str_is_ascii(s)) {
        memcpy(out, data, (size_t)n);
        return;
    }
    for (Py_ssize_t i = 0; i < n; i++) {
        out += put_char((unsigned char *)out, str_read(kind, data, i));
    }
}

static PyObject *encode_slowly(PyObject *s, const char *errors)
{
    struct encoder e;
    encoder_init(&e, "utf-8", errors, s, encoder_put_ascii);
    Py_ssize_t n = str_length(s);
    for (Py_ssize_t i = 0; i < n;) {
        Py_UCS4 c = str_at(s, i);
        if (c - 0xd800 >= 0x800) {
            unsigned char *p = (unsigned char *)bytes_builder_reserve(&e.out, 4);
            if (p == NULL) {
                return NULL;
            }
            e.out.length += put_char(p, c);
            i++;
            continue;
        }
        Py_ssize_t end = i + 1;
        while (end < n && str_at(s, end) - 0xd800 < 0x800) {
            end++;
        }
        i = encoder_error(&e, i, end, "surrogates not allowed");
        if (i < 0) {
            return NULL;
        }
    }
    return bytes_builder_finish(&e.out);
}

PyObject *codec_utf8_encode(PyObject *s, const char *errors)
{
    Py_ssize_t n = measure(s);
    if (n < 0) {
        return encode_slowly(s, errors);
    }
    if (str_is_ascii(s)) {
        return bytes_new(str_data(s), n);
    }
    struct bytes_builder b;
    bytes_builder_init(&b);
    char *p = bytes_builder_reserve(&b, n);
    if (p == NULL) {
        return NULL;
    }
    codec_utf8_fill(s, p);
    b.length = n;
    return bytes_builder_finish(&b);
}

Py_ssize_t codec_utf8_length(PyObject *s)
{
    Py_ssize_t n = measure(s);
    if (n < 0) {
        encode_slowly(s, NULL); /* raises */
    }
    return n;
}

/* ---- ASCII and Latin-1. */

PyObject *codec_ascii_decode(const char *text, Py_ssize_t n, const char *errors)
{
    if (text_is_ascii(text, (size_t)n)) {
        return str_from_ascii(text, n);
    }
    struct decoder d;
    decoder_init(&d, "ascii", errors, text, n);
    for (Py_ssize_t i = 0; i < d.length;) {
        size_t ascii = text_ascii_prefix((const char *)d.data + i, (size_t)(d.length - i));
        if (str_builder_ascii(&d.out, (const char *)d.data + i, (Py_ssize_t)ascii) < 0) {
            return NULL;
        }
        i += (Py_ssize_t)ascii;
        if (i < d.length) {
            i = decoder_error(&d, i, i + 1, "ordinal not in range(128)");
            if (i < 0) {
                return NULL;
            }
        }
    }
    return str_builder_finish(&d.out);
}

PyObject *codec_latin1_decode(const char *text, Py_ssize_t n, const char *errors)
{
    return str_from_latin1((const Py_UCS1 *)text, n);
}

static int put_latin1(struct encoder *e, PyObject *text)
{
    if (str_kind(text) != 1) {
        return 0;
    }
    return bytes_builder_add(&e->out, str_data(text), str_length(text)) < 0 ? -1 : 1;
}

/* Characters up to limit stand for themselves. */
static PyObject *encode_narrow(PyObject *s, const char *encoding, const char *errors, Py_UCS4 limit,
                               const char *reason, int (*put)(struct encoder *, PyObject *))
{
    struct encoder e;
    encoder_init(&e, encoding, errors, s, put);
    Py_ssize_t n = str_length(s);
    if (bytes_builder_reserve(&e.out, n) == NULL) {
        return NULL;
    }
    for (Py_ssize_t i = 0; i < n;) {
        Py_UCS4 c = str_at(s, i);
        if (c <= limit) {
            if (bytes_builder_byte(&e.out, (unsigned char)c) < 0) {
                return NULL;
            }
            i++;
            continue;
        }
        Py_ssize_t end = i + 1;
        while (end < n && str_at(s, end) > limit) {
            end++;
        }
        i = encoder_error(&e, i, end, reason);
        if (i < 0) {
            return NULL;
        }
    }
    return bytes_builder_finish(&e.out);
}

PyObject *codec_ascii_encode(PyObject *s, const char *errors)
{
    if (str_is_ascii(s)) {
        return bytes_new(str_data(s), str_length(s));
    }
    return encode_narrow(s, "ascii", errors, 0x7f, "ordinal not in range(128)", encoder_put_ascii);
}

PyObject *codec_latin1_encode(PyObject *s, const char *errors)
{
    if (str_kind(s) == 1) {
        return bytes_new(str_data(s), str_length(s));
    }
    return encode_narrow(s, "latin-1", errors, 0xff, "ordinal not in range(256)", put_latin1);
}

/* ---- File names. */

PyObject *str_from_filename(const char *bytes, Py_ssize_t length)
{
    return codec_utf8_decode(bytes, length, "surrogateescape", NULL);
}

PyObject *str_to_filename(PyObject *s)
{
    if (str_find_char(s, 0, 0, PY_SSIZE_T_MAX, 1) >= 0) {
        return error_raise_null(PyExc_ValueError, "embedded null byte");
    }
    return codec_utf8_encode(s, "surrogateescape");
}

PyObject *str_encode(PyObject *s, const char *encoding, const char *errors)
{
    return codec_encode_text(s, encoding, errors);
}

PyObject *str_decode(const char *bytes, Py_ssize_t n, const char *encoding, const char *errors)
{
    PyObject *b;
    if (encoding == NULL || strcmp(encoding, "utf-8") == 0) {
        return codec_utf8_decode(bytes, n, errors, NULL);
    }
    b = bytes_new(bytes, n);
    return b == NULL ? NULL : codec_decode_text(value_from_object(b), encoding, errors);
}
