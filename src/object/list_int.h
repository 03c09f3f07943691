/* SPDX-License-Identifier: MIT */
/* What the files of the list type share. */
#ifndef OROCHI_OBJECT_LIST_INT_H
#define OROCHI_OBJECT_LIST_INT_H

#include "object/function.h"
#include "object/int.h"
#include "object/list.h"
#include "object/native.h"

/* `allocated` of an unlocked list: negative, with a free lock byte. */
#define LIST_UNLOCKED ((Py_ssize_t)-256)

/* The array of a list; under the lock, or by one who checks the capacity. */
static inline struct list_items *list_items_of(const PyListObject *list)
{
    return (struct list_items *)((char *)list->ob_item - offsetof(struct list_items, items));
}
struct list_items *list_items_new(Py_ssize_t capacity);
PyObject *list_from_items(struct list_items *array, Py_ssize_t size);
/* A private copy of the items, taken in one step. */
struct list_items *list_snapshot(PyObject *list, Py_ssize_t *count);
struct list_items *list_take_items(PyObject *list, Py_ssize_t *count,
                                   struct list_items **placeholder);
bool list_put_items(PyObject *list, struct list_items *array, Py_ssize_t count,
                    struct list_items *placeholder);
bool list_exchange_items(PyObject *list, const struct list_items *expected,
                         struct list_items *array, Py_ssize_t count);
/* Removes [low, high), a valid range. No safepoint. */
void list_remove_range_locked(PyListObject *list, Py_ssize_t low, Py_ssize_t high);
int repeat_count(Value v, Py_ssize_t *out);

/* Copies all items, in one step, if there are no more than `room`; their number, or -1. */
Py_ssize_t list_copy_few(PyObject *list, PyObject **out, Py_ssize_t room);

/* A list that is made item by item. The first items wait on the C stack, so that a short list gets
 * an array of its size at once. */
enum { LIST_BUILDER_FEW = 24 };
struct list_builder {
    PyObject *list; /* NULL until there are more than a few */
    size_t count;   /* of the few */
    Value few[LIST_BUILDER_FEW];
};
static inline void list_builder_init(struct list_builder *b)
{
    b->list = NULL;
    b->count = 0;
}
/* An item that finds no room among the few. */
int list_builder_add_slow(struct list_builder *b, PyObject *item);
/* item NULL: an exception is set, -1. */
static ALWAYS_INLINE int list_builder_add(struct list_builder *b, PyObject *item)
{
    if (UNLIKELY(item == NULL)) {
        return -1;
    }
    if (LIKELY(b->count < LIST_BUILDER_FEW)) {
        b->few[b->count++] = value_from_object(item);
        return 0;
    }
    return list_builder_add_slow(b, item);
}
PyObject *list_builder_finish(struct list_builder *b);

extern const struct native_def list_methods[];

#endif
