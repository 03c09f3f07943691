"""What somebody can see die goes into new, small sets, whose entries lie in the set itself: the hash beside
an entry, or of a number or text that was there before, is no object."""
import os

died = []


class Object:
    def __init__(self, n):
        self.n = n

    def __hash__(self):
        return self.n

    def __eq__(self, other):
        return self.n == other.n

    def __del__(self):
        died.append(self.n)


for i in range(50):
    s = set()
    s.add(Object(-5751632914010193768 + i))
    t = {Object(1 << 60), Object((1 << 61) - 5)}
    t.discard(Object(5))
    u = s | t
    u.update(s)
    u ^= t
    assert len(s) == len(u) == 1 and len(t) == 2
    f = frozenset(u)
    v = {Object(n << 50) for n in range(1, 20)}
    v.pop()
    v -= {Object(3 << 50)}
s = t = u = f = v = None
print(len(died) > 0)

first = 12345678901
for n in range(100):
    files = {first + n, f"name {n}"}
    for _ in range(6):
        files.add(open(os.devnull))
    files.discard(first + n)
    copy = set(files)
    copy |= {open(os.devnull)}
    while files:
        o = files.pop()
        if not isinstance(o, str):
            o.close()
    frozen = frozenset([first, open(os.devnull)])
    print(len(copy), len(frozen), sum(isinstance(o, str) for o in copy))
