/* SPDX-License-Identifier: MIT */
/* The _signal module. The C handler only notes the signal, writes to the wake-up descriptor, sets
 * POLL_SIGNAL in the main thread's poll word and wakes that thread if it is parked. The Python
 * handlers run on the main thread at its next safepoint. */
#include "module/signal.h"
#include "module/sys.h"

#include <errno.h>
#include <fcntl.h>
#include <math.h>
#include <pthread.h>
#include <signal.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <unistd.h>

#include "base/os.h"
#include "module/import.h"
#include "module/thread_int.h"
#include "object/dict.h"
#include "object/float.h"
#include "object/int.h"
#include "object/list.h"
#include "object/str.h"
#include "object/structseq.h"
#include "vm/vm.h"

#define SIGNAL_COUNT 65

static uint8_t arrived[SIGNAL_COUNT];    /* atomic */
static uint32_t any_arrived;             /* atomic */
static PyObject *handlers[SIGNAL_COUNT]; /* atomic; callable, int 0 or 1, None, or NULL: unknown */
static int wakeup_fd = -1;               /* atomic */
static bool wakeup_warns = true;         /* main thread */
static int wakeup_error;                 /* atomic: errno of a failed write, reported later */

static PyObject *itimer_error, *int_handler;
static PyTypeObject *siginfo_type;

/* ---- When a signal arrives. Async-signal-safe. */

static void write_wakeup(int number)
{
    int fd = atomic_load_relaxed(&wakeup_fd);
    if (fd >= 0) {
        unsigned char byte = (unsigned char)number;
        ssize_t n;
        do {
            n = write(fd, &byte, 1);
        } while (n < 0 && errno == EINTR);
        if (n < 0 && (wakeup_warns || (errno != EWOULDBLOCK && errno != EAGAIN))) {
            atomic_store_relaxed(&wakeup_error, errno);
            thread_request(thread_main(), POLL_SIGNAL);
        }
    }
}

static void note_arrival(int number)
{
    atomic_store_relaxed(&arrived[number], 1);
    atomic_store_release(&any_arrived, 1);
    thread_request(thread_main(), POLL_SIGNAL);
    write_wakeup(number);
}

static void handle(int number)
{
    int saved = errno;
    note_arrival(number);
    thread_interrupt_park(thread_main());
    errno = saved;
}

int signal_simulate(int number)
{
    if (number < 1 || number >= SIGNAL_COUNT) {
        return -1;
    }
    PyObject *handler = atomic_load_acquire(&handlers[number]);
    /* Signals that nobody handles in Python are not simulated. No wait ends, as under CPython: the
     * threading module may be waiting for a lock that its caller is about to release. */
    if (handler != NULL && !int_check(value_from_object(handler)) && handler != Py_None) {
        note_arrival(number);
    }
    return 0;
}

/* ---- Running the handlers, on the main thread. */

static Value current_frame(void)
{
    PyObject *frame = vm_frame_object(0);
    if (frame == NULL) {
        error_clear();
        return VALUE_NONE;
    }
    return value_from_object(frame);
}

static void report_wakeup_error(void)
{
    int error = atomic_load_relaxed(&wakeup_error);
    if (error != 0) {
        atomic_store_relaxed(&wakeup_error, 0);
        errno = error;
        error_from_errno(NULL);
        error_write_unraisable(VALUE_ABSENT, "when trying to write to the signal wakeup fd");
    }
}

static int run_handler(int number)
{
    PyObject *handler = atomic_load_acquire(&handlers[number]);
    if (handler == NULL || handler == Py_None || int_check(value_from_object(handler))) {
        return 0;
    }
    Value result =
        object_call2(value_from_object(handler), value_from_int(number), current_frame());
    if (value_is_null(result)) {
        atomic_store_release(&any_arrived, 1); /* look at the others next time */
        return -1;
    }
    return 0;
}

static int run_signals(struct thread *t)
{
    report_wakeup_error();
    if (__atomic_exchange_n(&any_arrived, 0, __ATOMIC_ACQ_REL) == 0) {
        return 0;
    }
    for (int i = 1; i < SIGNAL_COUNT; i++) {
        if (__atomic_exchange_n(&arrived[i], 0, __ATOMIC_ACQ_REL) != 0 && run_handler(i) < 0) {
            thread_request(t, POLL_SIGNAL);
            return -1;
        }
    }
    return 0;
}

/* After a system call that may have brought a signal: runs the handlers. */
static int check_signals(void)
{
    struct thread *t = thread_current();
    return thread_is_main() ? thread_safepoint(t) : 0;
}

