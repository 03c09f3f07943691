/* SPDX-License-Identifier: MIT */
/* The _io module: open() and the abstract bases.
 *
 *   _io.c          this file: bases, open, helpers
 *   io_file.c      FileIO: system calls on a descriptor
 *   io_buffered.c  BufferedReader, BufferedWriter, BufferedRandom, BufferedRWPair
 *   io_text.c      TextIOWrapper
 *   io_newline.c   IncrementalNewlineDecoder and finding ends of lines
 *   io_memory.c    BytesIO, StringIO
 *
 * Threads: every stateful file object has a reentrant io_lock, held for one method call, so that
 * two threads' calls on one object happen one after the other, as the global lock made them. System
 * calls detach the thread. */
#include "heap/walk.h"
#include "module/io_int.h"
#include "module/sys.h"
#include "object/type_int.h"

#include "heap/heap.h"
#include "module/import.h"

PyObject *io_unsupported_operation;

Value io_unsupported(const char *what)
{
    return error_raise(io_unsupported_operation, "%s", what);
}

/* ---- The lock */

bool io_lock_is_mine(const struct io_lock *lock)
{
    return atomic_load_relaxed(&lock->owner) == thread_current();
}

bool io_lock_is_lost(const struct io_lock *lock)
{
    return thread_others_are_frozen() && atomic_load_relaxed(&lock->state) != 0 &&
           !io_lock_is_mine(lock);
}

int io_raise_lost(Value file)
{
    return error_raise_int(PyExc_RuntimeError,
                           "could not acquire lock for %R at interpreter shutdown, possibly due to "
                           "daemon threads",
                           file);
}

static void forget_owner(struct io_lock *lock)
{
    atomic_store_relaxed(&lock->owner, NULL);
    lock->depth = 0;
    atomic_store_release(&lock->state, 0);
}

void io_lock_acquire(struct io_lock *lock)
{
    if (UNLIKELY(io_lock_is_lost(lock))) {
        forget_owner(lock);
    }
    if (io_lock_is_mine(lock)) {
        lock->depth++;
        return;
    }
    uint8_t expected = 0;
    if (!atomic_cas_acq_rel(&lock->state, expected, 1)) {
        while (atomic_exchange_acq_rel(&lock->state, 3) != 0) {
            park(&lock->state, 3, -1, false);
        }
    }
    atomic_store_relaxed(&lock->owner, thread_current());
    lock->depth = 1;
}

void io_lock_release(struct io_lock *lock)
{
    debug_assert(io_lock_is_mine(lock));
    if (--lock->depth > 0) {
        return;
    }
    atomic_store_relaxed(&lock->owner, NULL);
    if (atomic_exchange_acq_rel(&lock->state, 0) == 3) {
        unpark(&lock->state, 1);
    }
}

/* ---- Helpers */

int io_is_closed(Value file)
{
    Value closed = object_getattr(file, names.closed);
    return value_is_null(closed) ? -1 : object_truth(closed);
}

int io_check_closed(Value file)
{
    int closed = io_is_closed(file);
    if (closed > 0) {
        return error_raise_int(PyExc_ValueError, "I/O operation on closed file.");
    }
    return closed;
}

int io_require(Value file, PyObject *method, const char *message)
{
    Value answer = object_call_method0(file, method);
    if (value_is_null(answer)) {
        return -1;
    }
    if (!value_is(answer, VALUE_TRUE)) {
        io_unsupported(message);
        return -1;
    }
    return 0;
}

bool io_retry_interrupted(void)
{
    if (!error_matches(PyExc_OSError)) {
        return false;
    }
    PyObject *exception = error_take();
    Value number = ((PyOSErrorObject *)exception)->myerrno == NULL
                       ? VALUE_NONE
                       : value_from_object(((PyOSErrorObject *)exception)->myerrno);
    int64_t code;
    if (int_try_small(number, &code) && code == EINTR) {
        return true;
    }
    error_restore(exception);
    return false;
}

int io_offset(Value v, int64_t *out)
{
    Value index = object_index(v);
    return value_is_null(index) ? -1 : int_to_i64(index, out);
}

int io_size(Value v, Py_ssize_t *out)
{
    if (!value_is_present(v) || value_is_none(v)) {
        *out = -1;
        return 0;
    }
    if (!int_check(v)) {
        Value index;
        if (object_find_special(v, names.__index__, &index) <= 0) {
            if (error_occurred()) {
                return -1;
            }
            return error_raise_int(PyExc_TypeError, "argument should be integer or None, not '%T'",
                                   v);
        }
    }
    return arg_index(v, out);
}

