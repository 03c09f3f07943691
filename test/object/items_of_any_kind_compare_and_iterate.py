"""Tuples compare item by item; iterators of lists and tuples hand out what lies in them."""
import operator


class Odd:
    def __init__(self, answer):
        self.answer = answer

    def __eq__(self, other):
        if self.answer is None:
            raise ValueError("no answer")
        return self.answer

    def __lt__(self, other):
        return "less"

    def __repr__(self):
        return f"Odd({self.answer})"


class Text(str):
    def __eq__(self, other):
        return NotImplemented

    __hash__ = str.__hash__


nan, other_nan = float("nan"), -float("nan")
items = [0, 1, True, False, 1.0, -0.0, nan, 2**30, 2**48, 2**60, 2.0**60, "a", "b" * 2, b"a", None,
         (1,), (1, (2, (3, (4, (5, (6,)))))), [], [1], Odd(True), Odd(False), Odd(None), Text("a")]
for a in items:
    for b in items:
        row = []
        for operation in (operator.eq, operator.ne, operator.lt, operator.ge):
            try:
                row.append(operation((7, a), (7, b)))
            except (TypeError, ValueError) as e:
                row.append(f"{type(e).__name__}: {e}")
        print(a, b, *row)
print((nan,) == (nan,), (nan,) == (other_nan,), (nan, 1) < (nan, 2), [nan] == [nan])

for make in (list, tuple):
    taken = [x for x in make(items[:11])]
    print([type(x).__name__ for x in taken], taken[2] is True, taken == items[:11] or taken[6])
    print([x + 1 for x in make([1, 1023, 1024, 1025, 2**30 - 1, 2**30, 2**49])])
growing = [1, 2, 3]
for x in growing:
    if x < 6:
        growing.append(x + 3)
print(growing)
iterator = iter(growing)
for x in iterator:
    if x == 4:
        del growing[2:]
growing += [7, 8, 9, 10]
print(list(iterator), next(iterator, "over"))
print([growing.pop() for _ in range(3)], growing.pop(0), growing)
try:
    [].pop()
except IndexError as e:
    print(e)
many = []
for i in range(100000):
    many.append(i)
print(len(many), many[-1], sum(many))


def keywords(a, *, b=2, **c):
    return a, b, c


print(keywords(1), keywords(1, b=3), keywords(a=1, z=4), max([3, 1], key=lambda x: -x),
      sorted([3, 1, 2], reverse=True), dict(a=1), "{x}".format(x=5), int("7", base=8))
