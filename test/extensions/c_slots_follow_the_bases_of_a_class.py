"""What C code sees of a class (its slots, and what the functions of the C API do with its instances) after
the class got other bases, or a method was set or deleted."""
import os
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "support"))
from building import build_module

SOURCE = r'''
static PyObject *number(const char *what) { return PyUnicode_FromString(what); }
static PyObject *full_add(PyObject *a, PyObject *b) { return number("C add"); }
static PyObject *full_negative(PyObject *a) { return number("C negative"); }
static int full_bool(PyObject *a) { return 0; }
static Py_ssize_t full_length(PyObject *a) { return 7; }
static int full_contains(PyObject *a, PyObject *b) { return 1; }
static PyObject *full_subscript(PyObject *a, PyObject *key) { return number("C subscript"); }
static PyObject *full_call(PyObject *a, PyObject *args, PyObject *kw) { return number("C call"); }
static PyObject *full_repr(PyObject *a) { return number("C repr"); }
static PyObject *full_iter(PyObject *a) { return PyObject_GetIter(PyTuple_New(0)); }
static Py_hash_t full_hash(PyObject *a) { return 42; }
static PyObject *full_compare(PyObject *a, PyObject *b, int op) { return Py_NewRef(op == Py_EQ ? Py_True : Py_False); }
static PyType_Slot full_slots[] = {
    {Py_nb_add, full_add}, {Py_nb_negative, full_negative}, {Py_nb_bool, full_bool}, {Py_sq_length, full_length},
    {Py_sq_contains, full_contains}, {Py_mp_subscript, full_subscript},
    {Py_mp_length, full_length}, {Py_tp_call, full_call}, {Py_tp_repr, full_repr}, {Py_tp_iter, full_iter},
    {Py_tp_hash, full_hash}, {Py_tp_richcompare, full_compare}, {0, NULL}};
static PyType_Slot empty_slots[] = {{0, NULL}};
#define FLAGS Py_TPFLAGS_DEFAULT | Py_TPFLAGS_BASETYPE
static PyType_Spec full_spec = {"slotted.Full", sizeof(PyObject), 0, FLAGS, full_slots};
static PyType_Spec empty_spec = {"slotted.Empty", sizeof(PyObject), 0, FLAGS, empty_slots};

static PyObject *take(PyObject *result) {
    if (result == NULL) {
        PyObject *t, *v, *b;
        PyErr_Fetch(&t, &v, &b);
        result = PyUnicode_FromString(((PyTypeObject *)t)->tp_name);
    }
    return result;
}
static PyObject *size(Py_ssize_t n) { return n == -1 && PyErr_Occurred() ? NULL : PyLong_FromSsize_t(n); }
static PyObject *use(PyObject *m, PyObject *o) {
    PyObject *key = PyLong_FromLong(3);
    return Py_BuildValue("{sN sN sN sN sN sN sN sN sN}",
        "add", take(PyNumber_Add(o, key)), "negative", take(PyNumber_Negative(o)), "true", take(size(PyObject_IsTrue(o))),
        "length", take(size(PySequence_Length(o))),
        "contains", take(size(PySequence_Contains(o, key))), "subscript", take(PyObject_GetItem(o, key)),
        "call", take(PyObject_CallNoArgs(o)), "next", take(PyIter_Check(o) ? PyIter_Next(o) : PyLong_FromLong(-1)),
        "hash", take(PyObject_Hash(o) == 42 ? number("C hash") : number("hash")));
}
/* The same through the slots. */
static PyObject *slots(PyObject *m, PyObject *o) {
    PyTypeObject *t = Py_TYPE(o);
    PyObject *list = PyList_New(0), *key = PyLong_FromLong(3);
#define SHOW(structure, field, call) do { \
        PyObject *v = structure && t->field ? take(call) : Py_NewRef(Py_None); \
        PyList_Append(list, v); Py_DECREF(v); } while (0)
    SHOW(t->tp_as_number, tp_as_number->nb_add, t->tp_as_number->nb_add(o, key));
    SHOW(t->tp_as_number, tp_as_number->nb_negative, t->tp_as_number->nb_negative(o));
    SHOW(t->tp_as_number, tp_as_number->nb_bool, size(t->tp_as_number->nb_bool(o)));
    SHOW(t->tp_as_sequence, tp_as_sequence->sq_length, size(t->tp_as_sequence->sq_length(o)));
    SHOW(t->tp_as_sequence, tp_as_sequence->sq_item, t->tp_as_sequence->sq_item(o, 3));
    SHOW(t->tp_as_sequence, tp_as_sequence->sq_contains, size(t->tp_as_sequence->sq_contains(o, key)));
    SHOW(t->tp_as_mapping, tp_as_mapping->mp_length, size(t->tp_as_mapping->mp_length(o)));
    SHOW(t->tp_as_mapping, tp_as_mapping->mp_subscript, t->tp_as_mapping->mp_subscript(o, key));
    SHOW(t, tp_call, t->tp_call(o, PyTuple_New(0), NULL));
    SHOW(t, tp_repr, t->tp_repr == full_repr ? number("own") : number("other"));
    SHOW(t, tp_iter, t->tp_iter == full_iter ? number("own") : number("other"));
    SHOW(t->tp_iternext != _PyObject_NextNotImplemented, tp_iternext, t->tp_iternext(o));
    SHOW(t, tp_hash, t->tp_hash(o) == 42 ? number("C hash") : number("hash"));
    SHOW(t, tp_richcompare, t->tp_richcompare(o, o, Py_NE));
    return list;
}
static PyMethodDef methods[] = {{"use", use, METH_O}, {"slots", slots, METH_O}, {NULL}};
static struct PyModuleDef def = {PyModuleDef_HEAD_INIT, "slotted", "", -1, methods};
PyMODINIT_FUNC PyInit_slotted(void) {
    PyObject *m = PyModule_Create(&def);
    PyModule_AddObject(m, "Full", PyType_FromSpec(&full_spec));
    PyModule_AddObject(m, "Empty", PyType_FromSpec(&empty_spec));
    return m;
}
'''
m = build_module("slotted", SOURCE)


