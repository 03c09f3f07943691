# A loop variable keeps its pair although the body takes it apart first.
def pairs(d):
    kept = []
    for x in d.items():
        key, value = x
        kept.append((x, key, value))
    for x in enumerate("ab"):
        i, c = x
        kept.append(x)
    for x in zip("ab", "cd"):
        a, b = x
        kept.append(x)
    return kept, x


for i in range(3):
    print(pairs({"a": (1, 2), "b": 3}))
