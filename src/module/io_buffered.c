/* SPDX-License-Identifier: MIT */
/* BufferedReader, BufferedWriter, BufferedRandom: one structure, one buffer.
 *
 * The buffer is in one of two states, under the object's io_lock:
 *   reading   bytes [position, end) were read from the raw file and not yet handed out; the raw
 *             file's position is that of `end`
 *   writing   bytes [0, end) wait to be written; the raw file's position is that of byte 0
 * An empty buffer (position == end == 0) is both. Only BufferedRandom goes from one to the other:
 * by seeking back over what was read ahead, or by flushing. */
#include "module/io_int.h"
#include "object/buffer.h"
#include "object/float.h"
#include "thread/thread.h"

struct buffered {
    PyObject_HEAD PyObject *dict, *weakrefs;
    /* NULL before __init__, which sets it last, and after detach(): then nobody uses what is below,
     * which is under the lock. */
    PyObject *raw;
    char *buffer; /* a RAW cell; NULL once it is closed. Atomic */
    Py_ssize_t size, position, end;
    bool writing, readable, writable, detached, finalizing;
    struct io_lock lock;
};

static struct buffered *cast(Value self)
{
    return (struct buffered *)value_object(self);
}
/* For the owner of the lock, after enter(). */
static Value raw_of(const struct buffered *b)
{
    return value_from_object(b->raw);
}
static Py_ssize_t available(const struct buffered *b)
{
    return b->writing ? 0 : b->end - b->position;
}

static void forget(struct buffered *b)
{
    b->position = b->end = 0;
    b->writing = false;
}

/* The raw stream, for who has not the lock: another thread may detach it at any time. NULL with a
 * ValueError. */
static Value usable_raw(const struct buffered *b)
{
    PyObject *raw = atomic_load_acquire(&b->raw);
    if (raw != NULL) {
        return value_from_object(raw);
    }
    return error_raise(PyExc_ValueError, b->detached ? "raw stream has been detached"
                                                     : "I/O operation on uninitialized object");
}

static int check_usable(const struct buffered *b)
{
    return value_is_null(usable_raw(b)) ? -1 : 0;
}

static int check_open(const struct buffered *b, const char *message)
{
    Value raw = usable_raw(b);
    int closed = value_is_null(raw)                        ? -1
                 : atomic_load_relaxed(&b->buffer) == NULL ? 1
                                                           : io_is_closed(raw);
    return closed > 0 ? error_raise_int(PyExc_ValueError, "%s", message) : closed;
}

struct io_lock *buffered_lock(PyObject *file)
{
    return &((struct buffered *)file)->lock;
}

static int enter(Value self)
{
    struct buffered *b = cast(self);
    if (check_usable(b) < 0) {
        return -1;
    }
    if (io_lock_is_mine(&b->lock)) {
        return error_raise_int(PyExc_RuntimeError, "reentrant call inside %R", self);
    }
    if (io_lock_is_lost(&b->lock)) {
        return io_raise_lost(self);
    }
    io_lock_acquire(&b->lock);
    if (check_usable(b) < 0) { /* another thread detached it meanwhile */
        io_lock_release(&b->lock);
        return -1;
    }
    return 0;
}

static Value leave(Value self, Value result)
{
    io_lock_release(&cast(self)->lock);
    return result;
}

/* enter() for what uses the buffer, which another thread may have closed meanwhile. */
static int enter_open(Value self, const char *message)
{
    const struct buffered *b = cast(self);
    if (check_open(b, message) < 0 || enter(self) < 0) {
        return -1;
    }
    if (b->buffer == NULL) {
        leave(self, VALUE_NULL);
        return error_raise_int(PyExc_ValueError, "%s", message);
    }
    return 0;
}

/* ---- The raw file */

/* Up to `size` bytes into data: the count, -2 if it would block, -1 on error. */
static Py_ssize_t raw_read(struct buffered *b, char *data, Py_ssize_t size)
{
    Value raw = raw_of(b), count;
    PyObject *middle = NULL;
    for (;;) {
        if (value_type(raw) == &FileIO_Type) {
            count = file_io_read(raw, data, (size_t)size);
        } else {
            middle = bytearray_new(NULL, size);
            if (middle == NULL) {
                return -1;
            }
            count = object_call_method1(raw, names.readinto, value_from_object(middle));
        }
        if (!value_is_null(count)) {
            break;
        }
        if (!io_retry_interrupted()) {
            return -1;
        }
    }
    if (value_is_none(count)) {
        return -2;
    }
    Py_ssize_t n;
    if (arg_index(count, &n) < 0) {
        error_raise_from_current(PyExc_OSError, "raw readinto() failed");
        return -1;
    }
    if (n < 0 || n > size) {
        return error_raise_int(PyExc_OSError,
                               "raw readinto() returned invalid length %zd (should have been "
                               "between 0 and %zd)",
                               n, size);
    }
    if (middle != NULL) {
        Py_buffer view;
        if (object_get_buffer(value_from_object(middle), &view, PyBUF_SIMPLE) < 0) {
            return -1;
        }
        memcpy(data, view.buf, (size_t)(n < view.len ? n : view.len));
        object_release_buffer(&view);
    }
    return n;
}

