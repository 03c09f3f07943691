import operator

for name, use in (("add", lambda o: o + 1), ("sub", lambda o: o - 1), ("radd", lambda o: 1 + o), ("len", len),
                  ("getitem", lambda o: o[0]), ("call", lambda o: o(1)), ("iadd", lambda o: operator.iadd(o, 1)),
                  ("eq", lambda o: o == 1), ("hash", hash), ("contains", lambda o: 1 in o), ("neg", operator.neg)):
    key = "__%s__" % name
    made = type("Made", (), {key: lambda self, *args: 5})
    print(key, use(made()))
    below = type("Below", (made,), {})
    print(use(below()), use(type("Lowest", (below,), {"__" + name + "__": lambda self, *args: 7})()))
