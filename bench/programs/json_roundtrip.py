"""JSON: dumps and loads of nested records."""
import json
import random
import sys


def record(source, i):
    return {"id": i, "name": f"user {i}", "score": source.random() * 100, "active": i % 3 == 0,
            "tags": [f"tag{source.randrange(50)}" for _ in range(5)], "note": 'quote " and é\n',
            "address": {"street": f"{i} Main", "geo": [source.random(), source.random()],
                        "zip": None}}


source = random.Random(11)
records = [record(source, i) for i in range(400)]
for _ in range(int(sys.argv[1]) if len(sys.argv) > 1 else 300):
    text = json.dumps(records)
    again = json.loads(text)
    assert again == records
print(len(text), len(json.dumps(records, indent=1, sort_keys=True)))
