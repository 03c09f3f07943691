# SPDX-License-Identifier: MIT
"""A lock that was released earlier does not put a later signal off; a call's signal comes after it."""
import _thread
import signal
import threading


def handler(signum, frame):
    raise ZeroDivisionError


signal.signal(signal.SIGINT, handler)
lock = threading.Lock()
for _ in range(20):
    lock.acquire()
    lock.release()
    try:
        _thread.interrupt_main()
        raised = False
    except ZeroDivisionError:
        raised = True
    print(raised)
