/* SPDX-License-Identifier: MIT */
/* Parsing of arguments by format: PyArg_ParseTuple and its family.
 *
 * A format is a row of units. Each unit takes one argument (or, in parentheses, a sequence of
 * them) and stores into one to three C variables. The walk knows nothing of where arguments come
 * from: `parser` hands it one after the other, NULL for one that was not given. Buffers that were
 * acquired are released again if a later unit fails. */
#include <stdarg.h>

#include "capi/capi_int.h"
#include "object/bytes.h"
#include "object/dict.h"
#include "object/int.h"
#include "object/list.h"

#define CLEANUP_MAX 64
#define DEPTH_MAX 4

struct parser {
    va_list *out;
    const char *fname;       /* behind ':', or NULL */
    const char *message;     /* behind ';', or NULL */
    size_t index;            /* of the current argument, from 1; 0: there is one only */
    size_t items[DEPTH_MAX]; /* in it, in parentheses: where in the sequence, from 0 */
    size_t depth;
    Py_buffer *views[CLEANUP_MAX]; /* acquired so far */
    void **memory[CLEANUP_MAX];    /* PyMem blocks stored so far */
    size_t view_count, memory_count;
};

/* ---- Errors. */

#define PLACE_MAX 320

/* "f() argument 2, item 0" */
static const char *describe_place(const struct parser *p, char *text)
{
    int n = p->fname == NULL ? 0 : snprintf(text, PLACE_MAX, "%.200s() ", p->fname);
    n += p->index == 0 ? snprintf(text + n, PLACE_MAX - (size_t)n, "argument")
                       : snprintf(text + n, PLACE_MAX - (size_t)n, "argument %zu", p->index);
    for (size_t i = 0; i < p->depth && i < DEPTH_MAX; i++) {
        n += snprintf(text + n, PLACE_MAX - (size_t)n, ", item %zu", p->items[i]);
    }
    return text;
}

/* "f() argument 2 is wrong"; nothing if an exception is set already. */
static int fail_text(const struct parser *p, PyObject *type, const char *what)
{
    char place[PLACE_MAX];
    if (error_occurred()) {
        return -1;
    }
    return p->message != NULL ? error_raise_int(type, "%s", p->message)
                              : error_raise_int(type, "%s %s", describe_place(p, place), what);
}

/* "f() argument 2 must be int, not str" */
static int fail(const struct parser *p, const char *expected, Value given)
{
    char text[160];
    const char *type = value_is_none(given) ? "None" : value_type(given)->tp_name;
    snprintf(text, sizeof text, "must be %.50s, not %.50s", expected, type);
    return fail_text(p, PyExc_TypeError, text);
}

/* A unit that there is not, as CPython reports it. */
static int fail_format(const struct parser *p, bool given, char unit, const char *what)
{
    char place[PLACE_MAX];
    return given ? error_raise_int(PyExc_SystemError, "%s (%s)", describe_place(p, place), what)
                 : error_raise_int(PyExc_SystemError, "impossible<bad format char>: '%c'", unit);
}

static void clean_up(struct parser *p)
{
    for (size_t i = 0; i < p->view_count; i++) {
        if (p->views[i]->obj != NULL) {
            capi_release_view(p->views[i]);
        }
    }
    for (size_t i = 0; i < p->memory_count; i++) {
        PyMem_Free(*p->memory[i]);
        *p->memory[i] = NULL;
    }
}

/* ---- Numbers. `given` is false when the argument is missing: the variables are skipped. */

static int range_error(const char *what, bool below)
{
    return error_raise_int(PyExc_OverflowError, "%s is %s than %s", what,
                           below ? "less" : "greater", below ? "minimum" : "maximum");
}

static int to_i64(Value v, int64_t *out)
{
    if (value_ops(v)->index == NULL) {
        return error_raise_int(PyExc_TypeError, "'%T' object cannot be interpreted as an integer",
                               v);
    }
    Value index = object_index(v);
    return value_is_null(index) ? -1 : int_to_i64(index, out);
}

static int to_ranged(Value v, int64_t low, int64_t high, const char *what, int64_t *out)
{
    if (to_i64(v, out) < 0) {
        return -1;
    }
    return *out < low || *out > high ? range_error(what, *out < low) : 0;
}

static int to_mask(Value v, uint64_t *out)
{
    if (value_ops(v)->index == NULL) {
        return error_raise_int(PyExc_TypeError, "'%T' object cannot be interpreted as an integer",
                               v);
    }
    Value index = object_index(v);
    if (value_is_null(index)) {
        return -1;
    }
    *out = int_to_u64_mask(index);
    return 0;
}

static int parse_signed(struct parser *p, char unit, Value v, void *out)
{
    int64_t i = 0;
    switch (unit) {
    case 'b':
        if (to_ranged(v, 0, UCHAR_MAX, "unsigned byte integer", &i) < 0) {
            return -1;
        }
        *(unsigned char *)out = (unsigned char)i;
        return 0;
    case 'h':
        if (to_ranged(v, SHRT_MIN, SHRT_MAX, "signed short integer", &i) < 0) {
            return -1;
        }
        *(short *)out = (short)i;
        return 0;
    case 'i':
        if (to_ranged(v, INT_MIN, INT_MAX, "signed integer", &i) < 0) {
            return -1;
        }
        *(int *)out = (int)i;
        return 0;
    default: /* l, L, n: their texts differ as those of the functions that CPython calls */
        if (to_i64(v, &i) < 0) {
            if (unit != 'l' && error_matches(PyExc_OverflowError)) {
                error_clear();
                error_raise(PyExc_OverflowError, "%s",
                            unit == 'L' ? "int too big to convert"
                                        : "Python int too large to convert to C ssize_t");
            }
            return -1;
        }
        *(int64_t *)out = i;
        return 0;
    }
}

