"""After a class got a property, every store goes to it, also by a statement that another thread ran
for the first time at that very moment."""
import threading

ROUNDS = 300
errors = []
SOURCE = """
def store(o):
    o.x = 1
"""


def make():
    class C:
        pass
    names = {}
    exec(SOURCE, names)
    return C, names["store"]


def store_some():
    for C, store in work:
        start.wait()
        for _ in range(4):
            store(C())


def change():
    for C, store in work:
        seen = []
        start.wait()
        C.x = property(lambda self: None, lambda self, value, seen=seen: seen.append(value))
        lists.append(seen)


work = [make() for _ in range(ROUNDS)]
lists = []
start = threading.Barrier(2)
threads = [threading.Thread(target=store_some), threading.Thread(target=change)]
for t in threads:
    t.start()
for t in threads:
    t.join()
for (C, store), seen in zip(work, lists):
    del seen[:]
    for _ in range(3):
        o = C()
        store(o)
        if "x" in vars(o):
            errors.append("the property was passed by")
    if seen != [1, 1, 1]:
        errors.append(seen)
print("errors:", errors[:3])
