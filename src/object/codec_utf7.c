/* SPDX-License-Identifier: MIT */
/* UTF-7 (RFC 2152): ASCII text with runs of base64-coded UTF-16 between '+' and '-'. */
#include "object/codec_int.h"
#include "object/unicode_data.h"

static int base64_value(unsigned char c)
{
    return ascii_is_upper(c)   ? c - 'A'
           : ascii_is_lower(c) ? c - 'a' + 26
           : ascii_is_digit(c) ? c - '0' + 52
           : c == '+'          ? 62
           : c == '/'          ? 63
                               : -1;
}

/* A shifted run while decoding. */
struct run {
    Py_ssize_t start;      /* of the '+' */
    Py_ssize_t out_length; /* what the output had then */
    uint32_t bits;
    int bit_count;
    Py_UCS4 surrogate; /* a high one that waits, or 0 */
    bool open;
};

static int flush_surrogate(struct decoder *d, struct run *r)
{
    Py_UCS4 c = r->surrogate;
    r->surrogate = 0;
    return c == 0 ? 0 : str_builder_char(&d->out, c);
}

/* One UTF-16 unit of a run. */
static int put_unit(struct decoder *d, struct run *r, Py_UCS4 unit)
{
    if (r->surrogate != 0 && unit - 0xdc00 < 0x400) {
        Py_UCS4 c = 0x10000 + ((r->surrogate - 0xd800) << 10) + (unit - 0xdc00);
        r->surrogate = 0;
        return str_builder_char(&d->out, c);
    }
    if (flush_surrogate(d, r) < 0) {
        return -1;
    }
    if (unit - 0xd800 < 0x400) {
        r->surrogate = unit;
        return 0;
    }
    return str_builder_char(&d->out, unit);
}

static int put_digit(struct decoder *d, struct run *r, int value)
{
    r->bits = r->bits << 6 | (uint32_t)value;
    r->bit_count += 6;
    if (r->bit_count < 16) {
        return 0;
    }
    r->bit_count -= 16;
    Py_UCS4 unit = r->bits >> r->bit_count & 0xffff;
    r->bits &= (1u << r->bit_count) - 1;
    return put_unit(d, r, unit);
}

/* The run ends before the character at i, which is no base64 digit. */
static Py_ssize_t end_run(struct decoder *d, struct run *r, Py_ssize_t i)
{
    r->open = false;
    if (r->bit_count >= 6) {
        return decoder_error(d, r->start, i + 1, "partial character in shift sequence");
    }
    if (r->bit_count > 0 && r->bits != 0) {
        return decoder_error(d, r->start, i + 1, "non-zero padding bits in shift sequence");
    }
    unsigned char c = d->data[i];
    if (r->surrogate != 0 && c < 0x80 && c != '+' && flush_surrogate(d, r) < 0) {
        return -1;
    }
    return c == '-' ? i + 1 : i;
}

static Py_ssize_t start_run(struct decoder *d, struct run *r, Py_ssize_t i)
{
    Py_ssize_t next = i + 1;
    if (next < d->length && d->data[next] == '-') {
        return str_builder_char(&d->out, '+') < 0 ? -1 : next + 1;
    }
    if (next < d->length && base64_value(d->data[next]) < 0) {
        return decoder_error(d, i, next + 1, "ill-formed sequence");
    }
    *r = (struct run){.start = i, .out_length = d->out.length, .open = true};
    return next;
}

static Py_ssize_t step(struct decoder *d, struct run *r, Py_ssize_t i)
{
    unsigned char c = d->data[i];
    if (r->open) {
        int value = base64_value(c);
        if (value < 0) {
            return end_run(d, r, i);
        }
        return put_digit(d, r, value) < 0 ? -1 : i + 1;
    }
    if (c == '+') {
        return start_run(d, r, i);
    }
    if (c >= 0x80) {
        return decoder_error(d, i, i + 1, "unexpected special character");
    }
    return str_builder_char(&d->out, c) < 0 ? -1 : i + 1;
}

