# orochi
# fork() while other threads change containers, write files and import: the child has one thread,
# every runtime lock is free in it, and it can do all of that itself. (The oracle may hang here.)
import os
import threading

stop = threading.Event()
shared_dict, shared_list = {}, []
null = open(os.devnull, "w")


def work(seed):
    n = seed
    while not stop.is_set():
        n += 1
        shared_dict[n % 50] = str(n)
        shared_list.append(n)
        if len(shared_list) > 1000:
            shared_list.clear()
        null.write("text" * 500)
        null.flush()
        exec(f"class C{n % 7}: x{n % 31} = {n}")
        import json.decoder


def child():
    assert threading.active_count() == 1
    assert threading.current_thread() is threading.main_thread()
    for n in range(200):
        shared_dict[n] = n
        shared_list.append(n)
    null.write("child")
    null.flush()
    import colorsys
    thread = threading.Thread(target=shared_list.sort)
    thread.start()
    thread.join()
    assert shared_list == sorted(shared_list)


threads = [threading.Thread(target=work, args=(i,)) for i in range(4)]
for thread in threads:
    thread.start()
statuses = []
for i in range(15):
    pid = os.fork()
    if pid == 0:
        status = 1
        try:
            child()
            status = 0
        finally:
            os._exit(status)
    statuses.append(os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]))
stop.set()
for thread in threads:
    thread.join()
assert statuses == [0] * 15, statuses
