# Markers under the failing part of a line.
import traceback


def show(f):
    try:
        f()
    except Exception:
        print("\n".join(traceback.format_exc().splitlines()[3:]))


class A:
    x = None

    def m(self):
        return None


a, d, n = A(), {"k": [1, {"z": None}]}, 0
show(lambda: a.x.y.z)
show(lambda: d["k"][1]["z"]["q"])
show(lambda: 1 + (2 * n) / n + 3)
show(lambda: a.m().foo(1, 2))
show(lambda: a.m()(1)(2))
show(lambda: [i / n for i in (1, 2)])
show(lambda: {i: i // n for i in (1, 2)})
show(lambda: f"{a.x.y} {n}")
show(lambda: undefined_name + 1)
show(lambda: (a.x and 1) or a.nope)
show(lambda: -a)
show(lambda: a < 3 < 4)
show(lambda: 3 in a)
show(lambda: print(*a))
show(lambda: print(**n))
show(lambda: a.m(
    1,
    2))
show(lambda: (a
              .m()
              .foo()))


def assign():
    x, y = 1, 2, 3


def assign_item():
    d["k"]["j"] = 1


def augment():
    d["k"] += 1


def delete():
    del d["nope"]


def in_for():
    for i in 5:
        pass


def in_with():
    with a as b, a:
        pass


def in_raise():
    raise ValueError("x") from KeyError("y")


def in_assert():
    assert n == 1, "message"


def in_import():
    import no_such_module_at_all


def in_from():
    from os import no_such_name_at_all


def nested():
    return [
        1,
        2 / n,
        3,
    ]


@show
def decorated():
    @a.nope
    def g():
        pass


def in_class():
    class C(A, n):
        pass


def in_call():
    return nested(
        1
    ) + 1


def unbound():
    print(later)
    later = 1


def yielded():
    def g():
        yield 1 / n
    return list(g())


def matched():
    match a:
        case int(x, y):
            pass
        case A(1):
            pass


for f in (assign, assign_item, augment, delete, in_for, in_with, in_raise, in_assert, in_import,
          in_from, nested, in_class, in_call, unbound, yielded, matched):
    show(f)
