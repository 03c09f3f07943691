"""Building and taking apart text: join, format, f-strings, split, replace, translate."""
import sys


def table(rows):
    lines = []
    for i in range(rows):
        name = f"item-{i:05d}"
        lines.append("|".join([name.upper().ljust(14), str(i * 37 % 1001).rjust(6),
                               f"{i / 7:10.3f}", "%s/%d" % (name[-3:], i % 9),
                               "{:>8}{:<4}".format(hex(i), i % 13)]))
    return "\n".join(lines)


def digest(text):
    words = {}
    for line in text.splitlines():
        for field in line.split("|"):
            field = field.strip().lower().replace("item-", "i")
            if field.startswith("i") and not field.endswith("0"):
                field = field[1:].lstrip("0")
            words[field] = words.get(field, 0) + 1
    return words


def concatenate(n):
    out = ""
    for i in range(n):
        out += chr(97 + i % 26)
        if i % 64 == 63:
            out += "\n"
    return out


def main(rows):
    text = table(rows)
    words = digest(text)
    letters = concatenate(rows)
    swapped = letters.translate(str.maketrans("abc", "xyz"))
    print(len(text), len(words), swapped.count("x"), letters.find("zab"), len(text.encode()))


main(int(sys.argv[1]) if len(sys.argv) > 1 else 180000)