static int parse_unsigned(struct parser *p, char unit, Value v, void *out)
{
    uint64_t u = 0;
    if ((unit == 'k' || unit == 'K') && !int_check(v)) {
        return fail(p, "int", v);
    }
    if (to_mask(v, &u) < 0) {
        return -1;
    }
    switch (unit) {
    case 'B': *(unsigned char *)out = (unsigned char)u; return 0;
    case 'H': *(unsigned short *)out = (unsigned short)u; return 0;
    case 'I': *(unsigned *)out = (unsigned)u; return 0;
    default: *(uint64_t *)out = u; return 0;
    }
}

static int parse_float(struct parser *p, char unit, Value v, void *out)
{
    double d;
    if (arg_double(v, &d) < 0) {
        return -1;
    }
    if (unit == 'f') {
        *(float *)out = (float)d;
    } else {
        *(double *)out = d;
    }
    return 0;
}

static int parse_char(struct parser *p, char unit, Value v, void *out)
{
    if (unit == 'C') {
        if (!str_check(v) || str_length(value_object(v)) != 1) {
            return fail(p, "a unicode character", v);
        }
        *(int *)out = (int)str_at(value_object(v), 0);
        return 0;
    }
    if (value_is_object(v) && PyBytes_Check(value_object(v)) &&
        PyBytes_GET_SIZE(value_object(v)) == 1) {
        *(char *)out = PyBytes_AS_STRING(value_object(v))[0];
        return 0;
    }
    if (value_is_object(v) && PyByteArray_Check(value_object(v)) &&
        PyByteArray_GET_SIZE(value_object(v)) == 1) {
        *(char *)out = PyByteArray_AS_STRING(value_object(v))[0];
        return 0;
    }
    return fail(p, "a byte string of length 1", v);
}

/* ---- Text and buffers. */

static int get_view(struct parser *p, Value v, Py_buffer *view, int flags, const char *expected)
{
    if (object_get_buffer(v, view, flags) < 0) {
        if (flags != PyBUF_WRITABLE) {
            return -1;
        }
        error_clear();
        return fail(p, expected, v);
    }
    if (!PyBuffer_IsContiguous(view, 'C')) {
        object_release_buffer(view);
        return fail(p, "contiguous buffer", v);
    }
    if (p->view_count < CLEANUP_MAX) {
        p->views[p->view_count++] = view;
    }
    capi_count_view(view); /* extension code releases it */
    return 0;
}

/* s*, z*, y*, w* */
static int parse_view(struct parser *p, char unit, Value v, Py_buffer *view)
{
    if (unit == 'z' && value_is_none(v)) {
        PyBuffer_FillInfo(view, NULL, NULL, 0, 1, 0);
        return 0;
    }
    if (unit != 'y' && unit != 'w' && str_check(v)) {
        Py_ssize_t length;
        const char *text = str_utf8(value_object(v), &length);
        if (text == NULL) {
            return -1;
        }
        PyBuffer_FillInfo(view, value_object(v), (void *)(uintptr_t)text, length, 1, 0);
        return 0;
    }
    return get_view(p, v, view, unit == 'w' ? PyBUF_WRITABLE : PyBUF_SIMPLE,
                    "read-write bytes-like object");
}

/* Text of a str, or of an object whose buffer does not move. */
static int find_text(struct parser *p, char unit, Value v, const char **text, Py_ssize_t *length)
{
    if (unit != 'y' && str_check(v)) {
        *text = str_utf8(value_object(v), length);
        return *text == NULL ? -1 : 0;
    }
    Py_buffer view;
    if (value_is_object(v) && value_ops(v)->release_buffer != NULL) {
        return fail(p, "read-only bytes-like object", v);
    }
    if (object_get_buffer(v, &view, PyBUF_SIMPLE) < 0) {
        return -1;
    }
    *text = view.buf;
    *length = view.len;
    object_release_buffer(&view);
    return 0;
}

/* s, z, y and s#, z#, y# */
static int parse_text(struct parser *p, char unit, bool sized, Value v, const char **out,
                      Py_ssize_t *out_length)
{
    Py_ssize_t length = 0;
    if (unit == 'z' && value_is_none(v)) {
        *out = NULL;
        if (sized) {
            *out_length = 0;
        }
        return 0;
    }
    if (!sized && unit != 'y' && !str_check(v)) {
        return fail(p, unit == 'z' ? "str or None" : "str", v);
    }
    if (find_text(p, unit, v, out, &length) < 0) {
        return -1;
    }
    if (sized) {
        *out_length = length;
    } else if (strlen(*out) != (size_t)length) {
        return error_raise_int(PyExc_ValueError, "embedded null %s",
                               unit == 'y' ? "byte" : "character");
    }
    return 0;
}

