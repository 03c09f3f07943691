/* SPDX-License-Identifier: MIT */
/* _csv.reader: a machine that takes one character at a time.
 *
 * A row is read by a struct on the C stack, so that threads which share a reader get whole rows, as
 * far as its iterator gives them whole lines. */
#include <Python.h>
#include <structmember.h>

#include "module/csv_int.h"
#include "object/float.h"
#include "object/int.h"
#include "object/list.h"
#include "object/str.h"

struct reader {
    PyObject_HEAD PyObject *iterator; /* constant */
    PyObject *dialect;                /* constant */
    long line_num;                    /* atomic */
};

enum state {
    START_RECORD,
    START_FIELD,
    ESCAPED_CHAR,
    IN_FIELD,
    IN_QUOTED_FIELD,
    ESCAPE_IN_QUOTED_FIELD,
    QUOTE_IN_QUOTED_FIELD,
    EAT_NEWLINE,
    AFTER_ESCAPED_NEWLINE
};
#define END_OF_LINE ((Py_UCS4)-2)

struct row {
    const struct csv_dialect *dialect;
    enum state state;
    PyObject *fields;
    struct str_builder field;
    bool numeric;
};

static int add_char(struct row *r, Py_UCS4 c)
{
    if (r->field.length >= atomic_load_relaxed(&csv_field_limit)) {
        return error_raise_int(csv_error, "field larger than field limit (%ld)",
                               (long)atomic_load_relaxed(&csv_field_limit));
    }
    return str_builder_char(&r->field, c);
}

static int save_field(struct row *r)
{
    PyObject *text = str_builder_finish(&r->field);
    str_builder_init(&r->field);
    if (text == NULL) {
        return -1;
    }
    Value v = value_from_object(text);
    if (r->numeric) {
        r->numeric = false;
        v = object_float(v);
    }
    return value_is_null(v) ? -1 : list_append(r->fields, v);
}

static bool is_newline(Py_UCS4 c)
{
    return c == '\n' || c == '\r' || c == END_OF_LINE;
}

/* The state after a field that a newline, the end of the line or a delimiter ended. */
static int end_field(struct row *r, Py_UCS4 c)
{
    r->state = c == END_OF_LINE ? START_RECORD : is_newline(c) ? EAT_NEWLINE : START_FIELD;
    return save_field(r);
}

static int start_field(struct row *r, Py_UCS4 c)
{
    const struct csv_dialect *d = r->dialect;
    if (is_newline(c)) {
        return end_field(r, c);
    }
    if (c == d->quotechar && d->quoting != QUOTE_NONE) {
        r->state = IN_QUOTED_FIELD;
        return 0;
    }
    if (c == d->escapechar) {
        r->state = ESCAPED_CHAR;
        return 0;
    }
    if (c == ' ' && d->skipinitialspace) {
        return 0;
    }
    if (c == d->delimiter) {
        return end_field(r, c);
    }
    r->numeric = d->quoting == QUOTE_NONNUMERIC;
    r->state = IN_FIELD;
    return add_char(r, c);
}

static int start_record(struct row *r, Py_UCS4 c)
{
    if (c == END_OF_LINE) {
        return 0;
    }
    if (is_newline(c)) {
        r->state = EAT_NEWLINE;
        return 0;
    }
    return start_field(r, c);
}

static int in_field(struct row *r, Py_UCS4 c)
{
    if (is_newline(c) || c == r->dialect->delimiter) {
        return end_field(r, c);
    }
    if (c == r->dialect->escapechar) {
        r->state = ESCAPED_CHAR;
        return 0;
    }
    return add_char(r, c);
}

static int in_quoted_field(struct row *r, Py_UCS4 c)
{
    const struct csv_dialect *d = r->dialect;
    if (c == END_OF_LINE) {
        return 0;
    }
    if (c == d->escapechar) {
        r->state = ESCAPE_IN_QUOTED_FIELD;
        return 0;
    }
    if (c == d->quotechar && d->quoting != QUOTE_NONE) {
        r->state = d->doublequote ? QUOTE_IN_QUOTED_FIELD : IN_FIELD;
        return 0;
    }
    return add_char(r, c);
}

static int after_quote(struct row *r, Py_UCS4 c)
{
    const struct csv_dialect *d = r->dialect;
    if (d->quoting != QUOTE_NONE && c == d->quotechar) {
        r->state = IN_QUOTED_FIELD;
        return add_char(r, c);
    }
    if (is_newline(c) || c == d->delimiter) {
        return end_field(r, c);
    }
    if (d->strict) {
        PyObject *delimiter = str_from_char(d->delimiter), *quote = str_from_char(d->quotechar);
        return delimiter == NULL || quote == NULL
                   ? -1
                   : error_raise_int(csv_error, "'%U' expected after '%U'", delimiter, quote);
    }
    r->state = IN_FIELD;
    return add_char(r, c);
}

