/* SPDX-License-Identifier: MIT */
/* The sys module: functions. What is constant after start-up is made in sys_info.c. */
#include <dlfcn.h>

#include "module/import.h"
#include "module/sys.h"
#include "module/sys_int.h"
#include "object/dict.h"
#include "object/exception.h"
#include "object/float.h"
#include "object/function.h"
#include "object/int.h"
#include "object/list.h"
#include "object/native.h"
#include "object/str.h"
#include "object/structseq.h"
#include "vm/vm.h"

struct sys_config sys_config;
bool sys_finalizing;

/* ---- Exceptions and output */

static Value none_if_null(PyObject *o)
{
    return o == NULL ? VALUE_NONE : value_from_object(o);
}

/* (class, exception, traceback), Nones for NULL. */
static PyObject *describe_exception(PyObject *e)
{
    if (e == NULL) {
        return tuple_pack(3, Py_None, Py_None, Py_None);
    }
    PyObject *traceback = exception_get_traceback(e);
    return tuple_pack(3, (PyObject *)e->ob_type, e, traceback == NULL ? Py_None : traceback);
}

static Value sys_exc_info(Value self)
{
    return value_from_object(describe_exception(error_handled()));
}

static Value sys_exception(Value self)
{
    return none_if_null(error_handled());
}

static Value sys_excepthook(Value self, const Value *args)
{
    Value err = sys_get("stderr");
    if (!exception_check(args[1])) {
        if (value_is_present(err) && !value_is_none(err)) {
            error_write_text(err,
                             "TypeError: print_exception(): Exception expected for value, %T "
                             "found\n",
                             args[1]);
        }
        error_clear();
        return VALUE_NONE;
    }
    PyObject *exception = value_object(args[1]);
    if (value_is_present(args[2]) && !value_is_none(args[2]) &&
        exception_get_traceback(exception) == NULL) {
        exception_set_traceback(exception, value_object(args[2]));
    }
    if (!value_is_present(err) || !value_is_none(err)) {
        exception_print(exception, err);
    }
    error_clear();
    return VALUE_NONE;
}

static Value attribute(Value object, const char *name)
{
    Value v;
    return object_find_attr(object, str_intern_text(name), &v) > 0 ? v : VALUE_NONE;
}

static Value sys_unraisablehook(Value self, Value unraisable)
{
    if (value_type(unraisable) != error_unraisable_type) {
        return error_raise(PyExc_TypeError,
                           "sys.unraisablehook argument type must be UnraisableHookArgs");
    }
    int status = error_display_unraisable(
        attribute(unraisable, "exc_type"), attribute(unraisable, "exc_value"),
        attribute(unraisable, "exc_traceback"), attribute(unraisable, "err_msg"),
        attribute(unraisable, "object"));
    return status < 0 ? VALUE_NULL : VALUE_NONE;
}

static Value write_display(Value out, PyObject *text)
{
    Value done = object_call_method1(out, names.write, value_from_object(text));
    if (!value_is_null(done) || !error_matches(PyExc_UnicodeEncodeError)) {
        return done;
    }
    error_clear();
    Value encoding = attribute(out, "encoding");
    const char *name = str_check(encoding) ? str_utf8(value_object(encoding), NULL) : "utf-8";
    PyObject *bytes = name == NULL ? NULL : str_encode(text, name, "backslashreplace");
    if (bytes == NULL) {
        return VALUE_NULL;
    }
    Value buffer;
    int found = object_find_attr(out, names.buffer, &buffer);
    if (found > 0) {
        return object_call_method1(buffer, names.write, value_from_object(bytes));
    }
    Value again = found < 0 ? VALUE_NULL
                            : object_call_method2(value_from_object(bytes), names.decode, encoding,
                                                  value_from_object(str_intern_text("strict")));
    return value_is_null(again) ? again : object_call_method1(out, names.write, again);
}

static Value sys_displayhook(Value self, Value object)
{
    Value builtins = value_from_object(import_state.builtins);
    if (value_is_none(object)) {
        return VALUE_NONE;
    }
    if (object_setattr(builtins, names._, VALUE_NONE) < 0) {
        return VALUE_NULL;
    }
    Value out = sys_get("stdout");
    if (!value_is_present(out) || value_is_none(out)) {
        return error_raise(PyExc_RuntimeError, "lost sys.stdout");
    }
    PyObject *text = object_repr(object);
    if (text == NULL || value_is_null(write_display(out, text)) ||
        value_is_null(
            object_call_method1(out, names.write, value_from_object(str_from_char('\n')))) ||
        object_setattr(builtins, names._, object) < 0) {
        return VALUE_NULL;
    }
    return VALUE_NONE;
}

