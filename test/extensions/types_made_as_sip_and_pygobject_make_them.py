"""What sip, PyGObject, protobuf and pycurl do with types: a metaclass whose tp_alloc fills the slots of the
class; slots of static types that are set after PyType_Ready; instances of a type that is not ready
yet; deallocators in a trashcan; an mro() that gives classes which are no bases; mypyc's classes, made from a
template."""
import operator
import os
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "support"))
from building import build_module

SOURCE = r'''
/* ---- sip: the metaclass's tp_alloc knows which C++ class is being wrapped. */

typedef struct { PyHeapTypeObject base; const char *wraps; } wrapper_type;
static const char *being_wrapped;
static PyTypeObject Meta;

static PyObject *point_add(PyObject *a, PyObject *b) { return PyUnicode_FromString("C add"); }
static Py_ssize_t point_length(PyObject *a) { return 2; }
static PyObject *point_item(PyObject *a, PyObject *key) { return PyNumber_Add(key, key); }
static Py_hash_t point_hash(PyObject *a) { return 17; }
static PyObject *point_nth(PyObject *a, Py_ssize_t index) { return point_item(a, PyLong_FromSsize_t(index)); }
static int point_buffer(PyObject *self, Py_buffer *view, int flags)
{
    return PyBuffer_FillInfo(view, self, "two", 3, 1, flags);
}

static PyObject *meta_alloc(PyTypeObject *type, Py_ssize_t n)
{
    wrapper_type *made = (wrapper_type *)PyType_Type.tp_alloc(type, n);
    if (made != NULL && being_wrapped != NULL) {
        made->wraps = being_wrapped;
        made->base.as_number.nb_add = point_add;
        made->base.as_mapping.mp_length = point_length;
        made->base.as_mapping.mp_subscript = point_item;
        if (strchr(being_wrapped, '*') != NULL) {
            made->base.as_sequence.sq_item = point_nth;
            made->base.as_buffer.bf_getbuffer = point_buffer;
        }
        made->base.ht_type.tp_hash = point_hash;
        being_wrapped = NULL;
    }
    return (PyObject *)made;
}

static PyTypeObject Meta = {
    PyVarObject_HEAD_INIT(NULL, 0).tp_name = "late.Meta", .tp_basicsize = sizeof(wrapper_type),
    .tp_flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_BASETYPE, .tp_alloc = meta_alloc};

static PyObject *wrap(PyObject *self, PyObject *args)
{
    const char *name;
    PyObject *bases, *dict;
    if (!PyArg_ParseTuple(args, "sOO", &name, &bases, &dict)) {
        return NULL;
    }
    being_wrapped = strdup(name);
    return PyObject_CallFunction((PyObject *)&Meta, "sOO", name, bases, dict);
}

static PyObject *wraps(PyObject *self, PyObject *type)
{
    const char *name = ((wrapper_type *)type)->wraps;
    return PyUnicode_FromString(name == NULL ? "nothing" : name);
}

/* ---- PyGObject: slots after PyType_Ready. */

static PyObject *info_call(PyObject *self, PyObject *args, PyObject *kwargs)
{
    return Py_BuildValue("sO", "called", args);
}
static PyObject *info_get(PyObject *self, PyObject *object, PyObject *type)
{
    return Py_BuildValue("sOO", "bound", object == NULL ? Py_None : object, type);
}
static PyObject *info_repr(PyObject *self) { return PyUnicode_FromString("an info"); }
static PyObject *base_call(PyObject *self, PyObject *args, PyObject *kwargs) { Py_RETURN_NONE; }
static PyTypeObject BaseInfo = {PyVarObject_HEAD_INIT(NULL, 0).tp_name = "late.BaseInfo",
    .tp_basicsize = sizeof(PyObject), .tp_flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_BASETYPE,
    .tp_new = PyType_GenericNew, .tp_call = base_call};
static PyTypeObject Info = {PyVarObject_HEAD_INIT(NULL, 0).tp_name = "late.Info",
    .tp_basicsize = sizeof(PyObject), .tp_flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_BASETYPE, .tp_base = &BaseInfo};

/* ---- protobuf: PyType_GenericAlloc before PyType_Ready. */

typedef struct { PyObject_HEAD long n; } early;
static PyObject *early_repr(PyObject *o) { return PyUnicode_FromFormat("early %ld", ((early *)o)->n); }
static PyTypeObject Early = {PyVarObject_HEAD_INIT(NULL, 0).tp_name = "late.Early",
    .tp_basicsize = sizeof(early), .tp_flags = Py_TPFLAGS_DEFAULT, .tp_repr = early_repr};

/* ---- pycurl: deallocation in a trashcan. */

struct chained { PyObject_HEAD PyObject *next; };
static long links, deepest, depth;
static void link_dealloc(PyObject *o)
{
    PyObject_GC_UnTrack(o);
    Py_TRASHCAN_BEGIN(o, link_dealloc)
    depth++;
    deepest = depth > deepest ? depth : deepest;
    Py_CLEAR(((struct chained *)o)->next);
    depth--;
    links--;
    Py_TYPE(o)->tp_free(o);
    Py_TRASHCAN_END
}
static int link_traverse(PyObject *o, visitproc visit, void *arg)
{
    Py_VISIT(((struct chained *)o)->next);
    return 0;
}
static PyTypeObject Link = {PyVarObject_HEAD_INIT(NULL, 0).tp_name = "late.Link", .tp_basicsize = sizeof(struct chained),
    .tp_flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_HAVE_GC, .tp_dealloc = link_dealloc, .tp_traverse = link_traverse};

static PyObject *chain(PyObject *self, PyObject *count)
{
    PyObject *last = NULL;
    for (long i = PyLong_AsLong(count); i > 0; i--) {
        struct chained *l = PyObject_GC_New(struct chained, &Link);
        l->next = last;
        links++;
        PyObject_GC_Track(l);
        last = (PyObject *)l;
    }
    Py_XDECREF(last);
    return Py_BuildValue("lO", links, deepest > 0 && deepest <= 60 ? Py_True : Py_False);
}

/* ---- mypyc: classes copied from a template, with attributes before they are ready. */

typedef struct { PyObject_HEAD PyObject *field; } compiled;
static PyObject *compiled_new(PyTypeObject *type, PyObject *args, PyObject *kwargs)
{
    compiled *self = (compiled *)type->tp_alloc(type, 0);
    self->field = PyLong_FromLong(5);
    return (PyObject *)self;
}
static PyObject *compiled_get(PyObject *self, void *closure) { Py_INCREF(((compiled *)self)->field); return ((compiled *)self)->field; }
static PyGetSetDef compiled_getset[] = {{"field", compiled_get}, {NULL}};
static int compiled_traverse(PyObject *self, visitproc visit, void *arg) { Py_VISIT(((compiled *)self)->field); return 0; }
static void compiled_dealloc(PyObject *self) { PyObject_GC_UnTrack(self); Py_CLEAR(((compiled *)self)->field); Py_TYPE(self)->tp_free(self); }
static PyTypeObject template = {PyVarObject_HEAD_INIT(NULL, 0).tp_name = "Compiled", .tp_basicsize = sizeof(compiled),
    .tp_flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_HEAPTYPE | Py_TPFLAGS_BASETYPE | Py_TPFLAGS_HAVE_GC, .tp_new = compiled_new,
    .tp_dealloc = compiled_dealloc, .tp_traverse = compiled_traverse, .tp_getset = compiled_getset};

static PyObject *from_template(PyObject *self, PyObject *args)
{
    PyObject *name, *bases, *dict;
    if (!PyArg_ParseTuple(args, "OOO", &name, &bases, &dict)) {
        return NULL;
    }
    PyTypeObject *metaclass = _PyType_CalculateMetaclass(&PyType_Type, bases);
    PyObject *dummy = NULL;
    if (metaclass != NULL && metaclass != &PyType_Type) {
        PyObject *empty = PyDict_New(), *three = Py_BuildValue("(OOO)", name, bases, empty);
        dummy = metaclass->tp_new(metaclass, three, NULL);
        Py_DECREF(empty);
        Py_DECREF(three);
    }
    PyHeapTypeObject *t = (PyHeapTypeObject *)PyType_GenericAlloc(&PyType_Type, 0);
    memcpy((char *)t + sizeof(PyVarObject), (char *)&template + sizeof(PyVarObject), sizeof(PyTypeObject) - sizeof(PyVarObject));
    if (PyObject_SetAttrString((PyObject *)t, "__orig_bases__", bases) < 0) {
        return NULL;
    }
    if (PyObject_DelAttrString((PyObject *)t, "nothing") == 0) {
        return NULL;
    }
    PyErr_Clear();
    t->ht_type.tp_base = (PyTypeObject *)PyTuple_GET_ITEM(bases, 0);
    t->ht_name = t->ht_qualname = name;
    t->ht_type.tp_bases = bases;
    Py_INCREF(t->ht_type.tp_base);
    Py_INCREF(name);
    Py_INCREF(name);
    Py_INCREF(bases);
    if (PyType_Ready(&t->ht_type) < 0) {
        return NULL;
    }
    if (dummy != NULL) {
        if (PyDict_Merge(t->ht_type.tp_dict, ((PyTypeObject *)dummy)->tp_dict, 0) != 0) {
            return NULL;
        }
        PyType_Modified(&t->ht_type);
        Py_SET_TYPE((PyObject *)t, metaclass);
        Py_DECREF(dummy);
    }
    PyObject *key, *value;
    for (Py_ssize_t i = 0; PyDict_Next(dict, &i, &key, &value);) {
        if (PyObject_SetAttr((PyObject *)t, key, value) < 0) {
            return NULL;
        }
    }
    return (PyObject *)t;
}

static PyMethodDef functions[] = {
    {"wrap", wrap, METH_VARARGS}, {"wraps", wraps, METH_O}, {"chain", chain, METH_O},
    {"from_template", from_template, METH_VARARGS}, {NULL}};
static struct PyModuleDef module = {PyModuleDef_HEAD_INIT, "late", NULL, -1, functions};

PyMODINIT_FUNC PyInit_late(void)
{
    PyObject *m = PyModule_Create(&module);
    early *e = (early *)PyType_GenericAlloc(&Early, 0);
    if (e == NULL || PyModule_AddObject(m, "early", (PyObject *)e) < 0 || PyType_Ready(&Early) < 0) {
        return NULL;
    }
    e->n = 7;
    Meta.tp_base = &PyType_Type;
    if (PyModule_AddType(m, &Meta) < 0 || PyModule_AddType(m, &BaseInfo) < 0 || PyModule_AddType(m, &Info) < 0 ||
        PyType_Ready(&Link) < 0) {
        return NULL;
    }
    Info.tp_call = info_call;
    Info.tp_descr_get = info_get;
    Info.tp_repr = info_repr;
    return m;
}
'''
m = build_module("late", SOURCE)

