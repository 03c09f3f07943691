"""A class keeps the first shapes of its instances after it has replaced them by bigger ones: for
instances that come from another class. They must not die with the instances that had them."""
import gc
import itertools


class Grows:
    pass


class Other:
    pass


def make(cls, names):
    o = cls()
    for name in names:
        setattr(o, name, name)
    return o


for count in 3, 9, 17, 30:
    for _ in range(3):
        make(Grows, [f"a{i}" for i in range(count)])
gc.collect()

names = [f"b{i}" for i in range(10)]
others = [make(Other, names) for _ in range(3)]
orders = itertools.islice(itertools.permutations(names), 0, 400000, 997)
others = [make(Other, order) for order in orders]
for o in others:
    before = dict(o.__dict__)
    o.__class__ = Grows
    o.last = 1
    assert o.__dict__ == before | {"last": 1}, (before, o.__dict__)
print(len(others), "came from another class")
