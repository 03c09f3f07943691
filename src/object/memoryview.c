/* SPDX-License-Identifier: MIT */
/* memoryview: CPython's two objects. A managed buffer holds the one Py_buffer that the exporter
 * gave out; memoryviews on it carry a Py_buffer of their own with shape and strides in their tail.
 *
 * A view that is released, or whose managed buffer is, refuses everything. The managed buffer is
 * released when its last view is, or by the collector (finalize) when nobody reaches it. The
 * counters `exports` are atomic; the view itself never changes after birth but for its flags. */
#include "base/hash.h"
#include "object/buffer.h"
#include "object/int.h"
#include "object/iterator.h"
#include "object/list.h"
#include "object/memoryview_int.h"
#include "object/str.h"

static inline Value wrap(void *o)
{
    return value_from_object(o);
}

static Value forbidden(void)
{
    return error_raise(PyExc_ValueError, "operation forbidden on released memoryview object");
}

int memoryview_check_released(const PyMemoryViewObject *m)
{
    if ((atomic_load_relaxed(&m->flags) & _Py_MEMORYVIEW_RELEASED) ||
        (atomic_load_relaxed(&m->mbuf->flags) & _Py_MANAGED_BUFFER_RELEASED)) {
        forbidden();
        return -1;
    }
    return 0;
}

/* ---- Managed buffers. */

static void managed_release(_PyManagedBufferObject *b)
{
    if (!(atomic_fetch_or_acq_rel(&b->flags, _Py_MANAGED_BUFFER_RELEASED) &
          _Py_MANAGED_BUFFER_RELEASED)) {
        object_release_buffer(&b->master);
    }
}

static void managed_trace(PyObject *self, struct tracer *tracer)
{
    _PyManagedBufferObject *b = (_PyManagedBufferObject *)self;
    trace_pointer(tracer, b->master.obj);
    trace_pointer(tracer, b->master.buf);
}

static void managed_finalize(Value self)
{
    managed_release((_PyManagedBufferObject *)value_object(self));
}

static bool managed_is_spent(PyObject *self)
{
    return (atomic_load_relaxed(&((_PyManagedBufferObject *)self)->flags) &
            _Py_MANAGED_BUFFER_RELEASED) != 0;
}

/* Those that the thread made last, as complements of their addresses: thread-local data may lie
 * where roots are looked for, and these are none. */
static _Thread_local struct {
    uint64_t complements[MEMORYVIEW_RECENT]; /* 0: none */
    size_t next;
} recent;

/* Another thread may have taken the cell meanwhile. */
static bool shows(PyObject *o, const void *data)
{
    if (heap_find_cell(o) != o || atomic_load_relaxed(&o->ob_type) != &_PyManagedBuffer_Type ||
        managed_is_spent(o)) {
        return false;
    }
    const void *shown = ((_PyManagedBufferObject *)o)->master.buf;
    return shown == data || (heap_contains(data) && heap_find_cell(shown) == heap_find_cell(data));
}

size_t memoryview_recent(const void *data, PyObject **out)
{
    size_t count = 0;
    for (size_t i = 0; i < MEMORYVIEW_RECENT; i++) {
        PyObject *o = (PyObject *)(uintptr_t)~recent.complements[i];
        if (recent.complements[i] != 0 && shows(o, data)) {
            out[count++] = o;
        }
    }
    return count;
}

static _PyManagedBufferObject *managed_new(Value exporter)
{
    _PyManagedBufferObject *b = (_PyManagedBufferObject *)object_alloc(&_PyManagedBuffer_Type, 0);
    if (b == NULL) {
        return NULL;
    }
    b->flags = _Py_MANAGED_BUFFER_RELEASED;
    if (object_get_buffer(exporter, &b->master, PyBUF_FULL_RO) < 0) {
        return NULL;
    }
    b->flags = 0;
    recent.complements[recent.next++ % MEMORYVIEW_RECENT] = ~(uint64_t)(uintptr_t)b;
    return b;
}

/* ---- Views. */

