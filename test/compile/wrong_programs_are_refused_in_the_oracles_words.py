# Messages and positions of the errors that the compiler finds.
L = '''return
def f():\\n  break
continue
break
class A:\\n  return 1
yield 1
await x
def f(): await x
async def f(): yield from x
async def f():\\n  yield 1\\n  return 2
class A: yield 1
x = yield from y
def f(x): global x
def f(x): nonlocal x
def f():\\n x=1\\n global x
def f():\\n print(x)\\n global x
def f():\\n x: int\\n global x
nonlocal x
def f(): nonlocal x
def f():\\n global x\\n nonlocal x
def f(x, x): pass
lambda x, x: 1
def f(): from m import *
class A: from m import *
from __future__ import braces
from __future__ import nope
x = 1\\nfrom __future__ import division
def f():\\n from __future__ import division
[x := 1 for x in y]
[(x := 1) for x in y]
[i for i in (j := [1])]
class A: [(y := 1) for x in z]
[[(x := i) for i in range(3)] for x in y]
[x for x in y for (x := 1) in z]
[(yield) for x in y]
((yield) for x in y)
{(yield): 1 for x in y}
{(yield) for x in y}
def f(): [await x for x in y]
[await x for x in y]
def f(): return [x async for x in y]
async def f(): return [x async for x in y]
def f():\\n async with x: pass
def f():\\n async for x in y: pass
async for x in y: pass
async with x: pass
__debug__ = 1
def __debug__(): pass
def f(__debug__): pass
f(__debug__=1)
x.__debug__ = 1
del __debug__
import __debug__
for __debug__ in x: pass
with x as __debug__: pass
(__debug__ := 1)
class __debug__: pass
try: pass\\nexcept X as __debug__: pass
lambda __debug__: 1
*a, *b = c
*a = 1
f(a=1, a=2)
try: pass\\nexcept: pass\\nexcept X: pass
while 1:\\n try: pass\\n except* X: break
def f():\\n try: pass\\n except* X: return
match x:\\n case a: pass\\n case b: pass
match x:\\n case _: pass\\n case b: pass
match x:\\n case a | b: pass
match x:\\n case 1 | a: pass
match x:\\n case _ | 1: pass
match x:\\n case [a, a]: pass
match x:\\n case [*a, *b]: pass
match x:\\n case {1: a, 1: b}: pass
match x:\\n case A(b=1, b=2): pass
match x:\\n case (a, 1) | (1, b): pass
def f():\\n  def g():\\n    nonlocal y\\n  return g
def f(a):\\n  global a
class A:\\n def f(self):\\n  nonlocal __x
def f():\\n x: int = 1\\n nonlocal x
def f():\\n global x\\n x: int
a: int\\nglobal a
def f(): x = *a
(*a)
del *a
f() = 1
def f():\\n import a\\n global a
def f():\\n for x in y: pass\\n global x
def f():\\n with a as x: pass\\n nonlocal x
x = (yield)
def f(a=(yield)): pass
def f(a: (yield)): pass
from __future__ import annotations\\ndef f(a: (yield)): pass
from __future__ import annotations\\ndef f() -> (await x): pass
from __future__ import annotations\\nx: (y := 1)
async def f():\\n  def g(): [await x for x in y]
async def f():\\n  lambda: await x
async def f():\\n  class A: await x
async def f():\\n  return (await x for x in y)
def f(*, a, a): pass
def f(a, *a): pass
def f(a, **a): pass'''.split('\n')
for s in L:
    s = s.replace('\\n', '\n')
    try: compile(s, 'fn', 'exec'); print(repr(s), 'ok')
    except SyntaxError as e: print(repr(s), e.msg, e.lineno, e.offset, e.end_lineno, e.end_offset, e.text)
import sys
def nest(n, kind):
    s = ''
    for i in range(n): s += ' ' * i + kind + '\n'
    s += ' ' * n + 'pass\n'
    if kind == 'try:':
        for i in range(n-1, -1, -1): s += ' ' * i + 'finally: pass\n'
    return s
for k in ['while x:', 'for x in y:', 'with x:', 'try:']:
    for n in [19, 20, 21]:
        try: compile(nest(n, k), 'fn', 'exec'); print(k, n, 'ok')
        except SyntaxError as e: print(k, n, e.msg, e.lineno, e.offset, e.end_lineno, e.end_offset)
    
