"""An item of an extension's object, or an attribute of an item, that the next instruction uses up is
deallocated there, as soon as nobody else has it: not if the extension kept a reference, gave it to
Python code, or returned it."""
import gc
import os
import sys
import threading

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "support"))
from building import build_module

SOURCE = r'''
#include <structmember.h>

/* A view of another one, or of nothing. */
struct view {
    PyObject_HEAD
    PyObject *base;
    long value;
};
static Py_ssize_t alive;
static PyTypeObject View;
static PyObject *kept, *other;
static enum { PLAIN, KEEP, APPEND, SAME, FAIL, CALL } mode;

static PyObject *make(PyObject *base, long value)
{
    struct view *v = PyObject_New(struct view, &View);
    v->base = Py_XNewRef(base);
    v->value = value;
    alive++;
    return (PyObject *)v;
}

static void view_dealloc(PyObject *o)
{
    alive--;
    ((struct view *)o)->value = -1000000;
    Py_CLEAR(((struct view *)o)->base);
    Py_TYPE(o)->tp_free(o);
}

static long get(PyObject *o)
{
    return PyObject_TypeCheck(o, &View) ? ((struct view *)o)->value : PyLong_AsLong(o);
}

/* What the mode says happens to the object that an operation gets. 1: *result is the result. */
static int act(PyObject *self, PyObject **result)
{
    switch (mode) {
    case KEEP:
        Py_INCREF(self);
        Py_XSETREF(kept, self);
        return 0;
    case APPEND: PyList_Append(other, self); return 0;
    case SAME: *result = Py_NewRef(self); return 1;
    case FAIL: PyErr_SetString(PyExc_ValueError, "no"); *result = NULL; return 1;
    case CALL: Py_XDECREF(PyObject_CallOneArg(other, self)); return 0;
    default: return 0;
    }
}

/* self[index]: a view, with the sum of both values; a slice counts as 100. */
static PyObject *view_item(PyObject *self, PyObject *index)
{
    PyObject *result;
    if (act(self, &result)) {
        return result;
    }
    long value = PySlice_Check(index) ? 100 : PyTuple_Check(index) ? 1000 : get(index);
    return PyErr_Occurred() ? NULL : make(self, get(self) + value);
}

static int view_store(PyObject *self, PyObject *index, PyObject *value)
{
    PyObject *result;
    if (act(self, &result)) {
        Py_XDECREF(result);
        return result == NULL ? -1 : 0;
    }
    /* to the first base */
    while (((struct view *)self)->base != NULL) {
        self = ((struct view *)self)->base;
    }
    ((struct view *)self)->value = value == NULL ? 0 : get(value);
    return PyErr_Occurred() ? -1 : 0;
}

static PyObject *view_next(PyObject *self, void *closure)
{
    PyObject *result;
    return act(self, &result) ? result : make(self, get(self) + 1);
}

static PyObject *view_pair(PyObject *self, void *closure)
{
    return Py_BuildValue("(lN)", get(self), make(NULL, 5));
}

static PyObject *view_add(PyObject *a, PyObject *b)
{
    return make(NULL, get(a) + get(b));
}

static PyObject *view_iadd(PyObject *a, PyObject *b)
{
    PyObject *result;
    if (act(a, &result)) {
        return result;
    }
    ((struct view *)a)->value += get(b);
    return Py_NewRef(a);
}

static PyObject *view_repr(PyObject *v)
{
    return PyUnicode_FromFormat("V%ld", ((struct view *)v)->value);
}

static PyNumberMethods numbers = {.nb_add = view_add, .nb_inplace_add = view_iadd};
static PyMappingMethods items = {.mp_subscript = view_item, .mp_ass_subscript = view_store};
static PyGetSetDef getsets[] = {{"next", view_next}, {"pair", view_pair}, {NULL}};
static PyMemberDef members[] = {{"base", T_OBJECT, offsetof(struct view, base)}, {NULL}};
static PyTypeObject View = {
    PyVarObject_HEAD_INIT(NULL, 0).tp_name = "views.View",
    .tp_basicsize = sizeof(struct view),
    .tp_flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_BASETYPE,
    .tp_dealloc = view_dealloc,
    .tp_repr = view_repr,
    .tp_as_number = &numbers,
    .tp_as_mapping = &items,
    .tp_getset = getsets,
    .tp_members = members,
    .tp_new = PyType_GenericNew,
};

static PyObject *new(PyObject *self, PyObject *value)
{
    return make(NULL, PyLong_AsLong(value));
}

static PyObject *count(PyObject *self, PyObject *unused)
{
    return PyLong_FromSsize_t(alive);
}

/* mode, list or callable; returns what was kept */
static PyObject *set(PyObject *self, PyObject *const *args, Py_ssize_t nargs)
{
    mode = PyLong_AsLong(args[0]);
    Py_INCREF(args[1]);
    Py_XSETREF(other, args[1]);
    PyObject *old = kept;
    kept = NULL;
    if (old == NULL) {
        Py_RETURN_NONE;
    }
    return old;
}

static PyMethodDef functions[] = {
    {"new", new, METH_O, NULL},
    {"count", count, METH_NOARGS, NULL},
    {"set", (PyCFunction)(void (*)(void))set, METH_FASTCALL, NULL},
    {NULL},
};
static struct PyModuleDef module = {PyModuleDef_HEAD_INIT, "views", NULL, -1, functions};

PyMODINIT_FUNC PyInit_views(void)
{
    PyObject *m = PyModule_Create(&module);
    return m != NULL && PyModule_AddType(m, &View) == 0 ? m : NULL;
}
'''

