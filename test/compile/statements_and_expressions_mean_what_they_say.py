# Expressions, assignments, loops, exceptions and with statements.
a, b = 1, 2
a, b = b, a
print(a, b, a if a > b else b, a and b, a or b, not a, a < b < 3, a < b > 3, 1 < 2 < 3 < 4, 1 < 3 > 2 < 1)
def f():
    a, b, c = 1, 2, 3
    a, b, c = c, a, b
    print(a, b, c)
    x = y = z = a
    print(x, y, z)
    a, (b, *c), d = 1, (2, 3, 4), 5
    print(a, b, c, d)
    [p, q] = 'xy'
    print(p, q)
    l = [1,2,3]
    i = 0
    i, l[i] = 1, 9
    print(i, l)
    x = 5
    x += 3; x *= 2; x -= 1; x //= 2; x **= 2; x %= 13; x <<= 2; x |= 1; x ^= 3; x &= 0xff; x >>= 1
    print(x)
    d = {'a': 1, **{'b': 2}, 'c': 3}
    print(d, {**d}, [*l, *l], (*l, 1), {*l})
    print([1, 2, 3, 4], {1, 2, 3}, (1, 2, 3), [], (), {}, {1: 2})
    print(f'{x} {x!r:>10} {x:{5}} {"a"}', f'', f'{x}', f'{x!s}{x!a}')
    print(l[0], l[1:], l[:1], l[::2], l[0:2:1], l[-1])
    l[1:2] = [7, 8]
    del l[0]
    print(l)
    s = lambda x, y=2, *z, k=3, **kw: (x, y, z, k, kw)
    print(s(1), s(1, 2, 3, k=5, r=6), s(*[1, 2], **{'k': 9}), s(1, *[2, 3], k=7, **{'m': 1}, n=2))
    print((lambda: (yield))().__class__.__name__)
    print([y := 1, y**2], y)
    x = 10
    print(x + (x := 3) + x)
    print((x, x := 5, x))
    print([i for i in range(5)], {i for i in range(3)}, {i: i*i for i in range(3)}, list(i for i in range(4)))
    print([(i, j) for i in range(3) if i for j in range(i) if j % 2 == 0])
    print([[j for j in range(i)] for i in range(3)])
    print([w := i for i in range(3)], w)
    print(1 if x else 2, None is None, x is not None, 3 in [1, 2], 3 not in {1, 2}, 1 in (1, 2))
    print(-x, +x, ~x, not x, -5, 2**10, 3.5 // 2, 7 % 3, 7 @ M() if 0 else 1)
    print('a' 'b', b'a', 1j, 1_000, 0x10, ...)
    while (n := x) > 3:
        x -= 1
    print(n, x)
f()
def g():
    for i in range(3):
        if i == 1: continue
        print(i)
    else:
        print('else')
    for i in range(3):
        if i == 1: break
    else:
        print('no')
    print(i)
    i = 0
    while i < 5:
        i += 1
        if i == 2: continue
        if i == 4: break
        print('w', i)
    else: print('no')
    while False: pass
    else: print('welse')
    for x, (y, z) in [(1, (2, 3)), (4, (5, 6))]: print(x, y, z)
    for x, *y in ['abc', 'def']: print(x, y)
    class A: pass
    o = A()
    for o.x in [1, 2]: pass
    print(o.x)
    o.x += 5; print(o.x)
    o.l = [1]; o.l[0] += 4; print(o.l)
    o.x: int = 8
    print(o.x)
    del o.x
    print(hasattr(o, 'x'))
g()
def h():
    try:
        print('t')
        raise ValueError('x')
    except KeyError: print('no')
    except (TypeError, ValueError) as e: print('caught', e)
    else: print('no else')
    finally: print('fin')
    try: e
    except UnboundLocalError as z: print(z)
    try: pass
    except: print('no')
    else: print('else')
    def r():
        try: return 'a'
        finally: print('f1')
    print(r())
    def r2():
        for i in range(3):
            try:
                if i == 1: continue
                if i == 2: break
                print('body', i)
            finally: print('f', i)
        return 'done'
    print(r2())
    def r3():
        try:
            1/0
        except ZeroDivisionError as e:
            return e
        finally:
            print('f3')
    print(repr(r3()))
    def r4():
        try: return 1
        finally: return 2
    print(r4())
    try:
        try: 1/0
        except ZeroDivisionError as e: raise KeyError('k') from e
    except KeyError as e: print(repr(e), repr(e.__cause__), repr(e.__context__))
    try:
        try: 1/0
        finally: {}['x']
    except KeyError as e: print(repr(e), repr(e.__context__))
    def r5():
        while True:
            try:
                try: raise ValueError
                finally: break
            except: print('never')
        return 'r5'
    print(r5())
    import sys
    def r6():
        try: raise ValueError(1)
        except ValueError:
            try: raise KeyError(2)
            except KeyError: print(sys.exc_info()[0])
            print(sys.exc_info()[0])
            try: raise
            except ValueError as e: print('re', e)
        print(sys.exc_info())
    r6()
h()
class CM:
    def __init__(s, n, sup=False): s.n, s.sup = n, sup
    def __enter__(s): print('enter', s.n); return s.n
    def __exit__(s, *a): print('exit', s.n, a[0], a[1]); return s.sup
def w():
    with CM(1) as a, CM(2): print(a)
    with CM(3, True): 1/0
    print('after')
    try:
        with CM(4): raise KeyError('z')
    except KeyError as e: print(repr(e))
    def q():
        with CM(5):
            for i in range(3):
                with CM(6):
                    if i == 1: return 'q'
    print(q())
    with (CM(7) as (b), CM(8) as c): print(b, c)
w()
