"""List, dict, set comprehensions and generator expressions over records."""
import sys
from dataclasses import dataclass


@dataclass
class Widget:
    ident: int
    kind: str
    price: float
    related: list


def make(n):
    kinds = ["big", "small", "round", "square", "soft"]
    return [Widget(i, kinds[i % 5], (i * 37 % 1000) / 10, [(i * k) % n for k in (3, 5, 7)])
            for i in range(n)]


def main(rounds):
    widgets = make(2000)
    by_id = {w.ident: w for w in widgets}
    for _ in range(rounds):
        cheap = [w for w in widgets if w.price < 40.0]
        kinds = {w.kind for w in cheap}
        groups = {kind: [w.ident for w in cheap if w.kind == kind] for kind in sorted(kinds)}
        linked = [(w.ident, r) for w in cheap for r in w.related if by_id[r].kind == w.kind]
        total = sum(by_id[r].price for _, r in linked)
        best = max((by_id[i].price, i) for ids in groups.values() for i in ids)
    print(len(cheap), len(linked), f"{total:.2f}", best)


main(int(sys.argv[1]) if len(sys.argv) > 1 else 1500)
