/* SPDX-License-Identifier: MIT */
/* Module objects: the layout that CPython keeps private. */
#ifndef OROCHI_OBJECT_MODULE_H
#define OROCHI_OBJECT_MODULE_H

#include "object/native.h"
#include "object/object.h"

struct module_object {
    PyObject_HEAD PyObject *dict; /* constant after creation */
    struct PyModuleDef *def;      /* of extension modules; NULL otherwise */
    void *state;                  /* of extension modules */
    PyObject *weaklist;
    PyObject *name; /* str or NULL */
};

static inline bool module_check(Value v)
{
    return value_is_object(v) && type_is_subtype(value_object(v)->ob_type, &PyModule_Type);
}

#endif
