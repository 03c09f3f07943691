"""An attribute read that has seen a builtin method often still binds the right one: to each
instance, to numbers, after the class changed, and not where the method is another class's."""


class Numbers(list):
    pass


class Strange:
    append = list.append


def read(o):
    return o.append


def bits(n):
    return n.bit_length()


def is_whole(x):
    return x.is_integer()


lists = [Numbers() for _ in range(50)]
methods = [read(numbers) for numbers in lists]
for i, method in enumerate(methods):
    method(i)
print(lists == [[i] for i in range(50)], methods[3] == lists[3].append, methods[3] == methods[4])
print(all(method.__self__ is numbers for method, numbers in zip(methods, lists)))
print(hash(methods[7]) == hash(lists[7].append), methods[0].__name__, methods[0].__qualname__)

for _ in range(20):
    try:
        read(Strange())
    except TypeError as e:
        error = str(e)
print(error)

Numbers.append = lambda self, item: "replaced"
print([read(numbers)(0) for numbers in lists] == ["replaced"] * 50)
del Numbers.append
print([read(numbers)(0) for numbers in lists] == [None] * 50, lists[9])

lists[5].append = "own"
print(read(lists[5]), read(lists[6])(1), lists[6])

print([bits(n) for n in (0, 1, 255, 1 << 62, 1 << 100, True, -8)])
print([is_whole(x) for x in (1.0, 1.5, 1e300, 1.0)])
for odd in ("text", None, 1.5):
    try:
        bits(odd)
    except AttributeError as e:
        print(e)

read_bits = lambda n: n.bit_length
print([read_bits(n)() for n in range(9)], read_bits(5).__self__, read_bits(6) == (6).bit_length)
print([(lambda: [1, 2.5, "x", None, ...])() for _ in range(2)], [[], [0, 0, 0]][1:])
