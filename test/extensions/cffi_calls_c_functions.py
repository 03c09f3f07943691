try:
    import _cffi_backend
    import cffi
except ModuleNotFoundError as e:
    raise SystemExit(f"skipped: {e}")

ffi = cffi.FFI()
ffi.cdef("""
    size_t strlen(const char *s);
    int snprintf(char *out, size_t n, const char *format, ...);
    void qsort(void *base, size_t n, size_t width, int (*compare)(const void *, const void *));
    typedef struct { int x; double y; char name[8]; } point;
    double sqrt(double);
    enum color { RED, GREEN = 5 };
""")
c = ffi.dlopen(None)
print(c.strlen(b"hello"), ffi.sizeof("point"), ffi.typeof("point *"), ffi.offsetof("point", "y"))
out = ffi.new("char[]", 50)
print(c.snprintf(out, 50, b"%d %s %.2f", ffi.cast("int", 42), ffi.new("char[]", b"abc"), ffi.cast("double", 2.5)))
print(ffi.string(out), bytes(ffi.buffer(out, 4)))
p = ffi.new("point *", {"x": 1, "y": 2.5, "name": b"abc"})
p.x += 5
print(p.x, p.y, ffi.string(p.name), p[0].x, ffi.cast("enum color", 5), p == ffi.addressof(p[0]))
numbers = ffi.new("int[]", [5, 3, 9, 1])
calls = []


@ffi.callback("int(const void *, const void *)")
def compare(a, b):
    x, y = ffi.cast("const int *", a)[0], ffi.cast("const int *", b)[0]
    calls.append((x, y))
    return (x > y) - (x < y)


c.qsort(numbers, 4, 4, compare)
print(list(numbers), len(calls) > 2, len(numbers), numbers[1:3][0])
handle = ffi.new_handle(calls)
print(ffi.from_handle(handle) is calls, ffi.NULL == ffi.cast("void *", 0), ffi.from_buffer(bytearray(b"xy"))[1])
for wrong in (lambda: numbers[9], lambda: ffi.new("nothing *"), lambda: c.strlen(5), lambda: p.z,
              lambda: ffi.cast("int", "x"), lambda: ffi.new("int *", 2 ** 40), lambda: c.nobody):
    try:
        print(wrong())
    except Exception as e:
        print(type(e).__name__, str(e).splitlines()[0])
print(sum(ffi.new("int *", i)[0] for i in range(2000)))
