#!/usr/bin/python3.11
# SPDX-License-Identifier: MIT
"""Runs CPython's own regression tests under Orochi and compares every method with a baseline.

One process per test file (test/conformance/files.txt). The outcome of each method is recorded:
what passes under python3.11 is test/conformance/oracle.json (made by --oracle), what passed under
Orochi before is test/conformance/baseline.json (made by --update). A method that passed and no
longer does, a file that dies by a signal, or one that hangs, fails the run.
"""

import argparse
import concurrent.futures
import json
import os
import pathlib
import signal
import subprocess
import sys
import tempfile
import time

ROOT = pathlib.Path(__file__).resolve().parent.parent
FOLDER = ROOT / "test" / "conformance"
TESTS = "/usr/lib/python3.11/test"
PYTHON = "/usr/bin/python3.11"


def read_files(name):
    lines = (FOLDER / name).read_text().splitlines()
    return [line.strip() for line in lines if line.strip() and not line.startswith("#")]


def run_file(command, name, timeout):
    """Outcome of one file: {"methods": {id: outcome}, "end": how the process ended, "time": s}."""
    with tempfile.TemporaryDirectory(prefix="orochi-conformance-") as folder:
        record = os.path.join(folder, "record")
        environment = dict(os.environ, PYTHONDONTWRITEBYTECODE="1", TMPDIR=folder,
                           PYTHONHASHSEED="0")
        environment.pop("PYTHONPATH", None)
        start = time.monotonic()
        process = subprocess.Popen(
            [*command, str(FOLDER / "run_one.py"), name, record], cwd=folder, env=environment,
            stdin=subprocess.DEVNULL, stdout=open(os.path.join(folder, "out"), "wb"),
            stderr=subprocess.STDOUT, start_new_session=True)
        try:
            process.wait(timeout)
            end = f"exit {process.returncode}" if process.returncode >= 0 else (
                "signal " + signal.Signals(-process.returncode).name)
        except subprocess.TimeoutExpired:
            end = "timeout"
        try:
            os.killpg(process.pid, signal.SIGKILL)
        except ProcessLookupError:
            pass
        process.wait()
        methods = {}
        if os.path.exists(record):
            with open(record, errors="replace") as lines:
                for line in lines:
                    outcome, _, method = line.rstrip("\n").partition(" ")
                    if outcome != "start" or method not in methods:
                        methods[method] = outcome
        with open(os.path.join(folder, "out"), errors="replace") as out:
            output = out.read()
        return {"methods": methods, "end": end, "time": round(time.monotonic() - start, 1),
                "output": output}


def passed(result):
    return {method for method, outcome in result["methods"].items() if outcome == "ok"}


def run_all(command, files, timeout, jobs, log):
    results = {}
    with concurrent.futures.ThreadPoolExecutor(jobs) as pool:
        futures = {pool.submit(run_file, command, name, timeout): name for name in files}
        for future in concurrent.futures.as_completed(futures):
            name = futures[future]
            result = results[name] = future.result()
            print(f"{name:28} {len(passed(result)):5} ok of {len(result['methods']):5}"
                  f"  {result['end']:16} {result['time']:6.1f} s", flush=True)
            if log:
                (pathlib.Path(log) / f"{name}.log").write_text(result["output"])
    return results


def read_json(name):
    path = FOLDER / name
    return json.loads(path.read_text()) if path.exists() else {}


def report(results, oracle, baseline):
    """Prints the table; returns the number of losses."""
    total = reached = losses = bad_ends = 0
    for name in sorted(results):
        result = results[name]
        good = passed(result)
        wanted = set(oracle.get(name, ()))
        total += len(wanted)
        reached += len(wanted & good)
        lost = set(baseline.get(name, ())) - good
        losses += len(lost)
        for method in sorted(lost):
            print(f"LOST {name}: {method} ({result['methods'].get(method, 'not run')})")
        if result["end"].startswith(("signal", "timeout")):
            bad_ends += 1
            print(f"BAD END {name}: {result['end']}")
    share = 100 * reached / total if total else 0
    print(f"\n{reached} of {total} methods that pass under python3.11 pass: {share:.1f} %;"
          f" {bad_ends} files ended by a signal or hung; {losses} lost against the baseline")
    return losses


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--orochi", default=str(ROOT / "build" / "orochi"))
    parser.add_argument("--files", default="files.txt", help="list in test/conformance/")
    parser.add_argument("--oracle", action="store_true", help="record what python3.11 passes")
    parser.add_argument("--update", action="store_true", help="record what Orochi passes")
    parser.add_argument("--timeout", type=float, default=300)
    parser.add_argument("--jobs", type=int, default=os.cpu_count())
    parser.add_argument("--log", help="folder for the output of each file")
    parser.add_argument("names", nargs="*", help="only these files")
    options = parser.parse_args()
    files = options.names or read_files(options.files)
    if options.log:
        os.makedirs(options.log, exist_ok=True)
    if options.oracle:
        results = run_all([PYTHON], files, options.timeout, options.jobs, options.log)
        old = read_json("oracle.json")
        old.update({name: sorted(passed(result)) for name, result in results.items()})
        (FOLDER / "oracle.json").write_text(json.dumps(old, indent=0, sort_keys=True) + "\n")
        return 0
    command = [os.path.abspath(options.orochi), "-X", "implementation=orochi"]
    results = run_all(command, files, options.timeout, options.jobs, options.log)
    baseline = read_json("baseline.json")
    losses = report(results, read_json("oracle.json"), baseline)
    if options.update:
        baseline.update({name: sorted(passed(result)) for name, result in results.items()})
        (FOLDER / "baseline.json").write_text(json.dumps(baseline, indent=0, sort_keys=True) + "\n")
        return 0
    return 1 if losses else 0


if __name__ == "__main__":
    sys.exit(main())
