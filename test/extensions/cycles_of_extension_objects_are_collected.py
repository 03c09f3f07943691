"""Objects of extension types that are dropped come back, cycles through them included."""
import gc
import os
import sys
import weakref

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "support"))
from building import build_module

SOURCE = r'''
#include <structmember.h>

struct node {
    PyObject_HEAD
    PyObject *other;
    PyObject *dict;
    PyObject *weak;
};
static Py_ssize_t alive;

static PyObject *node_new(PyTypeObject *type, PyObject *args, PyObject *kwargs)
{
    struct node *n = (struct node *)type->tp_alloc(type, 0);
    alive += n != NULL;
    return (PyObject *)n;
}

/* Without tp_alloc: tracked by hand. */
static PyObject *make(PyObject *self, PyObject *type)
{
    struct node *n = PyObject_GC_New(struct node, (PyTypeObject *)type);
    n->other = n->dict = n->weak = NULL;
    alive++;
    PyObject_GC_Track(n);
    return (PyObject *)n;
}

static int node_traverse(struct node *n, visitproc visit, void *arg)
{
    if (Py_TYPE(n)->tp_flags & Py_TPFLAGS_HEAPTYPE && Py_TYPE(n)->tp_base == &PyBaseObject_Type) {
        Py_VISIT(Py_TYPE(n));
    }
    Py_VISIT(n->other);
    Py_VISIT(n->dict);
    return 0;
}

static int node_clear(struct node *n)
{
    Py_CLEAR(n->other);
    Py_CLEAR(n->dict);
    return 0;
}

static void node_dealloc(struct node *n)
{
    PyTypeObject *type = Py_TYPE(n);
    int heap = type->tp_flags & Py_TPFLAGS_HEAPTYPE && type->tp_base == &PyBaseObject_Type;
    PyObject_GC_UnTrack(n);
    if (n->weak != NULL) {
        PyObject_ClearWeakRefs((PyObject *)n);
    }
    node_clear(n);
    alive--;
    type->tp_free(n);
    if (heap) {
        Py_DECREF(type);
    }
}

static PyMemberDef members[] = {
    {"other", T_OBJECT, offsetof(struct node, other), 0, NULL},
    {"__dictoffset__", T_PYSSIZET, offsetof(struct node, dict), READONLY},
    {"__weaklistoffset__", T_PYSSIZET, offsetof(struct node, weak), READONLY},
    {NULL}};

static PyTypeObject Node = {
    PyVarObject_HEAD_INIT(NULL, 0).tp_name = "nodes.Node",
    .tp_basicsize = sizeof(struct node),
    .tp_flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_HAVE_GC | Py_TPFLAGS_BASETYPE,
    .tp_traverse = (traverseproc)node_traverse,
    .tp_clear = (inquiry)node_clear,
    .tp_dealloc = (destructor)node_dealloc,
    .tp_members = members,
    .tp_weaklistoffset = offsetof(struct node, weak),
    .tp_dictoffset = offsetof(struct node, dict),
    .tp_new = node_new,
};

static PyType_Slot slots[] = {
    {Py_tp_traverse, node_traverse}, {Py_tp_clear, node_clear}, {Py_tp_dealloc, node_dealloc},
    {Py_tp_members, members}, {Py_tp_new, node_new}, {0, NULL}};
static PyType_Spec spec = {"nodes.HeapNode", sizeof(struct node), 0,
                           Py_TPFLAGS_DEFAULT | Py_TPFLAGS_HAVE_GC, slots};

/* No tp_traverse. */
struct plain {
    PyObject_HEAD
    long data[4];
};
static PyObject *plain_new(PyTypeObject *type, PyObject *args, PyObject *kwargs)
{
    alive++;
    return type->tp_alloc(type, 0);
}
static void plain_dealloc(PyObject *o)
{
    alive--;
    Py_TYPE(o)->tp_free(o);
}
static PyTypeObject Plain = {
    PyVarObject_HEAD_INIT(NULL, 0).tp_name = "nodes.Plain",
    .tp_basicsize = sizeof(struct plain),
    .tp_flags = Py_TPFLAGS_DEFAULT,
    .tp_new = plain_new,
    .tp_dealloc = plain_dealloc,
};

static PyObject *count(PyObject *self, PyObject *unused)
{
    return PyLong_FromSsize_t(alive);
}

static PyMethodDef methods[] = {{"count", count, METH_NOARGS}, {"make", make, METH_O}, {NULL}};
static struct PyModuleDef module = {PyModuleDef_HEAD_INIT, "nodes", NULL, -1, methods};
PyMODINIT_FUNC PyInit_nodes(void)
{
    PyObject *m = PyModule_Create(&module), *heap = PyType_FromSpec(&spec);
    if (m == NULL || heap == NULL || PyModule_AddType(m, &Node) < 0 ||
        PyModule_AddType(m, &Plain) < 0 || PyModule_AddObject(m, "HeapNode", heap) < 0) {
        return NULL;
    }
    return m;
}
'''

