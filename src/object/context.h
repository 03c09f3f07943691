/* SPDX-License-Identifier: MIT */
/* Context variables (PEP 567). */
#ifndef OROCHI_OBJECT_CONTEXT_H
#define OROCHI_OBJECT_CONTEXT_H

#include "object/object.h"

/* A new empty context; a copy of the given one; a copy of the thread's current one. */
PyObject *context_new(void);
PyObject *context_copy(PyObject *context);
PyObject *context_copy_current(void);
/* Makes it the thread's current one, and back. 0, or -1 with RuntimeError. */
int context_enter(PyObject *context);
int context_exit(PyObject *context);

PyObject *context_var_new(PyObject *name, Value fallback); /* fallback may be ABSENT */
/* The value in the current context, else the fallback if present, else the variable's default, else
 * ABSENT. NULL on error. */
Value context_var_get(PyObject *var, Value fallback);
PyObject *context_var_set(PyObject *var, Value value); /* a token */
int context_var_reset(PyObject *var, PyObject *token);
int context_init(void); /* the rest of the types */

#endif
