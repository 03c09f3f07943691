/* SPDX-License-Identifier: MIT */
/* bytes: memory, builder, operations, the type. Immutable leaf cells; only the cached hash is ever
 * written after birth (relaxed, by any thread, always the same). Methods: bytes_methods.c. */
#include "object/bytes_int.h"

#include "base/hash.h"
#include "object/buffer.h"
#include "object/codec.h"
#include "object/function.h"
#include "object/int.h"
#include "object/iterator.h"
#include "object/list.h"
#include "object/str_int.h"
#include "object/str_search.h"

enum { BYTES_HEADER = offsetof(PyBytesObject, ob_sval) };
_Static_assert(BYTES_HEADER == 32, "PyBytesObject is what extensions expect");

static PyObject *empty_bytes;       /* atomic */
static PyObject *byte_objects[256]; /* atomic */

#pragma GCC diagnostic ignored "-Wdeprecated-declarations" /* ob_shash */

/* Bytes to be filled by the caller. */
static PyObject *alloc(Py_ssize_t length)
{
    if (length > PY_SSIZE_T_MAX - BYTES_HEADER - 1) {
        return error_raise_null(PyExc_OverflowError, "byte string is too large");
    }
    PyBytesObject *b = heap_alloc_uncleared((size_t)length + BYTES_HEADER + 1, CELL_LEAF);
    if (b == NULL) {
        error_no_memory();
        return NULL;
    }
    b->ob_base.ob_base.ob_refcnt = OBJECT_PUBLIC_COUNT;
    b->ob_base.ob_size = length;
    b->ob_shash = -1;
    b->ob_base.ob_base.ob_type = &PyBytes_Type;
    b->ob_sval[length] = '\0';
    return (PyObject *)b;
}

static PyObject *publish(PyObject **slot, PyObject *fresh)
{
    PyObject *found = NULL;
    if (fresh == NULL) {
        return NULL;
    }
    return atomic_cas_acq_rel(slot, found, fresh) ? fresh : found;
}

PyObject *bytes_find_char_cached(unsigned char c)
{
    PyObject *b = atomic_load_acquire(&byte_objects[c]);
    if (b != NULL) {
        return b;
    }
    b = alloc(1);
    if (b != NULL) {
        bytes_data(b)[0] = (char)c;
    }
    return publish(&byte_objects[c], b);
}

PyObject *bytes_new(const char *data, Py_ssize_t length)
{
    if (length == 0) {
        PyObject *b = atomic_load_acquire(&empty_bytes);
        return b != NULL ? b : publish(&empty_bytes, alloc(0));
    }
    if (length == 1 && data != NULL) {
        return bytes_find_char_cached((unsigned char)*data);
    }
    PyObject *b = alloc(length);
    if (b == NULL) {
        return NULL;
    }
    if (data != NULL) {
        text_copy(bytes_data(b), data, (size_t)length);
    } else {
        memset(bytes_data(b), 0, (size_t)length);
    }
    return b;
}

PyObject *bytes_new_unfilled(Py_ssize_t length)
{
    return length == 0 ? bytes_new(NULL, 0) : alloc(length);
}

PyObject *bytes_truncate(PyObject *b, Py_ssize_t length)
{
    Py_ssize_t had = bytes_length(b);
    if (length == had) {
        return b;
    }
    if (length <= 1 || length < had - had / 4) {
        return bytes_new(bytes_data(b), length);
    }
    ((PyVarObject *)b)->ob_size = length;
    bytes_data(b)[length] = '\0';
    return b;
}

/* An instance of type, bytes or a subclass, with the data. */
static PyObject *new_of_type(PyTypeObject *type, PyObject *exact)
{
    if (exact == NULL || type == &PyBytes_Type) {
        return exact;
    }
    Py_ssize_t n = bytes_length(exact);
    PyObject *b = object_alloc(type, n);
    if (b != NULL) {
        ((PyVarObject *)b)->ob_size = n;
        ((PyBytesObject *)b)->ob_shash = -1;
        memcpy(bytes_data(b), bytes_data(exact), (size_t)n);
    }
    return b;
}

/* ---- Builder. */

void bytes_builder_init(struct bytes_builder *b)
{
    *b = (struct bytes_builder){0};
}

