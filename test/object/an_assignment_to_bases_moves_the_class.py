"""An assignment to __bases__ renews the MROs below, moves the class between the lists of subclasses, and
leaves all as it was when it fails."""


class Root:
    pass


class A(Root):
    name = "A"


class B(Root):
    pass


class C(A, B):
    pass


class D(Root):
    name = "D"


class E(B, A):
    pass


class Below(D):
    pass


all_classes = A, B, C, D, E, Below


def show(*facts):
    print(*facts, [[k.__name__ for k in c.__mro__[1:-2]] for c in all_classes],
          [[k.__name__ for k in c.__subclasses__()] for c in (Root, *all_classes)],
          [c().name if hasattr(c, "name") else None for c in all_classes])


for cls, bases in ((D, (C, E)), (C, (A, A)), (A, (C,)), (C, (int,)), (C, ()), (C, 5), (C, (5,)), (C, (bool,)),
                   (C, (B, A)), (D, (C,)), (A, (E,)), (A, (A,)), (A, (Below,)), (Root, (Below,)), (B, (D,)),
                   (D, (A,)), (B, (D,)), (C, (A, B)), (C, (B,)), (C, (A, B)), (D, (Root,)), (C, (D,))):
    try:
        cls.__bases__ = bases
        show("assigned", cls.__name__)
    except TypeError as e:
        show(str(e).partition(" (MRO)")[0] if "int" not in str(e) else "layout")
try:
    del C.__bases__
except TypeError as e:
    print(e)


class M(type):
    def mro(cls):
        calls.append(cls.__name__)
        if cls.__name__ == fail:
            raise ValueError(cls.__bases__[0].__name__)
        return super().mro()


fail, calls = None, []


class P(Root, metaclass=M):
    x = "P"


class Q(P):
    pass


class R(Root, metaclass=M):
    x = "R"


class S(Q):
    pass


class T(Root):
    x = "T"


class U(T):
    pass


class V(U, metaclass=M):
    pass


def show_custom(*facts):
    print(*facts, [(c.x, [k.__name__ for k in c.__mro__[1:-1]]) for c in (P, Q, R, S, T, U, V)],
          [c.__name__ for c in P.__subclasses__() + R.__subclasses__() + T.__subclasses__()], calls)
    calls.clear()


show_custom()
for fail in "Q", "S", None, "V":
    for cls, bases in ((Q, (R,)), (Q, (P,)), (U, (A,)), (U, (T,))):
        try:
            cls.__bases__ = bases
            if cls is U and bases == (A,):
                A.x = "A"
            show_custom("assigned")
        except (ValueError, TypeError) as e:
            show_custom(type(e).__name__, e)
