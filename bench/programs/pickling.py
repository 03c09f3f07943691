"""Pickling of object graphs (the pure-Python pickle module)."""
import pickle
import random
import sys


class Node:
    def __init__(self, name, children):
        self.name = name
        self.children = children
        self.weight = len(children) * 1.5


def tree(source, depth):
    children = [tree(source, depth - 1) for _ in range(4)] if depth else []
    return Node(f"node {source.randrange(1000)}", children)


def count(node):
    return 1 + sum(map(count, node.children))


root = tree(random.Random(2), 4)
data = {"tree": root, "table": {i: (str(i), i * 0.5) for i in range(500)}, "set": set(range(99))}
for _ in range(int(sys.argv[1]) if len(sys.argv) > 1 else 50):
    text = pickle._dumps(data, 4)
    again = pickle._loads(text)
print(len(text), count(again["tree"]), len(again["table"]))
