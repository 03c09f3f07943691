/* SPDX-License-Identifier: MIT */
/* posix: what works on file descriptors. */
#include <pty.h>
#include <sys/eventfd.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/sendfile.h>
#include <sys/uio.h>
#include <utmp.h>

#include "module/posix_int.h"

static Value finish_call(ssize_t result, bool raised)
{
    return result < 0 ? (raised ? VALUE_NULL : error_from_errno(NULL)) : VALUE_NONE;
}

static Value finish_count(ssize_t result, bool raised)
{
    return result < 0 ? (raised ? VALUE_NULL : error_from_errno(NULL)) : int_from_ssize(result);
}

static Value do_open(Value self, const Value *args)
{
    struct path p;
    int flags, mode, dir_fd;
    bool raised;
    if (path_convert(args[0], "open", "path", PATH_PLAIN, &p) < 0 || arg_int(args[1], &flags) < 0 ||
        int_argument(args[2], 0777, &mode) < 0 || dir_fd_convert(args[3], &dir_fd) < 0 ||
        sys_audit_values("open", "Osi", p.object, NULL, flags | O_CLOEXEC) < 0) {
        return VALUE_NULL;
    }
    int fd = RETRIED(openat(dir_fd, p.text, flags | O_CLOEXEC, mode), raised);
    if (fd < 0) {
        return raised ? VALUE_NULL : path_error(&p);
    }
    return value_from_int(fd);
}

static Value do_close(Value self, const Value *args)
{
    int fd;
    if (arg_int(args[0], &fd) < 0) {
        return VALUE_NULL;
    }
    int result = DETACHED(close(fd));
    return result < 0 && errno != EINTR ? error_from_errno(NULL) : VALUE_NONE;
}

static Value do_closerange(Value self, const Value *args)
{
    int low, high;
    if (arg_int(args[0], &low) < 0 || arg_int(args[1], &high) < 0) {
        return VALUE_NULL;
    }
    low = low < 0 ? 0 : low;
    if (low < high) {
        DETACHED(close_range((unsigned)low, (unsigned)(high - 1), 0));
    }
    return VALUE_NONE;
}

static Value do_dup(Value self, const Value *args)
{
    int fd;
    if (arg_int(args[0], &fd) < 0) {
        return VALUE_NULL;
    }
    int copy = fcntl(fd, F_DUPFD_CLOEXEC, 0);
    return copy < 0 ? error_from_errno(NULL) : value_from_int(copy);
}

static Value do_dup2(Value self, const Value *args)
{
    int fd, fd2, inheritable = flag_argument(args[2], true);
    if (inheritable < 0 || arg_int(args[0], &fd) < 0 || arg_int(args[1], &fd2) < 0) {
        return VALUE_NULL;
    }
    if (fd < 0 || fd2 < 0) {
        errno = EBADF;
        return error_from_errno(NULL);
    }
    int result =
        fd == fd2 || inheritable ? DETACHED(dup2(fd, fd2)) : DETACHED(dup3(fd, fd2, O_CLOEXEC));
    return result < 0 ? error_from_errno(NULL) : value_from_int(result);
}

static Value do_lseek(Value self, const Value *args)
{
    int fd, how;
    int64_t position;
    if (arg_int(args[0], &fd) < 0 || arg_i64(args[1], &position) < 0 ||
        arg_int(args[2], &how) < 0) {
        return VALUE_NULL;
    }
    off_t result = DETACHED(lseek(fd, position, how));
    return result < 0 ? error_from_errno(NULL) : int_from_i64(result);
}

/* ---- Reading and writing. */

static Value read_bytes(int fd, Py_ssize_t length, int64_t offset)
{
    bool raised;
    if (length < 0) {
        errno = EINVAL;
        return error_from_errno(NULL);
    }
    if (length > 0x7FFFF000) {
        length = 0x7FFFF000;
    }
    PyObject *bytes = bytes_new_unfilled(length);
    if (bytes == NULL) {
        return VALUE_NULL;
    }
    char *data = bytes_data(bytes);
    ssize_t n = offset < 0 ? RETRIED(read(fd, data, (size_t)length), raised)
                           : RETRIED(pread(fd, data, (size_t)length, offset), raised);
    if (n < 0) {
        return raised ? VALUE_NULL : error_from_errno(NULL);
    }
    return value_from_object(n == length ? bytes : bytes_new(data, n));
}

