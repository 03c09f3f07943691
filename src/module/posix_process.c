/* SPDX-License-Identifier: MIT */
/* posix: processes. fork stops the other threads, so that the child finds every lock free. */
#include <pty.h>
#include <sched.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/times.h>
#include <sys/wait.h>

#include "module/import.h"
#include "module/io_int.h"
#include "module/posix_int.h"
#include "module/posix_spawn.h"

static PyTypeObject *times_result_type, *waitid_result_type, *sched_param_type;

/* ---- fork. The hooks are lists that only grow. */

static PyObject *before_fork, *after_fork_parent, *after_fork_child;

static int add_hook(PyObject **hooks, Value f, const char *name)
{
    if (value_is_absent(f)) {
        return 0;
    }
    if (!object_is_callable(f)) {
        return error_raise_int(PyExc_TypeError, "'%s' must be callable, not %T", name, f);
    }
    return list_append(*hooks, f);
}

static Value do_register_at_fork(Value self, const Value *args)
{
    if (value_is_absent(args[0]) && value_is_absent(args[1]) && value_is_absent(args[2])) {
        return error_raise(PyExc_TypeError, "At least one argument is required.");
    }
    return add_hook(&before_fork, args[0], "before") < 0 ||
                   add_hook(&after_fork_child, args[1], "after_in_child") < 0 ||
                   add_hook(&after_fork_parent, args[2], "after_in_parent") < 0
               ? VALUE_NULL
               : VALUE_NONE;
}

static void run_hooks(PyObject *hooks, bool reversed)
{
    PyObject *copy = hooks != NULL ? list_copy(hooks) : NULL;
    Py_ssize_t n = copy != NULL ? list_length(copy) : 0;
    for (Py_ssize_t i = 0; i < n; i++) {
        Value f = list_find(copy, reversed ? n - 1 - i : i);
        if (value_is_null(object_call0(f))) {
            error_write_unraisable(f, NULL);
        }
    }
}

void posix_prepare_fork(void)
{
    run_hooks(before_fork, true);
    import_lock_acquire();
    thread_before_fork();
}

void posix_continue_parent(void)
{
    thread_after_fork_parent();
    import_lock_release();
    run_hooks(after_fork_parent, false);
}

void posix_continue_child(void)
{
    thread_after_fork_child();
    io_after_fork_child();
    import_lock_release();
    run_hooks(after_fork_child, false);
}

static pid_t fork_with(pid_t (*f)(int *), int *fd)
{
    posix_prepare_fork();
    pid_t pid = f(fd);
    int saved = errno;
    if (pid == 0) {
        posix_continue_child();
    } else {
        posix_continue_parent();
    }
    errno = saved;
    return pid;
}

static pid_t plain_fork(int *fd)
{
    return fork();
}

static pid_t terminal_fork(int *fd)
{
    return forkpty(fd, NULL, NULL, NULL);
}

static Value do_fork(Value self)
{
    if (sys_audit("os.fork", NULL, 0) < 0) {
        return VALUE_NULL;
    }
    pid_t pid = fork_with(plain_fork, NULL);
    return pid < 0 ? error_from_errno(NULL) : value_from_int(pid);
}

static Value do_forkpty(Value self)
{
    int fd = -1;
    if (sys_audit("os.forkpty", NULL, 0) < 0) {
        return VALUE_NULL;
    }
    pid_t pid = fork_with(terminal_fork, &fd);
    if (pid < 0) {
        return error_from_errno(NULL);
    }
    Value pair[] = {value_from_int(pid), value_from_int(fd)};
    return value_from_object(tuple_from_array(pair, 2));
}

static Value do_exit(Value self, const Value *args)
{
    int status;
    if (arg_int(args[0], &status) < 0) {
        return VALUE_NULL;
    }
    _exit(status);
}

static Value do_abort(Value self)
{
    abort();
}

/* ---- exec */

static Value do_execv(Value self, const Value *args)
{
    struct path p;
    struct string_vector argv = {0};
    if (path_convert(args[0], "execv", "path", PATH_PLAIN, &p) < 0) {
        return VALUE_NULL;
    }
    if (!list_check(args[1]) && !tuple_check(args[1])) {
        return error_raise(PyExc_TypeError, "execv() arg 2 must be a tuple or list");
    }
    if (vector_from_sequence(args[1], "execv", &argv) < 0 ||
        sys_audit_values("os.exec", "OOs", p.object, args[1], NULL) < 0) {
        return VALUE_NULL;
    }
    execv(p.text, argv.strings);
    return path_error(&p);
}

