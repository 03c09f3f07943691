/* SPDX-License-Identifier: MIT */
/* Module _json: strings of JSON texts, and the two types that package json builds on. json_scan.c
 * has the scanner, json_encode.c the encoder. */
#include "module/json_int.h"

#include "object/int.h"

/* JSONDecodeError(message, document, position), from package json. */
void json_error(const char *message, PyObject *document, Py_ssize_t position)
{
    Value import = builtin_function("__import__");
    PyObject *name = str_intern_text("json.decoder"),
             *attribute = str_intern_text("JSONDecodeError");
    PyObject *text = str_from_text(message);
    PyObject *from = attribute == NULL ? NULL : tuple_pack(1, attribute);
    if (value_is_null(import) || name == NULL || text == NULL || from == NULL) {
        return;
    }
    Value args[4] = {value_from_object(name), VALUE_NONE, VALUE_NONE, value_from_object(from)};
    Value module = object_call(import, args, 4, NULL);
    Value type = value_is_null(module) ? module : object_getattr(module, attribute);
    if (value_is_null(type)) {
        return;
    }
    Value error = object_call3(type, value_from_object(text), value_from_object(document),
                               int_from_ssize(position));
    if (!value_is_null(error)) {
        error_set_instance(value_object(error));
    }
}

/* ---- Reading strings. */

static int hex4(int kind, const void *data, Py_ssize_t i, Py_ssize_t n)
{
    int c = 0;
    if (i + 4 > n) {
        return -1;
    }
    for (int k = 0; k < 4; k++) {
        Py_UCS4 d = str_read(kind, data, i + k);
        int value = d - '0' <= 9                     ? (int)(d - '0')
                    : (d | 32) - 'a' <= 5 && d < 128 ? (int)((d | 32) - 'a') + 10
                                                     : -1;
        if (value < 0) {
            return -1;
        }
        c = c << 4 | value;
    }
    return c;
}

/* The escape whose backslash is at i - 1; returns where to go on, or -1. */
static Py_ssize_t read_escape(PyObject *s, Py_ssize_t i, Py_ssize_t begin, struct str_builder *b)
{
    int kind = str_kind(s);
    const void *data = str_data(s);
    Py_ssize_t n = str_length(s);
    if (i >= n) {
        json_error("Unterminated string starting at", s, begin);
        return -1;
    }
    Py_UCS4 c = str_read(kind, data, i++);
    switch (c) {
    case '"':
    case '\\':
    case '/': break;
    case 'b': c = '\b'; break;
    case 'f': c = '\f'; break;
    case 'n': c = '\n'; break;
    case 'r': c = '\r'; break;
    case 't': c = '\t'; break;
    case 'u': {
        int high = hex4(kind, data, i, n);
        if (high < 0) {
            json_error("Invalid \\uXXXX escape", s, i - 1);
            return -1;
        }
        i += 4;
        c = (Py_UCS4)high;
        if (c - 0xd800 < 0x400 && i + 6 <= n && str_read(kind, data, i) == '\\' &&
            str_read(kind, data, i + 1) == 'u') {
            int low = hex4(kind, data, i + 2, n);
            if (low >= 0xdc00 && low <= 0xdfff) {
                c = 0x10000 + ((c - 0xd800) << 10) + ((Py_UCS4)low - 0xdc00);
                i += 6;
            }
        }
        break;
    }
    default: json_error("Invalid \\escape", s, i - 2); return -1;
    }
    return str_builder_char(b, c) < 0 ? -1 : i;
}

/* Index of the next quote, backslash or control character from i on. */
static Py_ssize_t plain_end(int kind, const void *data, Py_ssize_t i, Py_ssize_t n)
{
    if (kind == 1) {
        const unsigned char *p = data;
        while (i < n && p[i] != '"' && p[i] != '\\' && p[i] >= 0x20) {
            i++;
        }
        return i;
    }
    for (; i < n; i++) {
        Py_UCS4 c = str_read(kind, data, i);
        if (c == '"' || c == '\\' || c < 0x20) {
            break;
        }
    }
    return i;
}

PyObject *json_scan_string(PyObject *s, Py_ssize_t i, bool strict, Py_ssize_t *end)
{
    int kind = str_kind(s);
    const void *data = str_data(s);
    Py_ssize_t n = str_length(s), begin = i - 1, start = i;
    struct str_builder b;
    str_builder_init(&b);
    for (;;) {
        i = plain_end(kind, data, i, n);
        if (i >= n) {
            json_error("Unterminated string starting at", s, begin);
            return NULL;
        }
        Py_UCS4 c = str_read(kind, data, i);
        if (c == '"') {
            break;
        }
        if (c != '\\') {
            if (strict) {
                json_error("Invalid control character at", s, i);
                return NULL;
            }
            i++;
            continue;
        }
        if (str_builder_slice(&b, s, start, i) < 0) {
            return NULL;
        }
        i = read_escape(s, i + 1, begin, &b);
        if (i < 0) {
            return NULL;
        }
        start = i;
    }
    *end = i + 1;
    if (b.buffer == NULL) {
        return str_substring(s, start, i);
    }
    return str_builder_slice(&b, s, start, i) < 0 ? NULL : str_builder_finish(&b);
}

