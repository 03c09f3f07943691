"""Regular expressions over a made-up log: search, findall, sub, split, named groups."""
import random
import re
import sys


def make_log(lines):
    source = random.Random(3)
    hosts = [f"host{n}.example.org" for n in range(40)]
    out = []
    for i in range(lines):
        out.append(f'10.{source.randrange(256)}.{source.randrange(256)}.7 - {source.choice(hosts)} '
                   f'[{source.randrange(1, 29):02}/Nov/2026:12:{i % 60:02}:00 +0000] '
                   f'"{source.choice(["GET", "POST", "PUT"])} /a/{source.randrange(999)}/x?q=it\'s" '
                   f'{source.choice([200, 404, 500])} {source.randrange(99999)}')
    return "\n".join(out)


def main(lines):
    log = make_log(lines)
    line = re.compile(r'^(?P<ip>\d+(?:\.\d+){3}) - (?P<host>[\w.]+) \[(?P<day>\d\d)/(\w{3})/\d+:'
                      r'[\d:]+ [+-]\d{4}\] "(?P<verb>[A-Z]+) (?P<path>\S+)" (?P<code>\d{3}) (\d+)$',
                      re.M)
    counts = {}
    for match in line.finditer(log):
        key = match["verb"], match["code"]
        counts[key] = counts.get(key, 0) + 1
    print(sorted(counts.items()))
    print(len(re.findall(r"host[13579]\.example", log)))
    print(len(re.sub(r"(\d+)\.(\d+)\.(\d+)\.(\d+)", r"\4.\3.\2.\1", log)))
    print(len(re.split(r"[\s\"\[\]]+", log)))
    print(sum(1 for _ in re.finditer(r"(?:GET|PUT) /a/(\d)\1", log)))
    print(len(re.findall(r"(?i)\bpost\b.*?(?=\s5\d\d)", log)))


main(int(sys.argv[1]) if len(sys.argv) > 1 else 40000)