static Value do_execve(Value self, const Value *args)
{
    struct path p;
    struct string_vector argv = {0}, env = {0};
    if (path_convert(args[0], "execve", "path", PATH_FD, &p) < 0) {
        return VALUE_NULL;
    }
    if (!list_check(args[1]) && !tuple_check(args[1])) {
        return error_raise(PyExc_TypeError, "execve: argv must be a tuple or list");
    }
    if (vector_from_sequence(args[1], "execve", &argv) < 0) {
        return VALUE_NULL;
    }
    if (!object_is_mapping(args[2])) {
        return error_raise(PyExc_TypeError, "execve: environment must be a mapping object");
    }
    if (vector_from_environment(args[2], &env) < 0 ||
        sys_audit_values("os.exec", "OOO", p.object, args[1], args[2]) < 0) {
        return VALUE_NULL;
    }
    if (p.fd != -1) {
        fexecve(p.fd, argv.strings, env.strings);
    } else {
        execve(p.text, argv.strings, env.strings);
    }
    return path_error(&p);
}

/* ---- Waiting. */

static Value pid_and_status(pid_t pid, int status)
{
    Value pair[] = {value_from_int(pid), value_from_int(status)};
    return value_from_object(tuple_from_array(pair, 2));
}

static Value do_waitpid(Value self, const Value *args)
{
    int pid, options, status = 0;
    bool raised;
    if (arg_int(args[0], &pid) < 0 || arg_int(args[1], &options) < 0) {
        return VALUE_NULL;
    }
    pid_t result = RETRIED(waitpid(pid, &status, options), raised);
    return result < 0 ? (raised ? VALUE_NULL : error_from_errno(NULL))
                      : pid_and_status(result, status);
}

static Value do_wait(Value self)
{
    int status = 0;
    bool raised;
    pid_t result = RETRIED(wait(&status), raised);
    return result < 0 ? (raised ? VALUE_NULL : error_from_errno(NULL))
                      : pid_and_status(result, status);
}

static Value usage_value(const struct rusage *u)
{
    Value type = import_attribute("resource", "struct_rusage");
    if (value_is_null(type)) {
        return type;
    }
    Value items[16] = {
        float_from_double((double)u->ru_utime.tv_sec + 1e-6 * (double)u->ru_utime.tv_usec),
        float_from_double((double)u->ru_stime.tv_sec + 1e-6 * (double)u->ru_stime.tv_usec)};
    const long counts[] = {u->ru_maxrss, u->ru_ixrss,    u->ru_idrss,   u->ru_isrss,   u->ru_minflt,
                           u->ru_majflt, u->ru_nswap,    u->ru_inblock, u->ru_oublock, u->ru_msgsnd,
                           u->ru_msgrcv, u->ru_nsignals, u->ru_nvcsw,   u->ru_nivcsw};
    for (int i = 0; i < 14; i++) {
        items[2 + i] = int_from_i64(counts[i]);
    }
    return object_call1(type, value_from_object(tuple_from_array(items, 16)));
}

static Value wait_with_usage(int pid, int options)
{
    int status = 0;
    struct rusage usage = {0};
    bool raised;
    pid_t result = RETRIED(wait4(pid, &status, options, &usage), raised);
    if (result < 0) {
        return raised ? VALUE_NULL : error_from_errno(NULL);
    }
    Value items[] = {value_from_int(result), value_from_int(status), usage_value(&usage)};
    return value_is_null(items[2]) ? VALUE_NULL : value_from_object(tuple_from_array(items, 3));
}

static Value do_wait3(Value self, const Value *args)
{
    int options;
    return arg_int(args[0], &options) < 0 ? VALUE_NULL : wait_with_usage(-1, options);
}

static Value do_wait4(Value self, const Value *args)
{
    int pid, options;
    return arg_int(args[0], &pid) < 0 || arg_int(args[1], &options) < 0
               ? VALUE_NULL
               : wait_with_usage(pid, options);
}