/* ---- Arguments. */

static int arg_signal(Value v, int *out)
{
    if (arg_int(v, out) < 0) {
        return -1;
    }
    if (*out < 1 || *out >= SIGNAL_COUNT) {
        return error_raise_int(PyExc_ValueError, "signal number out of range");
    }
    return 0;
}

static int arg_signal_set(Value v, sigset_t *set)
{
    sigemptyset(set);
    Value iterator = object_iter(v);
    if (value_is_null(iterator)) {
        return -1;
    }
    for (;;) {
        Value item = object_next(iterator);
        if (value_is_absent(item)) {
            return 0;
        }
        int64_t number;
        if (value_is_null(item)) {
            return -1;
        }
        item = object_index(item);
        if (value_is_null(item) || int_to_i64(item, &number) < 0) {
            return -1;
        }
        if (number < 1 || number >= SIGNAL_COUNT) {
            return error_raise_int(PyExc_ValueError, "signal number %ld out of range [1; %d]",
                                   (long)number, SIGNAL_COUNT - 1);
        }
        sigaddset(set, (int)number);
    }
}

static Value signal_set_value(const sigset_t *set)
{
    PyObject *result = set_new(&PySet_Type, VALUE_ABSENT);
    for (int i = 1; result != NULL && i < SIGNAL_COUNT; i++) {
        if (sigismember(set, i) == 1 && set_add(result, value_from_int(i)) < 0) {
            return VALUE_NULL;
        }
    }
    return value_from_object(result);
}

/* ---- Handlers. */

static Value default_int_handler(Value self, const Value *args, size_t nargs, PyObject *kwnames)
{
    if (native_no_keywords("default_int_handler", kwnames) < 0 ||
        native_check_positional("default_int_handler", nargs, 2, 2) < 0) {
        return VALUE_NULL;
    }
    return error_raise_value(PyExc_KeyboardInterrupt, VALUE_ABSENT);
}

static int install(int number, void (*handler)(int))
{
    struct sigaction action;
    memset(&action, 0, sizeof action);
    action.sa_handler = handler;
    sigemptyset(&action.sa_mask);
    action.sa_flags = SA_ONSTACK; /* system calls are interrupted: PEP 475 retries them */
    return sigaction(number, &action, NULL);
}

static Value set_handler(Value self, const Value *args)
{
    int number;
    int64_t constant = 2;
    if (arg_int(args[0], &number) < 0) {
        return VALUE_NULL;
    }
    if (!thread_is_main()) {
        return error_raise(PyExc_ValueError,
                           "signal only works in main thread of the main interpreter");
    }
    if (number < 1 || number >= SIGNAL_COUNT) {
        return error_raise(PyExc_ValueError, "signal number out of range");
    }
    if (int_check(args[1]) && int_to_i64(args[1], &constant) < 0) {
        return VALUE_NULL;
    }
    void (*handler)(int) = constant == 0 ? SIG_DFL : constant == 1 ? SIG_IGN : handle;
    if (constant > 1 && (int_check(args[1]) || !object_is_callable(args[1]))) {
        return error_raise(PyExc_TypeError, "signal handler must be signal.SIG_IGN, "
                                            "signal.SIG_DFL, or a callable object");
    }
    /* What has arrived so far belongs to the old handler. */
    PyObject *boxed = value_box(args[1]);
    if (boxed == NULL || check_signals() < 0) {
        return VALUE_NULL;
    }
    if (install(number, handler) < 0) {
        return error_from_errno(NULL);
    }
    PyObject *old = atomic_load_acquire(&handlers[number]);
    atomic_store_release(&handlers[number], boxed);
    return old != NULL ? value_unbox(old) : VALUE_NONE;
}

static Value get_handler(Value self, Value argument)
{
    int number;
    if (arg_signal(argument, &number) < 0) {
        return VALUE_NULL;
    }
    PyObject *handler = atomic_load_acquire(&handlers[number]);
    return handler != NULL ? value_unbox(handler) : VALUE_NONE;
}

static Value set_interrupt(Value self, const Value *args)
{
    int number, flag;
    if (arg_signal(args[0], &number) < 0 || arg_int(args[1], &flag) < 0) {
        return VALUE_NULL;
    }
    struct sigaction action;
    if (sigaction(number, NULL, &action) < 0) {
        return error_from_errno(NULL);
    }
    action.sa_flags = flag ? action.sa_flags & ~SA_RESTART : action.sa_flags | SA_RESTART;
    if (sigaction(number, &action, NULL) < 0) {
        return error_from_errno(NULL);
    }
    return VALUE_NONE;
}