PyObject *io_path(Value path)
{
    if (str_check(path)) {
        return str_to_filename(value_object(path));
    }
    if (bytes_check(path)) {
        if (memchr(bytes_data(value_object(path)), 0, (size_t)bytes_length(value_object(path)))) {
            return error_raise_null(PyExc_ValueError, "embedded null byte");
        }
        return value_object(path);
    }
    Value method;
    int found = object_find_special(path, names.__fspath__, &method);
    if (found == 0) {
        error_raise(PyExc_TypeError, "expected str, bytes or os.PathLike object, not %T", path);
    }
    if (found <= 0) {
        return NULL;
    }
    Value text = object_call0(method);
    if (value_is_null(text)) {
        return NULL;
    }
    if (!str_check(text) && !bytes_check(text)) {
        return error_raise_null(
            PyExc_TypeError, "expected %T.__fspath__() to return str or bytes, not %T", path, text);
    }
    return io_path(text);
}

void io_finalize(Value self)
{
    if (memory_is_spent(value_object(self))) {
        return;
    }
    PyObject *pending = error_take();
    Value closed = VALUE_NULL;
    if (object_find_attr(self, names.closed, &closed) <= 0) {
        error_clear();
    } else if (object_truth(closed) == 0) {
        if (object_setattr(self, names._finalizing, VALUE_TRUE) < 0) {
            error_clear();
        }
        if (value_is_null(object_call_method0(self, names.close))) {
            error_clear(); /* as CPython's release builds: silent */
        }
    }
    error_restore(pending);
}

bool io_is_spent(PyObject *below)
{
    bool (*is_spent)(PyObject *) = below != NULL ? type_ops(below->ob_type)->is_spent : NULL;
    return is_spent == NULL || is_spent(below);
}

/* ---- _IOBase */

static Value base_unsupported_seek(Value self, const Value *args)
{
    return io_unsupported("seek");
}
static Value base_unsupported_truncate(Value self, const Value *args)
{
    return io_unsupported("truncate");
}
static Value base_unsupported_fileno(Value self)
{
    return io_unsupported("fileno");
}

static Value base_tell(Value self)
{
    return object_call_method2(self, names.seek, value_from_int(0), value_from_int(1));
}

static int base_closed(Value self)
{
    Value flag;
    int found = object_find_attr(self, names.__IOBase_closed, &flag);
    return found <= 0 ? found : object_truth(flag);
}

static Value base_get_closed(Value self, void *closure)
{
    int closed = base_closed(self);
    return closed < 0 ? VALUE_NULL : value_from_bool(closed);
}

static Value base_flush(Value self)
{
    int closed = base_closed(self);
    if (closed > 0) {
        return error_raise(PyExc_ValueError, "I/O operation on closed file.");
    }
    return closed < 0 ? VALUE_NULL : VALUE_NONE;
}

static Value base_close(Value self)
{
    int closed = base_closed(self);
    if (closed != 0) {
        return closed < 0 ? VALUE_NULL : VALUE_NONE;
    }
    Value flushed = object_call_method0(self, names.flush);
    PyObject *pending = error_take();
    if (object_setattr(self, names.__IOBase_closed, VALUE_TRUE) < 0) {
        return VALUE_NULL;
    }
    error_restore(pending);
    return value_is_null(flushed) ? VALUE_NULL : VALUE_NONE;
}

static Value base_false(Value self)
{
    int closed = io_check_closed(self);
    return closed < 0 ? VALUE_NULL : VALUE_FALSE;
}
static Value base_no(Value self)
{
    return VALUE_FALSE;
}

static Value base_check_closed(Value self, const Value *args)
{
    return io_check_closed(self) < 0 ? VALUE_NULL : VALUE_NONE;
}
static Value base_check_readable(Value self, const Value *args)
{
    return io_require(self, names.readable, "File or stream is not readable.") < 0 ? VALUE_NULL
                                                                                   : VALUE_TRUE;
}
static Value base_check_writable(Value self, const Value *args)
{
    return io_require(self, names.writable, "File or stream is not writable.") < 0 ? VALUE_NULL
                                                                                   : VALUE_TRUE;
}
static Value base_check_seekable(Value self, const Value *args)
{
    return io_require(self, names.seekable, "File or stream is not seekable.") < 0 ? VALUE_NULL
                                                                                   : VALUE_TRUE;
}

static Value base_enter(Value self)
{
    return io_check_closed(self) < 0 ? VALUE_NULL : self;
}
static Value base_exit(Value self, const Value *args)
{
    return object_call_method0(self, names.close);
}

