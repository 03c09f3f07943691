class A: pass
a=A()
for n in 'xyz': setattr(a,n,n)
del a.x; print(vars(a)); a.x=1; print(vars(a))
del a.x; a.x=2; print(vars(a)); 
for i in range(40):
    del a.y; a.y=i
print(vars(a), list(a.__dict__), len(a.__dict__))
b=A()
for i in range(300): setattr(b,'n%d'%i,i)
print(len(vars(b)), b.n299, list(vars(b))[:3], sum(vars(b).values()))
del b.n5; print(hasattr(b,'n5'), 'n5' in b.__dict__)
c=A(); c.p=1; d=c.__dict__; c.__dict__={'q':2}; print(d,c.q,hasattr(c,'p')); d['p']=5; print(hasattr(c,'p'))
e=A(); e.__dict__[1]=2; e.k=3; print(e.__dict__); e.__dict__.clear(); print(e.__dict__); e.z=1; print(vars(e))
f=A(); f.a=1; g=f.__dict__; f.b=2; print(g, g=={'a':1,'b':2}, g|{'c':3}); g['c']=9; print(f.c); g.pop('a'); print(hasattr(f,'a')); g.update(x=1,y=2); print(f.x,f.y, list(g))
class B(A): pass
f.__class__=B; print(type(f),f.c,vars(f)); f.new=1; print(vars(f)); B.zz=3; print(f.zz)
class AD(dict):
    def __init__(s,*a,**k): super().__init__(*a,**k); s.__dict__=s
x=AD(a=1); x.b=2; print(x, x.a, x['b'])
import copy
print(vars(copy.copy(f)), copy.deepcopy(f).__dict__)
del f.__dict__; print(f.__dict__)
class S:
    __slots__=('a','__dict__','__weakref__')
s=S(); s.a=1; s.q=2; print(s.__dict__, s.a)
import weakref; print(weakref.ref(s)() is s)
try: weakref.ref(type('N',(),{'__slots__':()})())
except TypeError as q: print(q)
for k in list(vars(a)): delattr(a,k)
print(vars(a)); a.m=1; print(vars(a))
