class A:
    x=1
    def __init__(self,a): self.a=a
    def f(self): return self.a+self.x
    def __repr__(self): return 'A(%r)'%(self.a,)
    @property
    def p(self): return self.a*2
    @classmethod
    def c(cls): return cls.__name__
    @staticmethod
    def s(): return 's'
a=A(3)
print(a,a.f(),a.p,a.c(),A.s(),a.__dict__,vars(a))
class B(A):
    def __add__(self,o): return ('add',self.a,o)
    def __radd__(self,o): return ('radd',self.a,o)
    def f(self): return super().f()*10
    def __getattr__(self,n): return 'ga:'+n
    def __len__(self): return 7
    def __eq__(self,o): return isinstance(o,B)
b=B(4)
print(b+1,1+b,b.f(),b.zork,len(b),b==B(1),b!=B(2),b==3,B.__mro__,bool(b))
try: hash(b)
except TypeError as e: print(e)
b.y=1; b.z=2; del b.y; print(b.__dict__); b.y=5; print(b.__dict__)
class S:
    __slots__=('a','b')
s=S(); s.a=1
try: s.b
except AttributeError as e: print(e)
try: s.c=1
except AttributeError as e: print(e)
print(s.a,S.a)
class M(type):
    def __new__(m,n,b,d,**k):
        print('M.new',n,k); return super().__new__(m,n,b,d)
    def __call__(c,*a): print('call',c.__name__); return super().__call__(*a)
class X(metaclass=M,q=1): pass
X()
class I(int):
    def __new__(c,v): return int.__new__(c,v+1)
i=I(4); i.foo=3; print(i,i+1,i.foo,type(i),i.__dict__)
class L(list): pass
class D(dict):
    def __missing__(self,k): return k*2
print(D()['a'])
class T(tuple): pass
t=T((1,2)); t.q=1; print(t,t.q)
class St(str): pass
st=St('hi'); st.q=1; print(st,st.q,st.upper())
print(type('Z',(A,),{'x':5})(1).f())
for e in ["class C(int,str): pass","class C(A,object): pass\nclass E(object,A): pass","object(1)","A()","A.nope","(1).nope","type(1,2)","int.x=1","class C(bool): pass","[].append()","[].sort(1)","'a'.split(1,2,3)","setattr(1)","len()","int.__add__()","int.__add__('a',1)","[].__len__(1)"]:
    try: exec(e)
    except BaseException as x: print(type(x).__name__,x)
print(int|str, list[int], dict[str,int|None], (int|None)==(None|int))
print(isinstance(1,int|str),issubclass(bool,int))
class P:
    def __init_subclass__(cls,**k): print('isc',cls.__name__,k)
    def __class_getitem__(cls,i): return (cls.__name__,i)
class Q(P,z=1): pass
print(P[3])
class De:
    def __set_name__(s,o,n): print('sn',o.__name__,n)
    def __get__(s,i,o=None): return ('get',i is None)
    def __set__(s,i,v): print('set',v)
class U: d=De()
u=U(); u.d=3; print(u.d,U.d)
print(dir(a)[-6:], a.__class__, A.__name__, A.__qualname__, A.__module__)
a.__class__=B; print(a.f(), type(a))
class It:
    def __init__(s): s.n=0
    def __iter__(s): return s
    def __next__(s):
        s.n+=1
        if s.n>3: raise StopIteration
        return s.n
print(list(It()), 2 in It(), sum(It()))
class G:
    def __getitem__(s,i):
        if i>3: raise IndexError
        return i
print(list(G()), 3 in G())
print(object().__reduce_ex__(0) if 0 else '', A.__dict__['x'])
class Fmt:
    def __format__(s,f): return 'F:'+f
print(f"{Fmt():abc} {3:>5} {'x'!r:>4}")
