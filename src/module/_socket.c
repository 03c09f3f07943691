/* SPDX-License-Identifier: MIT */
/* _socket: sockets. socket_address.c converts addresses, socket_names.c looks names up.
 *
 * A socket object's descriptor is atomic and set to -1 by close; a call that lost a race with close
 * gets EBADF. Every call that may block detaches the thread. With a timeout the descriptor is
 * non-blocking and calls wait in poll(2) first. */
#include <fcntl.h>
#include <math.h>
#include <net/if.h>
#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/ioctl.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

#include "module/socket_int.h"
#include "module/sys.h"
#include "module/wait.h"
#include "object/float.h"
#include "thread/thread.h"

static int64_t default_timeout_ns = -1; /* atomic */

static struct socket *cast(Value self)
{
    return (struct socket *)value_object(self);
}

/* ---- Waiting */

/* Waits until the descriptor is ready. 1 ready, 0 the deadline passed, -1 error with exception. */
static int wait_ready(int fd, short events, int64_t deadline)
{
    struct pollfd p = {.fd = fd, .events = events};
    return wait_poll(&p, 1, deadline);
}

struct attempt {
    struct socket *s;
    short events;
    int64_t deadline; /* -1: none */
};

static struct attempt attempt_start(struct socket *s, short events)
{
    int64_t timeout = atomic_load_relaxed(&s->timeout_ns);
    return (struct attempt){s, events, timeout > 0 ? wait_deadline(timeout) : -1};
}

/* Before a system call: waits if there is a timeout. 0, or -1 with TimeoutError or another. */
static int attempt_wait(const struct attempt *a)
{
    if (a->deadline < 0) {
        return 0;
    }
    int ready = wait_ready(a->s->fd, a->events, a->deadline);
    if (ready == 0) {
        return error_raise_int(PyExc_TimeoutError, "timed out");
    }
    return ready < 0 ? -1 : 0;
}

/* After a failed system call: 1 try again, 0 give up with errno, -1 an exception is set. */
static int attempt_again(const struct attempt *a, int error)
{
    if (error == EINTR) {
        return thread_safepoint(thread_current()) < 0 ? -1 : 1;
    }
    return a->deadline >= 0 && (error == EAGAIN || error == EWOULDBLOCK);
}

/* Repeats a system call until it works, fails for good, or times out. Evaluates to -1 on failure
 * with the exception set. */
#define ATTEMPT(socket, events_, call)                                                             \
    ({                                                                                             \
        struct attempt attempt_ = attempt_start((socket), (events_));                              \
        ssize_t result_ = -1;                                                                      \
        for (;;) {                                                                                 \
            if (attempt_wait(&attempt_) < 0) {                                                     \
                break;                                                                             \
            }                                                                                      \
            thread_detach();                                                                       \
            result_ = (call);                                                                      \
            int error_ = errno;                                                                    \
            thread_reattach();                                                                     \
            if (result_ >= 0) {                                                                    \
                break;                                                                             \
            }                                                                                      \
            int again_ = attempt_again(&attempt_, error_);                                         \
            if (again_ <= 0) {                                                                     \
                if (again_ == 0) {                                                                 \
                    errno = error_;                                                                \
                    error_from_errno(NULL);                                                        \
                }                                                                                  \
                break;                                                                             \
            }                                                                                      \
        }                                                                                          \
        result_;                                                                                   \
    })

/* ---- Making and closing */

static int set_blocking(int fd, bool blocking)
{
    int flags = fcntl(fd, F_GETFL);
    int wanted = blocking ? flags & ~O_NONBLOCK : flags | O_NONBLOCK;
    return flags < 0 || (wanted != flags && fcntl(fd, F_SETFL, wanted) < 0) ? -1 : 0;
}

static int fill(struct socket *s, int fd, int family, int type, int protocol)
{
    s->fd = fd;
    s->family = family;
    s->type = type & ~(SOCK_NONBLOCK | SOCK_CLOEXEC);
    s->protocol = protocol;
    s->fail_errno = native_hooks.raise_errno;
    s->timeout_ns = type & SOCK_NONBLOCK ? 0 : atomic_load_relaxed(&default_timeout_ns);
    if (s->timeout_ns >= 0 && set_blocking(fd, false) < 0) {
        error_from_errno(NULL);
        return -1;
    }
    return 0;
}

static Value socket_new(PyTypeObject *type, const Value *args, size_t nargs, PyObject *kwnames)
{
    struct socket *s = (struct socket *)object_alloc(type, 0);
    if (s != NULL) {
        s->fd = -1;
        s->timeout_ns = -1;
    }
    return value_from_object(s);
}

/* Learns family, type and protocol of a descriptor where they were not given. 0 or -1. */
static int examine(int fd, int *family, int *type, int *protocol)
{
    struct sockaddr_storage address;
    socklen_t length = sizeof address;
    if (getsockname(fd, (struct sockaddr *)&address, &length) < 0) {
        if (*family < 0 || errno == EBADF || errno == ENOTSOCK) {
            error_from_errno(NULL);
            return -1;
        }
    } else if (*family < 0) {
        *family = address.ss_family;
    }
    length = sizeof *type;
    if (*type < 0 && getsockopt(fd, SOL_SOCKET, SO_TYPE, type, &length) < 0) {
        error_from_errno(NULL);
        return -1;
    }
    length = sizeof *protocol;
    if (*protocol < 0 && getsockopt(fd, SOL_SOCKET, SO_PROTOCOL, protocol, &length) < 0) {
        error_from_errno(NULL);
        return -1;
    }
    return 0;
}

