/* SPDX-License-Identifier: MIT */
/* FileIO: unbuffered I/O on a file descriptor. Fields change only in __init__ and close; reads of
 * `fd` by other threads are atomic, and a call that lost a race with close gets EBADF. */
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "module/import.h"
#include "module/io_int.h"
#include "module/sys.h"
#include "object/buffer.h"
#include "object/float.h"
#include "thread/thread.h"

struct file_io {
    PyObject_HEAD PyObject *dict, *weakrefs;
    int fd; /* atomic; -1: closed */
    bool created, readable, writable, appending, closefd, finalizing;
    int8_t seekable; /* -1: not known yet */
    unsigned block_size;
};

static struct file_io *cast(Value self)
{
    return (struct file_io *)value_object(self);
}

static int open_fd(Value self)
{
    int fd = atomic_load_relaxed(&cast(self)->fd);
    if (fd < 0) {
        error_raise(PyExc_ValueError, "I/O operation on closed file");
    }
    return fd;
}

/* True if a call failed with EINTR and no signal handler raised: call again. */
static bool interrupted(ssize_t result, int error)
{
    if (result >= 0 || error != EINTR) {
        return false;
    }
    return thread_safepoint(thread_current()) == 0;
}

static Value fail(int error)
{
    if (error_occurred()) {
        return VALUE_NULL; /* a signal handler raised */
    }
    errno = error;
    return error_from_errno(NULL);
}

static Value close_descriptor(struct file_io *f)
{
    int fd = atomic_exchange_acq_rel(&f->fd, -1);
    if (fd < 0) {
        return VALUE_NONE;
    }
    thread_detach();
    int result = close(fd);
    int error = errno;
    thread_reattach();
    return result < 0 && error != EINTR ? fail(error) : VALUE_NONE;
}

static Value dealloc_warn(Value self, Value source)
{
    struct file_io *f = cast(self);
    if (f->fd >= 0 && f->closefd) {
        PyObject *pending = error_take();
        if (error_warn(PyExc_ResourceWarning, 1, "unclosed file %R", source) < 0) {
            if (error_matches(PyExc_Warning)) {
                error_write_unraisable(self, NULL);
            } else {
                error_clear();
            }
        }
        error_restore(pending);
    }
    return VALUE_NONE;
}

static Value file_close(Value self)
{
    struct file_io *f = cast(self);
    if (f->fd < 0) {
        return VALUE_NONE;
    }
    Value base = object_getattr(value_from_object(&RawIOBase_Type), names.close);
    Value flushed = value_is_null(base) ? VALUE_NULL : object_call1(base, self);
    if (!f->closefd) {
        atomic_store_relaxed(&f->fd, -1);
        return flushed;
    }
    PyObject *pending = error_take();
    if (f->finalizing) {
        dealloc_warn(self, self);
    }
    Value closed = close_descriptor(f);
    if (pending != NULL && value_is_null(closed)) {
        PyObject *second = error_take();
        exception_set_context(second, pending);
        error_restore(second);
        return VALUE_NULL;
    }
    if (pending != NULL) {
        error_restore(pending);
        return VALUE_NULL;
    }
    return closed;
}

/* ---- Opening */

static int bad_mode(void)
{
    return error_raise_int(PyExc_ValueError, "Must have exactly one of create/read/write/append "
                                             "mode and at most one plus");
}

