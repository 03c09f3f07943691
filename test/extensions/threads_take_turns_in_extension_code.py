# orochi, with numpy
"""Many threads in and out of extension code: short calls, calls that give the lock up, Python code in
between, threads that come and go, and fork. Nothing is lost, and nobody starves: a thread that makes
one short call after the other gets its turns beside others that never stop."""
import os
import threading
import time

import numpy as np

SECONDS, AT_MOST = 3.0, 60.0
TURNS = 3
start = time.monotonic()
problems = []


def going_on():
    """Longer on a machine that gives this process little time."""
    past = time.monotonic() - start
    return past < SECONDS or past < AT_MOST and min(turns.values()) < TURNS


def check(ok, what):
    if not ok:
        problems.append(what)


def short(name):
    a, n = np.arange(10.0), 0
    while going_on():
        check((a + n)[3] == 3.0 + n, name)
        n += 1
        turns[name] = n


def giving_up(name):
    a, n = np.linspace(0.0, 1.0, 20000), 0
    want = float(np.sin(a).sum())
    while going_on():
        check(float(np.sin(a).sum()) == want, name)
        n += 1
        turns[name] = n


def thinking(name):
    a, n = np.ones(3), 0
    while going_on():
        b = a * n
        check(sum([i * 2 for i in range(100)]) == 9900 and b[1] == n, name)
        n += 1
        turns[name] = n


def calling_back(name):
    f, n = np.frompyfunc(lambda x, y: x + y, 2, 1), 0
    while going_on():
        check(list(f([1, 2, 3], n)) == [1 + n, 2 + n, 3 + n], name)
        n += 1
        turns[name] = n


def starting(name):
    n = 0
    while going_on():
        t = threading.Thread(target=lambda: np.zeros(5).sum())
        t.start()
        t.join()
        n += 1
        turns[name] = n


def forking(name):
    n = 0
    while going_on():
        child = os.fork()
        if child == 0:
            os._exit(0 if (np.arange(3) + 1).sum() == 6 else 1)
        check(os.waitpid(child, 0)[1] == 0, name)
        n += 1
        turns[name] = n
        time.sleep(0.05)


kinds = [short, short, short, giving_up, giving_up, thinking, thinking, calling_back, starting,
         forking]
turns = {f"{f.__name__} {i}": 0 for i, f in enumerate(kinds)}
threads = [threading.Thread(target=f, args=(name,)) for f, name in zip(kinds, turns)]
for t in threads:
    t.start()
for t in threads:
    t.join()
assert not problems, problems[:5]
assert min(turns.values()) >= TURNS, turns
