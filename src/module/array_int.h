/* SPDX-License-Identifier: MIT */
/* What the files of the array module share. */
#ifndef OROCHI_MODULE_ARRAY_INT_H
#define OROCHI_MODULE_ARRAY_INT_H

#include "object/bytes.h"
#include "object/float.h"
#include "object/function.h"
#include "object/int.h"
#include "object/iterator.h"
#include "object/list.h"
#include "object/native.h"
#include "object/simple_compare.h"
#include "object/str.h"
#include "thread/lock.h"

struct array_kind {
    char code;
    uint8_t size;
    const char *format;             /* of buffers */
    Value (*get)(const char *from); /* makes the Value of an item */
    int (*put)(Value v, char *out); /* checks and converts; 0 or -1 */
    int machine_format;             /* what pickles call it, on this machine */
};

struct array {
    PyVarObject base;                    /* ob_size: how many items; under the lock, read free */
    char *items;                         /* a RAW cell; atomic */
    const struct array_kind *kind;       /* constant */
    Py_ssize_t exports;                  /* buffers that are out; under the lock */
    Py_ssize_t view_length, view_stride; /* what they point to */
    PyObject *weak_references;
    uint8_t lock;
};

extern PyTypeObject array_type, array_iterator_type;
extern const struct native_def array_methods[];
extern const struct getset_def array_getsets[];
extern const struct array_kind array_kinds[]; /* ends with code 0 */

static inline struct array *array_cast(Value v)
{
    return (struct array *)value_object(v);
}
static inline bool array_check(Value v)
{
    return value_is_instance(v, &array_type);
}

const struct array_kind *array_kind_find(Py_UCS4 code);
struct array *array_new(PyTypeObject *type, const struct array_kind *kind, Py_ssize_t length);
Py_ssize_t array_length(struct array *a);
Value array_find(struct array *a, Py_ssize_t i); /* VALUE_ABSENT if out of range */
/* A private copy of the items; NULL with MemoryError. */
char *array_snapshot(struct array *a, Py_ssize_t *length);

/* The items that a search looks at: those of one moment, where comparing them with what is wanted
 * runs no Python code and other threads may move them meanwhile; else each as it is then. */
struct array_search {
    struct array *array;
    char *items; /* a copy, or NULL */
    Py_ssize_t length;
};
int array_search_init(struct array_search *s, struct array *a, Value wanted); /* 0 or -1 */
Value array_search_find(const struct array_search *s, Py_ssize_t i); /* VALUE_ABSENT at the end */

/* The next four take the array's byte lock, under which a negative index counts from the end.
 * -1 with BufferError or MemoryError. */
int array_append_raw(struct array *a, const char *from, Py_ssize_t count);
int array_insert_raw(struct array *a, Py_ssize_t index,
                     const char *from);                        /* clipped, as lists do */
bool array_read(struct array *a, Py_ssize_t index, char *raw); /* false if there is no such item */
/* 1 if the item was deleted, 0 if there is none, or it is not `expected` (NULL: whatever it is). */
int array_delete(struct array *a, Py_ssize_t index, const char *expected);

int array_append(struct array *a, Value v);
int array_append_bytes(struct array *a, Value bytes);
int array_append_str(struct array *a, PyObject *text);
int array_extend(struct array *a, Value iterable);
PyObject *array_to_list(struct array *a);
PyObject *array_to_str(struct array *a);

#endif