static int parse_mode(struct file_io *f, const char *mode, int *flags)
{
    bool kind = false, plus = false;
    *flags = O_CLOEXEC;
    for (const char *p = mode; *p != 0; p++) {
        if (*p == 'b') {
            continue;
        }
        if (strchr("xrwa", *p) != NULL) {
            if (kind) {
                return bad_mode();
            }
            kind = true;
            f->created = *p == 'x';
            f->appending = *p == 'a';
            f->readable = *p == 'r';
            f->writable = *p != 'r';
            *flags |= *p == 'x'   ? O_EXCL | O_CREAT
                      : *p == 'w' ? O_CREAT | O_TRUNC
                      : *p == 'a' ? O_APPEND | O_CREAT
                                  : 0;
        } else if (*p == '+') {
            if (plus) {
                return bad_mode();
            }
            plus = true;
        } else {
            return error_raise_int(PyExc_ValueError, "invalid mode: %s", mode);
        }
    }
    if (!kind) {
        return bad_mode();
    }
    if (plus) {
        f->readable = f->writable = true;
    }
    *flags |= f->readable && f->writable ? O_RDWR : f->readable ? O_RDONLY : O_WRONLY;
    return 0;
}

static int call_opener(Value opener, Value name, int flags)
{
    Value result = object_call2(opener, name, value_from_int(flags));
    int fd;
    if (value_is_null(result)) {
        return -1;
    }
    if (!int_check(result)) {
        return error_raise_int(PyExc_TypeError, "expected integer from opener");
    }
    if (arg_int(result, &fd) < 0) {
        return -1;
    }
    if (fd < 0) {
        return error_raise_int(PyExc_ValueError, "opener returned %d", fd);
    }
    return fd;
}

static int open_path(Value name, int flags)
{
    PyObject *path = io_path(name);
    if (path == NULL) {
        return -1;
    }
    int fd, error;
    do {
        thread_detach();
        fd = open(bytes_data(path), flags, 0666);
        error = errno;
        thread_reattach();
    } while (interrupted(fd, error));
    if (fd < 0 && !error_occurred()) {
        errno = error;
        error_from_errno(value_box(name));
    }
    return fd;
}

/* Checks a fresh descriptor: no directory; remembers the block size. 0 or -1. */
static int examine(struct file_io *f, Value name)
{
    struct stat status;
    if (fstat(f->fd, &status) < 0) {
        if (errno == EBADF) {
            error_from_errno(NULL);
            return -1;
        }
        return 0;
    }
    if (S_ISDIR(status.st_mode)) {
        errno = EISDIR;
        error_from_errno(value_box(name));
        return -1;
    }
    f->block_size = status.st_blksize > 1 ? (unsigned)status.st_blksize : IO_BUFFER_SIZE;
    return 0;
}

static int fail_init(struct file_io *f, bool own)
{
    if (!own) {
        f->fd = -1;
    } else if (f->fd >= 0) {
        PyObject *pending = error_take();
        close_descriptor(f);
        error_clear();
        error_restore(pending);
    }
    return -1;
}

enum { FILE_NAME, FILE_MODE, FILE_CLOSEFD, FILE_OPENER, FILE_ARGUMENTS };

/* mode and closefd. */
static const char *read_how(const Value *bound, bool *closefd)
{
    const char *mode = "r";
    if (value_is_present(bound[FILE_MODE])) {
        PyObject *text = arg_str(bound[FILE_MODE], "FileIO", "argument 'mode'");
        mode = text == NULL ? NULL : str_utf8(text, NULL);
    }
    *closefd = true;
    if (mode == NULL ||
        (value_is_present(bound[FILE_CLOSEFD]) && arg_bool(bound[FILE_CLOSEFD], closefd) < 0)) {
        return NULL;
    }
    return mode;
}

/* A descriptor that was given instead of a name; *fd is -1 if it is a name. */
static int read_descriptor(Value name, int *fd)
{
    *fd = -1;
    if (float_check(name)) {
        return error_raise_int(PyExc_TypeError, "integer argument expected, got float");
    }
    if (!int_check(name)) {
        return 0;
    }
    if (arg_int(name, fd) < 0) {
        return -1;
    }
    return *fd >= 0 ? 0 : error_raise_int(PyExc_ValueError, "negative file descriptor");
}

