/* SPDX-License-Identifier: MIT */
/* What becomes of the result of an instruction: may it be a private object of an extension? See
 * vm/temporary.c. */
#ifndef OROCHI_VM_RESULT_USE_H
#define OROCHI_VM_RESULT_USE_H

#include "bytecode/code.h"

enum result_use {
    USE_UNKNOWN, /* nobody has asked yet */
    USE_ANY,     /* it becomes a value like all others */
    USE_LENT,    /* by an instruction that temporary.c knows, the only one that reads it */
    USE_STORED,  /* by the next instruction, a STORE_ITEM, as its value; of an INPLACE(_IMM) */
    USE_LOCAL,   /* a local variable that may own it gets it; after a call: by the next one */
    USE_ATTR,    /* by the next instruction, a LOAD_ATTR that overwrites the register */
    USE_NONE,    /* nobody reads it */
};

/* The same where the table has no answer yet, or is missing. */
enum result_use result_use_find(struct code *code, const struct instruction *pc);
/* Of an operator, an item or a call. No safepoint: the result of a call is asked about while nobody
 * else can know it. */
static inline enum result_use result_use(struct code *code, const struct instruction *pc)
{
    const uint8_t *table = atomic_load_acquire(&code->result_uses);
    uint8_t use =
        table != NULL ? atomic_load_relaxed(&table[pc - code->instructions]) : USE_UNKNOWN;
    return LIKELY(use != USE_UNKNOWN) ? (enum result_use)use : result_use_find(code, pc);
}
/* From now on answers about the code are remembered. May collect. */
void result_use_make_table(struct code *code);
static inline void result_use_remember(struct code *code)
{
    if (UNLIKELY(atomic_load_relaxed(&code->result_uses) == NULL)) {
        result_use_make_table(code);
    }
}

#endif