char *bytes_builder_reserve(struct bytes_builder *b, Py_ssize_t extra)
{
    if (b->buffer == NULL || b->capacity - b->length < extra) {
        if (extra > PY_SSIZE_T_MAX / 2 - b->length) {
            error_no_memory();
            return NULL;
        }
        Py_ssize_t capacity = b->length + extra;
        capacity += b->buffer == NULL ? 0 : capacity / 2;
        capacity = capacity < 24 ? 24 : capacity;
        PyObject *fresh = alloc(capacity);
        if (fresh == NULL) {
            return NULL;
        }
        if (b->length > 0) {
            memcpy(bytes_data(fresh), bytes_data(b->buffer), (size_t)b->length);
        }
        b->buffer = fresh;
        b->capacity = capacity;
    }
    return bytes_data(b->buffer) + b->length;
}

int bytes_builder_add(struct bytes_builder *b, const void *data, Py_ssize_t length)
{
    char *p = bytes_builder_reserve(b, length);
    if (p == NULL) {
        return -1;
    }
    if (length > 0) {
        memcpy(p, data, (size_t)length);
    }
    b->length += length;
    return 0;
}

int bytes_builder_byte(struct bytes_builder *b, unsigned char byte)
{
    char *p = bytes_builder_reserve(b, 1);
    if (p == NULL) {
        return -1;
    }
    *p = (char)byte;
    b->length++;
    return 0;
}

PyObject *bytes_builder_finish(struct bytes_builder *b)
{
    PyObject *r = b->length == 0 ? bytes_new(NULL, 0) : bytes_truncate(b->buffer, b->length);
    bytes_builder_init(b);
    return r;
}

/* ---- Arguments. */

int byte_argument_get(struct byte_argument *a, Value v)
{
    a->held = false;
    if (bytes_check(v)) {
        a->data = bytes_data(value_object(v));
        a->length = bytes_length(value_object(v));
        return 0;
    }
    if (!object_has_buffer(v)) {
        return error_raise_int(PyExc_TypeError, "a bytes-like object is required, not '%T'", v);
    }
    if (object_get_buffer(v, &a->view, PyBUF_SIMPLE) < 0) {
        return -1;
    }
    a->data = a->view.buf;
    a->length = a->view.len;
    a->held = true;
    return 0;
}

void byte_argument_release(struct byte_argument *a)
{
    if (a->held) {
        object_release_buffer(&a->view);
        a->held = false;
    }
}

static int byte_value(Value v, const char *message)
{
    int64_t small;
    if (!int_try_small(v, &small)) {
        Value index = object_index(v);
        if (value_is_null(index)) {
            return -1;
        }
        if (int_clip_i64(index, &small) != 0) {
            small = -1;
        }
    }
    if (small < 0 || small > 255) {
        return error_raise_int(PyExc_ValueError, message);
    }
    return (int)small;
}

int byte_from_value(Value v)
{
    return byte_value(v, "byte must be in range(0, 256)");
}

/* ---- bytes(x). */

static int add_value(struct bytes_builder *b, Value v, const char *message)
{
    int byte = byte_value(v, message);
    return byte < 0 ? -1 : bytes_builder_byte(b, (unsigned char)byte);
}

int bytes_builder_extend(struct bytes_builder *b, Value iterable, const char *message)
{
    if (list_check_exact(iterable) || tuple_check_exact(iterable)) {
        PyObject *o = value_object(iterable);
        bool list = list_check_exact(iterable);
        for (Py_ssize_t i = 0; i < (list ? list_length(o) : tuple_length(o)); i++) {
            Value v = list ? list_find(o, i) : tuple_get(o, i);
            if (value_is_absent(v)) {
                break;
            }
            if (add_value(b, v, message) < 0) {
                return -1;
            }
        }
        return 0;
    }
    Value it = object_iter_owned(iterable);
    while (!value_is_null(it)) {
        Value v = object_next(it);
        if (value_is_absent(v)) {
            return 0;
        }
        if (value_is_null(v) || add_value(b, v, message) < 0) {
            return -1;
        }
    }
    return -1;
}

