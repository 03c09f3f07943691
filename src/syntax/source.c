/* SPDX-License-Identifier: MIT */
/* Source text: its encoding (BOM, PEP 263 cookie) and newlines; syntax errors and warnings. */
#include <ctype.h>
#include <string.h>

#include "base/source_coding.h"
#include "object/bytes.h"
#include "object/exception.h"
#include "object/int.h"
#include "object/list.h"
#include "object/str.h"
#include "syntax/syntax.h"
#include "syntax/tokenizer.h"

struct syntax_hooks syntax_hooks;

Value syntax_import(const char *module, const char *attribute)
{
    if (syntax_hooks.import_module == NULL) {
        return error_raise(PyExc_ImportError, "No module named '%s'", module);
    }
    Value m = syntax_hooks.import_module(module);
    if (value_is_null(m)) {
        return m;
    }
    PyObject *name = str_intern_text(attribute);
    return name != NULL ? object_getattr(m, name) : VALUE_NULL;
}

int syntax_warn(PyObject *category, PyObject *message, PyObject *filename, int lineno)
{
    if (syntax_hooks.import_module == NULL) {
        return 0;
    }
    Value warn = syntax_import("_warnings", "warn_explicit");
    if (value_is_null(warn)) {
        error_clear();
        warn = syntax_import("warnings", "warn_explicit");
    }
    if (value_is_null(warn)) {
        error_clear(); /* too early in start-up to warn */
        return 0;
    }
    Value args[] = {value_from_object(message), value_from_object(category),
                    value_from_object(filename), value_from_int(lineno)};
    return value_is_null(object_call(warn, args, 4, NULL)) ? -1 : 0;
}

void syntax_error_raise(PyObject *type, PyObject *message, PyObject *filename, int lineno,
                        int offset, PyObject *text, int end_lineno, int end_offset)
{
    Value details[] = {value_from_object(filename != NULL ? filename : Py_None),
                       value_from_int(lineno),
                       value_from_int(offset),
                       text != NULL ? value_from_object(text) : VALUE_NONE,
                       value_from_int(end_lineno),
                       value_from_int(end_offset)};
    PyObject *tuple = tuple_from_array(details, end_lineno == SYNTAX_NO_END ? 4 : 6);
    if (tuple == NULL) {
        return;
    }
    Value error =
        object_call2(value_from_object(type), value_from_object(message), value_from_object(tuple));
    if (!value_is_null(error)) {
        error_set_instance(value_object(error));
    }
}

Py_UCS4 utf8_decode_char(const char *text, const char *end, int *length)
{
    static const Py_UCS4 minimum[] = {0, 0, 0x80, 0x800, 0x10000};
    const unsigned char *p = (const unsigned char *)text;
    unsigned char c = *p;
    int n = c < 0x80 ? 1 : c < 0xC2 ? 0 : c < 0xE0 ? 2 : c < 0xF0 ? 3 : c < 0xF5 ? 4 : 0;
    *length = 1;
    if (n == 0 || end - text < n) {
        return 0xFFFD;
    }
    Py_UCS4 value = n == 1 ? c : c & (0x7Fu >> n);
    for (int i = 1; i < n; i++) {
        if ((p[i] & 0xC0) != 0x80) {
            return 0xFFFD;
        }
        value = value << 6 | (p[i] & 0x3F);
    }
    if (value < minimum[n] || value > 0x10FFFF || (value >= 0xD800 && value < 0xE000)) {
        return 0xFFFD;
    }
    *length = n;
    return value;
}

size_t utf8_encode_char(Py_UCS4 c, char *out)
{
    if (c < 0x80) {
        out[0] = (char)c;
        return 1;
    }
    size_t n = c < 0x800 ? 2 : c < 0x10000 ? 3 : 4;
    for (size_t i = n - 1; i > 0; i--) {
        out[i] = (char)(0x80 | (c & 0x3F));
        c >>= 6;
    }
    out[0] = (char)((0xF00 >> n & 0xFF) | c);
    return n;
}

PyObject *decode_replacing(const char *text, size_t length)
{
    struct str_builder b;
    str_builder_init(&b);
    const char *end = text + length;
    while (text < end) {
        const char *run = text;
        while (text < end && (unsigned char)*text < 0x80) {
            text++;
        }
        if (text > run && str_builder_ascii(&b, run, text - run) < 0) {
            return NULL;
        }
        if (text < end) {
            int n;
            Py_UCS4 c = utf8_decode_char(text, end, &n);
            if (str_builder_char(&b, c) < 0) {
                return NULL;
            }
            text += n;
        }
    }
    return str_builder_finish(&b);
}

/* ---- The declared encoding. */

