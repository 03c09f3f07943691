"""A pipeline: a ThreadPoolExecutor renders and summarises tiles of a fractal, a queue carries the
summaries to a collector.

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


@dataclass(frozen=True)
class Summary:
    number: int
    counts: dict
    darkest: tuple


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
    return rows


def summarise(tile, rows):
    counts, darkest = {}, (-1, 0, 0)
    for y, row in enumerate(rows):
        for x, value in enumerate(row):
            counts[value] = counts.get(value, 0) + 1
            if value > darkest[0]:
                darkest = (value, x, y)
    return Summary(tile.number, counts, darkest)


def collect(summaries, total, order):
    while (summary := summaries.get()) is not None:
        order.append(summary.number)
        for value, n in summary.counts.items():
            total[value] = total.get(value, 0) + n


def main(threads=2, tiles=4096):
    side = int(tiles ** 0.5)
    size = 3.0 / side
    work = [Tile(n, -2.2 + (n % side) * size, -1.5 + (n // side) * size, size)
            for n in range(side * side)]
    summaries = queue.Queue(maxsize=32)
    total, order = {}, []
    collector = threading.Thread(target=collect, args=(summaries, total, order))
    collector.start()
    with ThreadPoolExecutor(threads) as pool:
        futures = [pool.submit(lambda tile: summaries.put(summarise(tile, render(tile))), tile)
                   for tile in work]
        for future in futures:
            future.result()
    summaries.put(None)
    collector.join()
    print(sum(total.values()), total[120], sum(k * v for k, v in total.items()), sum(order))


if __name__ == "__main__":
    main(*map(int, sys.argv[1:]))
