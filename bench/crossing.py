#!/usr/bin/python3.11
# SPDX-License-Identifier: MIT
"""What it costs to cross into extension code and back, one thread, against python3.11.

    bench/crossing.py build/orochi [rounds]

Processor time per operation; both interpreters take turns, the best of the rounds counts. Goal: at
most 1.3 times python3.11's time."""

import os
import pathlib
import subprocess
import sys
import tempfile

SOURCE = pathlib.Path(__file__).with_name("crossing_module.c")


def build_module(folder):
    subprocess.run(["gcc", "-O2", "-shared", "-fPIC", "-I/usr/include/python3.11", str(SOURCE), "-o",
                    os.path.join(folder, "crossing_module.so")], check=True)


def fast_call(n):
    from crossing_module import nothing
    for _ in range(n):
        nothing(1, 2)


def attribute(n):
    from crossing_module import Thing
    thing = Thing()
    for _ in range(n):
        thing.x


def callback(n):
    from crossing_module import call_back
    call_back(lambda x: x, n)


def numpy_add(n):
    import numpy as np
    a, b = np.arange(10.0), np.ones(10)
    for _ in range(n):
        a + b


def lxml_parse(n):
    from lxml import etree
    text = "<a>" + "".join(f'<b id="{i}">text<c/></b>' for i in range(20)) + "</a>"
    for _ in range(n):
        etree.fromstring(text)


OPERATIONS = {"fast_call": 1000000, "attribute": 1000000, "callback": 1000000,
              "numpy_add": 300000, "lxml_parse": 8000}


def child(name):
    import time
    n = OPERATIONS[name]
    f = globals()[name]
    f(n // 20)
    times = []
    for _ in range(3):
        start = time.process_time()
        f(n)
        times.append(time.process_time() - start)
    print(min(times) / n * 1e9)


def main():
    rounds = int(sys.argv[2]) if len(sys.argv) > 2 else 3
    names = sys.argv[3:] or list(OPERATIONS)
    with tempfile.TemporaryDirectory() as folder:
        build_module(folder)
        environment = dict(os.environ, PYTHONPATH=folder)
        print(f"{'operation':12} {'python3.11':>11} {'orochi':>9}  ratio")
        for name in names:
            best = {}
            for _ in range(rounds):
                for program in ("/usr/bin/python3.11", sys.argv[1]):
                    out = subprocess.run([program, __file__, "--child", name], env=environment,
                                         stdout=subprocess.PIPE, text=True)
                    if out.returncode == 0:
                        best[program] = min(best.get(program, 1e18), float(out.stdout))
            if len(best) < 2:
                print(f"{name:12} did not run")
                continue
            theirs, ours = best["/usr/bin/python3.11"], best[sys.argv[1]]
            print(f"{name:12} {theirs:8.1f} ns {ours:6.1f} ns  {ours / theirs:5.2f}", flush=True)


if __name__ == "__main__":
    child(sys.argv[2]) if sys.argv[1] == "--child" else main()
