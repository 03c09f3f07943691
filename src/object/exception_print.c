/* SPDX-License-Identifier: MIT */
/* Printing an exception as the interpreter does at the end of a program: causes and contexts first,
 * then the traceback, the message with its location block or suggestion, notes, and the tree of a
 * group. */
#include "object/exception_int.h"
#include "object/traceback_int.h"

#include <string.h>

#include "object/int.h"
#include "object/list.h"
#include "object/str.h"

enum { GROUP_WIDTH = 15, GROUP_DEPTH = 10 };

struct printer {
    Value file;
    struct traceback_style style;
    PyObject *seen;  /* set of the ids of exceptions that are printed already */
    bool need_close; /* the innermost group still needs its last line */
};

static int print_chain(struct printer *p, PyObject *e);

static bool is_group(PyObject *e)
{
    return type_is_subtype(e->ob_type, &exception_type_BaseExceptionGroup);
}

static int margin(struct printer *p)
{
    return traceback_margin(p->file, &p->style);
}

static int indent(struct printer *p)
{
    for (int i = 0; i < p->style.depth; i++) {
        if (error_write_text(p->file, "  ") < 0) {
            return -1;
        }
    }
    return 0;
}

/* ---- The last line: "module.Type: text. Did you mean: 'x'?" */

static int put_type(Value type, Value file)
{
    PyTypeObject *t = (PyTypeObject *)value_object(type);
    PyObject *class_name = NULL;
    Value module, name;
    int found = object_find_attr(type, names.__module__, &module);
    if (found != 1 || !str_check(module)) {
        error_clear();
        if (error_write_text(file, "<unknown>.") < 0) {
            return -1;
        }
    } else if (!str_equal_text(value_object(module), "builtins") &&
               !str_equal_text(value_object(module), "__main__") &&
               error_write_text(file, "%U.", value_object(module)) < 0) {
        return -1;
    }
    if (object_find_attr(type, names.__qualname__, &name) == 1 && str_check(name)) {
        class_name = value_object(name);
    }
    error_clear();
    return class_name != NULL ? error_write(file, class_name) : error_write_text(file, "%N", t);
}

static int put_text(Value exception, Value file)
{
    PyObject *text = object_str(exception);
    if (text == NULL) {
        error_clear();
        return error_write_text(file, ": <exception str() failed>");
    }
    return str_length(text) > 0 ? error_write_text(file, ": %U", text) : 0;
}

static int put_suggestion(Value exception, Value file)
{
    PyObject *found = exception_check(exception) ? suggestion_for(value_object(exception)) : NULL;
    if (found == NULL) {
        return 0;
    }
    return error_write_text(file, ". Did you mean: %R?", value_from_object(found));
}

int exception_write_line(Value type, Value exception, Value file)
{
    if (put_type(type, file) < 0) {
        return -1;
    }
    if (value_is_present(exception) && !value_is_none(exception) && put_text(exception, file) < 0) {
        return -1;
    }
    return error_write_text(file, "\n");
}

/* ---- The location block of a SyntaxError. */

struct location {
    PyObject *filename, *text;
    Value message;
    long line, offset, end_offset; /* offsets count from 0; -1: none */
};

static bool read_number(PyObject *o, long *out)
{
    int64_t i;
    if (o == NULL || !int_check(value_from_object(o)) ||
        int_clip_i64(value_from_object(o), &i) != 0) {
        return false;
    }
    *out = (long)i;
    return true;
}

static bool read_location(PySyntaxErrorObject *e, struct location *out)
{
    long end_line;
    *out = (struct location){.offset = -1, .end_offset = -1};
    out->message = e->msg != NULL ? value_from_object(e->msg) : VALUE_NONE;
    if (!read_number(e->lineno, &out->line) || e->print_file_and_line == Py_False) {
        return false;
    }
    if (e->filename != NULL && e->filename != Py_None) {
        out->filename = object_str(value_from_object(e->filename));
        if (out->filename == NULL) {
            error_clear();
        }
    }
    if (e->text != NULL && str_check(value_from_object(e->text))) {
        out->text = e->text;
    }
    if (read_number(e->offset, &out->offset)) {
        out->offset--;
    }
    if (read_number(e->end_offset, &out->end_offset)) {
        out->end_offset--;
    }
    if (read_number(e->end_lineno, &end_line) && end_line > out->line && out->text != NULL) {
        out->end_offset = str_length(out->text); /* to the end of the line that is shown */
    }
    return true;
}

