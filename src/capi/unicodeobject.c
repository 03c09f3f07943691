/* SPDX-License-Identifier: MIT */
/* Strings of the C API. */
#include "capi/capi_int.h"
#include "object/dict.h"
#include "object/float.h"
#include "object/int.h"
#include "object/list.h"
#include "object/str.h"

PyObject *PyUnicode_FromStringAndSize(const char *text, Py_ssize_t n)
{
    struct thread *t = capi_enter();
    return capi_return_object(t, str_from_utf8(text, n));
}

PyObject *PyUnicode_FromString(const char *text)
{
    return PyUnicode_FromStringAndSize(text, (Py_ssize_t)strlen(text));
}

PyObject *PyUnicode_InternFromString(const char *text)
{
    struct thread *t = capi_enter();
    return capi_return_object(t, str_intern_text(text));
}

const char *PyUnicode_AsUTF8AndSize(PyObject *o, Py_ssize_t *length)
{
    if (!PyUnicode_Check(o)) {
        PyErr_BadArgument();
        return NULL;
    }
    struct thread *t = capi_enter();
    return capi_return_pointer(t, str_utf8(capi_object(o), length));
}

const char *PyUnicode_AsUTF8(PyObject *o)
{
    return PyUnicode_AsUTF8AndSize(o, NULL);
}

Py_ssize_t PyUnicode_GetLength(PyObject *o)
{
    if (!PyUnicode_Check(o)) {
        PyErr_BadArgument();
        return -1;
    }
    return PyUnicode_GET_LENGTH(o);
}

int PyUnicode_CompareWithASCIIString(PyObject *o, const char *text)
{
    Py_ssize_t n = PyUnicode_GET_LENGTH(o), i = 0;
    for (; i < n && text[i] != 0; i++) {
        Py_UCS4 a = PyUnicode_READ_CHAR(o, i), b = (unsigned char)text[i];
        if (a != b) {
            return a < b ? -1 : 1;
        }
    }
    return i < n ? 1 : text[i] != 0 ? -1 : 0;
}
