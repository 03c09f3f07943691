"""PySys_Audit, PySys_AddAuditHook, sys.audit and sys.addaudithook: who sees what, in which order, who can
refuse it."""
import os
import sys
import threading

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "support"))
from building import build_module

SOURCE = r'''
static PyObject *rows, *failure, *refused; /* failure: raised for the event `refused` */
static const char *failing;               /* by the hook of this name */
static int seen; /* threads */

static int wanted(const char *event) {
    return !strncmp(event, "test.", 5) || !strcmp(event, "sys.addaudithook");
}
static int hook(const char *event, PyObject *args, void *name) {
    if (!strcmp(event, "test.count")) { seen++; return 0; }
    if (!wanted(event)) return 0;
    PyObject *row = Py_BuildValue("(ssOi)", name, event, args, PyErr_Occurred() != NULL);
    PyList_Append(rows, row);
    Py_DECREF(row);
    if (failing && !strcmp(failing, name) && PyUnicode_CompareWithASCIIString(refused, event) == 0) {
        if (failure != Py_None) PyErr_SetString(failure, name);
        return -1;
    }
    return 0;
}
static PyObject *add(PyObject *m, PyObject *name) {
    int status = PySys_AddAuditHook(hook, (void *)PyUnicode_AsUTF8(Py_NewRef(name)));
    return PyErr_Occurred() ? NULL : PyLong_FromLong(status);
}
static PyObject *fail(PyObject *m, PyObject *args) {
    return PyArg_ParseTuple(args, "zOO", &failing, &failure, &refused)
               ? Py_INCREF(args), Py_INCREF(failure), Py_INCREF(refused), Py_NewRef(Py_None) : NULL;
}
static PyObject *audit(PyObject *m, PyObject *number) {
    int status = 99;
    switch (PyLong_AsLong(number)) {
    case 0: status = PySys_Audit("test.null", NULL); break;
    case 1: status = PySys_Audit("test.empty", ""); break;
    case 2: status = PySys_Audit("test.one", "i", 1); break;
    case 3: status = PySys_Audit("test.many", "isd", 1, "text", 2.5); break;
    case 4: status = PySys_Audit("test.tuple", "(is)", 1, "in brackets"); break;
    case 5: status = PySys_Audit("test.object", "O", Py_None); break;
    case 6: { PyObject *t = Py_BuildValue("(ii)", 1, 2);
              status = PySys_Audit("test.is a tuple", "O", t); Py_DECREF(t); break; }
    case 7: status = PySys_Audit("test.sized", "s#y#", "sized", (Py_ssize_t)2, "bytes", (Py_ssize_t)3); break;
    case 8: status = PySys_Audit("test.nested", "[i]{s:O}()", 1, "key", Py_True); break;
    case 9: status = PySys_Audit("test.wrong", "?"); break;
    case 10: { PyErr_SetString(PyExc_KeyError, "from before");
               status = PySys_Audit("test.error before", "i", 10);
               PyObject *was = Py_NewRef(PyErr_Occurred() ? PyErr_Occurred() : Py_None);
               PyErr_Clear();
               return Py_BuildValue("(iN)", status, was); }
    case 11: status = PySys_Audit("test.no object", "O", NULL); break;
    }
    if (PyErr_Occurred()) {
        PyObject *t, *v, *b;
        PyErr_Fetch(&t, &v, &b);
        return Py_BuildValue("(iNN)", status, t, v ? PyObject_Str(v) : Py_NewRef(Py_None));
    }
    return PyLong_FromLong(status);
}
static PyObject *count(PyObject *m, PyObject *n) {
    for (long i = PyLong_AsLong(n); i > 0; i--) if (PySys_Audit("test.count", "l", i) < 0) return NULL;
    return PyLong_FromLong(seen);
}
static PyObject *get_log(PyObject *m, PyObject *n) {
    PyObject *was = rows;
    rows = PyList_New(0);
    return was;
}
static PyMethodDef methods[] = {{"add", add, METH_O}, {"fail", fail, METH_VARARGS}, {"audit", audit, METH_O},
    {"count", count, METH_O}, {"log", get_log, METH_NOARGS}, {NULL}};
static struct PyModuleDef def = {PyModuleDef_HEAD_INIT, "audited", "", -1, methods};
PyMODINIT_FUNC PyInit_audited(void) { rows = PyList_New(0); return PyModule_Create(&def); }
'''
m = build_module("audited", SOURCE)
rows = []
raises = None


def show(f, *arguments):
    try:
        result = f(*arguments)
    except BaseException as e:
        result = type(e).__name__, ascii(e)
    print(f.__name__, [getattr(a, "__name__", ascii(a)) for a in arguments], "=", result)
    for row in m.log():
        print("   C", row)
    for row in rows:
        print("   Python", row)
    rows.clear()


def everything():
    for n in range(12):
        show(m.audit, n)
    show(sys.audit, "test.python")
    show(sys.audit, "test.python", 1, "two", None)
    show(sys.audit, "test.python", (1, 2))


def hook(event, args):
    if event.startswith("test.") and event != "test.count" or event == "sys.addaudithook":
        rows.append(("first", event, args))
        if raises:
            raise raises


def second(event, args):
    if event.startswith("test.") and event != "test.count" or event == "sys.addaudithook":
        rows.append(("second", event, args))


def wrong():
    for arguments in ((), (1,), (None, 2), ("test.python\ud800",), ("test.\0",)):
        show(sys.audit, *arguments)
    show(sys.addaudithook)
    show(sys.addaudithook, hook, hook)


print("no hooks")
everything()
wrong()
print("a hook in Python")
show(sys.addaudithook, hook)
everything()
wrong()
print("and one in C")
show(m.add, "A")
everything()
print("two of each")
show(m.add, "B")
show(sys.addaudithook, second)
everything()
print("a hook in C refuses")
for error in (None, ValueError, RuntimeError, KeyboardInterrupt):
    for name in "AB":
        m.fail(name, error, "test.one")
        show(m.audit, 2)
        m.fail(name, error, "test.python")
        show(sys.audit, "test.python")
        m.fail(name, error, "test.error before")
        show(m.audit, 10)
print("a hook in C is against another hook")
for error in (ValueError, RuntimeError, NotImplementedError, KeyboardInterrupt):
    m.fail("B", error, "sys.addaudithook")
    show(m.add, "C")
    show(sys.addaudithook, second)
m.fail(None, None, None)
print("a hook in Python refuses")
for raises in (ValueError("no"), RuntimeError("no"), KeyboardInterrupt("no")):
    show(m.audit, 2)
    show(m.audit, 10)
    show(sys.audit, "test.python")
    show(m.add, "D")
    show(sys.addaudithook, second)
raises = None
print("tracing")
traced = []


class Traceable:
    __cantrace__ = True

    def __call__(self, event, args):
        pass


def trace(frame, event, arg):
    traced.append((frame.f_code.co_name, event))
    return trace


def run():
    sys.settrace(trace)
    sys.audit("test.python")
    m.audit(2)
    sys.settrace(None)


show(run)
print(traced)
sys.addaudithook(Traceable())
show(run)
print(traced)
print("threads")
count = m.count(0)


def work():
    for i in range(2000):
        sys.audit("test.count")
    m.count(2000)


threads = [threading.Thread(target=work) for i in range(4)]
for t in threads:
    t.start()
for t in threads:
    t.join()
print(m.count(0) - count)
