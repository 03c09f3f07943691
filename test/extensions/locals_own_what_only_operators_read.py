"""A local variable that only operators, items and conditions read owns the object of an extension that
was assigned to it: it dies when the next result is assigned, and when the function ends. Not if
somebody else has it by then: the extension, Python code, the caller, a frame object."""
import gc
import os
import sys
import threading

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "support"))
from building import build_module

m = build_module("owned", r'''
struct number { PyObject_HEAD long value; };
static Py_ssize_t alive;
static PyTypeObject Number;
static PyObject *kept, *called;

static PyObject *make(long value)
{
    struct number *n = PyObject_New(struct number, &Number);
    n->value = value;
    alive++;
    return (PyObject *)n;
}
static void number_dealloc(PyObject *n)
{
    alive--;
    ((struct number *)n)->value = -1000000;
    Py_TYPE(n)->tp_free(n);
}
static long get(PyObject *o)
{
    return PyObject_TypeCheck(o, &Number) ? ((struct number *)o)->value : PyLong_AsLong(o);
}
static int fits(PyObject *o) { return PyObject_TypeCheck(o, &Number) || PyLong_Check(o); }
static PyObject *add(PyObject *a, PyObject *b)
{
    if (!fits(a) || !fits(b)) {
        Py_RETURN_NOTIMPLEMENTED;
    }
    return make(get(a) + get(b));
}
static PyObject *keep(PyObject *a, PyObject *b) /* a * b is a, and it is kept */
{
    Py_INCREF(a);
    Py_XSETREF(kept, a);
    return Py_NewRef(a);
}
static PyObject *call(PyObject *a, PyObject *b) /* a @ b */
{
    return PyObject_CallOneArg(b, a);
}
static PyObject *increase(PyObject *a, PyObject *b) /* a -= b: in place */
{
    ((struct number *)a)->value -= get(b);
    return Py_NewRef(a);
}
static PyObject *negative(PyObject *a) { return make(-get(a)); }
static PyObject *positive(PyObject *a) { return Py_NewRef(a); }
static int truth(PyObject *a) { return get(a) != 0; }
static PyObject *item(PyObject *a, PyObject *key)
{
    return PyLong_Check(key) ? make(get(a) * 10 + get(key)) : Py_NewRef(a);
}
static int store(PyObject *a, PyObject *key, PyObject *value)
{
    ((struct number *)a)->value = value == NULL ? 0 : get(value);
    return 0;
}
static PyObject *compare(PyObject *a, PyObject *b, int op)
{
    if (!fits(a) || !fits(b)) {
        Py_RETURN_NOTIMPLEMENTED;
    }
    Py_RETURN_RICHCOMPARE(get(a), get(b), op);
}
static PyObject *new_of(PyTypeObject *type, PyObject *args, PyObject *kwargs)
{
    alive++;
    return type->tp_alloc(type, 0);
}
static PyObject *repr(PyObject *n) { return PyUnicode_FromFormat("N%ld", get(n)); }
static PyNumberMethods numbers = {.nb_add = add, .nb_multiply = keep, .nb_matrix_multiply = call,
    .nb_inplace_subtract = increase, .nb_negative = negative, .nb_positive = positive, .nb_bool = truth};
static PyMappingMethods mapping = {.mp_subscript = item, .mp_ass_subscript = store};
static PyTypeObject Number = {
    PyVarObject_HEAD_INIT(NULL, 0).tp_name = "owned.Number", .tp_basicsize = sizeof(struct number),
    .tp_flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_BASETYPE, .tp_dealloc = number_dealloc,
    .tp_new = new_of, .tp_free = PyObject_Free, .tp_repr = repr, .tp_as_number = &numbers, .tp_as_mapping = &mapping, .tp_richcompare = compare};
/* A tracked object that holds a number which nobody has seen. */
struct holder { PyObject_HEAD PyObject *number; };
static int holder_traverse(PyObject *o, visitproc visit, void *arg)
{
    Py_VISIT(((struct holder *)o)->number);
    return 0;
}
static void holder_dealloc(PyObject *o)
{
    PyObject_GC_UnTrack(o);
    Py_CLEAR(((struct holder *)o)->number);
    PyObject_GC_Del(o);
}
static PyObject *holder_add(PyObject *a, PyObject *b)
{
    struct holder *h = PyObject_GC_New(struct holder, Py_TYPE(a));
    h->number = make(PyLong_AsLong(b));
    PyObject_GC_Track(h);
    return (PyObject *)h;
}
static PyObject *holder_repr(PyObject *o)
{
    PyObject *number = ((struct holder *)o)->number;
    return PyUnicode_FromFormat("H%ld", number == NULL ? -1 : get(number));
}
static PyNumberMethods holders = {.nb_add = holder_add};
static PyTypeObject Holder = {
    PyVarObject_HEAD_INIT(NULL, 0).tp_name = "owned.Holder", .tp_basicsize = sizeof(struct holder),
    .tp_flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_HAVE_GC, .tp_traverse = holder_traverse,
    .tp_dealloc = holder_dealloc, .tp_repr = holder_repr, .tp_as_number = &holders, .tp_new = PyType_GenericNew};
static PyObject *new(PyObject *self, PyObject *value) { return make(PyLong_AsLong(value)); }
static PyObject *count(PyObject *self, PyObject *unused) { return PyLong_FromSsize_t(alive); }
static PyObject *last(PyObject *self, PyObject *unused)
{
    PyObject *o = kept == NULL ? Py_NewRef(Py_None) : kept;
    kept = NULL;
    return o;
}
static PyMethodDef functions[] = {{"new", new, METH_O}, {"count", count, METH_NOARGS},
                                  {"last", last, METH_NOARGS}, {NULL}};
static struct PyModuleDef module = {PyModuleDef_HEAD_INIT, "owned", NULL, -1, functions};
PyMODINIT_FUNC PyInit_owned(void)
{
    PyObject *m = PyModule_Create(&module);
    return m != NULL && PyModule_AddType(m, &Number) == 0 && PyModule_AddType(m, &Holder) == 0 ? m : NULL;
}
''')

