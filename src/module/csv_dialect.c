/* SPDX-License-Identifier: MIT */
/* _csv.Dialect. */
#include <Python.h>
#include <structmember.h>

#include "module/csv_int.h"
#include "object/dict.h"
#include "object/int.h"
#include "object/list.h"
#include "object/str.h"

enum { OPTION_COUNT = 8 };
static const char *const options[OPTION_COUNT] = {"delimiter",        "doublequote", "escapechar",
                                                  "lineterminator",   "quotechar",   "quoting",
                                                  "skipinitialspace", "strict"};

static void dialect_trace(PyObject *self, struct tracer *tracer)
{
    trace_pointer(tracer, ((struct csv_dialect *)(void *)self)->lineterminator);
}

static int read_char(Value v, const char *name, bool optional, Py_UCS4 *out)
{
    if (value_is_absent(v)) {
        return 0;
    }
    if (optional && value_is_none(v)) {
        *out = CSV_NO_CHAR;
        return 0;
    }
    if (!str_check(v)) {
        return error_raise_int(PyExc_TypeError, "\"%s\" must be string%s, not %T", name,
                               optional ? " or None" : "", v);
    }
    if (str_length(value_object(v)) != 1) {
        return error_raise_int(PyExc_TypeError, "\"%s\" must be a 1-character string", name);
    }
    *out = str_at(value_object(v), 0);
    return 0;
}

static int read_bool(Value v, bool *out)
{
    return value_is_absent(v) ? 0 : arg_bool(v, out);
}

static int read_quoting(Value v, int *out)
{
    int64_t n;
    if (value_is_absent(v)) {
        return 0;
    }
    if (!int_check_exact(v)) {
        return error_raise_int(PyExc_TypeError, "\"quoting\" must be an integer");
    }
    if (int_clip_i64(v, &n) != 0 || n < QUOTE_MINIMAL || n > QUOTE_NONE) {
        return error_raise_int(PyExc_TypeError, "bad \"quoting\" value");
    }
    *out = (int)n;
    return 0;
}

static int read_terminator(struct csv_dialect *d, Value v)
{
    if (value_is_absent(v)) {
        heap_init(d, &d->lineterminator, str_from_text("\r\n"));
        return d->lineterminator == NULL ? -1 : 0;
    }
    if (value_is_none(v)) {
        return error_raise_int(PyExc_TypeError, "lineterminator must be set");
    }
    if (!str_check(v)) {
        return error_raise_int(PyExc_TypeError, "\"lineterminator\" must be a string");
    }
    heap_init(d, &d->lineterminator, value_object(v));
    return 0;
}

/* values: one per option, ABSENT if it was not given. */
static int fill(struct csv_dialect *d, const Value *values)
{
    d->doublequote = true;
    d->delimiter = ',';
    d->quotechar = '"';
    d->escapechar = CSV_NO_CHAR;
    if (read_char(values[0], "delimiter", false, &d->delimiter) < 0 ||
        read_bool(values[1], &d->doublequote) < 0 ||
        read_char(values[2], "escapechar", true, &d->escapechar) < 0 ||
        read_terminator(d, values[3]) < 0 ||
        read_char(values[4], "quotechar", true, &d->quotechar) < 0 ||
        read_quoting(values[5], &d->quoting) < 0 ||
        read_bool(values[6], &d->skipinitialspace) < 0 || read_bool(values[7], &d->strict) < 0) {
        return -1;
    }
    if (value_is_present(values[4]) && value_is_none(values[4]) && value_is_absent(values[5])) {
        d->quoting = QUOTE_NONE;
    }
    if (d->quoting != QUOTE_NONE && d->quotechar == CSV_NO_CHAR) {
        return error_raise_int(PyExc_TypeError, "quotechar must be set if quoting enabled");
    }
    return 0;
}

/* What attributes of `from` say about options that have no value yet. */
static int inherit(Value from, Value *values)
{
    for (int i = 0; i < OPTION_COUNT; i++) {
        PyObject *name = str_intern_text(options[i]);
        if (name == NULL) {
            return -1;
        }
        Value found;
        if (value_is_absent(values[i])) {
            int status = object_find_attr(from, name, &found);
            if (status < 0) {
                error_clear();
            } else if (status > 0) {
                values[i] = found;
            }
        }
    }
    return 0;
}