void memoryview_init_flags(PyMemoryViewObject *m)
{
    const Py_buffer *v = &m->view;
    int flags = 0;
    if (v->ndim == 0) {
        flags = _Py_MEMORYVIEW_SCALAR | _Py_MEMORYVIEW_C | _Py_MEMORYVIEW_FORTRAN;
    } else {
        flags |= buffer_is_contiguous(v, 'C') ? _Py_MEMORYVIEW_C : 0;
        flags |= buffer_is_contiguous(v, 'F') ? _Py_MEMORYVIEW_FORTRAN : 0;
    }
    if (v->suboffsets != NULL) {
        flags = (flags | _Py_MEMORYVIEW_PIL) & ~(_Py_MEMORYVIEW_C | _Py_MEMORYVIEW_FORTRAN);
    }
    m->flags = flags;
}

/* Shape, strides and suboffsets live in the tail. */
static PyMemoryViewObject *view_alloc(int ndim)
{
    PyMemoryViewObject *m = (PyMemoryViewObject *)object_alloc(&PyMemoryView_Type, 3 * ndim);
    if (m != NULL) {
        m->ob_base.ob_size = 3 * ndim;
        m->hash = -1;
        m->view.ndim = ndim;
        m->view.shape = ndim > 0 ? m->ob_array : NULL;
        m->view.strides = ndim > 0 ? m->ob_array + ndim : NULL;
        m->view.suboffsets = ndim > 0 ? m->ob_array + 2 * ndim : NULL;
    }
    return m;
}

static void fill_shape(Py_buffer *to, const Py_buffer *from)
{
    if (to->ndim == 1 && from->shape == NULL) {
        to->shape[0] = from->itemsize == 0 ? 0 : from->len / from->itemsize;
    }
    for (int i = 0; i < to->ndim && from->shape != NULL; i++) {
        to->shape[i] = from->shape[i];
    }
    Py_ssize_t stride = to->itemsize;
    for (int i = to->ndim - 1; i >= 0; i--) {
        to->strides[i] = from->strides != NULL ? from->strides[i] : stride;
        stride *= to->shape[i];
    }
    for (int i = 0; i < to->ndim && from->suboffsets != NULL; i++) {
        to->suboffsets[i] = from->suboffsets[i];
    }
    if (from->suboffsets == NULL) {
        to->suboffsets = NULL;
    }
}

static PyMemoryViewObject *view_new(_PyManagedBufferObject *b, const Py_buffer *from)
{
    if (from->ndim > PyBUF_MAX_NDIM) {
        return error_raise_null(PyExc_ValueError,
                                "memoryview: number of dimensions must not exceed 64");
    }
    PyMemoryViewObject *m = view_alloc(from->ndim);
    if (m == NULL) {
        return NULL;
    }
    Py_buffer *v = &m->view;
    heap_init(m, &v->obj, from->obj);
    v->buf = from->buf;
    v->len = from->len;
    v->itemsize = from->itemsize;
    v->readonly = from->readonly;
    v->format = from->format != NULL ? from->format : (char *)"B";
    v->internal = from->internal;
    fill_shape(v, from);
    memoryview_init_flags(m);
    heap_init(m, &m->mbuf, b);
    atomic_fetch_add_relaxed(&b->exports, 1);
    return m;
}

PyMemoryViewObject *memoryview_derive(PyMemoryViewObject *m, const Py_buffer *view)
{
    return view_new(m->mbuf, view);
}

PyObject *memoryview_new(Value exporter)
{
    if (memoryview_check(exporter)) {
        PyMemoryViewObject *m = memoryview_cast(exporter);
        return memoryview_check_released(m) < 0 ? NULL : (PyObject *)memoryview_derive(m, &m->view);
    }
    if (!object_has_buffer(exporter)) {
        return error_raise_null(PyExc_TypeError,
                                "memoryview: a bytes-like object is required, not '%T'", exporter);
    }
    _PyManagedBufferObject *b = managed_new(exporter);
    return b == NULL ? NULL : (PyObject *)view_new(b, &b->master);
}

