# SPDX-License-Identifier: MIT
import gc

log = []
saved = []


class Lazarus:
    def __del__(self):
        log.append("del")
        saved.append(self)


class Noisy:
    def __init__(self, name):
        self.name = name
        self.me = self

    def __del__(self):
        log.append(self.name)


def make():
    Lazarus()
    Noisy("noisy")


make()
gc.collect()
print(sorted(log), len(saved), gc.is_finalized(saved[0]))
saved.clear()
gc.collect()
print(sorted(log), len(saved))


def generator():
    try:
        yield 1
    finally:
        log.append("closed")


def leave():
    for _ in generator():
        break


leave()
gc.collect()
print(log[-1])
