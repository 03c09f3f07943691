/* SPDX-License-Identifier: MIT */
/* The faulthandler module: writes the Python stacks of all threads to a file descriptor, from
 * signal handlers too. So the dump takes no lock, allocates nothing and uses only write(). It walks
 * the frames of threads that may be running: a stack that changes meanwhile shows a wrong line at
 * worst, since code objects that were on it are still readable memory. */
#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <time.h>
#include <unistd.h>

#include "base/os.h"
#include "module/import.h"
#include "module/sys.h"
#include "module/thread_int.h"
#include "object/int.h"
#include "object/str.h"
#include "vm/frame.h"

#define FRAMES_MAX 100
#define THREADS_MAX 100
#define TEXT_MAX 500

struct fatal_signal {
    int number;
    const char *description;
    struct sigaction previous;
};
static struct fatal_signal fatal_signals[] = {
    {SIGBUS, "Bus error", {{0}}},
    {SIGILL, "Illegal instruction", {{0}}},
    {SIGFPE, "Floating point exception", {{0}}},
    {SIGABRT, "Aborted", {{0}}},
    {SIGSEGV, "Segmentation fault", {{0}}},
};
#define FATAL_COUNT (sizeof fatal_signals / sizeof *fatal_signals)

static bool enabled, all_threads = true; /* set while no handler is installed */
static int enabled_fd = 2;
static PyObject *enabled_file; /* kept open */

HOLDS_NO_CELLS static struct {
    bool on, all_threads, chain;
    int fd;
    struct sigaction previous;
} user_signals[65];
static PyObject *user_files[65];

/* The watchdog of dump_traceback_later. Under `lock`, which only these functions take. */
static struct {
    pthread_mutex_t lock;
    pthread_cond_t changed;
    bool armed, repeat, exit;
    uint64_t turn; /* changes with every arming and cancelling */
    int64_t timeout_ns;
    int fd;
    char heading[64];
    PyObject *file;
} later = {.lock = PTHREAD_MUTEX_INITIALIZER, .changed = PTHREAD_COND_INITIALIZER};

/* ---- Writing. Async-signal-safe. */

static void put(int fd, const char *text)
{
    size_t n = strlen(text);
    if (write(fd, text, n) < 0) {
        return;
    }
}

static void put_number(int fd, uint64_t n, unsigned base, int width)
{
    char digits[24];
    int i = sizeof digits;
    digits[--i] = 0;
    do {
        digits[--i] = "0123456789abcdef"[n % base];
        n /= base;
        width--;
    } while (n != 0 || width > 0);
    put(fd, digits + i);
}

static void put_str(int fd, PyObject *s)
{
    if (s == NULL) {
        put(fd, "???");
        return;
    }
    Py_ssize_t n = str_length(s);
    for (Py_ssize_t i = 0; i < n && i < TEXT_MAX; i++) {
        Py_UCS4 c = str_at(s, i);
        char text[2] = {(char)c, 0};
        if (c >= ' ' && c < 0x7F) {
            put(fd, text);
        } else {
            put(fd, c < 0x100 ? "\\x" : c < 0x10000 ? "\\u" : "\\U");
            put_number(fd, c, 16, c < 0x100 ? 2 : c < 0x10000 ? 4 : 8);
        }
    }
    if (n > TEXT_MAX) {
        put(fd, "...");
    }
}

static void put_frames(int fd, struct thread *t)
{
    unsigned count = 0;
    struct frame *f = atomic_load_relaxed(&t->frame);
    if (f == NULL) {
        put(fd, "  <no Python frame>\n");
    }
    for (; f != NULL; f = frame_previous(t, f)) {
        if (count++ == FRAMES_MAX) {
            put(fd, "  ...\n");
            return;
        }
        const struct code *code = atomic_load_relaxed(&f->code);
        size_t index = (size_t)(atomic_load_relaxed(&f->pc) - code->instructions);
        put(fd, "  File \"");
        put_str(fd, code->base.co_filename);
        put(fd, "\", line ");
        /* Not code_line, which allocates: here may be no thread, or a signal handler. */
        int line = index < code->count ? code_position(code, (uint32_t)index).line : -1;
        put_number(fd, line > 0 ? (uint64_t)line : 0, 10, 1);
        put(fd, " in ");
        put_str(fd, code->base.co_name);
        put(fd, "\n");
    }
}