/* How many bytes to read next: up to the end of the line as far as peek() shows, else one. */
static Py_ssize_t line_chunk(Value self, bool has_peek, Py_ssize_t limit, Py_ssize_t have)
{
    Py_ssize_t chunk = 1;
    if (has_peek) {
        Value ahead = object_call_method1(self, names.peek, value_from_int(1));
        if (value_is_null(ahead)) {
            return io_retry_interrupted() ? 1 : -1;
        }
        if (!bytes_check(ahead)) {
            return error_raise_int(PyExc_OSError,
                                   "peek() should have returned a bytes object, not '%T'", ahead);
        }
        Py_ssize_t size = bytes_length(value_object(ahead));
        if (size > 0) {
            const char *data = bytes_data(value_object(ahead));
            const char *end = memchr(data, '\n', (size_t)size);
            chunk = end == NULL ? size : end - data + 1;
        }
    }
    return limit >= 0 && chunk > limit - have ? limit - have : chunk;
}

static Value base_readline(Value self, const Value *args)
{
    Py_ssize_t limit;
    if (io_size(args[0], &limit) < 0) {
        return VALUE_NULL;
    }
    Value peek;
    int has_peek = object_find_attr(self, names.peek, &peek);
    if (has_peek < 0) {
        return VALUE_NULL;
    }
    PyObject *line = bytearray_new(NULL, 0);
    Py_ssize_t length = 0;
    bool ended = false;
    while (line != NULL && !ended && (limit < 0 || length < limit)) {
        Py_ssize_t chunk = line_chunk(self, has_peek, limit, length);
        Value part =
            chunk < 0 ? VALUE_NULL : object_call_method1(self, names.read, int_from_ssize(chunk));
        if (value_is_null(part)) {
            if (chunk >= 0 && io_retry_interrupted()) {
                continue;
            }
            return VALUE_NULL;
        }
        if (!bytes_check(part)) {
            return error_raise(PyExc_OSError,
                               "read() should have returned a bytes object, not '%T'", part);
        }
        Py_ssize_t size = bytes_length(value_object(part));
        if (size == 0) {
            break;
        }
        if (value_is_null(object_inplace(value_from_object(line), part, OP_ADD))) {
            return VALUE_NULL;
        }
        length += size;
        ended = bytes_data(value_object(part))[size - 1] == '\n';
    }
    return line == NULL ? VALUE_NULL : value_from_object(bytes_from_value(value_from_object(line)));
}

static Value base_iter(Value self)
{
    return io_check_closed(self) < 0 ? VALUE_NULL : self;
}

static Value base_next(Value self)
{
    Value line = object_call_method0(self, names.readline);
    if (value_is_null(line)) {
        return VALUE_NULL;
    }
    Py_ssize_t length = object_length(line);
    return length < 0 ? VALUE_NULL : length == 0 ? VALUE_ABSENT : line;
}

static Value base_readlines(Value self, const Value *args)
{
    Py_ssize_t hint, total = 0;
    if (io_size(args[0], &hint) < 0) {
        return VALUE_NULL;
    }
    PyObject *lines = list_new(0);
    Value iterator = lines == NULL ? VALUE_NULL : object_iter(self);
    while (!value_is_null(iterator)) {
        Value line = object_next(iterator);
        if (value_is_absent(line)) {
            return value_from_object(lines);
        }
        if (value_is_null(line) || list_append(lines, line) < 0) {
            return VALUE_NULL;
        }
        Py_ssize_t length = object_length(line);
        if (length < 0) {
            return VALUE_NULL;
        }
        total += length;
        if (hint > 0 && total > hint - 1) {
            return value_from_object(lines);
        }
    }
    return VALUE_NULL;
}

static Value base_writelines(Value self, Value lines)
{
    if (io_check_closed(self) < 0) {
        return VALUE_NULL;
    }
    Value iterator = object_iter(lines);
    while (!value_is_null(iterator)) {
        Value line = object_next(iterator);
        if (value_is_absent(line)) {
            return VALUE_NONE;
        }
        if (value_is_null(line)) {
            return VALUE_NULL;
        }
        while (value_is_null(object_call_method1(self, names.write, line))) {
            if (!io_retry_interrupted()) {
                return VALUE_NULL;
            }
        }
    }
    return VALUE_NULL;
}

