"""A string that C code fills through the old Py_UNICODE interface equals one that was made at once, whatever
characters it has. _testcapi makes them; its assertions check that they are not ready before."""
try:
    from _testcapi import unicode_legacy_string as legacy
except ImportError:
    legacy = str

for text in ("abc", "caf\xe9", "\u20ac 5", "\U0001f600!", "a", "", "x" * 1000, "\xff" * 77):
    s = legacy(text)
    print(ascii(s)[:20], len(s), s == text, hash(s) == hash(text), {text: 1}.get(s), s.isascii(),
          (s + "z")[-2:] == (text + "z")[-2:], s.upper() == text.upper(), s.encode() == text.encode(),
          s[::-1] == text[::-1], s is legacy(text) and text != "")