static int open_name(struct file_io *f, const Value *bound, int flags)
{
    Value opener = bound[FILE_OPENER];
    bool has_opener = value_is_present(opener) && !value_is_none(opener);
    if (!f->closefd) {
        return error_raise_int(PyExc_ValueError, "Cannot use closefd=False with file name");
    }
    f->fd = has_opener ? call_opener(opener, bound[FILE_NAME], flags)
                       : open_path(bound[FILE_NAME], flags);
    if (f->fd < 0) {
        return -1;
    }
    if (has_opener) {
        fcntl(f->fd, F_SETFD, FD_CLOEXEC);
    }
    return 0;
}

static int file_init(Value self, const Value *args, size_t nargs, PyObject *kwnames)
{
    static const struct native_signature *signature;
    Value bound[FILE_ARGUMENTS];
    struct file_io *f = cast(self);
    if (native_bind("FileIO", "(file, mode='r', closefd=True, opener=None)", &signature, args,
                    nargs, kwnames, bound) < 0) {
        return -1;
    }
    if (f->fd >= 0 && f->closefd && value_is_null(close_descriptor(f))) {
        return -1;
    }
    f->fd = -1;
    bool closefd;
    const char *mode = read_how(bound, &closefd);
    if (mode == NULL) {
        return -1;
    }
    f->closefd = closefd;
    f->seekable = -1;
    int given, flags;
    if (read_descriptor(bound[FILE_NAME], &given) < 0 || parse_mode(f, mode, &flags) < 0) {
        return -1;
    }
    if (sys_audit_values("open", "Osi", bound[FILE_NAME], mode, flags) < 0) {
        return -1;
    }
    f->fd = given;
    if (given < 0 && open_name(f, bound, flags) < 0) {
        return -1;
    }
    if (examine(f, bound[FILE_NAME]) < 0 ||
        object_setattr(self, str_intern_text("name"), bound[FILE_NAME]) < 0) {
        return fail_init(f, given < 0);
    }
    if (f->appending && lseek(f->fd, 0, SEEK_END) < 0 && errno != ESPIPE) {
        error_from_errno(NULL);
        return fail_init(f, given < 0);
    }
    return 0;
}

static Value file_new(PyTypeObject *type, const Value *args, size_t nargs, PyObject *kwnames)
{
    struct file_io *f = (struct file_io *)object_alloc(type, 0);
    if (f != NULL) {
        f->fd = -1;
        f->seekable = -1;
        f->closefd = true;
        f->block_size = IO_BUFFER_SIZE;
    }
    return value_from_object(f);
}

static void file_trace(PyObject *self, struct tracer *tracer)
{
    struct file_io *f = (struct file_io *)self;
    trace_pointer(tracer, f->dict);
}

/* ---- Reading and writing */

/* read(2) or write(2) with retries; the result, or -1 with errno in *error. */
static ssize_t transfer(int fd, void *data, size_t size, bool write_it, int *error)
{
    ssize_t n;
    if (size > INT32_MAX) {
        size = INT32_MAX; /* what Linux transfers at most in one call */
    }
    do {
        thread_detach();
        n = write_it ? write(fd, data, size) : read(fd, data, size);
        *error = errno;
        thread_reattach();
    } while (interrupted(n, *error));
    return n;
}

static Value check_direction(bool allowed, const char *message)
{
    return allowed ? VALUE_NONE : io_unsupported(message);
}

static Value file_readall(Value self)
{
    int fd = open_fd(self), error;
    if (fd < 0) {
        return VALUE_NULL;
    }
    off_t position = lseek(fd, 0, SEEK_CUR);
    struct stat status;
    size_t guess = IO_BUFFER_SIZE;
    if (position >= 0 && fstat(fd, &status) == 0 && status.st_size >= position) {
        guess = (size_t)(status.st_size - position) + 1;
    }
    PyObject *buffer = bytes_new_unfilled((Py_ssize_t)guess);
    size_t have = 0, room = guess;
    while (buffer != NULL) {
        if (have == room) {
            room = room < 65536 ? room + 65536 : room + room / 2;
            PyObject *bigger = bytes_new_unfilled((Py_ssize_t)room);
            if (bigger == NULL) {
                return VALUE_NULL;
            }
            memcpy(bytes_data(bigger), bytes_data(buffer), have);
            buffer = bigger;
        }
        ssize_t n = transfer(fd, bytes_data(buffer) + have, room - have, false, &error);
        if (n == 0) {
            break;
        }
        if (n < 0) {
            if (error == EAGAIN && !error_occurred()) {
                if (have > 0) {
                    break;
                }
                return VALUE_NONE;
            }
            return fail(error);
        }
        have += (size_t)n;
    }
    return buffer == NULL ? VALUE_NULL
                          : value_from_object(bytes_truncate(buffer, (Py_ssize_t)have));
}

