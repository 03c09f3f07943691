#!/usr/bin/python3.11
# SPDX-License-Identifier: MIT
"""The house rules that a machine can check; prints each breach, exits with 1 if there is one.

  format     clang-format (--format only, or all)
  includes   a folder includes only itself and folders above it (design section 9)
  headers    every header compiles alone (a *_template.h is none: its includer sets its parameters)
  sizes      files and functions are no longer than agreed, save those in tools/long.txt
  symbols    the program exports CPython's names and no others
  counts     no CPython reference counting outside src/capi
  compilers  gcc and clang build without warnings
"""

import argparse
import os
import pathlib
import re
import subprocess
import sys

ROOT = pathlib.Path(__file__).resolve().parent.parent
FOLDERS = ["base", "thread", "heap", "object", "bytecode", "syntax", "compile", "vm", "module",
           "capi", "main"]
# Pairs that the order would allow and the design forbids.
FORBIDDEN = {("vm", "syntax"), ("vm", "compile"), ("compile", "vm")}
FILE_LINES, FUNCTION_LINES = 1500, 60
REFCOUNT = re.compile(r"\b(?:Py_X?(?:INCREF|DECREF|NewRef)|Py_SETREF|Py_CLEAR)\b")


def sources(*suffixes):
    return sorted(p for p in (ROOT / "src").rglob("*") if p.suffix in suffixes)


def check_format():
    files = [str(p) for p in sources(".c", ".h")]
    done = subprocess.run(["clang-format", "--dry-run", *files], capture_output=True, text=True)
    bad = sorted({line.split(":")[0] for line in done.stderr.splitlines() if "warning" in line})
    return [f"{os.path.relpath(name, ROOT)}: not as clang-format would write it" for name in bad]


def check_includes():
    breaches = []
    for path in sources(".c", ".h", ".def"):
        folder = path.parent.name
        for number, line in enumerate(path.read_text().splitlines(), 1):
            found = re.match(r'#include "(\w+)/', line)
            if not found or found[1] not in FOLDERS:
                continue
            target = found[1]
            if FOLDERS.index(target) > FOLDERS.index(folder) or (folder, target) in FORBIDDEN:
                breaches.append(f"{path.relative_to(ROOT)}:{number}: {folder}/ includes {target}/")
    return breaches


def check_headers():
    breaches = []
    build = ROOT / "build" / "src"
    for path in sources(".h"):
        if path.stem.endswith("_template"):
            continue
        done = subprocess.run(
            ["gcc", "-fsyntax-only", "-x", "c", "-std=gnu11", "-D_GNU_SOURCE", f"-I{ROOT}/src",
             f"-I{build}", "-I/usr/include/python3.11", "-include", str(path), "/dev/null"],
            capture_output=True, text=True)
        if done.returncode:
            first = next((l for l in done.stderr.splitlines() if "error" in l), "?")
            breaches.append(f"{path.relative_to(ROOT)}: does not compile alone: {first}")
    return breaches


def exceptions():
    path = ROOT / "tools" / "long.txt"
    lines = path.read_text().splitlines() if path.exists() else []
    return {line.split()[0] for line in lines if line and not line.startswith("#")}


def functions(text):
    """(name, first line, number of lines) of each function of a C file in our format."""
    lines = text.splitlines()
    start = None
    for number, line in enumerate(lines):
        if line == "{" and number and not lines[number - 1].startswith((" ", "#", "}")) or (
                line == "{" and number and lines[number - 1].endswith(")")):
            start = number
        elif line == "}" and start is not None:
            head = start - 1
            while head > 0 and not re.match(r"[\w].*\(", lines[head]):
                head -= 1
            name = re.search(r"(\w+)\s*\(", lines[head])
            yield (name[1] if name else "?"), head + 1, number - head + 1
            start = None


def check_sizes():
    breaches, allowed = [], exceptions()
    for path in sources(".c", ".h"):
        text = path.read_text()
        name = str(path.relative_to(ROOT))
        lines = text.count("\n")
        if lines > FILE_LINES and name not in allowed:
            breaches.append(f"{name}: {lines} lines")
        for number, line in enumerate(text.splitlines(), 1):
            if len(line.expandtabs(8)) > 100:
                breaches.append(f"{name}:{number}: {len(line)} columns")
        if path.suffix == ".c":
            for function, number, length in functions(text):
                if length > FUNCTION_LINES and f"{name}:{function}" not in allowed:
                    breaches.append(f"{name}:{number}: {function} has {length} lines")
    return breaches


def check_counts():
    return [f"{path.relative_to(ROOT)}:{number}: {line.strip()}"
            for path in sources(".c", ".h") if path.parent.name != "capi"
            for number, line in enumerate(path.read_text().splitlines(), 1) if REFCOUNT.search(line)]


def check_compilers():
    breaches = []
    for compiler in ("gcc", "clang"):
        folder = ROOT / f"build-check-{compiler}"
        environment = dict(os.environ, CC=compiler)
        if not (folder / "build.ninja").exists():
            subprocess.run(["meson", "setup", str(folder), "-Dwerror=true", "-Dchecks=true"],
                           cwd=ROOT, env=environment, check=True, capture_output=True)
        done = subprocess.run(["ninja", "-C", str(folder), "-k", "0"], capture_output=True, text=True)
        if done.returncode:
            breaches += [f"{compiler}: {line}" for line in done.stdout.splitlines()
                         if "error:" in line or "undefined reference" in line] or [done.stdout[-500:]]
    return breaches


def check_symbols():
    if not (ROOT / "build" / "orochi").exists():
        return []
    done = subprocess.run(["/usr/bin/python3.11", "-B", str(ROOT / "tools" / "check_symbols.py")],
                          capture_output=True, text=True)
    return [line for line in done.stdout.splitlines() if line.startswith("exported, but")]


CHECKS = {"includes": check_includes, "sizes": check_sizes, "counts": check_counts,
          "format": check_format, "headers": check_headers, "symbols": check_symbols,
           "compilers": check_compilers}


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("checks", nargs="*", help=" ".join(CHECKS))
    options = parser.parse_args()
    failed = False
    for name in options.checks or CHECKS:
        breaches = CHECKS[name]()
        print(f"{name}: {len(breaches) or 'no'} breaches")
        for breach in breaches[:60]:
            print("  " + breach)
        failed |= bool(breaches)
    return int(failed)


if __name__ == "__main__":
    sys.exit(main())
