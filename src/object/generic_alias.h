/* SPDX-License-Identifier: MIT */
/* Generic aliases (list[int]) and unions (int | str). */
#ifndef OROCHI_OBJECT_GENERIC_ALIAS_H
#define OROCHI_OBJECT_GENERIC_ALIAS_H

#include "object/object.h"

struct generic_alias { /* constant, but for parameters */
    PyObject_HEAD Value origin;
    PyObject *args;       /* tuple */
    PyObject *parameters; /* tuple or NULL; atomic: computed when asked for */
    PyObject *weaklist;
    bool starred;
};

struct union_object {             /* constant, but for parameters */
    PyObject_HEAD PyObject *args; /* tuple */
    PyObject *parameters;         /* tuple or NULL; atomic */
};

extern PyTypeObject union_type; /* types.UnionType */

/* The type variables in args, in order of appearance: a tuple, or NULL. */
PyObject *generic_parameters(PyObject *args);
/* Replaces type variables in args by the items of a subscription: a tuple, or NULL. */
PyObject *generic_substitute(Value self, PyObject *args, PyObject *parameters, Value item);
/* Appends the text of one argument. 0 or -1. */
struct str_builder;
int generic_repr_item(struct str_builder *out, Value item);

#endif
