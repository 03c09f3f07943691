"""A child of fork() has only the forking thread, and all containers are usable in it, whatever
other threads did to them at that moment."""

import os
import signal
import threading

shared = {}
names = []
stop = threading.Event()


def work(seed):
    i = seed
    while not stop.is_set():
        for _ in range(200):
            i += 7
            shared[i % 5000] = [i] * 20
            names.append("x%d" % i)
            if len(names) > 1000:
                names.clear()
        for key in list(shared)[:100]:
            shared.pop(key, None)


def child():
    signal.alarm(20)  # kills a child that hangs
    for i in range(1000):
        shared[i] = str(i)
        names.append(i)
    return 0 if shared[999] == "999" and names[-1] == 999 else 1


threads = [threading.Thread(target=work, args=(seed,)) for seed in range(4)]
for thread in threads:
    thread.start()
statuses = set()
for _ in range(20):
    pid = os.fork()
    if pid == 0:
        os._exit(child())
    statuses.add(os.waitpid(pid, 0)[1])
stop.set()
for thread in threads:
    thread.join()
print(statuses)
