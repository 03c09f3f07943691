# SPDX-License-Identifier: MIT
"""C programs that embed Python: built with Debian's flags and linked to Debian's libpython3.11, run with
the library that OROCHI_LIBRARY names (tools/test.py sets it for both interpreters), under Orochi, and
with Debian's under python3.11."""
import os
import shlex
import subprocess
import sys
import tempfile

CONFIG = "/usr/bin/python3.11-config"
LIBRARY = os.environ.get("OROCHI_LIBRARY", "")
if not os.path.exists(LIBRARY) or not os.path.exists(CONFIG):
    raise SystemExit("skipped: the library was not built")
FOLDER = tempfile.TemporaryDirectory()
HEAD = "#define PY_SSIZE_T_CLEAN\n#include <Python.h>\n"


def flags(*options):
    return shlex.split(subprocess.check_output([CONFIG, "--embed", *options], text=True))


def path(name):
    return os.path.join(FOLDER.name, name)


def build(source, name="program", *more):
    """The path of the program that is made from the source, HEAD before it."""
    with open(path(name + ".c"), "w") as file:
        file.write(HEAD + source)
    subprocess.run(["gcc", *flags("--includes"), "-O1", "-w", path(name + ".c"), "-o", path(name), *more,
                    *flags("--ldflags")], check=True)
    return path(name)


def run(program, *arguments, input="", environment=None, show=True):
    """Runs it in the folder; prints what it printed and how it ended."""
    variables = {k: v for k, v in os.environ.items() if not k.startswith("PYTHON")}
    variables |= {"PATH": "/usr/bin:/bin", "PYTHONDONTWRITEBYTECODE": "1", **(environment or {})}
    if "Orochi" in sys.version:
        variables["LD_LIBRARY_PATH"] = os.path.dirname(LIBRARY)
    done = subprocess.run([program, *arguments], cwd=FOLDER.name, input=input, capture_output=True, text=True,
                          errors="backslashreplace", env=variables, timeout=100)
    if show:
        for name, text in (("out", done.stdout), ("err", done.stderr)):
            for line in text.replace(FOLDER.name, "<folder>").splitlines():
                print(f"{name}: {line}")
        print("ended with", done.returncode)
    return done
