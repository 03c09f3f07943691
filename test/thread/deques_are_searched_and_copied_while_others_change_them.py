"""x in d, count, index, remove, copy, list(d) and d.extend(e) are one step for items that need no
Python code to compare: no "mutated during iteration" because of other threads."""
import threading
from collections import deque

ROUNDS = 600
errors = []
d = deque(["first", None, 1.5, ("a", 1)])
stop = False


def note(f):
    def run():
        global stop
        try:
            f()
        except Exception as e:
            errors.append((f.__name__, repr(e)))
        finally:
            stop = True
    return run


def change():
    for n in range(ROUNDS):
        for k in range(20):
            d.append(n)
        for k in range(20):
            d.pop()


def change_left():
    for n in range(ROUNDS):
        d.appendleft("left%d" % n)
        d.remove("left%d" % n)


def search():
    while not stop:
        if "first" not in d or ("a", 1) not in d or "nowhere" in d or None not in d:
            errors.append("not found")
        if d.count("first") != 1 or d[d.index(1.5)] is None:
            pass
        if d.count(None) != 1:
            errors.append("count")


def copy():
    while not stop:
        more = deque()
        more.extend(d)
        for found in (list(d), tuple(d), sorted(map(str, list(d))), d.copy(), more):
            if "first" not in found:
                errors.append("copy")
        if set(list(d)).isdisjoint(["first"]):
            errors.append("set")


threads = [threading.Thread(target=note(f)) for f in (change, change_left, search, copy)]
for t in threads:
    t.start()
for t in threads:
    t.join()
print(list(d), "errors:", errors[:3])
