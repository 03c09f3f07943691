"""One thread gives the __dict__ of instances keys that are no str, which ends their slots, while
others add and delete attributes of the same instances and wait for each other to make shapes."""
import threading

ROUNDS = 150
BOXES = 8
WORKERS = 4
NAMES = 6
errors = []
start = threading.Barrier(WORKERS + 1)


class Box:
    pass


def change(number):
    try:
        change_all(number)
    except Exception as e:
        errors.append(e)
        start.abort()


def change_all(number):
    for r in range(ROUNDS):
        start.wait()
        for i in range(BOXES):
            box = boxes[r][(i + number * 2) % BOXES]
            names = ["n%d_%d_%d_%d" % (r, i, number, n) for n in range(NAMES)]
            for name in names:
                setattr(box, name, name)
            for name in names[::2]:
                delattr(box, name)


def convert():
    for r in range(ROUNDS):
        start.wait()
        for box in boxes[r]:
            vars(box)[r] = "no name"


boxes = [[Box() for _ in range(BOXES)] for _ in range(ROUNDS)]
threads = [threading.Thread(target=change, args=(n,)) for n in range(WORKERS)]
threads.append(threading.Thread(target=convert))
for t in threads:
    t.start()
for t in threads:
    t.join()
for r in range(ROUNDS):
    for i, box in enumerate(boxes[r]):
        found = vars(box)
        wanted = {"n%d_%d_%d_%d" % (r, (i - w * 2) % BOXES, w, n)
                  for w in range(WORKERS) for n in range(1, NAMES, 2)}
        if found.pop(r, None) != "no name" or set(found) != wanted:
            errors.append((r, i, sorted(map(str, found))))
print("errors:", errors[:3])
