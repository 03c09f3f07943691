/* SPDX-License-Identifier: MIT */
/* What the files of the posix module share: path arguments and system calls that may block. */
#ifndef OROCHI_MODULE_POSIX_INT_H
#define OROCHI_MODULE_POSIX_INT_H

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "module/sys.h"
#include "object/bytes.h"
#include "object/dict.h"
#include "object/exception.h"
#include "object/float.h"
#include "object/int.h"
#include "object/list.h"
#include "object/native.h"
#include "object/str.h"
#include "object/structseq.h"
#include "thread/thread.h"

/* A path argument: text to pass to the system, or a descriptor. Lives on the C stack. */
struct path {
    Value object;      /* as given; for error messages and results */
    PyObject *encoded; /* bytes that hold the text */
    const char *text;  /* NULL if it is a descriptor, or None */
    int fd;            /* -1 if it is text */
    bool is_bytes;     /* given as bytes: results are bytes too */
};
enum path_flags { PATH_PLAIN = 0, PATH_FD = 1, PATH_NONE = 2 };
/* 0, or -1 with TypeError or ValueError in the words of os functions. */
int path_convert(Value v, const char *function, const char *argument, int flags, struct path *out);
/* os.fspath(v): str or bytes. */
Value path_fspath(Value v);
/* OSError from errno with the path(s). Returns VALUE_NULL. */
Value path_error(const struct path *p);
Value path_error2(const struct path *p, const struct path *q);
/* The dir_fd argument: ABSENT and None are AT_FDCWD. */
int dir_fd_convert(Value v, int *out);
int fd_convert(Value v, int *out); /* an int or an object with fileno() */
int uid_convert(Value v, uid_t *out);
Value uid_to_value(uid_t id);
/* A directory entry's name as the kind of string the path was given as. */
Value path_result(const struct path *p, const char *name, size_t length);
/* bool argument with a default. -1 on error. */
int flag_argument(Value v, bool fallback);
int int_argument(Value v, int fallback, int *out);

/* After a system call failed: 1 try again (it was interrupted by a signal whose handler returned),
 * 0 errno is the error, -1 a handler raised. */
int call_interrupted(void);

/* Runs a system call with the thread detached; errno survives. */
#define DETACHED(call)                                                                             \
    __extension__({                                                                                \
        thread_detach();                                                                           \
        __auto_type result_ = (call);                                                              \
        int errno_ = errno;                                                                        \
        thread_reattach();                                                                         \
        errno = errno_;                                                                            \
        result_;                                                                                   \
    })
/* The same, again and again while signals interrupt it. On -1 `raised` says whether an exception
 * from a signal handler is set. */
#define RETRIED(call, raised)                                                                      \
    __extension__({                                                                                \
        __auto_type value_ = DETACHED(call);                                                       \
        int again_ = 0;                                                                            \
        while (value_ < 0 && (again_ = call_interrupted()) > 0) {                                  \
            value_ = DETACHED(call);                                                               \
        }                                                                                          \
        (raised) = value_ < 0 && again_ < 0;                                                       \
        value_;                                                                                    \
    })

Value posix_none_or_error(int result);  /* None, or OSError from errno */
int posix_stat_types(PyObject *module); /* posix_stat.c: stat_result and statvfs_result */
Value posix_stat_value(const struct stat *s);
extern PyTypeObject dir_entry_type;
int posix_terminal_type(PyObject *module); /* terminal_size */
int posix_scandir_types(PyObject *module);
int posix_system_types(PyObject *module); /* uname_result */
int posix_process_types(PyObject *module);
int posix_add_constants(PyObject *module);

/* Function tables of the files; each ends with a NULL name. */
extern const struct native_def posix_file_functions[];
extern const struct native_def posix_fd_functions[];
extern const struct native_def posix_stat_functions[];
extern const struct native_def posix_scandir_functions[];
extern const struct native_def posix_process_functions[];
extern const struct native_def posix_spawn_functions[];
extern const struct native_def posix_ids_functions[];
extern const struct native_def posix_system_functions[];

#endif