static Value do_read(Value self, const Value *args)
{
    int fd;
    Py_ssize_t length;
    return arg_int(args[0], &fd) < 0 || arg_index(args[1], &length) < 0
               ? VALUE_NULL
               : read_bytes(fd, length, -1);
}

static Value do_pread(Value self, const Value *args)
{
    int fd;
    Py_ssize_t length;
    int64_t offset;
    if (arg_int(args[0], &fd) < 0 || arg_index(args[1], &length) < 0 ||
        arg_i64(args[2], &offset) < 0) {
        return VALUE_NULL;
    }
    if (offset < 0) {
        errno = EINVAL;
        return error_from_errno(NULL);
    }
    return read_bytes(fd, length, offset);
}

static Value do_write(Value self, const Value *args)
{
    int fd;
    Py_buffer view;
    bool raised;
    if (arg_int(args[0], &fd) < 0 || object_get_buffer(args[1], &view, PyBUF_SIMPLE) < 0) {
        return VALUE_NULL;
    }
    size_t length = view.len > 0x7FFFF000 ? 0x7FFFF000 : (size_t)view.len;
    ssize_t n = RETRIED(write(fd, view.buf, length), raised);
    Value v = finish_count(n, raised);
    object_release_buffer(&view);
    return v;
}

static Value do_pwrite(Value self, const Value *args)
{
    int fd;
    int64_t offset;
    Py_buffer view;
    bool raised;
    if (arg_int(args[0], &fd) < 0 || arg_i64(args[2], &offset) < 0 ||
        object_get_buffer(args[1], &view, PyBUF_SIMPLE) < 0) {
        return VALUE_NULL;
    }
    ssize_t n = RETRIED(pwrite(fd, view.buf, (size_t)view.len, offset), raised);
    Value v = finish_count(n, raised);
    object_release_buffer(&view);
    return v;
}

/* Buffers of a sequence as I/O vectors. */
struct vectors {
    int count;
    Py_buffer *views; /* malloc'ed; exporters are kept by `sequence` */
    struct iovec *io; /* malloc'ed */
    PyObject *sequence;
};

static void vectors_release(struct vectors *v)
{
    for (int i = 0; i < v->count; i++) {
        object_release_buffer(&v->views[i]);
    }
    free(v->views);
    free(v->io);
}

static int vectors_init(struct vectors *v, Value buffers, int flags, const char *function)
{
    *v = (struct vectors){0};
    if (!object_is_sequence(buffers)) {
        return error_raise_int(PyExc_TypeError, "%s() arg 2 must be a sequence", function);
    }
    v->sequence = object_to_tuple(buffers);
    if (v->sequence == NULL) {
        return -1;
    }
    int count = (int)tuple_length(v->sequence);
    v->views = calloc((size_t)count + 1, sizeof *v->views);
    v->io = calloc((size_t)count + 1, sizeof *v->io);
    if (v->views == NULL || v->io == NULL) {
        vectors_release(v);
        error_no_memory();
        return -1;
    }
    for (; v->count < count; v->count++) {
        Py_buffer *view = &v->views[v->count];
        if (object_get_buffer(tuple_get(v->sequence, v->count), view, flags) < 0) {
            vectors_release(v);
            return -1;
        }
        v->io[v->count] = (struct iovec){view->buf, (size_t)view->len};
    }
    return 0;
}

