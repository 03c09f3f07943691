/* SPDX-License-Identifier: MIT */
/* Slices of the C API. */
#include "capi/capi_int.h"
#include "object/function.h"

PyObject *PySlice_New(PyObject *start, PyObject *stop, PyObject *step)
{
    struct thread *t = capi_enter();
    return capi_return_object(t, slice_new(capi_value_or(start, VALUE_NONE),
                                           capi_value_or(stop, VALUE_NONE),
                                           capi_value_or(step, VALUE_NONE)));
}

int PySlice_Unpack(PyObject *slice, Py_ssize_t *start, Py_ssize_t *stop, Py_ssize_t *step)
{
    struct thread *t = capi_enter();
    return capi_return_int(t, slice_unpack(capi_object(slice), start, stop, step));
}

Py_ssize_t PySlice_AdjustIndices(Py_ssize_t length, Py_ssize_t *start, Py_ssize_t *stop,
                                 Py_ssize_t step)
{
    return slice_adjust(length, start, stop, step);
}

#undef PySlice_GetIndicesEx
int PySlice_GetIndicesEx(PyObject *slice, Py_ssize_t length, Py_ssize_t *start, Py_ssize_t *stop,
                         Py_ssize_t *step, Py_ssize_t *count)
{
    if (PySlice_Unpack(slice, start, stop, step) < 0) {
        return -1;
    }
    *count = PySlice_AdjustIndices(length, start, stop, *step);
    return 0;
}
