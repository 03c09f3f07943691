# format(), str.format and % with random specs: the same text or the same complaint.
import hashlib
import random

source = random.Random(5)
PARTS = ("*<", ">", "^", "=", "+", " ", "#", "0", "12", "3", ",", "_", ".2")
VALUES = [0, 1, -1, 255, -255, 10 ** 6, -10 ** 20, 2 ** 47, -2 ** 47, 2 ** 48, 2 ** 49, True, 1.5,
          -0.0, 1e300, float("inf"), "é", "abc", "", "€x", None]


def results(v, spec):
    for f in (lambda: format(v, spec), lambda: ("{:" + spec + "}").format(v),
              lambda: ("a{0:" + spec + "}b{0!r:" + spec + "}").format(v),
              lambda: ("%" + spec.replace(",", "").replace("_", "")) % v,
              lambda: hex(v), lambda: oct(v) + bin(v),
              lambda: "{:{}}|{:>{w}}".format(v, spec, v, w=5)):
        try:
            yield f()
        except (TypeError, ValueError, OverflowError) as e:
            yield type(e).__name__, str(e)


found = hashlib.md5()
for _ in range(4000):
    spec = "".join(source.choice(["", part]) for part in PARTS)
    spec += source.choice(["", source.choice("bcdoxXneEfFgG%s")])
    for text in results(source.choice(VALUES), spec):
        found.update(ascii(text).encode())
print(found.hexdigest())
print("{:{}}".format("a", "é^5"), "{:é>5}".format("a"), "{:>5}é".format(3),
      ("{:" + "0" * 300 + "5d}").format(3), format(1e300, "#"))
