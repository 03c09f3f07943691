/* SPDX-License-Identifier: MIT */
/* BytesIO and StringIO: files in memory. Each method runs under the object's io_lock.
 *
 * BytesIO keeps its bytes in a RAW cell; while buffers are exported (getbuffer) it may not be
 * resized. StringIO keeps UCS4 text in a RAW cell; while it is only written at its end, pieces
 * gather in a builder first (the usual way it is used), and become text when somebody wants to see
 * them. */
#include "module/io_int.h"
#include "object/buffer.h"

struct bytes_io {
    PyObject_HEAD PyObject *dict, *weakrefs;
    char *data; /* a RAW cell of `capacity` bytes */
    Py_ssize_t length, capacity, position;
    Py_ssize_t exports;
    bool closed;
    struct io_lock lock;
};

static struct bytes_io *bytes_io(Value self)
{
    return (struct bytes_io *)value_object(self);
}

static int bytes_enter(Value self)
{
    io_lock_acquire(&bytes_io(self)->lock);
    if (!bytes_io(self)->closed) {
        return 0;
    }
    io_lock_release(&bytes_io(self)->lock);
    return error_raise_int(PyExc_ValueError, "I/O operation on closed file.");
}

static Value bytes_leave(Value self, Value result)
{
    io_lock_release(&bytes_io(self)->lock);
    return result;
}

/* Before the lock is taken, by who changes the size: see buffer_settle_exports. */
static void settle_views(const struct bytes_io *b)
{
    buffer_settle_exports(&b->exports, atomic_load_relaxed(&b->data));
}

static int check_exports(const struct bytes_io *b)
{
    return b->exports == 0 ? 0
                           : error_raise_int(PyExc_BufferError,
                                             "Existing exports of data: object cannot be re-sized");
}

static int reserve(struct bytes_io *b, Py_ssize_t need)
{
    if (need <= b->capacity) {
        return 0;
    }
    Py_ssize_t capacity = need + (need >> 3) + 64;
    char *data = heap_alloc((size_t)capacity, CELL_RAW);
    if (data == NULL) {
        error_no_memory();
        return -1;
    }
    memcpy(data, b->data, (size_t)b->length);
    heap_store(b, &b->data, data);
    b->capacity = capacity;
    return 0;
}

static Value bytes_write_locked(struct bytes_io *b, const char *data, Py_ssize_t n)
{
    if (check_exports(b) < 0) {
        return VALUE_NULL;
    }
    if (n == 0) {
        return value_from_int(0);
    }
    if (b->position > PY_SSIZE_T_MAX - n) {
        return error_raise(PyExc_OverflowError, "new position too large");
    }
    if (reserve(b, b->position + n) < 0) {
        return VALUE_NULL;
    }
    if (b->position > b->length) {
        memset(b->data + b->length, 0, (size_t)(b->position - b->length));
    }
    memcpy(b->data + b->position, data, (size_t)n);
    b->position += n;
    b->length = b->position > b->length ? b->position : b->length;
    return int_from_ssize(n);
}

static Value bytes_io_write(Value self, Value data)
{
    Py_buffer view;
    if (bytes_io(self)->closed) {
        return error_raise(PyExc_ValueError, "I/O operation on closed file.");
    }
    if (object_get_buffer(data, &view, PyBUF_CONTIG_RO) < 0) {
        return VALUE_NULL;
    }
    Value result = VALUE_NULL;
    settle_views(bytes_io(self));
    if (bytes_enter(self) == 0) {
        result = bytes_leave(self, bytes_write_locked(bytes_io(self), view.buf, view.len));
    }
    object_release_buffer(&view);
    return result;
}

static Value take_bytes(struct bytes_io *b, Py_ssize_t n)
{
    Py_ssize_t left = b->position < b->length ? b->length - b->position : 0;
    n = n < 0 || n > left ? left : n;
    PyObject *bytes = n == 0 ? bytes_new("", 0) : bytes_new(b->data + b->position, n);
    b->position += n;
    return value_from_object(bytes);
}

static Value bytes_io_read(Value self, const Value *args)
{
    Py_ssize_t n;
    if (io_size(args[0], &n) < 0 || bytes_enter(self) < 0) {
        return VALUE_NULL;
    }
    return bytes_leave(self, take_bytes(bytes_io(self), n));
}

static Value line_locked(struct bytes_io *b, Py_ssize_t limit)
{
    Py_ssize_t left = b->position < b->length ? b->length - b->position : 0;
    if (left == 0) {
        return take_bytes(b, 0);
    }
    const char *start = b->data + b->position;
    const char *newline = memchr(start, '\n', (size_t)left);
    Py_ssize_t n = newline == NULL ? left : newline - start + 1;
    return take_bytes(b, limit >= 0 && limit < n ? limit : n);
}