static Value transfer_vectors(const Value *args, bool write_, bool positioned)
{
    int fd, flags = 0;
    int64_t offset = 0;
    struct vectors v;
    bool raised;
    const char *function = write_ ? "writev" : "readv";
    if (arg_int(args[0], &fd) < 0 ||
        (positioned && (arg_i64(args[2], &offset) < 0 || int_argument(args[3], 0, &flags) < 0)) ||
        vectors_init(&v, args[1], write_ ? PyBUF_SIMPLE : PyBUF_WRITABLE, function) < 0) {
        return VALUE_NULL;
    }
    ssize_t n;
    if (positioned) {
        n = write_ ? RETRIED(pwritev2(fd, v.io, v.count, offset, flags), raised)
                   : RETRIED(preadv2(fd, v.io, v.count, offset, flags), raised);
    } else {
        n = write_ ? RETRIED(writev(fd, v.io, v.count), raised)
                   : RETRIED(readv(fd, v.io, v.count), raised);
    }
    Value result = finish_count(n, raised);
    vectors_release(&v);
    return result;
}

static Value do_readv(Value self, const Value *args)
{
    return transfer_vectors(args, false, false);
}
static Value do_writev(Value self, const Value *args)
{
    return transfer_vectors(args, true, false);
}
static Value do_preadv(Value self, const Value *args)
{
    return transfer_vectors(args, false, true);
}
static Value do_pwritev(Value self, const Value *args)
{
    return transfer_vectors(args, true, true);
}

static Value do_sendfile(Value self, const Value *args)
{
    int out_fd, in_fd;
    int64_t offset = 0;
    Py_ssize_t count;
    bool raised;
    if (arg_int(args[0], &out_fd) < 0 || arg_int(args[1], &in_fd) < 0 ||
        arg_index(args[3], &count) < 0 ||
        (!value_is_none(args[2]) && arg_i64(args[2], &offset) < 0)) {
        return VALUE_NULL;
    }
    off_t *at = value_is_none(args[2]) ? NULL : &offset;
    ssize_t n = RETRIED(sendfile(out_fd, in_fd, at, (size_t)count), raised);
    return finish_count(n, raised);
}

static int optional_offset(Value v, int64_t *out, int64_t **at)
{
    *at = NULL;
    if (!value_is_present(v) || value_is_none(v)) {
        return 0;
    }
    *at = out;
    return arg_i64(v, out);
}

static Value copy_range(const Value *args, bool splice_)
{
    int in_fd, out_fd, flags = 0;
    int64_t in_offset, out_offset, *in_at, *out_at;
    Py_ssize_t count;
    bool raised;
    if (arg_int(args[0], &in_fd) < 0 || arg_int(args[1], &out_fd) < 0 ||
        arg_index(args[2], &count) < 0 || optional_offset(args[3], &in_offset, &in_at) < 0 ||
        optional_offset(args[4], &out_offset, &out_at) < 0 ||
        (splice_ && int_argument(args[5], 0, &flags) < 0)) {
        return VALUE_NULL;
    }
    if (count < 0) {
        return error_raise(PyExc_ValueError, "negative value for 'count' not allowed");
    }
    ssize_t n =
        splice_
            ? RETRIED(splice(in_fd, in_at, out_fd, out_at, (size_t)count, (unsigned)flags), raised)
            : RETRIED(copy_file_range(in_fd, in_at, out_fd, out_at, (size_t)count, 0), raised);
    return finish_count(n, raised);
}

static Value do_splice(Value self, const Value *args)
{
    return copy_range(args, true);
}
static Value do_copy_file_range(Value self, const Value *args)
{
    return copy_range(args, false);
}

/* ---- Pipes, terminals. */

static Value pair_of_fds(int a, int b)
{
    Value pair[] = {value_from_int(a), value_from_int(b)};
    return value_from_object(tuple_from_array(pair, 2));
}

static Value do_pipe(Value self)
{
    int fds[2];
    return pipe2(fds, O_CLOEXEC) < 0 ? error_from_errno(NULL) : pair_of_fds(fds[0], fds[1]);
}

static Value do_pipe2(Value self, const Value *args)
{
    int fds[2], flags;
    if (arg_int(args[0], &flags) < 0) {
        return VALUE_NULL;
    }
    return pipe2(fds, flags) < 0 ? error_from_errno(NULL) : pair_of_fds(fds[0], fds[1]);
}

