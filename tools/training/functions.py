"""Training: calls, closures, recursion, generators, decorators, coroutines."""
import asyncio
import contextlib
import functools


def fib(n):
    return n if n < 2 else fib(n - 1) + fib(n - 2)


def queens(n, row=0, columns=0, left=0, right=0):
    if row == n:
        return 1
    ways = 0
    for column in range(n):
        bit = 1 << column
        if not (columns & bit or left & (bit << row) or right & (1 << (row - column + n))):
            ways += queens(n, row + 1, columns | bit, left | bit << row, right | 1 << (row - column + n))
    return ways


def permutations(items):
    if len(items) <= 1:
        yield tuple(items)
        return
    for i, item in enumerate(items):
        for rest in permutations(items[:i] + items[i + 1:]):
            yield (item,) + rest


def counter(step=1):
    total = 0

    def add(by=None):
        nonlocal total
        total += step if by is None else by
        return total
    return add


def logged(f):
    calls = []

    @functools.wraps(f)
    def inner(*args, **kwargs):
        calls.append(len(args) + len(kwargs))
        return f(*args, **kwargs)
    inner.calls = calls
    return inner


@logged
def scale(x, y=1, *more, factor=2, **options):
    return (x + y + sum(more)) * factor + len(options)


@functools.lru_cache(maxsize=500)
def paths(i, j):
    return 1 if i == 0 or j == 0 else paths(i - 1, j) + paths(i, j - 1)


def numbers(n):
    i = 0
    while i < n:
        got = yield i
        i += 1 if got is None else got


def flatten(tree):
    for item in tree:
        if isinstance(item, list):
            yield from flatten(item)
        else:
            yield item


@contextlib.contextmanager
def noted(log, name):
    log.append(name)
    try:
        yield log
    finally:
        log.append("end")


async def worker(queue, results):
    while (item := await queue.get()) is not None:
        results.append(item * 2)
        if item % 16 == 0:
            await asyncio.sleep(0)


async def serve(n):
    queue, results = asyncio.Queue(10), []
    tasks = [asyncio.create_task(worker(queue, results)) for _ in range(3)]
    for i in range(n):
        await queue.put(i)
    for _ in tasks:
        await queue.put(None)
    await asyncio.gather(*tasks)
    return sum(results)


def mixed(n):
    add, by_seven = counter(), counter(7)
    for i in range(n):
        add()
        by_seven(i)
    values = [scale(i, 2, 3, factor=i % 3, name=None) for i in range(n // 4)]
    values += list(map(lambda x: x + 1, filter(None, values)))
    g = numbers(n)
    next(g)
    for _ in range(n // 3):
        g.send(2)
    log = []
    for _ in range(n // 20):
        with noted(log, "block"):
            pass
    deep = [1, [2, [3, [4, 5], 6], 7], 8] * (n // 40)
    matched = 0
    for item in deep:
        match item:
            case int(x) if x > 4:
                matched += x
            case [first, *_]:
                matched += first
            case _:
                pass
    return add(), by_seven(), sum(values), sum(x * x for x in flatten(deep)), len(log), matched


for _ in range(60):
    print(fib(17), queens(6), sum(p[0] for p in permutations([1, 2, 3, 4, 5, 6])), paths(60, 60) % 1000007)
    print(mixed(4000), asyncio.run(serve(600)), len(scale.calls))