/* "UTF_8-sig" and the like are UTF-8; the latin-1 family has one name. */
static void normalize_cookie(char *name)
{
    char buffer[13];
    size_t i;
    for (i = 0; i < 12 && name[i] != '\0'; i++) {
        buffer[i] = name[i] == '_' ? '-' : (char)tolower((unsigned char)name[i]);
    }
    buffer[i] = '\0';
    if (strcmp(buffer, "utf-8") == 0 || strncmp(buffer, "utf-8-", 6) == 0) {
        strcpy(name, "utf-8");
        return;
    }
    static const char *const latin[] = {"latin-1", "iso-8859-1", "iso-latin-1"};
    for (size_t k = 0; k < 3; k++) {
        size_t n = strlen(latin[k]);
        if (strncmp(buffer, latin[k], n) == 0 && (buffer[n] == '\0' || buffer[n] == '-')) {
            strcpy(name, "iso-8859-1");
            return;
        }
    }
}

/* In a program's file the error has no place. */
static const char *fail_encoding(const char *format, const char *name,
                                 const struct parse_options *options)
{
    PyObject *message = str_format(format, name);
    if (message != NULL && options->is_file) {
        error_raise(PyExc_SyntaxError, "%U", message);
    } else if (message != NULL) {
        syntax_error_raise(PyExc_SyntaxError, message, options->filename, 0, -1, NULL,
                           SYNTAX_NO_END, 0);
    }
    return NULL;
}

/* Decodes with a codec and encodes as UTF-8. The result is the text of a str that must live. */
static const char *recode(const char *source, size_t *length, const char *name,
                          const struct parse_options *options)
{
    PyObject *decoded = str_decode(source, (Py_ssize_t)*length, name, NULL);
    if (decoded == NULL) {
        if (error_matches(PyExc_LookupError)) {
            error_clear();
            return fail_encoding(options->is_file ? "encoding problem: %s" : "unknown encoding: %s",
                                 name, options);
        }
        if (error_matches(PyExc_UnicodeDecodeError)) {
            PyObject *message = object_str(value_from_object(error_take()));
            if (message != NULL) {
                syntax_error_raise(PyExc_SyntaxError, message, options->filename, 0, -1, NULL,
                                   SYNTAX_NO_END, 0);
            }
        }
        return NULL;
    }
    Py_ssize_t n;
    const char *text = str_utf8(decoded, &n);
    *length = (size_t)n;
    return text;
}

/* A file without a cookie must be UTF-8. */
static bool check_utf8(const char *source, size_t length, PyObject *filename)
{
    const char *end = source + length;
    int lineno = 1;
    while (source < end) {
        int n = 1;
        if ((unsigned char)*source >= 0x80 && utf8_decode_char(source, end, &n) == 0xFFFD &&
            n == 1) {
            error_raise(PyExc_SyntaxError,
                        "Non-UTF-8 code starting with '\\x%x' in file %U on line %d, but no "
                        "encoding declared; see https://peps.python.org/pep-0263/ for details",
                        (unsigned)(unsigned char)*source, filename, lineno);
            return false;
        }
        lineno += *source == '\n';
        source += n;
    }
    return true;
}

static const char *copy_with_newlines(const char *source, size_t length, bool add_newline,
                                      size_t *out_length)
{
    char *copy = heap_alloc(length + 2, CELL_RAW);
    if (copy == NULL) {
        error_no_memory();
        return NULL;
    }
    size_t n = 0;
    if (memchr(source, '\r', length) == NULL) {
        memcpy(copy, source, length);
        n = length;
    } else {
        for (size_t i = 0; i < length; i++) {
            if (source[i] != '\r') {
                copy[n++] = source[i];
            } else if (i + 1 == length || source[i + 1] != '\n') {
                copy[n++] = '\n';
            }
        }
    }
    if (add_newline && n > 0 && copy[n - 1] != '\n') {
        copy[n++] = '\n';
    }
    copy[n] = '\0';
    *out_length = n;
    return copy;
}

const char *source_decode(const char *source, size_t length, bool add_newline,
                          const struct parse_options *options, size_t *out_length, bool *declared)
{
    char name[SOURCE_CODING_MAX];
    *declared = (options->flags & PyCF_IGNORE_COOKIE) != 0;
    if (*declared) {
        return copy_with_newlines(source, length, add_newline, out_length);
    }
    if (length >= 3 && memcmp(source, "\xEF\xBB\xBF", 3) == 0) {
        *declared = true;
        source += 3;
        length -= 3;
    }
    if (source_find_coding(source, source + length, name)) {
        normalize_cookie(name);
        bool utf8 = strcmp(name, "utf-8") == 0;
        if (*declared && !utf8) {
            return fail_encoding("encoding problem: %s with BOM", name, options);
        }
        *declared = true;
        if (!utf8 && (source = recode(source, &length, name, options)) == NULL) {
            return NULL;
        }
    }
    if (options->is_file && !check_utf8(source, length, options->filename)) {
        return NULL;
    }
    return copy_with_newlines(source, length, add_newline, out_length);
}
