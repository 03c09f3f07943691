/* SPDX-License-Identifier: MIT */
/* select: select(), poll and epoll objects. Waiting detaches the thread; an interrupted wait runs
 * signal handlers and goes on with what is left of the timeout (PEP 475). */
#include <errno.h>
#include <fcntl.h>
#include <math.h>
#include <sys/epoll.h>
#include <sys/select.h>
#include <time.h>
#include <unistd.h>

#include "base/os.h"
#include "module/wait.h"
#include "object/dict.h"
#include "object/int.h"
#include "object/list.h"
#include "object/native.h"
#include "object/str.h"
#include "thread/thread.h"

/* A descriptor: an int, or an object with fileno(). -1 with an exception. */
static int descriptor(Value v)
{
    int fd;
    if (!int_check(v)) {
        Value method;
        int found = object_find_attr(v, names.fileno, &method);
        if (found <= 0) {
            return found < 0
                       ? -1
                       : error_raise_int(PyExc_TypeError,
                                         "argument must be an int, or have a fileno() method.");
        }
        v = object_call0(method);
        if (value_is_null(v)) {
            return -1;
        }
        if (!int_check(v)) {
            return error_raise_int(PyExc_TypeError, "fileno() returned a non-integer");
        }
    }
    if (arg_int(v, &fd) < 0) {
        return -1;
    }
    if (fd < 0) {
        return error_raise_int(PyExc_ValueError,
                               "file descriptor cannot be a negative integer (%d)", fd);
    }
    return fd;
}

/* A timeout in units of `scale` nanoseconds; None and (if allowed) negative ones give -1. 0 or -1.
 */
static int read_timeout(Value v, double scale, bool negative_is_none, int64_t *out,
                        const char *type)
{
    double number;
    *out = -1;
    if (!value_is_present(v) || value_is_none(v)) {
        return 0;
    }
    if (arg_double(v, &number) < 0) {
        if (!error_matches(PyExc_TypeError)) {
            return -1;
        }
        error_clear();
        return error_raise_int(PyExc_TypeError, "%s", type);
    }
    if (isnan(number)) {
        return error_raise_int(PyExc_ValueError, "Invalid value NaN (not a number)");
    }
    if (number < 0) {
        return negative_is_none ? 0
                                : error_raise_int(PyExc_ValueError, "timeout must be non-negative");
    }
    if (number * scale > 9.2e18) {
        return error_raise_int(PyExc_OverflowError, "timeout is too large");
    }
    *out = (int64_t)ceil(number * scale);
    return 0;
}

/* ---- select() */

struct select_set {
    fd_set fds;
    PyObject *objects; /* a list */
    int numbers[FD_SETSIZE];
};

/* Item i of a list or tuple as it is now: a fileno() may have changed it. */
static Value item_now(PyObject *sequence, Py_ssize_t i)
{
    if (list_check(value_from_object(sequence))) {
        return list_find(sequence, i);
    }
    return i < tuple_length(sequence) ? tuple_get(sequence, i) : VALUE_ABSENT;
}

static int fill_set(Value arg, struct select_set *set, int *most)
{
    FD_ZERO(&set->fds);
    PyObject *sequence = object_to_fast_sequence(arg, "arguments 1-3 must be sequences");
    set->objects = sequence == NULL ? NULL : list_new(0);
    for (Py_ssize_t i = 0; set->objects != NULL; i++) {
        Value item = item_now(sequence, i);
        if (value_is_absent(item)) {
            break;
        }
        int fd = descriptor(item);
        if (fd < 0) {
            return -1;
        }
        if (fd >= FD_SETSIZE) {
            return error_raise_int(PyExc_ValueError, "filedescriptor out of range in select()");
        }
        if (i >= FD_SETSIZE) {
            return error_raise_int(PyExc_ValueError, "too many file descriptors in select()");
        }
        set->numbers[i] = fd;
        FD_SET(fd, &set->fds);
        *most = fd > *most ? fd : *most;
        if (list_append(set->objects, item) < 0) {
            return -1;
        }
    }
    return set->objects == NULL ? -1 : 0;
}

