/* SPDX-License-Identifier: MIT */
/* Strings of the C API. */
#include "capi/capi_int.h"
#include "object/dict.h"
#include "object/float.h"
#include "object/int.h"
#include "object/list.h"
#include "object/str.h"
#include "object/str_int.h"

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

PyObject *PyUnicode_Split(PyObject *s, PyObject *separator, Py_ssize_t most)
{
    struct thread *t = capi_enter();
    return capi_return_object(t, str_split(capi_object(s), capi_object(separator), most));
}

/* ---- Copies of the characters. */

Py_ssize_t PyUnicode_CopyCharacters(PyObject *to, Py_ssize_t at, PyObject *from, Py_ssize_t start,
                                    Py_ssize_t count)
{
    if (!PyUnicode_Check(to) || !PyUnicode_Check(from)) {
        PyErr_BadInternalCall();
        return -1;
    }
    Py_ssize_t left = PyUnicode_GET_LENGTH(from) - start, room = PyUnicode_GET_LENGTH(to) - at;
    if (start < 0 || left < 0 || at < 0 || room < 0) {
        PyErr_SetString(PyExc_IndexError, "string index out of range");
        return -1;
    }
    if (count < 0) {
        PyErr_SetString(PyExc_SystemError, "how_many cannot be negative");
        return -1;
    }
    count = count < left ? count : left;
    if (count > room) {
        PyErr_Format(PyExc_SystemError,
                     "Cannot write %zi characters at %zi in a string of %zi characters", count, at,
                     PyUnicode_GET_LENGTH(to));
        return -1;
    }
    if (PyUnicode_MAX_CHAR_VALUE(from) > PyUnicode_MAX_CHAR_VALUE(to)) {
        for (Py_ssize_t i = 0; i < count; i++) {
            if (PyUnicode_READ_CHAR(from, start + i) > PyUnicode_MAX_CHAR_VALUE(to)) {
                PyErr_SetString(PyExc_SystemError, "Cannot copy wider characters");
                return -1;
            }
        }
    }
    _PyUnicode_FastCopyCharacters(to, at, from, start, count);
    return count;
}

void _PyUnicode_FastCopyCharacters(PyObject *to, Py_ssize_t at, PyObject *from, Py_ssize_t start,
                                   Py_ssize_t count)
{
    int kind = PyUnicode_KIND(to), other = PyUnicode_KIND(from);
    char *data = PyUnicode_DATA(to);
    const char *source = PyUnicode_DATA(from);
    if (kind == other) {
        memcpy(data + at * kind, source + start * kind, (size_t)(count * kind));
        return;
    }
    for (Py_ssize_t i = 0; i < count; i++) {
        PyUnicode_WRITE(kind, data, at + i, PyUnicode_READ(other, source, start + i));
    }
}

Py_UCS4 *PyUnicode_AsUCS4(PyObject *s, Py_UCS4 *out, Py_ssize_t size, int copy_null)
{
    Py_ssize_t n = PyUnicode_GET_LENGTH(s);
    if (size < n + (copy_null != 0)) {
        if (size > 0 && copy_null) {
            out[0] = 0;
        }
        PyErr_SetString(PyExc_SystemError, "string is longer than the buffer");
        return NULL;
    }
    for (Py_ssize_t i = 0; i < n; i++) {
        out[i] = PyUnicode_READ_CHAR(s, i);
    }
    if (copy_null) {
        out[n] = 0;
    }
    return out;
}

Py_UCS4 *PyUnicode_AsUCS4Copy(PyObject *s)
{
    size_t n = (size_t)PyUnicode_GET_LENGTH(s);
    Py_UCS4 *out = PyMem_Malloc((n + 1) * sizeof *out);
    if (out == NULL) {
        PyErr_NoMemory();
        return NULL;
    }
    return PyUnicode_AsUCS4(s, out, (Py_ssize_t)n + 1, 1);
}

/* The old representation, which the header deprecates: made at the first call, and never freed. */
Py_UNICODE *capi_as_wide(PyObject *s, Py_ssize_t *size)
{
    if (!PyUnicode_Check(s)) {
        PyErr_BadArgument();
        return NULL;
    }
    PyASCIIObject *o = (PyASCIIObject *)s;
    if (size != NULL) {
        *size = o->length;
    }
    if (o->wstr == NULL) { /* the macros look there, and for the length */
        o->wstr = o->state.kind == PyUnicode_4BYTE_KIND ? PyUnicode_DATA(s)
                                                        : (wchar_t *)PyUnicode_AsUCS4Copy(s);
        if (!o->state.ascii && o->wstr != NULL) {
            ((PyCompactUnicodeObject *)s)->wstr_length = o->length;
        }
    }
    return o->wstr;
}

