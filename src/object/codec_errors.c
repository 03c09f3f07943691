/* SPDX-License-Identifier: MIT */
/* Error handlers of codecs: the eight built-in ones, as C and as Python functions, and the steps of
 * decoders and encoders at an error. */
#include <stdio.h>
#include <strings.h>

#include "object/codec_int.h"
#include "object/exception.h"
#include "object/int.h"
#include "object/list.h"
#include "object/native.h"
#include "object/unicode_data.h"

static const char *const handler_names[HANDLER_OTHER] = {
    [HANDLER_STRICT] = "strict",
    [HANDLER_IGNORE] = "ignore",
    [HANDLER_REPLACE] = "replace",
    [HANDLER_BACKSLASH] = "backslashreplace",
    [HANDLER_XMLCHARREF] = "xmlcharrefreplace",
    [HANDLER_NAMEREPLACE] = "namereplace",
    [HANDLER_SURROGATEESCAPE] = "surrogateescape",
    [HANDLER_SURROGATEPASS] = "surrogatepass",
};

int (*codec_char_name)(Py_UCS4 c, char *out, size_t size);
int32_t (*codec_name_lookup)(const char *name, Py_ssize_t length);

enum handler_kind handler_kind(const char *errors)
{
    if (errors == NULL) {
        return HANDLER_STRICT;
    }
    int i = 0;
    while (i < HANDLER_OTHER && strcmp(errors, handler_names[i]) != 0) {
        i++;
    }
    return (enum handler_kind)i;
}

/* ---- Surrogates as encodings write them. */

enum surrogate_form surrogate_form(const char *encoding)
{
    if (strncasecmp(encoding, "utf", 3) != 0) {
        return strcmp(encoding, "CP_UTF8") == 0 ? SURROGATE_UTF8 : SURROGATE_NONE;
    }
    const char *p = encoding + 3;
    p += *p == '-' || *p == '_';
    if (strcmp(p, "8") == 0) {
        return SURROGATE_UTF8;
    }
    bool wide = strncmp(p, "32", 2) == 0;
    if (!wide && strncmp(p, "16", 2) != 0) {
        return SURROGATE_NONE;
    }
    p += 2;
    enum surrogate_form form = wide ? SURROGATE_UTF32LE : SURROGATE_UTF16LE;
    if (*p == '\0') {
        return form;
    }
    p += *p == '-' || *p == '_';
    if (strcasecmp(p, "le") == 0) {
        return form;
    }
    return strcasecmp(p, "be") == 0 ? form + 1 : SURROGATE_NONE;
}

int surrogate_width(enum surrogate_form form)
{
    return form == SURROGATE_UTF8 ? 3 : form <= SURROGATE_UTF16BE ? 2 : 4;
}

void surrogate_put(enum surrogate_form form, Py_UCS4 c, unsigned char *out)
{
    unsigned char high = (unsigned char)(c >> 8), low = (unsigned char)c;
    memset(out, 0, (size_t)surrogate_width(form));
    switch (form) {
    case SURROGATE_UTF8:
        out[0] = (unsigned char)(0xe0 | c >> 12);
        out[1] = (unsigned char)(0x80 | (c >> 6 & 0x3f));
        out[2] = (unsigned char)(0x80 | (c & 0x3f));
        break;
    case SURROGATE_UTF16BE: out[0] = high, out[1] = low; break;
    case SURROGATE_UTF32BE: out[2] = high, out[3] = low; break;
    default: out[0] = low, out[1] = high; break;
    }
}

Py_UCS4 surrogate_get(enum surrogate_form form, const unsigned char *p, Py_ssize_t left)
{
    Py_UCS4 c = 0;
    if (form == SURROGATE_NONE || left < surrogate_width(form)) {
        return 0;
    }
    switch (form) {
    case SURROGATE_UTF8:
        if ((p[0] & 0xf0) == 0xe0 && (p[1] & 0xc0) == 0x80 && (p[2] & 0xc0) == 0x80) {
            c = (Py_UCS4)(p[0] & 15) << 12 | (Py_UCS4)(p[1] & 0x3f) << 6 | (p[2] & 0x3f);
        }
        break;
    case SURROGATE_UTF16LE: c = (Py_UCS4)p[1] << 8 | p[0]; break;
    case SURROGATE_UTF16BE: c = (Py_UCS4)p[0] << 8 | p[1]; break;
    case SURROGATE_UTF32LE:
        c = (Py_UCS4)p[3] << 24 | (Py_UCS4)p[2] << 16 | (Py_UCS4)p[1] << 8 | p[0];
        break;
    default: c = (Py_UCS4)p[0] << 24 | (Py_UCS4)p[1] << 16 | (Py_UCS4)p[2] << 8 | p[3]; break;
    }
    return c - 0xd800 < 0x800 ? c : 0;
}

