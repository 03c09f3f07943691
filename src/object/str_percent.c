/* SPDX-License-Identifier: MIT */
/* The % operator of str and of bytes. Bytes are formatted as Latin-1 text by the same code. */
#include "object/bytes_int.h"
#include "object/float.h"
#include "object/int.h"
#include "object/iterator.h"
#include "object/list.h"
#include "object/number_format.h"
#include "object/str_int.h"
#include "object/str_search.h"
#include "object/unicode_data.h"

enum { FLAG_LEFT = 1, FLAG_PLUS = 2, FLAG_SPACE = 4, FLAG_ALTERNATE = 8, FLAG_ZERO = 16 };

struct percent {
    int kind; /* of the format's characters */
    const void *data;
    Py_ssize_t length, at;
    bool bytes;

    Value args;
    bool tuple, mapping;     /* what args is */
    Py_ssize_t index, count; /* of positional arguments; count -1: a single one, -2: used up */

    struct str_builder out;
    struct str_scratch scratch; /* of out */
};

struct conversion {
    int flags;
    Py_ssize_t width;
    int precision; /* -1: none */
    Py_UCS4 code;
    Value keyed_value; /* ABSENT: take the next positional one */
};

static inline Py_UCS4 char_at(const struct percent *p, Py_ssize_t i)
{
    return str_read(p->kind, p->data, i);
}

static Value next_argument(struct percent *p)
{
    if (p->count == -1) {
        p->count = -2;
        return p->args;
    }
    if (p->count >= 0 && p->index < p->count) {
        return tuple_get(value_object(p->args), p->index++);
    }
    return error_raise(PyExc_TypeError, "not enough arguments for format string");
}

static Py_UCS4 next_char(struct percent *p)
{
    if (p->at >= p->length) {
        error_raise(PyExc_ValueError, "incomplete format");
        return 0xffffffff;
    }
    return char_at(p, p->at++);
}
static inline bool is_end(Py_UCS4 c)
{
    return c == 0xffffffff;
}

/* ---- Parsing. */

/* "(key)": looks the key up. */
static int parse_key(struct percent *p, struct conversion *c)
{
    if (!p->mapping) {
        return error_raise_int(PyExc_TypeError, "format requires a mapping");
    }
    Py_ssize_t start = p->at;
    int depth = 1;
    while (depth > 0 && p->at < p->length) {
        Py_UCS4 ch = char_at(p, p->at++);
        depth += ch == '(' ? 1 : ch == ')' ? -1 : 0;
    }
    if (depth > 0) {
        return error_raise_int(PyExc_ValueError, "incomplete format key");
    }
    Py_ssize_t n = p->at - 1 - start;
    const char *data = (const char *)p->data + start * p->kind;
    PyObject *key = p->bytes ? bytes_new(data, n) : str_from_kind(p->kind, data, n);
    if (key == NULL) {
        return -1;
    }
    c->keyed_value = object_getitem(p->args, value_from_object(key));
    return value_is_null(c->keyed_value) ? -1 : 0;
}

/* A number or '*' at *ch; *ch becomes the character after it. star: -1 error, 1 was '*', 0. */
static int parse_number(struct percent *p, Py_UCS4 *ch, Py_ssize_t limit, const char *too_big,
                        Py_ssize_t *out)
{
    if (*ch == '*') {
        Value v = next_argument(p);
        if (value_is_null(v)) {
            return -1;
        }
        if (!int_check(v)) {
            return error_raise_int(PyExc_TypeError, "* wants int");
        }
        int64_t number;
        if (int_clip_i64(v, &number) != 0 || number > limit || number < -limit - 1) {
            return error_raise_int(PyExc_OverflowError, "Python int too large to convert to C %s",
                                   limit == PY_SSIZE_T_MAX ? "ssize_t" : "int");
        }
        *out = (Py_ssize_t)number;
        *ch = next_char(p);
        return is_end(*ch) ? -1 : 1;
    }
    while (ascii_is_digit(*ch)) {
        Py_ssize_t value = (Py_ssize_t)*ch - '0';
        if (*out > (limit - value) / 10) {
            return error_raise_int(PyExc_ValueError, too_big);
        }
        *out = *out * 10 + value;
        *ch = next_char(p);
        if (is_end(*ch)) {
            return -1;
        }
    }
    return 0;
}

