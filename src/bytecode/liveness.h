/* SPDX-License-Identifier: MIT */
/* Which temporaries are live, for the VM. */
#ifndef OROCHI_BYTECODE_LIVENESS_H
#define OROCHI_BYTECODE_LIVENESS_H

#include "bytecode/code.h"

/* Clears the temporaries of a window that no code which runs from the instruction at pc on reads
 * before it writes them. Slow. */
void code_clear_dead_temporaries(const struct code *code, uint32_t pc, Value *window);

#endif
