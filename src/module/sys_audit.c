/* SPDX-License-Identifier: MIT */
/* Auditing: sys.audit and sys.addaudithook, and the hooks of C code, which capi/ keeps
 * (PySys_AddAuditHook).
 *
 * C hooks see an event first, then those of Python code, both in the order in which they were
 * added; the first that fails ends it. Hooks are only ever added, until the interpreter ends: so
 * who raises an event takes no lock. */
#include <fcntl.h>
#include <stdarg.h>

#include "module/sys.h"
#include "module/sys_int.h"
#include "object/bytes.h"
#include "object/int.h"
#include "object/list.h"
#include "object/native.h"
#include "object/str.h"
#include "thread/thread.h"

bool sys_audit_hooked;
int (*sys_audit_in_c)(const char *event, PyObject *args);

/* Replaced whole when one is added; no object, so that gc.get_objects() does not show it. */
struct python_hooks {
    Value count; /* an int */
    Value hooks[];
};
static struct python_hooks *python_hooks; /* atomic */

/* ---- The hooks of Python code. */

/* Trace functions do not see what a hook does, unless it wants that. 1, 0 or -1. */
static int can_trace(Value hook)
{
    Value wanted;
    PyObject *name = str_intern_text("__cantrace__");
    int found = name == NULL ? -1 : object_find_attr(hook, name, &wanted);
    return found <= 0 ? found : object_truth(wanted);
}

static int call_hook(Value hook, PyObject *event, PyObject *args)
{
    PyThreadState *state = &thread_current()->state;
    int hidden = 0;
    if (UNLIKELY(state->c_traceobj != NULL || state->c_profileobj != NULL)) {
        int traced = can_trace(hook);
        if (traced < 0) {
            return -1;
        }
        hidden = !traced;
    }
    state->tracing += hidden;
    Value done = object_call2(hook, value_from_object(event), value_from_object(args));
    state->tracing -= hidden;
    return value_is_null(done) ? -1 : 0;
}

int sys_audit_in_python(const char *event, PyObject *args)
{
    struct python_hooks *hooks = atomic_load_acquire(&python_hooks);
    if (hooks == NULL) {
        return 0;
    }
    PyObject *name = str_from_utf8(event, (Py_ssize_t)strlen(event));
    if (name == NULL) {
        return -1;
    }
    for (int64_t i = 0; i < value_int(hooks->count); i++) {
        if (call_hook(hooks->hooks[i], name, args) < 0) {
            return -1;
        }
    }
    return 0;
}

/* ---- Events. */

static int call_hooks(const char *event, const Value *args, size_t nargs)
{
    PyObject *tuple = tuple_from_array(args, nargs);
    if (tuple == NULL) {
        return -1;
    }
    int (*in_c)(const char *, PyObject *) = atomic_load_acquire(&sys_audit_in_c);
    return in_c != NULL && in_c(event, tuple) < 0 ? -1 : sys_audit_in_python(event, tuple);
}

int sys_audit_slow(const char *event, const Value *args, size_t nargs)
{
    PyObject *before = error_occurred() ? error_take() : NULL;
    if (call_hooks(event, args, nargs) < 0) {
        return -1;
    }
    if (before != NULL) {
        error_restore(before);
    }
    return 0;
}

static Value build_argument(char unit, va_list *in)
{
    Value v;
    const char *text;
    int number;
    switch (unit) {
    case 'i': return value_from_int(va_arg(*in, int));
    case 'I': return value_from_int(va_arg(*in, unsigned));
    case 'l': return int_from_i64(va_arg(*in, int64_t));
    case 'd': number = va_arg(*in, int); return value_from_int(number == AT_FDCWD ? -1 : number);
    case 's':
        text = va_arg(*in, const char *);
        return text == NULL ? VALUE_NONE
                            : value_from_object(str_from_utf8(text, (Py_ssize_t)strlen(text)));
    case 'y':
        text = va_arg(*in, const char *);
        return value_from_object(bytes_new(text, (Py_ssize_t)strlen(text)));
    default: v = va_arg(*in, Value); return value_is_absent(v) ? VALUE_NONE : v;
    }
}

int sys_audit_values(const char *event, const char *format, ...)
{
    Value args[6];
    size_t count = 0;
    if (!sys_audit_wanted()) {
        return 0;
    }
    va_list in;
    va_start(in, format);
    bool failed = false;
    for (; *format != 0 && !failed; format++) {
        args[count] = build_argument(*format, &in);
        failed = value_is_null(args[count++]);
    }
    va_end(in);
    return failed ? -1 : sys_audit(event, args, count);
}

void sys_audit_end(void)
{
    if (sys_audit("cpython.PyInterpreterState_Clear", NULL, 0) < 0) {
        error_clear();
    }
    atomic_store_release(&python_hooks, (struct python_hooks *)NULL);
    if (sys_audit("cpython._PySys_ClearAuditHooks", NULL, 0) < 0) {
        error_clear();
    }
    atomic_store_relaxed(&sys_audit_hooked, false);
}

/* ---- Functions of sys. */

Value sys_audit_function(Value self, const Value *args, size_t nargs, PyObject *kwnames)
{
    nargs = CALL_NARGS(nargs);
    if (native_no_keywords("audit", kwnames) < 0) {
        return VALUE_NULL;
    }
    if (nargs == 0) {
        return error_raise(PyExc_TypeError, "audit() missing 1 required positional argument: "
                                            "'event'");
    }
    if (!sys_audit_wanted()) {
        return VALUE_NONE;
    }
    if (!str_check(args[0])) {
        return error_raise(PyExc_TypeError, "expected str for argument 'event', not %T", args[0]);
    }
    const char *event = str_utf8(value_object(args[0]), NULL);
    return event == NULL || sys_audit(event, args + 1, nargs - 1) < 0 ? VALUE_NULL : VALUE_NONE;
}

static int add_python_hook(Value hook)
{
    struct python_hooks *old = atomic_load_acquire(&python_hooks), *fresh;
    do {
        int64_t count = old == NULL ? 0 : value_int(old->count);
        size_t size = sizeof *fresh + (size_t)(count + 1) * sizeof hook;
        fresh = heap_alloc(size, CELL_WORDS);
        if (fresh == NULL) {
            error_no_memory();
            return -1;
        }
        fresh->count = value_from_int(count + 1);
        for (int64_t i = 0; i < count; i++) {
            heap_init_value(fresh, &fresh->hooks[i], old->hooks[i]);
        }
        heap_init_value(fresh, &fresh->hooks[count], hook);
    } while (!atomic_cas_acq_rel(&python_hooks, old, fresh));
    return 0;
}

Value sys_addaudithook(Value self, const Value *args)
{
    if (sys_audit("sys.addaudithook", NULL, 0) < 0) {
        if (!error_matches(PyExc_Exception)) {
            return VALUE_NULL;
        }
        error_clear(); /* a hook does not want it */
        return VALUE_NONE;
    }
    if (add_python_hook(args[0]) < 0) {
        return VALUE_NULL;
    }
    atomic_store_release(&sys_audit_hooked, true);
    return VALUE_NONE;
}
