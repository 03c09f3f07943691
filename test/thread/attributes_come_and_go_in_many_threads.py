"""Threads add, delete and replace attributes of the same instances."""
import threading

class Box:
    pass

NAMES = ["a%d" % i for i in range(12)]
boxes = [Box() for _ in range(8)]
errors = []

def work(seed):
    state = seed
    for i in range(6000):
        state = (state * 1103515245 + 12345) & 0x7fffffff
        box = boxes[state % 8]
        name = NAMES[(state >> 5) % 12]
        action = (state >> 12) % 8
        try:
            if action < 3:
                setattr(box, name, (name, i))
            elif action == 3:
                delattr(box, name)
            elif action == 4:
                d = box.__dict__
                for key, value in list(d.items()):
                    if value[0] != key:
                        errors.append((key, value))
            elif action == 5:
                box.__dict__[name] = (name, -i)
            elif action == 6 and i % 500 == 0:
                box.__dict__ = {n: (n, 0) for n in NAMES[:3]}
            else:
                value = getattr(box, name, None)
                if value is not None and value[0] != name:
                    errors.append((name, value))
        except (AttributeError, KeyError):
            pass

threads = [threading.Thread(target=work, args=(i * 7919 + 1,)) for i in range(4)]
for t in threads:
    t.start()
for t in threads:
    t.join()
print("wrong values:", errors[:3])
fresh = Box()
fresh.x = 1
print(fresh.__dict__)
