# with coverage
"""Which lines and branches of a program ran, in two threads as well."""

import io
import os
import tempfile

import coverage

PROGRAM = """import threading
def classify(n):
    if n < 0:
        return "negative"
    elif n == 0:
        return "zero"
    for k in range(n):
        if k == 100:
            break
    else:
        pass
    return "positive"

def never():
    return 1

def work(k):
    with lock:
        out.append(classify(k))
    try:
        {}[k]
    except KeyError:
        pass
    except ValueError:
        print("never")

lock, out = threading.Lock(), []
threads = [threading.Thread(target=work, args=(k,)) for k in (1, 5)]
for t in threads: t.start()
for t in threads: t.join()
classify(0)
square = [x * x for x in range(3) if x]
"""

with tempfile.TemporaryDirectory() as folder:
    os.chdir(folder)
    with open("program.py", "w") as file:
        file.write(PROGRAM)
    for branch in False, True:
        measure = coverage.Coverage(branch=branch, data_file=None, include=[folder + "/*"])
        measure.start()
        exec(compile(PROGRAM, folder + "/program.py", "exec"), {"__name__": "program"})
        measure.stop()
        analysis = measure.analysis2(folder + "/program.py")
        print(analysis[1], analysis[3])
        text = io.StringIO()
        print(round(measure.report(show_missing=True, file=text), 3))
        print(text.getvalue())
        print(sorted(measure.get_data().lines(folder + "/program.py")))
    os.chdir("/")
