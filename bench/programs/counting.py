"""Dict-heavy counting: word frequencies, n-grams, an inverted index."""
import random
import sys
from collections import Counter, defaultdict


def main(size):
    source = random.Random(17)
    vocabulary = ["".join(source.choice("abcdefghij") for _ in range(source.randrange(2, 7)))
                  for _ in range(3000)]
    words = [vocabulary[min(int(source.expovariate(0.004)), 2999)] for _ in range(size)]
    frequency = {}
    for word in words:
        frequency[word] = frequency.get(word, 0) + 1
    pairs = defaultdict(int)
    for a, b in zip(words, words[1:]):
        pairs[a, b] += 1
    index = {}
    for position, word in enumerate(words):
        index.setdefault(word, []).append(position)
    letters = Counter()
    for word, n in frequency.items():
        for letter in word:
            letters[letter] += n
    gaps = sum(b - a for places in index.values() for a, b in zip(places, places[1:]))
    print(len(frequency), len(pairs), max(frequency.values()), gaps, sorted(letters.items())[:3])


main(int(sys.argv[1]) if len(sys.argv) > 1 else 700000)
