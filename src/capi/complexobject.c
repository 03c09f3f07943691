/* SPDX-License-Identifier: MIT */
/* Complex numbers of the C API. */
#include "capi/capi_int.h"

static Value special_method(Value v)
{
    Value method = VALUE_ABSENT;
    PyObject *name = str_intern_text("__complex__");
    int found = name == NULL ? -1 : object_find_special(v, name, &method);
    return found < 0 ? VALUE_NULL : found == 0 ? VALUE_ABSENT : method;
}

Py_complex PyComplex_AsCComplex(PyObject *o)
{
    if (o != NULL && PyComplex_Check(o)) {
        return ((PyComplexObject *)o)->cval;
    }
    struct thread *t = capi_enter();
    Py_complex c = {-1.0, 0.0};
    Value v = capi_value(o);
    Value method = special_method(v);
    if (value_is_present(method)) {
        v = object_call0(method);
    }
    if (!value_is_null(method) && !value_is_null(v)) {
        if (value_is_object(v) && PyComplex_Check(value_object(v))) {
            c = ((PyComplexObject *)value_object(v))->cval;
        } else if (arg_double(v, &c.real) < 0) {
            c.real = -1.0;
        }
    }
    capi_leave(t);
    return c;
}
