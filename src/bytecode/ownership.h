/* SPDX-License-Identifier: MIT */
/* Which local variables may own an object that nobody else knows: see vm/temporary.c. */
#ifndef OROCHI_BYTECODE_OWNERSHIP_H
#define OROCHI_BYTECODE_OWNERSHIP_H

#include "bytecode/code.h"

/* A local from this one on never owns. */
#define OWNERSHIP_LOCALS 63

/* Says that code.owning_locals is known. */
#define OWNERSHIP_KNOWN ((uint64_t)1 << OWNERSHIP_LOCALS)
/* Looks at all instructions of the code: its owning_locals, which are known from then on. */
uint64_t code_find_owning_locals(struct code *code);

/* May the local variable (a register below co_nlocalsplus) own an object? Those of generators may
 * not. Any thread. */
static inline bool code_local_may_own(struct code *code, unsigned local)
{
    uint64_t owning = atomic_load_relaxed(&code->owning_locals);
    if (UNLIKELY((owning & OWNERSHIP_KNOWN) == 0)) {
        owning = code_find_owning_locals(code);
    }
    return local < OWNERSHIP_LOCALS && (owning >> local & 1) != 0;
}

#endif
