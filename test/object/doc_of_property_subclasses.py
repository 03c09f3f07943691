class P(property): pass
class Q(property): "cls"
class S(property):
    __slots__ = ()
def f(self): "getter doc"
for c in (P,Q,S,property):
    for args in ((f,), (f,None,None,"x"), (None,None,None,"x"), (f,None,None,""), ()):
        try: print(c.__name__, c(*args).__doc__)
        except Exception as e: print(type(e), e)