PyObject *memoryview_raw(Value exporter)
{
    PyObject *whole = memoryview_new(exporter);
    if (whole == NULL) {
        return NULL;
    }
    PyMemoryViewObject *m = memoryview_cast(wrap(whole));
    Py_buffer view = m->view;
    view.itemsize = 1;
    view.format = (char *)"B";
    view.ndim = 1;
    view.shape = &view.len;
    view.strides = NULL;
    view.suboffsets = NULL;
    return (PyObject *)memoryview_derive(m, &view);
}

PyObject *memoryview_copy(const Py_buffer *info, char order)
{
    const char *format = info->format != NULL ? info->format : "B";
    size_t format_bytes = strlen(format) + 1;
    char *kept = heap_alloc(format_bytes, CELL_RAW); /* the exporter may go before the copy does */
    if (kept == NULL) {
        error_no_memory();
        return NULL;
    }
    PyObject *bytes = bytes_new(NULL, info->len);
    PyObject *whole = bytes == NULL ? NULL : memoryview_new(value_from_object(bytes));
    if (whole == NULL) {
        return NULL;
    }
    memcpy(kept, format, format_bytes);
    buffer_copy_out(bytes_data(bytes), info, order);
    PyMemoryViewObject *m = memoryview_cast(wrap(whole));
    Py_ssize_t strides[PyBUF_MAX_NDIM];
    Py_buffer view = m->view;
    view.itemsize = info->itemsize;
    view.format = kept;
    view.ndim = info->ndim;
    view.shape = info->shape;
    view.strides = NULL;
    view.suboffsets = NULL;
    if (info->shape != NULL) {
        buffer_fill_strides(strides, info->shape, info->ndim, info->itemsize, order);
        view.strides = strides;
    }
    return (PyObject *)memoryview_derive(m, &view);
}

PyObject *memoryview_from_buffer(const Py_buffer *info)
{
    if (info->buf == NULL) {
        return error_raise_null(PyExc_ValueError,
                                "PyMemoryView_FromBuffer(): info->buf must not be NULL");
    }
    _PyManagedBufferObject *b = (_PyManagedBufferObject *)object_alloc(&_PyManagedBuffer_Type, 0);
    if (b == NULL) {
        return NULL;
    }
    b->master = *info;
    b->master.obj = NULL;
    return (PyObject *)view_new(b, &b->master);
}

static Value make(PyTypeObject *type, const Value *args, size_t nargs, PyObject *kwnames)
{
    static const struct native_signature *signature;
    Value object;
    if (native_bind("memoryview", "(object)", &signature, args, nargs, kwnames, &object) < 0) {
        return VALUE_NULL;
    }
    return wrap(memoryview_new(object));
}

static int release(PyMemoryViewObject *m)
{
    if (atomic_load_relaxed(&m->flags) & _Py_MEMORYVIEW_RELEASED) {
        return 0;
    }
    buffer_settle_exports(&m->exports, m->view.buf);
    Py_ssize_t exports = atomic_load_relaxed(&m->exports);
    if (exports > 0) {
        return error_raise_int(PyExc_BufferError, "memoryview has %zd exported buffer%s", exports,
                               exports == 1 ? "" : "s");
    }
    if (atomic_fetch_or_acq_rel(&m->flags, _Py_MEMORYVIEW_RELEASED) & _Py_MEMORYVIEW_RELEASED) {
        return 0;
    }
    if (atomic_fetch_sub_acq_rel(&m->mbuf->exports, 1) == 1) {
        managed_release(m->mbuf);
    }
    return 0;
}

static void type_trace(PyObject *self, struct tracer *tracer)
{
    PyMemoryViewObject *m = (PyMemoryViewObject *)self;
    trace_pointer(tracer, m->mbuf);
    trace_pointer(tracer, m->view.obj);
    trace_pointer(tracer, m->view.buf);
    trace_pointer(tracer, m->view.format);
}

/* ---- The buffer protocol. */

static int refuse(const char *what)
{
    return error_raise_int(PyExc_BufferError, "memoryview: %s", what);
}

