/* SPDX-License-Identifier: MIT */
/* _pickle.PickleBuffer: a buffer that a pickle may carry out of band (PEP 574). */
#include "module/pickle_int.h"
#include "object/buffer.h"
#include "object/list.h"
#include "object/str.h"
#include "thread/lock.h"

struct pickle_buffer {
    PyObject_HEAD Py_buffer view; /* obj is NULL once released; changed under the lock */
    PyObject *weak_references;
    uint8_t lock;
};

static struct pickle_buffer *buffer_of(Value v)
{
    return (struct pickle_buffer *)(void *)value_object(v);
}

static void buffer_trace(PyObject *self, struct tracer *tracer)
{
    trace_pointer(tracer, ((struct pickle_buffer *)(void *)self)->view.obj);
}

Value pickle_buffer_view(Value buffer, Py_buffer **view)
{
    *view = &buffer_of(buffer)->view;
    if (atomic_load_acquire(&(*view)->obj) == NULL) {
        return error_raise(PyExc_ValueError, "operation forbidden on released PickleBuffer object");
    }
    return buffer;
}

static Value buffer_new(PyTypeObject *type, const Value *args, size_t nargs, PyObject *kwnames)
{
    if (native_no_keywords("PickleBuffer", kwnames) < 0 ||
        native_check_positional("PickleBuffer", nargs, 1, 1) < 0) {
        return VALUE_NULL;
    }
    PyObject *object = object_alloc(type, 0);
    if (object == NULL) {
        return VALUE_NULL;
    }
    /* In place: shape may point into the Py_buffer itself. */
    Py_buffer *view = &((struct pickle_buffer *)(void *)object)->view;
    return object_get_buffer(args[0], view, PyBUF_FULL_RO) < 0 ? VALUE_NULL
                                                               : value_from_object(object);
}

Value pickle_buffer_release(Value self)
{
    struct pickle_buffer *b = buffer_of(self);
    byte_lock(&b->lock);
    Py_buffer view = b->view;
    heap_store(b, &b->view.obj, NULL);
    byte_unlock(&b->lock);
    if (view.obj != NULL) {
        object_release_buffer(&view);
    }
    return VALUE_NONE;
}

static void buffer_finalize(Value self)
{
    pickle_buffer_release(self);
}

static Value buffer_raw(Value self)
{
    Py_buffer *view;
    if (value_is_null(pickle_buffer_view(self, &view))) {
        return VALUE_NULL;
    }
    if (!buffer_is_contiguous(view, 'A')) {
        return error_raise(PyExc_BufferError,
                           "cannot extract raw buffer from non-contiguous buffer");
    }
    return value_from_object(memoryview_raw(self));
}

static int buffer_get(Value self, Py_buffer *out, int flags)
{
    Py_buffer *view;
    return value_is_null(pickle_buffer_view(self, &view))
               ? -1
               : object_get_buffer(value_from_object(view->obj), out, flags);
}

static const struct native_def methods[] = {
    {"raw", "($self, /)",
     "Return a memoryview of the raw memory underlying this buffer.\n\nWill raise BufferError is "
     "the buffer isn't contiguous.",
     .f0 = buffer_raw},
    {"release", "($self, /)", "Release the underlying buffer.", .f0 = pickle_buffer_release},
    {NULL},
};

static struct type_info buffer_info = {
    .ops = {.new_ = buffer_new, .finalize = buffer_finalize, .get_buffer = buffer_get},
    .trace = buffer_trace,
    .methods = methods,
    .flags = TYPE_OBSERVED,
};

PyTypeObject PyPickleBuffer_Type = {
    STATIC_TYPE_HEAD,
    .tp_name = "pickle.PickleBuffer",
    .tp_basicsize = sizeof(struct pickle_buffer),
    .tp_weaklistoffset = offsetof(struct pickle_buffer, weak_references),
    .tp_flags = Py_TPFLAGS_DEFAULT,
    .tp_doc = "Wrapper for potentially out-of-band buffers",
    .tp_cache = (PyObject *)&buffer_info,
};
