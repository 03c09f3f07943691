# orochi
"""Threads use, close and detach one buffered stream at once: each gets a result or a ValueError that says
that it was closed or detached, never anything else."""
import io
import threading

wrong = []


def attempt(f):
    for i in range(20):
        try:
            f()
        except ValueError:
            pass
        except BaseException as e:
            wrong.append(repr(e))


for round in range(60):
    stream = io.BufferedRandom(io.BytesIO(b"abc" * 100), 16)
    uses = [stream.tell, stream.detach, stream.close, lambda: stream.write(b"x" * 40), lambda: stream.read(5),
            lambda: stream.seek(3), stream.flush, lambda: stream.truncate(9)]
    threads = [threading.Thread(target=attempt, args=(f,)) for f in uses]
    for t in threads:
        t.start()
    for t in threads:
        t.join()
assert not wrong, sorted(set(wrong))