/* ---- Exceptions. */

static PyObject *exception_make(PyObject *type, const char *encoding, PyObject *object,
                                Py_ssize_t from, Py_ssize_t to, const char *reason)
{
    Value args[5] = {value_from_object(str_from_text(encoding)), value_from_object(object),
                     value_from_int(from), value_from_int(to),
                     value_from_object(str_from_text(reason))};
    if (value_is_null(args[0]) || value_is_null(args[4])) {
        return NULL;
    }
    return value_object(object_call(value_from_object(type), args, 5, NULL));
}

/* The exception for an error: the one made before, adjusted, or a fresh one. */
static PyObject *exception_prepare(PyObject **slot, PyObject *type, const char *encoding,
                                   PyObject *object, Py_ssize_t from, Py_ssize_t to,
                                   const char *reason)
{
    if (*slot == NULL) {
        *slot = exception_make(type, encoding, object, from, to, reason);
        return *slot;
    }
    PyUnicodeErrorObject *e = (PyUnicodeErrorObject *)*slot;
    PyObject *text = str_from_text(reason);
    if (text == NULL) {
        return NULL;
    }
    e->start = from;
    e->end = to;
    heap_store(e, &e->reason, text);
    return *slot;
}

/* ---- Decoding. */

void decoder_init(struct decoder *d, const char *encoding, const char *errors, const char *data,
                  Py_ssize_t length)
{
    *d = (struct decoder){.encoding = encoding,
                          .errors = errors,
                          .data = (const unsigned char *)data,
                          .length = length};
}

static PyObject *decoder_exception(struct decoder *d, Py_ssize_t from, Py_ssize_t to,
                                   const char *reason)
{
    if (d->input == NULL) {
        d->input = bytes_new((const char *)d->data, d->length);
        if (d->input == NULL) {
            return NULL;
        }
    }
    return exception_prepare(&d->exception, PyExc_UnicodeDecodeError, d->encoding, d->input, from,
                             to, reason);
}

static Py_ssize_t decoder_raise(struct decoder *d, Py_ssize_t from, Py_ssize_t to,
                                const char *reason)
{
    PyObject *e = decoder_exception(d, from, to, reason);
    if (e != NULL) {
        error_set_instance(e);
    }
    return -1;
}

/* The replacement and position that a handler returned; 0 or -1. */
static int unpack_result(Value result, const char *message, bool bytes_allowed, PyObject **text,
                         int64_t *position)
{
    if (value_is_null(result)) {
        return -1;
    }
    if (tuple_check(result) && tuple_length(value_object(result)) == 2) {
        Value first = tuple_get(value_object(result), 0),
              second = tuple_get(value_object(result), 1);
        if ((str_check(first) || (bytes_allowed && bytes_check(first))) && int_check(second)) {
            *text = value_object(first);
            return int_to_i64(second, position);
        }
    }
    return error_raise_int(PyExc_TypeError, message);
}

static int check_position(int64_t *position, Py_ssize_t length)
{
    int64_t given = *position;
    if (given < 0) {
        *position += length;
    }
    if (*position < 0 || *position > length) {
        return error_raise_int(PyExc_IndexError, "position %zd from error handler out of bounds",
                               (Py_ssize_t)given);
    }
    return 0;
}

/* A handler may have put other bytes into the exception. */
static int reload_input(struct decoder *d)
{
    PyObject *object = ((PyUnicodeErrorObject *)d->exception)->object;
    if (object == d->input) {
        return 0;
    }
    if (object == NULL || !bytes_check(value_from_object(object))) {
        return error_raise_int(PyExc_TypeError, "exception attribute object must be bytes");
    }
    d->input = object;
    d->data = (const unsigned char *)bytes_data(object);
    d->length = bytes_length(object);
    return 0;
}