static void put_thread(int fd, struct thread *t, bool current)
{
    put(fd, current ? "Current thread 0x" : "Thread 0x");
    put_number(fd, t->state.thread_id, 16, 16);
    put(fd, " (most recent call first):\n");
    put_frames(fd, t);
}

struct dump {
    int fd;
    unsigned count;
    struct thread *current;
};

static void dump_thread(struct thread *t, void *argument)
{
    struct dump *dump = argument;
    if (dump->count++ > 0) {
        put(dump->fd, "\n");
    }
    if (dump->count <= THREADS_MAX) {
        put_thread(dump->fd, t, t == dump->current);
    }
}

static void dump_all(int fd, struct thread *current)
{
    struct dump dump = {.fd = fd, .current = current};
    thread_for_each_unlocked(dump_thread, &dump);
}

static void dump_current(int fd)
{
    struct thread *t = thread_current();
    put(fd, "Stack (most recent call first):\n");
    if (t != NULL) {
        put_frames(fd, t);
    }
}

static void dump_as_wanted(int fd, bool all)
{
    if (all) {
        dump_all(fd, thread_current());
    } else {
        dump_current(fd);
    }
}

/* ---- Fatal signals. */

static void disable_handlers(void)
{
    if (enabled) {
        enabled = false;
        for (size_t i = 0; i < FATAL_COUNT; i++) {
            sigaction(fatal_signals[i].number, &fatal_signals[i].previous, NULL);
        }
    }
}

static void handle_fatal(int number)
{
    int saved = errno, fd = enabled_fd;
    const char *description = "unknown";
    for (size_t i = 0; i < FATAL_COUNT; i++) {
        if (fatal_signals[i].number == number) {
            description = fatal_signals[i].description;
            sigaction(number, &fatal_signals[i].previous, NULL);
        }
    }
    put(fd, "Fatal Python error: ");
    put(fd, description);
    put(fd, "\n\n");
    dump_as_wanted(fd, all_threads);
    errno = saved;
    raise(number);
}

static int enable_handlers(int fd, bool all)
{
    disable_handlers();
    enabled_fd = fd;
    all_threads = all;
    struct sigaction action;
    memset(&action, 0, sizeof action);
    action.sa_handler = handle_fatal;
    action.sa_flags = SA_NODEFER | SA_ONSTACK;
    for (size_t i = 0; i < FATAL_COUNT; i++) {
        if (sigaction(fatal_signals[i].number, &action, &fatal_signals[i].previous) < 0) {
            error_from_errno(NULL);
            return -1;
        }
    }
    enabled = true;
    return 0;
}

/* ---- Arguments. */

/* The descriptor of a file argument: an integer, an object with fileno(), or sys.stderr. */
static int arg_file(Value file, int *fd, PyObject **keep)
{
    *keep = NULL;
    if (value_is_absent(file) || value_is_none(file)) {
        file = sys_get("stderr");
        if (!value_is_present(file)) {
            return error_raise_int(PyExc_RuntimeError, "unable to get sys.stderr");
        }
        if (value_is_none(file)) {
            return error_raise_int(PyExc_RuntimeError, "sys.stderr is None");
        }
    } else if (int_check(file)) {
        if (arg_int(file, fd) < 0) {
            return -1;
        }
        return *fd >= 0 ? 0
                        : error_raise_int(PyExc_ValueError, "file is not a valid file descripter");
    }
    Value number = object_call_method0(file, names.fileno);
    if (value_is_null(number)) {
        return -1;
    }
    if (!int_check(number) || arg_int(number, fd) < 0 || *fd < 0) {
        error_clear();
        return error_raise_int(PyExc_RuntimeError, "file.fileno() is not a valid file descriptor");
    }
    if (value_is_null(object_call_method0(file, names.flush))) {
        error_clear();
    }
    *keep = value_object(file);
    return 0;
}

static int arg_flag(Value v, bool fallback, bool *out)
{
    int number;
    *out = fallback;
    if (!value_is_absent(v)) {
        if (arg_int(v, &number) < 0) {
            return -1;
        }
        *out = number != 0;
    }
    return 0;
}

/* ---- Functions. */

