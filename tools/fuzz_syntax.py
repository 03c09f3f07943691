#!/usr/bin/python3.11
# SPDX-License-Identifier: MIT
"""Mutates pieces of the standard library's tests and compares what the oracle and Orochi's
compile() say about each: success, or the error with its message and positions.

Usage: fuzz_syntax.py [--seed N] [--count N] [--orochi PATH]
"""
import argparse
import ast
import pathlib
import pickle
import random
import re
import subprocess
import sys
import tempfile
import warnings

TOKEN = re.compile(r"'''|\"\"\"|\w+|\n[ \t]*|[ \t]+|\*\*=?|//=?|>>=?|<<=?|[-+*/%&|^@=!<>]=|->|:=|.",
                   re.S)
INSERTED = list("()[]{},:;.=*@+-!$?\\'\"`~<") + '''** -> := == if else for in as with def class
    lambda async await not is and or print match case _ 1 1.5 0x x "s" f'{a}' None True return yield
    del except finally try while from import pass é b"x" ... *a **k f"{ }"'''.split() + ['\n', '\n  ']
TESTS = '''syntax fstring patma grammar named_expressions positional_only_arg unpack_ex except_star
    string_literals pep646_syntax generators coroutines exceptions unparse type_comments ast'''.split()


def collect_snippets():
    snippets = []
    for test in TESTS:
        path = pathlib.Path(f'/usr/lib/python3.11/test/test_{test}.py')
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.Constant) and isinstance(node.value, str):
                snippets.append(node.value)
            elif isinstance(node, ast.stmt) and node.end_lineno - node.lineno < 8:
                snippets.append(ast.unparse(node))
    return [s for s in snippets if 0 < len(s) < 600]


def mutate(rng, source):
    tokens = TOKEN.findall(source)
    for _ in range(rng.choice((1, 1, 1, 2, 3))):
        i = rng.randrange(len(tokens)) if tokens else 0
        kind = rng.randrange(5)
        if kind == 0:
            del tokens[i:i + 1]
        elif kind == 1:
            tokens.insert(i, rng.choice(INSERTED) + rng.choice(('', ' ')))
        elif kind == 2:
            tokens[i:i + 1] = [rng.choice(INSERTED)]
        elif kind == 3 and tokens:
            tokens.insert(i, rng.choice(tokens))
        elif rng.random() < 0.3:
            del tokens[i:]
    return ''.join(tokens)


def make_cases(seed, count):
    rng, snippets, cases = random.Random(seed), collect_snippets(), []
    while len(cases) < count:
        source = mutate(rng, rng.choice(snippets))
        if '\0' not in source and source.isprintable() or '\n' in source:
            cases.append((source, rng.choice(('exec', 'exec', 'exec', 'eval', 'single')),
                          rng.choice((0, 0, 0x4000, 0x4200, 0x1000))))
    return cases


def describe(source, mode, flags):
    try:
        compile(source, '<source>', mode, flags | ast.PyCF_ONLY_AST, True)
    except (SyntaxError, ValueError, MemoryError, RecursionError) as e:
        return f'{type(e).__name__} {ascii(e.args)}'
    return 'fine'


def describe_all(path):
    warnings.simplefilter('ignore')
    with open(path, 'rb') as f:
        for case in pickle.load(f):
            print(describe(*case))


def main():
    if sys.argv[1:2] == ['--describe']:
        return describe_all(sys.argv[2])
    parser = argparse.ArgumentParser(description=__doc__.split('\n')[0])
    parser.add_argument('--seed', type=int, default=1)
    parser.add_argument('--count', type=int, default=5000)
    parser.add_argument('--orochi', default='build/orochi')
    options = parser.parse_args()
    warnings.simplefilter('ignore')
    cases = make_cases(options.seed, options.count)
    with tempfile.NamedTemporaryFile() as f:
        f.write(pickle.dumps(cases, 4))
        f.flush()
        outputs = [subprocess.run([program, __file__, '--describe', f.name], capture_output=True,
                                  text=True, check=True).stdout.split('\n')
                   for program in ('/usr/bin/python3.11', options.orochi)]
    differences = 0
    for case, expected, got in zip(cases, *outputs):
        if expected != got:
            differences += 1
            print(f'{case}\n  expected {expected}\n  got      {got}')
    print(f'{differences} of {len(cases)} differ (seed {options.seed})')
    return differences > 0


if __name__ == '__main__':
    sys.exit(main())