static Value do_waitid(Value self, const Value *args)
{
    int type, id, options;
    siginfo_t info = {0};
    bool raised;
    if (arg_int(args[0], &type) < 0 || arg_int(args[1], &id) < 0 ||
        arg_int(args[2], &options) < 0) {
        return VALUE_NULL;
    }
    int result = RETRIED(waitid((idtype_t)type, (id_t)id, &info, options), raised);
    if (result < 0) {
        return raised ? VALUE_NULL : error_from_errno(NULL);
    }
    if (info.si_pid == 0) {
        return VALUE_NONE;
    }
    PyObject *s = structseq_new(waitid_result_type);
    Value values[] = {value_from_int(info.si_pid), uid_to_value(info.si_uid),
                      value_from_int(info.si_signo), value_from_int(info.si_status),
                      value_from_int(info.si_code)};
    for (int i = 0; s != NULL && i < 5; i++) {
        if (structseq_set(s, i, values[i]) < 0) {
            return VALUE_NULL;
        }
    }
    return value_from_object(s);
}

#define STATUS_FUNCTION(name, result)                                                              \
    static Value do_##name(Value self, const Value *args)                                          \
    {                                                                                              \
        int status;                                                                                \
        return arg_int(args[0], &status) < 0 ? VALUE_NULL : (result);                              \
    }
STATUS_FUNCTION(WCOREDUMP, value_from_bool(WCOREDUMP(status)))
STATUS_FUNCTION(WIFCONTINUED, value_from_bool(WIFCONTINUED(status)))
STATUS_FUNCTION(WIFSTOPPED, value_from_bool(WIFSTOPPED(status)))
STATUS_FUNCTION(WIFSIGNALED, value_from_bool(WIFSIGNALED(status)))
STATUS_FUNCTION(WIFEXITED, value_from_bool(WIFEXITED(status)))
STATUS_FUNCTION(WEXITSTATUS, value_from_int(WEXITSTATUS(status)))
STATUS_FUNCTION(WTERMSIG, value_from_int(WTERMSIG(status)))
STATUS_FUNCTION(WSTOPSIG, value_from_int(WSTOPSIG(status)))

static Value do_waitstatus_to_exitcode(Value self, const Value *args)
{
    int status;
    if (float_check(args[0])) {
        return error_raise(PyExc_TypeError, "'float' object cannot be interpreted as an integer");
    }
    if (arg_int(args[0], &status) < 0) {
        return VALUE_NULL;
    }
    if (WIFEXITED(status)) {
        return value_from_int(WEXITSTATUS(status));
    }
    if (WIFSIGNALED(status)) {
        return value_from_int(-WTERMSIG(status));
    }
    if (WIFSTOPPED(status)) {
        return error_raise(PyExc_ValueError, "process stopped by delivery of signal %d",
                           WSTOPSIG(status));
    }
    return error_raise(PyExc_ValueError, "invalid wait status: %d", status);
}

/* ---- Signals, system, times. */

static Value do_kill(Value self, const Value *args)
{
    int pid, number;
    if (arg_int(args[0], &pid) < 0 || arg_int(args[1], &number) < 0 ||
        sys_audit_values("os.kill", "ii", pid, number) < 0) {
        return VALUE_NULL;
    }
    if (kill(pid, number) < 0) {
        return error_from_errno(NULL);
    }
    return thread_safepoint(thread_current()) < 0 ? VALUE_NULL : VALUE_NONE;
}

static Value do_killpg(Value self, const Value *args)
{
    int group, number;
    if (arg_int(args[0], &group) < 0 || arg_int(args[1], &number) < 0 ||
        sys_audit_values("os.killpg", "ii", group, number) < 0) {
        return VALUE_NULL;
    }
    return posix_none_or_error(killpg(group, number));
}

static Value do_system(Value self, const Value *args)
{
    struct path p;
    if (path_convert(args[0], NULL, "command", PATH_PLAIN, &p) < 0 ||
        sys_audit_values("os.system", "y", p.text) < 0) {
        return VALUE_NULL;
    }
    return value_from_int(DETACHED(system(p.text)));
}

static Value do_times(Value self)
{
    struct tms t;
    clock_t elapsed = times(&t);
    double ticks = (double)sysconf(_SC_CLK_TCK);
    PyObject *s = structseq_new(times_result_type);
    const clock_t values[] = {t.tms_utime, t.tms_stime, t.tms_cutime, t.tms_cstime, elapsed};
    for (int i = 0; s != NULL && i < 5; i++) {
        if (structseq_set(s, i, float_from_double((double)values[i] / ticks)) < 0) {
            return VALUE_NULL;
        }
    }
    return value_from_object(s);
}

static Value do_nice(Value self, const Value *args)
{
    int increment;
    if (arg_int(args[0], &increment) < 0) {
        return VALUE_NULL;
    }
    errno = 0;
    int value = nice(increment);
    return value == -1 && errno != 0 ? error_from_errno(NULL) : value_from_int(value);
}

