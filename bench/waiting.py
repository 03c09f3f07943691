#!/usr/bin/python3.11
# SPDX-License-Identifier: MIT
"""Nobody waits for extension code.

    bench/waiting.py build/orochi [rounds]

- python: how fast a thread runs Python code while another sits in extension code for a second at
  a time, relative to its speed beside a second process that does the same (goal 0.95). The thread
  is pinned to one processor, what sits to another, in turns: they may differ in speed;
- released: two threads in NumPy operations that release the lock, their speed-up (goal 1.8), and
  the speed-up of two processes;
- mixed: two threads of Python and small NumPy calls, their time relative to python3.11's two
  threads with the same work (goal: at most 1).

Medians over the rounds."""

import os
import pathlib
import statistics
import subprocess
import sys
import tempfile
import threading
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))
SECONDS = 3
PROCESSORS = sorted(os.sched_getaffinity(0))


def python_work(n):
    table, total = {}, 0
    for i in range(n):
        table[i % 1000] = [i, str(i)]
        total += len(table[i % 1000][1])
    return total


def released_work(n):
    import numpy as np
    a = np.linspace(0.0, 1.0, 200000)
    for _ in range(n):
        np.sin(a)


def mixed_work(n):
    import numpy as np
    a = np.arange(10.0)
    total = 0.0
    for i in range(n):
        b = a + i
        row = {"k": i, "v": [j * 2 for j in range(20)]}
        total += b[3] + sum(row["v"])
    return total


def rate(f, n, seconds):
    """Calls of f(n) per second."""
    count, start = 0, time.perf_counter()
    while time.perf_counter() - start < seconds:
        f(n)
        count += 1
    return count / (time.perf_counter() - start)


def in_threads(f, n, count):
    threads = [threading.Thread(target=f, args=(n,)) for _ in range(count)]
    start = time.perf_counter()
    for t in threads:
        t.start()
    for t in threads:
        t.join()
    return time.perf_counter() - start


def pin(index):
    """The calling thread to one processor."""
    os.sched_setaffinity(0, {PROCESSORS[index % len(PROCESSORS)]})


def sit_on(stop, index):
    from crossing_module import sit
    pin(index)
    while not stop:
        sit(1.0)


def child(what, index):
    stop = []
    if what == "sit":  # a process that keeps a core busy
        sit_on(stop, index + 1)
    elif what == "alone":
        pin(index)
        print(rate(python_work, 20000, SECONDS))
    elif what == "beside":
        sitter = threading.Thread(target=sit_on, args=(stop, index + 1), daemon=True)
        sitter.start()
        time.sleep(0.05)
        pin(index)
        print(rate(python_work, 20000, SECONDS))
        stop.append(1)
    elif what.startswith("released"):
        released_work(10)
        print(in_threads(released_work, 400, int(what[-1])))
    elif what == "mixed":
        mixed_work(1000)
        print(in_threads(mixed_work, 100000, 2))


def start(program, what, index=0):
    return subprocess.Popen([program, __file__, "--child", what, str(index)],
                            stdout=subprocess.PIPE, text=True)


def run(program, what, index=0, count=1):
    jobs = [start(program, what, index) for _ in range(count)]
    return max(float(job.communicate()[0]) for job in jobs)


def main():
    from crossing import build_module
    orochi, rounds = sys.argv[1], int(sys.argv[2]) if len(sys.argv) > 2 else 3
    with tempfile.TemporaryDirectory() as folder:
        build_module(folder)
        os.environ["PYTHONPATH"] = folder
        python, released, machine, mixed = [], [], [], []
        for index in range(rounds):
            sitter = start(orochi, "sit", index)
            alone = run(orochi, "alone", index)
            sitter.kill()
            sitter.communicate()
            python.append(run(orochi, "beside", index) / alone)
            one = run(orochi, "released1")
            released.append(2 * one / run(orochi, "released2"))
            machine.append(2 * one / run(orochi, "released1", count=2))
            mixed.append(run(orochi, "mixed") / run("/usr/bin/python3.11", "mixed"))
        print(f"python beside extension code {statistics.median(python):.2f} of its speed alone")
        print(f"released: 2 threads {statistics.median(released):.2f}, 2 processes "
              f"{statistics.median(machine):.2f}")
        print(f"mixed: {statistics.median(mixed):.2f} of python3.11's time")


if __name__ == "__main__":
    child(sys.argv[2], int(sys.argv[3])) if sys.argv[1] == "--child" else main()
