"""Counts restricted integer partitions recursively, with one memo dict that all threads share.

usage: partitions.py [threads] [number] [rules]
"""
import sys
import threading

memo = {}


def partitions(n, largest, k):
    """Ways to write n as a sum of parts that are at most `largest` and not divisible by k."""
    if n == 0:
        return 1
    if largest > n:
        largest = n
    if k > largest:
        k = largest + 1  # the rule forbids nothing: all such k share one entry
    key = (n, largest, k)
    ways = memo.get(key)
    if ways is None:
        ways = 0
        for part in range(1, largest + 1):
            if part % k:
                ways += partitions(n - part, part, k)
        memo[key] = ways
    return ways


def main(threads=2, number=256, rules=64):
    answers = {}
    todo = iter(range(2, 2 + rules))
    lock = threading.Lock()

    def work():
        while True:
            with lock:
                k = next(todo, None)
            if k is None:
                return
            answers[k] = partitions(number, number, k)

    workers = [threading.Thread(target=work) for _ in range(threads)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    print(sum(answers.values()), max(answers.values()), len(memo))


if __name__ == "__main__":
    main(*map(int, sys.argv[1:]))