static Value do_getpriority(Value self, const Value *args)
{
    int which, who;
    if (arg_int(args[0], &which) < 0 || arg_int(args[1], &who) < 0) {
        return VALUE_NULL;
    }
    errno = 0;
    int value = getpriority((__priority_which_t)which, (id_t)who);
    return errno != 0 ? error_from_errno(NULL) : value_from_int(value);
}

static Value do_setpriority(Value self, const Value *args)
{
    int which, who, priority;
    if (arg_int(args[0], &which) < 0 || arg_int(args[1], &who) < 0 ||
        arg_int(args[2], &priority) < 0) {
        return VALUE_NULL;
    }
    return posix_none_or_error(setpriority((__priority_which_t)which, (id_t)who, priority));
}

static Value do_pidfd_open(Value self, const Value *args)
{
    int pid, flags;
    if (arg_int(args[0], &pid) < 0 || int_argument(args[1], 0, &flags) < 0) {
        return VALUE_NULL;
    }
    long fd = syscall(SYS_pidfd_open, pid, flags);
    return fd < 0 ? error_from_errno(NULL) : value_from_int(fd);
}

/* ---- Scheduling. */

static Value do_sched_yield(Value self)
{
    return posix_none_or_error(DETACHED(sched_yield()));
}

static Value do_sched_getaffinity(Value self, const Value *args)
{
    int pid;
    if (arg_int(args[0], &pid) < 0) {
        return VALUE_NULL;
    }
    cpu_set_t *set = CPU_ALLOC(4096);
    size_t bytes = CPU_ALLOC_SIZE(4096);
    if (set == NULL || sched_getaffinity(pid, bytes, set) < 0) {
        CPU_FREE(set);
        return error_from_errno(NULL);
    }
    PyObject *result = set_new(&PySet_Type, VALUE_ABSENT);
    for (int i = 0; result != NULL && i < 4096; i++) {
        if (CPU_ISSET_S((size_t)i, bytes, set) && set_add(result, value_from_int(i)) < 0) {
            result = NULL;
        }
    }
    CPU_FREE(set);
    return value_from_object(result);
}

static int fill_cpus(cpu_set_t *set, size_t bytes, Value mask)
{
    Value iterator = object_iter(mask), item;
    if (value_is_null(iterator)) {
        return -1;
    }
    while (value_is_present(item = object_next(iterator))) {
        int cpu;
        if (!int_check(item)) {
            return error_raise_int(PyExc_TypeError,
                                   "expected an iterator of ints, but iterator yielded %T", item);
        }
        if (arg_int(item, &cpu) < 0) {
            return -1;
        }
        if (cpu < 0) {
            return error_raise_int(PyExc_ValueError, "negative CPU number");
        }
        if (cpu >= 4096) {
            errno = EINVAL;
            error_from_errno(NULL);
            return -1;
        }
        CPU_SET_S((size_t)cpu, bytes, set);
    }
    return value_is_null(item) ? -1 : 0;
}

static Value do_sched_setaffinity(Value self, const Value *args)
{
    int pid;
    if (arg_int(args[0], &pid) < 0) {
        return VALUE_NULL;
    }
    size_t bytes = CPU_ALLOC_SIZE(4096);
    cpu_set_t *set = heap_alloc(bytes, CELL_RAW);
    if (set == NULL) {
        return error_no_memory();
    }
    return fill_cpus(set, bytes, args[1]) < 0
               ? VALUE_NULL
               : posix_none_or_error(sched_setaffinity(pid, bytes, set));
}

static Value do_sched_getscheduler(Value self, const Value *args)
{
    int pid;
    if (arg_int(args[0], &pid) < 0) {
        return VALUE_NULL;
    }
    int policy = sched_getscheduler(pid);
    return policy < 0 ? error_from_errno(NULL) : value_from_int(policy);
}

static int priority_of(Value param, struct sched_param *out)
{
    if (value_type(param) != sched_param_type) {
        return error_raise_int(PyExc_TypeError, "must have a sched_param object");
    }
    return arg_int(tuple_get(value_object(param), 0), &out->sched_priority);
}

static Value do_sched_setscheduler(Value self, const Value *args)
{
    int pid, policy;
    struct sched_param param;
    if (arg_int(args[0], &pid) < 0 || arg_int(args[1], &policy) < 0 ||
        priority_of(args[2], &param) < 0) {
        return VALUE_NULL;
    }
    return posix_none_or_error(sched_setscheduler(pid, policy, &param));
}

