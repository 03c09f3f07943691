"""What __reduce__ of zip and enumerate gives goes through the same iterators as the original: threads
that step both get each item of these once."""
import copy
import itertools
import threading

ITEMS = 6_000
numbers = range(ITEMS)
text = "".join(chr(0x10000 + i) for i in numbers)


def copied(original):
    return copy.copy(original)


def by_hand(original):
    made, arguments, *_ = original.__reduce__()
    return made(*arguments)


def iterator(original):
    return original.__reduce__()[1][0]


def run(original, others, late):
    """What the steps of each give, in threads; the original has begun before the others are made."""
    taken = [[] for _ in range(len(others) + 1)]
    first = threading.Event()

    def take(source, mine):
        start.wait()
        for item in source:
            mine.append(item)
            if len(mine) == 10:
                first.set()

    start = threading.Barrier(1 if late else len(taken))
    threads = [threading.Thread(target=take, args=(original, taken[0]))]
    if late:
        threads[0].start()
        first.wait()
    threads += [threading.Thread(target=take, args=(make(original), mine))
                for make, mine in zip(others, taken[1:])]
    for t in threads[late:]:
        t.start()
    for t in threads:
        t.join()
    return taken


def check(name, make, others, items, expected):
    for late in (False, True):
        for _ in range(2):
            got = list(itertools.chain.from_iterable(map(items, run(make(), others, late))))
            if sorted(got) != sorted(expected):
                print(name, "late" if late else "", len(got), "items,", len(set(got)), "different ones")


def second(taken):
    return [item[1] if isinstance(item, tuple) else item for item in taken]


def alone(taken):
    return [item[0] if isinstance(item, tuple) else item for item in taken]


for name, iterable in (("list", list(numbers)), ("tuple", tuple(numbers)), ("range", numbers),
                       ("big range", range(10**30, 10**30 + ITEMS // 10)), ("str", text),
                       ("ascii", "0123456789" * (ITEMS // 10)), ("bytes", bytes(256) * (ITEMS // 256))):
    check("enumerate " + name, lambda: enumerate(iterable), [copied, by_hand, iterator], second, iterable)
    check("zip " + name, lambda: zip(iterable), [copied, by_hand, iterator], alone, iterable)
e = enumerate("abc", 5)
z = zip("abc", [1, 2, 3], strict=True)
print(next(e), next(z), e.__reduce__()[1][1], next(copy.copy(e)), next(copy.copy(z)), list(e), list(z))
print("done")
