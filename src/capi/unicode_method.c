/* SPDX-License-Identifier: MIT */
/* Functions of the C API that are methods of str: searching, splitting, translating; and codecs
 * that are asked for by function. Written like extension code. */
#include "capi/capi_int.h"

#pragma GCC diagnostic ignored "-Wdeprecated-declarations" /* they call each other */

/* ---- Methods. */

Py_ssize_t PyUnicode_Count(PyObject *s, PyObject *sub, Py_ssize_t start, Py_ssize_t end)
{
    PyObject *n = PyObject_CallMethod(s, "count", "Onn", sub, start, end);
    Py_ssize_t count = n == NULL ? -1 : PyLong_AsSsize_t(n);
    Py_XDECREF(n);
    return count;
}

/* -1: it is not there; -2: an error. */
Py_ssize_t PyUnicode_Find(PyObject *s, PyObject *sub, Py_ssize_t start, Py_ssize_t end,
                          int direction)
{
    PyObject *n = PyObject_CallMethod(s, direction > 0 ? "find" : "rfind", "Onn", sub, start, end);
    Py_ssize_t at = n == NULL ? -2 : PyLong_AsSsize_t(n);
    Py_XDECREF(n);
    return at;
}

PyObject *PyUnicode_Partition(PyObject *s, PyObject *separator)
{
    return PyObject_CallMethod(s, "partition", "O", separator);
}

PyObject *PyUnicode_RPartition(PyObject *s, PyObject *separator)
{
    return PyObject_CallMethod(s, "rpartition", "O", separator);
}

PyObject *PyUnicode_RSplit(PyObject *s, PyObject *separator, Py_ssize_t most)
{
    return PyObject_CallMethod(s, "rsplit", "On", separator == NULL ? Py_None : separator, most);
}

PyObject *PyUnicode_Translate(PyObject *s, PyObject *table, const char *errors)
{
    return PyObject_CallMethod(s, "translate", "O", table);
}

PyObject *PyUnicode_RichCompare(PyObject *a, PyObject *b, int operator)
{
    if (!PyUnicode_Check(a) || !PyUnicode_Check(b)) {
        Py_RETURN_NOTIMPLEMENTED;
    }
    return PyObject_RichCompare(a, b, operator);
}

const char *PyUnicode_GetDefaultEncoding(void)
{
    return "utf-8";
}

#undef PyUnicode_InternImmortal
PyAPI_FUNC(void) PyUnicode_InternImmortal(PyObject **s);
void PyUnicode_InternImmortal(PyObject **s)
{
    PyUnicode_InternInPlace(s);
}

PyObject *PyUnicode_DecodeLocaleAndSize(const char *text, Py_ssize_t n, const char *errors)
{
    if (text[n] != 0 || strlen(text) != (size_t)n) {
        PyErr_SetString(PyExc_ValueError, "embedded null byte");
        return NULL;
    }
    return PyUnicode_DecodeLocale(text, errors);
}

/* ---- Codecs. */

PyObject *PyUnicode_AsUTF16String(PyObject *s)
{
    return PyUnicode_AsEncodedString(s, "utf-16", NULL);
}

PyObject *PyUnicode_AsUTF32String(PyObject *s)
{
    return PyUnicode_AsEncodedString(s, "utf-32", NULL);
}

PyObject *PyUnicode_AsUnicodeEscapeString(PyObject *s)
{
    return PyUnicode_AsEncodedString(s, "unicode_escape", NULL);
}

PyObject *PyUnicode_AsRawUnicodeEscapeString(PyObject *s)
{
    return PyUnicode_AsEncodedString(s, "raw_unicode_escape", NULL);
}

PyObject *PyUnicode_DecodeUnicodeEscape(const char *text, Py_ssize_t n, const char *errors)
{
    return PyUnicode_Decode(text, n, "unicode_escape", errors);
}

PyObject *PyUnicode_DecodeRawUnicodeEscape(const char *text, Py_ssize_t n, const char *errors)
{
    return PyUnicode_Decode(text, n, "raw_unicode_escape", errors);
}

PyObject *PyUnicode_DecodeUTF7(const char *text, Py_ssize_t n, const char *errors)
{
    return PyUnicode_Decode(text, n, "utf-7", errors);
}

/* With *consumed, what is incomplete at the end waits for more: the codec's own decode function
 * says how far it came. */
static PyObject *decode_stateful(const char *function, const char *text, Py_ssize_t n,
                                 const char *errors, Py_ssize_t *consumed)
{
    PyObject *codecs = PyImport_ImportModule("_codecs");
    PyObject *pair = codecs == NULL ? NULL
                                    : PyObject_CallMethod(codecs, function, "y#zO", text, n, errors,
                                                          consumed == NULL ? Py_True : Py_False);
    PyObject *result = NULL;
    if (pair != NULL) {
        result = Py_NewRef(PyTuple_GET_ITEM(pair, 0));
        if (consumed != NULL) {
            *consumed = PyLong_AsSsize_t(PyTuple_GET_ITEM(pair, 1));
        }
    }
    Py_XDECREF(codecs);
    Py_XDECREF(pair);
    return result;
}

