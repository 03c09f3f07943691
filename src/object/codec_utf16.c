/* SPDX-License-Identifier: MIT */
/* UTF-16 and UTF-32. */
#include "object/codec_int.h"

static inline uint32_t load16(const unsigned char *p, bool big)
{
    return big ? (uint32_t)p[0] << 8 | p[1] : (uint32_t)p[1] << 8 | p[0];
}
static inline uint32_t load32(const unsigned char *p, bool big)
{
    return big ? load16(p, true) << 16 | load16(p + 2, true)
               : load16(p + 2, false) << 16 | load16(p, false);
}
static inline void store16(unsigned char *p, uint32_t c, bool big)
{
    p[big ? 0 : 1] = (unsigned char)(c >> 8);
    p[big ? 1 : 0] = (unsigned char)c;
}
static inline void store32(unsigned char *p, uint32_t c, bool big)
{
    store16(p + (big ? 0 : 2), c >> 16, big);
    store16(p + (big ? 2 : 0), c & 0xffff, big);
}

/* Skips a byte order mark of `unit` bytes when the order is open; decides the order. */
static Py_ssize_t skip_mark(const char *text, Py_ssize_t n, int *byteorder, int unit)
{
    if (*byteorder != 0 || n < unit) {
        return 0;
    }
    const unsigned char *p = (const unsigned char *)text;
    uint32_t little = unit == 2 ? load16(p, false) : load32(p, false);
    uint32_t big = unit == 2 ? load16(p, true) : load32(p, true);
    if (little == 0xfeff || big == 0xfeff) {
        *byteorder = little == 0xfeff ? -1 : 1;
        return unit;
    }
    return 0;
}

/* ---- Decoding. A reader returns the bytes used (> 0), or minus the bytes that are wrong. */

static int read16(const unsigned char *p, Py_ssize_t left, bool big, Py_UCS4 *out,
                  const char **reason, bool *incomplete)
{
    *incomplete = false;
    if (left < 2) {
        *incomplete = true;
        *reason = "truncated data";
        return -(int)left;
    }
    Py_UCS4 c = load16(p, big);
    *out = c;
    if (c - 0xd800 >= 0x800) {
        return 2;
    }
    if (c >= 0xdc00) {
        *reason = "illegal encoding";
        return -2;
    }
    if (left < 4) {
        *incomplete = true;
        *reason = "unexpected end of data";
        return -(int)left;
    }
    Py_UCS4 low = load16(p + 2, big);
    if (low - 0xdc00 >= 0x400) {
        *reason = "illegal UTF-16 surrogate";
        return -2;
    }
    *out = 0x10000 + ((c - 0xd800) << 10) + (low - 0xdc00);
    return 4;
}

static int read32(const unsigned char *p, Py_ssize_t left, bool big, Py_UCS4 *out,
                  const char **reason, bool *incomplete)
{
    *incomplete = left < 4;
    if (left < 4) {
        *reason = "truncated data";
        return -(int)left;
    }
    Py_UCS4 c = load32(p, big);
    *out = c;
    if (c - 0xd800 < 0x800) {
        *reason = "code point in surrogate code point range(0xd800, 0xe000)";
        return -4;
    }
    if (c > 0x10ffff) {
        *reason = "code point not in range(0x110000)";
        return -4;
    }
    return 4;
}

typedef int reader(const unsigned char *, Py_ssize_t, bool, Py_UCS4 *, const char **, bool *);

static PyObject *decode(struct decoder *d, Py_ssize_t i, bool big, reader *read,
                        Py_ssize_t *consumed)
{
    while (i < d->length) {
        Py_UCS4 c;
        const char *reason;
        bool incomplete;
        int n = read(d->data + i, d->length - i, big, &c, &reason, &incomplete);
        if (n > 0) {
            if (str_builder_char(&d->out, c) < 0) {
                return NULL;
            }
            i += n;
            continue;
        }
        if (incomplete && consumed != NULL) {
            break;
        }
        i = decoder_error(d, i, i - n, reason);
        if (i < 0) {
            return NULL;
        }
    }
    if (consumed != NULL) {
        *consumed = i;
    }
    return str_builder_finish(&d->out);
}

