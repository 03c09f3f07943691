# orochi
"""Keys whose __eq__ is Python code and whose hashes are the same: each is in a dict or set once,
however many threads add it at the same time, and setdefault gives all of them one value."""
import threading

ROUNDS = 60
KEYS = 6
WORKERS = 4
errors = []


class Key:
    def __init__(self, number):
        self.number = number

    def __hash__(self):
        return 7

    def __eq__(self, other):
        return self.number == other.number


def fill(number, start):
    try:
        for d, s, given in zip(dicts, sets, defaults):
            start.wait()
            for k in range(KEYS):
                d[Key((k + number) % KEYS)] = number
                s.add(Key((k + number) % KEYS))
                given[number].append(d.setdefault((Key(100 + k),), [number]))
    except Exception as e:
        errors.append(repr(e))
        start.abort()


dicts = [{} for _ in range(ROUNDS)]
sets = [set() for _ in range(ROUNDS)]
defaults = [[[] for _ in range(WORKERS)] for _ in range(ROUNDS)]
barrier = threading.Barrier(WORKERS)
threads = [threading.Thread(target=fill, args=(n, barrier)) for n in range(WORKERS)]
for t in threads:
    t.start()
for t in threads:
    t.join()
for d, s, given in zip(dicts, sets, defaults):
    numbers = sorted(k.number for k in d if isinstance(k, Key))
    if numbers != list(range(KEYS)) or len(d) != 2 * KEYS:
        errors.append(("dict", numbers, len(d)))
    if sorted(k.number for k in s) != list(range(KEYS)) or len(s) != KEYS:
        errors.append(("set", len(s)))
    if any(a is not b for row in given for a, b in zip(row, given[0])):
        errors.append("two defaults for one key")
if errors:  # python3.11 may add such keys twice
    raise SystemExit("errors: %r" % errors[:3])