static Value do_openpty(Value self)
{
    int master, slave;
    if (openpty(&master, &slave, NULL, NULL, NULL) < 0) {
        return error_from_errno(NULL);
    }
    fcntl(master, F_SETFD, FD_CLOEXEC);
    fcntl(slave, F_SETFD, FD_CLOEXEC);
    return pair_of_fds(master, slave);
}

static Value do_isatty(Value self, const Value *args)
{
    int fd;
    return arg_int(args[0], &fd) < 0 ? VALUE_NULL : value_from_bool(isatty(fd));
}

static Value do_ttyname(Value self, const Value *args)
{
    int fd;
    char name[256];
    if (arg_int(args[0], &fd) < 0) {
        return VALUE_NULL;
    }
    errno = ttyname_r(fd, name, sizeof name);
    return errno != 0 ? error_from_errno(NULL)
                      : value_from_object(str_from_filename(name, (Py_ssize_t)strlen(name)));
}

static Value do_device_encoding(Value self, const Value *args)
{
    int fd;
    if (arg_int(args[0], &fd) < 0) {
        return VALUE_NULL;
    }
    return isatty(fd) ? value_from_object(str_from_text("utf-8")) : VALUE_NONE;
}

static PyTypeObject *terminal_size_type;

static Value do_get_terminal_size(Value self, const Value *args)
{
    int fd;
    struct winsize size;
    if (int_argument(args[0], 1, &fd) < 0) {
        return VALUE_NULL;
    }
    if (ioctl(fd, TIOCGWINSZ, &size) < 0) {
        return error_from_errno(NULL);
    }
    PyObject *s = structseq_new(terminal_size_type);
    if (s == NULL || structseq_set(s, 0, value_from_int(size.ws_col)) < 0 ||
        structseq_set(s, 1, value_from_int(size.ws_row)) < 0) {
        return VALUE_NULL;
    }
    return value_from_object(s);
}

static Value do_tcgetpgrp(Value self, const Value *args)
{
    int fd;
    if (arg_int(args[0], &fd) < 0) {
        return VALUE_NULL;
    }
    pid_t group = tcgetpgrp(fd);
    return group < 0 ? error_from_errno(NULL) : value_from_int(group);
}

static Value do_tcsetpgrp(Value self, const Value *args)
{
    int fd, group;
    return arg_int(args[0], &fd) < 0 || arg_int(args[1], &group) < 0
               ? VALUE_NULL
               : posix_none_or_error(tcsetpgrp(fd, group));
}

static Value do_login_tty(Value self, const Value *args)
{
    int fd;
    return arg_int(args[0], &fd) < 0 ? VALUE_NULL : posix_none_or_error(login_tty(fd));
}

/* ---- State of descriptors. */

static Value do_fsync(Value self, const Value *args)
{
    int fd;
    bool raised;
    if (fd_convert(args[0], &fd) < 0) {
        return VALUE_NULL;
    }
    int result = RETRIED(fsync(fd), raised);
    return finish_call(result, raised);
}

static Value do_fdatasync(Value self, const Value *args)
{
    int fd;
    bool raised;
    if (fd_convert(args[0], &fd) < 0) {
        return VALUE_NULL;
    }
    int result = RETRIED(fdatasync(fd), raised);
    return finish_call(result, raised);
}

static Value do_fchdir(Value self, const Value *args)
{
    int fd;
    bool raised;
    if (fd_convert(args[0], &fd) < 0 || sys_audit_values("os.chdir", "i", fd) < 0) {
        return VALUE_NULL;
    }
    int result = RETRIED(fchdir(fd), raised);
    return finish_call(result, raised);
}

static Value do_sync(Value self)
{
    thread_detach();
    sync();
    thread_reattach();
    return VALUE_NONE;
}

static Value do_ftruncate(Value self, const Value *args)
{
    int fd;
    int64_t length;
    bool raised;
    if (arg_int(args[0], &fd) < 0 || arg_i64(args[1], &length) < 0 ||
        sys_audit_values("os.truncate", "il", fd, length) < 0) {
        return VALUE_NULL;
    }
    int result = RETRIED(ftruncate(fd, length), raised);
    return finish_call(result, raised);
}

