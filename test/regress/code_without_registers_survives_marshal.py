"""A function that is only `raise` needs no register; its cached code must load again."""
import marshal

code = compile("def bare(): raise\ndef nothing(): pass\ndef other(a): raise a from None\n", "f", "exec")
space = {}
exec(marshal.loads(marshal.dumps(code)), space)
try:
    try:
        1 / 0
    except ZeroDivisionError:
        space["bare"]()
except ZeroDivisionError as error:
    print(error, space["nothing"]())
