/* SPDX-License-Identifier: MIT */
/* Module _codecs: the registry and the codecs written in C (object/codec.h), as Python functions.
 */
#include "object/bytes.h"
#include "object/codec.h"
#include "object/int.h"
#include "object/list.h"
#include "object/native.h"
#include "object/str.h"

/* ---- Arguments. */

/* A str or None as C text: *out NULL for None or a missing one. 0 or -1. */
static int text_argument(Value v, const char *fname, const char *what, const char **out)
{
    *out = NULL;
    if (value_is_absent(v) || value_is_none(v)) {
        return 0;
    }
    if (!str_check(v)) {
        return error_raise_int(PyExc_TypeError, "%s() argument %s must be str or None, not %T",
                               fname, what, v);
    }
    Py_ssize_t n;
    *out = str_utf8(value_object(v), &n);
    if (*out != NULL && strlen(*out) != (size_t)n) {
        return error_raise_int(PyExc_ValueError, "embedded null character");
    }
    return *out == NULL ? -1 : 0;
}

static const char *required_text(Value v, const char *fname)
{
    const char *text;
    if (!str_check(v)) {
        return error_raise_null(PyExc_TypeError, "%s() argument must be str, not %T", fname, v);
    }
    return text_argument(v, fname, "1", &text) < 0 ? NULL : text;
}

static Value pair(PyObject *first, Py_ssize_t n)
{
    Value items[2] = {value_from_object(first), int_from_ssize(n)};
    return first == NULL ? VALUE_NULL : value_from_object(tuple_from_array(items, 2));
}

/* The bytes to decode: a buffer, or with `text` also a str's UTF-8. */
struct input {
    const char *data;
    Py_ssize_t length;
    Py_buffer view;
    bool held;
};

static int input_get(struct input *in, Value v, bool text)
{
    in->held = false;
    if (text && str_check(v)) {
        in->data = str_utf8(value_object(v), &in->length);
        return in->data == NULL ? -1 : 0;
    }
    if (!object_has_buffer(v)) {
        return error_raise_int(PyExc_TypeError, "a bytes-like object is required, not '%T'", v);
    }
    if (object_get_buffer(v, &in->view, PyBUF_SIMPLE) < 0) {
        return -1;
    }
    in->data = in->view.buf;
    in->length = in->view.len;
    in->held = true;
    return 0;
}

static void input_release(struct input *in)
{
    if (in->held) {
        object_release_buffer(&in->view);
    }
}

/* ---- The registry. */

static Value codecs_register(Value self, Value function)
{
    return codec_register(function) < 0 ? VALUE_NULL : VALUE_NONE;
}

static Value codecs_unregister(Value self, Value function)
{
    return codec_unregister(function) < 0 ? VALUE_NULL : VALUE_NONE;
}

static Value codecs_lookup(Value self, Value encoding)
{
    const char *text = required_text(encoding, "lookup");
    return text == NULL ? VALUE_NULL : codec_lookup(text);
}

static Value codecs_register_error(Value self, const Value *args)
{
    if (!str_check(args[0])) {
        return error_raise(PyExc_TypeError, "register_error() argument 1 must be str, not %T",
                           args[0]);
    }
    return codec_register_error(value_object(args[0]), args[1]) < 0 ? VALUE_NULL : VALUE_NONE;
}

static Value codecs_lookup_error(Value self, Value name)
{
    const char *text = required_text(name, "lookup_error");
    return text == NULL ? VALUE_NULL : codec_lookup_error(text);
}

static Value transform(const Value *args, const char *fname,
                       Value (*f)(Value, const char *, const char *))
{
    const char *encoding, *errors;
    for (int i = 1; i < 3; i++) {
        if (!value_is_absent(args[i]) && !str_check(args[i])) {
            return error_raise(PyExc_TypeError, "%s() argument '%s' must be str, not %T", fname,
                               i == 1 ? "encoding" : "errors", args[i]);
        }
    }
    if (text_argument(args[1], fname, "'encoding'", &encoding) < 0 ||
        text_argument(args[2], fname, "'errors'", &errors) < 0) {
        return VALUE_NULL;
    }
    return f(args[0], encoding == NULL ? "utf-8" : encoding, errors);
}

static Value codecs_encode(Value self, const Value *args)
{
    return transform(args, "encode", codec_encode);
}
static Value codecs_decode(Value self, const Value *args)
{
    return transform(args, "decode", codec_decode);
}

/* ---- Decoders: (data, errors=None, ...) -> (str, bytes used). */

typedef PyObject *decoder_plain(const char *, Py_ssize_t, const char *);
typedef PyObject *decoder_partial(const char *, Py_ssize_t, const char *, Py_ssize_t *);
typedef PyObject *decoder_ordered(const char *, Py_ssize_t, const char *, int *, Py_ssize_t *);

