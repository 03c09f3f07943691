"""Adds, discards and pops of one set from several threads."""
import threading


def run(*functions):
    threads = [threading.Thread(target=f) for f in functions]
    for t in threads:
        t.start()
    for t in threads:
        t.join()


shared = set()
run(*[lambda k=k: [shared.add((k + i) % 30000) for i in range(30000)] for k in range(4)])
print(len(shared), shared == set(range(30000)))

popped = [[] for _ in range(4)]


def drain(out):
    while True:
        try:
            out.append(shared.pop())
        except KeyError:
            return


run(*[lambda out=out: drain(out) for out in popped])
print(sorted(x for out in popped for x in out) == list(range(30000)), shared)

fixed = {str(i) for i in range(200)}
missing = []


def churn(k):
    for i in range(20000):
        fixed.add((k, i % 10))
        fixed.discard((k, i % 10))


def read():
    for _ in range(100):
        missing.extend(i for i in range(200) if str(i) not in fixed)


run(*[lambda k=k: churn(k) for k in range(2)], read, read)
print(len(fixed), missing)