static Value file_read(Value self, const Value *args)
{
    Py_ssize_t size;
    int fd = open_fd(self), error;
    if (fd < 0 ||
        value_is_null(check_direction(cast(self)->readable, "File not open for reading")) ||
        io_size(args[0], &size) < 0) {
        return VALUE_NULL;
    }
    if (size < 0) {
        return file_readall(self);
    }
    PyObject *bytes = bytes_new_unfilled(size);
    if (bytes == NULL) {
        return VALUE_NULL;
    }
    ssize_t n = transfer(fd, bytes_data(bytes), (size_t)size, false, &error);
    if (n < 0) {
        return error == EAGAIN && !error_occurred() ? VALUE_NONE : fail(error);
    }
    return value_from_object(bytes_truncate(bytes, n));
}

static Value file_readall_method(Value self)
{
    if (open_fd(self) < 0 ||
        value_is_null(check_direction(cast(self)->readable, "File not open for reading"))) {
        return VALUE_NULL;
    }
    return file_readall(self);
}

Value file_io_read(Value self, void *data, size_t size)
{
    int fd = open_fd(self), error;
    if (fd < 0 ||
        value_is_null(check_direction(cast(self)->readable, "File not open for reading"))) {
        return VALUE_NULL;
    }
    ssize_t n = transfer(fd, data, size, false, &error);
    if (n < 0) {
        return error == EAGAIN && !error_occurred() ? VALUE_NONE : fail(error);
    }
    return int_from_ssize(n);
}

Value file_io_write(Value self, const void *data, size_t size)
{
    int fd = open_fd(self), error;
    if (fd < 0 ||
        value_is_null(check_direction(cast(self)->writable, "File not open for writing"))) {
        return VALUE_NULL;
    }
    ssize_t n = transfer(fd, (void *)(uintptr_t)data, size, true, &error);
    if (n < 0) {
        return error == EAGAIN && !error_occurred() ? VALUE_NONE : fail(error);
    }
    return int_from_ssize(n);
}

static Value transfer_buffer(Value self, Value buffer, bool write_it)
{
    Py_buffer view;
    bool allowed = write_it ? cast(self)->writable : cast(self)->readable;
    if (open_fd(self) < 0 ||
        value_is_null(check_direction(allowed, write_it ? "File not open for writing"
                                                        : "File not open for reading")) ||
        (write_it ? object_get_buffer(buffer, &view, PyBUF_SIMPLE)
                  : buffer_get_writable(buffer, "readinto", &view)) < 0) {
        return VALUE_NULL;
    }
    Value result = write_it ? file_io_write(self, view.buf, (size_t)view.len)
                            : file_io_read(self, view.buf, (size_t)view.len);
    object_release_buffer(&view);
    return result;
}

static Value file_readinto(Value self, Value buffer)
{
    return transfer_buffer(self, buffer, false);
}

static Value file_write(Value self, Value data)
{
    if (str_check(data)) {
        return error_raise(PyExc_TypeError, "a bytes-like object is required, not 'str'");
    }
    return transfer_buffer(self, data, true);
}

/* ---- Position and status */

