/* SPDX-License-Identifier: MIT */
/* Complex numbers of the C API. */
#include "capi/capi_int.h"
#include "object/complex.h"

Py_complex PyComplex_AsCComplex(PyObject *o)
{
    struct thread *t = capi_enter();
    Py_complex c;
    if (complex_from_value(capi_value(o), &c) < 0) {
        c = (Py_complex){-1.0, 0.0};
    }
    capi_leave(t);
    return c;
}

PyObject *PyComplex_FromCComplex(Py_complex c)
{
    struct thread *t = capi_enter();
    return capi_return(t, complex_from(c));
}

PyObject *PyComplex_FromDoubles(double real, double imaginary)
{
    return PyComplex_FromCComplex((Py_complex){real, imaginary});
}

double PyComplex_RealAsDouble(PyObject *o)
{
    return PyComplex_Check(o) ? ((PyComplexObject *)o)->cval.real : PyFloat_AsDouble(o);
}

double PyComplex_ImagAsDouble(PyObject *o)
{
    return PyComplex_Check(o) ? ((PyComplexObject *)o)->cval.imag : 0.0;
}