nodes = build_module("nodes", SOURCE)
Node, HeapNode, Plain = nodes.Node, nodes.HeapNode, nodes.Plain


def resident():
    with open("/proc/self/statm") as f:
        return int(f.read().split()[1]) * os.sysconf("SC_PAGE_SIZE")


def settle():
    for _ in range(4):
        gc.collect()
    return nodes.count()


def fill_stack(n=50):
    return [n] + fill_stack(n - 1) if n else []


def check(name, make, times=200):
    def repeat():
        for _ in range(times):
            make()
    repeat()
    fill_stack()
    print(name, settle() < 10)


def drop_many():
    for _ in range(1000000):
        Plain()


drop_many()
base = resident()
drop_many()
print("a million", settle() < 10, resident() - base < 60e6)


def pair():
    a, b = Node(), Node()
    a.other, b.other = b, a


def itself():
    a = Node()
    a.other = a


def through_list():
    a = Node()
    a.other = [1, [a]]


def through_dict():
    a = Node()
    a.me = {"a": a}


def by_hand():
    a, b = nodes.make(Node), nodes.make(Node)
    a.other, b.other = (b,), {1: a}


def heap_pair():
    a, b = HeapNode(), HeapNode()
    a.other, b.other = b, [a]


class Sub(Node):
    __slots__ = ("slot",)


class Loose(Node):
    pass


def subclass():
    a, b = Sub(), Loose()
    a.other, b.x, a.slot = b, a, a


def with_class():
    class Own(Node):
        pass
    Own.instance = Own()
    Own.instance.other = Own


def holds_plain():
    a = Node()
    a.other = [a, Plain(), Plain()]


def long_ring(n=500):
    first = last = Node()
    for i in range(n):
        fresh = Node()
        fresh.other = last if i % 2 else [last]
        last = fresh
    first.other = last


for f in (pair, itself, through_list, through_dict, by_hand, heap_pair, subclass, with_class,
          holds_plain):
    check(f.__name__, f)
check("long_ring", long_ring, 5)

# What is alive stays, also if only extension objects lead there.
def alive():
    root = node = Node()
    for i in range(20000):
        fresh = Node()
        fresh.other = str(i) * 2
        fresh.link = None
        if i % 3 == 0:
            node.link = [fresh]
        else:
            node.link = fresh
        node = fresh
    del node, fresh
    settle()
    node, n, total = root, 0, 0
    while getattr(node, "link", None) is not None:
        node = node.link[0] if isinstance(node.link, list) else node.link
        n += 1
        total += len(node.other)
    print("alive", n, total, nodes.count() >= 20001)
    ring = Node()
    ring.other = [Node()]
    ring.other[0].other = [ring, "text " * 2]
    settle()
    print(ring.other[0].other[1], ring.other[0].other[0] is ring)


alive()
fill_stack()
print("gone", settle() < 10)

# Finalizers and weak references of what is in cycles.
log = []


class Final(Node):
    def __del__(self):
        log.append("del")


def final():
    a = Final()
    a.other = [a]
    weakref.finalize(a, log.append, "weak")


for _ in range(50):
    final()
fill_stack()
print(settle() < 10, log.count("del") > 45, log.count("weak") > 45)

saved = []


class Again(Node):
    def __del__(self):
        saved.append(self)


def again():
    a = Again()
    a.other = [a, "still here"]


again()
fill_stack()
settle()
print([a.other[1] for a in saved])
