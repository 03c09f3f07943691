# SPDX-License-Identifier: MIT
"""A weak dictionary never loses a living value to the removal of the dead one before it."""
import gc
import threading
import weakref


class Cycle:
    def __init__(self):
        self.cycle = self


entries = weakref.WeakValueDictionary()
stop = threading.Event()


def collect():
    while not stop.is_set():
        gc.collect()


threads = [threading.Thread(target=collect) for _ in range(1)]
for t in threads:
    t.start()
lost = 0
for _ in range(100):
    value = Cycle()
    entries["key"] = value
    lost += len(entries) != 1 or entries.get("key") is not value
    value = None
stop.set()
for t in threads:
    t.join()
print(lost)
