/* SPDX-License-Identifier: MIT */
/* Exception objects of the C API: tracebacks and causes, and the errors of codecs. */
#include "object/exception.h"

#include "capi/capi_int.h"
#include "object/codec.h"
#include "object/int.h"

PyObject *PyException_GetTraceback(PyObject *e)
{
    struct thread *t = capi_enter();
    return capi_return_object(t, exception_get_traceback(capi_object(e)));
}

int PyException_SetTraceback(PyObject *e, PyObject *traceback)
{
    struct thread *t = capi_enter();
    exception_set_traceback(capi_object(e), traceback == Py_None ? NULL : capi_object(traceback));
    return capi_return_int(t, 0);
}

PyObject *PyException_GetCause(PyObject *e)
{
    struct thread *t = capi_enter();
    return capi_return_object(t, exception_get_cause(capi_object(e)));
}

void PyException_SetCause(PyObject *e, PyObject *cause)
{
    struct thread *t = capi_enter();
    exception_set_cause(capi_object(e), value_object(capi_steal(cause)));
    capi_leave(t);
}

PyObject *PyException_GetContext(PyObject *e)
{
    struct thread *t = capi_enter();
    return capi_return_object(t, exception_get_context(capi_object(e)));
}

void PyException_SetContext(PyObject *e, PyObject *context)
{
    struct thread *t = capi_enter();
    exception_set_context(capi_object(e), value_object(capi_steal(context)));
    capi_leave(t);
}

/* The exception that was fetched becomes the context of the one that is set now, if there is one;
 * else it is set again. */
void _PyErr_ChainExceptions(PyObject *type, PyObject *value, PyObject *traceback)
{
    if (type == NULL) {
        return;
    }
    if (PyErr_Occurred() == NULL) {
        PyErr_Restore(type, value, traceback);
        return;
    }
    PyErr_NormalizeException(&type, &value, &traceback);
    struct thread *t = capi_enter();
    PyObject *now = t->state.curexc_value;
    exception_set_context(now, value_object(capi_steal(value)));
    capi_leave(t);
    Py_XDECREF(type);
    Py_XDECREF(traceback);
}

/* ---- Codecs. */

PyObject *PyUnicodeDecodeError_Create(const char *encoding, const char *bytes, Py_ssize_t length,
                                      Py_ssize_t start, Py_ssize_t end, const char *reason)
{
    return PyObject_CallFunction(PyExc_UnicodeDecodeError, "sy#nns", encoding, bytes, length, start,
                                 end, reason);
}

static int set_text(PyObject *e, PyObject **field, const char *text)
{
    struct thread *t = capi_enter();
    PyObject *s = str_from_text(text);
    if (s != NULL) {
        heap_store(capi_object(e), field, s);
    }
    return capi_return_int(t, s == NULL ? -1 : 0);
}

#define UNICODE_ERROR(kind)                                                                        \
    int PyUnicode##kind##Error_SetStart(PyObject *e, Py_ssize_t start)                             \
    {                                                                                              \
        ((PyUnicodeErrorObject *)e)->start = start;                                                \
        return 0;                                                                                  \
    }                                                                                              \
    int PyUnicode##kind##Error_SetEnd(PyObject *e, Py_ssize_t end)                                 \
    {                                                                                              \
        ((PyUnicodeErrorObject *)e)->end = end;                                                    \
        return 0;                                                                                  \
    }                                                                                              \
    int PyUnicode##kind##Error_SetReason(PyObject *e, const char *reason)                          \
    {                                                                                              \
        return set_text(e, &((PyUnicodeErrorObject *)e)->reason, reason);                          \
    }
UNICODE_ERROR(Encode)
UNICODE_ERROR(Decode)
UNICODE_ERROR(Translate)

PyObject *PyCodec_LookupError(const char *name)
{
    struct thread *t = capi_enter();
    return capi_return(t, codec_lookup_error(name == NULL ? "strict" : name));
}

PyObject *PyCodec_StrictErrors(PyObject *e)
{
    if (PyExceptionInstance_Check(e)) {
        PyErr_SetObject((PyObject *)e->ob_type, e);
    } else {
        PyErr_SetString(PyExc_TypeError, "codec must pass exception instance");
    }
    return NULL;
}

/* ---- Fields of the errors of codecs. */

static PyObject *get_field(PyObject *e, const char *name)
{
    return PyObject_GetAttrString(e, name);
}

static int get_position(PyObject *e, const char *name, Py_ssize_t *out)
{
    PyObject *n = PyObject_GetAttrString(e, name);
    *out = n == NULL ? -1 : PyLong_AsSsize_t(n);
    Py_XDECREF(n);
    return *out == -1 && PyErr_Occurred() ? -1 : 0;
}

/* Within the object's length; the end is at least 1. */
static int get_start(PyObject *e, Py_ssize_t *out)
{
    PyObject *object = get_field(e, "object");
    Py_ssize_t n = object == NULL ? -1 : PyObject_Size(object);
    Py_XDECREF(object);
    if (n < 0 || get_position(e, "start", out) < 0) {
        return -1;
    }
    *out = *out < 0 ? 0 : *out >= n ? n - 1 : *out;
    return 0;
}

static int get_end(PyObject *e, Py_ssize_t *out)
{
    PyObject *object = get_field(e, "object");
    Py_ssize_t n = object == NULL ? -1 : PyObject_Size(object);
    Py_XDECREF(object);
    if (n < 0 || get_position(e, "end", out) < 0) {
        return -1;
    }
    *out = *out < 1 ? 1 : *out;
    *out = *out > n ? n : *out;
    return 0;
}

PyObject *PyUnicodeEncodeError_GetEncoding(PyObject *e)
{
    return get_field(e, "encoding");
}

PyObject *PyUnicodeDecodeError_GetEncoding(PyObject *e)
{
    return get_field(e, "encoding");
}

PyObject *PyUnicodeEncodeError_GetObject(PyObject *e)
{
    return get_field(e, "object");
}

PyObject *PyUnicodeDecodeError_GetObject(PyObject *e)
{
    return get_field(e, "object");
}

PyObject *PyUnicodeTranslateError_GetObject(PyObject *e)
{
    return get_field(e, "object");
}

PyObject *PyUnicodeEncodeError_GetReason(PyObject *e)
{
    return get_field(e, "reason");
}

PyObject *PyUnicodeDecodeError_GetReason(PyObject *e)
{
    return get_field(e, "reason");
}

PyObject *PyUnicodeTranslateError_GetReason(PyObject *e)
{
    return get_field(e, "reason");
}

int PyUnicodeEncodeError_GetStart(PyObject *e, Py_ssize_t *start)
{
    return get_start(e, start);
}

int PyUnicodeDecodeError_GetStart(PyObject *e, Py_ssize_t *start)
{
    return get_start(e, start);
}

int PyUnicodeTranslateError_GetStart(PyObject *e, Py_ssize_t *start)
{
    return get_start(e, start);
}

int PyUnicodeEncodeError_GetEnd(PyObject *e, Py_ssize_t *end)
{
    return get_end(e, end);
}

int PyUnicodeDecodeError_GetEnd(PyObject *e, Py_ssize_t *end)
{
    return get_end(e, end);
}

int PyUnicodeTranslateError_GetEnd(PyObject *e, Py_ssize_t *end)
{
    return get_end(e, end);
}