static Value seek_to(Value self, int64_t offset, int whence)
{
    int fd = open_fd(self);
    if (fd < 0) {
        return VALUE_NULL;
    }
    thread_detach();
    off_t position = lseek(fd, offset, whence);
    int error = errno;
    thread_reattach();
    struct file_io *f = cast(self);
    if (f->seekable < 0) {
        f->seekable = position >= 0;
    }
    return position < 0 ? fail(error) : int_from_i64(position);
}

static Value file_seek(Value self, const Value *args)
{
    int64_t offset;
    int whence = 0;
    if (open_fd(self) < 0) {
        return VALUE_NULL;
    }
    if (float_check(args[0])) {
        return error_raise(PyExc_TypeError, "an integer is required");
    }
    if (io_offset(args[0], &offset) < 0 ||
        (value_is_present(args[1]) && arg_int(args[1], &whence) < 0)) {
        return VALUE_NULL;
    }
    return seek_to(self, offset, whence);
}

static Value file_tell(Value self)
{
    return seek_to(self, 0, SEEK_CUR);
}

static Value file_truncate(Value self, const Value *args)
{
    int fd = open_fd(self), error, result;
    if (fd < 0 ||
        value_is_null(check_direction(cast(self)->writable, "File not open for writing"))) {
        return VALUE_NULL;
    }
    Value size = args[0];
    if (!value_is_present(size) || value_is_none(size)) {
        size = file_tell(self);
    }
    int64_t length;
    if (value_is_null(size) || io_offset(size, &length) < 0) {
        return VALUE_NULL;
    }
    do {
        thread_detach();
        result = ftruncate(fd, length);
        error = errno;
        thread_reattach();
    } while (interrupted(result, error));
    return result < 0 ? fail(error) : size;
}

static Value file_seekable(Value self)
{
    if (open_fd(self) < 0) {
        return VALUE_NULL;
    }
    if (cast(self)->seekable < 0 && value_is_null(file_tell(self))) {
        error_clear();
    }
    return value_from_bool(cast(self)->seekable > 0);
}

static Value file_readable(Value self)
{
    return open_fd(self) < 0 ? VALUE_NULL : value_from_bool(cast(self)->readable);
}
static Value file_writable(Value self)
{
    return open_fd(self) < 0 ? VALUE_NULL : value_from_bool(cast(self)->writable);
}
static Value file_fileno(Value self)
{
    int fd = open_fd(self);
    return fd < 0 ? VALUE_NULL : value_from_int(fd);
}
static Value file_isatty(Value self)
{
    int fd = open_fd(self);
    return fd < 0 ? VALUE_NULL : value_from_bool(isatty(fd));
}
static Value file_getstate(Value self)
{
    return error_raise(PyExc_TypeError, "cannot pickle '%T' object", self);
}

static const char *mode_text(const struct file_io *f)
{
    if (f->created) {
        return f->readable ? "xb+" : "xb";
    }
    if (f->appending) {
        return f->readable ? "ab+" : "ab";
    }
    return f->readable ? f->writable ? "rb+" : "rb" : "wb";
}

static Value file_repr(Value self)
{
    struct file_io *f = cast(self);
    if (f->fd < 0) {
        return value_from_object(str_format("<_io.FileIO [closed]>"));
    }
    Value name;
    int found = object_find_attr(self, str_intern_text("name"), &name);
    if (found < 0) {
        return VALUE_NULL;
    }
    const char *closefd = f->closefd ? "True" : "False";
    if (found == 0) {
        return value_from_object(
            str_format("<_io.FileIO fd=%d mode='%s' closefd=%s>", f->fd, mode_text(f), closefd));
    }
    int entered = repr_enter(self);
    if (entered != 0) {
        return entered < 0
                   ? VALUE_NULL
                   : error_raise(PyExc_RuntimeError, "reentrant call inside %T.__repr__", self);
    }
    PyObject *text =
        str_format("<_io.FileIO name=%R mode='%s' closefd=%s>", name, mode_text(f), closefd);
    repr_leave(self);
    return value_from_object(text);
}