/* Same for writing. */
static Py_ssize_t raw_write(struct buffered *b, const char *data, Py_ssize_t size)
{
    Value raw = raw_of(b), count;
    do {
        if (value_type(raw) == &FileIO_Type) {
            count = file_io_write(raw, data, (size_t)size);
        } else {
            PyObject *copy = bytes_new(data, size);
            if (copy == NULL) {
                return -1;
            }
            count = object_call_method1(raw, names.write, value_from_object(copy));
        }
    } while (value_is_null(count) && io_retry_interrupted());
    if (value_is_null(count)) {
        return -1;
    }
    if (value_is_none(count)) {
        return -2;
    }
    Py_ssize_t n;
    if (arg_index(count, &n) < 0) {
        error_clear();
        n = -1;
    }
    if (n < 0 || n > size) {
        return error_raise_int(
            PyExc_OSError,
            "raw write() returned invalid length %zd (should have been between 0 "
            "and %zd)",
            n, size);
    }
    return n;
}

static int64_t raw_seek(struct buffered *b, int64_t target, int whence)
{
    Value result =
        object_call_method2(raw_of(b), names.seek, int_from_i64(target), value_from_int(whence));
    int64_t position;
    if (value_is_null(result) || io_offset(result, &position) < 0) {
        return -1;
    }
    if (position < 0) {
        return error_raise_int(PyExc_OSError, "Raw stream returned invalid position %lld",
                               (long long)position);
    }
    return position;
}

static int64_t raw_tell(struct buffered *b)
{
    Value result = object_call_method0(raw_of(b), names.tell);
    int64_t position;
    if (value_is_null(result) || io_offset(result, &position) < 0) {
        return -1;
    }
    if (position < 0) {
        return error_raise_int(PyExc_OSError, "Raw stream returned invalid position %lld",
                               (long long)position);
    }
    return position;
}

static int blocked(Py_ssize_t written)
{
    PyObject *args = tuple_new(3);
    PyObject *text = str_from_text("write could not complete without blocking");
    if (args == NULL || text == NULL || tuple_init_item(args, 0, value_from_int(EAGAIN)) < 0 ||
        tuple_init_item(args, 1, value_from_object(text)) < 0 ||
        tuple_init_item(args, 2, int_from_ssize(written)) < 0) {
        return -1;
    }
    PyObject *exception = exception_new(PyExc_BlockingIOError, args);
    if (exception != NULL) {
        error_set_instance(exception);
    }
    return -1;
}

/* Writes out what waits. What could not be written stays in the buffer. 0 or -1. */
static int flush_writes(struct buffered *b)
{
    if (!b->writing) {
        return 0;
    }
    Py_ssize_t done = 0;
    while (done < b->end) {
        Py_ssize_t n = raw_write(b, b->buffer + done, b->end - done);
        if (n < 0) {
            memmove(b->buffer, b->buffer + done, (size_t)(b->end - done));
            b->end -= done;
            return n == -2 ? blocked(0) : -1;
        }
        done += n;
        if (done < b->end && thread_safepoint(thread_current()) < 0) {
            memmove(b->buffer, b->buffer + done, (size_t)(b->end - done));
            b->end -= done;
            return -1;
        }
    }
    forget(b);
    return 0;
}

/* Makes the raw position the logical one, and the buffer empty. 0 or -1. */
static int drop_read_ahead(struct buffered *b)
{
    Py_ssize_t ahead = available(b);
    if (ahead > 0 && raw_seek(b, -ahead, 1) < 0) {
        return -1;
    }
    if (!b->writing) {
        forget(b);
    }
    return 0;
}

/* Before reading: nothing may wait to be written. */
static int begin_reading(struct buffered *b)
{
    return b->writing ? flush_writes(b) : 0;
}

/* Reads once into the empty buffer: bytes now available, 0 at the end, -2, -1. */
static Py_ssize_t fill(struct buffered *b)
{
    forget(b);
    Py_ssize_t n = raw_read(b, b->buffer, b->size);
    if (n > 0) {
        b->end = n;
    }
    return n;
}

/* ---- Reading */

/* Hands out up to n available bytes. */
static Py_ssize_t take(struct buffered *b, char *out, Py_ssize_t n)
{
    Py_ssize_t have = available(b);
    n = n < have ? n : have;
    memcpy(out, b->buffer + b->position, (size_t)n);
    b->position += n;
    return n;
}

static Value read_all(struct buffered *b)
{
    Py_ssize_t have = available(b);
    PyObject *head = bytes_new(b->buffer + b->position, have);
    if (head == NULL) {
        return VALUE_NULL;
    }
    forget(b);
    Value method;
    int found = object_find_attr(raw_of(b), names.readall, &method);
    if (found < 0) {
        return VALUE_NULL;
    }
    if (found == 0) {
        PyObject *all = bytearray_new(bytes_data(head), have);
        for (;;) {
            Value part = all == NULL ? VALUE_NULL : object_call_method0(raw_of(b), names.read);
            if (value_is_null(part)) {
                return VALUE_NULL;
            }
            if (value_is_none(part) && object_length(value_from_object(all)) == 0) {
                return part;
            }
            if (!value_is_none(part) && !bytes_check(part)) {
                return error_raise(PyExc_TypeError, "read() should return bytes");
            }
            if (value_is_none(part) || bytes_length(value_object(part)) == 0) {
                return value_from_object(bytes_from_value(value_from_object(all)));
            }
            if (value_is_null(object_inplace(value_from_object(all), part, OP_ADD))) {
                return VALUE_NULL;
            }
        }
    }
    Value rest;
    do {
        rest = object_call0(method);
    } while (value_is_null(rest) && io_retry_interrupted());
    if (value_is_null(rest)) {
        return VALUE_NULL;
    }
    if (value_is_none(rest)) {
        return have == 0 ? rest : value_from_object(head);
    }
    if (!bytes_check(rest)) {
        return error_raise(PyExc_TypeError, "readall() should return bytes");
    }
    return have == 0 ? rest : object_binary(value_from_object(head), rest, OP_ADD);
}

