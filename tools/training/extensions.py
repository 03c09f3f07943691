"""Training: compiled modules of the standard library: operators, items, methods and attributes of their
types, calls in both directions, buffers."""
import ctypes
import decimal
import functools
import hashlib
import mmap
import sqlite3
import ssl
import sys
from decimal import Decimal


def amounts(n):
    total, rate, scale = Decimal(0), Decimal("1.0825"), Decimal("0.01")
    for i in range(n):
        row = {"price": Decimal(i) / 4, "count": i % 7}
        gross = row["price"] * rate + i
        total += gross * row["count"]
        if gross > 1000:
            total -= -gross
        total = (total + 1) % 1000003
    with decimal.localcontext() as context:
        context.prec = 50
        root = Decimal(2).sqrt(context)
    return total.quantize(scale), str(root)[:20], int(total), hash(total) == hash(total + 0), float(rate)


def order(values):
    return sorted(values, key=functools.cmp_to_key(lambda a, b: (a > b) - (a < b)))


def columns(n):
    class Pair(ctypes.Structure):
        _fields_ = [("number", ctypes.c_int), ("real", ctypes.c_double)]
    pairs = (Pair * 50)()
    numbers = (ctypes.c_int * 100)(*range(100))
    total = 0
    for i in range(n):
        pair = pairs[i % 50]
        pair.number = i
        pair.real += i / 2
        total += numbers[i % 100] + pairs[(i + 1) % 50].number
        numbers[i % 100] = i % 1000
    compare_type = ctypes.CFUNCTYPE(ctypes.c_int, ctypes.POINTER(ctypes.c_int), ctypes.POINTER(ctypes.c_int))
    compare = compare_type(lambda a, b: a[0] - b[0])
    library = ctypes.CDLL(None)
    library.qsort(numbers, len(numbers), ctypes.sizeof(ctypes.c_int), compare)
    for i in range(n // 4):
        total += library.abs(-i)
    return total, sum(numbers[10:20]), ctypes.sizeof(Pair), pairs[3].real


def rows(n):
    base = sqlite3.connect(":memory:")
    base.create_function("twice", 1, lambda x: x * 2)
    base.execute("create table t (id integer primary key, name text, value real)")
    base.executemany("insert into t (name, value) values (?, ?)", ((f"n{i}", i / 3) for i in range(n)))
    total = 0.0
    for number, name, value in base.execute("select id, name, value from t where id % 2"):
        total += value + len(name)
    return round(total, 6), base.execute("select sum(twice(id)) from t").fetchone()


def digests(n):
    whole = hashlib.sha256()
    for i in range(n):
        part = hashlib.md5(b"%d" % i)
        whole.update(part.digest())
    with mmap.mmap(-1, 4096) as memory:
        for i in range(n):
            memory[i % 4096] = i % 256
        total = sum(memory[:256]) + len(memory)
    return whole.hexdigest()[:16], total, ssl.RAND_status(), sys.getsizeof(whole) > 0


for _ in range(60):
    print(amounts(6000), order([Decimal(i * 37 % 101) for i in range(400)])[7])
    print(columns(4000), rows(1500), digests(2000))
