/* SPDX-License-Identifier: MIT */
/* Py_buffer structures (PEP 3118): filling, walking and copying them. */
#ifndef OROCHI_OBJECT_BUFFER_H
#define OROCHI_OBJECT_BUFFER_H

#include "object/object.h"

/* What PyBuffer_FillInfo does: a view of `length` bytes for get_buffer of simple exporters. */
int buffer_fill(Py_buffer *view, PyObject *exporter, void *data, Py_ssize_t length, bool readonly,
                int flags);
/* A writable view for readinto() and its like: "fname() argument must be read-write bytes-like". */
int buffer_get_writable(Value v, const char *fname, Py_buffer *view);
bool buffer_is_contiguous(const Py_buffer *view, char order); /* 'C', 'F', 'A' */
/* Address of the item at the indices. */
char *buffer_item(const Py_buffer *view, const Py_ssize_t *indices);
/* Copies all items to / from contiguous memory of view->len bytes; order 'C', 'F' or 'A'. */
void buffer_copy_out(char *to, const Py_buffer *view, char order);
void buffer_copy_in(const Py_buffer *view, const char *from, char order);

/* A memoryview of the bytes of a contiguous buffer, in the order of memory. */
PyObject *memoryview_raw(Value exporter);
/* The strides of contiguous items in the order 'C' or 'F'; any other is as 'C'. */
void buffer_fill_strides(Py_ssize_t *strides, const Py_ssize_t *shape, int dimensions,
                         Py_ssize_t itemsize, char order);
/* A memoryview of a copy of the items, to be read only: contiguous in the order 'C' or 'F'; 'A' is
 * as 'C'. */
PyObject *memoryview_copy(const Py_buffer *info, char order);

/* The managed buffers of memoryviews that this thread made last, if they show the cell `data` and
 * nobody has released them; returns how many. Some may be dead. */
#define MEMORYVIEW_RECENT 8
size_t memoryview_recent(const void *data, PyObject **out);

/* An object with views cannot change its size; but views may be dead, and not be found yet. Looks
 * for those, if *exports is not zero: first for what only temporaries held, then by a collection.
 * `data`: the memory that they show, a cell of the heap, which stays for whoever still reads it. No
 * lock is held. May run Python code. */
void buffer_settle_exports(const Py_ssize_t *exports, const void *data);

#endif
