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
