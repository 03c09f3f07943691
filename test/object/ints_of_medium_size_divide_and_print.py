# Division, powers, gcd and text of ints around the sizes where one method takes over from another.
import hashlib
import math
import random

source = random.Random(7)
SIZES = [1, 20, 30, 31, 59, 60, 61, 63, 64, 65, 89, 90, 91, 119, 120, 121, 127, 128, 150, 300, 1000,
         2040, 4050, 4090, 4096, 4100, 4200]


def number():
    bits = source.choice(SIZES)
    kind = source.randrange(3)
    n = (source.getrandbits(bits) if kind == 0 else (1 << bits) + source.randrange(-2, 3)
         if kind == 1 else 10 ** (bits * 3 // 10) + source.randrange(-1, 2))
    return -n if source.random() < 0.4 else n


found = hashlib.md5()
for _ in range(6000):
    a, b = number(), number()
    values = [math.gcd(a, b), a == int(str(a)), str(a)[:50], hash(a ** source.randrange(8))]
    if b:
        q, r = divmod(a, b)
        assert q * b + r == a and (r == 0 or (r < 0) == (b < 0)) and abs(r) < abs(b), (a, b)
        assert a // b == q and a % b == r and a * b // b == a and a * b % b == 0, (a, b)
        values += [q, r]
    found.update(ascii([hex(v) if type(v) is int else v for v in values]).encode())
print(found.hexdigest())
for text in ("9" * 36, "-" + "9" * 36, "1" + "0" * 36, "0" * 40 + "7", "1_000" * 5, "1" * 19):
    print(int(text), int("0" + text.strip("-"), 10), int(text.replace("9", "6"), 8)
          if "8" not in text else None, int(text.replace("9", "1"), 16))
for f, text in ((int, "7" * 36), (int, "7" * 37)):
    print([f(text, base) for base in (8, 9, 10, 11, 36)])
