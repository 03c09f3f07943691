/* SPDX-License-Identifier: MIT */
/* Module binascii: base64, hexadecimal, uuencode, quoted-printable, and checksums. */
#include <zlib.h>

#include "object/bytes_int.h"
#include "object/dict.h"
#include "object/int.h"
#include "object/list.h"
#include "object/str.h"
#include "object/unicode_data.h"

static PyObject *error_type, *incomplete_type; /* set once by exec */

static Value wrap(PyObject *o)
{
    return value_from_object(o);
}

/* Bytes, a buffer, or ASCII text. */
static int ascii_argument(struct byte_argument *a, Value v)
{
    a->held = false;
    if (str_check(v)) {
        if (!str_is_ascii(value_object(v))) {
            return error_raise_int(PyExc_ValueError,
                                   "string argument should contain only ASCII characters");
        }
        a->data = str_utf8(value_object(v), &a->length);
        return a->data == NULL ? -1 : 0;
    }
    if (!object_has_buffer(v)) {
        return error_raise_int(PyExc_TypeError,
                               "argument should be bytes, buffer or ASCII string, not '%T'", v);
    }
    return byte_argument_get(a, v);
}

static int flag(Value v, bool *out)
{
    return value_is_absent(v) ? 0 : arg_bool(v, out);
}

/* ---- Hexadecimal. */

static Value hexlify(Value self, const Value *args)
{
    struct byte_argument a;
    if (byte_argument_get(&a, args[0]) < 0) {
        return VALUE_NULL;
    }
    PyObject *text = bytes_hex(a.data, a.length, args[1], args[2]);
    byte_argument_release(&a);
    Py_ssize_t n;
    const char *ascii = text == NULL ? NULL : str_utf8(text, &n);
    return ascii == NULL ? VALUE_NULL : wrap(bytes_new(ascii, n));
}

static int hex_value(unsigned char c)
{
    return ascii_is_digit(c)                    ? c - '0'
           : (c | 32) >= 'a' && (c | 32) <= 'f' ? (c | 32) - 'a' + 10
                                                : -1;
}

static PyObject *from_hex(const struct byte_argument *a)
{
    if (a->length % 2 != 0) {
        return error_raise_null(error_type, "Odd-length string");
    }
    PyObject *b = bytes_new(NULL, a->length / 2);
    for (Py_ssize_t i = 0; b != NULL && i < a->length; i += 2) {
        int high = hex_value((unsigned char)a->data[i]),
            low = hex_value((unsigned char)a->data[i + 1]);
        if (high < 0 || low < 0) {
            return error_raise_null(error_type, "Non-hexadecimal digit found");
        }
        bytes_data(b)[i / 2] = (char)(high << 4 | low);
    }
    return b;
}

static Value unhexlify(Value self, Value v)
{
    struct byte_argument a;
    if (ascii_argument(&a, v) < 0) {
        return VALUE_NULL;
    }
    PyObject *b = from_hex(&a);
    byte_argument_release(&a);
    return wrap(b);
}

/* ---- Base64. */

static int base64_value(unsigned char c)
{
    return ascii_is_upper(c)   ? c - 'A'
           : ascii_is_lower(c) ? c - 'a' + 26
           : ascii_is_digit(c) ? c - '0' + 52
           : c == '+'          ? 62
           : c == '/'          ? 63
                               : -1;
}

static PyObject *from_base64(const struct byte_argument *a, bool strict)
{
    struct bytes_builder out;
    bytes_builder_init(&out);
    if (bytes_builder_reserve(&out, a->length / 4 * 3 + 3) == NULL) {
        return NULL;
    }
    uint32_t bits = 0;
    int position = 0, pads = 0; /* in the group of four */
    bool padded = false;
    for (Py_ssize_t i = 0; i < a->length; i++) {
        unsigned char c = (unsigned char)a->data[i];
        if (c == '=') {
            padded = true;
            const char *wrong = strict && i == 0 ? "Leading padding not allowed" : NULL;
            if (position >= 2 && position + ++pads >= 4) {
                if (!strict || i + 1 == a->length) {
                    return bytes_builder_finish(&out);
                }
                wrong = "Excess data after padding";
            }
            if (wrong != NULL) {
                return error_raise_null(error_type, wrong);
            }
            continue;
        }
        int value = base64_value(c);
        if (value < 0) {
            if (strict) {
                return error_raise_null(error_type, "Only base64 data is allowed");
            }
            continue;
        }
        if (strict && padded) {
            return error_raise_null(error_type, "Discontinuous padding not allowed");
        }
        pads = 0;
        bits = bits << 6 | (uint32_t)value;
        position = (position + 1) & 3;
        static const int shifts[] = {0, -1, 4, 2};
        if (position != 1 &&
            bytes_builder_byte(&out, (unsigned char)(bits >> shifts[position])) < 0) {
            return NULL;
        }
    }
    if (position == 1) {
        return error_raise_null(error_type,
                                "Invalid base64-encoded string: number of data characters "
                                "(%zd) cannot be 1 more than a multiple of 4",
                                out.length / 3 * 4 + 1);
    }
    return position != 0 ? error_raise_null(error_type, "Incorrect padding")
                         : bytes_builder_finish(&out);
}