static Value bytes_io_readline(Value self, const Value *args)
{
    Py_ssize_t limit;
    if (io_size(args[0], &limit) < 0 || bytes_enter(self) < 0) {
        return VALUE_NULL;
    }
    return bytes_leave(self, line_locked(bytes_io(self), limit));
}

static Value bytes_io_next(Value self)
{
    if (bytes_enter(self) < 0) {
        return VALUE_NULL;
    }
    Value line = bytes_leave(self, line_locked(bytes_io(self), -1));
    return value_is_null(line) || bytes_length(value_object(line)) > 0 ? line : VALUE_ABSENT;
}

static Value bytes_io_readinto(Value self, Value target)
{
    Py_buffer view;
    if (bytes_io(self)->closed) {
        return error_raise(PyExc_ValueError, "I/O operation on closed file.");
    }
    if (buffer_get_writable(target, "readinto", &view) < 0) {
        return VALUE_NULL;
    }
    Value result = VALUE_NULL;
    if (bytes_enter(self) == 0) {
        struct bytes_io *b = bytes_io(self);
        Py_ssize_t left = b->position < b->length ? b->length - b->position : 0;
        Py_ssize_t n = view.len < left ? view.len : left;
        if (n > 0) {
            memcpy(view.buf, b->data + b->position, (size_t)n);
            b->position += n;
        }
        result = bytes_leave(self, int_from_ssize(n));
    }
    object_release_buffer(&view);
    return result;
}

static Value bytes_io_seek(Value self, const Value *args)
{
    Py_ssize_t offset;
    int whence = 0;
    if (arg_index(args[0], &offset) < 0 ||
        (value_is_present(args[1]) && arg_int(args[1], &whence) < 0) || bytes_enter(self) < 0) {
        return VALUE_NULL;
    }
    struct bytes_io *b = bytes_io(self);
    if (offset < 0 && whence == 0) {
        return bytes_leave(self, error_raise(PyExc_ValueError, "negative seek value %zd", offset));
    }
    Py_ssize_t base = whence == 1 ? b->position : whence == 2 ? b->length : 0;
    if (whence < 0 || whence > 2) {
        return bytes_leave(self, error_raise(PyExc_ValueError,
                                             "invalid whence (%d, should be 0, 1 or 2)", whence));
    }
    if (offset > PY_SSIZE_T_MAX - base) {
        return bytes_leave(self, error_raise(PyExc_OverflowError, "new position too large"));
    }
    b->position = base + offset < 0 ? 0 : base + offset;
    return bytes_leave(self, int_from_ssize(b->position));
}

static Value bytes_io_tell(Value self)
{
    return bytes_enter(self) < 0 ? VALUE_NULL
                                 : bytes_leave(self, int_from_ssize(bytes_io(self)->position));
}

static Value bytes_io_truncate(Value self, const Value *args)
{
    Py_ssize_t size = -1;
    settle_views(bytes_io(self));
    if (bytes_enter(self) < 0) {
        return VALUE_NULL;
    }
    struct bytes_io *b = bytes_io(self);
    if (!value_is_present(args[0]) || value_is_none(args[0])) {
        size = b->position;
    } else if (arg_index(args[0], &size) < 0) {
        return bytes_leave(self, VALUE_NULL);
    }
    if (size < 0) {
        return bytes_leave(self, error_raise(PyExc_ValueError, "negative size value %zd", size));
    }
    if (size < b->length) {
        if (check_exports(b) < 0) {
            return bytes_leave(self, VALUE_NULL);
        }
        b->length = size;
    }
    return bytes_leave(self, int_from_ssize(size));
}

static Value bytes_io_getvalue(Value self)
{
    if (bytes_enter(self) < 0) {
        return VALUE_NULL;
    }
    struct bytes_io *b = bytes_io(self);
    return bytes_leave(self, value_from_object(bytes_new(b->length ? b->data : "", b->length)));
}

static Value bytes_io_close(Value self)
{
    struct bytes_io *b = bytes_io(self);
    settle_views(b);
    io_lock_acquire(&b->lock);
    Value result = check_exports(b) < 0 ? VALUE_NULL : VALUE_NONE;
    if (!value_is_null(result)) {
        b->closed = true;
        b->length = 0;
    }
    return bytes_leave(self, result);
}

static Value bytes_io_true(Value self)
{
    return bytes_enter(self) < 0 ? VALUE_NULL : bytes_leave(self, VALUE_TRUE);
}
static Value bytes_io_false(Value self)
{
    return bytes_enter(self) < 0 ? VALUE_NULL : bytes_leave(self, VALUE_FALSE);
}
static Value bytes_io_none(Value self)
{
    return bytes_enter(self) < 0 ? VALUE_NULL : bytes_leave(self, VALUE_NONE);
}
static Value bytes_io_closed(Value self, void *closure)
{
    return value_from_bool(bytes_io(self)->closed);
}

