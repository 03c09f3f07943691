# SPDX-License-Identifier: MIT
# Instances, classes, functions, closures, generators, frames and exceptions that outlived a
# collection get fresh objects; then garbage is made until young collections have happened.
import asyncio
import contextvars
import gc
import sys
import threading
import types
import weakref


class Item:
    def __init__(self, n):
        self.n = n

    def __repr__(self):
        return f"<{self.n}>"


def churn():
    for _ in range(40):
        [Item(i) for i in range(60)]
        {i: str(i) * 3 for i in range(60)}


def settle():
    gc.collect()


class Plain:
    pass


class Slots:
    __slots__ = "a", "b", "__dict__", "__weakref__"


class Managed:
    def __init__(self):
        self._value = None

    @property
    def value(self):
        return self._value

    @value.setter
    def value(self, v):
        self._value = [v]


def instances():
    for cls in Plain, Slots, types.SimpleNamespace, type("Fresh", (list,), {}), type("Error", (Exception,), {}):
        o = cls()
        settle()
        o.a = Item(1)
        churn()
        o.b = Item(2)
        churn()
        for n in range(30):
            setattr(o, f"name{n}", Item(n))
            [[] for _ in range(200)]
        churn()
        del o.name3
        o.name3 = Item(33)
        o.__dict__["late"] = Item(4)
        churn()
        print(o.a, o.b, o.name3, o.late, [getattr(o, f"name{n}") for n in range(30)])
        if cls is not types.SimpleNamespace:
            o.__dict__ = {"new": Item(5)}
            churn()
            print(o.new, vars(o))
            o.__dict__["more"] = Item(6)
            churn()
            print(vars(o))
    many = [Plain() for _ in range(50)]
    settle()
    for n, o in enumerate(many):
        o.x, o.y, o.z = Item(n), [n], str(n) + "!"
    churn()
    print([(o.x, o.y, o.z) for o in many])
    fresh = Plain()
    settle()
    fresh.__dict__ = {"only": Item(9)}
    churn()
    print(vars(fresh))
    m = Managed()
    settle()
    m.value = Item(1)
    churn()
    print(m.value)
    o = Plain()
    settle()
    o.__class__ = type("Other", (), {"tag": Item(3)})
    churn()
    print(o.tag, type(o).__name__)


def classes():
    class A:
        pass

    class B(A):
        pass

    b = B()
    settle()
    A.x = Item(1)
    churn()
    B.y = lambda self: self.x
    churn()
    print(b.x, b.y())
    A.__len__ = lambda self: 7
    A.__getattr__ = lambda self, name: Item(name)
    churn()
    print(len(b), b.nothing)
    B.__bases__ = (type("Mixin", (A,), {"mixed": Item(2)}),)
    churn()
    print(b.mixed, [c.__name__ for c in B.__mro__])
    A.__name__, A.__qualname__, A.__doc__ = "Named" + str(1), "Qual" + str(2), "Doc" + str(3)
    A.__module__ = "module" + str(4)
    A.__annotations__ = {"k": Item(5)}
    churn()
    print(A, A.__doc__, A.__annotations__)
    A.__name__ = "é" + str(12)
    churn()
    print(A.__name__, repr(object.__repr__(A()))[:20])
    for n in range(5):
        type(f"Sub{n}", (A,), {})
        churn()
    keep = [type(f"Kept{n}", (A,), {"n": Item(n)}) for n in range(20)]
    churn()
    print(sum(c.__name__.startswith("Kept") for c in A.__subclasses__()), keep[3].n)
    C = types.new_class("C", (), {}, lambda ns: ns.update(v=Item(1)))
    settle()
    C.__abstractmethods__ = frozenset({"m" + str(1)})
    C.attr = property(lambda self: Item("p"))
    churn()
    print(C.v, C.__abstractmethods__)


def functions():
    def f(a=1, *, b=2):
        return a, b

    settle()
    f.attr = Item(1)
    f.__defaults__ = (Item(2),)
    f.__kwdefaults__ = {"b": Item(3)}
    f.__annotations__["a"] = Item(4)
    f.__doc__ = "doc" + str(5)
    f.__name__ = "name" + str(6)
    f.__qualname__ = "qualname" + str(7)
    f.__module__ = "module" + str(8)
    churn()
    print(f.attr, f(), f.__annotations__, f.__doc__, f.__name__, f.__qualname__, f.__module__)
    f.__code__ = eval("lambda a=1, *, b=2: [a, b, 'new']").__code__
    churn()
    print(f())
    p = property()
    settle()
    p.__init__(lambda self: Item(1), lambda self, v: None, None, "doc" + str(1))
    churn()
    print(p.fget(0), p.__doc__)
    for wrap in staticmethod, classmethod:
        s = wrap(len)
        settle()
        s.attr = Item(2)
        s.__init__(lambda *a: Item(3))
        churn()
        print(s.attr, s.__func__())
    m = types.ModuleType("m")
    settle()
    m.x = Item(1)
    exec("y = [1, 2]\ndef g(): return y, x", m.__dict__)
    churn()
    print(m.x, m.y, m.g())


