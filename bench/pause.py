# SPDX-License-Identifier: MIT
"""The longest pause with many megabytes alive: `orochi -X gc-log bench/pause.py [megabytes] [threads]`.

Builds a table of records (an instance, its attributes, a tuple, a string each), then threads make
garbage while it lives. Prints how many bytes live, the longest pause and the longest time to stop.
"""
import gc
import sys
import threading


class Record:
    def __init__(self, number):
        self.number = number
        self.name = f"record {number}"
        self.place = (number * 0.5, number * 0.25)


def make_garbage(rounds):
    for i in range(rounds):
        pair = [Record(i), {"key": str(i)}]
    return pair


def main(megabytes=500, threads=2):
    table = []
    while not table or gc.get_heap_stats()["live_bytes"] < megabytes * 1_000_000:
        table.extend(Record(i) for i in range(len(table), len(table) + 100_000))
        gc.collect()
    workers = [threading.Thread(target=make_garbage, args=(600_000,)) for _ in range(threads)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    gc.collect()
    stats = gc.get_heap_stats()
    print(f"{len(table)} records, {stats['live_bytes'] / 1e6:.0f} MB alive, "
          f"{stats['collections']} collections: longest pause "
          f"{stats['pause_seconds_max'] * 1e3:.1f} ms, longest time to stop "
          f"{stats['stop_seconds_max'] * 1e3:.2f} ms")


main(*map(int, sys.argv[1:]))