static int check_wakeup_fd(int fd)
{
    struct stat status;
    if (fstat(fd, &status) < 0) {
        error_from_errno(NULL);
        return -1;
    }
    int flags = fcntl(fd, F_GETFL);
    if (flags < 0) {
        error_from_errno(NULL);
        return -1;
    }
    if ((flags & O_NONBLOCK) == 0) {
        return error_raise_int(PyExc_ValueError, "the fd %d must be in non-blocking mode", fd);
    }
    return 0;
}

static Value set_wakeup_fd(Value self, const Value *args)
{
    int fd;
    bool warns = true;
    if (arg_int(args[0], &fd) < 0 || (!value_is_absent(args[1]) && arg_bool(args[1], &warns) < 0)) {
        return VALUE_NULL;
    }
    if (!thread_is_main()) {
        return error_raise(PyExc_ValueError,
                           "set_wakeup_fd only works in main thread of the main interpreter");
    }
    if (fd != -1 && check_wakeup_fd(fd) < 0) {
        return VALUE_NULL;
    }
    wakeup_warns = warns;
    return value_from_int(__atomic_exchange_n(&wakeup_fd, fd, __ATOMIC_ACQ_REL));
}

/* ---- Sending. */

static Value raise_signal(Value self, Value argument)
{
    int number;
    if (arg_int(argument, &number) < 0) {
        return VALUE_NULL;
    }
    if (raise(number) != 0) {
        return error_from_errno(NULL);
    }
    return check_signals() < 0 ? VALUE_NULL : VALUE_NONE;
}

static Value kill_thread(Value self, const Value *args)
{
    uint64_t id;
    int number;
    Value index = object_index(args[0]);
    if (value_is_null(index) || int_to_u64(index, &id) < 0 || arg_int(args[1], &number) < 0) {
        return VALUE_NULL;
    }
    if (sys_audit_values("signal.pthread_kill", "Oi", args[0], number) < 0) {
        return VALUE_NULL;
    }
    int error = pthread_kill((pthread_t)id, number);
    if (error != 0) {
        errno = error;
        return error_from_errno(NULL);
    }
    return check_signals() < 0 ? VALUE_NULL : VALUE_NONE;
}

static Value send_to_pidfd(Value self, const Value *args)
{
    int fd, number, flags = 0;
    if (arg_int(args[0], &fd) < 0 || arg_int(args[1], &number) < 0 ||
        (!value_is_absent(args[3]) && arg_int(args[3], &flags) < 0)) {
        return VALUE_NULL;
    }
    if (!value_is_absent(args[2]) && !value_is_none(args[2])) {
        return error_raise(PyExc_TypeError, "siginfo must be None");
    }
    if (syscall(SYS_pidfd_send_signal, fd, number, NULL, flags) < 0) {
        return error_from_errno(NULL);
    }
    return VALUE_NONE;
}

/* ---- Masks and waiting. */

static Value change_mask(Value self, const Value *args)
{
    int how;
    sigset_t set, old;
    if (arg_int(args[0], &how) < 0 || arg_signal_set(args[1], &set) < 0) {
        return VALUE_NULL;
    }
    int error = pthread_sigmask(how, &set, &old);
    if (error != 0) {
        errno = error;
        return error_from_errno(NULL);
    }
    return check_signals() < 0 ? VALUE_NULL : signal_set_value(&old);
}

static Value get_pending(Value self)
{
    sigset_t set;
    return sigpending(&set) < 0 ? error_from_errno(NULL) : signal_set_value(&set);
}

static Value pause_process(Value self)
{
    thread_detach();
    pause();
    thread_reattach();
    return check_signals() < 0 ? VALUE_NULL : VALUE_NONE;
}

static Value wait_for_signal(Value self, Value argument)
{
    sigset_t set;
    int number;
    if (arg_signal_set(argument, &set) < 0) {
        return VALUE_NULL;
    }
    thread_detach();
    int error = sigwait(&set, &number);
    thread_reattach();
    if (error != 0) {
        errno = error;
        return error_from_errno(NULL);
    }
    return value_from_int(number);
}

