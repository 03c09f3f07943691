# SPDX-License-Identifier: MIT
"""SIGINT raises KeyboardInterrupt in the main thread, also while it waits; the end is CPython's."""
import signal
import subprocess
import sys

PROGRAMS = {
    "busy loop": "while True: pass",
    "call loop": "def f(): pass\nwhile True: f()",
    "comprehension": "[x for x in iter(int, 1)]",
    "lock": "import threading; l = threading.Lock(); l.acquire(); ready(); l.acquire()",
    "lock with timeout": "import threading; l = threading.Lock(); l.acquire(); l.acquire(True, 60)",
    "rlock": "import threading; l = threading.RLock()\n"
             "t = threading.Thread(target=l.acquire, daemon=True); t.start(); t.join(); l.acquire()",
    "queue": "import queue; queue.Queue().get()",
    "simple queue": "import queue; queue.SimpleQueue().get()",
    "full queue": "import queue; q = queue.Queue(1); q.put(1); q.put(1)",
    "event": "import threading; threading.Event().wait()",
    "condition": "import threading; c = threading.Condition(); c.acquire(); c.wait()",
    "semaphore": "import threading; threading.Semaphore(0).acquire()",
    "join": "import threading, time\n"
            "t = threading.Thread(target=time.sleep, args=(60,), daemon=True); t.start(); t.join()",
    "sleep": "import time; time.sleep(60)",
    "select": "import select; select.select([], [], [], 60)",
    "read": "import os; r, w = os.pipe(); os.read(r, 1)",
    "caught": "import time\ntry: time.sleep(60)\nexcept KeyboardInterrupt: print('caught')",
    "subprocess": "import subprocess; subprocess.run(['sleep', '60'])",
}
children = {}
for title, program in PROGRAMS.items():
    source = "def ready(): pass\nprint('ready', flush=True)\n" + program
    children[title] = subprocess.Popen([sys.executable, "-c", source], stdout=subprocess.PIPE,
                                       stderr=subprocess.PIPE, text=True)
import time
for title, child in children.items():
    assert child.stdout.readline() == "ready\n"
time.sleep(1.5)
for child in children.values():
    child.send_signal(signal.SIGINT)
for title, child in children.items():
    try:
        out, err = child.communicate(timeout=20)
    except subprocess.TimeoutExpired:
        child.kill()
        out, err = child.communicate()
        err += "\nhung"
    print(title, child.returncode, out.split(), err.splitlines()[-1:])
