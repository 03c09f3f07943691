# SPDX-License-Identifier: MIT
# Streams at their ends: closed by another thread in the middle, detached, not made, interrupted by a
# signal, misled by a raw stream; and what a raw stream does by default.
import errno
import io
import os
import signal
import subprocess
import sys
import threading
import time


def show(f):
    try:
        print(repr(f()))
    except Exception as e:
        print(type(e).__name__, e, repr(e.__cause__))


# A write that a signal ended early lets the handler run before it blocks again.
def handler(number, frame):
    raise ZeroDivisionError


signal.signal(signal.SIGALRM, handler)
r, w = os.pipe()
f = open(w, "wb", closefd=False)
reader = threading.Thread(target=lambda: os.read(r, 1))
signal.pthread_sigmask(signal.SIG_BLOCK, [signal.SIGALRM])
reader.start()
signal.pthread_sigmask(signal.SIG_UNBLOCK, [signal.SIGALRM])
signal.setitimer(signal.ITIMER_REAL, 0.2)
try:
    f.write(b"x" * (1 << 20))
except ZeroDivisionError:
    print("interrupted")
reader.join()
os.close(r)
os.close(w)
try:
    f.close()
except OSError as e:
    print(errno.errorcode[e.errno])


# What is written while another thread closes the file is an error, not lost.
class Slow(io.RawIOBase):
    def __init__(self):
        self.in_flush = threading.Event()
        self.got = b""

    def writable(self):
        return True

    def readable(self):
        return True

    def seekable(self):
        return True

    def tell(self):
        return 0

    def seek(self, position, whence=0):
        return 0

    def write(self, b):
        self.got += bytes(b)
        return len(b)

    def flush(self):
        self.in_flush.set()
        time.sleep(0.1)


for kind in io.BufferedWriter, io.BufferedRandom:
    raw = Slow()
    f = kind(raw, 8)
    f.write(b"abc")
    t = threading.Thread(target=f.close)
    t.start()
    raw.in_flush.wait()
    show(lambda: f.write(b"spam"))
    t.join()
    print(f.closed, raw.got)

# Closed, detached, not made.
for kind in io.BufferedReader, io.BufferedWriter, io.BufferedRandom:
    f = kind(io.BytesIO(b"abc"))
    f.close()
    for name in "read", "read1", "peek", "tell", "flush", "readline", "close", "detach", "isatty", "fileno", "__next__":
        if hasattr(kind, name):
            show(getattr(f, name))
    show(lambda: f.write(b"x"))
    show(lambda: f.seek(0))
    show(lambda: f.truncate(0))
    show(lambda: f.readinto(bytearray(1)))
    f = kind(io.BytesIO(b"abc"))
    show(lambda: f.__init__(io.BytesIO(), 0))
    show(f.read)
    show(f.close)
    f.__init__(io.BytesIO(b"again"))
    show(f.tell)
    print(sys.getsizeof(kind(io.BytesIO(), 300)) - sys.getsizeof(kind(io.BytesIO(), 100)))
    print(sys.getsizeof(kind(io.BytesIO(), 300)) - sys.getsizeof(f) - 300 + 8192)
t = io.TextIOWrapper(io.BytesIO(), encoding="ascii", errors="replace")
t.detach()
show(lambda: (repr(t), t.encoding, t.errors, t.line_buffering, t.write_through))
show(t.read)
t = io.TextIOWrapper.__new__(io.TextIOWrapper)
show(lambda: repr(t))
show(lambda: t.errors)


# Raw streams that do not do what they should, and what they do by default.
class Misled(Slow):
    result = "x"

    def readinto(self, b):
        return self.result

    def write(self, b):
        return self.result


for result in "x", 10000, -1:
    Misled.result = result
    for name in "read", "readline", "peek":
        show(lambda: getattr(io.BufferedReader(Misled()), name)(1))
    show(lambda: io.BufferedWriter(Misled(), 4).write(b"abcdefgh"))
plain = io.RawIOBase()
show(lambda: plain.readinto(bytearray(1)))
show(lambda: plain.write(b"x"))
show(lambda: plain.read(1))
print(plain.__dict__, io.BytesIO().__dict__, io.StringIO().__dict__)

# readinto1 takes what is buffered; more only if that is more than the buffer holds.
for size in 3, 7, 20:
    f = io.BufferedReader(io.BytesIO(b"abcdefghijklmnopqrst"), 5)
    f.peek()
    target = bytearray(size)
    print(f.readinto1(target), target, f.tell())

# Modes that ask for more checks.
for options, code in [
    (["-X", "utf8=1"], "print(io.text_encoding(None))"),
    (["-X", "utf8=0"], "print(io.text_encoding(None), io.text_encoding('x'))"),
    (["-X", "warn_default_encoding"], "open('/dev/null')\nio.TextIOWrapper(io.BytesIO())\n"
     "import pathlib\npathlib.Path('/dev/null').read_text()\nopen('/dev/null', encoding='locale')"),
    (["-X", "dev"], "open('/dev/null', errors='nonsense')"),
    (["-X", "dev"], "io.TextIOWrapper(io.BytesIO(), encoding='nonsense')"),
    ([], "open('/dev/null', errors='nonsense').close()"),
]:
    done = subprocess.run([sys.executable, *options, "-c", "import io\n" + code], capture_output=True, text=True)
    print(options, done.returncode, done.stdout.strip(), [
        line for line in done.stderr.splitlines() if "Resource" not in line and "tracemalloc" not in line])