/* Reads exactly n bytes unless the file ends or would block. Count, -2 (blocked with nothing), -1.
 */
static Py_ssize_t read_exactly(struct buffered *b, char *out, Py_ssize_t n)
{
    Py_ssize_t done = take(b, out, n);
    while (done < n) {
        Py_ssize_t left = n - done, got;
        if (left >= b->size) {
            forget(b);
            got = raw_read(b, out + done, left - left % b->size);
            if (got > 0) {
                done += got;
            }
        } else {
            got = fill(b);
            if (got > 0) {
                done += take(b, out + done, left);
            }
        }
        if (got == -1) {
            return -1;
        }
        if (got <= 0) {
            return done == 0 && got == -2 ? -2 : done;
        }
    }
    return done;
}

static Value bytes_result(PyObject *bytes, Py_ssize_t n)
{
    return n == -1   ? VALUE_NULL
           : n == -2 ? VALUE_NONE
                     : value_from_object(bytes_truncate(bytes, n));
}

static Value read_locked(struct buffered *b, Py_ssize_t n)
{
    if (begin_reading(b) < 0) {
        return VALUE_NULL;
    }
    if (n < 0) {
        return read_all(b);
    }
    PyObject *bytes = bytes_new_unfilled(n);
    return bytes == NULL ? VALUE_NULL : bytes_result(bytes, read_exactly(b, bytes_data(bytes), n));
}

static Value buffered_read(Value self, const Value *args)
{
    Py_ssize_t n;
    if (io_size(args[0], &n) < 0) {
        return VALUE_NULL;
    }
    if (n < -1) {
        return error_raise(PyExc_ValueError, "read length must be non-negative or -1");
    }
    if (enter_open(self, "read of closed file") < 0) {
        return VALUE_NULL;
    }
    return leave(self, read_locked(cast(self), n));
}

static Value read1_locked(struct buffered *b, Py_ssize_t n)
{
    if (begin_reading(b) < 0) {
        return VALUE_NULL;
    }
    if (n < 0) {
        n = b->size;
    }
    Py_ssize_t have = available(b);
    PyObject *bytes = bytes_new_unfilled(have > 0 && n > have ? have : n);
    if (bytes == NULL) {
        return VALUE_NULL;
    }
    if (have > 0) {
        take(b, bytes_data(bytes), bytes_length(bytes));
        return value_from_object(bytes);
    }
    if (n == 0) {
        return value_from_object(bytes);
    }
    forget(b);
    Py_ssize_t got = raw_read(b, bytes_data(bytes), n);
    return bytes_result(bytes, got == -2 ? 0 : got);
}

static Value buffered_read1(Value self, const Value *args)
{
    Py_ssize_t n = -1;
    if ((value_is_present(args[0]) && arg_index(args[0], &n) < 0) ||
        enter_open(self, "read of closed file") < 0) {
        return VALUE_NULL;
    }
    return leave(self, read1_locked(cast(self), n));
}

/* What is buffered; and what one call of the raw file gives, if there is nothing, or if what is
 * still missing is more than the buffer holds. Count, -2, -1. */
static Py_ssize_t read_once(struct buffered *b, char *out, Py_ssize_t n)
{
    Py_ssize_t have = take(b, out, n);
    if (n == have || (have > 0 && n - have <= b->size)) {
        return have;
    }
    forget(b);
    Py_ssize_t got = raw_read(b, out + have, n - have);
    return got >= 0 ? have + got : got == -2 && have > 0 ? have : got;
}

static Value read_into(Value self, Value target, bool once)
{
    static const char closed[] = "readinto of closed file";
    struct buffered *b = cast(self);
    Py_buffer view;
    if (check_open(b, closed) < 0 ||
        buffer_get_writable(target, once ? "readinto1" : "readinto", &view) < 0) {
        return VALUE_NULL;
    }
    Value result = VALUE_NULL;
    if (enter_open(self, closed) == 0) {
        Py_ssize_t n = -1;
        if (begin_reading(b) == 0) {
            if (!once) {
                n = read_exactly(b, view.buf, view.len);
            } else {
                n = read_once(b, view.buf, view.len);
            }
        }
        result = leave(self, n == -1 ? VALUE_NULL : n == -2 ? VALUE_NONE : int_from_ssize(n));
    }
    object_release_buffer(&view);
    return result;
}

static Value buffered_readinto(Value self, Value target)
{
    return read_into(self, target, false);
}
static Value buffered_readinto1(Value self, Value target)
{
    return read_into(self, target, true);
}

static Value buffered_peek(Value self, const Value *args)
{
    struct buffered *b = cast(self);
    if (enter_open(self, "peek of closed file") < 0) {
        return VALUE_NULL;
    }
    Py_ssize_t n = 0;
    if (begin_reading(b) < 0) {
        n = -1;
    } else if (available(b) == 0) {
        n = fill(b);
    }
    return leave(self, n == -1
                           ? VALUE_NULL
                           : value_from_object(bytes_new(b->buffer + b->position, available(b))));
}

