"""Extension code reads objects through the macros and inline functions of Python.h, without asking us,
while other threads change them. It must find what is, or was, there. Argument: how many seconds."""
import array
import collections
import contextvars
import datetime
import heapq
import os
import pickle
import random
import re
import subprocess
import sys
import threading
import time
import types
import weakref

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "support"))
from building import compile_library, load

SECONDS = float(sys.argv[1]) if len(sys.argv) > 1 else 3.0
SOURCE = os.path.join(os.path.dirname(os.path.abspath(__file__)), "support", "macros_module.c")
m = load("macros_module", compile_library("macros_module", SOURCE))
uses = [f for name, f in vars(m).items() if name.startswith("Py")]

# ---- Is there a function for each of them?

NOT_OF_OBJECTS = re.compile(
    r"Py(API_|Doc_|DTrace_|FPE_|Run_|Mem_|Import_|Err_|Eval_|Module_|CMethod_New$|CFunction_New|ThreadState_GET"
    r"|Object_(Del|GC_|HEAD_INIT|INIT|NEW|New)|VarObject_HEAD|Mapping_Del|Slice_GetInd|TimeZone_From|ODict_(C|G|Size)"
    r"|\w+_From\w+$|Vectorcall_NARGS|Type_IsSubtype)|Py_(ABS|ALIGNED|ARITH|ARRAY|BUILD|CHARMASK|Compile|DEPR|FORCE"
    r"|Fatal|GCC|IS[A-LNPSUX]\w|IS_(FINITE|INF|NAN)|LL|LOCAL|MAX|MEMBER|MIN|RETURN|SAFE|STRINGIFY|TOLOWER|TOUPPER"
    r"|TRASHCAN|ULL|UNICODE_|UNREACHABLE|UNUSED|VISIT)")


def missing():
    include = ["-I/usr/include/python3.11", "-include", "Python.h", "-include", "datetime.h", "-xc", "/dev/null"]
    macros = subprocess.run(["gcc", "-E", "-dM", *include], check=True, capture_output=True, text=True).stdout
    names = set(re.findall(r"^#define (Py\w+)\(", macros, re.M))
    code = subprocess.run(["gcc", "-E", "-P", *include], check=True, capture_output=True, text=True).stdout
    names |= set(re.findall(r"^static inline [\w *]*?\b(Py\w+)\(", code, re.M))
    return sorted(n for n in names - {f.__name__ for f in uses} if not NOT_OF_OBJECTS.match(n))


print("missing", missing())
print("sizes", [(m.PyUnicode_GET_SIZE(s), m.PyUnicode_WSTR_LENGTH(s), m.PyUnicode_AS_UNICODE(s))
                for s in map("".join, ["s", "sy", "s\xe9", "s\u1234", "s\U0001F600y"])])

# ---- What is read, and changed.


class Thing:
    def method(self):
        return self


class Other(Thing):
    pass


def value(i):
    return (i + 1000, f"s{i}", (i, f"s{i}"), "s" + chr(300 + i % 1000), f"s{chr(0x1F600 + i % 50)}")[i % 5]


def function(a, b=1, *, c=2):
    return a


def other_function(a, b=1, *, c=2):
    return b


def make_cell(x):
    def inner():
        return x

    def change(v):
        nonlocal x
        x = v
    return inner, change


inner, change_cell = make_cell(1)
KINDS = 6
lists = [[value(i) for i in range(50)] for _ in range(KINDS)]
heap = [1]
lists.append(heap)
dicts = [{i: value(i) for i in range(50)} for _ in range(KINDS)] + [collections.OrderedDict()]
byte_arrays = [bytearray(range(100)) for _ in range(KINDS)]
arrays = [array.array("l", range(50)) for _ in range(KINDS)]
sets = [set(range(50)) for _ in range(KINDS)]
things = [Thing() for _ in range(KINDS)]
views, references, tuples = [None] * KINDS, [None] * KINDS, [(1, 2)] * KINDS
for i in range(KINDS):
    views[i] = memoryview(byte_arrays[i])
    references[i] = weakref.ref(things[i])
