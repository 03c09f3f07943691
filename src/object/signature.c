/* SPDX-License-Identifier: MIT */
/* Signature texts: parsing, and binding arguments with the messages of CPython's built-ins. */
#include "object/signature.h"
#include "heap/roots.h"

#include "object/dict.h"
#include "object/int.h"
#include "object/list.h"
#include "object/object.h"
#include "object/str.h"

enum { MAXIMAL_PARAMETERS = 64 };

static void signature_trace(void *cell, struct tracer *tracer)
{
    struct native_signature *s = cell;
    trace_words(tracer, (Value *)(void *)s->names, s->count);
}
static const struct cell_type signature_cell = {"native signature", signature_trace, true};

/* ---- Parsing. */

struct parse {
    const char *at;
    PyObject *names[MAXIMAL_PARAMETERS];
    uint32_t count, positional_only, positional, keyword_end;
    int32_t varargs, varkw;
    uint64_t required;
    bool keyword_only; /* behind * or *args */
};

static const char *skip_space(const char *p)
{
    while (*p == ' ' || *p == '\n') {
        p++;
    }
    return p;
}

/* The end of a default: a comma or parenthesis outside of brackets and quotes. */
static const char *skip_default(const char *p)
{
    int depth = 0;
    for (; *p != '\0'; p++) {
        if (*p == '\'' || *p == '"') {
            char quote = *p++;
            while (*p != '\0' && *p != quote) {
                p += *p == '\\' ? 2 : 1;
            }
        } else if (*p == '(' || *p == '[' || *p == '{') {
            depth++;
        } else if (*p == ')' || *p == ']' || *p == '}') {
            if (depth-- == 0) {
                return p;
            }
        } else if (*p == ',' && depth == 0) {
            return p;
        }
    }
    return p;
}

