/* SPDX-License-Identifier: MIT */
/* The word ob_refcnt; capi/capi.c explains who counts what. */
#ifndef OROCHI_BASE_REFERENCE_COUNT_H
#define OROCHI_BASE_REFERENCE_COUNT_H

#include <Python.h>

#include "base/atomic.h"
#include "base/debug.h"

/* A public object that extension code holds no reference to. The low part is for code that reads
 * the count as an int: so it sees what CPython shows of an object that a variable holds and
 * somebody looks at (2), and one more for each reference that it counted itself. NumPy takes an
 * array with more than 2 for one that others look at, and frees its memory otherwise
 * (ndarray.resize). */
#define OBJECT_PUBLIC_COUNT (((Py_ssize_t)1 << 40) + 2)

/* Public: more than half of the public count, so that a count that somebody got wrong by a few is
 * still told apart. */
static ALWAYS_INLINE bool object_is_public(const PyObject *o)
{
    return atomic_load_relaxed(&o->ob_refcnt) >= OBJECT_PUBLIC_COUNT / 2;
}
/* The C count: references that extension code holds. */
static ALWAYS_INLINE Py_ssize_t object_c_count(const PyObject *o)
{
    return object_is_public(o) ? o->ob_refcnt - OBJECT_PUBLIC_COUNT : o->ob_refcnt;
}
/* Is it anything but zero? An object that somebody gave up once too often counts as held. */
static ALWAYS_INLINE bool object_is_counted(const PyObject *o)
{
    return o->ob_refcnt != OBJECT_PUBLIC_COUNT && o->ob_refcnt != 0;
}

#endif
