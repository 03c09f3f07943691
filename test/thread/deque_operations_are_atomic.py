"""A deque as a queue between threads: nothing is lost, order per producer is kept."""
import collections
import threading

shared = collections.deque()
taken = [[] for _ in range(2)]
done = threading.Event()


def produce(k):
    for i in range(20000):
        shared.append((k, i))


def consume(out):
    while True:
        try:
            out.append(shared.popleft())
        except IndexError:
            if done.is_set() and not shared:
                return


producers = [threading.Thread(target=produce, args=(k,)) for k in range(2)]
consumers = [threading.Thread(target=consume, args=(out,)) for out in taken]
for t in producers + consumers:
    t.start()
for t in producers:
    t.join()
done.set()
for t in consumers:
    t.join()
print(sum(map(len, taken)), len(set(taken[0]) | set(taken[1])))
for out in taken:
    for k in range(2):
        own = [i for who, i in out if who == k]
        assert own == sorted(own)
print(len(shared))
