# orochi
# SPDX-License-Identifier: MIT
"""A cache file that is cut off or has flipped bytes is never trusted: the module is compiled
again, or the file still says what it said."""
import os
import pathlib
import subprocess
import sys
import tempfile

SOURCE = '''"""A module."""
import os
TABLE = {"a": (1, 2.5, b"x"), "b": [None, True, 10**30]}
class C:
    def f(self, *a, key="\\u20ac", **k):
        try:
            return [x for x in a if x] + [key]
        except ValueError:
            raise
def g(n):
    with open(os.devnull) as file:
        yield from range(n)
RESULT = (C().f(0, 1), list(g(3)), TABLE["b"])
'''
CHECK = '''
import sys, importlib, os
os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
sys.path.insert(0, sys.argv[1])
import module
good = module.RESULT
path, data = sys.argv[2], open(sys.argv[2], "rb").read()
for damaged in DAMAGES(data):
    open(path, "wb").write(damaged)
    os.utime(path)
    del sys.modules["module"]
    import module
    assert module.RESULT == good
'''
DAMAGES = {
    "cut": "lambda d: [d[:n] for n in {0, 1, 3, 4, 8, 15, 16, 17, 20, 40, *range(64, len(d), 97)}]",
    "flipped": "lambda d: [d[:n] + bytes([d[n] ^ 0xff]) + d[n + 1:] for n in range(0, len(d), 7)]",
    "bits": "lambda d: [d[:n] + bytes([d[n] ^ 1 << n % 8]) + d[n + 1:] for n in range(3, len(d), 11)]",
    "appended": "lambda d: [d + b'x', d + d, d + bytes(1000)]",
    "other": "lambda d: [bytes(len(d)), b'\\xff' * len(d), d[:16] + d[16:][::-1]]",
}

environment = {k: v for k, v in os.environ.items() if k != "PYTHONDONTWRITEBYTECODE"}
for title, damages in DAMAGES.items():
    with tempfile.TemporaryDirectory() as folder, tempfile.TemporaryDirectory() as cache:
        pathlib.Path(folder, "module.py").write_text(SOURCE)
        environment["PYTHONPYCACHEPREFIX"] = cache
        command = [sys.executable, "-c", "import sys; sys.path.insert(0, sys.argv[1]); import module",
                   folder]
        subprocess.run(command, env=environment, check=True)
        files = list(pathlib.Path(cache).rglob("module.*"))
        assert len(files) == 1, files
        done = subprocess.run([sys.executable, "-c", CHECK.replace("DAMAGES", "(" + damages + ")"),
                               folder, str(files[0])], env=environment, capture_output=True)
        assert done.returncode == 0, (title, done.returncode, done.stderr.decode()[-500:])