/* One line of at most `limit` bytes (-1: any), as bytes. */
static Value readline_locked(struct buffered *b, Py_ssize_t limit)
{
    if (begin_reading(b) < 0) {
        return VALUE_NULL;
    }
    PyObject *parts = NULL;
    Py_ssize_t taken = 0;
    for (;;) {
        Py_ssize_t have = available(b);
        if (limit >= 0 && have > limit - taken) {
            have = limit - taken;
        }
        const char *start = b->buffer + b->position;
        const char *newline = memchr(start, '\n', (size_t)have);
        Py_ssize_t n = newline == NULL ? have : newline - start + 1;
        if (parts == NULL && (newline != NULL || (limit >= 0 && taken + n >= limit))) {
            b->position += n;
            return value_from_object(bytes_new(start, n));
        }
        if (parts == NULL) {
            parts = list_new(4);
        }
        PyObject *piece = parts == NULL ? NULL : bytes_new(start, n);
        if (piece == NULL || list_append(parts, value_from_object(piece)) < 0) {
            return VALUE_NULL;
        }
        b->position += n;
        taken += n;
        if (newline != NULL || (limit >= 0 && taken >= limit)) {
            break;
        }
        Py_ssize_t got = fill(b);
        if (got == -1) {
            return VALUE_NULL;
        }
        if (got <= 0) {
            break;
        }
    }
    PyObject *empty = bytes_new("", 0);
    return object_call_method1(value_from_object(empty), names.join, value_from_object(parts));
}

static Value buffered_readline(Value self, const Value *args)
{
    Py_ssize_t limit;
    if (io_size(args[0], &limit) < 0 || enter_open(self, "readline of closed file") < 0) {
        return VALUE_NULL;
    }
    return leave(self, readline_locked(cast(self), limit));
}

static Value buffered_next(Value self)
{
    struct buffered *b = cast(self);
    Value line;
    if (value_type(self) == &BufferedReader_Type || value_type(self) == &BufferedRandom_Type) {
        if (enter_open(self, "readline of closed file") < 0) {
            return VALUE_NULL;
        }
        line = leave(self, readline_locked(b, -1));
    } else {
        line = object_call_method0(self, names.readline);
        if (!value_is_null(line) && !bytes_check(line)) {
            return error_raise(PyExc_OSError,
                               "readline() should have returned a bytes object, not '%T'", line);
        }
    }
    return value_is_null(line) ? line : bytes_length(value_object(line)) == 0 ? VALUE_ABSENT : line;
}

/* ---- Writing */

static Value write_locked(struct buffered *b, const char *data, Py_ssize_t n)
{
    if (drop_read_ahead(b) < 0) {
        return VALUE_NULL;
    }
    Py_ssize_t used = b->writing ? b->end : 0;
    if (n > b->size - used && flush_writes(b) < 0) {
        if (!error_matches(PyExc_BlockingIOError)) {
            return VALUE_NULL;
        }
        Py_ssize_t room = b->size - b->end;
        if (n > room) { /* as much as fits, and say so */
            memcpy(b->buffer + b->end, data, (size_t)room);
            b->end += room;
            error_clear();
            blocked(room);
            return VALUE_NULL;
        }
        error_clear();
    }
    Py_ssize_t done = 0;
    while (n - done > b->size) {
        Py_ssize_t put = raw_write(b, data + done, n - done);
        if (put == -1) {
            return VALUE_NULL;
        }
        if (put == -2) {
            Py_ssize_t rest = n - done < b->size ? n - done : b->size;
            memcpy(b->buffer, data + done, (size_t)rest);
            b->end = rest;
            b->writing = true;
            blocked(done + rest);
            return VALUE_NULL;
        }
        done += put;
        if (n - done > b->size && thread_safepoint(thread_current()) < 0) {
            return VALUE_NULL; /* the handler of the signal that ended the write early */
        }
    }
    used = b->writing ? b->end : 0;
    memcpy(b->buffer + used, data + done, (size_t)(n - done));
    b->position = 0;
    b->end = used + n - done;
    b->writing = b->end > 0;
    return int_from_ssize(n);
}

static Value buffered_write(Value self, Value data)
{
    Py_buffer view;
    if (str_check(data)) {
        return error_raise(PyExc_TypeError, "a bytes-like object is required, not 'str'");
    }
    if (object_get_buffer(data, &view, PyBUF_SIMPLE) < 0) {
        return VALUE_NULL;
    }
    Value result = VALUE_NULL;
    if (enter_open(self, "write to closed file") == 0) {
        result = leave(self, write_locked(cast(self), view.buf, view.len));
    }
    object_release_buffer(&view);
    return result;
}

static int flush_locked(struct buffered *b)
{
    if (b->writing) {
        return flush_writes(b);
    }
    return b->readable && b->writable ? drop_read_ahead(b) : 0;
}

static Value buffered_flush(Value self)
{
    if (enter_open(self, "flush of closed file") < 0) {
        return VALUE_NULL;
    }
    return leave(self, flush_locked(cast(self)) < 0 ? VALUE_NULL : VALUE_NONE);
}

/* Readers have nothing to write; their flush goes to the raw file. */
static Value reader_flush(Value self)
{
    Value raw = usable_raw(cast(self));
    return value_is_null(raw) ? raw : object_call_method0(raw, names.flush);
}

/* ---- Positions */

static Value tell_locked(struct buffered *b)
{
    int64_t position = raw_tell(b);
    if (position < 0) {
        return VALUE_NULL;
    }
    position += b->writing ? b->end : -available(b);
    return int_from_i64(position < 0 ? 0 : position);
}