static PyObject *ready_list(const struct select_set *set, const fd_set *ready)
{
    PyObject *list = list_new(0);
    for (Py_ssize_t i = 0; list != NULL && i < list_length(set->objects); i++) {
        if (FD_ISSET(set->numbers[i], ready) && list_append(list, list_find(set->objects, i)) < 0) {
            return NULL;
        }
    }
    return list;
}

static Value select_select(Value self, const Value *args)
{
    struct select_set sets[3];
    fd_set ready[3];
    int64_t timeout;
    int most = -1, count, error;
    if (read_timeout(args[3], 1e9, false, &timeout, "timeout must be a float or None") < 0 ||
        fill_set(args[0], &sets[0], &most) < 0 || fill_set(args[1], &sets[1], &most) < 0 ||
        fill_set(args[2], &sets[2], &most) < 0) {
        return VALUE_NULL;
    }
    int64_t deadline = wait_deadline(timeout);
    do {
        int64_t left = deadline < 0 ? 0 : deadline - os_monotonic_ns();
        left = left < 0 ? 0 : left;
        struct timeval wait = {left / 1000000000, (left % 1000000000 + 999) / 1000};
        for (int i = 0; i < 3; i++) {
            ready[i] = sets[i].fds;
        }
        thread_detach();
        count = select(most + 1, &ready[0], &ready[1], &ready[2], deadline < 0 ? NULL : &wait);
        error = errno;
        thread_reattach();
        if (count < 0 && error == EINTR && thread_safepoint(thread_current()) < 0) {
            return VALUE_NULL;
        }
    } while (count < 0 && error == EINTR);
    if (count < 0) {
        errno = error;
        return error_from_errno(NULL);
    }
    PyObject *lists[3];
    for (int i = 0; i < 3; i++) {
        lists[i] = ready_list(&sets[i], &ready[i]);
        if (lists[i] == NULL) {
            return VALUE_NULL;
        }
    }
    return value_from_object(tuple_pack(3, lists[0], lists[1], lists[2]));
}

/* ---- poll objects. The registrations are a dict {fd: events}; one thread polls at a time. */

struct poll_object {
    PyObject_HEAD PyObject *registered;
    uint8_t busy; /* atomic */
};

static struct poll_object *poll_cast(Value self)
{
    return (struct poll_object *)value_object(self);
}

static int event_mask(Value v, int fallback)
{
    int64_t mask = fallback;
    if (value_is_present(v)) {
        if (arg_i64(v, &mask) < 0) {
            return -1;
        }
        if (mask < 0 || mask > 0xffff) {
            return error_raise_int(mask < 0 ? PyExc_ValueError : PyExc_OverflowError,
                                   mask < 0 ? "value must be positive"
                                            : "Python int too large for C unsigned short");
        }
    }
    return (int)mask;
}

static Value poll_register(Value self, const Value *args)
{
    int fd = descriptor(args[0]), mask = event_mask(args[1], POLLIN | POLLPRI | POLLOUT);
    return fd < 0 || mask < 0 || error_occurred() ||
                   dict_set(poll_cast(self)->registered, value_from_int(fd), value_from_int(mask)) <
                       0
               ? VALUE_NULL
               : VALUE_NONE;
}

static Value poll_modify(Value self, const Value *args)
{
    int fd = descriptor(args[0]), mask = event_mask(args[1], 0);
    if (fd < 0 || mask < 0 || error_occurred()) {
        return VALUE_NULL;
    }
    int known = dict_contains(poll_cast(self)->registered, value_from_int(fd));
    if (known == 0) {
        errno = ENOENT;
        return error_from_errno(NULL);
    }
    return known < 0 || dict_set(poll_cast(self)->registered, value_from_int(fd),
                                 value_from_int(mask)) < 0
               ? VALUE_NULL
               : VALUE_NONE;
}

static Value poll_unregister(Value self, Value file)
{
    int fd = descriptor(file);
    if (fd < 0) {
        return VALUE_NULL;
    }
    int removed = dict_delete(poll_cast(self)->registered, value_from_int(fd));
    return removed < 0    ? VALUE_NULL
           : removed == 0 ? error_raise_value(PyExc_KeyError, value_from_int(fd))
                          : VALUE_NONE;
}