def closures():
    def outer():
        x = None
        items = []

        def setter(v):
            nonlocal x
            x = v

        def deleter():
            nonlocal x
            del x
        return setter, lambda: x, deleter, items

    setter, getter, deleter, items = outer()
    settle()
    setter(Item(1))
    churn()
    print(getter())
    deleter()
    setter([Item(2)])
    churn()
    print(getter())
    cell = types.CellType()
    settle()
    cell.cell_contents = Item(3)
    churn()
    print(cell.cell_contents)


def generators():
    def gen():
        a = b = None
        while True:
            got = yield a, b
            a, b = [got, Item("g")], a
            try:
                yield Item("inner")
            except ValueError as e:
                b = e

    g = gen()
    next(g)
    settle()
    for n in range(4):
        print(g.send(Item(n)))
        churn()
        print(next(g))
        churn()
    g = gen()
    next(g)
    settle()
    g.send(Item(1))
    churn()
    g.throw(ValueError(Item("thrown")))
    churn()
    print(repr(next(g)), g.gi_frame.f_locals["b"])
    g.__name__ = "name" + str(1)
    g.__qualname__ = "qualname" + str(2)
    churn()
    print(g.__name__, g.__qualname__)
    frame = g.gi_frame
    settle()
    frame.f_locals["late"] = Item(3)
    churn()
    print(sorted(frame.f_locals))

    def delegating():
        got = yield from gen()
        return got
    d = delegating()
    next(d)
    settle()
    print(d.send(Item(8)))
    churn()
    print(next(d), d.gi_yieldfrom.gi_frame.f_locals["a"])

    def handling():
        try:
            raise KeyError(Item(1))
        except KeyError as e:
            while True:
                yield e
                yield sys.exc_info()[1]
    h = handling()
    next(h)
    settle()
    try:
        raise ValueError(Item("outer"))
    except ValueError:
        churn()
        print(repr(next(h)), repr(sys.exc_info()[1]))
    churn()
    print(repr(next(h)))


def coroutines():
    async def leaf(n):
        await asyncio.sleep(0)
        return Item(n)

    async def agen():
        for n in range(6):
            await asyncio.sleep(0)
            churn()
            yield Item(n)

    async def main():
        settle()
        results = []
        queue = asyncio.Queue()
        event = asyncio.Event()
        future = asyncio.get_running_loop().create_future()
        settle()
        tasks = [asyncio.create_task(leaf(n)) for n in range(10)]
        settle()
        churn()
        results += await asyncio.gather(*tasks)
        churn()
        async for item in agen():
            results.append(item)
        await queue.put(Item("q"))
        churn()
        results.append(await queue.get())
        future.add_done_callback(lambda f: results.append(Item("done")))
        asyncio.get_running_loop().call_soon(future.set_result, Item("future"))
        churn()
        results.append(await future)
        event.set()
        await asyncio.sleep(0)
        a = agen()
        await a.asend(None)
        settle()
        results.append(await a.asend(None))
        try:
            await a.athrow(ValueError(Item("t")))
        except ValueError as e:
            results.append(e.args)
        churn()
        print(results)
    asyncio.run(main())


def exceptions():
    e = ValueError("x")
    settle()
    e.args = (Item(1),)
    e.attr = Item(2)
    e.add_note("note" + str(3))
    e.__cause__ = KeyError(Item(4))
    e.__context__ = IndexError(Item(5))
    churn()
    print(e.args, e.attr, e.__notes__, repr(e.__cause__), repr(e.__context__))
    settle()
    try:
        try:
            raise e
        except ValueError:
            local = Item(6)
            raise TypeError(Item(7)) from e
    except TypeError as t:
        churn()
        print(repr(t.__cause__), t.args, e.__traceback__.tb_frame.f_locals["local"])
        e.__traceback__.tb_next = t.__traceback__
        churn()
    churn()
    print(e.__traceback__.tb_next.tb_lineno > 0)
    e.with_traceback(None)
    for cls, args in (OSError, (1, "a", "f")), (SyntaxError, ("m",)), (StopIteration, (1,)), (
            SystemExit, (1,)), (UnicodeDecodeError, ("utf-8", b"ab", 0, 1, "r")), (ImportError, ("m",)), (
            NameError, ("n",)), (AttributeError, ("n",)):
        e = cls(*args)
        settle()
        for name in ("filename", "filename2", "strerror", "errno", "msg", "text", "value", "code", "reason",
                     "encoding", "name", "path", "obj", "print_file_and_line"):
            if hasattr(cls, name):
                setattr(e, name, "text" + str(1) if name in ("reason", "encoding") else Item(name))
        churn()
        print(cls.__name__, {n: str(getattr(e, n)) for n in sorted(dir(cls)) if n in (
            "filename", "strerror", "msg", "text", "value", "code", "reason", "encoding", "name", "path", "obj")})
        e.__init__(*args)
        e.__setstate__({"state": Item(9)})
        churn()
        print(e.state)
    deep = RuntimeError("root")
    settle()
    for n in range(20):
        try:
            raise deep
        except RuntimeError:
            [[] for _ in range(300)]
    churn()
    count, tb = 0, deep.__traceback__
    while tb:
        count, tb = count + 1, tb.tb_next
    print(count)


