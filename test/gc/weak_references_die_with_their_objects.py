# SPDX-License-Identifier: MIT
import gc
import weakref


class Node:
    pass


def dead(make):
    reference = make()
    gc.collect()
    return reference() is None


def cycle():
    a, b = Node(), Node()
    a.other, b.other = b, a
    return weakref.ref(a)


def from_list():
    items = [Node(), Node()]
    reference = weakref.ref(items[0])
    del items[0]
    return reference


print(dead(cycle), dead(from_list))

calls = []
node = Node()
references = [weakref.ref(node, lambda r, i=i: calls.append((i, r() is None))) for i in range(3)]
weakref.ref(node, lambda r: calls.append("a dead reference"))
plain = weakref.ref(node)
print(plain is weakref.ref(node), plain == references[0], hash(plain) == hash(node))
del node
gc.collect()
print(calls, plain() is None)

keyed = weakref.WeakKeyDictionary()
valued = weakref.WeakValueDictionary()
kept = Node()
keyed[kept], valued["kept"] = 1, kept
keyed[Node()], valued["lost"] = 2, Node()
gc.collect()
print(len(keyed), sorted(valued))