static Py_ssize_t decoder_call(struct decoder *d, Py_ssize_t from, Py_ssize_t to,
                               const char *reason)
{
    if (value_is_null(d->handler)) {
        d->handler = codec_lookup_error(d->errors);
        if (value_is_null(d->handler)) {
            return -1;
        }
    }
    PyObject *e = decoder_exception(d, from, to, reason);
    if (e == NULL) {
        return -1;
    }
    Value result = object_call1(d->handler, value_from_object(e));
    PyObject *text;
    int64_t position;
    if (unpack_result(result, "decoding error handler must return (str, int) tuple", false, &text,
                      &position) < 0 ||
        reload_input(d) < 0 || check_position(&position, d->length) < 0 ||
        str_builder_str(&d->out, text) < 0) {
        return -1;
    }
    return (Py_ssize_t)position;
}

/* Bytes from 0x80 on become lone surrogates; how many, or -1. */
static Py_ssize_t escape_bytes(struct decoder *d, Py_ssize_t from, Py_ssize_t to)
{
    Py_ssize_t n = 0;
    while (n < 4 && from + n < to && d->data[from + n] >= 0x80) {
        if (str_builder_char(&d->out, 0xdc00 + d->data[from + n]) < 0) {
            return -1;
        }
        n++;
    }
    return n;
}

static int hex_bytes(struct decoder *d, Py_ssize_t from, Py_ssize_t to)
{
    for (Py_ssize_t i = from; i < to; i++) {
        char text[8];
        snprintf(text, sizeof text, "\\x%02x", d->data[i]);
        if (str_builder_ascii(&d->out, text, 4) < 0) {
            return -1;
        }
    }
    return 0;
}

Py_ssize_t decoder_error(struct decoder *d, Py_ssize_t from, Py_ssize_t to, const char *reason)
{
    switch (handler_kind(d->errors)) {
    case HANDLER_STRICT: return decoder_raise(d, from, to, reason);
    case HANDLER_IGNORE: return to;
    case HANDLER_REPLACE: return str_builder_char(&d->out, 0xfffd) < 0 ? -1 : to;
    case HANDLER_BACKSLASH: return hex_bytes(d, from, to) < 0 ? -1 : to;
    case HANDLER_SURROGATEESCAPE: {
        Py_ssize_t n = escape_bytes(d, from, to);
        return n > 0 ? from + n : n < 0 ? -1 : decoder_raise(d, from, to, reason);
    }
    case HANDLER_SURROGATEPASS: {
        enum surrogate_form form = surrogate_form(d->encoding);
        Py_UCS4 c = surrogate_get(form, d->data + from, d->length - from);
        if (c == 0) {
            return decoder_raise(d, from, to, reason);
        }
        return str_builder_char(&d->out, c) < 0 ? -1 : from + surrogate_width(form);
    }
    default: return decoder_call(d, from, to, reason);
    }
}

/* ---- Encoding. */

void encoder_init(struct encoder *e, const char *encoding, const char *errors, PyObject *s,
                  int (*put_text)(struct encoder *e, PyObject *text))
{
    *e = (struct encoder){.encoding = encoding, .errors = errors, .s = s, .put_text = put_text};
}

static Py_ssize_t encoder_raise(struct encoder *e, Py_ssize_t from, Py_ssize_t to,
                                const char *reason)
{
    PyObject *x = exception_prepare(&e->exception, PyExc_UnicodeEncodeError, e->encoding, e->s,
                                    from, to, reason);
    if (x != NULL) {
        error_set_instance(x);
    }
    return -1;
}

int encoder_put_ascii(struct encoder *e, PyObject *text)
{
    if (!str_is_ascii(text)) {
        return 0;
    }
    return bytes_builder_add(&e->out, str_data(text), str_length(text)) < 0 ? -1 : 1;
}

