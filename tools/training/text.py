"""Training: strings, formatting, regular expressions, JSON, CSV, encodings, files."""
import csv
import io
import json
import os
import pickle
import re
import tempfile
import textwrap

PARAGRAPH = ("It was the best of times, it was the worst of times; the \u201cage\u201d of wisdom, 42 and 3.5. "
             "Na\u00efve readers e-mail someone@example.org about it \u2013 daily.")


def tokens(text):
    found = {}
    for match in re.finditer(r"(?P<word>[^\W\d]+)|(?P<number>\d+(?:\.\d+)?)|(?P<other>\S)", text):
        kind = match.lastgroup
        found.setdefault(kind, []).append(match.group().lower())
    mails = re.findall(r"[\w.]+@[\w.]+\.\w+", text)
    return {k: len(v) for k, v in found.items()}, mails[:1], re.sub(r"\s+", " ", text)[:20]


def words(text):
    out = []
    for line in text.splitlines():
        for word in line.split(" "):
            word = word.strip(".,;:\u201c\u201d").title()
            if word.startswith(("T", "W")) and not word.endswith("e"):
                out.append(word.replace("m", "n").upper())
            elif word.isdigit() or "@" in word:
                out.append(word.rjust(8, "0"))
            elif word:
                out.append(word[0] + word[1:].swapcase()[::-1])
    return ",".join(out[:20]), len(set(out)), "-".join(sorted(set(out))[:4])


def reports(n):
    lines = []
    for i in range(n):
        lines.append(f"{i:>5} {i / 7:8.3f} {'x' * (i % 5):<6}|{i:#x} {i!r:>4}")
        lines.append("%04d %s %.2f" % (i, "row", i * 1.5))
        lines.append("{0} {name:^10} {0:,}".format(i * 1000, name=i % 10))
    text = "\n".join(lines)
    return len(text), text.count("x"), text.find("row"), hash(text) != 0, textwrap.shorten(text, 40)


def documents(n):
    items = [{"id": i, "name": f"item {i}", "tags": ["a", "b", None, True], "price": i / 4,
              "nested": {"k": [i, i + 1], "text": "\u00e9\n\"q\""}} for i in range(n)]
    text = json.dumps(items)
    back = json.loads(text)
    pickled = pickle.dumps(back)
    again = pickle.loads(pickled)
    return len(text), back == items, again == items, len(json.dumps(back[:3], indent=2, sort_keys=True))


def tables(n):
    file = io.StringIO()
    writer = csv.writer(file)
    for i in range(n):
        writer.writerow([i, f"name, {i}", i / 8, ""])
    file.seek(0)
    return sum(float(row[2]) for row in csv.reader(file)), len(file.getvalue())


def files(n):
    with tempfile.TemporaryDirectory() as folder:
        path = os.path.join(folder, "lines.txt")
        with open(path, "w", encoding="utf-8") as f:
            for i in range(n):
                f.write(f"line {i} \u00fc\n")
        total = 0
        with open(path, encoding="utf-8") as f:
            for line in f:
                total += len(line.rstrip("\n").split())
        with open(path, "rb") as f:
            data = f.read()
        return total, len(data), data.decode("utf-8").encode("latin-1")[:10], os.path.basename(path)


def scan(text):
    depth, parts, start = 0, [], 0
    for i, c in enumerate(text):
        if c in "([{":
            depth += 1
        elif c in ")]}":
            depth -= 1
        elif c == "," and depth == 0:
            parts.append(text[start:i])
            start = i + 1
        elif "a" <= c <= "f" or ord(c) > 200:
            depth += 0
    result = ""
    for part in parts:
        result += part[:2]
    return len(parts), depth, result[-4:], "".join(chr(97 + i % 26) for i in range(50))


for _ in range(60):
    print(tokens(PARAGRAPH * 60), words("\n".join([PARAGRAPH] * 60)), reports(400), documents(250))
    print(tables(700), files(1200), scan("f(a, b), [1, 2], c" * 300))