static Value bytes_io_sizeof(Value self)
{
    return int_from_ssize(value_type(self)->tp_basicsize +
                          atomic_load_relaxed(&bytes_io(self)->capacity));
}

static Value bytes_io_getstate(Value self)
{
    Value value = bytes_io_getvalue(self);
    if (value_is_null(value)) {
        return VALUE_NULL;
    }
    struct bytes_io *b = bytes_io(self);
    Value dict = b->dict == NULL ? VALUE_NONE : value_from_object(dict_copy(b->dict));
    Value parts[3] = {value, int_from_ssize(b->position), dict};
    return value_from_object(tuple_from_array(parts, 3));
}

static int restore_dict(Value self, PyObject *state, Py_ssize_t index)
{
    Value dict = tuple_get(state, index);
    if (value_is_none(dict)) {
        return 0;
    }
    if (!dict_check(dict)) {
        return error_raise_int(PyExc_TypeError, "%s item of state should be a dict, got a %T",
                               index == 2 ? "third" : "fourth", dict);
    }
    PyObject *mine = object_dict(value_object(self));
    return mine == NULL ? -1 : dict_merge(mine, dict, 1);
}

static Value bytes_io_setstate(Value self, Value state)
{
    if (!tuple_check(state) || tuple_length(value_object(state)) < 3) {
        return error_raise(PyExc_TypeError, "%T.__setstate__ argument should be 3-tuple, got %T",
                           self, state);
    }
    PyObject *parts = value_object(state);
    Py_ssize_t position;
    struct bytes_io *b = bytes_io(self);
    if (check_exports(b) < 0) {
        return VALUE_NULL;
    }
    b->length = b->position = 0;
    if (value_is_null(bytes_io_write(self, tuple_get(parts, 0)))) {
        return VALUE_NULL;
    }
    if (!int_check(tuple_get(parts, 1))) {
        return error_raise(PyExc_TypeError, "second item of state must be an integer, got %T",
                           tuple_get(parts, 1));
    }
    if (arg_index(tuple_get(parts, 1), &position) < 0) {
        return VALUE_NULL;
    }
    if (position < 0) {
        return error_raise(PyExc_ValueError, "position value cannot be negative");
    }
    b->position = position;
    return restore_dict(self, parts, 2) < 0 ? VALUE_NULL : VALUE_NONE;
}

bool memory_is_spent(PyObject *self)
{
    return self->ob_type == &BytesIO_Type || self->ob_type == &StringIO_Type;
}

static Value memory_new(PyTypeObject *type, const Value *args, size_t nargs, PyObject *kwnames)
{
    return value_from_object(object_alloc(type, 0));
}

static int bytes_io_init(Value self, const Value *args, size_t nargs, PyObject *kwnames)
{
    static const struct native_signature *signature;
    Value initial;
    if (native_bind("BytesIO", "(initial_bytes=b'')", &signature, args, nargs, kwnames, &initial) <
        0) {
        return -1;
    }
    struct bytes_io *b = bytes_io(self);
    if (check_exports(b) < 0) {
        return -1;
    }
    b->length = b->position = 0;
    b->closed = false;
    if (value_is_present(initial) && !value_is_none(initial)) {
        if (value_is_null(bytes_io_write(self, initial))) {
            return -1;
        }
        b->position = 0;
    }
    return 0;
}

static void bytes_io_trace(PyObject *self, struct tracer *tracer)
{
    struct bytes_io *b = (struct bytes_io *)self;
    trace_pointer(tracer, b->dict);
    trace_pointer(tracer, b->data);
}

/* getbuffer(): the exporter that a memoryview holds; counts the export. */
struct bytes_io_buffer {
    PyObject_HEAD PyObject *source;
};

static int export_buffer(Value self, Py_buffer *view, int flags)
{
    struct bytes_io *b = (struct bytes_io *)((struct bytes_io_buffer *)value_object(self))->source;
    io_lock_acquire(&b->lock);
    *view = (Py_buffer){.buf = b->data, .len = b->length, .itemsize = 1, .ndim = 1};
    view->obj = value_object(self);
    view->format = (flags & PyBUF_FORMAT) ? (char *)(uintptr_t) "B" : NULL;
    view->shape = (flags & PyBUF_ND) ? &view->len : NULL;
    view->strides = (flags & PyBUF_STRIDES) == PyBUF_STRIDES ? &view->itemsize : NULL;
    atomic_store_relaxed(&b->exports, b->exports + 1);
    io_lock_release(&b->lock);
    return 0;
}

