import _pickle, collections, copyreg, hashlib, io, pickle, random, threading

class Node:
    def __init__(self, name, children):
        self.name = name
        self.children = children
        self.weight = len(children) * 1.5
class Slots:
    __slots__ = "a", "b"
class Ex:
    def __new__(cls, *, x): o = object.__new__(cls); o.x = x; return o
    def __getnewargs_ex__(self): return (), {"x": self.x}
class Inner:
    class Deep: pass
def tree(source, depth):
    return Node(f"node {source.randrange(1000)}", [tree(source, depth - 1) for _ in range(3)] if depth else [])

slots = Slots(); slots.a = 1; slots.b = [slots]
loop = []; loop.append(({1: loop},))
data = [tree(random.Random(2), 3), {i: (str(i), i * 0.5) for i in range(2500)}, {5}, frozenset([1]),
        slots, loop, Ex(x=2), Inner.Deep, None, ..., NotImplemented, type(None), True, 1 << 70, -1 << 31,
        -1 << 63, -128, 255, 65536, 1e300, float("inf"), "", "é\n\\", "\U0001f600\udc80", b"", b"x" * 70000,
        bytearray(b"ab"), (), (1,), (1, 2, 3, 4), [].append.__name__, collections.OrderedDict(a=1),
        collections.deque([1, 2]), range(3), slice(1), complex(1, 2), ValueError("x", 1), "s" * 300, [1] * 3]
for protocol in range(6):
    if protocol < 2: data[4] = None
    else: data[4] = slots
    text = _pickle.dumps(data, protocol)
    again = _pickle.loads(text)
    print(protocol, len(text), hashlib.md5(text).hexdigest(), len(again), again[5][0][0][1] is again[5])
    file = io.BytesIO()
    pickler = _pickle.Pickler(file, protocol)
    pickler.dump(data); pickler.dump(data); pickler.clear_memo(); pickler.dump(1)
    print(hashlib.md5(file.getvalue()).hexdigest(), sorted(i for i, o in pickler.memo.copy().values())[:3])
    file.seek(0)
    unpickler = _pickle.Unpickler(file)
    first, second = unpickler.load(), unpickler.load()
    print(first is second, unpickler.load(), file.read(), len(unpickler.memo.copy()) > 10)

class Own(_pickle.Pickler):
    dispatch_table = copyreg.dispatch_table | {complex: lambda c: (complex, (7, c.imag))}
    def persistent_id(self, v): return "id" if v is data else None
    def reducer_override(self, v): return (list, ((9,),)) if isinstance(v, Slots) else NotImplemented
class OwnLoad(_pickle.Unpickler):
    def persistent_load(self, v): return "loaded " + v
    def find_class(self, m, n): print("find", m, n); return super().find_class(m, n)
file = io.BytesIO()
Own(file, 2).dump([data, slots, 1j, Inner])
file.seek(0)
print(OwnLoad(file).load())
buffers = []
text = _pickle.dumps(_pickle.PickleBuffer(bytearray(b"abc")), 5, buffer_callback=buffers.append)
print(text, _pickle.loads(text, buffers=buffers) is buffers[0], buffers[0].raw().tolist())

for source in [b"", b"x", b".", b"(.", b"t.", b"\x80\x09", b"I", b"Ia\n.", b"h\x05.", b"P1\n.", b"\x97.",
               b"\x98.", b"N\x98.", b"\x95\x10\0\0\0\0\0\0\0.", b"\x82\x01.", b"N(\x81.", b"NN\x81.", b"NNR.", b"g5\n.",
               b"ga\n.", b"Vabc", b"Sa\n.", b"NNa.", b"NNNs.", b"N(Nu.", b"(Nd.", b"N\x93.", b"NN\x93.", b"p-1\n.",
               b"\x8b\xff\xff\xff\xff.", b"q\0", b"N}b.", b"N(o.", b"C\x05ab.", b"\x8f(N\x90.", b"N(N\x90.",
               b"\x8e\xff\xff\xff\xff\xff\xff\xff\xff"]:
    for load in (_pickle.loads, lambda b: _pickle.load(io.BytesIO(b))):
        try: print(load(source))
        except Exception as e: print(source, type(e).__name__, e)
for call in [lambda: _pickle.dumps(), lambda: _pickle.dumps(1, 9), lambda: _pickle.Pickler(3), lambda: _pickle.Unpickler(3),
             lambda: _pickle.loads(3), lambda: _pickle.dumps(_pickle), lambda: _pickle.dumps(1, 3, buffer_callback=1),
             lambda: _pickle.dumps(_pickle.PickleBuffer(b"a"), 4), lambda: _pickle.Pickler(io.BytesIO()).persistent_id]:
    try: print(call())
    except Exception as e: print(type(e).__name__, e)

# Threads that share one pickler get in each other's way, but nothing breaks.
shared = _pickle.Pickler(io.BytesIO())
def work():
    for _ in range(20):
        shared.dump([[i, str(i)] for i in range(50)])
threads = [threading.Thread(target=work) for _ in range(4)]
for t in threads: t.start()
for t in threads: t.join()
print("done")
