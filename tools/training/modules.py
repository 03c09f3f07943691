"""Training: imports, compiling source, pickling instances, copying, argument parsing, logging."""
import argparse
import ast
import copy
import datetime
import importlib
import inspect
import io
import logging
import pickle
import tokenize
import types

SOURCES = ["argparse", "ast", "copy", "dataclasses", "textwrap"]


class Record:
    def __init__(self, number):
        self.number = number
        self.when = datetime.date(2020, 1, 1) + datetime.timedelta(days=number)
        self.links = []


def compiled(name):
    module = importlib.import_module(name)
    source = inspect.getsource(module)
    tree = ast.parse(source)
    names = sum(isinstance(node, ast.Name) for node in ast.walk(tree))
    code = compile(source, module.__file__, "exec")
    copied = types.ModuleType(name)
    copied.__file__ = module.__file__
    exec(code, copied.__dict__)
    tokens = sum(1 for _ in tokenize.generate_tokens(io.StringIO(source).readline))
    return names, tokens, len(vars(copied)) > 3


def pickled(n):
    records = [Record(i) for i in range(n)]
    for a, b in zip(records, records[1:]):
        if b.number % 10:
            a.links.append(b)
    back = pickle.loads(pickle.dumps(records[::20]))
    same = copy.deepcopy(records[-30:])
    return len(back), back[1].when.isoformat(), same[0].when == records[-30].when


def arguments(n):
    parser = argparse.ArgumentParser(prog="train")
    parser.add_argument("--size", type=int, default=3)
    parser.add_argument("names", nargs="*")
    total = 0
    for i in range(n):
        total += parser.parse_args(["--size", str(i), "a", "b"]).size
    return total


def logged(n):
    stream = io.StringIO()
    log = logging.getLogger("train")
    handler = logging.StreamHandler(stream)
    log.addHandler(handler)
    log.setLevel(logging.INFO)
    log.propagate = False
    for i in range(n):
        log.info("message %d of %s", i, "training")
        log.debug("never")
    log.removeHandler(handler)
    return len(stream.getvalue())


for name in SOURCES:
    print(name, compiled(name))
for _ in range(10):
    print(pickled(600), arguments(60), logged(300))
namespace = {}
for k in range(300):
    exec(f"def f{k}(x, y=1):\n    return [x * i + y for i in range(3)]\nv = f{k}({k})", namespace)
print(namespace["v"], eval("sum(v) + 1", namespace))
