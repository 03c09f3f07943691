/* SPDX-License-Identifier: MIT */
/* Floats of the C API. */
#include <float.h>
#include <math.h>

#include "capi/capi_int.h"
#include "object/bytes.h"
#include "object/dict.h"
#include "object/float.h"
#include "object/int.h"
#include "object/list.h"

PyObject *PyFloat_FromDouble(double d)
{
    struct thread *t = capi_enter();
    return capi_return(t, value_from_double(d));
}

double PyFloat_AsDouble(PyObject *o)
{
    if (o != NULL && PyFloat_Check(o)) {
        return PyFloat_AS_DOUBLE(o);
    }
    struct thread *t = capi_enter();
    double d = -1.0;
    if (o == NULL) {
        error_raise(PyExc_TypeError, "bad argument type for built-in operation");
    } else if (arg_double(capi_value(o), &d) < 0) {
        d = -1.0;
    }
    capi_leave(t);
    return d;
}

PyObject *PyFloat_FromString(PyObject *o)
{
    struct thread *t = capi_enter();
    return capi_return(t, object_float(capi_value(o)));
}

/* ---- IEEE 754 bytes. */

static void put_bytes(char *p, uint64_t bits, int size, int little)
{
    for (int i = 0; i < size; i++) {
        p[little ? i : size - 1 - i] = (char)(bits >> 8 * i);
    }
}

static uint64_t get_bytes(const char *p, int size, int little)
{
    uint64_t bits = 0;
    for (int i = 0; i < size; i++) {
        bits |= (uint64_t)(unsigned char)p[little ? i : size - 1 - i] << 8 * i;
    }
    return bits;
}

static int too_large(char letter)
{
    PyErr_Format(PyExc_OverflowError, "float too large to pack with %c format", letter);
    return -1;
}

int PyFloat_Pack2(double d, char *p, int little)
{
    uint16_t bits;
    if (!float_to_half(d, &bits)) {
        return too_large('e');
    }
    put_bytes(p, bits, 2, little);
    return 0;
}

int PyFloat_Pack4(double d, char *p, int little)
{
    float f = (float)d;
    uint32_t bits;
    if (isinf(f) && !isinf(d)) {
        return too_large('f');
    }
    memcpy(&bits, &f, sizeof f);
    put_bytes(p, bits, 4, little);
    return 0;
}

int PyFloat_Pack8(double d, char *p, int little)
{
    uint64_t bits;
    memcpy(&bits, &d, sizeof d);
    put_bytes(p, bits, 8, little);
    return 0;
}

double PyFloat_Unpack2(const char *p, int little)
{
    return float_from_half((uint16_t)get_bytes(p, 2, little));
}

double PyFloat_Unpack4(const char *p, int little)
{
    uint32_t bits = (uint32_t)get_bytes(p, 4, little);
    float f;
    memcpy(&f, &bits, sizeof f);
    return f;
}

double PyFloat_Unpack8(const char *p, int little)
{
    uint64_t bits = get_bytes(p, 8, little);
    double d;
    memcpy(&d, &bits, sizeof d);
    return d;
}

double PyFloat_GetMax(void)
{
    return DBL_MAX;
}

double PyFloat_GetMin(void)
{
    return DBL_MIN;
}

PyObject *PyFloat_GetInfo(void)
{
    return Py_XNewRef(PySys_GetObject("float_info"));
}
