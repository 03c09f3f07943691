# An array that holds much memory is deallocated when the last reference to it goes: at del, at
# rebinding, when a function returns, and when the list or the object that held it lets go of it.
import gc
import resource
import weakref

import numpy as np


def make():
    return np.ones(100_000)


def gone(reference):
    return reference() is None


gc.collect()  # what the import made is old now, and quickly looked through
a = make()
r = weakref.ref(a)
print("alive", not gone(r))
del a
print("del", gone(r))

a = make()
r = weakref.ref(a)
a = None
print("rebound", gone(r))

a = make()
r = weakref.ref(a)
a = a + 1.0
print("replaced", gone(r))


def local():
    b = make()
    return weakref.ref(b)


print("returned", gone(local()))

items = [make(), make()]
r = weakref.ref(items[0])
items[0] = None
print("item", gone(r))
r = weakref.ref(items[1])
items.pop()
print("popped", gone(r))


class Holder:
    pass


h = Holder()
h.array = make()
r = weakref.ref(h.array)
del h.array
print("attribute", gone(r))
h.array = make()
r = weakref.ref(h.array)
h.array = make()
print("attribute replaced", gone(r))

d = {"array": make()}
r = weakref.ref(d["array"])
del d["array"]
print("dict", gone(r))

# What is still referred to stays.
a = make()
view = a[1:]
r = weakref.ref(a)
del a
print("a view's base", not gone(r), view.sum())
keep = [make()]
r = weakref.ref(keep[0])
other = keep[0]
del other
print("in a list", not gone(r), keep[0].sum())

before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
total = 0.0
for i in range(300):
    big = np.full(1_000_000, float(i))
    total += big[7]
after = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
print("300 times 8 MB", total, after - before < 100_000)
