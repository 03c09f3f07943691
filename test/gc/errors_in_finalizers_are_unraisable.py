# SPDX-License-Identifier: MIT
"""An exception in __del__ or in a callback of a weak reference goes to sys.unraisablehook."""
import gc
import sys
import weakref

seen = []
sys.unraisablehook = lambda u: seen.append((u.exc_type.__name__, str(u.exc_value)))


class Bad:
    def __del__(self):
        raise ValueError("in __del__")


class Plain:
    pass


def callback(reference):
    raise KeyError("in callback")


def make():
    bad = Bad()
    bad.self = bad
    plain = Plain()
    plain.self = plain
    return weakref.ref(plain, callback)


reference = make()
gc.collect()
print(sorted(seen), reference())
