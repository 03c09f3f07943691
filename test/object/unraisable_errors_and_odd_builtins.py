# SPDX-License-Identifier: MIT
# What sys.unraisablehook is told, and what code sees whose __builtins__ is no dict.
import sys
import types


class Broken:
    def __del__(self):
        raise ValueError("broken")


told = []
sys.unraisablehook = told.append
broken = Broken()
del broken
sys.unraisablehook = sys.__unraisablehook__
(args,) = told
print(type(args), len(args), args.exc_type, args.exc_value, args.exc_traceback.tb_lineno, args.err_msg, args.object.__qualname__)
print(args[0], args[1] is args.exc_value, args[4] is args.object)
for wrong in 1, types.SimpleNamespace(**{name: None for name in ("exc_type", "exc_value", "exc_traceback", "err_msg",
                                                                 "object")}):
    try:
        sys.__unraisablehook__(wrong)
    except TypeError as e:
        print(e)
print(type(args)((1, 2, 3, 4, 5)))


class Names:
    def __getitem__(self, name):
        if name == "asked":
            return name
        raise KeyError(name)


for builtins in 123, None, {}, {"asked": 1}, Names(), types.SimpleNamespace(asked=2), types, [1]:
    for code in "asked", "print":
        try:
            print(eval(code, {"__builtins__": builtins}))
        except Exception as e:
            print(type(e).__name__, e)


# input() does not mind a file that cannot be flushed.
class Out:
    def write(self, text):
        pass


class In:
    def readline(self):
        return "a line\n"


saved = sys.stdin, sys.stdout
sys.stdin, sys.stdout = In(), Out()
line = input("?")
sys.stdin, sys.stdout = saved
print(line)
