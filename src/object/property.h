/* SPDX-License-Identifier: MIT */
/* Properties. */
#ifndef OROCHI_OBJECT_PROPERTY_H
#define OROCHI_OBJECT_PROPERTY_H

#include "object/object.h"

/* All but `doc` and `name` are constant after __init__; any may be NULL. */
struct property {
    PyObject ob_base;
    PyObject *getter, *setter, *deleter, *doc, *name;
    bool getter_doc; /* doc was taken from the getter */
};

#endif
