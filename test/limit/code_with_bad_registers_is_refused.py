# orochi
# SPDX-License-Identifier: MIT
"""Code from outside whose instructions name registers beyond the window, wrong operations or wrong
keyword names, or that runs off its end, is a ValueError and never runs."""
import marshal
import struct

import opcode

SOURCE = """
def f(a, *b, k=1, **c):
    d = [a + 1, a * b, -a, a < k, a is k, a in b, not a, a.x, a[b], a[1:2:3], f'{a!r:>{k}}', {a: b}, {a}]
    d[a] = b; a.x = k; del a.x, d[0]; a += b
    if a < k and a: d.sort(key=k)
    for i in d: print(*b, **c)
    x, y = d; x, *y, z = d; f(a, b, k=2); a.m(1, n=2)
    with a as w: raise k from d
    try: assert a
    except (ValueError, a): pass
    match a:
        case C(p=1): pass
        case [1, *_]: pass
        case {'k': v}: pass
    import os, sys as s
    return lambda q, r=a: q + r + d
def g():
    yield (yield from [lambda: 1])
async def h(a):
    async with a as b: await b
    async for i in a: yield i
    try: pass
    except* ValueError: pass
"""


def codes(code):
    yield code
    for constant in code.co_consts:
        if isinstance(constant, type(code)):
            yield from codes(constant)


def accepts(code, text):
    data = marshal.dumps(code)
    assert data.count(code.co_code) == 1
    try:
        marshal.loads(data.replace(code.co_code, text))
        return True
    except ValueError:
        return False


# Which of a, b, c are registers whatever the other operands are.
REGISTERS = {
    "MOVE": "ab", "LOAD_CONST": "a", "LOAD_GLOBAL": "a", "LOAD_ATTR": "ab", "STORE_ATTR": "ab",
    "LOAD_METHOD": "ab", "LOAD_ITEM": "abc", "STORE_ITEM": "abc", "DELETE_ITEM": "ab",
    "BUILD_SLICE": "ab", "BINARY": "abc", "INPLACE": "abc", "BINARY_IMM": "ab", "UNARY": "ab",
    "NOT": "ab", "COMPARE": "abc", "IS": "abc", "CONTAINS": "abc", "GET_ITER": "ab",
    "FOR_ITER": "ab", "FOR_LOOP": "ab", "BUILD_LIST": "abc", "BUILD_TUPLE": "abc",
    "BUILD_SET": "abc", "BUILD_MAP": "abc", "BUILD_STRING": "abc", "FORMAT_VALUE": "ab",
    "LIST_APPEND": "ab", "DICT_MERGE": "abc", "LIST_TO_TUPLE": "ab", "UNPACK_SEQUENCE": "abc",
    "UNPACK_EX": "ab", "CALL": "ab", "CALL_METHOD": "ab", "CALL_EX": "a", "MAKE_FUNCTION": "ab",
    "RETURN_VALUE": "a", "YIELD_VALUE": "ab", "SEND": "abc", "GET_AWAITABLE": "ab", "GET_AITER": "ab",
    "GET_ANEXT": "ab", "CHECK_EXC_MATCH": "abc", "CHECK_EG_MATCH": "abc", "BEFORE_WITH": "ab",
    "WITH_EXCEPT_START": "abc", "IMPORT_NAME": "ab", "MATCH_CLASS": "abc", "MATCH_KEYS": "abc",
    "COMPARE_JUMP": "ab", "JUMP_IF_FALSE": "a", "STORE_NAME": "a", "STORE_DEREF": "ab",
    "PUSH_EXC": "a", "POP_EXC": "a", "RERAISE": "a", "BUILD_LIST_FOR": "ab", "MAKE_COMPREHENSION": "ab",
}
seen = set()
for code in codes(compile(SOURCE, "<source>", "exec")):
    text = code.co_code
    assert accepts(code, text)
    last = len(text) - 8
    assert not accepts(code, text[:last] + struct.pack("<BBHI", opcode.opmap["NOP"], 0, 0, 0))
    for at in range(0, len(text), 8):
        op, d, a, b, c = struct.unpack_from("<BBHHH", text, at)
        name = opcode.opname[op]
        seen.add(name)
        for field in REGISTERS.get(name, ""):
            if field == "b" and name.startswith("BUILD_") and name != "BUILD_SLICE" and c == 0:
                continue
            row = dict(a=a, b=b, c=c)
            row[field] = 0xFFFF
            changed = struct.pack("<BBHHH", op, d, row["a"], row["b"], row["c"])
            assert not accepts(code, text[:at] + changed + text[at + 8:]), (name, field)
        if name in ("BINARY", "INPLACE", "UNARY", "COMPARE"):
            changed = struct.pack("<BBHHH", op, 0xFF, a, b, c)
            assert not accepts(code, text[:at] + changed + text[at + 8:]), name
        if name == "CALL" and c > 0:
            changed = struct.pack("<BBHHH", op, d, a, 0, c)
            assert not accepts(code, text[:at] + changed + text[at + 8:]), name
print(sorted(set(REGISTERS) - seen))
