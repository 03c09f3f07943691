/* SPDX-License-Identifier: MIT */
/* The registry of codecs: search functions, the cache of what they found, error handlers; and
 * encoding and decoding by name.
 *
 * The three containers are made once and never replaced; they are a list and dicts that threads
 * share as any list and dict. The package `encodings` is imported when a codec is first looked up:
 * the encodings that C code knows do not need it. */
#include "object/codec_int.h"
#include "object/dict.h"
#include "object/exception.h"
#include "object/iterator.h"
#include "object/list.h"
#include "object/native.h"
#include "object/unicode_data.h"

static PyObject *search_path;       /* atomic; a list */
static PyObject *search_cache;      /* atomic; normalised name -> CodecInfo */
static PyObject *error_registry;    /* atomic; name -> handler */
static uint32_t encodings_imported; /* atomic */

/* Publishes a fresh container in the slot, unless another thread was faster. */
static PyObject *publish(PyObject **slot, PyObject *fresh)
{
    PyObject *found = NULL;
    if (fresh == NULL) {
        return NULL;
    }
    return atomic_cas_acq_rel(slot, found, fresh) ? fresh : found;
}

void codec_forget_searches(void)
{
    atomic_store_relaxed(&search_path, NULL);
    atomic_store_relaxed(&search_cache, NULL);
}

static PyObject *get_search_path(void)
{
    PyObject *list = atomic_load_acquire(&search_path);
    return list != NULL ? list : publish(&search_path, list_new(0));
}

static PyObject *get_search_cache(void)
{
    PyObject *dict = atomic_load_acquire(&search_cache);
    return dict != NULL ? dict : publish(&search_cache, dict_new());
}

static PyObject *make_error_registry(void)
{
    static const char *const names_in_order[] = {
        "strict",      "ignore",          "replace",       "backslashreplace", "xmlcharrefreplace",
        "namereplace", "surrogateescape", "surrogatepass",
    };
    PyObject *dict = dict_new();
    for (size_t i = 0; dict != NULL && codec_error_functions[i].name != NULL; i++) {
        PyObject *f = native_function_new(&codec_error_functions[i], VALUE_NULL, NULL);
        PyObject *name = str_intern_text(names_in_order[i]);
        if (f == NULL || name == NULL || dict_set_str(dict, name, value_from_object(f)) < 0) {
            return NULL;
        }
    }
    return dict;
}

static PyObject *get_error_registry(void)
{
    PyObject *dict = atomic_load_acquire(&error_registry);
    return dict != NULL ? dict : publish(&error_registry, make_error_registry());
}

int codec_init(void)
{
    return get_search_path() == NULL || get_search_cache() == NULL || get_error_registry() == NULL
               ? -1
               : 0;
}

/* ---- Search. */

int codec_register(Value search_function)
{
    if (!object_is_callable(search_function)) {
        return error_raise_int(PyExc_TypeError, "argument must be callable");
    }
    PyObject *path = get_search_path();
    return path == NULL ? -1 : list_append(path, search_function);
}

int codec_unregister(Value search_function)
{
    PyObject *path = get_search_path(), *cache = get_search_cache();
    if (path == NULL || cache == NULL) {
        return -1;
    }
    for (Py_ssize_t i = 0; i < list_length(path); i++) {
        if (value_same_bits(list_find(path, i), search_function)) {
            dict_clear(cache);
            return list_set_slice(path, i, i + 1, VALUE_ABSENT);
        }
    }
    return 0;
}

/* Letters and digits in lower case, '.' kept, everything between runs as one underscore. */
static PyObject *normalize(const char *encoding)
{
    struct str_builder b;
    str_builder_init(&b);
    bool punctuation = false;
    for (const char *p = encoding; *p; p++) {
        unsigned char c = (unsigned char)*p;
        if (!ascii_is_alnum(c) && c != '.') {
            punctuation = true;
            continue;
        }
        if ((punctuation && b.length > 0 && str_builder_char(&b, '_') < 0) ||
            str_builder_char(&b, ascii_to_lower(c)) < 0) {
            return NULL;
        }
        punctuation = false;
    }
    return str_builder_finish(&b);
}

