# SPDX-License-Identifier: MIT
"""Entries of weak containers go with their objects, also while threads use them."""
import gc
import threading
import weakref


class Thing:
    def __init__(self, name):
        self.name = name
        self.me = self


values = weakref.WeakValueDictionary()
keys = weakref.WeakKeyDictionary()
things = weakref.WeakSet()
kept = []


def work(number):
    for i in range(300):
        thing = Thing((number, i))
        values[number, i] = thing
        keys[thing] = i
        things.add(thing)
        if i % 100 == 0:
            kept.append(thing)


threads = [threading.Thread(target=work, args=(n,)) for n in range(4)]
for t in threads:
    t.start()
for t in threads:
    t.join()
gc.collect()
gc.collect()
names = sorted(thing.name for thing in kept)
print(names)
print(sorted(values) == names, sorted(t.name for t in keys) == names,
      sorted(t.name for t in things) == names)
kept.clear()
gc.collect()
print(len(values), len(keys), len(things))
