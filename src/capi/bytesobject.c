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

PyObject *_PyBytes_Join(PyObject *separator, PyObject *items)
{
    struct thread *t = capi_enter();
    return capi_return(
        t, object_call_method1(capi_value(separator), str_intern_text("join"), capi_value(items)));
}

/* ---- Formats: those of printf that PyBytes_FromFormat documents. */

/* A directive, from behind the percent sign. */
struct directive {
    char text[32]; /* the directive alone, for snprintf */
    size_t length;
    char size; /* 'l', 'z' or 0 */
    char code;
    int precision; /* -1: none */
};

/* Returns the character behind it; code is 0 if there is no such directive. */
static const char *read_directive(const char *p, struct directive *d)
{
    const char *start = p;
    *d = (struct directive){.precision = -1};
    p += strspn(p, "0123456789");
    if (*p == '.') {
        d->precision = atoi(++p);
        p += strspn(p, "0123456789");
    }
    if (*p == 'l' || *p == 'z') {
        d->size = *p++;
    }
    d->length = (size_t)(p + 1 - start);
    if (*p == 0 || strchr("cdiuxsp%", *p) == NULL || d->length + 2 > sizeof d->text) {
        return p;
    }
    d->code = *p;
    d->text[0] = '%';
    memcpy(d->text + 1, start, d->length);
    return p + 1;
}

static int add_number(struct bytes_builder *b, const struct directive *d, va_list *arguments)
{
    char text[64];
    int n;
    if (d->code == 'p') {
        n = snprintf(text, sizeof text, "%p", va_arg(*arguments, void *));
    } else if (d->size == 0) {
        n = snprintf(text, sizeof text, d->text, va_arg(*arguments, int));
    } else {
        n = snprintf(text, sizeof text, d->text, va_arg(*arguments, long));
    }
    return bytes_builder_add(b, text, n < (int)sizeof text ? n : (int)sizeof text - 1);
}

static int add_directive(struct bytes_builder *b, const struct directive *d, va_list *arguments)
{
    if (d->code == '%') {
        return bytes_builder_byte(b, '%');
    }
    if (d->code == 's') {
        const char *text = va_arg(*arguments, const char *);
        size_t most = d->precision < 0 ? SIZE_MAX : (size_t)d->precision;
        return bytes_builder_add(b, text, (Py_ssize_t)strnlen(text, most));
    }
    if (d->code == 'c') {
        int c = va_arg(*arguments, int);
        if (c < 0 || c > 255) {
            return error_raise_int(PyExc_OverflowError,
                                   "PyBytes_FromFormatV(): %%c format expects an integer in range "
                                   "[0; 255]");
        }
        return bytes_builder_byte(b, (unsigned char)c);
    }
    return add_number(b, d, arguments);
}

/* What follows an unknown directive is copied as it is. */
static PyObject *from_format(const char *format, va_list *arguments)
{
    struct bytes_builder b;
    bytes_builder_init(&b);
    while (*format != 0) {
        struct directive d;
        if (*format != '%') {
            if (bytes_builder_byte(&b, (unsigned char)*format++) < 0) {
                return NULL;
            }
            continue;
        }
        const char *end = read_directive(format + 1, &d);
        if (d.code == 0) {
            end = format + strlen(format);
            if (bytes_builder_add(&b, format, end - format) < 0) {
                return NULL;
            }
        } else if (add_directive(&b, &d, arguments) < 0) {
            return NULL;
        }
        format = end;
    }
    return bytes_builder_finish(&b);
}

PyObject *PyBytes_FromFormatV(const char *format, va_list arguments)
{
    struct thread *t = capi_enter();
    va_list copy;
    va_copy(copy, arguments);
    PyObject *bytes = from_format(format, &copy);
    va_end(copy);
    return capi_return_object(t, bytes);
}

PyObject *PyBytes_FromFormat(const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    PyObject *bytes = PyBytes_FromFormatV(format, arguments);
    va_end(arguments);
    return bytes;
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

/* ---- Concatenation: *a becomes a + b, or NULL with an exception. */

void PyBytes_Concat(PyObject **a, PyObject *b)
{
    if (*a == NULL) {
        return;
    }
    PyObject *both = b == NULL ? NULL : PySequence_Concat(*a, b);
    Py_SETREF(*a, both);
}

void PyBytes_ConcatAndDel(PyObject **a, PyObject *b)
{
    PyBytes_Concat(a, b);
    Py_XDECREF(b);
}

PyObject *PyBytes_Repr(PyObject *o, int smart_quotes)
{
    return PyObject_Repr(o);
}

PyObject *PyBytes_DecodeEscape(const char *text, Py_ssize_t n, const char *errors,
                               Py_ssize_t unicode, const char *recode_encoding)
{
    PyObject *codecs = PyImport_ImportModule("_codecs");
    PyObject *pair = codecs == NULL
                         ? NULL
                         : PyObject_CallMethod(codecs, "escape_decode", "y#z", text, n, errors);
    PyObject *result = pair == NULL ? NULL : Py_NewRef(PyTuple_GET_ITEM(pair, 0));
    Py_XDECREF(codecs);
    Py_XDECREF(pair);
    return result;
}

PyObject *PyByteArray_Concat(PyObject *a, PyObject *b)
{
    PyObject *start = PyByteArray_FromObject(a);
    PyObject *both = start == NULL ? NULL : PySequence_InPlaceConcat(start, b);
    Py_XDECREF(start);
    return both;
}

int PyByteArray_Resize(PyObject *o, Py_ssize_t n)
{
    struct thread *t = capi_enter();
    return capi_return_int(t, bytearray_resize(capi_object(o), n));
}