static int import_encodings(void)
{
    if (atomic_load_acquire(&encodings_imported)) {
        return 0;
    }
    Value import = builtin_function("__import__");
    PyObject *name = str_intern_text("encodings");
    if (value_is_null(import) || name == NULL) {
        return -1;
    }
    if (value_is_null(object_call1(import, value_from_object(name)))) {
        return -1;
    }
    atomic_store_release(&encodings_imported, 1);
    return 0;
}

Value codec_lookup(const char *encoding)
{
    PyObject *name = normalize(encoding), *cache = get_search_cache(), *path = get_search_path();
    if (name == NULL || cache == NULL || path == NULL) {
        return VALUE_NULL;
    }
    name = str_intern(name);
    Value found = dict_get_str(cache, name);
    if (!value_is_absent(found)) {
        return found;
    }
    if (import_encodings() < 0) {
        return VALUE_NULL;
    }
    for (Py_ssize_t i = 0; i < list_length(path); i++) {
        found = object_call1(list_find(path, i), value_from_object(name));
        if (value_is_null(found)) {
            return VALUE_NULL;
        }
        if (value_is_none(found)) {
            continue;
        }
        if (!tuple_check(found) || tuple_length(value_object(found)) != 4) {
            return error_raise(PyExc_TypeError, "codec search functions must return 4-tuples");
        }
        return dict_set_str(cache, name, found) < 0 ? VALUE_NULL : found;
    }
    return error_raise(PyExc_LookupError, "unknown encoding: %s", encoding);
}

/* ---- Error handlers. */

int codec_register_error(PyObject *name, Value handler)
{
    if (!object_is_callable(handler)) {
        return error_raise_int(PyExc_TypeError, "handler must be callable");
    }
    PyObject *registry = get_error_registry();
    return registry == NULL ? -1 : dict_set(registry, value_from_object(name), handler);
}

Value codec_lookup_error(const char *name)
{
    PyObject *registry = get_error_registry();
    PyObject *key = str_from_text(name == NULL ? "strict" : name);
    if (registry == NULL || key == NULL) {
        return VALUE_NULL;
    }
    Value found = dict_get(registry, value_from_object(key));
    if (value_is_absent(found)) {
        return error_raise(PyExc_LookupError, "unknown error handler name '%s'", name);
    }
    return found;
}

/* ---- Any codecs. */

/* No state in C and no __slots__ beyond those of Exception. */
static bool is_plain_layout(PyTypeObject *type)
{
    for (; type_info(type)->flags & TYPE_PYTHON; type = type->tp_base) {
        if (type_info(type)->slots_count > 0) {
            return false;
        }
    }
    return type->tp_basicsize == ((PyTypeObject *)PyExc_Exception)->tp_basicsize;
}

static bool has_no_attributes(PyObject *e)
{
    PyObject *dict = object_dict(e);
    return dict == NULL || dict_length(dict) == 0;
}

/* An exception without state of its own gets replaced by one that names the codec. */
static Value explain_failure(const char *operation, const char *encoding)
{
    PyObject *e = error_take();
    PyTypeObject *type = e->ob_type;
    PyBaseExceptionObject *base = (PyBaseExceptionObject *)e;
    bool plain_args = base->args == NULL || tuple_length(base->args) == 0 ||
                      (tuple_length(base->args) == 1 && str_check(tuple_get(base->args, 0)));
    bool plain = is_plain_layout(type) && has_no_attributes(e) &&
                 type_ops(type)->new_ == type_ops((PyTypeObject *)PyExc_Exception)->new_ &&
                 type_ops(type)->init == type_ops((PyTypeObject *)PyExc_Exception)->init;
    error_restore(e);
    if (!plain || !plain_args) {
        return VALUE_NULL;
    }
    PyObject *text = object_str(value_from_object(e));
    if (text == NULL) {
        return VALUE_NULL;
    }
    return error_raise_from_current((PyObject *)type, "%s with '%s' codec failed (%s: %U)",
                                    operation, encoding, type_short_name(type), text);
}