/* es, et, es#, et# */
static int parse_encoded(struct parser *p, char unit, bool sized, Value v, const char *encoding,
                         char **out, Py_ssize_t *out_length)
{
    PyObject *bytes = NULL;
    if (unit == 't' && value_is_object(v) &&
        (PyBytes_Check(value_object(v)) || PyByteArray_Check(value_object(v)))) {
        bytes = object_bytes(v);
    } else if (str_check(v)) {
        bytes = str_encode(value_object(v), encoding == NULL ? "utf-8" : encoding, NULL);
    } else {
        return fail(p, unit == 't' ? "str, bytes or bytearray" : "str", v);
    }
    if (bytes == NULL) {
        return -1;
    }
    Py_ssize_t length = PyBytes_GET_SIZE(bytes);
    if (!sized && strlen(PyBytes_AS_STRING(bytes)) != (size_t)length) {
        return fail(p, "encoded string without null bytes", v);
    }
    if (sized && *out != NULL) {
        if (length + 1 > *out_length) {
            return error_raise_int(PyExc_ValueError,
                                   "encoded string too long (%zd, maximum length "
                                   "%zd)",
                                   length, *out_length - 1);
        }
    } else {
        *out = PyMem_Malloc((size_t)length + 1);
        if (*out == NULL) {
            error_no_memory();
            return -1;
        }
        if (p->memory_count < CLEANUP_MAX) {
            p->memory[p->memory_count++] = (void **)out;
        }
    }
    memcpy(*out, PyBytes_AS_STRING(bytes), (size_t)length + 1);
    if (sized) {
        *out_length = length;
    }
    return 0;
}

/* ---- Objects. */

static int parse_converter(struct parser *p, Value v, int (*convert)(PyObject *, void *), void *out)
{
    PyObject *o = value_box(v);
    if (o == NULL) {
        return -1;
    }
    capi_leave(thread_current());
    int status = convert(o, out);
    capi_enter();
    return status != 0 ? 0 : fail(p, "(unspecified)", v);
}

static int parse_checked(struct parser *p, char unit, Value v, PyObject **out)
{
    PyTypeObject *type = unit == 'U'   ? &PyUnicode_Type
                         : unit == 'S' ? &PyBytes_Type
                                       : &PyByteArray_Type;
    if (!value_is_instance(v, type)) {
        return fail(p, unit == 'U' ? "str" : unit == 'S' ? "bytes" : "bytearray", v);
    }
    *out = value_box(v);
    return 0;
}

/* O, O!, O& */
static int parse_object(struct parser *p, char modifier, bool given, Value v)
{
    if (modifier == '&') {
        int (*convert)(PyObject *, void *) = va_arg(*p->out, int (*)(PyObject *, void *));
        void *out = va_arg(*p->out, void *);
        return given ? parse_converter(p, v, convert, out) : 0;
    }
    PyTypeObject *type = modifier == '!' ? va_arg(*p->out, PyTypeObject *) : NULL;
    PyObject **out = va_arg(*p->out, PyObject **);
    if (!given) {
        return 0;
    }
    if (type != NULL && !value_is_instance(v, type)) {
        return fail(p, type->tp_name, v);
    }
    *out = value_box(v);
    return *out == NULL ? -1 : 0;
}

/* ---- The walk. */

static int parse_textual(struct parser *p, char unit, const char **format, bool given, Value v)
{
    char modifier = **format;
    if (modifier == '*') {
        ++*format;
        Py_buffer *view = va_arg(*p->out, Py_buffer *);
        return given ? parse_view(p, unit, v, view) : 0;
    }
    bool sized = modifier == '#';
    *format += sized;
    const char **out = va_arg(*p->out, const char **);
    Py_ssize_t *length = sized ? va_arg(*p->out, Py_ssize_t *) : NULL;
    return given ? parse_text(p, unit, sized, v, out, length) : 0;
}

static int parse_encoding(struct parser *p, const char **format, bool given, Value v)
{
    char unit = *(*format)++;
    const char *encoding = va_arg(*p->out, const char *);
    char **out = va_arg(*p->out, char **);
    bool sized = **format == '#';
    *format += sized;
    Py_ssize_t *length = sized ? va_arg(*p->out, Py_ssize_t *) : NULL;
    return given ? parse_encoded(p, unit, sized, v, encoding, out, length) : 0;
}

static int parse_simple(struct parser *p, char unit, bool given, Value v)
{
    void *out = va_arg(*p->out, void *);
    if (!given) {
        return 0;
    }
    switch (unit) {
    case 'b':
    case 'h':
    case 'i':
    case 'l':
    case 'L':
    case 'n': return parse_signed(p, unit, v, out);
    case 'B':
    case 'H':
    case 'I':
    case 'k':
    case 'K': return parse_unsigned(p, unit, v, out);
    case 'f':
    case 'd': return parse_float(p, unit, v, out);
    case 'c':
    case 'C': return parse_char(p, unit, v, out);
    case 'U':
    case 'S':
    case 'Y': return parse_checked(p, unit, v, out);
    case 'p': {
        int truth = object_truth(v);
        *(int *)out = truth;
        return truth < 0 ? -1 : 0;
    }
    default: { /* 'D' */
        PyObject *o = value_box(v);
        *(Py_complex *)out = PyComplex_AsCComplex(o);
        return error_occurred() ? -1 : 0;
    }
    }
}

/* u, Z and u#, Z#: the old representation, which belongs to the str. */
static int parse_wide(struct parser *p, char unit, const char **format, bool given, Value v)
{
    Py_UNICODE **out = va_arg(*p->out, Py_UNICODE **);
    bool sized = **format == '#';
    *format += sized;
    Py_ssize_t *length = sized ? va_arg(*p->out, Py_ssize_t *) : NULL, size = 0;
    if (!given) {
        return 0;
    }
    if (error_warn(PyExc_DeprecationWarning, 1,
                   "getargs: The '%c' format is deprecated. Use 'U' instead.", unit) < 0) {
        return -1;
    }
    bool none = unit == 'Z' && value_is_none(v);
    if (!none && !str_check(v)) {
        return fail(p, unit == 'Z' ? "str or None" : "str", v);
    }
    *out = none ? NULL : capi_as_wide(value_object(v), &size);
    if (!none && *out == NULL) {
        return -1;
    }
    if (sized) {
        *length = size;
    } else if (!none && wcslen(*out) != (size_t)size) {
        return error_raise_int(PyExc_ValueError, "embedded null character");
    }
    return 0;
}

