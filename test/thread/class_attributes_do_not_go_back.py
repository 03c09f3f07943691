# SPDX-License-Identifier: MIT
"""Who has seen a new value of a class attribute does not see an older one afterwards, whichever way
it reads: by a site that has a cache, by getattr, through a subclass or an instance."""
import threading


class Shared:
    value = 0


class Below(Shared):
    pass


def write():
    for n in range(1, 60001):
        Shared.value = n


def read(bad):
    instance, last = Below(), 0
    while last < 60000:
        a = Shared.value
        b = getattr(Shared, "value")
        c = Shared.value
        d = getattr(Below, "value")
        e = Below.value
        f = getattr(instance, "value")
        g = instance.value
        seen = (last, a, b, c, d, e, f, g)
        if sorted(seen) != list(seen):
            bad.append(seen)
        last = g


for _ in range(6):
    Shared.value, bad = 0, []
    threads = [threading.Thread(target=read, args=(bad,)) for _ in range(2)]
    threads.append(threading.Thread(target=write))
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    print(bad[:3])
