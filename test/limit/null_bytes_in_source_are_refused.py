# SPDX-License-Identifier: MIT
"""A null byte is no part of a program."""
import ast
import os
import sys
import tempfile

for source in (b"x = 1\0", b"\0", "a\0b", b"# comment\0\nx = 1\n", b"'\0'\n"):
    for function in (lambda s: compile(s, "f", "exec"), lambda s: compile(s, "f", "eval"), exec,
                     eval, ast.parse):
        try:
            function(source)
            print(source, "accepted")
        except Exception as error:
            print(source, type(error).__name__, error)
with tempfile.TemporaryDirectory() as folder:
    path = os.path.join(folder, "module.py")
    with open(path, "wb") as file:
        file.write(b"x = 1\n\0\n")
    sys.path.insert(0, folder)
    try:
        import module
    except Exception as error:
        print(type(error).__name__, error)