static Value decode_plain(const Value *args, const char *fname, decoder_plain *f)
{
    struct input in;
    const char *errors;
    if (text_argument(args[1], fname, "2", &errors) < 0 || input_get(&in, args[0], false) < 0) {
        return VALUE_NULL;
    }
    Value r = pair(f(in.data, in.length, errors), in.length);
    input_release(&in);
    return r;
}

static Value decode_partial(const Value *args, const char *fname, decoder_partial *f, bool text,
                            bool final)
{
    struct input in;
    const char *errors;
    if (text_argument(args[1], fname, "2", &errors) < 0 ||
        (!value_is_absent(args[2]) && arg_bool(args[2], &final) < 0) ||
        input_get(&in, args[0], text) < 0) {
        return VALUE_NULL;
    }
    Py_ssize_t consumed = in.length;
    PyObject *s = f(in.data, in.length, errors, final ? NULL : &consumed);
    Value r = pair(s, final ? in.length : consumed);
    input_release(&in);
    return r;
}

static Value decode_ordered(const Value *args, const char *fname, decoder_ordered *f, int order)
{
    struct input in;
    const char *errors;
    bool final = false;
    if (text_argument(args[1], fname, "2", &errors) < 0 ||
        (!value_is_absent(args[2]) && arg_bool(args[2], &final) < 0) ||
        input_get(&in, args[0], false) < 0) {
        return VALUE_NULL;
    }
    Py_ssize_t consumed = in.length;
    PyObject *s = f(in.data, in.length, errors, &order, final ? NULL : &consumed);
    Value r = pair(s, final ? in.length : consumed);
    input_release(&in);
    return r;
}

static Value decode_ex(const Value *args, const char *fname, decoder_ordered *f)
{
    struct input in;
    const char *errors;
    bool final = false;
    int order = 0;
    if (text_argument(args[1], fname, "2", &errors) < 0 ||
        (!value_is_absent(args[2]) && arg_int(args[2], &order) < 0) ||
        (!value_is_absent(args[3]) && arg_bool(args[3], &final) < 0) ||
        input_get(&in, args[0], false) < 0) {
        return VALUE_NULL;
    }
    Py_ssize_t consumed = in.length;
    PyObject *s = f(in.data, in.length, errors, &order, final ? NULL : &consumed);
    input_release(&in);
    Value items[3] = {value_from_object(s), int_from_ssize(final ? in.length : consumed),
                      value_from_int(order)};
    return s == NULL ? VALUE_NULL : value_from_object(tuple_from_array(items, 3));
}

#define DECODER(name, expression)                                                                  \
    static Value name##_decode(Value self, const Value *args)                                      \
    {                                                                                              \
        return expression;                                                                         \
    }
DECODER(ascii, decode_plain(args, "ascii_decode", codec_ascii_decode))
DECODER(latin_1, decode_plain(args, "latin_1_decode", codec_latin1_decode))
DECODER(utf_8, decode_partial(args, "utf_8_decode", codec_utf8_decode, false, false))
DECODER(utf_7, decode_partial(args, "utf_7_decode", codec_utf7_decode, false, false))
DECODER(raw_unicode_escape, decode_partial(args, "raw_unicode_escape_decode",
                                           codec_raw_unicode_escape_decode, true, true))
DECODER(utf_16, decode_ordered(args, "utf_16_decode", codec_utf16_decode, 0))
DECODER(utf_16_le, decode_ordered(args, "utf_16_le_decode", codec_utf16_decode, -1))
DECODER(utf_16_be, decode_ordered(args, "utf_16_be_decode", codec_utf16_decode, 1))
DECODER(utf_16_ex, decode_ex(args, "utf_16_ex_decode", codec_utf16_decode))
DECODER(utf_32, decode_ordered(args, "utf_32_decode", codec_utf32_decode, 0))
DECODER(utf_32_le, decode_ordered(args, "utf_32_le_decode", codec_utf32_decode, -1))
DECODER(utf_32_be, decode_ordered(args, "utf_32_be_decode", codec_utf32_decode, 1))
DECODER(utf_32_ex, decode_ex(args, "utf_32_ex_decode", codec_utf32_decode))

static PyObject *unescape(const char *text, Py_ssize_t n, const char *errors, Py_ssize_t *consumed)
{
    return codec_unicode_escape_decode(text, n, errors, consumed, NULL);
}
DECODER(unicode_escape, decode_partial(args, "unicode_escape_decode", unescape, true, true))

static Value escape_decode(Value self, const Value *args)
{
    struct input in;
    const char *errors;
    if (text_argument(args[1], "escape_decode", "2", &errors) < 0 ||
        input_get(&in, args[0], true) < 0) {
        return VALUE_NULL;
    }
    Value r = pair(codec_bytes_escape_decode(in.data, in.length, errors, NULL), in.length);
    input_release(&in);
    return r;
}

