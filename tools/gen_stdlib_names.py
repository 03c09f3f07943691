#!/usr/bin/python3.11
"""Writes the names of the standard library's modules, as the installed python3.11 knows them."""
import sys

with open(sys.argv[1], "w") as out:
    out.write("/* Made by tools/gen_stdlib_names.py. */\n")
    for name in sorted(sys.stdlib_module_names):
        out.write(f'"{name}",\n')