static Value call_codec(Value codec, int index, Value object, const char *encoding,
                        const char *errors)
{
    Value args[2] = {object, VALUE_NULL};
    if (errors != NULL) {
        PyObject *text = str_from_text(errors);
        if (text == NULL) {
            return VALUE_NULL;
        }
        args[1] = value_from_object(text);
    }
    Value function = tuple_get(value_object(codec), index);
    Value result = object_call(function, args, errors == NULL ? 1 : 2, NULL);
    if (value_is_null(result)) {
        return explain_failure(index == 0 ? "encoding" : "decoding", encoding);
    }
    if (!tuple_check(result) || tuple_length(value_object(result)) != 2) {
        return error_raise(PyExc_TypeError, index == 0
                                                ? "encoder must return a tuple (object, integer)"
                                                : "decoder must return a tuple (object,integer)");
    }
    return tuple_get(value_object(result), 0);
}

Value codec_encode(Value object, const char *encoding, const char *errors)
{
    Value codec = codec_lookup(encoding);
    return value_is_null(codec) ? codec : call_codec(codec, 0, object, encoding, errors);
}

Value codec_decode(Value object, const char *encoding, const char *errors)
{
    Value codec = codec_lookup(encoding);
    return value_is_null(codec) ? codec : call_codec(codec, 1, object, encoding, errors);
}

/* ---- Text encodings. */

enum known_encoding { KNOWN_NONE, KNOWN_UTF8, KNOWN_LATIN1, KNOWN_ASCII, KNOWN_UTF16, KNOWN_UTF32 };

static enum known_encoding known_encoding(const char *encoding)
{
    static const struct {
        const char *name;
        enum known_encoding known;
    } table[] = {
        {"utf_8", KNOWN_UTF8},     {"utf8", KNOWN_UTF8},         {"latin1", KNOWN_LATIN1},
        {"latin_1", KNOWN_LATIN1}, {"iso_8859_1", KNOWN_LATIN1}, {"iso8859_1", KNOWN_LATIN1},
        {"ascii", KNOWN_ASCII},    {"us_ascii", KNOWN_ASCII},    {"utf_16", KNOWN_UTF16},
        {"utf16", KNOWN_UTF16},    {"utf_32", KNOWN_UTF32},      {"utf32", KNOWN_UTF32},
    };
    char name[16];
    size_t n = 0;
    for (; encoding[n] != '\0'; n++) {
        unsigned char c = (unsigned char)encoding[n];
        if (n == sizeof name - 1) {
            return KNOWN_NONE;
        }
        name[n] = c == '-' || c == ' ' ? '_' : (char)ascii_to_lower(c);
    }
    name[n] = '\0';
    for (size_t i = 0; i < sizeof table / sizeof *table; i++) {
        if (strcmp(table[i].name, name) == 0) {
            return table[i].known;
        }
    }
    return KNOWN_NONE;
}

bool codec_check_names;

static int check_names(const char *encoding, enum known_encoding known, const char *errors)
{
    if (known == KNOWN_NONE && value_is_null(codec_lookup(encoding))) {
        return -1;
    }
    return errors != NULL && value_is_null(codec_lookup_error(errors)) ? -1 : 0;
}

/* The codec, if it is marked as a text encoding. */
static Value lookup_text(const char *encoding, const char *alternative)
{
    static PyObject *mark; /* atomic */
    Value codec = codec_lookup(encoding);
    if (value_is_null(codec) || tuple_check_exact(codec)) {
        return codec;
    }
    PyObject *name = atomic_load_acquire(&mark);
    if (name == NULL) {
        name = publish(&mark, str_intern_text("_is_text_encoding"));
    }
    Value is_text;
    int found = object_find_attr(codec, name, &is_text);
    int truth = found > 0 ? object_truth(is_text) : found < 0 ? -1 : 1;
    if (truth < 0) {
        return VALUE_NULL;
    }
    if (truth == 0) {
        return error_raise(PyExc_LookupError,
                           "'%.400s' is not a text encoding; use %s to handle arbitrary codecs",
                           encoding, alternative);
    }
    return codec;
}