static int parse_unit(struct parser *p, const char **format, bool given, Value v);

/* Moves behind a unit, whatever it is. */
static void skip_unit(const char **format)
{
    char unit = *(*format)++;
    if (unit == '(') {
        int depth = 1;
        while (depth > 0 && **format != 0) {
            depth += **format == '(' ? 1 : **format == ')' ? -1 : 0;
            ++*format;
        }
        return;
    }
    *format += unit == 'e' && **format != 0; /* es, et */
    while (**format == '*' || **format == '#' || **format == '!' || **format == '&') {
        ++*format;
    }
}

/* How many units stand before the closing parenthesis; -1 if there is none. */
static Py_ssize_t count_items(const char *format)
{
    Py_ssize_t count = 0;
    while (*format != ')') {
        if (*format == 0 || *format == ':' || *format == ';') {
            return -1;
        }
        skip_unit(&format);
        count++;
    }
    return count;
}

/* The sequence behind '(' as a tuple of `count` items. */
static PyObject *take_items(struct parser *p, Value v, Py_ssize_t count)
{
    char text[80];
    if (!object_is_sequence(v) || bytes_check(v)) {
        snprintf(text, sizeof text, "%zd-item sequence", count);
        fail(p, text, v);
        return NULL;
    }
    Py_ssize_t length = object_length(v);
    if (length != count) {
        snprintf(text, sizeof text, "must be sequence of length %zd, not %zd", count, length);
        fail_text(p, PyExc_TypeError, text);
        return NULL;
    }
    PyObject *items = tuple_new(count);
    for (Py_ssize_t i = 0; items != NULL && i < count; i++) {
        Value item = object_getitem(v, value_from_int(i));
        if (value_is_null(item)) {
            error_clear();
            p->items[p->depth++] = (size_t)i;
            fail_text(p, PyExc_TypeError, "is not retrievable");
            return NULL;
        }
        tuple_init_item(items, i, item);
    }
    return items;
}

static int parse_unit(struct parser *p, const char **format, bool given, Value v);

static int parse_sequence(struct parser *p, const char **format, bool given, Value v)
{
    Py_ssize_t count = count_items(*format);
    if (count < 0 || p->depth == DEPTH_MAX - 1) {
        return error_raise_int(PyExc_SystemError, "%s",
                               count < 0 ? "unmatched left paren in getargs format string"
                                         : "tuple nesting too deep in getargs format string");
    }
    PyObject *items = given ? take_items(p, v, count) : NULL;
    if (given && items == NULL) {
        return -1;
    }
    size_t depth = p->depth++;
    for (Py_ssize_t i = 0; i < count; i++) {
        p->items[depth] = (size_t)i;
        if (parse_unit(p, format, given, given ? tuple_get(items, i) : VALUE_NULL) < 0) {
            return -1;
        }
    }
    p->depth = depth;
    ++*format;
    return 0;
}

/* One unit; *format moves behind it. */
static int parse_unit(struct parser *p, const char **format, bool given, Value v)
{
    char unit = *(*format)++;
    switch (unit) {
    case '(': return parse_sequence(p, format, given, v);
    case 's':
    case 'z':
    case 'y': return parse_textual(p, unit, format, given, v);
    case 'u':
    case 'Z': return parse_wide(p, unit, format, given, v);
    case 'w': {
        if (**format != '*') {
            return fail_format(p, given, unit, "invalid use of 'w' format character");
        }
        ++*format;
        Py_buffer *view = va_arg(*p->out, Py_buffer *);
        return given ? parse_view(p, unit, v, view) : 0;
    }
    case 'e':
        return **format == 's' || **format == 't'
                   ? parse_encoding(p, format, given, v)
                   : fail_format(p, given, unit, "unknown parser marker combination");
    case 'O': {
        char modifier = **format;
        *format += modifier == '!' || modifier == '&';
        return parse_object(p, modifier, given, v);
    }
    default:
        return unit != 0 && strchr("bhilLnBHIkKfdcCUSYpD", unit) != NULL
                   ? parse_simple(p, unit, given, v)
                   : fail_format(p, given, unit, "impossible<bad format char>");
    }
}

/* ---- What a format says as a whole. */

struct shape {
    size_t count, required, positional; /* units; before '|'; before '$' */
    size_t names;                       /* in the list of keywords */
    char twice;                         /* '|' or '$', if it comes twice */
};

static struct shape measure(const char *format, struct parser *p)
{
    struct shape s = {.required = SIZE_MAX, .positional = SIZE_MAX};
    while (*format != 0 && *format != ':' && *format != ';') {
        if (*format == '|') {
            s.twice = s.required != SIZE_MAX ? '|' : s.twice;
            s.required = s.count;
            format++;
        } else if (*format == '$') {
            s.twice = s.positional != SIZE_MAX ? '$' : s.twice;
            s.positional = s.count;
            format++;
        } else {
            skip_unit(&format);
            s.count++;
        }
    }
    p->fname = *format == ':' ? format + 1 : NULL;
    p->message = *format == ';' ? format + 1 : NULL;
    s.required = s.required < s.count ? s.required : s.count;
    s.positional = s.positional < s.count ? s.positional : s.count;
    return s;
}