static Value sys_exit(Value self, const Value *args)
{
    if (!tuple_check(args[0])) {
        return error_raise_value(PyExc_SystemExit, value_is_none(args[0]) ? VALUE_ABSENT : args[0]);
    }
    Value exit =
        object_call_tuple(value_from_object(PyExc_SystemExit), value_object(args[0]), NULL);
    if (value_is_present(exit)) {
        error_restore(value_object(exit));
    }
    return VALUE_NULL;
}

/* sys.breakpointhook: PYTHONBREAKPOINT names the callable, default pdb.set_trace. */
static Value sys_breakpointhook(Value self, const Value *args, size_t nargs, PyObject *kwnames)
{
    const char *variable = sys_config.ignore_environment ? NULL : getenv("PYTHONBREAKPOINT");
    if (variable == NULL || *variable == 0) {
        variable = "pdb.set_trace";
    } else if (strcmp(variable, "0") == 0) {
        return VALUE_NONE;
    }
    const char *dot = strrchr(variable, '.');
    PyObject *module =
        dot == NULL ? str_intern_text("builtins") : str_from_utf8(variable, dot - variable);
    Value loaded = module == NULL ? VALUE_NULL : import_module(str_utf8(str_intern(module), NULL));
    Value hook = VALUE_NULL;
    if (!value_is_null(loaded)) {
        hook = object_getattr(loaded, str_intern_text(dot == NULL ? variable : dot + 1));
    }
    if (value_is_null(hook)) {
        if (!error_matches(PyExc_ImportError) && !error_matches(PyExc_AttributeError)) {
            return VALUE_NULL;
        }
        error_clear();
        return error_warn(PyExc_RuntimeWarning, 1,
                          "Ignoring unimportable $PYTHONBREAKPOINT: \"%s\"", variable) < 0
                   ? VALUE_NULL
                   : VALUE_NONE;
    }
    return object_call(hook, args, nargs, kwnames);
}

/* ---- Frames and tracing */

static Value sys_getframe(Value self, const Value *args)
{
    int depth = 0;
    if (value_is_present(args[0]) && arg_int(args[0], &depth) < 0) {
        return VALUE_NULL;
    }
    Value frame = value_from_object(vm_frame_object(depth < 0 ? 0 : depth));
    return value_is_null(frame) || sys_audit("sys._getframe", &frame, 1) < 0 ? VALUE_NULL : frame;
}

static Value sys_current_frames(Value self)
{
    if (sys_audit("sys._current_frames", NULL, 0) < 0) {
        return VALUE_NULL;
    }
    return value_from_object(vm_current_frames());
}
static Value sys_current_exceptions(Value self)
{
    if (sys_audit("sys._current_exceptions", NULL, 0) < 0) {
        return VALUE_NULL;
    }
    PyObject *exceptions = vm_current_exceptions();
    PyObject *described = exceptions == NULL ? NULL : dict_new();
    size_t position = 0;
    Value id, exception;
    while (described != NULL && dict_next(exceptions, &position, &id, &exception, NULL)) {
        PyObject *e = value_is_none(exception) ? NULL : value_object(exception);
        if (dict_set(described, id, value_from_object(describe_exception(e))) < 0) {
            return VALUE_NULL;
        }
    }
    return value_from_object(described);
}

static Value set_trace(const char *event, Value function, bool profile)
{
    return sys_audit(event, NULL, 0) < 0 || vm_set_trace(function, profile) < 0 ? VALUE_NULL
                                                                                : VALUE_NONE;
}
static Value sys_settrace(Value self, Value function)
{
    return set_trace("sys.settrace", function, false);
}
static Value sys_setprofile(Value self, Value function)
{
    return set_trace("sys.setprofile", function, true);
}
static Value sys_gettrace(Value self)
{
    return vm_get_trace(false);
}
static Value sys_getprofile(Value self)
{
    return vm_get_trace(true);
}

static Value sys_call_tracing(Value self, const Value *args)
{
    if (!tuple_check(args[1])) {
        return error_raise(PyExc_TypeError, "call_tracing() argument 2 must be tuple, not %T",
                           args[1]);
    }
    PyThreadState *state = &thread_current()->state;
    int tracing = state->tracing;
    state->tracing = 0;
    Value result = object_call_tuple(args[0], value_object(args[1]), NULL);
    state->tracing = tracing;
    return result;
}

