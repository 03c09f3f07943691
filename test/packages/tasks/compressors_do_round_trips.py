# with lz4 zstandard brotli snappy blosc
"""Compressors at once and in pieces, damaged input, in threads."""

import io
from concurrent.futures import ThreadPoolExecutor

import blosc
import brotli
import lz4.block
import lz4.frame
import snappy
import zstandard

DATA = b"".join(b"line %d of some text\n" % (k * k) for k in range(20000))
KINDS = {
    "lz4.frame": (lz4.frame.compress, lz4.frame.decompress),
    "lz4.block": (lz4.block.compress, lz4.block.decompress),
    "zstandard": (zstandard.ZstdCompressor(level=5).compress, zstandard.ZstdDecompressor().decompress),
    "brotli": (lambda d: brotli.compress(d, quality=4), brotli.decompress),
    "snappy": (snappy.compress, snappy.decompress),
    "blosc": (lambda d: blosc.compress(d, typesize=1), blosc.decompress),
}


def trip(task):
    name, k = task
    pack, unpack = KINDS[name]
    data = DATA[k * 1000:]
    packed = pack(data)
    return name, len(packed) < len(data) // 2, unpack(packed) == data


tasks = [(name, k) for name in KINDS if name != "zstandard" for k in range(4)]
with ThreadPoolExecutor(4) as pool:
    print(sorted(set(pool.map(trip, tasks))))
print(trip(("zstandard", 1)))
out = io.BytesIO()
with zstandard.ZstdCompressor().stream_writer(out, closefd=False) as writer:
    for start in range(0, len(DATA), 10000):
        writer.write(DATA[start:start + 10000])
print(zstandard.ZstdDecompressor().stream_reader(io.BytesIO(out.getvalue())).read(20), len(out.getvalue()) < len(DATA))
with lz4.frame.open(io.BytesIO(lz4.frame.compress(DATA))) as file:
    print(file.readline(), sum(1 for _ in file))
stream = brotli.Compressor()
packed = b"".join([stream.process(DATA[:5000]), stream.flush(), stream.process(DATA[5000:]), stream.finish()])
print(brotli.decompress(packed) == DATA, snappy.uncompress(snappy.compress("text")))
for name, (pack, unpack) in KINDS.items():
    try:
        unpack(b"not packed at all, but long enough to look at")
    except (RuntimeError, ValueError, brotli.error, snappy.UncompressError, lz4.block.LZ4BlockError,
            zstandard.ZstdError, blosc.blosc_extension.error) as error:
        print(name, type(error).__name__)