static PyObject *from_buffer(Value v)
{
    Py_buffer view;
    if (object_get_buffer(v, &view, PyBUF_FULL_RO) < 0) {
        return NULL;
    }
    PyObject *b = bytes_new_unfilled(view.len);
    if (b != NULL && view.len > 0) {
        buffer_copy_out(bytes_data(b), &view, 'C');
    }
    object_release_buffer(&view);
    return b;
}

PyObject *bytes_from_value(Value v)
{
    if (value_is_object(v) && value_object(v)->ob_type == &PyBytes_Type) {
        return value_object(v);
    }
    if (object_has_buffer(v)) {
        return from_buffer(v);
    }
    if (!str_check(v)) {
        struct bytes_builder b;
        bytes_builder_init(&b);
        if (value_ops(v)->iter != NULL || object_is_sequence(v)) {
            /* The hint is of no use here, but its errors are seen. */
            return object_length_hint(v, 0) < 0 ||
                           bytes_builder_extend(&b, v, "bytes must be in range(0, 256)") < 0
                       ? NULL
                       : bytes_builder_finish(&b);
        }
    }
    return error_raise_null(PyExc_TypeError, "cannot convert '%T' object to bytes", v);
}

/* bytes(count): 1 done, 0 v is no integer, -1. */
static int count_argument(Value v, Py_ssize_t *count)
{
    if (!object_has_index(v)) {
        return 0;
    }
    if (arg_index(v, count) < 0) {
        if (!error_matches(PyExc_TypeError)) {
            return -1;
        }
        error_clear();
        return 0;
    }
    if (*count < 0) {
        return error_raise_int(PyExc_ValueError, "negative count");
    }
    return 1;
}

static int encoding_argument(Value v, const char *type_name, const char *name, const char **out)
{
    *out = NULL;
    if (value_is_absent(v)) {
        return 0;
    }
    if (!str_check(v)) {
        return error_raise_int(PyExc_TypeError, "%s() argument '%s' must be str, not %T", type_name,
                               name, v);
    }
    *out = str_utf8(value_object(v), NULL);
    return *out == NULL ? -1 : 0;
}

int bytes_encoding_arguments(const Value *a, const char *type_name, const char **encoding,
                             const char **errors)
{
    if (encoding_argument(a[1], type_name, "encoding", encoding) < 0 ||
        encoding_argument(a[2], type_name, "errors", errors) < 0) {
        return -1;
    }
    bool text = !value_is_absent(a[0]) && str_check(a[0]);
    if (!text && (*encoding != NULL || *errors != NULL)) {
        return error_raise_int(PyExc_TypeError, *encoding != NULL
                                                    ? "encoding without a string argument"
                                                    : "errors without a string argument");
    }
    if (text && *encoding == NULL) {
        return error_raise_int(PyExc_TypeError, "string argument without an encoding");
    }
    return 0;
}

/* __bytes__: 1 with *out, 0 the object has none, -1. */
static int call_dunder_bytes(Value v, PyObject **out)
{
    Value method;
    int found = object_find_special(v, names.__bytes__, &method);
    if (found <= 0) {
        return found;
    }
    Value r = object_call0(method);
    if (value_is_null(r)) {
        return -1;
    }
    if (!bytes_check(r)) {
        return error_raise_int(PyExc_TypeError, "__bytes__ returned non-bytes (type %T)", r);
    }
    *out = value_object(r);
    return 1;
}

static PyObject *make(const Value *a)
{
    const char *encoding, *errors;
    PyObject *r = NULL;
    bool plain = !value_is_absent(a[0]) && value_is_absent(a[1]) && value_is_absent(a[2]);
    int status = plain ? call_dunder_bytes(a[0], &r) : 0;
    if (status != 0) {
        return status < 0 ? NULL : r;
    }
    if (bytes_encoding_arguments(a, "bytes", &encoding, &errors) < 0) {
        return NULL;
    }
    if (value_is_absent(a[0])) {
        return bytes_new(NULL, 0);
    }
    if (encoding != NULL) {
        return codec_encode_text(value_object(a[0]), encoding, errors);
    }
    Py_ssize_t count;
    status = count_argument(a[0], &count);
    if (status != 0) {
        return status < 0 ? NULL : bytes_new(NULL, count);
    }
    return bytes_from_value(a[0]);
}

