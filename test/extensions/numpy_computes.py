try:
    import numpy as np
except ModuleNotFoundError as e:
    raise SystemExit(f"skipped: {e}")
import io
import pickle

a = np.arange(12, dtype=np.float64).reshape(3, 4)
print(a, a.T.shape, a[1:, ::2], a[a > 5], a.sum(axis=0), a.mean(), a.std().round(6))
print(a @ a.T, np.dot(a[0], a[1]), np.einsum("ij,kj->ik", a, a)[0], np.outer([1, 2], [3, 4]))
b = a.copy()
b += 1
b[0] = 7
b[:, 1] *= 2
print(b, a is b, np.shares_memory(a, b), (a == b).sum(), np.where(a > b, a, b)[1])
print(a.dtype, a.astype("i4").dtype, np.dtype([("x", "f8"), ("y", "S3")]), np.result_type("i4", "f4"))
r = np.array([(1.5, b"ab"), (2.5, b"cd")], dtype=[("x", "f8"), ("y", "S3")])
print(r["x"], r[1], r.dtype.names, np.rec.array(r).y)
print(np.sin(np.linspace(0, 1, 5)), np.add.reduce(a), np.multiply.outer([1, 2], [3, 4]), np.add.accumulate([1, 2, 3]))
print(np.sort([3, 1, 2]), np.argsort([3, 1, 2]), np.unique([1, 2, 1], return_counts=True), np.searchsorted([1, 3], 2))
print(np.concatenate([a, b])[4], np.stack([a, b]).shape, np.split(np.arange(6), 3), np.vstack([[1], [2]]))
m = np.array([[4.0, 1], [2, 3]])
print(np.linalg.inv(m), np.linalg.det(m).round(6), np.linalg.eigvals(m).round(6), np.linalg.solve(m, [1, 2]))
u, s, v = np.linalg.svd(m)
print(s.round(6), np.linalg.norm(m).round(6), np.linalg.qr(m)[1].round(4).shape, np.linalg.matrix_rank(m))
print(np.fft.fft([1, 2, 3, 4]), np.fft.ifft(np.fft.fft([1, 2, 3])).real.round(6), np.fft.rfftfreq(4))
g = np.random.default_rng(42)
print(g.integers(0, 100, 5), g.random(3), g.normal(size=2), g.choice(5, 3, replace=False), g.permutation(4))
np.random.seed(1)
print(np.random.rand(2), np.random.randint(0, 9, 3), np.random.RandomState(3).randn(2))
x = np.ma.array([1, 2, 3], mask=[0, 1, 0])
print(x, x.sum(), x.filled(-1), np.ma.masked_less([1, 5], 3))
print(np.array(["b", "a"]).astype(object), np.char.upper(["ab"]), np.array([None, 1], dtype=object), np.array([2 ** 70]))
print(np.datetime64("2020-02-28") + np.timedelta64(2, "D"), np.arange("2020-01", "2020-04", dtype="M8[M]"))
print(np.polyfit([0, 1, 2], [1, 3, 5], 1).round(6), np.interp(1.5, [1, 2], [10, 20]), np.histogram([1, 2, 2], 2), np.digitize([0.5, 3], [1, 2]))
print(np.float32(1.5) + 1, np.int8(100) // np.int8(7), np.float64(3) ** 2, np.bool_(True) & False, divmod(np.int64(7), 3))
print(repr(np.float64(0.1)), str(np.complex128(1 + 2j)), f"{np.float64(2.5):.3f}", int(np.int64(5)), hash(np.int64(5)))
f = io.BytesIO()
np.save(f, a)
np.savez(io.BytesIO(), a=a)
f.seek(0)
print((np.load(f) == a).all(), (pickle.loads(pickle.dumps(b)) == b).all(), np.frombuffer(b"\1\2\3", "u1"))
print(bytes(memoryview(np.arange(3, dtype="u1"))), memoryview(a).shape, np.asarray(memoryview(b"abc")))
print(np.loadtxt(io.StringIO("1 2\n3 4")), np.genfromtxt(io.StringIO("1,2\n3,"), delimiter=","))
with np.errstate(divide="raise"):
    try:
        np.array([1.0]) / 0
    except FloatingPointError as e:
        print(e)
for wrong in (lambda: np.array([1, 2]) + np.array([1, 2, 3]), lambda: a[5], lambda: np.zeros(-1), lambda: np.dtype("xx"),
              lambda: np.linalg.inv(np.zeros((2, 2))), lambda: np.array([1, 2]).reshape(3), lambda: bool(a),
              lambda: np.arange(3).foo, lambda: np.array([[1, 2], [3]]), lambda: a.sum(axis=9)):
    try:
        print(wrong())
    except Exception as e:
        print(type(e).__name__, e)


class Sub(np.ndarray):
    def __array_finalize__(self, other):
        self.tag = getattr(other, "tag", "new")


s = a.view(Sub)
s.tag = "kept"
print(type(s[1:]), s[1:].tag, type(s + 1), (s + 1).tag, np.vectorize(lambda v: v * 2)([1, 2, 3]))
print(np.frompyfunc(lambda x, y: x + y, 2, 1)([1, 2], [3, 4]), np.apply_along_axis(sum, 0, a), np.fromiter((i for i in range(4)), int))
it = np.nditer([a, None])
for x, y in it:
    y[...] = x * 2
print(it.operands[1][2], list(np.ndenumerate([5, 6])), list(np.ndindex(2, 2)), next(a.flat), np.broadcast([1, 2], [[3]]).shape)
total = 0.0
for i in range(2000):
    t = np.full(1000, float(i))
    total += (t * 2 - t).sum()
print(total)
print(np.add.__doc__[:20], hasattr(np.add, "__module__"), np.ufunc.__module__, "__module__" in np.ufunc.__dict__, np.ufunc.__doc__[:9])
print(pickle.loads(pickle.dumps(np.add)) is np.add, pickle.loads(pickle.dumps(np.random.rand)) is not None)
