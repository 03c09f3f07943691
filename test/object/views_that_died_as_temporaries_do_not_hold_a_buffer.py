"""A bytearray or BytesIO whose views are all dead may change its size, also when they were temporaries
of the same function. One that lives keeps it as it is."""
import io
import threading


class Stream:
    """As Tornado's iostream does it."""

    def __init__(self):
        self.buffer = bytearray()
        self.position = 0

    def consume(self, count):
        piece = (memoryview(self.buffer)[self.position:self.position + count]).tobytes()
        self.position += count
        if self.position > len(self.buffer) - self.position:
            del self.buffer[:self.position]
            self.position = 0
        return piece


def stream(n):
    s = Stream()
    total = 0
    for i in range(n):
        s.buffer += b"abcdefghij" * 5
        for _ in range(5):
            total += len(s.consume(10))
    return total, len(s.buffer)


def temporaries(n):
    b = bytearray(b"x" * 100)
    for i in range(n):
        v = memoryview(b)[2:10].tobytes()
        del b[:1]
        b.append(memoryview(b)[0])
        bytes(memoryview(b)[1:])
        b += b"yz"
        b.pop()
    return len(b), v


def in_memory(n):
    f = io.BytesIO()
    for i in range(n):
        f.write(b"12345")
        f.getbuffer()[:2].tobytes()
        f.getvalue()
    f.getbuffer()[0]
    f.truncate(3)
    return f.getvalue()


def living():
    b, f = bytearray(b"abc"), io.BytesIO(b"abc")
    view, part = memoryview(b), f.getbuffer()
    results = []
    for change in (lambda: b.append(1), lambda: b.clear(), lambda: b.__delitem__(slice(0, 1)),
                   lambda: b.extend(b"12"), lambda: f.write(b"1"), lambda: f.truncate(0), f.close):
        try:
            change()
        except BufferError as e:
            results.append(str(e))
    b[1] = 5
    results.append((view[1], bytes(part)))
    view.release()
    part.release()
    b.append(1)
    f.close()
    return results, b


print(stream(200), temporaries(200), in_memory(100), living())
threads = [threading.Thread(target=lambda: results.append((stream(100), temporaries(50)))) for _ in range(3)]
results = []
for t in threads:
    t.start()
for t in threads:
    t.join()
print(len(results), len(set(results)))