static PyObject *encode_by_lookup(PyObject *s, const char *encoding, const char *errors)
{
    Value codec = lookup_text(encoding, "codecs.encode()");
    if (value_is_null(codec)) {
        return NULL;
    }
    Value v = call_codec(codec, 0, value_from_object(s), encoding, errors);
    if (value_is_null(v) || bytes_check(v)) {
        return value_object(v);
    }
    if (bytearray_check(v)) {
        if (error_warn(PyExc_RuntimeWarning, 1,
                       "encoder %s returned bytearray instead of bytes; "
                       "use codecs.encode() to encode to arbitrary types",
                       encoding) < 0) {
            return NULL;
        }
        return bytes_from_value(v);
    }
    return error_raise_null(PyExc_TypeError,
                            "'%.400s' encoder returned '%T' instead of 'bytes'; use "
                            "codecs.encode() to encode to arbitrary types",
                            encoding, v);
}

PyObject *codec_encode_text(PyObject *s, const char *encoding, const char *errors)
{
    enum known_encoding known = encoding == NULL ? KNOWN_UTF8 : known_encoding(encoding);
    if (UNLIKELY(codec_check_names) && check_names(encoding, known, errors) < 0) {
        return NULL;
    }
    switch (known) {
    case KNOWN_UTF8: return codec_utf8_encode(s, errors);
    case KNOWN_LATIN1: return codec_latin1_encode(s, errors);
    case KNOWN_ASCII: return codec_ascii_encode(s, errors);
    case KNOWN_UTF16: return codec_utf16_encode(s, errors, 0);
    case KNOWN_UTF32: return codec_utf32_encode(s, errors, 0);
    default: return encode_by_lookup(s, encoding, errors);
    }
}

static PyObject *decode_by_lookup(Value buffer, const char *encoding, const char *errors)
{
    Value codec = lookup_text(encoding, "codecs.decode()");
    if (value_is_null(codec)) {
        return NULL;
    }
    Value v = call_codec(codec, 1, buffer, encoding, errors);
    if (value_is_null(v) || str_check(v)) {
        return value_object(v);
    }
    return error_raise_null(PyExc_TypeError,
                            "'%.400s' decoder returned '%T' instead of 'str'; use "
                            "codecs.decode() to decode to arbitrary types",
                            encoding, v);
}

static PyObject *decode_known(enum known_encoding known, const char *data, Py_ssize_t n,
                              const char *errors)
{
    int byteorder = 0;
    switch (known) {
    case KNOWN_UTF8: return codec_utf8_decode(data, n, errors, NULL);
    case KNOWN_LATIN1: return codec_latin1_decode(data, n, errors);
    case KNOWN_ASCII: return codec_ascii_decode(data, n, errors);
    case KNOWN_UTF16: return codec_utf16_decode(data, n, errors, &byteorder, NULL);
    default: return codec_utf32_decode(data, n, errors, &byteorder, NULL);
    }
}

PyObject *codec_decode_text(Value buffer, const char *encoding, const char *errors)
{
    enum known_encoding known = encoding == NULL ? KNOWN_UTF8 : known_encoding(encoding);
    if (UNLIKELY(codec_check_names) && check_names(encoding, known, errors) < 0) {
        return NULL;
    }
    if (bytes_check(buffer) && bytes_length(value_object(buffer)) == 0) {
        return str_empty();
    }
    if (known != KNOWN_NONE && bytes_check(buffer)) {
        PyObject *b = value_object(buffer);
        return decode_known(known, bytes_data(b), bytes_length(b), errors);
    }
    Py_buffer view;
    if (object_get_buffer(buffer, &view, PyBUF_SIMPLE) < 0) {
        return NULL;
    }
    PyObject *s;
    if (view.len == 0) {
        s = str_empty();
    } else if (known != KNOWN_NONE) {
        s = decode_known(known, view.buf, view.len, errors);
    } else {
        PyObject *copy = bytes_new(view.buf, view.len);
        PyObject *memory = copy == NULL ? NULL : memoryview_new(value_from_object(copy));
        s = memory == NULL ? NULL : decode_by_lookup(value_from_object(memory), encoding, errors);
    }
    object_release_buffer(&view);
    return s;
}
