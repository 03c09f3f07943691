/* SPDX-License-Identifier: MIT */
/* Searching in arrays of characters of one kind (1, 2 or 4 bytes). Used by str and, with kind 1, by
 * bytes. Positions are in characters; -1: not found. No allocation. */
#ifndef OROCHI_OBJECT_STR_SEARCH_H
#define OROCHI_OBJECT_STR_SEARCH_H

#include <Python.h>

Py_ssize_t search_char(int kind, const void *data, Py_ssize_t n, Py_UCS4 c);
Py_ssize_t search_char_back(int kind, const void *data, Py_ssize_t n, Py_UCS4 c);
/* An empty needle is found at 0, from the back at n. */
Py_ssize_t search_forward(int kind, const void *data, Py_ssize_t n, const void *needle,
                          Py_ssize_t m);
Py_ssize_t search_back(int kind, const void *data, Py_ssize_t n, const void *needle, Py_ssize_t m);
/* Without overlaps, at most max; an empty needle counts n + 1 times. */
Py_ssize_t search_count(int kind, const void *data, Py_ssize_t n, const void *needle, Py_ssize_t m,
                        Py_ssize_t max);

#endif
