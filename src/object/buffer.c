/* SPDX-License-Identifier: MIT */
/* Py_buffer structures: filling, walking and copying. */
#include "object/buffer.h"

int buffer_fill(Py_buffer *view, PyObject *exporter, void *data, Py_ssize_t length, bool readonly,
                int flags)
{
    if (view == NULL) {
        return error_raise_int(PyExc_BufferError,
                               "PyBuffer_FillInfo: view==NULL argument is obsolete");
    }
    if ((flags & PyBUF_WRITABLE) == PyBUF_WRITABLE && readonly) {
        return error_raise_int(PyExc_BufferError, "Object is not writable.");
    }
    *view = (Py_buffer){.buf = data,
                        .obj = exporter,
                        .len = length,
                        .itemsize = 1,
                        .readonly = readonly,
                        .ndim = 1};
    view->format = (flags & PyBUF_FORMAT) == PyBUF_FORMAT ? (char *)"B" : NULL;
    view->shape = (flags & PyBUF_ND) == PyBUF_ND ? &view->len : NULL;
    view->strides = (flags & PyBUF_STRIDES) == PyBUF_STRIDES ? &view->itemsize : NULL;
    return 0;
}

int buffer_get_writable(Value v, const char *fname, Py_buffer *view)
{
    if (object_has_buffer(v)) {
        if (object_get_buffer(v, view, PyBUF_WRITABLE) == 0) {
            return 0;
        }
        error_clear();
    }
    return error_raise_int(PyExc_TypeError,
                           "%s() argument must be read-write bytes-like object, not %T", fname, v);
}

static bool is_c_contiguous(const Py_buffer *v)
{
    Py_ssize_t expected = v->itemsize;
    if (v->len == 0 || v->strides == NULL) {
        return true;
    }
    for (int i = v->ndim - 1; i >= 0; i--) {
        Py_ssize_t dim = v->shape[i];
        if (dim > 1 && v->strides[i] != expected) {
            return false;
        }
        expected *= dim;
    }
    return true;
}

static bool is_fortran_contiguous(const Py_buffer *v)
{
    Py_ssize_t expected = v->itemsize;
    if (v->len == 0) {
        return true;
    }
    if (v->strides == NULL) {
        int big = 0;
        for (int i = 0; i < v->ndim && v->shape != NULL; i++) {
            big += v->shape[i] > 1;
        }
        return v->ndim <= 1 || big <= 1;
    }
    for (int i = 0; i < v->ndim; i++) {
        Py_ssize_t dim = v->shape[i];
        if (dim > 1 && v->strides[i] != expected) {
            return false;
        }
        expected *= dim;
    }
    return true;
}

bool buffer_is_contiguous(const Py_buffer *view, char order)
{
    if (view->suboffsets != NULL) {
        return false;
    }
    switch (order) {
    case 'C': return is_c_contiguous(view);
    case 'F': return is_fortran_contiguous(view);
    default: return is_c_contiguous(view) || is_fortran_contiguous(view);
    }
}

static Py_ssize_t stride_of(const Py_buffer *v, int dimension)
{
    if (v->strides != NULL) {
        return v->strides[dimension];
    }
    Py_ssize_t stride = v->itemsize;
    for (int i = v->ndim - 1; i > dimension; i--) {
        stride *= v->shape[i];
    }
    return stride;
}

char *buffer_item(const Py_buffer *view, const Py_ssize_t *indices)
{
    char *p = view->buf;
    for (int i = 0; i < view->ndim; i++) {
        p += stride_of(view, i) * indices[i];
        if (view->suboffsets != NULL && view->suboffsets[i] >= 0) {
            p = *(char **)p + view->suboffsets[i];
        }
    }
    return p;
}

void buffer_fill_strides(Py_ssize_t *strides, const Py_ssize_t *shape, int dimensions,
                         Py_ssize_t itemsize, char order)
{
    for (int i = 0; i < dimensions; i++) {
        int d = order == 'F' ? i : dimensions - 1 - i;
        strides[d] = itemsize;
        itemsize *= shape[d];
    }
}

/* Steps to the next index, the last (fortran: first) dimension fastest. */
static void next_index(const Py_buffer *v, Py_ssize_t *index, bool fortran)
{
    for (int i = 0; i < v->ndim; i++) {
        int d = fortran ? i : v->ndim - 1 - i;
        if (++index[d] < v->shape[d]) {
            return;
        }
        index[d] = 0;
    }
}

static void copy(const Py_buffer *view, char *memory, char order, bool out)
{
    if (buffer_is_contiguous(view, order)) {
        if (view->len > 0) {
            memmove(out ? memory : view->buf, out ? view->buf : memory, (size_t)view->len);
        }
        return;
    }
    bool fortran = order == 'F' || (order == 'A' && buffer_is_contiguous(view, 'F'));
    Py_ssize_t index[PyBUF_MAX_NDIM] = {0};
    Py_ssize_t items = view->itemsize == 0 ? 0 : view->len / view->itemsize;
    for (Py_ssize_t i = 0; i < items; i++, memory += view->itemsize) {
        char *item = buffer_item(view, index);
        memcpy(out ? memory : item, out ? item : memory, (size_t)view->itemsize);
        next_index(view, index, fortran);
    }
}

void buffer_copy_out(char *to, const Py_buffer *view, char order)
{
    copy(view, to, order, true);
}

void buffer_copy_in(const Py_buffer *view, const char *from, char order)
{
    copy(view, (char *)from, order, false);
}

void buffer_settle_exports(const Py_ssize_t *exports, const void *data)
{
    if (LIKELY(atomic_load_relaxed(exports) == 0)) {
        return;
    }
    PyObject *recent[MEMORYVIEW_RECENT];
    object_hooks.settle(recent, memoryview_recent(data, recent));
    if (atomic_load_relaxed(exports) != 0) {
        heap_collect(COLLECT_REQUEST);
        heap_run_finalizers();
    }
}
