"""Views of arrays with negative strides, suboffsets and Fortran's order: slices lead to the same
items and write nowhere else, contiguous copies have their shape, and errors are python3.11's."""
from _testbuffer import (ND_FORTRAN, ND_PIL, ND_WRITABLE, PyBUF_READ, cmp_contig, get_contiguous,
                         ndarray)


def tried(f, *args):
    try:
        return f(*args)
    except Exception as e:
        return type(e).__name__, str(e)


def show(view):
    return view.shape, view.strides, view.format, view.readonly, view.contiguous, view.tolist()


for flags in (0, ND_PIL):
    for layout in ({}, {"strides": [-8], "offset": 88}):
        array = ndarray(list(range(12)), shape=[12], format="q", flags=ND_WRITABLE | flags,
                        **({} if flags else layout))
        view = memoryview(array)
        for key in (slice(2, 5), slice(9, 1, -3), slice(None, None, -1), slice(4, 4)):
            print(flags, view[key].tolist(), view[key][::-1].tolist())
        view[2:5] = view[6:9]
        view[::-1][0:2] = view[3:5]
        print(array.tolist(), view == array)

for shape, flags in (([], 0), ([3], 0), ([3, 4], 0), ([3, 4], ND_FORTRAN), ([2, 2, 3], ND_PIL)):
    size = 1
    for n in shape:
        size *= n
    array = ndarray(list(range(size)) if shape else 7, shape=shape, format="L", flags=flags)
    for order in "CFA":
        copy = get_contiguous(array, PyBUF_READ, order)
        print(shape, flags, order, show(copy), cmp_contig(copy, array))

records = memoryview(ndarray([(1, 2), (3, 4)], shape=[2], format="II"))
for f, *args in ((records.__getitem__, 0), (records.__setitem__, 0, 8), (records.tolist,),
                 (records.__delitem__, 0)):
    print(tried(f, *args))
addresses = memoryview(ndarray([1], shape=[1], format="P", flags=ND_WRITABLE))
for value in (-1, -2 ** 63, -2 ** 63 - 1, 2 ** 64 - 1, 2 ** 64, "x"):
    print(value, tried(addresses.__setitem__, 0, value), addresses[0])
numbers = memoryview(bytes(128))
print(tried(numbers.cast, "I", [2 ** 20, 2 ** 20, 2 ** 10, 2 ** 10, 2]))
holder = memoryview(bytearray(3))
other = ndarray(holder)
print(tried(holder.release))
del other
print(tried(holder.release))