static Value buffered_tell(Value self)
{
    if (check_usable(cast(self)) < 0 || enter(self) < 0) {
        return VALUE_NULL;
    }
    return leave(self, tell_locked(cast(self)));
}

static Value seek_locked(struct buffered *b, int64_t target, int whence)
{
    if (!b->writing && b->readable && (whence == SEEK_SET || whence == SEEK_CUR)) {
        int64_t raw_position = raw_tell(b);
        if (raw_position < 0) {
            return VALUE_NULL;
        }
        int64_t current = raw_position - available(b);
        int64_t offset = whence == SEEK_SET ? target - current : target;
        if (offset >= -b->position && offset <= available(b)) {
            b->position += offset;
            return int_from_i64(current + offset);
        }
    }
    if (flush_writes(b) < 0) {
        return VALUE_NULL;
    }
    if (whence == SEEK_CUR) {
        target -= available(b);
    }
    int64_t position = raw_seek(b, target, whence);
    if (position < 0) {
        return VALUE_NULL;
    }
    forget(b);
    return int_from_i64(position);
}

static Value buffered_seek(Value self, const Value *args)
{
    int64_t target;
    int whence = 0;
    if (value_is_present(args[1]) && arg_int(args[1], &whence) < 0) {
        return VALUE_NULL;
    }
    if (whence < 0 || whence > 4) {
        return error_raise(PyExc_ValueError, "whence value %d unsupported", whence);
    }
    Value raw = usable_raw(cast(self));
    if (value_is_null(raw) || check_open(cast(self), "seek of closed file") < 0 ||
        io_require(raw, names.seekable, "File or stream is not seekable.") < 0 ||
        io_offset(args[0], &target) < 0 || enter_open(self, "seek of closed file") < 0) {
        return VALUE_NULL;
    }
    return leave(self, seek_locked(cast(self), target, whence));
}

static Value buffered_truncate(Value self, const Value *args)
{
    struct buffered *b = cast(self);
    if (check_open(b, "truncate of closed file") < 0) {
        return VALUE_NULL;
    }
    if (!b->writable) {
        return io_unsupported("truncate");
    }
    if (enter_open(self, "truncate of closed file") < 0) {
        return VALUE_NULL;
    }
    Value size = args[0];
    Value result = VALUE_NULL;
    if (flush_locked(b) == 0) {
        if (!value_is_present(size) || value_is_none(size)) {
            size = tell_locked(b);
        }
        result = value_is_null(size) ? size : object_call_method1(raw_of(b), names.truncate, size);
    }
    return leave(self, result);
}

/* ---- Closing, status */

/* Under the lock: what another thread writes meanwhile would be lost. */
static Value close_raw_locked(struct buffered *b)
{
    Value result = object_call_method0(raw_of(b), names.close);
    atomic_store_relaxed(&b->buffer, NULL);
    forget(b);
    return result;
}

static Value buffered_close(Value self)
{
    struct buffered *b = cast(self);
    Value raw = usable_raw(b);
    int closed = value_is_null(raw) ? -1 : io_is_closed(raw);
    if (closed != 0) {
        return closed < 0 ? VALUE_NULL : VALUE_NONE;
    }
    if (b->finalizing) {
        Value warned = object_call_method1(raw, names._dealloc_warn, self);
        if (value_is_null(warned)) {
            error_clear();
        }
    }
    Value flushed = object_call_method0(self, names.flush);
    PyObject *pending = value_is_null(flushed) ? error_take() : NULL;
    Value result = enter(self) < 0 ? VALUE_NULL : leave(self, close_raw_locked(b));
    if (pending == NULL) {
        return result;
    }
    if (value_is_null(result)) {
        PyObject *second = error_take();
        exception_set_context(second, pending);
        error_restore(second);
    } else {
        error_restore(pending);
    }
    return VALUE_NULL;
}

static Value buffered_detach(Value self)
{
    struct buffered *b = cast(self);
    if (check_usable(b) < 0 || value_is_null(object_call_method0(self, names.flush)) ||
        enter(self) < 0) {
        return VALUE_NULL;
    }
    Value raw = raw_of(b);
    b->detached = true;
    atomic_store_release(&b->raw, NULL);
    return leave(self, raw);
}

#define DELEGATE(name)                                                                             \
    static Value buffered_##name(Value self)                                                       \
    {                                                                                              \
        Value raw = usable_raw(cast(self));                                                        \
        return value_is_null(raw) ? raw : object_call_method0(raw, names.name);                    \
    }
DELEGATE(seekable)
DELEGATE(readable)
DELEGATE(writable)
DELEGATE(fileno)
DELEGATE(isatty)
#undef DELEGATE

static Value buffered_dealloc_warn(Value self, Value source)
{
    PyObject *raw = atomic_load_acquire(&cast(self)->raw);
    if (raw != NULL &&
        value_is_null(object_call_method1(value_from_object(raw), names._dealloc_warn, source))) {
        error_clear();
    }
    return VALUE_NONE;
}

static Value buffered_getstate(Value self)
{
    return error_raise(PyExc_TypeError, "cannot pickle '%T' object", self);
}

static Value buffered_sizeof(Value self)
{
    const struct buffered *b = cast(self);
    Py_ssize_t size = value_type(self)->tp_basicsize;
    return int_from_ssize(atomic_load_relaxed(&b->buffer) != NULL ? size + b->size : size);
}

