# SPDX-License-Identifier: MIT
import _thread
import threading

lock = threading.Lock()
print(lock.acquire(), lock.acquire(False), lock.acquire(timeout=0.01), lock.locked())
lock.release()
for action in (lambda: lock.release(), lambda: lock.acquire(False, 1), lambda: lock.acquire(True, -2),
               lambda: lock.acquire(timeout=1e20), lambda: threading.RLock().release()):
    try:
        action()
    except (RuntimeError, ValueError, OverflowError) as error:
        print(type(error).__name__, error)

count = 0
recursive = threading.RLock()


def work():
    global count
    for _ in range(2000):
        with recursive:
            with recursive:
                count += 1


threads = [threading.Thread(target=work) for _ in range(6)]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
print(count)

local = threading.local()
local.value = "main"
seen = []
thread = threading.Thread(target=lambda: seen.append(hasattr(local, "value")))
thread.start()
thread.join()
print(seen, local.value, _thread._count())

barrier = threading.Barrier(4)
order = []


def meet():
    barrier.wait()
    order.append(1)
    barrier.wait()


threads = [threading.Thread(target=meet) for _ in range(4)]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
print(len(order))
