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
