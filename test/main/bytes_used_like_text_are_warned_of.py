# SPDX-License-Identifier: MIT
"""The options -b and -bb."""
import os
import subprocess
import sys
import warnings

if len(sys.argv) == 1:
    for options in [], ["-b"], ["-bb"], ["-b", "-W", "ignore"]:
        print(options, flush=True)
        done = subprocess.run([sys.executable, *options, __file__, "child"], text=True,
                              env={**os.environ, "PYTHONHASHSEED": "0"}, capture_output=True)
        print(done.returncode, done.stdout, done.stderr.replace(os.path.dirname(__file__), ""))
    sys.exit()


class Text(str):
    pass


class Data(bytes):
    pass


def attempt(function):
    try:
        return function()
    except BaseException as error:
        return repr(error)


CASES = [
    lambda: str(b"x"), lambda: str(bytearray(b"x")), lambda: "%s" % b"x", lambda: "%r" % b"x",
    lambda: "{}".format(b"x"), lambda: f"{b'x'}", lambda: format(b"x"), lambda: repr(b"x"),
    lambda: print(b"q"), lambda: str(memoryview(b"x"))[:8], lambda: "".join(["a", str(b"c")]),
    lambda: b"x" == "x", lambda: "x" == b"x", lambda: b"x" != "x", lambda: bytearray(b"x") == "x",
    lambda: b"a" == 97, lambda: 97 == b"a", lambda: b"a" == 97.0, lambda: b"a" == True,
    lambda: bytearray(b"a") == 97, lambda: b"x" == None, lambda: b"x" < "x",
    lambda: Text("x") == Data(b"x"), lambda: memoryview(b"x") == "x", lambda: b"x" == b"y",
    lambda: {b"x": 1}.get("x"), lambda: b"x" in {"x": 1}, lambda: len({"x", b"x"}),
    lambda: "x" in [b"x"], lambda: "x" in (b"x",), lambda: [b"x"] == ["x"],
    lambda: (b"x",) != ("x",), lambda: [b"x", "y"].index("y"), lambda: [b"x"].count("x"),
]
for i, case in enumerate(CASES):
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        print(i, attempt(case), [(w.category.__name__, str(w.message)) for w in caught])
for case in CASES:
    print(attempt(case))
