/* SPDX-License-Identifier: MIT */
/* What becomes of results: the look at the instructions that follow. The first question about an
 * instruction looks, and notes the answer in a byte of code.result_uses.
 *
 * Which instruction is the last to read a register. Operators of expressions read their operands
 * once. LOAD_ITEM is also what `a[1:][0] += 1` begins with, whose STORE_ITEM reads the container
 * again, and loads into a temporary register above; so it counts if it overwrites the register that
 * it reads, or a local variable. A STORE_ITEM is the last to read its container, and its value if
 * that is the result of the INPLACE before it, but not any value: x[0] = y[0] = v. */
#include "vm/result_use.h"

#include "bytecode/opcode.h"
#include "bytecode/ownership.h"
#include "heap/heap.h"

static inline bool is_in(unsigned reg, unsigned from, unsigned count)
{
    return reg - from < count;
}

/* Does the instruction go on with the next one, without reading or writing the register? */
static bool passes(const struct instruction *i, uint8_t op, unsigned reg)
{
    switch (op) {
    case OPCODE_LOAD_CONST:
    case OPCODE_LOAD_INT:
    case OPCODE_LOAD_NAME:
    case OPCODE_LOAD_GLOBAL: return i->a != reg;
    case OPCODE_MOVE:
    case OPCODE_UNARY:
    case OPCODE_LOAD_DEREF:
    case OPCODE_LOAD_ATTR:
    case OPCODE_GET_ITER:
    case OPCODE_BUILD_LIST_FOR:
    case OPCODE_MAKE_COMPREHENSION:
    case OPCODE_BINARY_IMM: return i->a != reg && i->b != reg;
    case OPCODE_BINARY:
    case OPCODE_LOAD_ITEM: return i->a != reg && i->b != reg && i->c != reg;
    case OPCODE_LOAD_SLICE: return i->a != reg && i->b != reg && !is_in(reg, i->c, 2);
    case OPCODE_BUILD_SLICE: return i->a != reg && !is_in(reg, i->b, 3);
    case OPCODE_BUILD_TUPLE:
    case OPCODE_BUILD_LIST: return i->a != reg && !is_in(reg, i->b, i->c);
    case OPCODE_LOAD_METHOD: return !is_in(reg, i->a, 2) && i->b != reg;
    case OPCODE_MAKE_FUNCTION: return reg < i->a && reg < i->b;
    /* What lies above is the callee's. */
    case OPCODE_CALL:
    case OPCODE_CALL_METHOD:
    case OPCODE_CALL_EX: return reg < i->a;
    default: return false;
    }
}

/* A load from the register that is the last one to read it: see above. */
static inline bool ends_in(const struct instruction *i, unsigned reg, unsigned locals)
{
    return i->a == reg || i->a < locals;
}

/* What is it to the register that the instruction, which does not pass, is the first to use it? */
static enum result_use use_by(const struct instruction *i, uint8_t op, unsigned reg,
                              unsigned locals)
{
    bool lent = false;
    switch (op) {
    case OPCODE_BINARY: lent = (i->b == reg) != (i->c == reg); break;
    case OPCODE_BINARY_IMM: lent = i->b == reg; break;
    case OPCODE_INPLACE:
        lent = (i->b == reg) != (i->c == reg) && (i->a == reg) == (i->b == reg);
        break;
    case OPCODE_INPLACE_IMM: lent = i->b == reg && i->a == reg; break;
    case OPCODE_LOAD_ITEM: lent = i->b == reg && i->c != reg && ends_in(i, reg, locals); break;
    case OPCODE_LOAD_SLICE:
        lent = i->b == reg && !is_in(reg, i->c, 2) && ends_in(i, reg, locals);
        break;
    case OPCODE_STORE_ITEM: lent = i->a == reg && i->b != reg && i->c != reg; break;
    case OPCODE_LOAD_NULL: return i->a == reg ? USE_NONE : USE_ANY;
    default: break;
    }
    return lent ? USE_LENT : USE_ANY;
}

#define LOOK_AHEAD 12

static enum result_use use_of_local(struct code *code, unsigned local)
{
    return code_local_may_own(code, local) ? USE_LOCAL : USE_ANY;
}

static enum result_use look(struct code *code, const struct instruction *pc)
{
    uint8_t op = opcode_generic(atomic_load_relaxed(&pc->op));
    unsigned reg = pc->a, locals = (unsigned)code->base.co_nlocalsplus;
    if (reg < locals) {
        return use_of_local(code, reg);
    }
    const struct instruction *next = pc + 1;
    uint8_t next_op = opcode_generic(atomic_load_relaxed(&next->op));
    if (op == OPCODE_INPLACE || op == OPCODE_INPLACE_IMM) {
        bool stored =
            next_op == OPCODE_STORE_ITEM && next->c == reg && next->a != reg && next->b != reg;
        return stored ? USE_STORED : USE_ANY;
    }
    if (opcode_is_call(op) && op != OPCODE_CALL_EX && pc->d != 0) {
        return USE_NONE;
    }
    if (opcode_is_call(op) && next_op == OPCODE_MOVE && next->b == reg && next->a < locals) {
        return use_of_local(code, next->a);
    }
    if (next_op == OPCODE_LOAD_ATTR && next->b == reg && ends_in(next, reg, locals)) {
        return USE_ATTR;
    }
    for (unsigned i = 0; i < LOOK_AHEAD; i++, next++) {
        next_op = opcode_generic(atomic_load_relaxed(&next->op));
        if (!passes(next, next_op, reg)) {
            return use_by(next, next_op, reg, locals);
        }
    }
    return USE_ANY;
}

void result_use_make_table(struct code *code)
{
    uint8_t *table = heap_alloc(code->count, CELL_RAW);
    if (table != NULL) {
        heap_store(code, &code->result_uses, table);
    }
}

enum result_use result_use_find(struct code *code, const struct instruction *pc)
{
    enum result_use use = look(code, pc);
    uint8_t *table = atomic_load_acquire(&code->result_uses);
    if (table != NULL) {
        atomic_store_relaxed(&table[pc - code->instructions], (uint8_t)use);
    }
    return use;
}
