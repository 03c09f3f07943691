# orochi
"""An item that is in a list all the time is found by `in`, index, count and remove, though another
thread's insertions and deletions before it and reversals move it about meanwhile."""
import threading

SECONDS = 0.3
LENGTH = 400
errors = []


class Own:  # compared in Python; never equal to a number
    def __eq__(self, other):
        return self is other

    __hash__ = None


def trim(items):
    items.insert(0, -1)
    del items[0]


def slices(items):
    items[:0] = [-1, -2, -3]
    del items[0:5:2]
    items[0:0] = [-4]
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


def check(change, wanted):
    items = list(range(LENGTH))
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
    check(change, 10_000)
check(trim, Own())
