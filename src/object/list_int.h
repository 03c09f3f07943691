/* SPDX-License-Identifier: MIT */
/* What the files of the list type share. */
#ifndef OROCHI_OBJECT_LIST_INT_H
#define OROCHI_OBJECT_LIST_INT_H

#include "object/function.h"
#include "object/int.h"
#include "object/list.h"
#include "object/native.h"

/* `allocated` of an unlocked list: negative, with a free lock byte, and no moves. */
#define LIST_UNLOCKED PY_SSIZE_T_MIN

/* The array of a list; under the lock, or by one who checks the capacity. */
static inline struct list_items *list_items_of(const PyListObject *list)
{
    PyObject **items = atomic_load_acquire(&list->ob_item);
    return (struct list_items *)((char *)items - offsetof(struct list_items, items));
}
struct list_items *list_items_new(Py_ssize_t capacity);
/* The same, with room enough to take the place of the list's array as it is now. */
struct list_items *list_items_like(PyObject *list, Py_ssize_t capacity);
PyObject *list_from_items(struct list_items *array, Py_ssize_t size);
/* A private copy of the items, taken in one step. */
struct list_items *list_snapshot(PyObject *list, Py_ssize_t *count);
struct list_items *list_take_items(PyObject *list, Py_ssize_t *count,
                                   struct list_items **placeholder);
/* Puts contents in; true if the list had the placeholder, so nobody changed it. */
bool list_put_items(PyObject *list, struct list_items *array, Py_ssize_t count,
                    struct list_items *placeholder);
/* Under the lock. No safepoint. */
void list_put_items_locked(PyListObject *list, struct list_items *array, Py_ssize_t count);
/* Replaces the contents if they still are the `count` expected ones. */
bool list_exchange_items(PyObject *list, const struct list_items *expected,
                         struct list_items *array, Py_ssize_t count);
int repeat_count(Value v, Py_ssize_t *out);

/* ---- Searches take no lock, and an item that another thread moves meanwhile may pass them by. So
 * writers that move items count it in the upper half of `allocated`, which is odd while they do (a
 * sequence lock: Boehm, Can seqlocks get along with programming language memory models?, 2012): a
 * search that found nothing has missed nothing if no other thread moved items. What this thread
 * itself moved, in a comparison, python3.11 does not look for again either. */
extern _Thread_local uint32_t list_own_moves;

static inline uint32_t *list_moves(PyObject *list)
{
    return (uint32_t *)(void *)&((PyListObject *)list)->allocated + 1;
}
/* Under the lock, around what moves items. */
static inline void list_move_begin(PyListObject *list)
{
    uint32_t *moves = list_moves((PyObject *)list);
    if (thread_many) { /* the exchange keeps the moves behind it */
        atomic_exchange_acq_rel(moves, (*moves + 1) | UINT32_C(0x80000000));
    }
}
static inline void list_move_end(PyListObject *list)
{
    uint32_t *moves = list_moves((PyObject *)list);
    if (thread_many) {
        list_own_moves++;
        atomic_store_release(moves, (*moves + 1) | UINT32_C(0x80000000));
    }
}

struct list_search {
    uint32_t moves, own;
};
static inline struct list_search list_search_begin(PyObject *list)
{
    return (struct list_search){atomic_load_acquire(list_moves(list)), list_own_moves};
}
/* May the search since then have missed an item? Items are loaded with acquire order. */
static inline bool list_search_missed(PyObject *list, const struct list_search *since)
{
    uint32_t moves = atomic_load_relaxed(list_moves(list));
    return UNLIKELY((since->moves & 1) != 0 || moves != since->moves) &&
           list_own_moves == since->own;
}
/* The place of the first item in [low, high) that equals `wanted`; -1 if there is none, -2 on
 * error. May run Python code. */
Py_ssize_t list_search(PyObject *list, Value wanted, Py_ssize_t low, Py_ssize_t high);

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
