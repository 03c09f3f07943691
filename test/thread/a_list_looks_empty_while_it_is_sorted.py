# SPDX-License-Identifier: MIT
"""L.sort(): others see the list as it was, empty, or sorted; nothing in between."""
import threading

SIZE = 3000
values = [(i * 7919) % SIZE for i in range(SIZE)]
shared = list(values)
lengths = set()
strange = []
done = threading.Event()


def look():
    while not done.is_set():
        lengths.add(len(shared))
        copy = shared[:]
        if copy and sorted(copy) != list(range(SIZE)):
            strange.append(copy)


def sort():
    for i in range(60):
        shared.sort(reverse=i % 2 == 0)
        shared.sort(key=lambda x: -x)
    done.set()


threads = [threading.Thread(target=f) for f in (look, look, sort)]
for t in threads:
    t.start()
for t in threads:
    t.join()
print(lengths <= {0, SIZE}, strange[:1], sorted(shared) == list(range(SIZE)))

during = []
shared.sort(key=lambda x: during.append(len(shared)) or x)
print(set(during), shared == list(range(SIZE)))
try:
    shared.sort(key=lambda x: shared.append(x) or x)
except ValueError as error:
    print(error)
print(len(shared))
