import mmap
import os
import resource
import tempfile

with tempfile.TemporaryFile() as f:
    f.write(b"0123456789" * 1000)
    f.flush()
    m = mmap.mmap(f.fileno(), 0)
    print(len(m), m[:5], m[10], m[5:20:3], m.find(b"567"), m.rfind(b"567"))
    m[0:3] = b"abc"
    m.seek(0)
    print(m.read(4), m.readline()[:5], m.tell())
    try:
        m[100000]
    except IndexError as e:
        print(e)
    view = memoryview(m)
    with view[:4] as part:
        print(bytes(part))
    try:
        m.close()
    except BufferError as e:
        print(e)
    view.release()
    m.close()
    try:
        m[0]
    except ValueError as e:
        print(e)

usage = resource.getrusage(resource.RUSAGE_SELF)
print(type(usage), len(usage), usage.ru_utime > 0, usage.ru_maxrss > 0)
soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
print(soft > 0, hard >= soft)

import termios

print(termios.TCSANOW, issubclass(termios.error, Exception))
r, w = os.pipe()
try:
    termios.tcgetattr(r)
except termios.error as e:
    print(e)
