"""_curses and readline on a pseudo-terminal; _uuid."""
import os
import pty
import subprocess
import sys
import uuid

CURSES = """
import curses, sys
def main(screen):
    curses.start_color()
    screen.addstr(1, 2, "hello")
    screen.refresh()
    window = curses.newwin(3, 10, 5, 5)
    window.box()
    window.refresh()
    return screen.getmaxyx(), window.getbegyx(), screen.instr(1, 2, 5), curses.COLORS
result = curses.wrapper(main)
sys.stderr.write(repr(result))
"""
READLINE = """
import readline, sys
readline.parse_and_bind("tab: complete")
readline.set_completer(lambda text, state: ["alpha", "alpine"][state] if state < 2 else None)
readline.add_history("earlier")
line = input("> ")
sys.stderr.write(repr((line, readline.get_current_history_length(), readline.get_history_item(2))))
readline.clear_history()
readline.set_startup_hook(lambda: readline.insert_text("given "))
sys.stderr.write(repr(input("> ")))
"""


def run(program, typed):
    master, slave = pty.openpty()
    environment = dict(os.environ, TERM="xterm", LINES="24", COLUMNS="80", INPUTRC=os.devnull)
    process = subprocess.Popen([sys.executable, "-c", program], stdin=slave, stdout=slave,
                               stderr=subprocess.PIPE, env=environment)
    os.close(slave)
    os.write(master, typed)
    result = process.stderr.read()
    process.wait()
    os.close(master)
    return result.decode()


print(run(CURSES, b""))
print(run(READLINE, b"some text\rmore\r"))
first = uuid.uuid1()
print(first.version, first.variant, uuid.uuid1() != first, uuid._generate_time_safe is not None)
