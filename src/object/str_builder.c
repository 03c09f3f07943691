/* SPDX-License-Identifier: MIT */
/* str_builder: a string that grows. Its buffer is a compact str cell nobody else has seen; when a
 * wider character arrives, the buffer is replaced by one of a wider kind, so the kind is always
 * the smallest for what was added. */
#include "object/str_int.h"

void str_builder_init(struct str_builder *b)
{
    *b = (struct str_builder){0};
}

void str_scratch_fill(struct str_scratch *scratch, const char *text, Py_ssize_t n)
{
    scratch->head = (PyASCIIObject){.length = n, .hash = -1};
    scratch->head.ob_base.ob_type = &PyUnicode_Type;
    str_set_state((PyObject *)scratch, 1, true);
    text_copy(scratch->data, text, (size_t)n);
    scratch->data[n] = '\0';
}

void str_builder_init_scratch(struct str_builder *b, struct str_scratch *scratch)
{
    *b = (struct str_builder){(PyObject *)scratch, 0, STR_SCRATCH_CHARS, 0x7f, scratch};
    scratch->head.ob_base.ob_type = &PyUnicode_Type;
    str_set_state((PyObject *)scratch, 1, true);
}

static NO_INLINE int grow(struct str_builder *b, Py_ssize_t extra, Py_UCS4 max_char)
{
    if (extra > PY_SSIZE_T_MAX / 4 - b->length) {
        error_no_memory();
        return -1;
    }
    Py_ssize_t capacity = b->capacity;
    if (b->length + extra > capacity) {
        capacity = b->length + extra;
        capacity += b->buffer == NULL ? 0 : capacity / 2;
        if (capacity < 32) {
            capacity = 32;
        }
    }
    if (max_char < b->max_char) {
        max_char = b->max_char;
    }
    PyObject *fresh = str_new(capacity, max_char);
    if (fresh == NULL) {
        return -1;
    }
    if (b->length > 0) {
        str_copy_chars(str_kind(fresh), str_writable(fresh), 0, str_kind(b->buffer),
                       str_data(b->buffer), 0, b->length);
    }
    b->buffer = fresh;
    b->capacity = capacity;
    b->max_char = str_max_char_bound(fresh);
    return 0;
}

static ALWAYS_INLINE int reserve(struct str_builder *b, Py_ssize_t extra, Py_UCS4 max_char)
{
    if (LIKELY(b->capacity - b->length >= extra && max_char <= b->max_char && b->buffer != NULL)) {
        return 0;
    }
    return grow(b, extra, max_char);
}

int str_builder_reserve(struct str_builder *b, Py_ssize_t extra, Py_UCS4 max_char)
{
    return reserve(b, extra, max_char);
}

int str_builder_char(struct str_builder *b, Py_UCS4 c)
{
    if (reserve(b, 1, c) < 0) {
        return -1;
    }
    str_write(str_kind(b->buffer), str_writable(b->buffer), b->length++, c);
    return 0;
}

int str_builder_fill(struct str_builder *b, Py_UCS4 c, Py_ssize_t count)
{
    if (count <= 0) {
        return 0;
    }
    if (reserve(b, count, c) < 0) {
        return -1;
    }
    int kind = str_kind(b->buffer);
    void *data = str_writable(b->buffer);
    if (kind == 1) {
        memset((char *)data + b->length, (int)c, (size_t)count);
    } else {
        for (Py_ssize_t i = 0; i < count; i++) {
            str_write(kind, data, b->length + i, c);
        }
    }
    b->length += count;
    return 0;
}

static ALWAYS_INLINE int add_chars(struct str_builder *b, int kind, const void *data,
                                   Py_ssize_t start, Py_ssize_t count, Py_UCS4 max_char)
{
    if (reserve(b, count, max_char) < 0) {
        return -1;
    }
    str_copy_chars(str_kind(b->buffer), str_writable(b->buffer), b->length, kind, data, start,
                   count);
    b->length += count;
    return 0;
}

int str_builder_str(struct str_builder *b, PyObject *s)
{
    if (str_length(s) == 0) {
        return 0;
    }
    return add_chars(b, str_kind(s), str_data(s), 0, str_length(s), str_max_char_bound(s));
}

int str_builder_chars(struct str_builder *b, int kind, const void *data, Py_ssize_t count)
{
    return count == 0 ? 0 : add_chars(b, kind, data, 0, count, str_scan_max(kind, data, count));
}

int str_builder_slice(struct str_builder *b, PyObject *s, Py_ssize_t start, Py_ssize_t end)
{
    if (end > str_length(s)) {
        end = str_length(s);
    }
    if (start >= end) {
        return 0;
    }
    int kind = str_kind(s);
    const void *data = str_data(s);
    Py_UCS4 max_char = str_max_char_bound(s);
    if (max_char > b->max_char) {
        max_char = str_scan_max(kind, (const char *)data + start * kind, end - start);
    }
    return add_chars(b, kind, data, start, end - start, max_char);
}

int str_builder_ascii(struct str_builder *b, const char *text, Py_ssize_t length)
{
    return length == 0 ? 0 : add_chars(b, 1, text, 0, length, 0x7f);
}

int str_builder_text(struct str_builder *b, const char *utf8)
{
    size_t n = strlen(utf8);
    if (text_is_ascii(utf8, n)) {
        return str_builder_ascii(b, utf8, (Py_ssize_t)n);
    }
    PyObject *s = str_from_utf8(utf8, (Py_ssize_t)n);
    return s == NULL ? -1 : str_builder_str(b, s);
}

PyObject *str_builder_finish(struct str_builder *b)
{
    PyObject *s = b->buffer;
    Py_ssize_t n = b->length;
    if (n <= 1) {
        PyObject *r = n == 0 ? str_empty() : str_from_char(str_at(s, 0));
        str_builder_init(b);
        return r;
    }
    if (n < b->capacity - b->capacity / 4 || s == (PyObject *)b->scratch) {
        PyObject *copy = str_alloc(n, str_kind(s), str_is_ascii(s));
        if (copy == NULL) {
            return NULL;
        }
        text_copy(str_writable(copy), str_data(s), (size_t)n * (size_t)str_kind(s));
        s = copy;
    } else {
        str_set_length(s, n);
    }
    str_builder_init(b);
    return s;
}
