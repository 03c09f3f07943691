import os
import shutil
import subprocess
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "support"))
from building import FOLDER, compile_library, path

if shutil.which("cython3") is None:
    raise SystemExit("skipped: no cython3")
SOURCE = '''
# cython: language_level=3
cdef class Counter:
    """Counts."""
    cdef public int value
    cdef object log
    def __init__(self, int start=0):
        self.value = start
        self.log = []
    def add(self, int n=1, *, times=1):
        """Adds."""
        for _ in range(times):
            self.value += n
            self.log.append(n)
        return self
    cpdef int twice(self):
        return self.value * 2
    def call(self):
        return self.twice()
    def __len__(self): return len(self.log)
    def __getitem__(self, i): return self.log[i]
    def __add__(a, b): return (type(a).__name__, type(b).__name__)
    def __richcmp__(self, other, int op): return op == 2
    def __hash__(self): return 7
    property doubled:
        def __get__(self): return self.value * 2
        def __set__(self, v): self.value = v // 2

def fib(n):
    a, b = 0, 1
    while a < n:
        yield a
        a, b = b, a + b

def echo():
    got = None
    try:
        while True:
            got = yield got
    except ValueError as e:
        return str(e)

async def wait(x):
    return await x

def fail(x):
    try:
        return 1 / x
    except ZeroDivisionError as e:
        raise KeyError("no") from e

def closure(n):
    return [lambda i=i: i * n for i in range(3)]

def total(double[:] view):
    cdef double s = 0
    for i in range(view.shape[0]):
        s += view[i]
    return s

def keywords(a, b=2, *args, c, **kw):
    return a, b, args, c, sorted(kw)

class Plain(dict):
    x = 5
    def get_x(self): return super().get("x", self.x)

def text(str s):
    return s.upper() + f"{len(s):03d}", [c for c in s], s[1:], s.encode()

def nogil_sum(long n):
    cdef long i, s = 0
    with nogil:
        for i in range(n):
            s += i
    return s
'''
with open(path("cy_mod.pyx"), "w") as f:
    f.write(SOURCE)
subprocess.run(["cython3", path("cy_mod.pyx")], check=True)
compile_library("cy_mod", "cy_mod.c")
sys.path.insert(0, FOLDER.name)
import cy_mod as m

c = m.Counter(3)
print(c.add(4).value, c.add(1, times=2).value, len(c), c[0], c.twice(), c.doubled, c + 1, 1 + c, c == 5, hash(c))
c.doubled = 20
print(c.value, m.Counter.__doc__, m.Counter.add.__doc__, m.Counter.add.__name__)
print(list(m.fib(50)), sum(m.fib(10 ** 6)), type(m.fib(1)).__name__)
e = m.echo()
print(next(e), e.send(5), e.send("x"))
try:
    e.throw(ValueError("stop"))
except StopIteration as s:
    print("returned", s.value)


def outer():
    return (yield from m.echo())


o = outer()
next(o)
try:
    o.throw(ValueError("inner"))
except StopIteration as s:
    print("outer", s.value)
import asyncio


async def five():
    await asyncio.sleep(0)
    return 5


print(asyncio.run(m.wait(five())))
try:
    m.fail(0)
except KeyError as e:
    import traceback
    print(repr(e.__cause__), e.__context__ is e.__cause__)
    print([(f.name, f.lineno) for f in traceback.extract_tb(e.__traceback__)][1:])
print([f() for f in m.closure(10)], m.keywords(1, 3, 4, c=5, d=6), m.text("abc"), m.nogil_sum(1000))
import array
print(m.total(array.array("d", [1, 2, 3.5])), m.Plain().get_x(), m.Plain(x=1).get_x())
for wrong in (lambda: c.add("x"), lambda: m.keywords(1), lambda: c.add(1, bad=2), lambda: m.text(5),
              lambda: c.nothing, lambda: m.total(b"abc"), lambda: m.Counter(2 ** 40)):
    try:
        print(wrong())
    except Exception as e:
        print(type(e).__name__, e)


class Sub(m.Counter):
    def twice(self):
        return 99


s = Sub(1)
s.extra = [s]
print(s.call(), s.twice(), s.extra[0] is s, isinstance(s, m.Counter))
