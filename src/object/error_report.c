/* SPDX-License-Identifier: MIT */
/* Where exceptions end that nobody handles: sys.excepthook, sys.unraisablehook, SystemExit, and
 * warnings. Falls back to standard error when the sys module is not there (yet, or any more). */
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "object/dict.h"
#include "object/exception_int.h"
#include "object/function.h"
#include "object/int.h"
#include "object/list.h"
#include "object/str.h"
#include "object/structseq.h"

/* An entry of the sys module; VALUE_ABSENT if there is none. */
static Value sys_get(PyObject *name)
{
    return error_sys_dict != NULL ? dict_get_str(error_sys_dict, name) : VALUE_ABSENT;
}

static void sys_set(PyObject *name, Value v)
{
    if (error_sys_dict != NULL && dict_set_str(error_sys_dict, name, v) < 0) {
        error_clear();
    }
}

static Value value_or_none(PyObject *o)
{
    return o != NULL ? value_from_object(o) : VALUE_NONE;
}

/* ---- Text to a file object, or to descriptor 2 when there is none. */

int error_write(Value file, PyObject *text)
{
    if (text == NULL) {
        return -1;
    }
    if (value_is_present(file)) {
        return value_is_null(object_call_method1(file, names.write, value_from_object(text))) ? -1
                                                                                              : 0;
    }
    PyObject *bytes = str_encode(text, "utf-8", "backslashreplace");
    if (bytes == NULL) {
        return -1;
    }
    const PyBytesObject *b = (const PyBytesObject *)bytes;
    return write(2, b->ob_sval, (size_t)((const PyVarObject *)b)->ob_size) < 0 ? -1 : 0;
}

int error_write_text(Value file, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    PyObject *text = str_format_v(format, arguments);
    va_end(arguments);
    return error_write(file, text);
}

/* sys.stderr; ABSENT if sys is not there; None if it is switched off. */
static Value standard_error(void)
{
    Value file = sys_get(names.stderr);
    return value_is_null(file) ? VALUE_ABSENT : file;
}

static void flush(Value file)
{
    if (value_is_present(file) && !value_is_none(file) &&
        value_is_null(object_call_method0(file, names.flush))) {
        error_clear();
    }
}

/* ---- Unraisable exceptions. */

static int write_unraisable_head(Value file, Value message, Value object)
{
    bool has_object = !value_is_none(object);
    if (!value_is_none(message)) {
        if (error_write_text(file, has_object ? "%S: " : "%S:\n", message) < 0) {
            return -1;
        }
    } else if (has_object && error_write_text(file, "Exception ignored in: ") < 0) {
        return -1;
    }
    if (!has_object) {
        return 0;
    }
    PyObject *text = object_repr(object);
    if (text == NULL) {
        error_clear();
        text = str_from_text("<object repr() failed>");
    }
    return error_write(file, text) < 0 || error_write_text(file, "\n") < 0 ? -1 : 0;
}

int error_display_unraisable(Value type, Value exception, Value traceback, Value message,
                             Value object)
{
    Value file = standard_error();
    if (value_is_none(file) || value_is_none(type)) {
        return 0;
    }
    if (write_unraisable_head(file, message, object) < 0) {
        return -1;
    }
    if (!value_is_none(traceback) && traceback_print(value_object(traceback), file) < 0) {
        return -1;
    }
    if (exception_write_line(type, exception, file) < 0) {
        return -1;
    }
    flush(file);
    return 0;
}

PyTypeObject *error_unraisable_type;

int error_init_unraisable(void)
{
    static const char *const fields[] = {"exc_type", "exc_value", "exc_traceback",
                                         "err_msg",  "object",    NULL};
    error_unraisable_type = structseq_type_new(
        "UnraisableHookArgs", "UnraisableHookArgs\n\nWhat sys.unraisablehook is told.", fields, 5);
    return error_unraisable_type == NULL ? -1 : 0;
}

static PyObject *unraisable_arguments(PyObject *exception, Value message, Value where)
{
    const Value items[] = {value_from_object(exception->ob_type), value_from_object(exception),
                           value_or_none(exception_get_traceback(exception)), message,
                           value_is_absent(where) ? VALUE_NONE : where};
    PyObject *arguments = structseq_new(error_unraisable_type);
    for (Py_ssize_t i = 0; arguments != NULL && i < 5; i++) {
        if (structseq_set(arguments, i, items[i]) < 0) {
            return NULL;
        }
    }
    return arguments;
}

static void call_unraisable_hook(PyObject *exception, Value message, Value where)
{
    Value hook = sys_get(names.unraisablehook);
    if (!value_is_present(hook) || value_is_none(hook) || error_unraisable_type == NULL) {
        error_display_unraisable(value_from_object(exception->ob_type),
                                 value_from_object(exception),
                                 value_or_none(exception_get_traceback(exception)), message,
                                 value_is_absent(where) ? VALUE_NONE : where);
        return;
    }
    PyObject *arguments = unraisable_arguments(exception, message, where);
    if (arguments == NULL || value_is_null(object_call1(hook, value_from_object(arguments)))) {
        PyObject *failed = error_take();
        if (failed != NULL) {
            error_display_unraisable(
                value_from_object(failed->ob_type), value_from_object(failed),
                value_or_none(exception_get_traceback(failed)),
                value_from_object(str_from_text("Exception ignored in sys.unraisablehook")), hook);
        }
    }
}