static int socket_init(Value self, const Value *args, size_t nargs, PyObject *kwnames)
{
    static const struct native_signature *signature;
    Value bound[4];
    int numbers[3] = {-1, -1, -1}, fd = -1;
    if (native_bind("socket", "(family=-1, type=-1, proto=-1, fileno=None)", &signature, args,
                    nargs, kwnames, bound) < 0) {
        return -1;
    }
    for (int i = 0; i < 3; i++) {
        if (value_is_present(bound[i]) && arg_int(bound[i], &numbers[i]) < 0) {
            return -1;
        }
    }
    if (sys_audit_values("socket.__new__", "Oiii", self, numbers[0], numbers[1], numbers[2]) < 0) {
        return -1;
    }
    if (value_is_present(bound[3]) && !value_is_none(bound[3])) {
        if (float_check(bound[3])) {
            return error_raise_int(PyExc_TypeError, "integer argument expected, got float");
        }
        if (arg_int(bound[3], &fd) < 0) {
            return -1;
        }
        if (fd < 0) {
            return error_raise_int(PyExc_ValueError, "negative file descriptor");
        }
        if (examine(fd, &numbers[0], &numbers[1], &numbers[2]) < 0) {
            return -1;
        }
    } else {
        static const int defaults[3] = {AF_INET, SOCK_STREAM, 0};
        for (int i = 0; i < 3; i++) {
            numbers[i] = numbers[i] < 0 ? defaults[i] : numbers[i];
        }
        fd = socket(numbers[0], numbers[1] | SOCK_CLOEXEC, numbers[2]);
        if (fd < 0) {
            error_from_errno(NULL);
            return -1;
        }
    }
    return fill(cast(self), fd, numbers[0], numbers[1], numbers[2]);
}

static Value socket_close(Value self)
{
    int fd = atomic_exchange_acq_rel(&cast(self)->fd, -1);
    if (fd < 0) {
        return VALUE_NONE;
    }
    thread_detach();
    int result = close(fd);
    int error = errno;
    thread_reattach();
    if (result < 0 && error != ECONNRESET && error != EINTR) {
        errno = error;
        return error_from_errno(NULL);
    }
    return VALUE_NONE;
}

static void socket_finalize(Value self)
{
    if (cast(self)->fd < 0) {
        return;
    }
    PyObject *pending = error_take();
    if (error_warn(PyExc_ResourceWarning, 1, "unclosed %R", self) < 0) {
        error_write_unraisable(self, NULL);
    }
    if (value_is_null(socket_close(self))) {
        error_clear();
    }
    error_restore(pending);
}

static bool socket_is_spent(PyObject *self)
{
    return atomic_load_relaxed(&((struct socket *)self)->fd) < 0;
}

static Value socket_detach(Value self)
{
    return value_from_int(atomic_exchange_acq_rel(&cast(self)->fd, -1));
}

static Value socket_repr(Value self)
{
    struct socket *s = cast(self);
    return value_from_object(str_format("<socket object, fd=%d, family=%d, type=%d, proto=%d>",
                                        s->fd, s->family, s->type, s->protocol));
}

/* ---- Connections */

static Value socket_accept(Value self)
{
    struct socket *s = cast(self);
    struct sockaddr_storage address;
    socklen_t length = sizeof address;
    int fd = (int)ATTEMPT(s, POLLIN,
                          (length = sizeof address,
                           accept4(s->fd, (struct sockaddr *)&address, &length, SOCK_CLOEXEC)));
    if (fd < 0) {
        return VALUE_NULL;
    }
    Value parts[2] = {value_from_int(fd),
                      socket_address(fd, (struct sockaddr *)&address, length, s->protocol)};
    if (value_is_null(parts[1])) {
        close(fd);
        return VALUE_NULL;
    }
    return value_from_object(tuple_from_array(parts, 2));
}

/* connect(2): 0, or the errno; -1 with an exception. */
static int connect_address(struct socket *s, const struct sockaddr_storage *address,
                           socklen_t length)
{
    int64_t timeout = atomic_load_relaxed(&s->timeout_ns);
    thread_detach();
    int result = connect(s->fd, (const struct sockaddr *)address, length);
    int error = errno;
    thread_reattach();
    if (result == 0) {
        return 0;
    }
    bool interrupted = error == EINTR;
    if (interrupted && thread_safepoint(thread_current()) < 0) {
        return -1;
    }
    bool wait = (interrupted && timeout != 0) || (error == EINPROGRESS && timeout > 0);
    if (!wait) {
        return error;
    }
    int ready = wait_ready(s->fd, POLLOUT, timeout > 0 ? wait_deadline(timeout) : -1);
    if (ready <= 0) {
        return ready < 0 ? -1 : EWOULDBLOCK;
    }
    socklen_t size = sizeof error;
    return getsockopt(s->fd, SOL_SOCKET, SO_ERROR, &error, &size) < 0 ? errno : error;
}

static Value socket_connect(Value self, Value to)
{
    struct sockaddr_storage address;
    socklen_t length;
    if (socket_read_address(cast(self), to, &address, &length, "connect") < 0 ||
        sys_audit_values("socket.connect", "OO", self, to) < 0) {
        return VALUE_NULL;
    }
    int error = connect_address(cast(self), &address, length);
    if (error <= 0) {
        return error < 0 ? VALUE_NULL : VALUE_NONE;
    }
    if (error == EWOULDBLOCK && cast(self)->timeout_ns > 0) {
        return error_raise(PyExc_TimeoutError, "timed out");
    }
    errno = error;
    return error_from_errno(NULL);
}

