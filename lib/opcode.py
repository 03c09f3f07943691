# SPDX-License-Identifier: MIT
"""The instruction set of Orochi, as data.

An instruction is a word of eight bytes: the opcode, a small operand d, a register
a, and either two 16-bit operands b and c or one of 32 bits. `formats` says which of
them an opcode uses, `effects` what it does with them.
"""

import _opcode
from _opcode import stack_effect

__all__ = ["cmp_op", "hasconst", "hasname", "hasjrel", "hasjabs", "haslocal",
           "hascompare", "hasfree", "opname", "opmap", "HAVE_ARGUMENT",
           "EXTENDED_ARG", "hasnargs", "stack_effect", "formats", "effects",
           "generic"]

cmp_op = ("<", "<=", "==", "!=", ">", ">=")
binary_ops = ("+", "-", "*", "@", "/", "//", "%", "**", "<<", ">>", "&", "|", "^",
              "divmod")
unary_ops = ("-", "+", "~", "abs")

_rows = _opcode.rows()

opname = [f"<{op}>" for op in range(256)]
opmap = {}
formats = {}
effects = {}
generic = list(range(256))  # the unquickened form of each opcode
hasjrel = []
hasfused = []               # followed by a JUMP that belongs to them

for _name, _format, _effect, _op, _generic, _jumps, _fused in _rows:
    opname[_op] = _name
    generic[_op] = _generic
    formats[_op] = _format
    effects[_op] = _effect
    if _op == _generic:
        opmap[_name] = _op
        if _jumps:
            hasjrel.append(_op)
        if _fused:
            hasfused.append(_op)

# No instruction of ours. coverage wants to know its number, and looks for what follows a
# yield: it is never found.
opmap["RESUME"] = 255


def _numbers(*names):
    return [opmap[name] for name in names]


# Opcodes whose 32-bit operand, or else operand c, is an index.
hasconst = _numbers("LOAD_CONST")
hasname = _numbers(
    "LOAD_GLOBAL", "STORE_GLOBAL", "DELETE_GLOBAL", "LOAD_NAME", "STORE_NAME",
    "DELETE_NAME", "LOAD_ATTR", "STORE_ATTR", "DELETE_ATTR", "LOAD_METHOD",
    "IMPORT_NAME", "IMPORT_FROM")
haslocal = _numbers("CHECK_LOCAL", "DELETE_LOCAL", "LOAD_NULL", "MOVE")
hasfree = _numbers("MAKE_CELL", "LOAD_DEREF", "STORE_DEREF", "DELETE_DEREF",
                   "LOAD_CLASSDEREF")
hascompare = _numbers("COMPARE", "COMPARE_JUMP", "COMPARE_JUMP_IMM")
hasjabs = []
hasnargs = _numbers("CALL", "CALL_METHOD")

HAVE_ARGUMENT = 0           # every opcode may use its operands
EXTENDED_ARG = -1           # there is none: operands have their full width

INSTRUCTION_BYTES = 8
