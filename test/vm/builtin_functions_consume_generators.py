"""What all, any, sum, min, max, list, set and join take from a generator without suspending it."""
import sys


class Odd:
    """Compares, adds and is true by Python code, which looks at the generator."""

    def __init__(self, value):
        self.value = value

    def look(self):
        seen.append((running.gi_running, running.gi_suspended, running.gi_frame.f_lineno > 0))

    def __bool__(self):
        self.look()
        return self.value

    def __hash__(self):
        self.look()
        return 7

    def __eq__(self, other):
        self.look()
        return False

    def __lt__(self, other):
        self.look()
        return True

    def __gt__(self, other):
        self.look()
        return False

    def __radd__(self, other):
        self.look()
        return other + 100


def items(*values):
    for value in values:
        yield value


def start(*values):
    global running
    running = items(*values)
    return running


seen = []
print(all(start(1, True, 2.5, "a", Odd(True), 3, Odd(False), 4)), list(running), seen)
seen.clear()
print(any(start(0, False, None, 0.0, "", Odd(False), 5, 6)), list(running), seen)
seen.clear()
print(all(start()), any(start()), all(start(1, 0, 2)), next(running))
print(sum(start(1, 2, 3, Odd(True), 4.5, 1 << 48, 1 << 48, 1 << 60)), seen)
print(sum(start(True, 2, False)), sum(start(0.5, 0.25, 1)), sum(start([1], [2]), []))
print(sum(start((1 << 48) - 1, 1, -1, 1 << 62, -(1 << 62))))
seen.clear()
print(min(start(3, 2, 1.0, 1, float("nan"), 4)), max(start(3, 2, 5.5, 5, True)), seen)
print(type(min(start(1, 1.0, True))), type(max(start(True, 1, 1.0))))
print(type(min(start(3, Odd(True), 9))).__name__, len(seen), list(running))
print(max(start("a", "c", "b")), min(start(5, 3, 4), key=lambda x: -x), max(start(), default=8))
seen.clear()
odd = Odd(True)
print(len(set(start(7, "x", odd, 7, "x", 8, 7.0, (7,)))), seen[:1], len(seen) > 0)
print(list(start(1, 2, 3)), tuple(start(1, 2)), sorted(start(3, 1, 2)), "-".join(start("a", "b")))
print([*start(1, 2), *start(3)], {*start("q")})


def growing():
    for i in range(5):
        yield len(numbers) + i


numbers = [10]
numbers.extend(growing())
print(numbers)


def delegating():
    result = yield from items(1, 2, 3)
    print("delegate", result)
    yield from [4, 5]
    return 6


print(list(delegating()), sum(delegating()))


def failing(n):
    try:
        for i in range(n):
            yield i + 1
        raise KeyError(n)
    finally:
        print("finally", sys.exc_info()[0])


for f in (list, sum, all, max, set, tuple):
    try:
        f(failing(3))
    except KeyError as e:
        print(f.__name__, "KeyError", e, e.__context__)

def itself():
    yield 1
    try:
        print(next(me))
    except ValueError as e:
        print(e)
    yield sys._getframe().f_back.f_code.co_name
    yield [f.f_code.co_name for f in (sys._getframe(), sys._getframe(1))]


me = itself()


def caller():
    return list(me)


print(caller(), me.gi_running, me.gi_frame)


def raising_in_handler():
    try:
        raise IndexError("outer")
    except IndexError:
        yield 1
        yield repr(sys.exc_info()[1])


try:
    raise OSError("whole")
except OSError:
    print(list(raising_in_handler()), repr(sys.exc_info()[1]))

events = []


def trace(frame, event, argument):
    if frame.f_code.co_name == "items":
        events.append((event, argument))
    return trace


sys.settrace(trace)
total = sum(items(1, 2))
sys.settrace(None)
print(total, events)


def switching():
    yield 1
    sys.setprofile(lambda frame, event, argument: events.append((event, frame.f_code.co_name)))
    yield 2
    yield 3


events.clear()
total = sum(switching())
sys.setprofile(None)
print(total, [e for e in events if e[1] == "switching"])