static int raise_count(const struct parser *p, const struct shape *s, size_t given)
{
    if (p->message != NULL) {
        return error_raise_int(PyExc_TypeError, "%s", p->message);
    }
    size_t limit = given < s->required ? s->required : s->count;
    if (s->count == 0) {
        return error_raise_int(PyExc_TypeError, "%s%s takes no arguments",
                               p->fname == NULL ? "function" : p->fname,
                               p->fname == NULL ? "" : "()");
    }
    return error_raise_int(PyExc_TypeError, "%s%s takes %s %zu argument%s (%zu given)",
                           p->fname == NULL ? "function" : p->fname, p->fname == NULL ? "" : "()",
                           s->required == s->count ? "exactly"
                           : given < s->required   ? "at least"
                                                   : "at most",
                           limit, limit == 1 ? "" : "s", given);
}

static int parse_positional(const Value *args, size_t nargs, const char *format, va_list *out,
                            bool single)
{
    struct parser p = {.out = out};
    struct shape s = measure(format, &p);
    if (nargs < s.required || nargs > s.count) {
        return raise_count(&p, &s, nargs);
    }
    for (size_t i = 0; i < s.count; i++) {
        while (*format == '|' || *format == '$') {
            format++;
        }
        p.index = single ? 0 : i + 1;
        if (parse_unit(&p, &format, i < nargs, i < nargs ? args[i] : VALUE_NULL) < 0) {
            clean_up(&p);
            return -1;
        }
    }
    return 0;
}

/* ---- Keywords. */

static Value find_keyword(PyObject *kwargs, PyObject *kwnames, const Value *values,
                          const char *name)
{
    if (kwargs != NULL) {
        PyObject *key = str_intern_text(name);
        return key == NULL ? VALUE_ABSENT : dict_get_str(kwargs, key);
    }
    for (Py_ssize_t i = 0; kwnames != NULL && i < tuple_length(kwnames); i++) {
        if (str_equal_text(tuple_object(kwnames, i), name)) {
            return values[i];
        }
    }
    return VALUE_ABSENT;
}

struct call_arguments {
    const Value *args;
    size_t nargs;
    PyObject *kwargs;    /* a dict, or NULL */
    PyObject *kwnames;   /* or a tuple of names ... */
    const Value *values; /* ... with their values */
};

static size_t count_keywords(const struct call_arguments *a)
{
    return a->kwargs != NULL    ? (size_t)dict_length(a->kwargs)
           : a->kwnames != NULL ? (size_t)tuple_length(a->kwnames)
                                : 0;
}

static PyObject *name_at(const struct call_arguments *a, size_t i)
{
    if (a->kwnames != NULL) {
        return tuple_object(a->kwnames, (Py_ssize_t)i);
    }
    PyObject *keys = dict_keys(a->kwargs);
    return keys == NULL ? NULL : value_object(list_find(keys, (Py_ssize_t)i));
}

/* Somebody gave a keyword that is not in the list. */
static int raise_unknown(const struct parser *p, const struct call_arguments *a,
                         const char *const *names_list)
{
    for (size_t i = 0; i < count_keywords(a); i++) {
        PyObject *name = name_at(a, i);
        if (name == NULL || !str_check(value_from_object(name))) {
            return error_raise_int(PyExc_TypeError, "keywords must be strings");
        }
        bool known = false;
        for (const char *const *n = names_list; *n != NULL; n++) {
            known |= **n != 0 && str_equal_text(name, *n);
        }
        if (!known) {
            return error_raise_int(PyExc_TypeError, "'%U' is an invalid keyword argument for %s%s",
                                   name, p->fname == NULL ? "this function" : p->fname,
                                   p->fname == NULL ? "" : "()");
        }
    }
    return 0;
}

/* "f() takes at most 2 arguments (3 given)" */
static int raise_takes(const struct parser *p, const char *how, size_t limit, const char *kind,
                       size_t given)
{
    const char *fname = p->fname == NULL ? "function" : p->fname;
    const char *call = p->fname == NULL ? "" : "()";
    if (limit == 0) {
        return error_raise_int(PyExc_TypeError, "%.200s%s takes no %sarguments", fname, call, kind);
    }
    return error_raise_int(PyExc_TypeError, "%.200s%s takes %s %zu %sargument%s (%zu given)", fname,
                           call, how, limit, kind, limit == 1 ? "" : "s", given);
}

/* Not more arguments than there are names. What the format has behind them does not count, if it
 * begins with '|' or '$': CPython does not look there, and NumPy's "O|_monotonicity" relies on it.
 */
static void limit_to_names(struct shape *s, const char *const *names_list)
{
    while (names_list[s->names] != NULL) {
        s->names++;
    }
    s->count = s->count < s->names ? s->count : s->names;
    s->positional = s->positional < s->count ? s->positional : s->count;
}

/* Names and units were counted off against each other to the end. */
static int check_rest(const struct shape *s, const char *rest)
{
    if (*rest != 0 && strchr(":;|$", *rest) == NULL) {
        return error_raise_int(PyExc_SystemError,
                               "more argument specifiers than keyword list entries "
                               "(remaining format:'%s')",
                               rest);
    }
    if (s->names > s->count) {
        return error_raise_int(PyExc_SystemError,
                               "More keyword list entries (%zu) than format specifiers (%zu)",
                               s->names, s->count);
    }
    return 0;
}

/* How many names are empty: those parameters are positional only. They come first. */
static Py_ssize_t count_positional_only(const char *const *names_list)
{
    Py_ssize_t count = 0;
    while (names_list[count] != NULL && *names_list[count] == 0) {
        count++;
    }
    for (const char *const *name = names_list + count; *name != NULL; name++) {
        if (**name == 0) {
            return error_raise_int(PyExc_SystemError, "Empty keyword parameter name");
        }
    }
    return count;
}

