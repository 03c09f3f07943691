"""Training: threads, locks, queues, executors, shared containers."""
import queue
import threading
from concurrent.futures import ThreadPoolExecutor


def shared(n):
    counts, items, lock, local = {}, [], threading.Lock(), threading.local()

    def work(number):
        local.total = 0
        for i in range(n):
            local.total += i
            counts[(number, i % 50)] = i
            items.append(i)
            if i % 8 == 0:
                with lock:
                    counts["all"] = counts.get("all", 0) + 1
    threads = [threading.Thread(target=work, args=(k,)) for k in range(2)]
    for t in threads:
        t.start()
    for t in threads:
        t.join()
    return len(counts), counts["all"], len(items), sum(items)


def pipeline(n):
    todo, done = queue.Queue(20), queue.SimpleQueue()

    def consume():
        while (item := todo.get()) is not None:
            done.put(item * item)
        done.put(None)
    consumer = threading.Thread(target=consume)
    consumer.start()
    for i in range(n):
        todo.put(i)
    todo.put(None)
    consumer.join()
    total = 0
    while (item := done.get()) is not None:
        total += item
    return total


def signals(n):
    ready, condition, seen = threading.Event(), threading.Condition(), []

    def wait():
        ready.wait()
        with condition:
            condition.wait_for(lambda: len(seen) >= n)
    t = threading.Thread(target=wait)
    t.start()
    ready.set()
    for i in range(n):
        with condition:
            seen.append(i)
            condition.notify_all()
    t.join()
    return len(seen)


for _ in range(30):
    print(shared(6000), pipeline(1200), signals(200))
    with ThreadPoolExecutor(2) as pool:
        print(sum(pool.map(lambda x: sum(range(x)), range(500))))