static const struct native_def base_methods[] = {
    {"__enter__", "($self, /)", "Enters the runtime context: returns the object itself.",
     .f0 = base_enter},
    {"__exit__", "($self, /, *args)", "Leaves the runtime context.", .n = base_exit},
    {"_checkClosed", "($self, /, msg=None)", "ValueError if the file is closed.",
     .n = base_check_closed},
    {"_checkReadable", "($self, /, msg=None)", "UnsupportedOperation if it cannot be read.",
     .n = base_check_readable},
    {"_checkSeekable", "($self, /, msg=None)", "UnsupportedOperation if it cannot seek.",
     .n = base_check_seekable},
    {"_checkWritable", "($self, /, msg=None)", "UnsupportedOperation if it cannot be written.",
     .n = base_check_writable},
    {"close", "($self, /)", "Flushes and closes the stream. May be called again.",
     .f0 = base_close},
    {"fileno", "($self, /)", "The number of the file descriptor below.",
     .f0 = base_unsupported_fileno},
    {"flush", "($self, /)", "Hands what is buffered on to the level below.", .f0 = base_flush},
    {"isatty", "($self, /)", "Is it a terminal?", .f0 = base_false},
    {"readable", "($self, /)", "May it be read?", .f0 = base_no},
    {"readline", "($self, size=-1, /)", "Reads one line, at most size units of it.",
     .n = base_readline},
    {"readlines", "($self, hint=-1, /)",
     "Reads the remaining lines as a list, up to about hint units.", .n = base_readlines},
    {"seek", "($self, offset, whence=0, /)",
     "Moves the position; whence: 0 from the start, 1 from here, 2 from the end.",
     .n = base_unsupported_seek},
    {"seekable", "($self, /)", "May its position be changed?", .f0 = base_no},
    {"tell", "($self, /)", "The current position.", .f0 = base_tell},
    {"truncate", "($self, size=None, /)",
     "Cuts or extends the file to size, by default the current position.",
     .n = base_unsupported_truncate},
    {"writable", "($self, /)", "May it be written?", .f0 = base_no},
    {"writelines", "($self, lines, /)", "Writes all items, adding nothing between them.",
     .f1 = base_writelines},
    {NULL},
};

struct io_base {
    PyObject_HEAD PyObject *dict, *weakrefs;
};

static void base_trace(PyObject *self, struct tracer *tracer)
{
    struct io_base *o = (struct io_base *)self;
    trace_pointer(tracer, o->dict);
}

static Value base_new(PyTypeObject *type, const Value *args, size_t nargs, PyObject *kwnames)
{
    return value_from_object(object_alloc(type, 0));
}

static int base_init(Value self, const Value *args, size_t nargs, PyObject *kwnames)
{
    return 0;
}

static const struct getset_def base_getsets[] = {{"closed", base_get_closed}, {NULL}};

#define BASE_FLAGS (Py_TPFLAGS_DEFAULT | Py_TPFLAGS_BASETYPE | Py_TPFLAGS_HAVE_GC)

/* What is closed may be anything: a class in Python says how (SocketIO, HTTPResponse, GzipFile). */
static bool base_is_spent(PyObject *self)
{
    return (atomic_load_relaxed(&type_info(self->ob_type)->flags) & TYPE_PYTHON) == 0;
}

static struct type_info base_info = {
    .ops = {.new_ = base_new,
            .init = base_init,
            .iter = base_iter,
            .next = base_next,
            .finalize = io_finalize,
            .is_spent = base_is_spent},
    .trace = base_trace,
    .methods = base_methods,
    .getsets = base_getsets,
    .flags = TYPE_OBSERVED,
};
PyTypeObject IOBase_Type = {
    STATIC_TYPE_HEAD,
    .tp_name = "_io._IOBase",
    .tp_doc = "The base of all streams.",
    .tp_basicsize = sizeof(struct io_base),
    .tp_flags = BASE_FLAGS,
    .tp_dictoffset = offsetof(struct io_base, dict),
    .tp_weaklistoffset = offsetof(struct io_base, weakrefs),
    .tp_cache = (PyObject *)&base_info,
};

/* ---- _RawIOBase */

static Value raw_readall(Value self)
{
    PyObject *all = bytearray_new(NULL, 0);
    while (all != NULL) {
        Value part = object_call_method1(self, names.read, value_from_int(IO_BUFFER_SIZE));
        if (value_is_null(part)) {
            if (io_retry_interrupted()) {
                continue;
            }
            return VALUE_NULL;
        }
        if (value_is_none(part)) {
            if (object_length(value_from_object(all)) == 0) {
                return part;
            }
            break;
        }
        if (!bytes_check(part)) {
            return error_raise(PyExc_TypeError, "read() should return bytes");
        }
        if (bytes_length(value_object(part)) == 0) {
            break;
        }
        if (value_is_null(object_inplace(value_from_object(all), part, OP_ADD))) {
            return VALUE_NULL;
        }
    }
    return all == NULL ? VALUE_NULL : value_from_object(bytes_from_value(value_from_object(all)));
}