m = build_module("views", SOURCE)

PLAIN, KEEP, APPEND, SAME, FAIL, CALL = range(6)
a = m.new(1)
base = m.count()


def alive():
    return m.count() - base


def items(a, n):
    numbers = []
    v = a[1:][2]
    numbers.append((v, alive()))
    a[1:][2] = 7
    numbers.append((a, alive()))
    a[1:][2][n][1:][:n] = 8
    numbers.append((a, alive()))
    a[1:].next.next[3] = 9
    numbers.append((a, alive()))
    a[1:].next[1::n + 1] = 10
    numbers.append((a, alive()))
    a[1:, 2].next[n, n] = 11
    numbers.append((a, alive()))
    a[1:][-n] = 12
    numbers.append((a, alive()))
    a[5] += n
    numbers.append((a, alive()))
    a[1:] += 20
    numbers.append((a, alive()))
    a[1:] += a[n:]
    numbers.append((a, alive()))
    numbers.append((a[1:].next.pair, alive()))
    return numbers


def sums(a, n):
    numbers = []
    numbers.append((a[1:] + a[2], alive()))
    v = a[1:][5] + (a[2][n] + a[n:].next)
    numbers.append((v, alive()))
    w = a[1] + 5
    numbers.append((w, alive()))
    x = (a + a)[n] + 1
    numbers.append((x, alive()))
    return numbers


def many(a, results):
    for i in range(1000):
        a[1:][i] = i
        a[1:].next[2].next[i] = i
        a[1:] += i
        results.append(a[i] + a[1:])
        results.append(a[1:].next[i])


gc.disable()
results = items(a, 2), sums(a, 3)
print("items")
for line in results[0] + results[1]:
    print(*line)
del line
before = alive()
many(a, more := [])
print("many", alive() - before)
del results, more
gc.enable()
gc.collect()
print("few left", alive() < 30)


def kept(a):
    results = []
    m.set(KEEP, None)
    a[1:][2] = 3
    results.append(m.set(KEEP, None))
    a[1:].next
    results.append(m.set(KEEP, None))
    v = a[1:][5]
    results.append(m.set(KEEP, None))
    a[1:].next[5] = 2
    results.append(m.set(KEEP, None))
    a[1:] += 2
    results.append(m.set(PLAIN, None))
    return results, [v.base for v in results], v


print("kept", kept(a))


def appended(a):
    seen = []
    m.set(APPEND, seen)
    a[1:][2] = 3
    v = a[1:].next.next[1:][2]
    a[1:] += 5
    m.set(PLAIN, None)
    gc.collect()
    return seen, [v.base for v in seen]


print("appended", appended(a))


def called(a):
    seen = []

    def callback(v):
        m.set(PLAIN, None)
        seen.append((v, v[1:][2], v.next))
        gc.collect()
        m.set(CALL, callback)

    m.set(CALL, callback)
    a[1:][2] = 3
    v = a[1:].next[5]
    a[1:] += 5
    m.set(PLAIN, None)
    gc.collect()
    return seen, v, a


print("called", called(a))


