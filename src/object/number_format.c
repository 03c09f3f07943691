/* SPDX-License-Identifier: MIT */
/* PEP 3101 format specs for int, float and complex, and the number part of the % operator.
 *
 * A formatted number is laid out as
 *   left padding, sign, prefix, inner padding, grouped integer digits, point, rest, right padding
 * in a builder; the digits come as ASCII text from int_to_text or text_format_double. */
#include "object/number_format.h"

#include <locale.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/text_number.h"
#include "object/complex.h"
#include "object/float.h"
#include "object/int.h"
#include "object/str.h"

struct spec {
    Py_UCS4 fill, align, sign, type;
    bool alternate, no_negative_zero, zero_padded, align_given;
    Py_ssize_t width, precision; /* -1: not given */
    Py_UCS4 grouping;            /* ',' or '_' or 0 */
};

/* ---- Parsing. */

static bool is_align(Py_UCS4 c)
{
    return c == '<' || c == '>' || c == '=' || c == '^';
}

struct reader {
    const void *data;
    int kind;
    Py_ssize_t position, length;
};

static inline Py_UCS4 peek(const struct reader *r, Py_ssize_t ahead)
{
    return r->position + ahead < r->length ? str_read(r->kind, r->data, r->position + ahead) : 0;
}

static inline int decimal_of(Py_UCS4 c)
{
    return c < 128 ? (c >= '0' && c <= '9' ? (int)c - '0' : -1) : str_char_to_decimal(c);
}

static bool take(struct reader *r, Py_UCS4 c)
{
    bool found = r->position < r->length && peek(r, 0) == c;
    r->position += found;
    return found;
}

/* How many digits were read, or -1. */
static Py_ssize_t read_number(struct reader *r, Py_ssize_t *out)
{
    Py_ssize_t start = r->position, n = 0;
    int d;
    while (r->position < r->length && (d = decimal_of(peek(r, 0))) >= 0) {
        if (n > (PY_SSIZE_T_MAX - d) / 10) {
            return error_raise_int(PyExc_ValueError, "Too many decimal digits in format string");
        }
        n = n * 10 + d;
        r->position++;
    }
    if (r->position > start) {
        *out = n;
    }
    return r->position - start;
}

static void read_fill(struct reader *r, struct spec *s)
{
    bool fill_given = false;
    if (r->length - r->position >= 2 && is_align(peek(r, 1))) {
        s->fill = peek(r, 0);
        s->align = peek(r, 1);
        fill_given = s->align_given = true;
        r->position += 2;
    } else if (is_align(peek(r, 0))) {
        s->align = peek(r, 0);
        s->align_given = true;
        r->position++;
    }
    Py_UCS4 c = peek(r, 0);
    if (c == '+' || c == '-' || c == ' ') {
        s->sign = c;
        r->position++;
    }
    s->no_negative_zero = take(r, 'z');
    s->alternate = take(r, '#');
    if (!fill_given && take(r, '0')) {
        s->fill = '0';
        s->align = s->align_given ? s->align : '=';
    }
}

int number_check_grouping(Py_UCS4 grouping, Py_UCS4 type)
{
    if (grouping == 0 || type == 0 || (type < 128 && strchr("defgEFG%", (int)type)) ||
        (grouping == '_' && type < 128 && strchr("boxX", (int)type))) {
        return 0;
    }
    if (type > 32 && type < 128) {
        return error_raise_int(PyExc_ValueError, "Cannot specify '%c' with '%c'.", (int)grouping,
                               (int)type);
    }
    return error_raise_int(PyExc_ValueError, "Cannot specify '%c' with '\\x%x'.", (int)grouping,
                           (unsigned)type);
}