static Value socket_connect_ex(Value self, Value to)
{
    struct sockaddr_storage address;
    socklen_t length;
    if (socket_read_address(cast(self), to, &address, &length, "connect_ex") < 0 ||
        sys_audit_values("socket.connect", "OO", self, to) < 0) {
        return VALUE_NULL;
    }
    int error = connect_address(cast(self), &address, length);
    return error < 0 ? VALUE_NULL : value_from_int(error);
}

static Value socket_bind(Value self, Value to)
{
    struct sockaddr_storage address;
    socklen_t length;
    if (socket_read_address(cast(self), to, &address, &length, "bind") < 0 ||
        sys_audit_values("socket.bind", "OO", self, to) < 0) {
        return VALUE_NULL;
    }
    thread_detach();
    int result = bind(cast(self)->fd, (struct sockaddr *)&address, length);
    int error = errno;
    thread_reattach();
    errno = error;
    return result < 0 ? error_from_errno(NULL) : VALUE_NONE;
}

static Value socket_listen(Value self, const Value *args)
{
    int backlog = SOMAXCONN < 128 ? SOMAXCONN : 128;
    if (value_is_present(args[0]) && arg_int(args[0], &backlog) < 0) {
        return VALUE_NULL;
    }
    return listen(cast(self)->fd, backlog < 0 ? 0 : backlog) < 0 ? error_from_errno(NULL)
                                                                 : VALUE_NONE;
}

static Value socket_shutdown(Value self, Value how)
{
    int n;
    if (arg_int(how, &n) < 0) {
        return VALUE_NULL;
    }
    return shutdown(cast(self)->fd, n) < 0 ? error_from_errno(NULL) : VALUE_NONE;
}

static Value name_of(Value self, int (*ask)(int, struct sockaddr *, socklen_t *))
{
    struct sockaddr_storage address;
    socklen_t length = sizeof address;
    memset(&address, 0, sizeof address);
    if (ask(cast(self)->fd, (struct sockaddr *)&address, &length) < 0) {
        return error_from_errno(NULL);
    }
    return socket_address(cast(self)->fd, (struct sockaddr *)&address, length,
                          cast(self)->protocol);
}
static int ask_own(int fd, struct sockaddr *a, socklen_t *n)
{
    return getsockname(fd, a, n);
}
static int ask_peer(int fd, struct sockaddr *a, socklen_t *n)
{
    return getpeername(fd, a, n);
}
static Value socket_getsockname(Value self)
{
    return name_of(self, ask_own);
}
static Value socket_getpeername(Value self)
{
    return name_of(self, ask_peer);
}

/* ---- Receiving */

static int flags_of(Value v, int *flags)
{
    *flags = 0;
    return value_is_present(v) ? arg_int(v, flags) : 0;
}

static Value socket_recv(Value self, const Value *args)
{
    Py_ssize_t size;
    int flags;
    struct socket *s = cast(self);
    if (arg_index(args[0], &size) < 0 || flags_of(args[1], &flags) < 0) {
        return VALUE_NULL;
    }
    if (size < 0) {
        return error_raise(PyExc_ValueError, "negative buffersize in recv");
    }
    PyObject *bytes = bytes_new(NULL, size);
    if (bytes == NULL) {
        return VALUE_NULL;
    }
    ssize_t n = ATTEMPT(s, POLLIN, recv(s->fd, bytes_data(bytes), (size_t)size, flags));
    return n < 0 ? VALUE_NULL : value_from_object(bytes_truncate(bytes, n));
}

static Value socket_recvfrom(Value self, const Value *args)
{
    Py_ssize_t size;
    int flags;
    struct socket *s = cast(self);
    struct sockaddr_storage from;
    socklen_t length = 0;
    if (arg_index(args[0], &size) < 0 || flags_of(args[1], &flags) < 0) {
        return VALUE_NULL;
    }
    if (size < 0) {
        return error_raise(PyExc_ValueError, "negative buffersize in recvfrom");
    }
    PyObject *bytes = bytes_new(NULL, size);
    if (bytes == NULL) {
        return VALUE_NULL;
    }
    ssize_t n = ATTEMPT(s, POLLIN,
                        (length = sizeof from, recvfrom(s->fd, bytes_data(bytes), (size_t)size,
                                                        flags, (struct sockaddr *)&from, &length)));
    if (n < 0) {
        return VALUE_NULL;
    }
    Value parts[2] = {value_from_object(bytes_truncate(bytes, n)),
                      socket_address(s->fd, (struct sockaddr *)&from, length, s->protocol)};
    return value_is_null(parts[1]) ? VALUE_NULL : value_from_object(tuple_from_array(parts, 2));
}

