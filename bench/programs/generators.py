"""Pipelines of generators, recursive tree walks with yield from, coroutines fed by send()."""
import sys


def numbers(n):
    for i in range(n):
        yield i


def mapped(f, items):
    for item in items:
        yield f(item)


def kept(test, items):
    for item in items:
        if test(item):
            yield item


def windows(items, size):
    window = []
    for item in items:
        window.append(item)
        if len(window) == size:
            yield tuple(window)
            window.pop(0)


def build(depth):
    return None if depth == 0 else (build(depth - 1), depth, build(depth - 1))


def walk(node):
    if node is not None:
        yield from walk(node[0])
        yield node[1]
        yield from walk(node[2])


def averager():
    total = count = 0
    average = None
    while True:
        average_input = yield average
        total += average_input
        count += 1
        average = total / count


def main(n):
    pipeline = windows(kept(lambda x: x % 3 != 0, mapped(lambda x: x * x + 1, numbers(n))), 4)
    print(sum(a + d - b - c for a, b, c, d in pipeline))
    tree = build(13)
    print(sum(sum(walk(tree)) for _ in range(4)))
    fed = averager()
    next(fed)
    for i in range(n):
        last = fed.send(i)
    print(last)


main(int(sys.argv[1]) if len(sys.argv) > 1 else 1800000)
