"""Indexes made-up documents in threads: tokenising with regular expressions, counting, JSON.

usage: text_index.py [threads] [documents]
"""
import json
import random
import re
import sys
import threading
import zlib

TOKEN = re.compile(r"[A-Za-z]+(?:'[a-z]+)?|\d+(?:\.\d+)?")
HEADER = re.compile(r"^(?P<key>[A-Z][a-z-]+):\s*(?P<value>.*)$")


def make_document(number):
    source = random.Random(number)
    stems = ["river", "Stone", "cloud's", "running", "winter", "Harbour", "quiet", "7", "3.25", "it's"]
    body = []
    for _ in range(60):
        body.append(" ".join(source.choice(stems) + source.choice(["", "s", "ing", ",", "."])
                             for _ in range(14)))
    header = {"id": number, "tags": [source.choice(stems) for _ in range(4)],
              "score": source.random()}
    return f"Title: document {number}\nMeta: {json.dumps(header)}\n\n" + "\n".join(body)


def parse(text):
    head, _, body = text.partition("\n\n")
    fields = {}
    for line in head.splitlines():
        match = HEADER.match(line)
        if match:
            fields[match["key"].lower()] = match["value"]
    return json.loads(fields["meta"]), body


def index(text):
    """(the document's entry in the index as JSON, how many words, the longest word)"""
    meta, body = parse(text)
    counts, longest = {}, ""
    for line in body.splitlines():
        for token in TOKEN.findall(line):
            word = token.lower()
            counts[word] = counts.get(word, 0) + 1
            if len(word) > len(longest):
                longest = word
    top = sorted(counts.items(), key=lambda item: (-item[1], item[0]))[:10]
    words = sum(counts.values())
    return json.dumps({"id": meta["id"], "tags": sorted(set(meta["tags"])), "top": top,
                       "words": words, "longest": longest}), words, longest


def main(threads=2, documents=4000):
    entries = [None] * documents
    todo = iter(range(documents))
    lock = threading.Lock()

    def work():
        while True:
            with lock:
                number = next(todo, None)
            if number is None:
                return
            entries[number] = index(make_document(number))

    workers = [threading.Thread(target=work) for _ in range(threads)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    lines, words, longest = zip(*entries)
    print(documents, sum(words), max(longest), zlib.crc32("\n".join(lines).encode()))


if __name__ == "__main__":
    main(*map(int, sys.argv[1:]))
