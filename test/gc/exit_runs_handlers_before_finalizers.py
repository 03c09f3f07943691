# SPDX-License-Identifier: MIT
"""At exit: atexit handlers, last one first; then what lives in the main module is finalized."""
import atexit


class Last:
    def __del__(self):
        print("finalized")


last = Last()
atexit.register(print, "first registered")
atexit.register(print, "second registered")


def generator():
    try:
        yield 1
    finally:
        print("closed")


g = generator()
next(g)
g.close()
print("end of the program")
