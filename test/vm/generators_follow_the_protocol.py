def show(f):
    try:
        print('->', f())
    except BaseException as e:
        print(type(e).__name__, e.args, type(e.__cause__).__name__)

def count(n):
    for i in range(n):
        got = yield i
        if got is not None:
            print('got', got)
    return 'done'

g = count(3)
show(lambda: g.send(5))
print(next(g), g.send('x'), next(g))
show(lambda: next(g)); show(lambda: next(g))

def delegating():
    try:
        result = yield from count(2)
        print('result', result)
    except ValueError as e:
        print('caught', e)
        yield 'after'
    finally:
        print('finally')
g = delegating()
print(list(g))
g = delegating(); print(next(g)); print(g.throw(ValueError('boom'))); show(lambda: next(g))
g = delegating(); next(g); g.close(); g.close()

def stubborn():
    while True:
        try:
            yield 1
        except GeneratorExit:
            yield 2
g = stubborn(); next(g); show(g.close)
def raises_stop():
    yield 1
    raise StopIteration(3)
show(lambda: list(raises_stop()))
def reentrant():
    yield next(me)
me = reentrant(); show(lambda: next(me))
def inner():
    x = yield 1
    print('inner', x)
    try:
        yield 2
    except KeyError:
        return 'key'
def outer():
    r = yield from inner()
    yield r
g = outer(); print(next(g), g.send('hello'), g.throw(KeyError), list(g))
print(sum(x * x for x in range(10)), [*(c for c in 'abc')], dict((i, i) for i in range(3)))
class It:
    def __iter__(self): return self
    def __next__(self): raise StopIteration('value')
def d():
    print((yield from It()))
print(list(d()))
g = (i for i in range(3)); print(g.gi_running, g.gi_suspended, g.__name__, g.gi_code.co_name, g.gi_frame is not None)
next(g); print(g.gi_suspended); list(g); print(g.gi_frame)
def closing():
    try:
        yield
    finally:
        print('cleaned')
g = closing(); next(g); g.close()
def fib():
    a, b = 0, 1
    while True:
        yield a
        a, b = b, a + b
import itertools
print([next(f) for f in [fib()] for _ in range(12)])
def tree(n):
    if n:
        yield from tree(n - 1)
        yield n
        yield from tree(n - 1)
print(list(tree(4)))
g = count(2); next(g); show(lambda: g.throw(ValueError)); show(lambda: next(g))
show(lambda: count(1).throw(5)); show(lambda: count(1).throw(ValueError('x'), 5))
