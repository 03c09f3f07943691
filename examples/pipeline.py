"""A pipeline: a ThreadPoolExecutor renders tiles of a fractal, queues carry them to consumers.

usage: pipeline.py [threads] [tiles]
"""
import queue
import sys
import threading
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass


@dataclass(frozen=True)
class Tile:
    number: int
    left: float
    top: float
    size: float


def escape_time(cx, cy, limit=120):
    x = y = 0.0
    for i in range(limit):
        xx, yy = x * x, y * y
        if xx + yy > 4.0:
            return i
        x, y = xx - yy + cx, 2.0 * x * y + cy
    return limit


def render(tile, pixels=26):
    step = tile.size / pixels
    rows = []
    for row in range(pixels):
        cy = tile.top + row * step
        rows.append([escape_time(tile.left + column * step, cy) for column in range(pixels)])
    return tile.number, rows


def histogram(rows):
    counts = {}
    for row in rows:
        for value in row:
            counts[value] = counts.get(value, 0) + 1
    return counts


def main(threads=2, tiles=900):
    side = int(tiles ** 0.5)
    size = 3.0 / side
    work = [Tile(n, -2.2 + (n % side) * size, -1.5 + (n // side) * size, size)
            for n in range(side * side)]
    rendered, summaries = queue.Queue(maxsize=32), queue.SimpleQueue()

    def consume():
        while True:
            item = rendered.get()
            if item is None:
                return
            number, rows = item
            summaries.put((number, histogram(rows)))

    consumers = [threading.Thread(target=consume) for _ in range(2)]
    for consumer in consumers:
        consumer.start()
    with ThreadPoolExecutor(threads) as pool:
        futures = [pool.submit(lambda tile: rendered.put(render(tile)), tile) for tile in work]
        for future in futures:
            future.result()
    for _ in consumers:
        rendered.put(None)
    for consumer in consumers:
        consumer.join()
    total = {}
    for _ in work:
        for value, n in summaries.get()[1].items():
            total[value] = total.get(value, 0) + n
    print(sum(total.values()), total[120], sum(k * v for k, v in total.items()))


if __name__ == "__main__":
    main(*map(int, sys.argv[1:]))
