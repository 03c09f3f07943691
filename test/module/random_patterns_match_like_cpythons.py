"""Generated patterns with nested repeats, branches and assertions, on short subjects."""
import random
import re
import warnings

ATOMS = ["a", "b", "c", r"\d", r"\w", r"\s", ".", "[ab]", "[^a]", "[a-c1]", r"\.", "1", " ", "A",
         "\u0101", r"\b", r"\B", "^", "$", r"\Z", r"[^\d]", "\u00e9", "x", r"\n"]
TEXTS = ["", "a", "ab1 ", "abcab c1.2\nab", "aaaaaa", "11.11.22 ab", "A1b\n", "x y ab\nc",
         "\u0101a\u0101b", "\u00e9ab \u00e9", "abababac", "ba\nab\n", "aa bb cc 12 3.4"]
FLAGS = [0, 0, re.I, re.M, re.S, re.I | re.M, re.A]
LOOPS = ["*", "+", "?", "{2}", "{1,2}", "*?", "+?", "??", "*+", "++", "?+"]
source = random.Random(2)


def generate(depth):
    kind = source.randrange(14)
    if depth <= 0 or kind < 5:
        return source.choice(ATOMS)
    if kind < 8:
        return generate(depth - 1) + generate(depth - 1)
    if kind == 8:
        return "(?:" + "|".join(generate(depth - 1) for _ in range(3)) + ")"
    if kind == 9:
        return "(" + generate(depth - 1) + ")"
    if kind == 10:
        return "(?:" + generate(depth - 1) + ")" + source.choice(LOOPS)
    if kind == 11:
        return source.choice(ATOMS[:13]) + source.choice(LOOPS) + generate(depth - 1)
    if kind == 12:
        return source.choice(["(?=", "(?!", "(?>"]) + generate(depth - 1) + ")"
    return source.choice(["(?<=", "(?<!"]) + source.choice(["a", r"\d"]) + ")" + generate(depth - 1)


def show(match):
    return match and (match.span(), match.groups(), match.lastindex)


warnings.simplefilter("ignore")
for i in range(400):
    pattern, flags = generate(4), source.choice(FLAGS)
    try:
        compiled = re.compile(pattern, flags)
    except re.error as error:
        print(i, repr(pattern), error)
        continue
    for text in TEXTS:
        print(i, repr(pattern), int(flags), repr(text), show(compiled.match(text)),
              show(compiled.fullmatch(text)), show(compiled.search(text, 1)),
              [show(m) for m in compiled.finditer(text)], compiled.sub("-", text),
              compiled.split(text))
