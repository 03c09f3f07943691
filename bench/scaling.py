# SPDX-License-Identifier: MIT
"""One operation on shared data, equal work per thread: prints seconds for each thread count.

usage: scaling.py operation threads...; run by tools/bench_scaling.py. Every operation is a function
`body(n)` that does its work n times; all threads share what it touches.
"""
import abc
import collections
import collections.abc
import dataclasses
import enum
import math
import sys
import threading
import time

SHARED = 42
TABLE = {"key": object(), **{f"k{i}": i for i in range(100)}}
ITEMS = [object() for _ in range(100)]
MEMBERS = frozenset(range(0, 1000, 3))
LOCAL = threading.local()
CONTENDED = threading.Lock()


class Shape:
    sides = 4

    def __init__(self):
        self.size = 7

    def area(self):
        return self.size


class Colour(enum.Enum):
    RED = 1
    GREEN = 2


class Base(abc.ABC):
    @abc.abstractmethod
    def f(self):
        """Does nothing."""


class Derived(Base):
    def f(self):
        return 1


@dataclasses.dataclass
class Point:
    x: int
    y: int


Pair = collections.namedtuple("Pair", "left right")
SHAPE, DERIVED = Shape(), Derived()


def make_closure():
    captured = 5

    def inner(a):
        return a + captured
    return inner


CLOSURE = make_closure()


def read_global(n):
    for _ in range(n):
        SHARED; SHARED; SHARED; SHARED


def module_attribute(n):
    module = math
    for _ in range(n):
        module.pi; module.e; module.tau


def instance_attribute(n):
    shape = SHAPE
    for _ in range(n):
        shape.size; shape.size; shape.size


def class_attribute(n):
    for _ in range(n):
        Shape.sides; Shape.sides


def method_call(n):
    shape = SHAPE
    for _ in range(n):
        shape.area()


def closure_call(n):
    f = CLOSURE
    for _ in range(n):
        f(3)


def dict_get(n):
    table = TABLE
    for _ in range(n):
        table.get("key")


def list_index(n):
    items = ITEMS
    for _ in range(n):
        items[50]; items[51]


def set_membership(n):
    members = MEMBERS
    for i in range(n):
        i in members


def isinstance_abc(n):
    derived = DERIVED
    for _ in range(n):
        isinstance(derived, Base)


def enum_member(n):
    for _ in range(n):
        Colour.RED; Colour.GREEN


def dataclass_new(n):
    for i in range(n):
        Point(i, 2)


def namedtuple_new(n):
    for i in range(n):
        Pair(i, 2)


def thread_local(n):
    LOCAL.value = 1
    local = LOCAL
    for _ in range(n):
        local.value


def private_lock(n):
    lock = threading.Lock()
    for _ in range(n):
        with lock:
            pass


def contended_lock(n):
    lock = CONTENDED
    for _ in range(n):
        with lock:
            pass


WORK = {
    read_global: 20_000_000, module_attribute: 15_000_000, instance_attribute: 20_000_000,
    class_attribute: 20_000_000, method_call: 15_000_000, closure_call: 15_000_000,
    dict_get: 15_000_000, list_index: 20_000_000, set_membership: 20_000_000,
    isinstance_abc: 4_000_000,
    enum_member: 6_000_000, dataclass_new: 5_000_000, namedtuple_new: 4_000_000,
    thread_local: 15_000_000, private_lock: 6_000_000, contended_lock: 2_000_000,
}


def measure(body, n, threads):
    """Seconds from the moment all threads are ready until the last one is done."""
    barrier = threading.Barrier(threads + 1)

    def work():
        body(1000)
        barrier.wait()
        body(n)
        barrier.wait()

    workers = [threading.Thread(target=work) for _ in range(threads)]
    for worker in workers:
        worker.start()
    barrier.wait()
    start = time.perf_counter()
    barrier.wait()
    seconds = time.perf_counter() - start
    for worker in workers:
        worker.join()
    return seconds


if __name__ == "__main__":
    if len(sys.argv) < 3:
        print(*(body.__name__ for body in WORK), sep="\n")
    else:
        chosen = next(body for body in WORK if body.__name__ == sys.argv[1])
        for count in map(int, sys.argv[2:]):
            print(count, measure(chosen, WORK[chosen], count), flush=True)