/* What can be said of a call before its arguments are looked at. */
static int check_counts(const struct parser *p, const struct shape *s, size_t nargs,
                        size_t keywords, const char *const *names_list)
{
    Py_ssize_t only = count_positional_only(names_list);
    if (only < 0) {
        return -1;
    }
    if (nargs + keywords > s->names) {
        return raise_takes(p, "at most", s->names, nargs == 0 ? "keyword " : "", nargs + keywords);
    }
    if (s->twice != 0) {
        return error_raise_int(PyExc_SystemError, "Invalid format string (%c specified twice)",
                               s->twice);
    }
    if (nargs > s->positional && s->positional < s->count) {
        return raise_takes(p, s->required < s->positional ? "at most" : "exactly", s->positional,
                           "positional ", nargs);
    }
    size_t needed = s->required < (size_t)only ? s->required : (size_t)only;
    if (nargs < needed) {
        bool exact = s->required >= (size_t)only && s->positional == (size_t)only;
        return raise_takes(p, exact ? "exactly" : "at least", needed, "positional ", nargs);
    }
    return 0;
}

static int raise_given_twice(const struct parser *p, const char *name, size_t position)
{
    return error_raise_int(
        PyExc_TypeError, "argument for %s%s given by name ('%s') and position (%zu)",
        p->fname == NULL ? "function" : p->fname, p->fname == NULL ? "" : "()", name, position);
}

static int raise_missing(const struct parser *p, const char *name, size_t position)
{
    return error_raise_int(PyExc_TypeError, "%s%s missing required argument '%s' (pos %zu)",
                           p->fname == NULL ? "function" : p->fname, p->fname == NULL ? "" : "()",
                           name, position);
}

/* The units one by one. What is optional and comes behind the last argument is not looked at, not
 * even whether the format is sound there. */
static int parse_units(struct parser *p, const struct shape *s, const struct call_arguments *a,
                       const char *format, const char *const *names_list)
{
    size_t keywords = count_keywords(a), used = 0;
    for (size_t i = 0; i < s->count; i++) {
        while (*format == '|' || *format == '$') {
            format++;
        }
        Value v = i < a->nargs ? a->args[i] : VALUE_ABSENT;
        Value named = *names_list[i] == 0 || keywords == 0
                          ? VALUE_ABSENT
                          : find_keyword(a->kwargs, a->kwnames, a->values, names_list[i]);
        if (!value_is_absent(named)) {
            if (!value_is_absent(v)) {
                return raise_given_twice(p, names_list[i], i + 1);
            }
            used++;
            v = named;
        } else if (value_is_absent(v) && i < s->required) {
            return raise_missing(p, names_list[i], i + 1);
        } else if (value_is_absent(v) && used == keywords && i >= s->required) {
            return 0;
        }
        p->index = i + 1;
        if (parse_unit(p, &format, !value_is_absent(v), v) < 0) {
            return -1;
        }
    }
    if (check_rest(s, format) < 0) {
        return -1;
    }
    return used < keywords ? raise_unknown(p, a, names_list) : 0;
}

static int parse_keywords(const struct call_arguments *a, const char *format,
                          const char *const *names_list, va_list *out)
{
    struct parser p = {.out = out};
    struct shape s = measure(format, &p);
    limit_to_names(&s, names_list);
    if (check_counts(&p, &s, a->nargs, count_keywords(a), names_list) < 0) {
        return -1;
    }
    int status = parse_units(&p, &s, a, format, names_list);
    if (status < 0) {
        clean_up(&p);
    }
    return status;
}

/* ---- Exported. Lengths are Py_ssize_t in those named _SizeT, which PY_SSIZE_T_CLEAN selects. */

PyAPI_FUNC(int) _PyArg_Parse_SizeT(PyObject *, const char *, ...);
PyAPI_FUNC(int) _PyArg_ParseTuple_SizeT(PyObject *, const char *, ...);
PyAPI_FUNC(int) _PyArg_VaParse_SizeT(PyObject *, const char *, va_list);
PyAPI_FUNC(int)
    _PyArg_ParseTupleAndKeywords_SizeT(PyObject *, PyObject *, const char *, char **, ...);
PyAPI_FUNC(int)
    _PyArg_VaParseTupleAndKeywords_SizeT(PyObject *, PyObject *, const char *, char **, va_list);

static const Value *tuple_values(PyObject *tuple)
{
    capi_object(tuple);
    return (const Value *)(const void *)((PyTupleObject *)tuple)->ob_item;
}

int _PyArg_VaParse_SizeT(PyObject *args, const char *format, va_list arguments)
{
    va_list copy;
    va_copy(copy, arguments);
    struct thread *t = capi_enter();
    int status = parse_positional(tuple_values(args), (size_t)Py_SIZE(args), format, &copy, false);
    va_end(copy);
    return capi_return_int(t, status == 0);
}

int _PyArg_ParseTuple_SizeT(PyObject *args, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    int ok = _PyArg_VaParse_SizeT(args, format, arguments);
    va_end(arguments);
    return ok;
}

static int parse_single(PyObject *argument, const char *format, va_list arguments)
{
    va_list copy;
    va_copy(copy, arguments);
    struct thread *t = capi_enter();
    Value v = capi_value(argument);
    int status = parse_positional(&v, 1, format, &copy, true);
    va_end(copy);
    return capi_return_int(t, status == 0);
}

int _PyArg_Parse_SizeT(PyObject *argument, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    int ok = parse_single(argument, format, arguments);
    va_end(arguments);
    return ok;
}

int _PyArg_VaParseTupleAndKeywords_SizeT(PyObject *args, PyObject *kwargs, const char *format,
                                         char **names_list, va_list arguments)
{
    va_list copy;
    va_copy(copy, arguments);
    struct thread *t = capi_enter();
    struct call_arguments a = {
        .args = tuple_values(args), .nargs = (size_t)Py_SIZE(args), .kwargs = capi_object(kwargs)};
    int status = parse_keywords(&a, format, (const char *const *)names_list, &copy);
    va_end(copy);
    return capi_return_int(t, status == 0);
}

