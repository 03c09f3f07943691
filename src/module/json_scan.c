/* SPDX-License-Identifier: MIT */
/* _json.make_scanner: reads one JSON value from a str. A call keeps its state on the C stack, so
 * threads may share a scanner. */
#include <Python.h>
#include <structmember.h>

#include "base/text_number.h"
#include "module/json_int.h"
#include "object/dict.h"
#include "object/float.h"
#include "object/int.h"

struct scanner {
    PyObject head;
    bool strict; /* all constant after birth */
    Value object_hook, object_pairs_hook, parse_float, parse_int, parse_constant;
};

struct scan {
    const struct scanner *scanner;
    PyObject *s;
    int kind;
    const void *data;
    Py_ssize_t length;
    PyObject *memo; /* keys seen in this text */
};

static Value scan_value(struct scan *x, Py_ssize_t i, Py_ssize_t *end);

static inline Py_UCS4 at(const struct scan *x, Py_ssize_t i)
{
    return i < x->length ? str_read(x->kind, x->data, i) : 0;
}

static inline Py_ssize_t skip_space(const struct scan *x, Py_ssize_t i)
{
    while (i < x->length) {
        Py_UCS4 c = str_read(x->kind, x->data, i);
        if (c != ' ' && c != '\n' && c != '\t' && c != '\r') {
            break;
        }
        i++;
    }
    return i;
}

static Value fail(struct scan *x, const char *message, Py_ssize_t i)
{
    json_error(message, x->s, i);
    return VALUE_NULL;
}

static Value no_value(Py_ssize_t i)
{
    return error_raise_value(PyExc_StopIteration, int_from_ssize(i));
}

/* ---- Numbers and constants. */

static Value make_int(struct scan *x, Py_ssize_t start, Py_ssize_t end)
{
    if (end - start <= 17) {
        int64_t n = 0;
        bool negative = at(x, start) == '-';
        for (Py_ssize_t i = start + negative; i < end; i++) {
            n = n * 10 + (int64_t)(at(x, i) - '0');
        }
        return int_from_i64(negative ? -n : n);
    }
    PyObject *text = str_substring(x->s, start, end);
    return text == NULL ? VALUE_NULL
                        : int_from_text(str_utf8(text, NULL), (size_t)(end - start), 10);
}

static Value make_float(struct scan *x, Py_ssize_t start, Py_ssize_t end)
{
    PyObject *text = str_substring(x->s, start, end);
    double d;
    if (text == NULL) {
        return VALUE_NULL;
    }
    if (text_to_double(str_utf8(text, NULL), (size_t)(end - start), &d) != (size_t)(end - start)) {
        return float_from_text(text);
    }
    return float_from_double(d);
}

static Value make_number(struct scan *x, Py_ssize_t start, Py_ssize_t end, bool is_float)
{
    Value parse = is_float ? x->scanner->parse_float : x->scanner->parse_int;
    PyObject *plain = is_float ? (PyObject *)&PyFloat_Type : (PyObject *)&PyLong_Type;
    if (!value_same_bits(parse, value_from_object(plain))) {
        PyObject *text = str_substring(x->s, start, end);
        return text == NULL ? VALUE_NULL : object_call1(parse, value_from_object(text));
    }
    return is_float ? make_float(x, start, end) : make_int(x, start, end);
}

static inline bool digit_at(const struct scan *x, Py_ssize_t i)
{
    return at(x, i) - '0' <= 9;
}

static Py_ssize_t skip_digits(const struct scan *x, Py_ssize_t i)
{
    while (digit_at(x, i)) {
        i++;
    }
    return i;
}

static Value scan_number(struct scan *x, Py_ssize_t start, Py_ssize_t *end)
{
    Py_ssize_t i = start + (at(x, start) == '-');
    bool is_float = false;
    if (!digit_at(x, i)) {
        return no_value(start);
    }
    i = at(x, i) == '0' ? i + 1 : skip_digits(x, i);
    if (at(x, i) == '.' && digit_at(x, i + 1)) {
        is_float = true;
        i = skip_digits(x, i + 1);
    }
    if ((at(x, i) | 32) == 'e') {
        Py_ssize_t j = i + 1 + (at(x, i + 1) == '-' || at(x, i + 1) == '+');
        if (digit_at(x, j)) {
            is_float = true;
            i = skip_digits(x, j);
        }
    }
    *end = i;
    return make_number(x, start, i, is_float);
}

static bool matches(const struct scan *x, Py_ssize_t i, const char *word)
{
    for (; *word; word++, i++) {
        if (at(x, i) != (Py_UCS4)*word) {
            return false;
        }
    }
    return true;
}

static Value scan_constant(struct scan *x, const char *word, Py_ssize_t i, Py_ssize_t *end)
{
    PyObject *text = str_intern_text(word);
    *end = i + (Py_ssize_t)strlen(word);
    return text == NULL ? VALUE_NULL
                        : object_call1(x->scanner->parse_constant, value_from_object(text));
}