static Py_UCS4 parse_flags(struct percent *p, struct conversion *c)
{
    for (;;) {
        Py_UCS4 ch = next_char(p);
        switch (ch) {
        case '-': c->flags |= FLAG_LEFT; break;
        case '+': c->flags |= FLAG_PLUS; break;
        case ' ': c->flags |= FLAG_SPACE; break;
        case '#': c->flags |= FLAG_ALTERNATE; break;
        case '0': c->flags |= FLAG_ZERO; break;
        default: return ch;
        }
    }
}

static int parse_precision(struct percent *p, struct conversion *c, Py_UCS4 *ch)
{
    Py_ssize_t precision = 0;
    *ch = next_char(p);
    if (is_end(*ch) || parse_number(p, ch, INT_MAX, p->bytes ? "prec too big" : "precision too big",
                                    &precision) < 0) {
        return -1;
    }
    c->precision = precision < 0 ? 0 : (int)precision;
    return 0;
}

static int parse_conversion(struct percent *p, struct conversion *c)
{
    *c = (struct conversion){.precision = -1, .keyed_value = VALUE_ABSENT};
    if (p->at < p->length && char_at(p, p->at) == '(') {
        p->at++;
        if (parse_key(p, c) < 0) {
            return -1;
        }
    }
    Py_UCS4 ch = parse_flags(p, c);
    if (is_end(ch)) {
        return -1;
    }
    int star = parse_number(p, &ch, PY_SSIZE_T_MAX, "width too big", &c->width);
    if (star < 0) {
        return -1;
    }
    if (c->width < 0) {
        c->flags |= FLAG_LEFT;
        c->width = c->width == PY_SSIZE_T_MIN ? PY_SSIZE_T_MAX : -c->width;
    }
    if (ch == '.' && parse_precision(p, c, &ch) < 0) {
        return -1;
    }
    if (ch == 'h' || ch == 'l' || ch == 'L') {
        ch = next_char(p);
        if (is_end(ch)) {
            return -1;
        }
    }
    c->code = ch;
    return 0;
}

/* ---- Output. */

static int put_padded(struct percent *p, const struct conversion *c, PyObject *text)
{
    Py_ssize_t n = str_length(text);
    if (c->width == 0 && c->precision < 0) {
        return str_builder_str(&p->out, text);
    }
    if (c->precision >= 0 && n > c->precision) {
        n = c->precision;
    }
    Py_ssize_t space = c->width > n ? c->width - n : 0;
    Py_ssize_t left = c->flags & FLAG_LEFT ? 0 : space;
    if (str_builder_fill(&p->out, ' ', left) < 0 || str_builder_slice(&p->out, text, 0, n) < 0) {
        return -1;
    }
    return str_builder_fill(&p->out, ' ', space - left);
}

/* text: perhaps '-', perhaps a prefix such as 0x, digits. */
static int put_number(struct percent *p, const struct conversion *c, PyObject *text)
{
    const char *digits = str_data(text);
    Py_ssize_t n = str_length(text);
    char sign = digits[0] == '-'        ? '-'
                : c->flags & FLAG_PLUS  ? '+'
                : c->flags & FLAG_SPACE ? ' '
                                        : 0;
    if (digits[0] == '-') {
        digits++;
        n--;
    }
    Py_ssize_t used = n + (sign != 0);
    Py_ssize_t space = c->width > used ? c->width - used : 0;
    bool zeros = (c->flags & (FLAG_ZERO | FLAG_LEFT)) == FLAG_ZERO;
    if (!zeros && !(c->flags & FLAG_LEFT) && str_builder_fill(&p->out, ' ', space) < 0) {
        return -1;
    }
    if (sign && str_builder_char(&p->out, (Py_UCS4)sign) < 0) {
        return -1;
    }
    bool prefixed =
        c->flags & FLAG_ALTERNATE && (c->code == 'x' || c->code == 'X' || c->code == 'o');
    if (prefixed) {
        if (str_builder_ascii(&p->out, digits, 2) < 0) {
            return -1;
        }
        digits += 2;
        n -= 2;
    }
    if ((zeros && str_builder_fill(&p->out, '0', space) < 0) ||
        str_builder_ascii(&p->out, digits, n) < 0) {
        return -1;
    }
    return c->flags & FLAG_LEFT ? str_builder_fill(&p->out, ' ', space) : 0;
}

/* ---- Conversions. */

