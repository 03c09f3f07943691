# repr, rounding, hexadecimal text, ratios, and comparisons of floats with big ints.
import math
import struct

numbers = [0.0, -0.0, 0.1, 1 / 3, 1e16, 1e15, 123456789012345680.0, 1e22, 1e23, 5e-324, 2.2250738585072014e-308,
           1.7976931348623157e308, 1e-4, 1e-5, 0.00012, 100.0, 2.5, 3.5, 1e100, 9007199254740993.0, -1.5]
for x in numbers:
    print(repr(x), str(x), x.hex(), x.as_integer_ratio(), hash(x), x.is_integer(), round(x, 2), round(x, -1))
    assert float(repr(x)) == x and float.fromhex(x.hex()) == x
seed = 12345
for _ in range(2000):
    seed = (seed * 6364136223846793005 + 1442695040888963407) % 2 ** 64
    x = struct.unpack("<d", struct.pack("<Q", seed))[0]
    if math.isfinite(x):
        assert float(repr(x)) == x
        if _ % 100 == 0:
            print(repr(x), "%.3e" % x, format(x, ".17g"))
print([round(x) for x in (0.5, 1.5, 2.5, -0.5, 1e300 / 1e280)], [round(2.675, n) for n in range(4)])
print(2 ** 53 + 1 == float(2 ** 53), 2 ** 53 + 1 > float(2 ** 53), 10 ** 400 > 1e308, -10 ** 400 < float("-inf"))
print(7.5 // 2, -7.5 // 2, 7.5 % -2, -7.5 % 2, divmod(-7.5, 2), divmod(7.5, -2), 0.0 % -1, -1e-20 % 3)


def attempt(f, *args):
    try:
        print(f(*args))
    except Exception as e:
        print(type(e).__name__, e)


for text in ("", "1e", "1e5", " 1.5 ", "1_0.2_5", "1__0", "inf", "-Infinity", "nan", "0x1", ".5", "5.", ".", "1e400",
             "1e-400", "\u0661.5", "1\x00"):
    attempt(float, text)
for text in ("0x1p3", "1.8", "0x", "inf", "-0x.8p1", "0x1p2000", " 0x1p-1074 ", "0x1.fffffffffffff8p0", "abc", "1p"):
    attempt(float.fromhex, text)
attempt(float, [])
attempt(float, 10 ** 400)
attempt(round, float("nan"))
attempt(round, float("inf"), 1)
attempt(pow, 0.0, -1)
attempt(pow, 10.0, 400)
attempt(pow, -8.0, 1 / 3)
attempt(lambda: 1.0 / 0)
attempt(lambda: 1.0 // 0)
attempt(lambda: 1.0 % 0)
attempt(lambda: 1.0 + "a")
attempt(complex, "1+2j")
attempt(complex, " ( -1.5e3-j ) ")
attempt(complex, "1+")
attempt(lambda: (1 + 2j) ** 2)
attempt(lambda: (1 + 2j) / 0)
attempt(lambda: abs(3 + 4j))
print(1j, -1j, complex(-0.0, 1), complex(1, -0.0), complex(math.inf, math.nan), (1 + 2j) * 3.5, 1j == 1, 2 + 0j == 2)
