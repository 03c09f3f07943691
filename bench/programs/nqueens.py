"""N queens by recursive generators and sets."""
import sys


def place(n, row, columns, up, down):
    if row == n:
        yield ()
        return
    for column in range(n):
        if column not in columns and row + column not in up and row - column not in down:
            for rest in place(n, row + 1, columns | {column}, up | {row + column},
                              down | {row - column}):
                yield (column,) + rest


n = int(sys.argv[1]) if len(sys.argv) > 1 else 12
solutions = list(place(n, 0, frozenset(), frozenset(), frozenset()))
print(len(solutions), solutions[0])