static Value charmap_decode(Value self, const Value *args)
{
    struct input in;
    const char *errors;
    if (text_argument(args[1], "charmap_decode", "2", &errors) < 0 ||
        input_get(&in, args[0], false) < 0) {
        return VALUE_NULL;
    }
    Value r = pair(codec_charmap_decode(in.data, in.length, args[2], errors), in.length);
    input_release(&in);
    return r;
}

/* ---- Encoders: (str, errors=None, ...) -> (bytes, characters used). */

static PyObject *str_and_errors(const Value *args, const char *fname, const char **errors)
{
    if (!str_check(args[0])) {
        return error_raise_null(PyExc_TypeError, "%s() argument 1 must be str, not %T", fname,
                                args[0]);
    }
    return text_argument(args[1], fname, "2", errors) < 0 ? NULL : value_object(args[0]);
}

static Value encode_with(const Value *args, const char *fname,
                         PyObject *(*f)(PyObject *, const char *))
{
    const char *errors;
    PyObject *s = str_and_errors(args, fname, &errors);
    return s == NULL ? VALUE_NULL : pair(f(s, errors), str_length(s));
}

static Value encode_ordered(const Value *args, const char *fname,
                            PyObject *(*f)(PyObject *, const char *, int), int order)
{
    const char *errors;
    PyObject *s = str_and_errors(args, fname, &errors);
    return s == NULL ? VALUE_NULL : pair(f(s, errors, order), str_length(s));
}

static Value encode_bom(const Value *args, const char *fname,
                        PyObject *(*f)(PyObject *, const char *, int))
{
    int order = 0;
    if (!value_is_absent(args[2]) && arg_int(args[2], &order) < 0) {
        return VALUE_NULL;
    }
    return encode_ordered(args, fname, f, order);
}

static PyObject *escape_text(PyObject *s, const char *errors)
{
    return codec_unicode_escape_encode(s);
}
static PyObject *escape_raw(PyObject *s, const char *errors)
{
    return codec_raw_unicode_escape_encode(s);
}

#define ENCODER(name, expression)                                                                  \
    static Value name##_encode(Value self, const Value *args)                                      \
    {                                                                                              \
        return expression;                                                                         \
    }
ENCODER(ascii, encode_with(args, "ascii_encode", codec_ascii_encode))
ENCODER(latin_1, encode_with(args, "latin_1_encode", codec_latin1_encode))
ENCODER(utf_8, encode_with(args, "utf_8_encode", codec_utf8_encode))
ENCODER(utf_7, encode_with(args, "utf_7_encode", codec_utf7_encode))
ENCODER(unicode_escape, encode_with(args, "unicode_escape_encode", escape_text))
ENCODER(raw_unicode_escape, encode_with(args, "raw_unicode_escape_encode", escape_raw))
ENCODER(utf_16, encode_bom(args, "utf_16_encode", codec_utf16_encode))
ENCODER(utf_16_le, encode_ordered(args, "utf_16_le_encode", codec_utf16_encode, -1))
ENCODER(utf_16_be, encode_ordered(args, "utf_16_be_encode", codec_utf16_encode, 1))
ENCODER(utf_32, encode_bom(args, "utf_32_encode", codec_utf32_encode))
ENCODER(utf_32_le, encode_ordered(args, "utf_32_le_encode", codec_utf32_encode, -1))
ENCODER(utf_32_be, encode_ordered(args, "utf_32_be_encode", codec_utf32_encode, 1))

static Value charmap_encode(Value self, const Value *args)
{
    const char *errors;
    PyObject *s = str_and_errors(args, "charmap_encode", &errors);
    return s == NULL ? VALUE_NULL : pair(codec_charmap_encode(s, args[2], errors), str_length(s));
}

static Value charmap_build(Value self, Value map)
{
    if (!str_check(map)) {
        return error_raise(PyExc_TypeError, "charmap_build() argument must be str, not %T", map);
    }
    return value_from_object(codec_charmap_build(value_object(map)));
}

static Value escape_encode(Value self, const Value *args)
{
    if (!bytes_check(args[0])) {
        return error_raise(PyExc_TypeError, "escape_encode() argument 1 must be bytes, not %T",
                           args[0]);
    }
    PyObject *b = value_object(args[0]);
    return pair(codec_bytes_escape_encode(bytes_data(b), bytes_length(b)), bytes_length(b));
}

static Value readbuffer_encode(Value self, const Value *args)
{
    struct input in;
    if (input_get(&in, args[0], true) < 0) {
        return VALUE_NULL;
    }
    Value r = pair(bytes_new(in.data, in.length), in.length);
    input_release(&in);
    return r;
}