static Value a2b_base64(Value self, const Value *args)
{
    struct byte_argument a;
    bool strict = false;
    if (flag(args[1], &strict) < 0 || ascii_argument(&a, args[0]) < 0) {
        return VALUE_NULL;
    }
    PyObject *b = from_base64(&a, strict);
    byte_argument_release(&a);
    return wrap(b);
}

static PyObject *to_base64(const struct byte_argument *a, bool newline)
{
    static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    if (a->length > PY_SSIZE_T_MAX / 2) {
        error_no_memory();
        return NULL;
    }
    PyObject *b = bytes_new(NULL, (a->length + 2) / 3 * 4 + newline);
    if (b == NULL) {
        return NULL;
    }
    const unsigned char *p = (const unsigned char *)a->data;
    char *out = bytes_data(b);
    for (Py_ssize_t i = 0; i < a->length; i += 3) {
        Py_ssize_t left = a->length - i;
        uint32_t bits = (uint32_t)p[i] << 16 | (left > 1 ? (uint32_t)p[i + 1] << 8 : 0) |
                        (left > 2 ? p[i + 2] : 0u);
        *out++ = digits[bits >> 18];
        *out++ = digits[bits >> 12 & 63];
        *out++ = left > 1 ? digits[bits >> 6 & 63] : '=';
        *out++ = left > 2 ? digits[bits & 63] : '=';
    }
    if (newline) {
        *out = '\n';
    }
    return b;
}

static Value b2a_base64(Value self, const Value *args)
{
    struct byte_argument a;
    bool newline = true;
    if (flag(args[1], &newline) < 0 || byte_argument_get(&a, args[0]) < 0) {
        return VALUE_NULL;
    }
    PyObject *b = to_base64(&a, newline);
    byte_argument_release(&a);
    return wrap(b);
}

/* ---- Uuencode. */

static PyObject *from_uu(const struct byte_argument *a)
{
    const unsigned char *p = (const unsigned char *)a->data, *end = p + a->length;
    Py_ssize_t length = ((p < end ? *p++ : 0) - ' ') & 63;
    PyObject *b = bytes_new(NULL, length);
    uint32_t bits = 0;
    int count = 0;
    for (Py_ssize_t at = 0; b != NULL && at < length;) {
        unsigned char c = p < end ? *p : '\n';
        p += p < end;
        uint32_t value = 0;
        if (c != '\n' && c != '\r') {
            if (c < ' ' || c > ' ' + 64) {
                return error_raise_null(error_type, "Illegal char");
            }
            value = (uint32_t)(c - ' ') & 63;
        }
        bits = bits << 6 | value;
        count += 6;
        if (count >= 8) {
            count -= 8;
            bytes_data(b)[at++] = (char)(bits >> count);
        }
    }
    for (; b != NULL && p < end; p++) {
        if (*p != ' ' && *p != ' ' + 64 && *p != '\n' && *p != '\r') {
            return error_raise_null(error_type, "Trailing garbage");
        }
    }
    return b;
}

static Value a2b_uu(Value self, Value v)
{
    struct byte_argument a;
    if (ascii_argument(&a, v) < 0) {
        return VALUE_NULL;
    }
    PyObject *b = from_uu(&a);
    byte_argument_release(&a);
    return wrap(b);
}

static PyObject *to_uu(const struct byte_argument *a, bool backtick)
{
    if (a->length > 45) {
        return error_raise_null(error_type, "At most 45 bytes at once");
    }
    char text[80];
    Py_ssize_t n = 0;
    char zero = backtick ? '`' : ' ';
    text[n++] = a->length == 0 ? zero : (char)(' ' + a->length);
    for (Py_ssize_t i = 0; i < a->length; i += 3) {
        uint32_t bits = 0;
        for (int k = 0; k < 3; k++) {
            bits = bits << 8 | (i + k < a->length ? (unsigned char)a->data[i + k] : 0u);
        }
        for (int shift = 18; shift >= 0; shift -= 6) {
            uint32_t value = bits >> shift & 63;
            text[n++] = value == 0 ? zero : (char)(' ' + value);
        }
    }
    text[n++] = '\n';
    return bytes_new(text, n);
}

static Value b2a_uu(Value self, const Value *args)
{
    struct byte_argument a;
    bool backtick = false;
    if (flag(args[1], &backtick) < 0 || byte_argument_get(&a, args[0]) < 0) {
        return VALUE_NULL;
    }
    PyObject *b = to_uu(&a, backtick);
    byte_argument_release(&a);
    return wrap(b);
}

