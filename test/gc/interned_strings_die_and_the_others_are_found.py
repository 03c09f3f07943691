"""Strings interned and dropped at once leave the table in young collections and in full ones; those
that are kept are still the ones that interning an equal string finds."""
import gc
import sys

kept = []
for i in range(60000):
    s = sys.intern("name %d of many" % i)
    if i % 7 == 0:
        kept.append((i, s))
    if i % 20000 == 19999:
        gc.collect()
lost = [i for i, s in kept if sys.intern("name " + str(i) + " of many") is not s]
print(len(kept), "kept, not found:", lost[:3])
again = [sys.intern("name %d of many" % i) for i in range(2000)]
print(all(s is sys.intern("name %d of many" % i) for i, s in enumerate(again)))
