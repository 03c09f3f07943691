/* SPDX-License-Identifier: MIT */
/* _posixsubprocess: fork_exec, what subprocess starts programs with.
 *
 * Without a preexec_fn the child is made by vfork: it borrows this thread's memory until it execs,
 * so between the two it calls nothing but async-signal-safe functions on memory prepared before.
 * The thread is detached meanwhile; other threads go on. With a preexec_fn the child is a real
 * fork, in which Python code runs. Failures are reported through a pipe, in the form that
 * subprocess.py reads: "OSError:<errno in hex>:<what>". */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "module/posix_int.h"
#include "module/posix_spawn.h"
#include "object/bytes.h"
#include "object/int.h"
#include "object/list.h"
#include "object/native.h"
#include "object/str.h"
#include "thread/thread.h"

enum { MOST_GROUPS = 65536 };

struct child {
    char **arguments, **environment, **executables; /* NULL-terminated; environment may be NULL */
    const char *directory;                          /* or NULL */
    int stdin_read, stdin_write, stdout_read, stdout_write, stderr_read, stderr_write;
    int error_read, error_write;
    bool close_fds, restore_signals, new_session, has_gid, has_groups, has_uid;
    int umask; /* -1: unchanged */
    pid_t group;
    gid_t gid, *groups;
    uid_t uid;
    size_t group_count;
    int *keep; /* descriptors to keep, ascending */
    size_t keep_count;
    Value preexec; /* or None */
};

/* ---- In the child: async-signal-safe (but for preexec). */

static int set_inheritable(int fd)
{
    int flags = fcntl(fd, F_GETFD);
    return flags < 0 || ((flags & FD_CLOEXEC) != 0 && fcntl(fd, F_SETFD, flags & ~FD_CLOEXEC) < 0)
               ? -1
               : 0;
}

/* Makes `from` the descriptor `to`. */
static int redirect(int from, int to)
{
    if (from == to) {
        return set_inheritable(to);
    }
    return from < 0 ? 0 : dup2(from, to) < 0 ? -1 : 0;
}

static bool is_kept(const struct child *c, int fd)
{
    for (size_t i = 0; i < c->keep_count; i++) {
        if (c->keep[i] == fd) {
            return true;
        }
    }
    return false;
}

static void close_others(const struct child *c)
{
    int start = 3;
    for (size_t i = 0; i <= c->keep_count; i++) {
        unsigned end = i < c->keep_count ? (unsigned)c->keep[i] : ~0U;
        if (end > (unsigned)start || i == c->keep_count) {
            if (syscall(SYS_close_range, (unsigned)start, end - (i < c->keep_count), 0) < 0) {
                long most = sysconf(_SC_OPEN_MAX);
                for (int fd = start; fd < most && (unsigned)fd < end; fd++) {
                    if (!is_kept(c, fd)) {
                        close(fd);
                    }
                }
            }
        }
        start = i < c->keep_count && c->keep[i] >= start ? c->keep[i] + 1 : start;
    }
}

/* Gives the three standard streams their descriptors without overwriting one that is still needed.
 */
static int arrange_streams(struct child *c)
{
    if (c->stdout_write == 0 && (c->stdout_write = dup(c->stdout_write)) < 0) {
        return -1;
    }
    while (c->stderr_write == 0 || c->stderr_write == 1) {
        if ((c->stderr_write = dup(c->stderr_write)) < 0) {
            return -1;
        }
    }
    return redirect(c->stdin_read, 0) < 0 || redirect(c->stdout_write, 1) < 0
               ? -1
               : redirect(c->stderr_write, 2);
}

static int prepare(struct child *c, const char **what)
{
    *what = "noexec"; /* until everything is done */
    for (size_t i = 0; i < c->keep_count; i++) {
        if (c->keep[i] != c->error_write && set_inheritable(c->keep[i]) < 0) {
            return -1;
        }
    }
    const int parent_ends[] = {c->stdin_write, c->stdout_read, c->stderr_read, c->error_read};
    for (size_t i = 0; i < 4; i++) {
        if (parent_ends[i] >= 0) {
            close(parent_ends[i]);
        }
    }
    if (arrange_streams(c) < 0) {
        return -1;
    }
    if (c->directory != NULL && chdir(c->directory) < 0) {
        return -1;
    }
    if (c->umask >= 0) {
        umask((mode_t)c->umask);
    }
    if (c->restore_signals) {
        signal(SIGPIPE, SIG_DFL);
        signal(SIGXFSZ, SIG_DFL);
    }
    if ((c->new_session && setsid() < 0) || (c->group >= 0 && setpgid(0, c->group) < 0) ||
        (c->has_groups && setgroups(c->group_count, c->groups) < 0) ||
        (c->has_gid && setregid(c->gid, c->gid) < 0) ||
        (c->has_uid && setreuid(c->uid, c->uid) < 0)) {
        return -1;
    }
    *what = "";
    return 0;
}