/* ---- Arrays and objects. */

static Value scan_array(struct scan *x, Py_ssize_t i, Py_ssize_t *end)
{
    PyObject *list = list_new(0);
    i = skip_space(x, i);
    if (list != NULL && at(x, i) == ']') {
        *end = i + 1;
        return value_from_object(list);
    }
    while (list != NULL) {
        Value v = scan_value(x, i, &i);
        if (value_is_null(v) || list_append(list, v) < 0) {
            return VALUE_NULL;
        }
        i = skip_space(x, i);
        Py_UCS4 c = at(x, i);
        if (c == ']') {
            *end = i + 1;
            return value_from_object(list);
        }
        if (c != ',') {
            return fail(x, "Expecting ',' delimiter", i);
        }
        i = skip_space(x, i + 1);
    }
    return VALUE_NULL;
}

/* A key and its value from i on, which is behind the opening quote. 0 or -1. */
static int scan_pair(struct scan *x, Py_ssize_t *i, Value *key, Value *v)
{
    PyObject *text = json_scan_string(x->s, *i, x->scanner->strict, i);
    if (text == NULL) {
        return -1;
    }
    *key = dict_setdefault(x->memo, value_from_object(text), value_from_object(text));
    if (value_is_null(*key)) {
        return -1;
    }
    *i = skip_space(x, *i);
    if (at(x, *i) != ':') {
        fail(x, "Expecting ':' delimiter", *i);
        return -1;
    }
    *i = skip_space(x, *i + 1);
    *v = scan_value(x, *i, i);
    return value_is_null(*v) ? -1 : 0;
}

/* All pairs up to the closing brace, into a dict, or into a list if one is given. 0 or -1. */
static int scan_pairs(struct scan *x, Py_ssize_t i, Py_ssize_t *end, PyObject *dict, PyObject *list)
{
    i = skip_space(x, i);
    if (at(x, i) == '}' && i < x->length) {
        *end = i + 1;
        return 0;
    }
    for (;;) {
        Value pair[2];
        if (at(x, i) != '"') {
            fail(x, "Expecting property name enclosed in double quotes", i);
            return -1;
        }
        i++;
        if (scan_pair(x, &i, &pair[0], &pair[1]) < 0) {
            return -1;
        }
        if (list != NULL) {
            PyObject *tuple = tuple_from_array(pair, 2);
            if (tuple == NULL || list_append(list, value_from_object(tuple)) < 0) {
                return -1;
            }
        } else if (dict_set_str(dict, value_object(pair[0]), pair[1]) < 0) {
            return -1;
        }
        i = skip_space(x, i);
        Py_UCS4 c = at(x, i);
        if (c == '}') {
            *end = i + 1;
            return 0;
        }
        if (c != ',') {
            fail(x, "Expecting ',' delimiter", i);
            return -1;
        }
        i = skip_space(x, i + 1);
    }
}

static Value scan_object(struct scan *x, Py_ssize_t i, Py_ssize_t *end)
{
    bool pairs = !value_is_none(x->scanner->object_pairs_hook);
    PyObject *list = pairs ? list_new(0) : NULL;
    PyObject *dict = pairs ? NULL : dict_new();
    if ((list == NULL && dict == NULL) || scan_pairs(x, i, end, dict, list) < 0) {
        return VALUE_NULL;
    }
    if (pairs) {
        return object_call1(x->scanner->object_pairs_hook, value_from_object(list));
    }
    if (!value_is_none(x->scanner->object_hook)) {
        return object_call1(x->scanner->object_hook, value_from_object(dict));
    }
    return value_from_object(dict);
}

static Value scan_nested(struct scan *x, Py_ssize_t i, Py_ssize_t *end, bool object)
{
    if (recursion_enter(object ? " while decoding a JSON object from a unicode string"
                               : " while decoding a JSON array from a unicode string") < 0) {
        return VALUE_NULL;
    }
    Value v = object ? scan_object(x, i, end) : scan_array(x, i, end);
    recursion_leave();
    return v;
}

static Value scan_value(struct scan *x, Py_ssize_t i, Py_ssize_t *end)
{
    if (i < 0) {
        return error_raise(PyExc_ValueError, "idx cannot be negative");
    }
    if (i >= x->length) {
        return no_value(i);
    }
    switch (at(x, i)) {
    case '"': return value_from_object(json_scan_string(x->s, i + 1, x->scanner->strict, end));
    case '{': return scan_nested(x, i + 1, end, true);
    case '[': return scan_nested(x, i + 1, end, false);
    case 'n':
        if (matches(x, i, "null")) {
            *end = i + 4;
            return VALUE_NONE;
        }
        break;
    case 't':
        if (matches(x, i, "true")) {
            *end = i + 4;
            return VALUE_TRUE;
        }
        break;
    case 'f':
        if (matches(x, i, "false")) {
            *end = i + 5;
            return VALUE_FALSE;
        }
        break;
    case 'N':
        if (matches(x, i, "NaN")) {
            return scan_constant(x, "NaN", i, end);
        }
        break;
    case 'I':
        if (matches(x, i, "Infinity")) {
            return scan_constant(x, "Infinity", i, end);
        }
        break;
    case '-':
        if (matches(x, i, "-Infinity")) {
            return scan_constant(x, "-Infinity", i, end);
        }
        break;
    default: break;
    }
    return scan_number(x, i, end);
}

