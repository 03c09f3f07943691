"""Fannkuch: the most flips that reversing prefixes of a permutation can take (list indexing)."""
import sys


def fannkuch(n):
    perm = list(range(n))
    count = list(range(1, n + 1))
    most = checksum = index = 0
    while True:
        if perm[0]:
            work = perm[:]
            flips = 0
            k = work[0]
            while k:
                low, high = 0, k
                while low < high:
                    work[low], work[high] = work[high], work[low]
                    low += 1
                    high -= 1
                flips += 1
                k = work[0]
            if flips > most:
                most = flips
            checksum += flips if index % 2 == 0 else -flips
        index += 1
        i = 1
        while True:
            if i == n:
                return checksum, most
            first = perm[0]
            for j in range(i):
                perm[j] = perm[j + 1]
            perm[i] = first
            count[i] -= 1
            if count[i] > 0:
                break
            count[i] = i + 1
            i += 1


print(*fannkuch(int(sys.argv[1]) if len(sys.argv) > 1 else 9))
