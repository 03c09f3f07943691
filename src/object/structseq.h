/* SPDX-License-Identifier: MIT */
/* Struct sequences: tuples with named items, as time.struct_time and os.stat_result. */
#ifndef OROCHI_OBJECT_STRUCTSEQ_H
#define OROCHI_OBJECT_STRUCTSEQ_H

#include "object/object.h"

/* Makes the type. name is "module.type"; fields ends with NULL, "" is an unnamed field; the first
 * `visible` fields are the tuple's items, the others are attributes only. Strings must be static.
 * NULL with an exception on error. Keep the result in a static variable or a module. */
PyTypeObject *structseq_type_new(const char *name, const char *doc, const char *const *fields,
                                 Py_ssize_t visible);
/* Like structseq_type_new, but instances cannot be made by calling the type (sys.flags ...). */
PyTypeObject *structseq_type_new_sealed(const char *name, const char *doc,
                                        const char *const *fields, Py_ssize_t visible);
/* Like structseq_type_new, in a static type that an extension has. 0, or -1 with an exception. */
int structseq_type_init(PyTypeObject *type, const char *name, const char *doc,
                        const char *const *fields, Py_ssize_t visible);
/* A fresh instance; its items are set with structseq_set before it is shared. */
PyObject *structseq_new(PyTypeObject *type);
/* Sets field i (hidden ones included); boxes. A null v passes an error on: -1. */
int structseq_set(PyObject *s, Py_ssize_t i, Value v);

#endif
