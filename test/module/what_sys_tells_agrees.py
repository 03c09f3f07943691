# SPDX-License-Identifier: MIT
"""sys: exit values, exceptions being handled, types without instances, standard streams."""
import os
import subprocess
import sys
import traceback

for arguments in [(), ((),), ((1,),), ((1, 2),), ([1],), (None,), ("text",)]:
    try:
        sys.exit(*arguments)
    except SystemExit as exit:
        print(arguments, exit.args, exit.code)
try:
    sys.exit(1, 2)
except TypeError as error:
    print(error)

print(list(sys._current_exceptions().values()))
try:
    raise KeyError("handled")
except KeyError:
    (kind, value, tb), = sys._current_exceptions().values()
    print(kind, repr(value), tb is value.__traceback__)

for name in ["flags", "version_info", "float_info", "int_info", "hash_info", "thread_info"]:
    kind = type(getattr(sys, name))
    for make in [lambda: kind(), lambda: kind([1] * 30), lambda: kind.__new__(kind)]:
        try:
            print(name, make())
        except TypeError as error:
            print(name, error)
print(sys.thread_info.lock)

try:
    raise SyntaxError("message", (b"bytes name", 123, 0, "text"))
except SyntaxError as error:
    error.__traceback__ = None
    sys.stderr = sys.stdout
    sys.excepthook(type(error), error, None)
    traceback.print_exception(error)

ASK = "import sys; print([(s.encoding, s.errors) for s in (sys.stdin, sys.stdout, sys.stderr)])"
for variables in [
        {}, {"LC_ALL": "C"}, {"LC_ALL": "POSIX"}, {"LC_ALL": "C.UTF-8"}, {"LC_ALL": "no_SUCH"},
        {"PYTHONUTF8": "1"}, {"PYTHONIOENCODING": ":"}, {"PYTHONIOENCODING": ":ignore"},
        {"PYTHONIOENCODING": "latin1"}, {"PYTHONIOENCODING": "latin1:"},
        {"PYTHONIOENCODING": "UTF8:replace"}, {"PYTHONIOENCODING": "ascii", "LC_ALL": "C"}]:
    done = subprocess.run([sys.executable, "-c", ASK], capture_output=True, text=True,
                          env={"PATH": os.environ["PATH"], **variables})
    print(variables, done.returncode, done.stdout, done.stderr)
