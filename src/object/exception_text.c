/* SPDX-License-Identifier: MIT */
/* Errors about text: SyntaxError and the three UnicodeErrors with positions. */
#include "object/exception_int.h"

#include <structmember.h>

#include "object/bytes.h"
#include "object/int.h"
#include "object/list.h"
#include "object/str.h"

static Value value_or_none(PyObject *o)
{
    return o != NULL ? value_from_object(o) : VALUE_NONE;
}

/* ---- SyntaxError. */

static int fill_location(PySyntaxErrorObject *e, PyObject *info)
{
    Py_ssize_t count = tuple_length(info);
    if (count < 4 || count > 6) {
        return error_raise_int(PyExc_TypeError, "function takes at %s %d arguments (%zd given)",
                               count < 4 ? "least" : "most", count < 4 ? 4 : 6, count);
    }
    if (count == 5) {
        return error_raise_int(PyExc_TypeError,
                               "end_offset must be provided when end_lineno is provided");
    }
    heap_store(e, &e->filename, tuple_object(info, 0));
    heap_store(e, &e->lineno, tuple_object(info, 1));
    heap_store(e, &e->offset, tuple_object(info, 2));
    heap_store(e, &e->text, tuple_object(info, 3));
    heap_store(e, &e->end_lineno, count == 6 ? tuple_object(info, 4) : NULL);
    heap_store(e, &e->end_offset, count == 6 ? tuple_object(info, 5) : NULL);
    return 0;
}

int exception_syntax_init(Value self, const Value *args, size_t nargs, PyObject *kwnames)
{
    if (exception_plain_init(self, args, nargs, kwnames) < 0) {
        return -1;
    }
    PySyntaxErrorObject *e = (PySyntaxErrorObject *)value_object(self);
    if (nargs >= 1) {
        heap_store(e, &e->msg, value_box(args[0]));
    }
    if (nargs == 2) {
        PyObject *info = object_to_tuple(args[1]);
        return info == NULL ? -1 : fill_location(e, info);
    }
    return 0;
}

static PyObject *base_name(PyObject *filename)
{
    Py_ssize_t length = str_length(filename);
    Py_ssize_t slash = str_find_char(filename, '/', 0, length, -1);
    return slash < 0 ? filename : str_substring(filename, slash + 1, length);
}

Value exception_syntax_str(Value self)
{
    PySyntaxErrorObject *e = (PySyntaxErrorObject *)value_object(self);
    PyObject *filename = NULL;
    int64_t line = 0;
    bool has_line = e->lineno != NULL && int_check_exact(value_from_object(e->lineno)) &&
                    int_clip_i64(value_from_object(e->lineno), &line) == 0;
    if (e->filename != NULL && str_check(value_from_object(e->filename))) {
        filename = base_name(e->filename);
        if (filename == NULL) {
            return VALUE_NULL;
        }
    }
    Value message = value_or_none(e->msg);
    if (filename == NULL && !has_line) {
        return value_from_object(object_str(message));
    }
    if (filename != NULL && has_line) {
        return value_from_object(str_format("%S (%U, line %ld)", message, filename, (long)line));
    }
    if (filename != NULL) {
        return value_from_object(str_format("%S (%U)", message, filename));
    }
    return value_from_object(str_format("%S (line %ld)", message, (long)line));
}

const struct member_def exception_syntax_members[] = {
    {"msg", T_OBJECT, offsetof(PySyntaxErrorObject, msg), 0, "exception msg"},
    {"filename", T_OBJECT, offsetof(PySyntaxErrorObject, filename), 0, "exception filename"},
    {"lineno", T_OBJECT, offsetof(PySyntaxErrorObject, lineno), 0, "exception lineno"},
    {"offset", T_OBJECT, offsetof(PySyntaxErrorObject, offset), 0, "exception offset"},
    {"text", T_OBJECT, offsetof(PySyntaxErrorObject, text), 0, "exception text"},
    {"end_lineno", T_OBJECT, offsetof(PySyntaxErrorObject, end_lineno), 0, "exception end lineno"},
    {"end_offset", T_OBJECT, offsetof(PySyntaxErrorObject, end_offset), 0, "exception end offset"},
    {"print_file_and_line", T_OBJECT, offsetof(PySyntaxErrorObject, print_file_and_line), 0,
     "exception print_file_and_line"},
    {NULL},
};

/* ---- UnicodeDecodeError, UnicodeEncodeError, UnicodeTranslateError. */

static int check_str(Value v, int position)
{
    if (!str_check(v)) {
        return error_raise_int(PyExc_TypeError, "argument %d must be str, not %T", position, v);
    }
    return 0;
}

