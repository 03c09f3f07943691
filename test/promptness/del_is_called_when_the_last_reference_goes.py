# SPDX-License-Identifier: MIT
import weakref


class C:
    def __init__(self, n, inner=None):
        self.n = n
        self.inner = inner

    def __del__(self):
        print("del", self.n)


def local():
    x = C("deleted")
    print("made")
    del x
    print("after del")
    x = C("rebound")
    x = C("rebound to None")
    print("rebound")
    x = None
    print("None")
    y = C("left over at return")
    print("returning")


def argument(x):
    x = None
    print("argument rebound")


local()
print("returned")
argument(C("argument"))
C("dropped")
print("dropped")
z = C("global")
del z
print("global deleted")
z = C("global, first")
z = C("global, second")
print("global rebound")
z = None


class Holder:
    pass


h = Holder()
h.c = C("attribute")
h.c = None
print("attribute rebound")
h.c = C("attribute, deleted")
del h.c
print("attribute deleted")
items = [C("item")]
items.pop()
print("popped")
table = {1: C("value")}
del table[1]
print("deleted from the dict")


def chain():
    o = C("outer", C("inner"))
    print("chain")


chain()


class Returns:
    def __del__(self):
        global kept
        kept = self
        print("comes back")


r = Returns()
del r
print(kept is not None)
del kept
print("not called again")
x = C("referent")
w = weakref.ref(x, lambda w: print("callback"))
del x
print(w())


def in_a_list():
    made = [C("in a list")]
    print(len(made))


in_a_list()
print("end")
