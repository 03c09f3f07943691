# SPDX-License-Identifier: MIT
"""Disassembler for Orochi's bytecode."""

import collections
import io
import struct
import sys
import types

from opcode import *
from opcode import (__all__ as _opcode_all, INSTRUCTION_BYTES, binary_ops, hasfused,
                    unary_ops)

__all__ = ["code_info", "dis", "disassemble", "distb", "disco", "findlinestarts",
           "findlabels", "show_code", "get_instructions", "Instruction",
           "Bytecode"] + _opcode_all

COMPILER_FLAG_NAMES = {
    1: "OPTIMIZED",
    2: "NEWLOCALS",
    4: "VARARGS",
    8: "VARKEYWORDS",
    16: "NESTED",
    32: "GENERATOR",
    64: "NOFREE",
    128: "COROUTINE",
    256: "ITERABLE_COROUTINE",
    512: "ASYNC_GENERATOR",
}

CACHE = 255                 # no opcode: see show_caches

_Word = collections.namedtuple("_Word", "op d a b c imm")

Positions = collections.namedtuple(
    "Positions", ["lineno", "end_lineno", "col_offset", "end_col_offset"],
    defaults=[None] * 4)

_Instruction = collections.namedtuple(
    "_Instruction", ["opname", "opcode", "arg", "argval", "argrepr", "offset",
                     "starts_line", "is_jump_target", "positions"],
    defaults=[None])


class Instruction(_Instruction):
    """One instruction.

    arg is the 32-bit word that follows the register operand, argval what it means
    (a constant, a name, the offset of a jump's target), argrepr all operands as text.
    """

    def _disassemble(self, lineno_width=3, mark_as_current=False, offset_width=4):
        fields = []
        if lineno_width:
            if self.starts_line is not None:
                fields.append(f"{self.starts_line:{lineno_width}d}")
            else:
                fields.append(" " * lineno_width)
        fields.append("-->" if mark_as_current else "   ")
        fields.append(">>" if self.is_jump_target else "  ")
        fields.append(repr(self.offset).rjust(offset_width))
        fields.append(self.opname.ljust(20))
        fields.append(self.argrepr)
        return " ".join(fields).rstrip()


def pretty_flags(flags):
    """The names of the flags of a code object, as text."""
    names = []
    for bit in (1 << i for i in range(32)):
        if flags & bit:
            names.append(COMPILER_FLAG_NAMES.get(bit, hex(bit)))
            flags ^= bit
            if not flags:
                break
    else:
        names.append(hex(flags))
    return ", ".join(names) if names else "0x0"


# ---- What can be disassembled

def _try_compile(source, name):
    try:
        return compile(source, name, "eval")
    except SyntaxError:
        return compile(source, name, "exec")


def _code_of(x):
    """x itself, or the code of a function, method, generator and so on."""
    x = getattr(x, "__func__", x)
    for attribute in ("__code__", "gi_code", "ag_code", "cr_code"):
        if hasattr(x, attribute):
            return getattr(x, attribute)
    return x


def _get_code_object(x):
    x = _code_of(x)
    if isinstance(x, str):
        x = _try_compile(x, "<disassembly>")
    if hasattr(x, "co_code"):
        return x
    raise TypeError(f"don't know how to disassemble {type(x).__name__} objects")


def dis(x=None, *, file=None, depth=None, show_caches=False, adaptive=False):
    """Disassembles classes, functions, code, source text, or the last traceback."""
    if x is None:
        distb(file=file, show_caches=show_caches, adaptive=adaptive)
        return
    x = _code_of(x)
    if hasattr(x, "__dict__"):
        for name, member in sorted(x.__dict__.items()):
            if isinstance(member, (types.MethodType, types.FunctionType, types.CodeType,
                                   classmethod, staticmethod, type)):
                print(f"Disassembly of {name}:", file=file)
                try:
                    dis(member, file=file, depth=depth, show_caches=show_caches,
                        adaptive=adaptive)
                except TypeError as error:
                    print("Sorry:", error, file=file)
                print(file=file)
    elif hasattr(x, "co_code"):
        _disassemble_recursive(x, file=file, depth=depth, adaptive=adaptive)
    elif isinstance(x, (bytes, bytearray)):
        _print_instructions(_instructions(x), file=file)
    elif isinstance(x, str):
        _disassemble_recursive(_try_compile(x, "<dis>"), file=file, depth=depth,
                               adaptive=adaptive)
    else:
        raise TypeError(f"don't know how to disassemble {type(x).__name__} objects")


