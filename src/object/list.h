/* SPDX-License-Identifier: MIT */
/* Lists and tuples.
 *
 * A list's item array is a heap cell that starts with its capacity; ob_item points to the items.
 *   Readers take no lock: load ob_item (acquire), load ob_size, check the index against both the
 *   size and that array's capacity, load the item; NULL or list_vacant means a writer was in
 *   between: look again under the lock.
 *   Writers hold the byte lock, which is the low byte of `allocated` (kept negative).
 *   The upper half of `allocated` counts, under that lock, what moves items (list_int.h).
 *   Growing swaps in a bigger array; the old one stays as it was for those who still read it.
 *
 * Extension code reads the fields without asking: the size, and later the item. Meanwhile another
 * thread may have made the list shorter. So the places of removed items hold list_vacant, an object
 * that every operation fails for; and while there is such code (extensions_may_look) an array is
 * only replaced by one with no less room, with list_vacant where the old one may have had items. */
#ifndef OROCHI_OBJECT_LIST_H
#define OROCHI_OBJECT_LIST_H

#include "object/int.h"
#include "thread/lock.h"

struct list_items {
    Py_ssize_t capacity;
    Py_ssize_t room; /* the same, but for what stands in for the array of a list that is sorted */
    PyObject *items[];
};

/* Where an item was. Only extension code ever sees it. */
extern PyObject list_vacant;

static inline bool list_check(Value v)
{
    return value_is_object(v) &&
           type_has_feature(value_object(v)->ob_type, Py_TPFLAGS_LIST_SUBCLASS);
}
static inline bool list_check_exact(Value v)
{
    return value_is_object(v) && value_object(v)->ob_type == &PyList_Type;
}
static inline uint8_t *list_byte_lock(PyObject *list)
{
    return (uint8_t *)&((PyListObject *)list)->allocated;
}
static inline Py_ssize_t list_length(const PyObject *list)
{
    return atomic_load_acquire(&((const PyVarObject *)list)->ob_size);
}
static ALWAYS_INLINE PyObject *list_load_item(PyObject *const *slot)
{
    PyObject *item = atomic_load_acquire(slot);
    return LIKELY(item != &list_vacant) ? item : NULL;
}
/* Item i (0 <= i), or NULL: it is out of range, or list_find_slow must look. No lock. */
static ALWAYS_INLINE PyObject *list_find_fast(PyObject *list, Py_ssize_t i)
{
    PyObject **items = atomic_load_acquire(&((PyListObject *)list)->ob_item);
    Py_ssize_t size = atomic_load_relaxed(&((PyVarObject *)list)->ob_size);
    if (LIKELY((size_t)i < (size_t)size)) {
        const struct list_items *array =
            (const struct list_items *)((const char *)items - offsetof(struct list_items, items));
        if (LIKELY(i < array->capacity)) {
            return list_load_item(&items[i]);
        }
    }
    return NULL;
}
/* Item i (0 <= i), or VALUE_ABSENT if out of range. No safepoint. */
Value list_find_slow(PyObject *list, Py_ssize_t i);
static ALWAYS_INLINE Value list_find(PyObject *list, Py_ssize_t i)
{
    PyObject *item = list_find_fast(list, i);
    return LIKELY(item != NULL) ? value_from_object(item) : list_find_slow(list, i);
}
/* The same; a negative i counts from the end, as it is at that moment. */
Value list_find_from_end(PyObject *list, Py_ssize_t i);
static ALWAYS_INLINE Value list_find_index(PyObject *list, Py_ssize_t i)
{
    return LIKELY(i >= 0) ? list_find(list, i) : list_find_from_end(list, i);
}
PyObject *list_new(Py_ssize_t capacity);                      /* empty, with room */
PyObject *list_from_array(const Value *values, size_t count); /* boxes */
int list_append(PyObject *list, Value v);
/* To a list that nobody else has seen, as one that is being built: takes no lock. */
int list_append_private_slow(PyObject *list, Value v);
static ALWAYS_INLINE int list_append_private(PyObject *o, Value v)
{
    PyObject *item = value_box_ready(v); /* may collect, which may replace the array */
    PyListObject *list = (PyListObject *)o;
    Py_ssize_t size = ((PyVarObject *)list)->ob_size;
    struct list_items *array =
        (struct list_items *)((char *)list->ob_item - offsetof(struct list_items, items));
    if (UNLIKELY(size >= array->capacity || item == NULL)) {
        return item == NULL ? -1 : list_append_private_slow(o, value_from_object(item));
    }
    heap_init(array, &array->items[size], item);
    atomic_store_release(&((PyVarObject *)list)->ob_size, size + 1);
    return 0;
}
int list_set(PyObject *list, Py_ssize_t i, Value v); /* -1 IndexError */
int list_insert(PyObject *list, Py_ssize_t i, Value v);
int list_extend(PyObject *list, Value iterable);
int list_set_slice(PyObject *list, Py_ssize_t low, Py_ssize_t high, Value iterable_or_absent);
PyObject *list_slice(PyObject *list, Py_ssize_t low, Py_ssize_t high);
/* The same with bounds as in list[start:stop]: negative ones count from the end of that moment. */
PyObject *list_slice_signed(PyObject *list, Py_ssize_t start, Py_ssize_t stop);
PyObject *list_copy(PyObject *list);
Value list_pop(PyObject *list, Py_ssize_t i);
void list_clear(PyObject *list);
/* Removes [low, high), a valid range; under the lock. No safepoint. */
void list_remove_range_locked(PyListObject *list, Py_ssize_t low, Py_ssize_t high);
int list_sort(PyObject *list, Value key /* or ABSENT */, bool reverse);
int list_reverse(PyObject *list);
PyObject *list_to_tuple(PyObject *list); /* one atomic snapshot */

/* Tuples are immutable; items of a fresh tuple are set with tuple_init_item before it is shared. */
static inline bool tuple_check(Value v)
{
    return value_is_object(v) &&
           type_has_feature(value_object(v)->ob_type, Py_TPFLAGS_TUPLE_SUBCLASS);
}
static inline bool tuple_check_exact(Value v)
{
    return value_is_object(v) && value_object(v)->ob_type == &PyTuple_Type;
}
static inline Py_ssize_t tuple_length(const PyObject *t)
{
    return ((const PyVarObject *)t)->ob_size;
}
static inline Value tuple_get(const PyObject *t, Py_ssize_t i)
{
    return value_from_object(((const PyTupleObject *)t)->ob_item[i]);
}
static inline PyObject *tuple_object(const PyObject *t, Py_ssize_t i)
{
    return ((const PyTupleObject *)t)->ob_item[i];
}
PyObject *tuple_new(Py_ssize_t length);                        /* items NULL; () is one object */
PyObject *tuple_from_array(const Value *values, size_t count); /* boxes */
PyObject *tuple_pack(size_t count, ...);                       /* PyObject * each */
PyObject *tuple_from_objects(PyObject *const *items, Py_ssize_t count); /* none is NULL */
int tuple_init_item(PyObject *t, Py_ssize_t i, Value v);                /* boxes; -1 no memory */
PyObject *tuple_slice(PyObject *t, Py_ssize_t low, Py_ssize_t high);

#endif
