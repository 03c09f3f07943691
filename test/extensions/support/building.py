# SPDX-License-Identifier: MIT
"""C modules that a test brings along as text: built against python3.11's headers, in a folder that goes
away with the test."""
import importlib.machinery
import importlib.util
import os
import subprocess
import tempfile

FOLDER = tempfile.TemporaryDirectory()
HEAD = "#define PY_SSIZE_T_CLEAN\n#include <Python.h>\n"


def path(name):
    return os.path.join(FOLDER.name, name)


def compile_library(name, source, *options, compiler="gcc"):
    """The path of the library that is made from the source file, which lies in the folder."""
    library = path(name + importlib.machinery.EXTENSION_SUFFIXES[0])
    subprocess.run([compiler, "-shared", "-fPIC", "-O1", "-w", "-I/usr/include/python3.11", source, "-o", library,
                    *options], check=True, cwd=FOLDER.name)
    return library


def build(name, source, *options):
    """The same from C text, HEAD before it."""
    with open(path(name + ".c"), "w") as file:
        file.write(HEAD + source)
    return compile_library(name, name + ".c", *options)


def load(name, library):
    spec = importlib.util.spec_from_file_location(name, library)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def build_module(name, source, *options):
    return load(name, build(name, source, *options))
