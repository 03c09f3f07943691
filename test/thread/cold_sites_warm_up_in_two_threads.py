# orochi
"""Code that two threads run for the first time at the same moment: its sites count, make their
records and quicken while the other thread does so too. A count must not replace a record."""
import threading
import types

ROUNDS = 5_000


class Holder:
    def __init__(self):
        self.a = 1
        self.b = 2

    def m(self, i):
        return i


def pattern(o):
    o.b = 1
    total = o.a + o.m(1)
    o.b = total
    return total + o.a


def work(me, other):
    holder = Holder()
    mine, its = at[me], at[other]
    for i in range(ROUNDS):
        mine[0] = i
        tries = 0
        while its[0] < i and tries < 10_000:  # both enter the new code at once, mostly
            tries += 1
        function = functions[i]
        if function(holder) != 3 or function(holder) != 3:
            errors.append("a wrong total")


functions = [types.FunctionType(pattern.__code__.replace(co_firstlineno=i + 1), {})
             for i in range(ROUNDS)]
at = [[-1], [-1]]
errors = []
threads = [threading.Thread(target=work, args=(n, 1 - n)) for n in range(2)]
for t in threads:
    t.start()
for t in threads:
    t.join()
if errors:
    raise SystemExit(errors[0])