static void release_export(Value self, Py_buffer *view)
{
    struct bytes_io *b = (struct bytes_io *)((struct bytes_io_buffer *)value_object(self))->source;
    io_lock_acquire(&b->lock);
    atomic_store_relaxed(&b->exports, b->exports - 1);
    io_lock_release(&b->lock);
}

static void buffer_trace(PyObject *self, struct tracer *tracer)
{
    trace_pointer(tracer, ((struct bytes_io_buffer *)self)->source);
}

static struct type_info buffer_info = {
    .ops = {.get_buffer = export_buffer, .release_buffer = release_export},
    .trace = buffer_trace,
    .flags = TYPE_NO_NEW,
};
PyTypeObject _PyBytesIOBuffer_Type = {
    STATIC_TYPE_HEAD,
    .tp_name = "_io._BytesIOBuffer",
    .tp_basicsize = sizeof(struct bytes_io_buffer),
    .tp_flags = Py_TPFLAGS_DEFAULT,
    .tp_cache = (PyObject *)&buffer_info,
};

static Value bytes_io_getbuffer(Value self)
{
    if (bytes_enter(self) < 0) {
        return VALUE_NULL;
    }
    struct bytes_io *b = bytes_io(self);
    if (b->data == NULL && reserve(b, 1) < 0) {
        return bytes_leave(self, VALUE_NULL);
    }
    bytes_leave(self, VALUE_NONE);
    struct bytes_io_buffer *exporter =
        (struct bytes_io_buffer *)object_alloc(&_PyBytesIOBuffer_Type, 0);
    if (exporter == NULL) {
        return VALUE_NULL;
    }
    heap_init(exporter, &exporter->source, value_object(self));
    return value_from_object(memoryview_new(value_from_object(exporter)));
}

static const struct native_def bytes_io_methods[] = {
    {"__getstate__", "($self, /)", "Always an error: it cannot be pickled.",
     .f0 = bytes_io_getstate},
    {"__sizeof__", "($self, /)", "Bytes, the contents' among them.", .f0 = bytes_io_sizeof},
    {"__setstate__", "($self, state, /)", "Sets the state that __reduce__ gave.",
     .f1 = bytes_io_setstate},
    {"close", "($self, /)", "Closes the stream and drops its contents.", .f0 = bytes_io_close},
    {"flush", "($self, /)", "Does nothing.", .f0 = bytes_io_none},
    {"getbuffer", "($self, /)", "A view of the contents, without a copy.",
     .f0 = bytes_io_getbuffer},
    {"getvalue", "($self, /)", "The whole contents.", .f0 = bytes_io_getvalue},
    {"isatty", "($self, /)", "Always false.", .f0 = bytes_io_false},
    {"read", "($self, size=-1, /)",
     "Reads up to size units; all that is left if it is negative or None.", .n = bytes_io_read},
    {"read1", "($self, size=-1, /)",
     "Reads up to size bytes; all that is left if it is negative or None.", .n = bytes_io_read},
    {"readable", "($self, /)", "True unless it is closed.", .f0 = bytes_io_true},
    {"readinto", "($self, buffer, /)", "Reads into a buffer; returns how many bytes.",
     .f1 = bytes_io_readinto},
    {"readline", "($self, size=-1, /)", "Reads one line, at most size units of it.",
     .n = bytes_io_readline},
    {"seek", "($self, pos, whence=0, /)",
     "Moves the position; whence: 0 from the start, 1 from here, 2 from the end.",
     .n = bytes_io_seek},
    {"seekable", "($self, /)", "True unless it is closed.", .f0 = bytes_io_true},
    {"tell", "($self, /)", "The current position.", .f0 = bytes_io_tell},
    {"truncate", "($self, size=None, /)",
     "Cuts the contents to size, by default the current position.", .n = bytes_io_truncate},
    {"writable", "($self, /)", "True unless it is closed.", .f0 = bytes_io_true},
    {"write", "($self, b, /)", "Writes the data at the position; returns its length.",
     .f1 = bytes_io_write},
    {NULL},
};
static const struct getset_def bytes_io_getsets[] = {{"closed", bytes_io_closed}, {NULL}};
static struct type_info bytes_io_info = {
    .ops = {.new_ = memory_new,
            .init = bytes_io_init,
            .next = bytes_io_next,
            .is_spent = memory_is_spent},
    .trace = bytes_io_trace,
    .methods = bytes_io_methods,
    .getsets = bytes_io_getsets,
};
PyTypeObject BytesIO_Type = {
    STATIC_TYPE_HEAD,
    .tp_name = "_io.BytesIO",
    .tp_doc = "BytesIO(initial_bytes=b'')\n--\n\nA stream of bytes in memory.",
    .tp_basicsize = sizeof(struct bytes_io),
    .tp_flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_BASETYPE | Py_TPFLAGS_HAVE_GC,
    .tp_base = &BufferedIOBase_Type,
    .tp_dictoffset = offsetof(struct bytes_io, dict),
    .tp_weaklistoffset = offsetof(struct bytes_io, weakrefs),
    .tp_cache = (PyObject *)&bytes_io_info,
};