static bool is_name_char(char c)
{
    return c == '_' || (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

static PyObject *parse_name(struct parse *parse)
{
    const char *start = parse->at;
    while (is_name_char(*parse->at)) {
        parse->at++;
    }
    check(parse->at > start && parse->count < MAXIMAL_PARAMETERS);
    PyObject *name = str_from_ascii(start, parse->at - start);
    return name == NULL ? NULL : str_intern(name);
}

static bool parse_star(struct parse *parse)
{
    parse->at++;
    bool two = *parse->at == '*';
    parse->at += two;
    parse->keyword_only = true;
    if (!is_name_char(*parse->at)) {
        return true;
    }
    parse->names[parse->count] = parse_name(parse);
    if (two) {
        parse->varkw = (int32_t)parse->count;
    } else {
        parse->varargs = (int32_t)parse->count;
    }
    return parse->names[parse->count++] != NULL;
}

static bool parse_plain(struct parse *parse)
{
    uint32_t i = parse->count;
    parse->names[i] = parse_name(parse);
    parse->at = skip_space(parse->at);
    if (*parse->at == ':') {
        parse->at = skip_default(parse->at);
    }
    if (*parse->at == '=') {
        parse->at = skip_default(parse->at + 1);
    } else {
        parse->required |= UINT64_C(1) << i;
    }
    parse->count++;
    parse->positional += !parse->keyword_only;
    parse->keyword_end = parse->count;
    return parse->names[i] != NULL;
}

static bool parse_parameter(struct parse *parse)
{
    switch (*parse->at) {
    case '$': /* the bound self */ parse->at = skip_default(parse->at); return true;
    case '/':
        parse->at++;
        parse->positional_only = parse->positional;
        return true;
    case '*': return parse_star(parse);
    default: return parse_plain(parse);
    }
}

static const struct native_signature *finish(const struct parse *parse, const char *text)
{
    struct native_signature *s =
        heap_alloc(sizeof *s + parse->count * sizeof(PyObject *), CELL_INTERNAL);
    if (s == NULL) {
        error_no_memory();
        return NULL;
    }
    s->cell = &signature_cell;
    s->text = text;
    s->count = parse->count;
    s->positional_only = parse->positional_only;
    s->positional = parse->positional;
    s->keyword_end = parse->keyword_end;
    s->varargs = parse->varargs;
    s->varkw = parse->varkw;
    s->required = parse->required;
    for (uint32_t i = 0; i < parse->count; i++) {
        heap_init(s, &s->names[i], parse->names[i]);
        if (i < s->positional_only && (s->required >> i & 1) != 0) {
            s->required_positional_only++;
        }
    }
    return s;
}

const struct native_signature *signature_parse(const char *text)
{
    struct parse parse = {.at = skip_space(text), .varargs = -1, .varkw = -1};
    check(*parse.at == '(');
    parse.at = skip_space(parse.at + 1);
    while (*parse.at != ')') {
        if (!parse_parameter(&parse)) {
            return NULL;
        }
        parse.at = skip_space(parse.at);
        if (*parse.at == ',') {
            parse.at = skip_space(parse.at + 1);
        } else if (*parse.at != ')') {
            fatal_error("malformed signature text: %s", text);
        }
    }
    return finish(&parse, text);
}

/* Parsed texts by their address: for callers whose own cache is not filled yet. Atomic. */
static const struct native_signature *parsed[2048];

void signatures_init(void)
{
    heap_add_static(parsed, sizeof parsed, NULL);
}

static NO_INLINE const struct native_signature *find_parsed(const char *text)
{
    uintptr_t hash = (uintptr_t)text;
    const struct native_signature **place = &parsed[(hash ^ hash >> 11) % 2048];
    const struct native_signature *s = atomic_load_acquire(place);
    if (s == NULL || s->text != text) {
        s = signature_parse(text);
        if (s != NULL) {
            heap_remember(place);
            atomic_store_release(place, s);
        }
    }
    return s;
}

const struct native_signature *signature_of(const char *text, const struct native_signature **cache)
{
    const struct native_signature *s = atomic_load_acquire(cache);
    if (UNLIKELY(s == NULL)) {
        s = find_parsed(text);
        if (s != NULL) {
            heap_remember(cache); /* may lie in a descriptor */
            atomic_store_release(cache, s);
        }
    }
    return s;
}

/* ---- Names in messages. */

static PyObject *function_name(struct native_function *f, const char *fname)
{
    PyObject *self = f->base.m_self;
    if (self != NULL && self->ob_type != &PyModule_Type) {
        PyTypeObject *type = type_has_feature(self->ob_type, Py_TPFLAGS_TYPE_SUBCLASS)
                                 ? (PyTypeObject *)self
                                 : self->ob_type;
        return str_format("%s.%s", type_short_name(type), fname);
    }
    PyObject *module = f->base.m_module;
    if (module != NULL && str_check(value_from_object(module)) &&
        !str_equal_text(module, "builtins")) {
        return str_format("%U.%s", module, fname);
    }
    return str_from_text(fname);
}

PyObject *callable_name(PyObject *callable, const char *fname)
{
    if (callable == NULL) {
        return str_from_text(fname);
    }
    if (callable->ob_type == &PyCFunction_Type || callable->ob_type == &PyCMethod_Type) {
        return function_name((struct native_function *)callable, fname);
    }
    if (callable->ob_type == &PyMethodDescr_Type || callable->ob_type == &PyClassMethodDescr_Type) {
        return str_format("%s.%s", type_short_name(((PyDescrObject *)callable)->d_type), fname);
    }
    return str_from_text(fname);
}

static int raise_named(PyObject *callable, const char *fname, const char *rest, size_t given)
{
    PyObject *name = callable_name(callable, fname);
    if (name == NULL) {
        return -1;
    }
    return given == SIZE_MAX
               ? error_raise_int(PyExc_TypeError, "%U() %s", name, rest)
               : error_raise_int(PyExc_TypeError, "%U() %s (%zu given)", name, rest, given);
}

int native_no_keywords(const char *fname, PyObject *kwnames)
{
    if (kwnames == NULL || tuple_length(kwnames) == 0) {
        return 0;
    }
    return error_raise_int(PyExc_TypeError, "%s() takes no keyword arguments", fname);
}

int native_no_arguments(const char *fname, size_t nargs, PyObject *kwnames)
{
    if (native_no_keywords(fname, kwnames) < 0) {
        return -1;
    }
    return nargs == 0 ? 0
                      : error_raise_int(PyExc_TypeError, "%s() takes no arguments (%zu given)",
                                        fname, nargs);
}

int native_check_positional(const char *fname, size_t nargs, size_t min, size_t max)
{
    if (nargs >= min && nargs <= max) {
        return 0;
    }
    bool few = nargs < min;
    size_t limit = few ? min : max;
    return error_raise_int(PyExc_TypeError, "%s expected %s%zu argument%s, got %zu", fname,
                           min == max ? ""
                           : few      ? "at least "
                                      : "at most ",
                           limit, limit == 1 ? "" : "s", nargs);
}

/* ---- Binding. */

static void clear(Value *out, uint32_t from, uint32_t to)
{
    for (uint32_t i = from; i < to; i++) {
        out[i] = VALUE_ABSENT;
    }
}

static int bind_varargs(const struct native_signature *s, const Value *args, size_t nargs,
                        Value *out)
{
    if (s->varargs >= 0) {
        size_t extra = nargs > s->positional ? nargs - s->positional : 0;
        out[s->varargs] =
            value_from_object(tuple_from_array(extra == 0 ? args : args + s->positional, extra));
        return value_is_null(out[s->varargs]) ? -1 : 0;
    }
    return 0;
}

static uint32_t count_required(const struct native_signature *s, uint32_t end)
{
    return (uint32_t)__builtin_popcountll(s->required & ((UINT64_C(1) << end) - 1));
}

/* All parameters are positional-only. */
static int bind_positional(const struct native_signature *s, const char *fname, PyObject *callable,
                           const Value *args, size_t nargs, PyObject *kwnames, Value *out)
{
    if (kwnames != NULL && tuple_length(kwnames) > 0) {
        return raise_named(callable, fname, "takes no keyword arguments", SIZE_MAX);
    }
    uint32_t minimum = count_required(s, s->positional);
    if (s->varargs < 0 && s->positional == 0 && nargs > 0) {
        return raise_named(callable, fname, "takes no arguments", nargs);
    }
    if (s->varargs < 0 && s->positional == 1 && minimum == 1 && nargs != 1) {
        return raise_named(callable, fname, "takes exactly one argument", nargs);
    }
    if (native_check_positional(fname, nargs, minimum, s->varargs < 0 ? s->positional : SIZE_MAX) <
        0) {
        return -1;
    }
    uint32_t given = nargs < s->positional ? (uint32_t)nargs : s->positional;
    memcpy(out, args, given * sizeof(Value));
    clear(out, given, s->count);
    return bind_varargs(s, args, nargs, out);
}

/* A callable without a name (PyArg_ParseTupleAndKeywords without one) reads "function". */
static const char *shown(const char *fname)
{
    return fname != NULL ? fname : "function";
}
static const char *parens(const char *fname)
{
    return fname != NULL ? "()" : "";
}

static int raise_count(const char *fname, const char *how, size_t limit, const char *what,
                       size_t given)
{
    return error_raise_int(PyExc_TypeError, "%s%s takes %s %zu %sargument%s (%zu given)",
                           shown(fname), parens(fname), how, limit, what, limit == 1 ? "" : "s",
                           given);
}

static int check_counts(const struct native_signature *s, const char *fname, size_t nargs,
                        size_t nkeywords)
{
    if (s->varargs < 0 && s->varkw < 0 && nargs + nkeywords > s->count) {
        return raise_count(fname, "at most", s->count, nargs == 0 ? "keyword " : "",
                           nargs + nkeywords);
    }
    uint32_t minimum = s->required_positional_only;
    if (s->varargs < 0 && nargs > s->positional) {
        if (s->positional == 0) {
            return error_raise_int(PyExc_TypeError, "%s%s takes no positional arguments",
                                   shown(fname), parens(fname));
        }
        return raise_count(fname, minimum < s->positional ? "at most" : "exactly", s->positional,
                           "positional ", nargs);
    }
    if (nargs < minimum) {
        bool open = minimum < s->positional || s->varargs >= 0;
        return raise_count(fname, open ? "at least" : "exactly", minimum, "positional ", nargs);
    }
    return 0;
}

/* The parameter that a keyword names, or -1. */
static int32_t find_keyword(const struct native_signature *s, PyObject *keyword)
{
    for (uint32_t i = s->positional_only; i < s->keyword_end; i++) {
        if (s->names[i] == keyword && (int32_t)i != s->varargs) {
            return (int32_t)i;
        }
    }
    for (uint32_t i = s->positional_only; i < s->keyword_end; i++) {
        if ((int32_t)i != s->varargs && str_equal(s->names[i], keyword)) {
            return (int32_t)i;
        }
    }
    return -1;
}

static int check_missing(const struct native_signature *s, const char *fname, const Value *out)
{
    for (uint32_t i = 0; i < s->count; i++) {
        if ((s->required >> i & 1) != 0 && value_is_absent(out[i])) {
            return error_raise_int(PyExc_TypeError, "%s%s missing required argument '%U' (pos %d)",
                                   shown(fname), parens(fname), s->names[i], (int)i + 1);
        }
    }
    return 0;
}

static int bind_keywords(const struct native_signature *s, const char *fname, const Value *values,
                         PyObject *kwnames, size_t given, Value *out)
{
    PyObject *unknown = NULL;
    PyObject *extra = s->varkw >= 0 ? dict_new() : NULL;
    for (Py_ssize_t k = 0; kwnames != NULL && k < tuple_length(kwnames); k++) {
        PyObject *keyword = tuple_object(kwnames, k);
        int32_t i = find_keyword(s, keyword);
        if (i >= 0 && (size_t)i < given && (uint32_t)i < s->positional) {
            return error_raise_int(PyExc_TypeError,
                                   "argument for %s%s given by name ('%U') and position (%d)",
                                   shown(fname), parens(fname), keyword, (int)i + 1);
        }
        if (i >= 0) {
            out[i] = values[k];
        } else if (s->varkw < 0) {
            unknown = unknown == NULL ? keyword : unknown;
        } else if (extra == NULL || dict_set(extra, value_from_object(keyword), values[k]) < 0) {
            return -1;
        }
    }
    if (s->varkw >= 0) {
        if (extra == NULL) {
            return -1;
        }
        out[s->varkw] = value_from_object(extra);
    }
    if (check_missing(s, fname, out) < 0) {
        return -1;
    }
    return unknown == NULL
               ? 0
               : error_raise_int(PyExc_TypeError, "'%U' is an invalid keyword argument for %s%s",
                                 unknown, fname != NULL ? fname : "this function", parens(fname));
}

int signature_bind(const struct native_signature *s, const char *fname, PyObject *callable,
                   const Value *args, size_t nargs, PyObject *kwnames, Value *out)
{
    if (s->positional_only == s->keyword_end && s->varkw < 0) {
        return bind_positional(s, fname, callable, args, nargs, kwnames, out);
    }
    size_t nkeywords = kwnames == NULL ? 0 : (size_t)tuple_length(kwnames);
    if (check_counts(s, fname, nargs, nkeywords) < 0) {
        return -1;
    }
    uint32_t given = nargs < s->positional ? (uint32_t)nargs : s->positional;
    memcpy(out, args, given * sizeof(Value));
    clear(out, given, s->count);
    if (bind_varargs(s, args, nargs, out) < 0) {
        return -1;
    }
    return bind_keywords(s, fname, args + nargs, kwnames, nargs, out);
}

int native_bind(const char *fname, const char *signature, const struct native_signature **cache,
                const Value *args, size_t nargs, PyObject *kwnames, Value *out)
{
    const struct native_signature *s = signature_of(signature, cache);
    if (s == NULL) {
        return -1;
    }
    if (kwnames == NULL && nargs < 64 && nargs <= s->positional && s->varargs < 0 && s->varkw < 0 &&
        s->required >> nargs == 0) { /* nothing can be wrong */
        for (size_t i = 0; i < s->count; i++) {
            out[i] = i < nargs ? args[i] : VALUE_ABSENT;
        }
        return 0;
    }
    return signature_bind(s, fname, NULL, args, nargs, kwnames, out);
}

/* ---- Converters. */

int arg_index(Value v, Py_ssize_t *out)
{
    int64_t small;
    if (int_try_small(v, &small)) {
        *out = small;
        return 0;
    }
    Value index = object_index(v);
    if (value_is_null(index)) {
        return -1;
    }
    if (int_clip_i64(index, &small) != 0) {
        return error_raise_int(PyExc_OverflowError, "cannot fit '%T' into an index-sized integer",
                               v);
    }
    *out = small;
    return 0;
}

int arg_index_clip(Value v, Py_ssize_t *out)
{
    int64_t small;
    if (int_try_small(v, &small)) {
        *out = small;
        return 0;
    }
    Value index = object_index(v);
    if (value_is_null(index)) {
        return -1;
    }
    int side = int_clip_i64(index, &small);
    *out = side == 0 ? small : side < 0 ? PY_SSIZE_T_MIN : PY_SSIZE_T_MAX;
    return 0;
}

int arg_i64(Value v, int64_t *out)
{
    if (int_try_small(v, out)) {
        return 0;
    }
    Value index = object_index(v);
    return value_is_null(index) ? -1 : int_to_i64(index, out);
}

int arg_int(Value v, int *out)
{
    int64_t wide;
    if (arg_i64(v, &wide) < 0) {
        return -1;
    }
    if (wide < INT_MIN || wide > INT_MAX) {
        return error_raise_int(PyExc_OverflowError, wide < 0
                                                        ? "signed integer is less than minimum"
                                                        : "signed integer is greater than maximum");
    }
    *out = (int)wide;
    return 0;
}

static int double_from_method(Value v, double *out)
{
    struct type_ops *ops = value_ops(v);
    if (ops->float_ != NULL) {
        Value f = object_float(v);
        if (value_is_null(f)) {
            return -1;
        }
        *out = value_is_double(f) ? value_double(f) : ((PyFloatObject *)value_object(f))->ob_fval;
        return 0;
    }
    if (ops->index == NULL) {
        return error_raise_int(PyExc_TypeError, "must be real number, not %T", v);
    }
    Value index = object_index(v);
    if (value_is_null(index)) {
        return -1;
    }
    *out = int_to_double(index);
    return *out == -1.0 && error_occurred() ? -1 : 0;
}

int arg_double(Value v, double *out)
{
    if (value_is_double(v)) {
        *out = value_double(v);
        return 0;
    }
    if (value_is_int(v)) {
        *out = (double)value_int(v);
        return 0;
    }
    if (PyFloat_Check(value_object(v))) { /* also a subclass with a __float__ of its own */
        *out = ((PyFloatObject *)value_object(v))->ob_fval;
        return 0;
    }
    return double_from_method(v, out);
}

int arg_bool(Value v, bool *out)
{
    int truth = object_truth(v);
    *out = truth > 0;
    return truth < 0 ? -1 : 0;
}

PyObject *arg_str(Value v, const char *fname, const char *argument)
{
    if (str_check(v)) {
        return value_object(v);
    }
    const char *none = value_is_none(v) ? "None" : NULL;
    if (none != NULL) {
        return error_raise_null(PyExc_TypeError, "%s() %s must be str, not None", fname, argument);
    }
    return error_raise_null(PyExc_TypeError, "%s() %s must be str, not %T", fname, argument, v);
}