static Value fault_enable(Value self, const Value *args)
{
    int fd;
    bool all;
    PyObject *file;
    if (arg_flag(args[1], true, &all) < 0 || arg_file(args[0], &fd, &file) < 0 ||
        enable_handlers(fd, all) < 0) {
        return VALUE_NULL;
    }
    enabled_file = file;
    return VALUE_NONE;
}

static Value fault_disable(Value self)
{
    bool was = enabled;
    disable_handlers();
    enabled_file = NULL;
    return value_from_bool(was);
}

static Value fault_is_enabled(Value self)
{
    return value_from_bool(enabled);
}

static Value fault_dump(Value self, const Value *args)
{
    int fd;
    bool all;
    PyObject *file;
    if (arg_flag(args[1], true, &all) < 0 || arg_file(args[0], &fd, &file) < 0) {
        return VALUE_NULL;
    }
    dump_as_wanted(fd, all);
    return VALUE_NONE;
}

static void *watch(void *unused)
{
    (void)unused;
    pthread_mutex_lock(&later.lock);
    uint64_t turn = later.turn;
    while (later.armed && later.turn == turn) {
        struct timespec until;
        clock_gettime(CLOCK_REALTIME, &until);
        int64_t ns = until.tv_nsec + later.timeout_ns % 1000000000;
        until.tv_sec += later.timeout_ns / 1000000000 + ns / 1000000000;
        until.tv_nsec = ns % 1000000000;
        if (pthread_cond_timedwait(&later.changed, &later.lock, &until) != ETIMEDOUT ||
            later.turn != turn) {
            continue;
        }
        put(later.fd, later.heading);
        dump_all(later.fd, NULL);
        if (later.exit) {
            _exit(1);
        }
        later.armed = later.repeat;
    }
    pthread_mutex_unlock(&later.lock);
    return NULL;
}

static void set_heading(int64_t ns)
{
    int64_t us = ns / 1000 % 1000000, seconds = ns / 1000000000;
    size_t n =
        (size_t)snprintf(later.heading, sizeof later.heading, "Timeout (%d:%02d:%02d",
                         (int)(seconds / 3600), (int)(seconds / 60 % 60), (int)(seconds % 60));
    snprintf(later.heading + n, sizeof later.heading - n, us != 0 ? ".%06d)!\n" : ")!\n", (int)us);
}

static Value fault_later(Value self, const Value *args)
{
    int fd;
    bool repeat, leave;
    PyObject *file;
    int64_t timeout;
    if (thread_timeout(args[0], &timeout) < 0 || arg_flag(args[1], false, &repeat) < 0 ||
        arg_flag(args[3], false, &leave) < 0) {
        return VALUE_NULL;
    }
    if (timeout <= 0) {
        return error_raise(PyExc_ValueError, "timeout must be greater than 0");
    }
    if (arg_file(args[2], &fd, &file) < 0) {
        return VALUE_NULL;
    }
    pthread_mutex_lock(&later.lock);
    later.turn++;
    later.armed = true;
    later.repeat = repeat;
    later.exit = leave;
    later.fd = fd;
    later.file = file;
    later.timeout_ns = timeout;
    set_heading(timeout);
    pthread_cond_broadcast(&later.changed);
    pthread_t handle;
    sigset_t all, old;
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &old);
    int error = pthread_create(&handle, NULL, watch, NULL);
    pthread_sigmask(SIG_SETMASK, &old, NULL);
    if (error == 0) {
        pthread_detach(handle);
    } else {
        later.armed = false;
    }
    pthread_mutex_unlock(&later.lock);
    return error == 0 ? VALUE_NONE
                      : error_raise(PyExc_RuntimeError, "unable to start watchdog thread");
}

static Value fault_cancel(Value self)
{
    pthread_mutex_lock(&later.lock);
    later.turn++;
    later.armed = false;
    later.file = NULL;
    pthread_cond_broadcast(&later.changed);
    pthread_mutex_unlock(&later.lock);
    return VALUE_NONE;
}

/* ---- Signals that the program chooses. */

static void handle_user(int number)
{
    int saved = errno;
    dump_as_wanted(user_signals[number].fd, user_signals[number].all_threads);
    if (user_signals[number].chain) {
        struct sigaction own;
        sigaction(number, &user_signals[number].previous, &own);
        raise(number);
        sigaction(number, &own, NULL);
    }
    errno = saved;
}

