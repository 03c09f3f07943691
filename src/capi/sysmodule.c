/* SPDX-License-Identifier: MIT */
/* Formatted output to sys.stdout and sys.stderr. Without such a stream, or where it fails, to the C
 * stream. No exception comes out, and one that is set stays. */
#include <stdio.h>

#include "capi/capi_int.h"

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
