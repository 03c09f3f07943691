# orochi
# Threads pass objects with __del__ around; none is finalized while somebody can reach it.
import collections, random, sys, threading, queue
import time
T = 4
N = int(sys.argv[1]) if len(sys.argv) > 1 else 3000
bad = []
class X:
    def __init__(self): self.dead = False; self.child = None
    def __del__(self): self.dead = True
shared = collections.deque()
slots = [None] * 64
table = {}
q = queue.SimpleQueue()
def check(x):
    if x is not None and x.dead:
        bad.append(x)
def gen(x):
    try:
        while True:
            yield x
    finally:
        pass
def work(seed):
    r = random.Random(seed)
    mine = []
    x = X()
    for i in range(N):
        k = r.randrange(14)
        if k == 0: x = X()
        elif k == 1: shared.append(x)
        elif k == 2:
            try: x = shared.popleft()
            except IndexError: pass
        elif k == 3: slots[r.randrange(64)] = x
        elif k == 4: x = slots[r.randrange(64)] or x
        elif k == 5: table[r.randrange(64)] = x
        elif k == 6: x = table.pop(r.randrange(64), x)
        elif k == 7: q.put(x)
        elif k == 8:
            try: x = q.get_nowait()
            except queue.Empty: pass
        elif k == 9: y = X(); y.child = x; x = y
        elif k == 10: x = x.child or x
        elif k == 11: mine.append([x]); x = X()
        elif k == 12 and mine: (x,) = mine.pop(r.randrange(len(mine)))
        elif k == 13:
            a, b = x, (x, i)
            g = gen(x); next(g)
            x = b[0]
            x = next(g)
            c = [a, b]
            f = lambda: x
            check(f())
        check(x)
    for l in mine:
        check(l[0])
threads = [threading.Thread(target=work, args=(s,)) for s in range(T)]
for t in threads: t.start()
for t in threads: t.join()
for x in list(shared) + slots + list(table.values()): check(x)
assert not bad, len(bad)
