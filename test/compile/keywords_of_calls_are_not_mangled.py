# SPDX-License-Identifier: MIT
# Inside a class private names are mangled, but not the names of keywords in calls.
def show(*args, **kwargs):
    return args, kwargs


class A:
    __private = 1

    def plain(self):
        return show(__private=2), show(self.__private, __a__=3, **{"__b": 4}, __c=5)

    def many(self):
        return show(*[1], **{}, __d=6), show(**{str(i): i for i in range(3)}, __e=7)

    def parameter(self, *, __named=8):
        return __named

    class B(dict, metaclass=lambda name, bases, space, **kwargs: (name, kwargs), __f=9):
        pass


a = A()
print(a.plain(), a.many(), a.B)
print(a.parameter(_A__named=10))
try:
    a.parameter(__named=11)
except TypeError as e:
    print(e)
