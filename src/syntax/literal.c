/* SPDX-License-Identifier: MIT */
/* Numbers and strings: from the text of a token to a constant. f-strings are in fstring.c. */
#include <limits.h>

#include "base/text_number.h"
#include "object/bytes.h"
#include "object/float.h"
#include "object/int.h"
#include "syntax/parser_int.h"
#include "syntax/string_int.h"

/* ---- Numbers. */

static Value complex_new(double imaginary)
{
    PyComplexObject *c =
        (PyComplexObject *)object_alloc_bytes(&PyComplex_Type, sizeof(PyComplexObject));
    if (c == NULL) {
        return VALUE_NULL;
    }
    c->cval.real = 0.0;
    c->cval.imag = imaginary;
    return value_from_object(c);
}

static Value decimal_int(const char *text, size_t length)
{
    if (length <= 14) {
        int64_t n = 0;
        for (size_t i = 0; i < length; i++) {
            n = n * 10 + (text[i] - '0');
        }
        return value_from_int(n);
    }
    return int_from_text(text, length, 10);
}

static Value number_value(const char *text, size_t length)
{
    char last = text[length - 1];
    if (text[0] == '0' && length > 1) {
        switch (text[1]) {
        case 'x':
        case 'X': return int_from_text(text + 2, length - 2, 16);
        case 'o':
        case 'O': return int_from_text(text + 2, length - 2, 8);
        case 'b':
        case 'B': return int_from_text(text + 2, length - 2, 2);
        default: break;
        }
    }
    bool imaginary = last == 'j' || last == 'J';
    bool integer = !imaginary;
    for (size_t i = 0; i < length && integer; i++) {
        integer = text[i] >= '0' && text[i] <= '9';
    }
    if (integer) {
        return decimal_int(text, length);
    }
    double d = 0.0;
    text_to_double(text, length - imaginary, &d);
    return imaginary ? complex_new(d) : float_from_double(d);
}

/* An integer with too many digits: int's ValueError becomes a SyntaxError of the literal. */
static void *raise_number(struct parser *p, size_t token)
{
    if (error_matches(PyExc_ValueError)) {
        PyObject *text = object_str(value_from_object(error_take()));
        if (text != NULL) {
            return raise_token(p, token,
                               "%U - Consider hexadecimal for huge integer literals to avoid "
                               "decimal conversion limits.",
                               text);
        }
    }
    p->failed = true;
    return NULL;
}

struct expr *parse_number(struct parser *p)
{
    size_t index = p->position;
    const struct token *t = token_at(p, index);
    const char *text = token_text(p, t);
    size_t length = token_length(t);
    char few[64], *copy = few;
    if (memchr(text, '_', length) != NULL) {
        if (!check_version(p, 6, "Underscores in numeric literals are")) {
            return NULL;
        }
        if (length > sizeof few && (copy = heap_alloc(length, CELL_RAW)) == NULL) {
            error_no_memory();
            p->failed = true;
            return NULL;
        }
        size_t n = 0;
        for (size_t i = 0; i < length; i++) {
            if (text[i] != '_') {
                copy[n++] = text[i];
            }
        }
        text = copy;
        length = n;
    }
    Value v = number_value(text, length);
    if (value_is_null(v)) {
        return raise_number(p, index);
    }
    p->position++;
    return expr_Constant(p->arena, v, NULL, position_of_token(t));
}

/* ---- Strings. */

/* Reads a token's prefix and quotes. */
struct string_parts string_split(const char *text, size_t length)
{
    struct string_parts s = {.text = text, .length = length};
    for (;; s.text++, s.length--) {
        switch (*s.text) {
        case 'b':
        case 'B': s.bytes = true; continue;
        case 'r':
        case 'R': s.raw = true; continue;
        case 'f':
        case 'F': s.format = true; continue;
        case 'u':
        case 'U': s.unicode = *text == 'u'; continue;
        default: break;
        }
        break;
    }
    size_t quotes = s.length >= 6 && s.text[0] == s.text[1] && s.text[0] == s.text[2] ? 3 : 1;
    s.text += quotes;
    s.length -= 2 * quotes;
    return s;
}

