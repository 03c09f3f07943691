import _abc,_functools,_operator,_contextvars
class ABCMeta(type):
    def __new__(m,n,b,d,**k):
        c=super().__new__(m,n,b,d,**k); _abc._abc_init(c); return c
    def register(c,s): return _abc._abc_register(c,s)
    def __instancecheck__(c,i): return _abc._abc_instancecheck(c,i)
    def __subclasscheck__(c,s): return _abc._abc_subclasscheck(c,s)
class A(metaclass=ABCMeta):
    def f(self): pass
    f.__isabstractmethod__=True
class B(A):
    def f(self): pass
try: A()
except TypeError as e: print(e)
B()
print(isinstance(B(),A),isinstance(1,A),issubclass(int,A))
A.register(int)
print(isinstance(1,A),isinstance(True,A),isinstance('',A), isinstance(1,A))
p=_functools.partial(int,base=2)
print(p('101'),p, _functools.partial(p,'11')())
print(_functools.reduce(lambda a,b:a*10+b,[1,2,3]))
print(sorted([3,1,2],key=_functools.cmp_to_key(lambda a,b:b-a)))
def mk(f,n,typed=False):
    return _functools._lru_cache_wrapper(f,n,typed,lambda *a:a)
calls=[]
def f(x,*,k=0): calls.append(x); return x*2
c=mk(f,2); print(c(1),c(2),c(1),c(3),c(2),c(1,k=3),c.cache_info(),calls)
c=mk(f,None); print(c(1),c(1),c(1,k=1),c.cache_info())
print(_operator.itemgetter(1,2)('abc'),_operator.attrgetter('real','__class__.__name__')(3),_operator.methodcaller('upper')('x'))
print(_operator.itemgetter(1),_operator.attrgetter('a','b'),_operator.methodcaller('f',1,k=2))
v=_contextvars.ContextVar('v',default=5)
t=v.set(6); print(v.get(),t.old_value is _contextvars.Token.MISSING); 
ctx=_contextvars.copy_context(); v.reset(t); print(v.get(),ctx[v],ctx.run(v.get),len(ctx),v in ctx)
try: v.reset(t)
except RuntimeError as e: print('used' in str(e))
