# SPDX-License-Identifier: MIT
# What makes a container of items asks how many there are, and passes errors of that on.
class Wrong:
    def __iter__(self):
        return iter(range(10))


class WrongLen(Wrong):
    def __len__(self):
        raise RuntimeError("len")


class WrongHint(Wrong):
    def __length_hint__(self):
        raise RuntimeError("hint")


class TypeErrorHint(Wrong):
    def __length_hint__(self):
        raise TypeError("no hint")


class NegativeHint(Wrong):
    def __length_hint__(self):
        return -1


for kind in WrongLen, WrongHint, TypeErrorHint, NegativeHint:
    for make in list, tuple, bytes, bytearray, set, [1].extend, bytearray(b"x").extend, lambda v: [*v], sorted:
        try:
            print(kind.__name__, make(kind()))
        except Exception as e:
            print(kind.__name__, type(e).__name__, e)