static Value do_fchmod(Value self, const Value *args)
{
    int fd, mode;
    bool raised;
    if (arg_int(args[0], &fd) < 0 || arg_int(args[1], &mode) < 0 ||
        sys_audit_values("os.chmod", "iii", fd, mode, -1) < 0) {
        return VALUE_NULL;
    }
    int result = RETRIED(fchmod(fd, (mode_t)mode), raised);
    return finish_call(result, raised);
}

static Value do_fchown(Value self, const Value *args)
{
    int fd;
    uid_t uid, gid;
    bool raised;
    if (arg_int(args[0], &fd) < 0 || uid_convert(args[1], &uid) < 0 ||
        uid_convert(args[2], &gid) < 0 ||
        sys_audit_values("os.chown", "iIIi", fd, uid, gid, -1) < 0) {
        return VALUE_NULL;
    }
    int result = RETRIED(fchown(fd, uid, gid), raised);
    return finish_call(result, raised);
}

static Value do_get_blocking(Value self, const Value *args)
{
    int fd;
    if (arg_int(args[0], &fd) < 0) {
        return VALUE_NULL;
    }
    int flags = fcntl(fd, F_GETFL);
    return flags < 0 ? error_from_errno(NULL) : value_from_bool(!(flags & O_NONBLOCK));
}

static Value do_set_blocking(Value self, const Value *args)
{
    int fd, blocking = flag_argument(args[1], true);
    if (blocking < 0 || arg_int(args[0], &fd) < 0) {
        return VALUE_NULL;
    }
    int flags = fcntl(fd, F_GETFL);
    if (flags < 0) {
        return error_from_errno(NULL);
    }
    flags = blocking ? flags & ~O_NONBLOCK : flags | O_NONBLOCK;
    return posix_none_or_error(fcntl(fd, F_SETFL, flags));
}

static Value do_get_inheritable(Value self, const Value *args)
{
    int fd;
    if (arg_int(args[0], &fd) < 0) {
        return VALUE_NULL;
    }
    int flags = fcntl(fd, F_GETFD);
    return flags < 0 ? error_from_errno(NULL) : value_from_bool(!(flags & FD_CLOEXEC));
}

static Value do_set_inheritable(Value self, const Value *args)
{
    int fd, inheritable;
    if (arg_int(args[0], &fd) < 0 || arg_int(args[1], &inheritable) < 0) {
        return VALUE_NULL;
    }
    int flags = fcntl(fd, F_GETFD);
    if (flags < 0) {
        return error_from_errno(NULL);
    }
    flags = inheritable ? flags & ~FD_CLOEXEC : flags | FD_CLOEXEC;
    return posix_none_or_error(fcntl(fd, F_SETFD, flags));
}

static Value do_lockf(Value self, const Value *args)
{
    int fd, command;
    int64_t length;
    bool raised;
    if (arg_int(args[0], &fd) < 0 || arg_int(args[1], &command) < 0 ||
        arg_i64(args[2], &length) < 0 ||
        sys_audit_values("os.lockf", "iil", fd, command, length) < 0) {
        return VALUE_NULL;
    }
    int result = RETRIED(lockf(fd, command, length), raised);
    return finish_call(result, raised);
}

static Value do_posix_fadvise(Value self, const Value *args)
{
    int fd, advice;
    int64_t offset, length;
    if (arg_int(args[0], &fd) < 0 || arg_i64(args[1], &offset) < 0 ||
        arg_i64(args[2], &length) < 0 || arg_int(args[3], &advice) < 0) {
        return VALUE_NULL;
    }
    errno = DETACHED(posix_fadvise(fd, offset, length, advice));
    return errno != 0 ? error_from_errno(NULL) : VALUE_NONE;
}

static Value do_posix_fallocate(Value self, const Value *args)
{
    int fd;
    int64_t offset, length;
    if (arg_int(args[0], &fd) < 0 || arg_i64(args[1], &offset) < 0 ||
        arg_i64(args[2], &length) < 0) {
        return VALUE_NULL;
    }
    errno = DETACHED(posix_fallocate(fd, offset, length));
    return errno != 0 ? error_from_errno(NULL) : VALUE_NONE;
}