static Value get_raw(Value self, void *closure)
{
    return usable_raw(cast(self));
}
static Value get_from_raw(Value self, void *name)
{
    Value raw = usable_raw(cast(self));
    return value_is_null(raw) ? raw : object_getattr(raw, str_intern_text(name));
}
static Value get_finalizing(Value self, void *closure)
{
    return value_from_bool(cast(self)->finalizing);
}
static int set_finalizing(Value self, Value value, void *closure)
{
    return arg_bool(value, &cast(self)->finalizing);
}

static Value buffered_repr(Value self)
{
    Value name;
    const char *type = type_short_name(value_type(self));
    int found = object_find_attr(self, str_intern_text("name"), &name);
    if (found < 0) {
        if (!error_matches(PyExc_ValueError)) {
            return VALUE_NULL;
        }
        error_clear();
        found = 0;
    }
    if (found == 0) {
        return value_from_object(str_format("<_io.%s>", type));
    }
    int entered = repr_enter(self);
    if (entered != 0) {
        return entered < 0 ? VALUE_NULL
                           : error_raise(PyExc_RuntimeError, "reentrant call inside %s.__repr__",
                                         value_type(self)->tp_name);
    }
    PyObject *text = str_format("<_io.%s name=%R>", type, name);
    repr_leave(self);
    return value_from_object(text);
}

/* ---- Types */

static Value buffered_new(PyTypeObject *type, const Value *args, size_t nargs, PyObject *kwnames)
{
    return value_from_object(object_alloc(type, 0));
}

static void buffered_trace(PyObject *self, struct tracer *tracer)
{
    struct buffered *b = (struct buffered *)self;
    trace_pointer(tracer, b->dict);
    trace_pointer(tracer, b->raw);
    trace_pointer(tracer, b->buffer);
}

/* As before __init__, which may fail. */
static int forget_raw(Value self)
{
    struct buffered *b = cast(self);
    if (b->raw != NULL) {
        if (enter(self) < 0) {
            return -1;
        }
        atomic_store_release(&b->raw, NULL);
        leave(self, VALUE_NONE);
    }
    b->detached = false;
    return 0;
}

static int init(Value self, const char *fname, bool readable, bool writable, const Value *args,
                size_t nargs, PyObject *kwnames)
{
    static const struct native_signature *signature;
    Value bound[2];
    Py_ssize_t size = IO_BUFFER_SIZE;
    if (native_bind(fname, "(raw, buffer_size=8192)", &signature, args, nargs, kwnames, bound) <
            0 ||
        (value_is_present(bound[1]) && arg_index(bound[1], &size) < 0)) {
        return -1;
    }
    struct buffered *b = cast(self);
    if (forget_raw(self) < 0) {
        return -1;
    }
    if (readable && writable &&
        io_require(bound[0], names.seekable, "File or stream is not seekable.") < 0) {
        return -1;
    }
    if (readable && io_require(bound[0], names.readable, "File or stream is not readable.") < 0) {
        return -1;
    }
    if (writable && io_require(bound[0], names.writable, "File or stream is not writable.") < 0) {
        return -1;
    }
    if (size <= 0) {
        return error_raise_int(PyExc_ValueError, "buffer size must be strictly positive");
    }
    char *buffer = heap_alloc((size_t)size, CELL_RAW);
    if (buffer == NULL) {
        error_no_memory();
        return -1;
    }
    heap_store(b, &b->buffer, buffer);
    b->size = size;
    b->readable = readable;
    b->writable = writable;
    forget(b);
    heap_store(b, &b->raw, value_box(bound[0]));
    return 0;
}

static int reader_init(Value self, const Value *args, size_t nargs, PyObject *kwnames)
{
    return init(self, "BufferedReader", true, false, args, nargs, kwnames);
}
static int writer_init(Value self, const Value *args, size_t nargs, PyObject *kwnames)
{
    return init(self, "BufferedWriter", false, true, args, nargs, kwnames);
}
static int random_init(Value self, const Value *args, size_t nargs, PyObject *kwnames)
{
    return init(self, "BufferedRandom", true, true, args, nargs, kwnames);
}

#define COMMON_METHODS                                                                             \
    {"__getstate__", "($self, /)", "Always an error: it cannot be pickled.",                       \
     .f0 = buffered_getstate},                                                                     \
        {"__sizeof__", "($self, /)", "Bytes, the buffer's among them.", .f0 = buffered_sizeof},    \
        {"_dealloc_warn", "($self, source, /)", "Warns that the file was not closed.",             \
         .f1 = buffered_dealloc_warn},                                                             \
        {"close", "($self, /)", "Flushes and closes the stream. May be called again.",             \
         .f0 = buffered_close},                                                                    \
        {"detach", "($self, /)", "Flushes, separates the raw stream and returns it.",              \
         .f0 = buffered_detach},                                                                   \
        {"fileno", "($self, /)", "The number of the file descriptor below.",                       \
         .f0 = buffered_fileno},                                                                   \
        {"isatty", "($self, /)", "Is it a terminal?", .f0 = buffered_isatty},                      \
        {"seek", "($self, target, whence=0, /)",                                                   \
         "Moves the position; whence: 0 from the start, 1 from here, 2 from the end.",             \
         .n = buffered_seek},                                                                      \
        {"seekable", "($self, /)", "May its position be changed?", .f0 = buffered_seekable},       \
        {"tell", "($self, /)", "The current position.", .f0 = buffered_tell},                      \
    {                                                                                              \
        "truncate", "($self, pos=None, /)", NULL, .n = buffered_truncate                           \
    }

