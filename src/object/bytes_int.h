/* SPDX-License-Identifier: MIT */
/* Inside bytes and bytearray: what both share. A bytearray's data is looked at through a snapshot:
 * the memory stays valid whatever other threads do to the bytearray meanwhile. */
#ifndef OROCHI_OBJECT_BYTES_INT_H
#define OROCHI_OBJECT_BYTES_INT_H

#include "object/bytes.h"
#include "object/native.h"
#include "thread/lock.h"

struct byte_span {
    const char *data;
    Py_ssize_t length;
};

/* A bytearray's storage: ob_bytes points to its data. */
struct byte_store {
    size_t capacity; /* constant; one more byte is there for the NUL */
    char data[];
};

static inline uint8_t *bytearray_byte_lock(PyObject *b)
{
    return (uint8_t *)&((PyByteArrayObject *)b)->ob_alloc;
}
static inline struct byte_span bytearray_span(PyObject *b)
{
    PyByteArrayObject *a = (PyByteArrayObject *)b;
    byte_lock(bytearray_byte_lock(b));
    struct byte_span span = {a->ob_start, a->ob_base.ob_size};
    byte_unlock(bytearray_byte_lock(b));
    return span;
}
/* self is a bytes or a bytearray. */
static inline struct byte_span span_of(Value self)
{
    PyObject *o = value_object(self);
    if (LIKELY(type_has_feature(o->ob_type, Py_TPFLAGS_BYTES_SUBCLASS))) {
        return (struct byte_span){bytes_data(o), bytes_length(o)};
    }
    return bytearray_span(o);
}

/* An argument with a buffer; release afterwards. */
struct byte_argument {
    const char *data;
    Py_ssize_t length;
    Py_buffer view;
    bool held;
};
/* 0 or -1 with "a bytes-like object is required, not 'X'". */
int byte_argument_get(struct byte_argument *a, Value v);
void byte_argument_release(struct byte_argument *a);

/* A new object of self's kind (bytes or bytearray) with the data. */
PyObject *bytes_like_new(Value self, const char *data, Py_ssize_t length);
PyObject *bytes_find_char_cached(unsigned char c);
/* v.hex(sep, bytes_per_sep) of any bytes. */
PyObject *bytes_hex(const char *data, Py_ssize_t n, Value separator, Value group_value);
/* v as a byte: "byte must be in range(0, 256)"; -1 on error. */
int byte_from_value(Value v);
/* Fills the builder from an iterable of ints. */
int bytes_builder_extend(struct bytes_builder *b, Value iterable, const char *range_message);

/* encoding and errors of bytes() and bytearray(), checked against the source a[0]. 0 or -1. */
int bytes_encoding_arguments(const Value *a, const char *type_name, const char **encoding,
                             const char **errors);
Value bytes_concat_values(Value a, Value b);
Value bytes_subscript(Value self, Value key, const char *name);
Value bytes_richcompare(Value self, Value other, int op);
int bytes_contains(Value self, Value key);
Value bytes_repeat_value(Value self, Value count);
/* bytes % args; the result as bytes. */
PyObject *bytes_percent(struct byte_span format, Value args);

/* The methods that bytes and bytearray have in common; rows of a native_def table. */
#define BYTES_METHOD_FUNCTION(name) Value bytes_method_##name(Value self, const Value *args);
BYTES_METHOD_FUNCTION(center)
BYTES_METHOD_FUNCTION(decode)
BYTES_METHOD_FUNCTION(expandtabs)
BYTES_METHOD_FUNCTION(fromhex)
BYTES_METHOD_FUNCTION(hex)
BYTES_METHOD_FUNCTION(join)
BYTES_METHOD_FUNCTION(ljust)
BYTES_METHOD_FUNCTION(lstrip)
BYTES_METHOD_FUNCTION(maketrans)
BYTES_METHOD_FUNCTION(partition)
BYTES_METHOD_FUNCTION(removeprefix)
BYTES_METHOD_FUNCTION(removesuffix)
BYTES_METHOD_FUNCTION(replace)
BYTES_METHOD_FUNCTION(rjust)
BYTES_METHOD_FUNCTION(rpartition)
BYTES_METHOD_FUNCTION(rsplit)
BYTES_METHOD_FUNCTION(rstrip)
BYTES_METHOD_FUNCTION(split)
BYTES_METHOD_FUNCTION(splitlines)
BYTES_METHOD_FUNCTION(strip)
BYTES_METHOD_FUNCTION(translate)
BYTES_METHOD_FUNCTION(zfill)
#undef BYTES_METHOD_FUNCTION
#define BYTES_SEARCH_FUNCTION(name)                                                                \
    Value bytes_method_##name(Value self, const Value *given, size_t nargs, PyObject *kwnames);
