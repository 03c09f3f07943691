/* SPDX-License-Identifier: MIT */
/* Warnings. */
#include <stdarg.h>

#include "capi/capi_int.h"

int PyErr_WarnEx(PyObject *category, const char *text, Py_ssize_t level)
{
    struct thread *t = capi_enter();
    PyObject *kind = category == NULL ? PyExc_RuntimeWarning : capi_object(category);
    return capi_return_int(t, error_warn(kind, (int)level, "%s", text));
}

int PyErr_WarnFormat(PyObject *category, Py_ssize_t level, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    PyObject *message = PyUnicode_FromFormatV(format, arguments);
    va_end(arguments);
    if (message == NULL) {
        return -1;
    }
    struct thread *t = capi_enter();
    PyObject *kind = category == NULL ? PyExc_RuntimeWarning : capi_object(category);
    int status = error_warn(kind, (int)level, "%U", message);
    capi_leave(t);
    Py_DECREF(message);
    return status;
}

int PyErr_ResourceWarning(PyObject *source, Py_ssize_t level, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    PyObject *text = PyUnicode_FromFormatV(format, arguments);
    va_end(arguments);
    PyObject *warnings = text == NULL ? NULL : PyImport_ImportModule("warnings");
    PyObject *done = warnings == NULL ? NULL
                                      : PyObject_CallMethod(warnings, "warn", "OOnO", text,
                                                            PyExc_ResourceWarning, level,
                                                            source == NULL ? Py_None : source);
    Py_XDECREF(text);
    Py_XDECREF(warnings);
    Py_XDECREF(done);
    return done == NULL ? -1 : 0;
}

int PyErr_WarnExplicitObject(PyObject *category, PyObject *message, PyObject *filename, int line,
                             PyObject *module, PyObject *registry)
{
    PyObject *warnings = PyImport_ImportModule("warnings");
    PyObject *done = warnings == NULL
                         ? NULL
                         : PyObject_CallMethod(warnings, "warn_explicit", "OOOiOO", message,
                                               category == NULL ? PyExc_RuntimeWarning : category,
                                               filename, line, module == NULL ? Py_None : module,
                                               registry == NULL ? Py_None : registry);
    Py_XDECREF(warnings);
    Py_XDECREF(done);
    return done == NULL ? -1 : 0;
}

static int warn_explicit(PyObject *category, PyObject *message, const char *filename, int line,
                         const char *module, PyObject *registry)
{
    PyObject *file = PyUnicode_DecodeFSDefault(filename);
    PyObject *name = module == NULL ? NULL : PyUnicode_FromString(module);
    int status = message == NULL || file == NULL || (name == NULL && module != NULL)
                     ? -1
                     : PyErr_WarnExplicitObject(category, message, file, line, name, registry);
    Py_XDECREF(message);
    Py_XDECREF(file);
    Py_XDECREF(name);
    return status;
}

int PyErr_WarnExplicit(PyObject *category, const char *text, const char *filename, int line,
                       const char *module, PyObject *registry)
{
    return warn_explicit(category, PyUnicode_FromString(text), filename, line, module, registry);
}

int PyErr_WarnExplicitFormat(PyObject *category, const char *filename, int line, const char *module,
                             PyObject *registry, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    PyObject *message = PyUnicode_FromFormatV(format, arguments);
    va_end(arguments);
    return warn_explicit(category, message, filename, line, module, registry);
}
