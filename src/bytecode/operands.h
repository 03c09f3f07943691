/* SPDX-License-Identifier: MIT */
/* The registers that an instruction reads and writes. */
#ifndef OROCHI_BYTECODE_OPERANDS_H
#define OROCHI_BYTECODE_OPERANDS_H

#include "bytecode/code.h"

/* Registers [first, first + count). */
struct register_range {
    uint32_t first, count;
};

/* At most three ranges each; the rest is empty. Writes happen after reads. FOR_ITER and FOR_LOOP
 * write only where there was a next item. */
struct operands {
    struct register_range reads[3], writes[1];
};

/* The instruction must be a generic one. */
struct operands instruction_operands(struct instruction i);
/* One more than the highest register of them; 0 if there is none. Fast. The same. */
uint32_t instruction_register_end(struct instruction i);

#endif
