/* SPDX-License-Identifier: MIT */
/* Strings of the C API: encodings, file names, making and comparing. */
#include <stdlib.h>
#include <wchar.h>

#include "capi/capi_int.h"
#include "object/codec.h"
#include "object/unicode_data.h"

#undef _PyUnicode_Ready
int _PyUnicode_Ready(PyObject *s)
{
    return capi_ready_string(s);
}

/* ---- Decoding. */

PyObject *PyUnicode_Decode(const char *text, Py_ssize_t n, const char *encoding, const char *errors)
{
    struct thread *t = capi_enter();
    return capi_return_object(t,
                              str_decode(text, n, encoding == NULL ? "utf-8" : encoding, errors));
}

PyObject *PyUnicode_DecodeUTF8(const char *text, Py_ssize_t n, const char *errors)
{
    return PyUnicode_Decode(text, n, "utf-8", errors);
}

PyObject *PyUnicode_DecodeUTF8Stateful(const char *text, Py_ssize_t n, const char *errors,
                                       Py_ssize_t *consumed)
{
    struct thread *t = capi_enter();
    return capi_return_object(t, codec_utf8_decode(text, n, errors, consumed));
}

/* *order: -1 little, 1 big, 0 by a mark or as the machine. */
static PyObject *decode_wide(const char *text, Py_ssize_t n, const char *const encodings[3],
                             const char *errors, const int *order)
{
    int which = order == NULL || *order == 0 ? 1 : *order < 0 ? 0 : 2;
    return PyUnicode_Decode(text, n, encodings[which], errors);
}

PyObject *PyUnicode_DecodeUTF16(const char *text, Py_ssize_t n, const char *errors, int *order)
{
    static const char *const encodings[] = {"utf-16-le", "utf-16", "utf-16-be"};
    return decode_wide(text, n, encodings, errors, order);
}

PyObject *PyUnicode_DecodeUTF32(const char *text, Py_ssize_t n, const char *errors, int *order)
{
    static const char *const encodings[] = {"utf-32-le", "utf-32", "utf-32-be"};
    return decode_wide(text, n, encodings, errors, order);
}

PyObject *PyUnicode_DecodeLatin1(const char *text, Py_ssize_t n, const char *errors)
{
    struct thread *t = capi_enter();
    return capi_return_object(t, str_from_latin1((const Py_UCS1 *)text, n));
}

PyObject *PyUnicode_DecodeASCII(const char *text, Py_ssize_t n, const char *errors)
{
    return PyUnicode_Decode(text, n, "ascii", errors);
}

PyObject *PyUnicode_DecodeFSDefaultAndSize(const char *text, Py_ssize_t n)
{
    struct thread *t = capi_enter();
    return capi_return_object(t, str_from_filename(text, n));
}

PyObject *PyUnicode_DecodeFSDefault(const char *text)
{
    return PyUnicode_DecodeFSDefaultAndSize(text, (Py_ssize_t)strlen(text));
}

PyObject *PyUnicode_DecodeLocale(const char *text, const char *errors)
{
    return PyUnicode_DecodeFSDefault(text);
}

PyObject *PyUnicode_FromEncodedObject(PyObject *o, const char *encoding, const char *errors)
{
    struct thread *t = capi_enter();
    if (o != NULL && PyUnicode_Check(o)) {
        return capi_return(t, error_raise(PyExc_TypeError, "decoding str is not supported"));
    }
    return capi_return_object(
        t, codec_decode_text(capi_value(o), encoding == NULL ? "utf-8" : encoding, errors));
}

/* ---- Encoding. */

PyObject *PyUnicode_AsEncodedString(PyObject *s, const char *encoding, const char *errors)
{
    if (!PyUnicode_Check(s)) {
        PyErr_BadArgument();
        return NULL;
    }
    struct thread *t = capi_enter();
    return capi_return_object(
        t, str_encode(capi_object(s), encoding == NULL ? "utf-8" : encoding, errors));
}

PyObject *PyUnicode_AsUTF8String(PyObject *s)
{
    return PyUnicode_AsEncodedString(s, "utf-8", NULL);
}

PyObject *PyUnicode_AsASCIIString(PyObject *s)
{
    return PyUnicode_AsEncodedString(s, "ascii", NULL);
}

PyObject *PyUnicode_AsLatin1String(PyObject *s)
{
    return PyUnicode_AsEncodedString(s, "latin-1", NULL);
}

PyObject *PyUnicode_EncodeFSDefault(PyObject *s)
{
    return PyUnicode_AsEncodedString(s, "utf-8", "surrogateescape");
}

PyObject *PyUnicode_EncodeLocale(PyObject *s, const char *errors)
{
    return PyUnicode_EncodeFSDefault(s);
}

