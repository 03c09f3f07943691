"""The function of a comprehension is made once for the same globals: other globals, builtins, threads, recursion and
collections in between must not be noticed."""
import gc
import threading
import types


def squares(n):
    return [factor * i for i in range(n)], {i: factor for i in range(2)}, {factor}, list(factor + i for i in range(2))


factor = 3
other = types.FunctionType(squares.__code__, {"factor": 5, "range": range, "list": list})
print(squares(3), other(3), squares(2), other(2))

# Builtins follow the function that runs, not the one that ran first.
named = types.FunctionType(squares.__code__, {"factor": 7, "__builtins__": {"range": lambda n: (9,) * n, "list": tuple}})
print(named(2), squares(2))

# Generators go on with their own globals.
def lazily():
    return (factor * i for i in range(3))


first, second = lazily(), types.FunctionType(lazily.__code__, {"factor": 10, "range": range})()
print([next(g) for g in (first, second, first, second)])
gc.collect()
print(list(first), list(second), first.__qualname__, lazily().gi_code is first.gi_code)


def nested(n):
    return [[nested(n - 1) for _ in range(2)] for _ in range(1)] if n else 0


print(nested(2))


def check(n):
    for _ in range(n):
        mine = types.FunctionType(squares.__code__, {"factor": threading.get_ident(), "range": range, "list": list})
        if mine(2)[0][1] != threading.get_ident() or squares(2)[0] != [0, 3]:
            wrong.append(n)


wrong = []
threads = [threading.Thread(target=check, args=(3000,)) for _ in range(4)]
for t in threads:
    t.start()
for t in threads:
    t.join()
print(wrong)


def hidden():
    return [i for i in (1, 2, 3)], [i for i in [4, 5]], [i for i in range(0)], [i for i in range(-3)]


print(hidden(), hidden())
iterator = iter([1, 2, 3])
next(iterator)
print([i for i in iterator], [i for i in iterator])
long = [i for i in range(70000)]
print(len(long), long[-1], [i for i in reversed(long)][:2])
growing = [1]
print([growing.append(i) or i for i in growing if len(growing) < 5], [len(growing) for i in growing])
