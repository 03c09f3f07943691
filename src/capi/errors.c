/* SPDX-License-Identifier: MIT */
/* The error state, as extension code sees it. */
#include <signal.h>

#include <errno.h>
#include <stdarg.h>

#include "capi/capi_int.h"
#include "module/signal.h"
#include "object/dict.h"
#include "object/exception.h"
#include "object/int.h"
#include "object/list.h"

/* ---- Looking and clearing. */

PyObject *PyErr_Occurred(void)
{
    return thread_current()->state.curexc_type;
}

void PyErr_Clear(void)
{
    struct thread *t = capi_enter();
    error_clear();
    capi_leave(t);
}

int PyErr_GivenExceptionMatches(PyObject *given, PyObject *type)
{
    if (given == NULL || type == NULL) {
        return 0;
    }
    struct thread *t = capi_enter();
    return capi_return_int(t, error_instance_matches(capi_object(given), capi_object(type)));
}

int PyErr_ExceptionMatches(PyObject *type)
{
    struct thread *t = capi_enter();
    return capi_return_int(t, error_matches(capi_object(type)));
}

void PyErr_Fetch(PyObject **type, PyObject **value, PyObject **traceback)
{
    struct thread *t = capi_enter();
    PyObject *exception = error_take();
    PyObject *trace = exception == NULL ? NULL : exception_get_traceback(exception);
    capi_leave(t);
    *value = exception;
    *type = exception == NULL ? NULL : (PyObject *)exception->ob_type;
    *traceback = trace;
    Py_XINCREF(*type);
    Py_XINCREF(*value);
    Py_XINCREF(*traceback);
}

/* The fields as they are given: capi_enter makes an exception of them when it matters. */
void PyErr_Restore(PyObject *type, PyObject *value, PyObject *traceback)
{
    struct thread *t = capi_enter();
    error_clear();
    capi_leave(t);
    PyThreadState *s = &t->state;
    s->curexc_type = type;
    s->curexc_value = type == NULL ? NULL : value;
    s->curexc_traceback = type == NULL ? NULL : traceback;
    if (type == NULL) {
        Py_XDECREF(value);
        Py_XDECREF(traceback);
    }
}

void PyErr_NormalizeException(PyObject **type, PyObject **value, PyObject **traceback)
{
    if (*type == NULL || (*value != NULL && PyExceptionInstance_Check(*value))) {
        return;
    }
    PyErr_Restore(*type, *value, NULL);
    PyObject *unused;
    PyErr_Fetch(type, value, &unused);
    Py_XDECREF(unused);
}

/* ---- Raising. */

void PyErr_SetObject(PyObject *type, PyObject *value)
{
    struct thread *t = capi_enter();
    Value v = capi_value_or(value, VALUE_ABSENT);
    if (exception_check(v)) {
        error_set_instance(value_object(v));
    } else if (value != NULL && tuple_check(v)) {
        Value made = object_call_tuple(capi_value(type), value_object(v), NULL);
        if (exception_check(made)) {
            error_set_instance(value_object(made));
        }
    } else {
        error_raise_value(capi_object(type), value == Py_None ? VALUE_ABSENT : v);
    }
    capi_leave(t);
}

void PyErr_SetNone(PyObject *type)
{
    PyErr_SetObject(type, NULL);
}

void PyErr_SetString(PyObject *type, const char *text)
{
    struct thread *t = capi_enter();
    PyObject *message = str_decode(text, (Py_ssize_t)strlen(text), "utf-8", "replace");
    if (message != NULL) {
        error_raise_value(capi_object(type), value_from_object(message));
    }
    capi_leave(t);
}

PyObject *PyErr_FormatV(PyObject *type, const char *format, va_list arguments)
{
    struct thread *t = capi_enter();
    error_clear();
    capi_leave(t);
    PyObject *message = PyUnicode_FromFormatV(format, arguments);
    if (message != NULL) {
        PyErr_SetObject(type, message);
        Py_DECREF(message);
    }
    return NULL;
}

