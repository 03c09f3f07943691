/* SPDX-License-Identifier: MIT */
/* The instruction table as data, for the compiler, dis and the check of foreign code. */
#ifndef OROCHI_BYTECODE_OPCODE_H
#define OROCHI_BYTECODE_OPCODE_H

#include "bytecode/code.h"

struct opcode_info {
    const char *name, *format, *effect;
    uint8_t generic;
};
extern const struct opcode_info opcode_table[OPCODE_COUNT];

/* Its 32-bit operand is a jump target. */
bool opcode_has_jump(uint8_t op);
/* A JUMP follows, which belongs to it. */
bool opcode_is_fused(uint8_t op);
static inline bool opcode_is_call(uint8_t op)
{
    return op == OPCODE_CALL || op == OPCODE_CALL_METHOD || op == OPCODE_CALL_EX;
}

#endif