static Py_ssize_t encoder_call(struct encoder *e, Py_ssize_t from, Py_ssize_t to,
                               const char *reason)
{
    if (value_is_null(e->handler)) {
        e->handler = codec_lookup_error(e->errors);
        if (value_is_null(e->handler)) {
            return -1;
        }
    }
    PyObject *x = exception_prepare(&e->exception, PyExc_UnicodeEncodeError, e->encoding, e->s,
                                    from, to, reason);
    if (x == NULL) {
        return -1;
    }
    Value result = object_call1(e->handler, value_from_object(x));
    PyObject *text;
    int64_t position;
    if (unpack_result(result, "encoding error handler must return (str/bytes, int) tuple", true,
                      &text, &position) < 0 ||
        check_position(&position, str_length(e->s)) < 0) {
        return -1;
    }
    if (bytes_check(value_from_object(text))) {
        if (e->unit > 1 && bytes_length(text) % e->unit != 0) {
            return encoder_raise(e, from, to, reason);
        }
        if (bytes_builder_add(&e->out, bytes_data(text), bytes_length(text)) < 0) {
            return -1;
        }
        return (Py_ssize_t)position;
    }
    int status = e->put_text(e, text);
    return status < 0 ? -1 : status > 0 ? (Py_ssize_t)position : encoder_raise(e, from, to, reason);
}

PyObject *handler_escape(enum handler_kind kind, PyObject *s, Py_ssize_t from, Py_ssize_t to)
{
    struct str_builder b;
    str_builder_init(&b);
    for (Py_ssize_t i = from; i < to; i++) {
        char text[300];
        char name[256];
        Py_UCS4 c = str_at(s, i);
        int n;
        if (kind == HANDLER_XMLCHARREF) {
            n = snprintf(text, sizeof text, "&#%u;", c);
        } else if (kind == HANDLER_NAMEREPLACE && codec_char_name != NULL &&
                   codec_char_name(c, name, sizeof name) > 0) {
            n = snprintf(text, sizeof text, "\\N{%s}", name);
        } else {
            const char *format = c < 0x100 ? "\\x%02x" : c < 0x10000 ? "\\u%04x" : "\\U%08x";
            n = snprintf(text, sizeof text, format, c);
        }
        if (str_builder_ascii(&b, text, n) < 0) {
            return NULL;
        }
    }
    return str_builder_finish(&b);
}

/* The bytes that surrogateescape or surrogatepass write; NULL without exception if they cannot. */
static PyObject *surrogate_bytes(enum handler_kind kind, const char *encoding, PyObject *s,
                                 Py_ssize_t from, Py_ssize_t to)
{
    struct bytes_builder b;
    bytes_builder_init(&b);
    bool escape = kind == HANDLER_SURROGATEESCAPE;
    enum surrogate_form form = escape ? SURROGATE_NONE : surrogate_form(encoding);
    if (!escape && form == SURROGATE_NONE) {
        return NULL;
    }
    for (Py_ssize_t i = from; i < to; i++) {
        Py_UCS4 c = str_at(s, i);
        unsigned char out[4] = {(unsigned char)c};
        if (escape ? c - 0xdc80 >= 0x80 : c - 0xd800 >= 0x800) {
            return NULL;
        }
        if (!escape) {
            surrogate_put(form, c, out);
        }
        if (bytes_builder_add(&b, out, escape ? 1 : surrogate_width(form)) < 0) {
            return NULL;
        }
    }
    return bytes_builder_finish(&b);
}

static Py_ssize_t encoder_surrogates(struct encoder *e, enum handler_kind kind, Py_ssize_t from,
                                     Py_ssize_t to, const char *reason)
{
    /* What cannot be written is reported behind the characters that can. */
    while (kind == HANDLER_SURROGATEESCAPE && from < to && str_at(e->s, from) - 0xdc80 < 0x80 &&
           e->unit <= 1) {
        if (bytes_builder_byte(&e->out, (unsigned char)str_at(e->s, from++)) < 0) {
            return -1;
        }
    }
    if (from == to) {
        return to;
    }
    PyObject *bytes = surrogate_bytes(kind, e->encoding, e->s, from, to);
    bool whole_units = bytes != NULL && (e->unit <= 1 || bytes_length(bytes) % e->unit == 0);
    if (!whole_units) {
        return error_occurred() ? -1 : encoder_raise(e, from, to, reason);
    }
    return bytes_builder_add(&e->out, bytes_data(bytes), bytes_length(bytes)) < 0 ? -1 : to;
}

