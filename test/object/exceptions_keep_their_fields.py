# Arguments, fields, text and pickling support of the built-in exceptions; groups; notes.
import builtins


def attempt(f, *args, **kwargs):
    try:
        r = f(*args, **kwargs)
        print(repr(r), "|", r)
    except BaseException as e:
        print(type(e).__name__, e)


for name in dir(builtins):
    c = getattr(builtins, name)
    if isinstance(c, type) and issubclass(c, BaseException):
        print(name, [b.__name__ for b in c.__mro__], c.__basicsize__ if c is not ExceptionGroup else 0)
attempt(Exception, a=1)
attempt(KeyError, "a")
attempt(KeyError, "a", "b")
attempt(ImportError, "m", name="n", path="p")
attempt(ImportError, "m", foo=1)
attempt(NameError, "m", name="n")
attempt(AttributeError, "m", name="n", obj=1)
attempt(OSError, 2, "text", "file")
attempt(OSError, 2, "text", "file", None, "other")
attempt(OSError, 13, "x")
attempt(OSError, 9999, "x")
attempt(BlockingIOError, 11, "x", 5)
attempt(SyntaxError, "m", ("f.py", 1, 2, "text", 1, 3))
attempt(SyntaxError, "m", (1,))
attempt(SyntaxError, "m", (1, 2, 3, 4, 5))
attempt(UnicodeDecodeError, "ascii", b"abc\xff", 3, 4, "r")
attempt(UnicodeDecodeError, "ascii", bytearray(b"ab"), 0, 2, "r")
attempt(UnicodeEncodeError, "ascii", "a\u1234\U00012345", 1, 2, "r")
attempt(UnicodeEncodeError, "ascii", "a\u1234", 0, 2, "r")
attempt(UnicodeTranslateError, "\xff", 0, 1, "r")
attempt(UnicodeDecodeError, 1)
attempt(UnicodeDecodeError, "a", "b", 1, 2, "r")
print(OSError(2, "x", "f").__reduce__(), ImportError("a", name="n").__reduce__(), ValueError(1, 2).__reduce__())
print(StopIteration(1, 2).value, SystemExit(1, 2).code, SystemExit().code, OSError(2, "x").errno, OSError("a").errno)


class Quiet(OSError):
    def __init__(self, *args):
        pass


print(Quiet(2, "x").args, Quiet(2, "x").errno)
e = ValueError(1)
e.add_note("first")
e.add_note("second")
print(e.__notes__, e.__dict__)
attempt(e.add_note, 1)
attempt(e.with_traceback, 1)
for name in ("__cause__", "__context__", "__traceback__", "args", "__suppress_context__"):
    attempt(setattr, e, name, 1)
    attempt(delattr, e, name)
try:
    try:
        raise KeyError("inner")
    except KeyError as inner:
        raise ValueError("outer") from inner
except ValueError as outer:
    print(repr(outer.__cause__), repr(outer.__context__), outer.__suppress_context__)

attempt(ExceptionGroup, "m", [])
attempt(ExceptionGroup, "m", [1])
attempt(ExceptionGroup, "m", [KeyboardInterrupt()])
attempt(BaseExceptionGroup, "m", [KeyboardInterrupt()])
attempt(BaseExceptionGroup, "m", [ValueError()])
group = ExceptionGroup("top", [ValueError(1), TypeError(2), ExceptionGroup("in", [ValueError(3), KeyError(4)])])
group.add_note("n")
print([repr(x) for x in group.split(ValueError)], repr(group.subgroup(lambda x: isinstance(x, LookupError))))
print(group.split(ValueError)[0].__notes__, group.split(OSError), group.split(ExceptionGroup)[1])
attempt(group.split, 1)


def star(source):
    try:
        exec(source)
    except BaseException as e:
        print(repr(e), repr(e.__context__))


star("try: raise ExceptionGroup('a',[ValueError(1),TypeError(2)])\nexcept* ValueError: raise KeyError(1)")
star("try: raise ExceptionGroup('a',[ValueError(1)])\nexcept* ValueError: raise KeyError(1)")
star("try: raise ValueError(1)\nexcept* ValueError: raise")
star("try: raise ValueError(1)\nexcept* TypeError: pass")
star("try: raise ExceptionGroup('a',[ValueError(1),TypeError(2)])\nexcept* ValueError: pass\nexcept* TypeError: raise")
star("try: raise ExceptionGroup('a',[ValueError(1),TypeError(2)])\nexcept* (ValueError, TypeError) as e: print(repr(e))")