#define READ_METHODS                                                                               \
    {"peek", "($self, size=0, /)", "Buffered bytes without moving the position.",                  \
     .n = buffered_peek},                                                                          \
        {"read", "($self, size=-1, /)",                                                            \
         "Reads up to size bytes; all that is left if it is negative or None.",                    \
         .n = buffered_read},                                                                      \
        {"read1", "($self, size=-1, /)", "Reads with at most one call of the raw stream.",         \
         .n = buffered_read1},                                                                     \
        {"readable", "($self, /)", "May it be read?", .f0 = buffered_readable},                    \
        {"readinto", "($self, buffer, /)", "Reads into a buffer; returns how many bytes.",         \
         .f1 = buffered_readinto},                                                                 \
        {"readinto1", "($self, buffer, /)",                                                        \
         "Reads into a buffer with at most one call of the raw stream.",                           \
         .f1 = buffered_readinto1},                                                                \
    {                                                                                              \
        "readline", "($self, size=-1, /)", NULL, .n = buffered_readline                            \
    }

#define WRITE_METHODS                                                                              \
    {"flush", "($self, /)", "Hands what is buffered on to the raw stream.", .f0 = buffered_flush}, \
        {"writable", "($self, /)", "May it be written?", .f0 = buffered_writable},                 \
    {                                                                                              \
        "write", "($self, buffer, /)", NULL, .f1 = buffered_write                                  \
    }

static const struct native_def reader_methods[] = {
    COMMON_METHODS,
    READ_METHODS,
    {"flush", "($self, /)", "Hands what is buffered on to the raw stream.", .f0 = reader_flush},
    {NULL}};
static const struct native_def writer_methods[] = {COMMON_METHODS, WRITE_METHODS, {NULL}};
static const struct native_def random_methods[] = {
    COMMON_METHODS, READ_METHODS, WRITE_METHODS, {NULL}};

static const struct getset_def getsets[] = {
    {"closed", get_from_raw, NULL, NULL, (void *)"closed"},
    {"mode", get_from_raw, NULL, NULL, (void *)"mode"},
    {"name", get_from_raw, NULL, NULL, (void *)"name"},
    {"raw", get_raw},
    {"_finalizing", get_finalizing, set_finalizing},
    {NULL},
};

static bool buffered_is_spent(PyObject *self)
{
    return io_is_spent(atomic_load_relaxed(&((struct buffered *)self)->raw));
}

#define BUFFERED_TYPE(symbol, info, short_name, doc, init_function, method_table, next_function)   \
    static struct type_info info = {                                                               \
        .ops = {.new_ = buffered_new,                                                              \
                .init = init_function,                                                             \
                .repr = buffered_repr,                                                             \
                .next = next_function,                                                             \
                .is_spent = buffered_is_spent},                                                    \
        .trace = buffered_trace,                                                                   \
        .methods = method_table,                                                                   \
        .getsets = getsets,                                                                        \
        .flags = TYPE_OBSERVED,                                                                    \
    };                                                                                             \
    PyTypeObject symbol = {                                                                        \
        STATIC_TYPE_HEAD,                                                                          \
        .tp_name = "_io." short_name,                                                              \
        .tp_doc = short_name "(raw, buffer_size=DEFAULT_BUFFER_SIZE)\n--\n\n" doc,                 \
        .tp_basicsize = sizeof(struct buffered),                                                   \
        .tp_flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_BASETYPE | Py_TPFLAGS_HAVE_GC,                 \
        .tp_base = &BufferedIOBase_Type,                                                           \
        .tp_dictoffset = offsetof(struct buffered, dict),                                          \
        .tp_weaklistoffset = offsetof(struct buffered, weakrefs),                                  \
        .tp_cache = (PyObject *)&info,                                                             \
    };

BUFFERED_TYPE(BufferedReader_Type, reader_info, "BufferedReader",
              "Reads a raw stream through a buffer.", reader_init, reader_methods, buffered_next)
BUFFERED_TYPE(BufferedWriter_Type, writer_info, "BufferedWriter",
              "Writes a raw stream through a buffer.", writer_init, writer_methods, NULL)
BUFFERED_TYPE(BufferedRandom_Type, random_info, "BufferedRandom",
              "Reads and writes a raw stream that can seek.", random_init, random_methods,
              buffered_next)

/* ---- BufferedRWPair: a reader and a writer, for pipes and sockets */

struct rw_pair {
    PyObject_HEAD PyObject *dict, *weakrefs;
    PyObject *reader, *writer;
};

static struct rw_pair *pair(Value self)
{
    return (struct rw_pair *)value_object(self);
}

static int pair_init(Value self, const Value *args, size_t nargs, PyObject *kwnames)
{
    static const struct native_signature *signature;
    Value bound[3];
    if (native_bind("BufferedRWPair", "(reader, writer, buffer_size=8192, /)", &signature, args,
                    nargs, kwnames, bound) < 0 ||
        io_require(bound[0], names.readable, "File or stream is not readable.") < 0 ||
        io_require(bound[1], names.writable, "File or stream is not writable.") < 0) {
        return -1;
    }
    size_t count = value_is_present(bound[2]) ? 2 : 1;
    Value reader_args[2] = {bound[0], bound[2]}, writer_args[2] = {bound[1], bound[2]};
    Value reader = object_call(value_from_object(&BufferedReader_Type), reader_args, count, NULL);
    if (value_is_null(reader)) {
        return -1;
    }
    Value writer = object_call(value_from_object(&BufferedWriter_Type), writer_args, count, NULL);
    if (value_is_null(writer)) {
        return -1;
    }
    heap_store(pair(self), &pair(self)->reader, value_object(reader));
    heap_store(pair(self), &pair(self)->writer, value_object(writer));
    return 0;
}

