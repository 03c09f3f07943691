/* SPDX-License-Identifier: MIT */
/* Integers of the C API: conversions to and from C types. */
#include "capi/capi_int.h"
#include "object/bytes.h"
#include "object/dict.h"
#include "object/float.h"
#include "object/int.h"
#include "object/list.h"

PyObject *PyLong_FromLong(long i)
{
    struct thread *t = capi_enter();
    return capi_return(t, int_from_i64(i));
}

PyObject *PyLong_FromSsize_t(Py_ssize_t i)
{
    return PyLong_FromLong(i);
}

PyObject *PyLong_FromLongLong(long long i)
{
    return PyLong_FromLong((long)i);
}

PyObject *PyLong_FromUnsignedLong(unsigned long u)
{
    struct thread *t = capi_enter();
    return capi_return(t, int_from_u64(u));
}

PyObject *PyLong_FromSize_t(size_t u)
{
    return PyLong_FromUnsignedLong(u);
}

PyObject *PyLong_FromUnsignedLongLong(unsigned long long u)
{
    return PyLong_FromUnsignedLong((unsigned long)u);
}

PyObject *PyLong_FromVoidPtr(void *p)
{
    return PyLong_FromUnsignedLong((unsigned long)(uintptr_t)p);
}

PyObject *PyLong_FromDouble(double d)
{
    struct thread *t = capi_enter();
    return capi_return(t, int_from_double(d));
}

PyObject *PyLong_FromString(const char *text, char **end, int base)
{
    struct thread *t = capi_enter();
    size_t length = strlen(text);
    Value v = int_from_text(text, length, base);
    if (end != NULL) {
        *end = (char *)(uintptr_t)(value_is_null(v) ? text : text + length);
    }
    return capi_return(t, v);
}

PyObject *PyLong_FromUnicodeObject(PyObject *text, int base)
{
    struct thread *t = capi_enter();
    return capi_return(t, int_from_str(capi_object(text), base));
}

/* An int for anything with __index__; VALUE_NULL with TypeError. */
static Value index_of(PyObject *o)
{
    if (o == NULL) {
        return error_raise(PyExc_SystemError, "bad argument to internal function");
    }
    return object_index(capi_value(o));
}

static Value exact_int(PyObject *o)
{
    Value v = capi_value(o);
    return o != NULL && int_check(v) ? v : error_raise(PyExc_TypeError, "an integer is required");
}

/* Constant memory, so nothing is crossed. */
static ALWAYS_INLINE bool read_small(PyObject *o, int64_t *out)
{
    return o != NULL && int_try_small(value_from_object(o), out);
}

long PyLong_AsLongAndOverflow(PyObject *o, int *overflow)
{
    int64_t small;
    if (LIKELY(read_small(o, &small))) {
        *overflow = 0;
        return small;
    }
    struct thread *t = capi_enter();
    Value v = index_of(o);
    int64_t i = -1;
    *overflow = value_is_null(v) ? 0 : int_clip_i64(v, &i);
    if (*overflow != 0) {
        i = -1;
    }
    return capi_return_size(t, i);
}

long PyLong_AsLong(PyObject *o)
{
    int64_t small;
    if (LIKELY(read_small(o, &small))) {
        return small;
    }
    struct thread *t = capi_enter();
    Value v = index_of(o);
    int64_t i = -1;
    if (value_is_null(v) || int_to_i64(v, &i) < 0) {
        i = -1;
    }
    return capi_return_size(t, i);
}

int _PyLong_AsInt(PyObject *o)
{
    long i = PyLong_AsLong(o);
    if (i == (int)i) {
        return (int)i;
    }
    PyErr_SetString(PyExc_OverflowError, "Python int too large to convert to C int");
    return -1;
}

