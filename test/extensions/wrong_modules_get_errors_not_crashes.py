"""Modules built on the spot that break the rules of the C API."""
import os
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "support"))
from building import FOLDER, build_module

ONE_PHASE = """
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
    "init_null": "PyMODINIT_FUNC PyInit_init_null(void) { return NULL; }",
    "init_raises": "PyMODINIT_FUNC PyInit_init_raises(void) {"
                          " PyErr_SetString(PyExc_ValueError, \"no\"); return NULL; }",
    "init_missing": "int other;",
    "exec_fails": """
static int run(PyObject *m) { return -1; }
static PyModuleDef_Slot slots[] = {{Py_mod_exec, run}, {0, NULL}};
static struct PyModuleDef def = {PyModuleDef_HEAD_INIT, "exec_fails", NULL, 0, NULL, slots};
PyMODINIT_FUNC PyInit_exec_fails(void) { return PyModuleDef_Init(&def); }
""",
    "bad_slot": """
static PyModuleDef_Slot slots[] = {{77, NULL}, {0, NULL}};
static struct PyModuleDef def = {PyModuleDef_HEAD_INIT, "bad_slot", NULL, 0, NULL, slots};
PyMODINIT_FUNC PyInit_bad_slot(void) { return PyModuleDef_Init(&def); }
""",
}


def show(f):
    try:
        print(f())
    except BaseException as e:
        text = str(e).replace(FOLDER.name, "")
        print(type(e).__name__, text.split(" at 0x")[0], "|", type(e.__cause__).__name__)


for name, source in SOURCES.items():
    if name == "functions":
        m = build_module(name, source)
        print(m.__doc__, m.pack(), m.pack.__name__)
        for f in (m.null_result, m.both, m.bare_class, m.by_hand):
            show(f)
        show(lambda: m.pack(1))
        show(lambda: m.pack(a=1))
    else:
        show(lambda: build_module(name, source))
