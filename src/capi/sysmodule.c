/* SPDX-License-Identifier: MIT */
/* Formatted output to sys.stdout and sys.stderr, and audit hooks in C. */
#include <stdio.h>
#include <stdlib.h>

#include "capi/capi.h"
#include "capi/capi_int.h"
#include "module/sys.h"

/* ---- Output. Without such a stream, or where it fails, to the C stream. No exception comes out,
 * and one that is set stays. */

static void write_text(const char *name, PyObject *text, FILE *otherwise)
{
    PyObject *stream = PySys_GetObject(name);
    if (text == NULL || stream == NULL || PyFile_WriteObject(text, stream, Py_PRINT_RAW) < 0) {
        PyErr_Clear();
        const char *bytes = text == NULL ? NULL : PyUnicode_AsUTF8(text);
        if (bytes != NULL) {
            fputs(bytes, otherwise);
        }
        PyErr_Clear();
    }
}

/* As printf would; what is longer than 1000 bytes is cut. */
static void write_c(const char *name, FILE *otherwise, const char *format, va_list arguments)
{
    PyObject *type, *value, *traceback;
    char text[1001];
    PyErr_Fetch(&type, &value, &traceback);
    int n = PyOS_vsnprintf(text, sizeof text, format, arguments);
    PyObject *s = PyUnicode_DecodeUTF8(text, (Py_ssize_t)strlen(text), "replace");
    write_text(name, s, otherwise);
    Py_XDECREF(s);
    if (n < 0 || (size_t)n >= sizeof text) {
        s = PyUnicode_FromString("... truncated");
        write_text(name, s, otherwise);
        Py_XDECREF(s);
    }
    PyErr_Restore(type, value, traceback);
}

static void write_format(const char *name, FILE *otherwise, const char *format, va_list arguments)
{
    PyObject *type, *value, *traceback;
    PyErr_Fetch(&type, &value, &traceback);
    PyObject *s = PyUnicode_FromFormatV(format, arguments);
    write_text(name, s, otherwise);
    Py_XDECREF(s);
    PyErr_Restore(type, value, traceback);
}

void PySys_WriteStdout(const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    write_c("stdout", stdout, format, arguments);
    va_end(arguments);
}

void PySys_WriteStderr(const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    write_c("stderr", stderr, format, arguments);
    va_end(arguments);
}

void PySys_FormatStdout(const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    write_format("stdout", stdout, format, arguments);
    va_end(arguments);
}

void PySys_FormatStderr(const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    write_format("stderr", stderr, format, arguments);
    va_end(arguments);
}

/* ---- Audit hooks (module/sys_audit.c has those of Python code). They may come before the start,
 * and go at the end. */

struct audit_hook {
    struct audit_hook *next; /* atomic; the rest is constant */
    Py_AuditHookFunction function;
    void *data;
};

static struct audit_hook *audit_hooks; /* atomic; the list grows at its end */

/* In extension code. What a hook leaves behind without failing is dropped. */
static int call_audit_hooks(const char *event, PyObject *args)
{
    struct audit_hook *hook = atomic_load_acquire(&audit_hooks);
    for (; hook != NULL; hook = atomic_load_acquire(&hook->next)) {
        if (hook->function(event, args, hook->data) < 0) {
            return -1;
        }
        PyErr_Clear();
    }
    return 0;
}

/* In our code. */
static int audit_in_c(const char *event, PyObject *args)
{
    const struct audit_hook *first = atomic_load_acquire(&audit_hooks);
    if (first == NULL) {
        return 0;
    }
    capi_prepare_extensions();
    capi_leave_to(thread_current(), (const void *)first->function);
    int status = call_audit_hooks(event, args);
    capi_enter();
    if (status < 0 && !error_occurred()) {
        error_raise(PyExc_SystemError, "error return without exception set");
    }
    return status;
}

/* A tuple; NULL with an exception. */
static PyObject *audit_arguments(const char *format, va_list values)
{
    if (format == NULL || *format == 0) {
        return PyTuple_New(0);
    }
    PyObject *built = _Py_VaBuildValue_SizeT(format, values);
    if (built == NULL || PyTuple_Check(built)) {
        return built;
    }
    PyObject *tuple = PyTuple_Pack(1, built);
    Py_DECREF(built);
    return tuple;
}

static int audit_in_python(const char *event, PyObject *args)
{
    struct thread *t = capi_enter();
    return capi_return_int(t, sys_audit_in_python(event, capi_object(args)));
}

static int audit(const char *event, PyObject *args)
{
    if (args == NULL) {
        return -1;
    }
    capi_publish(args);
    int status = call_audit_hooks(event, args);
    return status < 0 ? status : audit_in_python(event, args);
}

int PySys_Audit(const char *event, const char *format, ...)
{
    if (!sys_audit_wanted() || thread_current() == NULL) {
        return 0;
    }
    PyObject *type, *value, *traceback;
    PyErr_Fetch(&type, &value, &traceback);
    va_list values;
    va_start(values, format);
    PyObject *args = audit_arguments(format, values);
    va_end(values);
    int status = audit(event, args);
    Py_XDECREF(args);
    if (status == 0) {
        PyErr_Restore(type, value, traceback);
        return 0;
    }
    Py_XDECREF(type);
    Py_XDECREF(value);
    Py_XDECREF(traceback);
    return -1;
}

static void append_audit_hook(struct audit_hook *fresh)
{
    struct audit_hook **place = &audit_hooks, *last = NULL;
    while (!atomic_cas_acq_rel(place, last, fresh)) {
        place = &last->next;
        last = NULL;
    }
    atomic_store_release(&sys_audit_in_c, audit_in_c);
    atomic_store_release(&sys_audit_hooked, true);
}

int PySys_AddAuditHook(Py_AuditHookFunction function, void *data)
{
    bool running = thread_current() != NULL;
    if (running && PySys_Audit("sys.addaudithook", NULL) < 0) {
        if (!PyErr_ExceptionMatches(PyExc_RuntimeError)) {
            return -1;
        }
        PyErr_Clear(); /* a hook does not want it */
        return 0;
    }
    struct audit_hook *fresh = malloc(sizeof *fresh);
    if (fresh == NULL) {
        if (running) {
            PyErr_NoMemory();
        }
        return -1;
    }
    *fresh = (struct audit_hook){.function = function, .data = data};
    append_audit_hook(fresh);
    return 0;
}

void capi_forget_audit_hooks(void)
{
    struct audit_hook *hook = audit_hooks;
    audit_hooks = NULL;
    while (hook != NULL) {
        struct audit_hook *next = hook->next;
        free(hook);
        hook = next;
    }
}