static Value raw_read(Value self, const Value *args)
{
    Py_ssize_t size = -1;
    if (value_is_present(args[0]) && arg_index(args[0], &size) < 0) {
        return VALUE_NULL;
    }
    if (size < 0) {
        return object_call_method0(self, names.readall);
    }
    PyObject *buffer = bytearray_new(NULL, size);
    if (buffer == NULL) {
        return VALUE_NULL;
    }
    Value count = object_call_method1(self, names.readinto, value_from_object(buffer));
    if (value_is_null(count) || value_is_none(count)) {
        return count;
    }
    Py_ssize_t n;
    if (arg_index(count, &n) < 0) {
        return VALUE_NULL;
    }
    PyObject *bytes = bytes_from_value(value_from_object(buffer));
    if (bytes == NULL) {
        return VALUE_NULL;
    }
    if (n < 0 || n > bytes_length(bytes)) {
        return error_raise(PyExc_ValueError, "readinto returned %zd outside buffer size %zd", n,
                           bytes_length(bytes));
    }
    return value_from_object(bytes_new(bytes_data(bytes), n));
}

static Value raw_not_implemented(Value self, Value buffer)
{
    PyObject *exception = exception_new(PyExc_NotImplementedError, tuple_new(0));
    if (exception != NULL) {
        error_set_instance(exception);
    }
    return VALUE_NULL;
}

static const struct native_def raw_methods[] = {
    {"read", "($self, size=-1, /)",
     "Reads up to size units; all that is left if it is negative or None.", .n = raw_read},
    {"readall", "($self, /)", "Reads all that is left.", .f0 = raw_readall},
    {"readinto", "($self, buffer, /)", NULL, .f1 = raw_not_implemented},
    {"write", "($self, buffer, /)", NULL, .f1 = raw_not_implemented},
    {NULL},
};
static struct type_info raw_info = {.methods = raw_methods, .flags = TYPE_OBSERVED};
PyTypeObject RawIOBase_Type = {
    STATIC_TYPE_HEAD,
    .tp_name = "_io._RawIOBase",
    .tp_doc = "The base of raw streams.",
    .tp_basicsize = sizeof(struct io_base),
    .tp_flags = BASE_FLAGS,
    .tp_base = &IOBase_Type,
    .tp_cache = (PyObject *)&raw_info,
};

/* ---- _BufferedIOBase */

static Value buffered_base_detach(Value self)
{
    return io_unsupported("detach");
}
static Value buffered_base_read(Value self, const Value *args)
{
    return io_unsupported("read");
}
static Value buffered_base_read1(Value self, const Value *args)
{
    return io_unsupported("read1");
}
static Value buffered_base_write(Value self, Value data)
{
    return io_unsupported("write");
}

static Value read_into(Value self, Value target, PyObject *method)
{
    Py_buffer view;
    if (object_get_buffer(target, &view, PyBUF_CONTIG) < 0) {
        return VALUE_NULL;
    }
    Value data = object_call_method1(self, method, int_from_ssize(view.len));
    Value result = VALUE_NULL;
    if (!value_is_null(data) && !bytes_check(data)) {
        error_raise(PyExc_TypeError, "read() should return bytes");
    } else if (!value_is_null(data)) {
        Py_ssize_t size = bytes_length(value_object(data));
        if (size > view.len) {
            error_raise(PyExc_ValueError,
                        "read() returned too much data: %zd bytes requested, %zd returned",
                        view.len, size);
        } else {
            memcpy(view.buf, bytes_data(value_object(data)), (size_t)size);
            result = int_from_ssize(size);
        }
    }
    object_release_buffer(&view);
    return result;
}

static Value buffered_base_readinto(Value self, Value buffer)
{
    return read_into(self, buffer, names.read);
}
static Value buffered_base_readinto1(Value self, Value buffer)
{
    return read_into(self, buffer, names.read1);
}

static const struct native_def buffered_base_methods[] = {
    {"detach", "($self, /)", "Separates the layer below and returns it.",
     .f0 = buffered_base_detach},
    {"read", "($self, size=-1, /)",
     "Reads up to size units; all that is left if it is negative or None.",
     .n = buffered_base_read},
    {"read1", "($self, size=-1, /)", "Reads with at most one call of the layer below.",
     .n = buffered_base_read1},
    {"readinto", "($self, buffer, /)", "Reads into a buffer; returns how many bytes.",
     .f1 = buffered_base_readinto},
    {"readinto1", "($self, buffer, /)",
     "Reads into a buffer with at most one call of the layer below.",
     .f1 = buffered_base_readinto1},
    {"write", "($self, b, /)", "Writes the data; returns how much of it was taken.",
     .f1 = buffered_base_write},
    {NULL},
};
static struct type_info buffered_base_info = {.methods = buffered_base_methods,
                                              .flags = TYPE_OBSERVED};
PyTypeObject BufferedIOBase_Type = {
    STATIC_TYPE_HEAD,
    .tp_name = "_io._BufferedIOBase",
    .tp_doc = "The base of buffered streams.",
    .tp_basicsize = sizeof(struct io_base),
    .tp_flags = BASE_FLAGS,
    .tp_base = &IOBase_Type,
    .tp_cache = (PyObject *)&buffered_base_info,
};

/* ---- _TextIOBase */

