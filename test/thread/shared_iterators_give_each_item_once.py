"""Threads that take from one iterator, as from a queue of tasks, get each item once, by `for` and by
next(); pairs of enumerate and zip belong together."""
import array
import collections
import itertools
import threading

ITEMS = 10_000
WORKERS = 3
numbers = range(ITEMS)
characters = [chr(0x10000 + i) for i in numbers]


def shared(iterator, by_next):
    taken = [[] for _ in range(WORKERS)]

    def take(mine):
        start.wait()
        if not by_next:
            for item in iterator:
                mine.append(item)
            return
        while (item := next(iterator, None)) is not None:
            mine.append(item)

    start = threading.Barrier(WORKERS)
    threads = [threading.Thread(target=take, args=(mine,)) for mine in taken]
    for t in threads:
        t.start()
    for t in threads:
        t.join()
    return sorted(itertools.chain.from_iterable(taken))


def check(name, make, expected):
    for by_next in (False, True):
        expected = sorted(expected)
        got = shared(make(), by_next)
        if got != expected:
            print(name, "by next:" if by_next else "by for:", len(got), "items,", len(set(got)),
                  "different ones, expected", len(expected))


def behind_its_start(islice):
    """While one thread skips the first items, another may be given one of them."""
    next(islice)
    return islice


pairs = list(zip(numbers, numbers))
check("list", lambda: iter(list(numbers)), numbers)
check("reversed list", lambda: reversed(list(numbers)), numbers)
check("tuple", lambda: iter(tuple(numbers)), numbers)
check("range", lambda: iter(numbers), numbers)
check("big range", lambda: iter(range(10**30, 10**30 + ITEMS)), range(10**30, 10**30 + ITEMS))
check("str", lambda: iter("".join(characters)), characters)
check("dict", lambda: iter(dict.fromkeys(numbers)), numbers)
check("dict, backwards", lambda: reversed(dict.fromkeys(numbers)), numbers)
check("items", lambda: iter(dict(pairs).items()), pairs)
check("set", lambda: iter(set(numbers)), numbers)
check("deque", lambda: iter(collections.deque(numbers)), numbers)
check("reversed deque", lambda: reversed(collections.deque(numbers)), numbers)
check("array", lambda: iter(array.array("l", numbers)), numbers)
check("memoryview", lambda: iter(memoryview(array.array("l", numbers))), numbers)
check("map", lambda: map(int, list(numbers)), numbers)
check("filter", lambda: filter(lambda x: x % 3, list(numbers)), [x for x in numbers if x % 3])
check("enumerate", lambda: enumerate(list(numbers)), pairs)
check("zip", lambda: zip(list(numbers), numbers), pairs)
check("zip of one", lambda: zip(tuple(numbers)), [(x,) for x in numbers])
check("islice", lambda: behind_its_start(itertools.islice(list(numbers), 100, None)), numbers[101:])
check("islice with an end", lambda: itertools.islice(itertools.count(), ITEMS), numbers)
check("count of floats", lambda: itertools.islice(itertools.count(0.5, 0.25), ITEMS), [0.5 + n / 4 for n in numbers])
check("repeat", lambda: itertools.repeat(7, ITEMS), [7] * ITEMS)
check("product", lambda: itertools.product(range(100), repeat=2), itertools.product(range(100), repeat=2))
check("permutations", lambda: itertools.permutations(range(7)), itertools.permutations(range(7)))
check("combinations", lambda: itertools.combinations(range(40), 3), itertools.combinations(range(40), 3))
check("replacement", lambda: itertools.combinations_with_replacement(range(30), 3),
      itertools.combinations_with_replacement(range(30), 3))


def later_rounds():
    cycle = itertools.cycle(numbers[:7])
    for _ in range(7):
        next(cycle)
    return itertools.islice(cycle, 7 * 1000)


check("cycle", later_rounds, list(numbers[:7]) * 1000)
print("done")