static struct pollfd *poll_table(PyObject *registered, nfds_t *count)
{
    Py_ssize_t room = dict_length(registered) + 8;
    struct pollfd *table = heap_alloc((size_t)room * sizeof *table, CELL_RAW);
    size_t position = 0;
    Value key, mask;
    Py_hash_t hash;
    *count = 0;
    while (table != NULL && (Py_ssize_t)*count < room &&
           dict_next(registered, &position, &key, &mask, &hash)) {
        int64_t fd = 0, events = 0;
        int_try_small(key, &fd);
        int_try_small(mask, &events);
        table[(*count)++] = (struct pollfd){.fd = (int)fd, .events = (short)events};
    }
    return table;
}

static Value poll_result(const struct pollfd *table, nfds_t count)
{
    PyObject *list = list_new(0);
    for (nfds_t i = 0; list != NULL && i < count; i++) {
        if (table[i].revents != 0) {
            Value row[2] = {value_from_int(table[i].fd), value_from_int(table[i].revents & 0xffff)};
            PyObject *pair = tuple_from_array(row, 2);
            if (pair == NULL || list_append(list, value_from_object(pair)) < 0) {
                return VALUE_NULL;
            }
        }
    }
    return value_from_object(list);
}

static Value poll_wait(struct poll_object *p, int64_t timeout)
{
    nfds_t count;
    struct pollfd *table = poll_table(p->registered, &count);
    if (table == NULL) {
        return error_no_memory();
    }
    if (wait_poll(table, count, wait_deadline(timeout)) < 0) {
        return VALUE_NULL;
    }
    return poll_result(table, count);
}

static Value poll_poll(Value self, const Value *args)
{
    struct poll_object *p = poll_cast(self);
    int64_t timeout;
    if (read_timeout(args[0], 1e6, true, &timeout, "timeout must be an integer or None") < 0) {
        return VALUE_NULL;
    }
    if (atomic_exchange_acq_rel(&p->busy, 1) != 0) {
        return error_raise(PyExc_RuntimeError, "concurrent poll() invocation");
    }
    Value result = poll_wait(p, timeout);
    atomic_store_release(&p->busy, 0);
    return result;
}

static void poll_trace(PyObject *self, struct tracer *tracer)
{
    trace_pointer(tracer, ((struct poll_object *)self)->registered);
}

static const struct native_def poll_methods[] = {
    {"modify", "($self, fd, eventmask, /)", "Changes what a registered descriptor is watched for.",
     .n = poll_modify},
    {"poll", "($self, timeout=None, /)",
     "Waits for events; returns a list of descriptors and events.", .n = poll_poll},
    {"register", "($self, fd, eventmask=POLLIN | POLLPRI | POLLOUT, /)", "Watches a descriptor.",
     .n = poll_register},
    {"unregister", "($self, fd, /)", "Watches a descriptor no longer.", .f1 = poll_unregister},
    {NULL},
};
static struct type_info poll_info = {
    .trace = poll_trace, .methods = poll_methods, .flags = TYPE_NO_NEW};
static PyTypeObject poll_type = {
    STATIC_TYPE_HEAD,
    .tp_name = "select.poll",
    .tp_basicsize = sizeof(struct poll_object),
    .tp_flags = Py_TPFLAGS_DEFAULT,
    .tp_cache = (PyObject *)&poll_info,
};

static Value select_poll(Value self)
{
    struct poll_object *p = (struct poll_object *)object_alloc(&poll_type, 0);
    PyObject *registered = dict_new();
    if (p == NULL || registered == NULL) {
        return VALUE_NULL;
    }
    heap_init(p, &p->registered, registered);
    return value_from_object(p);
}

/* ---- epoll objects. The descriptor is atomic; -1: closed. */

struct epoll_object {
    PyObject_HEAD int fd;
};

static struct epoll_object *epoll_cast(Value self)
{
    return (struct epoll_object *)value_object(self);
}

static int epoll_fd(Value self)
{
    int fd = atomic_load_relaxed(&epoll_cast(self)->fd);
    return fd >= 0 ? fd : error_raise_int(PyExc_ValueError, "I/O operation on closed epoll object");
}

