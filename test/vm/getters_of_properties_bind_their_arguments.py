"""The getter of a property is called as any function: with defaults, *args, **kwargs, too few
parameters or too many, as a generator; also when it is replaced by another one."""


def with_defaults(self, a=1, *, b=2):
    a = a or self
    return a, b


def with_rest(self, *args, **kwargs):
    x = y = z = args
    return x, kwargs, y is z


def with_many_locals(self, a=None, b=(), c=None, d=0, e=1):
    a = a or self.name
    f = g = h = i = j = k = a
    return b, c, d, e, f, g, h, i, j, k


def rest_only(*args):
    return len(args)


def keyword_only(self, *, needed):
    return needed


def none():
    return 1


def two(self, other):
    return other


def generator(self, n=3):
    for i in range(n):
        yield i, self.name


def closure(start):
    def inner(self, step=start):
        nonlocal start
        start += step
        return start
    return inner


def recursive(self, depth=[3]):
    depth[0] -= 1
    return self.name if depth[0] <= 0 else self.value


class Thing:
    name = "n"


def read(thing):
    results = []
    for _ in range(4):
        try:
            value = thing.value
            results.append(list(value) if hasattr(value, "__next__") else value)
        except TypeError as e:
            results.append(str(e))
    return results


for getter in (with_defaults, with_rest, with_many_locals, rest_only, keyword_only, none, two, generator,
               closure(5), recursive, lambda self, x=7: x, len, str):
    Thing.value = property(getter)
    print(getattr(getter, "__name__", getter), [r if not hasattr(r, "name") else r.name for r in read(Thing())
                                                if not isinstance(r, str) or "object at" not in r])

with_defaults.__defaults__ = (10,)
Thing.value = property(with_defaults)
print(read(Thing()))
with_defaults.__code__ = with_rest.__code__
print(read(Thing()))
