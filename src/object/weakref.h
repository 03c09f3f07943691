/* SPDX-License-Identifier: MIT */
/* Weak references and weak proxies as Python sees them; heap/weakref.c has the mechanism. */
#ifndef OROCHI_OBJECT_WEAKREF_H
#define OROCHI_OBJECT_WEAKREF_H

#include "object/object.h"

/* ref, proxy or callable proxy, subclasses included. */
bool weakref_check(Value v);
/* weakref.proxy(): callback may be NULL. */
PyObject *weakref_proxy_new(PyObject *referent, PyObject *callback);
/* A list of the references to the object, or NULL. Objects that cannot be referenced have none. */
PyObject *weakref_get_list(PyObject *referent);
size_t weakref_count(PyObject *referent);
/* Calls the callback of a reference that was cleared; errors are unraisable. */
void weakref_call_callback(PyObject *reference, PyObject *callback);
/* Start-up: hooks into the heap. */
void weakref_init(void);

#endif
