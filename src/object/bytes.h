/* SPDX-License-Identifier: MIT */
/* bytes, bytearray. bytes: PyBytesObject, NUL after the last byte. */
#ifndef OROCHI_OBJECT_BYTES_H
#define OROCHI_OBJECT_BYTES_H

#include "object/object.h"

static inline bool bytes_check(Value v)
{
    return value_is_object(v) &&
           type_has_feature(value_object(v)->ob_type, Py_TPFLAGS_BYTES_SUBCLASS);
}
static inline char *bytes_data(PyObject *b)
{
    return ((PyBytesObject *)b)->ob_sval;
}
static inline Py_ssize_t bytes_length(const PyObject *b)
{
    return ((const PyVarObject *)b)->ob_size;
}
/* How often -b was given: 1 warns of bytes that are used like text, 2 raises. Constant after
 * start-up. */
extern int bytes_warning_level;

PyObject *bytes_new(const char *data, Py_ssize_t length); /* data NULL: zeroed, to be filled */
PyObject *bytes_new_unfilled(Py_ssize_t length); /* any bytes; the caller fills or truncates */
/* Fresh bytes only: returns a bytes object of the smaller size with the same start. */
PyObject *bytes_truncate(PyObject *b, Py_ssize_t length);
PyObject *bytes_from_value(Value v); /* bytes(v) for buffers and iterables of ints */
int bytearray_resize(PyObject *b, Py_ssize_t length); /* BufferError while exported */
PyObject *bytearray_new(const char *data, Py_ssize_t length);
bool bytearray_check(Value v);
Py_hash_t bytes_hash(PyObject *b);                         /* never fails */
PyObject *bytes_repr(const char *data, Py_ssize_t length); /* str b'...' */

/* Growing bytes; the buffer is a bytes object nobody else has seen. */
struct bytes_builder {
    PyObject *buffer;
    Py_ssize_t length, capacity;
};
void bytes_builder_init(struct bytes_builder *b);
/* Room for so many more bytes; returns where they go (length is not changed), or NULL. */
char *bytes_builder_reserve(struct bytes_builder *b, Py_ssize_t extra);
int bytes_builder_add(struct bytes_builder *b, const void *data, Py_ssize_t length);
int bytes_builder_byte(struct bytes_builder *b, unsigned char byte);
PyObject *bytes_builder_finish(struct bytes_builder *b);
PyObject *memoryview_new(Value exporter);
PyObject *memoryview_from_buffer(const Py_buffer *info); /* on memory that nobody owns */

#endif