static bool is_blank(Py_UCS4 c)
{
    return c == ' ' || c == '\t' || c == '\f';
}

static int put_source(struct printer *p, const struct location *l)
{
    Py_ssize_t start = 0, end = str_length(l->text);
    while (end > 0 && str_at(l->text, end - 1) == '\n') {
        end--;
    }
    while (start < end && is_blank(str_at(l->text, start))) {
        start++;
    }
    PyObject *shown = str_substring(l->text, start, end);
    if (shown == NULL || margin(p) < 0 || error_write_text(p->file, "    %U\n", shown) < 0) {
        return -1;
    }
    long first = l->offset - (long)start, last = l->end_offset - (long)start;
    long length = (long)(end - start);
    if (l->offset < 0 || first < 0) {
        return 0;
    }
    last = last > length && first < length ? length : last;
    last = last <= first ? first + 1 : last;
    struct str_builder b;
    str_builder_init(&b);
    for (long i = 0; i < last; i++) {
        Py_UCS4 above = i < length ? str_at(shown, i) : ' ';
        Py_UCS4 c = i >= first ? '^' : above == '\t' || above == '\f' ? above : ' ';
        if (str_builder_char(&b, c) < 0) {
            return -1;
        }
    }
    PyObject *markers = str_builder_finish(&b);
    return markers == NULL || margin(p) < 0 ? -1 : error_write_text(p->file, "    %U\n", markers);
}

static int put_location(struct printer *p, const struct location *l)
{
    PyObject *filename = l->filename != NULL ? l->filename : str_from_text("<string>");
    if (filename == NULL || margin(p) < 0 ||
        error_write_text(p->file, "  File \"%U\", line %ld\n", filename, l->line) < 0) {
        return -1;
    }
    return l->text != NULL ? put_source(p, l) : 0;
}

/* ---- One exception. */

static int put_traceback(struct printer *p, PyObject *e)
{
    PyObject *traceback = exception_get_traceback(e);
    if (traceback == NULL) {
        return 0;
    }
    char header[128], spaces[64];
    int n = 2 * p->style.depth < 60 ? 2 * p->style.depth : 60;
    memset(spaces, ' ', (size_t)n);
    spaces[n] = '\0';
    const char *edge = p->style.depth == 0 ? "" : is_group(e) && p->style.depth == 1 ? "+ " : "| ";
    snprintf(header, sizeof header, "%s%s%sTraceback (most recent call last):\n", spaces, edge,
             is_group(e) ? "Exception Group " : "");
    return traceback_print_styled(traceback, p->file, &p->style, header);
}

static int put_message(struct printer *p, PyObject *e)
{
    struct location l;
    Value exception = value_from_object(e), type = value_from_object(e->ob_type);
    bool located = type_is_subtype(e->ob_type, &exception_type_SyntaxError) &&
                   read_location((PySyntaxErrorObject *)e, &l);
    if (located && put_location(p, &l) < 0) {
        return -1;
    }
    if (margin(p) < 0 || put_type(type, p->file) < 0) {
        return -1;
    }
    if (located) {
        PyObject *text = object_str(l.message);
        if (text == NULL || error_write_text(p->file, ": %U", text) < 0) {
            return -1;
        }
    } else if (put_text(exception, p->file) < 0) {
        return -1;
    }
    return put_suggestion(exception, p->file) < 0 ? -1 : error_write_text(p->file, "\n");
}

static int put_note(struct printer *p, Value note)
{
    PyObject *text = str_check(note) ? value_object(note) : object_str(note);
    if (text == NULL) {
        error_clear();
        text = str_from_text("<note str() failed>");
        if (text == NULL) {
            return -1;
        }
    }
    Py_ssize_t length = str_length(text), start = 0;
    while (start <= length) {
        Py_ssize_t end = str_find_char(text, '\n', start, length, 1);
        end = end < 0 ? length : end;
        PyObject *line = str_substring(text, start, end);
        if (line == NULL || margin(p) < 0 || error_write_text(p->file, "%U\n", line) < 0) {
            return -1;
        }
        start = end + 1;
    }
    return 0;
}

static int put_notes(struct printer *p, PyObject *e)
{
    Value notes;
    int found = object_find_attr(value_from_object(e), names.__notes__, &notes);
    if (found <= 0) {
        return found;
    }
    if (!object_is_sequence(notes) || str_check(notes)) {
        PyObject *text = object_repr(notes);
        if (text == NULL) {
            error_clear();
            text = str_from_text("<__notes__ repr() failed>");
        }
        return margin(p) < 0 ? -1 : error_write(p->file, text);
    }
    PyObject *list = object_to_list(notes);
    for (Py_ssize_t i = 0; list != NULL && i < list_length(list); i++) {
        if (put_note(p, list_find(list, i)) < 0) {
            return -1;
        }
    }
    return list == NULL ? -1 : 0;
}