/* ---- StringIO */

struct string_io {
    PyObject_HEAD PyObject *dict, *weakrefs;
    Py_UCS4 *data; /* a RAW cell of `capacity` characters */
    Py_ssize_t length, capacity, position;
    PyObject *pieces;    /* a list of str that follow data[0, length), or NULL: nothing gathered */
    Py_ssize_t gathered; /* their total length */
    bool closed, ready, universal, translate;
    PyObject *newline;       /* the argument, or NULL for None */
    PyObject *write_newline; /* what \n is written as, or NULL */
    PyObject *decoder;       /* newline decoder, or NULL */
    struct io_lock lock;
};

static struct string_io *string_io(Value self)
{
    return (struct string_io *)value_object(self);
}

static int string_enter(Value self)
{
    struct string_io *s = string_io(self);
    io_lock_acquire(&s->lock);
    if (s->ready && !s->closed) {
        return 0;
    }
    io_lock_release(&s->lock);
    return error_raise_int(PyExc_ValueError, s->ready ? "I/O operation on closed file"
                                                      : "I/O operation on uninitialized object");
}

static Value string_leave(Value self, Value result)
{
    io_lock_release(&string_io(self)->lock);
    return result;
}

static int string_reserve(struct string_io *s, Py_ssize_t need)
{
    if (need <= s->capacity) {
        return 0;
    }
    Py_ssize_t capacity = need + (need >> 3) + 32;
    Py_UCS4 *data = heap_alloc((size_t)capacity * sizeof *data, CELL_RAW);
    if (data == NULL) {
        error_no_memory();
        return -1;
    }
    memcpy(data, s->data, (size_t)s->length * sizeof *data);
    heap_store(s, &s->data, data);
    s->capacity = capacity;
    return 0;
}

/* Copies characters into data at `at`, which has room; fills a gap with NULs. */
static void put_text(struct string_io *s, Py_ssize_t at, PyObject *text)
{
    int kind = str_kind(text);
    const void *data = str_data(text);
    Py_ssize_t n = str_length(text);
    for (Py_ssize_t i = s->length; i < at; i++) {
        s->data[i] = 0;
    }
    for (Py_ssize_t i = 0; i < n; i++) {
        s->data[at + i] = str_read(kind, data, i);
    }
    s->length = at + n > s->length ? at + n : s->length;
}

/* Moves gathered pieces into data. 0 or -1. */
static int settle(struct string_io *s)
{
    if (s->pieces == NULL) {
        return 0;
    }
    if (string_reserve(s, s->length + s->gathered) < 0) {
        return -1;
    }
    for (Py_ssize_t i = 0; i < list_length(s->pieces); i++) {
        put_text(s, s->length, value_object(list_find(s->pieces, i)));
    }
    s->pieces = NULL;
    s->gathered = 0;
    return 0;
}

static Py_ssize_t total_length(const struct string_io *s)
{
    return s->length + s->gathered;
}

static int write_text(struct string_io *s, PyObject *text)
{
    if (s->decoder != NULL) {
        text = newline_decode((struct newline_decoder *)s->decoder, value_from_object(text), true);
    }
    if (text != NULL && s->write_newline != NULL) {
        text = str_replace(text, str_from_char('\n'), s->write_newline, -1);
    }
    if (text == NULL) {
        return -1;
    }
    Py_ssize_t n = str_length(text);
    if (n == 0) {
        return 0;
    }
    if (s->position == total_length(s)) {
        if (s->pieces == NULL) {
            PyObject *list = list_new(8);
            if (list == NULL) {
                return -1;
            }
            heap_store(s, &s->pieces, list);
        }
        if (list_append(s->pieces, value_from_object(text)) < 0) {
            return -1;
        }
        s->gathered += n;
    } else {
        Py_ssize_t end = s->position + n;
        if (settle(s) < 0 || string_reserve(s, end) < 0) {
            return -1;
        }
        put_text(s, s->position, text);
    }
    s->position += n;
    return 0;
}

static Value string_io_write(Value self, Value text)
{
    if (!str_check(text)) {
        return error_raise(PyExc_TypeError, "string argument expected, got '%T'", text);
    }
    if (string_enter(self) < 0) {
        return VALUE_NULL;
    }
    int status = write_text(string_io(self), value_object(text));
    return string_leave(self,
                        status < 0 ? VALUE_NULL : int_from_ssize(str_length(value_object(text))));
}

