# orochi
"""Threads make objects of an extension while another one forks: in the child an object that was being
made is not found dead, and deallocated, before its fields are set."""
import gc
import os
import sys
import threading

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "support"))
from building import build_module

SOURCE = r'''
struct holder {
    PyObject_HEAD
    long *count;
};
static long count;

static PyObject *holder_new(PyTypeObject *type, PyObject *args, PyObject *kwargs)
{
    struct holder *h = (struct holder *)type->tp_alloc(type, 0);
    h->count = &count;
    return (PyObject *)h;
}

static void holder_dealloc(PyObject *o)
{
    *((struct holder *)o)->count += 1;
    Py_TYPE(o)->tp_free(o);
}

static PyTypeObject Holder = {
    PyVarObject_HEAD_INIT(NULL, 0).tp_name = "holders.Holder",
    .tp_basicsize = sizeof(struct holder),
    .tp_flags = Py_TPFLAGS_DEFAULT,
    .tp_dealloc = holder_dealloc,
    .tp_new = holder_new,
};

static PyObject *make(PyObject *self, PyObject *unused)
{
    for (int i = 0; i < 50; i++) {
        Py_DECREF(holder_new(&Holder, NULL, NULL));
    }
    return holder_new(&Holder, NULL, NULL);
}

static PyMethodDef functions[] = {{"make", make, METH_NOARGS, NULL}, {NULL}};
static struct PyModuleDef module = {PyModuleDef_HEAD_INIT, "holders", NULL, -1, functions};

PyMODINIT_FUNC PyInit_holders(void)
{
    PyObject *m = PyModule_Create(&module);
    return m != NULL && PyModule_AddType(m, &Holder) == 0 ? m : NULL;
}
'''

m = build_module("holders", SOURCE)

stop = False


def work():
    while not stop:
        m.make()


threads = [threading.Thread(target=work) for i in range(3)]
for t in threads:
    t.start()
ends = []
for i in range(100):
    child = os.fork()
    if child == 0:
        gc.collect()
        m.make()
        os._exit(0)
    ends.append(os.waitpid(child, 0)[1])
stop = True
for t in threads:
    t.join()
sys.exit(f"children ended with {set(ends)}" if any(ends) else 0)