static Value siginfo_value(const siginfo_t *info)
{
    PyObject *result = structseq_new(siginfo_type);
    if (result == NULL) {
        return VALUE_NULL;
    }
    int64_t fields[] = {info->si_signo, info->si_code,   info->si_errno, info->si_pid,
                        info->si_uid,   info->si_status, info->si_band};
    for (Py_ssize_t i = 0; i < 7; i++) {
        if (structseq_set(result, i, int_from_i64(fields[i])) < 0) {
            return VALUE_NULL;
        }
    }
    return value_from_object(result);
}

/* Waits for at most `limit` nanoseconds (negative: for ever), retrying after other signals. */
static Value wait_for_info(const sigset_t *set, int64_t limit)
{
    int64_t deadline = limit < 0 ? 0 : os_monotonic_ns() + limit;
    for (;;) {
        siginfo_t info;
        struct timespec timeout;
        int64_t left = limit < 0 ? 0 : deadline - os_monotonic_ns();
        left = left > 0 ? left : 0;
        timeout.tv_sec = left / 1000000000;
        timeout.tv_nsec = left % 1000000000;
        thread_detach();
        int result = limit < 0 ? sigwaitinfo(set, &info) : sigtimedwait(set, &info, &timeout);
        int error = errno;
        thread_reattach();
        if (result >= 0) {
            return siginfo_value(&info);
        }
        if (error == EAGAIN && limit >= 0) {
            return VALUE_NONE;
        }
        if (error != EINTR) {
            errno = error;
            return error_from_errno(NULL);
        }
        if (check_signals() < 0) {
            return VALUE_NULL;
        }
    }
}

static Value wait_info(Value self, Value argument)
{
    sigset_t set;
    return arg_signal_set(argument, &set) < 0 ? VALUE_NULL : wait_for_info(&set, -1);
}

static Value wait_info_timed(Value self, const Value *args)
{
    sigset_t set;
    int64_t timeout;
    if (arg_signal_set(args[0], &set) < 0 || thread_timeout(args[1], &timeout) < 0) {
        return VALUE_NULL;
    }
    if (timeout < 0) {
        return error_raise(PyExc_ValueError, "timeout must be non-negative");
    }
    return wait_for_info(&set, timeout);
}

/* ---- Timers. */

static Value set_alarm(Value self, Value seconds)
{
    int n;
    return arg_int(seconds, &n) < 0 ? VALUE_NULL : int_from_i64(alarm((unsigned)n));
}

static double timeval_seconds(const struct timeval *t)
{
    return (double)t->tv_sec + (double)t->tv_usec * 1e-6;
}

static int arg_timeval(Value v, struct timeval *out)
{
    int64_t ns = 0;
    if (!value_is_absent(v) && thread_timeout(v, &ns) < 0) {
        return -1;
    }
    int64_t us = ns < 0 ? -((-ns + 999) / 1000) : (ns + 999) / 1000;
    out->tv_sec = us / 1000000;
    out->tv_usec = us % 1000000;
    return 0;
}

static Value itimer_value(const struct itimerval *timer)
{
    Value parts[2] = {float_from_double(timeval_seconds(&timer->it_value)),
                      float_from_double(timeval_seconds(&timer->it_interval))};
    return value_from_object(tuple_from_array(parts, 2));
}

static Value raise_itimer_error(void)
{
    int error = errno;
    Value parts[2] = {value_from_int(error), value_from_object(str_from_text(strerror(error)))};
    PyObject *args = tuple_from_array(parts, 2);
    PyObject *exception =
        args != NULL ? value_object(object_call_tuple(value_from_object(itimer_error), args, NULL))
                     : NULL;
    if (exception != NULL) {
        error_set_instance(exception);
    }
    return VALUE_NULL;
}

static Value set_timer(Value self, const Value *args)
{
    int which;
    struct itimerval timer, old;
    if (arg_int(args[0], &which) < 0 || arg_timeval(args[1], &timer.it_value) < 0 ||
        arg_timeval(args[2], &timer.it_interval) < 0) {
        return VALUE_NULL;
    }
    return setitimer((__itimer_which_t)which, &timer, &old) < 0 ? raise_itimer_error()
                                                                : itimer_value(&old);
}

static Value get_timer(Value self, Value argument)
{
    int which;
    struct itimerval timer;
    if (arg_int(argument, &which) < 0) {
        return VALUE_NULL;
    }
    return getitimer((__itimer_which_t)which, &timer) < 0 ? raise_itimer_error()
                                                          : itimer_value(&timer);
}

/* ---- Names. */

