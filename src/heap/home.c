/* SPDX-License-Identifier: MIT */
/* Homes: which thread filled a block last.
 *
 * Threads on different processors slow each other down when they write to the same cache lines. So
 * a block's cells, marks and cards are left to one of them where it can be: after a collection a
 * thread that allocates gets those of its blocks back that have room (alloc.c, sweep.c), without a
 * lock; and threads that work together in a stop deal with their own blocks first.
 *
 * A home is a small number that a thread has while it lives; threads beyond the first 63 have none,
 * and use what is shared. */
#include "heap/heap_int.h"

#define HOME_COUNT 64
#define SHARE_BLOCKS 8
#define CLOSED UINT64_C(1)

/* Atomic. A thread gets one before it is RUNNING, perhaps during a stop, and leaves it while it is;
 * what a stop finds here stays until its end. */
static struct allocator *homes[HOME_COUNT];

void home_take(struct allocator *a)
{
    for (unsigned i = 1; i < HOME_COUNT; i++) {
        struct allocator *nobody = NULL;
        a->home = (uint8_t)i;
        if (__atomic_compare_exchange_n(&homes[i], &nobody, a, 0, __ATOMIC_ACQ_REL,
                                        __ATOMIC_RELAXED)) {
            return;
        }
    }
    a->home = 0;
}

void home_leave(const struct allocator *a)
{
    if (a->home != 0) {
        atomic_store_release(&homes[a->home], NULL);
    }
}

struct allocator *home_active(size_t number)
{
    struct allocator *a = atomic_load_acquire(&homes[block_homes[number]]);
    return a != NULL && a->active ? a : NULL;
}

void homes_calm_down(void)
{
    for (unsigned i = 1; i < HOME_COUNT; i++) {
        struct allocator *a = atomic_load_acquire(&homes[i]);
        if (a != NULL) {
            a->active = false;
        }
    }
}

/* ---- Dividing the blocks. */

/* Calls f for blocks of some homes. */
struct filter {
    uint64_t homes;
    void (*f)(size_t number, struct block *b, void *argument);
    void *argument;
};

static void call_filtered(size_t number, struct block *b, void *argument)
{
    const struct filter *filter = argument;
    if (filter->homes >> block_homes[number] & 1) {
        filter->f(number, b, filter->argument);
    }
}

/* False if somebody has begun to divide what is left. */
static bool claim(struct block_share *share, unsigned home)
{
    uint64_t claimed = atomic_load_relaxed(&share->homes);
    while (!(claimed & CLOSED)) {
        if (__atomic_compare_exchange_n(&share->homes, &claimed, claimed | UINT64_C(1) << home, 0,
                                        __ATOMIC_RELAXED, __ATOMIC_RELAXED)) {
            return true;
        }
    }
    return false;
}

unsigned blocks_claim(struct block_share *share)
{
    const struct allocator *a = thread_allocator(thread_current());
    unsigned home = a != NULL ? a->home : 0;
    return home != 0 && world_has_company() && claim(share, home) ? home : 0;
}

void blocks_share(struct block_share *share,
                  void (*f)(size_t number, struct block *b, void *argument), void *argument)
{
    blocks_share_claimed(share, blocks_claim(share), f, argument);
}

void blocks_share_claimed(struct block_share *share, unsigned home,
                          void (*f)(size_t number, struct block *b, void *argument), void *argument)
{
    if (home != 0) {
        struct filter mine = {UINT64_C(1) << home, f, argument};
        blocks_for_each(call_filtered, &mine);
    }
    uint64_t claimed = atomic_fetch_or_relaxed(&share->homes, CLOSED);
    struct filter rest = {~claimed | CLOSED, f, argument};
    while (blocks_for_some(atomic_fetch_add_relaxed(&share->cursor, (size_t)SHARE_BLOCKS),
                           SHARE_BLOCKS, call_filtered, &rest)) {
    }
}

struct job {
    struct block_share share;
    void (*f)(size_t number, struct block *b, void *argument);
    void *argument;
};

static void run_job(void *argument, unsigned number)
{
    struct job *job = argument;
    (void)number;
    blocks_share(&job->share, job->f, job->argument);
}

void blocks_for_each_together(void (*f)(size_t number, struct block *b, void *argument),
                              void *argument)
{
    struct job job = {{0, 0}, f, argument};
    world_run_together(run_job, &job, UINT32_MAX);
}