static Value take_text(struct string_io *s, Py_ssize_t n)
{
    PyObject *text = str_from_ucs4(s->data + s->position, n);
    s->position += n;
    return value_from_object(text);
}

static Value string_io_read(Value self, const Value *args)
{
    Py_ssize_t n;
    if (io_size(args[0], &n) < 0 || string_enter(self) < 0) {
        return VALUE_NULL;
    }
    struct string_io *s = string_io(self);
    if (settle(s) < 0) {
        return string_leave(self, VALUE_NULL);
    }
    Py_ssize_t left = s->position < s->length ? s->length - s->position : 0;
    n = n < 0 || n > left ? left : n;
    return string_leave(self, n == 0 ? value_from_object(str_empty()) : take_text(s, n));
}

/* Length of the line that starts at p, of at most n characters. */
static Py_ssize_t line_length(const struct string_io *s, const Py_UCS4 *p, Py_ssize_t n)
{
    if (s->universal && !s->translate) {
        for (Py_ssize_t i = 0; i < n; i++) {
            if (p[i] == '\n') {
                return i + 1;
            }
            if (p[i] == '\r') {
                return i + 1 < n && p[i + 1] == '\n' ? i + 2 : i + 1;
            }
        }
        return n;
    }
    PyObject *end = s->universal ? NULL : s->newline;
    Py_UCS4 first = end == NULL ? '\n' : str_at(end, 0);
    Py_ssize_t length = end == NULL ? 1 : str_length(end);
    for (Py_ssize_t i = 0; i + length <= n; i++) {
        if (p[i] == first && (length == 1 || p[i + 1] == str_at(end, 1))) {
            return i + length;
        }
    }
    return n;
}

static Value string_line(struct string_io *s, Py_ssize_t limit)
{
    if (settle(s) < 0) {
        return VALUE_NULL;
    }
    Py_ssize_t left = s->position < s->length ? s->length - s->position : 0;
    if (left == 0) {
        return value_from_object(str_empty());
    }
    Py_ssize_t n = line_length(s, s->data + s->position, left);
    return take_text(s, limit >= 0 && limit < n ? limit : n);
}

static Value string_io_readline(Value self, const Value *args)
{
    Py_ssize_t limit;
    if (io_size(args[0], &limit) < 0 || string_enter(self) < 0) {
        return VALUE_NULL;
    }
    return string_leave(self, string_line(string_io(self), limit));
}

static Value string_io_next(Value self)
{
    Value line;
    if (value_type(self) == &StringIO_Type) {
        if (string_enter(self) < 0) {
            return VALUE_NULL;
        }
        line = string_leave(self, string_line(string_io(self), -1));
    } else {
        line = object_call_method0(self, names.readline);
        if (!value_is_null(line) && !str_check(line)) {
            return error_raise(PyExc_OSError,
                               "readline() should have returned a str object, not '%T'", line);
        }
    }
    return value_is_null(line) || str_length(value_object(line)) > 0 ? line : VALUE_ABSENT;
}

static Value string_io_getvalue(Value self)
{
    if (string_enter(self) < 0) {
        return VALUE_NULL;
    }
    struct string_io *s = string_io(self);
    if (s->length == 0 && s->pieces != NULL) {
        PyObject *text = str_join(str_empty(), value_from_object(s->pieces));
        if (text != NULL) { /* keep it joined: getvalue may be asked again */
            PyObject *list = list_new(8);
            if (list != NULL && list_append(list, value_from_object(text)) == 0) {
                heap_store(s, &s->pieces, list);
            }
        }
        return string_leave(self, value_from_object(text));
    }
    if (settle(s) < 0) {
        return string_leave(self, VALUE_NULL);
    }
    return string_leave(
        self, value_from_object(s->length == 0 ? str_empty() : str_from_ucs4(s->data, s->length)));
}

static Value string_io_tell(Value self)
{
    return string_enter(self) < 0 ? VALUE_NULL
                                  : string_leave(self, int_from_ssize(string_io(self)->position));
}

static Value string_io_seek(Value self, const Value *args)
{
    Py_ssize_t offset;
    int whence = 0;
    if (arg_index(args[0], &offset) < 0 ||
        (value_is_present(args[1]) && arg_int(args[1], &whence) < 0) || string_enter(self) < 0) {
        return VALUE_NULL;
    }
    struct string_io *s = string_io(self);
    Value result = VALUE_NONE;
    if (whence < 0 || whence > 2) {
        result = error_raise(PyExc_ValueError, "Invalid whence (%d, should be 0, 1 or 2)", whence);
    } else if (offset < 0 && whence == 0) {
        result = error_raise(PyExc_ValueError, "Negative seek position %zd", offset);
    } else if (whence != 0 && offset != 0) {
        result = error_raise(PyExc_OSError, "Can't do nonzero cur-relative seeks");
    } else {
        s->position = whence == 0 ? offset : whence == 1 ? s->position : total_length(s);
        result = int_from_ssize(s->position);
    }
    return string_leave(self, result);
}

