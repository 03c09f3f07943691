/* SPDX-License-Identifier: MIT */
/* What the files of the set types share. */
#ifndef OROCHI_OBJECT_SET_INT_H
#define OROCHI_OBJECT_SET_INT_H

#include "object/dict_int.h"

/* A slot of a set's table: unused (key VALUE_NULL), active, or deleted (key VALUE_ABSENT). A slot
 * goes through these in this order and never back. Same layout as setentry. */
struct set_entry {
    Value key;
    Py_hash_t hash; /* constant once key is published */
};

/* A table on the heap; PySetObject.table points to `entries`. */
struct set_table {
    const struct cell_type *cell;
    size_t mask;
    struct set_entry entries[];
};

/* A walk over the table that the set had at the start: it meets what is in the set all the while,
 * also when others change it. */
struct set_scan {
    const struct set_entry *next, *last;
};
struct set_scan set_scan_start(PyObject *s);
bool set_scan_next(struct set_scan *scan, Value *key, Py_hash_t *hash);

static inline bool value_object_is(Value v, const PyObject *o)
{
    return v.bits == (uint64_t)(uintptr_t)o;
}

PyObject *set_alloc(PyTypeObject *type); /* empty */
void set_trace(PyObject *self, struct tracer *tracer);
PyTypeObject *set_base_type(PyObject *s);
PyObject *set_copy(PyObject *s);
PyObject *set_to_list(PyObject *s); /* what iteration gives, taken in one step */
int set_clear(PyObject *s);
Value set_pop(PyObject *s); /* VALUE_ABSENT if empty */
size_t set_table_size(PyObject *s);

/* With the hash of the key, which is normal (dict_key_normal). */
int set_contains_hashed(PyObject *s, Value key, Py_hash_t hash);
int set_add_hashed(PyObject *s, Value key, Py_hash_t hash);
int set_discard_hashed(PyObject *s, Value key, Py_hash_t hash);

PyObject *set_union(PyObject *s, PyObject *other);
PyObject *set_intersection(PyObject *s, Value other);
PyObject *set_difference(PyObject *s, Value other);
int set_intersection_update(PyObject *s, Value other);
int set_difference_update(PyObject *s, Value other);
int set_symmetric_difference_update(PyObject *s, Value other);
/* Gives s the contents of a set that only the caller knows. */
int set_take_contents(PyObject *s, PyObject *from);
int set_is_subset(PyObject *s, PyObject *of);
Py_hash_t set_frozen_hash(PyObject *s);

#endif
