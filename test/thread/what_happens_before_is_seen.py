# SPDX-License-Identifier: MIT
"""Publication through a lock, start and join, a queue, an event, a condition, a semaphore and a
barrier: who comes after sees everything that was written before."""
import concurrent.futures
import queue
import threading

ROUNDS = 400


class Box:
    pass


def fill(box, n):
    box.a = n
    box.b = [n] * 3
    box.c = {"n": n}


def good(box, n):
    return (box.a, box.b, box.c) == (n, [n] * 3, {"n": n})


def start_and_join():
    for n in range(ROUNDS // 4):
        box, seen = Box(), []
        fill(box, n)
        t = threading.Thread(target=lambda: (seen.append(good(box, n)), fill(box, n + 1)))
        t.start()
        t.join()
        yield seen == [True] and good(box, n + 1)


def through(send, receive):
    results = []

    def reader():
        for n in range(ROUNDS):
            results.append(good(receive(n), n))

    t = threading.Thread(target=reader)
    t.start()
    for n in range(ROUNDS):
        box = Box()
        fill(box, n)
        send(n, box)
    t.join()
    return results


def with_events():
    boxes = [Box() for _ in range(ROUNDS)]
    events = [threading.Event() for _ in range(ROUNDS)]

    def send(n, box):
        fill(boxes[n], n)
        events[n].set()
    return through(send, lambda n: (events[n].wait(), boxes[n])[1])


def with_lock():
    lock, data, seen = threading.Lock(), Box(), []
    fill(data, 0)

    def work():
        for _ in range(ROUNDS * 4):
            with lock:
                seen.append(good(data, data.a))
                fill(data, data.a + 1)

    threads = [threading.Thread(target=work) for _ in range(4)]
    for t in threads:
        t.start()
    for t in threads:
        t.join()
    return seen + [data.a == ROUNDS * 16]


def with_handed_locks():
    locks = [threading.Lock() for _ in range(ROUNDS)]
    boxes = [Box() for _ in range(ROUNDS)]
    for lock in locks:
        lock.acquire()

    def send(n, box):
        fill(boxes[n], n)
        locks[n].release()
    return through(send, lambda n: (locks[n].acquire(), boxes[n])[1])


def with_condition():
    condition, boxes = threading.Condition(), []

    def send(n, box):
        with condition:
            boxes.append(box)
            condition.notify()

    def receive(n):
        with condition:
            condition.wait_for(lambda: len(boxes) > n)
        return boxes[n]
    return through(send, receive)


def with_barrier():
    barrier, boxes, seen = threading.Barrier(3), [Box() for _ in range(3)], []

    def work(k):
        for n in range(60):
            fill(boxes[k], n)
            barrier.wait()
            seen.append(all(good(box, n) for box in boxes))
            barrier.wait()

    threads = [threading.Thread(target=work, args=(k,)) for k in range(3)]
    for t in threads:
        t.start()
    for t in threads:
        t.join()
    return seen


def with_futures():
    def make(n):
        box = Box()
        fill(box, n)
        return box

    with concurrent.futures.ThreadPoolExecutor(3) as pool:
        return [good(box, n) for n, box in enumerate(pool.map(make, range(ROUNDS)))]


def with_semaphore():
    semaphore, boxes = threading.Semaphore(0), []

    def send(n, box):
        boxes.append(box)
        semaphore.release()
    return through(send, lambda n: (semaphore.acquire(), boxes[n])[1])


print("start and join", all(start_and_join()))
for kind in (queue.Queue, queue.SimpleQueue, queue.LifoQueue):
    q = kind(1) if kind is queue.LifoQueue else kind()
    print(kind.__name__, all(through(lambda n, box: q.put(box), lambda n: q.get())))
for f in (with_events, with_lock, with_handed_locks, with_condition, with_barrier, with_futures,
          with_semaphore):
    print(f.__name__, all(f()))