static int arg_user_signal(Value v, int *number)
{
    if (arg_int(v, number) < 0) {
        return -1;
    }
    for (size_t i = 0; i < FATAL_COUNT; i++) {
        if (fatal_signals[i].number == *number) {
            return error_raise_int(PyExc_RuntimeError,
                                   "signal %d cannot be registered, use enable() instead", *number);
        }
    }
    if (*number < 1 || *number > 64) {
        return error_raise_int(PyExc_ValueError, "signal number out of range");
    }
    return 0;
}

static Value fault_register(Value self, const Value *args)
{
    int number, fd;
    bool all, chain;
    PyObject *file;
    if (arg_user_signal(args[0], &number) < 0 || arg_flag(args[2], true, &all) < 0 ||
        arg_flag(args[3], false, &chain) < 0 || arg_file(args[1], &fd, &file) < 0) {
        return VALUE_NULL;
    }
    user_signals[number].fd = fd;
    user_signals[number].all_threads = all;
    user_signals[number].chain = chain;
    user_files[number] = file;
    struct sigaction action;
    memset(&action, 0, sizeof action);
    action.sa_handler = handle_user;
    action.sa_flags = SA_RESTART | SA_ONSTACK | (chain ? SA_NODEFER : 0);
    if (!user_signals[number].on) {
        if (sigaction(number, &action, &user_signals[number].previous) < 0) {
            return error_from_errno(NULL);
        }
        user_signals[number].on = true;
    }
    return VALUE_NONE;
}

static Value fault_unregister(Value self, Value argument)
{
    int number;
    if (arg_user_signal(argument, &number) < 0) {
        return VALUE_NULL;
    }
    bool was = user_signals[number].on;
    if (was) {
        sigaction(number, &user_signals[number].previous, NULL);
        user_signals[number].on = false;
        user_files[number] = NULL;
    }
    return value_from_bool(was);
}

/* ---- Ways to die, for tests. */

static void no_core(void)
{
    struct rlimit none = {0, 0};
    setrlimit(RLIMIT_CORE, &none);
}

static Value die(int number)
{
    no_core();
    for (int i = 0; i < 100; i++) {
        raise(number);
    }
    return VALUE_NONE;
}

static Value fault_abort(Value self)
{
    return die(SIGABRT);
}
static Value fault_fpe(Value self)
{
    return die(SIGFPE);
}
static Value fault_segv(Value self, const Value *args)
{
    return die(SIGSEGV);
}

static Value fault_read_null(Value self, const Value *args)
{
    static volatile int *volatile nothing;
    no_core();
    return value_from_int(*nothing);
}

static const struct native_def fault_functions[] = {
    {"_read_null", "($module, release_gil=False, /)", "Reads from address 0.",
     .n = fault_read_null},
    {"_sigabrt", "($module, /)", "Raises SIGABRT.", .f0 = fault_abort},
    {"_sigfpe", "($module, /)", "Raises SIGFPE.", .f0 = fault_fpe},
    {"_sigsegv", "($module, release_gil=False, /)", "Raises SIGSEGV.", .n = fault_segv},
    {"cancel_dump_traceback_later", "($module, /)", "Forget dump_traceback_later().",
     .f0 = fault_cancel},
    {"disable", "($module, /)", "Take the handlers of fatal signals away.", .f0 = fault_disable},
    {"dump_traceback", "($module, /, file=sys.stderr, all_threads=True)",
     "Write the stacks of this thread or of all.", .n = fault_dump},
    {"dump_traceback_later", "($module, /, timeout, repeat=False, file=sys.stderr, exit=False)",
     "Write the stacks of all threads after a time.", .n = fault_later},
    {"enable", "($module, /, file=sys.stderr, all_threads=True)",
     "Write the stacks when a fatal signal arrives.", .n = fault_enable},
    {"is_enabled", "($module, /)", "Whether fatal signals are handled.", .f0 = fault_is_enabled},
    {"register", "($module, /, signum, file=sys.stderr, all_threads=True, chain=False)",
     "Write the stacks when a signal arrives.", .n = fault_register},
    {"unregister", "($module, signum, /)", "Undo register().", .f1 = fault_unregister},
    {NULL},
};

const struct module_def faulthandler_module = {
    .name = "faulthandler",
    .doc = "Python stacks at fatal signals.",
    .functions = fault_functions,
};