Py_ssize_t encoder_error(struct encoder *e, Py_ssize_t from, Py_ssize_t to, const char *reason)
{
    enum handler_kind kind = handler_kind(e->errors);
    PyObject *text = NULL;
    switch (kind) {
    case HANDLER_STRICT: return encoder_raise(e, from, to, reason);
    case HANDLER_IGNORE: return to;
    case HANDLER_SURROGATEESCAPE:
    case HANDLER_SURROGATEPASS: return encoder_surrogates(e, kind, from, to, reason);
    case HANDLER_REPLACE: text = str_repeat(str_from_char('?'), to - from); break;
    case HANDLER_OTHER: return encoder_call(e, from, to, reason);
    default: text = handler_escape(kind, e->s, from, to); break;
    }
    int status = text == NULL ? -1 : e->put_text(e, text);
    return status < 0 ? -1 : status > 0 ? to : encoder_raise(e, from, to, reason);
}

/* ---- The handlers as Python functions. */

enum error_class { CLASS_NONE, CLASS_ENCODE, CLASS_DECODE, CLASS_TRANSLATE };

static enum error_class error_class(Value e)
{
    static PyObject *const *const types[] = {
        NULL, &PyExc_UnicodeEncodeError, &PyExc_UnicodeDecodeError, &PyExc_UnicodeTranslateError};
    for (int i = CLASS_ENCODE; i <= CLASS_TRANSLATE; i++) {
        if (value_is_instance(e, (PyTypeObject *)*types[i])) {
            return (enum error_class)i;
        }
    }
    return CLASS_NONE;
}

static Value wrong_exception(Value e)
{
    return error_raise(PyExc_TypeError, "don't know how to handle %T in error callback", e);
}

/* start and end, clipped into the object; -1 if the exception's object has the wrong type. */
static int error_range(Value v, enum error_class class, Py_ssize_t *from, Py_ssize_t *to)
{
    PyUnicodeErrorObject *e = (PyUnicodeErrorObject *)value_object(v);
    bool bytes = class == CLASS_DECODE;
    Value object = value_from_object(e->object);
    if (e->object == NULL || !(bytes ? bytes_check(object) : str_check(object))) {
        return error_raise_int(PyExc_TypeError, "%.200s attribute must be %s", "object",
                               bytes ? "bytes" : "unicode");
    }
    Py_ssize_t n = bytes ? bytes_length(e->object) : str_length(e->object);
    *from = e->start < 0 ? 0 : e->start >= n && n > 0 ? n - 1 : e->start;
    *to = e->end < 1 ? 1 : e->end;
    if (*to > n) {
        *to = n;
    }
    if (*from > *to) {
        *from = *to;
    }
    return 0;
}

static Value handler_result(PyObject *text, Py_ssize_t position)
{
    Value items[2] = {value_from_object(text), value_from_int(position)};
    return text == NULL ? VALUE_NULL : value_from_object(tuple_from_array(items, 2));
}

static Value raise_given(Value e)
{
    error_set_instance(value_object(e));
    return VALUE_NULL;
}

static Value strict_errors(Value self, Value e)
{
    if (!exception_check(e)) {
        return error_raise(PyExc_TypeError, "codec must pass exception instance");
    }
    return raise_given(e);
}

static Value ignore_errors(Value self, Value e)
{
    Py_ssize_t from, to;
    enum error_class class = error_class(e);
    if (class == CLASS_NONE) {
        return wrong_exception(e);
    }
    return error_range(e, class, &from, &to) < 0 ? VALUE_NULL : handler_result(str_empty(), to);
}

static Value replace_errors(Value self, Value e)
{
    Py_ssize_t from, to;
    enum error_class class = error_class(e);
    if (class == CLASS_NONE) {
        return wrong_exception(e);
    }
    if (error_range(e, class, &from, &to) < 0) {
        return VALUE_NULL;
    }
    PyObject *mark = str_from_char(class == CLASS_ENCODE ? '?' : 0xfffd);
    return handler_result(class == CLASS_DECODE ? mark : str_repeat(mark, to - from), to);
}

