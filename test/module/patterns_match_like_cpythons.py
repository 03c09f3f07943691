# The regular expression engine: every kind of instruction, on str and bytes, and long repeats.
import re

cases = [
    (r"abc", "xabcy"), (r"a.c", "a\nc abc"), (r"(?s)a.c", "a\nc"), (r"^a", "ba\na"), (r"(?m)^a$", "ba\na\n"), (r"a*?b", "aaab"),
    (r"(a|ab)(c|bcd)(d*)", "abcd"), (r"(a+)(b+)?", "aaa"), (r"(?:ab)+", "ababab"), (r"(?:ab)+?c", "ababc"), (r"(a)|b", "b"),
    (r"[a-c]+[^a-c]", "abcx"), (r"\d+\s\w+", "12 abc"), (r"\bfoo\b", "a foo b"), (r"\Boo", "foo"), (r"(\w)\1", "hello"),
    (r"(?i)HeLLo", "hEllO"), (r"(?i)[k-m]+", "KLM\u212a"), (r"(?<=ab)c", "abc"), (r"(?<!ab)c", "abc xc"), (r"a(?=b)", "acab"),
    (r"a(?!b)", "abac"), (r"(?P<x>a)(?P=x)", "aa"), (r"(a)?(?(1)b|c)", "ab"), (r"(a)?(?(1)b|c)", "c"), (r"(?>a+)ab", "aaab"),
    (r"a++b", "aaab"), (r"a*+a", "aaa"), (r"(?:ab)*+c", "ababc"), (r"(?:a|b){2,4}?c", "ababc"), (r"x{0}y", "y"), (r"(?:)*", "a"),
    (r"(a*)*", "aaab"), (r"(a*)+?b", "aab"), (r"((a)|b)*", "abab"), (r"[\u0400-\u04ff]+", "abc\u0416\u0417"), (r"\Aab\Z", "ab"),
    (r"a$", "a\n"), (r"[^\W\d_]+", "12ab_"), (r"(?a)\w+", "ab\xe9"), (r"\w+", "ab\xe9"), (r"(?i)stra\u017fe", "STRASE"),
    (r"(?:a|ab)(?:c|bcd)$", "abcd"), (r"(x)?y\1?", "xyx"), (r"\U0001F600+", "a\U0001F600\U0001F600"), (r"[\U0001F600-\U0001F610]", "\U0001F605"),
    (r"(?i)\xe9", "\xc9"), (r".*foo", "xxfooyyfoo"), (r".*?foo", "xxfooyyfoo"), (r"(?=(a+))\1b", "aab"), (r"(?:(?:a)(?:b)?)+c", "abaabc"),
]
for pattern, text in cases:
    p = re.compile(pattern)
    for how in (p.match, p.search, p.fullmatch):
        m = how(text)
        print(pattern, how.__name__, m and (m.span(), m.groups(), m.lastindex, m.lastgroup))
    print(p.findall(text), [m.span() for m in p.finditer(text)], p.split(text), p.subn("<\\g<0>>", text), repr(p))
    if text.isascii() and "\\u" not in pattern and "\\U" not in pattern and pattern.isascii():
        b = re.compile(pattern.encode())
        print(b.findall(text.encode()), b.sub(b"-", text.encode()))
print(re.match(r"(?:a|b)*c", "ab" * 200000 + "c").end(), re.match(r"(?:a|b)*?c", "ab" * 100000 + "c").end())
print(re.match("(?:(a)|b)*", "ab" * 1000).span(1), re.search("(?:x+x+)+y", "x" * 15))
print(re.sub(r"(\w+) (\w+)", r"\2 \1", "hello world, foo bar"), re.sub("a", lambda m: m.group().upper(), "banana", count=2))
m = re.compile(r"(?P<first>\w)(?P<second>\d)?").match("ab", 1)
print(m.groupdict(), m.groupdict("x"), m["first"], m[0], m.group("first", 2), m.start("second"), m.regs, m.pos, m.endpos, m.expand(r"\1-\g<first>"))
print(re.compile("^b").match("ab", 1), re.compile("b$").search("abc", 0, 2), re.compile("a").match("ba", -5))


def attempt(f, *args):
    try:
        print(f(*args))
    except Exception as e:
        print(type(e).__name__, e)


attempt(re.compile("a").match, 1)
attempt(re.compile("a").match, b"a")
attempt(re.compile(b"a").match, "a")
attempt(re.match("a", "a").group, 5)
attempt(re.match("a", "a").group, "x")
attempt(re.compile, "(")
attempt(re.compile, "a{2,1}")
attempt(re.sub, "(a)", r"\2", "a")
print(re.compile("a", re.I | re.X), re.compile(b"a", re.A), re.compile("x") == re.compile("x"), re.escape("a.b*c"))
s = re.compile(r"\w").scanner("ab")
print(s.match(), s.search(), s.match())
print(re.split("(-)|(,)", "a-b,c"), re.split("x*", "axbc"), re.findall("", "ab"), re.sub("", "-", "ab"), re.sub("x*", "-", "abxd"))
