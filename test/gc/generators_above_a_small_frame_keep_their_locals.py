"""A callee's window may end below its caller's; a generator that the callee runs starts there."""
import gc


def numbers():
    a = ["a"]
    b = ["b"]
    c = ["c"]
    d = ["d"]
    for k in range(3):
        fresh = [[str(k)] for k in range(3000)]
        gc.collect()
    yield a, b, c, d, len(fresh)


def small():
    return list(numbers())


def big(x):
    return small(), (x, x, x, x, x, x, x, x, x, x, x, x, x, x, x, x, x, x, x, x, x, x, x, x, x, x, x, x)


for _ in range(20):
    result = big(1)
print(result)