static Value pair_forward(Value self, bool to_writer, PyObject *method, const Value *args)
{
    PyObject *target = to_writer ? pair(self)->writer : pair(self)->reader;
    if (target == NULL) {
        return error_raise(PyExc_ValueError, "I/O operation on uninitialized object");
    }
    size_t count = args != NULL && value_is_present(args[0]);
    return object_call_method(value_from_object(target), method, args, count);
}

static Value pair_read(Value self, const Value *a)
{
    return pair_forward(self, false, names.read, a);
}
static Value pair_read1(Value self, const Value *a)
{
    return pair_forward(self, false, names.read1, a);
}
static Value pair_peek(Value self, const Value *a)
{
    return pair_forward(self, false, names.peek, a);
}
static Value pair_readinto(Value self, Value b)
{
    return pair_forward(self, false, names.readinto, &b);
}
static Value pair_readinto1(Value self, Value b)
{
    return pair_forward(self, false, names.readinto1, &b);
}
static Value pair_write(Value self, Value b)
{
    return pair_forward(self, true, names.write, &b);
}
static Value pair_flush(Value self)
{
    return pair_forward(self, true, names.flush, NULL);
}
static Value pair_readable(Value self)
{
    return pair_forward(self, false, names.readable, NULL);
}
static Value pair_writable(Value self)
{
    return pair_forward(self, true, names.writable, NULL);
}

static Value pair_close(Value self)
{
    Value first = pair_forward(self, true, names.close, NULL);
    PyObject *pending = value_is_null(first) ? error_take() : NULL;
    Value second = pair_forward(self, false, names.close, NULL);
    if (pending == NULL) {
        return second;
    }
    if (value_is_null(second)) {
        PyObject *later = error_take();
        exception_set_context(later, pending);
        pending = later;
    }
    error_restore(pending);
    return VALUE_NULL;
}

static Value pair_isatty(Value self)
{
    Value writer = pair_forward(self, true, names.isatty, NULL);
    return value_is_null(writer) || value_is(writer, VALUE_TRUE)
               ? writer
               : pair_forward(self, false, names.isatty, NULL);
}

static Value pair_closed(Value self, void *closure)
{
    if (pair(self)->writer == NULL) {
        return error_raise(PyExc_RuntimeError,
                           "the BufferedRWPair object is being garbage-collected");
    }
    return object_getattr(value_from_object(pair(self)->writer), names.closed);
}

static void pair_trace(PyObject *self, struct tracer *tracer)
{
    struct rw_pair *p = (struct rw_pair *)self;
    trace_pointer(tracer, p->dict);
    trace_pointer(tracer, p->reader);
    trace_pointer(tracer, p->writer);
}

static const struct native_def pair_methods[] = {
    {"close", "($self, /)", "Flushes and closes the stream. May be called again.",
     .f0 = pair_close},
    {"flush", "($self, /)", "Hands what is buffered on to the raw stream.", .f0 = pair_flush},
    {"isatty", "($self, /)", "Is it a terminal?", .f0 = pair_isatty},
    {"peek", "($self, size=0, /)", "Buffered bytes without moving the position.", .n = pair_peek},
    {"read", "($self, size=-1, /)",
     "Reads up to size bytes; all that is left if it is negative or None.", .n = pair_read},
    {"read1", "($self, size=-1, /)", "Reads with at most one call of the raw stream.",
     .n = pair_read1},
    {"readable", "($self, /)", "May it be read?", .f0 = pair_readable},
    {"readinto", "($self, buffer, /)", "Reads into a buffer; returns how many bytes.",
     .f1 = pair_readinto},
    {"readinto1", "($self, buffer, /)",
     "Reads into a buffer with at most one call of the raw stream.", .f1 = pair_readinto1},
    {"writable", "($self, /)", "May it be written?", .f0 = pair_writable},
    {"write", "($self, buffer, /)", "Writes the data; returns how many bytes were taken.",
     .f1 = pair_write},
    {NULL},
};
static const struct getset_def pair_getsets[] = {{"closed", pair_closed}, {NULL}};
static struct type_info pair_info = {
    .ops = {.new_ = buffered_new, .init = pair_init},
    .trace = pair_trace,
    .methods = pair_methods,
    .getsets = pair_getsets,
    .flags = TYPE_OBSERVED,
};
PyTypeObject BufferedRWPair_Type = {
    STATIC_TYPE_HEAD,
    .tp_name = "_io.BufferedRWPair",
    .tp_doc = "BufferedRWPair(reader, writer, buffer_size=DEFAULT_BUFFER_SIZE, /)\n--\n\nA "
              "buffered reader and a buffered writer of two raw streams, together.",
    .tp_basicsize = sizeof(struct rw_pair),
    .tp_flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_BASETYPE | Py_TPFLAGS_HAVE_GC,
    .tp_base = &BufferedIOBase_Type,
    .tp_dictoffset = offsetof(struct rw_pair, dict),
    .tp_weaklistoffset = offsetof(struct rw_pair, weakrefs),
    .tp_cache = (PyObject *)&pair_info,
};