static Value epoll_make(PyTypeObject *type, int fd)
{
    struct epoll_object *e = fd < 0 ? NULL : (struct epoll_object *)object_alloc(type, 0);
    if (fd < 0) {
        return error_from_errno(NULL);
    }
    if (e != NULL) {
        e->fd = fd;
    }
    return value_from_object(e);
}

static Value epoll_new(PyTypeObject *type, const Value *args, size_t nargs, PyObject *kwnames)
{
    static const struct native_signature *signature;
    Value bound[2];
    int size = -1, flags = 0;
    if (native_bind("epoll", "(sizehint=-1, flags=0)", &signature, args, nargs, kwnames, bound) <
            0 ||
        (value_is_present(bound[0]) && arg_int(bound[0], &size) < 0) ||
        (value_is_present(bound[1]) && arg_int(bound[1], &flags) < 0)) {
        return VALUE_NULL;
    }
    if (size != -1 && size <= 0) {
        return error_raise(PyExc_ValueError, "sizehint must be positive or -1");
    }
    if (flags != 0 && flags != EPOLL_CLOEXEC) {
        return error_raise(PyExc_OSError, "invalid flags");
    }
    return epoll_make(type, epoll_create1(EPOLL_CLOEXEC));
}

static Value epoll_fromfd(Value class, Value fd)
{
    int n;
    return arg_int(fd, &n) < 0 ? VALUE_NULL : epoll_make((PyTypeObject *)value_object(class), n);
}

static Value epoll_close(Value self)
{
    int fd = atomic_exchange_acq_rel(&epoll_cast(self)->fd, -1);
    if (fd >= 0 && close(fd) < 0) {
        return error_from_errno(NULL);
    }
    return VALUE_NONE;
}

static void epoll_finalize(Value self)
{
    if (value_is_null(epoll_close(self))) {
        error_clear();
    }
}

static Value epoll_control(Value self, int operation, Value file, int64_t events)
{
    int fd = epoll_fd(self), target = fd < 0 ? -1 : descriptor(file);
    if (target < 0) {
        return VALUE_NULL;
    }
    struct epoll_event event = {.events = (uint32_t)events, .data.fd = target};
    return epoll_ctl(fd, operation, target, &event) < 0 ? error_from_errno(NULL) : VALUE_NONE;
}

static Value epoll_register(Value self, const Value *args)
{
    int64_t events = EPOLLIN | EPOLLPRI | EPOLLOUT;
    if (value_is_present(args[1]) && arg_i64(args[1], &events) < 0) {
        return VALUE_NULL;
    }
    return epoll_control(self, EPOLL_CTL_ADD, args[0], events);
}
static Value epoll_modify(Value self, const Value *args)
{
    int64_t events;
    return arg_i64(args[1], &events) < 0 ? VALUE_NULL
                                         : epoll_control(self, EPOLL_CTL_MOD, args[0], events);
}
static Value epoll_unregister(Value self, const Value *args)
{
    return epoll_control(self, EPOLL_CTL_DEL, args[0], 0);
}

static Value epoll_poll(Value self, const Value *args)
{
    int64_t timeout;
    int most = -1, fd = epoll_fd(self), n, error;
    if (fd < 0 ||
        read_timeout(args[0], 1e9, true, &timeout, "timeout must be an integer or None") < 0 ||
        (value_is_present(args[1]) && arg_int(args[1], &most) < 0)) {
        return VALUE_NULL;
    }
    if (most != -1 && most < 1) {
        return error_raise(PyExc_ValueError, "maxevents must be greater than 0, got %d", most);
    }
    most = most < 0 ? FD_SETSIZE - 1 : most;
    struct epoll_event *events = heap_alloc((size_t)most * sizeof *events, CELL_RAW);
    if (events == NULL) {
        return error_no_memory();
    }
    int64_t deadline = wait_deadline(timeout);
    do {
        int wait = wait_milliseconds(deadline);
        thread_detach();
        n = epoll_wait(fd, events, most, wait);
        error = errno;
        thread_reattach();
        if (n < 0 && error == EINTR && thread_safepoint(thread_current()) < 0) {
            return VALUE_NULL;
        }
    } while (n < 0 && error == EINTR);
    if (n < 0) {
        errno = error;
        return error_from_errno(NULL);
    }
    PyObject *list = list_new(n);
    for (int i = 0; list != NULL && i < n; i++) {
        Value row[2] = {value_from_int(events[i].data.fd), value_from_int(events[i].events)};
        PyObject *pair = tuple_from_array(row, 2);
        if (pair == NULL || list_append(list, value_from_object(pair)) < 0) {
            return VALUE_NULL;
        }
    }
    return value_from_object(list);
}

