# orochi
"""mypyc has a copy of CPython's own list_resize, for list.pop(). The array of a list is a cell of the heap, which
malloc does not know: such a resize is out of memory, instead of the end of the process."""
import os
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "support"))
from building import build_module

m = build_module("resizing", """
static PyObject *pop(PyObject *self, PyObject *list)
{
    PyListObject *l = (PyListObject *)list;
    Py_ssize_t size = Py_SIZE(l) - 1;
    if (l->allocated < size || size < (l->allocated >> 1)) {
        PyObject **items = PyMem_Realloc(l->ob_item, (size_t)(size + 3) * sizeof *items);
        if (items == NULL) {
            return PyErr_NoMemory();
        }
        l->ob_item = items;
        l->allocated = size + 3;
    }
    PyObject *last = l->ob_item[size];
    Py_SET_SIZE(l, size);
    return last;
}
static PyObject *raw(PyObject *self, PyObject *list)
{
    return PyBool_FromLong(PyMem_RawRealloc(((PyListObject *)list)->ob_item, 8) == NULL);
}
static PyMethodDef methods[] = {{"pop", pop, METH_O}, {"raw", raw, METH_O}, {NULL}};
static struct PyModuleDef def = {PyModuleDef_HEAD_INIT, "resizing", NULL, -1, methods};
PyMODINIT_FUNC PyInit_resizing(void) { return PyModule_Create(&def); }
""")
items = list(range(1000, 1010))
try:
    m.pop(items)
except MemoryError:
    assert items == list(range(1000, 1010))
else:
    raise AssertionError("the array was replaced")
assert m.raw(items)
items.append(5)
assert items.pop() == 5 and len(items) == 10
