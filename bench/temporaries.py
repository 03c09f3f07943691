#!/usr/bin/python3.11
# SPDX-License-Identifier: MIT
"""What memory a loop of NumPy temporaries takes at its peak, against python3.11.

    bench/temporaries.py build/orochi [count]

`count` (10,000) arrays of 8 MB, each the sum of one that stays and a number; the goal is 1.5 times
python3.11's peak."""

import os
import subprocess
import sys


def child(count):
    import numpy as np
    a = np.ones(1000000)
    for i in range(count):
        b = a + i
    assert b[7] == count


def peak(program, count):
    """In MB."""
    job = subprocess.Popen([program, __file__, "--child", str(count)])
    _, status, usage = os.wait4(job.pid, 0)
    if status != 0:
        sys.exit(f"{program} ended with {status}")
    return usage.ru_maxrss / 1024


def main():
    count = int(sys.argv[2]) if len(sys.argv) > 2 else 10000
    theirs, ours = (peak(program, count) for program in ("/usr/bin/python3.11", sys.argv[1]))
    print(f"{count} temporaries of 8 MB: python3.11 {theirs:.0f} MB, orochi {ours:.0f} MB, "
          f"{ours / theirs:.2f}")


if __name__ == "__main__":
    child(int(sys.argv[2])) if sys.argv[1:2] == ["--child"] else main()
