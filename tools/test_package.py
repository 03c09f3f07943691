#!/usr/bin/python3.11
# SPDX-License-Identifier: MIT
"""Runs a package's own tests under Orochi with pytest and compares each with a baseline.

One process per test file of those that FILES names, without the tests that the package itself marks as
slow; a process that dies is started again for the tests behind the one that it died in. Files of
test/packages/:

  NAME_oracle.json    per file how many tests pass under python3.11, and which do not (--oracle)
  NAME_baseline.json  per file the tests that pass under python3.11 and not under Orochi (--update)

Any other test that does not pass, a process that dies and one that hangs fail the run.
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
FOLDER = ROOT / "test" / "packages"
SITE = pathlib.Path("/usr/lib/python3/dist-packages")
PYTHON = "/usr/bin/python3.11"
RESTARTS = 20

# Per package, patterns below its folder: all, or what runs in a few minutes and reaches furthest into
# the interpreter.
FILES = {
    "numpy": [f"{part}/tests/test_*.py" for part in ("core", "lib", "linalg", "random", "fft", "ma")],
    "networkx": ["classes/tests/test_*.py", "algorithms/tests/test_[a-d]*.py", "readwrite/**/test_*.py", "utils/tests/test_*.py"],
    "dask": ["tests/test_[a-lo-z]*.py", "bag/tests/test_*.py", "array/tests/test_[a-l]*.py"],
    "h5py": ["_debian_h5py_serial/tests/test_*.py"],
    "zmq": ["tests/test_*.py"],
    "tornado": ["test/*_test.py"],
    "trio": ["_core/tests/test_*.py", "tests/test_*.py"],
    "simplejson": ["tests/test_*.py"],
    "bottleneck": ["tests/*_test.py"],
    "toolz": ["**/test_*.py"],
    "patsy": ["test_*.py"],
    "joblib": ["test/test_*.py"],
    "mpmath": ["tests/test_*.py"],
    "pandas": ["tests/base/test_*.py", "tests/libs/test_*.py", "tests/internals/test_*.py", "tests/apply/test_*.py",
               "tests/groupby/test_[a-f]*.py", "tests/strings/test_*.py", "tests/scalar/**/test_*.py"],
    "sympy": ["core/tests/test_[a-l]*.py", "utilities/tests/test_*.py", "polys/tests/test_[a-f]*.py"],
    "scipy": ["_lib/tests/test_*.py", "optimize/tests/test_[a-l]*.py", "special/tests/test_[a-l]*.py"],
    "sklearn": ["tests/test_[a-b]*.py", "utils/tests/test_[a-m]*.py", "tree/tests/test_*.py", "svm/tests/test_*.py"],
    "skimage": ["util/tests/test_*.py", "measure/tests/test_*.py", "morphology/tests/test_*.py"],
    "matplotlib": ["tests/test_[c-g]*.py", "tests/test_t*.py"],
    "astropy": ["table/tests/test_[a-m]*.py", "units/tests/test_*.py", "time/tests/test_*.py", "utils/tests/test_*.py"],
    "tables": ["tests/test_[a-q]*.py"],
    "statsmodels": ["tools/tests/test_*.py", "regression/tests/test_[l-r]*.py"],
}

# Tests that hang under python3.11 too, where these were recorded; an expression of pytest.
LEFT_OUT = {"dask": "not read_text_large and not blockwise_array_creation"}


def short_name(path, package):
    """core/tests/test_dtype.py is core/test_dtype."""
    parts = path.relative_to(SITE / package).with_suffix("").parts
    return "/".join(part for part in parts if part not in ("test", "tests"))


def all_files(package):
    """{name: path}"""
    return {short_name(path, package): path for pattern in FILES[package]
            for path in sorted((SITE / package).glob(pattern))}


def selection(path):
    """pytest's options that leave tests out."""
    expression = LEFT_OUT.get(path.relative_to(SITE).parts[0])
    return ["-m", "not slow and not network", *(["-k", expression] if expression else [])]


def run_once(command, path, folder, timeout):
    """How one process ended."""
    environment = dict(os.environ, PYTHONDONTWRITEBYTECODE="1", TMPDIR=folder, PYTHONHASHSEED="0",
                       PYTHONPATH=str(FOLDER), OUTCOMES=os.path.join(folder, "outcomes"),
                       OPENBLAS_NUM_THREADS="1", MPLBACKEND="agg", QT_QPA_PLATFORM="offscreen")
    with open(os.path.join(folder, "out"), "ab") as out:
        process = subprocess.Popen(
            [*command, "-m", "pytest", "-q", "-p", "no:cacheprovider", "-p", "record_outcomes",
             *selection(path), "--tb=short", "-rN", "-c", "/dev/null", "--rootdir", str(SITE), str(path)],
            cwd=folder, env=environment, stdin=subprocess.DEVNULL, stdout=out,
            stderr=subprocess.STDOUT, start_new_session=True)
        try:
            process.wait(timeout)
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()
            return "timeout"
    if process.returncode >= 0:
        return f"exit {process.returncode}"
    return "signal " + signal.Signals(-process.returncode).name


