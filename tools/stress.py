#!/usr/bin/python3.11
# SPDX-License-Identifier: MIT
"""Trust: the thread and collector tests under every kind of pressure.

  tsan, asan   sanitizer builds (clang), no suppressions of our own code
  gc           -X gc-stress with the verifier
  chaos        -X chaos with many seeds (--seeds)
  steal        beside real-time processes that take the processors away for milliseconds, as a busy
               host does to its guests; the tests of extensions too
  soak         test/soak.py for --soak seconds: 8 threads mutate shared containers at random
  macros       for --soak seconds, with AddressSanitizer: extension code reads through the macros of
               Python.h what other threads change
"""

import argparse
import concurrent.futures
import contextlib
import multiprocessing
import os
import pathlib
import random
import subprocess
import sys
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))
from test import ROOT, check_script, run  # noqa: E402

SANITIZERS = {"tsan": "thread", "asan": "address"}
MACROS = ROOT / "test" / "extensions" / "macros_read_what_other_threads_change.py"


def build(name, *options, compiler="gcc"):
    folder = ROOT / f"build-{name}"
    if not (folder / "build.ninja").exists():
        subprocess.run(["meson", "setup", str(folder), *options], cwd=ROOT, check=True,
                       env=dict(os.environ, CC=compiler), stdout=subprocess.DEVNULL)
    subprocess.run(["ninja", "-C", str(folder), "--quiet", "orochi"], check=True)
    return str(folder / "orochi")


def build_sanitized(part):
    os.environ["TSAN_OPTIONS"] = "halt_on_error=1 exitcode=66 die_after_fork=0"
    os.environ["ASAN_OPTIONS"] = "detect_leaks=0 detect_stack_use_after_return=0"
    return build(part, f"-Db_sanitize={SANITIZERS[part]}", "-Db_lundef=false", compiler="clang")


def run_macros(seconds):
    """How many failed."""
    status, out, err = run([build_sanitized("asan"), str(MACROS), str(seconds)], timeout=seconds + 300)
    sound = status == 0 and out.endswith(b"\nerrors [] not used []\n") and err == b""
    print(f"macros: {'sound' if sound else 'FAIL'} after {seconds} s")
    if not sound:
        print(f"ended with {status}\n{out.decode()[-400:]}\n{err.decode(errors='replace')[-2000:]}")
    return int(not sound)


def scripts(areas=("thread", "gc")):
    return [p for area in areas for p in sorted((ROOT / "test" / area).glob("*.py"))]


def steal_time(processor):
    """Uses half of the processor, in turns of 0.1 to 26 ms, which nobody can interrupt."""
    os.sched_setaffinity(0, [processor])
    os.sched_setscheduler(0, os.SCHED_FIFO, os.sched_param(1))
    while True:
        end = time.monotonic() + 1e-4 * 2 ** random.randrange(9)
        while time.monotonic() < end:
            pass
        time.sleep(1e-4 * 2 ** random.randrange(9))


@contextlib.contextmanager
def thieves():
    processes = [multiprocessing.Process(target=steal_time, args=(n,), daemon=True)
                 for n in os.sched_getaffinity(0)]
    for process in processes:
        process.start()
    time.sleep(0.5)
    if not all(process.is_alive() for process in processes):
        sys.exit("steal needs the right to run real-time processes (CAP_SYS_NICE)")
    try:
        yield
    finally:
        for process in processes:
            process.kill()


def run_jobs(title, jobs):
    """jobs: (label, interpreter, path, options). Returns how many failed."""
    failed = 0
    with concurrent.futures.ThreadPoolExecutor(os.cpu_count()) as pool:
        outcomes = pool.map(lambda j: check_script(j[1], j[2], j[3]), jobs)
        for (label, *_), problem in zip(jobs, outcomes):
            if problem:
                failed += 1
                print(f"FAIL {title}: {label}\n     {problem}")
    print(f"{title}: {len(jobs) - failed} passed, {failed} failed", flush=True)
    return failed


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--seeds", type=int, default=100)
    parser.add_argument("--soak", type=int, default=600, help="seconds")
    parser.add_argument("parts", nargs="*", help="tsan asan gc chaos steal soak macros")
    options = parser.parse_args()
    parts = options.parts or ["gc", "chaos", "steal", "tsan", "asan", "soak", "macros"]
    plain = "" if set(parts) <= {*SANITIZERS, "macros"} else build("checks", "-Dchecks=true")
    paths, failed = scripts(), 0
    for part in parts:
        if part in SANITIZERS:
            orochi = build_sanitized(part)
            failed += run_jobs(part, [(p.stem, orochi, p, ()) for p in paths])
        elif part == "gc":
            failed += run_jobs("gc-stress", [(p.stem, plain, p, ("-X", "gc-stress=101", "-X",
                                                                 "gc-verify")) for p in paths])
        elif part == "chaos":
            failed += run_jobs("chaos", [(f"{p.stem} seed {s}", plain, p, ("-X", f"chaos={s}"))
                                         for s in range(1, options.seeds + 1) for p in paths])
        elif part == "steal":
            with thieves():
                failed += run_jobs("steal", [(f"{p.parent.name}/{p.stem}", plain, p, ())
                                             for p in scripts(("thread", "gc", "extensions"))])
        elif part == "soak":
            status, out, err = run([plain, str(ROOT / "test" / "soak.py"), str(options.soak)],
                                   timeout=options.soak + 120)
            print(out.decode()[-400:], err.decode()[-400:])
            failed += status != 0
        elif part == "macros":
            failed += run_macros(options.soak)
    return int(failed > 0)


if __name__ == "__main__":
    sys.exit(main())
