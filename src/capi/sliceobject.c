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

/* As PySlice_GetIndicesEx, but only ints, and no exception says so where they are out of range. */
int PySlice_GetIndices(PyObject *slice, Py_ssize_t length, Py_ssize_t *start, Py_ssize_t *stop,
                       Py_ssize_t *step)
{
    const PySliceObject *s = (const PySliceObject *)slice;
    if ((s->step != Py_None && !PyLong_Check(s->step)) ||
        (s->start != Py_None && !PyLong_Check(s->start)) ||
        (s->stop != Py_None && !PyLong_Check(s->stop))) {
        return -1;
    }
    *step = s->step == Py_None ? 1 : PyLong_AsSsize_t(s->step);
    *start = s->start == Py_None ? (*step < 0 ? length - 1 : 0) : PyLong_AsSsize_t(s->start);
    *stop = s->stop == Py_None ? (*step < 0 ? -1 : length) : PyLong_AsSsize_t(s->stop);
    *start += s->start != Py_None && *start < 0 ? length : 0;
    *stop += s->stop != Py_None && *stop < 0 ? length : 0;
    return *stop > length || *start >= length || *step == 0 ? -1 : 0;
}
