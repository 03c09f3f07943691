# SPDX-License-Identifier: MIT
"""Marking does not recurse: neither a long chain nor deep nesting overflows anything."""
import gc


class Link:
    __slots__ = ("next",)

    def __init__(self, next):
        self.next = next


def chain(length):
    link = None
    for _ in range(length):
        link = Link(link)
    return link


def length(link):
    n = 0
    while link is not None:
        n, link = n + 1, link.next
    return n


first = chain(100_000)
gc.collect()
print(length(first))

nested = []
for _ in range(100_000):
    nested = [nested]
gc.collect()
depth = 0
while nested:
    nested, depth = nested[0], depth + 1
print(depth)
del first, nested
gc.collect()
