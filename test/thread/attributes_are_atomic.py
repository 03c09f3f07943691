"""Threads add, change, delete and read attributes of one instance, directly and by __dict__."""
import threading


class Thing:
    pass


def run(*functions):
    threads = [threading.Thread(target=f) for f in functions]
    for t in threads:
        t.start()
    for t in threads:
        t.join()


for _ in range(200):
    thing = Thing()
    run(*[lambda k=k: [setattr(thing, f"a{k}_{i}", i) for i in range(20)] for k in range(3)])
    assert len(vars(thing)) == 60
    assert all(getattr(thing, f"a{k}_{i}") == i for k in range(3) for i in range(20))
print("added")

thing = Thing()
thing.stays = "here"
odd = []


def churn(k):
    for i in range(5000):
        setattr(thing, f"t{k}", i)
        if getattr(thing, f"t{k}") != i:
            odd.append(i)
        delattr(thing, f"t{k}")
        thing.__dict__[f"d{k}"] = i
        del thing.__dict__[f"d{k}"]


def read():
    for _ in range(10000):
        if thing.stays != "here" or thing.__dict__["stays"] != "here":
            odd.append("gone")


run(*[lambda k=k: churn(k) for k in range(3)], read)
print(odd, vars(thing))

swapped = Thing()
swapped.x = 0
values = set()


def swap():
    for i in range(2000):
        swapped.__dict__ = {"x": i}


def look():
    for _ in range(5000):
        values.add(type(swapped.x))


run(swap, look, look)
print(values, swapped.x)
