"""A class that is made while another thread gives its base a special method has that method; and a
global that is added while a function looks the name up for the first time is seen from then on."""
import threading

ROUNDS = 400
errors = []


def run(first, second, work):
    start = threading.Barrier(2)

    def loop(f):
        for item in work:
            start.wait()
            f(item)
    threads = [threading.Thread(target=loop, args=(f,)) for f in (first, second)]
    for t in threads:
        t.start()
    for t in threads:
        t.join()


class Pair:
    def __init__(self):
        self.base = type("Base", (), {"__slots__": ("a", "b")})
        self.made = []


def derive(pair):
    for _ in range(3):
        pair.made.append(type("Derived", (pair.base,), {}))


def change(pair):
    pair.base.__len__ = lambda self: 7
    pair.base.__call__ = lambda self: "called"


pairs = [Pair() for _ in range(ROUNDS)]
run(derive, change, pairs)
for pair in pairs:
    for made in pair.made:
        try:
            if len(made()) != 7 or made()() != "called":
                errors.append("another result")
        except TypeError as e:
            errors.append(str(e))
        if made not in pair.base.__subclasses__():
            errors.append("no subclass")


class Module:
    def __init__(self):
        self.names = {}
        exec("def f():\n    return len\n", self.names)


def look(module):
    for _ in range(4):
        module.names["f"]()


def add(module):
    module.names["len"] = "own"


modules = [Module() for _ in range(ROUNDS)]
run(look, add, modules)
errors += [m for m in modules if m.names["f"]() != "own"]
print("errors:", errors[:3])
