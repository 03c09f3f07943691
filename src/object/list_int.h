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

extern const struct native_def list_methods[];

#endif
