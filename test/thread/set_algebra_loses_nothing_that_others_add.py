"""s &= t and s ^= t are one step per element at least, so that additions of other threads are not
lost; and s - t, s & t, s <= t see what is in s all the while, also when s moves to another table."""
import threading

ROUNDS = 300
errors = []


def note(f):
    def run():
        try:
            f()
        except Exception as e:
            errors.append((f.__name__, repr(e)))
    return run


def run(*functions):
    threads = [threading.Thread(target=note(f)) for f in functions]
    for t in threads:
        t.start()
    for t in threads:
        t.join()


everything = set(range(1000))
shared = set()


def add_first():
    for n in range(0, 600, 2):
        shared.add(n)


def add_second():
    for n in range(1, 600, 2):
        shared.add(n)


def intersect():
    global shared
    for _ in range(ROUNDS):
        shared &= everything


run(add_first, add_second, intersect)
if shared != set(range(600)):
    errors.append(("lost", len(shared)))

toggled = set()


def toggle():
    global toggled
    for _ in range(ROUNDS):
        toggled ^= {1, 2, "three"}


run(toggle, toggle, toggle, toggle)
if toggled:
    errors.append(("toggled", toggled))

kept = {"a", "b", "c"}
growing = set(kept)
stop = False


def grow():
    global stop
    for n in range(ROUNDS * 4):
        growing.add(n)
        if n % 50 == 49:
            for k in range(n - 49, n + 1):
                growing.discard(k)
    stop = True


def look():
    while not stop:
        found = [growing - {"x"}, growing & (kept | {"y"}), growing.difference(["z"])]
        for s in found:
            if not kept <= s:
                errors.append(sorted(map(str, kept - s)))
        if not kept <= growing or kept.isdisjoint(growing):
            errors.append("no subset")


run(grow, look, look)
print("errors:", errors[:3])
