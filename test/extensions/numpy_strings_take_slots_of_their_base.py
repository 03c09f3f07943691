try:
    import numpy as np
except ModuleNotFoundError as e:
    raise SystemExit(f"skipped: {e}")

# np.str_ derives from str and from a class with numbers' slots: those of str count.
print(np.str_("ab") * 2, np.str_("a") + "b", np.bytes_(b"x") * 3, "b" in np.str_("abc"), np.str_("%d") % 3)
print(np.array2string(np.array(["abc", "def"]), formatter={"numpystr": lambda s: s * 2}))