static Value do_sched_getparam(Value self, const Value *args)
{
    int pid;
    struct sched_param param;
    if (arg_int(args[0], &pid) < 0) {
        return VALUE_NULL;
    }
    if (sched_getparam(pid, &param) < 0) {
        return error_from_errno(NULL);
    }
    PyObject *s = structseq_new(sched_param_type);
    return s == NULL || structseq_set(s, 0, value_from_int(param.sched_priority)) < 0
               ? VALUE_NULL
               : value_from_object(s);
}

static Value do_sched_setparam(Value self, const Value *args)
{
    int pid;
    struct sched_param param;
    if (arg_int(args[0], &pid) < 0 || priority_of(args[1], &param) < 0) {
        return VALUE_NULL;
    }
    return posix_none_or_error(sched_setparam(pid, &param));
}

static Value do_sched_rr_get_interval(Value self, const Value *args)
{
    int pid;
    struct timespec t;
    if (arg_int(args[0], &pid) < 0) {
        return VALUE_NULL;
    }
    return sched_rr_get_interval(pid, &t) < 0
               ? error_from_errno(NULL)
               : float_from_double((double)t.tv_sec + 1e-9 * (double)t.tv_nsec);
}

static Value do_sched_priority_max(Value self, const Value *args)
{
    int policy;
    if (arg_int(args[0], &policy) < 0) {
        return VALUE_NULL;
    }
    int value = sched_get_priority_max(policy);
    return value < 0 ? error_from_errno(NULL) : value_from_int(value);
}

static Value do_sched_priority_min(Value self, const Value *args)
{
    int policy;
    if (arg_int(args[0], &policy) < 0) {
        return VALUE_NULL;
    }
    int value = sched_get_priority_min(policy);
    return value < 0 ? error_from_errno(NULL) : value_from_int(value);
}