int _PyArg_ParseTupleAndKeywords_SizeT(PyObject *args, PyObject *kwargs, const char *format,
                                       char **names_list, ...)
{
    va_list arguments;
    va_start(arguments, names_list);
    int ok = _PyArg_VaParseTupleAndKeywords_SizeT(args, kwargs, format, names_list, arguments);
    va_end(arguments);
    return ok;
}

int _PyArg_ParseStack(PyObject *const *args, Py_ssize_t nargs, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    struct thread *t = capi_enter();
    int status = parse_positional(capi_values(args, (size_t)nargs), (size_t)nargs, format,
                                  &arguments, false);
    va_end(arguments);
    return capi_return_int(t, status == 0);
}

int _PyArg_ParseStackAndKeywords(PyObject *const *args, Py_ssize_t nargs, PyObject *kwnames,
                                 struct _PyArg_Parser *parser, ...)
{
    va_list arguments;
    va_start(arguments, parser);
    struct thread *t = capi_enter();
    size_t keywords = kwnames == NULL ? 0 : (size_t)Py_SIZE(kwnames);
    const Value *values = capi_values(args, (size_t)nargs + keywords);
    struct call_arguments a = {.args = values,
                               .nargs = (size_t)nargs,
                               .kwnames = capi_object(kwnames),
                               .values = values + nargs};
    int status = parse_keywords(&a, parser->format, parser->keywords, &arguments);
    va_end(arguments);
    return capi_return_int(t, status == 0);
}

int _PyArg_ParseTupleAndKeywordsFast(PyObject *args, PyObject *kwargs, struct _PyArg_Parser *parser,
                                     ...)
{
    va_list arguments;
    va_start(arguments, parser);
    struct thread *t = capi_enter();
    struct call_arguments a = {
        .args = tuple_values(args), .nargs = (size_t)Py_SIZE(args), .kwargs = capi_object(kwargs)};
    int status = parse_keywords(&a, parser->format, parser->keywords, &arguments);
    va_end(arguments);
    return capi_return_int(t, status == 0);
}

int PyArg_ValidateKeywordArguments(PyObject *kwargs)
{
    struct thread *t = capi_enter();
    size_t position = 0;
    Value key, value;
    Py_hash_t hash;
    while (dict_next(capi_object(kwargs), &position, &key, &value, &hash)) {
        if (!str_check(key)) {
            return capi_return_int(t, error_raise_int(PyExc_TypeError, "keywords must be strings") +
                                          1);
        }
    }
    return capi_return_int(t, 1);
}

/* ---- Without a format: what code that Argument Clinic wrote calls. */

#undef _PyArg_CheckPositional
int _PyArg_CheckPositional(const char *name, Py_ssize_t nargs, Py_ssize_t min, Py_ssize_t max)
{
    struct thread *t = capi_enter();
    if (nargs >= min && nargs <= max) {
        return 1;
    }
    Py_ssize_t limit = nargs < min ? min : max;
    const char *how = min == max ? "" : nargs < min ? "at least " : "at most ";
    if (name != NULL) {
        error_raise(PyExc_TypeError, "%s expected %s%zd argument%s, got %zd", name, how, limit,
                    limit == 1 ? "" : "s", nargs);
    } else {
        error_raise(PyExc_TypeError, "unpacked tuple should have %s%zd element%s, but has %zd", how,
                    limit, limit == 1 ? "" : "s", nargs);
    }
    return capi_return_int(t, 0);
}

#undef _PyArg_NoKeywords
int _PyArg_NoKeywords(const char *fname, PyObject *kwargs)
{
    if (kwargs == NULL || PyDict_GET_SIZE(kwargs) == 0) {
        return 1;
    }
    struct thread *t = capi_enter();
    error_raise(PyExc_TypeError, "%s() takes no keyword arguments", fname);
    return capi_return_int(t, 0);
}

#undef _PyArg_NoKwnames
int _PyArg_NoKwnames(const char *fname, PyObject *kwnames)
{
    if (kwnames == NULL || Py_SIZE(kwnames) == 0) {
        return 1;
    }
    struct thread *t = capi_enter();
    error_raise(PyExc_TypeError, "%s() takes no keyword arguments", fname);
    return capi_return_int(t, 0);
}

#undef _PyArg_NoPositional
int _PyArg_NoPositional(const char *fname, PyObject *args)
{
    if (args == NULL || Py_SIZE(args) == 0) {
        return 1;
    }
    struct thread *t = capi_enter();
    error_raise(PyExc_TypeError, "%s() takes no positional arguments", fname);
    return capi_return_int(t, 0);
}

void _PyArg_BadArgument(const char *fname, const char *argument, const char *expected, PyObject *o)
{
    struct thread *t = capi_enter();
    error_raise(PyExc_TypeError, "%.200s() %.200s must be %.50s, not %.50s", fname, argument,
                expected, o == Py_None ? "None" : o->ob_type->tp_name);
    capi_leave(t);
}