static Value scanstring(Value self, const Value *args)
{
    Py_ssize_t i, end;
    bool strict = true;
    if (arg_index(args[1], &i) < 0 ||
        (!value_is_absent(args[2]) && arg_bool(args[2], &strict) < 0)) {
        return VALUE_NULL;
    }
    if (!str_check(args[0])) {
        return error_raise(PyExc_TypeError, "first argument must be a string, not %T", args[0]);
    }
    if (i < 0 || i > str_length(value_object(args[0]))) {
        return error_raise(PyExc_ValueError, "end is out of bounds");
    }
    PyObject *s = json_scan_string(value_object(args[0]), i, strict, &end);
    Value items[2] = {value_from_object(s), int_from_ssize(end)};
    return s == NULL ? VALUE_NULL : value_from_object(tuple_from_array(items, 2));
}

/* ---- Writing strings. */

static int put_u(struct str_builder *b, Py_UCS4 unit)
{
    static const char digits[] = "0123456789abcdef";
    char text[6] = {'\\',
                    'u',
                    digits[unit >> 12 & 15],
                    digits[unit >> 8 & 15],
                    digits[unit >> 4 & 15],
                    digits[unit & 15]};
    return str_builder_ascii(b, text, 6);
}

static int put_escaped(struct str_builder *b, Py_UCS4 c)
{
    const char *plain = c == '"'    ? "\\\""
                        : c == '\\' ? "\\\\"
                        : c == '\n' ? "\\n"
                        : c == '\r' ? "\\r"
                        : c == '\t' ? "\\t"
                        : c == '\b' ? "\\b"
                        : c == '\f' ? "\\f"
                                    : NULL;
    if (plain != NULL) {
        return str_builder_ascii(b, plain, 2);
    }
    if (c < 0x10000) {
        return put_u(b, c);
    }
    return put_u(b, 0xd800 + ((c - 0x10000) >> 10)) < 0
               ? -1
               : put_u(b, 0xdc00 + ((c - 0x10000) & 0x3ff));
}

static inline bool needs_escape(Py_UCS4 c, bool ascii)
{
    return c < 0x20 || c == '"' || c == '\\' || (ascii && c > 0x7e);
}

int json_write_string(struct str_builder *b, PyObject *s, bool ascii)
{
    int kind = str_kind(s);
    const void *data = str_data(s);
    Py_ssize_t n = str_length(s);
    if (str_builder_reserve(b, n + 2, 0x7f) < 0 || str_builder_char(b, '"') < 0) {
        return -1;
    }
    for (Py_ssize_t i = 0; i < n;) {
        Py_ssize_t start = i;
        while (i < n && !needs_escape(str_read(kind, data, i), ascii)) {
            i++;
        }
        if (str_builder_slice(b, s, start, i) < 0 ||
            (i < n && put_escaped(b, str_read(kind, data, i)) < 0)) {
            return -1;
        }
        i++;
    }
    return str_builder_char(b, '"');
}

static Value encode_with(Value v, bool ascii)
{
    struct str_builder b;
    str_builder_init(&b);
    if (!str_check(v)) {
        return error_raise(PyExc_TypeError, "first argument must be a string, not %T", v);
    }
    return json_write_string(&b, value_object(v), ascii) < 0
               ? VALUE_NULL
               : value_from_object(str_builder_finish(&b));
}

static Value encode_basestring_ascii(Value self, Value s)
{
    return encode_with(s, true);
}
static Value encode_basestring(Value self, Value s)
{
    return encode_with(s, false);
}

static const struct native_def functions[] = {
    {"encode_basestring_ascii", NULL, "The str as a JSON string in ASCII.",
     .f1 = encode_basestring_ascii},
    {"encode_basestring", NULL, "The str as a JSON string.", .f1 = encode_basestring},
    {"scanstring", "($module, string, end, strict=True, /)",
     "Reads a JSON string; returns it and where it ends.", .n = scanstring},
    {NULL},
};

enum json_string_writer json_writer_of(Value f)
{
    if (!value_is_object(f) || value_object(f)->ob_type != &PyCFunction_Type) {
        return JSON_WRITER_OTHER;
    }
    const struct native_row *row = native_row_of(((PyCFunctionObject *)value_object(f))->m_ml);
    const struct native_def *def = row != NULL ? row->def : NULL;
    return def == &functions[0]   ? JSON_WRITER_ASCII
           : def == &functions[1] ? JSON_WRITER_PLAIN
                                  : JSON_WRITER_OTHER;
}

static int exec(PyObject *module)
{
    if (type_ready(&json_scanner_type) < 0 || type_ready(&json_encoder_type) < 0) {
        return -1;
    }
    return module_add(module, "make_scanner", value_from_object(&json_scanner_type)) < 0
               ? -1
               : module_add(module, "make_encoder", value_from_object(&json_encoder_type));
}

const struct module_def json_module = {"_json", "json speedups\n", functions, exec};
