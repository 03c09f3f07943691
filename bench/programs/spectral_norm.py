"""Spectral norm of an infinite matrix (float arithmetic in calls and comprehensions)."""
import sys
from math import sqrt


def entry(i, j):
    return 1.0 / ((i + j) * (i + j + 1) // 2 + i + 1)


def times(u):
    n = range(len(u))
    return [sum(entry(i, j) * u[j] for j in n) for i in n]


def times_transposed(u):
    n = range(len(u))
    return [sum(entry(j, i) * u[j] for j in n) for i in n]


def main(n):
    u = [1.0] * n
    for _ in range(4):
        v = times_transposed(times(u))
        u = times_transposed(times(v))
    vbv = sum(a * b for a, b in zip(u, v))
    vv = sum(b * b for b in v)
    print(f"{sqrt(vbv / vv):.9f}")


main(int(sys.argv[1]) if len(sys.argv) > 1 else 600)
