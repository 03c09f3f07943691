"""_ctypes: foreign functions, structures, arrays, callbacks, pythonapi."""
import ctypes
import ctypes.util
import gc
import threading


class Point(ctypes.Structure):
    _fields_ = [("x", ctypes.c_int), ("y", ctypes.c_double), ("name", ctypes.c_char * 8)]

    def length(self):
        return (self.x ** 2 + self.y ** 2) ** 0.5


class Number(ctypes.Union):
    _fields_ = [("i", ctypes.c_uint32), ("f", ctypes.c_float), ("bytes", ctypes.c_ubyte * 4)]


class Bits(ctypes.BigEndianStructure):
    _fields_ = [("a", ctypes.c_uint16, 3), ("b", ctypes.c_uint16, 13)]


libc = ctypes.CDLL(None)
print(libc.strlen(b"hello"), libc.abs(-4), libc.toupper(ord("a")))
p = Point(3, 4.0, b"abc")
print(p.x, p.y, p.name, p.length(), ctypes.sizeof(Point), bytes(p)[:4], Point.y)
n = Number(f=1.5)
print(hex(n.i), list(n.bytes))
bits = Bits(5, 77)
print(bits.a, bits.b, bytes(bits))

COMPARE = ctypes.CFUNCTYPE(ctypes.c_int, ctypes.POINTER(ctypes.c_int), ctypes.POINTER(ctypes.c_int))
array = (ctypes.c_int * 6)(5, 3, 1, 4, 2, 0)
libc.qsort(array, len(array), ctypes.sizeof(ctypes.c_int), COMPARE(lambda a, b: a[0] - b[0]))
print(list(array), array[1:3])

buffer = ctypes.create_string_buffer(b"abc", 10)
print(buffer.value, buffer.raw)
print(libc.sprintf(buffer, b"%d-%s", ctypes.c_int(7), b"z"), buffer.value)
pointer = ctypes.pointer(ctypes.c_int(5))
pointer.contents.value = 9
print(pointer[0], ctypes.cast(pointer, ctypes.POINTER(ctypes.c_ubyte))[0])
wide = ctypes.create_unicode_buffer("aé\U0001f40d")
print(wide.value, len(wide))

ctypes.pythonapi.PyObject_Repr.restype = ctypes.py_object
print(ctypes.pythonapi.PyObject_Repr(ctypes.py_object({1: [2]})))
for call in (lambda: libc.strlen(1.5), lambda: Point("x"),
             lambda: ctypes.c_int("x"), lambda: array[10], lambda: ctypes.CDLL("libnone.so")):
    try:
        call()
    except Exception as e:
        print(type(e).__name__, str(e)[:60])

for view in map(memoryview, ((ctypes.c_ubyte * 4)(), array)):
    for form in ("i", "B", "<i", "c", "@h"):
        try:
            print(view.format, form, view.cast(form).shape)
        except Exception as e:
            print(view.format, form, type(e).__name__, e)

totals = []


def work():
    callback = COMPARE(lambda a, b: b[0] - a[0])
    total = 0
    for i in range(200):
        numbers = (ctypes.c_int * 5)(i, 2, i + 3, 1, 5)
        libc.qsort(numbers, 5, 4, callback)
        total += numbers[0]
    totals.append(total)


threads = [threading.Thread(target=work) for _ in range(3)]
for t in threads:
    t.start()
for t in threads:
    t.join()
gc.collect()
print(totals)
