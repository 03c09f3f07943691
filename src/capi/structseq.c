/* SPDX-License-Identifier: MIT */
/* Struct sequences of the C API. Instances are private, as tuples are: items are stored by a macro.
 */
#include "object/structseq.h"

#include "capi/capi_int.h"

const char *const PyStructSequence_UnnamedField = "unnamed field";

PyTypeObject *PyStructSequence_NewType(PyStructSequence_Desc *desc)
{
    size_t count = 0;
    while (desc->fields[count].name != NULL) {
        count++;
    }
    struct thread *t = capi_enter();
    const char **fields = heap_alloc((count + 1) * sizeof *fields, CELL_RAW);
    if (fields == NULL) {
        return (PyTypeObject *)capi_return(t, error_no_memory());
    }
    for (size_t i = 0; i < count; i++) {
        const char *name = desc->fields[i].name;
        fields[i] = name == PyStructSequence_UnnamedField ? "" : name;
    }
    return (PyTypeObject *)capi_return_object(
        t, (PyObject *)structseq_type_new(desc->name, desc->doc, fields, desc->n_in_sequence));
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
