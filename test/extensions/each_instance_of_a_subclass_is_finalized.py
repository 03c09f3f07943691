"""Cells of objects of extensions are freed by hand and used again: the next object there has a __del__ of its own."""
import gc
from decimal import Decimal

finalized = 0


class Amount(Decimal):
    def __del__(self):
        global finalized
        finalized += 1


def make():
    for k in range(1000):
        Amount(k)


for _ in range(4):
    make()
    gc.collect()
    gc.collect()
    print(finalized)
