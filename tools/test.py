#!/usr/bin/python3.11
# SPDX-License-Identifier: MIT
"""The test command: everything that a change must pass, in this order.

  unit         the C programs of test/unit, by Meson
  scripts      test/<area>/*.py: the same program under Orochi and python3.11, outputs compared;
               a script whose first line is "# orochi" says itself what is right: it exits with 0;
               with "# orochi, with numpy" or "# with numpy" it is skipped where a package is not
               installed (any other script without its package just ends alike under both)
  stress       the scripts of test/thread and test/gc again: -X gc-stress, small young collections with the
               verifier, chaos mode
  conformance  CPython's regression tests against the recorded baseline (not with --quick)
  soak         test/soak.py beside all these (not with --quick)
  macros       tools/stress.py macros for a minute (not with --quick)

The last line counts: N passed, N failed. `--area packages/tasks` runs programs that use packages of Debian,
which are no part of the tests of every day.
"""

import argparse
import concurrent.futures
import os
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile

ROOT = pathlib.Path(__file__).resolve().parent.parent
PYTHON = "/usr/bin/python3.11"
SOAK_SECONDS = 45
MACRO_SECONDS = 60
NOT_SCRIPTS = {"unit", "conformance", "packages"}
PACKAGES = pathlib.Path("/usr/lib/python3/dist-packages")
LIBRARY = "libpython3.11.so.1.0"


SKIPPED = object()


class Tally:
    def __init__(self):
        self.passed = self.failed = 0
        self.skipped = []

    def add(self, name, problem):
        if problem is None:
            self.passed += 1
        elif problem is SKIPPED:
            self.skipped.append(name)
        else:
            self.failed += 1
            print(f"FAIL {name}\n     " + problem.replace("\n", "\n     "), flush=True)

    def close(self):
        """Prints the sum; the exit status."""
        if self.skipped:
            print(f"skipped, for want of a package: {', '.join(self.skipped)}")
        print(f"\n{self.passed} passed, {self.failed} failed")
        return int(self.failed > 0)


def patience():
    """How many seconds a program may take; more while the machine has other work."""
    return 120 * max(1.0, os.getloadavg()[0] / (os.cpu_count() or 1))


def stacks_of(process):
    """What its threads do, if there is a debugger on the machine to tell."""
    if shutil.which("gdb") is None:
        return b""
    try:
        return subprocess.run(["gdb", "-p", str(process.pid), "-batch", "-ex", "thread apply all bt 8"],
                              stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, timeout=60).stdout
    except subprocess.TimeoutExpired:
        return b""


def run(command, timeout=None, environment=None):
    """(exit status, output, errors), the status a text for signals and timeouts."""
    with tempfile.TemporaryDirectory(prefix="orochi-test-") as folder:
        with subprocess.Popen(command, cwd=folder, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                              stderr=subprocess.PIPE,
                              env={**os.environ, "PYTHONHASHSEED": "0", **(environment or {})}) as process:
            try:
                out, err = process.communicate(timeout=timeout or patience())
                return process.returncode, out, err
            except subprocess.TimeoutExpired:
                stacks = stacks_of(process)
                process.kill()
                out, err = process.communicate()
                return "timeout", out, err + stacks


def first_difference(ours, theirs):
    a, b = (text.decode(errors="replace").splitlines() for text in (ours, theirs))
    for number, (x, y) in enumerate(zip(a + ["<end>"], b + ["<end>"]), 1):
        if x != y:
            return f"line {number}: {x[:200]!r}, python3.11: {y[:200]!r}"
    return "outputs differ in length"


def header(path):
    """What the first line says: whether the script checks itself, and which packages it needs."""
    first = re.fullmatch(r"# (orochi)?(?:, )?(?:with (.*))?", path.read_text().partition("\n")[0])
    own, packages = first.groups() if first else (None, None)
    return own is not None, (packages or "").split()


def installed(package):
    """Whether there is such a folder or module, pure or compiled."""
    return (PACKAGES / package).exists() or any(PACKAGES.glob(f"{package}.*"))


def check_script(orochi, path, options=()):
    """None, SKIPPED, or what is wrong."""
    own, packages = header(path)
    if not all(map(installed, packages)):
        return SKIPPED
    status, out, err = run([orochi, *options, str(path)])
    tail = err.decode(errors="replace")[-600 if status != "timeout" else -20000:]
    if own:
        return None if status == 0 else f"ended with {status}\n{tail}"
    want_status, want_out, _ = run([PYTHON, "-B", str(path)])
    if status != want_status:
        return f"ended with {status}, python3.11 with {want_status}\n{tail}"
    return None if out == want_out else first_difference(out, want_out)