def distb(tb=None, *, file=None, show_caches=False, adaptive=False):
    """Disassembles the innermost frame of a traceback (default: the last one)."""
    if tb is None:
        try:
            tb = sys.last_traceback
        except AttributeError:
            raise RuntimeError("no last traceback to disassemble") from None
        while tb.tb_next:
            tb = tb.tb_next
    disassemble(tb.tb_frame.f_code, tb.tb_lasti, file=file, show_caches=show_caches,
                adaptive=adaptive)


def disassemble(co, lasti=-1, *, file=None, show_caches=False, adaptive=False):
    """Disassembles one code object and marks the instruction at lasti."""
    _print_instructions(_code_instructions(co, adaptive=adaptive), lasti, file=file,
                        code=co)


disco = disassemble


def _disassemble_recursive(co, *, file=None, depth=None, adaptive=False):
    disassemble(co, file=file, adaptive=adaptive)
    if depth is None or depth > 0:
        depth = None if depth is None else depth - 1
        for constant in co.co_consts:
            if hasattr(constant, "co_code"):
                print(file=file)
                print(f"Disassembly of {constant!r}:", file=file)
                _disassemble_recursive(constant, file=file, depth=depth,
                                       adaptive=adaptive)


# ---- Information about code

def code_info(x):
    """What a code object says about itself, as text."""
    return _format_code_info(_get_code_object(x))


def _format_code_info(co):
    rows = [
        f"Name:              {co.co_name}",
        f"Filename:          {co.co_filename}",
        f"Argument count:    {co.co_argcount}",
        f"Positional-only arguments: {co.co_posonlyargcount}",
        f"Kw-only arguments: {co.co_kwonlyargcount}",
        f"Number of locals:  {co.co_nlocals}",
        f"Stack size:        {co.co_stacksize}",
        f"Flags:             {pretty_flags(co.co_flags)}",
    ]
    for title, values, show in (("Constants", co.co_consts, repr),
                                ("Names", co.co_names, str),
                                ("Variable names", co.co_varnames, str),
                                ("Free variables", co.co_freevars, str),
                                ("Cell variables", co.co_cellvars, str)):
        if values:
            rows.append(f"{title}:")
            rows.extend(f"{i:4d}: {show(value)}" for i, value in enumerate(values))
    return "\n".join(rows)


def show_code(co, *, file=None):
    """Prints what code_info() says."""
    print(code_info(co), file=file)


# ---- Instructions

def _words(code):
    """(offset, _Word) of each instruction in a bytes object."""
    for offset in range(0, len(code) - INSTRUCTION_BYTES + 1, INSTRUCTION_BYTES):
        op, d, a, b, c = struct.unpack_from("<BBHHH", code, offset)
        imm = struct.unpack_from("<i", code, offset + 4)[0]
        yield offset, _Word(op, d, a, b, c, imm)


def _unpack_opargs(code):
    for offset, word in _words(code):
        yield offset, generic[word.op], word.imm


def _target(offset, word):
    return offset + INSTRUCTION_BYTES * (1 + word.imm)


def findlabels(code):
    """The offsets of all jump targets."""
    labels = []
    for offset, word in _words(code):
        if generic[word.op] in hasjrel and _target(offset, word) not in labels:
            labels.append(_target(offset, word))
    return labels


def findlinestarts(code):
    """(offset, line) where the line changes."""
    last = None
    for start, end, line in code.co_lines():
        if line is not None and line != last:
            last = line
            yield start, line


def _signed(n):
    return n - 0x10000 if n >= 0x8000 else n


