"""setdefault has one winner; inserts, deletes and reads of one dict at once stay consistent."""
import threading


def run(*functions):
    threads = [threading.Thread(target=f) for f in functions]
    for t in threads:
        t.start()
    for t in threads:
        t.join()


winners = {}
got = [[] for _ in range(4)]


def claim(k):
    for i in range(20000):
        got[k].append(winners.setdefault(i, k))


run(*[lambda k=k: claim(k) for k in range(4)])
print(len(winners), got[0] == got[1] == got[2] == got[3] == [winners[i] for i in range(20000)])

shared = {}
run(*[lambda k=k: [shared.__setitem__((k, i), i) for i in range(15000)] for k in range(4)])
print(len(shared), all(shared[k, i] == i for k in range(4) for i in range(15000)))

popped = [[] for _ in range(4)]


def drain(out):
    while True:
        try:
            out.append(shared.popitem())
        except KeyError:
            return


run(*[lambda out=out: drain(out) for out in popped])
print(sum(map(len, popped)), len(set().union(*popped)), shared)

table = {i: i for i in range(100)}
problems = []


def churn(k):
    for i in range(20000):
        key = 1000 + k * 7 + i % 5
        table[key] = i
        del table[key]


def read():
    for _ in range(300):
        for i in range(100):
            if table[i] != i:
                problems.append(i)
        copy = table.copy()
        if not all(copy[i] == i for i in range(100)):
            problems.append(copy)


run(*[lambda k=k: churn(k) for k in range(2)], read, read)
print(len(table), problems)

text = {}


def strings(k):
    for i in range(20000):
        text[f"name{i}"] = k
        assert f"name{i}" in text


run(*[lambda k=k: strings(k) for k in range(3)])
print(len(text), list(text) == sorted(text, key=lambda s: int(s[4:])) or len(text) == 20000)
