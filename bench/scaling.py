# SPDX-License-Identifier: MIT
"""One operation on shared data, timed on request: equal work per thread.

usage: scaling.py operation; run by tools/bench_scaling.py. For each line "n threads" on standard
input, that many threads do the operation n times each, and a line comes back with the seconds it
took and the seconds of processor time that it used. So the tool alternates thread counts, and
processes, as closely as it wants. Every operation is a function `body(n)`; all threads share what
it touches.
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


OPERATIONS = (
    read_global, module_attribute, instance_attribute, class_attribute, method_call, closure_call,
    dict_get, list_index, set_membership, isinstance_abc, enum_member, dataclass_new,
    namedtuple_new, thread_local, private_lock, contended_lock,
)


def measure(body, n, threads):
    """(seconds, processor seconds) from when all threads are ready until the last one is done."""
    barrier = threading.Barrier(threads + 1)

    def work():
        body(100)
        barrier.wait()
        body(n)
        barrier.wait()

    workers = [threading.Thread(target=work) for _ in range(threads)]
    for worker in workers:
        worker.start()
    barrier.wait()
    start, used = time.perf_counter(), time.process_time()
    barrier.wait()
    result = time.perf_counter() - start, time.process_time() - used
    for worker in workers:
        worker.join()
    return result


def main():
    if len(sys.argv) < 2:
        print(*(body.__name__ for body in OPERATIONS), sep="\n")
        return
    body = next(body for body in OPERATIONS if body.__name__ == sys.argv[1])
    for line in sys.stdin:
        n, threads = map(int, line.split())
        print(*measure(body, n, threads), flush=True)


if __name__ == "__main__":
    main()