def read_outcomes(path):
    """The worst that was written of each test; "start" if nothing came after."""
    order = "start", "passed", "xfailed", "skipped", "failed"
    outcomes = {}
    if path.exists():
        for line in path.read_text().splitlines():
            outcome, _, test = line.partition(" ")
            if order.index(outcome) >= order.index(outcomes.get(test, "start")):
                outcomes[test] = outcome
    return outcomes


def run_file(command, path, timeout):
    """{"tests": {id: outcome}, "bad": ends by a signal or the time limit, "time": s, "output"}."""
    start = time.monotonic()
    bad = []
    with tempfile.TemporaryDirectory(prefix="orochi-package-") as folder:
        record = pathlib.Path(folder, "outcomes")
        for _ in range(RESTARTS):
            left = timeout - (time.monotonic() - start)
            before = len(read_outcomes(record))
            end = run_once(command, path, folder, max(left, 1))
            if end.startswith("exit"):
                break
            dead = [test for test, outcome in read_outcomes(record).items() if outcome == "start"]
            bad.append(f"{end} in {dead[-1] if dead else 'no test'}")
            if end == "timeout" or len(read_outcomes(record)) == before:
                break
        return {"tests": read_outcomes(record), "bad": bad,
                "time": round(time.monotonic() - start, 1),
                "output": pathlib.Path(folder, "out").read_text(errors="replace")}


def passed(result):
    return {test for test, outcome in result["tests"].items() if outcome in ("passed", "xfailed")}


def run_all(command, files, options):
    results = {}
    with concurrent.futures.ThreadPoolExecutor(options.jobs) as pool:
        futures = {pool.submit(run_file, command, path, options.timeout): name
                   for name, path in files.items()}
        for future in concurrent.futures.as_completed(futures):
            name = futures[future]
            result = results[name] = future.result()
            print(f"{name:36} {len(passed(result)):5} passed of {len(result['tests']):5}"
                  f"  {result['time']:6.1f} s  {'; '.join(result['bad'])}", flush=True)
            if options.log:
                pathlib.Path(options.log, name.replace("/", ".") + ".log").write_text(result["output"])
    return results


def read_json(name):
    path = FOLDER / name
    return json.loads(path.read_text()) if path.exists() else {}


def write_json(name, data):
    (FOLDER / name).write_text(json.dumps(data, indent=0, sort_keys=True) + "\n")


def record_oracle(package, results):
    oracle = read_json(f"{package}_oracle.json")
    for name, result in results.items():
        good = passed(result)
        oracle[name] = {"passed": len(good), "not": sorted(set(result["tests"]) - good)}
    write_json(f"{package}_oracle.json", oracle)


def missing(result, wanted):
    """Tests that pass under python3.11 and did not here; those that did not even start as a count."""
    good = passed(result)
    tests = set(result["tests"]) - good - set(wanted["not"])
    unseen = wanted["passed"] - len(good - set(wanted["not"])) - len(tests)
    return tests | ({f"{unseen} not run"} if unseen > 0 else set())


def report(results, oracle, baseline):
    """Prints what is new and the sum; returns the number of losses."""
    total = reached = losses = bad = 0
    for name in sorted(results):
        result, wanted = results[name], oracle.get(name, {"passed": 0, "not": []})
        total += wanted["passed"]
        reached += min(len(passed(result) - set(wanted["not"])), wanted["passed"])
        bad += len(result["bad"])
        for end in result["bad"]:
            print(f"BAD END {name}: {end}")
        for test in sorted(missing(result, wanted) - set(baseline.get(name, ()))):
            losses += 1
            print(f"LOST {name}: {test} ({result['tests'].get(test, 'not run')})")
    share = 100 * reached / total if total else 0
    print(f"\n{reached} of {total} tests that pass under python3.11 pass: {share:.2f} %;"
          f" {bad} processes died or hung; {losses} lost against the baseline")
    return losses + bad


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--orochi", default=str(ROOT / "build" / "orochi"))
    parser.add_argument("--oracle", action="store_true", help="record what python3.11 passes")
    parser.add_argument("--update", action="store_true", help="record what Orochi does not pass")
    parser.add_argument("--timeout", type=float, default=600, help="seconds for one file")
    parser.add_argument("--jobs", type=int, default=os.cpu_count())
    parser.add_argument("--log", help="folder for the output of each file")
    parser.add_argument("package", choices=FILES, metavar="package", help=", ".join(FILES))
    parser.add_argument("names", nargs="*", help="only these files, such as core/test_dtype")
    options = parser.parse_args()
    package, files = options.package, all_files(options.package)
    if options.names:
        files = {name: files[name] for name in options.names}
    if options.log:
        os.makedirs(options.log, exist_ok=True)
    if options.oracle:
        record_oracle(package, run_all([PYTHON], files, options))
        return 0
    results = run_all([os.path.abspath(options.orochi)], files, options)
    oracle, baseline = (read_json(f"{package}_{kind}.json") for kind in ("oracle", "baseline"))
    losses = report(results, oracle, baseline)
    if options.update:
        baseline.update({name: sorted(missing(result, oracle[name]))
                         for name, result in results.items() if name in oracle})
        write_json(f"{package}_baseline.json", {name: tests for name, tests in baseline.items() if tests})
        return 0
    return 1 if losses else 0


if __name__ == "__main__":
    sys.exit(main())
