import sys
def show(e, depth=0):
    print('  ' * depth + type(e).__name__, e.args, e.__suppress_context__)
    if e.__cause__: print('  ' * depth + 'cause'); show(e.__cause__, depth + 1)
    if e.__context__ and e.__context__ is not e.__cause__: print('  ' * depth + 'context'); show(e.__context__, depth + 1)
def run(f):
    try: f()
    except BaseException as e: show(e)
def a():
    try: 1 / 0
    except ZeroDivisionError: raise ValueError('v')
def b():
    try: 1 / 0
    except ZeroDivisionError as e: raise ValueError('v') from e
def c():
    try: 1 / 0
    except ZeroDivisionError: raise ValueError('v') from None
def d(): raise
def e(): raise 5
def f(): raise ValueError from 5
def g():
    try: raise KeyError(1)
    finally: raise TypeError(2)
def h():
    try:
        try: raise KeyError(1)
        except KeyError: raise IndexError(2)
        finally: print('f', sys.exc_info()[0])
    except IndexError: raise
for x in (a, b, c, d, e, f, g, h): print(x.__name__); run(x)
def loop():
    for i in range(5):
        try:
            if i == 1: continue
            if i == 3: break
            yield i
        finally: print('fin', i)
print(list(loop()))
def ret():
    try: return 1
    finally: return 2
print(ret(), sys.exc_info())
try:
    try: raise ValueError(1)
    except ValueError as e: pass
    e
except NameError as x: print(x)
class M:
    def __init__(self, n, swallow): self.n, self.swallow = n, swallow
    def __enter__(self): print('enter', self.n); return self
    def __exit__(self, *a): print('exit', self.n, a[0], a[1]); return self.swallow
with M(1, False) as m, M(2, True): raise ValueError('in')
def w():
    with M(3, False): return 'r'
print(w())
try:
    with M(4, False): raise KeyError('out')
except KeyError as k: print(repr(k), k.__traceback__.tb_lineno > 0)
try:
    with 5: pass
except TypeError as e: print(e)
try: x, y = 1
except TypeError as e: print(e)
try: x, y = 1, 2, 3
except ValueError as e: print(e)
try: x, y = 'a'
except ValueError as e: print(e)
try: x, *y, z = 'a'
except ValueError as e: print(e)
x, *y, z = range(5); print(x, y, z)
def unbound():
    print(q); q = 1
try: unbound()
except UnboundLocalError as e: print(e)
def free():
    def g(): return v
    r = g(); v = 1
try: free()
except NameError as e: print(e)
try: missing_name
except NameError as e: print(e, e.name)
try: (5).nothing
except AttributeError as e: print(e, e.name, e.obj)
def tb():
    def inner(): raise ValueError
    inner()
try: tb()
except ValueError as e:
    t = e.__traceback__
    while t: print(t.tb_frame.f_code.co_name, t.tb_lineno); t = t.tb_next
try:
    try: raise ExceptionGroup('g', [ValueError(1), TypeError(2), KeyError(3)])
    except* ValueError as e: print('v', e.exceptions)
    except* TypeError as e: print('t', e.exceptions)
except BaseException as e: print(repr(e))
def deep(n): return deep(n + 1)
try: deep(0)
except RecursionError as e: print(e)
try: assert 0, 'msg'
except AssertionError as e: print(e)
