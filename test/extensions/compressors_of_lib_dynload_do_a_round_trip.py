import bz2
import gc
import lzma

data = b"hello, extension " * 1000
packed = bz2.compress(data)
print(len(packed), bz2.decompress(packed) == data)
packed = lzma.compress(data)
print(len(packed), lzma.decompress(packed) == data)
try:
    lzma.decompress(b"xxxxxxxxxxxx")
except lzma.LZMAError as e:
    print(e)
try:
    bz2.decompress(b"xxxxxxxxxxxx")
except OSError as e:
    print(type(e), e)
for i in range(300):
    bz2.compress(b"abc" * i)
gc.collect()
print(bz2.BZ2Compressor, [n for n in dir(bz2.BZ2Decompressor) if n[0] != "_"])
