"""Messages and positions of syntax errors; one source per line or string."""
import warnings

warnings.simplefilter('ignore')

SOURCES = r'''
f(a b)
f(a for a in b, c)
f(x, y for y in z)
f(**a, *b)
f(a=1, b)
f(True=1)
f(a.b=1)
f() = 1
a + 1 = 2
(a, "b") = 1
x = y = yield = 1
a, b += 1
if x = 3: pass
while x.a = 3: pass
(x := 1) = 2
[x, y for x in z]
[*x for x in y]
{**x for x in y}
{1: 2, 3 4}
{1: 2, f(a b): 3}
{1: }
{1: *a}
(*x)
del f(), x
for a() in b: pass
with a as b(): pass
import a,
from a import b,
print x
lambda x=: x
def f(a=1, b): pass
def f(a, /, b, /): pass
def f(*): pass
def f(**a, b): pass
def f(x, (y, z)): pass
def f: pass
class A x: pass
else: pass
x if y
(x if y)
match x: pass
try: pass
a; b c
(a, b
a)
(]
f'{a b}'
f'{}'
f'{a!x}'
f'{a['
f'{a:{b:{c}}}'
'abc
0777
1__0
0b12
1_000x
x = é€
a $ b
a ? b
"\N{no such name}"
"\x1"
b"\x1"
b"é"
u"a" b"b"
None = 1
(): int
a, b: int
f(): int
not = 1
async x
await
'''.strip('\n').split('\n') + [
    'if 1:\nx', 'if 1:\n  x\n y', 'if 1:\n\tx\n        y', '  x', 'def f():\npass',
    'try:\n pass\nexcept A:\n pass\nexcept* B:\n pass', 'try:\n pass\nexcept A, B:\n pass',
    'try:\n pass\nexcept*:\n pass', 'match x:\n case C(a=1, b): pass', "'''abc\n", 'a\\', 'a\\b',
    'match x:\n case 1 as _: pass', '[\n(\n}', 'class A:\n', 'for x in range(10)\n  pass',
    "f'''\n{a\n b c}'''", '@a', '(' * 201, '-' * 100000 + '1',
]


def report(source, mode, flags=0):
    try:
        compile(source, '<source>', mode, flags)
    except Exception as e:
        print(type(e).__name__, e.args if len(source) < 1000 else e.args[:1])
    else:
        print('fine')


for source in SOURCES:
    print(ascii(source[:60]))
    report(source, 'exec')
    report(source, 'single')
    report(source, 'single', 0x4000)
    report(source.encode(), 'eval')
