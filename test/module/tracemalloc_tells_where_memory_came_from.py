# SPDX-License-Identifier: MIT
"""tracemalloc: figures, tracebacks and snapshots of what a program allocates."""
import os
import subprocess
import sys
import threading
import tracemalloc


def allocate(count):
    return [bytes(1000) for _ in range(count)]  # LINE


with open(__file__) as file:
    LINE = next(i for i, text in enumerate(file, 1) if text.endswith("# LINE\n"))

print(tracemalloc.is_tracing(), tracemalloc.get_traced_memory(),
      tracemalloc.get_traceback_limit())
before = bytes(2000)
print(tracemalloc.get_object_traceback(before))
tracemalloc.start(10)
print(tracemalloc.is_tracing(), tracemalloc.get_traceback_limit())
tracemalloc.start(3)
print(tracemalloc.get_traceback_limit())
kept = allocate(1000)
current, peak = tracemalloc.get_traced_memory()
print(1_000_000 < current < 1_500_000, peak >= current)
print(tracemalloc.get_object_traceback(before))
traceback = tracemalloc.get_object_traceback(kept[7])
print([frame.lineno == LINE for frame in traceback], traceback.total_nframe == len(traceback))
print(all(frame.filename == __file__ for frame in traceback))
print(traceback.format()[-1].strip())
first = tracemalloc.take_snapshot()
top = first.statistics("lineno")[0]
print(top.count >= 1000, top.size >= 1_000_000, top.traceback[0].lineno == LINE)
print(len(first.filter_traces([tracemalloc.Filter(True, "no such file")]).traces))
kept2 = []
thread = threading.Thread(target=lambda: kept2.extend(allocate(500)))
thread.start()
thread.join()
second = tracemalloc.take_snapshot()
difference = second.compare_to(first, "lineno")[0]
print(difference.count_diff >= 500, difference.size_diff >= 500_000,
      difference.traceback[0].lineno == LINE)
del kept, kept2, thread, first, second, top, difference, traceback
print(tracemalloc.get_traced_memory()[0] < 400_000, tracemalloc.get_traced_memory()[1] > 1_400_000)
tracemalloc.reset_peak()
print(tracemalloc.get_traced_memory()[1] < 1_000_000, tracemalloc.get_tracemalloc_memory() > 0)
tracemalloc.clear_traces()
print(tracemalloc.get_traced_memory()[0] < 10_000)
tracemalloc.stop()
print(tracemalloc.is_tracing(), tracemalloc.get_traced_memory())
for mistake in [tracemalloc.take_snapshot, lambda: tracemalloc.start(0),
                lambda: tracemalloc.start(65536),
                lambda: tracemalloc.start("x")]:
    try:
        mistake()
    except (RuntimeError, ValueError, OverflowError, TypeError) as error:
        print(type(error).__name__, error)
for _ in range(5):
    tracemalloc.start()
    again = allocate(10)
    print(tracemalloc.get_object_traceback(again[0])[0].lineno == LINE)
    tracemalloc.stop()

ASK = "import tracemalloc as t; print(t.is_tracing(), t.get_traceback_limit())"
for options, variables in [([], {}), (["-X", "tracemalloc"], {}), (["-X", "tracemalloc=7"], {}),
                           ([], {"PYTHONTRACEMALLOC": "4"}), ([], {"PYTHONTRACEMALLOC": "0"}),
                           (["-E"], {"PYTHONTRACEMALLOC": "4"}), (["-X", "tracemalloc=x"], {}),
                           (["-X", "tracemalloc=0"], {})]:
    done = subprocess.run([sys.executable, *options, "-c", ASK], capture_output=True, text=True,
                          env={"PATH": os.environ["PATH"], **variables})
    print(options, variables, done.returncode, done.stdout.strip())