static Value type_new_bytes(PyTypeObject *type, const Value *args, size_t nargs, PyObject *kwnames)
{
    static const struct native_signature *signature;
    Value a[3];
    if (native_bind("bytes", "(source=b'', encoding='utf-8', errors='strict')", &signature, args,
                    nargs, kwnames, a) < 0) {
        return VALUE_NULL;
    }
    return value_from_object(new_of_type(type, make(a)));
}

/* ---- Operations. */

PyObject *bytes_repr(const char *data, Py_ssize_t length)
{
    static const char digits[] = "0123456789abcdef";
    bool single = memchr(data, '\'', (size_t)length) != NULL;
    char quote = single && memchr(data, '"', (size_t)length) == NULL ? '"' : '\'';
    struct str_builder b;
    str_builder_init(&b);
    if (str_builder_reserve(&b, length + 3, 0x7f) < 0 || str_builder_char(&b, 'b') < 0 ||
        str_builder_char(&b, (Py_UCS4)quote) < 0) {
        return NULL;
    }
    for (Py_ssize_t i = 0; i < length; i++) {
        unsigned char c = (unsigned char)data[i];
        char text[4] = {(char)c};
        int n = 1;
        char letter = c == '\\' || (char)c == quote ? (char)c
                      : c == '\t'                   ? 't'
                      : c == '\n'                   ? 'n'
                      : c == '\r'                   ? 'r'
                                                    : 0;
        if (letter) {
            text[0] = '\\', text[1] = letter, n = 2;
        } else if (c < ' ' || c >= 0x7f) {
            text[0] = '\\', text[1] = 'x', text[2] = digits[c >> 4], text[3] = digits[c & 15],
            n = 4;
        }
        if (str_builder_ascii(&b, text, n) < 0) {
            return NULL;
        }
    }
    return str_builder_char(&b, (Py_UCS4)quote) < 0 ? NULL : str_builder_finish(&b);
}

static Value type_repr(Value self)
{
    PyObject *b = value_object(self);
    return value_from_object(bytes_repr(bytes_data(b), bytes_length(b)));
}

Py_hash_t bytes_hash(PyObject *b)
{
    PyBytesObject *o = (PyBytesObject *)b;
    Py_hash_t h = atomic_load_relaxed(&o->ob_shash);
    if (h == -1) {
        h = hash_bytes(o->ob_sval, (size_t)bytes_length(b));
        atomic_store_relaxed(&o->ob_shash, h);
    }
    return h;
}

static Py_hash_t type_hash(Value self)
{
    return bytes_hash(value_object(self));
}

static bool compare_result(int c, int op)
{
    switch (op) {
    case Py_LT: return c < 0;
    case Py_LE: return c <= 0;
    case Py_GT: return c > 0;
    case Py_GE: return c >= 0;
    case Py_EQ: return c == 0;
    default: return c != 0;
    }
}

static int compare_spans(struct byte_span a, struct byte_span b)
{
    Py_ssize_t n = a.length < b.length ? a.length : b.length;
    int c = n == 0 ? 0 : memcmp(a.data, b.data, (size_t)n);
    return c != 0 ? c : a.length < b.length ? -1 : a.length > b.length;
}

/* ---- The options -b and -bb: bytes that are used like text. */

int bytes_warning_level;

int bytes_warn_str(Value self)
{
    return bytes_warning_level == 0 ? 0
                                    : error_warn(PyExc_BytesWarning, 1, "str() on a %s instance",
                                                 bytes_check(self) ? "bytes" : "bytearray");
}

static Value type_str(Value self)
{
    return bytes_warn_str(self) < 0 ? VALUE_NULL : type_repr(self);
}

/* Equality with text or a number is nearly always a mistake. */
static int warn_comparison(Value self, Value other, int op)
{
    bool bytes = bytes_check(self), text = str_check(other);
    if ((op != Py_EQ && op != Py_NE) || !(text || (bytes && int_check(other)))) {
        return 0;
    }
    return error_warn(PyExc_BytesWarning, 1, "Comparison between %s and %s",
                      bytes ? "bytes" : "bytearray", text ? "string" : "int");
}