void error_write_unraisable(Value where, const char *message)
{
    PyObject *exception = error_take();
    if (exception == NULL) {
        return;
    }
    if (exception_get_traceback(exception) == NULL && object_hooks.traceback_here != NULL) {
        error_restore(exception);
        object_hooks.traceback_here();
        exception = error_take();
    }
    Value text = VALUE_NONE;
    if (message != NULL) {
        text = value_from_object(str_format("Exception ignored %s", message));
        if (value_is_null(text)) {
            error_clear();
            text = VALUE_NONE;
        }
    }
    call_unraisable_hook(exception, text, where);
    error_clear();
}

/* ---- The end of a program. */

/* The exit status that a SystemExit asks for; prints what is no number. */
int error_exit_status(PyObject *exception)
{
    PyObject *code = ((PySystemExitObject *)exception)->code;
    if (code == NULL || code == Py_None) {
        return 0;
    }
    if (int_check(value_from_object(code))) {
        return (int)int_to_u64_mask(value_from_object(code));
    }
    Value file = standard_error();
    flush(sys_get(names.stdout));
    if (!value_is_none(file) && (error_write(file, object_str(value_from_object(code))) < 0 ||
                                 error_write_text(file, "\n") < 0)) {
        error_clear();
    }
    return 1;
}

static void exit_for(PyObject *exception)
{
    fflush(stdout); /* what C code has written comes before what sys.stdout holds */
    int status = error_exit_status(exception);
    if (error_hooks.exit != NULL) {
        error_hooks.exit(status);
    }
    exit(status);
}

static bool is_exit(PyObject *exception)
{
    return error_instance_matches(exception, PyExc_SystemExit);
}

static void display(PyObject *exception)
{
    Value file = standard_error();
    if (value_is_none(file)) {
        return;
    }
    flush(sys_get(names.stdout));
    exception_print(exception, file);
    flush(file);
}

static void call_excepthook(Value hook, PyObject *exception)
{
    Value result =
        object_call3(hook, value_from_object(exception->ob_type), value_from_object(exception),
                     value_or_none(exception_get_traceback(exception)));
    if (!value_is_null(result)) {
        return;
    }
    PyObject *failed = error_take();
    if (failed != NULL && is_exit(failed)) {
        exit_for(failed);
    }
    Value file = standard_error();
    error_write_text(file, "Error in sys.excepthook:\n");
    if (failed != NULL) {
        display(failed);
    }
    error_write_text(file, "\nOriginal exception was:\n");
    display(exception);
}

void error_print(void)
{
    PyObject *exception = error_take();
    if (exception == NULL) {
        return;
    }
    if (is_exit(exception)) {
        exit_for(exception);
    }
    sys_set(names.last_type, value_from_object(exception->ob_type));
    sys_set(names.last_value, value_from_object(exception));
    sys_set(names.last_traceback, value_or_none(exception_get_traceback(exception)));
    Value hook = sys_get(names.excepthook);
    if (value_is_present(hook)) {
        call_excepthook(hook, exception);
    } else {
        if (error_sys_dict != NULL) {
            error_write_text(standard_error(), "sys.excepthook is missing\n");
        }
        display(exception);
    }
    error_clear();
}

/* ---- Warnings. */

/* The module `warnings` if it is loaded, else `_warnings`; ABSENT before there is an import system.
 */
static Value warnings_module(void)
{
    Value modules = sys_get(names.modules);
    if (!dict_check(modules)) {
        return VALUE_ABSENT;
    }
    Value found = dict_get_str(value_object(modules), names.warnings);
    PyObject *name = str_intern_text("_warnings");
    if (value_is_absent(found) && name != NULL) {
        found = dict_get_str(value_object(modules), name);
    }
    if (value_is_absent(found) && name != NULL) {
        Value builtins = dict_get_str(value_object(modules), names.builtins);
        if (value_is_present(builtins)) {
            Value import = object_getattr(builtins, names.__import__);
            found = value_is_null(import) ? import : object_call1(import, value_from_object(name));
        }
    }
    return found;
}

int error_warn(PyObject *category, int stack_level, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    PyObject *text = str_format_v(format, arguments);
    va_end(arguments);
    if (text == NULL) {
        return -1;
    }
    Value module = warnings_module();
    if (value_is_absent(module)) {
        return 0;
    }
    Value warn = value_is_null(module) ? module : object_getattr(module, names.warn);
    if (value_is_null(warn)) {
        return -1;
    }
    Value result = object_call3(warn, value_from_object(text), value_from_object(category),
                                int_from_i64(stack_level));
    return value_is_null(result) ? -1 : 0;
}
