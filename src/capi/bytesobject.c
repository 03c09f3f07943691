/* SPDX-License-Identifier: MIT */
/* bytes and bytearray of the C API. */
#include "capi/capi_int.h"
#include "object/bytes.h"
#include "object/dict.h"
#include "object/float.h"
#include "object/int.h"
#include "object/list.h"

PyObject *PyBytes_FromStringAndSize(const char *text, Py_ssize_t n)
{
    struct thread *t = capi_enter();
    if (n < 0) {
        return capi_return(
            t, error_raise(PyExc_SystemError, "Negative size passed to PyBytes_FromStringAndSize"));
    }
    return capi_return_object(t, bytes_new(text, n));
}

PyObject *PyBytes_FromString(const char *text)
{
    return PyBytes_FromStringAndSize(text, (Py_ssize_t)strlen(text));
}

char *PyBytes_AsString(PyObject *o)
{
    if (!PyBytes_Check(o)) {
        PyErr_Format(PyExc_TypeError, "expected bytes, %.200s found", o->ob_type->tp_name);
        return NULL;
    }
    return PyBytes_AS_STRING(o);
}

Py_ssize_t PyBytes_Size(PyObject *o)
{
    if (!PyBytes_Check(o)) {
        PyErr_Format(PyExc_TypeError, "expected bytes, %.200s found", o->ob_type->tp_name);
        return -1;
    }
    return Py_SIZE(o);
}

int PyBytes_AsStringAndSize(PyObject *o, char **text, Py_ssize_t *length)
{
    *text = PyBytes_AsString(o);
    if (*text == NULL) {
        return -1;
    }
    if (length != NULL) {
        *length = Py_SIZE(o);
    } else if (strlen(*text) != (size_t)Py_SIZE(o)) {
        PyErr_SetString(PyExc_ValueError, "embedded null byte");
        return -1;
    }
    return 0;
}

PyObject *PyBytes_FromObject(PyObject *o)
{
    struct thread *t = capi_enter();
    return capi_return_object(t, object_bytes(capi_value(o)));
}

/* The caller has the only reference to an object that it is still filling: it may get another. */
int _PyBytes_Resize(PyObject **o, Py_ssize_t n)
{
    PyObject *old = *o;
    if (n == Py_SIZE(old)) {
        return 0;
    }
    *o = PyBytes_FromStringAndSize(NULL, n);
    if (*o != NULL) {
        memcpy(PyBytes_AS_STRING(*o), PyBytes_AS_STRING(old),
               (size_t)(n < Py_SIZE(old) ? n : Py_SIZE(old)));
    }
    Py_DECREF(old);
    return *o == NULL ? -1 : 0;
}

/* ---- bytearray. */

PyObject *PyByteArray_FromStringAndSize(const char *text, Py_ssize_t n)
{
    struct thread *t = capi_enter();
    return capi_return_object(t, bytearray_new(text, n));
}

PyObject *PyByteArray_FromObject(PyObject *o)
{
    struct thread *t = capi_enter();
    return capi_return(t, object_call1(value_from_object(&PyByteArray_Type), capi_value(o)));
}

char *PyByteArray_AsString(PyObject *o)
{
    return PyByteArray_AS_STRING(o);
}

Py_ssize_t PyByteArray_Size(PyObject *o)
{
    return PyByteArray_GET_SIZE(o);
}

/* ---- Searching, for modules of the standard library. */

PyAPI_FUNC(Py_ssize_t)
    _PyBytes_Find(const char *text, Py_ssize_t n, const char *part, Py_ssize_t m, Py_ssize_t shift);
PyAPI_FUNC(Py_ssize_t) _PyBytes_ReverseFind(const char *text, Py_ssize_t n, const char *part,
                                            Py_ssize_t m, Py_ssize_t shift);

Py_ssize_t _PyBytes_Find(const char *text, Py_ssize_t n, const char *part, Py_ssize_t m,
                         Py_ssize_t shift)
{
    const char *found = memmem(text, (size_t)n, part, (size_t)m);
    return found == NULL ? -1 : found - text + shift;
}

Py_ssize_t _PyBytes_ReverseFind(const char *text, Py_ssize_t n, const char *part, Py_ssize_t m,
                                Py_ssize_t shift)
{
    for (Py_ssize_t i = n - m; i >= 0; i--) {
        if (memcmp(text + i, part, (size_t)m) == 0) {
            return i + shift;
        }
    }
    return -1;
}
