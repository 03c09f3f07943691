/* SPDX-License-Identifier: MIT */
/* The _thread module: starting threads and asking about them. Locks are in thread_lock.c,
 * thread-local objects in thread_local.c. */
#include <errno.h>
#include <limits.h>
#include <signal.h>
#include <string.h>

#include "module/import.h"
#include "module/signal.h"
#include "module/sys.h"
#include "module/thread_int.h"
#include "object/dict.h"
#include "object/exception.h"
#include "object/float.h"
#include "object/int.h"
#include "object/list.h"
#include "object/str.h"
#include "object/structseq.h"

/* The longest timeout, in seconds: what 64 bits of nanoseconds hold. */
#define TIMEOUT_MAX_SECONDS 9223372036.0
#define STACK_BYTES_MIN 32768

static uint64_t started_threads; /* atomic: started here and not yet ended */
static size_t stack_bytes;       /* atomic; 0: the system's default */
static PyTypeObject *hook_args_type;

/* ---- Starting. */

/* (function, args, kwargs or None) */
static void call_function(PyObject *request)
{
    Value function = tuple_get(request, 0), kwargs = tuple_get(request, 2);
    Value result = object_call_tuple(function, tuple_object(request, 1),
                                     value_is_none(kwargs) ? NULL : value_object(kwargs));
    if (!value_is_null(result)) {
        return;
    }
    if (error_matches(PyExc_SystemExit)) {
        error_clear();
    } else {
        error_write_unraisable(function, "in thread started by");
    }
}

static void run_thread(PyObject *request)
{
    struct thread *t = thread_current();
    call_function(request);
    thread_local_forget(t);
    Value sentinel = t->locals[THREAD_LOCAL_START];
    t->locals[THREAD_LOCAL_START] = VALUE_NULL;
    atomic_fetch_sub_acq_rel(&started_threads, 1);
    if (!value_is_null(sentinel)) {
        thread_lock_release_quietly(value_object(sentinel));
    }
}

static int check_start_arguments(const Value *args, size_t nargs)
{
    if (native_check_positional("start_new_thread", nargs, 2, 3) < 0) {
        return -1;
    }
    if (!object_is_callable(args[0])) {
        return error_raise_int(PyExc_TypeError, "first arg must be callable");
    }
    if (!tuple_check(args[1])) {
        return error_raise_int(PyExc_TypeError, "2nd arg must be a tuple");
    }
    if (nargs > 2 && !dict_check(args[2])) {
        return error_raise_int(PyExc_TypeError, "optional 3rd arg must be a dictionary");
    }
    return 0;
}

static Value start_new_thread(Value self, const Value *args, size_t nargs, PyObject *kwnames)
{
    if (native_no_keywords("start_new_thread", kwnames) < 0 ||
        check_start_arguments(args, nargs) < 0) {
        return VALUE_NULL;
    }
    Value parts[3] = {args[0], args[1], nargs > 2 ? args[2] : VALUE_NONE};
    PyObject *request = tuple_from_array(parts, 3);
    if (request == NULL) {
        return VALUE_NULL;
    }
    unsigned long id;
    atomic_fetch_add_acq_rel(&started_threads, 1);
    if (thread_start(run_thread, request, true, atomic_load_relaxed(&stack_bytes), &id) != 0) {
        atomic_fetch_sub_acq_rel(&started_threads, 1);
        return error_raise(PyExc_RuntimeError, "can't start new thread");
    }
    return int_from_u64(id);
}

/* ---- Questions and settings. */

static Value allocate_lock(Value self)
{
    return value_from_object(thread_lock_new());
}

/* A lock that is released when the calling thread has ended. */
static Value set_sentinel(Value self)
{
    PyObject *lock = thread_lock_new();
    if (lock != NULL) {
        thread_current()->locals[THREAD_LOCAL_START] = value_from_object(lock);
    }
    return value_from_object(lock);
}

static Value get_ident(Value self)
{
    return int_from_u64(thread_current()->state.thread_id);
}
static Value get_native_id(Value self)
{
    return int_from_i64(thread_current()->native_id);
}
static Value count_threads(Value self)
{
    return int_from_u64(atomic_load_relaxed(&started_threads));
}
static Value exit_thread(Value self)
{
    return error_raise_value(PyExc_SystemExit, VALUE_ABSENT);
}

static Value set_stack_size(Value self, const Value *args)
{
    Py_ssize_t wanted = 0;
    size_t old = atomic_load_relaxed(&stack_bytes);
    if (value_is_absent(args[0])) {
        return int_from_size(old);
    }
    if (arg_index(args[0], &wanted) < 0) {
        return VALUE_NULL;
    }
    if (wanted < 0) {
        return error_raise(PyExc_ValueError, "size must be 0 or a positive value");
    }
    if (wanted != 0 && wanted < STACK_BYTES_MIN) {
        return error_raise(PyExc_ValueError, "size not valid: %zd bytes", wanted);
    }
    atomic_store_relaxed(&stack_bytes, (size_t)wanted);
    return int_from_size(old);
}

static Value interrupt_main(Value self, const Value *args)
{
    int number = SIGINT;
    if (!value_is_absent(args[0]) && arg_int(args[0], &number) < 0) {
        return VALUE_NULL;
    }
    if (signal_simulate(number) < 0) {
        return error_raise(PyExc_ValueError, "signal number out of range");
    }
    return VALUE_NONE;
}