static Value string_io_truncate(Value self, const Value *args)
{
    Py_ssize_t size;
    if (string_enter(self) < 0) {
        return VALUE_NULL;
    }
    struct string_io *s = string_io(self);
    if (!value_is_present(args[0]) || value_is_none(args[0])) {
        size = s->position;
    } else if (arg_index(args[0], &size) < 0) {
        return string_leave(self, VALUE_NULL);
    }
    if (size < 0) {
        return string_leave(self, error_raise(PyExc_ValueError, "Negative size value %zd", size));
    }
    if (size < total_length(s)) {
        if (settle(s) < 0) {
            return string_leave(self, VALUE_NULL);
        }
        s->length = size;
    }
    return string_leave(self, int_from_ssize(size));
}

static Value string_io_close(Value self)
{
    struct string_io *s = string_io(self);
    io_lock_acquire(&s->lock);
    s->closed = true;
    s->length = s->gathered = 0;
    s->pieces = NULL;
    return string_leave(self, VALUE_NONE);
}

static Value string_io_true(Value self)
{
    return string_enter(self) < 0 ? VALUE_NULL : string_leave(self, VALUE_TRUE);
}
static Value string_io_closed(Value self, void *closure)
{
    struct string_io *s = string_io(self);
    if (!s->ready) {
        return error_raise(PyExc_ValueError, "I/O operation on uninitialized object");
    }
    return value_from_bool(s->closed);
}
static Value string_io_line_buffering(Value self, void *closure)
{
    return VALUE_FALSE;
}
static Value string_io_newlines(Value self, void *closure)
{
    struct string_io *s = string_io(self);
    return s->decoder == NULL ? VALUE_NONE
                              : newline_seen(((struct newline_decoder *)s->decoder)->seen);
}

static int set_newline(struct string_io *s, Value newline)
{
    s->newline = s->write_newline = s->decoder = NULL;
    if (value_is_none(newline)) {
        s->universal = s->translate = true;
    } else {
        if (!str_check(newline)) {
            return error_raise_int(PyExc_TypeError, "newline must be str or None, not %T", newline);
        }
        PyObject *text = value_object(newline);
        if (str_length(text) > 0 && !str_equal_text(text, "\n") && !str_equal_text(text, "\r") &&
            !str_equal_text(text, "\r\n")) {
            return error_raise_int(PyExc_ValueError, "illegal newline value: %R", newline);
        }
        heap_store(s, &s->newline, text);
        s->universal = str_length(text) == 0;
        s->translate = false;
        if (str_length(text) > 0 && str_at(text, 0) == '\r') {
            heap_store(s, &s->write_newline, text);
        }
    }
    if (s->universal) {
        PyObject *decoder = newline_decoder_new(Py_None, s->translate);
        if (decoder == NULL) {
            return -1;
        }
        heap_store(s, &s->decoder, decoder);
    }
    return 0;
}

static int string_io_init(Value self, const Value *args, size_t nargs, PyObject *kwnames)
{
    static const struct native_signature *signature;
    static PyObject *line_feed;
    Value bound[2];
    if (native_bind("StringIO", "(initial_value='', newline='\\n')", &signature, args, nargs,
                    kwnames, bound) < 0) {
        return -1;
    }
    if (line_feed == NULL) {
        atomic_store_release(&line_feed, str_from_char('\n'));
    }
    struct string_io *s = string_io(self);
    s->ready = false;
    s->length = s->gathered = s->position = 0;
    s->pieces = NULL;
    if (set_newline(s, value_is_absent(bound[1]) ? value_from_object(line_feed) : bound[1]) < 0) {
        return -1;
    }
    Value initial = bound[0];
    if (value_is_present(initial) && !value_is_none(initial)) {
        if (!str_check(initial)) {
            return error_raise_int(PyExc_TypeError, "initial_value must be str or None, not %T",
                                   initial);
        }
        if (write_text(s, value_object(initial)) < 0) {
            return -1;
        }
        s->position = 0;
    }
    s->closed = false;
    s->ready = true;
    return 0;
}

static Value string_io_getstate(Value self)
{
    Value value = string_io_getvalue(self);
    if (value_is_null(value)) {
        return VALUE_NULL;
    }
    struct string_io *s = string_io(self);
    Value parts[4] = {value, s->newline == NULL ? VALUE_NONE : value_from_object(s->newline),
                      int_from_ssize(s->position),
                      s->dict == NULL ? VALUE_NONE : value_from_object(dict_copy(s->dict))};
    return value_from_object(tuple_from_array(parts, 4));
}

