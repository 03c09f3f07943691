"""What an operator or a function of an extension makes, and the next operator uses up, or nobody, is
deallocated there, as soon as nobody else has it: not if the extension kept a reference, gave it to a
list, or returned it."""
import functools
import gc
import os
import sys
import threading
import types

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "support"))
from building import build_module

SOURCE = r'''
struct number {
    PyObject_HEAD
    long value;
};
static Py_ssize_t alive;
static PyTypeObject Number;
static PyObject *kept, *list;
static enum { PLAIN, KEEP, APPEND, SAME, FAIL, REFUSE, CALL } mode;

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
    PyObject_Free(n);
}

static long get(PyObject *o)
{
    return PyObject_TypeCheck(o, &Number) ? ((struct number *)o)->value : PyLong_AsLong(o);
}

static int is_operand(PyObject *o)
{
    return PyObject_TypeCheck(o, &Number) || PyLong_Check(o);
}

static PyObject *number_add(PyObject *a, PyObject *b)
{
    PyObject *temporary = PyObject_TypeCheck(a, &Number) ? a : b;
    if (!is_operand(a) || !is_operand(b)) {
        Py_RETURN_NOTIMPLEMENTED;
    }
    switch (mode) {
    case KEEP:
        Py_INCREF(temporary);
        Py_XSETREF(kept, temporary);
        break;
    case APPEND: PyList_Append(list, temporary); break;
    case SAME: return Py_NewRef(temporary);
    case FAIL: PyErr_SetString(PyExc_ValueError, "no"); return NULL;
    case REFUSE: Py_RETURN_NOTIMPLEMENTED;
    case CALL: Py_XDECREF(PyObject_CallOneArg(list, temporary)); break;
    default: break;
    }
    return make(get(a) + get(b));
}

static PyObject *number_power(PyObject *a, PyObject *b, PyObject *c)
{
    return make(get(a) * get(a));
}

static PyObject *number_iadd(PyObject *a, PyObject *b)
{
    ((struct number *)a)->value += get(b);
    return Py_NewRef(a);
}

static PyObject *number_repr(PyObject *n)
{
    return PyUnicode_FromFormat("N%ld", ((struct number *)n)->value);
}

static PyObject *number_call(PyObject *n, PyObject *args, PyObject *kwargs)
{
    return make(((struct number *)n)->value + 1);
}

static PyObject *number_next(PyObject *n, PyObject *unused)
{
    return make(((struct number *)n)->value + 1);
}

static PyMethodDef number_methods[] = {{"next", number_next, METH_NOARGS, NULL}, {NULL}};
static PyNumberMethods methods = {
    .nb_add = number_add, .nb_power = number_power, .nb_inplace_add = number_iadd};
static PyTypeObject Number = {
    PyVarObject_HEAD_INIT(NULL, 0).tp_name = "temporary.Number",
    .tp_basicsize = sizeof(struct number),
    .tp_flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_BASETYPE,
    .tp_dealloc = number_dealloc,
    .tp_repr = number_repr,
    .tp_call = number_call,
    .tp_methods = number_methods,
    .tp_as_number = &methods,
};

static PyObject *new(PyObject *self, PyObject *value)
{
    return make(PyLong_AsLong(value));
}

/* Somebody else has what is returned, too. */
static PyObject *new_listed(PyObject *self, PyObject *value)
{
    PyObject *n = make(PyLong_AsLong(value));
    return PyList_Append(list, n) == 0 ? n : NULL;
}

static PyObject *new_kept(PyObject *self, PyObject *value)
{
    PyObject *n = make(PyLong_AsLong(value));
    Py_XSETREF(kept, Py_NewRef(n));
    return n;
}

static PyObject *last_kept(PyObject *self, PyObject *unused)
{
    return Py_NewRef(kept);
}

static PyObject *from_call(PyObject *self, PyObject *callable)
{
    return PyObject_CallNoArgs(callable);
}

static PyObject *count(PyObject *self, PyObject *unused)
{
    return PyLong_FromSsize_t(alive);
}

/* mode, list or callable */
static PyObject *set(PyObject *self, PyObject *const *args, Py_ssize_t nargs)
{
    mode = PyLong_AsLong(args[0]);
    Py_INCREF(args[1]);
    Py_XSETREF(list, args[1]);
    PyObject *old = kept;
    kept = NULL;
    if (old == NULL) {
        Py_RETURN_NONE;
    }
    return old;
}

/* Calls of extension code by extension code. */
static PyObject *call(PyObject *self, PyObject *const *args, Py_ssize_t nargs)
{
    PyObject *n = make(5), *made[] = {NULL, n};
    PyObject *result = PyObject_Vectorcall(args[0], made + 1, 1 | PY_VECTORCALL_ARGUMENTS_OFFSET, NULL);
    if (result == NULL) {
        PyErr_Clear();
    }
    Py_XDECREF(result);
    result = PyObject_CallOneArg(args[0], n);
    if (result == NULL) {
        PyErr_Clear();
    }
    Py_XDECREF(result);
    Py_ssize_t before = Py_REFCNT(n);
    Py_DECREF(n);
    return PyBool_FromLong(before == 1);
}

static PyObject *take(PyObject *self, PyObject *o)
{
    Py_RETURN_NONE;
}

static PyObject *refuse(PyObject *self, PyObject *const *args, Py_ssize_t nargs)
{
    PyErr_SetString(PyExc_ValueError, "refused");
    return NULL;
}

static PyObject *break_rules(PyObject *self, PyObject *const *args, Py_ssize_t nargs)
{
    return NULL;
}

static PyObject *call_with(PyObject *self, PyObject *const *args, Py_ssize_t nargs)
{
    return PyObject_CallFunctionObjArgs(args[0], nargs > 1 ? args[1] : NULL, NULL);
}

static PyMethodDef functions[] = {
    {"new", new, METH_O, NULL},
    {"new_listed", new_listed, METH_O, NULL},
    {"new_kept", new_kept, METH_O, NULL},
    {"last_kept", last_kept, METH_NOARGS, NULL},
    {"from_call", from_call, METH_O, NULL},
    {"count", count, METH_NOARGS, NULL},
    {"set", (PyCFunction)(void (*)(void))set, METH_FASTCALL, NULL},
    {"call", (PyCFunction)(void (*)(void))call, METH_FASTCALL, NULL},
    {"call_with", (PyCFunction)(void (*)(void))call_with, METH_FASTCALL, NULL},
    {"take", take, METH_O, NULL},
    {"refuse", (PyCFunction)(void (*)(void))refuse, METH_FASTCALL, NULL},
    {"break_rules", (PyCFunction)(void (*)(void))break_rules, METH_FASTCALL, NULL},
    {NULL},
};
static struct PyModuleDef module = {PyModuleDef_HEAD_INIT, "temporary", NULL, -1, functions};

PyMODINIT_FUNC PyInit_temporary(void)
{
    PyObject *m = PyModule_Create(&module);
    return m != NULL && PyModule_AddType(m, &Number) == 0 ? m : NULL;
}
'''