static Value text_base_detach(Value self)
{
    return io_unsupported("detach");
}
static Value text_base_read(Value self, const Value *args)
{
    return io_unsupported("read");
}
static Value text_base_readline(Value self, const Value *args)
{
    return io_unsupported("readline");
}
static Value text_base_write(Value self, Value text)
{
    return io_unsupported("write");
}
static Value text_base_none(Value self, void *closure)
{
    return VALUE_NONE;
}

static const struct native_def text_base_methods[] = {
    {"detach", "($self, /)", "Separates the layer below and returns it.", .f0 = text_base_detach},
    {"read", "($self, size=-1, /)",
     "Reads up to size units; all that is left if it is negative or None.", .n = text_base_read},
    {"readline", "($self, size=-1, /)", "Reads one line, at most size units of it.",
     .n = text_base_readline},
    {"write", "($self, s, /)", "Writes the data; returns how much of it was taken.",
     .f1 = text_base_write},
    {NULL},
};
static const struct getset_def text_base_getsets[] = {
    {"encoding", text_base_none},
    {"errors", text_base_none},
    {"newlines", text_base_none},
    {NULL},
};
static struct type_info text_base_info = {
    .methods = text_base_methods, .getsets = text_base_getsets, .flags = TYPE_OBSERVED};
PyTypeObject TextIOBase_Type = {
    STATIC_TYPE_HEAD,
    .tp_name = "_io._TextIOBase",
    .tp_doc = "The base of text streams.",
    .tp_basicsize = sizeof(struct io_base),
    .tp_flags = BASE_FLAGS,
    .tp_base = &IOBase_Type,
    .tp_cache = (PyObject *)&text_base_info,
};

/* ---- open() */

struct open_mode {
    bool reading, writing, creating, appending, updating, text, binary;
};

static int parse_mode(const char *mode, struct open_mode *m)
{
    *m = (struct open_mode){0};
    for (const char *p = mode; *p != 0; p++) {
        bool *flag = *p == 'r'   ? &m->reading
                     : *p == 'w' ? &m->writing
                     : *p == 'x' ? &m->creating
                     : *p == 'a' ? &m->appending
                     : *p == '+' ? &m->updating
                     : *p == 't' ? &m->text
                     : *p == 'b' ? &m->binary
                                 : NULL;
        if (flag == NULL || *flag) {
            return error_raise_int(PyExc_ValueError, "invalid mode: '%s'", mode);
        }
        *flag = true;
    }
    if (m->text && m->binary) {
        return error_raise_int(PyExc_ValueError, "can't have text and binary mode at once");
    }
    if (m->creating + m->reading + m->writing + m->appending != 1) {
        return error_raise_int(PyExc_ValueError,
                               "must have exactly one of create/read/write/append mode");
    }
    return 0;
}

static int check_binary_arguments(Value encoding, Value errors, Value newline)
{
    const char *name = value_is_present(encoding) && !value_is_none(encoding) ? "encoding"
                       : value_is_present(errors) && !value_is_none(errors)   ? "errors"
                       : value_is_present(newline) && !value_is_none(newline) ? "newline"
                                                                              : NULL;
    if (name == NULL) {
        return 0;
    }
    return error_raise_int(PyExc_ValueError, "binary mode doesn't take %s argument",
                           strcmp(name, "encoding") == 0 ? "an encoding"
                           : strcmp(name, "errors") == 0 ? "an errors"
                                                         : "a newline");
}

/* Buffer size: what was asked for, else the file's block size. *line: the file is a terminal. */
static int choose_buffering(Value raw, int buffering, bool *line)
{
    Value tty = object_call_method0(raw, names.isatty);
    int is_tty = value_is_null(tty) ? -1 : object_truth(tty);
    if (is_tty < 0) {
        return -1;
    }
    *line = buffering == 1 || (buffering < 0 && is_tty);
    if (buffering >= 0 && buffering != 1) {
        return buffering;
    }
    Value size = object_getattr(raw, str_intern_text("_blksize"));
    int n;
    return value_is_null(size) || arg_int(size, &n) < 0 ? -1 : n > 1 ? n : IO_BUFFER_SIZE;
}

static Value call_type(PyTypeObject *type, const Value *args, size_t nargs)
{
    return object_call(value_from_object(type), args, nargs, NULL);
}

static Value wrap_text(Value buffered, const char *mode, Value encoding, Value errors,
                       Value newline, bool line)
{
    Value args[5] = {buffered, value_is_absent(encoding) ? VALUE_NONE : encoding,
                     value_is_absent(errors) ? VALUE_NONE : errors,
                     value_is_absent(newline) ? VALUE_NONE : newline, value_from_bool(line)};
    Value text = call_type(&TextIOWrapper_Type, args, 5);
    if (value_is_null(text) ||
        object_setattr(text, names.mode, value_from_object(str_from_text(mode))) < 0) {
        return VALUE_NULL;
    }
    return text;
}