/* Warns about "\d" (its character) and "\777" (its value); once per literal. */
static bool warn_escape(struct parser *p, int escape, size_t token)
{
    char text[16];
    bool octal = escape > UCHAR_MAX;
    snprintf(text, sizeof text, octal ? "%o" : "%c", escape);
    const char *kind = octal ? "octal escape sequence" : "escape sequence";
    PyObject *message = str_format("invalid %s '\\%s'", kind, text);
    int lineno = token_at(p, token)->lineno;
    if (message == NULL) {
        p->failed = true;
        return false;
    }
    if (syntax_warn(PyExc_DeprecationWarning, message, p->filename, lineno) == 0) {
        return true;
    }
    if (error_matches(PyExc_DeprecationWarning)) {
        error_clear();
        raise_token(p, token, "invalid %s '\\%s'", kind, text);
    }
    p->failed = true;
    return false;
}

bool string_warn_brace(struct parser *p, size_t token)
{
    return warn_escape(p, '{', token);
}

static int digit_value(char c)
{
    return c >= '0' && c <= '9'   ? c - '0'
           : c >= 'a' && c <= 'f' ? c - 'a' + 10
           : c >= 'A' && c <= 'F' ? c - 'A' + 10
                                  : 99;
}

/* Up to three octal digits; *s is at the first. */
static unsigned read_octal(const char **s, const char *end)
{
    unsigned value = 0;
    for (int i = 0; i < 3 && *s < end && **s >= '0' && **s <= '7'; i++) {
        value = value * 8 + (unsigned)(*(*s)++ - '0');
    }
    return value;
}

/* The characters for which a one-letter escape stands; 0 if it is none. */
static int simple_escape(char c)
{
    switch (c) {
    case '\\': return '\\';
    case '\'': return '\'';
    case '"': return '"';
    case 'a': return '\a';
    case 'b': return '\b';
    case 'f': return '\f';
    case 'n': return '\n';
    case 'r': return '\r';
    case 't': return '\t';
    case 'v': return '\v';
    default: return 0;
    }
}

/* ---- str with escapes. */

struct unescape {
    struct parser *p;
    const char *start, *end, *s;
    size_t token;
    size_t extra; /* what non-ASCII characters so far would be longer as \UXXXXXXXX */
    struct str_builder out;
    int bad_escape; /* the first unknown escape (see warn_escape), or -1 */
};

/* Error positions count as if every non-ASCII character were spelled \UXXXXXXXX. */
static bool raise_unicode(struct unescape *u, const char *from, const char *to, const char *what)
{
    size_t start = (size_t)(from - u->start) + u->extra, end = (size_t)(to - u->start) + u->extra;
    if (end - start == 1) {
        raise_last(u->p, PyExc_SyntaxError,
                   "(unicode error) 'unicodeescape' codec can't decode byte 0x5c in position %zu: "
                   "%s",
                   start, what);
    } else {
        raise_last(u->p, PyExc_SyntaxError,
                   "(unicode error) 'unicodeescape' codec can't decode bytes in position %zu-%zu: "
                   "%s",
                   start, end - 1, what);
    }
    return false;
}

static bool unescape_hex(struct unescape *u, const char *from, int digits)
{
    Py_UCS4 value = 0;
    int n = 0;
    while (n < digits && u->s < u->end && digit_value(*u->s) < 16) {
        value = value << 4 | (Py_UCS4)digit_value(*u->s++);
        n++;
    }
    if (n < digits) {
        return raise_unicode(u, from, u->s,
                             digits == 2   ? "truncated \\xXX escape"
                             : digits == 4 ? "truncated \\uXXXX escape"
                                           : "truncated \\UXXXXXXXX escape");
    }
    if (value > 0x10FFFF) {
        return raise_unicode(u, from, u->s, "illegal Unicode character");
    }
    return str_builder_char(&u->out, value) == 0;
}

