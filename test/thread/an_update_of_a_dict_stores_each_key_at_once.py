# SPDX-License-Identifier: MIT
"""D.update(E): every key has its old value or its new one, and updates in parallel lose no key."""
import threading


def run(*functions):
    threads = [threading.Thread(target=f) for f in functions]
    for t in threads:
        t.start()
    for t in threads:
        t.join()


KEYS = range(200)
shared = dict.fromkeys(KEYS, "old")
seen = set()
sizes = set()


def update(value):
    for _ in range(1000):
        shared.update(dict.fromkeys(KEYS, value))


def look():
    for _ in range(60):
        for key in KEYS:
            seen.add(shared[key])
        sizes.add(len(shared))
        seen.update(list(shared.values()))


run(lambda: update("a"), lambda: update("b"), look, look)
print(seen <= {"old", "a", "b"}, sizes)

grown = {}
run(*[lambda k=k: [grown.update({(k, i): i, (k, -i): -i}) for i in range(5000)] for k in range(4)])
print(len(grown), all(grown[k, i] == i for k in range(4) for i in range(-4999, 5000)))
source = {}
target = {}


def copy():
    for _ in range(300):
        try:
            target.update(source)
        except RuntimeError:  # source changed its size
            pass


run(lambda: [source.__setitem__(i, -i) for i in range(3000)], copy, copy)
print(all(target[i] == -i for i in target))