/* The arguments of a call in the order of the parser's keywords. */
static int unpack_keywords(const struct call_arguments *a, struct _PyArg_Parser *parser, int min,
                           int max, PyObject **buffer, size_t count)
{
    const char *const *list = parser->keywords;
    const char *fname = parser->fname == NULL ? "function" : parser->fname;
    struct parser p = {.fname = parser->fname};
    size_t keywords = count_keywords(a), used = 0;
    if (a->nargs > (size_t)max) {
        return error_raise_int(PyExc_TypeError,
                               "%.200s%s takes %s %d positional argument%s (%zu given)", fname,
                               parser->fname == NULL ? "" : "()",
                               max == 0    ? "no"
                               : min < max ? "at most"
                                           : "exactly",
                               max, max == 1 ? "" : "s", a->nargs);
    }
    for (size_t i = 0; i < count; i++) {
        Value v = i < a->nargs ? a->args[i] : VALUE_ABSENT;
        Value named = *list[i] == 0 || keywords == 0
                          ? VALUE_ABSENT
                          : find_keyword(a->kwargs, a->kwnames, a->values, list[i]);
        if (!value_is_absent(named)) {
            used++;
            if (!value_is_absent(v)) {
                return error_raise_int(PyExc_TypeError,
                                       "argument for %.200s%s given by name ('%s') and position "
                                       "(%zu)",
                                       fname, parser->fname == NULL ? "" : "()", list[i], i + 1);
            }
            v = named;
        } else if (value_is_absent(v) && i < (size_t)min) {
            return error_raise_int(PyExc_TypeError,
                                   "%.200s%s missing required argument '%s' (pos %zu)", fname,
                                   parser->fname == NULL ? "" : "()", list[i], i + 1);
        }
        buffer[i] = value_is_absent(v) ? NULL : value_box(v);
    }
    return used < keywords ? raise_unknown(&p, a, list) : 0;
}

#undef _PyArg_UnpackKeywords
PyObject *const *_PyArg_UnpackKeywords(PyObject *const *args, Py_ssize_t nargs, PyObject *kwargs,
                                       PyObject *kwnames, struct _PyArg_Parser *parser, int min,
                                       int max, int minkw, PyObject **buffer)
{
    struct thread *t = capi_enter();
    size_t count = 0;
    while (parser->keywords[count] != NULL) {
        count++;
    }
    size_t extra = kwnames == NULL ? 0 : (size_t)Py_SIZE(kwnames);
    const Value *values = capi_values(args, (size_t)nargs + extra);
    struct call_arguments a = {.args = values,
                               .nargs = (size_t)nargs,
                               .kwargs = capi_object(kwargs),
                               .kwnames = capi_object(kwnames),
                               .values = values + nargs};
    int required = min + minkw;
    int status = unpack_keywords(&a, parser, required, max, buffer, count);
    return capi_return_pointer(t, status < 0 ? NULL : buffer);
}

int PyArg_UnpackTuple(PyObject *args, const char *name, Py_ssize_t min, Py_ssize_t max, ...)
{
    if (!_PyArg_CheckPositional(name, Py_SIZE(args), min, max)) {
        return 0;
    }
    va_list out;
    va_start(out, max);
    for (Py_ssize_t i = 0; i < Py_SIZE(args); i++) {
        *va_arg(out, PyObject **) = PyTuple_GET_ITEM(args, i);
    }
    va_end(out);
    return 1;
}

int _PyArg_UnpackStack(PyObject *const *args, Py_ssize_t nargs, const char *name, Py_ssize_t min,
                       Py_ssize_t max, ...)
{
    if (!_PyArg_CheckPositional(name, nargs, min, max)) {
        return 0;
    }
    va_list out;
    va_start(out, max);
    for (Py_ssize_t i = 0; i < nargs; i++) {
        *va_arg(out, PyObject **) = args[i];
    }
    va_end(out);
    return 1;
}

/* ---- What a module without PY_SSIZE_T_CLEAN calls. */

static bool lengths_are_clean(const char *format)
{
    return capi_check_lengths(format, strcspn(format, ":;"));
}

int PyArg_VaParse(PyObject *args, const char *format, va_list arguments)
{
    return lengths_are_clean(format) && _PyArg_VaParse_SizeT(args, format, arguments);
}

int PyArg_ParseTuple(PyObject *args, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    int ok = PyArg_VaParse(args, format, arguments);
    va_end(arguments);
    return ok;
}

int PyArg_Parse(PyObject *argument, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    int ok = lengths_are_clean(format) && parse_single(argument, format, arguments);
    va_end(arguments);
    return ok;
}

int PyArg_VaParseTupleAndKeywords(PyObject *args, PyObject *kwargs, const char *format,
                                  char **names_list, va_list arguments)
{
    return lengths_are_clean(format) &&
           _PyArg_VaParseTupleAndKeywords_SizeT(args, kwargs, format, names_list, arguments);
}

int PyArg_ParseTupleAndKeywords(PyObject *args, PyObject *kwargs, const char *format,
                                char **names_list, ...)
{
    va_list arguments;
    va_start(arguments, names_list);
    int ok = PyArg_VaParseTupleAndKeywords(args, kwargs, format, names_list, arguments);
    va_end(arguments);
    return ok;
}

/* ---- The same for code that Argument Clinic wrote, which has no lengths but Py_ssize_t. */

#define SIZE_T_ALIAS(result, name, alias_name, parameters)                                         \
    PyAPI_FUNC(result) alias_name parameters __attribute__((alias(#name)));
SIZE_T_ALIAS(int, _PyArg_ParseStack, _PyArg_ParseStack_SizeT,
             (PyObject *const *, Py_ssize_t, const char *, ...))
SIZE_T_ALIAS(int, _PyArg_ParseStackAndKeywords, _PyArg_ParseStackAndKeywords_SizeT,
             (PyObject *const *, Py_ssize_t, PyObject *, struct _PyArg_Parser *, ...))
SIZE_T_ALIAS(int, _PyArg_ParseTupleAndKeywordsFast, _PyArg_ParseTupleAndKeywordsFast_SizeT,
             (PyObject *, PyObject *, struct _PyArg_Parser *, ...))