/* ---- Linux's own kinds. */

static Value do_memfd_create(Value self, const Value *args)
{
    struct path p;
    int flags;
    if (path_convert(args[0], NULL, "name", PATH_PLAIN, &p) < 0 ||
        int_argument(args[1], MFD_CLOEXEC, &flags) < 0) {
        return VALUE_NULL;
    }
    int fd = memfd_create(p.text, (unsigned)flags);
    return fd < 0 ? error_from_errno(NULL) : value_from_int(fd);
}

static Value do_eventfd(Value self, const Value *args)
{
    int initial, flags;
    if (arg_int(args[0], &initial) < 0 || int_argument(args[1], EFD_CLOEXEC, &flags) < 0) {
        return VALUE_NULL;
    }
    int fd = eventfd((unsigned)initial, flags);
    return fd < 0 ? error_from_errno(NULL) : value_from_int(fd);
}

static Value do_eventfd_read(Value self, const Value *args)
{
    int fd;
    eventfd_t value;
    if (fd_convert(args[0], &fd) < 0) {
        return VALUE_NULL;
    }
    return DETACHED(eventfd_read(fd, &value)) < 0 ? error_from_errno(NULL) : int_from_u64(value);
}

static Value do_eventfd_write(Value self, const Value *args)
{
    int fd;
    uint64_t value;
    Value number = object_index(args[1]);
    if (value_is_null(number) || fd_convert(args[0], &fd) < 0 || int_to_u64(number, &value) < 0) {
        return VALUE_NULL;
    }
    return posix_none_or_error(DETACHED(eventfd_write(fd, value)));
}