BYTES_SEARCH_FUNCTION(count)
BYTES_SEARCH_FUNCTION(endswith)
BYTES_SEARCH_FUNCTION(find)
BYTES_SEARCH_FUNCTION(index)
BYTES_SEARCH_FUNCTION(rfind)
BYTES_SEARCH_FUNCTION(rindex)
BYTES_SEARCH_FUNCTION(startswith)
#undef BYTES_SEARCH_FUNCTION
Value bytes_method_capitalize(Value self);
Value bytes_method_isalnum(Value self);
Value bytes_method_isalpha(Value self);
Value bytes_method_isascii(Value self);
Value bytes_method_isdigit(Value self);
Value bytes_method_islower(Value self);
Value bytes_method_isspace(Value self);
Value bytes_method_istitle(Value self);
Value bytes_method_isupper(Value self);
Value bytes_method_lower(Value self);
Value bytes_method_swapcase(Value self);
Value bytes_method_title(Value self);
Value bytes_method_upper(Value self);

#define BYTES_COMMON_METHODS                                                                       \
    {"capitalize", "($self, /)", .f0 = bytes_method_capitalize},                                   \
        {"center", "($self, width, fillchar=b' ', /)", .n = bytes_method_center},                  \
        {"count", NULL, .raw = bytes_method_count},                                                \
        {"decode", "($self, /, encoding='utf-8', errors='strict')", .n = bytes_method_decode},     \
        {"endswith", NULL, .raw = bytes_method_endswith},                                          \
        {"expandtabs", "($self, /, tabsize=8)", .n = bytes_method_expandtabs},                     \
        {"find", NULL, .raw = bytes_method_find},                                                  \
        {"fromhex", "($type, string, /)", .n = bytes_method_fromhex, .flags = NATIVE_CLASS},       \
        {"hex", "($self, /, sep=<unrepresentable>, bytes_per_sep=1)", .n = bytes_method_hex},      \
        {"index", NULL, .raw = bytes_method_index},                                                \
        {"isalnum", "($self, /)", .f0 = bytes_method_isalnum},                                     \
        {"isalpha", "($self, /)", .f0 = bytes_method_isalpha},                                     \
        {"isascii", "($self, /)", .f0 = bytes_method_isascii},                                     \
        {"isdigit", "($self, /)", .f0 = bytes_method_isdigit},                                     \
        {"islower", "($self, /)", .f0 = bytes_method_islower},                                     \
        {"isspace", "($self, /)", .f0 = bytes_method_isspace},                                     \
        {"istitle", "($self, /)", .f0 = bytes_method_istitle},                                     \
        {"isupper", "($self, /)", .f0 = bytes_method_isupper},                                     \
        {"join", "($self, iterable_of_bytes, /)", .n = bytes_method_join},                         \
        {"ljust", "($self, width, fillchar=b' ', /)", .n = bytes_method_ljust},                    \
        {"lower", "($self, /)", .f0 = bytes_method_lower},                                         \
        {"lstrip", "($self, bytes=None, /)", .n = bytes_method_lstrip},                            \
        {"maketrans", "(frm, to, /)", .n = bytes_method_maketrans, .flags = NATIVE_STATIC},        \
        {"partition", "($self, sep, /)", .n = bytes_method_partition},                             \
        {"removeprefix", "($self, prefix, /)", .n = bytes_method_removeprefix},                    \
        {"removesuffix", "($self, suffix, /)", .n = bytes_method_removesuffix},                    \
        {"replace", "($self, old, new, count=-1, /)", .n = bytes_method_replace},                  \
        {"rfind", NULL, .raw = bytes_method_rfind}, {"rindex", NULL, .raw = bytes_method_rindex},  \
        {"rjust", "($self, width, fillchar=b' ', /)", .n = bytes_method_rjust},                    \
        {"rpartition", "($self, sep, /)", .n = bytes_method_rpartition},                           \
        {"rsplit", "($self, /, sep=None, maxsplit=-1)", .n = bytes_method_rsplit},                 \
        {"rstrip", "($self, bytes=None, /)", .n = bytes_method_rstrip},                            \
        {"split", "($self, /, sep=None, maxsplit=-1)", .n = bytes_method_split},                   \
        {"splitlines", "($self, /, keepends=False)", .n = bytes_method_splitlines},                \
        {"startswith", NULL, .raw = bytes_method_startswith},                                      \
        {"strip", "($self, bytes=None, /)", .n = bytes_method_strip},                              \
        {"swapcase", "($self, /)", .f0 = bytes_method_swapcase},                                   \
        {"title", "($self, /)", .f0 = bytes_method_title},                                         \
        {"translate", "($self, table, /, delete=b'')", .n = bytes_method_translate},               \
        {"upper", "($self, /)", .f0 = bytes_method_upper},                                         \
    {                                                                                              \
        "zfill", "($self, width, /)", .n = bytes_method_zfill                                      \
    }

#endif
