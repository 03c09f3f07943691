"""Copies, unions and differences iterate as CPython's do, whatever happened to the operands."""
import random

source = random.Random(3)
for size in (0, 1, 3, 4, 5, 8, 9, 12, 20, 21, 40, 100):
    for kind in (set, frozenset):
        a = {source.randrange(200) for _ in range(size)}
        b = {source.randrange(200) for _ in range(size // 2)}
        for victim in list(a)[::3]:
            if size % 2:
                a.discard(victim)
        x, y = kind(a), kind(b)
        print(size, list(x), list(x | y), list(y | x), list(x | {7}), list(x.copy()), list(x - y),
              list(x & y), list(x ^ y), list(a.copy()), list(a | b))
empty = set()
print(empty | frozenset(), list(empty | {3, 11, 19}), list({3} | empty), list(frozenset() | {5}))
words = frozenset({(1, "a"), (2, "b"), (1, "a")})
print((1, "a") in words, (1, "b") in words, frozenset([1]) in {frozenset([1])}, {1} in {frozenset([1])})
for key in ([], {}, ([],)):
    try:
        print(key in words)
    except TypeError as e:
        print(e)
print(True in {1}, 1.0 in {1}, 2**60 in {2.0**60}, -1 in {-1, -2}, -2 in {-1}, "a" in {"a"})
