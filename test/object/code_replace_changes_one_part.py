"""code.replace() changes the part that is named, each of them, and no other."""


def f(a, /, b, *, c=1):
    d = a + b + c
    return d


code = f.__code__
parts = [name for name in dir(code) if name.startswith("co_") and name not in
         ("co_lines", "co_positions", "co_lnotab", "co_code", "co_linetable", "co_exceptiontable",
          "co_stacksize", "co_consts", "co_nlocals", "co_varnames", "co_cellvars", "co_freevars")]
changes = {"co_name": "g", "co_qualname": "h.g", "co_filename": "other.py", "co_firstlineno": 77,
           "co_flags": code.co_flags | 0x80, "co_names": ("x", "y")}
for name, value in changes.items():
    copy = code.replace(**{name: value})
    print(name, [(p, getattr(copy, p)) for p in parts if getattr(copy, p) != getattr(code, p)])
for name in ("co_code", "co_linetable", "co_exceptiontable", "co_consts", "co_varnames",
             "co_freevars", "co_cellvars"):
    print(name, code.replace(**{name: getattr(code, name)}) == code)
    try:
        code.replace(**{name: 3.5})
    except TypeError as e:
        print(e)
print(type(f)(code.replace(co_name="k"), {}, None, None)(1, 2, c=3))
