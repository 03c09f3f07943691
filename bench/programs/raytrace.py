"""A ray tracer with spheres, a plane, reflections and shadows (many small float objects)."""
import sys
from math import sqrt


class Vec:
    def __init__(self, x, y, z):
        self.x, self.y, self.z = x, y, z

    def __add__(self, o):
        return Vec(self.x + o.x, self.y + o.y, self.z + o.z)

    def __sub__(self, o):
        return Vec(self.x - o.x, self.y - o.y, self.z - o.z)

    def __mul__(self, k):
        return Vec(self.x * k, self.y * k, self.z * k)

    def dot(self, o):
        return self.x * o.x + self.y * o.y + self.z * o.z

    def unit(self):
        return self * (1.0 / sqrt(self.dot(self)))

    def reflected(self, normal):
        return self - normal * (2 * self.dot(normal))


class Sphere:
    def __init__(self, centre, radius, colour, mirror):
        self.centre, self.radius, self.colour, self.mirror = centre, radius, colour, mirror

    def hit(self, origin, direction):
        to_centre = self.centre - origin
        along = to_centre.dot(direction)
        gap = self.radius ** 2 - (to_centre.dot(to_centre) - along ** 2)
        if gap <= 0:
            return None
        distance = along - sqrt(gap)
        return distance if distance > 1e-6 else None

    def normal(self, point):
        return (point - self.centre).unit()

    def colour_at(self, point):
        return self.colour


class Floor:
    mirror = 0.1

    def hit(self, origin, direction):
        if direction.y >= -1e-9:
            return None
        return -origin.y / direction.y

    def normal(self, point):
        return Vec(0.0, 1.0, 0.0)

    def colour_at(self, point):
        return Vec(1, 1, 1) if (int(point.x // 1) + int(point.z // 1)) % 2 else Vec(0.1, 0.1, 0.1)


class Scene:
    def __init__(self):
        self.objects = [Floor()]
        self.light = Vec(5.0, 9.0, -6.0)

    def nearest(self, origin, direction):
        best, found = None, None
        for thing in self.objects:
            distance = thing.hit(origin, direction)
            if distance is not None and (best is None or distance < best):
                best, found = distance, thing
        return best, found

    def trace(self, origin, direction, depth=0):
        distance, thing = self.nearest(origin, direction)
        if thing is None:
            return Vec(0.3, 0.5, 0.9) * max(0.0, 1 - direction.y)
        point = origin + direction * distance
        normal = thing.normal(point)
        start = point + normal * 1e-4
        to_light = (self.light - point).unit()
        shade = 0.1
        if self.nearest(start, to_light)[1] is None:
            shade += 0.9 * max(0.0, normal.dot(to_light))
        colour = thing.colour_at(point) * shade
        if depth < 3 and thing.mirror:
            mirrored = self.trace(start, direction.reflected(normal), depth + 1)
            colour = colour * (1 - thing.mirror) + mirrored * thing.mirror
        return colour


def main(size):
    scene = Scene()
    for i in range(6):
        scene.objects.append(Sphere(Vec(i - 2.5, 0.6 + 0.2 * (i % 3), 3.0 + i % 2), 0.6,
                                    Vec(0.2 + 0.1 * i, 0.9 - 0.1 * i, 0.5), 0.3))
    eye = Vec(0.0, 1.5, -4.0)
    total = Vec(0.0, 0.0, 0.0)
    for y in range(size):
        for x in range(size):
            direction = Vec((x - size / 2) / size, (size / 2 - y) / size, 1.0).unit()
            total = total + scene.trace(eye, direction)
    print(f"{total.x:.4f} {total.y:.4f} {total.z:.4f}")


main(int(sys.argv[1]) if len(sys.argv) > 1 else 230)