Py_UNICODE *PyUnicode_AsUnicodeAndSize(PyObject *s, Py_ssize_t *size)
{
    return capi_as_wide(s, size);
}

Py_UNICODE *PyUnicode_AsUnicode(PyObject *s)
{
    return capi_as_wide(s, NULL);
}

/* ---- Identifiers. */

static PyObject **identifiers; /* a heap array, by index; under the extension lock */
static Py_ssize_t identifier_count, identifier_room;

static Py_ssize_t add_identifier(PyObject *text)
{
    if (identifier_count == identifier_room) {
        Py_ssize_t room = identifier_room == 0 ? 64 : 2 * identifier_room;
        PyObject **bigger = heap_alloc((size_t)room * sizeof *bigger, CELL_WORDS);
        if (bigger == NULL) {
            error_no_memory();
            return -1;
        }
        for (Py_ssize_t i = 0; i < identifier_count; i++) {
            heap_init(bigger, &bigger[i], identifiers[i]);
        }
        identifiers = bigger;
        identifier_room = room;
    }
    heap_store(identifiers, &identifiers[identifier_count], text);
    return identifier_count++;
}

PyObject *capi_identifier(_Py_Identifier *name)
{
    if (LIKELY(name->index >= 0)) {
        return identifiers[name->index];
    }
    PyObject *text = str_intern_text(name->string);
    if (text != NULL) {
        name->index = add_identifier(text);
    }
    return name->index < 0 ? NULL : text;
}

PyObject *_PyUnicode_FromId(_Py_Identifier *name)
{
    struct thread *t = capi_enter();
    return capi_return_borrowed(t, value_from_object(capi_identifier(name)));
}

/* ---- Filling and searching. */

Py_ssize_t PyUnicode_Fill(PyObject *s, Py_ssize_t start, Py_ssize_t length, Py_UCS4 c)
{
    if (s == NULL || !PyUnicode_Check(s)) {
        return CAPI_BAD_ARGUMENT_INT();
    }
    if (str_is_interned(s)) {
        PyErr_SetString(PyExc_SystemError, "Cannot modify a string currently used");
        return -1;
    }
    if (c > PyUnicode_MAX_CHAR_VALUE(s)) {
        PyErr_SetString(PyExc_ValueError,
                        "fill character is bigger than the string maximum character");
        return -1;
    }
    if (start < 0) {
        PyErr_SetString(PyExc_IndexError, "string index out of range");
        return -1;
    }
    Py_ssize_t rest = str_length(s) - start, count = length < rest ? length : rest;
    for (Py_ssize_t i = 0; i < count; i++) {
        PyUnicode_WRITE(str_kind(s), PyUnicode_DATA(s), start + i, c);
    }
    return count < 0 ? 0 : count;
}

Py_ssize_t PyUnicode_FindChar(PyObject *s, Py_UCS4 c, Py_ssize_t start, Py_ssize_t end,
                              int direction)
{
    Py_ssize_t length = str_length(s);
    start = start < 0 ? (start + length < 0 ? 0 : start + length) : start;
    end = end > length ? length : end < 0 ? (end + length < 0 ? 0 : end + length) : end;
    return end <= start ? -1 : str_find_char(s, c, start, end, direction);
}

/* A string for its maker to fill through PyUnicode_AS_UNICODE: of the widest kind until then, and
 * private, so that it is seen when it is first handed to us (capi_publish_slow). */
static PyObject *new_unready(Py_ssize_t n)
{
    PyObject *s = PyUnicode_New(n, 0x10FFFF);
    if (s != NULL && n > 0) {
        PyCompactUnicodeObject *o = (PyCompactUnicodeObject *)s;
        o->_base.wstr = (wchar_t *)(o + 1);
        o->wstr_length = n;
        o->_base.state.ready = 0;
        s->ob_refcnt -= OBJECT_PUBLIC_COUNT;
    }
    return s;
}