/* Arguments: [encoding,] object, start, end, reason. */
static int fill_unicode(Value self, const Value *args, size_t nargs, PyObject *kwnames,
                        bool has_encoding)
{
    size_t expected = has_encoding ? 5 : 4;
    if (exception_plain_init(self, args, nargs, kwnames) < 0) {
        return -1;
    }
    if (nargs != expected) {
        return error_raise_int(PyExc_TypeError, "function takes exactly %d arguments (%zu given)",
                               (int)expected, nargs);
    }
    if (has_encoding && check_str(args[0], 1) < 0) {
        return -1;
    }
    const Value *rest = args + (has_encoding ? 1 : 0);
    PyUnicodeErrorObject *e = (PyUnicodeErrorObject *)value_object(self);
    Py_ssize_t start, end;
    if (arg_index(rest[1], &start) < 0 || arg_index(rest[2], &end) < 0 ||
        check_str(rest[3], (int)expected) < 0) {
        return -1;
    }
    heap_store(e, &e->encoding, has_encoding ? value_object(args[0]) : NULL);
    heap_store(e, &e->object, value_object(rest[0]));
    heap_store(e, &e->reason, value_object(rest[3]));
    e->start = start;
    e->end = end;
    return 0;
}

int exception_encode_init(Value self, const Value *args, size_t nargs, PyObject *kwnames)
{
    if (nargs == 5 && str_check(args[0]) && check_str(args[1], 2) < 0) {
        return -1;
    }
    return fill_unicode(self, args, nargs, kwnames, true);
}

int exception_translate_init(Value self, const Value *args, size_t nargs, PyObject *kwnames)
{
    if (nargs == 4 && check_str(args[0], 1) < 0) {
        return -1;
    }
    return fill_unicode(self, args, nargs, kwnames, false);
}

int exception_decode_init(Value self, const Value *args, size_t nargs, PyObject *kwnames)
{
    if (nargs != 5 || !str_check(args[0]) || bytes_check(args[1])) {
        return fill_unicode(self, args, nargs, kwnames, true);
    }
    Py_buffer view;
    if (object_get_buffer(args[1], &view, PyBUF_SIMPLE) < 0) {
        return -1;
    }
    PyObject *copy = bytes_new(view.buf, view.len);
    object_release_buffer(&view);
    if (copy == NULL) {
        return -1;
    }
    Value replaced[5] = {args[0], value_from_object(copy), args[2], args[3], args[4]};
    if (fill_unicode(self, replaced, nargs, kwnames, true) < 0) {
        return -1;
    }
    return exception_set_args(value_object(self), args, nargs);
}

static bool is_single(const PyUnicodeErrorObject *e, Py_ssize_t length)
{
    return e->start >= 0 && e->start < length && e->end == e->start + 1;
}

Value exception_decode_str(Value self)
{
    PyUnicodeErrorObject *e = (PyUnicodeErrorObject *)value_object(self);
    if (e->object == NULL) {
        return value_from_object(str_empty());
    }
    Value encoding = value_or_none(e->encoding), reason = value_or_none(e->reason);
    if (is_single(e, bytes_length(e->object))) {
        int byte = (unsigned char)bytes_data(e->object)[e->start];
        char hex[8];
        snprintf(hex, sizeof hex, "%02x", (unsigned)byte);
        return value_from_object(str_format("'%S' codec can't decode byte 0x%s in position %zd: %S",
                                            encoding, hex, e->start, reason));
    }
    return value_from_object(str_format("'%S' codec can't decode bytes in position %zd-%zd: %S",
                                        encoding, e->start, e->end - 1, reason));
}

static void escape_char(Py_UCS4 c, char *out, size_t size)
{
    const char *format = c <= 0xff ? "\\x%02x" : c <= 0xffff ? "\\u%04x" : "\\U%08x";
    snprintf(out, size, format, (unsigned)c);
}

Value exception_encode_str(Value self)
{
    PyUnicodeErrorObject *e = (PyUnicodeErrorObject *)value_object(self);
    if (e->object == NULL) {
        return value_from_object(str_empty());
    }
    Value encoding = value_or_none(e->encoding), reason = value_or_none(e->reason);
    if (is_single(e, str_length(e->object))) {
        char text[16];
        escape_char(str_at(e->object, e->start), text, sizeof text);
        return value_from_object(
            str_format("'%S' codec can't encode character '%s' in position %zd: %S", encoding, text,
                       e->start, reason));
    }
    return value_from_object(
        str_format("'%S' codec can't encode characters in position %zd-%zd: %S", encoding, e->start,
                   e->end - 1, reason));
}

Value exception_translate_str(Value self)
{
    PyUnicodeErrorObject *e = (PyUnicodeErrorObject *)value_object(self);
    if (e->object == NULL) {
        return value_from_object(str_empty());
    }
    Value reason = value_or_none(e->reason);
    if (is_single(e, str_length(e->object))) {
        char text[16];
        escape_char(str_at(e->object, e->start), text, sizeof text);
        return value_from_object(str_format("can't translate character '%s' in position %zd: %S",
                                            text, e->start, reason));
    }
    return value_from_object(str_format("can't translate characters in position %zd-%zd: %S",
                                        e->start, e->end - 1, reason));
}

const struct member_def exception_unicode_members[] = {
    {"encoding", T_OBJECT, offsetof(PyUnicodeErrorObject, encoding), 0, "exception encoding"},
    {"object", T_OBJECT, offsetof(PyUnicodeErrorObject, object), 0, "exception object"},
    {"start", T_PYSSIZET, offsetof(PyUnicodeErrorObject, start), 0, "exception start"},
    {"end", T_PYSSIZET, offsetof(PyUnicodeErrorObject, end), 0, "exception end"},
    {"reason", T_OBJECT, offsetof(PyUnicodeErrorObject, reason), 0, "exception reason"},
    {NULL},
};
