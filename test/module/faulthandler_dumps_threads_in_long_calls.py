"""dump_traceback_later shows all threads, also while some are inside long C calls or compute; the
lines of their code need not have been asked for before."""
import faulthandler
import tempfile
import threading
import time
import zlib

done = threading.Event()


def compress():
    data = bytes(range(256)) * 4000
    while not done.is_set():
        zlib.compress(data, 9)


def wait():
    done.wait()


def compute():
    while not done.is_set():
        sum(n * n for n in range(1000))


with tempfile.TemporaryFile("w+") as out:
    threads = [threading.Thread(target=f) for f in (compress, wait, compute)]
    for t in threads:
        t.start()
    faulthandler.dump_traceback_later(0.05, repeat=True, file=out)
    for _ in range(1000):
        time.sleep(0.02)
        out.seek(0)
        text = out.read()
        if text.count("Timeout (0:00:00.050000)!") > 3:
            break
    faulthandler.cancel_dump_traceback_later()
    done.set()
    for t in threads:
        t.join()
    for name in ("compress", "wait", "compute", "<module>"):
        print(name, " in %s\n" % name in text)