static Value sys_setrecursionlimit(Value self, Value limit)
{
    int n;
    if (arg_int(limit, &n) < 0) {
        return VALUE_NULL;
    }
    if (n < 1) {
        return error_raise(PyExc_ValueError, "recursion limit must be greater or equal than 1");
    }
    int depth = vm_recursion_depth();
    if (depth >= n) {
        return error_raise(PyExc_RecursionError,
                           "cannot set the recursion limit to %d at the recursion depth %d: the "
                           "limit is too low",
                           n, depth);
    }
    vm_set_recursion_limit(n);
    return VALUE_NONE;
}

static Value sys_getrecursionlimit(Value self)
{
    return value_from_int(atomic_load_relaxed(&vm_recursion_limit));
}

/* ---- Coroutines */

static const char *const asyncgen_hook_fields[] = {"firstiter", "finalizer", NULL};
static PyTypeObject *asyncgen_hooks_type; /* set once at start-up */

static Value sys_get_asyncgen_hooks(Value self)
{
    PyThreadState *state = &thread_current()->state;
    PyObject *s = structseq_new(asyncgen_hooks_type);
    if (s == NULL || structseq_set(s, 0, none_if_null(state->async_gen_firstiter)) < 0 ||
        structseq_set(s, 1, none_if_null(state->async_gen_finalizer)) < 0) {
        return VALUE_NULL;
    }
    return value_from_object(s);
}

static int check_hook(Value hook, const char *name)
{
    if (value_is_absent(hook) || value_is_none(hook) || object_is_callable(hook)) {
        return 0;
    }
    return error_raise_int(PyExc_TypeError, "callable %s expected, got %T", name, hook);
}

static int set_hook(PyObject **slot, Value hook, const char *event)
{
    if (value_is_present(hook)) {
        if (sys_audit(event, NULL, 0) < 0) {
            return -1;
        }
        *slot = value_is_none(hook) ? NULL : value_object(hook);
    }
    return 0;
}

static Value sys_set_asyncgen_hooks(Value self, const Value *args)
{
    PyThreadState *state = &thread_current()->state;
    if (check_hook(args[1], "finalizer") < 0 || check_hook(args[0], "firstiter") < 0) {
        return VALUE_NULL;
    }
    if (set_hook(&state->async_gen_finalizer, args[1], "sys.set_asyncgen_hook_finalizer") < 0 ||
        set_hook(&state->async_gen_firstiter, args[0], "sys.set_asyncgen_hook_firstiter") < 0) {
        return VALUE_NULL;
    }
    return VALUE_NONE;
}

static Value sys_get_origin_depth(Value self)
{
    return value_from_int(thread_current()->state.coroutine_origin_tracking_depth);
}

static Value sys_set_origin_depth(Value self, const Value *args)
{
    int depth;
    if (arg_int(args[0], &depth) < 0) {
        return VALUE_NULL;
    }
    if (depth < 0) {
        return error_raise(PyExc_ValueError, "depth must be >= 0");
    }
    thread_current()->state.coroutine_origin_tracking_depth = depth;
    return VALUE_NONE;
}

/* ---- Objects and limits */

static Value sys_intern(Value self, Value string)
{
    if (!str_check(string)) {
        return error_raise(PyExc_TypeError, "intern() argument must be str, not %T", string);
    }
    if (!str_check_exact(string)) {
        return error_raise(PyExc_TypeError, "can't intern %T", string);
    }
    return value_from_object(str_intern(value_object(string)));
}

static Value sys_getsizeof(Value self, const Value *args)
{
    Value method, size = VALUE_NULL;
    int found = object_find_special(args[0], names.__sizeof__, &method);
    if (found > 0) {
        size = object_call0(method);
    } else if (found == 0) {
        error_raise(PyExc_TypeError, "Type %T doesn't define __sizeof__", args[0]);
    }
    Py_ssize_t n;
    if (!value_is_null(size) && arg_index(size, &n) == 0) {
        if (n >= 0) {
            return int_from_ssize(n);
        }
        error_raise(PyExc_ValueError, "__sizeof__() should return >= 0");
    }
    if (value_is_present(args[1]) && error_matches(PyExc_TypeError)) {
        error_clear();
        return args[1];
    }
    return VALUE_NULL;
}

/* What extension code holds, and the two references that a caller of this has: only those of
 * extension code are counted. */
static Value sys_getrefcount(Value self, Value object)
{
    return int_from_ssize(2 + (value_is_object(object) ? object_c_count(value_object(object)) : 0));
}

static Value sys_getallocatedblocks(Value self)
{
    struct heap_stats stats;
    heap_get_stats(&stats);
    return int_from_u64(stats.live_cells);
}