m = build_module("temporary", SOURCE)

PLAIN, KEEP, APPEND, SAME, FAIL, REFUSE, CALL = range(7)
a, b = m.new(1), m.new(2)
base = m.count()


def alive():
    return m.count() - base


def plain():
    a + b
    first = alive()
    (a + b) + a
    second = alive()
    a + (b + a)
    third = alive()
    a + 1 + 2 + b + a + 3
    fourth = alive()
    (a + b) ** 2
    fifth = alive()
    for i in range(1000):
        a + b
        (a + b) + (b + a)
        3 + (a + b)
    return first, second, third, fourth, fifth


print("plain", plain(), alive() < 2100)
gc.collect()


def value():
    c = (a + b) + (a + 1) ** 2
    total = m.new(0)
    for i in range(10):
        total += a + b
    return c, total, a + b + b


print("values", value())
gc.collect()


def kept():
    m.set(KEEP, None)
    (a + b) + a
    return m.set(PLAIN, None)


print("kept", kept())


def appended(items):
    m.set(APPEND, items)
    (a + b) + a
    (a + b) + (a + a)
    m.set(PLAIN, None)
    return items


items = appended([])
gc.collect()
print("appended", items)


def called():
    seen = []
    m.set(CALL, lambda n: (seen.append(n), n + 1 + 2 if len(seen) < 100 else 0, gc.collect())[1])
    c = (a + b) + a
    m.set(PLAIN, None)
    return len(seen), seen[:3], c


print("called", called())


def same():
    m.set(SAME, None)
    c = ((a + b) + a) + b
    (a + b) + 1
    m.set(PLAIN, None)
    return c, c is a


print("same", same())


def same_temporary():
    c = (a + 5) + (m.set(SAME, None) or 1) + 1
    m.set(PLAIN, None)
    return c


print("same temporary", same_temporary())


gc.collect()


def calls():
    before = m.count()
    counts = []
    for i in range(100):
        m.new(1)
        m.new(1) + a
        (m.new(1) + a) + m.new(2)
        m.new(1).next()
        a.next()
        a() + b()
        a(b, x=1)
        counts.append(m.count() - before)
    return counts[0] <= 7, counts[-1] <= 600, m.new(1) + a.next() + b()


print("calls", calls())


class Thing:
    pass


def calls_with_others():
    m.set(PLAIN, items := [])
    memo, results = {}, []
    for i in range(300):
        m.new_listed(i)
        m.new_listed(i) + a
        m.new_kept(i)
        m.last_kept()
        m.last_kept() + a
        m.from_call(lambda: results.append(n := m.new(i)) or n)
        m.from_call(m.last_kept) + m.from_call(lambda: memo.setdefault(i, m.new(i)))
        functools.partial(m.new, i)() + a
        functools.partial(m.last_kept)()
        memo.setdefault(-i, m.new(i)) + memo[-i]
        memo.setdefault(-i) + a
        next(map(m.new, [i])) + a
        types.MethodType(m.new, i)() + a
        types.MethodType(cached, m.new)(i) + a
        cached(m.new, i) + a
        list(map(results.append, map(m.new_kept, [i])))
        type(a)
        sorted([i], key=m.new, reverse=True)
        setattr(Thing, "number", m.new(i))
        getattr(Thing, "number") + a
    gc.collect()
    cache = [cached(m.new, i) for i in range(300)]
    return [[n + 0 for n in numbers][::37] for numbers in (items, results, memo.values(), cache)], Thing.number


