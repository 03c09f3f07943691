# orochi
# SPDX-License-Identifier: MIT
"""Threads that make garbage, cyclic too, do not make the process grow."""
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


run(500)
before = peak()
run(4000)  # some 350 MB of garbage
grown = peak() - before
# Less than 1 MB is usual; under ThreadSanitizer, with its shadow, some 35 MB.
assert grown < 60_000, f"grew by {grown} KB"
