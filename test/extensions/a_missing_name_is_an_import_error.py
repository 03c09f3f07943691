# orochi
"""A library that needs a name nobody exports says which one; wrong files are ImportErrors, too."""
import importlib.util
import os
import subprocess
import tempfile

with tempfile.TemporaryDirectory() as folder:
    path = os.path.join(folder, "needs.so")
    with open(os.path.join(folder, "needs.c"), "w") as f:
        f.write("#include <Python.h>\nvoid PyNobody_HasThis(void);\n"
                "PyMODINIT_FUNC PyInit_needs(void) { PyNobody_HasThis(); return NULL; }\n")
    subprocess.run(["gcc", "-shared", "-fPIC", "-I/usr/include/python3.11",
                    os.path.join(folder, "needs.c"), "-o", path], check=True)
    text = os.path.join(folder, "text.so")
    with open(text, "w") as f:
        f.write("no library")
    for name, file, wanted in (("needs", path, "PyNobody_HasThis"), ("text", text, "text.so")):
        spec = importlib.util.spec_from_file_location(name, file)
        try:
            importlib.util.module_from_spec(spec)
        except ImportError as e:
            assert wanted in str(e), e
            assert e.name == name and e.path == file
        else:
            raise AssertionError(name)
