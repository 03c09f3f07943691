# SPDX-License-Identifier: MIT
# Containers that outlived a collection receive fresh objects through every method there is; then
# garbage is made until young collections have happened, and everything is still there.
import array
import bisect
import collections
import gc
import heapq
import random


class Item:
    def __init__(self, n):
        self.n = n

    def __repr__(self):
        return f"<{self.n}>"

    def __lt__(self, other):
        return self.n < other.n

    def __hash__(self):
        return hash(self.n)

    def __eq__(self, other):
        return isinstance(other, Item) and self.n == other.n


def churn():
    for _ in range(40):
        [Item(i) for i in range(60)]
        {i: str(i) * 3 for i in range(60)}


def items(start, count):
    return (Item(n) for n in range(start, start + count))


def check(name, make, *fills, show=list):
    container = make()
    gc.collect()
    for fill in fills:
        got = fill(container)
        if got is not None:
            container = got
        churn()
    print(name, show(container))


def set_all(o, pairs):
    for key, value in pairs:
        o[key] = value


def few(count=6):
    return [Item(-n - 1) for n in range(count)]


check("append", list, lambda c: c.append(Item(1)), lambda c: c.append(Item(2)))
check("many appends", list, lambda c: [c.append(i) for i in items(0, 50)] and None)
check("insert", few, lambda c: c.insert(0, Item(1)), lambda c: c.insert(3, Item(2)))
check("extend", few, lambda c: c.extend(items(0, 9)), lambda c: c.extend([Item(3)]),
      lambda c: c.extend((Item(4),)))
check("assign", few, lambda c: set_all(c, [(0, Item(1)), (-1, Item(2))]))
check("slice", few, lambda c: set_all(c, [(slice(1, 3), items(0, 5))]),
      lambda c: set_all(c, [(slice(None, None, 3), [Item(7), Item(8), Item(9)])]))
check("delete slice", lambda: [Item(n) for n in range(30)], lambda c: c.__delitem__(slice(3, 20)),
      lambda c: c.append(Item(99)), lambda c: c.pop(0) and None)
check("in place", few, lambda c: c.__iadd__([Item(1)]), lambda c: c.__iadd__(items(2, 3)),
      lambda c: c.__imul__(3))
check("reverse", few, lambda c: c.extend(items(0, 3)), lambda c: c.reverse())
check("sort", few, lambda c: c.extend(items(0, 70)), lambda c: c.sort(), lambda c: c.extend(items(5, 5)),
      lambda c: c.sort(key=lambda i: str(i)), lambda c: c.sort(key=lambda i: Item(i.n % 5), reverse=True))


class Slow(Item):
    def __lt__(self, other):
        churn_a_little()
        return self.n < other.n


def churn_a_little():
    [[] for _ in range(100)]


check("sort with garbage", lambda: [Slow(n * 37 % 101) for n in range(101)], lambda c: c.sort(),
      lambda c: c.extend(Slow(n) for n in range(20)), lambda c: c.sort(reverse=True))
check("shuffle", lambda: list(range(5)), lambda c: c.extend(items(0, 20)),
      lambda c: random.Random(1).shuffle(c), show=lambda c: sorted(map(str, c)))
check("heap", list, lambda c: [heapq.heappush(c, Item(n * 7 % 50)) for n in range(50)] and None,
      lambda c: [heapq.heappushpop(c, Item(n)) for n in range(20, 60)] and None,
      lambda c: [heapq.heapreplace(c, Item(n)) for n in range(10)] and None,
      lambda c: [heapq.heappop(c) for n in range(5)] and None,
      lambda c: c.extend(items(0, 5)), heapq.heapify, show=sorted)
check("insort", list, lambda c: [bisect.insort(c, Item(n * 7 % 20)) for n in range(20)] and None)


def pairs(start, count):
    return ((f"key {n}" * 2, Item(n)) for n in range(start, start + count))


def show_dict(d):
    return list(d.items())


def update(**more):
    return lambda c: c.update(more)


for make in dict, collections.OrderedDict, lambda: collections.defaultdict(lambda: Item("default")):
    check("setitem", make, lambda c: set_all(c, pairs(0, 3)), lambda c: set_all(c, pairs(2, 4)),
          lambda c: set_all(c, pairs(0, 40)), show=show_dict)
    check("keys", make, lambda c: set_all(c, [(Item(1), 1), (Item(2), 2)]),
          lambda c: set_all(c, [((Item(3), "x"), 3), (Item(1), Item(4))]), show=show_dict)
    check("update", make, lambda c: c.update(pairs(0, 5)), lambda c: c.update(dict(pairs(3, 6))),
          update(a=Item(1), b=Item(2)), lambda c: c.__ior__(dict(pairs(20, 3))), show=show_dict)
    check("setdefault", make, lambda c: c.setdefault("a", Item(1)) and None,
          lambda c: c.setdefault(Item(5), Item(6)) and None, show=show_dict)
    check("pop", make, lambda c: c.update(pairs(0, 9)), lambda c: c.popitem() and None,
          lambda c: c.pop("key 3key 3") and None, lambda c: c.update(pairs(5, 9)),
          lambda c: c.copy(), show=show_dict)
    check("clear", make, lambda c: c.update(pairs(0, 9)), lambda c: c.clear(),
          lambda c: c.update(pairs(7, 9)), show=show_dict)
    check("numbers", make, lambda c: set_all(c, [(n, 1.5 * n) for n in range(9)]),
          lambda c: set_all(c, [(10**30 + n, 10**40 + n) for n in range(9)]), show=show_dict)
