/* SPDX-License-Identifier: MIT */
/* What the inline caches of the VM ask about descriptors. No Python code, no locks. */
#ifndef OROCHI_OBJECT_CACHEABLE_H
#define OROCHI_OBJECT_CACHEABLE_H

#include "object/native.h"

/* PyMethodDescr_Type and PyClassMethodDescr_Type. All fields but the signature are constant. */
struct method_descriptor { /* also classmethod_descriptor */
    PyMethodDescrObject base;
    struct native_row row;
};
/* False: it is extension code's, and has no row. */
static inline bool method_descriptor_is_native(const struct method_descriptor *m)
{
    return m->base.d_method == &m->row.ml;
}
/* The descriptor's method bound to an instance of its class, unchecked. NULL with an exception. */
PyObject *method_descriptor_bind(PyObject *descriptor, Value self);

/* Is o the descriptor of a __slots__ member, a Value at *offset in instances of the type? Only that
 * one is plain storage that may be read and written without further checks. */
bool descriptor_value_member(PyObject *o, PyTypeObject *type, Py_ssize_t *offset);
/* Is o an exact property? Its getter (None if it has none). */
bool descriptor_property_getter(PyObject *o, Value *getter);
/* The row of a native getset descriptor that suits instances of the type, or NULL. */
const struct getset_def *descriptor_getset(PyObject *o, PyTypeObject *type);
/* The row of a native method descriptor (PyMethodDescr_Type) and its signature, or NULL. */
const struct native_def *descriptor_method(PyObject *o, const struct native_signature **signature);

#endif
