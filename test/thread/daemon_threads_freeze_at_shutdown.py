# Daemon threads that are in the middle of anything (a write, a lock, a change of a container) do
# not keep the process from ending, and what the main thread has printed comes out.
import subprocess
import sys

PROGRAM = """
import os, sys, threading, time
shared = {}
ready = threading.Semaphore(0)
lock = threading.Lock()
def write(i):
    with open(os.devnull, "w") as null:
        ready.release()
        while True:
            null.write("x" * 5000)
            null.flush()
def change(i):
    ready.release()
    n = 0
    while True:
        n += 1
        shared[n % 100] = [n]
        with lock:
            len(shared)
def sleep(i):
    ready.release()
    while True:
        time.sleep(0.0001)
for i in range(12):
    threading.Thread(target=(write, change, sleep)[i % 3], args=(i,), daemon=True).start()
for i in range(12):
    ready.acquire()
print("main is done")
sys.exit(3)
"""

for i in range(6):
    done = subprocess.run([sys.executable, "-c", PROGRAM], capture_output=True, text=True,
                          timeout=60)
    print(done.returncode, done.stdout, done.stderr)