static Value get_closed(Value self, void *closure)
{
    return value_from_bool(cast(self)->fd < 0);
}
static Value get_closefd(Value self, void *closure)
{
    return value_from_bool(cast(self)->closefd);
}
static Value get_mode(Value self, void *closure)
{
    return value_from_object(str_from_text(mode_text(cast(self))));
}
static Value get_block_size(Value self, void *closure)
{
    return value_from_int(cast(self)->block_size);
}
static int set_block_size(Value self, Value value, void *closure)
{
    int size;
    if (arg_int(value, &size) < 0) {
        return -1;
    }
    cast(self)->block_size = (unsigned)size;
    return 0;
}
static Value get_finalizing(Value self, void *closure)
{
    return value_from_bool(cast(self)->finalizing);
}
static int set_finalizing(Value self, Value value, void *closure)
{
    return arg_bool(value, &cast(self)->finalizing);
}

static const struct native_def methods[] = {
    {"__getstate__", "($self, /)", "Always an error: it cannot be pickled.", .f0 = file_getstate},
    {"_dealloc_warn", "($self, source, /)", "Warns that the file was not closed.",
     .f1 = dealloc_warn},
    {"close", "($self, /)", "Closes the file. May be called again.", .f0 = file_close},
    {"fileno", "($self, /)", "The number of the file descriptor.", .f0 = file_fileno},
    {"isatty", "($self, /)", "Is it a terminal?", .f0 = file_isatty},
    {"read", "($self, size=-1, /)",
     "Reads up to size bytes with one system call; all that is left if size is negative or None.",
     .n = file_read},
    {"readable", "($self, /)", "Was it opened for reading?", .f0 = file_readable},
    {"readall", "($self, /)", "Reads all that is left.", .f0 = file_readall_method},
    {"readinto", "($self, buffer, /)", "Reads into a buffer; returns how many bytes.",
     .f1 = file_readinto},
    {"seek", "($self, pos, whence=0, /)",
     "Moves the position; whence: 0 from the start, 1 from here, 2 from the end.", .n = file_seek},
    {"seekable", "($self, /)", "May its position be changed?", .f0 = file_seekable},
    {"tell", "($self, /)", "The current position.", .f0 = file_tell},
    {"truncate", "($self, size=None, /)",
     "Cuts or extends the file to size, by default the current position.", .n = file_truncate},
    {"writable", "($self, /)", "Was it opened for writing?", .f0 = file_writable},
    {"write", "($self, b, /)",
     "Writes the data with one system call; returns how many bytes were taken.", .f1 = file_write},
    {NULL},
};

static const struct getset_def getsets[] = {
    {"closed", get_closed, NULL, "True if the file is closed"},
    {"closefd", get_closefd, NULL, "True if the file descriptor will be closed by close()."},
    {"mode", get_mode, NULL, "String giving the file mode"},
    {"_blksize", get_block_size, set_block_size},
    {"_finalizing", get_finalizing, set_finalizing},
    {NULL},
};

static bool file_is_spent(PyObject *self)
{
    return atomic_load_relaxed(&((struct file_io *)self)->fd) < 0;
}

static struct type_info file_info = {
    .ops = {.new_ = file_new, .init = file_init, .repr = file_repr, .is_spent = file_is_spent},
    .trace = file_trace,
    .methods = methods,
    .getsets = getsets,
    .flags = TYPE_OBSERVED,
};
PyTypeObject FileIO_Type = {
    STATIC_TYPE_HEAD,
    .tp_name = "_io.FileIO",
    .tp_doc = "FileIO(file, mode='r', closefd=True, opener=None)\n--\n\nA file without a buffer.",
    .tp_basicsize = sizeof(struct file_io),
    .tp_flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_BASETYPE | Py_TPFLAGS_HAVE_GC,
    .tp_base = &RawIOBase_Type,
    .tp_dictoffset = offsetof(struct file_io, dict),
    .tp_weaklistoffset = offsetof(struct file_io, weakrefs),
    .tp_cache = (PyObject *)&file_info,
};