/* A path: str, bytes or os.PathLike. VALUE_NULL with TypeError. */
static Value path_of(Value v)
{
    if (str_check(v) || (value_is_object(v) && PyBytes_Check(value_object(v)))) {
        return v;
    }
    Value method;
    PyObject *name = str_intern_text("__fspath__");
    int found = name == NULL ? -1 : object_find_special(v, name, &method);
    if (found == 0) {
        return error_raise(PyExc_TypeError, "expected str, bytes or os.PathLike object, not %T", v);
    }
    Value path = found < 0 ? VALUE_NULL : object_call0(method);
    if (!value_is_null(path) && !str_check(path) &&
        !(value_is_object(path) && PyBytes_Check(value_object(path)))) {
        return error_raise(PyExc_TypeError,
                           "expected %T.__fspath__() to return str or bytes, not %T", v, path);
    }
    return path;
}

PyObject *PyOS_FSPath(PyObject *path)
{
    struct thread *t = capi_enter();
    return capi_return(t, path_of(capi_value(path)));
}

int PyUnicode_FSConverter(PyObject *argument, void *out)
{
    PyObject **result = out;
    if (argument == NULL) {
        Py_CLEAR(*result);
        return 1;
    }
    struct thread *t = capi_enter();
    Value path = path_of(capi_value(argument));
    PyObject *bytes = value_is_null(path) ? NULL
                      : str_check(path)   ? str_to_filename(value_object(path))
                                          : value_object(path);
    if (bytes != NULL && strlen(PyBytes_AS_STRING(bytes)) != (size_t)PyBytes_GET_SIZE(bytes)) {
        bytes = error_raise_null(PyExc_ValueError, "embedded null byte");
    }
    *result = capi_return_object(t, bytes);
    return *result == NULL ? 0 : Py_CLEANUP_SUPPORTED;
}

int PyUnicode_FSDecoder(PyObject *argument, void *out)
{
    PyObject **result = out;
    if (argument == NULL) {
        Py_CLEAR(*result);
        return 1;
    }
    struct thread *t = capi_enter();
    Value path = path_of(capi_value(argument));
    PyObject *s = value_is_null(path) ? NULL
                  : str_check(path)   ? value_object(path)
                                      : str_from_filename(PyBytes_AS_STRING(value_object(path)),
                                                          PyBytes_GET_SIZE(value_object(path)));
    *result = capi_return_object(t, s);
    return *result == NULL ? 0 : Py_CLEANUP_SUPPORTED;
}

/* ---- Wide characters. */

PyObject *PyUnicode_FromWideChar(const wchar_t *text, Py_ssize_t n)
{
    struct thread *t = capi_enter();
    n = n < 0 ? (Py_ssize_t)wcslen(text) : n;
    for (Py_ssize_t i = 0; i < n; i++) {
        if ((Py_UCS4)text[i] > 0x10ffff) {
            return capi_return(t, error_raise(PyExc_ValueError,
                                              "character U+%x is not in range [U+0000; U+10ffff]",
                                              (unsigned)text[i]));
        }
    }
    return capi_return_object(t, str_from_ucs4((const Py_UCS4 *)text, n));
}

Py_ssize_t PyUnicode_AsWideChar(PyObject *s, wchar_t *out, Py_ssize_t size)
{
    Py_ssize_t n = PyUnicode_GET_LENGTH(s);
    if (out == NULL) {
        return n + 1;
    }
    Py_ssize_t copied = size > n ? n + 1 : size;
    for (Py_ssize_t i = 0; i < copied; i++) {
        out[i] = i < n ? (wchar_t)str_at(s, i) : 0;
    }
    return copied > n ? n : copied;
}

wchar_t *PyUnicode_AsWideCharString(PyObject *s, Py_ssize_t *size)
{
    Py_ssize_t n = PyUnicode_GET_LENGTH(s);
    wchar_t *out = PyMem_Malloc(((size_t)n + 1) * sizeof *out);
    if (out == NULL) {
        PyErr_NoMemory();
        return NULL;
    }
    PyUnicode_AsWideChar(s, out, n + 1);
    if (size != NULL) {
        *size = n;
    } else if (wcslen(out) != (size_t)n) {
        PyMem_Free(out);
        PyErr_SetString(PyExc_ValueError, "embedded null character");
        return NULL;
    }
    return out;
}

/* ---- Making. */

PyObject *PyUnicode_New(Py_ssize_t n, Py_UCS4 max_char)
{
    struct thread *t = capi_enter();
    return capi_return_object(t, str_new(n, max_char));
}

PyObject *PyUnicode_FromKindAndData(int kind, const void *data, Py_ssize_t n)
{
    struct thread *t = capi_enter();
    return capi_return_object(t, str_from_kind(kind, data, n));
}

PyObject *PyUnicode_FromOrdinal(int c)
{
    struct thread *t = capi_enter();
    return capi_return_object(
        t, c < 0 || c > 0x10FFFF
               ? error_raise_null(PyExc_ValueError, "chr() arg not in range(0x110000)")
               : str_from_char((Py_UCS4)c));
}

