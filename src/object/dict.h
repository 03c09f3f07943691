/* SPDX-License-Identifier: MIT */
/* Dicts: PyDictObject whose ma_keys points to a struct dict_table, a heap cell, and whose
 * ma_values holds the byte lock.
 *
 * Protocol
 *  - A table is append-only: an entry's hash and key never change once its index is published;
 *    deletion sets the entry's value to VALUE_ABSENT; a key that comes back gets a new entry.
 *    When the entries are used up, a new table (bigger, or compacted) replaces it; the old one is
 *    frozen and stays valid for readers until the collector finds nobody.
 *  - Readers take no lock: load ma_keys (acquire), probe, load the value (acquire). An unlocked
 * read is linearisable: the old table was current after the reader began.
 *  - Writers hold the byte lock. No Python code runs under it: the writer probes first without the
 *    lock, then checks that the table and its used_entries are what they were.
 *  - So an inline cache may hold (table, entry index): while ma_keys == table, that entry is the
 * one for its key unless its value is ABSENT. That a key is missing stays true while ma_keys ==
 * table and table->used_entries is what it was.
 *  - A dict that is the __dict__ of an instance with a shape (object/shape.h) has ma_keys pointing
 * to an instance view (kind DICT_VIEW): every operation goes to the instance's slots. */
#ifndef OROCHI_OBJECT_DICT_H
#define OROCHI_OBJECT_DICT_H

#include "object/object.h"
#include "thread/lock.h"

struct dict_entry {
    Value key;
    Value value; /* VALUE_ABSENT: deleted */
    Py_hash_t hash;
};

enum dict_table_kind { DICT_GENERAL, DICT_STRINGS /* all keys exact str */, DICT_VIEW };

struct dict_table {
    const struct cell_type *cell;
    uint8_t kind;         /* constant */
    uint8_t log2_indices; /* constant: size of the index table */
    uint8_t index_bytes;  /* constant: 1, 2 or 4 (8 for huge) */
    uint32_t live_begin;  /* hint: entries before it are deleted; under the lock, read free */
    size_t capacity;      /* constant: entries there is room for */
    size_t
        used_entries; /* entries filled, deleted ones included; grows; under the lock, read free */
    size_t live_end;  /* hint: entries at or after it are deleted; under the lock */
    struct dict_entry *entries; /* constant: inside this cell, after the indices. DICT_VIEW: the
                                 * instance (dict_view_instance) */
    unsigned char indices[];    /* atomic; index of an entry + 1, or 0 for empty */
};

static inline bool dict_check(Value v)
{
    return value_is_object(v) &&
           type_has_feature(value_object(v)->ob_type, Py_TPFLAGS_DICT_SUBCLASS);
}
static inline bool dict_check_exact(Value v)
{
    return value_is_object(v) && value_object(v)->ob_type == &PyDict_Type;
}
static inline uint8_t *dict_byte_lock(PyObject *d)
{
    return (uint8_t *)&((PyDictObject *)d)->ma_values;
}
static inline struct dict_table *dict_table(PyObject *d)
{
    return (struct dict_table *)atomic_load_acquire(&((PyDictObject *)d)->ma_keys);
}
static inline bool dict_is_view(PyObject *d)
{
    return dict_table(d)->kind == DICT_VIEW;
}
static inline PyObject *dict_view_instance(const struct dict_table *table)
{
    return (PyObject *)(void *)table->entries;
}
Py_ssize_t dict_view_length(const struct dict_table *table);
static inline Py_ssize_t dict_length(const PyObject *d)
{
    const struct dict_table *table = dict_table((PyObject *)d);
    return LIKELY(table->kind != DICT_VIEW)
               ? atomic_load_relaxed(&((const PyDictObject *)d)->ma_used)
               : dict_view_length(table);
}

/* For shape.c: a dict that shows the instance's slots; and the end of that, when the instance goes
 * to dict mode: the dict gets a table of its own, filled from the slots. The caller has stopped the
 * world (or is the only one who knows the instance) and sets shape_dict_mode afterwards. */
