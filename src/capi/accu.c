/* SPDX-License-Identifier: MIT */
/* Accumulators of strings, for the compiled _json: a list. */
#define Py_BUILD_CORE 1
#include <Python.h>

#include <internal/pycore_accu.h>

#include "capi/capi_int.h"
#include "object/list.h"

PyAPI_DATA(const char *) Py_hexdigits;
const char *Py_hexdigits = "0123456789abcdef";

int _PyAccu_Init(_PyAccu *all)
{
    all->large = PyList_New(0);
    all->small = NULL;
    return all->large == NULL ? -1 : 0;
}

int _PyAccu_Accumulate(_PyAccu *all, PyObject *text)
{
    return PyList_Append(all->large, text);
}

PyObject *_PyAccu_FinishAsList(_PyAccu *all)
{
    PyObject *list = all->large;
    all->large = NULL;
    return list;
}

PyObject *_PyAccu_Finish(_PyAccu *all)
{
    PyObject *list = _PyAccu_FinishAsList(all), *empty = PyUnicode_New(0, 0);
    PyObject *text = list == NULL || empty == NULL ? NULL : PyUnicode_Join(empty, list);
    Py_XDECREF(list);
    Py_XDECREF(empty);
    return text;
}

void _PyAccu_Destroy(_PyAccu *all)
{
    Py_CLEAR(all->large);
}
