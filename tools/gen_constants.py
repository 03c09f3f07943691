#!/usr/bin/python3.11
# SPDX-License-Identifier: MIT
"""Writes rows for the integer constants that a module of the installed python3.11 has.

usage: gen_constants.py module output. Each row is guarded by #ifdef, so the value is the C library's.
"""
import importlib
import sys

module = importlib.import_module(sys.argv[1])
with open(sys.argv[2], "w") as out:
    out.write(f"/* Made by tools/gen_constants.py from {sys.argv[1]}. */\n")
    for name in sorted(vars(module)):
        if type(getattr(module, name)) is int and name.isupper() and not name.startswith("_"):
            out.write(f"#ifdef {name}\n    {{\"{name}\", (long long){name}}},\n#endif\n")
