# SPDX-License-Identifier: MIT
"""Tracebacks of what is thrown into generators and coroutines, or raised by closing them."""
import traceback, sys
def show(f):
    try: f()
    except BaseException as e: traceback.print_exception(e, file=sys.stdout)
def gen():
    try:
        x = 1 + (yield 5)
    except KeyError as e:
        yield (1,
               2)
    z = [i for i in (yield 3)]
def a():
    g=gen(); next(g); g.throw(ValueError('x'))
def b():
    g=gen(); next(g); g.throw(KeyError('x')); g.throw(ValueError, 'y')
def inner():
    yield 1
    y = foo(1,
        (yield 2))
def outer():
    a = yield from inner()
def c():
    g=outer(); next(g); g.throw(ValueError('x'))
def d():
    g=outer(); next(g); next(g); g.throw(ValueError('x'))
def notstarted():
    g=outer(); g.throw(ValueError('x'))
def ignoring():
    try: yield 1
    except GeneratorExit: yield 2
def e():
    g=ignoring(); next(g); g.close()
def closing():
    try: yield 1
    finally: 1/0
def f():
    g=closing(); next(g); g.close()
def finished():
    g=iter_done(); list(g); g.throw(ValueError('z'))
def iter_done():
    yield 1
async def co():
    await aw()
class aw:
    def __await__(self): 
        yield 1
def h():
    c=co(); c.send(None); c.throw(ValueError('q'))
async def co2():
    async with M() as m:
        pass
class M:
    async def __aenter__(self): await aw()
    async def __aexit__(self,*a): await aw()
def i():
    c=co2(); c.send(None); c.throw(ValueError('q'))
def j():
    c=co2(); c.send(None)
    try: c.send(None)
    except StopIteration: pass
    c.throw(ValueError('q'))
async def ag():
    yield 1
async def co3():
    async for i in ag():
        await aw()
def k():
    c=co3(); c.send(None); c.throw(ValueError('q'))
async def co4():
    return [x async for x in agw()]
async def agw():
    await aw()
    yield 1
def l():
    c=co4(); c.send(None); c.throw(ValueError('q'))
def m():
    def g(): 
        x = yield (yield 1) + 2
    q=g(); next(q); q.send(1); q.throw(ValueError)
class It:
    def __iter__(self): return self
    def __next__(self): return 1
def n():
    def g(): yield from It()
    q=g(); next(q); q.throw(ValueError)
class It2(It):
    def throw(self,*a):
        raise TypeError(*a)
    def close(self): raise KeyError
def o():
    def g(): yield from It2()
    q=g(); next(q); q.throw(ValueError)
def p():
    def g(): yield from It2()
    q=g(); next(q); q.close()
def q():
    def g(): return (yield from (i for i in
        It2()))
    q=g(); next(q); q.throw(ValueError(1).with_traceback(None))
def r():
    def g():
        with open('/dev/null') as f: yield 1
    q=g(); next(q); q.throw(OSError)
def s():
    g=(x for x in range(3)); next(g); g.throw(ValueError)
def t():
    g=(x for x in range(3)); g.throw(ValueError)
for fn in [a,b,c,d,notstarted,e,f,finished,h,i,j,k,l,m,n,o,p,q,r,s,t]:
    print('==',fn.__name__); show(fn)
