/* SPDX-License-Identifier: MIT */
/* _PyUnicodeWriter: a growing string. The buffer is a string that nobody else knows; its users
 * write into it through inline functions. */
#include "capi/capi_int.h"
#include "object/list.h"

void _PyUnicodeWriter_Init(_PyUnicodeWriter *w)
{
    memset(w, 0, sizeof *w);
    w->kind = PyUnicode_1BYTE_KIND;
    w->maxchar = 127;
}

static void take_buffer(_PyUnicodeWriter *w, PyObject *buffer)
{
    w->buffer = buffer;
    w->data = PyUnicode_DATA(buffer);
    w->kind = PyUnicode_KIND(buffer);
    w->maxchar = PyUnicode_MAX_CHAR_VALUE(buffer);
    w->size = PyUnicode_GET_LENGTH(buffer);
}

static int renew_buffer(_PyUnicodeWriter *w, Py_ssize_t size, Py_UCS4 max_char)
{
    PyObject *fresh = PyUnicode_New(size, max_char);
    if (fresh == NULL) {
        return -1;
    }
    PyObject *old = w->buffer;
    for (Py_ssize_t i = 0; i < w->pos; i++) {
        PyUnicode_WRITE(PyUnicode_KIND(fresh), PyUnicode_DATA(fresh), i,
                        PyUnicode_READ(w->kind, w->data, i));
    }
    take_buffer(w, fresh);
    Py_XDECREF(old);
    return 0;
}

int _PyUnicodeWriter_PrepareInternal(_PyUnicodeWriter *w, Py_ssize_t length, Py_UCS4 max_char)
{
    if (length > PY_SSIZE_T_MAX - w->pos) {
        PyErr_NoMemory();
        return -1;
    }
    Py_ssize_t needed = w->pos + length, size = w->size;
    if (needed > size || w->buffer == NULL) {
        size = w->overallocate ? needed + needed / 4 : needed;
        size = size < w->min_length ? w->min_length : size;
    }
    Py_UCS4 widest = max_char > w->maxchar ? max_char : w->maxchar;
    widest = widest > w->min_char ? widest : w->min_char;
    if (size == 0 || (w->buffer != NULL && size == w->size && widest <= w->maxchar)) {
        return 0;
    }
    return renew_buffer(w, size, widest);
}

int _PyUnicodeWriter_PrepareKindInternal(_PyUnicodeWriter *w, enum PyUnicode_Kind kind)
{
    return _PyUnicodeWriter_PrepareInternal(w, 0, kind == PyUnicode_2BYTE_KIND ? 0xFFFF : 0x10FFFF);
}

int _PyUnicodeWriter_WriteChar(_PyUnicodeWriter *w, Py_UCS4 c)
{
    if (_PyUnicodeWriter_Prepare(w, 1, c) < 0) {
        return -1;
    }
    PyUnicode_WRITE(w->kind, w->data, w->pos, c);
    w->pos++;
    return 0;
}

int _PyUnicodeWriter_WriteSubstring(_PyUnicodeWriter *w, PyObject *s, Py_ssize_t start,
                                    Py_ssize_t end)
{
    Py_ssize_t length = end - start;
    if (_PyUnicodeWriter_Prepare(w, length, PyUnicode_MAX_CHAR_VALUE(s)) < 0) {
        return -1;
    }
    for (Py_ssize_t i = start; i < end; i++) {
        PyUnicode_WRITE(w->kind, w->data, w->pos, PyUnicode_READ_CHAR(s, i));
        w->pos++;
    }
    return 0;
}

int _PyUnicodeWriter_WriteStr(_PyUnicodeWriter *w, PyObject *s)
{
    return _PyUnicodeWriter_WriteSubstring(w, s, 0, PyUnicode_GET_LENGTH(s));
}

int _PyUnicodeWriter_WriteLatin1String(_PyUnicodeWriter *w, const char *text, Py_ssize_t n)
{
    Py_UCS4 widest = 127;
    for (Py_ssize_t i = 0; i < n; i++) {
        widest = (unsigned char)text[i] > widest ? 255 : widest;
    }
    if (_PyUnicodeWriter_Prepare(w, n, widest) < 0) {
        return -1;
    }
    for (Py_ssize_t i = 0; i < n; i++) {
        PyUnicode_WRITE(w->kind, w->data, w->pos, (unsigned char)text[i]);
        w->pos++;
    }
    return 0;
}

int _PyUnicodeWriter_WriteASCIIString(_PyUnicodeWriter *w, const char *text, Py_ssize_t n)
{
    return _PyUnicodeWriter_WriteLatin1String(w, text, n < 0 ? (Py_ssize_t)strlen(text) : n);
}

PyObject *_PyUnicodeWriter_Finish(_PyUnicodeWriter *w)
{
    struct thread *t = capi_enter();
    PyObject *s = w->pos == 0 ? str_empty() : str_from_kind((int)w->kind, w->data, w->pos);
    s = capi_return_object(t, s);
    _PyUnicodeWriter_Dealloc(w);
    return s;
}

void _PyUnicodeWriter_Dealloc(_PyUnicodeWriter *w)
{
    Py_CLEAR(w->buffer);
}

PyObject *PyUnicode_Splitlines(PyObject *s, int keep_ends)
{
    struct thread *t = capi_enter();
    return capi_return(t, object_call_method1(capi_value(s), str_intern_text("splitlines"),
                                              value_from_bool(keep_ends != 0)));
}