/* recv_into and recvfrom_into: args are buffer, nbytes, flags. */
static Value receive_into(Value self, const Value *args, bool with_address)
{
    Py_ssize_t size = 0;
    int flags;
    struct socket *s = cast(self);
    Py_buffer view;
    struct sockaddr_storage from;
    socklen_t length = 0;
    if ((value_is_present(args[1]) && arg_index(args[1], &size) < 0) ||
        flags_of(args[2], &flags) < 0 || object_get_buffer(args[0], &view, PyBUF_WRITABLE) < 0) {
        return VALUE_NULL;
    }
    const char *name = with_address ? "recvfrom_into" : "recv_into";
    if (size < 0 || size > view.len) {
        object_release_buffer(&view);
        return size < 0 ? error_raise(PyExc_ValueError, "negative buffersize in %s", name)
               : with_address
                   ? error_raise(PyExc_ValueError,
                                 "nbytes is greater than the length of the buffer")
                   : error_raise(PyExc_ValueError, "buffer too small for requested bytes");
    }
    size = size == 0 ? view.len : size;
    ssize_t n =
        ATTEMPT(s, POLLIN,
                (length = sizeof from, with_address ? recvfrom(s->fd, view.buf, (size_t)size, flags,
                                                               (struct sockaddr *)&from, &length)
                                                    : recv(s->fd, view.buf, (size_t)size, flags)));
    object_release_buffer(&view);
    if (n < 0 || !with_address) {
        return n < 0 ? VALUE_NULL : int_from_ssize(n);
    }
    Value parts[2] = {int_from_ssize(n),
                      socket_address(s->fd, (struct sockaddr *)&from, length, s->protocol)};
    return value_is_null(parts[1]) ? VALUE_NULL : value_from_object(tuple_from_array(parts, 2));
}

static Value socket_recv_into(Value self, const Value *args)
{
    return receive_into(self, args, false);
}
static Value socket_recvfrom_into(Value self, const Value *args)
{
    return receive_into(self, args, true);
}

/* The ancillary data of a received message: [(level, type, bytes)]. */
static PyObject *ancillary(struct msghdr *message)
{
    PyObject *list = list_new(0);
    for (struct cmsghdr *c = CMSG_FIRSTHDR(message); list != NULL && c != NULL;
         c = CMSG_NXTHDR(message, c)) {
        Py_ssize_t size = (Py_ssize_t)(c->cmsg_len - CMSG_LEN(0));
        Value parts[3] = {value_from_int(c->cmsg_level), value_from_int(c->cmsg_type),
                          value_from_object(bytes_new((char *)CMSG_DATA(c), size))};
        if (list_append(list, value_from_object(tuple_from_array(parts, 3))) < 0) {
            return NULL;
        }
    }
    return list;
}

/* Arguments 1 and 2 of recvmsg and recvmsg_into: room for ancillary data, and flags. 0 or -1. */
static int message_arguments(const Value *args, Py_ssize_t *extra, int *flags)
{
    *extra = 0;
    if ((value_is_present(args[1]) && arg_index(args[1], extra) < 0) ||
        flags_of(args[2], flags) < 0) {
        return -1;
    }
    return 0;
}

/* Receives into the parts. A tuple of `first` for what arrived (NULL: how many bytes), ancillary
 * data, flags and address. */
static Value receive_message(struct socket *s, struct iovec *parts, size_t count, Py_ssize_t extra,
                             int flags, PyObject *first)
{
    if (extra < 0 || extra > 0x7fffffff) {
        return error_raise(PyExc_ValueError, "invalid ancillary data buffer length");
    }
    PyObject *control = bytes_new(NULL, extra);
    if (control == NULL) {
        return VALUE_NULL;
    }
    struct sockaddr_storage from;
    struct msghdr message = {0};
    ssize_t n = ATTEMPT(s, POLLIN,
                        (message = (struct msghdr){&from, sizeof from, parts, count,
                                                   bytes_data(control), (size_t)extra, 0},
                         recvmsg(s->fd, &message, flags)));
    if (n < 0) {
        return VALUE_NULL;
    }
    Value result[4] = {
        first == NULL ? int_from_ssize(n) : value_from_object(bytes_truncate(first, n)),
        value_from_object(ancillary(&message)), value_from_int(message.msg_flags),
        socket_address(s->fd, (struct sockaddr *)&from, message.msg_namelen, s->protocol)};
    return value_is_null(result[1]) || value_is_null(result[3])
               ? VALUE_NULL
               : value_from_object(tuple_from_array(result, 4));
}

static Value socket_recvmsg(Value self, const Value *args)
{
    Py_ssize_t size, extra;
    int flags;
    if (arg_index(args[0], &size) < 0 || message_arguments(args, &extra, &flags) < 0) {
        return VALUE_NULL;
    }
    if (size < 0) {
        return error_raise(PyExc_ValueError, "negative buffer size in recvmsg()");
    }
    PyObject *bytes = bytes_new(NULL, size);
    if (bytes == NULL) {
        return VALUE_NULL;
    }
    struct iovec part = {bytes_data(bytes), (size_t)size};
    return receive_message(cast(self), &part, 1, extra, flags, bytes);
}

/* The views of `count` buffers, and where they are; false with an exception. */
static bool get_views(PyObject *buffers, Py_ssize_t count, Py_buffer *views, struct iovec *parts)
{
    for (Py_ssize_t i = 0; i < count; i++) {
        Value buffer = list_find(buffers, i);
        if (!object_has_buffer(buffer) ||
            object_get_buffer(buffer, &views[i], PyBUF_WRITABLE) < 0) {
            error_clear();
            error_raise(PyExc_TypeError, "recvmsg_into() argument 1 must be an iterable of "
                                         "single-segment read-write buffers");
            return false;
        }
        parts[i] = (struct iovec){views[i].buf, (size_t)views[i].len};
    }
    return true;
}

