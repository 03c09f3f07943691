"""Copies, sums and repetitions of a deque's subclass are made by calling the class, which may return
something else."""
from collections import deque


class Strange(deque):
    answer = None

    def __new__(cls, *args, **kwargs):
        return deque.__new__(cls) if cls.answer is None else cls.answer


for limit in (None, 3):
    Strange.answer = None
    d = Strange((1, 2), limit)
    for answer in (None, [42], 7, deque("ab")):
        Strange.answer = answer
        for operation in (lambda: d * 2, lambda: d + deque("xyz"), d.copy, lambda: 2 * d):
            try:
                print(operation())
            except TypeError as e:
                print(e)
