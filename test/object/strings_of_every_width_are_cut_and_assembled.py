# Cutting, joining, padding, translating and formatting of texts of every width and length.
import hashlib
import random

source = random.Random(3)
CHARS = "ab c\n\r\t\x0b\x0c\x1c\x1d\x1e\x85\xa0é€😀|x%"
TABLES = [{97: 98, 98: None}, {97: "é", 98: "c"}, {97: "xyz", 32: "_"}, {97: 1},
          {97: "", 98: 300}, str.maketrans("ab", "cd")]
TESTS = (str.isalpha, str.isalnum, str.isdecimal, str.isdigit, str.isnumeric, str.isspace,
         str.isprintable, str.isascii)


def text(length):
    chars = CHARS[:source.choice([13, -4, -2, len(CHARS)])]
    return "".join(source.choice(chars) for _ in range(length))


def results(i):
    s = text(source.choice([0, 1, 2, 5, 10, 20, 100, 300]))
    t, u = text(source.choice([0, 1, 1, 2])), text(source.choice([0, 1, 2, 5]))
    table = source.choice(TABLES)
    big = i * 10 ** source.randrange(20)
    for f in (s.strip, s.lstrip, s.rstrip, lambda: s.strip(t), s.splitlines, s.split,
              lambda: s.splitlines(True), lambda: s.split(t), lambda: s.replace(t, u),
              lambda: s.replace(t, u, 2), lambda: t.join([s, u, s]), lambda: t.join(s),
              lambda: s.translate(table), lambda: s.translate(dict.fromkeys(map(ord, t))),
              lambda: s.center(i % 40), lambda: s.ljust(i % 40, u[:1]), lambda: s.zfill(i % 30),
              lambda: s.rjust(i % 40, t), lambda: "%s|%r" % (s, u), lambda: "%s%s" % (s,),
              lambda: "%5s|%-5s|%.3s" % (s, u, t), lambda: "%d%%%5d%s" % (i, -i, t),
              lambda: f"{s:>10}{t!r}{i:x}{i:,}", lambda: "{}{:<5}{!r}".format(s, t, u),
              lambda: (repr(s), ascii(s)), lambda: hex(i - 50) + bin(-i) + oct(i),
              lambda: (str(big), str(-big)), lambda: s % (), lambda: (s + "%") % 1,
              lambda: [test(s) for test in TESTS]):
        try:
            yield f()
        except (TypeError, ValueError) as e:
            yield type(e).__name__, str(e)


found = hashlib.md5()
for i in range(2000):
    for value in results(i):
        found.update(repr(value).encode())
print(found.hexdigest())
