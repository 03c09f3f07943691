"""Modules built on the spot that break the rules of the C API."""
import importlib.util
import os
import subprocess
import sys
import tempfile

HEAD = "#define PY_SSIZE_T_CLEAN\n#include <Python.h>\n"
ONE_PHASE = HEAD + """
static PyObject *null_result(PyObject *m, PyObject *a) { return NULL; }
static PyObject *both(PyObject *m, PyObject *a) {
    PyErr_SetString(PyExc_ValueError, "left behind");
    return PyLong_FromLong(1);
}
static PyObject *bare_class(PyObject *m, PyObject *a) { PyErr_SetNone(PyExc_KeyError); return NULL; }
static PyObject *by_hand(PyObject *m, PyObject *a) {
    PyErr_Restore(Py_NewRef(PyExc_OSError), Py_BuildValue("(is)", 2, "made by hand"), NULL);
    return NULL;
}
static PyObject *pack(PyObject *m, PyObject *a) {
    PyObject *t = PyTuple_New(3), *l = PyList_New(2);
    for (int i = 0; i < 3; i++) PyTuple_SET_ITEM(t, i, PyLong_FromLong(1000 + i));
    PyList_SET_ITEM(l, 0, t);
    PyList_SET_ITEM(l, 1, Py_BuildValue("{s:i,s:(dd)}", "a", 1, "b", 1.5, 2.5));
    return l;
}
static PyMethodDef methods[] = {{"null_result", null_result, METH_NOARGS, ""},
    {"both", both, METH_NOARGS, ""}, {"bare_class", bare_class, METH_NOARGS, ""},
    {"by_hand", by_hand, METH_NOARGS, ""}, {"pack", pack, METH_NOARGS, ""}, {NULL}};
static struct PyModuleDef def = {PyModuleDef_HEAD_INIT, "functions", "a doc", -1, methods};
PyMODINIT_FUNC PyInit_functions(void) { return PyModule_Create(&def); }
"""
SOURCES = {
    "functions": ONE_PHASE,
    "init_null": HEAD + "PyMODINIT_FUNC PyInit_init_null(void) { return NULL; }",
    "init_raises": HEAD + "PyMODINIT_FUNC PyInit_init_raises(void) {"
                          " PyErr_SetString(PyExc_ValueError, \"no\"); return NULL; }",
    "init_missing": HEAD + "int other;",
    "exec_fails": HEAD + """
static int run(PyObject *m) { return -1; }
static PyModuleDef_Slot slots[] = {{Py_mod_exec, run}, {0, NULL}};
static struct PyModuleDef def = {PyModuleDef_HEAD_INIT, "exec_fails", NULL, 0, NULL, slots};
PyMODINIT_FUNC PyInit_exec_fails(void) { return PyModuleDef_Init(&def); }
""",
    "bad_slot": HEAD + """
static PyModuleDef_Slot slots[] = {{77, NULL}, {0, NULL}};
static struct PyModuleDef def = {PyModuleDef_HEAD_INIT, "bad_slot", NULL, 0, NULL, slots};
PyMODINIT_FUNC PyInit_bad_slot(void) { return PyModuleDef_Init(&def); }
""",
}


def load(name, path):
    spec = importlib.util.spec_from_file_location(name, path)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def show(f):
    try:
        print(f())
    except BaseException as e:
        text = str(e).replace(folder, "")
        print(type(e).__name__, text.split(" at 0x")[0], "|", type(e.__cause__).__name__)


with tempfile.TemporaryDirectory() as folder:
    for name, source in SOURCES.items():
        path = os.path.join(folder, name + ".so")
        with open(os.path.join(folder, name + ".c"), "w") as f:
            f.write(source)
        subprocess.run(["gcc", "-shared", "-fPIC", "-w", "-I/usr/include/python3.11",
                        os.path.join(folder, name + ".c"), "-o", path], check=True)
        if name == "functions":
            m = load(name, path)
            print(m.__doc__, m.pack(), m.pack.__name__)
            for f in (m.null_result, m.both, m.bare_class, m.by_hand):
                show(f)
            show(lambda: m.pack(1))
            show(lambda: m.pack(a=1))
        else:
            show(lambda: load(name, path))
