# SPDX-License-Identifier: MIT
"""What the interpreter says, and how it ends, when a script cannot be compiled or read."""
import os
import subprocess
import sys
import tempfile


def show(title, *arguments, source=None):
    if source is not None:
        with open("script.py", "wb") as file:
            file.write(source)
    done = subprocess.run([sys.executable, *arguments], stdin=subprocess.DEVNULL,
                          capture_output=True)
    text = done.stderr.decode(errors="replace").replace(sys.executable, "python")
    text = text.replace(os.getcwd(), "folder")
    print(f"--- {title}: {done.returncode}", done.stdout.decode())
    print("\n".join(line.rstrip() for line in text.splitlines()))


SOURCES = {
    "syntax": b"x = 1\ny = = 2\n", "unclosed": b"f(1,\n", "unmatched": b"f(1))\n",
    "dedent": b"if 1:\n    a\n  b\n", "unexpected": b" x = 1\n",
    "tabs": b"if 1:\n\ta = 1\n        b = 2\n", "string": b"'abc\n", "triple": b"'''abc\n",
    "return": b"return 1\n", "break": b"break\n", "assign": b"f() = 1\n", "print": b"print 1\n",
    "nonlocal": b"nonlocal x\n", "keyword": b"None = 1\n", "await": b"await x\n",
    "bad utf-8": b"x = 1\ny = '\xff'\n", "bad utf-8 first": b"\xff\xfe\n",
    "unknown coding": b"# coding: no-such\nx = 1\n",
    "latin-1 coding": b"# coding: latin-1\nprint(ascii('\xe9'))\n",
    "coding after code": b"x = 0\n# coding: gbk\nraise ValueError('\xc3\xa9')\n",
    "bom and coding": b"\xef\xbb\xbf# coding: latin-1\nx = 1\n",
    "bom and unknown coding": b"\xef\xbb\xbf# coding: no-such\nx = 1\n",
    "null": b"print(1)\n\0print(2)\n", "null in string": b"print(1)\nx = 'a\0b'\n",
    "null in comment": b"print(1)\n# \0\nprint(2)\nprint(3)\n", "only null": b"\0",
    "null in brackets": b"x = (1,\0\n2)\nprint(x)\n", "null at the end": b"print(1)\0",
    "block": b"if 1:\nabc = 3\n", "block of a string": b'def f():\n"""doc\nmore"""\n',
    "block after a comment": b"for x in y:\n\n  # c\nabc(x)\n", "block at the end": b"while 1:\n",
    "block in match": b"match x:\n  case 1:\n  pass\n", "handlers at the end": b"try: pass\n",
    "cut zip": b"PK\3\4abc\n", "empty zip": b"PK\5\6" + bytes(18),
    "bom": b"\xef\xbb\xbfprint('bom')\n",
    "empty": b"", "no newline": b"print('last')", "continuation": b"x = 1 + \\",
    "bad escape": b"'\\N{no such name}'\n", "bad unicode": b"'\\ud8'\n",
    "number": b"0777\n", "number 2": b"1__0\n", "number 3": b"0x\n", "character": b"x = $\n",
    "non-ascii character": "x = \u20ac\n".encode(), "fstring": b"f'{'\n", "walrus": b"x := 1\n",
}
with tempfile.TemporaryDirectory() as folder:
    os.chdir(folder)
    for title, source in SOURCES.items():
        show(title, "script.py", source=source)
    show("missing", "missing.py")
    os.mkdir("folder")
    show("folder", "folder")
    with open("folder/__main__.py", "w") as file:
        file.write("print('main')\nraise SystemExit(3)\n")
    show("folder with __main__", "folder")
    show("missing module", "-m", "no_such_module")
    show("package without __main__", "-m", "json")
    show("bad -c", "-c", "x = = 1")
    show("exit text", "-c", "raise SystemExit('bye')")
    show("exit code", "-c", "raise SystemExit(7)")
