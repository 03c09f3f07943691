# orochi
"""Two threads assign to __bases__ at once: one of them is told that it would make a cycle. The MROs are
those of the bases afterwards, also of subclasses, of classes that are made meanwhile, and where a
metaclass has a mro() of its own; and every class is listed by its bases, once."""
import sys
import threading
import time

ROUNDS = 120


class Own(type):
    """With a mro() in Python, where other threads may come in between."""

    def mro(cls):
        mro = super().mro()
        sum(range(20))
        return mro


def run(functions, work):
    """Each function in a thread, for one item after the other, at the same time."""
    arrived = [-1] * len(functions)
    wrong = []

    def loop(me, f):
        for n, item in enumerate(work):
            arrived[me] = n
            spins = 0
            while min(arrived) < n:
                spins += 1
                if spins > 100:
                    time.sleep(0)
            try:
                f(item)
            except BaseException as e:
                wrong.append(repr(e))
    threads = [threading.Thread(target=loop, args=pair) for pair in enumerate(functions)]
    for t in threads:
        t.start()
    for t in threads:
        t.join()
    assert not wrong, wrong[:3]


def expected_mro(cls):
    """By a fresh class with the same bases, each of which is right."""
    if cls is object:
        return (object,)
    return (cls, *type.mro(cls)[1:])


def depth(cls, seen=()):
    assert cls not in seen, "a cycle"
    return 1 + max((depth(b, (*seen, cls)) for b in cls.__bases__), default=0)


def check(classes):
    for c in classes:
        depth(c)
    for c in sorted(classes, key=depth):
        assert c.__mro__ == expected_mro(c), (c, c.__mro__)
        for b in c.__bases__:
            assert issubclass(c, b)
            assert b.__subclasses__().count(c) == 1, (c, b)
        for other in classes:
            assert (c in other.__subclasses__()) == (other in c.__bases__), (c, other)
        assert c().name == c.__mro__[0].__dict__["name"]
        first = next(k for k in c.__mro__ if "found" in k.__dict__)
        assert c.found == c().found == first.__dict__["found"], c


def make(metatype, name, *bases):
    return metatype(name, bases, {"name": name})


class Base:
    found = "Base"


class Case:
    def __init__(self, metatype):
        self.root = make(metatype, "Root", Base)
        self.a, self.b, self.c = (make(metatype, name, self.root) for name in "ABC")
        self.a.found = "A"
        self.left = make(metatype, "Left", self.a)
        self.right = make(metatype, "Right", self.b)
        self.made = []
        self.told = 0

    def assign(self, cls, *bases):
        try:
            cls.__bases__ = bases
        except TypeError as e:
            assert "cycle" in str(e) or "MRO" in str(e), e
            self.told += 1


def crosswise(metatype):
    """Each makes the other's class its base."""
    cases = [Case(metatype) for _ in range(ROUNDS)]
    run([lambda case: case.assign(case.a, case.b), lambda case: case.assign(case.b, case.a)], cases)
    for case in cases:
        assert case.told == 1, case.told
        check([case.a, case.b, case.left, case.right])


def around(metatype):
    """Three threads, around a circle, by way of subclasses."""
    cases = [Case(metatype) for _ in range(ROUNDS)]
    run([lambda case: case.assign(case.a, case.right, case.root),
         lambda case: case.assign(case.b, case.c),
         lambda case: case.assign(case.c, case.left, case.root)], cases)
    for case in cases:
        assert case.told >= 1
        check([case.a, case.b, case.c, case.left, case.right])


def back_and_forth(metatype):
    """Over and over again, for the same classes."""
    case = Case(metatype)

    def toggle(cls, other):
        for i in range(20):
            case.assign(cls, other)
            case.assign(cls, case.root)
            cls().found

    run([lambda i: toggle(case.a, case.b), lambda i: toggle(case.b, case.a),
         lambda i: toggle(case.a, case.c)], range(ROUNDS // 20))
    check([case.a, case.b, case.c, case.left, case.right])


def made_meanwhile(metatype):
    """A class that is made while the bases of its base change has the new ones in its MRO."""
    cases = [Case(metatype) for _ in range(ROUNDS)]

    def derive(case):
        for i in range(3):
            case.made.append(make(metatype, f"Made{i}", case.left))

    run([derive, lambda case: case.assign(case.a, case.b), lambda case: case.assign(case.b, case.c)],
        cases)
    for case in cases:
        assert case.told == 0
        check([case.a, case.b, case.c, case.left, case.right, *case.made])
        assert all(c.__mro__[-6:-2] == (case.a, case.b, case.c, case.root) for c in case.made)


sys.setswitchinterval(1e-5)
for metatype in type, Own:
    crosswise(metatype)
    around(metatype)
    back_and_forth(metatype)
    made_meanwhile(metatype)