static Value integer_argument(const struct conversion *c, Value v)
{
    bool decimal = c->code == 'd' || c->code == 'i' || c->code == 'u';
    if (int_check(v)) {
        return v;
    }
    struct type_ops *ops = value_ops(v);
    bool fits =
        decimal ? float_check(v) || ops->int_ != NULL || ops->index != NULL : ops->index != NULL;
    if (fits) {
        Value number = decimal ? object_int(v) : object_index(v);
        if (!value_is_null(number) || !error_matches(PyExc_TypeError)) {
            return number;
        }
        error_clear();
    }
    return error_raise(PyExc_TypeError,
                       decimal ? "%%%c format: a real number is required, not %T"
                               : "%%%c format: an integer is required, not %T",
                       (int)c->code, v);
}

static int convert_integer(struct percent *p, const struct conversion *c, Value v)
{
    Value number = integer_argument(c, v);
    if (value_is_null(number)) {
        return -1;
    }
    char code = c->code == 'i' ? 'd' : (char)c->code;
    if (code == 'd' && c->flags == 0 && c->width == 0 && c->precision < 0 && value_is_int(number)) {
        char buffer[INT_SMALL_TEXT], *end = buffer + sizeof buffer;
        char *digits = int_small_text(value_int(number), 10, end);
        return str_builder_ascii(&p->out, digits, end - digits);
    }
    PyObject *text =
        number_printf_int(number, code, (c->flags & FLAG_ALTERNATE) != 0, c->precision);
    return text == NULL ? -1 : put_number(p, c, text);
}

static int convert_float(struct percent *p, const struct conversion *c, Value v)
{
    double d;
    if (!float_try(v, &d) && arg_double(v, &d) < 0) {
        if (p->bytes && error_matches(PyExc_TypeError)) {
            error_clear();
            return error_raise_int(PyExc_TypeError, "float argument required, not %T", v);
        }
        return -1;
    }
    PyObject *text = number_printf_float(d, (char)c->code, (c->flags & FLAG_ALTERNATE) != 0,
                                         c->precision < 0 ? 6 : c->precision);
    return text == NULL ? -1 : put_number(p, c, text);
}

static int wrong_char(const struct percent *p)
{
    return error_raise_int(PyExc_TypeError,
                           p->bytes ? "%%c requires an integer in range(256) or a single byte"
                                    : "%%c requires int or char");
}

/* The character for %c, or -1. */
static int char_argument(const struct percent *p, Value v)
{
    if (p->bytes && (bytes_check(v) || bytearray_check(v))) {
        struct byte_span s = span_of(v);
        return s.length == 1 ? (unsigned char)*s.data : wrong_char(p);
    }
    if (!p->bytes && str_check(v)) {
        PyObject *s = value_object(v);
        return str_length(s) == 1 ? (int)str_at(s, 0) : wrong_char(p);
    }
    if (!object_has_index(v)) {
        return wrong_char(p);
    }
    Value index = object_index(v);
    int64_t code;
    if (value_is_null(index)) {
        if (error_matches(PyExc_TypeError)) {
            error_clear();
            return wrong_char(p);
        }
        return -1;
    }
    if (int_clip_i64(index, &code) != 0 || code < 0 || code > (p->bytes ? 255 : 0x10ffff)) {
        return error_raise_int(PyExc_OverflowError, p->bytes ? "%%c arg not in range(256)"
                                                             : "%%c arg not in range(0x110000)");
    }
    return (int)code;
}

static int convert_char(struct percent *p, struct conversion *c, Value v)
{
    int code = char_argument(p, v);
    if (code < 0) {
        return -1;
    }
    c->precision = -1;
    return put_padded(p, c, str_from_char((Py_UCS4)code));
}

/* %b and %s of bytes: the bytes as Latin-1 text. */
static PyObject *bytes_argument(Value v)
{
    if (!bytes_check(v) && !object_has_buffer(v)) {
        Value method;
        int found = object_find_special(v, names.__bytes__, &method);
        if (found < 0) {
            return NULL;
        }
        if (found == 0) {
            return error_raise_null(
                PyExc_TypeError,
                "%%b requires a bytes-like object, or an object that implements "
                "__bytes__, not '%T'",
                v);
        }
        Value r = object_call0(method);
        if (value_is_null(r)) {
            return NULL;
        }
        if (!bytes_check(r)) {
            return error_raise_null(PyExc_TypeError, "__bytes__ returned non-bytes (type %T)", r);
        }
        v = r;
    }
    PyObject *b = bytes_from_value(v);
    return b == NULL ? NULL : str_from_latin1((const Py_UCS1 *)bytes_data(b), bytes_length(b));
}

