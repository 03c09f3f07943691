"""L[-1], L[-2:], L[:] = M, del L[-1] and the like are one step: the end that they count from is the
one at that moment. The same for deques and bytearrays."""
import threading
from collections import deque

ROUNDS = 1500
errors = []


def note(f):
    def run(*args):
        try:
            f(*args)
        except Exception as e:
            errors.append((f.__name__, repr(e)))
    return run


def run(*functions):
    stop = threading.Event()
    workers = [threading.Thread(target=note(f)) for f in functions[1:]]

    def first():
        try:
            functions[0]()
        finally:
            stop.set()
    workers.append(threading.Thread(target=note(first)))
    for t in workers:
        t.start()
    for t in workers:
        t.join()


def ends(make, pop):
    """The last item is always "end"; there are one to three items."""
    items = make(["end"])

    def change():
        for _ in range(ROUNDS):
            items.insert(0, "more")
            items.insert(0, "more")
            pop(items)
            pop(items)

    def read():
        for _ in range(ROUNDS):
            if items[-1] != "end":
                errors.append("another end")
            items[-1] = "end"
    run(change, read, read)
    if list(items) != ["end"]:
        errors.append(list(items))


def slices():
    short, long = [1] * 3, [2] * 5
    items = list(short)

    def change(mine):
        def work():
            for _ in range(ROUNDS):
                items[:] = mine
        return work

    def read():
        for _ in range(ROUNDS):
            for found in (items[:], items[-9:], items[0:9]):
                if found != short and found != long:
                    errors.append(found)
    run(change(short), change(long), read)
    if items != short and items != long:
        errors.append(items)


def deletions():
    items = list(range(4 * ROUNDS))
    data = bytearray(4 * ROUNDS)
    bytes_taken = []

    def delete():
        for _ in range(ROUNDS):
            del items[-1]
            del data[-1]

    def pop():
        for _ in range(ROUNDS):
            items.pop(0)
            bytes_taken.append(data.pop())
    run(delete, pop, pop)
    if items != list(range(2 * ROUNDS, 3 * ROUNDS)):
        errors.append(("deleted", len(items), items[:3], items[-3:]))
    if len(data) != ROUNDS:
        errors.append(("bytes", len(data)))


def bytes_once():
    data = bytearray(range(256)) * 8
    taken = [[], []]

    def pop(mine):
        def work():
            try:
                while True:
                    mine.append(data.pop())
            except IndexError:
                pass
        return work

    def strip():
        for _ in range(20):
            data.extend(b"\0" * 6)
            del data[-1:]
            del data[-5::2]
            data[-1] = 0
    run(pop(taken[0]), pop(taken[1]))
    if sorted(taken[0] + taken[1]) != sorted(list(range(256)) * 8):
        errors.append(("popped", len(taken[0]) + len(taken[1])))
    run(strip, strip, strip)
    if len(data) != 3 * 20 * 2:
        errors.append(("stripped", len(data)))


ends(list, lambda items: items.pop(0))
ends(deque, deque.popleft)
slices()
deletions()
bytes_once()
print("errors:", errors[:3])
