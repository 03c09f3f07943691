/* SPDX-License-Identifier: MIT */
/* Strings: PyUnicodeObject in its compact forms (PEP 393); always ready, immutable, leaf cells. */
#ifndef OROCHI_OBJECT_STR_H
#define OROCHI_OBJECT_STR_H

#include "object/object.h"

static inline bool str_check(Value v)
{
    return value_is_object(v) &&
           type_has_feature(value_object(v)->ob_type, Py_TPFLAGS_UNICODE_SUBCLASS);
}
static inline bool str_check_exact(Value v)
{
    return value_is_object(v) && value_object(v)->ob_type == &PyUnicode_Type;
}
static inline Py_ssize_t str_length(const PyObject *s)
{
    return ((const PyASCIIObject *)s)->length;
}
/* The state bits of PyASCIIObject as one word. Constant but for the interned bits, which any thread
 * may set meanwhile. */
enum {
    STR_INTERNED = 3 << 0,
    STR_KIND_SHIFT = 2,
    STR_COMPACT = 1 << 5,
    STR_ASCII = 1 << 6,
    STR_READY = 1 << 7,
};
static ALWAYS_INLINE unsigned str_state(const PyObject *s)
{
    return atomic_load_relaxed((const unsigned *)(const void *)&((const PyASCIIObject *)s)->state);
}
static inline int str_kind(const PyObject *s)
{
    return (int)(str_state(s) >> STR_KIND_SHIFT & 7);
}
static inline bool str_is_ascii(const PyObject *s)
{
    return (str_state(s) & STR_ASCII) != 0;
}
static inline const void *str_data(const PyObject *s)
{
    unsigned state = str_state(s);
    if (LIKELY(state & STR_COMPACT)) {
        return state & STR_ASCII ? (const void *)((const PyASCIIObject *)s + 1)
                                 : (const void *)((const PyCompactUnicodeObject *)s + 1);
    }
    return ((const PyUnicodeObject *)s)->data.any; /* instances of subclasses */
}
static inline Py_UCS4 str_read(int kind, const void *data, Py_ssize_t i)
{
    return kind == 1   ? ((const Py_UCS1 *)data)[i]
           : kind == 2 ? ((const Py_UCS2 *)data)[i]
                       : ((const Py_UCS4 *)data)[i];
}
static inline Py_UCS4 str_at(const PyObject *s, Py_ssize_t i)
{
    return str_read(str_kind(s), str_data(s), i);
}
static inline bool str_is_interned(const PyObject *s)
{
    return (str_state(s) & STR_INTERNED) != 0;
}

/* ---- Making. NULL with an exception set on error. */
PyObject *str_new(Py_ssize_t length, Py_UCS4 max_char); /* fill through str_data before sharing */
PyObject *str_from_utf8(const char *text, Py_ssize_t length);  /* strict; UnicodeDecodeError */
PyObject *str_from_ascii(const char *text, Py_ssize_t length); /* caller knows it is ASCII */
PyObject *str_from_text(const char *text);                     /* NUL-terminated UTF-8 */
PyObject *str_from_latin1(const Py_UCS1 *text, Py_ssize_t length);
PyObject *str_from_ucs4(const Py_UCS4 *text, Py_ssize_t length);
PyObject *str_from_kind(int kind, const void *data, Py_ssize_t length); /* narrows */
PyObject *str_from_char(Py_UCS4 c);                                     /* cached for Latin-1 */
PyObject *str_format(const char *format, ...); /* directives of error_raise */
PyObject *str_format_v(const char *format, va_list arguments);
PyObject *str_intern(PyObject *s); /* the one string with this text; exact str only, may be s */
PyObject *str_intern_text(const char *text);
PyObject *str_empty(void);
int str_init(void); /* the hash key, the empty string, the intern table; before any other str_ */
/* For heap_hooks.before_sweep: drops interned strings that are about to die;
 * `full`: old ones, too. */
void str_intern_sweep(bool full);
/* File names: UTF-8 with surrogateescape (PEP 383). */
PyObject *str_from_filename(const char *bytes, Py_ssize_t length);
PyObject *str_to_filename(PyObject *s); /* a bytes object; ValueError on embedded NUL */

