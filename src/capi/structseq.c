/* SPDX-License-Identifier: MIT */
/* Struct sequences of the C API. Instances are private, as tuples are: items are stored by a macro.
 */
#include "object/structseq.h"

#define Py_BUILD_CORE 1
#include <internal/pycore_structseq.h>
#include <Python.h>

#include "capi/capi_int.h"

const char *const PyStructSequence_UnnamedField = "unnamed field";

/* The names as object/structseq.h wants them; NULL with an exception. */
static const char *const *field_names(const PyStructSequence_Desc *desc)
{
    size_t count = 0;
    while (desc->fields[count].name != NULL) {
        count++;
    }
    const char **fields = heap_alloc((count + 1) * sizeof *fields, CELL_RAW);
    if (fields == NULL) {
        error_no_memory();
        return NULL;
    }
    for (size_t i = 0; i < count; i++) {
        const char *name = desc->fields[i].name;
        fields[i] = name == PyStructSequence_UnnamedField ? "" : name;
    }
    return fields;
}

PyTypeObject *PyStructSequence_NewType(PyStructSequence_Desc *desc)
{
    struct thread *t = capi_enter();
    const char *const *fields = field_names(desc);
    PyTypeObject *type =
        fields == NULL ? NULL
                       : structseq_type_new(desc->name, desc->doc, fields, desc->n_in_sequence);
    return (PyTypeObject *)capi_return_object(t, (PyObject *)type);
}

int PyStructSequence_InitType2(PyTypeObject *type, PyStructSequence_Desc *desc)
{
    struct thread *t = capi_enter();
    const char *const *fields = field_names(desc);
    return capi_return_int(t, fields == NULL ? -1
                                             : structseq_type_init(type, desc->name, desc->doc,
                                                                   fields, desc->n_in_sequence));
}

void PyStructSequence_InitType(PyTypeObject *type, PyStructSequence_Desc *desc)
{
    PyStructSequence_InitType2(type, desc);
}

PyObject *PyStructSequence_New(PyTypeObject *type)
{
    struct thread *t = capi_enter();
    PyObject *o = structseq_new(type);
    capi_leave(t);
    return capi_make_private(o);
}

void PyStructSequence_SetItem(PyObject *o, Py_ssize_t i, PyObject *item)
{
    PyStructSequence_SET_ITEM(o, i, item);
}

PyObject *PyStructSequence_GetItem(PyObject *o, Py_ssize_t i)
{
    return PyStructSequence_GET_ITEM(o, i);
}

PyTypeObject *_PyStructSequence_NewType(PyStructSequence_Desc *desc, unsigned long flags)
{
    if ((flags & Py_TPFLAGS_DISALLOW_INSTANTIATION) == 0) {
        return PyStructSequence_NewType(desc);
    }
    struct thread *t = capi_enter();
    const char *const *fields = field_names(desc);
    PyTypeObject *type = fields == NULL ? NULL
                                        : structseq_type_new_sealed(desc->name, desc->doc, fields,
                                                                    desc->n_in_sequence);
    return (PyTypeObject *)capi_return_object(t, (PyObject *)type);
}
