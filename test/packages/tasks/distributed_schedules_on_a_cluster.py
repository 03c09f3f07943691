# with distributed
"""A scheduler and workers in this process: futures, failures, queues, locks, an actor."""

import logging

from distributed import Client, Lock, LocalCluster, Queue, as_completed


class Counter:
    def __init__(self):
        self.n = 0

    def increment(self, by):
        self.n += by
        return self.n


def produce(k):
    with Lock("lock"):
        Queue("queue").put(k)
    return k


def main():
    logging.disable(logging.CRITICAL)
    with LocalCluster(n_workers=2, threads_per_worker=2, processes=False, dashboard_address=None) as cluster, \
            Client(cluster) as client:
        print(client.submit(sum, range(50)).result(), client.gather(client.map(lambda v: v ** 2, range(30))))
        print(sorted(future.result() for future in as_completed(client.map(produce, range(6)))))
        queue = Queue("queue")
        print(sorted(queue.get() for _ in range(6)))
        try:
            client.submit(lambda: [][1]).result()
        except IndexError as error:
            print(error)
        counter = client.submit(Counter, actor=True)  # the actor lives as long as this does
        actor = counter.result()
        print([actor.increment(k).result() for k in range(5)])
        data = client.scatter(list(range(1000)), broadcast=True)
        print(client.submit(sum, data).result(), len(client.scheduler_info()["workers"]))
        chain = client.submit(lambda a, b: a + b, client.submit(int, 3), client.submit(int, 4))
        print(chain.result(), chain.status)


if __name__ == "__main__":
    main()
