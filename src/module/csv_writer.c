/* SPDX-License-Identifier: MIT */
/* _csv.writer. A row is put together on its own and written with one call. */
#include <Python.h>
#include <structmember.h>

#include "module/csv_int.h"
#include "object/float.h"
#include "object/int.h"
#include "object/list.h"
#include "object/str.h"

struct writer {
    PyObject_HEAD PyObject *write; /* constant */
    PyObject *dialect;             /* constant */
};

static bool in_terminator(const struct csv_dialect *d, Py_UCS4 c)
{
    return str_find_char(d->lineterminator, c, 0, str_length(d->lineterminator), 1) >= 0;
}

/* Does the character need a quote around the field, or an escape before itself? */
static bool is_special(const struct csv_dialect *d, Py_UCS4 c)
{
    return c == d->delimiter || c == d->escapechar || c == d->quotechar || c == '\n' || c == '\r' ||
           in_terminator(d, c);
}

/* Must the field be quoted? 1, 0, -1: it cannot be written. */
static int needs_quotes(const struct csv_dialect *d, PyObject *field)
{
    int kind = str_kind(field);
    const void *data = str_data(field);
    for (Py_ssize_t i = 0; i < str_length(field); i++) {
        Py_UCS4 c = str_read(kind, data, i);
        if (!is_special(d, c) || d->quoting == QUOTE_NONE) {
            continue;
        }
        bool quoted_by_itself = c == d->quotechar && !d->doublequote;
        if (c != d->escapechar && !quoted_by_itself) {
            return 1;
        }
    }
    return 0;
}

/* One character; `quoted`: it stands between quotes. */
static int put_char(struct str_builder *b, const struct csv_dialect *d, Py_UCS4 c, bool quoted)
{
    if (is_special(d, c)) {
        Py_UCS4 before = CSV_NO_CHAR;
        if (d->quoting == QUOTE_NONE) {
            before = d->escapechar;
        } else if (c == d->quotechar) {
            before = d->doublequote ? d->quotechar : d->escapechar;
        } else if (c == d->escapechar) {
            before = d->escapechar;
        } else if (quoted) {
            return str_builder_char(b, c);
        }
        if (before == CSV_NO_CHAR) {
            return error_raise_int(csv_error, "need to escape, but no escapechar set");
        }
        if (str_builder_char(b, before) < 0) {
            return -1;
        }
    }
    return str_builder_char(b, c);
}

static int put_field(struct str_builder *b, const struct csv_dialect *d, PyObject *field,
                     bool quoted)
{
    quoted = quoted || needs_quotes(d, field) > 0;
    if (quoted && str_builder_char(b, d->quotechar) < 0) {
        return -1;
    }
    int kind = str_kind(field);
    const void *data = str_data(field);
    for (Py_ssize_t i = 0; i < str_length(field); i++) {
        if (put_char(b, d, str_read(kind, data, i), quoted) < 0) {
            return -1;
        }
    }
    return quoted ? str_builder_char(b, d->quotechar) : 0;
}

static bool is_number(Value v)
{
    struct type_ops *ops = value_ops(v);
    return ops->int_ != NULL || ops->float_ != NULL || ops->index != NULL;
}

static int put_value(struct str_builder *b, const struct csv_dialect *d, Value v)
{
    bool quoted = d->quoting == QUOTE_ALL || (d->quoting == QUOTE_NONNUMERIC && !is_number(v));
    PyObject *text = str_check(v)       ? value_object(v)
                     : value_is_none(v) ? str_empty()
                                        : object_str(v);
    return text == NULL ? -1 : put_field(b, d, text, quoted);
}

