#!/usr/bin/python3.11
# SPDX-License-Identifier: MIT
"""Times the programs of bench/programs under Orochi and python3.11, paired A B A B, medians.

Prints a table, the geometric mean of the speed ratios, and peak memory; checks equal output.
Both programs of a pair run on the same processor, the pairs on one after the other: those of a
virtual machine may differ by a factor of two, as their neighbours do.
"speed" is the ratio of the wall times, "by CPU" that of the processor time used (user and system),
which varies less while the machine is busy with other things. The programs run without the caller's
PYTHON* variables: they change what is measured (PYTHONDONTWRITEBYTECODE would have Orochi compile
the library each time).
"""

import argparse
import ast
import collections
import json
import math
import os
import pathlib
import statistics
import subprocess
import sys
import tempfile

ROOT = pathlib.Path(__file__).resolve().parent.parent
PYTHON = "/usr/bin/python3.11"
ENVIRONMENT = {k: v for k, v in os.environ.items() if not k.startswith("PYTHON")}

Run = collections.namedtuple("Run", "seconds processor kilobytes output")

# Linux counts the peak memory of the process that a program was started from as the program's, so a
# small one starts it (7.5 MB; this one has 17, more than python3.11 needs for most programs).
LAUNCHER = """
import os, sys, time
report = int(sys.argv[1])
os.set_inheritable(report, False)
os.sched_setaffinity(0, map(int, sys.argv[2].split(",")))
start = time.perf_counter()
_, status, usage = os.wait4(os.posix_spawn(sys.argv[3], sys.argv[3:], os.environ), 0)
os.write(report, repr((time.perf_counter() - start, os.waitstatus_to_exitcode(status),
                       usage.ru_utime + usage.ru_stime, usage.ru_maxrss)).encode())
"""


PROCESSORS = sorted(os.sched_getaffinity(0))


def run(command, processors=PROCESSORS):
    """Runs it once, on these processors only; raises if it fails."""
    report, write = os.pipe()
    with tempfile.TemporaryFile() as out, open(report, "rb") as report:
        process = subprocess.Popen([PYTHON, "-I", "-S", "-c", LAUNCHER, str(write),
                                    ",".join(map(str, processors)), *command],
                                   stdout=out, stderr=subprocess.PIPE, env=ENVIRONMENT,
                                   pass_fds=[write])
        os.close(write)
        errors = process.communicate()[1]
        text = report.read()
        seconds, status, processor, kilobytes = (ast.literal_eval(text.decode()) if text
                                                 else (0, 1, 0, 0))
        if status != 0:
            raise RuntimeError(f"{' '.join(command)} ended with {status}:\n"
                               + errors.decode(errors="replace")[-800:])
        out.seek(0)
        return Run(seconds, processor, kilobytes, out.read())


def compare(orochi, against, program, rounds):
    """Medians of both, and of the ratios of pairs; the first pair warms the caches and does not
    count."""
    ours, theirs = [], []
    for i in range(rounds + 1):
        where = [PROCESSORS[i % len(PROCESSORS)]]
        a = run([against, str(program)], where)
        b = run([orochi, str(program)], where)
        if a.output != b.output:
            raise RuntimeError(f"{program.name}: outputs differ")
        if i > 0:
            theirs.append(a)
            ours.append(b)
    def median(field, runs):
        return statistics.median(getattr(run, field) for run in runs)
    row = {name + suffix: median(field, runs)
           for name, runs in (("python", theirs), ("orochi", ours))
           for suffix, field in (("", "seconds"), ("_cpu", "processor"), ("_kb", "kilobytes"))}
    for name, field in ("speed", "seconds"), ("by_cpu", "processor"):
        row[name] = statistics.median(getattr(a, field) / getattr(b, field)
                                      for a, b in zip(theirs, ours))
    return row


def geometric_mean(numbers):
    return math.exp(statistics.fmean(map(math.log, numbers)))


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--orochi", default=str(ROOT / "build" / "orochi"))
    parser.add_argument("--against", default=PYTHON,
                        help="compare with another build of Orochi instead of python3.11")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--json", help="also write the figures here")
    parser.add_argument("names", nargs="*")
    options = parser.parse_args()
    programs = sorted((ROOT / "bench" / "programs").glob("*.py"))
    if options.names:
        programs = [p for p in programs if p.stem in options.names]
    print(f"{'program':18} {os.path.basename(options.against):>11} {'orochi':>9} {'speed':>7} {'by CPU':>7} "
          f"{'memory':>8}")
    rows, failed = {}, []
    for program in programs:
        try:
            row = rows[program.stem] = compare(os.path.abspath(options.orochi),
                                               os.path.abspath(options.against), program,
                                               options.rounds)
        except RuntimeError as error:
            failed.append(program.stem)
            print(f"{program.stem:18} FAILED: {error}")
            continue
        print(f"{program.stem:18} {row['python']:10.3f}s {row['orochi']:8.3f}s "
              f"{row['speed']:6.2f}x {row['by_cpu']:6.2f}x "
              f"{row['orochi_kb'] / row['python_kb']:7.2f}x", flush=True)
    if rows:
        speeds = [row["speed"] for row in rows.values()]
        by_cpu = [row["by_cpu"] for row in rows.values()]
        print(f"geometric mean {geometric_mean(speeds):.3f} times its speed "
              f"({geometric_mean(by_cpu):.3f} by CPU), slowest {min(speeds):.2f} "
              f"({min(by_cpu):.2f}), {len(failed)} failed")
    if options.json:
        pathlib.Path(options.json).write_text(json.dumps(rows, indent=1) + "\n")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