/* ---- Quoted-printable. */

static PyObject *from_qp(const struct byte_argument *a, bool header)
{
    struct bytes_builder out;
    bytes_builder_init(&out);
    const unsigned char *p = (const unsigned char *)a->data;
    Py_ssize_t n = a->length;
    for (Py_ssize_t i = 0; i < n;) {
        unsigned char c = p[i++];
        if (c == '=') {
            if (i >= n) {
                break;
            }
            if (p[i] == '\n' || p[i] == '\r') {
                while (i < n && p[i] != '\n') {
                    i++;
                }
                i += i < n;
                continue;
            }
            if (p[i] == '=') {
                i++;
            } else if (i + 1 < n && hex_value(p[i]) >= 0 && hex_value(p[i + 1]) >= 0) {
                c = (unsigned char)(hex_value(p[i]) << 4 | hex_value(p[i + 1]));
                i += 2;
            }
        } else if (header && c == '_') {
            c = ' ';
        }
        if (bytes_builder_byte(&out, c) < 0) {
            return NULL;
        }
    }
    return bytes_builder_finish(&out);
}

static Value a2b_qp(Value self, const Value *args)
{
    struct byte_argument a;
    bool header = false;
    if (flag(args[1], &header) < 0 || ascii_argument(&a, args[0]) < 0) {
        return VALUE_NULL;
    }
    PyObject *b = from_qp(&a, header);
    byte_argument_release(&a);
    return wrap(b);
}

struct quoting {
    const unsigned char *p;
    Py_ssize_t n;
    bool tabs, text, header, crlf;
    struct bytes_builder out;
    Py_ssize_t line; /* characters in the line so far */
};

enum { QP_LINE_MAX = 76 };

static int put_line_end(struct quoting *q)
{
    q->line = 0;
    return bytes_builder_add(&q->out, q->crlf ? "\r\n" : "\n", q->crlf ? 2 : 1);
}

static int soft_break(struct quoting *q)
{
    return bytes_builder_byte(&q->out, '=') < 0 ? -1 : put_line_end(q);
}

static int put_quoted(struct quoting *q, unsigned char c)
{
    static const char digits[] = "0123456789ABCDEF";
    char text[3] = {'=', digits[c >> 4], digits[c & 15]};
    q->line += 3;
    return bytes_builder_add(&q->out, text, 3);
}

static bool must_quote(const struct quoting *q, Py_ssize_t i)
{
    unsigned char c = q->p[i];
    bool last = i + 1 == q->n;
    if (c > 126 || c == '=' || (q->header && c == '_')) {
        return true;
    }
    if (c == '.' && q->line == 0 &&
        (last || q->p[i + 1] == '\n' || q->p[i + 1] == '\r' || q->p[i + 1] == 0)) {
        return true;
    }
    if (c == '\r' || c == '\n') {
        return !q->text;
    }
    if (c == '\t' || c == ' ') {
        return last || q->tabs;
    }
    return c < 33;
}

/* A line end of text: white space before it is quoted. */
static int put_newline(struct quoting *q)
{
    if (q->out.length > 0) {
        unsigned char before = (unsigned char)bytes_data(q->out.buffer)[q->out.length - 1];
        if (before == ' ' || before == '\t') {
            q->out.length--;
            if (put_quoted(q, before) < 0) {
                return -1;
            }
        }
    }
    return put_line_end(q);
}

static PyObject *to_qp(struct quoting *q)
{
    const unsigned char *lf = q->n > 0 ? memchr(q->p, '\n', (size_t)q->n) : NULL;
    q->crlf = lf != NULL && lf > q->p && lf[-1] == '\r';
    for (Py_ssize_t i = 0; i < q->n; i++) {
        unsigned char c = q->p[i];
        int status = 0;
        if (must_quote(q, i)) {
            if (q->line + 3 >= QP_LINE_MAX) {
                status = soft_break(q);
            }
            status = status < 0 ? -1 : put_quoted(q, c);
        } else if (q->text && (c == '\n' || (c == '\r' && i + 1 < q->n && q->p[i + 1] == '\n'))) {
            i += c == '\r';
            status = put_newline(q);
        } else {
            if (i + 1 != q->n && q->p[i + 1] != '\n' && q->line + 1 >= QP_LINE_MAX) {
                status = soft_break(q);
            }
            q->line++;
            status = status < 0 ? -1 : bytes_builder_byte(&q->out, q->header && c == ' ' ? '_' : c);
        }
        if (status < 0) {
            return NULL;
        }
    }
    return bytes_builder_finish(&q->out);
}