static int64_t as_size(PyObject *o, const char *message)
{
    int64_t small;
    if (LIKELY(read_small(o, &small))) {
        return small;
    }
    struct thread *t = capi_enter();
    Value v = exact_int(o);
    int64_t i = -1;
    if (!value_is_null(v) && int_clip_i64(v, &i) != 0) {
        i = -1;
        error_raise(PyExc_OverflowError, "%s", message);
    }
    return capi_return_size(t, i);
}

Py_ssize_t PyLong_AsSsize_t(PyObject *o)
{
    return as_size(o, "Python int too large to convert to C ssize_t");
}

long long PyLong_AsLongLong(PyObject *o)
{
    return PyLong_AsLong(o);
}

long long PyLong_AsLongLongAndOverflow(PyObject *o, int *overflow)
{
    return PyLong_AsLongAndOverflow(o, overflow);
}

static uint64_t as_unsigned(PyObject *o, const char *type)
{
    struct thread *t = capi_enter();
    Value v = exact_int(o);
    uint64_t u = (uint64_t)-1;
    if (!value_is_null(v) && int_sign(v) < 0) {
        error_raise(PyExc_OverflowError, "can't convert negative value to unsigned int");
    } else if (!value_is_null(v) && int_to_u64(v, &u) < 0) {
        error_clear();
        u = (uint64_t)-1;
        error_raise(PyExc_OverflowError, "Python int too large to convert to C %s", type);
    }
    return (uint64_t)capi_return_size(t, (Py_ssize_t)u);
}

unsigned long PyLong_AsUnsignedLong(PyObject *o)
{
    return as_unsigned(o, "unsigned long");
}

size_t PyLong_AsSize_t(PyObject *o)
{
    return as_unsigned(o, "size_t");
}

unsigned long long PyLong_AsUnsignedLongLong(PyObject *o)
{
    return as_unsigned(o, "unsigned long");
}

unsigned long PyLong_AsUnsignedLongMask(PyObject *o)
{
    struct thread *t = capi_enter();
    Value v = index_of(o);
    uint64_t u = value_is_null(v) ? (uint64_t)-1 : int_to_u64_mask(v);
    return (unsigned long)capi_return_size(t, (Py_ssize_t)u);
}

unsigned long long PyLong_AsUnsignedLongLongMask(PyObject *o)
{
    return PyLong_AsUnsignedLongMask(o);
}

void *PyLong_AsVoidPtr(PyObject *o)
{
    struct thread *t = capi_enter();
    Value v = exact_int(o);
    uint64_t u = value_is_null(v) ? 0 : int_to_u64_mask(v);
    return capi_return_pointer(t, (void *)(uintptr_t)u);
}

double PyLong_AsDouble(PyObject *o)
{
    struct thread *t = capi_enter();
    Value v = exact_int(o);
    double d = value_is_null(v) ? -1.0 : int_to_double(v);
    capi_leave(t);
    return d;
}

int _PyLong_Sign(PyObject *o)
{
    return int_sign(value_from_object(o));
}

size_t _PyLong_NumBits(PyObject *o)
{
    return int_bit_length(value_from_object(o));
}

PyObject *_PyLong_FromByteArray(const unsigned char *bytes, size_t n, int little, int is_signed)
{
    struct thread *t = capi_enter();
    return capi_return(t, int_from_byte_array(bytes, n, little, is_signed));
}

int _PyLong_AsByteArray(PyLongObject *o, unsigned char *bytes, size_t n, int little, int is_signed)
{
    struct thread *t = capi_enter();
    return capi_return_int(t, int_to_byte_array(value_from_object(o), bytes, n, little, is_signed));
}

PyObject *PyBool_FromLong(long truth)
{
    return Py_NewRef(truth ? Py_True : Py_False);
}

/* An int whose digits the caller fills in before anybody sees it. */
PyLongObject *_PyLong_New(Py_ssize_t digits)
{
    struct thread *t = capi_enter();
    return (PyLongObject *)capi_return_object(t, object_alloc(&PyLong_Type, digits));
}