static Value epoll_fileno(Value self)
{
    int fd = epoll_fd(self);
    return fd < 0 ? VALUE_NULL : value_from_int(fd);
}
static Value epoll_enter(Value self)
{
    return epoll_fd(self) < 0 ? VALUE_NULL : self;
}
static Value epoll_exit(Value self, const Value *args)
{
    return object_call_method0(self, names.close);
}
static Value epoll_closed(Value self, void *closure)
{
    return value_from_bool(epoll_cast(self)->fd < 0);
}

static const struct native_def epoll_methods[] = {
    {"__enter__", "($self, /)", "Enters the runtime context: returns the object itself.",
     .f0 = epoll_enter},
    {"__exit__", "($self, exc_type=None, exc_value=None, exc_tb=None, /)",
     "Leaves the runtime context.", .n = epoll_exit},
    {"close", "($self, /)", "Closes the epoll descriptor.", .f0 = epoll_close},
    {"fileno", "($self, /)", "The number of the epoll descriptor.", .f0 = epoll_fileno},
    {"fromfd", "($type, fd, /)", "An epoll object of an open epoll descriptor.",
     .flags = NATIVE_CLASS, .f1 = epoll_fromfd},
    {"modify", "($self, /, fd, eventmask)", "Changes what a registered descriptor is watched for.",
     .n = epoll_modify},
    {"poll", "($self, /, timeout=None, maxevents=-1)",
     "Waits for events; returns a list of descriptors and events.", .n = epoll_poll},
    {"register",
     "($self, /, fd,\n"
     "         eventmask=select.EPOLLIN | select.EPOLLPRI | select.EPOLLOUT)",
     "Watches a descriptor.", .n = epoll_register},
    {"unregister", "($self, /, fd)", "Watches a descriptor no longer.", .n = epoll_unregister},
    {NULL},
};
static const struct getset_def epoll_getsets[] = {{"closed", epoll_closed}, {NULL}};
static struct type_info epoll_info = {
    .ops = {.new_ = epoll_new, .finalize = epoll_finalize},
    .methods = epoll_methods,
    .getsets = epoll_getsets,
    .flags = TYPE_OBSERVED,
};
static PyTypeObject epoll_type = {
    STATIC_TYPE_HEAD,
    .tp_name = "select.epoll",
    .tp_doc = "Watches many descriptors: epoll(sizehint=-1, flags=0).",
    .tp_basicsize = sizeof(struct epoll_object),
    .tp_flags = Py_TPFLAGS_DEFAULT,
    .tp_cache = (PyObject *)&epoll_info,
};

static const struct native_def functions[] = {
    {"poll", "($module, /)", "Waits for events; returns a list of descriptors and events.",
     .f0 = select_poll},
    {"select", "($module, rlist, wlist, xlist, timeout=None, /)",
     "Waits until descriptors can be read, written, or have an exceptional condition.",
     .n = select_select},
    {NULL},
};

static const struct {
    const char *name;
    long long value;
} constants[] = {
#include "module/select_constants.inc"
};

static int select_exec(PyObject *module)
{
    for (size_t i = 0; i < sizeof constants / sizeof constants[0]; i++) {
        if (module_add_int(module, constants[i].name, constants[i].value) < 0) {
            return -1;
        }
    }
    if (type_ready(&poll_type) < 0 || type_ready(&epoll_type) < 0 ||
        module_add(module, "error", value_from_object(PyExc_OSError)) < 0) {
        return -1;
    }
    return module_add_type(module, &epoll_type);
}

const struct module_def select_module = {
    .name = "select",
    .doc = "Waiting for I/O completion.",
    .functions = functions,
    .exec = select_exec,
};
