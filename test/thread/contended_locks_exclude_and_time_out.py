"""More threads than cores on one lock: nobody is let in twice, nobody sleeps for ever."""
import threading

ROUNDS = 3000
lock, rlock = threading.Lock(), threading.RLock()
inside = 0
total = {"with": 0, "timeout": 0, "try": 0, "rlock": 0}
problems = []


def enter(kind):
    global inside
    inside += 1
    if inside != 1:
        problems.append(kind)
    total[kind] += 1
    inside -= 1


def by_with():
    for _ in range(ROUNDS):
        with lock:
            enter("with")


def by_timeout():
    done = 0
    while done < ROUNDS:
        if lock.acquire(timeout=0.001):
            enter("timeout")
            lock.release()
            done += 1


def by_trying():
    done = 0
    while done < ROUNDS:
        if lock.acquire(False):
            enter("try")
            lock.release()
            done += 1


def by_rlock():
    for _ in range(ROUNDS):
        with rlock:
            with rlock:
                total["rlock"] += 1


workers = [threading.Thread(target=body) for body in (by_with, by_timeout, by_trying, by_rlock) * 2]
for worker in workers:
    worker.start()
for worker in workers:
    worker.join()
print(total, problems, lock.locked())
