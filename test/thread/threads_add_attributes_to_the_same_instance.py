"""Threads that add different attributes to the same new instances at the same time, by the same
statements again and again, lose none; and a collection can be asked for afterwards."""
import gc
import threading

ROUNDS = 2000
errors = []


class Point:
    pass


def add_a(p):
    p.a = 1


def add_b(p):
    p.b = 2


def add_c(p):
    p.c = 3


def add_all(points, add, start):
    try:
        start.wait()
        for p in points:
            add(p)
        for _ in range(3):
            gc.collect()
    except Exception as e:
        errors.append(repr(e))


def run(adders):
    points = [Point() for _ in range(ROUNDS)]
    start = threading.Barrier(len(adders))
    threads = [threading.Thread(target=add_all, args=(points, add, start)) for add in adders]
    for t in threads:
        t.start()
    for t in threads:
        t.join()
    names = {add.__name__[-1] for add in adders}
    for p in points:
        if set(vars(p)) != names:
            errors.append(sorted(vars(p)))


for adder in (add_a, add_b, add_c):
    for _ in range(10):
        adder(Point())  # the statement has seen a new instance
for _ in range(4):
    run([add_a, add_b])
    run([add_a, add_b, add_c])
    run([add_c, add_b, add_a])
print("errors:", errors[:3])
