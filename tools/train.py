#!/usr/bin/python3.11
# SPDX-License-Identifier: MIT
"""Runs the training programs with an interpreter that counts what it does (`meson -Db_pgo=generate`); the
compiler reads its counts when the interpreter is built for use. `make build` does all three.

The programs are those of tools/training/: what programs usually do, one file for each part of the language. No program
that is measured (bench/, examples/) is among them, so that these show what any other program gains. Counts are copied for
the shared library, which has the same code.

usage: train.py BUILD-FOLDER
"""

import concurrent.futures
import os
import pathlib
import shutil
import subprocess
import sys
import tempfile

ROOT = pathlib.Path(__file__).resolve().parent.parent
TIMEOUT = 300  # seconds


def run(orochi, program):
    """None, or what is wrong. Each program runs where nothing of its name is found first."""
    with tempfile.TemporaryDirectory(prefix="orochi-train-") as folder:
        done = subprocess.run([orochi, "-I", program], cwd=folder, timeout=TIMEOUT,
                              stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True,
                              env={**os.environ, "PYTHONHASHSEED": "0", "HOME": folder})
    return None if done.returncode == 0 else f"{program} ended with {done.returncode}\n{done.stderr[-1000:]}"


def share_counts(build):
    """The compiler looks for counts under the name of the object that it makes."""
    for counts in list(build.glob("liborochi_*.a.p/*.gcda")):
        other = build / counts.parent.name.replace("liborochi_", "liborochi_shared_")
        other.mkdir(exist_ok=True)
        shutil.copy(counts, other)


def main():
    build = pathlib.Path(sys.argv[1]).resolve()
    for old in build.rglob("*.gcda"):
        old.unlink()
    programs = [str(path) for path in sorted((ROOT / "tools" / "training").glob("*.py"))]
    with concurrent.futures.ThreadPoolExecutor(os.cpu_count()) as pool:
        problems = list(filter(None, pool.map(lambda p: run(str(build / "orochi"), p), programs)))
    if not any(build.rglob("*.gcda")):
        problems.append(f"the interpreter in {build} wrote no counts there")
    share_counts(build)
    sys.exit("\n".join(problems) if problems else 0)


if __name__ == "__main__":
    main()