PyObject *PyUnicode_FromUnicode(const Py_UNICODE *text, Py_ssize_t n)
{
    return text == NULL ? new_unready(n) : PyUnicode_FromKindAndData(PyUnicode_4BYTE_KIND, text, n);
}

/* What is no character becomes U+FFFD: the first such, 0 if there is none. */
static Py_UCS4 replace_wrong(Py_UCS4 *text, Py_ssize_t n)
{
    Py_UCS4 wrong = 0;
    for (Py_ssize_t i = 0; i < n; i++) {
        if (text[i] > 0x10FFFF) {
            wrong = wrong != 0 ? wrong : text[i];
            text[i] = 0xFFFD;
        }
    }
    return wrong;
}

/* The cell stays, the text moves to where its own kind has it: down, and it gets no wider. */
int capi_ready_string(PyObject *s)
{
    PyCompactUnicodeObject *o = (PyCompactUnicodeObject *)s;
    PyASCIIObject *a = &o->_base;
    if (a->state.ready) {
        return 0;
    }
    Py_ssize_t n = a->length;
    Py_UCS4 *text = (Py_UCS4 *)(o + 1), wrong = replace_wrong(text, n);
    Py_UCS4 max = str_scan_max(PyUnicode_4BYTE_KIND, text, n);
    int kind = max < 0x100 ? 1 : max < 0x10000 ? 2 : 4;
    void *data = max < 0x80 ? (void *)(a + 1) : (void *)(o + 1);
    a->wstr = kind == 4 ? a->wstr : NULL;
    if (max >= 0x80) {
        o->wstr_length = kind == 4 ? n : 0;
    }
    for (Py_ssize_t i = 0; i < n; i++) {
        Py_UCS4 c = text[i]; /* read before a narrower one is written over it */
        PyUnicode_WRITE(kind, data, i, c);
    }
    PyUnicode_WRITE(kind, data, n, 0);
    a->state.kind = (unsigned)kind;
    a->state.ascii = max < 0x80;
    a->state.ready = 1;
    if (wrong != 0) {
        PyErr_Format(PyExc_ValueError, "character U+%x is not in range [U+0000; U+10ffff]", wrong);
        return -1;
    }
    return 0;
}

/* ---- Changing a string that its maker has not shown to anybody yet. */

static bool is_unseen(PyObject *s)
{
    return PyUnicode_CheckExact(s) && object_c_count(s) == 1 && ((PyASCIIObject *)s)->hash == -1 &&
           PyUnicode_CHECK_INTERNED(s) == 0;
}

int PyUnicode_WriteChar(PyObject *s, Py_ssize_t i, Py_UCS4 c)
{
    if (!PyUnicode_Check(s) || !PyUnicode_IS_COMPACT(s)) {
        PyErr_BadArgument();
        return -1;
    }
    if (i < 0 || i >= PyUnicode_GET_LENGTH(s)) {
        PyErr_SetString(PyExc_IndexError, "string index out of range");
        return -1;
    }
    if (!is_unseen(s)) {
        PyErr_SetString(PyExc_SystemError, "Cannot modify a string currently used");
        return -1;
    }
    if (c > PyUnicode_MAX_CHAR_VALUE(s)) {
        PyErr_SetString(PyExc_ValueError, "character out of range");
        return -1;
    }
    PyUnicode_WRITE(PyUnicode_KIND(s), PyUnicode_DATA(s), i, c);
    return 0;
}

/* A new string always: others may read the old one. */
int PyUnicode_Resize(PyObject **place, Py_ssize_t length)
{
    PyObject *old = place == NULL ? NULL : *place;
    if (old == NULL || !PyUnicode_Check(old) || length < 0) {
        PyErr_BadInternalCall();
        return -1;
    }
    Py_ssize_t count = PyUnicode_GET_LENGTH(old);
    if (count == length) {
        return 0;
    }
    PyObject *s = PyUnicode_New(length, PyUnicode_MAX_CHAR_VALUE(old));
    if (s == NULL) {
        return -1;
    }
    _PyUnicode_FastCopyCharacters(s, 0, old, 0, count < length ? count : length);
    *place = s;
    Py_DECREF(old);
    return 0;
}

Py_ssize_t PyUnicode_GetSize(PyObject *s)
{
    if (!PyUnicode_Check(s)) {
        PyErr_BadArgument();
        return -1;
    }
    return PyUnicode_GET_LENGTH(s); /* wchar_t holds any character */
}