check("missing", lambda: collections.defaultdict(list),
      lambda c: [c[n % 4].append(Item(n)) for n in range(20)] and None, show=show_dict)
check("move_to_end", collections.OrderedDict, lambda c: c.update(pairs(0, 6)),
      lambda c: c.move_to_end("key 2key 2"), lambda c: c.update(pairs(9, 6)),
      lambda c: c.move_to_end("key 9key 9", last=False), show=show_dict)
check("Counter", collections.Counter, lambda c: c.update(items(0, 5)), lambda c: c.update(items(3, 5)),
      lambda c: c.subtract(items(0, 2)), lambda c: c + collections.Counter(items(30, 2)), show=show_dict)
check("ChainMap", lambda: collections.ChainMap({}, {}), lambda c: c.update(pairs(0, 3)),
      lambda c: c.new_child(dict(pairs(2, 3))), show=show_dict)
check("fromkeys", lambda: dict.fromkeys(range(4)),
      lambda c: set_all(c, [(n, Item(n)) for n in range(4)]), show=show_dict)


def show_set(s):
    return sorted(s, key=lambda i: (i.n if isinstance(i, Item) else -1, str(i)))


check("add", set, lambda c: c.add(Item(1)), lambda c: c.add(Item(2)),
      lambda c: [c.add(i) for i in items(0, 60)] and None, show=show_set)
check("set update", set, lambda c: c.update(items(0, 4)), lambda c: c.update({Item(9)}, [Item(10)]),
      lambda c: c.__ior__({Item(20)}), lambda c: c.update(items(0, 90)), show=show_set)
check("set operators", lambda: {Item(n) for n in range(9)}, lambda c: c.__ixor__(set(items(5, 9))),
      lambda c: c.symmetric_difference_update(items(0, 3)), lambda c: c.__isub__({Item(3)}),
      lambda c: c.__iand__({Item(n) for n in range(13)}), lambda c: c.discard(Item(11)),
      lambda c: c.add(Item(12)), lambda c: c.pop() and None, show=len)
check("set clear", lambda: {Item(n) for n in range(9)}, lambda c: c.clear(), lambda c: c.add(Item(1)),
      lambda c: c.update(items(0, 9)), show=show_set)
check("difference", lambda: set(range(5)), lambda c: c.difference_update([1, 2]),
      lambda c: c.add(Item(5)), lambda c: c.intersection_update([0, Item(5), Item(6)]), show=show_set)

for length in None, 7:
    make = lambda: collections.deque([Item(n) for n in range(5)], length)
    check("deque append", make, lambda c: c.append(Item(10)), lambda c: c.appendleft(Item(11)),
          lambda c: [c.append(i) for i in items(12, 30)] and None)
    check("deque extend", make, lambda c: c.extend(items(10, 4)), lambda c: c.extendleft(items(20, 4)),
          lambda c: c.__iadd__(items(30, 4)))
    check("deque rotate", make, lambda c: c.append(Item(10)), lambda c: c.rotate(3),
          lambda c: c.appendleft(Item(11)), lambda c: c.rotate(-2), lambda c: c.reverse())
    check("deque assign", make, lambda c: set_all(c, [(0, Item(10)), (3, Item(11))]),
          lambda c: c.__delitem__(1), lambda c: c.insert(2, Item(12)), lambda c: c.remove(Item(11)),
          lambda c: c.pop() and None, lambda c: c.popleft() and None, lambda c: c.append(Item(15)))
    check("deque clear", make, lambda c: c.clear(), lambda c: c.extend(items(10, 3)),
          lambda c: c.__imul__(2))

check("array", lambda: array.array("d"), lambda c: c.extend(range(50)), lambda c: c.append(1.5))
check("bytearray", bytearray, lambda c: c.extend(b"x" * 2000), lambda c: c.append(65), show=len)
check("UserList", lambda: collections.UserList(few()), lambda c: c.append(Item(1)),
      lambda c: c.extend(items(2, 5)), lambda c: c.sort())
