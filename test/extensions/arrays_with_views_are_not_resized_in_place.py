"""NumPy frees the memory of an array whose count says that nobody looks at it. Views of NumPy and
memory views look; what they see stays, and the array is refused."""
import pickle

import numpy as np


def refused(array, size):
    try:
        array.resize(size)
    except ValueError:
        return True
    return False


def looks(kind, take, read):
    a = np.arange(100000.0)
    view = take(a)
    print(kind, refused(a, 3000000), a.shape, read(view))


looks("slice", lambda a: a[10:20], lambda v: v[:3])
looks("reshaped", lambda a: a.reshape(100, 1000), lambda v: v[1][:3])
looks("transposed", lambda a: a.reshape(1000, 100).T, lambda v: v[1][:3])
looks("view of a view", lambda a: a[5:][5:], lambda v: v[:3])
looks("memory view", memoryview, lambda v: v[7])
looks("part of one", lambda a: memoryview(a)[100:200], lambda v: v[7])
looks("pickle buffer", lambda a: pickle.PickleBuffer(a), lambda v: v.raw().nbytes)
looks("array of a memory view", lambda a: np.asarray(memoryview(a)), lambda v: v[:3])
looks("frombuffer", lambda a: np.frombuffer(a), lambda v: v[:3])
looks("iterator", lambda a: a.flat, lambda v: v[8])

# Nobody looks any more.
a = np.arange(10.0)
a.resize(15)
print(a)
m = memoryview(a)
m.release()
a.resize(4)
print(a)
with memoryview(a) as m:
    print(refused(a, 300), bytes(m) == a.tobytes())
a.resize(6)
print(a)
a[1:3][0] = 5
a[1:].flat[::2] = a[:-1][::2] + 1
a[2:] += 7
a.resize(7)
print(a)
e = np.eye(3)
e.resize(2, 2)
print(e)
bytes(a), bytearray(a), b"".join([a, a])
a.resize(2)
print(a)


class Sub(np.ndarray):
    pass


s = np.zeros(1000).view(Sub).copy()
v = s[1:]
print(type(s).__name__, refused(s, 100000), v.sum())
