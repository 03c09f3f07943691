"""Counts restricted integer partitions recursively, with one memo dict that all threads share.

usage: partitions.py [threads] [largest]
"""
import sys
import threading


def partitions(n, largest, memo):
    """Ways to write n as a sum of parts that are at most `largest` and not divisible by 4."""
    if n == 0:
        return 1
    if n < 0 or largest == 0:
        return 0
    key = (n, largest)
    known = memo.get(key)
    if known is not None:
        return known
    ways = partitions(n, largest - 1, memo)
    if largest % 4:
        ways += partitions(n - largest, largest, memo)
    memo[key] = ways
    return ways


def collatz(n, memo):
    if n == 1:
        return 0
    known = memo.get(n)
    if known is None:
        known = 1 + collatz(n // 2 if n % 2 == 0 else 3 * n + 1, memo)
        if n < 40000:
            memo[n] = known
    return known


def main(threads=2, largest=240):
    sys.setrecursionlimit(5000)
    lengths = {}
    rounds = 96
    totals = [0] * rounds

    def work(first):
        for number in range(first, rounds, threads):
            memo = {}
            totals[number] = sum(partitions(n, n, memo) for n in range(largest - number % 3, largest))
            totals[number] += max(collatz(n, lengths) for n in range(number + 1, 60000, rounds))

    workers = [threading.Thread(target=work, args=(i,)) for i in range(threads)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    print(sum(totals), len(lengths) > 30000)


if __name__ == "__main__":
    main(*map(int, sys.argv[1:]))