static Value socket_recvmsg_into(Value self, const Value *args)
{
    Py_ssize_t extra;
    int flags;
    PyObject *given =
        object_to_fast_sequence(args[0], "recvmsg_into() argument 1 must be an iterable");
    /* of our own: its length stays */
    PyObject *buffers = given == NULL ? NULL : object_to_list(value_from_object(given));
    if (buffers == NULL || message_arguments(args, &extra, &flags) < 0) {
        return VALUE_NULL;
    }
    Py_ssize_t count = list_length(buffers);
    Py_buffer *views = calloc((size_t)count + 1, sizeof *views);
    struct iovec *parts = calloc((size_t)count + 1, sizeof *parts);
    Value result = VALUE_NULL;
    if (views == NULL || parts == NULL) {
        error_no_memory();
    } else if (get_views(buffers, count, views, parts)) {
        result = receive_message(cast(self), parts, (size_t)count, extra, flags, NULL);
    }
    for (Py_ssize_t i = 0; views != NULL && i < count; i++) {
        object_release_buffer(&views[i]);
    }
    free(views);
    free(parts);
    return result;
}

/* ---- Sending */

static Value socket_send(Value self, const Value *args)
{
    Py_buffer view;
    int flags;
    struct socket *s = cast(self);
    if (flags_of(args[1], &flags) < 0 || object_get_buffer(args[0], &view, PyBUF_SIMPLE) < 0) {
        return VALUE_NULL;
    }
    ssize_t n = ATTEMPT(s, POLLOUT, send(s->fd, view.buf, (size_t)view.len, flags));
    object_release_buffer(&view);
    return n < 0 ? VALUE_NULL : int_from_ssize(n);
}

static Value socket_sendall(Value self, const Value *args)
{
    Py_buffer view;
    int flags;
    struct socket *s = cast(self);
    if (flags_of(args[1], &flags) < 0 || object_get_buffer(args[0], &view, PyBUF_SIMPLE) < 0) {
        return VALUE_NULL;
    }
    Py_ssize_t done = 0;
    do {
        ssize_t n = ATTEMPT(s, POLLOUT,
                            send(s->fd, (char *)view.buf + done, (size_t)(view.len - done), flags));
        if (n < 0 || thread_safepoint(thread_current()) < 0) {
            object_release_buffer(&view);
            return VALUE_NULL;
        }
        done += n;
    } while (done < view.len);
    object_release_buffer(&view);
    return VALUE_NONE;
}

static Value socket_sendto(Value self, const Value *args, size_t nargs, PyObject *kwnames)
{
    Py_buffer view;
    int flags = 0;
    struct socket *s = cast(self);
    struct sockaddr_storage to;
    socklen_t length;
    nargs = CALL_NARGS(nargs);
    if (native_no_keywords("sendto", kwnames) < 0) {
        return VALUE_NULL;
    }
    if (nargs < 2 || nargs > 3) {
        return error_raise(PyExc_TypeError, "sendto() takes 2 or 3 arguments (%zu given)", nargs);
    }
    if ((nargs == 3 && arg_int(args[1], &flags) < 0) ||
        socket_read_address(s, args[nargs - 1], &to, &length, "sendto") < 0 ||
        sys_audit_values("socket.sendto", "OO", self, args[nargs - 1]) < 0 ||
        object_get_buffer(args[0], &view, PyBUF_SIMPLE) < 0) {
        return VALUE_NULL;
    }
    ssize_t n =
        ATTEMPT(s, POLLOUT,
                sendto(s->fd, view.buf, (size_t)view.len, flags, (struct sockaddr *)&to, length));
    object_release_buffer(&view);
    return n < 0 ? VALUE_NULL : int_from_ssize(n);
}

/* Packs [(level, type, data)] into control message bytes. */
static PyObject *pack_ancillary(PyObject *items)
{
    Py_ssize_t count = list_length(items), total = 0;
    for (int pass = 0;; pass++) {
        PyObject *control = pass == 0 ? NULL : bytes_new(NULL, total);
        if (pass == 1 && control == NULL) {
            return NULL;
        }
        char *at = pass == 0 ? NULL : bytes_data(control);
        for (Py_ssize_t i = 0; i < count; i++) {
            Value row = list_find(items, i);
            Py_buffer view;
            int level, type;
            if (!tuple_check(row) || tuple_length(value_object(row)) != 3) {
                return error_raise_null(PyExc_TypeError, "[sendmsg() ancillary data items] must be "
                                                         "tuples of 3");
            }
            if (arg_int(tuple_get(value_object(row), 0), &level) < 0 ||
                arg_int(tuple_get(value_object(row), 1), &type) < 0 ||
                object_get_buffer(tuple_get(value_object(row), 2), &view, PyBUF_SIMPLE) < 0) {
                return NULL;
            }
            size_t space = CMSG_SPACE((size_t)view.len);
            if (pass == 0) {
                total += (Py_ssize_t)space;
            } else if (space > (size_t)(bytes_data(control) + total - at)) {
                object_release_buffer(&view); /* another thread has made it longer */
                return error_raise_null(PyExc_RuntimeError,
                                        "[sendmsg() ancillary data items] changed size");
            } else {
                struct cmsghdr *c = (struct cmsghdr *)(void *)at;
                c->cmsg_level = level;
                c->cmsg_type = type;
                c->cmsg_len = CMSG_LEN((size_t)view.len);
                memcpy(CMSG_DATA(c), view.buf, (size_t)view.len);
                at += space;
            }
            object_release_buffer(&view);
        }
        if (pass == 1) {
            return control;
        }
    }
}