PyObject *PyErr_Format(PyObject *type, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    PyErr_FormatV(type, format, arguments);
    va_end(arguments);
    return NULL;
}

PyObject *_PyErr_FormatFromCause(PyObject *type, const char *format, ...)
{
    struct thread *t = capi_enter();
    PyObject *old = error_take();
    capi_leave(t);
    va_list arguments;
    va_start(arguments, format);
    PyErr_FormatV(type, format, arguments);
    va_end(arguments);
    capi_enter();
    PyObject *raised = t->state.curexc_value;
    if (old != NULL && raised != NULL) {
        exception_set_cause(raised, old);
        exception_set_context(raised, old);
    }
    capi_leave(t);
    return NULL;
}

PyObject *PyErr_NoMemory(void)
{
    struct thread *t = capi_enter();
    return capi_return(t, error_no_memory());
}

int PyErr_BadArgument(void)
{
    PyErr_SetString(PyExc_TypeError, "bad argument type for built-in operation");
    return 0;
}

#undef PyErr_BadInternalCall
void PyErr_BadInternalCall(void)
{
    PyErr_SetString(PyExc_SystemError, "bad argument to internal function");
}

void _PyErr_BadInternalCall(const char *file, int line)
{
    capi_bad_argument(file, line);
}

/* ---- From errno. */

static PyObject *from_errno(PyObject *type, Value file, Value file2)
{
    int number = errno;
    struct thread *t = capi_enter();
    const char *text = strerror(number);
    Value args[5] = {value_from_int(number),
                     value_from_object(str_from_filename(text, (Py_ssize_t)strlen(text))), file,
                     value_from_int(0), file2};
    size_t count = value_is_absent(file) ? 2 : value_is_absent(file2) ? 3 : 5;
    Value made =
        value_is_null(args[1]) ? VALUE_NULL : object_call(capi_value(type), args, count, NULL);
    if (exception_check(made)) {
        error_set_instance(value_object(made));
    }
    return capi_return(t, VALUE_NULL);
}

PyObject *PyErr_SetFromErrno(PyObject *type)
{
    return from_errno(type, VALUE_ABSENT, VALUE_ABSENT);
}

static PyObject *raise_os_error(void)
{
    return PyErr_SetFromErrno(PyExc_OSError);
}

void capi_init_errors(void)
{
    native_hooks.raise_errno = raise_os_error;
}

PyObject *PyErr_SetFromErrnoWithFilenameObject(PyObject *type, PyObject *file)
{
    return from_errno(type, capi_value_or(file, VALUE_ABSENT), VALUE_ABSENT);
}

PyObject *PyErr_SetFromErrnoWithFilenameObjects(PyObject *type, PyObject *file, PyObject *file2)
{
    return from_errno(type, capi_value_or(file, VALUE_ABSENT), capi_value_or(file2, VALUE_ABSENT));
}

PyObject *PyErr_SetFromErrnoWithFilename(PyObject *type, const char *file)
{
    int saved = errno;
    struct thread *t = capi_enter();
    PyObject *name = file == NULL ? NULL : str_from_filename(file, (Py_ssize_t)strlen(file));
    capi_leave(t);
    errno = saved;
    return from_errno(type, name == NULL ? VALUE_ABSENT : value_from_object(name), VALUE_ABSENT);
}

/* ---- The exception that is being handled. */

void PyErr_GetExcInfo(PyObject **type, PyObject **value, PyObject **traceback)
{
    PyObject *handled = error_handled();
    *value = handled;
    *type = handled == NULL ? NULL : (PyObject *)handled->ob_type;
    *traceback = handled == NULL ? NULL : exception_get_traceback(handled);
    Py_XINCREF(*type);
    Py_XINCREF(*value);
    Py_XINCREF(*traceback);
}

/* As everywhere in exc_info, the reference is not counted. */
void PyErr_SetExcInfo(PyObject *type, PyObject *value, PyObject *traceback)
{
    struct thread *t = capi_enter();
    capi_steal(type);
    capi_steal(value);
    capi_steal(traceback);
    PyObject **slot = &t->state.exc_info->exc_value; /* in the thread's record or in a generator */
    heap_store(slot, slot, value == Py_None ? NULL : value);
    capi_leave(t);
}