const struct native_def posix_fd_functions[] = {
    {"open", "($module, /, path, flags, mode=511, *, dir_fd=None)",
     "Opens a file; returns a descriptor, which is not inheritable.", .n = do_open},
    {"close", "($module, /, fd)", "Closes a descriptor.", .n = do_close},
    {"closerange", "($module, fd_low, fd_high, /)",
     "Closes the descriptors from fd_low up to fd_high, ignoring errors.", .n = do_closerange},
    {"dup", "($module, fd, /)", "A copy of the descriptor, not inheritable.", .n = do_dup},
    {"dup2", "($module, /, fd, fd2, inheritable=True)", "Makes fd2 a copy of fd; returns fd2.",
     .n = do_dup2},
    {"lseek", "($module, fd, position, how, /)",
     "Moves the position; returns the new one from the start.", .n = do_lseek},
    {"read", "($module, fd, length, /)", "Reads up to length bytes.", .n = do_read},
    {"pread", "($module, fd, length, offset, /)",
     "Reads up to length bytes at offset; the position stays.", .n = do_pread},
    {"write", "($module, fd, data, /)", "Writes bytes; returns how many.", .n = do_write},
    {"pwrite", "($module, fd, buffer, offset, /)", "Writes bytes at offset; the position stays.",
     .n = do_pwrite},
    {"readv", "($module, fd, buffers, /)", "Reads into several buffers; returns how many bytes.",
     .n = do_readv},
    {"writev", "($module, fd, buffers, /)", "Writes several buffers; returns how many bytes.",
     .n = do_writev},
    {"preadv", "($module, fd, buffers, offset, flags=0, /)",
     "Reads at offset into several buffers.", .n = do_preadv},
    {"pwritev", "($module, fd, buffers, offset, flags=0, /)", "Writes several buffers at offset.",
     .n = do_pwritev},
    {"sendfile", "($module, /, out_fd, in_fd, offset, count)",
     "Copies bytes from in_fd to out_fd; returns how many.", .n = do_sendfile},
    {"splice",
     "($module, /, src, dst, count, offset_src=None, offset_dst=None,\n"
     "       flags=0)",
     "Moves bytes between a pipe and another descriptor; returns how many.", .n = do_splice},
    {"copy_file_range",
     "($module, /, src, dst, count, offset_src=None,\n"
     "                offset_dst=None)",
     "Copies bytes between files in the kernel; returns how many.", .n = do_copy_file_range},
    {"pipe", "($module, /)", "Makes a pipe; returns the descriptors for reading and for writing.",
     .f0 = do_pipe},
    {"pipe2", "($module, flags, /)", "Makes a pipe with flags.", .n = do_pipe2},
    {"openpty", "($module, /)",
     "Opens a pseudo-terminal; returns the descriptors of master and slave.", .f0 = do_openpty},
    {"login_tty", "($module, fd, /)", "Makes the terminal the controlling one of a new session.",
     .n = do_login_tty},
    {"isatty", "($module, fd, /)", "Is the descriptor a terminal?", .n = do_isatty},
    {"ttyname", "($module, fd, /)", "The name of the terminal.", .n = do_ttyname},
    {"device_encoding", "($module, /, fd)", "The encoding of a terminal, or None.",
     .n = do_device_encoding},
    {"get_terminal_size", "($module, fd=<unrepresentable>, /)",
     "Columns and lines of the terminal.", .n = do_get_terminal_size},
    {"tcgetpgrp", "($module, fd, /)", "The process group of the terminal.", .n = do_tcgetpgrp},
    {"tcsetpgrp", "($module, fd, pgid, /)", "Sets the process group of the terminal.",
     .n = do_tcsetpgrp},
    {"fsync", "($module, /, fd)", "Writes a file to disk.", .n = do_fsync},
    {"fdatasync", "($module, /, fd)",
     "Writes a file's data to disk, without what is not needed to read it.", .n = do_fdatasync},
    {"fchdir", "($module, /, fd)", "Changes to the directory of the descriptor.", .n = do_fchdir},
    {"sync", "($module, /)", "Writes everything to disk.", .f0 = do_sync},
    {"ftruncate", "($module, fd, length, /)", "Cuts or extends the file to a length.",
     .n = do_ftruncate},
    {"fchmod", "($module, /, fd, mode)", "Changes the access rights of the file.", .n = do_fchmod},
    {"fchown", "($module, /, fd, uid, gid)",
     "Changes owner and group of the file; -1 leaves one as it is.", .n = do_fchown},
    {"get_blocking", "($module, fd, /)", "Does the descriptor block?", .n = do_get_blocking},
    {"set_blocking", "($module, fd, blocking, /)", "Makes the descriptor blocking or non-blocking.",
     .n = do_set_blocking},
    {"get_inheritable", "($module, fd, /)", "Do new programs inherit the descriptor?",
     .n = do_get_inheritable},
    {"set_inheritable", "($module, fd, inheritable, /)",
     "Lets new programs inherit the descriptor, or not.", .n = do_set_inheritable},
    {"lockf", "($module, fd, command, length, /)", "Locks, tests or unlocks a part of a file.",
     .n = do_lockf},
    {"posix_fadvise", "($module, fd, offset, length, advice, /)",
     "Announces how a part of a file will be read.", .n = do_posix_fadvise},
    {"posix_fallocate", "($module, fd, offset, length, /)",
     "Makes sure that disk space is there for a part of a file.", .n = do_posix_fallocate},
    {"memfd_create", "($module, /, name, flags=MFD_CLOEXEC)",
     "An anonymous file in memory; returns its descriptor.", .n = do_memfd_create},
    {"eventfd", "($module, /, initval, flags=EFD_CLOEXEC)", "A descriptor that counts events.",
     .n = do_eventfd},
    {"eventfd_read", "($module, /, fd)", "Reads the counter of an eventfd.", .n = do_eventfd_read},
    {"eventfd_write", "($module, /, fd, value)", "Adds to the counter of an eventfd.",
     .n = do_eventfd_write},
    {NULL},
};

int posix_terminal_type(PyObject *module)
{
    static const char *const fields[] = {"columns", "lines", NULL};
    terminal_size_type =
        structseq_type_new("os.terminal_size", "The size of a terminal window.", fields, 2);
    return module_add(module, "terminal_size", value_from_object(terminal_size_type));
}