static int parse(PyObject *text, Value v, Py_UCS4 default_type, struct spec *s)
{
    struct reader r = {str_data(text), str_kind(text), 0, str_length(text)};
    *s = (struct spec){
        .fill = ' ', .align = '>', .type = default_type, .width = -1, .precision = -1};
    read_fill(&r, s);
    if (read_number(&r, &s->width) < 0) {
        return -1;
    }
    if (take(&r, ',')) {
        s->grouping = ',';
    }
    if (peek(&r, 0) == '_' || (s->grouping == 0 && peek(&r, 0) == '_')) {
        if (s->grouping != 0) {
            return error_raise_int(PyExc_ValueError, "Cannot specify both ',' and '_'.");
        }
        s->grouping = '_';
        r.position++;
        if (peek(&r, 0) == ',') {
            return error_raise_int(PyExc_ValueError, "Cannot specify both ',' and '_'.");
        }
    }
    if (take(&r, '.')) {
        Py_ssize_t digits = read_number(&r, &s->precision);
        if (digits <= 0) {
            return digits < 0
                       ? -1
                       : error_raise_int(PyExc_ValueError, "Format specifier missing precision");
        }
    }
    if (r.length - r.position > 1) {
        return error_raise_int(PyExc_ValueError,
                               "Invalid format specifier '%U' for object of type '%T'", text, v);
    }
    if (r.length - r.position == 1) {
        s->type = peek(&r, 0);
    }
    return number_check_grouping(s->grouping, s->type);
}

static PyObject *unknown_type(Py_UCS4 type, Value v)
{
    if (type > 32 && type < 128) {
        return error_raise_null(PyExc_ValueError,
                                "Unknown format code '%c' for object of type '%T'", (int)type, v);
    }
    return error_raise_null(PyExc_ValueError, "Unknown format code '\\x%x' for object of type '%T'",
                            (unsigned)type, v);
}

/* ---- Grouping. */

struct separators {
    PyObject *point, *thousands; /* str */
    const char *groups;          /* as in struct lconv */
};

/* `grouping`: ',' or '_' or 'n' for the locale's, or 0 for none. */
static int find_separators(Py_UCS4 grouping, Py_UCS4 type, struct separators *out)
{
    out->point = str_from_ascii(".", 1);
    out->groups = "";
    out->thousands = str_empty();
    if (type == 'n') {
        const struct lconv *l = localeconv();
        out->point = str_from_filename(l->decimal_point, (Py_ssize_t)strlen(l->decimal_point));
        out->thousands = str_from_filename(l->thousands_sep, (Py_ssize_t)strlen(l->thousands_sep));
        out->groups = l->grouping;
    } else if (grouping != 0) {
        bool by_four = grouping == '_' && type < 128 && type != 0 && strchr("boxX", (int)type);
        out->thousands = str_from_char(grouping);
        out->groups = by_four ? "\4" : "\3";
    }
    return out->point == NULL || out->thousands == NULL ? -1 : 0;
}

/* Steps through group sizes: the last one repeats, CHAR_MAX ends grouping. 0: the rest. */
struct group_iterator {
    const char *groups;
    int previous;
};

static int next_group(struct group_iterator *g)
{
    if (*g->groups == '\0') {
        return g->previous;
    }
    if (*g->groups == 127) {
        return 0;
    }
    g->previous = *g->groups++;
    return g->previous;
}

/* The digits from the right in pieces, zeros filled in up to `width` characters. The pieces are
 * collected backwards and joined. */
static int put_grouped(struct str_builder *b, const char *digits, Py_ssize_t count,
                       Py_ssize_t width, const struct separators *sep)
{
    struct piece {
        Py_ssize_t zeros, digits;
    } stack[64], *pieces = stack;
    size_t used = 0, capacity = 64;
    struct group_iterator g = {sep->groups, 0};
    Py_ssize_t left = count, separator = str_length(sep->thousands);
    for (;;) {
        Py_ssize_t most = left > width ? left : width;
        Py_ssize_t size = next_group(&g);
        most = most > 1 ? most : 1;
        size = size == 0 || size > most ? most : size;
        Py_ssize_t here = left < size ? left : size;
        if (used == capacity) {
            struct piece *bigger = heap_alloc(2 * capacity * sizeof *bigger, CELL_RAW);
            if (bigger == NULL) {
                error_no_memory();
                return -1;
            }
            memcpy(bigger, pieces, used * sizeof *bigger);
            pieces = bigger;
            capacity *= 2;
        }
        pieces[used++] = (struct piece){size - here, here};
        left -= here;
        width -= size;
        if (left <= 0 && width <= 0) {
            break;
        }
        width -= separator; /* no number starts with one: another digit follows */
    }
    const char *p = digits;
    for (size_t i = used; i-- > 0;) {
        for (Py_ssize_t z = 0; z < pieces[i].zeros; z++) {
            if (str_builder_char(b, '0') < 0) {
                return -1;
            }
        }
        if (str_builder_ascii(b, p, pieces[i].digits) < 0 ||
            (i > 0 && str_builder_str(b, sep->thousands) < 0)) {
            return -1;
        }
        p += pieces[i].digits;
    }
    return 0;
}