static int take(struct row *r, Py_UCS4 c)
{
    switch (r->state) {
    case START_RECORD: return start_record(r, c);
    case START_FIELD: return start_field(r, c);
    case ESCAPED_CHAR:
        if (c == '\n' || c == '\r') {
            r->state = AFTER_ESCAPED_NEWLINE;
            return add_char(r, c);
        }
        r->state = IN_FIELD;
        return add_char(r, c == END_OF_LINE ? '\n' : c);
    case AFTER_ESCAPED_NEWLINE:
        if (c == END_OF_LINE) {
            return 0;
        }
        r->state = IN_FIELD;
        return in_field(r, c);
    case IN_FIELD: return in_field(r, c);
    case IN_QUOTED_FIELD: return in_quoted_field(r, c);
    case ESCAPE_IN_QUOTED_FIELD:
        r->state = IN_QUOTED_FIELD;
        return add_char(r, c == END_OF_LINE ? '\n' : c);
    case QUOTE_IN_QUOTED_FIELD: return after_quote(r, c);
    case EAT_NEWLINE:
        if (c == END_OF_LINE) {
            r->state = START_RECORD;
        } else if (!is_newline(c)) {
            return error_raise_int(
                csv_error, "new-line character seen in unquoted field - do you need to open "
                           "the file in universal-newline mode?");
        }
        return 0;
    }
    return 0;
}

/* The lines are over; 1: no row has begun. */
static int finish(struct row *r)
{
    if (r->field.length != 0 || r->state == IN_QUOTED_FIELD) {
        if (r->dialect->strict) {
            return error_raise_int(csv_error, "unexpected end of data");
        }
        return save_field(r);
    }
    return 1;
}

static int take_line(struct row *r, PyObject *line)
{
    int kind = str_kind(line);
    const void *data = str_data(line);
    for (Py_ssize_t i = 0; i < str_length(line); i++) {
        if (take(r, str_read(kind, data, i)) < 0) {
            return -1;
        }
    }
    return take(r, END_OF_LINE);
}

static struct reader *reader_of(Value v)
{
    return (struct reader *)(void *)value_object(v);
}

static Value reader_next(Value self)
{
    struct reader *reader = reader_of(self);
    struct row r = {.dialect = (struct csv_dialect *)(void *)reader->dialect,
                    .state = START_RECORD,
                    .fields = list_new(0)};
    str_builder_init(&r.field);
    if (r.fields == NULL) {
        return VALUE_NULL;
    }
    do {
        Value line = object_next(value_from_object(reader->iterator));
        if (value_is_null(line)) {
            return line;
        }
        if (value_is_absent(line)) {
            int status = finish(&r);
            return status > 0   ? VALUE_ABSENT
                   : status < 0 ? VALUE_NULL
                                : value_from_object(r.fields);
        }
        if (!str_check(line)) {
            return error_raise(
                csv_error,
                "iterator should return strings, not %T (the file should be opened in "
                "text mode)",
                line);
        }
        atomic_fetch_add_relaxed(&reader->line_num, 1);
        if (take_line(&r, value_object(line)) < 0) {
            return VALUE_NULL;
        }
    } while (r.state != START_RECORD);
    return value_from_object(r.fields);
}

static Value reader_iter(Value self)
{
    return self;
}

static void reader_trace(PyObject *self, struct tracer *tracer)
{
    trace_pointer(tracer, ((struct reader *)(void *)self)->iterator);
    trace_pointer(tracer, ((struct reader *)(void *)self)->dialect);
}

Value csv_reader_make(Value self, const Value *args, size_t nargs, PyObject *kwnames)
{
    (void)self;
    if (native_check_positional("", nargs, 1, 2) < 0) {
        return VALUE_NULL;
    }
    Value iterator = object_iter(args[0]);
    Value dialect = value_is_null(iterator) ? iterator
                                            : csv_dialect_make(nargs > 1 ? args[1] : VALUE_ABSENT,
                                                               args + nargs, kwnames);
    struct reader *r =
        value_is_null(dialect) ? NULL : (struct reader *)(void *)object_alloc(&csv_reader_type, 0);
    if (r != NULL) {
        heap_init(r, &r->iterator, value_box(iterator));
        heap_init(r, &r->dialect, value_object(dialect));
    }
    return value_from_object(r);
}

static const struct member_def members[] = {
    {"dialect", T_OBJECT, offsetof(struct reader, dialect), READONLY, NULL},
    {"line_num", T_ULONG, offsetof(struct reader, line_num), READONLY, NULL},
    {NULL},
};

static struct type_info reader_info = {
    .ops = {.iter = reader_iter, .next = reader_next},
    .trace = reader_trace,
    .members = members,
    .flags = TYPE_NO_NEW,
};

PyTypeObject csv_reader_type = {
    STATIC_TYPE_HEAD,
    .tp_name = "_csv.reader",
    .tp_basicsize = sizeof(struct reader),
    .tp_flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_HAVE_GC,
    .tp_doc =
        "CSV reader\n\nReader objects are responsible for reading and parsing tabular data\nin "
        "CSV format.\n",
    .tp_cache = (PyObject *)&reader_info,
};
