# SPDX-License-Identifier: MIT
"""Repeated concatenation shares one buffer; every prefix keeps its own text."""
import threading

s = ""
prefixes = []
for i in range(3000):
    s += chr(97 + i % 26)
    if i % 100 == 0:
        prefixes.append(s)
print(len(s), hash(s) == hash("".join(list(s))), s.encode()[-3:])
print(all(s.startswith(p) for p in prefixes), [len(p) for p in prefixes][:5])
a, b = s + "X", s + "Y"
print(a[-1], b[-1], a == b, a[:-1] == b[:-1] == s)
wide = s + "\u20ac"
print(wide[-1] == "\u20ac", wide.isascii(), s.isascii(), wide[:-1].isascii())
print({s + "q": 1}[s + "q"])

results = []


def append(mark):
    mine = s
    for _ in range(2000):
        mine += mark
    results.append(mine == s + mark * 2000)


threads = [threading.Thread(target=append, args=(mark,)) for mark in "1234"]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
print(results)