static Value string_io_setstate(Value self, Value state)
{
    if (!tuple_check(state) || tuple_length(value_object(state)) < 4) {
        return error_raise(PyExc_TypeError, "%T.__setstate__ argument should be 4-tuple, got %T",
                           self, state);
    }
    PyObject *parts = value_object(state);
    Value args[2] = {value_from_object(str_empty()), tuple_get(parts, 1)};
    Py_ssize_t position;
    if (!str_check(tuple_get(parts, 0)) || string_io_init(self, args, 2, NULL) < 0) {
        return error_occurred() ? VALUE_NULL
                                : error_raise(PyExc_TypeError, "initial_value must be str or None");
    }
    struct string_io *s = string_io(self);
    PyObject *text = value_object(tuple_get(parts, 0)); /* as it is: newlines were translated */
    if (string_reserve(s, str_length(text)) < 0) {
        return VALUE_NULL;
    }
    put_text(s, 0, text);
    if (!int_check(tuple_get(parts, 2))) {
        return error_raise(PyExc_TypeError, "third item of state must be an integer, got %T",
                           tuple_get(parts, 2));
    }
    if (arg_index(tuple_get(parts, 2), &position) < 0) {
        return VALUE_NULL;
    }
    if (position < 0) {
        return error_raise(PyExc_ValueError, "position value cannot be negative");
    }
    s->position = position;
    return restore_dict(self, parts, 3) < 0 ? VALUE_NULL : VALUE_NONE;
}

static void string_io_trace(PyObject *self, struct tracer *tracer)
{
    struct string_io *s = (struct string_io *)self;
    trace_pointer(tracer, s->dict);
    trace_pointer(tracer, s->data);
    trace_pointer(tracer, s->pieces);
    trace_pointer(tracer, s->newline);
    trace_pointer(tracer, s->write_newline);
    trace_pointer(tracer, s->decoder);
}

static const struct native_def string_io_methods[] = {
    {"__getstate__", "($self, /)", "Always an error: it cannot be pickled.",
     .f0 = string_io_getstate},
    {"__setstate__", "($self, state, /)", "Sets the state that __reduce__ gave.",
     .f1 = string_io_setstate},
    {"close", "($self, /)", "Closes the stream and drops its contents.", .f0 = string_io_close},
    {"getvalue", "($self, /)", "The whole contents.", .f0 = string_io_getvalue},
    {"read", "($self, size=-1, /)",
     "Reads up to size units; all that is left if it is negative or None.", .n = string_io_read},
    {"readable", "($self, /)", "True unless it is closed.", .f0 = string_io_true},
    {"readline", "($self, size=-1, /)", "Reads one line, at most size units of it.",
     .n = string_io_readline},
    {"seek", "($self, pos, whence=0, /)",
     "Moves the position; whence: 0 from the start, 1 from here, 2 from the end.",
     .n = string_io_seek},
    {"seekable", "($self, /)", "True unless it is closed.", .f0 = string_io_true},
    {"tell", "($self, /)", "The current position.", .f0 = string_io_tell},
    {"truncate", "($self, pos=None, /)",
     "Cuts the contents to size, by default the current position.", .n = string_io_truncate},
    {"writable", "($self, /)", "True unless it is closed.", .f0 = string_io_true},
    {"write", "($self, s, /)", "Writes the data at the position; returns its length.",
     .f1 = string_io_write},
    {NULL},
};
static const struct getset_def string_io_getsets[] = {
    {"closed", string_io_closed},
    {"line_buffering", string_io_line_buffering},
    {"newlines", string_io_newlines},
    {NULL},
};
static struct type_info string_io_info = {
    .ops = {.new_ = memory_new,
            .init = string_io_init,
            .next = string_io_next,
            .is_spent = memory_is_spent},
    .trace = string_io_trace,
    .methods = string_io_methods,
    .getsets = string_io_getsets,
};
PyTypeObject StringIO_Type = {
    STATIC_TYPE_HEAD,
    .tp_name = "_io.StringIO",
    .tp_doc = "StringIO(initial_value='', newline='\\n')\n--\n\nA stream of text in memory.",
    .tp_basicsize = sizeof(struct string_io),
    .tp_flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_BASETYPE | Py_TPFLAGS_HAVE_GC,
    .tp_base = &TextIOBase_Type,
    .tp_dictoffset = offsetof(struct string_io, dict),
    .tp_weaklistoffset = offsetof(struct string_io, weakrefs),
    .tp_cache = (PyObject *)&string_io_info,
};