const struct native_def posix_process_functions[] = {
    {"register_at_fork",
     "($module, /, *, before=<unrepresentable>,\n"
     "                 after_in_child=<unrepresentable>,\n"
     "                 after_in_parent=<unrepresentable>)",
     "Functions to be called before a fork, and after it in child and parent.",
     .n = do_register_at_fork},
    {"fork", "($module, /)",
     "Splits the process: 0 in the child, the child's number in the parent.", .f0 = do_fork},
    {"forkpty", "($module, /)",
     "As fork, with a new pseudo-terminal; returns number and descriptor.", .f0 = do_forkpty},
    {"_exit", "($module, /, status)", "Ends the process at once, without any cleaning up.",
     .n = do_exit},
    {"abort", "($module, /)", "Ends the process with SIGABRT.", .f0 = do_abort},
    {"execv", "($module, path, argv, /)", "Replaces the program of this process.", .n = do_execv},
    {"execve", "($module, /, path, argv, env)",
     "Replaces the program of this process, with a new environment.", .n = do_execve},
    {"waitpid", "($module, pid, options, /)", "Waits for a child; returns its number and status.",
     .n = do_waitpid},
    {"wait", "($module, /)", "Waits for any child; returns its number and status.", .f0 = do_wait},
    {"wait3", "($module, /, options)",
     "Waits for any child; returns number, status and resource usage.", .n = do_wait3},
    {"wait4", "($module, /, pid, options)",
     "Waits for a child; returns number, status and resource usage.", .n = do_wait4},
    {"waitid", "($module, idtype, id, options, /)",
     "Waits for a change of a child; returns a waitid_result or None.", .n = do_waitid},
    {"WCOREDUMP", "($module, status, /)", "Did the process leave a core dump?", .n = do_WCOREDUMP},
    {"WIFCONTINUED", "($module, /, status)", "Has the process gone on?", .n = do_WIFCONTINUED},
    {"WIFSTOPPED", "($module, /, status)", "Has the process been stopped?", .n = do_WIFSTOPPED},
    {"WIFSIGNALED", "($module, /, status)", "Did a signal end the process?", .n = do_WIFSIGNALED},
    {"WIFEXITED", "($module, /, status)", "Did the process exit by itself?", .n = do_WIFEXITED},
    {"WEXITSTATUS", "($module, /, status)", "The exit status of the process.", .n = do_WEXITSTATUS},
    {"WTERMSIG", "($module, /, status)", "The signal that ended the process.", .n = do_WTERMSIG},
    {"WSTOPSIG", "($module, /, status)", "The signal that stopped the process.", .n = do_WSTOPSIG},
    {"waitstatus_to_exitcode", "($module, /, status)",
     "An exit code from a wait status; negative for a signal.", .n = do_waitstatus_to_exitcode},
    {"kill", "($module, pid, signal, /)", "Sends a signal to a process.", .n = do_kill},
    {"killpg", "($module, pgid, signal, /)", "Sends a signal to a process group.", .n = do_killpg},
    {"system", "($module, /, command)", "Runs a command in a shell; returns its wait status.",
     .n = do_system},
    {"times", "($module, /)", "Processor times of this process and its children, and elapsed time.",
     .f0 = do_times},
    {"nice", "($module, increment, /)",
     "Changes the priority of this process; returns the new one.", .n = do_nice},
    {"getpriority", "($module, /, which, who)", "The priority of a process, group or user.",
     .n = do_getpriority},
    {"setpriority", "($module, /, which, who, priority)",
     "Sets the priority of a process, group or user.", .n = do_setpriority},
    {"pidfd_open", "($module, /, pid, flags=0)", "A descriptor that refers to a process.",
     .n = do_pidfd_open},
    {"sched_yield", "($module, /)", "Lets other threads run.", .f0 = do_sched_yield},
    {"sched_getaffinity", "($module, pid, /)", "The set of processors that a process may use.",
     .n = do_sched_getaffinity},
    {"sched_setaffinity", "($module, pid, mask, /)", "Sets which processors a process may use.",
     .n = do_sched_setaffinity},
    {"sched_getscheduler", "($module, pid, /)", "The scheduling policy of a process.",
     .n = do_sched_getscheduler},
    {"sched_setscheduler", "($module, pid, policy, param, /)",
     "Sets the scheduling policy of a process.", .n = do_sched_setscheduler},
    {"sched_getparam", "($module, pid, /)", "The scheduling parameters of a process.",
     .n = do_sched_getparam},
    {"sched_setparam", "($module, pid, param, /)", "Sets the scheduling parameters of a process.",
     .n = do_sched_setparam},
    {"sched_rr_get_interval", "($module, pid, /)",
     "The round-robin interval of a process in seconds.", .n = do_sched_rr_get_interval},
    {"sched_get_priority_max", "($module, /, policy)",
     "The highest priority of a scheduling policy.", .n = do_sched_priority_max},
    {"sched_get_priority_min", "($module, /, policy)",
     "The lowest priority of a scheduling policy.", .n = do_sched_priority_min},
    {NULL},
};

/* sched_param(sched_priority) takes the number itself, not a sequence. */
static Value sched_param_new(PyTypeObject *type, const Value *args, size_t nargs, PyObject *kwnames)
{
    static const struct native_signature *signature;
    Value priority;
    if (native_bind("posix.sched_param", "(sched_priority)", &signature, args, nargs, kwnames,
                    &priority) < 0) {
        return VALUE_NULL;
    }
    PyObject *s = structseq_new(type);
    return s == NULL || structseq_set(s, 0, priority) < 0 ? VALUE_NULL : value_from_object(s);
}

int posix_process_types(PyObject *module)
{
    static const char *const times_fields[] = {
        "user", "system", "children_user", "children_system", "elapsed", NULL};
    static const char *const waitid_fields[] = {"si_pid",    "si_uid",  "si_signo",
                                                "si_status", "si_code", NULL};
    static const char *const param_fields[] = {"sched_priority", NULL};
    before_fork = list_new(0);
    after_fork_parent = list_new(0);
    after_fork_child = list_new(0);
    times_result_type =
        structseq_type_new("posix.times_result", "The result of os.times().", times_fields, 5);
    waitid_result_type =
        structseq_type_new("posix.waitid_result", "The result of os.waitid().", waitid_fields, 5);
    sched_param_type =
        structseq_type_new("posix.sched_param", "A scheduling parameter.", param_fields, 1);
    if (sched_param_type != NULL) {
        type_ops(sched_param_type)->new_ = sched_param_new;
    }
    return before_fork == NULL || after_fork_parent == NULL || after_fork_child == NULL ||
                   module_add(module, "times_result", value_from_object(times_result_type)) < 0 ||
                   module_add(module, "waitid_result", value_from_object(waitid_result_type)) < 0
               ? -1
               : module_add(module, "sched_param", value_from_object(sched_param_type));
}