static Value describe(Value self, Value argument)
{
    int number;
    if (arg_signal(argument, &number) < 0) {
        return VALUE_NULL;
    }
    errno = 0;
    const char *text = strsignal(number);
    if (text == NULL || errno != 0 || strncmp(text, "Unknown signal", 14) == 0) {
        return VALUE_NONE;
    }
    return value_from_object(str_from_text(text));
}

static Value get_valid(Value self)
{
    sigset_t all;
    sigfillset(&all);
    return signal_set_value(&all);
}

struct constant {
    const char *name;
    int value;
};
static const struct constant constants[] = {
    {"SIGABRT", SIGABRT},
    {"SIGALRM", SIGALRM},
    {"SIGBUS", SIGBUS},
    {"SIGCHLD", SIGCHLD},
    {"SIGCLD", SIGCHLD},
    {"SIGCONT", SIGCONT},
    {"SIGFPE", SIGFPE},
    {"SIGHUP", SIGHUP},
    {"SIGILL", SIGILL},
    {"SIGINT", SIGINT},
    {"SIGIO", SIGIO},
    {"SIGIOT", SIGIOT},
    {"SIGKILL", SIGKILL},
    {"SIGPIPE", SIGPIPE},
    {"SIGPOLL", SIGPOLL},
    {"SIGPROF", SIGPROF},
    {"SIGPWR", SIGPWR},
    {"SIGQUIT", SIGQUIT},
    {"SIGSEGV", SIGSEGV},
    {"SIGSTKFLT", SIGSTKFLT},
    {"SIGSTOP", SIGSTOP},
    {"SIGSYS", SIGSYS},
    {"SIGTERM", SIGTERM},
    {"SIGTRAP", SIGTRAP},
    {"SIGTSTP", SIGTSTP},
    {"SIGTTIN", SIGTTIN},
    {"SIGTTOU", SIGTTOU},
    {"SIGURG", SIGURG},
    {"SIGUSR1", SIGUSR1},
    {"SIGUSR2", SIGUSR2},
    {"SIGVTALRM", SIGVTALRM},
    {"SIGWINCH", SIGWINCH},
    {"SIGXCPU", SIGXCPU},
    {"SIGXFSZ", SIGXFSZ},
    {"SIG_BLOCK", SIG_BLOCK},
    {"SIG_UNBLOCK", SIG_UNBLOCK},
    {"SIG_SETMASK", SIG_SETMASK},
    {"SIG_DFL", 0},
    {"SIG_IGN", 1},
    {"NSIG", SIGNAL_COUNT},
    {"ITIMER_REAL", ITIMER_REAL},
    {"ITIMER_VIRTUAL", ITIMER_VIRTUAL},
    {"ITIMER_PROF", ITIMER_PROF},
};

static const struct native_def signal_functions[] = {
    {"alarm", "($module, seconds, /)", "Send SIGALRM after some seconds.", .f1 = set_alarm},
    {"default_int_handler", "($module, signalnum, frame, /)",
     "The handler of SIGINT: raises KeyboardInterrupt.", .raw = default_int_handler},
    {"getitimer", "($module, which, /)", "The current value of a timer.", .f1 = get_timer},
    {"getsignal", "($module, signalnum, /)", "The current handler of a signal.", .f1 = get_handler},
    {"pause", "($module, /)", "Wait until a signal arrives.", .f0 = pause_process},
    {"pidfd_send_signal", "($module, pidfd, signalnum, siginfo=None, flags=0, /)",
     "Send a signal to the process of a descriptor.", .n = send_to_pidfd},
    {"pthread_kill", "($module, thread_id, signalnum, /)", "Send a signal to a thread.",
     .n = kill_thread},
    {"pthread_sigmask", "($module, how, mask, /)",
     "Change this thread's mask; returns the old one.", .n = change_mask},
    {"raise_signal", "($module, signalnum, /)", "Send a signal to this process.",
     .f1 = raise_signal},
    {"set_wakeup_fd", "($module, fd, /, *, warn_on_full_buffer=True)",
     "Write the number of each signal to the descriptor; returns the old one.", .n = set_wakeup_fd},
    {"setitimer", "($module, which, seconds, interval=0.0, /)", "Set a timer.", .n = set_timer},
    {"siginterrupt", "($module, signalnum, flag, /)", "Whether a signal interrupts system calls.",
     .n = set_interrupt},
    {"signal", "($module, signalnum, handler, /)",
     "Set the handler of a signal; returns the old one.", .n = set_handler},
    {"sigpending", "($module, /)", "The signals that wait for being unblocked.", .f0 = get_pending},
    {"sigtimedwait", "($module, sigset, timeout, /)", "Like sigwaitinfo(), with a timeout.",
     .n = wait_info_timed},
    {"sigwait", "($module, sigset, /)", "Wait for one of the signals.", .f1 = wait_for_signal},
    {"sigwaitinfo", "($module, sigset, /)",
     "Wait for one of the signals; returns what is known of it.", .f1 = wait_info},
    {"strsignal", "($module, signalnum, /)", "The system's description of a signal.",
     .f1 = describe},
    {"valid_signals", "($module, /)", "The set of all signals.", .f0 = get_valid},
    {NULL},
};

