"""Training: classes, methods, attributes, special methods, exceptions."""
import dataclasses
import enum


class Shape:
    count = 0
    scale = 2

    def __init__(self, name, sides):
        self.name = name
        self.sides = sides
        Shape.count += 1

    def area(self):
        raise NotImplementedError

    @property
    def corners(self):
        return self.sides

    @classmethod
    def made(cls):
        return cls.count

    @staticmethod
    def clamp(x, low, high):
        return low if x < low else high if x > high else x

    def __lt__(self, other):
        return self.area() < other.area()


class Rectangle(Shape):
    __slots__ = ("width", "height")

    def __init__(self, width, height):
        super().__init__("rectangle", 4)
        self.width, self.height = width, height

    def area(self):
        return self.width * self.height

    def __eq__(self, other):
        return isinstance(other, Rectangle) and self.width == other.width and self.height == other.height

    def __hash__(self):
        return hash((self.width, self.height))


class Circle(Shape):
    def __init__(self, radius):
        Shape.__init__(self, "circle", 0)
        self.radius = radius

    def area(self):
        return 3.14159 * self.radius ** 2


class Vector:
    def __init__(self, x, y):
        self.x = x
        self.y = y

    def __add__(self, other):
        return Vector(self.x + other.x, self.y + other.y)

    def __mul__(self, factor):
        return Vector(self.x * factor, self.y * factor)

    def __getitem__(self, i):
        return self.y if i else self.x

    def __len__(self):
        return 2

    def __bool__(self):
        return self.x != 0 or self.y != 0

    def __iter__(self):
        yield self.x
        yield self.y


class Stack:
    def __init__(self):
        self.items = []
        self.version = 0

    def push(self, item):
        self.items.append(item)
        self.version += 1

    def pop(self):
        if not self.items:
            raise LookupError("empty")
        self.version += 1
        return self.items.pop()

    def __contains__(self, item):
        return item in self.items

    def __enter__(self):
        return self

    def __exit__(self, *exc):
        self.items.clear()


class Node:
    def __init__(self, key):
        self.key = key
        self.left = self.right = None

    def insert(self, key):
        node = self
        while True:
            if key == node.key:
                return False
            side = "left" if key < node.key else "right"
            child = node.left if key < node.key else node.right
            if child is None:
                setattr(node, side, Node(key))
                return True
            node = child

    def depth(self):
        left = self.left.depth() if self.left is not None else 0
        right = self.right.depth() if self.right is not None else 0
        return 1 + (left if left > right else right)


@dataclasses.dataclass(order=True)
class Point:
    x: int
    y: int = 0


class Colour(enum.Enum):
    RED = 1
    GREEN = 2


def shapes(n):
    made = []
    for i in range(n):
        made.append(Rectangle(i % 13, i % 7 + 1) if i % 3 else Circle(i % 5))
    total = sum(shape.area() for shape in made)
    corners = sum(shape.corners for shape in made) + Shape.made()
    return total, corners, max(made).name, len({s for s in made if isinstance(s, Rectangle)})


def vectors(n):
    at, step = Vector(0.0, 0.0), Vector(0.5, 0.25)
    for i in range(n):
        at = at + step * 2.0
        if at and at[0] > 1000.0:
            at = Vector(0.0, at[1] - at[0])
    x, y = at
    return x, y, len(at)


def stack_machine(n):
    failures = 0
    with Stack() as stack:
        for i in range(n):
            if i % 5 == 4:
                stack.push(stack.pop() + stack.pop())
            else:
                stack.push(Shape.clamp(i, 10, 1000))
            if i % 50 == 0 and 10 in stack:
                failures += 1
        try:
            while True:
                stack.pop()
        except LookupError:
            failures += 1
    for i in range(n // 10):
        try:
            {}[i]
        except KeyError as error:
            failures += error.args[0] == i
        else:
            failures -= 1
        finally:
            failures += 0
    return failures


def tree(n):
    root = Node(n // 2)
    key, kept = 7, 0
    for _ in range(n):
        key = (key * 1103515245 + 12345) % 65536
        kept += root.insert(key)
    return kept, root.depth()


def records(n):
    points = [Point(i % 17, -i) for i in range(n)]
    points.sort()
    colours = [Colour.RED if p.x % 2 else Colour.GREEN for p in points]
    return points[0], colours.count(Colour.RED), getattr(points[-1], "z", None), hasattr(points[0], "y")


for _ in range(60):
    print(shapes(4000), vectors(8000), stack_machine(6000), tree(1500), records(1500))