static void report(int fd, const char *kind, int error, const char *what)
{
    char text[128], digits[16];
    size_t n = 0, count = 0;
    for (const char *p = kind; *p != 0; p++) {
        text[n++] = *p;
    }
    text[n++] = ':';
    for (unsigned e = (unsigned)error; e > 0; e >>= 4) {
        digits[count++] = "0123456789ABCDEF"[e & 15];
    }
    while (count > 0) {
        text[n++] = digits[--count];
    }
    text[n++] = ':';
    for (const char *p = what; *p != 0 && n < sizeof text; p++) {
        text[n++] = *p;
    }
    ssize_t written = write(fd, text, n);
    (void)written;
}

NO_RETURN static void run_child(struct child *c)
{
    const char *what;
    int error;
    if (prepare(c, &what) == 0) {
        if (!value_is_none(c->preexec)) {
            if (value_is_null(object_call0(c->preexec))) {
                report(c->error_write, "SubprocessError", 0, "Exception occurred in preexec_fn.");
                _exit(255);
            }
        }
        if (c->close_fds) {
            close_others(c);
        }
        error = 0;
        for (char **path = c->executables; *path != NULL; path++) {
            if (c->environment != NULL) {
                execve(*path, c->arguments, c->environment);
            } else {
                execv(*path, c->arguments);
            }
            if (errno != ENOENT && errno != ENOTDIR && error == 0) {
                error = errno;
            }
        }
        error = error != 0 ? error : errno;
        what = "";
    } else {
        error = errno;
    }
    report(c->error_write, "OSError", error, what);
    _exit(255);
}

/* ---- In the parent */

static pid_t start_by_vfork(struct child *c)
{
    sigset_t all, old;
    sigfillset(&all);
    thread_detach();
    pthread_sigmask(SIG_BLOCK, &all, &old);
    pid_t pid = vfork();
    if (pid == 0) {
        /* Handlers of the parent must not run here: caught signals go back to their defaults. */
        for (int number = 1; number < 64; number++) {
            struct sigaction action;
            if (sigaction(number, NULL, &action) == 0 && action.sa_handler != SIG_DFL &&
                action.sa_handler != SIG_IGN) {
                action = (struct sigaction){.sa_handler = SIG_DFL};
                sigaction(number, &action, NULL);
            }
        }
        pthread_sigmask(SIG_SETMASK, &old, NULL);
        run_child(c);
    }
    int error = errno;
    pthread_sigmask(SIG_SETMASK, &old, NULL);
    thread_reattach();
    errno = error;
    return pid;
}

static pid_t start_by_fork(struct child *c)
{
    posix_prepare_fork();
    pid_t pid = fork();
    if (pid == 0) {
        posix_continue_child();
        run_child(c);
    }
    int error = errno;
    posix_continue_parent();
    errno = error;
    return pid;
}

/* ---- Arguments */

static int read_fds(Value v, struct child *c)
{
    if (!tuple_check(v)) {
        return error_raise_int(PyExc_TypeError, "fds_to_keep must be a tuple");
    }
    PyObject *t = value_object(v);
    c->keep_count = (size_t)tuple_length(t);
    c->keep = heap_alloc((c->keep_count + 1) * sizeof *c->keep, CELL_RAW);
    if (c->keep == NULL) {
        error_no_memory();
        return -1;
    }
    for (size_t i = 0; i < c->keep_count; i++) {
        if (!int_check(tuple_get(t, (Py_ssize_t)i)) ||
            arg_int(tuple_get(t, (Py_ssize_t)i), &c->keep[i]) < 0 || c->keep[i] < 0 ||
            (i > 0 && c->keep[i] <= c->keep[i - 1])) {
            error_clear();
            return error_raise_int(PyExc_ValueError, "bad value(s) in fds_to_keep");
        }
    }
    return 0;
}

static int read_groups(Value v, struct child *c)
{
    if (value_is_none(v)) {
        return 0;
    }
    PyObject *list = list_check(v) ? value_object(v) : NULL;
    if (list == NULL) {
        return error_raise_int(PyExc_TypeError, "setgroups argument must be a sequence");
    }
    c->has_groups = true;
    c->group_count = (size_t)list_length(list);
    if (c->group_count > MOST_GROUPS) {
        return error_raise_int(PyExc_ValueError, "too many groups");
    }
    c->groups = heap_alloc((c->group_count + 1) * sizeof *c->groups, CELL_RAW);
    for (size_t i = 0; c->groups != NULL && i < c->group_count; i++) {
        int n;
        if (arg_int(list_find(list, (Py_ssize_t)i), &n) < 0) {
            return -1;
        }
        c->groups[i] = (gid_t)n;
    }
    return 0;
}

