# Sums, differences, products and quotients of ints whose digits make carries run, stop and meet.
import hashlib
import random

source = random.Random(1)
DIGIT_EDGES = [0, 1, 2 ** 29, 2 ** 30 - 2, 2 ** 30 - 1]


def number(bits):
    kind = source.randrange(4)
    if kind == 0:
        n = source.getrandbits(bits + 1)
    elif kind == 1:
        n = (1 << bits) + source.randrange(-3, 4)
    else:
        n = 0
        for _ in range(0, bits + 1, 30):
            n = n << 30 | (source.choice(DIGIT_EDGES) if source.random() < 0.9
                           else source.getrandbits(30))
    return -n if source.random() < 0.5 else n


found = hashlib.md5()
for _ in range(6000):
    a, b, c = (number(source.randrange(1, 700)) for _ in range(3))
    factor = source.choice([1, 2 ** 30 - 1, 2 ** 30 - 2, source.getrandbits(30), 7])
    values = [a + b, a - b, a * b, a * factor, b * factor]
    if a and b:
        values += [a // b, a % b, divmod(a * factor, b), divmod(a * factor + c, a),
                   divmod(a * factor, a), (a * factor - 1) // a, (a * factor + 1) % a, 0 // b]
    found.update(repr(values).encode())
print(found.hexdigest())

# Memory of results is not cleared before their digits are written.
large = 1 << 7000
for n in range(300, 900, 37):
    number = (1 << n) - 1
    assert large * 0 == 0 * large == number * 0 == -number * 0 == number & large == number ^ number == 0
    assert number << n >> n == -(-number) == number | number == number * number // number == number
    assert int(float(number)) == 1 << n and ~number == -(1 << n) and number - number == 0