static int check_request(const PyMemoryViewObject *m, int request)
{
    int flags = m->flags;
    bool c = flags & _Py_MEMORYVIEW_C, f = flags & _Py_MEMORYVIEW_FORTRAN;
    if ((request & PyBUF_WRITABLE) == PyBUF_WRITABLE && m->view.readonly) {
        return refuse("underlying buffer is not writable");
    }
    if ((request & PyBUF_C_CONTIGUOUS) == PyBUF_C_CONTIGUOUS && !c) {
        return refuse("underlying buffer is not C-contiguous");
    }
    if ((request & PyBUF_F_CONTIGUOUS) == PyBUF_F_CONTIGUOUS && !f) {
        return refuse("underlying buffer is not Fortran contiguous");
    }
    if ((request & PyBUF_ANY_CONTIGUOUS) == PyBUF_ANY_CONTIGUOUS && !c && !f) {
        return refuse("underlying buffer is not contiguous");
    }
    if ((request & PyBUF_INDIRECT) != PyBUF_INDIRECT && (flags & _Py_MEMORYVIEW_PIL)) {
        return refuse("underlying buffer requires suboffsets");
    }
    if ((request & PyBUF_STRIDES) != PyBUF_STRIDES && !c) {
        return refuse("underlying buffer is not C-contiguous");
    }
    if ((request & PyBUF_ND) != PyBUF_ND && (request & PyBUF_FORMAT)) {
        return refuse("cannot cast to unsigned bytes if the format flag is present");
    }
    return 0;
}

static int type_get_buffer(Value self, Py_buffer *view, int request)
{
    PyMemoryViewObject *m = memoryview_cast(self);
    view->obj = NULL;
    if (memoryview_check_released(m) < 0 || check_request(m, request) < 0) {
        return -1;
    }
    *view = m->view;
    view->obj = (PyObject *)m;
    if ((request & PyBUF_FORMAT) != PyBUF_FORMAT) {
        view->format = NULL;
    }
    if ((request & PyBUF_INDIRECT) != PyBUF_INDIRECT) {
        view->suboffsets = NULL;
    }
    if ((request & PyBUF_STRIDES) != PyBUF_STRIDES) {
        view->strides = NULL;
    }
    if ((request & PyBUF_ND) != PyBUF_ND) {
        view->ndim = 1;
        view->shape = NULL;
    }
    atomic_fetch_add_relaxed(&m->exports, 1);
    return 0;
}

static void type_release_buffer(Value self, Py_buffer *view)
{
    atomic_fetch_sub_acq_rel(&memoryview_cast(self)->exports, 1);
}

/* ---- cast. */

static int cast_format(PyMemoryViewObject *m, PyObject *format, const char **out)
{
    const char *text = str_utf8(format, NULL);
    if (text == NULL) {
        return -1;
    }
    char source = memoryview_native_format(m->view.format), target = memoryview_native_format(text);
    const char *native = "must be a native single character format prefixed with an optional '@'";
    if (target == 0) {
        return error_raise_int(PyExc_ValueError, "memoryview: destination format %s", native);
    }
    bool source_is_bytes = source != 0 && strchr("bBc", source) != NULL;
    if (!source_is_bytes && strchr("bBc", target) == NULL) {
        return error_raise_int(PyExc_TypeError,
                               "memoryview: cannot cast between two non-byte formats");
    }
    if (m->view.len % memoryview_native_size(target) != 0) {
        return error_raise_int(PyExc_TypeError, "memoryview: length is not a multiple of itemsize");
    }
    *out = text;
    return 0;
}