def same(a):
    m.set(SAME, None)
    v = a[1:].next[2]
    a[1:][2] = 3
    a[1:] += 3
    m.set(PLAIN, None)
    return v is a


def same_temporary(a):
    v = a[1:][m.set(SAME, None) or 2]
    m.set(PLAIN, None)
    w = a[1:]
    w += m.set(SAME, None) or 2
    m.set(PLAIN, None)
    a[1:] += m.set(SAME, None) or 2
    m.set(PLAIN, None)
    return v, v.base is a, w


print("same", same(a), same_temporary(a))


def failing(a):
    results = []
    for f in (lambda: a[1:][m.set(FAIL, None) or 2], lambda: a[1:].next[m.set(FAIL, None) or 2],
              lambda: a[1:] + undefined, lambda: a[1:].next[undefined], lambda: a[1:].next.undefined,
              lambda: a[1:][2].next["x"], lambda: a[1:].base.undefined, lambda: a[1:].pair[5]):
        try:
            f()
        except (ValueError, NameError, AttributeError, TypeError, IndexError) as e:
            results.append(str(e))
        m.set(PLAIN, None)
    m.set(FAIL, None)
    for line in range(3):
        try:
            if line == 0:
                a[1:][2] = 3
            elif line == 1:
                a[1:].next
            else:
                a[1:] += 2
        except ValueError as e:
            results.append((str(e), e.__traceback__.tb_lineno - failing.__code__.co_firstlineno))
    m.set(PLAIN, None)
    try:
        v = (a
             [1:]
             .undefined
             [2])
    except AttributeError as e:
        results.append(e.__traceback__.tb_lineno - failing.__code__.co_firstlineno)
    try:
        a[1:][2] = (3, m.set(FAIL, None))
    except ValueError as e:
        results.append(str(e))
    m.set(PLAIN, None)
    return results


for line in failing(a):
    print("failing", line)


class Derived(m.View):
    def __getitem__(self, i):
        return m.View.__getitem__(self, i), "derived"


class Storing(m.View):
    stored = []

    def __iadd__(self, n):
        return m.new(n)

    def __setitem__(self, i, v):
        self.stored.append((i, v))


class Shadow(m.View):
    @property
    def next(self):
        return "shadow"


def derived():
    d, s = Derived(), Storing()
    s[1] = s[2] + 1
    s[3] += 4
    s[5] += s[1:]
    return d[1:], d[1:][0].next, s.stored, m.View.__getitem__(Shadow(), 1).base.next


print("derived", derived())


def read_twice(a):
    a[1:][2] += 3
    a[1:].next[2] += 3
    a[1:][2][3] += 4
    x = {}
    x[0] = y = x[1] = a[1:]
    a[1] = a[2] = z = a[1:]
    (w := a[1:])[2] = 5
    p, q = a[1:], a[2:][1]
    match a[1:].pair:
        case (n, v):
            pass
    for i in a[1:].pair:
        pass
    return x, y, z, w, p, q, n, v, i, a


print("twice", read_twice(a))
x = {}
x[0] = x[1] = a[1:]
x[2] = a[1:][1]
x[3] = a[1:].next
a[1:].next[2] = 4
a[1:] += 1
print("module", x, a)


def traced(frame, event, argument):
    frame.f_trace_opcodes = True
    events.append(frame.f_lineno) if event == "line" else None
    return traced


def lines(a):
    v = (a
         [1:]
         .next
         [2])
    a[1:].next[2] = 4
    return v


events = []
sys.settrace(traced)
result = lines(a)
sys.settrace(None)
print("traced", result, len(events))


def generator(a):
    yield a[1:][2]
    a[1:][(yield)] = 5
    yield a[1:].next[(yield)]


g = generator(a)
print("generator", next(g), next(g), g.send(2), g.send(3), list(g))


def work():
    mine, shared = m.new(1), a
    for i in range(3000):
        mine[1:].next[i] = i
        shared[1:][i] = i
        mine[1:] += i
        v = mine[1:].next[2] + shared[i].next
        assert mine[1:][2].base.base is mine and repr(mine[1:]) == f"V{100 + mine[0].base[0].base.__add__(0).__add__(0).pair[0]}"


threads = [threading.Thread(target=work) for i in range(4)]
for t in threads:
    t.start()
for t in threads:
    t.join()
del g, result, x
for i in range(4):
    gc.collect()
print("few left", alive() < 60)