static int put_exception(struct printer *p, PyObject *e)
{
    if (put_traceback(p, e) < 0 || put_message(p, e) < 0) {
        return -1;
    }
    return put_notes(p, e);
}

/* ---- Groups. */

static int put_member(struct printer *p, PyObject *items, Py_ssize_t i, Py_ssize_t count)
{
    bool truncated = i >= GROUP_WIDTH, last = i == (count <= GROUP_WIDTH ? count - 1 : GROUP_WIDTH);
    p->need_close = last ? true : p->need_close;
    if (indent(p) < 0 ||
        error_write_text(p->file, "%s+---------------- ", i == 0 ? "+-" : "  ") < 0) {
        return -1;
    }
    int status = truncated ? error_write_text(p->file, "... ----------------\n")
                           : error_write_text(p->file, "%zd ----------------\n", i + 1);
    if (status < 0) {
        return -1;
    }
    p->style.depth++;
    if (truncated) {
        Py_ssize_t more = count - GROUP_WIDTH;
        status = margin(p) < 0 ? -1
                               : error_write_text(p->file, "and %zd more exception%s\n", more,
                                                  more > 1 ? "s" : "");
    } else {
        status = print_chain(p, tuple_object(items, i));
    }
    if (status == 0 && last && p->need_close) {
        status = indent(p) < 0
                     ? -1
                     : error_write_text(p->file, "+------------------------------------\n");
        p->need_close = false;
    }
    p->style.depth--;
    return status;
}

static int put_group(struct printer *p, PyObject *e)
{
    if (p->style.depth > GROUP_DEPTH) {
        return margin(p) < 0
                   ? -1
                   : error_write_text(p->file, "... (max_group_depth is %d)\n", GROUP_DEPTH);
    }
    bool root = p->style.depth == 0;
    p->style.depth += root;
    PyObject *items = ((PyBaseExceptionGroupObject *)e)->excs;
    int status = put_exception(p, e);
    Py_ssize_t count = tuple_length(items);
    for (Py_ssize_t i = 0; status == 0 && i < count && i <= GROUP_WIDTH; i++) {
        status = put_member(p, items, i, count);
    }
    p->style.depth -= root;
    return status;
}

/* ---- Chains. */

/* 1 if the exception is new to the printer, 0 if not, -1 error. */
static int mark_seen(struct printer *p, PyObject *e)
{
    Value id = int_from_u64((uint64_t)(uintptr_t)e);
    int known = set_contains(p->seen, id);
    if (known != 0) {
        return known < 0 ? -1 : 0;
    }
    return set_add(p->seen, id) < 0 ? -1 : 1;
}

static int put_link(struct printer *p, PyObject *earlier, const char *message)
{
    int fresh = set_contains(p->seen, int_from_u64((uint64_t)(uintptr_t)earlier));
    if (fresh != 0) {
        return fresh < 0 ? -1 : 0;
    }
    if (print_chain(p, earlier) < 0 || margin(p) < 0 || error_write_text(p->file, "\n") < 0 ||
        margin(p) < 0 || error_write_text(p->file, "%s\n", message) < 0 || margin(p) < 0) {
        return -1;
    }
    return error_write_text(p->file, "\n");
}

static int print_chain(struct printer *p, PyObject *e)
{
    if (mark_seen(p, e) < 0 || recursion_enter(" in print_exception_recursive") < 0) {
        return -1;
    }
    PyObject *cause = exception_get_cause(e), *context = exception_get_context(e);
    int status = 0;
    if (cause != NULL) {
        status = put_link(p, cause,
                          "The above exception was the direct cause of the following exception:");
    } else if (context != NULL && !exception_base(e)->suppress_context) {
        status = put_link(p, context,
                          "During handling of the above exception, another exception occurred:");
    }
    if (status == 0) {
        status = is_group(e) ? put_group(p, e) : put_exception(p, e);
    }
    recursion_leave();
    return status;
}

void exception_print(PyObject *exception, Value file)
{
    struct printer p = {.file = file, .seen = set_new(&PySet_Type, VALUE_ABSENT)};
    fflush(stdout); /* what C code has written comes first */
    if (p.seen == NULL || print_chain(&p, exception) < 0) {
        error_clear();
    }
}