def show(what, *objects):
    print(what)
    for o in objects:
        print("  ", type(o).__name__, *m.use(o).values())
        print("       ", *m.slots(o))


class Python:
    def __add__(self, other):
        return "add"

    def __neg__(self):
        return "negative"

    def __bool__(self):
        return True

    def __len__(self):
        return 5

    def __getitem__(self, key):
        return "item"

    def __contains__(self, item):
        return False

    def __call__(self):
        return "call"

    def __next__(self):
        return "next"

    def __iter__(self):
        return self

    def __hash__(self):
        return 1

    def __eq__(self, other):
        return True


class Plain:
    pass


class Class(Plain):
    pass


class Below(Class):
    pass


class Added(Class):
    def __add__(self, other):
        return "added"


class Own(m.Empty):
    pass


class BelowOwn(Own):
    pass


objects = Class(), Below(), Added()
owns = Own(), BelowOwn()
show("at first", *objects, *owns)
Class.__bases__ = (Python,)
show("a base in Python", *objects)
Class.__bases__ = (Plain,)
show("and back", *objects)
Own.__bases__ = (m.Full,)
show("a base in C", *owns)
Own.__bases__ = (m.Empty,)
show("and back", *owns)
Own.__bases__ = (m.Full,)
BelowOwn.__len__ = lambda self: 8
show("a base in C, and a method", *owns)
Own.__bases__ = (m.Empty,)
show("without the base", *owns)
del BelowOwn.__len__
show("without the method", *owns)
for name in ("__len__", "__add__", "__call__", "__next__", "__getitem__", "__bool__", "__contains__", "__neg__"):
    setattr(Plain, name, getattr(Python, name))
show("methods are set", *objects)
for name in ("__len__", "__add__", "__call__", "__next__", "__getitem__", "__bool__", "__contains__", "__neg__"):
    delattr(Plain, name)
show("and deleted", *objects)
for name in ("__len__", "__add__", "__call__"):
    setattr(m.Empty, name, getattr(Python, name))
show("methods of a type in C are set", m.Empty(), *owns)
for name in ("__len__", "__add__", "__call__"):
    delattr(m.Empty, name)
show("and deleted", m.Empty(), *owns)


class Small(m.Empty):
    __slots__ = ()


class SmallFull(m.Full):
    __slots__ = ()


o = m.Empty()
show("an object", o)
o.__class__ = m.Full
show("another class", o)
o.__class__ = m.Empty
show("and back", o)
for wrong in (lambda: setattr(Small(), "__class__", SmallFull), lambda: setattr(o, "__class__", Plain),
              lambda: setattr(Own(), "__class__", type("Other", (m.Full,), {})),
              lambda: setattr(Own, "__bases__", (list,))):
    try:
        print(wrong())
    except TypeError:
        print("TypeError")