a = m.new(1)


def assigned(n):
    counts = []
    before = m.count()
    x = a + 1
    counts.append(m.count() - before)
    for i in range(n):
        x = a + i
        y = x + x
        x = y[i]
        y = m.new(i)
        x += y
        x -= 1
        counts.append(m.count() - before)
    x = 5
    counts.append(x + 0)
    return counts, x + 1


print("assigned", assigned(3))
before = m.count()
assigned(100)
print("left", m.count() - before)


def returned(n):
    x = a + n
    if n == 2:
        return x
    y = x + 1
    return y


print("returned", returned(1), returned(2), returned(2) + returned(3))
gc.collect()


def empty():
    x = a + 1


def recursive(n):
    x = a + n
    y = x + (recursive(n - 1) if n else 0)
    return y


before = m.count()
for i in range(50):
    empty()
print("empty", m.count() - before, recursive(40))


def kept():
    x = a + 10
    y = x * 1
    x = a + 11
    z = m.last()
    return y, z, x


print("kept", kept(), kept())


def called():
    seen = []
    x = a + 20
    y = x @ (lambda n: seen.append(n) or n)
    x = a + 21
    x @ seen.append
    return x, seen


print("called", called())


def positive():
    x = a + 30
    y = +x
    x = -y
    z = x["same"]
    x = a + 31
    return y, z, x


print("positive", positive())


def conditions():
    x, r = a + 40, []
    if x:
        r.append(1)
    if not x:
        r.append(2)
    if x > 40 and x < 42 and 41 == x:
        r.append(3)
    x[0] = 0
    if x is None or not x:
        r.append(4)
    x[1] = 7
    del x[1]
    y = x + 1
    return r, y


print("conditions", conditions())


class Other:
    def __init__(self):
        self.seen = []

    def _see(self, other):
        self.seen.append(other)
        return len(self.seen)

    __radd__ = __add__ = __eq__ = __gt__ = __lt__ = _see


def others():
    o = Other()
    x = a + 50
    x + o
    o + x
    x = a + 51
    if x < o:
        x = a + 52
    if x == o:
        x = a + 53
    x = a + 54
    y = o + x
    return o.seen, y


