# What has a list of weak references does not keep them alive.
import array
import collections
import gc
import re
import threading
import types
import weakref


def generator():
    yield


async def coroutine():
    pass


class Plain:
    def method(self):
        pass


class Slotted:
    __slots__ = "__weakref__",


def referents():
    c = coroutine()
    yield "function", lambda: None
    yield "method", Plain().method
    yield "built-in method", [].append
    yield "class", type("C", (), {})
    yield "instance", Plain()
    yield "slots", Slotted()
    yield "set", {1}
    yield "frozenset", frozenset([1])
    yield "generator", generator()
    yield "coroutine", c
    c.close()
    yield "code", compile("0", "f", "eval")
    yield "module", types.ModuleType("m")
    yield "deque", collections.deque()
    yield "array", array.array("i")
    yield "memoryview", memoryview(b"")
    yield "pattern", re.compile("x+y")
    yield "lock", threading.Lock()
    yield "partial", __import__("functools").partial(int)


def attach(referent):
    weakref.ref(referent, lambda r: None)
    r = weakref.ref(referent)
    assert weakref.getweakrefcount(referent) >= 1
    return r() is referent


def use_stack():
    """So that no stale word there keeps the reference alive."""
    other = Plain()
    sorted([3, 1, 2], key=lambda x: attach(other) and x)


for name, referent in referents():
    gc.collect()  # it is old
    ok = attach(referent)
    use_stack()
    gc.collect()
    print(name, ok, weakref.getweakrefcount(referent))