static PyObject *text_argument(const struct percent *p, const struct conversion *c, Value v)
{
    switch (c->code) {
    case 'r': return p->bytes ? object_ascii(v) : object_repr(v);
    case 'a': return object_ascii(v);
    default: return p->bytes ? bytes_argument(v) : object_str(v);
    }
}

static int unsupported(const struct percent *p, const struct conversion *c)
{
    int shown = c->code > 31 && c->code < 127 ? (int)c->code : '?';
    return error_raise_int(PyExc_ValueError,
                           "unsupported format character '%c' (0x%x) at index %zd", shown,
                           (unsigned)c->code, p->at - 1);
}

static int convert(struct percent *p, struct conversion *c)
{
    Value v = c->keyed_value;
    if (value_is_absent(v)) {
        v = next_argument(p);
        if (value_is_null(v)) {
            return -1;
        }
    }
    switch (c->code) {
    case 'b':
        if (!p->bytes) {
            return unsupported(p, c);
        }
        /* fall through */
    case 's':
    case 'r':
    case 'a': {
        PyObject *text = text_argument(p, c, v);
        return text == NULL ? -1 : put_padded(p, c, text);
    }
    case 'd':
    case 'i':
    case 'u':
    case 'o':
    case 'x':
    case 'X': return convert_integer(p, c, v);
    case 'e':
    case 'E':
    case 'f':
    case 'F':
    case 'g':
    case 'G': return convert_float(p, c, v);
    case 'c': return convert_char(p, c, v);
    default: return unsupported(p, c);
    }
}

/* ---- The whole. */

static int run(struct percent *p)
{
    while (p->at < p->length) {
        const char *literal = (const char *)p->data + p->at * p->kind;
        Py_ssize_t n = search_char(p->kind, literal, p->length - p->at, '%');
        n = n < 0 ? p->length - p->at : n;
        if (str_builder_chars(&p->out, p->kind, literal, n) < 0) {
            return -1;
        }
        p->at += n;
        if (p->at++ >= p->length) {
            break;
        }
        if (p->at < p->length && char_at(p, p->at) == '%') {
            p->at++;
            if (str_builder_char(&p->out, '%') < 0) {
                return -1;
            }
            continue;
        }
        struct conversion c;
        if (parse_conversion(p, &c) < 0 || convert(p, &c) < 0) {
            return -1;
        }
    }
    bool left_over = p->count == -1 || (p->count >= 0 && p->index < p->count);
    if (left_over && !p->mapping) {
        return error_raise_int(PyExc_TypeError, "not all arguments converted during %s formatting",
                               p->bytes ? "bytes" : "string");
    }
    return 0;
}

static void init(struct percent *p, int kind, const void *data, Py_ssize_t length, bool bytes,
                 Value args)
{
    p->kind = kind;
    p->data = data;
    p->length = length;
    p->at = p->index = 0;
    p->bytes = bytes;
    p->args = args;
    p->tuple = tuple_check(args);
    p->count = p->tuple ? tuple_length(value_object(args)) : -1;
    bool text = p->bytes ? bytes_check(args) || bytearray_check(args) : str_check(args);
    p->mapping = !p->tuple && !text && object_is_mapping(args);
    str_builder_init_scratch(&p->out, &p->scratch);
}

PyObject *str_percent(PyObject *format, Value args)
{
    struct percent p;
    init(&p, str_kind(format), str_data(format), str_length(format), false, args);
    return run(&p) < 0 ? NULL : str_builder_finish(&p.out);
}

PyObject *bytes_percent(struct byte_span format, Value args)
{
    struct percent p;
    init(&p, 1, format.data, format.length, true, args);
    if (run(&p) < 0) {
        return NULL;
    }
    PyObject *text = str_builder_finish(&p.out);
    return text == NULL ? NULL : bytes_new(str_data(text), str_length(text));
}

Value str_mod_operator(Value left, Value right)
{
    if (!str_check(left)) {
        return VALUE_NOT_IMPLEMENTED;
    }
    return value_from_object(str_percent(value_object(left), right));
}
