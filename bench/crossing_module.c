/* SPDX-License-Identifier: MIT */
/* What bench/crossing.py and bench/waiting.py call: built on the spot against CPython's headers. */
#include <Python.h>
#include <structmember.h>
#include <time.h>

static PyObject *nothing(PyObject *self, PyObject *const *args, Py_ssize_t nargs)
{
    Py_RETURN_NONE;
}

static PyObject *call_back(PyObject *self, PyObject *const *args, Py_ssize_t nargs)
{
    for (long n = PyLong_AsLong(args[1]); n > 0; n--) {
        PyObject *result = PyObject_CallOneArg(args[0], args[1]);
        if (result == NULL) {
            return NULL;
        }
        Py_DECREF(result);
    }
    Py_RETURN_NONE;
}

/* Sits in extension code, with the lock, for so many seconds. */
static PyObject *sit(PyObject *self, PyObject *seconds)
{
    struct timespec now, start;
    double limit = PyFloat_AsDouble(seconds);
    clock_gettime(CLOCK_MONOTONIC, &start);
    do {
        clock_gettime(CLOCK_MONOTONIC, &now);
    } while ((double)(now.tv_sec - start.tv_sec) + (double)(now.tv_nsec - start.tv_nsec) / 1e9 <
             limit);
    Py_RETURN_NONE;
}

struct thing {
    PyObject_HEAD
    int x;
};

static PyMemberDef members[] = {{"x", T_INT, offsetof(struct thing, x), 0, NULL}, {NULL}};
static PyTypeObject Thing = {
    PyVarObject_HEAD_INIT(NULL, 0).tp_name = "crossing_module.Thing",
    .tp_basicsize = sizeof(struct thing),
    .tp_flags = Py_TPFLAGS_DEFAULT,
    .tp_members = members,
    .tp_new = PyType_GenericNew,
};

static PyMethodDef methods[] = {
    {"nothing", (PyCFunction)(void (*)(void))nothing, METH_FASTCALL, NULL},
    {"call_back", (PyCFunction)(void (*)(void))call_back, METH_FASTCALL, NULL},
    {"sit", sit, METH_O, NULL},
    {NULL},
};
static struct PyModuleDef module = {PyModuleDef_HEAD_INIT, "crossing_module", NULL, -1, methods};

PyMODINIT_FUNC PyInit_crossing_module(void)
{
    PyObject *m = PyModule_Create(&module);
    return m != NULL && PyModule_AddType(m, &Thing) == 0 ? m : NULL;
}