static Value b2a_qp(Value self, const Value *args)
{
    struct byte_argument a;
    struct quoting q = {.text = true};
    if (flag(args[1], &q.tabs) < 0 || flag(args[2], &q.text) < 0 || flag(args[3], &q.header) < 0 ||
        byte_argument_get(&a, args[0]) < 0) {
        return VALUE_NULL;
    }
    q.p = (const unsigned char *)a.data;
    q.n = a.length;
    PyObject *b = to_qp(&q);
    byte_argument_release(&a);
    return wrap(b);
}

/* ---- Checksums. */

static Value checksum(const Value *args, uint32_t (*f)(uint32_t, const unsigned char *, size_t))
{
    struct byte_argument a;
    uint64_t start = 0;
    if (!value_is_absent(args[1])) {
        Value index = object_index(args[1]);
        if (value_is_null(index)) {
            return VALUE_NULL;
        }
        start = int_to_u64_mask(index);
    }
    if (byte_argument_get(&a, args[0]) < 0) {
        return VALUE_NULL;
    }
    uint32_t sum = f((uint32_t)start, (const unsigned char *)a.data, (size_t)a.length);
    byte_argument_release(&a);
    return value_from_int(sum);
}

static uint32_t sum_crc32(uint32_t sum, const unsigned char *p, size_t n)
{
    return (uint32_t)crc32_z(sum, p, n);
}

static uint32_t sum_hqx(uint32_t sum, const unsigned char *p, size_t n)
{
    sum &= 0xffff;
    for (size_t i = 0; i < n; i++) {
        sum ^= (uint32_t)p[i] << 8;
        for (int bit = 0; bit < 8; bit++) {
            sum = (sum & 0x8000 ? sum << 1 ^ 0x1021 : sum << 1) & 0xffff;
        }
    }
    return sum;
}

static Value binascii_crc32(Value self, const Value *args)
{
    return checksum(args, sum_crc32);
}
static Value binascii_crc_hqx(Value self, const Value *args)
{
    return checksum(args, sum_hqx);
}

static const struct native_def functions[] = {
    {"a2b_uu", "($module, data, /)", "Decodes a line of uuencoded data.", .f1 = a2b_uu},
    {"b2a_uu", "($module, data, /, *, backtick=False)", "Encodes a line of data by uuencode.",
     .n = b2a_uu},
    {"a2b_base64", "($module, data, /, *, strict_mode=False)", "Decodes base64 data.",
     .n = a2b_base64},
    {"b2a_base64", "($module, data, /, *, newline=True)", "Encodes data as a line of base64.",
     .n = b2a_base64},
    {"a2b_hex", "($module, hexstr, /)", "Bytes from hexadecimal digits.", .f1 = unhexlify},
    {"b2a_hex", "($module, /, data, sep=<unrepresentable>, bytes_per_sep=1)",
     "Hexadecimal digits of bytes, separated by sep if it is given.", .n = hexlify},
    {"hexlify", "($module, /, data, sep=<unrepresentable>, bytes_per_sep=1)",
     "Hexadecimal digits of bytes, separated by sep if it is given.", .n = hexlify},
    {"unhexlify", "($module, hexstr, /)", "Bytes from hexadecimal digits.", .f1 = unhexlify},
    {"a2b_qp", "($module, /, data, header=False)", "Decodes quoted-printable data.", .n = a2b_qp},
    {"b2a_qp", "($module, /, data, quotetabs=False, istext=True, header=False)",
     "Encodes data as quoted-printable.", .n = b2a_qp},
    {"crc32", "($module, data, crc=0, /)", "The CRC-32 checksum of data, going on from crc.",
     .n = binascii_crc32},
    {"crc_hqx", "($module, data, crc, /)", "The CRC-CCITT checksum of data, going on from crc.",
     .n = binascii_crc_hqx},
    {NULL},
};

/* A new exception class of this module. */
static PyObject *make_exception(const char *name, PyObject *base)
{
    PyObject *bases = tuple_pack(1, base), *dict = dict_new(), *text = str_from_text(name);
    PyObject *module = str_from_text("binascii");
    if (bases == NULL || dict == NULL || text == NULL || module == NULL ||
        dict_set_str(dict, names.__module__, wrap(module)) < 0) {
        return NULL;
    }
    return value_object(type_new(&PyType_Type, text, bases, dict, NULL));
}

static int exec(PyObject *module)
{
    if (error_type == NULL) {
        error_type = make_exception("Error", PyExc_ValueError);
        incomplete_type = make_exception("Incomplete", PyExc_Exception);
    }
    return error_type == NULL || incomplete_type == NULL ||
                   module_add(module, "Error", wrap(error_type)) < 0 ||
                   module_add(module, "Incomplete", wrap(incomplete_type)) < 0
               ? -1
               : 0;
}

const struct module_def binascii_module = {"binascii", "Conversion between binary data and ASCII",
                                           functions, exec};