static Value socket_sendmsg(Value self, const Value *args)
{
    enum { BUFFERS, ANCILLARY, FLAGS, ADDRESS };
    struct socket *s = cast(self);
    int flags;
    struct sockaddr_storage to;
    struct msghdr message = {0};
    PyObject *joined, *parts = object_to_list(args[BUFFERS]), *control = NULL;
    if (parts == NULL || flags_of(args[FLAGS], &flags) < 0) {
        return VALUE_NULL;
    }
    Value empty = value_from_object(bytes_new("", 0));
    Value all = object_call_method1(empty, names.join, value_from_object(parts));
    if (value_is_null(all)) {
        return VALUE_NULL;
    }
    joined = value_object(all);
    if (value_is_present(args[ANCILLARY])) {
        PyObject *items = object_to_list(args[ANCILLARY]);
        control = items == NULL ? NULL : pack_ancillary(items);
        if (control == NULL) {
            return VALUE_NULL;
        }
        message.msg_control = bytes_length(control) > 0 ? bytes_data(control) : NULL;
        message.msg_controllen = (size_t)bytes_length(control);
    }
    if (value_is_present(args[ADDRESS]) && !value_is_none(args[ADDRESS])) {
        if (socket_read_address(s, args[ADDRESS], &to, &message.msg_namelen, "sendmsg") < 0) {
            return VALUE_NULL;
        }
        message.msg_name = &to;
    }
    if (sys_audit_values("socket.sendmsg", "OO", self, args[ADDRESS]) < 0) {
        return VALUE_NULL;
    }
    struct iovec part = {bytes_data(joined), (size_t)bytes_length(joined)};
    message.msg_iov = &part;
    message.msg_iovlen = 1;
    ssize_t n = ATTEMPT(s, POLLOUT, sendmsg(s->fd, &message, flags));
    return n < 0 ? VALUE_NULL : int_from_ssize(n);
}

/* ---- Options and timeouts */

static Value socket_getsockopt(Value self, const Value *args)
{
    int level, option, size = 0, number = 0;
    if (arg_int(args[0], &level) < 0 || arg_int(args[1], &option) < 0 ||
        (value_is_present(args[2]) && arg_int(args[2], &size) < 0)) {
        return VALUE_NULL;
    }
    if (size == 0) {
        socklen_t length = sizeof number;
        return getsockopt(cast(self)->fd, level, option, &number, &length) < 0
                   ? error_from_errno(NULL)
                   : value_from_int(number);
    }
    if (size < 0 || size > 1024) {
        return error_raise(PyExc_OSError, "getsockopt buflen out of range");
    }
    PyObject *bytes = bytes_new(NULL, size);
    socklen_t length = (socklen_t)size;
    if (bytes == NULL ||
        getsockopt(cast(self)->fd, level, option, bytes_data(bytes), &length) < 0) {
        return bytes == NULL ? VALUE_NULL : error_from_errno(NULL);
    }
    return value_from_object(bytes_truncate(bytes, (Py_ssize_t)length));
}

static Value socket_setsockopt(Value self, const Value *args)
{
    int level, option, number, result;
    if (arg_int(args[0], &level) < 0 || arg_int(args[1], &option) < 0) {
        return VALUE_NULL;
    }
    if (int_check(args[2])) {
        if (arg_int(args[2], &number) < 0) {
            return VALUE_NULL;
        }
        result = setsockopt(cast(self)->fd, level, option, &number, sizeof number);
    } else if (value_is_none(args[2])) {
        int64_t length;
        if (arg_i64(value_is_absent(args[3]) ? value_from_int(0) : args[3], &length) < 0) {
            return VALUE_NULL;
        }
        result = setsockopt(cast(self)->fd, level, option, NULL, (socklen_t)length);
    } else {
        Py_buffer view;
        if (object_get_buffer(args[2], &view, PyBUF_SIMPLE) < 0) {
            return VALUE_NULL;
        }
        result = setsockopt(cast(self)->fd, level, option, view.buf, (socklen_t)view.len);
        object_release_buffer(&view);
    }
    return result < 0 ? error_from_errno(NULL) : VALUE_NONE;
}

/* None: -1; else nanoseconds, rounded up. 0 or -1. */
static int read_timeout(Value v, int64_t *out)
{
    if (value_is_none(v)) {
        *out = -1;
        return 0;
    }
    double seconds;
    if (arg_double(v, &seconds) < 0) {
        return -1;
    }
    if (seconds != seconds) {
        return error_raise_int(PyExc_ValueError, "Invalid value NaN (not a number)");
    }
    if (seconds < 0) {
        return error_raise_int(PyExc_ValueError, "Timeout value out of range");
    }
    if (seconds > 9e9) {
        return error_raise_int(PyExc_OverflowError, "timeout doesn't fit into C timeval");
    }
    *out = (int64_t)ceil(seconds * 1e9);
    return 0;
}

static Value timeout_value(int64_t ns)
{
    return ns < 0 ? VALUE_NONE : float_from_double((double)ns / 1e9);
}

static Value apply_timeout(Value self, int64_t ns)
{
    atomic_store_relaxed(&cast(self)->timeout_ns, ns);
    return set_blocking(cast(self)->fd, ns < 0) < 0 ? error_from_errno(NULL) : VALUE_NONE;
}

