# interrupt_main() from a thread that the main thread waits for arrives at a place where the
# threading module can undo what it was doing: a lock is never released twice.
import _thread
import threading

for i in range(40):
    thread = threading.Thread(target=_thread.interrupt_main)
    try:
        thread.start()
        thread.join()
        print("not interrupted", i)
    except KeyboardInterrupt:
        pass
    thread.join()
print("done")