PyObject *PyUnicode_DecodeUTF7Stateful(const char *text, Py_ssize_t n, const char *errors,
                                       Py_ssize_t *consumed)
{
    return decode_stateful("utf_7_decode", text, n, errors, consumed);
}

/* *order: -1 little, 1 big endian, 0: as the text's first character or the machine says; set to
 * what was found. */
static PyObject *decode_ordered(const char *const functions[3], const char *text, Py_ssize_t n,
                                const char *errors, int *order, Py_ssize_t *consumed,
                                const char *little_mark, Py_ssize_t mark_size)
{
    int given = order == NULL ? 0 : *order;
    PyObject *result = decode_stateful(functions[given + 1], text, n, errors, consumed);
    if (result != NULL && order != NULL && given == 0 && n >= mark_size) {
        bool little = memcmp(text, little_mark, (size_t)mark_size) == 0, big = true;
        for (Py_ssize_t i = 0; i < mark_size; i++) {
            big &= text[i] == little_mark[mark_size - 1 - i];
        }
        *order = little ? -1 : big ? 1 : 0;
    }
    return result;
}

PyObject *PyUnicode_DecodeUTF16Stateful(const char *text, Py_ssize_t n, const char *errors,
                                        int *order, Py_ssize_t *consumed)
{
    static const char *const functions[] = {"utf_16_le_decode", "utf_16_decode",
                                            "utf_16_be_decode"};
    return decode_ordered(functions, text, n, errors, order, consumed, "\xff\xfe", 2);
}

PyObject *PyUnicode_DecodeUTF32Stateful(const char *text, Py_ssize_t n, const char *errors,
                                        int *order, Py_ssize_t *consumed)
{
    static const char *const functions[] = {"utf_32_le_decode", "utf_32_decode",
                                            "utf_32_be_decode"};
    return decode_ordered(functions, text, n, errors, order, consumed, "\xff\xfe\0\0", 4);
}

PyObject *PyUnicode_DecodeCharmap(const char *text, Py_ssize_t n, PyObject *mapping,
                                  const char *errors)
{
    PyObject *codecs = PyImport_ImportModule("_codecs");
    PyObject *pair = codecs == NULL
                         ? NULL
                         : PyObject_CallMethod(codecs, "charmap_decode", "y#zO", text, n, errors,
                                               mapping == NULL ? Py_None : mapping);
    PyObject *result = pair == NULL ? NULL : Py_NewRef(PyTuple_GET_ITEM(pair, 0));
    Py_XDECREF(codecs);
    Py_XDECREF(pair);
    return result;
}

PyObject *PyUnicode_AsCharmapString(PyObject *s, PyObject *mapping)
{
    PyObject *codecs = PyImport_ImportModule("_codecs");
    PyObject *pair = codecs == NULL
                         ? NULL
                         : PyObject_CallMethod(codecs, "charmap_encode", "OzO", s, NULL, mapping);
    PyObject *result = pair == NULL ? NULL : Py_NewRef(PyTuple_GET_ITEM(pair, 0));
    Py_XDECREF(codecs);
    Py_XDECREF(pair);
    return result;
}

PyObject *PyUnicode_BuildEncodingMap(PyObject *s)
{
    PyObject *codecs = PyImport_ImportModule("_codecs");
    PyObject *map = codecs == NULL ? NULL : PyObject_CallMethod(codecs, "charmap_build", "O", s);
    Py_XDECREF(codecs);
    return map;
}

/* Codecs between any types, as codecs.encode and codecs.decode. */
PyAPI_FUNC(PyObject *)
    PyUnicode_AsDecodedObject(PyObject *s, const char *encoding, const char *errors);
PyObject *PyUnicode_AsDecodedObject(PyObject *s, const char *encoding, const char *errors)
{
    return PyCodec_Decode(s, encoding == NULL ? "utf-8" : encoding, errors);
}

PyAPI_FUNC(PyObject *)
    PyUnicode_AsEncodedObject(PyObject *s, const char *encoding, const char *errors);
PyObject *PyUnicode_AsEncodedObject(PyObject *s, const char *encoding, const char *errors)
{
    return PyCodec_Encode(s, encoding == NULL ? "utf-8" : encoding, errors);
}

static PyObject *only_str(PyObject *made, const char *what)
{
    if (made != NULL && !PyUnicode_Check(made)) {
        PyErr_Format(PyExc_TypeError, "%s did not return a str object", what);
        Py_CLEAR(made);
    }
    return made;
}

PyAPI_FUNC(PyObject *)
    PyUnicode_AsDecodedUnicode(PyObject *s, const char *encoding, const char *errors);
PyObject *PyUnicode_AsDecodedUnicode(PyObject *s, const char *encoding, const char *errors)
{
    return only_str(PyUnicode_AsDecodedObject(s, encoding, errors), "decoder");
}

PyAPI_FUNC(PyObject *)
    PyUnicode_AsEncodedUnicode(PyObject *s, const char *encoding, const char *errors);
PyObject *PyUnicode_AsEncodedUnicode(PyObject *s, const char *encoding, const char *errors)
{
    return only_str(PyUnicode_AsEncodedObject(s, encoding, errors), "encoder");
}
