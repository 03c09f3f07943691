# SPDX-License-Identifier: MIT
# A file of compiled code is a program, too; one that is damaged, or another version's, is refused.
import importlib.util
import marshal
import os
import py_compile
import subprocess
import sys
import tempfile

CODE = """import sys
print(__name__, __loader__.__class__.__name__, __spec__, sys.argv[1:])
def f():
    return 1 / 0
f()
"""
magic = importlib.util.MAGIC_NUMBER
header = magic + b"\0" * 12
code = marshal.dumps(compile(CODE, "program.py", "exec"))
with tempfile.TemporaryDirectory() as folder:
    os.chdir(folder)
    with open("program.py", "w") as f:
        f.write(CODE)
    py_compile.compile("program.py", cfile="made.pyc")
    with open("made.pyc", "rb") as f:
        made = f.read()
    for name, data in [
        ("made.pyc", made), ("named.bin", made), ("plain.pyc", header + code), ("cut.pyc", header + code[:-20]),
        ("number.pyc", header + marshal.dumps(5)), ("other.pyc", b"abcd" + header[4:] + code), ("head.pyc", magic),
        ("empty.pyc", b""), ("half.bin", magic[:2] + b"xx" + header[4:] + code), ("empty.bin", b""),
        ("source.pyc", b"print(1)\n"),
    ]:
        with open(name, "wb") as f:
            f.write(data)
        done = subprocess.run([sys.executable, name, "a", "b"], capture_output=True, text=True)
        print(name, done.returncode, done.stdout, done.stderr.splitlines()[-1:])
