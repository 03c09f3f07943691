# SPDX-License-Identifier: MIT
"""Recursion without end is a RecursionError, whatever recurses; the process goes on."""
import ast
import copy
import json
import pickle
import re
import sys


def attempt(title, function):
    try:
        function()
        print(title, "fine")
    except Exception as error:
        print(title, type(error).__name__)


def plain():
    return plain()


class Deep:
    def __repr__(self):
        return repr(self)

    def __eq__(self, other):
        return self == other

    def __getattr__(self, name):
        return getattr(self, name + "x")

    def __getitem__(self, i):
        return self[i]

    def __call__(self):
        return self()

    def __hash__(self):
        return hash(self)

    def __add__(self, other):
        return self + other

    def __len__(self):
        return len(self)

    def __iter__(self):
        return iter(self)

    def __bool__(self):
        return bool(self)

    def __str__(self):
        return str(self)

    def __contains__(self, x):
        return x in self

    def __del__(self):
        pass


class Meta(type):
    def __instancecheck__(cls, o):
        return isinstance(o, cls)

    def __subclasscheck__(cls, o):
        return issubclass(o, cls)


class Checked(metaclass=Meta):
    pass


def generator():
    yield from generator()


def nested(n, kind=list):
    value = None
    for _ in range(n):
        value = {1: value} if kind is dict else kind((value,))
    return value


d = Deep()
attempt("function", plain)
attempt("repr", lambda: repr(d))
attempt("str", lambda: str(d))
attempt("eq", lambda: d == d)
attempt("getattr", lambda: d.missing)
attempt("getitem", lambda: d[0])
attempt("call", lambda: d())
attempt("hash", lambda: hash(d))
attempt("add", lambda: d + 1)
attempt("len", lambda: len(d))
attempt("iter", lambda: iter(d))
attempt("bool", lambda: bool(d))
attempt("contains", lambda: 1 in d)
attempt("isinstance", lambda: isinstance(1, Checked))
attempt("issubclass", lambda: issubclass(int, Checked))
attempt("generator", lambda: list(generator()))
attempt("sort key", lambda: (f := lambda x: sorted([1], key=f))(1))
attempt("map", lambda: (f := lambda x: list(map(f, [1])))(1))
attempt("repr of lists", lambda: repr(nested(100000)))
attempt("repr of dicts", lambda: repr(nested(100000, dict)))
attempt("repr of tuples", lambda: repr(nested(100000, tuple)))
attempt("comparison of lists", lambda: nested(100000) == nested(100000))
attempt("hash of tuples", lambda: hash(nested(500, tuple)))
attempt("json dumps", lambda: json.dumps(nested(100000)))
attempt("json loads", lambda: json.loads("[" * 100000))
attempt("json loads dict", lambda: json.loads('{"a":' * 100000))
attempt("pickle", lambda: pickle.dumps(nested(100000)))
attempt("deepcopy", lambda: copy.deepcopy(nested(100000)))
attempt("re", lambda: re.compile("(" * 5000 + ")" * 5000))
attempt("literal_eval", lambda: ast.literal_eval("-" * 50000 + "1"))
attempt("isinstance of tuples", lambda: isinstance(1, nested(100000, tuple)))
attempt("still alive", lambda: None)
sys.setrecursionlimit(200)
attempt("low limit", plain)
sys.setrecursionlimit(5000)


def count(n):
    return 0 if n == 0 else 1 + count(n - 1)


attempt("high limit", lambda: count(4000))