/* ---- The type. */

static Value scanner_call(Value self, const Value *args, size_t nargs, PyObject *kwnames)
{
    static const struct native_signature *signature;
    Value a[2];
    Py_ssize_t i, end = 0;
    if (native_bind("scan_once", "(string, idx)", &signature, args, CALL_NARGS(nargs), kwnames, a) <
            0 ||
        arg_index(a[1], &i) < 0) {
        return VALUE_NULL;
    }
    if (!str_check(a[0])) {
        return error_raise(PyExc_TypeError, "first argument must be a string, not %T", a[0]);
    }
    PyObject *s = value_object(a[0]);
    struct scan x = {(struct scanner *)value_object(self),
                     s,
                     str_kind(s),
                     str_data(s),
                     str_length(s),
                     dict_new()};
    if (x.memo == NULL) {
        return VALUE_NULL;
    }
    Value v = scan_value(&x, i, &end);
    Value items[2] = {v, int_from_ssize(end)};
    return value_is_null(v) ? v : value_from_object(tuple_from_array(items, 2));
}

static int context_attribute(Value context, const char *name, struct scanner *self, Value *slot)
{
    PyObject *interned = str_intern_text(name);
    Value v = interned == NULL ? VALUE_NULL : object_getattr(context, interned);
    heap_store_value(self, slot, v);
    return value_is_null(v) ? -1 : 0;
}

static Value scanner_new(PyTypeObject *type, const Value *args, size_t nargs, PyObject *kwnames)
{
    static const struct native_signature *signature;
    Value context, strict = VALUE_NULL;
    if (native_bind("make_scanner", "(context)", &signature, args, nargs, kwnames, &context) < 0) {
        return VALUE_NULL;
    }
    struct scanner *self = (struct scanner *)object_alloc(type, 0);
    PyObject *name = str_intern_text("strict");
    if (self == NULL || name == NULL || value_is_null(strict = object_getattr(context, name))) {
        return VALUE_NULL;
    }
    int truth = object_truth(strict);
    self->strict = truth > 0;
    if (truth < 0 || context_attribute(context, "object_hook", self, &self->object_hook) < 0 ||
        context_attribute(context, "object_pairs_hook", self, &self->object_pairs_hook) < 0 ||
        context_attribute(context, "parse_float", self, &self->parse_float) < 0 ||
        context_attribute(context, "parse_int", self, &self->parse_int) < 0 ||
        context_attribute(context, "parse_constant", self, &self->parse_constant) < 0) {
        return VALUE_NULL;
    }
    return value_from_object(self);
}

static void scanner_trace(PyObject *self, struct tracer *tracer)
{
    struct scanner *s = (struct scanner *)self;
    trace_words(tracer, &s->object_hook, 5);
}

static Value get_strict(Value self, void *closure)
{
    return value_from_bool(((struct scanner *)value_object(self))->strict);
}

static const struct getset_def scanner_getsets[] = {
    {"strict", get_strict, NULL, "strict", NULL},
    {NULL},
};

static const struct member_def scanner_members[] = {
    {"object_hook", MEMBER_VALUE, offsetof(struct scanner, object_hook), READONLY, "object_hook"},
    {"object_pairs_hook", MEMBER_VALUE, offsetof(struct scanner, object_pairs_hook), READONLY,
     NULL},
    {"parse_float", MEMBER_VALUE, offsetof(struct scanner, parse_float), READONLY, "parse_float"},
    {"parse_int", MEMBER_VALUE, offsetof(struct scanner, parse_int), READONLY, "parse_int"},
    {"parse_constant", MEMBER_VALUE, offsetof(struct scanner, parse_constant), READONLY, NULL},
    {NULL},
};

static struct type_info scanner_info = {
    .ops = {.call = scanner_call, .new_ = scanner_new},
    .trace = scanner_trace,
    .getsets = scanner_getsets,
    .members = scanner_members,
};

PyTypeObject json_scanner_type = {
    STATIC_TYPE_HEAD,
    .tp_name = "_json.Scanner",
    .tp_basicsize = sizeof(struct scanner),
    .tp_flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_HAVE_GC,
    .tp_doc = "JSON scanner object",
    .tp_cache = (PyObject *)&scanner_info,
};
