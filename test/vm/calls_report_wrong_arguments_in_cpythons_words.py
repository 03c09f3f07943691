# Every way to call a Python function wrongly, and the message.
def show(f, *args, **kwargs):
    try:
        print(f(*args, **kwargs))
    except TypeError as e:
        print(type(e).__name__, e)

def none(): return 'none'
def one(a): return a
def two(a, b): return a, b
def three(a, b, c): return a, b, c
def defaults(a, b=2, c=3): return a, b, c
def keyword_only(a, *, b, c=3, d): return a, b, c, d
def positional_only(a, b, /, c): return a, b, c
def rest(a, *args, b=1, **kwargs): return a, args, b, kwargs

show(none); show(none, 1); show(none, 1, 2); show(none, x=1)
show(one); show(one, 1); show(one, 1, 2); show(one, b=1); show(one, 1, a=2)
show(two); show(two, 1); show(two, 1, 2, 3); show(two, b=1)
show(three); show(three, 1); show(three, b=1)
show(defaults); show(defaults, 1); show(defaults, 1, c=5); show(defaults, 1, 2, 3, 4)
show(defaults, 1, 2, 3, 4, 5); show(defaults, 1, a=3)
show(keyword_only, 1); show(keyword_only, 1, b=2); show(keyword_only, 1, b=2, d=4)
show(keyword_only, 1, 2, b=3, d=4); show(keyword_only, 1, 2, b=3); show(keyword_only)
show(positional_only, 1, 2, 3); show(positional_only, 1, 2, c=3)
show(positional_only, a=1, b=2, c=3); show(positional_only, 1, b=2, c=3)
show(rest); show(rest, 1); show(rest, 1, 2, 3, b=4, c=5); show(rest, 1, a=1)
show(lambda x: x); show(lambda: 0, 1)
class C:
    def method(self, a): return a
    @classmethod
    def cls(cls, a): return a
    @staticmethod
    def static(a): return a
show(C().method); show(C().method, 1); show(C().method, 1, 2); show(C.method); show(C.cls)
show(C.static); show(C.static, 4); show(C().cls, 5)
for text in ('one(*5)', 'one(**5)', 'one(*[1], *3)', 'one(1, **{"a": 1})', 'two(**{"a": 1}, **{"a": 2})',
             'one(**{1: 2})', 'None()', '(5)(1)', 'two(*(1, 2))', 'two(*[1], **{"b": 3})', 'rest(*"abc", **dict(b=2, z=3))'):
    try:
        print(eval(text))
    except TypeError as e:
        print(text, e)
