#!/usr/bin/python3.11
# SPDX-License-Identifier: MIT
"""How operations on shared data scale: bench/scaling.py under Orochi, one line per operation.

Equal work per thread; the speed-up with n threads is n * time(1) / time(n), medians of the rounds.
For the contended lock the figure of python3.11 is printed too: it may not be worse.
"""

import argparse
import json
import os
import pathlib
import statistics
import subprocess
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))
from bench import PYTHON, ROOT  # noqa: E402

SCRIPT = str(ROOT / "bench" / "scaling.py")


def measure(command, name, counts, rounds):
    times = {n: [] for n in counts}
    for _ in range(rounds):
        out = subprocess.run([command, SCRIPT, name, *map(str, counts)], capture_output=True,
                             text=True, timeout=300)
        if out.returncode:
            raise RuntimeError(out.stderr[-500:])
        for line in out.stdout.splitlines():
            n, seconds = line.split()
            times[int(n)].append(float(seconds))
    return {n: statistics.median(seconds) for n, seconds in times.items()}


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--orochi", default=str(ROOT / "build" / "orochi"))
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--threads", type=int, nargs="*")
    parser.add_argument("--json", type=pathlib.Path)
    parser.add_argument("names", nargs="*")
    options = parser.parse_args()
    cores = os.cpu_count() or 2
    counts = options.threads or [1, 2] + [n for n in (4, 8, 16) if n <= cores]
    orochi = os.path.abspath(options.orochi)
    names = options.names or subprocess.run([PYTHON, SCRIPT], capture_output=True,
                                            text=True).stdout.split()
    print(f"{'operation':20}{'1 thread':>11}" + "".join(f"{n:>4} threads" for n in counts[1:]))
    failed, results = False, {}
    for name in names:
        try:
            times = results[name] = measure(orochi, name, counts, options.rounds)
            line = f"{name:20}{times[1]:10.3f}s"
            line += "".join(f"{n * times[1] / times[n]:11.2f}x" for n in counts[1:])
            if name == "contended_lock":
                theirs = measure(PYTHON, name, counts, options.rounds)
                line += f"   2 threads: {times[2]:.3f}s, python3.11 {theirs[2]:.3f}s"
            print(line, flush=True)
        except (RuntimeError, subprocess.TimeoutExpired) as error:
            failed = True
            print(f"{name:20} FAILED: {error}")
    if options.json:
        options.json.write_text(json.dumps(results, indent=1) + "\n")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