Point = m.wrap("Point", (), {"x": 1, "__repr__": lambda self: "a point"})
p = Point()
print(Point, m.wraps(Point), p + p, p + 1, len(p), p[3], p["a"], hash(p), p, p.x, sorted(k for k in vars(Point) if k[0] == "_"))


class Derived(Point):
    def __len__(self):
        return super().__len__() + 1


class Other(metaclass=m.Meta):
    pass


d = Derived()
print(len(d), d + d, d[1], hash(d), m.wraps(Derived), m.wraps(Other), type(Derived).__name__, Point.__add__(p, 1))
try:
    Other() + 1
except TypeError as e:
    print(e)


def try_to(f, *args):
    try:
        return f(*args)
    except TypeError as e:
        return str(e)


def first(iterable, n=3):
    return [item for item, _ in zip(iterable, range(n))]


class Many(m.wrap("Points*", (), {})):
    pass


class Own(m.wrap("Own*", (), {"__getitem__": lambda self, key: key * 10})):
    pass


for kind in Point, Derived, Many, Many.__base__, Own:
    print(kind.__name__, try_to(first, kind()), try_to(bytes, kind()), try_to(lambda o: memoryview(o).nbytes, kind()),
          kind()[4], try_to(operator.indexOf, kind(), 2) if kind is not Own else None)
