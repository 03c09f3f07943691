try:
    import numpy as np
except ModuleNotFoundError as e:
    raise SystemExit(f"skipped: {e}")
from concurrent.futures import ThreadPoolExecutor

# NumPy reads the fields of a dtype with PyDict_Next while it has released the lock.
dtype = np.dtype([("", "f8")])
for _ in range(2):
    dtype = np.dtype([("", dtype)] * 2)
array = np.random.default_rng(1).uniform(size=(6000, 8)).view(dtype)[:, 0][:, ...]
rng = np.random.default_rng(2)


def pick(_):
    index = rng.integers(0, len(array), size=6000)
    return array[index].tobytes() == b"".join(array[i].tobytes() for i in index[:50]) or len(index)


with ThreadPoolExecutor(4) as pool:
    print(list(pool.map(pick, range(12))))


def sums(n):
    total = 0.0
    for i in range(200):
        a = np.full(100 + n, float(i))
        total += (a * 2 - a).sum() + np.sort(a)[0]
    return total


with ThreadPoolExecutor(4) as pool:
    print(list(pool.map(sums, range(8))))
