# orochi
# SPDX-License-Identifier: MIT
"""write() calls of several threads on one file never mix: every line comes out whole, once."""
import os
import tempfile
import threading


def check(title, file, write, path):
    def work(k):
        for i in range(1500):
            write(file, f"{k}:{i}:" + chr(97 + k) * (i % 90) + "\n")

    threads = [threading.Thread(target=work, args=(k,)) for k in range(4)]
    for t in threads:
        t.start()
    for t in threads:
        t.join()
    file.close()
    with open(path) as result:
        lines = result.readlines()
    good = {f"{k}:{i}:" + chr(97 + k) * (i % 90) + "\n" for k in range(4) for i in range(1500)}
    ordered = all([n for n in (int(l.split(":")[1]) for l in lines if l[0] == str(k))] ==
                  list(range(1500)) for k in range(4))
    assert len(lines) == 6000 and set(lines) == good and ordered, title


with tempfile.TemporaryDirectory() as folder:
    path = os.path.join(folder, "out")
    text = lambda f, s: f.write(s)
    binary = lambda f, s: f.write(s.encode())
    check("text", open(path, "w"), text, path)
    check("line buffered text", open(path, "w", buffering=1), text, path)
    check("binary", open(path, "wb"), binary, path)
    check("small buffer", open(path, "wb", buffering=64), binary, path)
    check("unbuffered", open(path, "wb", buffering=0), binary, path)
    check("append", open(path, "w"), lambda f, s: print(s, end="", file=f), path)
