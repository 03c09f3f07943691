# SPDX-License-Identifier: MIT
"""What locks, queues and threads cost: microseconds per operation, wall and processor time.

usage: locks.py [part of an operation's name]...; run it under both interpreters alternately.
"""
import _thread
import queue
import sys
import threading
import time
from concurrent.futures import ThreadPoolExecutor


def run(*bodies):
    workers = [threading.Thread(target=body) for body in bodies]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()


def with_lock(n, lock):
    for _ in range(n):
        with lock:
            pass


def acquire_release(n):
    lock = threading.Lock()
    for _ in range(n):
        lock.acquire()
        lock.release()


def contended(n, threads):
    lock = threading.Lock()
    run(*[lambda: with_lock(n // threads, lock)] * threads)


def contended_work(n, threads):
    lock, counts = threading.Lock(), {}

    def work():
        for i in range(n // threads):
            with lock:
                counts[i & 15] = counts.get(i & 15, 0) + 1
    run(*[work] * threads)


def there_and_back(n, wait_a, signal_a, wait_b, signal_b):
    def answer():
        for _ in range(n):
            wait_a()
            signal_b()

    def ask():
        for _ in range(n):
            signal_a()
            wait_b()
    run(answer, ask)


def lock_back(n):
    a, b = _thread.allocate_lock(), _thread.allocate_lock()
    a.acquire()
    b.acquire()
    there_and_back(n, a.acquire, a.release, b.acquire, b.release)


def event_back(n):
    a, b = threading.Event(), threading.Event()

    def wait(event):
        event.wait()
        event.clear()
    there_and_back(n, lambda: wait(a), a.set, lambda: wait(b), b.set)


def semaphore_back(n):
    a, b = threading.Semaphore(0), threading.Semaphore(0)
    there_and_back(n, a.acquire, a.release, b.acquire, b.release)


def queue_back(n, make):
    a, b = make(), make()
    there_and_back(n, a.get, lambda: a.put(1), b.get, lambda: b.put(1))


def condition_back(n):
    condition, turn = threading.Condition(), 0

    def work(me):
        nonlocal turn
        for _ in range(n):
            with condition:
                while turn != me:
                    condition.wait()
                turn = 1 - me
                condition.notify()
    run(lambda: work(0), lambda: work(1))


def stream(n, items):
    run(lambda: [items.get() for _ in range(n)], lambda: [items.put(i) for i in range(n)])


def start_join(n):
    for _ in range(n):
        run(int)


def many_threads(n):
    run(*[int] * n)


def submit(n):
    with ThreadPoolExecutor(2) as pool:
        for future in [pool.submit(int) for _ in range(n)]:
            future.result()


CASES = {
    "with lock": (1_000_000, lambda n: with_lock(n, threading.Lock())),
    "acquire release": (1_000_000, acquire_release),
    "with rlock": (1_000_000, lambda n: with_lock(n, threading.RLock())),
    "contended 2": (400_000, lambda n: contended(n, 2)),
    "contended 4": (400_000, lambda n: contended(n, 4)),
    "contended 8": (400_000, lambda n: contended(n, 8)),
    "contended work 2": (200_000, lambda n: contended_work(n, 2)),
    "contended work 8": (200_000, lambda n: contended_work(n, 8)),
    "lock back": (10_000, lock_back),
    "event back": (5000, event_back),
    "condition back": (5000, condition_back),
    "semaphore back": (5000, semaphore_back),
    "queue back": (5000, lambda n: queue_back(n, queue.Queue)),
    "simple queue back": (10_000, lambda n: queue_back(n, queue.SimpleQueue)),
    "queue stream": (30_000, lambda n: stream(n, queue.Queue())),
    "queue(32) stream": (30_000, lambda n: stream(n, queue.Queue(32))),
    "simple queue stream": (100_000, lambda n: stream(n, queue.SimpleQueue())),
    "start join": (1000, start_join),
    "1000 threads": (1000, many_threads),
    "submit": (10_000, submit),
}


def main():
    for name, (n, body) in CASES.items():
        if len(sys.argv) < 2 or any(part in name for part in sys.argv[1:]):
            start, used = time.perf_counter(), time.process_time()
            body(n)
            wall, used = time.perf_counter() - start, time.process_time() - used
            print(f"{name:20}{wall / n * 1e6:9.2f} wall{used / n * 1e6:9.2f} CPU", flush=True)


if __name__ == "__main__":
    main()
