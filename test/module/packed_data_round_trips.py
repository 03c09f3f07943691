# struct: native and standard formats, alignment, limits and messages; random: the same sequences; math.
import cmath
import math
import random
import struct


def attempt(f, *args):
    try:
        print(f(*args))
    except Exception as e:
        print(type(e).__name__, e)


for order in ("", "@", "=", "<", ">", "!"):
    for letter in "bBhHiIlLqQnNPefd?":
        for n in (0, 1, -1, 127, 128, 255, 256, -32769, 65535, 65536, 2 ** 31, 2 ** 32 - 1, 2 ** 32, 2 ** 63 - 1, 2 ** 63, 2 ** 64, "x", 1.5):
            try:
                data = struct.pack(order + letter, n)
                print(order + letter, n, data, struct.unpack(order + letter, data))
            except Exception as e:
                print(order + letter, n, type(e).__name__, e)
for fmt in ("bi", "<bi", "bq0i", "3s2xh", "5p", "0s", "c3c", "2?", "iQb0q", " i  h ", "z", "3", "<n", "i\0", "99999999999999999999b"):
    attempt(struct.calcsize, fmt)
print(struct.pack("3s5p", b"ab", b"abcdef"), struct.unpack("3s5p", b"ab\0\4abcd"), list(struct.iter_unpack("<h", b"abcdef")))
buffer = bytearray(10)
struct.pack_into(">hh", buffer, 3, 1, -2)
print(buffer, struct.unpack_from(">hh", buffer, 3), struct.unpack_from(">h", buffer, -2))
attempt(struct.pack_into, "i", buffer, 8, 1)
attempt(struct.pack_into, "i", buffer, -20, 1)
attempt(struct.unpack_from, "i", buffer, 8)
attempt(struct.unpack, "i", b"abc")
attempt(struct.pack, "i")
attempt(struct.pack, "c", b"ab")
attempt(struct.pack, "s", "ab")
attempt(struct.pack, "e", 65520.0)
s = struct.Struct("<ih")
print(s.format, s.size, s.pack(1, 2), s.unpack(b"\1\0\0\0\2\0"))
print([struct.unpack("e", struct.pack("e", x))[0] for x in (0.0, -0.0, 1.5, 65504.0, 6e-8, 1e-8, 0.1, 2049.0, math.inf)])

r = random.Random(12345)
print([r.random() for _ in range(5)], r.getrandbits(5), r.getrandbits(32), r.getrandbits(100), r.randrange(1000), r.choice("abc"))
print(r.sample(range(100), 5), r.gauss(0, 1), r.shuffle(x := list(range(10))), x, r.uniform(1, 2), r.choices("ab", k=3))
state = r.getstate()
a = [r.random() for _ in range(700)]
r.setstate(state)
print(a == [r.random() for _ in range(700)], state[1][:3], hash(state[1]))
print([random.Random(seed).random() for seed in (0, -5, 5, 2 ** 100, "a", b"a", 1.5)])

print(math.comb(100, 50), math.perm(20, 5), math.factorial(30), math.gcd(2 ** 100, 6 ** 50), math.lcm(4, 6, 10), math.isqrt(10 ** 50))
print(math.fsum([0.1] * 10), math.fsum([1e100, 1.0, -1e100, 1e-100]), math.prod([1.5, 2, 3]), math.hypot(3, 4), math.dist([1, 2], [4, 6]))
print(math.log(10 ** 400), math.log2(2 ** 2000), math.log10(10 ** 300), math.log(8, 2), math.ldexp(0.5, 10), math.frexp(1e300), math.modf(-1.25))
print(math.floor(-1.5), math.ceil(1e20), math.trunc(-1.9), math.remainder(5, 3), math.fmod(-5, 3), math.nextafter(1, 2), math.ulp(1), math.copysign(1, -0.0))
print(math.gamma(5), round(math.gamma(0.5), 12), round(math.lgamma(100), 10), math.erf(0.5), math.cbrt(27), math.exp2(10), math.expm1(1e-10), math.isclose(1, 1 + 1e-10))
for f, *args in ((math.sqrt, -1), (math.log, 0), (math.exp, 1000), (math.gamma, -1), (math.acos, 2), (math.factorial, -1), (math.factorial, 1.5),
                 (math.comb, 1, -1), (math.pow, 0, -1), (math.fmod, 1, 0), (math.ldexp, 1, 10 ** 10), (math.isqrt, -1), (math.floor, "a"),
                 (math.sin, math.inf), (math.dist, [1], [1, 2]), (math.log,), (math.fsum, [1e308, 1e308]), (math.trunc, "a"),
                 (cmath.log, 0), (cmath.exp, 1000), (cmath.sqrt, -4), (cmath.polar, 3 + 4j), (cmath.rect, 2, math.pi / 3), (cmath.phase, -1)):
    attempt(f, *args)