class _Operands:
    """The text of an instruction's operands."""

    def __init__(self, co):
        self.consts = co.co_consts if co is not None else None
        self.names = co.co_names if co is not None else None
        self.variables = []
        if co is not None:
            cells = [name for name in co.co_cellvars if name not in co.co_varnames]
            self.variables = [*co.co_varnames, *cells, *co.co_freevars]

    def register(self, n):
        if n < len(self.variables):
            return self.variables[n]
        return f"r{n}"

    def name(self, n):
        return self.names[n] if self.names is not None and n < len(self.names) else n

    def const(self, n):
        return self.consts[n] if self.consts is not None and n < len(self.consts) else n

    def describe(self, offset, word):
        """(argval, argrepr)"""
        op = generic[word.op]
        form, name = formats[op], opname[op]
        value, parts = word.imm, []
        if "A" in form:
            parts.append(self.register(word.a))
        if op in hasjrel:
            value = _target(offset, word)
            parts.append(f"to {value}")
        elif "I" in form:
            if op in hasname:
                value = self.name(word.imm)
                parts.append(str(value))
            elif op in hasconst:
                value = self.const(word.imm)
                parts.append(repr(value))
            else:
                parts.append(str(value))
        else:
            parts += self._small(op, name, form, word)
            if op in hasname:
                value = self.name(word.c)
        return value, ", ".join(parts)

    def _small(self, op, name, form, word):
        counts_b = name in ("CALL", "CALL_METHOD", "COPY_FREE_VARS")
        if "B" in form:
            if counts_b:
                yield str(word.b)
            elif name == "COMPARE_JUMP_IMM":
                yield str(_signed(word.b))
            else:
                yield self.register(word.b)
        if "C" in form:
            if op in hasname:
                yield str(self.name(word.c))
            elif name.endswith("_IMM"):
                yield str(_signed(word.c))
            elif name in ("CALL", "CALL_METHOD"):
                if word.c:
                    yield f"names {self.const(word.c - 1)!r}"
            elif name.startswith(("BUILD_", "UNPACK_")):
                yield str(word.c)
            else:
                yield self.register(word.c)
        if "D" in form:
            yield from self._flags(op, name, word.d)

    def _flags(self, op, name, d):
        if op in hascompare:
            if name == "COMPARE":
                yield cmp_op[d]
            else:
                yield f"{cmp_op[d & 7]} is {bool(d & 8)}"
        elif name.startswith(("BINARY", "INPLACE")):
            yield binary_ops[d] + ("=" if name.startswith("INPLACE") else "")
        elif name == "UNARY":
            yield unary_ops[d]
        else:
            yield str(d)