/* ---- _excepthook: prints what a thread's run() has raised. */

static PyObject *thread_name(Value thread)
{
    Value name;
    if (!value_is_none(thread)) {
        int found = object_find_attr(thread, names.name, &name);
        if (found != 0) {
            return found > 0 ? object_str(name) : NULL;
        }
    }
    return str_format("%zu", (size_t)thread_current()->state.thread_id);
}

static int print_heading(Value file, Value thread)
{
    PyObject *name = thread_name(thread);
    PyObject *text = name != NULL ? str_format("Exception in thread %U:\n", name) : NULL;
    if (text == NULL) {
        return -1;
    }
    return value_is_null(object_call_method1(file, names.write, value_from_object(text))) ? -1 : 0;
}

/* sys.stderr, or the one that the thread object remembers; ABSENT if there is none. */
static Value find_stderr(Value thread)
{
    Value file = sys_get("stderr");
    if (value_is_present(file) && !value_is_none(file)) {
        return file;
    }
    if (value_is_none(thread) || object_find_attr(thread, str_intern_text("_stderr"), &file) <= 0) {
        error_clear();
        return VALUE_ABSENT;
    }
    return value_is_none(file) ? VALUE_ABSENT : file;
}

static Value excepthook(Value self, Value args)
{
    if (value_type(args) != hook_args_type) {
        return error_raise(PyExc_TypeError,
                           "_thread.excepthook argument type must be ExceptHookArgs");
    }
    PyObject *fields = value_object(args);
    Value type = tuple_get(fields, 0), exception = tuple_get(fields, 1);
    Value traceback = tuple_get(fields, 2), thread = tuple_get(fields, 3);
    if (type.bits == value_from_object(PyExc_SystemExit).bits) {
        return VALUE_NONE;
    }
    Value file = find_stderr(thread);
    if (value_is_absent(file)) {
        return VALUE_NONE;
    }
    if (print_heading(file, thread) < 0) {
        return VALUE_NULL;
    }
    if (exception_check(exception)) {
        if (!value_is_none(traceback) && exception_get_traceback(value_object(exception)) == NULL) {
            exception_set_traceback(value_object(exception), value_object(traceback));
        }
        exception_print(value_object(exception), file);
    }
    Value flushed = object_call_method0(file, names.flush);
    return value_is_null(flushed) ? VALUE_NULL : VALUE_NONE;
}

static const struct native_def thread_functions[] = {
    {"_count", "($module, /)", "How many threads started here are alive.", .f0 = count_threads},
    {"_excepthook", "($module, exc_info, /)", "Tells about an exception that ended a thread.",
     .f1 = excepthook},
    {"_set_sentinel", "($module, /)", "A lock that is released when the thread has ended.",
     .f0 = set_sentinel},
    {"allocate", "($module, /)", "Old name of allocate_lock().", .f0 = allocate_lock},
    {"allocate_lock", "($module, /)", "A new lock, unlocked.", .f0 = allocate_lock},
    {"exit", "($module, /)", "Raise SystemExit, which ends the thread.", .f0 = exit_thread},
    {"exit_thread", "($module, /)", "Old name of exit().", .f0 = exit_thread},
    {"get_ident", "($module, /)", "An integer that names this thread.", .f0 = get_ident},
    {"get_native_id", "($module, /)", "The system's number of this thread.", .f0 = get_native_id},
    {"interrupt_main", "($module, signum=signal.SIGINT, /)",
     "Act as if the signal had arrived at the main thread.", .n = interrupt_main},
    {"stack_size", "($module, size=0, /)", "The stack size of new threads; sets it if given.",
     .n = set_stack_size},
    {"start_new", NULL, "Old name of start_new_thread().", .raw = start_new_thread},
    {"start_new_thread", NULL, "Call function(*args, **kwargs) in a new thread.",
     .raw = start_new_thread},
    {NULL},
};

static int thread_exec(PyObject *module)
{
    static const char *const fields[] = {"exc_type", "exc_value", "exc_traceback", "thread", NULL};
    if (hook_args_type == NULL) {
        hook_args_type = structseq_type_new(
            "_thread._ExceptHookArgs",
            "ExceptHookArgs\n\nType used to pass arguments to threading.excepthook.", fields, 4);
    }
    if (hook_args_type == NULL || type_ready(&thread_lock_type) < 0 ||
        type_ready(&thread_rlock_type) < 0 || type_ready(&thread_local_type) < 0) {
        return -1;
    }
    if (module_add(module, "LockType", value_from_object(&thread_lock_type)) < 0 ||
        module_add(module, "RLock", value_from_object(&thread_rlock_type)) < 0 ||
        module_add(module, "_local", value_from_object(&thread_local_type)) < 0 ||
        module_add(module, "_ExceptHookArgs", value_from_object(hook_args_type)) < 0 ||
        module_add(module, "error", value_from_object(PyExc_RuntimeError)) < 0 ||
        module_add(module, "TIMEOUT_MAX", float_from_double(TIMEOUT_MAX_SECONDS)) < 0) {
        return -1;
    }
    return 0;
}

const struct module_def thread_module = {
    .name = "_thread",
    .doc = "Primitive operations on threads and locks.",
    .functions = thread_functions,
    .exec = thread_exec,
};