/* The input ended inside a run: 1 to go on (a handler moved back), 0 done, -1. */
static int finish_run(struct decoder *d, struct run *r, Py_ssize_t *i, bool final)
{
    bool waits = r->surrogate != 0 || r->bit_count >= 6 || (r->bit_count > 0 && r->bits != 0);
    if (!final) {
        *i = r->start;
        d->out.length = r->out_length;
        return 0;
    }
    r->open = false;
    if (!waits) {
        return 0;
    }
    Py_ssize_t next = decoder_error(d, r->start, d->length, "unterminated shift sequence");
    if (next < 0) {
        return -1;
    }
    *i = next;
    return next < d->length;
}

PyObject *codec_utf7_decode(const char *text, Py_ssize_t n, const char *errors,
                            Py_ssize_t *consumed)
{
    struct decoder d;
    struct run r = {.open = false};
    decoder_init(&d, "utf7", errors, text, n);
    Py_ssize_t i = 0;
    for (;;) {
        while (i >= 0 && i < d.length) {
            i = step(&d, &r, i);
        }
        if (i < 0) {
            return NULL;
        }
        int more = r.open ? finish_run(&d, &r, &i, consumed == NULL) : 0;
        if (more < 0) {
            return NULL;
        }
        if (more == 0) {
            break;
        }
    }
    if (consumed != NULL) {
        *consumed = i;
    }
    return str_builder_finish(&d.out);
}

/* ---- Encoding. */

static bool is_direct(Py_UCS4 c)
{
    return c < 0x80 && c != '+' && c != '\\' && c != '~' && c != 0x7f &&
           (c >= ' ' || c == '\t' || c == '\n' || c == '\r');
}

struct packer {
    struct bytes_builder out;
    uint32_t bits;
    int bit_count;
};

static int pack_bits(struct packer *p, bool flush)
{
    static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    if (flush && p->bit_count > 0) {
        p->bits <<= 6 - p->bit_count;
        p->bit_count = 6;
    }
    while (p->bit_count >= 6) {
        p->bit_count -= 6;
        if (bytes_builder_byte(&p->out, (unsigned char)digits[p->bits >> p->bit_count & 63]) < 0) {
            return -1;
        }
        p->bits &= (1u << p->bit_count) - 1;
    }
    return 0;
}

static int pack_unit(struct packer *p, Py_UCS4 unit)
{
    p->bits = p->bits << 16 | unit;
    p->bit_count += 16;
    return pack_bits(p, false);
}

static int pack_char(struct packer *p, Py_UCS4 c)
{
    if (c < 0x10000) {
        return pack_unit(p, c);
    }
    return pack_unit(p, 0xd800 + ((c - 0x10000) >> 10)) < 0
               ? -1
               : pack_unit(p, 0xdc00 + ((c - 0x10000) & 0x3ff));
}

PyObject *codec_utf7_encode(PyObject *s, const char *errors)
{
    struct packer p = {.bits = 0};
    bool open = false;
    for (Py_ssize_t i = 0; i < str_length(s); i++) {
        Py_UCS4 c = str_at(s, i);
        if (is_direct(c)) {
            if (open) {
                open = false;
                bool dash = base64_value((unsigned char)c) >= 0 || c == '-';
                if (pack_bits(&p, true) < 0 || (dash && bytes_builder_byte(&p.out, '-') < 0)) {
                    return NULL;
                }
            }
            if (bytes_builder_byte(&p.out, (unsigned char)c) < 0) {
                return NULL;
            }
            continue;
        }
        if (!open && c == '+') {
            if (bytes_builder_add(&p.out, "+-", 2) < 0) {
                return NULL;
            }
            continue;
        }
        if (!open && bytes_builder_byte(&p.out, '+') < 0) {
            return NULL;
        }
        open = true;
        if (pack_char(&p, c) < 0) {
            return NULL;
        }
    }
    if (open && (pack_bits(&p, true) < 0 || bytes_builder_byte(&p.out, '-') < 0)) {
        return NULL;
    }
    return bytes_builder_finish(&p.out);
}
