# orochi
"""An item that is in an array all the time is found by `in`, index, count and remove, though another
thread's insertions and deletions before it and reversals move it about meanwhile."""
import array
import threading

SECONDS = 0.3
LENGTH = 400
errors = []


def trim(items):
    items.insert(0, 1)
    del items[0]


def slices(items):
    items[:0] = array.array(items.typecode, [1, 2, 3])
    del items[0:5:2]
    items[0:0] = array.array(items.typecode, [4])
    del items[:1]


def turn(items):
    items.reverse()


def search(items, wanted, stop):
    while not stop.is_set():
        if wanted not in items:
            errors.append("`in` missed it")
        try:
            items.index(wanted)
        except ValueError:
            errors.append("index missed it")
        if items.count(wanted) != 1:
            errors.append("count missed it")
        try:
            items.remove(wanted)
        except ValueError:
            errors.append("remove missed it")
        items.insert(50, wanted)


def check(change, kind, wanted):
    items = array.array(kind, range(LENGTH))
    items[LENGTH // 2] = wanted
    stop = threading.Event()
    searcher = threading.Thread(target=search, args=(items, wanted, stop))
    searcher.start()
    timer = threading.Timer(SECONDS, stop.set)
    timer.start()
    while not stop.is_set():
        change(items)
    searcher.join()
    if errors:
        raise SystemExit(f"{change.__name__}: {errors[0]}, and {len(errors)} more")


for change in (trim, slices, turn):
    check(change, "h", 10_000)
    check(change, "d", 0.5)
