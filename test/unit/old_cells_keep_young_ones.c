/* SPDX-License-Identifier: MIT */
/* Young collections: what an old cell refers to survives when the store went through the barrier,
 * the range was remembered, or the cell's maker still has it; what nobody refers to dies. */
#include "unit.h"

enum { SLOTS = 20000 };

static Value *old; /* static data is scanned */

static struct heap_stats stats(void)
{
    struct heap_stats s;
    heap_get_stats(&s);
    return s;
}

/* Allocates garbage until the next collection, which is a young one. */
static void collect_young(void)
{
    uint64_t before = stats().collections, full = stats().full_collections;
    while (stats().collections == before) {
        check(heap_alloc(64, CELL_RAW) != NULL);
    }
    check(stats().full_collections == full);
}

static NO_INLINE uint64_t *fresh(uint64_t number)
{
    uint64_t *cell = heap_alloc(24, CELL_RAW);
    *cell = number;
    return cell;
}

static Value pointer(void *cell)
{
    return value_from_object(cell);
}

static NO_INLINE void check_slots(const Value *slots, size_t step)
{
    for (size_t i = 0; i < SLOTS; i += step) {
        const uint64_t *cell = (const uint64_t *)(uintptr_t)slots[i].bits;
        check(heap_find_cell(cell) == cell && *cell == i);
    }
}

static NO_INLINE void test_barrier(void)
{
    for (size_t i = 0; i < SLOTS; i += 7) {
        heap_store_value(old, &old[i], pointer(fresh(i)));
        if (i % 700 == 0) {
            collect_young();
        }
    }
    collect_young();
    check_slots(old, 7);
}

static NO_INLINE void test_ranges(void)
{
    for (size_t i = 0; i < SLOTS; i++) {
        old[i] = pointer(fresh(i));
    }
    heap_remember_range(old, SLOTS * sizeof *old);
    collect_young();
    check_slots(old, 1);
}

/* Its maker may go on filling a cell with plain stores. */
static NO_INLINE void test_makers(void)
{
    Value *volatile made = heap_alloc(SLOTS * sizeof(Value), CELL_WORDS);
    Value *volatile scratch = heap_alloc(SLOTS * sizeof(Value), CELL_SCRATCH);
    Value *volatile below = heap_alloc(SLOTS * sizeof(Value), CELL_SCRATCH);
    scratch[0] = pointer(below);
    below = NULL;
    for (size_t i = 0; i < SLOTS; i++) {
        if (i % 1000 == 0) {
            collect_young();
        }
        made[i] = pointer(fresh(i));
        ((Value *)(uintptr_t)scratch[0].bits)[i] = pointer(fresh(i));
    }
    collect_young();
    check_slots(made, 1);
    check_slots((const Value *)(uintptr_t)scratch[0].bits, 1);
}

/* Two cells so far apart that they share cards of the table: the cards are cleaned for both after a
 * collection, and the maker of either may go on. */
static NO_INLINE void test_shared_cards(void)
{
    enum { APART_MEGABYTES = (HEAP_CARD_COUNT << HEAP_CARD_SHIFT) >> 20, NEAR_MEGABYTES = 16 };
    Value *volatile low = heap_alloc(SLOTS * sizeof(Value), CELL_WORDS);
    void *volatile between = heap_alloc((size_t)(APART_MEGABYTES - NEAR_MEGABYTES) << 20, CELL_RAW);
    char *volatile high = heap_alloc((size_t)2 * NEAR_MEGABYTES << 20, CELL_WORDS);
    size_t apart = (size_t)(high - (char *)low);
    check(between != NULL && apart < (size_t)APART_MEGABYTES << 20 &&
          apart > (size_t)(APART_MEGABYTES - NEAR_MEGABYTES) << 20);
    Value *shared = (Value *)(void *)(high + (((size_t)APART_MEGABYTES << 20) - apart));
    check(heap_card(shared) == heap_card((void *)low));
    heap_collect(COLLECT_REQUEST);
    for (size_t i = 0; i < SLOTS; i++) {
        low[i] = pointer(fresh(i));
        shared[i] = pointer(fresh(i));
        if (i % 1000 == 0) {
            collect_young();
        }
    }
    check_slots(low, 1);
    check_slots(shared, 1);
}

static NO_INLINE void test_deaths(void)
{
    collect_young();
    uint64_t live = stats().live_cells;
    for (size_t i = 0; i < SLOTS; i++) {
        fresh(i);
    }
    unit_clean_stack();
    collect_young();
    check(!UNIT_EXACT || stats().live_cells < live + 200);
    /* An old cell dies in a full collection. */
    old = NULL;
    unit_clean_stack();
    collect_young();
    check(!UNIT_EXACT || stats().live_cells + 200 > live);
    heap_collect(COLLECT_REQUEST);
    check(!UNIT_EXACT || stats().live_cells < 200);
}

int main(void)
{
    unit_start();
    heap_options.verify = true;
    heap_options.young_bytes = 1 << 20;
    heap_options.minimum_bytes = (size_t)1 << 30;
    heap_renew_threshold();
    old = heap_alloc(SLOTS * sizeof *old, CELL_WORDS);
    heap_collect(COLLECT_REQUEST);
    test_barrier();
    test_ranges();
    test_makers();
    test_shared_cards();
    unit_clean_stack(); /* of what test_makers has left */
    test_deaths();
    return 0;
}
