# orochi
"""A library that needs a name nobody exports says which one; wrong files are ImportErrors, too."""
import os
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "support"))
from building import build, load, path

needs = build("needs", "void PyNobody_HasThis(void);\n"
                       "PyMODINIT_FUNC PyInit_needs(void) { PyNobody_HasThis(); return NULL; }\n")
text = path("text.so")
with open(text, "w") as f:
    f.write("no library")
for name, file, wanted in (("needs", needs, "PyNobody_HasThis"), ("text", text, "text.so")):
    try:
        load(name, file)
    except ImportError as e:
        assert wanted in str(e), e
        assert e.name == name and e.path == file
    else:
        raise AssertionError(name)
