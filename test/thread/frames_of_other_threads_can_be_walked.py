import sys, threading

entered, leave = threading.Event(), threading.Event()

def inner():
    entered.set()
    while not leave.wait(0.01):
        pass

def outer():
    inner()

def count(n):
    for i in range(n):
        text = str(i)
        yield text

def busy(depth=20):
    for text in count(3):
        pass
    if depth:
        busy(depth - 1)
    while depth == 20 and not leave.is_set():
        busy(19)

waiter, worker = threading.Thread(target=outer), threading.Thread(target=busy)
waiter.start()
worker.start()
entered.wait()
names = set()
for _ in range(200):
    frames = sys._current_frames()
    frame = frames[waiter.ident]
    while frame is not None:
        names.add(frame.f_code.co_name)
        frame = frame.f_back
    frame, steps = frames[worker.ident], 0
    while frame is not None and steps < 100:
        line = frame.f_lineno  # None between lines
        assert line is None or line > 0
        str(list(frame.f_locals.values()))
        frame = frame.f_back
        steps += 1
leave.set()
waiter.join()
worker.join()
print(sorted(names & {"inner", "outer", "run", "_bootstrap"}))