PyObject *PyErr_GetHandledException(void)
{
    return Py_XNewRef(error_handled());
}

void PyErr_SetHandledException(PyObject *exception)
{
    PyErr_SetExcInfo(NULL, Py_XNewRef(exception), NULL);
}

/* ---- Recursion. */

int Py_EnterRecursiveCall(const char *where)
{
    struct thread *t = capi_enter();
    return capi_return_int(t, recursion_enter(where));
}

void Py_LeaveRecursiveCall(void)
{
    recursion_leave();
}

/* ---- New exception classes. */

static Value new_exception(const char *name, const char *doc, PyObject *base, PyObject *dict)
{
    const char *dot = strrchr(name, '.');
    if (dot == NULL) {
        return error_raise(PyExc_SystemError, "PyErr_NewException: name must be module.class");
    }
    PyObject *body = dict == NULL ? dict_new() : capi_object(dict);
    PyObject *module = str_from_utf8(name, dot - name);
    if (body == NULL || module == NULL) {
        return VALUE_NULL;
    }
    if (value_is_absent(dict_get_str(body, names.__module__)) &&
        dict_set_str(body, names.__module__, value_from_object(module)) < 0) {
        return VALUE_NULL;
    }
    if (doc != NULL &&
        dict_set_str(body, names.__doc__, value_from_object(str_from_text(doc))) < 0) {
        return VALUE_NULL;
    }
    Value bases = capi_value_or(base, value_from_object(PyExc_Exception));
    PyObject *tuple = tuple_check(bases) ? value_object(bases) : tuple_from_array(&bases, 1);
    PyObject *class_name = str_from_text(dot + 1);
    if (tuple == NULL || class_name == NULL) {
        return VALUE_NULL;
    }
    Value args[3] = {value_from_object(class_name), value_from_object(tuple),
                     value_from_object(body)};
    return object_call(value_from_object(&PyType_Type), args, 3, NULL);
}

PyObject *PyErr_NewExceptionWithDoc(const char *name, const char *doc, PyObject *base,
                                    PyObject *dict)
{
    struct thread *t = capi_enter();
    return capi_return(t, new_exception(name, doc, base, dict));
}

PyObject *PyErr_NewException(const char *name, PyObject *base, PyObject *dict)
{
    return PyErr_NewExceptionWithDoc(name, NULL, base, dict);
}

/* ---- Reporting. */

void PyErr_WriteUnraisable(PyObject *where)
{
    struct thread *t = capi_enter();
    error_write_unraisable(capi_value_or(where, VALUE_ABSENT), NULL);
    capi_leave(t);
}

void _PyErr_WriteUnraisableMsg(const char *message, PyObject *where)
{
    struct thread *t = capi_enter();
    error_write_unraisable(capi_value_or(where, VALUE_ABSENT), message);
    capi_leave(t);
}

void PyErr_PrintEx(int set_last)
{
    struct thread *t = capi_enter();
    error_print();
    capi_leave(t);
}

void PyErr_Print(void)
{
    PyErr_PrintEx(1);
}

/* ---- Signals, as if they had come. */

int PyErr_SetInterruptEx(int number)
{
    return signal_simulate(number);
}

void PyErr_SetInterrupt(void)
{
    signal_simulate(SIGINT);
}

/* Has SIGINT come? Its handler will not run then. Main thread only. */
int PyOS_InterruptOccurred(void)
{
    struct thread *t = capi_enter_quiet();
    int came = t != NULL && thread_is_main() && signal_take(SIGINT);
    capi_leave_quiet(t);
    return came;
}

/* ---- Errors with more to say. */

