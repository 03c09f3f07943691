# SPDX-License-Identifier: MIT
"""Threads that share an iterator get elements of it, none missing where it is a plain one, and
the iterator ends."""
import itertools
import threading

SIZE = 4000
ALL = list(range(SIZE))
MAKERS = {
    "list": lambda: iter(ALL), "tuple": lambda: iter(tuple(ALL)), "range": lambda: iter(range(SIZE)),
    "dict": lambda: iter(dict.fromkeys(ALL)), "set": lambda: iter(set(ALL)),
    "items": lambda: iter({i: i for i in ALL}.items()), "reversed": lambda: reversed(ALL),
    "str": lambda: iter("x" * SIZE), "bytes": lambda: iter(bytes(SIZE)),
    "enumerate": lambda: enumerate(ALL), "zip": lambda: zip(ALL, ALL), "map": lambda: map(str, ALL),
    "filter": lambda: filter(None, ALL), "islice": lambda: itertools.islice(ALL, 10, SIZE, 2),
    "chain": lambda: itertools.chain(ALL, ALL), "count": lambda: 
        itertools.islice(itertools.count(), SIZE),
    "cycle": lambda: itertools.islice(itertools.cycle(ALL[:7]), SIZE),
    "repeat": lambda: itertools.repeat(5, SIZE), "accumulate": lambda: itertools.accumulate(ALL),
    "product": lambda: itertools.product(range(60), repeat=2), "pairwise": lambda: itertools.pairwise(ALL),
    "permutations": lambda: itertools.permutations(range(6)),
    "combinations": lambda: itertools.combinations(range(14), 4),
    "starmap": lambda: itertools.starmap(max, [(i, i) for i in ALL]),
    "takewhile": lambda: itertools.takewhile(lambda x: x < 3000, ALL),
    "compress": lambda: itertools.compress(ALL, itertools.cycle([1, 0])),
    "zip_longest": lambda: itertools.zip_longest(ALL, ALL[:99]), "tee": lambda: itertools.tee(ALL)[0],
    "groupby": lambda: itertools.groupby(ALL, lambda x: x // 3),
    "callable": lambda: iter(iter(ALL + [None]).__next__, None),
}
for title, make in MAKERS.items():
    expected = {repr(x) for x in make()} if title != "groupby" else None
    shared = make()
    got = [[] for _ in range(3)]
    strange = []

    def take(out):
        try:
            for x in shared:
                out.append(x)
        except (RuntimeError, ValueError, TypeError) as error:
            if title not in ("tee", "callable"):
                strange.append(repr(error))

    threads = [threading.Thread(target=take, args=(out,)) for out in got]
    for t in threads:
        t.start()
    for t in threads:
        t.join()
    # Iterators that pull from others may pair what two threads pulled: only whole results count.
    union = {repr(x) for out in got for x in out} if expected else set()
    mixes = title in ("enumerate", "zip", "accumulate", "product", "pairwise", "permutations",
                      "combinations", "zip_longest", "compress", "islice", "count", "cycle")
    print(title, strange[:2], mixes or not expected or union <= expected)