def _instructions(code, co=None, line_offset=0, show_caches=False):
    labels = set(findlabels(code))
    lines, positions = {}, None
    operands = _Operands(co)
    if co is not None:
        lines = dict(findlinestarts(co))
        positions = list(co.co_positions())
        labels.update(entry.target for entry in _parse_exception_table(co))
    for offset, word in _words(code):
        line = lines.get(offset)
        value, text = operands.describe(offset, word)
        position = Positions(*positions[offset // 2]) if positions else Positions()
        yield Instruction(opname[word.op], word.op, word.imm, value, text, offset,
                          line + line_offset if line is not None else None,
                          offset in labels, position)
        if show_caches:  # the rest of the word, as units of two bytes
            for unit in range(2, INSTRUCTION_BYTES, 2):
                yield Instruction("CACHE", CACHE, 0, None, "", offset + unit, None,
                                  False, position)


def _code_instructions(co, first_line=None, adaptive=False, show_caches=False):
    offset = first_line - co.co_firstlineno if first_line is not None else 0
    code = co._co_code_adaptive if adaptive else co.co_code
    return _instructions(code, co, offset, show_caches)


def get_instructions(x, *, first_line=None, show_caches=False, adaptive=False):
    """Iterates over the instructions of a function, method, source text or code."""
    return _code_instructions(_get_code_object(x), first_line, adaptive, show_caches)


def _print_instructions(instructions, lasti=-1, *, file=None, code=None):
    instructions = list(instructions)
    most = max((i.starts_line for i in instructions if i.starts_line is not None),
               default=0)
    lineno_width = max(3, len(str(most))) if most else 0
    last = instructions[-1].offset if instructions else 0
    offset_width = max(4, len(str(last)))
    for i in instructions:
        if lineno_width and i.starts_line is not None and i.offset > 0:
            print(file=file)
        print(i._disassemble(lineno_width, i.offset == lasti, offset_width), file=file)
    if code is not None:
        entries = _parse_exception_table(code)
        if entries:
            print("ExceptionTable:", file=file)
        for entry in entries:
            print(f"  {entry.start} to {entry.end} -> {entry.target} "
                  f"[r{entry.register}]", file=file)


# ---- The exception table

_ExceptionTableEntry = collections.namedtuple("_ExceptionTableEntry",
                                              "start end target register")


def _varints(data):
    value = shift = 0
    for byte in data:
        value |= (byte & 0x7f) << shift
        shift += 7
        if byte < 0x80:
            yield value
            value = shift = 0


def _parse_exception_table(code):
    entries, last = [], 0
    numbers = _varints(code.co_exceptiontable)
    for gap, length, target, register in zip(numbers, numbers, numbers, numbers):
        start = last + gap
        last = start + length
        entries.append(_ExceptionTableEntry(
            start * INSTRUCTION_BYTES, last * INSTRUCTION_BYTES,
            target * INSTRUCTION_BYTES, register))
    return entries


# ---- Imports and global names that code mentions (for modulefinder)

def _find_imports(co):
    """Yields (name, level, fromlist) of each import."""
    registers = {}
    for offset, word in _words(co.co_code):
        name = opname[generic[word.op]]
        if name == "LOAD_CONST":
            registers[word.a] = co.co_consts[word.imm]
        elif name == "LOAD_INT":
            registers[word.a] = word.imm
        elif name == "IMPORT_NAME":
            yield (co.co_names[word.c], registers.get(word.b),
                   registers.get(word.b + 1))


def _find_store_names(co):
    """Yields the global names that code binds."""
    for offset, word in _words(co.co_code):
        if opname[generic[word.op]] in ("STORE_NAME", "STORE_GLOBAL"):
            yield co.co_names[word.imm]


class Bytecode:
    """The instructions of a piece of code; iterating yields them."""

    def __init__(self, x, *, first_line=None, current_offset=None, show_caches=False,
                 adaptive=False):
        self.codeobj = co = _get_code_object(x)
        if first_line is None:
            self.first_line = co.co_firstlineno
            self._line_offset = 0
        else:
            self.first_line = first_line
            self._line_offset = first_line - co.co_firstlineno
        self._original_object = x
        self.current_offset = current_offset
        self.exception_entries = _parse_exception_table(co)
        self.show_caches = show_caches
        self.adaptive = adaptive

    def __iter__(self):
        return _code_instructions(self.codeobj, self.first_line, self.adaptive,
                                  self.show_caches)

    def __repr__(self):
        return f"{type(self).__name__}({self._original_object!r})"

    @classmethod
    def from_traceback(cls, tb, *, show_caches=False, adaptive=False):
        """The code of the innermost frame of a traceback."""
        while tb.tb_next:
            tb = tb.tb_next
        return cls(tb.tb_frame.f_code, current_offset=tb.tb_lasti,
                   show_caches=show_caches, adaptive=adaptive)

    def info(self):
        """What code_info() says of the code."""
        return _format_code_info(self.codeobj)

    def dis(self):
        """The disassembly as text."""
        output = io.StringIO()
        lasti = -1 if self.current_offset is None else self.current_offset
        _print_instructions(self, lasti, file=output, code=self.codeobj)
        return output.getvalue()


def main():
    """Disassembles a file, or standard input."""
    import argparse

    parser = argparse.ArgumentParser()
    parser.add_argument("infile", type=argparse.FileType("rb"), nargs="?", default="-")
    args = parser.parse_args()
    with args.infile as infile:
        source = infile.read()
    dis(compile(source, args.infile.name, "exec"))


if __name__ == "__main__":
    main()
