"""The chaos game on B-splines: random points drawn to a fractal (float objects, random)."""
import random
import sys


class Vector:
    __slots__ = ("x", "y")

    def __init__(self, x, y):
        self.x = x
        self.y = y

    def __add__(self, other):
        return Vector(self.x + other.x, self.y + other.y)

    def __sub__(self, other):
        return Vector(self.x - other.x, self.y - other.y)

    def scaled(self, k):
        return Vector(self.x * k, self.y * k)

    def mixed(self, other, k):
        return Vector(self.x * k + other.x * (1 - k), self.y * k + other.y * (1 - k))


class Spline:
    def __init__(self, points, degree=3):
        n = len(points)
        self.points = points
        self.degree = degree
        self.knots = [0] * degree + list(range(n - degree + 1)) + [n - degree] * degree
        self.end = n - degree

    def __call__(self, u):
        knots, degree = self.knots, self.degree
        k = degree
        while knots[k + 1] <= u and k < len(self.points) - 1:
            k += 1
        d = [self.points[k - degree + i] for i in range(degree + 1)]
        for r in range(1, degree + 1):
            for j in range(degree, r - 1, -1):
                low = knots[k - degree + j]
                high = knots[k + 1 + j - r]
                alpha = (u - low) / (high - low) if high != low else 0.0
                d[j] = d[j].mixed(d[j - 1], alpha)
        return d[degree]


def play(splines, steps, width=120, height=120):
    source = random.Random(1234)
    grid = [[0] * width for _ in range(height)]
    point = Vector(0.5, 0.5)
    for _ in range(steps):
        spline = splines[source.randrange(len(splines))]
        base = spline(point.x * spline.end * 0.999)
        ahead = spline(min(point.x * spline.end + 0.01, spline.end * 0.999))
        slope = ahead - base
        point = base + Vector(-slope.y, slope.x).scaled(point.y * 4)
        point = Vector(point.x % 1.0, point.y % 1.0)
        grid[int(point.y * height) % height][int(point.x * width) % width] += 1
    return grid


def main(steps):
    splines = [
        Spline([Vector(0.0, 0.1), Vector(0.2, 0.9), Vector(0.7, 0.8), Vector(0.9, 0.2), Vector(1, 1)]),
        Spline([Vector(0.9, 0.1), Vector(0.5, 0.5), Vector(0.3, 0.1), Vector(0.1, 0.7), Vector(0, 0)]),
        Spline([Vector(0.1, 0.4), Vector(0.4, 0.6), Vector(0.6, 0.1), Vector(0.8, 0.9), Vector(1, 0)]),
    ]
    grid = play(splines, steps)
    print(sum(1 for row in grid for cell in row if cell), max(map(max, grid)))


main(int(sys.argv[1]) if len(sys.argv) > 1 else 110000)