/* ---- Layout. */

struct parts {
    char sign;          /* '-', '+', ' ' or 0 */
    const char *prefix; /* "0x" or "" */
    const char *digits; /* integer part */
    Py_ssize_t digit_count;
    bool point;
    const char *rest; /* after the point, exponent and percent sign included */
    Py_ssize_t rest_count;
};

static char choose_sign(bool negative, Py_UCS4 wanted)
{
    return negative ? '-' : wanted == '+' || wanted == ' ' ? (char)wanted : 0;
}

static int put_fill(struct str_builder *b, Py_UCS4 fill, Py_ssize_t count)
{
    for (; count > 0; count--) {
        if (str_builder_char(b, fill) < 0) {
            return -1;
        }
    }
    return 0;
}

static int put_body(struct str_builder *b, const struct parts *p, const struct separators *sep,
                    Py_ssize_t digit_width)
{
    int status = 0;
    if (*sep->groups == '\0' || p->digit_count == 0) { /* inf and nan are no digits */
        status = put_fill(b, '0', digit_width - p->digit_count);
        if (status == 0) {
            status = str_builder_ascii(b, p->digits, p->digit_count);
        }
    } else {
        status = put_grouped(b, p->digits, p->digit_count, digit_width, sep);
    }
    if (status == 0 && p->point) {
        status = str_builder_str(b, sep->point);
    }
    return status < 0 ? -1 : str_builder_ascii(b, p->rest, p->rest_count);
}

/* Writes sign, prefix and body, padded by the spec. */
static int put_number(struct str_builder *b, const struct parts *p, const struct spec *s,
                      const struct separators *sep)
{
    Py_ssize_t around = (p->sign != 0) + (Py_ssize_t)strlen(p->prefix) + p->rest_count +
                        (p->point ? str_length(sep->point) : 0);
    bool zero_fill = s->align == '=' && s->fill == '0';
    Py_ssize_t digit_width = zero_fill && s->width > around ? s->width - around : 0;
    struct str_scratch scratch;
    struct str_builder body;
    str_builder_init_scratch(&body, &scratch);
    if (put_body(&body, p, sep, digit_width) < 0) {
        return -1;
    }
    PyObject *text = str_builder_finish(&body);
    if (text == NULL) {
        return -1;
    }
    Py_ssize_t total = (p->sign != 0) + (Py_ssize_t)strlen(p->prefix) + str_length(text);
    Py_ssize_t padding = s->width > total ? s->width - total : 0;
    Py_ssize_t left = s->align == '>' ? padding : s->align == '^' ? padding / 2 : 0;
    Py_ssize_t inner = s->align == '=' ? padding : 0;
    if (put_fill(b, s->fill, left) < 0 || (p->sign != 0 && str_builder_char(b, p->sign) < 0) ||
        str_builder_ascii(b, p->prefix, (Py_ssize_t)strlen(p->prefix)) < 0 ||
        put_fill(b, s->fill, inner) < 0 || str_builder_str(b, text) < 0) {
        return -1;
    }
    return put_fill(b, s->fill, padding - left - inner);
}

static char *put(char *at, const char *text, Py_ssize_t count)
{
    memcpy(at, text, (size_t)count);
    return at + count;
}

/* Without grouping, and with an ASCII fill: written in place. */
static PyObject *lay_out_ascii(const struct parts *p, const struct spec *s)
{
    Py_ssize_t prefix = (Py_ssize_t)strlen(p->prefix);
    Py_ssize_t total = (p->sign != 0) + prefix + p->digit_count + p->point + p->rest_count;
    Py_ssize_t padding = s->width > total ? s->width - total : 0;
    Py_ssize_t left = s->align == '>' ? padding : s->align == '^' ? padding / 2 : 0;
    Py_ssize_t inner = s->align == '=' ? padding : 0;
    PyObject *result = str_new(total + padding, 127);
    if (result == NULL) {
        return NULL;
    }
    char *at = (char *)str_data(result);
    memset(at, (int)s->fill, (size_t)left);
    at += left;
    if (p->sign != 0) {
        *at++ = p->sign;
    }
    at = put(at, p->prefix, prefix);
    memset(at, (int)s->fill, (size_t)inner);
    at = put(at + inner, p->digits, p->digit_count);
    if (p->point) {
        *at++ = '.';
    }
    at = put(at, p->rest, p->rest_count);
    memset(at, (int)s->fill, (size_t)(padding - left - inner));
    return result;
}