/* UTF-8 text of s, NUL-terminated, valid as long as s. UnicodeEncodeError on surrogates. */
const char *str_utf8(PyObject *s, Py_ssize_t *length);

/* ---- Operations on known strs. */
Py_hash_t str_hash(PyObject *s); /* never fails */
bool str_equal(PyObject *a, PyObject *b);
bool str_equal_text(PyObject *s, const char *ascii);
int str_compare(PyObject *a, PyObject *b);
PyObject *str_concat(PyObject *a, PyObject *b);
PyObject *str_repeat(PyObject *s, Py_ssize_t count);
PyObject *str_substring(PyObject *s, Py_ssize_t start, Py_ssize_t end);
PyObject *str_join(PyObject *separator, Value iterable);
/* Joins an array of values: all must be exact str (f-strings); fast. */
PyObject *str_join_array(const Value *parts, size_t count);
Py_ssize_t str_find(PyObject *s, PyObject *sub, Py_ssize_t start, Py_ssize_t end, int direction);
Py_ssize_t str_find_char(PyObject *s, Py_UCS4 c, Py_ssize_t start, Py_ssize_t end, int direction);
PyObject *str_replace(PyObject *s, PyObject *old, PyObject *new_, Py_ssize_t max);
PyObject *str_split(PyObject *s, PyObject *separator, Py_ssize_t max); /* a list */
PyObject *str_repr(PyObject *s);
/* Non-ASCII characters as \x, \u and \U escapes: what ascii() does to a repr. */
PyObject *str_escape_non_ascii(PyObject *s);
Value str_getitem_index(PyObject *s, Py_ssize_t i);
PyObject *str_percent(PyObject *format, Value args);    /* % */
PyObject *str_format_spec(PyObject *s, PyObject *spec); /* format(s, spec) */
bool str_is_identifier(PyObject *s);
PyObject *str_encode(PyObject *s, const char *encoding, const char *errors); /* bytes */
PyObject *str_decode(const char *bytes, Py_ssize_t n, const char *encoding, const char *errors);

/* A growing string; lives on the C stack, its buffer in the heap. */
struct str_builder {
    PyObject *buffer; /* a str cell being filled, private to the builder */
    Py_ssize_t length, capacity;
    Py_UCS4 max_char;
    struct str_scratch *scratch; /* or NULL; the first buffer */
};
/* Room for a short ASCII text on the C stack: a builder that gets it makes no cell but the
 * result's, which has the right size. It must live as long as the builder. */
enum { STR_SCRATCH_CHARS = 207 };
struct str_scratch {
    PyASCIIObject head;
    char data[STR_SCRATCH_CHARS + 1];
};
/* Makes it an ASCII str of n <= STR_SCRATCH_CHARS characters, for callees that only read it. */
void str_scratch_fill(struct str_scratch *scratch, const char *text, Py_ssize_t n);
void str_builder_init(struct str_builder *b);
void str_builder_init_scratch(struct str_builder *b, struct str_scratch *scratch);
int str_builder_char(struct str_builder *b, Py_UCS4 c);
int str_builder_str(struct str_builder *b, PyObject *s);
int str_builder_slice(struct str_builder *b, PyObject *s, Py_ssize_t start, Py_ssize_t end);
int str_builder_ascii(struct str_builder *b, const char *text, Py_ssize_t length);
int str_builder_text(struct str_builder *b, const char *utf8);
int str_builder_fill(struct str_builder *b, Py_UCS4 c, Py_ssize_t count);
int str_builder_chars(struct str_builder *b, int kind, const void *data, Py_ssize_t count);
/* Room for so many more characters up to max_char; then they may be written into buffer's data. */
int str_builder_reserve(struct str_builder *b, Py_ssize_t extra, Py_UCS4 max_char);
PyObject *str_builder_finish(struct str_builder *b);

/* Unicode character data (object/unicode_data.h has the tables' interface). */
bool str_char_is_space(Py_UCS4 c);
bool str_char_is_xid_start(Py_UCS4 c);
bool str_char_is_xid_continue(Py_UCS4 c);
bool str_char_is_printable(Py_UCS4 c);
int str_char_to_decimal(Py_UCS4 c); /* -1 if none */
int str_char_to_digit(Py_UCS4 c);

#endif
