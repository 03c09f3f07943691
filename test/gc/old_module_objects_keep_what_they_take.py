# SPDX-License-Identifier: MIT
# Objects of extension modules that outlived a collection take up fresh objects.
import ast
import csv
import functools
import gc
import io
import itertools
import json
import operator
import pickle
import queue
import re
import struct
import threading
import types
import warnings


class Item:
    def __init__(self, n):
        self.n = n

    def __repr__(self):
        return f"<{self.n}>"

    def __eq__(self, other):
        return isinstance(other, Item) and self.n == other.n

    def __hash__(self):
        return hash(self.n)

    def __add__(self, other):
        return Item((self.n, other.n))


def churn():
    for _ in range(40):
        [Item(i) for i in range(60)]
        {i: str(i) * 3 for i in range(60)}


def settle():
    gc.collect()


def items(count, start=0):
    for n in range(start, start + count):
        yield Item(n)


def walk(name, iterator, steps=12):
    got = []
    settle()
    for _ in range(steps):
        try:
            got.append(next(iterator))
        except StopIteration:
            break
        churn()
    print(name, got)


class Sequence:
    def __getitem__(self, i):
        if i > 5:
            raise IndexError
        return Item(i)

    def __len__(self):
        return 6


def iterators():
    walk("accumulate", itertools.accumulate(items(5)))
    walk("accumulate initial", itertools.accumulate(items(5), initial=Item("i")))
    walk("batched", iter(zip(*[items(6)] * 2)))
    walk("chain", itertools.chain(items(3), items(2, 9)))
    walk("from_iterable", itertools.chain.from_iterable(items(2) for _ in range(3)))
    walk("combinations", itertools.combinations(items(4), 2))
    walk("with_replacement", itertools.combinations_with_replacement(items(3), 2))
    walk("permutations", itertools.permutations(items(3)))
    walk("product", itertools.product(items(3), items(2)), 6)
    walk("compress", itertools.compress(items(6), itertools.cycle([1, 0])))
    walk("count", itertools.count(10**30, 10**29), 5)
    walk("count float", itertools.count(0.5, 0.25), 5)
    walk("count edge", itertools.count(2**62 - 2), 5)
    walk("cycle", itertools.cycle(items(3)), 9)
    walk("dropwhile", itertools.dropwhile(lambda i: i.n < 2, items(5)))
    walk("takewhile", itertools.takewhile(lambda i: i.n < 4, items(5)))
    walk("filterfalse", itertools.filterfalse(lambda i: i.n % 2, items(5)))
    walk("islice", itertools.islice(items(20), 2, None, 3))
    walk("islice far", itertools.islice(items(3), 0, None, 2**62))
    walk("pairwise", itertools.pairwise(items(5)))
    walk("repeat", itertools.repeat(Item(1), 3))
    walk("starmap", itertools.starmap(operator.add, zip(items(3), items(3))))
    walk("zip_longest", itertools.zip_longest(items(3), items(1), fillvalue=Item("f")))
    walk("enumerate", enumerate(items(4)))
    walk("enumerate far", enumerate(items(4), 2**70))
    walk("map", map(operator.add, items(3), items(3)))
    walk("filter", filter(None, items(3)))
    walk("reversed", reversed(Sequence()))
    walk("sequence", iter(Sequence()))
    walk("callable", iter(lambda: Item(1), Item(2)), 3)
    walk("dict", iter({n: Item(n) for n in range(4)}.items()))
    walk("range", iter(range(10**30, 10**30 + 3)))
    groups = itertools.groupby(items(9), lambda i: i.n // 3)
    settle()
    for key, group in groups:
        churn()
        got = []
        for item in group:
            churn()
            got.append(item)
        print(key, got)
    a, b = itertools.tee(items(130))
    settle()
    first = [next(a) for _ in range(70)]
    churn()
    c = a.__copy__()
    settle()
    rest = list(a)
    churn()
    print(len(first), len(rest), list(b) == first + rest, list(c) == rest)
    t = itertools.cycle([1])
    settle()
    t.__setstate__(([Item(4), Item(5)], 1))
    churn()
    print([next(t) for _ in range(3)])
    t = itertools.accumulate([Item(1), Item(2)])
    settle()
    t.__setstate__(Item(0))
    churn()
    print(next(t))


def tools():
    p = functools.partial(lambda *a, **k: (a, k), 1)
    settle()
    p.attr = Item(1)
    p.keywords["late"] = Item(2)
    churn()
    print(p(3), p.attr)
    p.__setstate__((max, (Item(5).n,), {"default": Item(6)}, {"d": Item(7)}))
    churn()
    print(p.args, p.keywords, p.d)
    for size in None, 4, 0:
        cached = functools.lru_cache(size)(lambda x, y=None: [Item(x), y])
        settle()
        got = []
        for n in list(range(8)) + [6, 7, 5, 1, 1]:
            got.append(cached(n, y=Item(n % 2)))
            [[] for _ in range(300)]
        churn()
        print(got, cached.cache_info())
        cached.attr = Item(1)
        cached.cache_clear()
        print(cached(3), cached.attr)

    class C:
        @functools.cached_property
        def value(self):
            return Item("cached")

        @functools.singledispatchmethod
        def m(self, x):
            return "any"
    c = C()
    settle()
    c.value
    C.m.register(int, lambda self, x: Item(x)) if False else None
    churn()
    print(c.value)

    @functools.singledispatch
    def f(x):
        return Item("any")
    settle()
    f.register(int, lambda x: Item(x))
    f.register(str, lambda x: Item(x))
    churn()
    print(f(1), f("a"), f(1.5))
    print(functools.reduce(lambda a, b: (churn(), a + b)[1], items(5)))
    key = functools.cmp_to_key(lambda a, b: (churn(), a.n - b.n)[1])
    print(sorted(items(6), key=key))
    alias = list[int]
    settle()
    print(alias.__parameters__, alias | None)
    q = queue.SimpleQueue()
    settle()
    for n in range(40):
        q.put(Item(n))
    churn()
    print([q.get() for _ in range(30)])
    for n in range(30):
        q.put(Item(n))
    churn()
    print([q.get() for _ in range(40)])
    for kind in queue.Queue, queue.LifoQueue:
        q = kind()
        settle()
        for n in range(5):
            q.put(Item(n))
        churn()
        print([q.get() for _ in range(5)])
    space = types.SimpleNamespace()
    settle()
    space.__dict__.update(a=Item(1))
    space.__init__(b=Item(2))
    churn()
    print(space)


def pickles():
    stream = io.BytesIO()
    p = pickle.Pickler(stream)
    settle()
    shared = [Item(n) for n in range(60)]
    for n in range(5):
        p.dump([shared, Item(n), "text" + str(n)])
        churn()
    settle()
    p.dump(shared[:3])
    p.clear_memo()
    p.dump([Item("cleared")])
    churn()
    p.memo = {1: (1, "one" + str(1))}
    churn()
    print(len(p.memo.copy()))
    stream.seek(0)
    u = pickle.Unpickler(stream)
    settle()
    for n in range(7):
        got = u.load()
        churn()
        print(len(got), got[0] if n > 4 else (len(got[0]), got[1:]))
    u.memo = {n: Item(n) for n in range(50)}
    churn()
    settle()
    data = pickle.dumps([Item(n) for n in range(2000)])
    u = pickle.Unpickler(io.BytesIO(data))
    settle()
    u.__init__(io.BytesIO(data))
    churn()
    print(len(u.load()))

    class Persistent(pickle.Pickler):
        def persistent_id(self, o):
            return Item(o.n) if isinstance(o, Item) and o.n == 5 else None

    class Loader(pickle.Unpickler):
        def persistent_load(self, pid):
            churn()
            return [pid]
    stream = io.BytesIO()
    p = Persistent(stream, 4)
    settle()
    p.dump([Item(n) for n in range(8)])
    stream.seek(0)
    u = Loader(stream)
    settle()
    print(u.load())
    for protocol in range(6):
        print(pickle.loads(pickle.dumps({"a": [Item(1)], "b": (Item(2),), Item(3): {Item(4)}}, protocol)))


def streams():
    raw = io.BytesIO()
    text = io.TextIOWrapper(raw, encoding="utf-8", write_through=False)
    settle()
    for n in range(300):
        text.write("line é %d\n" % n)
        [[] for _ in range(50)]
    churn()
    text.flush()
    text.seek(0)
    settle()
    lines = []
    for line in text:
        lines.append(line)
        [[] for _ in range(50)]
    print(len(lines), lines[299], text.tell())
    text.seek(0)
    text.readline()
    churn()
    position = text.tell()
    churn()
    text.seek(position)
    print(text.read(12))
    text = io.TextIOWrapper(io.BytesIO(), encoding="utf-8")
    settle()
    text.reconfigure(encoding="latin-1", errors="ignore", newline="\r\n")
    churn()
    text.write("é\n")
    text.flush()
    print(text.buffer.getvalue()[-3:])
    buffered = io.BufferedRWPair(io.BytesIO(b"x" * 5000), io.BytesIO())
    settle()
    buffered.write(b"y" * 3000)
    churn()
    print(len(buffered.read(4000)), len(buffered.read()))
    s = io.StringIO()
    settle()
    for n in range(100):
        s.write(str(n) * 9)
        [[] for _ in range(50)]
    s.attr = Item(1)
    churn()
    print(len(s.getvalue()), s.attr)
    b = io.BytesIO()
    settle()
    b.write(b"z" * 9000)
    b.attr = Item(2)
    churn()
    view = b.getbuffer()
    churn()
    print(len(view), b.attr)
    memory = memoryview(bytearray(100))
    settle()
    parts = [memory[n:] for n in range(50)]
    churn()
    print(sum(map(len, parts)))
    decoder = io.IncrementalNewlineDecoder(None, True)
    settle()
    decoder.decode("a\r")
    churn()
    print(decoder.decode("\nb"), decoder.newlines)


def readers():
    def rows():
        for n in range(30):
            churn()
            yield f'{n},"a ""b""",{n * 2}'
    print(list(csv.reader(rows()))[29])
    out = io.StringIO()
    writer = csv.writer(out)
    settle()
    for n in range(30):
        writer.writerow([n, "a,b", Item(n)])
        [[] for _ in range(200)]
    print(out.getvalue()[-20:])
    decoder = json.JSONDecoder(object_hook=lambda d: (churn(), Item(len(d)))[1])
    settle()
    print(decoder.decode('{"a": [1, {"b": {"c": 2}}], "d": {"e": 1}, "f": [{"a": 1}]}'))
    big = json.dumps([{"key%d" % n: [n, str(n), {"key%d" % (n % 7): None}]} for n in range(500)])
    encoder = json.JSONEncoder(default=lambda o: (churn(), str(o))[1], sort_keys=True)
    settle()
    print(encoder.encode({"z": Item(1), "a": [Item(2)]}), len(json.loads(big)))
    pattern = re.compile(r"(\w+)-(\w+)")
    settle()
    print(pattern.sub(lambda m: (churn(), m.group(2))[1], "a-b c-d e-f"))
    scanner = pattern.scanner("a-b c-d e-f")
    settle()
    matches = []
    while m := scanner.search():
        matches.append(m)
        churn()
    print([m.groups() for m in matches], [m.regs for m in matches])
    print([m.group() for m in pattern.finditer("a-b c-d") if churn() is None])
    unpacker = struct.iter_unpack(">dq", struct.pack(">dq", 1.5, 2**62) * 3)
    walk("struct", unpacker)
    s = struct.Struct("i")
    settle()
    s.__init__("2d")
    churn()
    print(s.unpack(s.pack(1, 2)))
    tree = ast.parse("x = 1")
    settle()
    tree.body.append(ast.Expr(ast.Constant(10**30)))
    tree.body[0].value = ast.BinOp(ast.Constant("a" + str(1)), ast.Add(), ast.Name("y" + str(2), ast.Load()))
    tree.extra = Item(1)
    churn()
    print(ast.unparse(ast.fix_missing_locations(tree)), tree.extra)
    big = ast.parse("\n".join(f"def f{n}(a, *b, c={n}): return [a, b, {{c: '{n}'}}]" for n in range(200)))
    churn()
    code = compile(big, "x", "exec")
    space = {}
    settle()
    exec(code, space)
    churn()
    print(space["f150"](1, 2))
    registry = {}
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        settle()
        for n in range(5):
            warnings.warn_explicit("w" + str(n), UserWarning, "f", n, registry=registry)
        churn()
        print([str(w.message) for w in caught])


for part in iterators, tools, pickles, streams, readers:
    print(part.__name__)
    part()