PyObject *codec_utf16_decode(const char *text, Py_ssize_t n, const char *errors, int *byteorder,
                             Py_ssize_t *consumed)
{
    int unknown = 0;
    byteorder = byteorder == NULL ? &unknown : byteorder;
    Py_ssize_t start = skip_mark(text, n, byteorder, 2);
    struct decoder d;
    decoder_init(&d, *byteorder > 0 ? "utf-16-be" : "utf-16-le", errors, text, n);
    return decode(&d, start, *byteorder > 0, read16, consumed);
}

PyObject *codec_utf32_decode(const char *text, Py_ssize_t n, const char *errors, int *byteorder,
                             Py_ssize_t *consumed)
{
    int unknown = 0;
    byteorder = byteorder == NULL ? &unknown : byteorder;
    Py_ssize_t start = skip_mark(text, n, byteorder, 4);
    struct decoder d;
    decoder_init(&d, *byteorder > 0 ? "utf-32-be" : "utf-32-le", errors, text, n);
    return decode(&d, start, *byteorder > 0, read32, consumed);
}

/* ---- Encoding. */

static int put16(struct encoder *e, Py_UCS4 c, bool big)
{
    unsigned char *p = (unsigned char *)bytes_builder_reserve(&e->out, 4);
    if (p == NULL) {
        return -1;
    }
    if (c < 0x10000) {
        store16(p, c, big);
        e->out.length += 2;
        return 0;
    }
    store16(p, 0xd800 + ((c - 0x10000) >> 10), big);
    store16(p + 2, 0xdc00 + ((c - 0x10000) & 0x3ff), big);
    e->out.length += 4;
    return 0;
}

static int put32(struct encoder *e, Py_UCS4 c, bool big)
{
    unsigned char *p = (unsigned char *)bytes_builder_reserve(&e->out, 4);
    if (p == NULL) {
        return -1;
    }
    store32(p, c, big);
    e->out.length += 4;
    return 0;
}

struct wide_form {
    int (*put)(struct encoder *, Py_UCS4, bool);
    bool big;
};

static int put_replacement(struct encoder *e, PyObject *text)
{
    const struct wide_form *form = e->closure;
    if (!str_is_ascii(text)) {
        return 0;
    }
    for (Py_ssize_t i = 0; i < str_length(text); i++) {
        if (form->put(e, str_at(text, i), form->big) < 0) {
            return -1;
        }
    }
    return 1;
}

static PyObject *encode(PyObject *s, const char *encoding, const char *errors, int unit,
                        int byteorder)
{
    struct wide_form form = {unit == 2 ? put16 : put32, byteorder > 0};
    struct encoder e;
    encoder_init(&e, encoding, errors, s, put_replacement);
    e.closure = &form;
    e.unit = unit;
    Py_ssize_t n = str_length(s);
    if (bytes_builder_reserve(&e.out, (n + 1) * unit) == NULL ||
        (byteorder == 0 && form.put(&e, 0xfeff, false) < 0)) {
        return NULL;
    }
    for (Py_ssize_t i = 0; i < n;) {
        Py_UCS4 c = str_at(s, i);
        if (c - 0xd800 >= 0x800) {
            if (form.put(&e, c, form.big) < 0) {
                return NULL;
            }
            i++;
            continue;
        }
        i = encoder_error(&e, i, i + 1, "surrogates not allowed");
        if (i < 0) {
            return NULL;
        }
    }
    return bytes_builder_finish(&e.out);
}

PyObject *codec_utf16_encode(PyObject *s, const char *errors, int byteorder)
{
    const char *name = byteorder == 0 ? "utf-16" : byteorder < 0 ? "utf-16-le" : "utf-16-be";
    return encode(s, name, errors, 2, byteorder);
}

PyObject *codec_utf32_encode(PyObject *s, const char *errors, int byteorder)
{
    const char *name = byteorder == 0 ? "utf-32" : byteorder < 0 ? "utf-32-le" : "utf-32-be";
    return encode(s, name, errors, 4, byteorder);
}
