/* SPDX-License-Identifier: MIT */
/* Sweeping. A block's allocated bits become what its mark bits are; nothing is written into the
 * cells, which are zeroed run by run when they are allocated again. So the pause pays only for side
 * tables, a hundredth of the heap; the rest is as lazy as it can be. */
#include "heap/heap_int.h"
#include "heap/tenure.h"

#include <string.h>

/* A block goes on the list of its class if at least one cell in this many is free. */
#define WORTH_FILLING 32

/* Lists of blocks with free cells, by kind and class. */
struct block_lists {
    uint32_t first[HEAP_KIND_COUNT][CLASS_COUNT], last[HEAP_KIND_COUNT][CLASS_COUNT];
};

/* What threads sweep together. */
struct sweep {
    struct block_share share;
    bool full;
    uint32_t last[HEAP_KIND_COUNT][CLASS_COUNT]; /* ends of the pool's lists */
    size_t tenured_bytes;
    struct sweep_result result;
};

#define SWEEPERS_MAX 16

/* One of these threads. What it finds is put together when all have ended: others look at each
 * block, if only to find that it is not theirs. */
struct sweeper {
    bool took_part;
    bool full;
    unsigned home;             /* whose blocks nobody else sweeps, or 0 */
    struct allocator *own;     /* whose home that is */
    uint32_t empty, elsewhere; /* chains of blocks: nothing lives there; at home with others */
    size_t tenured_bytes;
    struct sweep_result result;
    struct block_lists lists; /* blocks that are at home with nobody */
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

static void append(uint32_t *first, uint32_t *last, size_t number)
{
    blocks[number].next = 0;
    if (*first != 0) {
        blocks[*last].next = (uint32_t)number;
    } else {
        *first = (uint32_t)number;
    }
    *last = (uint32_t)number;
}

static void append_own(struct allocator *a, size_t number)
{
    const struct block *b = &blocks[number];
    append(&a->own[b->kind][b->size_class], &a->own_last[b->kind][b->size_class], number);
}

static void chain(uint32_t *first, size_t number)
{
    blocks[number].next = *first;
    *first = (uint32_t)number;
}

static void keep_block(struct sweeper *sweeper, size_t number, const struct block *b)
{
    unsigned home = block_homes[number];
    if (home != 0 && home == sweeper->home && sweeper->own->active) {
        append_own(sweeper->own, number);
    } else if (home_active(number) != NULL) {
        chain(&sweeper->elsewhere, number);
    } else {
        append(&sweeper->lists.first[b->kind][b->size_class],
               &sweeper->lists.last[b->kind][b->size_class], number);
    }
}

static void sweep_large(struct sweeper *sweep, size_t number, struct block *b)
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
    chain(&sweep->empty, number);
}

static void sweep_small(struct sweeper *sweep, size_t number, struct block *b)
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
    if (sweep->full) {
        sweep->tenured_bytes += tenure_sweep(number, b);
    }
    b->live = live;
    sweep->result.live_cells += live;
    sweep->result.live_bytes += (uint64_t)live * b->cell_size;
    sweep->result.freed_cells += freed;
    sweep->result.freed_bytes += (uint64_t)freed * b->cell_size;
    b->free_index = 0;
    b->zeroed = false;
    if (live == 0) {
        chain(&sweep->empty, number);
    } else if ((b->cell_count - live) * WORTH_FILLING >= b->cell_count) {
        keep_block(sweep, number, b);
    }
}

static void sweep_block(size_t number, struct block *b, void *argument)
{
    cards_clean(number, b);
    if (b->kind >= CELL_KIND_COUNT) {
        finalized_bits_sweep(number, b);
    }
    if (b->reciprocal == 0) {
        sweep_large(argument, number, b);
    } else {
        sweep_small(argument, number, b);
    }
}

/* ---- Together. */

HOLDS_NO_CELLS static struct sweeper sweepers[SWEEPERS_MAX];

static void merge_lists(struct sweep *sweep, const struct block_lists *lists)
{
    for (unsigned kind = 0; kind < HEAP_KIND_COUNT; kind++) {
        for (unsigned c = 0; c < CLASS_COUNT; c++) {
            if (lists->first[kind][c] == 0) {
                continue;
            }
            if (pool.partial[kind][c] != 0) {
                blocks[sweep->last[kind][c]].next = lists->first[kind][c];
            } else {
                pool.partial[kind][c] = lists->first[kind][c];
            }
            sweep->last[kind][c] = lists->last[kind][c];
        }
    }
}

static void merge(struct sweep *sweep, const struct sweeper *from)
{
    uint32_t next;
    for (uint32_t number = from->empty; number != 0; number = next) {
        next = blocks[number].next;
        block_give_back(number);
    }
    for (uint32_t number = from->elsewhere; number != 0; number = next) {
        next = blocks[number].next;
        append_own(home_active(number), number);
    }
    merge_lists(sweep, &from->lists);
    sweep->tenured_bytes += from->tenured_bytes;
    sweep->result.live_cells += from->result.live_cells;
    sweep->result.live_bytes += from->result.live_bytes;
    sweep->result.freed_cells += from->result.freed_cells;
    sweep->result.freed_bytes += from->result.freed_bytes;
}

static void take_part(void *argument, unsigned number)
{
    struct sweep *sweep = argument;
    struct sweeper *sweeper = &sweepers[number];
    *sweeper = (struct sweeper){.took_part = true, .full = sweep->full};
    sweeper->own = thread_allocator(thread_current());
    sweeper->home = blocks_claim(&sweep->share);
    blocks_share_claimed(&sweep->share, sweeper->home, sweep_block, sweeper);
}

void heap_sweep(bool full, struct sweep_result *out)
{
    struct sweep sweep = {.full = full};
    memset(pool.partial, 0, sizeof pool.partial);
    cards_clean_begin();
    world_run_together(take_part, &sweep, SWEEPERS_MAX);
    for (unsigned i = 0; i < SWEEPERS_MAX; i++) {
        if (sweepers[i].took_part) {
            merge(&sweep, &sweepers[i]);
            sweepers[i].took_part = false;
        }
    }
    roots_clean_cards();
    cards_clean_end();
    if (full) {
        tenure_sweep_end(sweep.tenured_bytes);
    }
    *out = sweep.result;
}