/* Reads the shape; the bytes of all items, or -1. */
static Py_ssize_t read_shape(PyObject *shape, Py_ssize_t itemsize, Py_ssize_t *out)
{
    Py_ssize_t product = itemsize;
    for (Py_ssize_t i = 0; i < tuple_length(shape); i++) {
        Value v = tuple_get(shape, i);
        int64_t n;
        if (!int_check(v)) {
            return error_raise_int(PyExc_TypeError,
                                   "memoryview.cast(): elements of shape must be integers");
        }
        if (int_to_i64(v, &n) < 0) {
            return -1;
        }
        if (n <= 0) {
            return error_raise_int(PyExc_ValueError,
                                   "memoryview.cast(): elements of shape must be integers > 0");
        }
        if (n > PY_SSIZE_T_MAX / product) {
            return error_raise_int(PyExc_ValueError,
                                   "memoryview.cast(): product(shape) > SSIZE_MAX");
        }
        product *= n;
        out[i] = n;
    }
    return product;
}

static Value cast_to(PyMemoryViewObject *m, const char *format, PyObject *shape)
{
    Py_ssize_t itemsize = memoryview_native_size(memoryview_native_format(format));
    Py_ssize_t dims[PyBUF_MAX_NDIM] = {m->view.len / itemsize};
    Py_buffer view = m->view;
    view.itemsize = itemsize;
    view.format = (char *)format;
    view.ndim = 1;
    view.shape = dims;
    view.strides = NULL;
    view.suboffsets = NULL;
    if (shape != NULL) {
        Py_ssize_t bytes = read_shape(shape, itemsize, dims);
        if (bytes < 0) {
            return VALUE_NULL;
        }
        if (bytes != m->view.len) {
            return error_raise(PyExc_TypeError,
                               "memoryview: product(shape) * itemsize != buffer size");
        }
        view.ndim = (int)tuple_length(shape);
    }
    return wrap(memoryview_derive(m, &view));
}

static PyObject *shape_argument(PyMemoryViewObject *m, Value v)
{
    if (!tuple_check(v) && !list_check(v)) {
        return error_raise_null(PyExc_TypeError, "shape must be a list or a tuple");
    }
    PyObject *shape = object_to_tuple(v);
    if (shape == NULL) {
        return NULL;
    }
    Py_ssize_t n = tuple_length(shape);
    if (n > PyBUF_MAX_NDIM) {
        return error_raise_null(PyExc_ValueError,
                                "memoryview: number of dimensions must not exceed 64");
    }
    if (m->view.ndim != 1 && n != 1) {
        return error_raise_null(PyExc_TypeError, "memoryview: cast must be 1D -> ND or ND -> 1D");
    }
    return shape;
}

static Value method_cast(Value self, const Value *args)
{
    PyMemoryViewObject *m = memoryview_cast(self);
    if (memoryview_check_released(m) < 0) {
        return VALUE_NULL;
    }
    if (!str_check(args[0])) {
        return error_raise(PyExc_TypeError, "cast() argument 'format' must be str, not %T",
                           args[0]);
    }
    if (!(m->flags & _Py_MEMORYVIEW_C)) {
        return error_raise(PyExc_TypeError,
                           "memoryview: casts are restricted to C-contiguous views");
    }
    PyObject *shape = NULL;
    if (!value_is_absent(args[1])) {
        shape = shape_argument(m, args[1]);
        if (shape == NULL) {
            return VALUE_NULL;
        }
    }
    if ((shape != NULL || m->view.ndim != 1) && m->view.ndim > 0) {
        for (int i = 0; i < m->view.ndim; i++) {
            if (m->view.shape[i] == 0) {
                return error_raise(PyExc_TypeError,
                                   "memoryview: cannot cast view with zeros in shape or strides");
            }
        }
    }
    const char *format = NULL;
    PyObject *kept = str_intern(str_exact(value_object(args[0])));
    if (kept == NULL || cast_format(m, kept, &format) < 0) {
        return VALUE_NULL;
    }
    return cast_to(m, format, shape);
}

/* ---- Other methods. */

static Value method_release(Value self)
{
    return release(memoryview_cast(self)) < 0 ? VALUE_NULL : VALUE_NONE;
}

static Value method_enter(Value self)
{
    return memoryview_check_released(memoryview_cast(self)) < 0 ? VALUE_NULL : self;
}

static Value method_exit(Value self, const Value *args)
{
    return method_release(self);
}

