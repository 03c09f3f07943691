# orochi
"""The prompt ends when its input cannot be read, instead of telling of that for ever; it goes on after
errors of what was typed, end of file raised by it among them."""
import subprocess
import sys


def prompt(program, typed=""):
    return subprocess.run([sys.executable, "-i", "-c", program], input=typed, capture_output=True, text=True, timeout=60)


for program, message in [
    ("import os; os.close(0)", "Bad file descriptor"),
    ("import sys; sys.stdin.close()", "closed file"),
    ("import sys; sys.stdin = None", "lost sys.stdin"),
]:
    done = prompt(program, "1\n" * 100)
    assert done.returncode == 1 and done.stderr.count(message) == 1, (program, done)

done = prompt("x = 1", "x +\n1 / 0\nraise EOFError('mine')\n'\\0'\nint('a')\nx + 41\n")
assert done.returncode == 0 and "42" in done.stdout, done
for name in "SyntaxError", "ZeroDivisionError", "EOFError: mine", "ValueError":
    assert done.stderr.count(name) == 1, (name, done)