Value bytes_richcompare(Value self, Value other, int op)
{
    if (UNLIKELY(bytes_warning_level > 0) && warn_comparison(self, other, op) < 0) {
        return VALUE_NULL;
    }
    if (bytes_check(self) ? !bytes_check(other) : !object_has_buffer(other)) {
        return VALUE_NOT_IMPLEMENTED;
    }
    struct byte_argument b;
    if (byte_argument_get(&b, other) < 0) {
        error_clear();
        return VALUE_NOT_IMPLEMENTED;
    }
    struct byte_span a = span_of(self);
    bool different = (op == Py_EQ || op == Py_NE) && a.length != b.length;
    int c = different ? 1 : compare_spans(a, (struct byte_span){b.data, b.length});
    byte_argument_release(&b);
    return value_from_bool(compare_result(c, op));
}

static Py_ssize_t type_len(Value self)
{
    return bytes_length(value_object(self));
}

static Value slice_of(Value self, PyObject *slice)
{
    Py_ssize_t start, stop, step;
    if (slice_unpack(slice, &start, &stop, &step) < 0) {
        return VALUE_NULL;
    }
    struct byte_span s = span_of(self);
    Py_ssize_t n = slice_adjust(s.length, &start, &stop, step);
    PyObject *self_object = value_object(self);
    if (n <= 0) {
        return value_from_object(bytes_like_new(self, "", 0));
    }
    if (step == 1) {
        bool whole = n == s.length && self_object->ob_type == &PyBytes_Type;
        return whole ? self : value_from_object(bytes_like_new(self, s.data + start, n));
    }
    PyObject *r = bytes_new_unfilled(n);
    for (Py_ssize_t i = 0, at = start; r != NULL && i < n; i++, at += step) {
        bytes_data(r)[i] = s.data[at];
    }
    if (r == NULL || bytes_check(self)) {
        return value_from_object(r);
    }
    return value_from_object(bytes_like_new(self, bytes_data(r), n));
}

Value bytes_subscript(Value self, Value key, const char *name)
{
    int64_t small;
    Py_ssize_t i;
    if (LIKELY(int_try_small(key, &small))) {
        i = small;
    } else if (slice_check(key)) {
        return slice_of(self, value_object(key));
    } else if (!object_has_index(key)) {
        return error_raise(PyExc_TypeError, "%s indices must be integers or slices, not %T", name,
                           key);
    } else if (subscript_index(key, &i) < 0) {
        return VALUE_NULL;
    }
    struct byte_span s = span_of(self);
    i += i < 0 ? s.length : 0;
    if ((size_t)i >= (size_t)s.length) {
        return error_raise(PyExc_IndexError, bytes_check(self) ? "index out of range"
                                                               : "bytearray index out of range");
    }
    return value_from_int((unsigned char)s.data[i]);
}

static Value type_getitem(Value self, Value key)
{
    return bytes_subscript(self, key, "byte");
}

static Value type_item(Value self, Py_ssize_t i)
{
    PyObject *b = value_object(self);
    if ((size_t)i >= (size_t)bytes_length(b)) {
        return error_raise(PyExc_IndexError, "index out of range");
    }
    return value_from_int((unsigned char)bytes_data(b)[i]);
}

int bytes_contains(Value self, Value key)
{
    if (object_has_index(key) && !object_has_buffer(key)) {
        int byte = byte_from_value(key);
        if (byte < 0) {
            return -1;
        }
        struct byte_span s = span_of(self);
        return search_char(1, s.data, s.length, (Py_UCS4)byte) >= 0;
    }
    struct byte_argument a;
    if (byte_argument_get(&a, key) < 0) {
        return -1;
    }
    struct byte_span s = span_of(self);
    int found = search_forward(1, s.data, s.length, a.data, a.length) >= 0;
    byte_argument_release(&a);
    return found;
}

static PyObject *concat_spans(Value kind, struct byte_span a, struct byte_span b)
{
    if (a.length > PY_SSIZE_T_MAX - 64 - b.length) {
        error_no_memory();
        return NULL;
    }
    PyObject *r = alloc(a.length + b.length);
    if (r == NULL) {
        return NULL;
    }
    memcpy(bytes_data(r), a.data, (size_t)a.length);
    memcpy(bytes_data(r) + a.length, b.data, (size_t)b.length);
    return bytes_check(kind) ? r : bytearray_new(bytes_data(r), bytes_length(r));
}

