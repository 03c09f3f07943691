/* SPDX-License-Identifier: MIT */
/* Locals whose value no instruction copies. All that the code does with such a local is
 *   - to read it as an operand of operators and comparisons, as the container of an item, as a
 *     condition, and to return it;
 *   - to assign results of operators, items and calls to it, and constants.
 * So a private object of an extension (vm/temporary.c) that is assigned to it can only be known to
 * others through what the extension's own functions do with it, and when the next one is assigned,
 * or the function returns, the object can go at once. `del x` and `x = None` do not come by where
 * that is noticed, and are what programs write to get rid of something: a local with one of them is
 * left to the collector. A constant is what a local is initialized with. */
#include "bytecode/ownership.h"

#include "bytecode/opcode.h"
#include "bytecode/operands.h"

static uint64_t bits_of(struct register_range range)
{
    uint64_t bits = 0;
    for (uint32_t r = range.first; r < range.first + range.count && r < OWNERSHIP_LOCALS; r++) {
        bits |= (uint64_t)1 << r;
    }
    return bits;
}

static uint64_t bit_of(uint32_t reg)
{
    return bits_of((struct register_range){reg, 1});
}

/* The registers that the instruction reads without copying them. */
static uint64_t reads_in_place(struct instruction i)
{
    switch (i.op) {
    case OPCODE_BINARY:
    case OPCODE_COMPARE: return bit_of(i.b) | bit_of(i.c);
    case OPCODE_INPLACE: return (i.a == i.b ? bit_of(i.b) : 0) | bit_of(i.c);
    case OPCODE_INPLACE_IMM: return i.a == i.b ? bit_of(i.b) : 0;
    case OPCODE_BINARY_IMM:
    case OPCODE_UNARY:
    case OPCODE_NOT:
    case OPCODE_LOAD_SLICE: return bit_of(i.b);
    case OPCODE_LOAD_ITEM: return bit_of(i.b) & ~bit_of(i.c);
    case OPCODE_COMPARE_JUMP: return bit_of(i.a) | bit_of(i.b);
    case OPCODE_STORE_ITEM: return bit_of(i.a) & ~bit_of(i.b) & ~bit_of(i.c);
    case OPCODE_DELETE_ITEM: return bit_of(i.a) & ~bit_of(i.b);
    case OPCODE_COMPARE_JUMP_IMM:
    case OPCODE_JUMP_IF_TRUE:
    case OPCODE_JUMP_IF_FALSE:
    case OPCODE_JUMP_IF_NONE:
    case OPCODE_JUMP_IF_NOT_NONE:
    case OPCODE_RETURN_VALUE:
    case OPCODE_CHECK_LOCAL: return bit_of(i.a);
    default: return 0;
    }
}

/* Does the instruction assign what a local may be assigned to? */
static bool assigns_result(const struct code *code, uint32_t pc, struct instruction i)
{
    switch (i.op) {
    case OPCODE_BINARY:
    case OPCODE_BINARY_IMM:
    case OPCODE_INPLACE:
    case OPCODE_INPLACE_IMM:
    case OPCODE_UNARY:
    case OPCODE_LOAD_ITEM:
    case OPCODE_LOAD_SLICE:
    case OPCODE_LOAD_INT: return true;
    case OPCODE_LOAD_CONST: return !value_is_none(code->consts[i.target]);
    case OPCODE_MOVE: {
        const struct instruction *before = &code->instructions[pc] - 1;
        return pc > 0 && opcode_is_call(atomic_load_relaxed(&before->op)) && before->a == i.b;
    }
    default: return false;
    }
}

static uint64_t look(const struct code *code)
{
    if (code->base.co_flags & (CO_GENERATOR | CO_COROUTINE | CO_ASYNC_GENERATOR)) {
        return 0;
    }
    uint64_t owning = 0;
    const char *kinds = ((PyBytesObject *)code->base.co_localspluskinds)->ob_sval;
    /* super() reads the first argument. */
    for (int r = code->base.co_argcount > 0; r < code->base.co_nlocalsplus; r++) {
        owning |= (unsigned char)kinds[r] == KIND_LOCAL ? bit_of((uint32_t)r) : 0;
    }
    for (uint32_t pc = 0; pc < code->count; pc++) {
        struct instruction i = code->instructions[pc];
        i.op = opcode_generic(atomic_load_relaxed(&code->instructions[pc].op));
        struct operands o = instruction_operands(i);
        uint64_t reads = bits_of(o.reads[0]) | bits_of(o.reads[1]) | bits_of(o.reads[2]);
        owning &= ~(reads & ~reads_in_place(i));
        if (!assigns_result(code, pc, i)) {
            owning &= ~bits_of(o.writes[0]);
        }
    }
    return owning;
}

uint64_t code_find_owning_locals(struct code *code)
{
    uint64_t owning = look(code) | OWNERSHIP_KNOWN;
    atomic_store_relaxed(&code->owning_locals, owning);
    return owning;
}
