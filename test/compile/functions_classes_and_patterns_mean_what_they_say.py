# Generators, closures, classes, annotations, match, coroutines, exception groups.
def gen(n):
    for i in range(n):
        x = yield i
        if x: print('got', x)
    return 'ret'
def yf():
    r = yield from gen(3)
    print('r', r)
    yield from [7, 8]
g = yf()
print(next(g), g.send('s'), list(g))
def gt():
    try: yield 1
    except ValueError as e: print('V', e); yield 2
    finally: print('fin')
g = gt(); next(g); print(g.throw(ValueError('q'))); g.close()
g = yf(); next(g)
try: g.throw(KeyError('k'))
except KeyError as e: print(repr(e))
def gg():
    try:
        yield 1
    except GeneratorExit: print('GE'); raise
def outer(): 
    x = yield from gg()
g = outer(); next(g); g.close()
def cnt():
    x = 0
    def inc():
        nonlocal x
        x += 1
        return x
    def get(): return x
    return inc, get
i, gt_ = cnt(); i(); i(); print(gt_())
fs = [lambda: k for k in range(3)]
print([f() for f in fs])
def deff(a, b=[], /, c=1, *, d, e=5): return a, b, c, d, e
print(deff(1, d=2), deff.__defaults__, deff.__kwdefaults__, deff.__code__.co_varnames)
class A:
    "doc"
    x = 1
    y: int = 2
    def __init__(self): self.__p = 1
    def m(self): return __class__, self.__p, super().__repr__()[:6]
    @property
    def pr(self): return 'pr'
    @staticmethod
    def s(): return 's'
    @classmethod
    def c(cls): return cls.__name__
    z = [x for _ in range(2)] if 0 else 3
print(A.__doc__, A().m(), A().pr, A.s(), A.c(), A.__annotations__, A.__qualname__, A.__module__, A()._A__p)
class B(A, metaclass=type):
    def m(self):
        def q(): return super(B, self).m()
        return super().m(), q()
print(B().m(), B.m.__qualname__)
def dec(*a):
    def d(f): print('dec', a, f.__name__ if hasattr(f,'__name__') else f); return f
    return d
@dec(1)
@dec(2)
def df(): pass
@dec(3)
class DC: pass
def ann(a: int, b: 'x' = 1, *c: 3, d: 4 = 5, **e: 6) -> 7: pass
print(ann.__annotations__)
x: int
print(__annotations__)
def match_(s):
    match s:
        case 0: return 'zero'
        case 1 | 2 | 3 as n: return f'small {n}'
        case 'a' | 'b': return 'str'
        case None: return 'none'
        case True: return 'true'
        case -1: return 'neg'
        case 1.5: return 'f'
        case [x]: return f'one {x}'
        case [x, y, *_]: return f'two+ {x} {y}'
        case (): return 'empty'
        case {'k': v, **rest}: return f'map {v} {rest}'
        case {}: return 'emptymap'
        case P(x=1, y=yy): return f'P1 {yy}'
        case P(a, b): return f'P {a} {b}'
        case str(q): return f'str {q}'
        case int() as i if i > 100: return 'big'
        case _: return 'other'
class P:
    __match_args__ = ('x', 'y')
    def __init__(s, x, y): s.x, s.y = x, y
for v in [0, 1, 2, 3, 'a', 'b', None, True, -1, 1.5, [9], [1, 2], (1, 2, 3), [], {'k': 1, 'z': 2}, {}, {'a': 1}, P(1, 5), P(2, 3), 'hello', 500, 50, object]:
    print(match_(v))
def m2(s):
    match s:
        case [a, *b, c]: return a, b, c
        case [[a, b], c] | [c, [a, b]]: return a, b, c
        case {'x': [a, b]}: return a, b
        case (1 | 2) as z: return z
    return None
print(m2([1,2,3]), m2((1, 2)), m2({'x': [1,2]}), m2(2), m2('abc'))
async def co(x):
    return x + 1
async def main():
    r = await co(1)
    l = [await co(i) for i in range(3)]
    async def ag():
        for i in range(3): yield i; 
    s = []
    async for q in ag(): s.append(q)
    t = [q async for q in ag() if q]
    u = {q: await co(q) async for q in ag()}
    class ACM:
        async def __aenter__(s): return 'ae'
        async def __aexit__(s, *a): print('aexit', a[0]); return True
    async with ACM() as z: print(z)
    async with ACM(): 1/0
    async for q in ag():
        if q == 1: break
    else: print('no')
    async for q in ag(): pass
    else: print('aelse')
    return r, l, s, t, u
try: main().send(None)
except StopIteration as e: print(e.value)
def exg():
    try:
        raise ExceptionGroup('eg', [ValueError(1), TypeError(2), KeyError(3)])
    except* ValueError as e: print('V', e.exceptions)
    except* TypeError as e: print('T', e.exceptions)
    except* KeyError: print('K')
    else: print('no')
    finally: print('fin')
    try:
        try: raise ExceptionGroup('eg', [ValueError(1), OSError(2)])
        except* ValueError: raise RuntimeError('new')
    except BaseExceptionGroup as e: print(repr(e))
    try:
        try: raise ValueError('naked')
        except* TypeError: pass
    except Exception as e: print(repr(e))
    try: raise ValueError('naked')
    except* ValueError as e: print(repr(e))
exg()
def fin():
    for i in range(2):
        try:
            yield i
        finally:
            print('cleanup', i)
print(list(fin()))
def delt():
    x = 1
    del x
    try: x
    except UnboundLocalError as e: print(e)
    try: del x
    except UnboundLocalError as e: print(e)
    def inner():
        return zz
    try: inner()
    except NameError as e: print(e)
    zz = 1
    print(inner())
    del zz
    try: inner()
    except NameError as e: print(e)
delt()
try: undefined_name
except NameError as e: print(e)
global gx
def setg():
    global gx
    gx = 5
setg(); print(gx)
assert gx == 5, 'msg'
try: assert gx == 6, 'msg %d' % gx
except AssertionError as e: print(repr(e))
import sys as S, _io
from sys import maxsize, version_info as vi
print(maxsize, S is not None)
exec('q1 = 1; print(q1)')
print(eval('1 + 2'))
def star(*, a): return a
print(star(a=1))
def manyargs(*a): return len(a)
print(manyargs(*range(300)), manyargs(1,2,*range(3),4))
print((lambda *a, **k: (a, k))(1, *[2], x=1, **{'y': 2}))
try: (lambda **k: 0)(**{'a': 1}, **{'a': 2})
except TypeError as e: print(e)
try: print(*1)
except TypeError as e: print(e)
def big(): return [1,2,3,4,5,6,7,8,9,10,11,12,13,14,15,16,17,18,19,20,21,22,23,24,25,26,27,28,29,30,31,32,33,a]
a=1
print(big())
class Slots:
    __slots__ = ('a',)
s = Slots(); s.a = 3; print(s.a)
class M(type):
    @classmethod
    def __prepare__(m, n, b, **k): return {'prep': 1}
    def __new__(m, n, b, d, **k): print(sorted(d), k); return super().__new__(m, n, b, d)
    def __init__(*a, **k): pass
class WM(metaclass=M, kw=1): y = prep
print(WM.y)
def cl():
    x = 1
    class C:
        x = x + 1 if False else 5
        y = x
        def f(self): return x
        z = [x for i in range(1)]
    return C.x, C.y, C().f(), C.z
try: print(cl())
except Exception as e: print(repr(e))
