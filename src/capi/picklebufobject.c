/* SPDX-License-Identifier: MIT */
/* pickle.PickleBuffer (PEP 574). */
#include "capi/capi_int.h"
#include "module/pickle_int.h"
#include "object/buffer.h"

static PyObject *wrong_type(PyObject *o)
{
    return PyErr_Format(PyExc_TypeError, "expected PickleBuffer, %.200s found",
                        o->ob_type->tp_name);
}

PyObject *PyPickleBuffer_FromObject(PyObject *base)
{
    PyObject *module = PyImport_ImportModule("_pickle"); /* makes the type ready */
    if (module == NULL) {
        return NULL;
    }
    Py_DECREF(module);
    return PyObject_CallOneArg((PyObject *)&PyPickleBuffer_Type, base);
}

/* Borrowed view; NULL with ValueError if it was released. */
const Py_buffer *PyPickleBuffer_GetBuffer(PyObject *o)
{
    Py_buffer *view;
    if (!PyPickleBuffer_Check(o)) {
        wrong_type(o);
        return NULL;
    }
    struct thread *t = capi_enter();
    Value found = pickle_buffer_view(capi_value(o), &view);
    return capi_return_pointer(t, value_is_null(found) ? NULL : view);
}

int PyPickleBuffer_Release(PyObject *o)
{
    if (!PyPickleBuffer_Check(o)) {
        wrong_type(o);
        return -1;
    }
    struct thread *t = capi_enter();
    pickle_buffer_release(capi_value(o));
    return capi_return_int(t, 0);
}
