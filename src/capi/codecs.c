/* SPDX-License-Identifier: MIT */
/* Codecs by name. */
#include "capi/capi_int.h"

static PyObject *codec_part(const char *encoding, const char *part)
{
    PyObject *codecs = PyImport_ImportModule("codecs");
    PyObject *info = codecs == NULL ? NULL : PyObject_CallMethod(codecs, "lookup", "s", encoding);
    PyObject *found = info == NULL ? NULL : PyObject_GetAttrString(info, part);
    Py_XDECREF(codecs);
    Py_XDECREF(info);
    return found;
}

static PyObject *make_part(const char *encoding, const char *part, const char *errors)
{
    PyObject *class = codec_part(encoding, part);
    PyObject *made = class == NULL    ? NULL
                     : errors == NULL ? PyObject_CallFunction(class, NULL)
                                      : PyObject_CallFunction(class, "s", errors);
    Py_XDECREF(class);
    return made;
}

PyObject *PyCodec_Encoder(const char *encoding)
{
    return codec_part(encoding, "encode");
}

PyObject *PyCodec_Decoder(const char *encoding)
{
    return codec_part(encoding, "decode");
}

PyObject *PyCodec_IncrementalEncoder(const char *encoding, const char *errors)
{
    return make_part(encoding, "incrementalencoder", errors);
}

PyObject *PyCodec_IncrementalDecoder(const char *encoding, const char *errors)
{
    return make_part(encoding, "incrementaldecoder", errors);
}

int PyCodec_KnownEncoding(const char *encoding)
{
    PyObject *found = codec_part(encoding, "encode");
    if (found == NULL) {
        PyErr_Clear();
    }
    Py_XDECREF(found);
    return found != NULL;
}

static PyObject *call_codecs(const char *function, PyObject *argument)
{
    PyObject *codecs = PyImport_ImportModule("codecs");
    PyObject *result = codecs == NULL ? NULL : PyObject_CallMethod(codecs, function, "O", argument);
    Py_XDECREF(codecs);
    return result;
}

static int status_of(PyObject *result)
{
    Py_XDECREF(result);
    return result == NULL ? -1 : 0;
}

int PyCodec_Register(PyObject *search)
{
    return status_of(call_codecs("register", search));
}

int PyCodec_Unregister(PyObject *search)
{
    return status_of(call_codecs("unregister", search));
}

int PyCodec_RegisterError(const char *name, PyObject *handler)
{
    PyObject *codecs = PyImport_ImportModule("codecs");
    PyObject *done =
        codecs == NULL ? NULL : PyObject_CallMethod(codecs, "register_error", "sO", name, handler);
    Py_XDECREF(codecs);
    return status_of(done);
}

static PyObject *convert(const char *function, PyObject *o, const char *encoding,
                         const char *errors)
{
    PyObject *codecs = PyImport_ImportModule("codecs");
    PyObject *result = codecs == NULL ? NULL
                                      : PyObject_CallMethod(codecs, function, "Oss", o, encoding,
                                                            errors == NULL ? "strict" : errors);
    Py_XDECREF(codecs);
    return result;
}

PyObject *PyCodec_Encode(PyObject *o, const char *encoding, const char *errors)
{
    return convert("encode", o, encoding, errors);
}

PyObject *PyCodec_Decode(PyObject *o, const char *encoding, const char *errors)
{
    return convert("decode", o, encoding, errors);
}

static PyObject *make_stream(const char *encoding, const char *part, PyObject *stream,
                             const char *errors)
{
    PyObject *class = codec_part(encoding, part);
    PyObject *made =
        class == NULL ? NULL
                      : PyObject_CallFunction(class, errors == NULL ? "O" : "Os", stream, errors);
    Py_XDECREF(class);
    return made;
}

PyObject *PyCodec_StreamReader(const char *encoding, PyObject *stream, const char *errors)
{
    return make_stream(encoding, "streamreader", stream, errors);
}

PyObject *PyCodec_StreamWriter(const char *encoding, PyObject *stream, const char *errors)
{
    return make_stream(encoding, "streamwriter", stream, errors);
}

/* ---- The error handlers, as functions. */

PyObject *PyCodec_IgnoreErrors(PyObject *exception)
{
    return call_codecs("ignore_errors", exception);
}

PyObject *PyCodec_ReplaceErrors(PyObject *exception)
{
    return call_codecs("replace_errors", exception);
}

PyObject *PyCodec_XMLCharRefReplaceErrors(PyObject *exception)
{
    return call_codecs("xmlcharrefreplace_errors", exception);
}

PyObject *PyCodec_BackslashReplaceErrors(PyObject *exception)
{
    return call_codecs("backslashreplace_errors", exception);
}

PyObject *PyCodec_NameReplaceErrors(PyObject *exception)
{
    return call_codecs("namereplace_errors", exception);
}
