/* SPDX-License-Identifier: MIT */
/* What the files of this folder share. */
#ifndef OROCHI_BYTECODE_CODE_INT_H
#define OROCHI_BYTECODE_CODE_INT_H

#include "bytecode/code.h"

/* Walks the position table: one step is a run of instructions with the same position. */
struct position_reader {
    const unsigned char *next, *end;
    int32_t line;   /* of the last entry that had one */
    uint32_t pc;    /* first instruction after the current run */
    uint32_t start; /* of the current run */
    struct source_position position;
};
void position_reader_init(struct position_reader *reader, const struct code *code);
bool position_reader_next(struct position_reader *reader);

/* bytes: the ranges of the exception table as co_exceptiontable shows them. */
PyObject *exception_table_encode(const struct exception_range *ranges, uint32_t count);
/* Decodes into a fresh RAW cell, checked against the number of instructions and registers. 0, or -1
 * with ValueError. */
int exception_table_decode(PyObject *table, uint32_t instructions, uint32_t registers,
                           struct exception_range **ranges, uint32_t *count);

/* A code object from parts whose positions are encoded already. NULL with an exception. */
PyObject *code_new_encoded(const struct code_spec *spec, PyObject *position_table);
/* Is every operand inside the window, the constants, names and instructions? For code that does not
 * come from the compiler. 0, or -1 with ValueError. */
int code_verify(const struct code *code);

/* The temporaries that are live before each instruction: see liveness.c. */
enum { LIVENESS_MOST_WORDS = 16 };
struct liveness {
    const struct code *code;
    uint32_t first; /* temporary */
    uint32_t words; /* per set */
    uint64_t *sets; /* a RAW cell */
};
/* False if memory ran out or the code has more than a thousand temporaries. */
bool liveness_compute(struct liveness *l, const struct code *code);
/* reg: a temporary. */
bool liveness_has(const struct liveness *l, uint32_t pc, uint32_t reg);

#endif