static PyObject *lay_out(const struct parts *p, const struct spec *s)
{
    if (s->grouping == 0 && s->type != 'n' && s->fill < 128) {
        return lay_out_ascii(p, s);
    }
    struct separators sep;
    struct str_builder b;
    if (find_separators(s->grouping, s->type, &sep) < 0) {
        return NULL;
    }
    str_builder_init(&b);
    return put_number(&b, p, s, &sep) < 0 ? NULL : str_builder_finish(&b);
}

/* ---- Integers. */

static PyObject *format_char(Value v, struct spec *s)
{
    if (s->sign != 0) {
        return error_raise_null(PyExc_ValueError,
                                "Sign not allowed with integer format specifier 'c'");
    }
    if (s->alternate) {
        return error_raise_null(PyExc_ValueError,
                                "Alternate form (#) not allowed with integer format specifier 'c'");
    }
    int64_t c;
    if (int_to_i64(v, &c) < 0) {
        return NULL;
    }
    if (c < 0 || c > 0x10ffff) {
        return error_raise_null(PyExc_OverflowError, "%%c arg not in range(0x110000)");
    }
    struct str_scratch scratch;
    struct str_builder b;
    str_builder_init_scratch(&b, &scratch);
    Py_ssize_t padding = s->width > 1 ? s->width - 1 : 0;
    Py_ssize_t left = s->align == '<' ? 0 : s->align == '^' ? padding / 2 : padding;
    if (put_fill(&b, s->fill, left) < 0 || str_builder_char(&b, (Py_UCS4)c) < 0 ||
        put_fill(&b, s->fill, padding - left) < 0) {
        return NULL;
    }
    return str_builder_finish(&b);
}

static void to_upper(char *text, Py_ssize_t length)
{
    for (Py_ssize_t i = 0; i < length; i++) {
        if (text[i] >= 'a' && text[i] <= 'z') {
            text[i] = (char)(text[i] - 'a' + 'A');
        }
    }
}

static int base_of(Py_UCS4 type)
{
    return type == 'b' ? 2 : type == 'o' ? 8 : type == 'x' || type == 'X' ? 16 : 10;
}

static const char *prefix_of(Py_UCS4 type)
{
    return type == 'b' ? "0b" : type == 'o' ? "0o" : type == 'x' ? "0x" : type == 'X' ? "0X" : "";
}

/* The number's text in the base of a format code, perhaps in the buffer; NULL with an exception. */
static const char *int_digits_text(Value v, Py_UCS4 type, char buffer[static INT_SMALL_TEXT],
                                   Py_ssize_t *length)
{
    if (value_is_int(v)) {
        char *end = buffer + INT_SMALL_TEXT;
        char *digits = int_small_text(value_int(v), base_of(type), end);
        *length = end - digits;
        return digits;
    }
    PyObject *text = int_to_text(v, base_of(type));
    if (text == NULL) {
        return NULL;
    }
    *length = str_length(text);
    return str_data(text);
}

static PyObject *format_integer(Value v, struct spec *s)
{
    if (s->precision >= 0) {
        return error_raise_null(PyExc_ValueError,
                                "Precision not allowed in integer format specifier");
    }
    if (s->no_negative_zero) {
        return error_raise_null(PyExc_ValueError, "Negative zero coercion (z) not allowed in "
                                                  "integer format specifier");
    }
    if (s->type == 'c') {
        return format_char(v, s);
    }
    char buffer[INT_SMALL_TEXT];
    Py_ssize_t count;
    const char *digits = int_digits_text(v, s->type, buffer, &count);
    if (digits == NULL) {
        return NULL;
    }
    bool negative = digits[0] == '-';
    if (s->type == 'X') {
        char *copy = heap_alloc((size_t)count, CELL_RAW);
        if (copy == NULL) {
            error_no_memory();
            return NULL;
        }
        memcpy(copy, digits, (size_t)count);
        to_upper(copy, count);
        digits = copy;
    }
    struct parts p = {.sign = choose_sign(negative, s->sign),
                      .prefix = s->alternate ? prefix_of(s->type) : "",
                      .digits = digits + negative,
                      .digit_count = count - negative,
                      .rest = ""};
    return lay_out(&p, s);
}

