class Meta(type):
    @classmethod
    def __prepare__(mcs, name, bases, **kw): print('prepare', name, bases, kw); return {'made': 1}
    def __new__(mcs, name, bases, ns, **kw): print('new', sorted(k for k in ns if not k.startswith('__')), kw); return super().__new__(mcs, name, bases, ns)
    def __init__(cls, name, bases, ns, **kw): print('init', kw); super().__init__(name, bases, ns)
    def __call__(cls, *args): print('call', args); return super().__call__(*args)
class A(metaclass=Meta, key=1):
    x = 5
    def __init__(self, v): self.v = v
    def who(self): return __class__.__name__
    def __repr__(self): return f'A({self.v})'
print(A(3), A(4).who(), A.made)
class B(A):
    def __init__(self): super().__init__(9)
    def who(self): return 'B' + super().who()
print(B(), B().who(), B.__mro__)
class Sub:
    def __init_subclass__(cls, /, **kw): print('subclass', cls.__name__, kw)
class T(Sub, flag=True): pass
class D:
    def __set_name__(self, owner, name): print('set_name', owner.__name__, name)
    def __get__(self, obj, owner): return ('get', obj is None, owner.__name__)
    def __set__(self, obj, v): print('set', v)
class E:
    d = D()
    @property
    def p(self): return 'prop'
    @p.setter
    def p(self, v): print('setp', v)
e = E(); print(e.d, E.d, e.p); e.d = 3; e.p = 4
try: e.q
except AttributeError as x: print(x)
class S:
    __slots__ = ('a', 'b')
s = S(); s.a = 1; print(s.a)
try: s.b
except AttributeError as x: print(x)
try: s.c = 1
except AttributeError as x: print(x)
class G:
    def __getattr__(self, n): return 'dyn_' + n
    def __getitem__(self, k): return k
    def __len__(self): return 3
    def __contains__(self, x): return x == 1
    def __call__(self, *a, **k): return a, k
    def __eq__(self, o): return 'eq'
    def __add__(self, o): return ('add', o)
    def __radd__(self, o): return ('radd', o)
    def __iadd__(self, o): return ('iadd', o)
    def __bool__(self): return False
    def __iter__(self): return iter([1, 2])
    def __enter__(self): return 'entered'
    def __exit__(self, *a): return True
g = G(); print(g.zzz, g[1:2], len(g), 1 in g, 2 in g, g(1, k=2), g == 1, g + 1, 1 + g, bool(g), list(g), not g)
h = g; h += 5; print(h)
with g as v: print(v)
for i in range(3):
    for obj in (A, E, S, G):
        print(obj.__name__, end=' ')
print()
class Base:
    def __mro_entries__(self, bases): return (A,)
class C2(Base()): pass
print(C2.__bases__, len(C2.__orig_bases__))
def f(a, b=1, *c, d, e=2, **g) -> int: 'doc'
print(f.__defaults__, f.__kwdefaults__, f.__annotations__, f.__doc__, f.__name__, f.__qualname__, f.__code__.co_varnames)
x = 10
class Scope:
    x = x + 1
    y = [x for _ in range(2)]
    def get(self): return x
print(Scope.x, Scope.y, Scope().get())
def closure():
    n = 0
    def inc():
        nonlocal n
        n += 1
        return n
    return inc
c = closure(); print(c(), c(), c.__closure__[0].cell_contents)
match [1, {'k': 2, 'z': 3}, A(7)]:
    case [int(a), {'k': b, **rest}, A(v=q)]: print(a, b, rest, q)
match (1, 2, 3, 4):
    case (first, *mid, last) if last > 3: print(first, mid, last)
class P:
    __match_args__ = ('a', 'b')
    def __init__(s, a, b): s.a, s.b = a, b
for v in (P(1, 2), P(0, 5), 'str', None, 3.5, {'x': 1}, [1]):
    match v:
        case P(1, y): print('P1', y)
        case P(a=0): print('P0')
        case str() | None as w: print('sn', w)
        case float(z): print('f', z)
        case {'x': m}: print('map', m)
        case _: print('other')
