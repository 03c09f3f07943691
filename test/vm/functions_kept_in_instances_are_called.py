# obj.f(...) at one site while f lives in the instance, in the class, in both, in neither.
class Plain:
    def f(self):
        return "method"


class Many:
    def __init__(self):
        for i in range(40):
            setattr(self, f"a{i}", i)
        self.f = lambda: "far"


def call(o):
    try:
        return o.f()
    except (AttributeError, TypeError) as e:
        return type(e).__name__, str(e)


def held(text):
    o = Plain()
    o.f = lambda: text
    return o


objects = [held("one"), held("two"), Plain(), Many(), 3]
for _ in range(4):
    print([call(o) for o in objects])
keeper = held("kept")
for step in range(6):
    print(step, [call(keeper) for _ in range(3)])
    if step == 0:
        keeper.f = len
    elif step == 1:
        keeper.f = lambda: "new"
    elif step == 2:
        del keeper.f
    elif step == 3:
        Plain.f = property(lambda self: lambda: "property")
    elif step == 4:
        del Plain.f
        keeper.__dict__["f"] = lambda: "through __dict__"
