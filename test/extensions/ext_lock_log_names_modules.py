# orochi
"""-X ext-lock-log says at exit who held the lock of extension code, and who waited."""
import subprocess
import sys

PROGRAM = """
import _crypt, threading
both = threading.Barrier(2)
def work():
    both.wait()
    for _ in range(20000):
        _crypt.crypt('x', 'ab')
threads = [threading.Thread(target=work) for _ in range(2)]
[t.start() for t in threads]
[t.join() for t in threads]
"""
out = subprocess.run([sys.executable, "-X", "ext-lock-log", "-c", PROGRAM], stderr=subprocess.PIPE,
                     text=True, check=True).stderr
lines = [line.split(": ", 1)[1] for line in out.splitlines()]
assert lines[0].startswith("module, holds"), out
[crypt] = [line for line in lines if line.startswith("_crypt")]
held, waited = crypt.split("; ")
assert int(held.split(", ")[1]) >= 1 and float(held.split(", ")[2]) > 0, crypt
assert int(waited.split(", ")[0]) >= 1, crypt
silent = subprocess.run([sys.executable, "-c", PROGRAM], stderr=subprocess.PIPE, text=True, check=True)
assert silent.stderr == ""