/* \N{NAME} */
static bool unescape_name(struct unescape *u, const char *from)
{
    if (u->s == u->end || *u->s != '{') {
        return raise_unicode(u, from, u->s, "malformed \\N character escape");
    }
    const char *name = ++u->s;
    while (u->s < u->end && *u->s != '}') {
        u->s++;
    }
    if (u->s == name || u->s == u->end) {
        return raise_unicode(u, from, u->s, "malformed \\N character escape");
    }
    PyObject *text = decode_replacing(name, (size_t)(u->s - name));
    u->s++;
    Value lookup = text != NULL ? syntax_import("unicodedata", "lookup") : VALUE_NULL;
    Value found =
        value_is_null(lookup) ? VALUE_NULL : object_call1(lookup, value_from_object(text));
    if (value_is_null(found) && !error_matches(PyExc_KeyError)) {
        return false;
    }
    if (value_is_null(found) || str_length(value_object(found)) != 1) {
        error_clear();
        return raise_unicode(u, from, u->s, "unknown Unicode character name");
    }
    return str_builder_str(&u->out, value_object(found)) == 0;
}

/* At a backslash. */
static bool unescape_one(struct unescape *u)
{
    const char *from = u->s++;
    if (u->s == u->end || (unsigned char)*u->s >= 0x80) {
        u->extra += 5; /* counts as if it were spelled \u005c */
        return str_builder_char(&u->out, '\\') == 0;
    }
    char c = *u->s;
    if (c >= '0' && c <= '7') {
        unsigned value = read_octal(&u->s, u->end);
        if (value > UCHAR_MAX && u->bad_escape < 0) {
            u->bad_escape = (int)value;
        }
        return str_builder_char(&u->out, value) == 0;
    }
    u->s++;
    int simple = simple_escape(c);
    if (simple != 0) {
        return str_builder_char(&u->out, (Py_UCS4)simple) == 0;
    }
    switch (c) {
    case '\n': return true;
    case 'x': return unescape_hex(u, from, 2);
    case 'u': return unescape_hex(u, from, 4);
    case 'U': return unescape_hex(u, from, 8);
    case 'N': return unescape_name(u, from);
    default: break;
    }
    if (u->bad_escape < 0) {
        u->bad_escape = (unsigned char)c;
    }
    return str_builder_ascii(&u->out, from, 2) == 0;
}

static bool unescape_text(struct unescape *u)
{
    while (u->s < u->end) {
        const char *run = u->s;
        while (u->s < u->end && *u->s != '\\' && (unsigned char)*u->s < 0x80) {
            u->s++;
        }
        if (u->s > run && str_builder_ascii(&u->out, run, u->s - run) < 0) {
            return false;
        }
        if (u->s == u->end) {
            break;
        }
        if (*u->s == '\\') {
            if (!unescape_one(u)) {
                return false;
            }
            continue;
        }
        int n;
        Py_UCS4 c = utf8_decode_char(u->s, u->end, &n);
        if (c == 0xFFFD && n == 1) {
            str_from_utf8(u->start, u->end - u->start); /* sets the error */
            return false;
        }
        u->s += n;
        u->extra += 10 - (size_t)n;
        if (str_builder_char(&u->out, c) < 0) {
            return false;
        }
    }
    return true;
}

/* An exception from decoding becomes a SyntaxError. */
static PyObject *fail_decode(struct parser *p)
{
    const char *kind = error_matches(PyExc_UnicodeError)  ? "unicode error"
                       : error_matches(PyExc_SyntaxError) ? NULL
                       : error_matches(PyExc_ValueError)  ? "value error"
                                                          : NULL;
    if (kind != NULL && !p->failed) {
        PyObject *text = object_str(value_from_object(error_take()));
        if (text != NULL) {
            raise_last(p, PyExc_SyntaxError, "(%s) %U", kind, text);
        }
    }
    p->failed = true;
    return NULL;
}

PyObject *string_decode(struct parser *p, const char *text, size_t length, bool raw, size_t token)
{
    if (raw || memchr(text, '\\', length) == NULL) {
        PyObject *s = str_from_utf8(text, (Py_ssize_t)length);
        return s != NULL ? s : fail_decode(p);
    }
    struct unescape u = {
        .p = p, .start = text, .end = text + length, .s = text, .token = token, .bad_escape = -1};
    str_builder_init(&u.out);
    if (!unescape_text(&u)) {
        return fail_decode(p);
    }
    if (u.bad_escape >= 0 && !warn_escape(p, u.bad_escape, token)) {
        return NULL;
    }
    PyObject *s = str_builder_finish(&u.out);
    return s != NULL ? s : fail_decode(p);
}

/* ---- bytes. */

