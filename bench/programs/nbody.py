"""The n-body problem: planets under gravity, symplectic integration (floats, attributes of lists)."""
import sys
from math import sqrt

DAYS = 365.24
MASS = 4 * 3.141592653589793 ** 2


def planets():
    return [
        ([0.0, 0.0, 0.0], [0.0, 0.0, 0.0], MASS),
        ([4.841431442464721, -1.1603200440274284, -0.10362204447112311],
         [0.001660076642744037 * DAYS, 0.007699011184197404 * DAYS, -6.90460016972063e-05 * DAYS],
         0.0009547919384243266 * MASS),
        ([8.34336671824458, 4.124798564124305, -0.4035234171143214],
         [-0.002767425107268624 * DAYS, 0.004998528012349172 * DAYS, 2.3041729757376393e-05 * DAYS],
         0.0002858859806661308 * MASS),
        ([12.894369562139131, -15.111151401698631, -0.22330757889265573],
         [0.002964601375647616 * DAYS, 0.0023784717395948095 * DAYS, -2.9658956854023756e-05 * DAYS],
         4.366244043351563e-05 * MASS),
        ([15.379697114850917, -25.919314609987964, 0.17925877295037118],
         [0.0026806777249038932 * DAYS, 0.001628241700382423 * DAYS, -9.515922545197159e-05 * DAYS],
         5.1513890204661145e-05 * MASS),
    ]


def advance(pairs, bodies, dt):
    for (p1, v1, m1), (p2, v2, m2) in pairs:
        dx = p1[0] - p2[0]
        dy = p1[1] - p2[1]
        dz = p1[2] - p2[2]
        square = dx * dx + dy * dy + dz * dz
        magnitude = dt / (square * sqrt(square))
        a = m2 * magnitude
        b = m1 * magnitude
        v1[0] -= dx * a
        v1[1] -= dy * a
        v1[2] -= dz * a
        v2[0] += dx * b
        v2[1] += dy * b
        v2[2] += dz * b
    for position, velocity, _ in bodies:
        position[0] += dt * velocity[0]
        position[1] += dt * velocity[1]
        position[2] += dt * velocity[2]


def energy(pairs, bodies):
    total = 0.0
    for (p1, _, m1), (p2, _, m2) in pairs:
        distance = sqrt(sum((a - b) ** 2 for a, b in zip(p1, p2)))
        total -= m1 * m2 / distance
    return total + sum(0.5 * m * sum(v * v for v in velocity) for _, velocity, m in bodies)


def main(steps):
    bodies = planets()
    momentum = [sum(v[axis] * m for _, v, m in bodies) for axis in range(3)]
    for axis in range(3):
        bodies[0][1][axis] = -momentum[axis] / MASS
    pairs = [(a, b) for i, a in enumerate(bodies) for b in bodies[i + 1:]]
    print(f"{energy(pairs, bodies):.9f}")
    for _ in range(steps):
        advance(pairs, bodies, 0.01)
    print(f"{energy(pairs, bodies):.9f}")


main(int(sys.argv[1]) if len(sys.argv) > 1 else 150000)
