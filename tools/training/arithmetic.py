"""Training: arithmetic with ints, floats and big ints, in loops."""
import math
import random
import statistics
import struct
import zlib


def collatz(limit):
    longest = 0
    for start in range(1, limit):
        n, steps = start, 0
        while n != 1:
            n = n // 2 if n % 2 == 0 else 3 * n + 1
            steps += 1
        longest = max(longest, steps)
    return longest


def julia(size):
    inside = 0
    for row in range(size):
        for column in range(size):
            x, y = column * 3.0 / size - 1.5, row * 3.0 / size - 1.5
            for step in range(40):
                if x * x + y * y > 4.0:
                    break
                x, y = x * x - y * y - 0.4, 2.0 * x * y + 0.6
            else:
                inside += 1
    z = complex(0.1, 0.2)
    for _ in range(size):
        z = z * z + 0.3
    return inside, abs(z) < 2


def pendulum(n):
    angle, speed, energy = 1.0, 0.0, []
    for _ in range(n):
        speed -= 0.01 * math.sin(angle)
        angle += 0.01 * speed
        energy.append(0.5 * speed ** 2 - math.cos(angle))
    return round(math.fsum(energy) / n, 6), round(statistics.pstdev(energy[:200]), 9), angle < 2


def bits(n):
    state, parity = 0x12345678, 0
    for _ in range(n):
        state ^= (state << 13) & 0xFFFFFFFF
        state ^= state >> 17
        state ^= (state << 5) & 0xFFFFFFFF
        parity ^= state & 1
    return state, parity, bin(state).count("1"), ~state, state.bit_length()


def big(n):
    a, b = 0, 1
    for _ in range(n):
        a, b = b, a + b
    digits = str(a)
    x = pow(3, a, (1 << 127) - 1)
    return len(digits), a % 1000000007, x & 0xFFFF, math.gcd(a, 720720), int(digits) == a, a // 10 ** 50 % 10


def walk(n):
    source, x, y = random.Random(11), 0.0, 0
    hits = [0] * 10
    for _ in range(n):
        x += source.random() - 0.5
        y += source.randint(-1, 1)
        hits[int(abs(x)) % 10] += 1
    return round(x, 9), y, hits, source.choice(hits), round(source.gauss(0, 1), 9)


def packed(n):
    data = b"".join(struct.pack("<IHd", i, i % 1000, i / 3) for i in range(n))
    total = 0
    for number, small, real in struct.iter_unpack("<IHd", data):
        total += number - small + int(real)
    checksum = 0
    for byte in data[:4000]:
        checksum = (checksum * 31 + byte) % 65521
    buffer = bytearray(256)
    for i in range(256):
        buffer[i] = (i * 7) & 0xFF
    return total, checksum, zlib.crc32(data), sum(buffer), int.from_bytes(data[:8], "big")


for _ in range(160):
    print(collatz(600), julia(36), pendulum(4000), bits(8000), big(600), walk(3000), packed(1500))
