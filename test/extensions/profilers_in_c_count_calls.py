"""_lsprof: a profiler in C sees Python and C calls; _testbuffer's arrays."""
import _lsprof
import _testbuffer
import cProfile
import pstats


def inner(n):
    return sum([len("abc")] * n)


def outer():
    return [inner(i) for i in range(5)]


profile = cProfile.Profile()
profile.enable()
outer()
profile.disable()
rows = pstats.Stats(profile).stats
print(sorted((name, calls) for (_, _, name), (calls, *_) in rows.items() if "disable" not in name))
print(_lsprof.Profiler)
array = _testbuffer.ndarray(list(range(6)), shape=[2, 3], format="h")
print(array.tolist(), memoryview(array).shape, memoryview(array)[1, 2])
