# orochi
# SPDX-License-Identifier: MIT
"""Threads that make garbage, cyclic too, do not make the process grow."""
import os
import threading


def peak():
    with open("/proc/self/status") as status:
        return next(int(line.split()[1]) for line in status if line.startswith("VmHWM"))


def work(rounds):
    for i in range(rounds):
        cycle = [i, {"key": str(i)}]
        cycle.append(cycle)
        text = "x" * 20_000
        numbers = [float(n) for n in range(100)]
    return cycle, text, numbers


def run(rounds):
    threads = [threading.Thread(target=work, args=(rounds,)) for _ in range(4)]
    for t in threads:
        t.start()
    for t in threads:
        t.join()


run(2000)
before = peak()
run(4000)  # some 350 MB of garbage
grown = peak() - before
# 6 MB at most is usual. ThreadSanitizer keeps several bytes of shadow for each byte that was ever used.
limit = 400_000 if "TSAN_OPTIONS" in os.environ else 30_000
assert grown < limit, f"grew by {grown} KB"
