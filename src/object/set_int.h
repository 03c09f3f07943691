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

int set_difference_update(PyObject *s, Value other);
int set_symmetric_difference_update(PyObject *s, Value other);
int set_intersection_update(PyObject *s, Value other);
PyObject *set_copy_as(PyObject *s, PyTypeObject *type); /* type exact */

#endif