Value bytes_concat_values(Value a, Value b)
{
    struct byte_argument right;
    if (!object_has_buffer(b)) {
        return error_raise(PyExc_TypeError, "can't concat %T to %T", b, a);
    }
    if (byte_argument_get(&right, b) < 0) {
        return VALUE_NULL;
    }
    struct byte_span left = span_of(a);
    PyObject *r;
    if (left.length == 0 && value_is_object(b) && value_object(b)->ob_type == &PyBytes_Type &&
        bytes_check(a)) {
        r = value_object(b);
    } else if (right.length == 0 && value_object(a)->ob_type == &PyBytes_Type) {
        r = value_object(a);
    } else {
        r = concat_spans(a, left, (struct byte_span){right.data, right.length});
    }
    byte_argument_release(&right);
    return value_from_object(r);
}

Value bytes_repeat_value(Value self, Value count)
{
    Py_ssize_t n;
    if (arg_index(count, &n) < 0) {
        return VALUE_NULL;
    }
    struct byte_span s = span_of(self);
    n = n < 0 ? 0 : n;
    if (n > 0 && s.length > PY_SSIZE_T_MAX / n) {
        return bytes_check(self) ? error_raise(PyExc_OverflowError, "repeated bytes are too long")
                                 : error_no_memory();
    }
    if (n == 1 && value_object(self)->ob_type == &PyBytes_Type) {
        return self;
    }
    Py_ssize_t total = s.length * n;
    PyObject *r = bytes_new_unfilled(total);
    if (r == NULL) {
        return VALUE_NULL;
    }
    if (total > 0) {
        memcpy(bytes_data(r), s.data, (size_t)s.length);
        for (Py_ssize_t done = s.length; done < total;) {
            Py_ssize_t step = done < total - done ? done : total - done;
            memcpy(bytes_data(r) + done, bytes_data(r), (size_t)step);
            done += step;
        }
    }
    return value_from_object(bytes_check(self) ? r : bytearray_new(bytes_data(r), total));
}

static Value type_mod(Value left, Value right)
{
    if (!bytes_check(left)) {
        return VALUE_NOT_IMPLEMENTED;
    }
    return value_from_object(bytes_percent(span_of(left), right));
}

static int type_get_buffer(Value self, Py_buffer *view, int flags)
{
    PyObject *b = value_object(self);
    return buffer_fill(view, b, bytes_data(b), bytes_length(b), true, flags);
}

static Value method_getnewargs(Value self)
{
    PyObject *b = value_object(self);
    PyObject *exact = bytes_new(bytes_data(b), bytes_length(b));
    return exact == NULL ? VALUE_NULL : value_from_object(tuple_pack(1, exact));
}

static Value method_bytes(Value self)
{
    PyObject *b = value_object(self);
    return b->ob_type == &PyBytes_Type
               ? self
               : value_from_object(bytes_new(bytes_data(b), bytes_length(b)));
}

static Value method_sizeof(Value self)
{
    PyObject *b = value_object(self);
    return int_from_ssize(b->ob_type->tp_basicsize + bytes_length(b));
}

static const struct native_def methods[] = {
    BYTES_COMMON_METHODS,
    {"__getnewargs__", "($self, /)", "Arguments that __new__ needs for a copy.",
     .f0 = method_getnewargs},
    {"__bytes__", "($self, /)", "The same text as bytes.", .f0 = method_bytes},
    {"__sizeof__", "($self, /)", "Size in memory, in bytes.", .f0 = method_sizeof},
    {NULL},
};

/* ---- Iterator. */

static Value type_iter(Value self)
{
    return value_from_object(sequence_iterator_new_of(&PyBytesIter_Type, value_object(self), 0));
}

