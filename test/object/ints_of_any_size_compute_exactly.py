# Arithmetic on ints around every boundary of the representation, and the messages of wrong uses.
import operator

edges = []
for bits in (0, 1, 15, 29, 30, 31, 47, 48, 49, 59, 60, 61, 62, 63, 64, 90, 127, 200, 1000):
    for delta in (-1, 0, 1):
        n = (1 << bits) + delta
        edges += [n, -n]

total = 0
for a in edges:
    for b in edges[::3]:
        values = [a + b, a - b, a * b, a & b, a | b, a ^ b, a < b, a == b, -a, ~a, abs(a)]
        if b:
            q, r = divmod(a, b)
            assert q * b + r == a and a // b == q and a % b == r, (a, b)
            assert (r >= 0) == (b > 0) or r == 0
            values += [q, r, a / b if abs(a) < 2 ** 900 else 0]
        s = abs(b) % 150
        values += [a << s, a >> s]
        total = hash((total, tuple(values)))
print(total)
print([hash(n) for n in edges[:40]])
print([n.bit_length() for n in edges[:40]], [n.bit_count() for n in edges[:40]])
print([float(n) for n in edges])
for n in edges[::5]:
    length = n.bit_length() // 8 + 1
    for order in ("big", "little"):
        data = n.to_bytes(length, order, signed=True)
        assert int.from_bytes(data, order, signed=True) == n, n
    for base, f in ((2, bin), (8, oct), (16, hex)):
        assert int(f(n), base) == n and int(f(n), 0) == n
    assert int(str(n)) == n
print(pow(3, 1000, 2 ** 89 - 1), pow(-7, 13, -100), pow(3, -1, 11), pow(2, 200), (-2) ** 63)
print([round(n, -1) for n in (4, 5, 6, 15, 25, -5, -15, 10 ** 20 + 5)], round(1234567, -3))
print(1 << 100 >> 98, -1 >> 1000, 0 << 10 ** 30, -(1 << 65) >> 64)


def attempt(f, *args, **kwargs):
    try:
        print(f(*args, **kwargs))
    except Exception as e:
        print(type(e).__name__, e)


attempt(operator.floordiv, 1, 0)
attempt(operator.mod, 1, 0)
attempt(operator.truediv, 10 ** 400, 1)
attempt(operator.truediv, 10 ** 400, 10 ** 399)
attempt(operator.lshift, 1, -1)
attempt(operator.lshift, 1, 1 << 70)
attempt(pow, 2, -1, 4)
attempt(pow, 2, 3, 0)
for text in ("", "abc", "1_", "_1", "1__0", "1_000", " 12 ", "0x1", "-0", "+7", "- 7"):
    attempt(int, text)
for text in ("0x_ff", "0b101", "0o17", "017", "00", "0_0", "0x"):
    attempt(int, text, 0)
attempt(int, "zz", 36)
attempt(int, "1", 37)
attempt(int, 1, 10)
attempt(int, None)
attempt(int, b"12x")
attempt(int, float("nan"))
attempt(int, float("-inf"))
attempt(int, "\u0661\u0662")
attempt(int, "9" * 5000)
attempt(str, 10 ** 5000)
attempt((300).to_bytes, 1)
attempt((-1).to_bytes, 1)


class Number(int):
    pass


print(Number(5) + 1, type(Number(5) + 1), Number(2 ** 70) == 2 ** 70, repr(Number(-3)), type(+Number(3)))
print(True + True, True & False, True | 2, ~True, isinstance(True, int), bool([]), True ^ True)