static Value socket_settimeout(Value self, Value timeout)
{
    int64_t ns;
    return read_timeout(timeout, &ns) < 0 ? VALUE_NULL : apply_timeout(self, ns);
}
static Value socket_gettimeout(Value self)
{
    return timeout_value(cast(self)->timeout_ns);
}
static Value socket_setblocking(Value self, Value flag)
{
    bool blocking;
    return arg_bool(flag, &blocking) < 0 ? VALUE_NULL : apply_timeout(self, blocking ? -1 : 0);
}
static Value socket_getblocking(Value self)
{
    return value_from_bool(cast(self)->timeout_ns != 0);
}
static Value socket_fileno(Value self)
{
    return value_from_int(cast(self)->fd);
}

static Value get_family(Value self, void *c)
{
    return value_from_int(cast(self)->family);
}
static Value get_type(Value self, void *c)
{
    return value_from_int(cast(self)->type);
}
static Value get_protocol(Value self, void *c)
{
    return value_from_int(cast(self)->protocol);
}
static Value get_timeout(Value self, void *c)
{
    return timeout_value(cast(self)->timeout_ns);
}

static void socket_trace(PyObject *self, struct tracer *tracer) {}

static const struct native_def socket_methods[] = {
    {"_accept", "($self, /)",
     "Waits for a connection; returns its descriptor and the peer's address.", .f0 = socket_accept},
    {"bind", "($self, address, /)", "Binds the socket to a local address.", .f1 = socket_bind},
    {"close", "($self, /)", "Closes a socket's descriptor.", .f0 = socket_close},
    {"connect", "($self, address, /)", "Connects to a remote address.", .f1 = socket_connect},
    {"connect_ex", "($self, address, /)",
     "Connects; returns an errno code instead of raising OSError.", .f1 = socket_connect_ex},
    {"detach", "($self, /)", "Gives the descriptor up without closing it, and returns it.",
     .f0 = socket_detach},
    {"fileno", "($self, /)", "The number of the descriptor.", .f0 = socket_fileno},
    {"getblocking", "($self, /)", "Does it block?", .f0 = socket_getblocking},
    {"getpeername", "($self, /)", "The remote address.", .f0 = socket_getpeername},
    {"getsockname", "($self, /)", "The local address.", .f0 = socket_getsockname},
    {"getsockopt", "($self, level, option, buflen=0, /)",
     "The value of a socket option: an int, or bytes of up to buflen.", .n = socket_getsockopt},
    {"gettimeout", "($self, /)", "The timeout in seconds; None if there is none.",
     .f0 = socket_gettimeout},
    {"listen", "($self, backlog=128, /)",
     "Lets the socket accept connections; backlog is how many may wait.", .n = socket_listen},
    {"recv", "($self, bufsize, flags=0, /)", "Receives up to bufsize bytes.", .n = socket_recv},
    {"recv_into", "($self, /, buffer, nbytes=0, flags=0)",
     "Receives into a buffer; returns how many bytes.", .n = socket_recv_into},
    {"recvfrom", "($self, bufsize, flags=0, /)",
     "Receives data; returns it and the sender's address.", .n = socket_recvfrom},
    {"recvfrom_into", "($self, /, buffer, nbytes=0, flags=0)",
     "Receives into a buffer; returns the count and the sender's address.",
     .n = socket_recvfrom_into},
    {"recvmsg", "($self, bufsize, ancbufsize=0, flags=0, /)",
     "Receives data and ancillary data; returns data, ancillary data, flags, address.",
     .n = socket_recvmsg},
    {"recvmsg_into", "($self, buffers, ancbufsize=0, flags=0, /)",
     "Receives into buffers; returns the count, ancillary data, flags, address.",
     .n = socket_recvmsg_into},
    {"send", "($self, data, flags=0, /)", "Sends data; returns how much of it was sent.",
     .n = socket_send},
    {"sendall", "($self, data, flags=0, /)", "Sends all of the data.", .n = socket_sendall},
    {"sendmsg", "($self, buffers, ancdata=(), flags=0, address=None, /)",
     "Sends buffers and ancillary data; returns how much was sent.", .n = socket_sendmsg},
    {"sendto", NULL, "Sends data to an address; returns how much was sent.", .raw = socket_sendto},
    {"setblocking", "($self, flag, /)", "Makes the socket blocking or non-blocking.",
     .f1 = socket_setblocking},
    {"setsockopt", "($self, level, option, value, optlen=0, /)",
     "Sets a socket option to an int, a buffer, or None with a length.", .n = socket_setsockopt},
    {"settimeout", "($self, timeout, /)",
     "Sets the timeout: seconds, 0 for non-blocking, None for none.", .f1 = socket_settimeout},
    {"shutdown", "($self, flag, /)", "Closes one or both directions of the connection.",
     .f1 = socket_shutdown},
    {NULL},
};
static const struct getset_def socket_getsets[] = {{"family", get_family},
                                                   {"proto", get_protocol},
                                                   {"timeout", get_timeout},
                                                   {"type", get_type},
                                                   {NULL}};
static struct type_info socket_info = {
    .ops = {.new_ = socket_new,
            .init = socket_init,
            .repr = socket_repr,
            .finalize = socket_finalize,
            .is_spent = socket_is_spent},
    .trace = socket_trace,
    .methods = socket_methods,
    .getsets = socket_getsets,
    .flags = TYPE_OBSERVED,
};
PyTypeObject Socket_Type = {
    STATIC_TYPE_HEAD,
    .tp_name = "_socket.socket",
    .tp_doc = "socket(family=-1, type=-1, proto=-1, fileno=None): a network connection, or the end "
              "of one.",
    .tp_basicsize = sizeof(struct socket),
    .tp_flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_BASETYPE,
    .tp_cache = (PyObject *)&socket_info,
};

