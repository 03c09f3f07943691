/* SPDX-License-Identifier: MIT */
/* Cells that a middle collection does not mark again; tenure.c explains. */
#ifndef OROCHI_HEAP_TENURE_H
#define OROCHI_HEAP_TENURE_H

#include "heap/heap_int.h"

/* Of one block. */
struct tenure {
    uint64_t cells[BITMAP_WORDS];      /* the tenured ones; all of them are marked */
    uint64_t candidates[BITMAP_WORDS]; /* what the last middle or full collection found alive */
    uint64_t cards[BLOCK_CARDS / 64];  /* may lead from tenured cells to others */
};
/* By block number; NULL: nothing is ever tenured. Of blocks whose `tenured` is set. In a stop. */
extern struct tenure *tenures;

static inline bool tenure_has(const struct block *b, unsigned i)
{
    return b->tenured && (tenures[b - blocks].cells[i / 64] >> (i % 64) & 1);
}

void tenure_init(void);
/* What they take, after the last middle or full collection; 0: there are none. */
size_t tenure_bytes(void);
/* Clears the marks of a block, but for those of tenured cells if `keep`; else there are none any
 * more. */
void tenure_clear_marks(size_t number, struct block *b, bool keep);
/* A middle or full collection sweeps: first each block with its final marks, perhaps by several
 * threads; returns what its tenured cells take. Then _end with the sum, and the blocks that are
 * left. */
size_t tenure_sweep(size_t number, struct block *b);
void tenure_sweep_end(size_t bytes);

#endif
