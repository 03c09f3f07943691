/* SPDX-License-Identifier: MIT */
/* The fcntl module. */
#include <fcntl.h>
#include <string.h>
#include <sys/file.h>
#include <sys/ioctl.h>

#include "module/posix_int.h"
#include "module/sys.h"

enum { BUFFER_MAX = 1024 };

/* fcntl with bytes as argument: they are copied in, and what the system made of them comes back. */
static Value control_bytes(int fd, int command, Value argument)
{
    char buffer[BUFFER_MAX + 1];
    PyObject *bytes = str_check(argument) ? str_encode(value_object(argument), "utf-8", NULL)
                                          : bytes_from_value(argument);
    bool raised;
    if (bytes == NULL) {
        return VALUE_NULL;
    }
    size_t length = (size_t)bytes_length(bytes);
    if (length > BUFFER_MAX) {
        return error_raise(PyExc_ValueError, "fcntl string arg too long");
    }
    memcpy(buffer, bytes_data(bytes), length);
    buffer[length] = '\0';
    if (RETRIED(fcntl(fd, command, buffer), raised) < 0) {
        return raised ? VALUE_NULL : error_from_errno(NULL);
    }
    return value_from_object(bytes_new(buffer, (Py_ssize_t)length));
}

static Value do_fcntl(Value self, const Value *args)
{
    int fd, command;
    int64_t argument = 0;
    bool raised;
    if (fd_convert(args[0], &fd) < 0 || arg_int(args[1], &command) < 0 ||
        sys_audit_values("fcntl.fcntl", "iiO", fd, command, args[2]) < 0) {
        return VALUE_NULL;
    }
    if (value_is_present(args[2])) {
        if (str_check(args[2]) || (!int_check(args[2]) && object_has_buffer(args[2]))) {
            return control_bytes(fd, command, args[2]);
        }
        Value number = object_index(args[2]);
        if (value_is_null(number)) {
            return VALUE_NULL;
        }
        argument = (int64_t)int_to_u64_mask(number);
    }
    int result = RETRIED(fcntl(fd, command, (int)argument), raised);
    if (result < 0) {
        return raised ? VALUE_NULL : error_from_errno(NULL);
    }
    return value_from_int(result);
}

/* A writable buffer that the system changes in place. */
static Value ioctl_in_place(int fd, unsigned long request, Py_buffer *view)
{
    int result = DETACHED(ioctl(fd, request, view->buf));
    int error = errno;
    object_release_buffer(view);
    errno = error;
    return result < 0 ? error_from_errno(NULL) : value_from_int(result);
}

static Value ioctl_bytes(int fd, unsigned long request, Value argument)
{
    char buffer[BUFFER_MAX + 1];
    PyObject *bytes = str_check(argument) ? str_encode(value_object(argument), "utf-8", NULL)
                                          : bytes_from_value(argument);
    if (bytes == NULL) {
        return VALUE_NULL;
    }
    size_t length = (size_t)bytes_length(bytes);
    if (length > BUFFER_MAX) {
        return error_raise(PyExc_ValueError, "ioctl string arg too long");
    }
    memcpy(buffer, bytes_data(bytes), length);
    buffer[length] = '\0';
    if (DETACHED(ioctl(fd, request, buffer)) < 0) {
        return error_from_errno(NULL);
    }
    return value_from_object(bytes_new(buffer, (Py_ssize_t)length));
}

static Value do_ioctl(Value self, const Value *args)
{
    int fd, mutate = flag_argument(args[3], true);
    Py_buffer view;
    Value request = object_index(args[1]);
    if (fd_convert(args[0], &fd) < 0 || value_is_null(request) || mutate < 0) {
        return VALUE_NULL;
    }
    unsigned long number = (unsigned)int_to_u64_mask(request);
    if (sys_audit_values("fcntl.ioctl", "iIO", fd, (unsigned)number, args[2]) < 0) {
        return VALUE_NULL;
    }
    Value argument = args[2];
    if (value_is_present(argument) && !int_check(argument) &&
        (str_check(argument) || object_has_buffer(argument))) {
        if (mutate && !str_check(argument)) {
            if (object_get_buffer(argument, &view, PyBUF_WRITABLE) == 0) {
                return ioctl_in_place(fd, number, &view);
            }
            error_clear(); /* read-only: a copy will do */
        }
        return ioctl_bytes(fd, number, argument);
    }
    int64_t value = 0;
    if (value_is_present(argument)) {
        Value index = object_index(argument);
        if (value_is_null(index)) {
            return VALUE_NULL;
        }
        value = (int64_t)int_to_u64_mask(index);
    }
    int result = DETACHED(ioctl(fd, number, value));
    return result < 0 ? error_from_errno(NULL) : value_from_int(result);
}

