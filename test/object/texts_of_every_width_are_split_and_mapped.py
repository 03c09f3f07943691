# Splitting, joining and case mapping of random texts of every width; lists of characters.
import random
r=random.Random(5)
al=["a"," ","|","-","\n","\r","\x0b","\x1c","\x85","\u2028","é","Z","ß","µ","ÿ","×","÷","À","à","Þ","þ","日","\U0001F600","@","[","`","{","A","z"]
for n in list(range(0, 40)) * 2 + [100, 300]:
  for pool in (al[:7]+al[-6:], al[:21], al):
    s="".join(r.choice(pool) for _ in range(n))
    out=[s.split(), s.split(None,2), s.rsplit(), s.rsplit(None,1), s.split("|"), s.split("|",1), s.rsplit("|"), s.rsplit("|",2), s.split("a|"), s.rsplit("a|"), s.split("é"),
      s.splitlines(), s.splitlines(True), s.lower(), s.upper(), s.swapcase(), s.title(), s.casefold(), s.capitalize(), list(s), s.partition("|"),
      "|".join(list(s)), "".join(s), "é".join(s.split("|")), ",".join(tuple(s)), ascii(s.lower()), s.encode("utf-8").lower(), s.encode("utf-8").upper(), s.strip(), s.split(None,0), s.rsplit(None,0), s.split("|",0)]
    print(ascii(out))
    for x in out:
        for y in (x if type(x) is list else [x]):
            if type(y) is str: assert y == eval(ascii(y)) and hash(y)==hash(eval(ascii(y)))
for bad in (5, None, [1], ["a",b"b"], ["a"]*70+[3], iter([1]), {"x":1}, {"a","a"}):
    try: print("-".join(bad))
    except TypeError as e: print(e)
l=[1]; l.extend("abé日"); print(l); l[1:2]="xyz"; print(l); l+="q"; print(l, list(""), list("a"*30))
class S(str): pass
print(type("x".join([S("a")])), "x".join([S("a"),"b"]), list(S("abc")))
