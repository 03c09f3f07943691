/* SPDX-License-Identifier: MIT */
/* What the files of the dict type share. */
#ifndef OROCHI_OBJECT_DICT_INT_H
#define OROCHI_OBJECT_DICT_INT_H

#include "object/dict.h"
#include "object/function.h"
#include "object/int.h"
#include "object/iterator.h"
#include "object/list.h"
#include "object/native.h"
#include "object/simple_compare.h"
#include "object/str.h"

/* Results of a probe besides the index of an entry. */
enum dict_find {
    DICT_MISSING = -1,
    DICT_UNKNOWN = -2, /* a comparison needs Python code */
    DICT_ERROR = -3,
    DICT_CHANGED = -4 /* a comparison changed the dict: start over */
};

#define DICT_MIN_LOG2 3

extern struct dict_table dict_empty_table;

struct dict_table *dict_table_new(unsigned log2, enum dict_table_kind kind);
unsigned dict_log2_for(size_t slots);       /* smallest table with so many slots */
unsigned dict_log2_for_count(size_t count); /* smallest table with room for so many entries */
/* Probes without Python code and without a lock: an index, MISSING or UNKNOWN. */
Py_ssize_t dict_table_find(const struct dict_table *t, Value key, Py_hash_t hash);
/* Probes table t of dict d; comparisons may run Python code. */
Py_ssize_t dict_table_find_slow(PyObject *d, struct dict_table *t, Value key, Py_hash_t hash);
/* Appends to a table with room that does not have the key. Under the lock, or private. */
void dict_table_append(struct dict_table *t, Value key, Py_hash_t hash, Value v);
/* A copy of the live entries of t with at least 2^log2 slots. `moved`: the original is given up, so
 * references are moved, not copied. NULL with MemoryError. */
struct dict_table *dict_table_copy(const struct dict_table *t, unsigned log2,
                                   enum dict_table_kind kind, bool moved);

/* The index of an entry + 1, or 0. */
static ALWAYS_INLINE size_t dict_index_load(const struct dict_table *t, size_t slot)
{
    if (LIKELY(t->index_bytes == 1)) {
        return atomic_load_acquire(&t->indices[slot]);
    }
    switch (t->index_bytes) {
    case 2: return atomic_load_acquire(&((const uint16_t *)(const void *)t->indices)[slot]);
    case 4: return atomic_load_acquire(&((const uint32_t *)(const void *)t->indices)[slot]);
    default: return atomic_load_acquire(&((const uint64_t *)(const void *)t->indices)[slot]);
    }
}

/* The probe sequence. */
struct dict_probe {
    size_t slot, mask, perturb;
};
static ALWAYS_INLINE struct dict_probe dict_probe_start(const struct dict_table *t, Py_hash_t hash)
{
    size_t mask = ((size_t)1 << t->log2_indices) - 1;
    return (struct dict_probe){(size_t)hash & mask, mask, (size_t)hash};
}
static ALWAYS_INLINE void dict_probe_next(struct dict_probe *p)
{
    p->perturb >>= 5;
    p->slot = (p->slot * 5 + p->perturb + 1) & p->mask;
}

static inline Value dict_entry_value(const struct dict_entry *e)
{
    return value_load_acquire(&e->value);
}
/* Ints and floats are stored unboxed, so that equal keys have equal bits. */
static ALWAYS_INLINE Value dict_key_normal(Value key)
{
    if (value_is_object(key)) {
        PyTypeObject *type = value_object(key)->ob_type;
        if (type == &PyLong_Type || type == &PyFloat_Type) {
            return value_unbox(value_object(key));
        }
    }
    return key;
}
/* -1 with TypeError if unhashable. */
static ALWAYS_INLINE Py_hash_t dict_key_hash(Value key)
{
    if (str_check_exact(key)) {
        Py_hash_t hash = ((PyASCIIObject *)value_object(key))->hash;
        return hash != -1 ? hash : str_hash(value_object(key));
    }
    if (value_is_int(key)) {
        int64_t i = value_int(key);
        return i != -1 ? (Py_hash_t)i : -2;
    }
    return object_hash(key);
}
/* The same, and the key becomes normal. */
Py_hash_t dict_key_ready_slow(Value *key);
static ALWAYS_INLINE Py_hash_t dict_key_ready(Value *key)
{
    if (value_is_int(*key)) {
        int64_t i = value_int(*key);
        return i != -1 ? (Py_hash_t)i : -2;
    }
    if (LIKELY(str_check_exact(*key))) {
        Py_hash_t hash = ((PyASCIIObject *)value_object(*key))->hash;
        if (LIKELY(hash != -1)) {
            return hash;
        }
    }
    return dict_key_ready_slow(key);
}

/* For OrderedDict; not for views. popfirst: the pair, VALUE_ABSENT if empty. move_to_end: 1, 0 if
 * the key is not there, -1. */
Value dict_popfirst(PyObject *d);
int dict_move_to_end(PyObject *d, Value key, bool last);

uint64_t dict_new_version(void);
/* The table as it is now, private to the caller; NULL with MemoryError. Not for views. */
struct dict_table *dict_snapshot(PyObject *d);

/* The dict's own iteration, so that fast paths may look into it. */
Value dict_op_iter(Value self);
Value dict_missing_key(Value key); /* KeyError(key) */

PyObject *dict_view_new(PyObject *d, PyTypeObject *type);     /* PyDictKeys_Type ... */
PyObject *dict_iterator_new(PyObject *d, PyTypeObject *type); /* PyDictIterKey_Type ... */

/* Views on instances (object/dict_instance.c). set: `present` not NULL: only if the key is absent;
 * *present is what is there now. delete: 1 (then *old was the value), 0 or -1. */
Value dict_view_get(PyObject *d, Value key);
int dict_view_set(PyObject *d, Value key, Value v, Value *present);
int dict_view_delete(PyObject *d, Value key, Value *old);
void dict_view_clear(PyObject *d);
bool dict_view_next(const struct dict_table *t, size_t *position, Value *key, Value *value);

extern const struct native_def dict_methods[];

#endif
