# SPDX-License-Identifier: MIT
"""Eight threads mutate shared lists, dicts, sets and instances at random; every container must end
consistent and memory bounded. usage: soak.py [seconds]"""
import random
import resource
import sys
import threading
import time


class Thing:
    shared = 0

    def __init__(self, value):
        self.value = value


def consistent(lists, dicts, sets, things):
    for l in lists:
        assert len(list(l)) == len(l)
        assert all(type(x) in (int, str, tuple, float) for x in l), l
        assert sorted(map(str, l)) == sorted(str(x) for x in reversed(l))
    for d in dicts:
        keys = list(d)
        assert len(keys) == len(d) == len(set(keys))
        assert all(d[k] is not None for k in keys)
        assert dict(d.items()) == d
    for s in sets:
        items = list(s)
        assert len(items) == len(s) == len(set(items))
        assert all(x in s for x in items)
    for t in things:
        assert t.value is not None
        assert set(vars(t)) == set(t.__dict__)


def mutate(seed, stop, lists, dicts, sets, things):
    source = random.Random(seed)
    pick = source.choice
    while not stop.is_set():
        for _ in range(200):
            n = source.randrange(5000)
            item = pick((n, str(n), (n, str(n)), n / 7))
            kind = source.randrange(22)
            l, d, s, t = pick(lists), pick(dicts), pick(sets), pick(things)
            try:
                if kind == 0:
                    l.append(item)
                elif kind == 1:
                    l.pop()
                elif kind == 2:
                    l.insert(n % (len(l) + 1), item)
                elif kind == 3:
                    del l[n % 7:n % 11]
                elif kind == 4:
                    l[n % 50] = item
                elif kind == 5:
                    if len(l) > 2000:
                        l.clear()
                    l.extend([item] * (n % 9))
                elif kind == 6:
                    l.sort(key=str)
                elif kind == 7:
                    sum(1 for x in l if x == item)
                elif kind == 8:
                    d[item] = n
                elif kind == 9:
                    del d[item]
                elif kind == 10:
                    d.setdefault(item, str(n))
                elif kind == 11:
                    d.popitem()
                elif kind == 12:
                    d.update({item: 1, n: 2})
                elif kind == 13:
                    for k in d:
                        if n % 3:
                            break
                elif kind == 14:
                    s.add(item)
                elif kind == 15:
                    s.discard(item)
                elif kind == 16:
                    s.update((item, n))
                elif kind == 17:
                    s.pop()
                elif kind == 18:
                    setattr(t, f"a{n % 30}", item)
                elif kind == 19:
                    delattr(t, f"a{n % 30}")
                elif kind == 20:
                    t.__dict__[f"a{n % 30}"] = n
                else:
                    t.value = item
                    Thing.shared = n
            except (IndexError, KeyError, AttributeError, RuntimeError, ValueError):
                pass


def main(seconds):
    lists = [[] for _ in range(4)]
    dicts = [{} for _ in range(4)]
    sets = [set() for _ in range(4)]
    things = [Thing(i) for i in range(4)]
    stop = threading.Event()
    failures = []
    threading.excepthook = lambda args: failures.append(repr(args.exc_value))
    threads = [threading.Thread(target=mutate, args=(i, stop, lists, dicts, sets, things))
               for i in range(8)]
    start = time.monotonic()
    for thread in threads:
        thread.start()
    early = None
    while time.monotonic() - start < seconds and not failures:
        time.sleep(min(1.0, seconds / 10))
        if early is None and time.monotonic() - start > seconds / 4:
            early = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    stop.set()
    for thread in threads:
        thread.join()
    assert not failures, failures[:3]
    consistent(lists, dicts, sets, things)
    late = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    assert late < 3 * (early or late) + 100_000, (early, late)
    print("consistent")


if __name__ == "__main__":
    main(float(sys.argv[1]) if len(sys.argv) > 1 else 10)