static Value wrap_raw(Value raw, const char *mode, const struct open_mode *m, int buffering,
                      Value encoding, Value errors, Value newline)
{
    bool line = false;
    int size = choose_buffering(raw, buffering, &line);
    if (size < 0) {
        return VALUE_NULL;
    }
    if (size == 0) {
        return m->binary ? raw : error_raise(PyExc_ValueError, "can't have unbuffered text I/O");
    }
    PyTypeObject *type = m->updating  ? &BufferedRandom_Type
                         : m->reading ? &BufferedReader_Type
                                      : &BufferedWriter_Type;
    Value args[2] = {raw, value_from_int(size)};
    Value buffered = call_type(type, args, 2);
    if (value_is_null(buffered) || m->binary) {
        return buffered;
    }
    return wrap_text(buffered, mode, encoding, errors, newline, line);
}

Value io_open(Value file, const char *mode, int buffering, Value encoding, Value errors,
              Value newline, bool closefd, Value opener)
{
    struct open_mode m;
    if (parse_mode(mode, &m) < 0 ||
        (m.binary && check_binary_arguments(encoding, errors, newline) < 0)) {
        return VALUE_NULL;
    }
    if (m.binary && buffering == 1 &&
        error_warn(PyExc_RuntimeWarning, 1,
                   "line buffering (buffering=1) isn't supported in binary mode, the default "
                   "buffer size will be used") < 0) {
        return VALUE_NULL;
    }
    char raw_mode[4], *p = raw_mode;
    *p++ = m.creating ? 'x' : m.reading ? 'r' : m.writing ? 'w' : 'a';
    if (m.updating) {
        *p++ = '+';
    }
    *p = 0;
    Value args[4] = {file, value_from_object(str_from_text(raw_mode)), value_from_bool(closefd),
                     value_is_absent(opener) ? VALUE_NONE : opener};
    Value raw = call_type(&FileIO_Type, args, 4);
    if (value_is_null(raw)) {
        return VALUE_NULL;
    }
    Value result = wrap_raw(raw, mode, &m, m.binary && buffering == 1 ? -1 : buffering, encoding,
                            errors, newline);
    if (value_is_null(result)) {
        PyObject *pending = error_take();
        if (value_is_null(object_call_method0(raw, names.close))) {
            error_clear();
        }
        error_restore(pending);
    }
    return result;
}

static Value io_open_function(Value self, const Value *args)
{
    enum { FILE_, MODE, BUFFERING, ENCODING, ERRORS, NEWLINE, CLOSEFD, OPENER };
    const char *mode = "r";
    int buffering = -1;
    bool closefd = true;
    if (value_is_present(args[MODE])) {
        PyObject *text = arg_str(args[MODE], "open", "argument 'mode'");
        mode = text == NULL ? NULL : str_utf8(text, NULL);
        if (mode == NULL) {
            return VALUE_NULL;
        }
    }
    for (int i = ENCODING; i <= NEWLINE; i++) {
        if (value_is_present(args[i]) && !value_is_none(args[i]) && !str_check(args[i])) {
            static const char *const labels[] = {"encoding", "errors", "newline"};
            return error_raise(PyExc_TypeError, "open() argument '%s' must be str or None, not %T",
                               labels[i - ENCODING], args[i]);
        }
    }
    if ((value_is_present(args[BUFFERING]) && arg_int(args[BUFFERING], &buffering) < 0) ||
        (value_is_present(args[CLOSEFD]) && arg_bool(args[CLOSEFD], &closefd) < 0)) {
        return VALUE_NULL;
    }
    return io_open(args[FILE_], mode, buffering, args[ENCODING], args[ERRORS], args[NEWLINE],
                   closefd, args[OPENER]);
}

static Value io_open_code(Value self, const Value *args)
{
    if (!str_check(args[0])) {
        return error_raise(PyExc_TypeError, "open_code() argument 'path' must be str, not %T",
                           args[0]);
    }
    return io_open(args[0], "rb", -1, VALUE_ABSENT, VALUE_ABSENT, VALUE_ABSENT, true, VALUE_ABSENT);
}

int io_warn_default_encoding(int stack_level)
{
    return sys_config.warn_default_encoding == 0 ? 0
                                                 : error_warn(PyExc_EncodingWarning, stack_level,
                                                              "'encoding' argument not specified");
}

static Value io_text_encoding(Value self, const Value *args)
{
    int stack_level = 2;
    if (!value_is_none(args[0])) {
        return args[0];
    }
    if ((value_is_present(args[1]) && arg_int(args[1], &stack_level) < 0) ||
        io_warn_default_encoding(stack_level) < 0) {
        return VALUE_NULL;
    }
    return value_from_object(str_intern_text(sys_config.utf8_mode != 0 ? "utf-8" : "locale"));
}