static PyObject *unescape_bytes(struct parser *p, const struct string_parts *part, size_t token)
{
    const char *s = part->text, *end = part->text + part->length;
    PyObject *result = bytes_new(NULL, (Py_ssize_t)part->length);
    if (result == NULL) {
        p->failed = true;
        return NULL;
    }
    char *out = bytes_data(result);
    int bad_escape = -1;
    while (s < end) {
        if (*s != '\\' || part->raw) {
            *out++ = *s++;
            continue;
        }
        const char *from = s++;
        if (*s >= '0' && *s <= '7') {
            unsigned value = read_octal(&s, end);
            if (value > UCHAR_MAX && bad_escape < 0) {
                bad_escape = (int)value;
            }
            *out++ = (char)value;
        } else if (simple_escape(*s) != 0) {
            *out++ = (char)simple_escape(*s++);
        } else if (*s == '\n') {
            s++;
        } else if (*s == 'x') {
            if (end - s < 3 || digit_value(s[1]) > 15 || digit_value(s[2]) > 15) {
                return raise_last(p, PyExc_SyntaxError,
                                  "(value error) invalid \\x escape at position %zd",
                                  (Py_ssize_t)(from - part->text));
            }
            *out++ = (char)(digit_value(s[1]) << 4 | digit_value(s[2]));
            s += 3;
        } else {
            bad_escape = bad_escape < 0 ? (unsigned char)*s : bad_escape;
            *out++ = '\\';
        }
    }
    if (bad_escape >= 0 && !warn_escape(p, bad_escape, token)) {
        return NULL;
    }
    Py_ssize_t length = out - bytes_data(result);
    return length == (Py_ssize_t)part->length ? result : bytes_new(bytes_data(result), length);
}

static PyObject *decode_bytes(struct parser *p, const struct string_parts *part, size_t token)
{
    for (size_t i = 0; i < part->length; i++) {
        if ((unsigned char)part->text[i] >= 0x80) {
            return raise_last(p, PyExc_SyntaxError,
                              "bytes can only contain ASCII literal characters");
        }
    }
    return unescape_bytes(p, part, token);
}

static struct expr *parse_bytes(struct parser *p, size_t start, size_t end)
{
    PyObject *all = NULL;
    for (size_t i = start; i < end; i++) {
        const struct token *t = token_at(p, i);
        struct string_parts part = string_split(token_text(p, t), token_length(t));
        PyObject *b = decode_bytes(p, &part, i);
        if (b != NULL && all != NULL) {
            Value sum = object_binary(value_from_object(all), value_from_object(b), OP_ADD);
            b = value_is_null(sum) ? NULL : value_object(sum);
        }
        if (b == NULL) {
            p->failed = true;
            return NULL;
        }
        all = b;
    }
    return expr_Constant(p->arena, value_from_object(all), NULL, position_from(p, start));
}

/* One plain literal: by far the most common case. */
static struct expr *parse_single_string(struct parser *p, size_t index,
                                        const struct string_parts *part)
{
    PyObject *s = string_decode(p, part->text, part->length, part->raw, index);
    PyObject *kind = NULL;
    if (s == NULL || (part->unicode && (kind = str_intern_text("u")) == NULL)) {
        return NULL;
    }
    return expr_Constant(p->arena, value_from_object(s), kind,
                         position_of_token(token_at(p, index)));
}

/* One or more adjacent string tokens. */
struct expr *parse_strings(struct parser *p)
{
    size_t start = p->position, bytes = 0;
    bool format = false;
    struct string_parts part = {0};
    while (peek(p) == TOKEN_STRING) {
        const struct token *t = token_at(p, p->position++);
        part = string_split(token_text(p, t), token_length(t));
        bytes += part.bytes;
        format = format || part.format;
    }
    if (p->failed) {
        return NULL;
    }
    size_t count = p->position - start;
    if (bytes != 0 && bytes != count) {
        return raise_last(p, PyExc_SyntaxError, "cannot mix bytes and nonbytes literals");
    }
    if (bytes != 0) {
        return parse_bytes(p, start, p->position);
    }
    if (count == 1 && !format) {
        return parse_single_string(p, start, &part);
    }
    return parse_joined(p, start, p->position, format);
}
