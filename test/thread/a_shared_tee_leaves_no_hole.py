"""Threads that call next() on one tee at the same time get items of the iterable, or RuntimeError
because another is asking the iterable; nothing else, and the other tee gets all items in order."""
import itertools
import threading

ITEMS = 20000
errors = []


def work():
    while True:
        try:
            item = next(shared, None)
        except RuntimeError:
            continue
        except BaseException as e:
            errors.append(repr(e))
            return
        if item is None:
            return
        if type(item) is not int:
            errors.append(item)


shared, other = itertools.tee(iter(range(ITEMS)))
threads = [threading.Thread(target=work) for _ in range(4)]
for t in threads:
    t.start()
for t in threads:
    t.join()
left = list(other)
print(left == list(range(ITEMS)), "errors:", errors[:3])