static Value dialect_new(PyTypeObject *type, const Value *args, size_t nargs, PyObject *kwnames)
{
    static const struct native_signature *cache;
    Value out[OPTION_COUNT + 1];
    if (native_bind(NULL,
                    "(dialect=None, delimiter=',', doublequote=True, escapechar=None, "
                    "lineterminator='', quotechar='', quoting=0, skipinitialspace=False, "
                    "strict=False)",
                    &cache, args, nargs, kwnames, out) < 0) {
        return VALUE_NULL;
    }
    Value from = out[0];
    if (value_is_present(from) && str_check(from)) {
        from = csv_dialect_find(from);
        if (value_is_null(from)) {
            return from;
        }
    }
    if (value_is_present(from) && !value_is_none(from)) {
        bool others = false;
        for (int i = 1; i <= OPTION_COUNT; i++) {
            others = others || !value_is_absent(out[i]);
        }
        if (!others && value_type(from) == &csv_dialect_type && type == &csv_dialect_type) {
            return from;
        }
        if (inherit(from, out + 1) < 0) {
            return VALUE_NULL;
        }
    }
    struct csv_dialect *d = (struct csv_dialect *)(void *)object_alloc(type, 0);
    return d == NULL || fill(d, out + 1) < 0 ? VALUE_NULL : value_from_object(d);
}

Value csv_dialect_make(Value dialect, const Value *values, PyObject *kwnames)
{
    size_t keywords = kwnames == NULL ? 0 : (size_t)tuple_length(kwnames);
    Value *args = heap_alloc((keywords + 1) * sizeof(Value), CELL_WORDS);
    if (args == NULL) {
        return error_no_memory();
    }
    size_t nargs = value_is_absent(dialect) ? 0 : 1; /* it may be one of the keywords */
    args[0] = dialect;
    for (size_t i = 0; i < keywords; i++) {
        args[nargs + i] = values[i];
    }
    return dialect_new(&csv_dialect_type, args, nargs, kwnames);
}

Value csv_dialect_find(Value name)
{
    Value found = dict_get(csv_dialects, name);
    return value_is_absent(found) ? error_raise(csv_error, "unknown dialect") : found;
}

/* ---- Attributes. */

static struct csv_dialect *dialect_of(Value v)
{
    return (struct csv_dialect *)(void *)value_object(v);
}

static Value show_char(Py_UCS4 c)
{
    return c == CSV_NO_CHAR ? VALUE_NONE : value_from_object(str_from_char(c));
}
static Value get_delimiter(Value self, void *closure)
{
    (void)closure;
    return show_char(dialect_of(self)->delimiter);
}
static Value get_quotechar(Value self, void *closure)
{
    (void)closure;
    return show_char(dialect_of(self)->quotechar);
}
static Value get_escapechar(Value self, void *closure)
{
    (void)closure;
    return show_char(dialect_of(self)->escapechar);
}
static Value get_lineterminator(Value self, void *closure)
{
    (void)closure;
    return value_from_object(dialect_of(self)->lineterminator);
}
static Value get_quoting(Value self, void *closure)
{
    (void)closure;
    return value_from_int(dialect_of(self)->quoting);
}

static Value refuse_pickle(Value self, const Value *args)
{
    return error_raise(PyExc_TypeError, "cannot pickle '%T' instances", self);
}

static const struct native_def methods[] = {
    {"__reduce__", "($self, /)", "raises an exception to avoid pickling", .n = refuse_pickle},
    {"__reduce_ex__", "($self, protocol, /)", "raises an exception to avoid pickling",
     .n = refuse_pickle},
    {NULL},
};
static const struct getset_def getsets[] = {
    {"delimiter", get_delimiter, NULL, NULL, NULL},
    {"escapechar", get_escapechar, NULL, NULL, NULL},
    {"lineterminator", get_lineterminator, NULL, NULL, NULL},
    {"quotechar", get_quotechar, NULL, NULL, NULL},
    {"quoting", get_quoting, NULL, NULL, NULL},
    {NULL},
};
static const struct member_def members[] = {
    {"skipinitialspace", T_BOOL, offsetof(struct csv_dialect, skipinitialspace), READONLY, NULL},
    {"doublequote", T_BOOL, offsetof(struct csv_dialect, doublequote), READONLY, NULL},
    {"strict", T_BOOL, offsetof(struct csv_dialect, strict), READONLY, NULL},
    {NULL},
};

static struct type_info dialect_info = {
    .ops = {.new_ = dialect_new},
    .trace = dialect_trace,
    .methods = methods,
    .getsets = getsets,
    .members = members,
};

PyTypeObject csv_dialect_type = {
    STATIC_TYPE_HEAD,
    .tp_name = "_csv.Dialect",
    .tp_basicsize = sizeof(struct csv_dialect),
    .tp_flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_BASETYPE,
    .tp_doc = "CSV dialect\n\nThe Dialect type records CSV parsing and generation options.\n",
    .tp_cache = (PyObject *)&dialect_info,
};
