/* SPDX-License-Identifier: MIT */
/* Inside memoryview: memoryview.c has views and their life, memoryview_items.c what is in them. */
#ifndef OROCHI_OBJECT_MEMORYVIEW_INT_H
#define OROCHI_OBJECT_MEMORYVIEW_INT_H

#include "object/buffer.h"
#include "object/bytes_int.h"
#include "object/str_int.h"

static inline PyMemoryViewObject *memoryview_cast(Value v)
{
    return (PyMemoryViewObject *)value_object(v);
}
static inline bool memoryview_check(Value v)
{
    return value_is_object(v) && value_object(v)->ob_type == &PyMemoryView_Type;
}
/* 0, or -1 with ValueError if the view or its memory was released. */
int memoryview_check_released(const PyMemoryViewObject *m);
/* A view on the same memory, to be narrowed; ndim as given. */
PyMemoryViewObject *memoryview_derive(PyMemoryViewObject *m, const Py_buffer *view);
void memoryview_init_flags(PyMemoryViewObject *m);

/* The one-letter native format, or 0. */
char memoryview_native_format(const char *format);
Py_ssize_t memoryview_native_size(char format);
Value memoryview_unpack(const char *item, const char *format);

Value memoryview_getitem(Value self, Value key);
int memoryview_setitem(Value self, Value key, Value v);
Value memoryview_richcompare(Value self, Value other, int op);
Value memoryview_tolist(Value self);
Value memoryview_item(Value self, Py_ssize_t index);

extern PyTypeObject memory_iterator_type;

#endif