static PyObject *to_bytes(PyMemoryViewObject *m, char order)
{
    PyObject *b = bytes_new_unfilled(m->view.len);
    if (b != NULL && m->view.len > 0) {
        buffer_copy_out(bytes_data(b), &m->view, order);
    }
    return b;
}

static Value method_tobytes(Value self, const Value *args)
{
    PyMemoryViewObject *m = memoryview_cast(self);
    char order = 'C';
    if (memoryview_check_released(m) < 0) {
        return VALUE_NULL;
    }
    if (!value_is_absent(args[0]) && !value_is_none(args[0])) {
        if (!str_check(args[0])) {
            return error_raise(PyExc_TypeError,
                               "tobytes() argument 'order' must be str or None, not %T", args[0]);
        }
        PyObject *s = value_object(args[0]);
        order = str_length(s) == 1 ? (char)str_at(s, 0) : 0;
        if (order != 'C' && order != 'F' && order != 'A') {
            return error_raise(PyExc_ValueError, "order must be 'C', 'F' or 'A'");
        }
    }
    return wrap(to_bytes(m, order));
}

static Value method_hex(Value self, const Value *args)
{
    PyMemoryViewObject *m = memoryview_cast(self);
    if (memoryview_check_released(m) < 0) {
        return VALUE_NULL;
    }
    PyObject *b = to_bytes(m, 'C');
    return b == NULL ? VALUE_NULL
                     : wrap(bytes_hex(bytes_data(b), bytes_length(b), args[0], args[1]));
}

static Value method_toreadonly(Value self)
{
    PyMemoryViewObject *m = memoryview_cast(self);
    if (memoryview_check_released(m) < 0) {
        return VALUE_NULL;
    }
    PyMemoryViewObject *r = memoryview_derive(m, &m->view);
    if (r != NULL) {
        r->view.readonly = 1;
    }
    return wrap(r);
}

static const struct native_def methods[] = {
    {"release", "($self, /)", "Gives the buffer back; the view cannot be used any more.",
     .f0 = method_release},
    {"tobytes", "($self, /, order='C')", "The data as bytes, in order C, F or A.",
     .n = method_tobytes},
    {"hex", "($self, /, sep=<unrepresentable>, bytes_per_sep=1)",
     "The data in hexadecimal digits, separated by sep if it is given.", .n = method_hex},
    {"tolist", "($self, /)", "The items as a list.", .f0 = memoryview_tolist},
    {"cast", "($self, /, format, shape=<unrepresentable>)",
     "A view of the same memory with another format or shape.", .n = method_cast},
    {"toreadonly", "($self, /)", "A read-only view of the same memory.", .f0 = method_toreadonly},
    {"__enter__", "($self, /)", "Enters the runtime context: returns the object itself.",
     .f0 = method_enter},
    {"__exit__", "($self, /, *exc_info)", "Leaves the runtime context.", .n = method_exit},
    {NULL},
};

/* ---- Attributes. */

static PyObject *size_tuple(const Py_ssize_t *sizes, int n)
{
    PyObject *t = tuple_new(sizes == NULL ? 0 : n);
    for (int i = 0; t != NULL && sizes != NULL && i < n; i++) {
        if (tuple_init_item(t, i, int_from_ssize(sizes[i])) < 0) {
            return NULL;
        }
    }
    return t;
}

enum attribute {
    ATTRIBUTE_OBJ,
    ATTRIBUTE_NBYTES,
    ATTRIBUTE_READONLY,
    ATTRIBUTE_ITEMSIZE,
    ATTRIBUTE_FORMAT,
    ATTRIBUTE_NDIM,
    ATTRIBUTE_SHAPE,
    ATTRIBUTE_STRIDES,
    ATTRIBUTE_SUBOFFSETS,
    ATTRIBUTE_C,
    ATTRIBUTE_F,
    ATTRIBUTE_ANY
};