def frames():
    def keep():
        a = Item(1)
        frame = sys._getframe()
        settle()
        a = Item(2)
        b = Item(3)
        frame.f_trace = lambda *args: None
        churn()
        return frame
    frame = keep()
    settle()
    churn()
    print(frame.f_locals["a"], frame.f_locals["b"], frame.f_trace is not None)
    frame.f_locals["c"] = Item(4)
    churn()
    print(sorted(frame.f_locals))

    events = []

    def tracer(frame, event, arg):
        events.append((frame, event, arg))
        return tracer

    def traced(n):
        x = Item(n)
        settle()
        y = Item(n + 1)
        return x, y

    def traced_generator():
        settle()
        x = Item(1)
        yield x
        settle()
        yield Item(2)

    sys.settrace(tracer)
    got = traced(5), list(traced_generator())
    sys.settrace(None)
    churn()
    print(got, len({id(f) for f, e, a in events}), [a for f, e, a in events if e == "return"])

    def collect_then_trace(frame, event, arg):
        settle()
        return collect_then_trace

    sys.settrace(collect_then_trace)
    g = traced_generator()
    sys.settrace(None)
    churn()
    print(next(g), g.gi_frame.f_lineno - traced_generator.__code__.co_firstlineno)
    churn()
    print(next(g))


var = contextvars.ContextVar("var", default="default")


def contexts():
    context = contextvars.copy_context()
    settle()
    token = context.run(var.set, Item(1))
    churn()
    print(context[var], token.old_value)
    others = [contextvars.ContextVar("v" + str(n)) for n in range(20)]
    settle()
    for n, v in enumerate(others):
        context.run(v.set, Item(n))
        [[] for _ in range(200)]
    churn()
    print([context[v] for v in others])
    copy = context.copy()
    settle()
    copy.run(others[3].set, Item("copied"))
    churn()
    print(copy[others[3]], context[others[3]])

    def inner():
        tokens = [v.set(Item("t")) for v in others]
        churn()
        for v, t in zip(others, tokens):
            v.reset(t)
        return var.get()
    print(copy.run(inner), len(copy))


def threads():
    local = threading.local()
    local.x = None
    settle()
    local.x = Item(1)
    local.y = [Item(2)]
    churn()
    print(local.x, local.y)
    results = {}

    def work(n):
        local.x = Item(n)
        churn()
        for k in range(5):
            setattr(local, f"a{k}", Item(k))
            churn()
        results[n] = local.x, [getattr(local, f"a{k}") for k in range(5)]
    workers = [threading.Thread(target=work, args=(n,)) for n in range(3)]
    for w in workers:
        w.start()
    for w in workers:
        w.join()
    print(sorted(results.items()), local.x)


def weak():
    seen = []
    o = Plain()
    settle()
    r = weakref.ref(o, lambda ref: seen.append(Item("dead")))
    churn()
    print(r() is o)
    values, keys, refs = weakref.WeakValueDictionary(), weakref.WeakKeyDictionary(), weakref.WeakSet()
    settle()
    alive = [Item(n) for n in range(5)]
    for n, item in enumerate(alive):
        values[n] = item
        keys[item] = Item(n)
        refs.add(item)
    churn()
    print(list(values.items()), list(keys.items()), len(refs))
    proxy = weakref.proxy(o)
    settle()
    proxy.attr = Item(7)
    churn()
    print(o.attr)
    finalizer = weakref.finalize(o, seen.append, Item("final"))
    churn()
    del o, proxy
    settle()
    settle()
    print(sorted(map(str, seen)), r())
    method = weakref.WeakMethod(Managed().__init__)
    print(method.__class__.__name__)


for part in (instances, classes, functions, closures, generators, coroutines, exceptions, frames, contexts,
             threads, weak):
    print(part.__name__)
    part()
