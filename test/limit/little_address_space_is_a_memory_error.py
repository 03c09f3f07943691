# orochi
# SPDX-License-Identifier: MIT
"""Under ulimit -v, a program that fits runs; one that does not gets MemoryError or a message and
status 1, never a signal."""
import subprocess
import sys

FITS = "import json, threading; t = threading.Thread(target=list, args=(range(9999),)); t.start(); " \
       "t.join(); print(len(json.dumps(list(range(50000)))))"
GROWS = {
    "strings": "l = []\nwhile True: l.append('x%d' % len(l))",
    "big": "l = []\nwhile True: l.append(bytearray(300000))",
    "lists": "l = []\nwhile True: l = [l]",
    "dict": "d = {}\nn = 0\nwhile True:\n d[n] = n\n n += 1",
    "one list": "l = [0]\nwhile True: l += l",
    "text": "s = 'x'\nwhile True: s += s",
    "integer": "n = 3\nwhile True: n = n * n if n.bit_length() < 10**6 else n << n.bit_length()",
    "objects": "class C:\n def __init__(self, p): self.p = p\n def __del__(self): pass\n"
               "c = None\nwhile True: c = C(c)",
    "garbage": "for i in range(3000): x = bytearray(1000000)\nprint('fits')",
}


def run(kilobytes, program):
    return subprocess.run(["sh", "-c", f"ulimit -v {kilobytes}; exec \"$0\" -c \"$1\"",
                           sys.executable, program], capture_output=True, text=True, timeout=100)


for kilobytes in (300_000, 600_000, 2_000_000, 20_000_000):
    done = run(kilobytes, FITS)
    assert done.returncode == 0 and done.stdout == "338890\n", (kilobytes, done)
for kilobytes in (1_000, 10_000, 30_000, 58_000, 60_000, 100_000, 150_000):
    done = run(kilobytes, FITS)
    # The dynamic loader and the shell end with 127 or 126; a process that cannot be made, by exec.
    assert done.returncode >= 0 or kilobytes < 30_000, (kilobytes, done)
for title, program in GROWS.items():
    for kilobytes in (300_000, 450_000):
        done = run(kilobytes, program)
        if title == "garbage":
            assert done.returncode == 0, (kilobytes, done)
        else:
            assert done.returncode == 1, (title, kilobytes, done.returncode, done.stderr[-300:])
            assert "MemoryError" in done.stderr, (title, kilobytes, done.stderr[-300:])
