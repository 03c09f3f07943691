# with gmpy2 bitarray Levenshtein cbor2 msgpack
"""Big numbers, bit arrays, edit distances and binary encodings; in threads."""

from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timezone
from fractions import Fraction

import bitarray
import bitarray.util
import cbor2
import gmpy2
import Levenshtein
import msgpack

VALUE = {"a": [1, -2 ** 40, 2.5, None, True, b"bytes", "ä" * 50], "nested": {"x": {"y": [[]] * 3}}, "big": 2 ** 63}


def work(k):
    bits = bitarray.bitarray(f"{k:012b}" * 50)
    return (gmpy2.next_prime(10 ** 20 * (k + 1)), gmpy2.powmod(3, 10 ** 30, 10 ** 9 + k), bits.count(), (~bits).index(0),
            bitarray.util.ba2hex(bits)[:9], cbor2.loads(cbor2.dumps(VALUE)) == VALUE,
            msgpack.unpackb(msgpack.packb(VALUE), strict_map_key=False) == VALUE, Levenshtein.distance("kitten" * k, "sitting" * k))


with ThreadPoolExecutor(4) as pool:
    for result in pool.map(work, range(1, 7)):
        print(*result)
with gmpy2.local_context(precision=200):
    print(gmpy2.sqrt(2), gmpy2.const_pi(), gmpy2.mpfr("1.1") * 3)
print(gmpy2.mpq(3, 4) + Fraction(1, 3), gmpy2.mpz(5) ** 50 % 7, hash(gmpy2.mpz(10 ** 30)) == hash(10 ** 30), gmpy2.isqrt(10 ** 21),
      gmpy2.mpc("1+2j") * 2, f"{gmpy2.mpz(255):x}", [gmpy2.mpz(7), 3][0] > 6.5, gmpy2.mpz(3) == 3.0, int(gmpy2.fac(20)))
a = bitarray.bitarray("110010")
a.extend([1, 0])
a[2:4] = bitarray.bitarray("11")
print(a, a.tobytes(), a & bitarray.bitarray("10101010"), a.search(bitarray.bitarray("1")), bitarray.util.ba2int(a), a << 2)
print(cbor2.dumps([datetime(2024, 1, 2, tzinfo=timezone.utc), {1: {2}}]).hex(), cbor2.loads(bytes.fromhex("c11a514b67b0")))
print(msgpack.packb({"t": msgpack.Timestamp(1, 5), "e": msgpack.ExtType(5, b"x")}),
      list(msgpack.Unpacker(__import__("io").BytesIO(b"\x01\x02\xa1x"))))
print(Levenshtein.editops("spam", "park"), Levenshtein.median(["abc", "abd", "bbc"]), round(Levenshtein.jaro("abcd", "abdc"), 5))
for wrong in (lambda: gmpy2.mpz("x"), lambda: gmpy2.mpz(1) // 0, lambda: a.index(bitarray.bitarray("11111111")), lambda: a[99],
              lambda: cbor2.loads(b"\x82\x01"), lambda: cbor2.dumps(object()), lambda: msgpack.unpackb(b"\x82"), lambda: msgpack.packb(2 ** 70),
              lambda: Levenshtein.distance(1, "a"), lambda: gmpy2.mpz(5) + "x", lambda: bitarray.bitarray("012")):
    try:
        print(wrong())
    except Exception as error:
        print(type(error).__name__, error)
