# orochi, with numpy
"""Cells of dead extension objects that are used again are young: young collections find them dead, and
what was freed outside the heap counts as freed. So a loop of temporaries leads to hardly any full
collection, and big ones do not pile up either."""
import resource
import subprocess
import sys

import numpy as np

LOOP = """
import sys, numpy as np
a, b = np.arange(10.0), np.ones(10)
print("loop", file=sys.stderr, flush=True)
for i in range(300000):
    c = a + b
"""
log = subprocess.run([sys.executable, "-X", "gc-log", "-c", LOOP], stderr=subprocess.PIPE, text=True,
                     check=True).stderr.split("loop")[1]
full, young = log.count(": full, allocation"), log.count(": young, allocation")
assert young > 3 and full <= 1 + young // 5, (full, young)

a = np.ones(1000000)
b = a + 1
before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
for i in range(200):
    b = a + i
after = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
assert after - before < 40000, (before, after)
