"""Training: lists, dicts, sets, tuples, comprehensions, sorting, iteration, unpacking."""
import bisect
import collections
import heapq
import itertools
import random


def sieve(n):
    flags = [True] * (n + 1)
    flags[0] = flags[1] = False
    for i in range(2, int(n ** 0.5) + 1):
        if flags[i]:
            flags[i * i::i] = [False] * len(range(i * i, n + 1, i))
    return sum(flags)


def matrix(n):
    a = [[i * j % 7 for j in range(n)] for i in range(n)]
    b = [[i + j for j in range(n)] for i in range(n)]
    transposed = list(zip(*b))
    c = [[sum(x * y for x, y in zip(row, column)) for column in transposed] for row in a]
    total = 0
    for i in range(n):
        for j in range(n):
            total += c[i][j] - c[j][i]
    return total, c[n // 2][n // 3]


def counting(words):
    counts = {}
    for word in words:
        counts[word] = counts.get(word, 0) + 1
    groups = collections.defaultdict(list)
    for word, n in counts.items():
        groups[n].append(word)
    common = collections.Counter(words).most_common(3)
    return len(counts), len(groups), common, sorted(counts, key=counts.get)[-1]


def pairs(n):
    table = {}
    for i in range(n):
        key = (i % 31, i % 17)
        if key in table:
            table[key].append(i)
        else:
            table[key] = [i]
    row = {"id": n, "size": len(table), "name": "pairs"}
    merged = {**row, "extra": None}
    del merged["extra"]
    longest, (first, *rest) = max((len(v), v) for v in table.values())
    return merged, longest, first, len(rest)


def sets(n):
    odd, threes = {i for i in range(n) if i % 2}, set(range(0, n, 3))
    both = odd & threes
    seen = set()
    for i in range(n):
        if i * i % 101 not in seen:
            seen.add(i * i % 101)
    return len(both), len(odd | threes), len(odd - threes), 51 in both, len(seen), frozenset({1, 2}) <= odd


def queues(n):
    random.seed(n)
    heap, order = [], collections.deque(maxlen=50)
    for i in range(n):
        heapq.heappush(heap, (random.random(), i))
    while heap:
        order.append(heapq.heappop(heap)[1])
    ranked = []
    for i in range(n // 4):
        bisect.insort(ranked, random.randrange(1000))
    return len(order), ranked[len(ranked) // 2], order[0] >= 0


def slices(n):
    data = list(range(n))
    random.Random(5).shuffle(data)
    swaps = 0
    for _ in range(3):
        for i in range(len(data) - 1):
            if data[i] > data[i + 1]:
                data[i], data[i + 1] = data[i + 1], data[i]
                swaps += 1
    data[2:5] = []
    data.insert(3, -1)
    data.extend(data[:10])
    data.reverse()
    return swaps, data[-3:], data.index(-1), sorted(data, reverse=True)[0], sum(data[::2])


def chains(n):
    total = 0
    for i, (a, b) in enumerate(itertools.zip_longest(range(n), range(n // 2), fillvalue=1)):
        total += i * a - b
    firsts = [k for k, _ in itertools.groupby(sorted(x % 5 for x in range(n)))]
    picks = list(itertools.islice(itertools.chain.from_iterable([[1, 2], (3, 4)] * n), 10))
    return total, firsts, picks, any(x > n for x in firsts), all(picks), list(map(abs, (-1, 2)))


WORDS = "the quick brown fox jumps over the lazy dog and the cat sat on the mat".split()
for k in range(160):
    print(sieve(12000), matrix(28), counting(WORDS * 250 + [str(i % 300) for i in range(2000)]))
    print(pairs(6000), sets(5000), queues(1500), slices(2500), chains(1500))
