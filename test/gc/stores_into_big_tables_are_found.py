"""A young collection finds what was stored into big tables since the last one."""
import random
import threading

d, s = {}, set()


def work(seed):
    r = random.Random(seed)
    for i in range(12000):
        k = (seed, r.randrange(20000))
        d[k] = [i]
        s.add(("s",) + k)
        if i % 7 == 0:
            d.pop((seed, r.randrange(20000)), None)
            s.discard(("s", seed, r.randrange(20000)))


threads = [threading.Thread(target=work, args=(i,)) for i in range(2)]
for t in threads:
    t.start()
for t in threads:
    t.join()
assert all(type(v) is list and type(v[0]) is int for v in d.values())
assert all(type(k) is tuple and len(k) == 3 for k in s)
print(len(d), len(s))
