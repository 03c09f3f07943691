#!/usr/bin/python3.11
# SPDX-License-Identifier: MIT
"""Compares what compiled extension modules import with what Orochi exports.

Prints, for every module of lib-dynload (and of dist-packages with --all), the names that it lacks;
fails if a name is exported that is not CPython's, or not by both the program and the library (if that was
built). --missing lists the names by importance."""

import argparse
import collections
import glob
import pathlib
import subprocess
import sys

ROOT = pathlib.Path(__file__).resolve().parent.parent
LINKER = {"_IO_stdin_used", "__bss_start", "__data_start", "__executable_start", "_edata", "_end",
          "_start", "data_start", "etext", "main", "__etext", "edata", "end", "_init", "_fini"}


def symbols(path, kind):
    out = subprocess.run(["nm", "-D", kind, str(path)], capture_output=True, text=True).stdout
    names = (line.split()[-1].split("@") for line in out.splitlines())
    return {name[0] for name in names if len(name) == 1} - hidden(path)


def hidden(path):
    """What the linker lists among a library's symbols, but gives to nobody."""
    out = subprocess.run(["readelf", "--dyn-syms", "-W", str(path)], capture_output=True, text=True).stdout
    rows = (line.split() for line in out.splitlines() if " HIDDEN " in line)
    return {row[-1] for row in rows}


def is_c_api(name):
    return name.startswith(("Py", "_Py"))


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--orochi", default=ROOT / "build" / "orochi")
    parser.add_argument("--all", action="store_true")
    parser.add_argument("--missing", action="store_true")
    options = parser.parse_args()
    exported = symbols(options.orochi, "--defined-only")
    library = pathlib.Path(options.orochi).parent / "libpython3.11.so.1.0"
    in_library = symbols(library, "--defined-only") if library.exists() else exported
    foreign = sorted(n for n in exported | in_library if not is_c_api(n) and n not in LINKER)
    files = glob.glob("/usr/lib/python3.11/lib-dynload/*.so")
    if options.all:
        files += glob.glob("/usr/lib/python3/dist-packages/**/*.so", recursive=True)
    missing = collections.Counter()
    complete = 0
    for file in sorted(files):
        lacks = {n for n in symbols(file, "--undefined-only") if is_c_api(n)} - exported
        missing.update(lacks)
        complete += not lacks
        if lacks and not options.missing:
            print(f"{pathlib.Path(file).name.split('.')[0]}: {len(lacks)} missing")
    if options.missing:
        for name, count in missing.most_common():
            print(name, count)
    print(f"{complete} of {len(files)} modules find every name; {len(missing)} names are missing")
    for name in foreign:
        print(f"exported, but not CPython's: {name}")
    for name in sorted((exported ^ in_library) - LINKER):
        print(f"exported, but not by both program and library: {name}")
    return int(bool(foreign or (exported ^ in_library) - LINKER))


if __name__ == "__main__":
    sys.exit(main())
