/* SPDX-License-Identifier: MIT */
/* Memory views and the walking and copying of buffers. */
#include "capi/capi_int.h"
#include "object/buffer.h"
#include "object/bytes.h"
#include "object/int.h"

PyObject *PyMemoryView_FromObject(PyObject *o)
{
    struct thread *t = capi_enter();
    return capi_return_object(t, memoryview_new(capi_value(o)));
}

PyObject *PyMemoryView_FromBuffer(const Py_buffer *view)
{
    struct thread *t = capi_enter();
    return capi_return_object(
        t, view->buf == NULL
               ? error_raise_null(PyExc_ValueError, "PyMemoryView_FromBuffer(): info->buf must not "
                                                    "be NULL")
               : memoryview_from_buffer(view));
}

PyObject *PyMemoryView_FromMemory(char *memory, Py_ssize_t size, int flags)
{
    struct thread *t = capi_enter();
    Py_buffer view;
    if (buffer_fill(&view, NULL, memory, size, flags == PyBUF_READ, PyBUF_FULL_RO) < 0) {
        return capi_return(t, VALUE_NULL);
    }
    return capi_return_object(t, memoryview_from_buffer(&view));
}

/* A view of the object if it is contiguous, else, to be read only, of a copy. */
static PyObject *contiguous_view(Value exporter, int access, char order)
{
    PyObject *view = memoryview_new(exporter);
    const Py_buffer *info = view == NULL ? NULL : PyMemoryView_GET_BUFFER(view);
    if (view == NULL) {
        return NULL;
    }
    if (access == PyBUF_WRITE && info->readonly) {
        return error_raise_null(PyExc_BufferError, "underlying buffer is not writable");
    }
    if (buffer_is_contiguous(info, order)) {
        return view;
    }
    if (access == PyBUF_WRITE) {
        return error_raise_null(
            PyExc_BufferError, "writable contiguous buffer requested for a non-contiguous object.");
    }
    return memoryview_copy(info, order);
}

PyObject *PyMemoryView_GetContiguous(PyObject *o, int access, char order)
{
    struct thread *t = capi_enter();
    return capi_return_object(t, contiguous_view(capi_value(o), access, order));
}

/* ---- Buffers. */

void *PyBuffer_GetPointer(const Py_buffer *view, const Py_ssize_t *indices)
{
    return buffer_item(view, indices);
}

static int check_length(const Py_buffer *view, Py_ssize_t length, const char *function)
{
    if (length != view->len) {
        PyErr_Format(PyExc_ValueError, "%s: len != view->len", function);
        return -1;
    }
    return 0;
}

int PyBuffer_ToContiguous(void *to, const Py_buffer *view, Py_ssize_t length, char order)
{
    if (check_length(view, length, "PyBuffer_ToContiguous") < 0) {
        return -1;
    }
    buffer_copy_out(to, view, order);
    return 0;
}

int PyBuffer_FromContiguous(const Py_buffer *view, const void *from, Py_ssize_t length, char order)
{
    if (length < view->len) {
        return check_length(view, length, "PyBuffer_FromContiguous");
    }
    buffer_copy_in(view, from, order);
    return 0;
}

void PyBuffer_FillContiguousStrides(int dimensions, Py_ssize_t *shape, Py_ssize_t *strides,
                                    int size, char order)
{
    buffer_fill_strides(strides, shape, dimensions, size, order);
}

int PyObject_CopyData(PyObject *to, PyObject *from)
{
    Py_buffer target, source;
    if (PyObject_GetBuffer(to, &target, PyBUF_FULL) < 0) {
        return -1;
    }
    if (PyObject_GetBuffer(from, &source, PyBUF_FULL_RO) < 0) {
        PyBuffer_Release(&target);
        return -1;
    }
    int status = -1;
    void *bytes = target.len < source.len ? NULL : PyMem_Malloc((size_t)source.len + 1);
    if (target.len < source.len) {
        PyErr_SetString(PyExc_BufferError, "destination is too small to receive data from source");
    } else if (bytes == NULL) {
        PyErr_NoMemory();
    } else {
        buffer_copy_out(bytes, &source, 'C');
        buffer_copy_in(&target, bytes, 'C');
        status = 0;
    }
    PyMem_Free(bytes);
    PyBuffer_Release(&target);
    PyBuffer_Release(&source);
    return status;
}

/* What struct.calcsize() says. */
Py_ssize_t PyBuffer_SizeFromFormat(const char *format)
{
    PyObject *module = PyImport_ImportModule("struct");
    PyObject *size = module == NULL ? NULL : PyObject_CallMethod(module, "calcsize", "s", format);
    Py_ssize_t n = size == NULL ? -1 : PyLong_AsSsize_t(size);
    Py_XDECREF(module);
    Py_XDECREF(size);
    return n;
}