static Value escape_errors(Value e, enum handler_kind kind)
{
    Py_ssize_t from, to;
    enum error_class class = error_class(e);
    bool fits = class == CLASS_ENCODE || (kind == HANDLER_BACKSLASH && class != CLASS_NONE);
    if (!fits) {
        return wrong_exception(e);
    }
    if (error_range(e, class, &from, &to) < 0) {
        return VALUE_NULL;
    }
    PyObject *object = ((PyUnicodeErrorObject *)value_object(e))->object;
    if (class != CLASS_DECODE) {
        return handler_result(handler_escape(kind, object, from, to), to);
    }
    struct decoder d;
    decoder_init(&d, "", NULL, bytes_data(object), bytes_length(object));
    return hex_bytes(&d, from, to) < 0 ? VALUE_NULL
                                       : handler_result(str_builder_finish(&d.out), to);
}

static Value backslashreplace_errors(Value self, Value e)
{
    return escape_errors(e, HANDLER_BACKSLASH);
}
static Value xmlcharrefreplace_errors(Value self, Value e)
{
    return escape_errors(e, HANDLER_XMLCHARREF);
}
static Value namereplace_errors(Value self, Value e)
{
    return escape_errors(e, HANDLER_NAMEREPLACE);
}

static Value surrogate_errors(Value e, enum handler_kind kind)
{
    Py_ssize_t from, to;
    enum error_class class = error_class(e);
    if (class != CLASS_ENCODE && class != CLASS_DECODE) {
        return wrong_exception(e);
    }
    if (error_range(e, class, &from, &to) < 0) {
        return VALUE_NULL;
    }
    PyUnicodeErrorObject *x = (PyUnicodeErrorObject *)value_object(e);
    const char *encoding = x->encoding == NULL ? "" : str_utf8(x->encoding, NULL);
    if (encoding == NULL) {
        return VALUE_NULL;
    }
    if (class == CLASS_ENCODE) {
        PyObject *bytes = surrogate_bytes(kind, encoding, x->object, from, to);
        return bytes != NULL      ? handler_result(bytes, to)
               : error_occurred() ? VALUE_NULL
                                  : raise_given(e);
    }
    struct decoder d;
    decoder_init(&d, encoding, NULL, bytes_data(x->object), bytes_length(x->object));
    Py_ssize_t n;
    if (kind == HANDLER_SURROGATEESCAPE) {
        n = escape_bytes(&d, from, to);
    } else {
        enum surrogate_form form = surrogate_form(encoding);
        Py_UCS4 c = surrogate_get(form, d.data + from, d.length - from);
        n = c == 0 ? 0 : str_builder_char(&d.out, c) < 0 ? -1 : surrogate_width(form);
    }
    return n < 0    ? VALUE_NULL
           : n == 0 ? raise_given(e)
                    : handler_result(str_builder_finish(&d.out), from + n);
}

static Value surrogateescape(Value self, Value e)
{
    return surrogate_errors(e, HANDLER_SURROGATEESCAPE);
}
static Value surrogatepass(Value self, Value e)
{
    return surrogate_errors(e, HANDLER_SURROGATEPASS);
}

const struct native_def codec_error_functions[] = {
    {"strict_errors", NULL, "Raises the error.", .f1 = strict_errors},
    {"ignore_errors", NULL, "Leaves out what cannot be converted.", .f1 = ignore_errors},
    {"replace_errors", NULL, "Puts a replacement character there.", .f1 = replace_errors},
    {"backslashreplace_errors", NULL, "Puts an escape with a backslash there.",
     .f1 = backslashreplace_errors},
    {"xmlcharrefreplace_errors", NULL, "Puts an XML character reference there.",
     .f1 = xmlcharrefreplace_errors},
    {"namereplace_errors", NULL, "Puts an escape with the character's name there.",
     .f1 = namereplace_errors},
    {"surrogateescape", NULL, "Keeps bytes as lone surrogates.", .f1 = surrogateescape},
    {"surrogatepass", NULL, "Lets surrogates pass.", .f1 = surrogatepass},
    {NULL},
};
