"""What PyArg_ParseTupleAndKeywords says of arguments, and of formats that are wrong."""
try:
    import _testcapi
except ModuleNotFoundError as e:
    raise SystemExit(f"skipped: {e}")
import warnings

warnings.simplefilter("error")


def attempt(args, keywords, form, names):
    try:
        outcome = _testcapi.parse_tuple_and_keywords(args, keywords, form, names)
    except Exception as e:
        outcome = f"{type(e).__name__}: {e}"
    print(form, names, len(args), sorted(keywords), outcome)


class Unreadable:
    def __len__(self):
        return 2

    def __getitem__(self, i):
        raise ValueError


class Unmeasured:
    def __len__(self):
        raise ValueError

    def __getitem__(self, i):
        return i


for form, names in [("ii", ["a", "b"]), ("i|i", ["a", "b"]), ("|i$i", ["a", "b"]), ("i$i", ["a", "b"]),
                    ("ii:foo", ["a", "b"]), ("ii", ["", "b"]), ("ii", ["", ""]), ("i|i", ["", "b"]),
                    ("i|i$i", ["", "b", "c"]), ("|ii", ["", ""]), ("|ii", ["", "b"]), ("i|i;msg", ["a", "b"]),
                    ("ii$i", ["", "", "c"]), ("ii|i", ["", "", ""])]:
    for args, keywords in [((), {}), ((1,), {}), ((1, 2, 3), {}), ((1, 2), {"b": 3}), ((1, 2), {"c": 3}),
                           ((), {"a": 1, "b": 1, "c": 3}), ((1,), {"c": 4}), ((1, 2, 3), {"c": 4})]:
        attempt(args, keywords, form, names)
for form, names in [("OO", ["a", ""]), ("O", ["a", "b"]), ("|O", ["a", "b"]),
                    ("O|$", ["a"]), ("e", ["a"]), ("w", ["a"]), ("Q", ["a"]), ("O)", ["a"]), ("|Q", ["a"]),
                    ("|(Q)", ["a"])]:
    for count in range(3):
        attempt((1, 2)[:count], {}, form, names)
for count in range(1, 3):
    attempt((1, 2)[:count], {}, "|O|O", ["a", "b"])
for value in ((1, 2), (1, 2, 3), "ab", b"ab", Unreadable(), Unmeasured(), (1, "a"), [1, 2], {1: 2, 2: 3}, range(2)):
    for form in ("(ii)", "(ii):foo", "((ii)i):foo"):
        attempt((value,), {}, form, ["a"])
for form in ("s*", "y*", "z*", "w*", "s#", "y#", "z#", "s", "y", "z", "u", "Z", "u#", "Z#", "U", "S", "es", "et"):
    for value in (3, "a", b"a", "a\0", bytearray(b"a"), memoryview(b"a"), memoryview(bytearray(b"abc"))[::-1], None):
        if form[0] != "e":
            attempt((value,), {}, form, ["a"])
for form in "bBhHiIlkLKnfdD":
    for value in (1, 1.5, "x", 1j, -1, 1 << 70):
        attempt((value,), {}, form, ["a"])


class Other(float):
    def __float__(self):
        return 4.25


print(_testcapi.getargs_d(Other(7.5)), _testcapi.getargs_f(Other(7.5)))
members = _testcapi._test_structmembersType(False, 10, 11, 12, 13, 14, 15, 16, 17, 18, 1.5, 2.5, "hi")
for name, value in (("T_BYTE", 128), ("T_UBYTE", 256), ("T_SHORT", -32769), ("T_USHORT", -1), ("T_USHORT", 3)):
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        setattr(members, name, value)
        print(name, value, getattr(members, name), [str(w.message) for w in caught])