#define DECODE_SIGNATURE "($module, data, errors=None, /)"
#define PARTIAL_SIGNATURE "($module, data, errors=None, final=False, /)"
#define FINAL_SIGNATURE "($module, data, errors=None, final=True, /)"
#define EX_SIGNATURE "($module, data, errors=None, byteorder=0, final=False,\n                 /)"
#define ENCODE_SIGNATURE "($module, str, errors=None, /)"
#define BOM_SIGNATURE "($module, str, errors=None, byteorder=0, /)"

static const struct native_def functions[] = {
    {"register", "($module, search_function, /)", "Adds a function that finds codecs by name.",
     .f1 = codecs_register},
    {"unregister", "($module, search_function, /)", "Removes a function that register() added.",
     .f1 = codecs_unregister},
    {"lookup", "($module, encoding, /)", "The CodecInfo of an encoding.", .f1 = codecs_lookup},
    {"encode", "($module, /, obj, encoding='utf-8', errors='strict')",
     "Encodes the object by the codec of that name.", .n = codecs_encode},
    {"decode", "($module, /, obj, encoding='utf-8', errors='strict')",
     "Decodes the object by the codec of that name.", .n = codecs_decode},
    {"register_error", "($module, errors, handler, /)",
     "Makes a function known as an error handler.", .n = codecs_register_error},
    {"lookup_error", "($module, name, /)", "The error handler of that name.",
     .f1 = codecs_lookup_error},
    {"ascii_decode", DECODE_SIGNATURE, .n = ascii_decode},
    {"ascii_encode", ENCODE_SIGNATURE, .n = ascii_encode},
    {"charmap_build", "($module, map, /)", "A table for encoding, from one for decoding.",
     .f1 = charmap_build},
    {"charmap_decode", "($module, data, errors=None, mapping=None, /)",
     "Decodes by a table of characters.", .n = charmap_decode},
    {"charmap_encode", "($module, str, errors=None, mapping=None, /)",
     "Encodes by a table of characters.", .n = charmap_encode},
    {"escape_decode", DECODE_SIGNATURE, .n = escape_decode},
    {"escape_encode", DECODE_SIGNATURE, .n = escape_encode},
    {"latin_1_decode", DECODE_SIGNATURE, .n = latin_1_decode},
    {"latin_1_encode", ENCODE_SIGNATURE, .n = latin_1_encode},
    {"raw_unicode_escape_decode", FINAL_SIGNATURE, .n = raw_unicode_escape_decode},
    {"raw_unicode_escape_encode", ENCODE_SIGNATURE, .n = raw_unicode_escape_encode},
    {"readbuffer_encode", DECODE_SIGNATURE, .n = readbuffer_encode},
    {"unicode_escape_decode", FINAL_SIGNATURE, .n = unicode_escape_decode},
    {"unicode_escape_encode", ENCODE_SIGNATURE, .n = unicode_escape_encode},
    {"utf_16_be_decode", PARTIAL_SIGNATURE, .n = utf_16_be_decode},
    {"utf_16_be_encode", ENCODE_SIGNATURE, .n = utf_16_be_encode},
    {"utf_16_decode", PARTIAL_SIGNATURE, .n = utf_16_decode},
    {"utf_16_encode", BOM_SIGNATURE, .n = utf_16_encode},
    {"utf_16_ex_decode", EX_SIGNATURE, .n = utf_16_ex_decode},
    {"utf_16_le_decode", PARTIAL_SIGNATURE, .n = utf_16_le_decode},
    {"utf_16_le_encode", ENCODE_SIGNATURE, .n = utf_16_le_encode},
    {"utf_32_be_decode", PARTIAL_SIGNATURE, .n = utf_32_be_decode},
    {"utf_32_be_encode", ENCODE_SIGNATURE, .n = utf_32_be_encode},
    {"utf_32_decode", PARTIAL_SIGNATURE, .n = utf_32_decode},
    {"utf_32_encode", BOM_SIGNATURE, .n = utf_32_encode},
    {"utf_32_ex_decode", EX_SIGNATURE, .n = utf_32_ex_decode},
    {"utf_32_le_decode", PARTIAL_SIGNATURE, .n = utf_32_le_decode},
    {"utf_32_le_encode", ENCODE_SIGNATURE, .n = utf_32_le_encode},
    {"utf_7_decode", PARTIAL_SIGNATURE, .n = utf_7_decode},
    {"utf_7_encode", ENCODE_SIGNATURE, .n = utf_7_encode},
    {"utf_8_decode", PARTIAL_SIGNATURE, .n = utf_8_decode},
    {"utf_8_encode", ENCODE_SIGNATURE, .n = utf_8_encode},
    {NULL},
};

const struct module_def codecs_module = {"_codecs", NULL, functions, NULL};