static Value iterator_next(Value self)
{
    struct sequence_iterator *it = (struct sequence_iterator *)value_object(self);
    PyObject *b = atomic_load_relaxed(&it->sequence);
    if (b == NULL) {
        return VALUE_ABSENT;
    }
    Py_ssize_t i;
    do {
        i = atomic_load_relaxed(&it->index);
        if (i >= bytes_length(b)) {
            heap_store(it, &it->sequence, NULL);
            return VALUE_ABSENT;
        }
    } while (UNLIKELY(!sequence_iterator_move(it, i, i + 1)));
    return value_from_int((unsigned char)bytes_data(b)[i]);
}

static Value iterator_self(Value self)
{
    return self;
}

static void iterator_trace(PyObject *self, struct tracer *tracer)
{
    trace_pointer(tracer, ((struct sequence_iterator *)self)->sequence);
}

static Value iterator_length_hint(Value self)
{
    struct sequence_iterator *it = (struct sequence_iterator *)value_object(self);
    PyObject *b = atomic_load_relaxed(&it->sequence);
    return value_from_int(b == NULL ? 0 : bytes_length(b) - atomic_load_relaxed(&it->index));
}

static Value iterator_reduce_method(Value self)
{
    struct sequence_iterator *it = (struct sequence_iterator *)value_object(self);
    PyObject *b = atomic_load_relaxed(&it->sequence);
    if (b == NULL) {
        return iterator_reduce("iter", value_from_object(bytes_new(NULL, 0)), VALUE_ABSENT);
    }
    return iterator_reduce("iter", value_from_object(b),
                           int_from_ssize(atomic_load_relaxed(&it->index)));
}

static Value iterator_setstate(Value self, Value state)
{
    struct sequence_iterator *it = (struct sequence_iterator *)value_object(self);
    Py_ssize_t i;
    if (arg_index(state, &i) < 0) {
        return VALUE_NULL;
    }
    PyObject *b = atomic_load_relaxed(&it->sequence);
    if (b != NULL) {
        i = i < 0 ? 0 : i > bytes_length(b) ? bytes_length(b) : i;
        atomic_store_relaxed(&it->index, i);
    }
    return VALUE_NONE;
}

static const struct native_def iterator_methods[] = {
    {"__length_hint__", "($self, /)", "About how many items are left.", .f0 = iterator_length_hint},
    {"__reduce__", "($self, /)", "How to make the object again, for pickling and copying.",
     .f0 = iterator_reduce_method},
    {"__setstate__", "($self, state, /)", "Sets the state that __reduce__ gave.",
     .f1 = iterator_setstate},
    {NULL},
};

static struct type_info iterator_info = {
    .ops = {.iter = iterator_self, .next = iterator_next},
    .trace = iterator_trace,
    .methods = iterator_methods,
    .flags = TYPE_NO_NEW,
};

PyTypeObject PyBytesIter_Type = {
    STATIC_TYPE_HEAD,
    .tp_name = "bytes_iterator",
    .tp_basicsize = sizeof(struct sequence_iterator),
    .tp_flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_HAVE_GC,
    .tp_cache = (PyObject *)&iterator_info,
};

/* ---- The type. */

static struct type_info bytes_info = {
    .ops =
        {
            .repr = type_repr,
            .str = type_str,
            .hash = type_hash,
            .richcompare = bytes_richcompare,
            .iter = type_iter,
            .new_ = type_new_bytes,
            .len = type_len,
            .getitem = type_getitem,
            .contains = bytes_contains,
            .concat = bytes_concat_values,
            .repeat = bytes_repeat_value,
            .item = type_item,
            .binary = {[OP_MOD] = type_mod},
            .get_buffer = type_get_buffer,
        },
    .methods = methods,
};

PyTypeObject PyBytes_Type = {
    STATIC_TYPE_HEAD,
    .tp_name = "bytes",
    .tp_basicsize = BYTES_HEADER + 1,
    .tp_itemsize = 1,
    .tp_flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_BASETYPE | Py_TPFLAGS_BYTES_SUBCLASS |
                _Py_TPFLAGS_MATCH_SELF,
    .tp_doc = "bytes(iterable_of_ints) -> bytes\nbytes(string, encoding[, errors]) -> bytes\n"
              "bytes(bytes_or_buffer) -> bytes\nbytes(int) -> bytes of that many zeros\n\n"
              "An immutable sequence of bytes.",
    .tp_cache = (PyObject *)&bytes_info,
};