PyObject *PyUnicode_FromObject(PyObject *o)
{
    if (PyUnicode_CheckExact(o)) {
        return Py_NewRef(o);
    }
    struct thread *t = capi_enter();
    return capi_return_object(
        t, PyUnicode_Check(o)
               ? object_str(capi_value(o))
               : error_raise_null(PyExc_TypeError, "Can't convert '%T' object to str implicitly",
                                  capi_value(o)));
}

void PyUnicode_InternInPlace(PyObject **s)
{
    if (*s == NULL || !PyUnicode_CheckExact(*s)) {
        return;
    }
    struct thread *t = capi_enter();
    PyObject *interned = capi_return_object(t, str_intern(capi_object(*s)));
    if (interned != NULL) {
        Py_SETREF(*s, interned);
    }
}

/* ---- Operations. */

PyObject *PyUnicode_Concat(PyObject *a, PyObject *b)
{
    struct thread *t = capi_enter();
    return capi_return(t, object_binary(capi_value(a), capi_value(b), OP_ADD));
}

void PyUnicode_Append(PyObject **a, PyObject *b)
{
    PyObject *sum = *a == NULL || b == NULL ? NULL : PyUnicode_Concat(*a, b);
    Py_XSETREF(*a, sum);
}

void PyUnicode_AppendAndDel(PyObject **a, PyObject *b)
{
    PyUnicode_Append(a, b);
    Py_XDECREF(b);
}

PyObject *PyUnicode_Join(PyObject *separator, PyObject *items)
{
    struct thread *t = capi_enter();
    return capi_return_object(t, str_join(capi_object(separator), capi_value(items)));
}

PyObject *PyUnicode_Format(PyObject *format, PyObject *args)
{
    struct thread *t = capi_enter();
    return capi_return_object(t, str_percent(capi_object(format), capi_value(args)));
}

PyObject *PyUnicode_Substring(PyObject *s, Py_ssize_t start, Py_ssize_t end)
{
    struct thread *t = capi_enter();
    Py_ssize_t n = PyUnicode_GET_LENGTH(s);
    end = end > n ? n : end;
    return capi_return_object(t, start >= end ? str_empty()
                                              : str_substring(capi_object(s), start, end));
}

PyObject *PyUnicode_Replace(PyObject *s, PyObject *old, PyObject *by, Py_ssize_t most)
{
    struct thread *t = capi_enter();
    return capi_return_object(t,
                              str_replace(capi_object(s), capi_object(old), capi_object(by), most));
}

/* Whether s[start:end] ends (direction > 0) or begins with the part. */
Py_ssize_t PyUnicode_Tailmatch(PyObject *s, PyObject *part, Py_ssize_t start, Py_ssize_t end,
                               int direction)
{
    struct thread *t = capi_enter();
    if (!PyUnicode_Check(s) || !PyUnicode_Check(part)) {
        return capi_return_size(t, error_raise_int(PyExc_TypeError, "must be str, not %T",
                                                   capi_value(PyUnicode_Check(s) ? part : s)));
    }
    PyObject *name = str_intern_text(direction > 0 ? "endswith" : "startswith");
    Value args[] = {capi_value(part), value_from_int(start), value_from_int(end)};
    Value match = name == NULL ? VALUE_NULL : object_call_method(capi_value(s), name, args, 3);
    return capi_return_size(t, value_is_null(match) ? -1 : object_truth(match));
}

Py_UCS4 PyUnicode_ReadChar(PyObject *s, Py_ssize_t i)
{
    if (!PyUnicode_Check(s) || (size_t)i >= (size_t)PyUnicode_GET_LENGTH(s)) {
        PyErr_SetString(PyExc_IndexError, "string index out of range");
        return (Py_UCS4)-1;
    }
    return str_at(s, i);
}

int PyUnicode_Compare(PyObject *a, PyObject *b)
{
    return str_compare(a, b);
}

int PyUnicode_Contains(PyObject *s, PyObject *part)
{
    struct thread *t = capi_enter();
    return capi_return_int(t, object_contains(capi_value(s), capi_value(part)));
}

int _PyUnicode_EqualToASCIIString(PyObject *s, const char *text)
{
    return str_equal_text(s, text);
}

int _PyUnicode_EQ(PyObject *a, PyObject *b)
{
    return str_equal(a, b);
}

int PyUnicode_IsIdentifier(PyObject *s)
{
    return str_is_identifier(s);
}

/* ---- Old names of encoders. */

PyObject *_PyUnicode_AsUTF8String(PyObject *s, const char *errors)
{
    return PyUnicode_AsEncodedString(s, "utf-8", errors);
}

PyObject *_PyUnicode_AsLatin1String(PyObject *s, const char *errors)
{
    return PyUnicode_AsEncodedString(s, "latin-1", errors);
}

PyObject *_PyUnicode_AsASCIIString(PyObject *s, const char *errors)
{
    return PyUnicode_AsEncodedString(s, "ascii", errors);
}
