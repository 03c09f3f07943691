/* SPDX-License-Identifier: MIT */
/* Marshal data in memory and in C files. */
#include <Python.h>

#include <marshal.h>
#include <stdio.h>

#include "bytecode/code.h"
#include "capi/capi_int.h"
#include "object/bytes.h"

PyObject *PyMarshal_WriteObjectToString(PyObject *o, int version)
{
    struct thread *t = capi_enter();
    return capi_return_object(t, marshal_dump(capi_value(o), version));
}

PyObject *PyMarshal_ReadObjectFromString(const char *data, Py_ssize_t length)
{
    struct thread *t = capi_enter();
    Py_ssize_t consumed;
    return capi_return(t, marshal_load(data, length, &consumed));
}

void PyMarshal_WriteLongToFile(long n, FILE *file, int version)
{
    unsigned char bytes[4] = {(unsigned char)n, (unsigned char)(n >> 8), (unsigned char)(n >> 16),
                              (unsigned char)(n >> 24)};
    fwrite(bytes, 1, sizeof bytes, file);
}

void PyMarshal_WriteObjectToFile(PyObject *o, FILE *file, int version)
{
    PyObject *bytes = PyMarshal_WriteObjectToString(o, version);
    if (bytes != NULL) {
        fwrite(PyBytes_AS_STRING(bytes), 1, (size_t)PyBytes_GET_SIZE(bytes), file);
        Py_DECREF(bytes);
    }
}

/* A number of `size` bytes, signed; -1 with EOFError. */
static long read_number(FILE *file, int size)
{
    unsigned char bytes[4];
    if (fread(bytes, 1, (size_t)size, file) != (size_t)size) {
        PyErr_SetString(PyExc_EOFError, "EOF read where data expected");
        return -1;
    }
    return size == 2 ? (short)(bytes[0] | bytes[1] << 8)
                     : (int)((unsigned)bytes[0] | (unsigned)bytes[1] << 8 |
                             (unsigned)bytes[2] << 16 | (unsigned)bytes[3] << 24);
}

int PyMarshal_ReadShortFromFile(FILE *file)
{
    return (int)read_number(file, 2);
}

long PyMarshal_ReadLongFromFile(FILE *file)
{
    return read_number(file, 4);
}

/* The next object; the file is left behind it if it can be positioned. */
PyObject *PyMarshal_ReadObjectFromFile(FILE *file)
{
    struct thread *t = capi_enter();
    struct bytes_builder all;
    long start = ftell(file);
    bytes_builder_init(&all);
    for (size_t n = 1; n > 0; all.length += (Py_ssize_t)n) {
        char *block = bytes_builder_reserve(&all, 65536);
        if (block == NULL) {
            return capi_return(t, VALUE_NULL);
        }
        n = fread(block, 1, 65536, file);
    }
    PyObject *bytes = bytes_builder_finish(&all);
    Py_ssize_t consumed = 0;
    Value loaded = bytes == NULL ? VALUE_NULL
                                 : marshal_load(bytes_data(bytes), bytes_length(bytes), &consumed);
    if (start >= 0) {
        fseek(file, start + consumed, SEEK_SET);
    }
    return capi_return(t, loaded);
}

PyObject *PyMarshal_ReadLastObjectFromFile(FILE *file)
{
    return PyMarshal_ReadObjectFromFile(file);
}
