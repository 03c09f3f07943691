"""What somebody can see die goes into sets whose first entries, which are numbers or text, lie in
the set itself."""
import os

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