static Value sys_getswitchinterval(Value self)
{
    return float_from_double(atomic_load_relaxed(&sys_switch_interval_us) / 1e6);
}

static Value sys_setswitchinterval(Value self, Value interval)
{
    double seconds;
    if (arg_double(interval, &seconds) < 0) {
        return VALUE_NULL;
    }
    if (!(seconds > 0)) {
        return error_raise(PyExc_ValueError, "switch interval must be strictly positive");
    }
    atomic_store_relaxed(&sys_switch_interval_us, (unsigned long)(seconds * 1e6));
    return VALUE_NONE;
}

static Value sys_get_max_str_digits(Value self)
{
    return value_from_int(atomic_load_relaxed(&int_max_str_digits));
}

static Value sys_set_max_str_digits(Value self, const Value *args)
{
    int digits;
    if (arg_int(args[0], &digits) < 0) {
        return VALUE_NULL;
    }
    if (digits != 0 && digits < SYS_DIGITS_THRESHOLD) {
        return error_raise(PyExc_ValueError, "maxdigits must be 0 or larger than %d",
                           SYS_DIGITS_THRESHOLD);
    }
    atomic_store_relaxed(&int_max_str_digits, digits);
    return VALUE_NONE;
}

static int dlopen_flags = RTLD_NOW; /* atomic */
static Value sys_getdlopenflags(Value self)
{
    return value_from_int(atomic_load_relaxed(&dlopen_flags));
}
static Value sys_setdlopenflags(Value self, Value flags)
{
    int n;
    if (arg_int(flags, &n) < 0) {
        return VALUE_NULL;
    }
    atomic_store_relaxed(&dlopen_flags, n);
    return VALUE_NONE;
}

static Value sys_getdefaultencoding(Value self)
{
    return value_from_object(str_intern_text("utf-8"));
}
static Value sys_getfilesystemencodeerrors(Value self)
{
    return value_from_object(str_intern_text("surrogateescape"));
}
static Value sys_is_finalizing(Value self)
{
    return value_from_bool(atomic_load_relaxed(&sys_finalizing));
}
static Value sys_is_gil_enabled(Value self)
{
    return VALUE_FALSE;
}
static Value sys_clear_type_cache(Value self)
{
    return VALUE_NONE;
}
static Value sys_debugmallocstats(Value self)
{
    return VALUE_NONE;
}
static Value sys_getquickenedcount(Value self)
{
    return value_from_int(0);
}

