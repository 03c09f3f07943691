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
    size_t seen;     /* while extensions may look: so many bytes there were, and stay behind
                      * ob_start; under the byte lock */
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

/* str(self) where the options -b and -bb want to be told: 0, or -1 if it became an exception. */
int bytes_warn_str(Value self);

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
    {"capitalize", "($self, /)",                                                                   \
     "A copy with the first letter in upper case and the rest in lower case; ASCII only.",         \
     .f0 = bytes_method_capitalize},                                                               \
        {"center", "($self, width, fillchar=b' ', /)", "A copy in the middle of width bytes.",     \
         .n = bytes_method_center},                                                                \
        {"count", NULL, "How often sub, or a byte of this value, occurs without overlaps.",        \
         .raw = bytes_method_count},                                                               \
        {"decode", "($self, /, encoding='utf-8', errors='strict')",                                \
         "The bytes as text, by an encoding.", .n = bytes_method_decode},                          \
        {"endswith", NULL, "Do they end with suffix, or with one of a tuple?",                     \
         .raw = bytes_method_endswith},                                                            \
        {"expandtabs", "($self, /, tabsize=8)", "A copy with tabs replaced by spaces.",            \
         .n = bytes_method_expandtabs},                                                            \
        {"find", NULL, "Where sub, or a byte of this value, occurs first; -1 if it does not.",     \
         .raw = bytes_method_find},                                                                \
        {"fromhex", "($type, string, /)", "Bytes from pairs of hexadecimal digits.",               \
         .n = bytes_method_fromhex, .flags = NATIVE_CLASS},                                        \
        {"hex", "($self, /, sep=<unrepresentable>, bytes_per_sep=1)",                              \
         "The bytes in hexadecimal digits, separated by sep if it is given.",                      \
         .n = bytes_method_hex},                                                                   \
        {"index", NULL,                                                                            \
         "Where sub, or a byte of this value, occurs first; ValueError if it does not.",           \
         .raw = bytes_method_index},                                                               \
        {"isalnum", "($self, /)", "Are all bytes ASCII letters or digits, and is there one?",      \
         .f0 = bytes_method_isalnum},                                                              \
        {"isalpha", "($self, /)", "Are all bytes ASCII letters, and is there one?",                \
         .f0 = bytes_method_isalpha},                                                              \
        {"isascii", "($self, /)", "Are all bytes ASCII?", .f0 = bytes_method_isascii},             \
        {"isdigit", "($self, /)", "Are all bytes ASCII digits, and is there one?",                 \
         .f0 = bytes_method_isdigit},                                                              \
        {"islower", "($self, /)", "Is there a letter, and none of them in upper case?",            \
         .f0 = bytes_method_islower},                                                              \
        {"isspace", "($self, /)", "Are all bytes ASCII white space, and is there one?",            \
         .f0 = bytes_method_isspace},                                                              \
        {"istitle", "($self, /)", "Does each word begin in upper case and go on in lower case?",   \
         .f0 = bytes_method_istitle},                                                              \
        {"isupper", "($self, /)", "Is there a letter, and none of them in lower case?",            \
         .f0 = bytes_method_isupper},                                                              \
        {"join", "($self, iterable_of_bytes, /)",                                                  \
         "The items of an iterable, with these bytes between them.", .n = bytes_method_join},      \
        {"ljust", "($self, width, fillchar=b' ', /)", "A copy at the left of width bytes.",        \
         .n = bytes_method_ljust},                                                                 \
        {"lower", "($self, /)", "A copy in lower case; ASCII only.", .f0 = bytes_method_lower},    \
        {"lstrip", "($self, bytes=None, /)",                                                       \
         "A copy without these bytes, or white space, at the left.", .n = bytes_method_lstrip},    \
        {"maketrans", "(frm, to, /)", "A table for translate(), of 256 bytes.",                    \
         .n = bytes_method_maketrans, .flags = NATIVE_STATIC},                                     \
        {"partition", "($self, sep, /)",                                                           \
         "The bytes before the first separator, the separator, and the rest.",                     \
         .n = bytes_method_partition},                                                             \
        {"removeprefix", "($self, prefix, /)", "A copy without this beginning, if it has it.",     \
         .n = bytes_method_removeprefix},                                                          \
        {"removesuffix", "($self, suffix, /)", "A copy without this end, if it has it.",           \
         .n = bytes_method_removesuffix},                                                          \
        {"replace", "($self, old, new, count=-1, /)",                                              \
         "A copy with old replaced by new, at most count times if it is not -1.",                  \
         .n = bytes_method_replace},                                                               \
        {"rfind", NULL, "Where sub, or a byte of this value, occurs last; -1 if it does not.",     \
         .raw = bytes_method_rfind},                                                               \
        {"rindex", NULL,                                                                           \
         "Where sub, or a byte of this value, occurs last; ValueError if it does not.",            \
         .raw = bytes_method_rindex},                                                              \
        {"rjust", "($self, width, fillchar=b' ', /)", "A copy at the right of width bytes.",       \
         .n = bytes_method_rjust},                                                                 \
        {"rpartition", "($self, sep, /)",                                                          \
         "The bytes before the last separator, the separator, and the rest.",                      \
         .n = bytes_method_rpartition},                                                            \
        {"rsplit", "($self, /, sep=None, maxsplit=-1)", "As split, beginning at the end.",         \
         .n = bytes_method_rsplit},                                                                \
        {"rstrip", "($self, bytes=None, /)",                                                       \
         "A copy without these bytes, or white space, at the right.", .n = bytes_method_rstrip},   \
        {"split", "($self, /, sep=None, maxsplit=-1)",                                             \
         "The pieces between separators, splitting at most maxsplit times.",                       \
         .n = bytes_method_split},                                                                 \
        {"splitlines", "($self, /, keepends=False)",                                               \
         "The lines, with their ends if keepends is true.", .n = bytes_method_splitlines},         \
        {"startswith", NULL, "Do they begin with prefix, or with one of a tuple?",                 \
         .raw = bytes_method_startswith},                                                          \
        {"strip", "($self, bytes=None, /)",                                                        \
         "A copy without these bytes, or white space, at both ends.", .n = bytes_method_strip},    \
        {"swapcase", "($self, /)", "A copy with upper and lower case exchanged; ASCII only.",      \
         .f0 = bytes_method_swapcase},                                                             \
        {"title", "($self, /)", "A copy in which each word begins in upper case; ASCII only.",     \
         .f0 = bytes_method_title},                                                                \
        {"translate", "($self, table, /, delete=b'')",                                             \
         "A copy without the bytes of delete, the others replaced by a table's.",                  \
         .n = bytes_method_translate},                                                             \
        {"upper", "($self, /)", "A copy in upper case; ASCII only.", .f0 = bytes_method_upper},    \
    {                                                                                              \
        "zfill", "($self, width, /)",                                                              \
            "A copy with zeros put in at the left, behind a sign, to a width.",                    \
            .n = bytes_method_zfill                                                                \
    }

#endif
