import select, socket, sys, threading, time

class Shrinking:
    def fileno(self):
        del items[-1]
        return sys.__stdout__.fileno()
items = []
items[:] = [Shrinking()] * 10
readable, writable, broken = select.select([], items, [])
print(len(readable), len(writable), len(broken))
for seconds in (20.0, 0.1, 3, 0.0, None):
    s = socket.socket()
    s.settimeout(seconds)
    print(s.gettimeout())
    s.close()
a, b = socket.socketpair()
a.settimeout(0.05)
start = time.monotonic()
try:
    a.recv(1)
except TimeoutError as e:
    print(e, time.monotonic() - start >= 0.05)
poll = select.poll()
poll.register(a, select.POLLIN)
start = time.monotonic()
print(poll.poll(50), time.monotonic() - start >= 0.05, poll.poll(0), select.select([a], [], [], 0.01))
timer = threading.Timer(0.05, b.send, (b"x",))
timer.start()
print(len(poll.poll()), a.recv(1))
timer.join()
