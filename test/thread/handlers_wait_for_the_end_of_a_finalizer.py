# orochi
# What a signal handler raises inside a finalizer or a weak reference's callback is lost, and here
# they run wherever the collector found something dead. So handlers wait for their end, to raise in
# the code around; and for a finalizer that does not end, a second. python3.11 calls them at once.
import _thread
import gc
import signal
import time
import weakref

running = None  # the finalizer or callback that runs
ended = []
seen = []  # what ran when the handler was called


def handle(number, frame):
    seen.append(running)


def run(what):
    global running
    running = what
    _thread.interrupt_main()
    for i in range(1000):
        len(str(i))
    running = None
    ended.append(what)


class Finalized:
    def __del__(self):
        run("finalizer")


class Referred:
    references = []

    def __init__(self):
        self.references.append(weakref.ref(self, lambda reference: run("callback")))


def bury(kind, count):
    for _ in range(count):
        cyclic = kind()
        cyclic.itself = cyclic


def collect_until(condition):
    while not condition():
        gc.collect()
        len(str(1))


signal.signal(signal.SIGINT, handle)
bury(Finalized, 10)
bury(Referred, 10)
collect_until(lambda: len(ended) >= 20)
assert len(seen) > 0 and set(seen) == {None}, seen


class Endless:
    seconds = None

    def __del__(self):
        start = time.monotonic()
        del seen[:]
        _thread.interrupt_main()
        while not seen and time.monotonic() - start < 30:
            pass
        Endless.seconds = time.monotonic() - start


bury(Endless, 1)
collect_until(lambda: Endless.seconds is not None)
assert 0.9 < Endless.seconds < 20, Endless.seconds