PyObject *dict_new_view(PyObject *instance);
int dict_view_detach(PyObject *d);

PyObject *dict_new(void);
PyObject *dict_new_sized(size_t count);
/* The value, VALUE_ABSENT, or VALUE_NULL with an exception from hash or eq. */
Value dict_get(PyObject *d, Value key);
/* For exact str keys (names): never fails, runs no Python code, takes no lock. */
Value dict_get_str(PyObject *d, PyObject *key);
Value dict_get_hashed(PyObject *d, Value key, Py_hash_t hash);
int dict_set(PyObject *d, Value key, Value v);
/* The same for a dict that nobody else has seen, and that is no view: takes no lock. */
int dict_set_private(PyObject *d, Value key, Value v);
int dict_set_str(PyObject *d, PyObject *key, Value v);
int dict_set_hashed(PyObject *d, Value key, Value v, Py_hash_t hash);
Value dict_setdefault_hashed(PyObject *d, Value key, Value v, Py_hash_t hash);
Value dict_pop_hashed(PyObject *d, Value key, Py_hash_t hash);
int dict_delete(PyObject *d, Value key); /* 1 deleted, 0 was not there, -1 error */
/* Deletes the key if its value is this very object, in one step (for a view of an instance: two).
 * 1 or 0: deleted or not; -1 with an exception. May run __hash__ and __eq__. */
int dict_delete_value(PyObject *d, Value key, Value value);
/* Sets if absent, in one atomic step; returns the value that is there now. */
Value dict_setdefault(PyObject *d, Value key, Value v);
/* Removes and returns, VALUE_ABSENT if it was not there. */
Value dict_pop(PyObject *d, Value key);
int dict_contains(PyObject *d, Value key);
void dict_clear(PyObject *d);
PyObject *dict_copy(PyObject *d);
/* Removes and returns the last pair as a tuple; KeyError. */
Value dict_popitem(PyObject *d);
/* dict.update(argument): a mapping or an iterable of pairs. */
int dict_update(PyObject *d, Value argument);
/* override: 0 keeps present keys, 1 replaces, 2 raises KeyError(key) on a duplicate. */
int dict_merge(PyObject *d, Value mapping, int override);
int dict_merge_pairs(PyObject *d, Value pairs, int override);
PyObject *dict_keys(PyObject *d); /* lists, one atomic snapshot each */
PyObject *dict_values(PyObject *d);
PyObject *dict_items(PyObject *d);
/* Iterates: *position starts at 0; false at the end. Safe against concurrent changes (an entry may
 * be missed or seen once); runs no Python code. */
bool dict_next(PyObject *d, size_t *position, Value *key, Value *value, Py_hash_t *hash);
/* For inline caches: index of the entry of an exact str key in the current table, -1 if absent. */
Py_ssize_t dict_find_entry(struct dict_table *table, PyObject *key);

/* Sets (PySetObject; same protocol, object/set.c). frozen: PyFrozenSet_Type. */
PyObject *set_new(PyTypeObject *type, Value iterable_or_absent);
int set_add(PyObject *s, Value key);
int set_discard(PyObject *s, Value key); /* 1, 0, -1 */
int set_contains(PyObject *s, Value key);
Py_ssize_t set_length(const PyObject *s);
int set_update(PyObject *s, Value iterable);
bool set_next(PyObject *s, size_t *position, Value *key, Py_hash_t *hash);
bool set_check(Value v); /* set or frozenset, subclasses too */

/* True if v is a dict that iterates like one, a view of one, a set or a deque: then *list is a list
 * of what iteration gives, taken in one step, or NULL with an exception. */
bool container_snapshot(Value v, PyObject **list);
/* The deque, which module/ has: set once, before there is one. */
extern struct snapshot_kind {
    PyTypeObject *type;
    PyObject *(*to_list)(PyObject *);
} snapshot_other;

#endif
