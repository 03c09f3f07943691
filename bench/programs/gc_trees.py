"""Binary trees: many short-lived trees beside one long-lived one (allocation and collection)."""
import sys


class Node:
    __slots__ = ("left", "right")

    def __init__(self, left, right):
        self.left = left
        self.right = right


def make(depth):
    return Node(None, None) if depth == 0 else Node(make(depth - 1), make(depth - 1))


def check(node):
    return 1 if node.left is None else 1 + check(node.left) + check(node.right)


def main(depth):
    print(check(make(depth + 1)))
    keep = make(depth)
    for d in range(4, depth + 1, 4):
        rounds = 1 << (depth - d + 2)
        print(rounds, d, sum(check(make(d)) for _ in range(rounds)))
    print(check(keep))


main(int(sys.argv[1]) if len(sys.argv) > 1 else 16)
