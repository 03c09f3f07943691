# o[i:j] for every kind of bound and container, and for what is no built-in sequence.
class A:
    def __getitem__(self, k): return k
    def __index__(self): return 2
a=A()
print(a[1:2], a[:], a[1:], a[:"x"], a[None:3], a[1:2,3:4])
for s in ("hello", [1,2,3,4,5], (1,2,3,4,5), b"hello", bytearray(b"hello"), range(5), "héllo", "日本語です"):
    for i in (None, 0, 1, 3, 5, 9, -1, -3, -5, -9, 1<<60, -(1<<60), 1<<80, -(1<<80), True, a):
        for j in (None, 0, 1, 3, 5, 9, -1, -3, -5, -9, 1<<60, -(1<<60), 1<<80, -(1<<80), True, a):
            assert s[i:j] == s[slice(i,j)], (s,i,j)
            assert type(s[i:j]) is type(s)
    for bad in ("x", 1.5, [], (1,)):
        try: s[bad:]
        except TypeError as e: print(type(s).__name__, e)
        try: s[:bad]
        except TypeError as e: print(e)
class S(str): pass
class L(list): pass
class T(tuple): pass
class B(bytes): pass
print(type(S("abc")[:]), type(L([1])[:]), type(T((1,))[:]), type(B(b"a")[:]))
t=(1,2); print(t[:] is t, "abc"[:] == "abc"); b=b"abc"; print(b[:] is b)
for o in (5, None, {}, {1}, 2.5, print):
    try: o[1:2]
    except TypeError as e: print(e)
def f():
    x="abcdef"; print(x[(x:="zzzyyy")and 1:3]); y="abc"
    print(x[1:(x:="q") and 4], x)
    del y
    try: y[1:2]
    except UnboundLocalError as e: print(e)
f()
def g(x, /):
    x[1:2]
try: g(3)
except TypeError:
    import traceback; traceback.print_exc(file=__import__("sys").stdout)
