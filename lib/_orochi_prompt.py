# SPDX-License-Identifier: MIT
"""The interactive prompt: reads statements from standard input and runs them."""

import codeop
import sys


def _read(prompt):
    """One line of input, without its end; EOFError at the end."""
    if sys.stdin is sys.__stdin__ and not sys.stdin.isatty():
        print(prompt, end="", file=sys.stderr, flush=True)
        line = sys.stdin.readline()
        if not line:
            raise EOFError
        return line.removesuffix("\n")
    return input(str(prompt))


def _show_banner():
    print(f"Python {sys.version} on {sys.platform}", file=sys.stderr)
    print('Type "help", "copyright", "credits" or "license" for more information.', file=sys.stderr)


def _read_statement(compiler):
    """Code for one statement, None for an empty one. Raises SyntaxError and EOFError."""
    lines = [_read(sys.ps1)]
    while True:
        code = compiler("\n".join(lines), "<stdin>", "single")
        if code is not None:
            return code
        lines.append(_read(sys.ps2))


def _show(error):
    error.__traceback__ = error.__traceback__ and error.__traceback__.tb_next
    sys.excepthook(type(error), error, error.__traceback__)


def _next_statement(compiler):
    """The same, after what cannot be compiled was told of. EOFError at the end."""
    while True:
        try:
            return _read_statement(compiler)
        except (EOFError, SystemExit):
            raise
        except KeyboardInterrupt:
            print("\nKeyboardInterrupt", file=sys.stderr)
        except (SyntaxError, OverflowError, ValueError) as error:
            _show(error)
            if sys.stdin is None or sys.stdin.closed:
                raise SystemExit(1)
        except BaseException as error:  # nothing can be read, now or later
            _show(error)
            raise SystemExit(1)


def interact(namespace, banner):
    """Runs the prompt in the namespace until the end of the input."""
    if not hasattr(sys, "ps1"):
        sys.ps1 = ">>> "
    if not hasattr(sys, "ps2"):
        sys.ps2 = "... "
    if banner:
        _show_banner()
    compiler = codeop.CommandCompiler()
    while True:
        try:
            code = _next_statement(compiler)
        except EOFError:
            print(file=sys.stderr)
            return
        try:
            exec(code, namespace)
        except SystemExit:
            raise
        except KeyboardInterrupt:
            print("\nKeyboardInterrupt", file=sys.stderr)
        except BaseException as error:
            _show(error)