static int read_id(Value v, bool *has, unsigned *out)
{
    int n;
    *has = !value_is_none(v);
    if (*has) {
        if (arg_int(v, &n) < 0) {
            return -1;
        }
        *out = (unsigned)n;
    }
    return 0;
}

enum {
    ARGUMENTS,
    EXECUTABLES,
    CLOSE_FDS,
    KEEP,
    DIRECTORY,
    ENVIRONMENT,
    FIRST_FD,
    RESTORE = 14,
    NEW_SESSION,
    GROUP,
    GID,
    GROUPS,
    UID,
    UMASK,
    PREEXEC,
    ALLOW_VFORK,
    COUNT
};

static int read_numbers(const Value *args, struct child *c)
{
    int *const fds[8] = {&c->stdin_read,  &c->stdin_write,  &c->stdout_read, &c->stdout_write,
                         &c->stderr_read, &c->stderr_write, &c->error_read,  &c->error_write};
    for (int i = 0; i < 8; i++) {
        if (arg_int(args[FIRST_FD + i], fds[i]) < 0) {
            return -1;
        }
    }
    int group;
    if (arg_bool(args[CLOSE_FDS], &c->close_fds) < 0 ||
        arg_bool(args[RESTORE], &c->restore_signals) < 0 ||
        arg_bool(args[NEW_SESSION], &c->new_session) < 0 || arg_int(args[GROUP], &group) < 0 ||
        arg_int(args[UMASK], &c->umask) < 0 || read_groups(args[GROUPS], c) < 0 ||
        read_id(args[GID], &c->has_gid, &c->gid) < 0 ||
        read_id(args[UID], &c->has_uid, &c->uid) < 0) {
        return -1;
    }
    c->group = group;
    if (c->close_fds && c->error_write < 3) {
        return error_raise_int(PyExc_ValueError, "errpipe_write must be >= 3");
    }
    return read_fds(args[KEEP], c);
}

static PyObject *as_filename(Value v)
{
    struct path p;
    Value path = path_fspath(v);
    return value_is_null(path) || path_convert(path, NULL, NULL, PATH_PLAIN, &p) < 0 ? NULL
                                                                                     : p.encoded;
}

static Value fork_exec(Value self, const Value *args, size_t nargs, PyObject *kwnames)
{
    struct child c = {0};
    struct string_vector arguments = {0}, executables = {0}, environment = {0};
    PyObject *directory = NULL;
    if (native_no_keywords("fork_exec", kwnames) < 0 ||
        native_check_positional("fork_exec", CALL_NARGS(nargs), COUNT, COUNT) < 0 ||
        read_numbers(args, &c) < 0) {
        return VALUE_NULL;
    }
    PyObject *list = object_to_list(args[ARGUMENTS]);
    if (list == NULL ||
        vector_from_sequence(value_from_object(list), "fork_exec", &arguments) < 0 ||
        vector_from_sequence(args[EXECUTABLES], "fork_exec", &executables) < 0 ||
        (!value_is_none(args[ENVIRONMENT]) &&
         vector_from_sequence(args[ENVIRONMENT], "fork_exec", &environment) < 0)) {
        return VALUE_NULL;
    }
    if (!value_is_none(args[DIRECTORY])) {
        directory = as_filename(args[DIRECTORY]);
        if (directory == NULL) {
            return VALUE_NULL;
        }
    }
    c.arguments = arguments.strings;
    c.executables = executables.strings;
    c.environment = value_is_none(args[ENVIRONMENT]) ? NULL : environment.strings;
    c.directory = directory == NULL ? NULL : bytes_data(directory);
    c.preexec = args[PREEXEC];
    bool plain = value_is_none(c.preexec) && !c.has_uid && !c.has_gid && !c.has_groups;
    pid_t pid = plain ? start_by_vfork(&c) : start_by_fork(&c);
    return pid < 0 ? error_from_errno(NULL) : value_from_int(pid);
}

static const struct native_def functions[] = {
    {"fork_exec", NULL, "Forks and executes a program in the child.", .raw = fork_exec},
    {NULL},
};

const struct module_def posixsubprocess_module = {
    .name = "_posixsubprocess",
    .doc = "Starts programs for subprocess.",
    .functions = functions,
};
