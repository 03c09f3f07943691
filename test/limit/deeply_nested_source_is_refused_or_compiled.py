# orochi
# SPDX-License-Identifier: MIT
"""However deep a program nests, the compiler raises an exception or makes code: no signal."""
import subprocess
import sys

SHAPES = {
    "parentheses": "'(' * n + '1' + ')' * n", "lists": "'[' * n + ']' * n",
    "dicts": "'{1:' * n + '1' + '}' * n", "calls": "'f(' * n + ')' * n",
    "unclosed": "'(' * n", "not": "'not ' * n + 'x'", "minus": "'-' * n + 'x'",
    "invert": "'~' * n + '1'", "power": "'2 ** ' * n + '1'", "attributes": "'x' + '.a' * n",
    "subscripts": "'x' + '[0]' * n", "called": "'x' + '()' * n", "sum": "'x + ' * n + 'x'",
    "constants": "'1 + ' * n + '1'", "and": "'x and ' * n + 'x'", "or and": "'x or y and ' * n + 'x'",
    "compare": "'x < ' * n + 'x'", "lambda": "'lambda: ' * n + '1'",
    "conditional": "'1 if x else ' * n + '2'", "elif": "'if x: pass\\n' + 'elif x: pass\\n' * n",
    "blocks": "''.join(' ' * i + 'if x:\\n' for i in range(min(n, 2000))) + ' ' * 2000 + 'x'",
    "try": "''.join(' ' * i + 'try:\\n' for i in range(99)) + ' ' * 99 + 'x'",
    "defs": "''.join(' ' * i + 'def f():\\n' for i in range(99)) + ' ' * 99 + 'x'",
    "fstrings": "'f\"{' * n", "assign": "'x = ' * n + '1'", "targets": "'(' * n + 'x,' + ')' * n + ' = 1'",
    "comprehension": "'[x ' + 'for x in y ' * n + ']'", "strings": "'\"a\" ' * n",
    "match": "'match x:\\n case ' + '[' * n + ']' * n + ': pass'", "star": "'*' * n + 'x'",
    "decorators": "'@f\\n' * n + 'def f(): pass'", "await": "'async def f(): ' + 'await ' * n + 'x'",
}
CHILD = """
import ast, sys
for n in (50, 900, 20000):
    source = {shape}
    for mode in ("compile", "parse", "symtable"):
        try:
            if mode == "compile":
                compile(source, "f", "exec")
            elif mode == "parse":
                ast.dump(ast.parse(source))
            elif n < 20000:
                import symtable
                symtable.symtable(source, "f", "exec")
        except (SyntaxError, RecursionError, MemoryError, OverflowError, ValueError):
            pass
"""
for title, shape in SHAPES.items():
    done = subprocess.run([sys.executable, "-c", CHILD.replace("{shape}", shape)],
                          capture_output=True, timeout=60)
    assert done.returncode == 0, (title, done.returncode, done.stderr.decode()[-400:])