static Value get_attribute(Value self, void *closure)
{
    PyMemoryViewObject *m = memoryview_cast(self);
    if (memoryview_check_released(m) < 0) {
        return VALUE_NULL;
    }
    const Py_buffer *v = &m->view;
    switch ((enum attribute)(intptr_t)closure) {
    case ATTRIBUTE_OBJ: return v->obj == NULL ? VALUE_NONE : wrap(v->obj);
    case ATTRIBUTE_NBYTES: return int_from_ssize(v->len);
    case ATTRIBUTE_READONLY: return value_from_bool(v->readonly);
    case ATTRIBUTE_ITEMSIZE: return int_from_ssize(v->itemsize);
    case ATTRIBUTE_FORMAT: return wrap(str_from_text(v->format));
    case ATTRIBUTE_NDIM: return value_from_int(v->ndim);
    case ATTRIBUTE_SHAPE: return wrap(size_tuple(v->shape, v->ndim));
    case ATTRIBUTE_STRIDES: return wrap(size_tuple(v->strides, v->ndim));
    case ATTRIBUTE_SUBOFFSETS: return wrap(size_tuple(v->suboffsets, v->ndim));
    case ATTRIBUTE_C: return value_from_bool(m->flags & _Py_MEMORYVIEW_C);
    case ATTRIBUTE_F: return value_from_bool(m->flags & _Py_MEMORYVIEW_FORTRAN);
    default: return value_from_bool(m->flags & (_Py_MEMORYVIEW_C | _Py_MEMORYVIEW_FORTRAN));
    }
}

#define ATTRIBUTE(name, id)                                                                        \
    {                                                                                              \
        name, get_attribute, NULL, NULL, (void *)(intptr_t)id                                      \
    }
static const struct getset_def getsets[] = {
    ATTRIBUTE("obj", ATTRIBUTE_OBJ),
    ATTRIBUTE("nbytes", ATTRIBUTE_NBYTES),
    ATTRIBUTE("readonly", ATTRIBUTE_READONLY),
    ATTRIBUTE("itemsize", ATTRIBUTE_ITEMSIZE),
    ATTRIBUTE("format", ATTRIBUTE_FORMAT),
    ATTRIBUTE("ndim", ATTRIBUTE_NDIM),
    ATTRIBUTE("shape", ATTRIBUTE_SHAPE),
    ATTRIBUTE("strides", ATTRIBUTE_STRIDES),
    ATTRIBUTE("suboffsets", ATTRIBUTE_SUBOFFSETS),
    ATTRIBUTE("c_contiguous", ATTRIBUTE_C),
    ATTRIBUTE("f_contiguous", ATTRIBUTE_F),
    ATTRIBUTE("contiguous", ATTRIBUTE_ANY),
    {NULL},
};

/* ---- Operations. */

static Value type_repr(Value self)
{
    PyMemoryViewObject *m = memoryview_cast(self);
    bool released = m->flags & _Py_MEMORYVIEW_RELEASED;
    return wrap(str_format(released ? "<released memory at %p>" : "<memory at %p>", (void *)m));
}

static Py_hash_t type_hash(Value self)
{
    PyMemoryViewObject *m = memoryview_cast(self);
    Py_hash_t h = atomic_load_relaxed(&m->hash);
    if (h != -1) {
        return h;
    }
    if (memoryview_check_released(m) < 0) {
        return -1;
    }
    if (!m->view.readonly) {
        return error_raise_int(PyExc_ValueError, "cannot hash writable memoryview object");
    }
    char format = memoryview_native_format(m->view.format);
    if (format == 0 || strchr("Bbc", format) == NULL) {
        return error_raise_int(PyExc_ValueError,
                               "memoryview: hashing is restricted to formats 'B', 'b' or 'c'");
    }
    if (m->view.obj != NULL && object_hash(wrap(m->view.obj)) == -1) {
        return -1;
    }
    PyObject *b = to_bytes(m, 'C');
    if (b == NULL) {
        return -1;
    }
    h = hash_bytes(bytes_data(b), (size_t)bytes_length(b));
    atomic_store_relaxed(&m->hash, h);
    return h;
}

static Py_ssize_t type_len(Value self)
{
    PyMemoryViewObject *m = memoryview_cast(self);
    if (memoryview_check_released(m) < 0) {
        return -1;
    }
    return m->view.ndim == 0 ? 1 : m->view.shape[0];
}

