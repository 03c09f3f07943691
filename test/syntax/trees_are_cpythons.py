"""Trees with all positions, unparsed and compiled again."""
import ast

SOURCE = '''\
@d
async def f(a, /, b: int = 1, *c: *T, e, g=2, **h) -> x:
    """doc"""
    async with a as b, c: pass
    async for x, *y in z: await w
    else: return [i async for i in j if k if l]
    yield; yield 1, *a; x = yield from y
class C(A, *B, m=D, **E):
    x: int = 1; (y): int; z.a: str
    global a, b; del a.b, c[1], (d, [e])
with (open(a) as b, c as (d, e),): pass
with (a, b) as c, (d): pass
try: raise A from B
except (A, B) as e: ...
else: assert a, b
finally: pass
try: pass
except* E: pass
match a, *b:
    case [1, -2.5, 1 + 2j, "x" "y", None, True, *_] if z: pass
    case {"a": 1, b.c: d, **rest} | C(1, x=2) | (e.f): pass
    case (a as b), *c: pass
x[1:2, ::3, *a, ...] = lambda a, /, *b, c=1, **d: (yield)
x = y = not a < b <= c is not d not in e or f and g ** -h if i else j
a @= b // c % d << e >> f | g ^ h & ~i; (a := b)
u"s" 'b' r"\\n" b"""
"""
f"a{b!r:>{c}}{d=}{{}}" f'{ "e" }' """
{g}"""; f"""{
 h} {i
+ j}"""
from ...a.b import (c as d, e,)
from . import *
import a.b as c, d.e
nonlocal_ = {**a, 1: 2}, {*a, b}, {a: b for c in d}, {a for b in c}, (a for b in c)
if a: b
elif c: d
else: e
while a: break
else: continue
é = 0xFF + 0o17 + 0b1 + 1_000 + 1e3 + .5 + 1j + 123456789012345678901234567890
'''
tree = ast.parse(SOURCE)
print(ast.dump(tree, include_attributes=True, indent=1))
text = ast.unparse(tree)
print(text)
print(ast.dump(ast.parse(text)) == ast.dump(tree))
print(ast.dump(ast.parse('(int, *str) -> None', mode='func_type')))
print(ast.dump(ast.parse('x = 1 # type: int\nfor a in b: # type: c\n  d # type: ignore[x]\n',
                         type_comments=True)))
