"""exec() and eval() of the code of a function that takes parameters: what is missing is said, nothing reads
registers that nobody has set."""


def plain(x):
    return x.y


def keyword(*, k):
    return k.y


def many(a, b, c=1, *d, e, **f):
    return a, b, c, d, e, f


def rest(*args, **kwargs):
    return args, kwargs


def none():
    x = 1
    return x


for f in plain, keyword, many, rest, none:
    for run in exec, eval:
        for _ in range(3):
            try:
                print(f.__name__, run(f.__code__))
            except TypeError as e:
                print(f.__name__, e)
