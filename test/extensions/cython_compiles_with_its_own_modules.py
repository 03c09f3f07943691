try:
    from Cython.Compiler.Code import UtilityCode
    from Cython.Tempita import Template, sub
except ModuleNotFoundError as e:
    raise SystemExit(f"skipped: {e}")

print(sub("{{if x}}a{{endif}} {{x + 1}}", x=2))
print(Template("{{for i, name in enumerate(names)}}{{i}}={{name | upper}};{{endfor}}").substitute(
    names=["a", "b"], upper=str.upper))
code = UtilityCode.load_cached("RaiseException", "Exceptions.c")
print(type(code).__name__, "PyErr_SetObject" in code.impl)