static const struct native_def functions[] = {
    {"open",
     "($module, /, file, mode='r', buffering=-1, encoding=None,\n"
     "     errors=None, newline=None, closefd=True, opener=None)",
     "Opens a file and returns a stream for it.", .n = io_open_function},
    {"open_code", "($module, /, path)", "Opens a file of code for reading, in binary.",
     .n = io_open_code},
    {"text_encoding", "($module, encoding, stacklevel=2, /)",
     "The encoding to use where the caller gave none.", .n = io_text_encoding},
    {NULL},
};

static int make_unsupported_operation(PyObject *module)
{
    PyObject *bases = tuple_pack(2, PyExc_OSError, PyExc_ValueError);
    PyObject *dict = dict_new();
    PyObject *name = str_intern_text("UnsupportedOperation");
    if (bases == NULL || dict == NULL || name == NULL ||
        dict_set_str(dict, names.__module__, value_from_object(str_intern_text("io"))) < 0) {
        return -1;
    }
    Value type = type_new(&PyType_Type, name, bases, dict, NULL);
    if (value_is_null(type)) {
        return -1;
    }
    io_unsupported_operation = value_object(type);
    return module_add(module, "UnsupportedOperation", type);
}

static int io_exec(PyObject *module)
{
    PyTypeObject *const types[] = {
        &IOBase_Type,         &RawIOBase_Type,      &BufferedIOBase_Type,
        &TextIOBase_Type,     &FileIO_Type,         &BytesIO_Type,
        &StringIO_Type,       &BufferedReader_Type, &BufferedWriter_Type,
        &BufferedRandom_Type, &BufferedRWPair_Type, &IncrementalNewlineDecoder_Type,
        &TextIOWrapper_Type,
    };
    for (size_t i = 0; i < sizeof types / sizeof types[0]; i++) {
        if (type_ready(types[i]) < 0 || module_add_type(module, types[i]) < 0) {
            return -1;
        }
    }
    if (type_add_getsets(&IOBase_Type, instance_dict_getset) < 0 ||
        type_ready(&_PyBytesIOBuffer_Type) < 0 || make_unsupported_operation(module) < 0) {
        return -1;
    }
    if (module_add_int(module, "DEFAULT_BUFFER_SIZE", IO_BUFFER_SIZE) < 0) {
        return -1;
    }
    return module_add(module, "BlockingIOError", value_from_object(PyExc_BlockingIOError));
}

const struct module_def io_module = {
    .name = "_io",
    .doc = "The io module's implementation.",
    .functions = functions,
    .exec = io_exec,
};

/* ---- Exit */

struct root_list {
    size_t count, capacity;
    PyObject *items[];
};

static bool is_unflushed(PyObject *object, void *list)
{
    PyTypeObject *type = object->ob_type;
    if (type_is_subtype(type, &TextIOWrapper_Type) || type_is_subtype(type, &BufferedWriter_Type) ||
        type_is_subtype(type, &BufferedRandom_Type)) {
        struct root_list *roots = list;
        if (roots->count < roots->capacity) {
            roots->items[roots->count++] = object;
        }
    }
    return true;
}

static bool forget_dead_owner(PyObject *object, void *argument)
{
    struct io_lock *lock = NULL;
    if (type_is_subtype(object->ob_type, &TextIOWrapper_Type)) {
        lock = text_io_lock(object);
    } else if (type_is_subtype(object->ob_type, &BufferedReader_Type) ||
               type_is_subtype(object->ob_type, &BufferedWriter_Type) ||
               type_is_subtype(object->ob_type, &BufferedRandom_Type)) {
        lock = buffered_lock(object);
    }
    if (lock != NULL && !io_lock_is_mine(lock)) {
        forget_owner(lock);
    }
    return true;
}

void io_after_fork_child(void)
{
    heap_for_each_observed(forget_dead_owner, NULL);
}

void io_flush_all(void)
{
    enum { MOST = 4096 };
    struct root_list *roots = heap_alloc(sizeof *roots + MOST * sizeof(PyObject *), CELL_WORDS);
    if (roots == NULL) {
        return;
    }
    roots->capacity = MOST;
    heap_for_each_observed(is_unflushed, roots);
    for (int text = 1; text >= 0; text--) { /* text layers first: they flush into buffers */
        for (size_t i = 0; i < roots->count; i++) {
            Value file = value_from_object(roots->items[i]);
            if (value_is_instance(file, &TextIOWrapper_Type) == (text == 1) &&
                io_is_closed(file) == 0) {
                object_call_method0(file, names.flush);
            }
            error_clear();
        }
    }
}
