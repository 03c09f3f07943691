/* SPDX-License-Identifier: MIT */
/* The layouts of the built-in iterators that others look into (the VM's loops, pickling).
 *
 * Threads that share an iterator get each item once: whoever moves its cursor has the item. An
 * iterator that a loop made for itself is `owned`: no other thread can know it, and its cursor is
 * moved with plain stores. So are those of a zip or enumerate, under its lock, until its __reduce__
 * hands them out. Fields are single words, read and written whole. */
#ifndef OROCHI_OBJECT_ITERATOR_H
#define OROCHI_OBJECT_ITERATOR_H

#include "object/int.h"
#include "object/list.h"

/* Moves a cursor on. False: another thread has moved it; what was read there is that thread's. */
static ALWAYS_INLINE bool cursor_move(uint64_t *cursor, uint64_t seen, uint64_t next, bool owned)
{
    if (LIKELY(owned || !thread_many)) {
        atomic_store_relaxed(cursor, next);
        return true;
    }
    return atomic_cas_relaxed(cursor, seen, next);
}

/* PyListIter_Type, PyListRevIter_Type, PyTupleIter_Type, and PySeqIter_Type (over __getitem__). */
struct sequence_iterator {
    PyObject_HEAD PyObject *sequence; /* NULL: exhausted */
    Py_ssize_t index;                 /* of the next item; a cursor */
    PyObject *owned;                  /* the sequence while the iterator is owned, else NULL */
};
static ALWAYS_INLINE bool sequence_iterator_move(struct sequence_iterator *it, Py_ssize_t from,
                                                 Py_ssize_t to)
{
    return cursor_move((uint64_t *)(void *)&it->index, (uint64_t)from, (uint64_t)to,
                       it->owned != NULL);
}

/* PyRangeIter_Type: all values that it yields fit in an inline integer. */
struct range_iterator {
    PyObject_HEAD int64_t end, step; /* the value after the last; constant */
    int64_t remaining;               /* a cursor; 0: exhausted */
    int64_t length;                  /* of the range; constant */
    int64_t owned_above;             /* owned: 0, the plain way for every `remaining`; else the
                                      * greatest integer */
};
#define RANGE_ITERATOR_SHARED INT64_MAX
static inline int64_t range_iterator_value(const struct range_iterator *it, int64_t remaining)
{
    return it->end - remaining * it->step;
}

/* The iterators over dicts: PyDictIterKey_Type and so on. */
struct dict_iterator {
    PyObject_HEAD PyObject *dict; /* NULL: exhausted */
    Py_ssize_t used;              /* the dict's length at the start; -1 after it changed */
    uint64_t progress; /* a cursor of two halves: the position for dict_next (backwards: one after
                        * the next entry), and above it the number of entries that are left */
    bool owned;
};

/* Item i as list_find_fast gives it, for who goes through the list: an item further on is fetched
 * into the cache meanwhile, for items lie wherever they were allocated. */
static ALWAYS_INLINE PyObject *list_find_next(PyObject *list, Py_ssize_t i)
{
    enum { AHEAD = 8 };
    PyObject **items = atomic_load_acquire(&((PyListObject *)list)->ob_item);
    Py_ssize_t size = atomic_load_relaxed(&((PyVarObject *)list)->ob_size);
    const struct list_items *array =
        (const struct list_items *)((const char *)items - offsetof(struct list_items, items));
    if (LIKELY((size_t)i < (size_t)size && i < array->capacity)) {
        if (i + AHEAD < array->capacity) {
            __builtin_prefetch(atomic_load_relaxed(&items[i + AHEAD]));
        }
        return list_load_item(&items[i]);
    }
    return NULL;
}

/* The item, as an object, of an exact PyListIter_Type; NULL at the end. */
PyObject *list_iterator_step_slow(struct sequence_iterator *it);
static ALWAYS_INLINE PyObject *list_iterator_step(struct sequence_iterator *it)
{
    PyObject *list = it->owned;
    Py_ssize_t i = atomic_load_relaxed(&it->index);
    PyObject *item = LIKELY(list != NULL) ? list_find_next(list, i) : NULL;
    if (UNLIKELY(item == NULL)) {
        return list_iterator_step_slow(it);
    }
    atomic_store_relaxed(&it->index, i + 1);
    return item;
}
/* object_next, with iterators over lists in place. */
static ALWAYS_INLINE Value iterator_next_item(Value iterator)
{
    if (value_is_object(iterator) && value_object(iterator)->ob_type == &PyListIter_Type) {
        PyObject *item =
            list_iterator_step((struct sequence_iterator *)(void *)value_object(iterator));
        return LIKELY(item != NULL) ? int_unbox_ready(item) : VALUE_ABSENT;
    }
    return object_next(iterator);
}

/* Gives the iterator's items to `take`, one after the other, until it declines one, which is
 * returned; VALUE_ABSENT at the end. `take` runs no Python code, reaches no safepoint but what
 * allocation has, and leaves no exception: the code of a generator is not suspended meanwhile. */
typedef bool (*item_taker)(void *state, Value item);
Value object_drain(Value iterator, item_taker take, void *state);
/* The same for an exact PyGen_Type; set by vm/ at start-up. */
extern Value (*generator_drain)(Value generator, item_taker take, void *state);

/* How many items the iterator will give, if that is known without asking anybody, and no more than
 * room is worth being made for at once; else 0. */
Py_ssize_t iterator_count_left(Value iterator);

/* Do iterators over v step without running Python code, and without waiting for more than the lock
 * of v? So a step of several of them can be one step, under a byte lock. */
bool iterable_is_simple(Value v);
/* An owned iterator over something simple is about to be shown to others. Nobody steps it
 * meanwhile. */
void object_iter_share(Value iterator);

PyObject *sequence_iterator_new_of(PyTypeObject *type, PyObject *sequence, Py_ssize_t index);
PyObject *callable_iterator_new(Value callable, Value sentinel);

/* What next() gives, when that is a pair which is taken apart at once: no tuple is made.
 * 1 got, 0 at the end, -1 error; 2: not possible, use next(). */
int dict_items_next_pair(Value iterator, Value pair[2]); /* exact PyDictIterItem_Type */
int enumerate_next_pair(Value iterator, Value pair[2]);  /* exact PyEnum_Type */
int zip_next_pair(Value iterator, Value pair[2]);        /* exact PyZip_Type */

/* slice.indices() for a length of any size: start, stop, step. 0 or -1. */
int slice_big_indices(PyObject *slice, Value length, Value out[3]);

/* builtins.iter and builtins.reversed, for __reduce__ of iterators; NULL with an exception. */
Value builtin_function(const char *name);
/* (builtins.<name>, (argument,)) or (builtins.<name>, (argument,), state) if state is present. */
Value iterator_reduce(const char *name, Value argument, Value state);

/* Reads a subscript that must be an index: 0, or -1 with CPython's IndexError for big ones.
 * The caller knows that key has __index__ (object_has_index). */
bool object_has_index(Value key);
int subscript_index(Value key, Py_ssize_t *out);
/* Like a part of a slice: None is not allowed, big ones are clipped. */
int arg_slice_index(Value v, Py_ssize_t *out);
/* The optional start and stop of index() methods, for a sequence of that length. */
int arg_search_range(Value start, Value stop, Py_ssize_t length, Py_ssize_t *low, Py_ssize_t *high);
static inline bool slice_check(Value v)
{
    return value_is_object(v) && value_object(v)->ob_type == &PySlice_Type;
}

#endif
