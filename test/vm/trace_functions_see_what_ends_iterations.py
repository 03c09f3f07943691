# What ends an iteration or an await is an exception event where CPython sees a StopIteration.
import sys
def tr(frame, ev, arg):
    if ev == 'exception':
        print(frame.f_code.co_name, frame.f_lineno-frame.f_code.co_firstlineno, ev, arg[0].__name__, arg[1].args, arg[2] is None)
    return tr
def g_none(): yield 1
def g_val():
    yield 1
    return 5
def f1():
    for x in g_val(): pass
def f2():
    for x in g_none(): pass
def sub(): 
    x = yield 1
    return x
def f3():
    r = yield from sub()
    yield r
def run3(v):
    g = f3(); next(g); 
    try: g.send(v)
    except StopIteration: pass
    g.close()
def f4():
    yield from g_none()
def run4(): list(f4())
class It:
    def __init__(self, n): self.n=n
    def __iter__(self): return self
    def __next__(self):
        self.n-=1
        if self.n: return self.n
        raise StopIteration(7)
def f5():
    for x in It(2): pass
async def co(v): return v
async def f7(): await co(1); await co(None)
def run7():
    c=f7()
    try: c.send(None)
    except StopIteration: pass
class AIt:
    def __init__(self): self.n=2
    def __aiter__(self): return self
    async def __anext__(self):
        self.n-=1
        if self.n: return self.n
        raise StopAsyncIteration
async def f8():
    async for x in AIt(): pass
async def ag():
    yield 1
    yield 2
async def f9():
    async for x in ag(): pass
def drive(f):
    def run():
        c=f()
        try: c.send(None)
        except StopIteration: pass
    run.__name__=f.__name__
    return run
def f10():
    a,b = It(3)
def f11(): 
    return [x for x in g_val()]
def f12(): return list(g_val())
def f13():
    a, = g_val()
def f14():
    for x in [1]: pass
    for x in iter(int, 0): pass
    for x in map(int, '1'): pass
def f15():
    yield from [1]
def run15(): list(f15())
import types
@types.coroutine
def tc():
    yield 3
    return 4
async def f16(): return await tc()
def run16():
    c=f16(); c.send(None)
    try: c.send(None)
    except StopIteration: pass
def run17():
    c=f16(); c.send(None)
    try: c.send(9)
    except StopIteration: pass
for f in f1,f2,lambda: run3(3),lambda: run3(None),run4,f5,run7,drive(f8),drive(f9),f10,f11,f12,f13,f14,run15,run16,run17:
    print('--',f.__name__)
    sys.settrace(tr)
    try: f()
    except Exception as e: print(repr(e))
    finally: sys.settrace(None)
