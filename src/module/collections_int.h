/* SPDX-License-Identifier: MIT */
/* What the files of the _collections module share. */
#ifndef OROCHI_MODULE_COLLECTIONS_INT_H
#define OROCHI_MODULE_COLLECTIONS_INT_H

#include "object/native.h"

extern PyTypeObject deque_type, deque_iterator_type, deque_reverse_iterator_type;

PyObject *deque_to_list(PyObject *deque); /* a snapshot; NULL with MemoryError */

#endif