static Value type_iter(Value self)
{
    PyMemoryViewObject *m = memoryview_cast(self);
    if (memoryview_check_released(m) < 0) {
        return VALUE_NULL;
    }
    if (m->view.ndim == 0) {
        return error_raise(PyExc_TypeError, "invalid indexing of 0-dim memory");
    }
    if (m->view.ndim != 1) {
        return error_raise(PyExc_NotImplementedError,
                           "multi-dimensional sub-views are not implemented");
    }
    if (memoryview_native_format(m->view.format) == 0) {
        return error_raise(PyExc_NotImplementedError, "memoryview: format %s not supported",
                           m->view.format);
    }
    return wrap(sequence_iterator_new_of(&memory_iterator_type, (PyObject *)m, 0));
}

static Value iterator_next(Value self)
{
    struct sequence_iterator *it = (struct sequence_iterator *)value_object(self);
    PyObject *o = atomic_load_relaxed(&it->sequence);
    if (o == NULL) {
        return VALUE_ABSENT;
    }
    PyMemoryViewObject *m = (PyMemoryViewObject *)o;
    if (memoryview_check_released(m) < 0) {
        return VALUE_NULL;
    }
    Py_ssize_t i;
    do {
        i = atomic_load_relaxed(&it->index);
        if (i >= m->view.shape[0]) {
            heap_store(it, &it->sequence, NULL);
            return VALUE_ABSENT;
        }
    } while (UNLIKELY(!sequence_iterator_move(it, i, i + 1)));
    return memoryview_item(wrap(o), i);
}

static Value iterator_self(Value self)
{
    return self;
}

static void iterator_trace(PyObject *self, struct tracer *tracer)
{
    trace_pointer(tracer, ((struct sequence_iterator *)self)->sequence);
}

static struct type_info iterator_info = {
    .ops = {.iter = iterator_self, .next = iterator_next},
    .trace = iterator_trace,
    .flags = TYPE_NO_NEW,
};

PyTypeObject memory_iterator_type = {
    STATIC_TYPE_HEAD,
    .tp_name = "memory_iterator",
    .tp_basicsize = sizeof(struct sequence_iterator),
    .tp_flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_HAVE_GC,
    .tp_cache = (PyObject *)&iterator_info,
};

static struct type_info managed_info = {
    .ops = {.finalize = managed_finalize, .is_spent = managed_is_spent},
    .trace = managed_trace,
    .flags = TYPE_NO_NEW | TYPE_OBSERVED,
};

PyTypeObject _PyManagedBuffer_Type = {
    STATIC_TYPE_HEAD,
    .tp_name = "managedbuffer",
    .tp_basicsize = sizeof(_PyManagedBufferObject),
    .tp_flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_HAVE_GC,
    .tp_cache = (PyObject *)&managed_info,
};

static struct type_info memoryview_info = {
    .ops =
        {
            .repr = type_repr,
            .hash = type_hash,
            .richcompare = memoryview_richcompare,
            .iter = type_iter,
            .new_ = make,
            .len = type_len,
            .getitem = memoryview_getitem,
            .setitem = memoryview_setitem,
            .item = memoryview_item,
            .get_buffer = type_get_buffer,
            .release_buffer = type_release_buffer,
        },
    .trace = type_trace,
    .methods = methods,
    .getsets = getsets,
};

PyTypeObject PyMemoryView_Type = {
    STATIC_TYPE_HEAD,
    .tp_name = "memoryview",
    .tp_basicsize = offsetof(PyMemoryViewObject, ob_array),
    .tp_itemsize = sizeof(Py_ssize_t),
    .tp_flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_HAVE_GC | Py_TPFLAGS_SEQUENCE,
    .tp_weaklistoffset = offsetof(PyMemoryViewObject, weakreflist),
    .tp_doc = "memoryview(object)\n--\n\nA view of the memory of an object.",
    .tp_cache = (PyObject *)&memoryview_info,
};
