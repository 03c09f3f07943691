# SPDX-License-Identifier: MIT
"""Globals, class attributes and cells hold one of the values that were stored, whole."""
import threading

counter = ("global", 0, 0)


class Shared:
    value = ("class", 0, 0)


def make_cell():
    value = ("cell", 0, 0)

    def get():
        return value

    def put(n):
        nonlocal value
        value = ("cell", n, n)
    return get, put


def put_global(n):
    global counter
    counter = ("global", n, n)


def put_class(n):
    Shared.value = ("class", n, n)


get_cell, put_cell = make_cell()
PAIRS = {"global": (lambda: counter, put_global), "cell": (get_cell, put_cell),
         "class": (lambda: Shared.value, put_class),
         "instance": (lambda i=Shared(): i.value, put_class)}
for title, (get, put) in PAIRS.items():
    bad = []
    put(0)  # nothing is left of the round before, which stored into the same class

    def write(base):
        for i in range(8000):
            put(base + i)

    def read():
        last = {}
        for _ in range(8000):
            kind, a, b = get()
            if a != b or kind not in ("global", "cell", "class"):
                bad.append((kind, a, b))
            # What one writer stored comes in its order.
            writer = a // 100000
            if a < last.get(writer, 0):
                bad.append(("went back", a, last))
            last[writer] = a

    threads = [threading.Thread(target=f, args=a)
               for f, a in ((write, (100000,)), (write, (200000,)), (read, ()), (read, ()))]
    for t in threads:
        t.start()
    for t in threads:
        t.join()
    print(title, bad[:2], get()[1] in (107999, 207999))


def come_and_go():
    for _ in range(8000):
        globals()["passing"] = 1
        try:
            del globals()["passing"]
        except KeyError:
            pass


def use():
    for _ in range(8000):
        try:
            assert passing == 1
        except NameError:
            pass


threads = [threading.Thread(target=f) for f in (come_and_go, come_and_go, use, use)]
for t in threads:
    t.start()
for t in threads:
    t.join()
print("passing" in globals())