static int add_constants(PyObject *module)
{
    for (size_t i = 0; i < sizeof constants / sizeof *constants; i++) {
        if (module_add_int(module, constants[i].name, constants[i].value) < 0) {
            return -1;
        }
    }
    return module_add_int(module, "SIGRTMIN", SIGRTMIN) < 0 ||
                   module_add_int(module, "SIGRTMAX", SIGRTMAX) < 0
               ? -1
               : 0;
}

/* What the process was started with. */
static int read_dispositions(void)
{
    for (int i = 1; i < SIGNAL_COUNT; i++) {
        struct sigaction action;
        if (sigaction(i, NULL, &action) == 0 &&
            (action.sa_handler == SIG_DFL || action.sa_handler == SIG_IGN)) {
            PyObject *constant = value_box(value_from_int(action.sa_handler == SIG_IGN));
            if (constant == NULL) {
                return -1;
            }
            atomic_store_release(&handlers[i], constant);
        }
    }
    return 0;
}

/* SIGINT raises KeyboardInterrupt, if nobody has decided otherwise. */
static int interrupt_by_default(void)
{
    struct sigaction action;
    if (sigaction(SIGINT, NULL, &action) == 0 && action.sa_handler == SIG_DFL &&
        int_handler != NULL) {
        atomic_store_release(&handlers[SIGINT], int_handler);
        install(SIGINT, handle);
    }
    return 0;
}

static PyObject *make_itimer_error(void)
{
    PyObject *bases = tuple_pack(1, PyExc_OSError), *dict = dict_new();
    PyObject *name = str_intern_text("itimer_error");
    if (bases == NULL || dict == NULL || name == NULL ||
        dict_set_str(dict, names.__module__, value_from_object(str_intern_text("signal"))) < 0) {
        return NULL;
    }
    return value_object(type_new(&PyType_Type, name, bases, dict, NULL));
}

static int signal_exec(PyObject *module)
{
    static const char *const fields[] = {"si_signo", "si_code",   "si_errno", "si_pid",
                                         "si_uid",   "si_status", "si_band",  NULL};
    if (itimer_error == NULL) {
        itimer_error = make_itimer_error();
        siginfo_type = structseq_type_new("signal.struct_siginfo",
                                          "struct_siginfo: what is known of a signal.", fields, 7);
    }
    if (itimer_error == NULL || siginfo_type == NULL) {
        return -1;
    }
    if (add_constants(module) < 0 ||
        module_add(module, "ItimerError", value_from_object(itimer_error)) < 0 ||
        module_add(module, "struct_siginfo", value_from_object(siginfo_type)) < 0) {
        return -1;
    }
    Value handler = dict_get_str(module_dict(module), str_intern_text("default_int_handler"));
    int_handler = value_is_present(handler) ? value_object(handler) : NULL;
    return read_dispositions() < 0 ? -1 : interrupt_by_default();
}

const struct module_def signal_module = {
    .name = "_signal",
    .doc = "Handlers for signals, and sending them.",
    .functions = signal_functions,
    .exec = signal_exec,
};

bool signal_take(int number)
{
    return __atomic_exchange_n(&arrived[number], 0, __ATOMIC_ACQ_REL) != 0;
}

int signal_init(bool install_handlers)
{
    thread_hooks.run_signals = run_signals;
    if (!install_handlers) {
        return 0;
    }
    signal(SIGPIPE, SIG_IGN);
    signal(SIGXFSZ, SIG_IGN);
    return value_is_null(import_module("_signal")) ? -1 : 0;
}

void signal_finalize(void)
{
    for (int i = 1; i < SIGNAL_COUNT; i++) {
        PyObject *handler = atomic_load_acquire(&handlers[i]);
        if (handler != NULL && handler != Py_None && !int_check(value_from_object(handler))) {
            signal(i, SIG_DFL);
        }
        atomic_store_release(&handlers[i], NULL);
        atomic_store_relaxed(&arrived[i], 0);
    }
}