static const struct native_def functions[] = {
    {"_clear_type_cache", "($module, /)", "Forgets cached attribute lookups of classes.",
     .f0 = sys_clear_type_cache},
    {"_current_exceptions", "($module, /)", "The exception that each thread is handling.",
     .f0 = sys_current_exceptions},
    {"_current_frames", "($module, /)", "The innermost frame of each thread.",
     .f0 = sys_current_frames},
    {"_debugmallocstats", "($module, /)", "Prints figures about memory to standard error.",
     .f0 = sys_debugmallocstats},
    {"_getframe", "($module, depth=0, /)", "The frame that is depth calls above.",
     .n = sys_getframe},
    {"_getquickenedcount", "($module, /)", "How many code objects have been quickened.",
     .f0 = sys_getquickenedcount},
    {"_is_gil_enabled", "($module, /)", "Is there a global interpreter lock? Always false.",
     .f0 = sys_is_gil_enabled},
    {"addaudithook", "($module, /, hook)", "Adds a function that is called for each audit event.",
     .n = sys_addaudithook},
    {"audit", NULL, "Tells the audit hooks of an event.", .raw = sys_audit_function},
    {"breakpointhook", NULL, "What breakpoint() calls.", .raw = sys_breakpointhook},
    {"call_tracing", "($module, func, args, /)",
     "Calls func with args while tracing is possible again.", .n = sys_call_tracing},
    {"displayhook", "($module, object, /)", "Prints an object and keeps it in builtins._.",
     .f1 = sys_displayhook},
    {"exc_info", "($module, /)",
     "Class, instance and traceback of the exception being handled, or Nones.", .f0 = sys_exc_info},
    {"excepthook", "($module, exctype, value, traceback, /)",
     "Prints an exception and its traceback to sys.stderr.", .n = sys_excepthook},
    {"exception", "($module, /)", "The exception being handled, or None.", .f0 = sys_exception},
    {"exit", "($module, status=None, /)", "Ends the program: raises SystemExit(status).",
     .n = sys_exit},
    {"get_asyncgen_hooks", "($module, /)", "The hooks for asynchronous generators.",
     .f0 = sys_get_asyncgen_hooks},
    {"get_coroutine_origin_tracking_depth", "($module, /)",
     "How many frames coroutines remember of where they were made.", .f0 = sys_get_origin_depth},
    {"get_int_max_str_digits", "($module, /)",
     "The most digits that int and str are converted between; 0: any.",
     .f0 = sys_get_max_str_digits},
    {"getallocatedblocks", "($module, /)", "How many pieces of memory are in use.",
     .f0 = sys_getallocatedblocks},
    {"getdefaultencoding", "($module, /)", "The encoding that str.encode uses by default.",
     .f0 = sys_getdefaultencoding},
    {"getdlopenflags", "($module, /)", "The flags with which extension modules are loaded.",
     .f0 = sys_getdlopenflags},
    {"getfilesystemencodeerrors", "($module, /)", "The error handler for file names.",
     .f0 = sys_getfilesystemencodeerrors},
    {"getfilesystemencoding", "($module, /)", "The encoding of file names.",
     .f0 = sys_getdefaultencoding},
    {"getprofile", "($module, /)", "The profiling function.", .f0 = sys_getprofile},
    {"getrecursionlimit", "($module, /)", "How deep calls may be nested.",
     .f0 = sys_getrecursionlimit},
    {"getrefcount", "($module, object, /)", "A reference count, as it looks to extension modules.",
     .f1 = sys_getrefcount},
    {"getsizeof", "($module, /, object, default=<unrepresentable>)",
     "The size of the object in bytes.", .n = sys_getsizeof},
    {"getswitchinterval", "($module, /)", "What setswitchinterval() was given.",
     .f0 = sys_getswitchinterval},
    {"gettrace", "($module, /)", "The tracing function.", .f0 = sys_gettrace},
    {"intern", "($module, string, /)", "The one interned str that equals this one.",
     .f1 = sys_intern},
    {"is_finalizing", "($module, /)", "Is the interpreter shutting down?", .f0 = sys_is_finalizing},
    {"set_asyncgen_hooks", "($module, /, firstiter=<unrepresentable>, finalizer=<unrepresentable>)",
     "Sets the hooks for asynchronous generators.", .n = sys_set_asyncgen_hooks},
    {"set_coroutine_origin_tracking_depth", "($module, /, depth)",
     "Lets coroutines remember that many frames of where they were made.",
     .n = sys_set_origin_depth},
    {"set_int_max_str_digits", "($module, /, maxdigits)",
     "Limits the digits that int and str are converted between; 0: no limit.",
     .n = sys_set_max_str_digits},
    {"setdlopenflags", "($module, flags, /)",
     "Sets the flags with which extension modules are loaded.", .f1 = sys_setdlopenflags},
    {"setprofile", "($module, function, /)", "Sets the profiling function of this thread.",
     .f1 = sys_setprofile},
    {"setrecursionlimit", "($module, limit, /)", "Sets how deep calls may be nested.",
     .f1 = sys_setrecursionlimit},
    {"setswitchinterval", "($module, interval, /)", "Keeps the number; nothing depends on it.",
     .f1 = sys_setswitchinterval},
    {"settrace", "($module, function, /)", "Sets the tracing function of this thread.",
     .f1 = sys_settrace},
    {"unraisablehook", "($module, unraisable, /)",
     "Tells about an exception that cannot be raised.", .f1 = sys_unraisablehook},
    {NULL},
};

/* The names under which programs find the original hooks again. */
static int keep_originals(PyObject *module)
{
    static const char *const hooks[][2] = {{"displayhook", "__displayhook__"},
                                           {"excepthook", "__excepthook__"},
                                           {"breakpointhook", "__breakpointhook__"},
                                           {"unraisablehook", "__unraisablehook__"}};
    for (size_t i = 0; i < sizeof hooks / sizeof hooks[0]; i++) {
        Value hook = dict_get_str(module_dict(module), str_intern_text(hooks[i][0]));
        if (module_add(module, hooks[i][1], hook) < 0) {
            return -1;
        }
    }
    return 0;
}

unsigned long sys_switch_interval_us = 5000;

static int sys_exec(PyObject *module)
{
    if (error_init_unraisable() < 0) {
        return -1;
    }
    asyncgen_hooks_type =
        structseq_type_new_sealed("sys.asyncgen_hooks", "asyncgen hooks", asyncgen_hook_fields, 2);
    if (asyncgen_hooks_type == NULL || keep_originals(module) < 0) {
        return -1;
    }
    return sys_add_information(module);
}

const struct module_def sys_module = {
    .name = "sys",
    .doc = "Access to some objects used or maintained by the interpreter.",
    .functions = functions,
    .exec = sys_exec,
};
