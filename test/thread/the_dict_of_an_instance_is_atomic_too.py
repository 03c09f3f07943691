"""pop, popitem, setdefault and del on the __dict__ of an instance give each value to one thread; a
copy of it is never empty because the instance leaves its slots meanwhile; and what is stored into
a __dict__ that was replaced does not appear in the new one."""
import threading

ROUNDS = 150
WORKERS = 4
errors = []


class Box:
    pass


def note(f):
    def run(*args):
        try:
            f(*args)
        except threading.BrokenBarrierError:
            pass
        except Exception as e:
            errors.append(repr(e))
            start.abort()
    return run


@note
def take(number):
    for r in range(ROUNDS):
        start.wait()
        d = vars(boxes[r])
        for n in range(6):
            v = d.pop("p%d" % n, None)
            if v is not None:
                taken[number].append((r, v))
            v = d.setdefault("s%d" % n, (number, n))
            given[number].append(v)
        try:
            while True:
                k, v = d.popitem()
                if k[0] == "q":
                    taken[number].append((r, v))
                else:
                    d.setdefault(k, v)
                    break
        except KeyError:
            pass


def make_box():
    box = Box()
    for n in range(6):
        setattr(box, "p%d" % n, "p%d" % n)
    for n in range(6):
        setattr(box, "q%d" % n, "q%d" % n)
    return box


@note
def copy(number):
    for r in range(ROUNDS):
        start.wait()
        for _ in range(4):
            d = vars(steady[r])
            for found in (dict(d), list(d), d.copy()):
                if "x" not in found or "y" not in found:
                    errors.append((r, sorted(map(str, found))))


@note
def leave(number):
    for r in range(ROUNDS):
        start.wait()
        vars(steady[r])[r] = "no name"


@note
def store(number):
    for r in range(ROUNDS):
        d = vars(replaced[r])
        start.wait()
        for n in range(4):
            d["old%d" % n] = n


@note
def replace(number):
    for r in range(ROUNDS):
        start.wait()
        replaced[r].__dict__ = {"new": 1}


def run(functions):
    global start
    start = threading.Barrier(len(functions))
    threads = [threading.Thread(target=f, args=(n,)) for n, f in enumerate(functions)]
    for t in threads:
        t.start()
    for t in threads:
        t.join()


boxes = [make_box() for _ in range(ROUNDS)]
taken = [[] for _ in range(WORKERS)]
given = [[] for _ in range(WORKERS)]
run([take] * WORKERS)
all_taken = sorted(pair for row in taken for pair in row)
if len(all_taken) != len(set(all_taken)):
    errors.append("a value was taken twice")

steady = [Box() for _ in range(ROUNDS)]
for box in steady:
    box.x = box.y = 1
run([copy, copy, leave])

replaced = [Box() for _ in range(ROUNDS)]
for box in replaced:
    box.x = 1
run([store, replace])
for box in replaced:
    if "new" not in vars(box) or any(k.startswith("old") for k in vars(box)):
        errors.append(sorted(vars(box)))
print("errors:", errors[:3])
