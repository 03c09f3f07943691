# SPDX-License-Identifier: MIT
# The window of a running generator may begin below the end of an outer frame's window: the frame
# between them is a small one. What the generator holds must live all the same.
import gc


def generate():
    n = 0
    while True:
        n += 1
        item = ["item", str(n)]
        gc.collect()
        junk = [["junk", str(i)] for i in range(3000)]
        yield item, len(junk)


def step(g):
    return next(g)


def outer(g):
    first = step(g)
    deep = (1, (2, (3, (4, (5, (6, (7, (8, (9, (10, (11, (12, first))))))))))))
    text = f"{deep}{deep}{deep}{deep}{deep}{deep}"
    return [first, deep[0], len(text), [first, first, first, first, [first, first, [first, first]]]]


g = generate()
for _ in range(5):
    print(outer(g)[0])
