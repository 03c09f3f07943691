/* SPDX-License-Identifier: MIT */
/* Sweeping. A block's allocated bits become what its mark bits are; nothing is written into the
 * cells, which are zeroed run by run when they are allocated again. So the pause pays only for side
 * tables, a hundredth of the heap; the rest is as lazy as it can be. */
#include "heap/heap_int.h"

#include <string.h>

/* A block goes on the list of its class if at least one cell in this many is free. */
#define WORTH_FILLING 32

struct sweep {
    struct sweep_result result;
    bool full;
    uint32_t last[HEAP_KIND_COUNT][CLASS_COUNT]; /* ends of the lists being built */
};

/* Bits of the cells that were allocated, in word w of the bitmap. */
static uint64_t allocated_word(const struct block *b, unsigned w)
{
    uint64_t bits = b->allocated[w];
    if (b->free_index >= (w + 1) * 64) {
        return ~UINT64_C(0);
    }
    if (b->free_index > w * 64) {
        bits |= (UINT64_C(1) << (b->free_index % 64)) - 1;
    }
    return bits;
}

static void poison(size_t number, const struct block *b, unsigned w, uint64_t dead)
{
    while (dead != 0) {
        unsigned i = w * 64 + (unsigned)__builtin_ctzll(dead);
        dead &= dead - 1;
        memset(block_address(number) + (size_t)i * b->cell_size, POISON, b->cell_size);
    }
}

static void append(struct sweep *sweep, size_t number, struct block *b)
{
    uint32_t *last = &sweep->last[b->kind][b->size_class];
    b->next = 0;
    if (*last != 0) {
        blocks[*last].next = (uint32_t)number;
    } else {
        pool.partial[b->kind][b->size_class] = (uint32_t)number;
    }
    *last = (uint32_t)number;
}

static void sweep_large(struct sweep *sweep, size_t number, struct block *b)
{
    if (b->marked[0] & 1) {
        b->allocated[0] = 1;
        b->live = 1;
        sweep->result.live_cells++;
        sweep->result.live_bytes += b->large_bytes;
        return;
    }
    sweep->result.freed_cells++;
    sweep->result.freed_bytes += b->large_bytes;
    block_give_back(number);
}

static void sweep_small(struct sweep *sweep, size_t number, struct block *b)
{
    unsigned live = 0, freed = 0;
    unsigned words = (b->cell_count + 63u) / 64;
    bool has_young = b->free_index > 0 || b->kind == CELL_SCRATCH || b->kind == HEAP_FOREIGN;
    if (!sweep->full && !has_young) {
        live = b->live; /* all of them are old */
        words = 0;
    }
    for (unsigned w = 0; w < words; w++) {
        uint64_t marked = b->marked[w];
        uint64_t dead = allocated_word(b, w) & ~marked;
        if (w == words - 1 && b->cell_count % 64 != 0) {
            dead &= (UINT64_C(1) << (b->cell_count % 64)) - 1;
        }
        if (UNLIKELY(heap_options.stress_interval != 0) && dead != 0) {
            poison(number, b, w, dead);
        }
        live += (unsigned)__builtin_popcountll(marked);
        freed += (unsigned)__builtin_popcountll(dead);
        b->allocated[w] = marked;
    }
    b->live = live;
    sweep->result.live_cells += live;
    sweep->result.live_bytes += (uint64_t)live * b->cell_size;
    sweep->result.freed_cells += freed;
    sweep->result.freed_bytes += (uint64_t)freed * b->cell_size;
    b->free_index = 0;
    b->zeroed = false;
    if (live == 0) {
        block_give_back(number);
    } else if ((b->cell_count - live) * WORTH_FILLING >= b->cell_count) {
        append(sweep, number, b);
    }
}

static void sweep_block(size_t number, struct block *b, void *argument)
{
    if (b->kind >= CELL_KIND_COUNT) {
        finalized_bits_sweep(number, b);
    }
    if (b->reciprocal == 0) {
        sweep_large(argument, number, b);
    } else {
        sweep_small(argument, number, b);
    }
}

void heap_sweep(bool full, struct sweep_result *out)
{
    struct sweep sweep = {.full = full};
    memset(pool.partial, 0, sizeof pool.partial);
    blocks_for_each(sweep_block, &sweep);
    *out = sweep.result;
}
