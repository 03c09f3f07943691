# orochi
"""Each operation of an array.array happens at once, whatever other threads do to the array: nothing
that was appended is lost or taken twice, and an index from the end means one item."""
import array
import threading

ITEMS = 3_000
WORKERS = 4
errors = []


def run(*functions):
    def guarded(f, n):
        try:
            start.wait()
            f(n)
        except Exception as e:
            errors.append(f"{f.__name__}: {e!r}")

    start = threading.Barrier(WORKERS)
    threads = [threading.Thread(target=guarded, args=(functions[n % len(functions)], n))
               for n in range(WORKERS)]
    for t in threads:
        t.start()
    for t in threads:
        t.join()


def expect(what, got, wanted):
    if got != wanted:
        errors.append(f"{what}: {got!r:.80} instead of {wanted!r:.80}")


def popped_once():
    a, taken = array.array("q", range(ITEMS * WORKERS)), [[] for _ in range(WORKERS)]

    def pop(n):
        try:
            while True:
                taken[n].append(a.pop())
        except IndexError:
            pass

    run(pop)
    expect("popped", sorted(sum(taken, [])), list(range(ITEMS * WORKERS)))


def pushed_and_popped():
    a, taken = array.array("q"), [[] for _ in range(WORKERS)]

    def push(n):
        for i in range(ITEMS):
            a.append(n * ITEMS + i)

    def push_and_pop(n):
        for i in range(ITEMS):
            a.insert(-1, n * ITEMS + i)
            taken[n].append(a.pop(-1))

    run(push, push_and_pop)
    expect("pushed", sorted(sum(taken, list(a))), list(range(ITEMS * WORKERS)))


def removed_once():
    a, removed = array.array("i", [5] * ITEMS + [7]), [0] * WORKERS

    def remove(n):
        try:
            while True:
                a.remove(5)
                removed[n] += 1
        except ValueError:
            pass

    run(remove)
    expect("removed", (sum(removed), list(a)), (ITEMS, [7]))


def ends_stay():
    a = array.array("h", [1] * 50)

    def change(n):
        for _ in range(ITEMS):
            a.append(1)
            del a[-1]
            a[:0] = array.array("h", [1, 1])
            del a[:4:2]

    def look(n):
        for _ in range(ITEMS):
            if a[-1] != 1 or set(a[-3:]) != {1} or len(a[10:2:-2]) != 4:
                raise ValueError("what is at the end is not what was stored")
            a[-1] = 1

    run(change, look)
    expect("ends", list(a), [1] * 50)


def doubled():
    a = array.array("b", [3])

    def repeat(n):
        for _ in range(3):
            a.__imul__(2)

    run(repeat)
    expect("doubled", list(a), [3] * 2 ** (3 * WORKERS))


for check in (popped_once, pushed_and_popped, removed_once, ends_stay, doubled):
    check()
if errors:
    raise SystemExit("\n".join(errors))
