# find, count, split and replace in texts where the needle nearly occurs again and again.
import hashlib
import random

source = random.Random(1)
found = hashlib.md5()
for i in range(6000):
    letters = source.choice(["ab", "abc", "abcdefgh", "a", "aé", "a€"])
    s = "".join(source.choice(letters) for _ in range(source.randrange(200)))
    t = "".join(source.choice(letters) for _ in range(source.randrange(1, 6)))
    if i % 3 == 0:
        start = source.randrange(len(s) + 1)
        t = s[start:start + source.randrange(1, 60)] or t
    results = (s.find(t), s.count(t), s.rfind(t), t in s, s.replace(t, "X"), s.split(t),
               s.find(t, 3, 50), s.encode().find(t.encode()), s.encode().count(t.encode()),
               s.rsplit(t, 1), s.partition(t))
    found.update(ascii(results).encode())
print(found.hexdigest())
periodic = ("a" + "b" * 30) * 2000
print(periodic.find("a" + "b" * 31), periodic.find(periodic[5:] + "b"), ("a" * 15 + "b").find("a" * 15 + "c"),
      (periodic + "c").find(periodic[31 * 1000:] + "c"))
