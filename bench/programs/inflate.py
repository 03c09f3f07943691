"""Bit-level decompression in pure Python: canonical Huffman codes and LZ77 copies, after pyflate."""
import random
import sys


class BitReader:
    def __init__(self, data):
        self.data = data
        self.position = 0
        self.bits = 0
        self.count = 0

    def read(self, n):
        while self.count < n:
            self.bits |= self.data[self.position] << self.count
            self.position += 1
            self.count += 8
        value = self.bits & ((1 << n) - 1)
        self.bits >>= n
        self.count -= n
        return value


class BitWriter:
    def __init__(self):
        self.out = bytearray()
        self.bits = 0
        self.count = 0

    def write(self, value, n):
        self.bits |= value << self.count
        self.count += n
        while self.count >= 8:
            self.out.append(self.bits & 255)
            self.bits >>= 8
            self.count -= 8

    def finish(self):
        self.write(0, 7)
        return bytes(self.out)


def canonical(lengths):
    """{symbol: (code, length)} for the code lengths."""
    code, codes = 0, {}
    for length in range(1, max(lengths) + 1):
        for symbol, own in enumerate(lengths):
            if own == length:
                codes[symbol] = (code, length)
                code += 1
        code <<= 1
    return codes


LENGTHS = [5] * 8 + [7] * 32 + [8] * 64 + [10] * 153 + [9] * 16
CODES = canonical(LENGTHS)
DECODE = {pair: symbol for symbol, pair in CODES.items()}


def compress(text):
    writer, i, seen = BitWriter(), 0, {}

    def put(symbol):
        code, length = CODES[symbol]
        for bit in range(length - 1, -1, -1):
            writer.write(code >> bit & 1, 1)

    while i < len(text):
        key = text[i:i + 3]
        at = seen.get(key, -1)
        n = 0
        if len(key) == 3 and 0 < i - at < 4096 and at >= 0:
            while n < 18 and i + n < len(text) and text[at + n] == text[i + n]:
                n += 1
        seen[key] = i
        if n >= 3:
            put(257 + n - 3)
            writer.write(i - at, 12)
            i += n
        else:
            put(text[i])
            i += 1
    put(256)
    return writer.finish()


def decompress(data):
    reader, out = BitReader(data), bytearray()
    while True:
        code = length = 0
        while True:
            code = code << 1 | reader.read(1)
            length += 1
            symbol = DECODE.get((code, length))
            if symbol is not None:
                break
        if symbol < 256:
            out.append(symbol)
        elif symbol == 256:
            return bytes(out)
        else:
            start = len(out) - reader.read(12)
            for k in range(symbol - 257 + 3):
                out.append(out[start + k])


def main(size):
    source = random.Random(5)
    words = [bytes(source.randrange(97, 123) for _ in range(source.randrange(2, 9)))
             for _ in range(300)]
    text = b" ".join(source.choice(words) for _ in range(size))
    packed = compress(text)
    assert decompress(packed) == text
    print(len(text), len(packed))


main(int(sys.argv[1]) if len(sys.argv) > 1 else 80000)