/* ---- Floats. */

/* Takes printed text apart: digits before the point, the point, what follows. */
static void split_text(const char *text, struct parts *p)
{
    p->digits = text;
    while (*text >= '0' && *text <= '9') {
        text++;
    }
    p->digit_count = text - p->digits;
    p->point = *text == '.';
    p->rest = text + p->point;
    p->rest_count = (Py_ssize_t)strlen(p->rest);
}

static bool is_all_zero(const char *text)
{
    for (; *text != '\0' && *text != 'e' && *text != 'E'; text++) {
        if (*text >= '1' && *text <= '9') {
            return false;
        }
        if (*text == 'i' || *text == 'n' || *text == 'I' || *text == 'N') {
            return false;
        }
    }
    return true;
}

/* The unsigned text of |d| by a spec, in heap memory, with '%' appended. NULL on error. */
static char *print_magnitude(double d, const struct spec *s, char code, int precision,
                             bool dot_zero)
{
    char *text = text_format_double(fabs(d), code, precision, false, s->alternate, dot_zero);
    if (text == NULL) {
        error_no_memory();
        return NULL;
    }
    size_t length = strlen(text);
    char *copy = heap_alloc(length + 2, CELL_RAW);
    if (copy != NULL) {
        memcpy(copy, text, length);
        if (s->type == '%') {
            copy[length] = '%';
        }
    } else {
        error_no_memory();
    }
    free(text);
    return copy;
}

/* The C code and precision that a spec means. */
static char float_code(const struct spec *s, int *precision, bool *dot_zero)
{
    *precision = s->precision < 0 ? 6 : (int)s->precision;
    *dot_zero = false;
    if (s->type == 0) {
        *dot_zero = true;
        return s->precision < 0 ? 'r' : 'g';
    }
    return s->type == '%' ? 'f' : s->type == 'n' ? 'g' : (char)s->type;
}

static int check_precision(const struct spec *s)
{
    return s->precision > INT32_MAX ? error_raise_int(PyExc_ValueError, "precision too big") : 0;
}

static PyObject *format_double(double d, struct spec *s)
{
    int precision;
    bool dot_zero;
    if (check_precision(s) < 0) {
        return NULL;
    }
    char code = float_code(s, &precision, &dot_zero);
    d = s->type == '%' ? d * 100 : d;
    char *text = print_magnitude(d, s, code, precision, dot_zero);
    if (text == NULL) {
        return NULL;
    }
    bool negative = signbit(d) && !isnan(d);
    if (s->no_negative_zero && is_all_zero(text)) {
        negative = false;
    }
    struct parts p = {.sign = choose_sign(negative, s->sign), .prefix = ""};
    split_text(text, &p);
    return lay_out(&p, s);
}

/* ---- Complex numbers: two floats and a 'j', in parentheses when there is no type. */

static int put_component(struct str_builder *b, double d, const struct spec *s, bool always_sign)
{
    int precision;
    bool dot_zero;
    char code = float_code(s, &precision, &dot_zero);
    char *text = print_magnitude(d, s, code, precision, false);
    struct separators sep;
    if (text == NULL || find_separators(s->grouping, s->type, &sep) < 0) {
        return -1;
    }
    bool negative = signbit(d) && !isnan(d);
    if (s->no_negative_zero && is_all_zero(text)) {
        negative = false;
    }
    struct spec plain = {.fill = ' ', .align = '>', .type = s->type, .width = -1};
    struct parts p = {.sign = choose_sign(negative, always_sign ? '+' : s->sign), .prefix = ""};
    split_text(text, &p);
    return put_number(b, &p, &plain, &sep);
}