constants = [
    None, True, 1, 1 << 100, 1.5, 2j, "", "s", "s\u1234", "s\U0001F600", b"bytes", (), range(3), slice(1), type, Thing,
    len, [].append, dict.fromkeys, str.upper, int.real, re, function.__code__, inner.__closure__[0], ValueError(1),
    ValueError, frozenset([1]), {}.keys(), {}.items(), {}.values(), iter([]), iter(int, 1), (i for i in []),
    Thing().method, m.instance_method(len), contextvars.ContextVar("v"), contextvars.copy_context(),
    datetime.datetime.now(datetime.timezone.utc), datetime.date(2026, 12, 1), datetime.time(1, 2, 3, 4),
    datetime.timedelta(1, 2, 3), datetime.timezone.utc, pickle.PickleBuffer(b"b"), sys._getframe(),
    m.PyStructSequence_SET_ITEM(1), weakref.proxy(Thing), types.MappingProxyType({}), datetime.datetime_CAPI, sys, re]


def change(r):
    k, i = r.randrange(KINDS), r.randrange(1000)
    what = r.randrange(21)
    if what == 0:
        lists[k].append(value(i))
    elif what == 1:
        lists[k] += [value(i)] * r.randrange(200)
    elif what == 2:
        lists[k].insert(0, value(i))
        lists[k].reverse()
    elif what == 3:
        lists[k].clear() if i % 4 == 0 else lists[k].__delitem__(slice(r.randrange(60), None, 1 + i % 3))
    elif what == 4:
        lists[k][:] = map(value, range(r.randrange(100)))
    elif what == 5:
        try:
            lists[k].sort(key=(id, repr)[i % 2]) if i % 4 else lists[k].__init__(map(value, range(i % 50)))
        except ValueError:
            pass  # list modified during sort
    elif what == 19:
        try:
            while r.randrange(10):
                lists[k].pop(-(i % 2))
        except IndexError:
            pass
        heap.append(i)
        while len(heap) > 20:
            heapq.heappop(heap)
        heap.sort()
    elif what == 20:
        lists[k] = [value(i) for i in range(r.randrange(50))]
    elif what == 6:
        dicts[k][i] = value(i)
        dicts[-1][i] = 1
    elif what == 7:
        dicts[k].clear() if i % 20 == 0 else dicts[k].pop(i % 100, None)
        dicts[-1].pop(i, None)
    elif what == 8:
        sets[k].add(i) if i % 2 else sets[k].discard(i % 100)
        sets[k] ^= {i}
    elif what == 9:
        view = views[k]
        views[k] = memoryview(byte_arrays[k])
        view.release()
    elif what == 10:
        try:
            byte_arrays[k].extend(bytes(i))
            del byte_arrays[k][r.randrange(300):], byte_arrays[k][:i % 400]
        except BufferError:
            views[k].release()
            byte_arrays[k] = bytearray(i)
    elif what == 11:
        byte_arrays[k] = bytearray(r.randrange(5000))
        views[k] = memoryview(byte_arrays[k])
    elif what == 12:
        new = arrays[k][i % 50:]
        new.extend(range(i % 100))
        arrays[k], views[k] = new, memoryview(new)
    elif what == 13:
        function.__defaults__ = (i,)
        function.__kwdefaults__ = {"c": i}
        function.__annotations__ = {"a": i}
    elif what == 14:
        function.__code__, other_function.__code__ = other_function.__code__, function.__code__
    elif what == 15:
        change_cell(value(i))
    elif what == 16:
        things[k] = Thing()
        references[k] = weakref.ref(things[k])
    elif what == 17:
        things[k].__class__ = Other if i % 2 else Thing
        things[k].attribute = i
    else:
        tuples[k] = tuple(zip([i], [f"s{i}"])) * 2


def readable(r):
    kind = r.randrange(12)
    rows = lists, dicts, byte_arrays, arrays, sets, things, views, references, tuples
    if kind < len(rows):
        return r.choice(rows[kind])
    if kind == 9:
        return r.choice((function, things[0].method, lists[0].append, inner.__closure__[0]))
    if kind == 10 and lists[0]:
        return next(iter(lists[0]), None)
    return r.choice(constants)


errors, done = [], {f.__name__: 0 for f in uses}
deadline = time.monotonic() + SECONDS


def repeat(f, seed):
    r = random.Random(seed)
    try:
        while time.monotonic() < deadline and not errors:
            for _ in range(50):
                f(r)
    except BaseException as e:
        errors.append(e)
        raise


def read(r):
    o = readable(r)
    for f in r.sample(uses, 20):
        try:
            f(o)
        except (IndexError, OverflowError):
            pass  # PySequence_ITEM of an empty one; PyLong_AS_LONG of a big one
        done[f.__name__] += 1


threads = [threading.Thread(target=repeat, args=(f, i)) for i, f in enumerate((read, change) * 3)]
for t in threads:
    t.start()
for t in threads:
    t.join()
print("errors", errors, "not used", [name for name, n in done.items() if n == 0])