PyObject *_PyLong_GCD(PyObject *a, PyObject *b)
{
    struct thread *t = capi_enter();
    return capi_return(t, int_gcd(capi_value(a), capi_value(b)));
}

PyObject *_PyLong_Copy(PyLongObject *o)
{
    struct thread *t = capi_enter();
    return capi_return(t, int_plain(capi_value((PyObject *)o)));
}

PyObject *PyNumber_ToBase(PyObject *o, int base)
{
    struct thread *t = capi_enter();
    static const char *const prefixes[] = {[2] = "0b", [8] = "0o", [10] = "", [16] = "0x"};
    if (base != 2 && base != 8 && base != 10 && base != 16) {
        return capi_return(
            t, error_raise(PyExc_SystemError, "PyNumber_ToBase: base must be 2, 8, 10 or 16"));
    }
    Value index = object_index(capi_value(o));
    PyObject *text = value_is_null(index) ? NULL : int_to_text(index, base);
    if (text == NULL) {
        return capi_return(t, VALUE_NULL);
    }
    const char *digits = str_utf8(text, NULL);
    const char *sign = *digits == '-' ? "-" : "";
    return capi_return_object(
        t, str_format("%s%s%s", sign, prefixes[base], digits + (*digits == '-')));
}

/* ---- Converters of argument clinic: unsigned numbers that must fit. */

PyAPI_FUNC(int) _PyLong_UnsignedShort_Converter(PyObject *o, void *out);
PyAPI_FUNC(int) _PyLong_UnsignedInt_Converter(PyObject *o, void *out);
PyAPI_FUNC(int) _PyLong_UnsignedLong_Converter(PyObject *o, void *out);
PyAPI_FUNC(int) _PyLong_UnsignedLongLong_Converter(PyObject *o, void *out);
PyAPI_FUNC(int) _PyLong_Size_t_Converter(PyObject *o, void *out);

static int convert_unsigned(PyObject *o, uint64_t limit, const char *type, uint64_t *out)
{
    struct thread *t = capi_enter();
    Value v = int_check(capi_value(o)) ? value_from_object(o) : object_index(value_from_object(o));
    int good = !value_is_null(v);
    if (good && int_sign(v) < 0) {
        error_raise(PyExc_ValueError, "value must be positive");
        good = 0;
    }
    if (good && int_to_u64(v, out) < 0) {
        error_clear();
        *out = UINT64_MAX;
        limit = limit == UINT64_MAX ? 0 : limit;
    }
    if (good && *out > limit) {
        error_raise(PyExc_OverflowError, "Python int too large to convert to C %s", type);
        good = 0;
    }
    return capi_return_int(t, good);
}

#define UNSIGNED_CONVERTER(function, type, limit)                                                  \
    int function(PyObject *o, void *out)                                                           \
    {                                                                                              \
        uint64_t n = 0;                                                                            \
        int good = convert_unsigned(o, limit, #type, &n);                                          \
        if (good) {                                                                                \
            *(type *)out = (type)n;                                                                \
        }                                                                                          \
        return good;                                                                               \
    }
UNSIGNED_CONVERTER(_PyLong_UnsignedShort_Converter, unsigned short, UINT16_MAX)
UNSIGNED_CONVERTER(_PyLong_UnsignedInt_Converter, unsigned int, UINT32_MAX)
UNSIGNED_CONVERTER(_PyLong_UnsignedLong_Converter, unsigned long, UINT64_MAX)
UNSIGNED_CONVERTER(_PyLong_UnsignedLongLong_Converter, unsigned long long, UINT64_MAX)
UNSIGNED_CONVERTER(_PyLong_Size_t_Converter, size_t, UINT64_MAX)

PyObject *PyLong_GetInfo(void)
{
    return Py_XNewRef(PySys_GetObject("int_info"));
}

PyObject *_PyLong_Format(PyObject *o, int base)
{
    if (!PyLong_Check(o)) {
        PyErr_BadInternalCall();
        return NULL;
    }
    return PyNumber_ToBase(o, base);
}
