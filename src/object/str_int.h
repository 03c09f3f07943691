/* SPDX-License-Identifier: MIT */
/* Inside the files of str: layout, scanning of characters, and helpers between them. */
#ifndef OROCHI_OBJECT_STR_INT_H
#define OROCHI_OBJECT_STR_INT_H

#include "object/str.h"

/* Exact strs that are not compact share an append-only buffer with others: see str_concat. */
struct concat_buffer {
    size_t used;     /* atomic: characters taken by the longest string; grows */
    size_t capacity; /* constant: characters there is room for */
    char data[];
};

/* The state of an exact, compact str. */
static inline void str_set_state(PyObject *s, int kind, bool ascii)
{
    unsigned state =
        (unsigned)kind << STR_KIND_SHIFT | STR_COMPACT | STR_READY | (ascii ? STR_ASCII : 0);
    memcpy(&((PyASCIIObject *)s)->state, &state, sizeof state);
}
static inline bool str_is_compact(const PyObject *s)
{
    return (str_state(s) & STR_COMPACT) != 0;
}
static inline bool str_is_shared_tail(const PyObject *s)
{
    return !str_is_compact(s) && s->ob_type == &PyUnicode_Type;
}
/* An upper bound of the characters, by layout. */
static inline Py_UCS4 str_max_char_bound(const PyObject *s)
{
    if (str_is_ascii(s)) {
        return 0x7f;
    }
    int kind = str_kind(s);
    return kind == 1 ? 0xff : kind == 2 ? 0xffff : 0x10ffff;
}
static inline void *str_writable(PyObject *s)
{
    return (void *)str_data(s);
}

static inline void str_write(int kind, void *data, Py_ssize_t i, Py_UCS4 c)
{
    if (kind == 1) {
        ((Py_UCS1 *)data)[i] = (Py_UCS1)c;
    } else if (kind == 2) {
        ((Py_UCS2 *)data)[i] = (Py_UCS2)c;
    } else {
        ((Py_UCS4 *)data)[i] = c;
    }
}

/* No high bit in any byte. */
static inline bool text_is_ascii(const char *text, size_t n)
{
    const uint64_t high = UINT64_C(0x8080808080808080);
    size_t i = 0;
    for (; i + 32 <= n; i += 32) {
        uint64_t w[4];
        memcpy(w, text + i, 32);
        if (((w[0] | w[1]) | (w[2] | w[3])) & high) {
            return false;
        }
    }
    for (; i + 8 <= n; i += 8) {
        uint64_t w;
        memcpy(&w, text + i, 8);
        if (w & high) {
            return false;
        }
    }
    for (; i < n; i++) {
        if (text[i] & 0x80) {
            return false;
        }
    }
    return true;
}
/* Length of the ASCII prefix. */
size_t text_ascii_prefix(const char *text, size_t n);
/* The largest character, rounded up to a bound: 0x7f, 0xff, 0xffff, 0x10ffff. */
Py_UCS4 str_scan_max(int kind, const void *data, Py_ssize_t length);
/* memcpy for texts that are short more often than not. */
static ALWAYS_INLINE void text_copy(char *restrict to, const char *restrict from, size_t n)
{
    if (n > 16) {
        memcpy(to, from, n);
    } else if (n >= 8) {
        uint64_t first, last;
        memcpy(&first, from, 8);
        memcpy(&last, from + n - 8, 8);
        memcpy(to, &first, 8);
        memcpy(to + n - 8, &last, 8);
    } else if (n >= 4) {
        uint32_t first, last;
        memcpy(&first, from, 4);
        memcpy(&last, from + n - 4, 4);
        memcpy(to, &first, 4);
        memcpy(to + n - 4, &last, 4);
    } else {
        for (size_t i = 0; i < n; i++) {
            to[i] = from[i];
        }
    }
}
void str_convert_chars(int to_kind, void *to, Py_ssize_t to_index, int from_kind, const void *from,
                       Py_ssize_t from_index, Py_ssize_t count);
/* Copies characters between arrays of any kinds; narrowing assumes that they fit. */
static inline void str_copy_chars(int to_kind, void *to, Py_ssize_t to_index, int from_kind,
                                  const void *from, Py_ssize_t from_index, Py_ssize_t count)
{
    if (to_kind == from_kind) {
        text_copy((char *)to + to_index * to_kind, (const char *)from + from_index * to_kind,
                  (size_t)(count * to_kind));
    } else {
        str_convert_chars(to_kind, to, to_index, from_kind, from, from_index, count);
    }
}

/* All of the header that is not zero; the type comes last. */
static ALWAYS_INLINE void str_init_head(PyASCIIObject *s, Py_ssize_t length, int kind, bool ascii)
{
    s->ob_base.ob_refcnt = OBJECT_PUBLIC_COUNT;
    s->length = length;
    s->hash = -1;
    str_set_state((PyObject *)s, kind, ascii);
    s->ob_base.ob_type = &PyUnicode_Type;
}
/* A fresh exact str to be filled, compact. kind and ascii as given. */
PyObject *str_alloc(Py_ssize_t length, int kind, bool ascii);
/* The same for ASCII, short more often than not. */
static ALWAYS_INLINE PyObject *str_alloc_ascii(Py_ssize_t length)
{
    size_t bytes = sizeof(PyASCIIObject) + (size_t)length + 1;
    if (LIKELY((size_t)length < HEAP_FAST_MAX - sizeof(PyASCIIObject))) {
        PyASCIIObject *s = heap_alloc_kind(bytes, CELL_LEAF);
        if (LIKELY(s != NULL)) {
            str_init_head(s, length, 1, true);
            ((char *)s)[bytes - 1] = 0;
            return (PyObject *)s;
        }
    }
    return str_alloc(length, 1, true);
}
/* Only for a str that nobody else has seen: fewer characters of the same memory. */
void str_set_length(PyObject *s, Py_ssize_t length);
/* An instance of a subclass with the text of s. */
PyObject *str_new_subtype(PyTypeObject *type, PyObject *s);
/* s itself if exact, else an exact copy. */
PyObject *str_exact(PyObject *s);

/* start and end of a slice of step 1, as Python adjusts them; start may stay beyond the end. */
void slice_clip(Py_ssize_t length, Py_ssize_t *start, Py_ssize_t *end);
/* The characters in a wider kind: s's own, or a temporary copy; NULL with MemoryError. */
const void *str_data_as(PyObject *s, int kind);
Py_ssize_t str_count(PyObject *s, PyObject *sub, Py_ssize_t start, Py_ssize_t end);
bool str_tail_match(PyObject *s, PyObject *sub, Py_ssize_t start, Py_ssize_t end, bool at_end);
/* An argument of find(), count() ...: None or ABSENT leave *out alone. */
int arg_slice_bound(Value v, Py_ssize_t *out);
/* The one to three arguments of find(), startswith() and their like; missing ones ABSENT. */
int arg_search(Value self, const char *fname, const Value *args, size_t nargs, PyObject *kwnames,
               Value *out);
PyObject *str_copy(PyObject *s); /* fresh, exact and compact */

/* str.__new__ and format machinery, across files. */
Value str_type_new(PyTypeObject *type, const Value *args, size_t nargs, PyObject *kwnames);
Value str_mod_operator(Value left, Value right);
extern PyTypeObject str_ascii_iterator_type;

#endif