static Value do_flock(Value self, const Value *args)
{
    int fd, operation;
    bool raised;
    if (fd_convert(args[0], &fd) < 0 || arg_int(args[1], &operation) < 0 ||
        sys_audit_values("fcntl.flock", "ii", fd, operation) < 0) {
        return VALUE_NULL;
    }
    if (RETRIED(flock(fd, operation), raised) < 0) {
        return raised ? VALUE_NULL : error_from_errno(NULL);
    }
    return VALUE_NONE;
}

static Value do_lockf(Value self, const Value *args)
{
    int fd, operation, whence;
    int64_t length = 0, start = 0;
    bool raised;
    struct flock lock = {0};
    if (fd_convert(args[0], &fd) < 0 || arg_int(args[1], &operation) < 0 ||
        (value_is_present(args[2]) && arg_i64(args[2], &length) < 0) ||
        (value_is_present(args[3]) && arg_i64(args[3], &start) < 0) ||
        int_argument(args[4], 0, &whence) < 0 ||
        sys_audit_values("fcntl.lockf", "iiOOi", fd, operation, args[2], args[3], whence) < 0) {
        return VALUE_NULL;
    }
    if (operation == LOCK_UN) {
        lock.l_type = F_UNLCK;
    } else if (operation & LOCK_SH) {
        lock.l_type = F_RDLCK;
    } else if (operation & LOCK_EX) {
        lock.l_type = F_WRLCK;
    } else {
        return error_raise(PyExc_ValueError, "unrecognized lockf argument");
    }
    lock.l_start = start;
    lock.l_len = length;
    lock.l_whence = (short)whence;
    int command = operation & LOCK_NB ? F_SETLK : F_SETLKW;
    if (RETRIED(fcntl(fd, command, &lock), raised) < 0) {
        return raised ? VALUE_NULL : error_from_errno(NULL);
    }
    return VALUE_NONE;
}

static const struct native_def functions[] = {
    {"fcntl", "($module, fd, cmd, arg=0, /)", "Performs an fcntl operation on a descriptor.",
     .n = do_fcntl},
    {"ioctl", "($module, fd, request, arg=0, mutate_flag=True, /)",
     "Performs an ioctl operation on a descriptor.", .n = do_ioctl},
    {"flock", "($module, fd, operation, /)", "Locks or unlocks a whole file.", .n = do_flock},
    {"lockf", "($module, fd, cmd, len=0, start=0, whence=0, /)",
     "Locks or unlocks a part of a file.", .n = do_lockf},
    {NULL},
};

#define ROW(name)                                                                                  \
    {                                                                                              \
#name, name                                                                                \
    }
static const struct {
    const char *name;
    int64_t value;
} constants[] = {
    ROW(DN_ACCESS),    ROW(DN_ATTRIB),       ROW(DN_CREATE),   ROW(DN_DELETE),   ROW(DN_MODIFY),
    ROW(DN_MULTISHOT), ROW(DN_RENAME),       ROW(FASYNC),      ROW(FD_CLOEXEC),  ROW(F_ADD_SEALS),
    ROW(F_DUPFD),      ROW(F_DUPFD_CLOEXEC), ROW(F_EXLCK),     ROW(F_GETFD),     ROW(F_GETFL),
    ROW(F_GETLEASE),   ROW(F_GETLK),         ROW(F_GETLK64),   ROW(F_GETOWN),    ROW(F_GETPIPE_SZ),
    ROW(F_GETSIG),     ROW(F_GET_SEALS),     ROW(F_NOTIFY),    ROW(F_OFD_GETLK), ROW(F_OFD_SETLK),
    ROW(F_OFD_SETLKW), ROW(F_RDLCK),         ROW(F_SEAL_GROW), ROW(F_SEAL_SEAL), ROW(F_SEAL_SHRINK),
    ROW(F_SEAL_WRITE), ROW(F_SETFD),         ROW(F_SETFL),     ROW(F_SETLEASE),  ROW(F_SETLK),
    ROW(F_SETLK64),    ROW(F_SETLKW),        ROW(F_SETLKW64),  ROW(F_SETOWN),    ROW(F_SETPIPE_SZ),
    ROW(F_SETSIG),     ROW(F_SHLCK),         ROW(F_UNLCK),     ROW(F_WRLCK),     ROW(LOCK_EX),
    ROW(LOCK_MAND),    ROW(LOCK_NB),         ROW(LOCK_READ),   ROW(LOCK_RW),     ROW(LOCK_SH),
    ROW(LOCK_UN),      ROW(LOCK_WRITE),
};

static int exec(PyObject *module)
{
    for (size_t i = 0; i < sizeof constants / sizeof constants[0]; i++) {
        if (module_add_int(module, constants[i].name, constants[i].value) < 0) {
            return -1;
        }
    }
    return 0;
}

const struct module_def fcntl_module = {.name = "fcntl",
                                        .doc =
                                            "Operations on file descriptors: fcntl() and ioctl().",
                                        .functions = functions,
                                        .exec = exec};