static PyObject *pad(PyObject *text, const struct spec *s)
{
    Py_ssize_t length = text == NULL ? 0 : str_length(text);
    if (text == NULL || s->width <= length) {
        return text;
    }
    Py_ssize_t padding = s->width - length;
    Py_ssize_t left = s->align == '<' ? 0 : s->align == '^' ? padding / 2 : padding;
    struct str_scratch scratch;
    struct str_builder b;
    str_builder_init_scratch(&b, &scratch);
    if (put_fill(&b, s->fill, left) < 0 || str_builder_str(&b, text) < 0 ||
        put_fill(&b, s->fill, padding - left) < 0) {
        return NULL;
    }
    return str_builder_finish(&b);
}

static PyObject *format_complex(Py_complex c, struct spec *s)
{
    if (s->fill == '0' && s->align == '=') {
        return error_raise_null(PyExc_ValueError,
                                "Zero padding is not allowed in complex format specifier");
    }
    if (s->align == '=') {
        return error_raise_null(PyExc_ValueError,
                                "'=' alignment flag is not allowed in complex format specifier");
    }
    bool imaginary_only = s->type == 0 && c.real == 0 && copysign(1.0, c.real) == 1.0;
    bool parentheses = s->type == 0 && !imaginary_only;
    struct str_scratch scratch;
    struct str_builder b;
    str_builder_init_scratch(&b, &scratch);
    if (check_precision(s) < 0 || (parentheses && str_builder_char(&b, '(') < 0) ||
        (!imaginary_only && put_component(&b, c.real, s, false) < 0) ||
        put_component(&b, c.imag, s, !imaginary_only) < 0 || str_builder_char(&b, 'j') < 0 ||
        (parentheses && str_builder_char(&b, ')') < 0)) {
        return NULL;
    }
    return pad(str_builder_finish(&b), s);
}

/* ---- Entry. */

static bool is_one_of(Py_UCS4 type, const char *codes)
{
    return type != 0 && type < 128 && strchr(codes, (int)type) != NULL;
}

static PyObject *format_int_value(Value v, PyObject *text)
{
    struct spec s;
    if (parse(text, v, 'd', &s) < 0) {
        return NULL;
    }
    if (is_one_of(s.type, "bcdoxXn")) {
        return format_integer(v, &s);
    }
    if (!is_one_of(s.type, "eEfFgG%")) {
        return unknown_type(s.type, v);
    }
    double d = int_to_double(v);
    return d == -1.0 && error_occurred() ? NULL : format_double(d, &s);
}

PyObject *number_format(Value v, PyObject *text)
{
    struct spec s;
    if (str_length(text) == 0) {
        return object_str(v);
    }
    if (int_check(v)) {
        return format_int_value(v, text);
    }
    if (parse(text, v, 0, &s) < 0) {
        return NULL;
    }
    if (s.type != 0 && !is_one_of(s.type, complex_check(v) ? "eEfFgGn" : "eEfFgGn%")) {
        return unknown_type(s.type, v);
    }
    return complex_check(v) ? format_complex(complex_value(v), &s)
                            : format_double(float_value(v), &s);
}

/* ---- The % operator. */

PyObject *number_printf_int(Value v, char code, bool alternate, int precision)
{
    char buffer[INT_SMALL_TEXT];
    Py_ssize_t length;
    const char *digits = int_digits_text(v, (Py_UCS4)code, buffer, &length);
    if (digits == NULL) {
        return NULL;
    }
    bool negative = digits[0] == '-';
    Py_ssize_t count = length - negative;
    const char *prefix = alternate ? prefix_of((Py_UCS4)code) : "";
    Py_ssize_t zeros = precision > count ? precision - count : 0;
    Py_ssize_t total = negative + (Py_ssize_t)strlen(prefix) + zeros + count;
    PyObject *result = str_new(total, 127);
    if (result == NULL) {
        return NULL;
    }
    char *p = (char *)str_data(result);
    if (negative) {
        *p++ = '-';
    }
    memcpy(p, prefix, strlen(prefix));
    p += strlen(prefix);
    memset(p, '0', (size_t)zeros);
    memcpy(p + zeros, digits + negative, (size_t)count);
    if (code == 'X') {
        to_upper(p + zeros, count);
    }
    return result;
}

PyObject *number_printf_float(double d, char code, bool alternate, int precision)
{
    char *text =
        text_format_double(d, code, precision < 0 ? 6 : precision, false, alternate, false);
    if (text == NULL) {
        error_no_memory();
        return NULL;
    }
    PyObject *result = str_from_ascii(text, (Py_ssize_t)strlen(text));
    free(text);
    return result;
}