Many.__base__.__getitem__ = lambda self, key: -key
print(first(Many()), bytes(Many()), Many()[1])
del Many.__base__.__getitem__
print(try_to(first, Many()), bytes(Many()))
Own.__bases__ = (Point,)
print(try_to(bytes, Own()), Own()[1])


class Holder:
    info = m.Info()
    base = m.BaseInfo()


h = Holder()
print(m.Info()(1, 2), m.BaseInfo()(1, 2), h.info[0], h.info[1] is h, Holder.info[1:] == (None, Holder), repr(m.Info()))
print(type(h.base).__name__, m.early, [m.chain(n) for n in (1, 10, 100, 100000)])


class GetsMore(type):
    def mro(cls):
        return (cls, *cls.__bases__, Interface, object) if cls.__name__ == "Application" else super().mro()


class Interface:
    def action(self):
        return "action of " + type(self).__name__


class Slotted:
    __slots__ = ("a", "b")


class Base(metaclass=GetsMore):
    pass


class Application(Base):
    pass


print(Application().action(), [c.__name__ for c in Application.__mro__], isinstance(Application(), Interface))
Interface = Slotted
try:
    class Application(Base):
        pass
except TypeError as e:
    print(e)

import abc
import typing

T = typing.TypeVar("T")
Compiled = m.from_template("Compiled", (object,), {"__module__": "own", "double": lambda self: self.field * 2})
Generic = m.from_template("GenericOne", (typing.Generic,), {"__parameters__": (T,), "__module__": "own"})
Abstract = m.from_template("Abstract", (abc.ABC,), {"__module__": "own", "f": lambda self: "f"})
Further = m.from_template("Further", (Compiled,), {"__module__": "own", "__len__": lambda self: 7})
for kind in Compiled, Generic, Abstract, Further:
    print(kind, type(kind), kind.__orig_bases__, kind().field, kind.__mro__, isinstance(kind(), kind),
          [n for n in sorted(vars(kind)) if n[:2] != "__"])


class Grown(Further):
    def __init__(self):
        self.own = len(self) + self.double()


print(Grown().own, Further().double(), Abstract().f(), Generic[int], Abstract.register(int), isinstance(5, Abstract))
