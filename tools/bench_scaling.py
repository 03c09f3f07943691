#!/usr/bin/python3.11
# SPDX-License-Identifier: MIT
"""How operations on shared data scale: bench/scaling.py under Orochi, one line per operation.

Equal work per thread. The speed-up with n threads is n * time(1) / time(n), where time(1) is the
mean of the measurements just before and just after; the median over the rounds is printed.

Beside it stands what the machine itself gives: in every round n independent processes with one
thread each do the same work at once, and their speed-up is computed in the same way. Threads
cannot be expected to do better than that. On a virtual machine whose cores have neighbours it is
often below n, and it changes from minute to minute. The third figure, "by CPU", is the speed-up in
processor time, n * n * used(1) / used(n): it does not see time spent waiting, neither for a lock
nor for a core that another program has, so it tells how much more work the threads make for each
other even while the machine is busy. It is below n too when a core gets slower because its neighbour
works; the "machine" beside it says by how much for the independent processes. No figure is
corrected by another.

For the contended lock python3.11's time is measured too, in the same rounds: it may not be worse.
"""

import argparse
import json
import os
import pathlib
import statistics
import subprocess
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))
from bench import ENVIRONMENT, PYTHON, ROOT  # noqa: E402

SCRIPT = str(ROOT / "bench" / "scaling.py")
SLICE = 0.15  # seconds that one measurement with one thread takes at least


class Worker:
    """A process that measures on request."""

    def __init__(self, command, operation):
        self.process = subprocess.Popen([command, SCRIPT, operation], stdin=subprocess.PIPE,
                                        stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
                                        env=ENVIRONMENT)

    def ask(self, n, threads):
        self.process.stdin.write(f"{n} {threads}\n")
        self.process.stdin.flush()

    def answer(self):
        line = self.process.stdout.readline()
        if not line:
            raise RuntimeError(self.process.stderr.read()[-500:])
        return tuple(map(float, line.split()))

    def measure(self, n, threads):
        self.ask(n, threads)
        return self.answer()

    def close(self):
        self.process.stdin.close()
        self.process.wait(60)


def calibrate(worker):
    """The number of operations that fill a slice."""
    n = 1000
    while True:
        seconds, _ = worker.measure(n, 1)
        if seconds >= SLICE:
            return n
        n = int(n * min(10, 1.1 * SLICE / seconds)) + 1


def measure_processes(workers, n):
    """(seconds until the last of them is done, mean processor seconds)"""
    for worker in workers:
        worker.ask(n, 1)
    answers = [worker.answer() for worker in workers]
    return max(t for t, _ in answers), statistics.fmean(t for _, t in answers)


def one_round(workers, rival, n, counts, before):
    """Figures by thread count, and the measurement of one thread that ends the round."""
    threads = {c: workers[0].measure(n, c) for c in counts}
    processes = {c: measure_processes(workers[:c], n) for c in counts}
    theirs = {c: rival.measure(n, c)[0] for c in counts} if rival else {}
    after = workers[0].measure(n, 1)
    seconds, used = ((x + y) / 2 for x, y in zip(before, after))
    return {"threads": {c: c * seconds / t for c, (t, _) in threads.items()},
            "by CPU": {c: c * c * used / t for c, (_, t) in threads.items()},
            "machine": {c: c * seconds / t for c, (t, _) in processes.items()},
            "machine by CPU": {c: c * used / t for c, (_, t) in processes.items()},
            "seconds": {c: t for c, (t, _) in threads.items()}, "python": theirs, "single": after}


def measure(orochi, operation, counts, rounds):
    workers = [Worker(orochi, operation) for _ in range(max(counts))]
    rival = Worker(PYTHON, operation) if operation == "contended_lock" else None
    try:
        n = calibrate(workers[0])
        runs, before = [], workers[0].measure(n, 1)
        for _ in range(rounds):
            runs.append(one_round(workers, rival, n, counts, before))
            before = runs[-1]["single"]
        for worker in workers[1:]:
            worker.measure(1, 1)
    finally:
        for worker in workers + ([rival] if rival else []):
            worker.close()
    result = {key: {c: statistics.median(run[key][c] for run in runs) for c in runs[0][key]}
              for key in ("threads", "machine", "by CPU", "machine by CPU", "seconds", "python")}
    return result | {"nanoseconds": statistics.median(run["single"][1] for run in runs) / n * 1e9}


def print_row(name, row, counts):
    line = f"{name:20}{row['nanoseconds']:9.1f} ns"
    line += "".join(f"{row['threads'][c]:10.2f}x{row['machine'][c]:9.2f}x{row['by CPU'][c]:9.2f}x"
                    f"{row['machine by CPU'][c]:9.2f}x" for c in counts)
    print(line, flush=True)
    if row["python"]:
        print("".join(f"{'':20}{c} threads: {row['seconds'][c]:.3f} s, python3.11 "
                      f"{row['python'][c]:.3f} s\n" for c in counts), end="", flush=True)


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--orochi", default=str(ROOT / "build" / "orochi"))
    parser.add_argument("--rounds", type=int, default=11)
    parser.add_argument("--threads", type=int, nargs="*", help="thread counts to compare with one")
    parser.add_argument("--json", type=pathlib.Path)
    parser.add_argument("names", nargs="*")
    options = parser.parse_args()
    cores = os.cpu_count() or 2
    counts = options.threads or [2] + [n for n in (4, 8, 16) if n <= cores]
    orochi = os.path.abspath(options.orochi)
    names = options.names or subprocess.run([PYTHON, SCRIPT], capture_output=True,
                                            text=True).stdout.split()
    print(f"{'operation':20}{'CPU, once':>12}"
          + "".join(f"{f'{c} threads':>11}{'machine':>10}{'by CPU':>10}{'machine':>10}"
                    for c in counts))
    failed, results = False, {}
    for name in names:
        try:
            results[name] = measure(orochi, name, counts, options.rounds)
            print_row(name, results[name], counts)
        except (RuntimeError, BrokenPipeError, subprocess.TimeoutExpired) as error:
            failed = True
            print(f"{name:20} FAILED: {error}")
    print("'machine': speed-up of as many independent processes doing the same at the same time.")
    if options.json:
        options.json.write_text(json.dumps(results, indent=1) + "\n")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