/* ---- Module functions about sockets */

static Value module_socketpair(Value self, const Value *args)
{
    int numbers[3] = {AF_UNIX, SOCK_STREAM, 0}, fds[2];
    for (int i = 0; i < 3; i++) {
        if (value_is_present(args[i]) && arg_int(args[i], &numbers[i]) < 0) {
            return VALUE_NULL;
        }
    }
    if (socketpair(numbers[0], numbers[1] | SOCK_CLOEXEC, numbers[2], fds) < 0) {
        return error_from_errno(NULL);
    }
    Value pair[2];
    for (int i = 0; i < 2; i++) {
        struct socket *s = (struct socket *)object_alloc(&Socket_Type, 0);
        if (s == NULL || fill(s, fds[i], numbers[0], numbers[1], numbers[2]) < 0) {
            return VALUE_NULL;
        }
        pair[i] = value_from_object(s);
    }
    return value_from_object(tuple_from_array(pair, 2));
}

static Value module_close(Value self, Value fd)
{
    int n;
    if (arg_int(fd, &n) < 0) {
        return VALUE_NULL;
    }
    thread_detach();
    int result = close(n), error = errno;
    thread_reattach();
    errno = error;
    return result < 0 && error != ECONNRESET ? error_from_errno(NULL) : VALUE_NONE;
}

static Value module_dup(Value self, Value fd)
{
    int n;
    if (arg_int(fd, &n) < 0) {
        return VALUE_NULL;
    }
    int copy = fcntl(n, F_DUPFD_CLOEXEC, 0);
    return copy < 0 ? error_from_errno(NULL) : value_from_int(copy);
}

static Value module_getdefaulttimeout(Value self)
{
    return timeout_value(atomic_load_relaxed(&default_timeout_ns));
}
static Value module_setdefaulttimeout(Value self, Value timeout)
{
    int64_t ns;
    if (read_timeout(timeout, &ns) < 0) {
        return VALUE_NULL;
    }
    atomic_store_relaxed(&default_timeout_ns, ns);
    return VALUE_NONE;
}

static Value message_size(Value length, bool space)
{
    Py_ssize_t n;
    if (arg_index(length, &n) < 0) {
        return VALUE_NULL;
    }
    size_t most = (size_t)INT32_MAX - CMSG_LEN(0);
    if (n < 0 || (size_t)n > most || (space && CMSG_SPACE((size_t)n) > INT32_MAX)) {
        return error_raise(PyExc_OverflowError, "%s() argument out of range",
                           space ? "CMSG_SPACE" : "CMSG_LEN");
    }
    return int_from_size(space ? CMSG_SPACE((size_t)n) : CMSG_LEN((size_t)n));
}
static Value module_cmsg_len(Value self, Value n)
{
    return message_size(n, false);
}
static Value module_cmsg_space(Value self, Value n)
{
    return message_size(n, true);
}

static const struct native_def functions[] = {
    {"CMSG_LEN", "($module, length, /)",
     "Length of an ancillary item with this much data, without padding.", .f1 = module_cmsg_len},
    {"CMSG_SPACE", "($module, length, /)",
     "Length of an ancillary item with this much data, with padding.", .f1 = module_cmsg_space},
    {"close", "($module, fd, /)", "Closes a socket's descriptor.", .f1 = module_close},
    {"dup", "($module, fd, /)", "Duplicates a socket's descriptor; the copy is not inheritable.",
     .f1 = module_dup},
    {"getdefaulttimeout", "($module, /)",
     "The timeout that new sockets get; None if there is none.", .f0 = module_getdefaulttimeout},
    {"setdefaulttimeout", "($module, timeout, /)",
     "Sets the timeout of new sockets, None for none.", .f1 = module_setdefaulttimeout},
    {"socketpair", "($module, family=1, type=1, proto=0, /)", "Two connected sockets.",
     .n = module_socketpair},
    {NULL},
};

static const struct {
    const char *name;
    long long value;
} constants[] = {
#include "module/socket_constants.inc"
};

/* What the capsule _socket.CAPI holds. */
struct socket_interface {
    PyTypeObject *type;
    PyObject *error, *timeout_error;
};

static int socket_exec(PyObject *module)
{
    for (size_t i = 0; i < sizeof constants / sizeof constants[0]; i++) {
        if (module_add_int(module, constants[i].name, constants[i].value) < 0) {
            return -1;
        }
    }
    Value type = value_from_object(&Socket_Type);
    if (type_ready(&Socket_Type) < 0 || module_add(module, "socket", type) < 0 ||
        module_add(module, "SocketType", type) < 0 ||
        module_add(module, "error", value_from_object(PyExc_OSError)) < 0 ||
        module_add(module, "timeout", value_from_object(PyExc_TimeoutError)) < 0 ||
        module_add(module, "has_ipv6", VALUE_TRUE) < 0) {
        return -1;
    }
    static struct socket_interface interface;
    interface = (struct socket_interface){&Socket_Type, PyExc_OSError, PyExc_TimeoutError};
    return module_add(module, "CAPI", native_hooks.new_capsule(&interface, "_socket.CAPI")) < 0
               ? -1
               : socket_add_names(module);
}

const struct module_def socket_module = {
    .name = "_socket",
    .doc = "Sockets.",
    .functions = functions,
    .exec = socket_exec,
};
