/* SPDX-License-Identifier: MIT */
/* Numbers in text, and hashes of floats. */
#include <ctype.h>
#include <errno.h>
#include <math.h>

#include "base/text_number.h"
#include "capi/capi_int.h"
#include "object/float.h"

/* ---- Text. */

double PyOS_string_to_double(const char *text, char **end, PyObject *overflow)
{
    struct thread *t = capi_enter();
    double d = -1.0;
    size_t length = strlen(text), used = text_to_double(text, length, &d);
    if (end != NULL) {
        *end = (char *)(uintptr_t)(text + used);
    }
    if (used == 0 || (end == NULL && used != length)) {
        error_raise(PyExc_ValueError, "could not convert string to float: '%.200s'", text);
        d = -1.0;
    } else if (isinf(d) && overflow != NULL && isdigit((unsigned char)text[used - 1])) {
        error_raise(overflow, "value too large to convert to float: '%.200s'", text);
        d = -1.0;
    }
    capi_leave(t);
    return d;
}

char *PyOS_double_to_string(double d, char code, int precision, int flags, int *type)
{
    if (type != NULL) {
        *type = isnan(d) ? Py_DTST_NAN : isinf(d) ? Py_DTST_INFINITE : Py_DTST_FINITE;
    }
    char *text = text_format_double(d, code, precision, (flags & Py_DTSF_SIGN) != 0,
                                    (flags & Py_DTSF_ALT) != 0, (flags & Py_DTSF_ADD_DOT_0) != 0);
    if (text == NULL) {
        PyErr_NoMemory();
    }
    return text;
}

unsigned long PyOS_strtoul(const char *text, char **end, int base)
{
    return strtoul(text, end, base);
}

long PyOS_strtol(const char *text, char **end, int base)
{
    return strtol(text, end, base);
}

/* ---- Hashes. */

Py_hash_t _Py_HashDouble(PyObject *o, double d)
{
    return isnan(d) ? _Py_HashPointer(o) : float_hash(d);
}