def prepare_library(build, wanted):
    """Lets the tests of embedding find the library. It is built if it is wanted, or was built before."""
    if wanted or (build / LIBRARY).exists():
        subprocess.run(["ninja", "-C", str(build), "--quiet", LIBRARY], check=True)
        os.environ["OROCHI_LIBRARY"] = str(build / LIBRARY)


def run_unit(build, tally):
    done = subprocess.run(["meson", "test", "-C", str(build), "--suite", "unit", "-q",
                           "--print-errorlogs"], capture_output=True, text=True)
    names = [line for line in done.stdout.splitlines() if " OK " in line or " FAIL " in line]
    for line in names:
        tally.add(line.strip(), None if " OK " in line else done.stdout[-1500:])
    if done.returncode and not names:
        tally.add("unit", done.stdout[-1500:] + done.stderr[-500:])
    if not names and not done.returncode:
        tally.passed += 1


def run_scripts(orochi, tally, area="*"):
    paths = [p for p in sorted((ROOT / "test").glob(f"{area}/*.py"))
             if p.parent.name not in NOT_SCRIPTS]
    jobs = [(f"{p.parent.name}/{p.stem}", p, ()) for p in paths]
    for p in paths:
        if p.parent.name in ("thread", "gc"):
            jobs.append((f"{p.parent.name}/{p.stem} under gc-stress", p, ("-X", "gc-stress=997")))
            jobs.append((f"{p.parent.name}/{p.stem} in young collections", p,
                         ("-X", "gc-young=50000", "-X", "gc-verify")))
            jobs += [(f"{p.parent.name}/{p.stem} in chaos {seed}", p, ("-X", f"chaos={seed}"))
                     for seed in (1, 2)]
    with concurrent.futures.ThreadPoolExecutor(os.cpu_count()) as pool:
        for job, problem in zip(jobs, pool.map(lambda j: check_script(orochi, j[1], j[2]), jobs)):
            tally.add(job[0], problem)


def run_conformance(orochi, tally):
    done = subprocess.run([PYTHON, "-B", str(ROOT / "tools" / "conformance.py"), "--orochi", orochi],
                          stdout=subprocess.PIPE, text=True)
    lines = done.stdout.splitlines()
    losses = [line for line in lines if line.startswith(("LOST", "BAD END"))]
    print("\n".join(lines[-1:]))
    tally.passed += int(lines[-1].split()[0]) if lines and lines[-1][:1].isdigit() else 0
    for loss in losses:
        tally.add("conformance", loss)
    if done.returncode and not losses:
        tally.add("conformance", done.stdout[-800:])


def check_soak(orochi):
    """None, or what is wrong."""
    status, out, err = run([orochi, str(ROOT / "test" / "soak.py"), str(SOAK_SECONDS)],
                           timeout=10 * SOAK_SECONDS)
    if status == 0 and out == b"consistent\n":
        return None
    return f"ended with {status}\n{err.decode(errors='replace')[-600:]}"


def check_macros():
    """None, or what is wrong."""
    done = subprocess.run([PYTHON, "-B", str(ROOT / "tools" / "stress.py"), "macros", "--soak",
                           str(MACRO_SECONDS)], stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                          text=True)
    return None if done.returncode == 0 else done.stdout[-2000:]


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--orochi", default=str(ROOT / "build" / "orochi"))
    parser.add_argument("--quick", action="store_true", help="without the regression tests")
    parser.add_argument("--area", help="only the scripts of test/AREA")
    parser.add_argument("--library", action="store_true", help="with the tests of the shared library")
    options = parser.parse_args()
    orochi = os.path.abspath(options.orochi)
    tally = Tally()
    if options.area in (None, "extensions"):
        prepare_library(pathlib.Path(orochi).parent,
                        options.library or not (options.area or options.quick))
    if options.area:
        run_scripts(orochi, tally, options.area)
        return tally.close()
    with concurrent.futures.ThreadPoolExecutor(1) as beside:
        soak = None if options.quick else beside.submit(check_soak, orochi)
        run_unit(pathlib.Path(orochi).parent, tally)
        run_scripts(orochi, tally)
        if soak is not None:
            run_conformance(orochi, tally)
            tally.add("soak", soak.result())
            tally.add("macros", check_macros())
    return tally.close()


if __name__ == "__main__":
    sys.exit(main())