/* The row as text; NULL with an exception. */
static PyObject *format_row(const struct csv_dialect *d, Value iterator)
{
    struct str_builder b;
    Py_ssize_t count = 0;
    str_builder_init(&b);
    for (;; count++) {
        Value v = object_next(iterator);
        if (!value_is_present(v)) {
            if (value_is_null(v)) {
                return NULL;
            }
            break;
        }
        if ((count > 0 && str_builder_char(&b, d->delimiter) < 0) || put_value(&b, d, v) < 0) {
            return NULL;
        }
    }
    if (count > 0 && b.length == 0) {
        /* One empty field would read as no field. */
        if (d->quoting == QUOTE_NONE) {
            return error_raise_null(csv_error, "single empty field record must be quoted");
        }
        if (put_field(&b, d, str_empty(), true) < 0) {
            return NULL;
        }
    }
    return str_builder_str(&b, d->lineterminator) < 0 ? NULL : str_builder_finish(&b);
}

static struct writer *writer_of(Value v)
{
    return (struct writer *)(void *)value_object(v);
}

static Value writer_writerow(Value self, Value row)
{
    struct writer *w = writer_of(self);
    Value iterator = object_iter(row);
    if (value_is_null(iterator)) {
        if (error_matches(PyExc_TypeError)) {
            error_clear();
            error_raise(csv_error, "iterable expected, not %T", row);
        }
        return VALUE_NULL;
    }
    PyObject *text = format_row((struct csv_dialect *)(void *)w->dialect, iterator);
    return text == NULL ? VALUE_NULL
                        : object_call1(value_from_object(w->write), value_from_object(text));
}

static Value writer_writerows(Value self, Value rows)
{
    Value iterator = object_iter(rows);
    if (value_is_null(iterator)) {
        return iterator;
    }
    for (;;) {
        Value row = object_next(iterator);
        if (!value_is_present(row)) {
            return value_is_null(row) ? row : VALUE_NONE;
        }
        if (value_is_null(writer_writerow(self, row))) {
            return VALUE_NULL;
        }
    }
}

static void writer_trace(PyObject *self, struct tracer *tracer)
{
    trace_pointer(tracer, ((struct writer *)(void *)self)->write);
    trace_pointer(tracer, ((struct writer *)(void *)self)->dialect);
}

Value csv_writer_make(Value self, const Value *args, size_t nargs, PyObject *kwnames)
{
    (void)self;
    Value write;
    if (native_check_positional("", nargs, 1, 2) < 0) {
        return VALUE_NULL;
    }
    int found = object_find_attr(args[0], names.write, &write);
    if (found < 0) {
        return VALUE_NULL;
    }
    if (found == 0 || !object_is_callable(write)) {
        return error_raise(PyExc_TypeError, "argument 1 must have a \"write\" method");
    }
    Value dialect = csv_dialect_make(nargs > 1 ? args[1] : VALUE_ABSENT, args + nargs, kwnames);
    struct writer *w =
        value_is_null(dialect) ? NULL : (struct writer *)(void *)object_alloc(&csv_writer_type, 0);
    if (w != NULL) {
        heap_init(w, &w->write, value_object(write));
        heap_init(w, &w->dialect, value_object(dialect));
    }
    return value_from_object(w);
}

static const struct native_def methods[] = {
    {"writerow", "($self, row, /)",
     "writerow(iterable)\n\nConstruct and write a CSV record from an iterable of fields.  "
     "Non-string\nelements will be converted to string.",
     .f1 = writer_writerow},
    {"writerows", "($self, rows, /)",
     "writerows(iterable of iterables)\n\nConstruct and write a series of iterables to a csv file. "
     " "
     "Non-string\nelements will be converted to string.",
     .f1 = writer_writerows},
    {NULL},
};
static const struct member_def members[] = {
    {"dialect", T_OBJECT, offsetof(struct writer, dialect), READONLY, NULL},
    {NULL},
};

static struct type_info writer_info = {
    .trace = writer_trace,
    .methods = methods,
    .members = members,
    .flags = TYPE_NO_NEW,
};

PyTypeObject csv_writer_type = {
    STATIC_TYPE_HEAD,
    .tp_name = "_csv.writer",
    .tp_basicsize = sizeof(struct writer),
    .tp_flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_HAVE_GC,
    .tp_doc =
        "CSV writer\n\nWriter objects are responsible for generating tabular data\nin CSV format "
        "from sequence input.\n",
    .tp_cache = (PyObject *)&writer_info,
};