PyObject *PyErr_SetImportErrorSubclass(PyObject *type, PyObject *message, PyObject *name,
                                       PyObject *path)
{
    int is_error = PyObject_IsSubclass(type, PyExc_ImportError);
    if (is_error <= 0) {
        if (is_error == 0) {
            PyErr_SetString(PyExc_TypeError, "expected a subclass of ImportError");
        }
        return NULL;
    }
    if (message == NULL) {
        PyErr_SetString(PyExc_TypeError, "expected a message argument");
        return NULL;
    }
    PyObject *args = PyTuple_Pack(1, message);
    PyObject *kwargs = Py_BuildValue("{s:O,s:O}", "name", name == NULL ? Py_None : name, "path",
                                     path == NULL ? Py_None : path);
    PyObject *error = args == NULL || kwargs == NULL ? NULL : PyObject_Call(type, args, kwargs);
    if (error != NULL) {
        PyErr_SetObject((PyObject *)Py_TYPE(error), error);
    }
    Py_XDECREF(args);
    Py_XDECREF(kwargs);
    Py_XDECREF(error);
    return NULL;
}

PyObject *PyErr_SetImportError(PyObject *message, PyObject *name, PyObject *path)
{
    return PyErr_SetImportErrorSubclass(PyExc_ImportError, message, name, path);
}

const char *PyExceptionClass_Name(PyObject *class)
{
    return ((PyTypeObject *)class)->tp_name;
}

/* ---- Where a syntax error is. */

static void set_number(PyObject *e, const char *name, int value)
{
    PyObject *n = value < 0 ? Py_NewRef(Py_None) : PyLong_FromLong(value);
    if (n == NULL || PyObject_SetAttrString(e, name, n) < 0) {
        PyErr_Clear();
    }
    Py_XDECREF(n);
}

static void set_location(PyObject *filename, int line, int column, int end_line, int end_column)
{
    PyObject *type, *value, *traceback;
    PyErr_Fetch(&type, &value, &traceback);
    PyErr_NormalizeException(&type, &value, &traceback);
    set_number(value, "lineno", line);
    set_number(value, "offset", column);
    set_number(value, "end_lineno", end_line);
    set_number(value, "end_offset", end_column);
    PyObject *text = filename == NULL ? NULL : PyErr_ProgramTextObject(filename, line);
    if ((filename != NULL && PyObject_SetAttrString(value, "filename", filename) < 0) ||
        (text != NULL && PyObject_SetAttrString(value, "text", text) < 0)) {
        PyErr_Clear();
    }
    Py_XDECREF(text);
    PyErr_Restore(type, value, traceback);
}

void PyErr_SyntaxLocationObject(PyObject *filename, int line, int column)
{
    set_location(filename, line, column, line, -1);
}

void PyErr_RangedSyntaxLocationObject(PyObject *filename, int line, int column, int end_line,
                                      int end_column)
{
    set_location(filename, line, column, end_line, end_column);
}

void PyErr_SyntaxLocationEx(const char *filename, int line, int column)
{
    PyObject *name = filename == NULL ? NULL : PyUnicode_DecodeFSDefault(filename);
    set_location(name, line, column, line, -1);
    Py_XDECREF(name);
}

void PyErr_SyntaxLocation(const char *filename, int line)
{
    PyErr_SyntaxLocationEx(filename, line, -1);
}

/* The line of a file, NULL without an exception if there is none. */
PyObject *PyErr_ProgramTextObject(PyObject *filename, int line)
{
    PyObject *linecache = filename == NULL || line <= 0 ? NULL : PyImport_ImportModule("linecache");
    PyObject *text =
        linecache == NULL ? NULL : PyObject_CallMethod(linecache, "getline", "Oi", filename, line);
    Py_XDECREF(linecache);
    if (text != NULL && PyUnicode_GET_LENGTH(text) == 0) {
        Py_CLEAR(text);
    }
    PyErr_Clear();
    return text;
}

PyObject *PyErr_ProgramText(const char *filename, int line)
{
    PyObject *name = PyUnicode_DecodeFSDefault(filename);
    PyObject *text = name == NULL ? NULL : PyErr_ProgramTextObject(name, line);
    Py_XDECREF(name);
    PyErr_Clear();
    return text;
}
