"""A data descriptor may keep its value in the instance's own dict, under its own name. The site that
stores it must go on asking the descriptor, however often."""


class Doubled:
    def __set_name__(self, owner, name):
        self.name = name

    def __set__(self, instance, value):
        instance.__dict__[self.name] = value * 2


class Listed(Doubled):
    def __get__(self, instance, owner):
        return list(instance.__dict__[self.name])


class A:
    x = Doubled()
    y = Listed()

    def __init__(self, i):
        self.x = i
        self.y = (i,)

    @property
    def z(self):
        return self.__dict__["z"] + 1

    @z.setter
    def z(self, value):
        vars(self)["z"] = value


results = []
for i in range(200):
    a = A(i)
    a.z = i
    a.x = a.x + 1
    results.append((a.x, a.y, a.z, a.__dict__))
print(results[::40], results[-1])


class B:
    def __init__(self, i):
        self.v = i


made = [B(i).v for i in range(100)]
B.v = Doubled()
B.v.__set_name__(B, "v") if hasattr(B.v, "__set_name__") else None
made += [B(i).v for i in range(100)]
del B.v
made += [B(i).v for i in range(100)]
print(sum(made), made[99:102], made[199:202])
