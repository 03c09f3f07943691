"""A shared generator is run by one thread; the others get ValueError or a value, never garbage."""
import threading


def count():
    for i in range(50000):
        yield i


shared = count()
got = [[] for _ in range(4)]
kinds = set()


def take(out):
    while True:
        try:
            out.append(next(shared))
        except StopIteration:
            return
        except ValueError as error:
            kinds.add(str(error))


threads = [threading.Thread(target=take, args=(out,)) for out in got]
for t in threads:
    t.start()
for t in threads:
    t.join()
merged = sorted(x for out in got for x in out)
print(merged == list(range(50000)), kinds <= {"generator already executing"})