@functools.lru_cache(maxsize=None)
def cached(f, i):
    return f(i)


# In a thread, whose stack, where old words lie about, ends with it.
thread = threading.Thread(target=lambda: print("calls with others", calls_with_others()))
thread.start()
thread.join()
del Thing, thread
cached.cache_clear()
m.set(PLAIN, None)


class Right:
    def __add__(self, other):
        return ("left", other)

    def __radd__(self, other):
        return ("right", other)


class Callable:
    def __call__(self, *args):
        return len(args)


def deep(n):
    """The same register in many frames, and a collection while all of them wait."""
    return (a + n) + (deep(n - 1) if n else gc.collect() and 0)


def fail(n):
    if n:
        return (a + n) + fail(n - 1)
    raise ValueError("deep")


def through(n):
    yield (a + n) + len([n])
    yield (a + b) + len([n, n])


def across_calls():
    gc.collect()
    before, counts, results = alive(), [], []
    for i in range(50):
        (a + b) + len([i])
        (a + b) + str(i).count("1")
        (a + i) + sum([j for j in range(i)])
        (a + b) + Callable()(i, i)
        counts.append(alive() - before)
    results.append((counts[0], counts[-1]))
    results.append((a + b) + Callable()(i, *[i], **{}))
    results.append((a + b) + deep(20))
    gc.collect()
    try:
        (a + b) + fail(10)
    except ValueError as e:
        results.append(str(e))
    results.append((a + b) + next(through(3)))
    results.append([(a + b) + n for n in through(0)][1:])
    return results


print("across calls", across_calls())
gc.collect()


def failing():
    results = []
    for wrong in FAIL, REFUSE:
        try:
            (a + b) + (m.set(wrong, None) or 1)
        except (ValueError, TypeError) as e:
            results.append(str(e))
        m.set(PLAIN, None)
    results.append((a + b) + (m.set(REFUSE, None) or Right()))
    m.set(PLAIN, None)
    results.append((a + b).__class__.__name__)
    results.append(Right() + (a + b))
    total = [1]
    try:
        total += a + b
    except TypeError as e:
        results.append(str(e))
    return results


for line in failing():
    print("failing", line)


class Raises:
    @property
    def attribute(self):
        (a + b) + Right().attribute

    @property
    def number(self):
        return (a + b) + b


def raises_between():
    results = []
    for f in (lambda: (a + b) + undefined, lambda: (a + b) + Raises().attribute,
              lambda r: (a + b) + r.attribute, lambda r: (a + b) + (a + r.attribute)):
        try:
            f(*[Raises()][:f.__code__.co_argcount])
        except (NameError, AttributeError) as e:
            results.append(type(e).__name__)
    return results


def evaluates_between(r, items):
    return (a + b) + r.number, (a + r.number) + (b + r.number), (a + b) + (a + items[0])


print("raises", raises_between())
gc.collect()
print("after", alive() < 60)
print("between", evaluates_between(Raises(), [a, b]))


def deep(n, r):
    return a + b if n == 0 else (a + n) + deep(n - 1, r) + ((r.number + n) + r.number)


print("deep", deep(50, Raises()))


def many(r):
    return (a + 1) + ((a + 2) + ((a + 3) + ((a + 4) + ((a + 5) + ((a + 6) + r.number)))))


print("many", many(Raises()), many(Raises()))


def traced(frame, event, argument):
    frame.f_trace_opcodes = True
    return traced


def lines():
    return ((a +
             b) +
            a)


sys.settrace(traced)
result = lines()
sys.settrace(None)
print("traced", result)


def generator():
    yield a + b
    yield (a + b) + (yield)
    a + b


g = generator()
print("generator", next(g), next(g), g.send(a), list(g))

print("direct", m.call(m.take), m.call(m.refuse))
m.call(Callable())
m.call(repr)
for f, arguments in ((m.take, (1,)), (m.take, ()), (m.refuse, ()), (m.count, (1,)), (m.break_rules, ()),
                     (m.set, (PLAIN,)), (Callable(), (1,)), (len, ((1, 2),))):
    if f is m.set:
        continue
    try:
        result = m.call_with(f, *arguments)
        print("call", "count" if f is m.count else result)
    except (TypeError, ValueError, SystemError) as e:
        print("call", type(e).__name__)


def work():
    for i in range(2000):
        c = (a + b) + (a + i) + 1
        a + b
        m.new(i)
        m.new(i) + a.next()
        assert repr(c) == f"N{5 + i}"


threads = [threading.Thread(target=work) for i in range(4)]
for t in threads:
    t.start()
for t in threads:
    t.join()
del g, result, items
gc.collect()
print("left", alive() < 30)