seen = others()
gc.collect()
print("others", seen)


class Sub(m.Number):
    def __bool__(self):
        instances.append(self)
        return True

    def __getitem__(self, key):
        instances.append(self)
        return self


instances = []


def derived():
    x = Sub()
    y = x + 1
    if x:
        y = x[0]
    return y


print("derived", type(derived()), len(instances))


def looked_at():
    x = a + 60
    frame = sys._getframe()
    before = frame.f_locals["x"]
    x = a + 61
    after = frame.f_locals["x"]
    x = a + 62
    return before, after, locals()["x"]


print("looked at", looked_at())
gc.collect()


def peek():
    return sys._getframe(1).f_locals["x"]


def looked_at_by_callee():
    x = a + 63
    p = peek()
    x = a + 64
    return p, peek(), x + 0


print("callee", looked_at_by_callee())


def fails(n):
    x = a + 70
    y = x + n
    return y + undefined


def catches():
    x = a + 71
    try:
        fails(3)
    except NameError as e:
        x = a + 72
        frame = e.__traceback__.tb_next.tb_frame
        return frame.f_locals["x"], frame.f_locals["y"], x


print("raised", catches())


def unbound(n):
    if n:
        x = a + 80
        del x
    return x + 1


try:
    unbound(1)
except UnboundLocalError as e:
    print(e)


def generator():
    x = a + 90
    yield 1
    y = x + 1
    yield y


g = generator()
next(g)
gc.collect()
print("generator", next(g), list(g))


def swapped():
    x = a + 1
    y = a + 2
    x, y = y, x
    return x + 0, y + 0


def captured():
    x = a + 95
    return lambda: x


print("copied", swapped(), captured()())


def traced(frame, event, argument):
    frame.f_trace_opcodes = True
    for name, value in frame.f_locals.items():
        values.append((name, value))
    return traced


def lines(n):
    x = a + n
    y = x + n
    x = y[0]
    return x


values = []
sys.settrace(traced)
lines(4)
sys.settrace(None)
gc.collect()
print("traced", values[-1], len({id(v) for n, v in values if n != "n"}))


def many(n):
    x1 = a + n; x2 = x1 + 1; x3 = x2 + 1; x4 = x3 + 1; x5 = x4 + 1; x6 = x5 + 1; x7 = x6 + 1
    y1 = x7 + n; y2 = y1 + 1; y3 = y2 + 1; y4 = y3 + 1; y5 = y4 + 1; y6 = y5 + 1; y7 = y6 + 1
    z1 = y7 + n; z2 = z1 + 1; z3 = z2 + 1; z4 = z3 + 1
    z5 = x1 + x2 + x3 + x4 + x5 + x6 + x7 + y1 + y2 + y3 + y4 + y5 + y6 + y7 + z1 + z2 + z3 + z4
    return z5 + (many(n - 1) if n else 0)


print("many", many(5))


holder = m.Holder()


def listed():
    """What gc shows can be used as long as somebody has it."""
    x = holder + 7
    found = [o for o in gc.get_objects() if type(o) is m.Holder]
    x = holder + 8
    y = holder + 9
    found += [gc.get_referents(o) for o in found]
    return found[:2]


found = listed()
gc.collect()
for i in range(100):
    holder + (1000 + i), a + (1000 + i)
print("listed", sorted(map(repr, found)))


stop = []


def spinning():
    x = a + 1
    y = x + 1
    while not stop:
        x = a + y
        y = x[3]
        y -= x
        y = m.new(2)
    return x + 0


def watching():
    """Another thread's variables: private objects are not shown."""
    for i in range(300):
        for frame in list(sys._current_frames().values()):
            while frame is not None:
                if frame.f_code is spinning.__code__:
                    for value in list(frame.f_locals.values()):
                        repr(value)
                frame = frame.f_back
        if i % 50 == 0:
            gc.collect()


threads = [threading.Thread(target=spinning) for i in range(3)]
for t in threads:
    t.start()
watching()
stop.append(1)
for t in threads:
    t.join()
gc.collect()
print("watched")
