"""HDF5 shows what an attribute was as long as somebody has it open: h5py relies on handles of extension types
that die with their last reference. What has a method `close` is watched as files are."""
import os
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "support"))
from building import build_module

m = build_module("handles", r'''
typedef struct { PyObject_HEAD int open; } handle;
static long open_handles;
static void give_up(handle *h) { open_handles -= h->open; h->open = 0; }
static void handle_dealloc(PyObject *o) { give_up((handle *)o); Py_TYPE(o)->tp_free(o); }
static PyObject *handle_close(PyObject *o, PyObject *unused) { give_up((handle *)o); Py_RETURN_NONE; }
static PyObject *handle_new(PyTypeObject *type, PyObject *args, PyObject *kwargs)
{
    handle *h = (handle *)type->tp_alloc(type, 0);
    h->open = 1;
    open_handles++;
    return (PyObject *)h;
}
static PyMethodDef handle_methods[] = {{"close", handle_close, METH_NOARGS}, {NULL}};
static PyTypeObject Handle = {PyVarObject_HEAD_INIT(NULL, 0).tp_name = "handles.Handle", .tp_basicsize = sizeof(handle),
    .tp_flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_BASETYPE, .tp_new = handle_new, .tp_dealloc = handle_dealloc,
    .tp_methods = handle_methods};
static PyTypeObject Further = {PyVarObject_HEAD_INIT(NULL, 0).tp_name = "handles.Further",
    .tp_flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_BASETYPE, .tp_base = &Handle, .tp_new = handle_new};
static PyObject *make(PyObject *self, PyObject *unused) { return handle_new(&Handle, NULL, NULL); }
static PyObject *count(PyObject *self, PyObject *unused) { return PyLong_FromLong(open_handles); }
static PyMethodDef functions[] = {
    {"make", make, METH_NOARGS}, {"count", count, METH_NOARGS}, {NULL}};
static struct PyModuleDef module = {PyModuleDef_HEAD_INIT, "handles", NULL, -1, functions};
PyMODINIT_FUNC PyInit_handles(void)
{
    PyObject *m = PyModule_Create(&module);
    return PyModule_AddType(m, &Handle) < 0 || PyModule_AddType(m, &Further) < 0 ? NULL : m;
}
''')


class Own(m.Handle):
    pass


def local(kind):
    handle = kind()
    inside = m.count()
    return inside


for kind in m.make, m.Handle, m.Further, Own:
    print(local(kind), m.count())

handle = m.make()
for _ in range(5):
    handle = m.make()
    print(m.count(), end=" ")
del handle
print(m.count())


def returned():
    handle = m.Handle()
    return handle


print(type(returned()).__name__, m.count())


class Holder:
    def __init__(self):
        self.handle = m.Handle()


holder = Holder()
holder.handle = None
print(m.count())


class Finalized(m.Handle):
    def __del__(self):
        print("finalized", m.count(), end=" ")
        if kept is not None:
            kept.append(self)


kept = None
for _ in range(3):
    Finalized()
    print(m.count())
kept = []
print(local(Finalized), len(kept), m.count())
kept.pop().close()
print(m.count(), kept)
