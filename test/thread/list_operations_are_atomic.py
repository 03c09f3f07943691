"""Concurrent appends and pops lose nothing and invent nothing."""
import threading


def run(*functions):
    threads = [threading.Thread(target=f) for f in functions]
    for t in threads:
        t.start()
    for t in threads:
        t.join()


shared = []
run(*[lambda k=k: [shared.append((k, i)) for i in range(20000)] for k in range(4)])
print(len(shared), len(set(shared)))
for k in range(4):
    own = [i for who, i in shared if who == k]
    assert own == sorted(own), "appends of one thread keep their order"

popped = [[] for _ in range(4)]


def drain(out):
    while True:
        try:
            out.append(shared.pop())
        except IndexError:
            return


run(*[lambda out=out: drain(out) for out in popped])
print(sum(map(len, popped)), len(set().union(*popped)), shared)

extended = []
run(*[lambda k=k: [extended.extend([k] * 7) for _ in range(3000)] for k in range(3)])
print(len(extended))
runs = [extended[i:i + 7] for i in range(0, len(extended), 7)]
print(all(len(set(r)) == 1 for r in runs))

cells = [0] * 8
seen = set()


def flip(value):
    for _ in range(20000):
        cells[3] = value


def look():
    for _ in range(20000):
        seen.add(cells[3])


run(lambda: flip("a"), lambda: flip("b"), look)
print(seen <= {0, "a", "b"})

grow = []


def read():
    for _ in range(30000):
        try:
            assert grow[-1] is not None
        except IndexError:
            pass


run(lambda: [grow.append(i) for i in range(50000)], read, read)
print(grow == list(range(50000)))
