/* SPDX-License-Identifier: MIT */
/* Floats of the C API. */
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
