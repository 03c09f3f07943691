/* SPDX-License-Identifier: MIT */
/* OrderedDict from C. */
#include "capi/capi_int.h"

PyObject *PyODict_New(void)
{
    PyObject *collections = PyImport_ImportModule("collections");
    PyObject *dict =
        collections == NULL ? NULL : PyObject_CallMethod(collections, "OrderedDict", NULL);
    Py_XDECREF(collections);
    return dict;
}

int PyODict_SetItem(PyObject *dict, PyObject *key, PyObject *value)
{
    return PyObject_SetItem(dict, key, value);
}

int PyODict_DelItem(PyObject *dict, PyObject *key)
{
    return PyObject_DelItem(dict, key);
}
