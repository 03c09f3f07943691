/* SPDX-License-Identifier: MIT */
/* Middle collections: they do not mark tenured cells again, but what these refer to survives, be it
 * referred to since before they were tenured, or stored later, however many collections ago. What
 * nobody refers to any more dies, but for tenured cells, which a full collection frees. */
#include "unit.h"

enum { CELLS = 300, WORDS = 64, LARGE_WORDS = 4000 };

static Value *all; /* static data is scanned; too large to be tenured itself */

static struct heap_stats stats(void)
{
    struct heap_stats s;
    heap_get_stats(&s);
    return s;
}

static void collect_middle(void)
{
    uint64_t before = stats().middle_collections;
    while (stats().middle_collections == before) {
        heap_collect(COLLECT_STRESS);
    }
}

static Value pointer(void *cell)
{
    return value_from_object(cell);
}

static Value *cell_of(size_t i)
{
    return (Value *)(uintptr_t)all[i].bits;
}

static NO_INLINE void *fresh(uint64_t number)
{
    uint64_t *cell = heap_alloc(24, CELL_RAW);
    *cell = number;
    return cell;
}

static NO_INLINE void store_fresh(size_t i, size_t word)
{
    heap_store_value(cell_of(i), &cell_of(i)[word], pointer(fresh(i * WORDS + word)));
}

static NO_INLINE void check_fresh(size_t i, size_t word)
{
    const uint64_t *cell = (const uint64_t *)(uintptr_t)cell_of(i)[word].bits;
    check(heap_find_cell(cell) == cell && *cell == i * WORDS + word);
}

/* Word 0 of each third cell refers to a large one, which is never tenured. */
static NO_INLINE void make_tenured(void)
{
    for (size_t i = 0; i < CELLS; i++) {
        Value *cell = heap_alloc(WORDS * sizeof(Value), CELL_WORDS);
        heap_store_value(all, &all[i], pointer(cell));
        if (i % 3 == 0) {
            uint64_t *large = heap_alloc(LARGE_WORDS * sizeof(Value), CELL_RAW);
            large[LARGE_WORDS - 1] = i;
            heap_store_value(cell, &cell[0], pointer(large));
        }
    }
    heap_collect(COLLECT_REQUEST);
    heap_collect(COLLECT_REQUEST);
}

static NO_INLINE void test_what_they_had_before(void)
{
    for (int round = 0; round < 3; round++) {
        collect_middle();
        for (size_t i = 0; i < CELLS; i += 3) {
            const uint64_t *large = (const uint64_t *)(uintptr_t)cell_of(i)[0].bits;
            check(heap_find_cell(large) == large && large[LARGE_WORDS - 1] == i);
        }
    }
}

static NO_INLINE void test_stores(void)
{
    for (size_t word = 1; word < WORDS; word++) {
        for (size_t i = word % 7; i < CELLS; i += 7) {
            store_fresh(i, word);
        }
        if (word % 5 == 0) {
            collect_middle();
        } else if (word % 2 == 0) {
            heap_collect(COLLECT_STRESS);
        }
    }
    collect_middle();
    for (size_t word = 1; word < WORDS; word++) {
        for (size_t i = word % 7; i < CELLS; i += 7) {
            check_fresh(i, word);
        }
    }
}

static NO_INLINE void drop_stores(void)
{
    for (size_t i = 0; i < CELLS; i++) {
        for (size_t word = 1; word < WORDS; word++) {
            heap_store_value(cell_of(i), &cell_of(i)[word], VALUE_NULL);
        }
    }
}

/* In a heap of more than 2 GiB cells that far apart share cards of the table, which are cleaned
 * when the first of them is met. */
static NO_INLINE void test_shared_cards(void)
{
    enum { COUNT = 64000, FAR_MEGABYTES = (HEAP_CARD_COUNT << HEAP_CARD_SHIFT >> 20) - 16 };
    Value *volatile high = heap_alloc(COUNT * sizeof(Value), CELL_WORDS);
    void *volatile between = heap_alloc((size_t)FAR_MEGABYTES << 20, CELL_RAW);
    for (size_t i = 0; i < COUNT; i++) {
        Value *cell = heap_alloc(WORDS * sizeof(Value), CELL_WORDS);
        heap_store_value(high, &high[i], pointer(cell));
    }
    heap_collect(COLLECT_REQUEST);
    heap_collect(COLLECT_REQUEST);
    size_t shared = 0;
    for (size_t i = 0; i < COUNT; i++) {
        Value *cell = (Value *)(uintptr_t)high[i].bits;
        for (size_t k = 0; k < CELLS; k++) {
            if (heap_card(cell) == heap_card(cell_of(k))) {
                heap_store_value(cell, &cell[0], pointer(fresh(i)));
                shared++;
                break;
            }
        }
    }
    check(between != NULL && shared > 0);
    collect_middle();
    collect_middle();
    collect_middle();
}

/* Static data, too, share cards with cells, wherever both happen to lie. */
static char static_data[1 << 20];

static bool shares_card_with_static_data(const void *cell)
{
    size_t card = (size_t)(heap_card(cell) - heap_card(static_data)) % HEAP_CARD_COUNT;
    return card < sizeof static_data >> HEAP_CARD_SHIFT;
}

static NO_INLINE void test_static_data(void)
{
    enum { COUNT = 64000 };
    static const size_t table_bytes = (size_t)HEAP_CARD_COUNT << HEAP_CARD_SHIFT;
    Value *volatile high = heap_alloc(COUNT * sizeof(Value), CELL_WORDS);
    uintptr_t here = (uintptr_t)heap_alloc((size_t)1 << 20, CELL_RAW) + (1 << 20);
    uintptr_t there = (uintptr_t)static_data;
    void *volatile between = heap_alloc((there - here) % table_bytes, CELL_RAW);
    size_t shared = 0;
    for (size_t i = 0; i < COUNT && shared < CELLS; i++) {
        Value *cell = heap_alloc(WORDS * sizeof(Value), CELL_WORDS);
        heap_store_value(high, &high[i], pointer(cell));
        shared += shares_card_with_static_data(cell);
    }
    check(between != NULL && shared > 0);
    heap_collect(COLLECT_REQUEST);
    heap_collect(COLLECT_REQUEST);
    for (size_t i = 0; i < COUNT && high[i].bits != 0; i++) {
        Value *cell = (Value *)(uintptr_t)high[i].bits;
        heap_store_value(cell, &cell[0], pointer(fresh(i)));
    }
    collect_middle();
    collect_middle();
    collect_middle();
}

static NO_INLINE void test_deaths(void)
{
    for (size_t word = 1; word < WORDS; word++) {
        for (size_t i = 0; i < CELLS; i++) {
            store_fresh(i, word);
        }
    }
    heap_collect(COLLECT_REQUEST); /* what was stored is old, but not tenured */
    uint64_t live = stats().live_cells;
    drop_stores();
    unit_clean_stack();
    collect_middle();
    uint64_t tenured = stats().live_cells;
    check(!UNIT_EXACT || tenured + CELLS * WORDS / 8 < live);
    all = NULL;
    unit_clean_stack();
    collect_middle();
    check(!UNIT_EXACT || (stats().live_cells + 50 > tenured && tenured > CELLS));
    heap_collect(COLLECT_REQUEST);
    check(!UNIT_EXACT || stats().live_cells + CELLS - 50 < tenured);
}

int main(void)
{
    unit_start();
    heap_options.verify = true;
    heap_options.stress_interval = 1; /* for the choice of generations; nothing polls here */
    all = heap_alloc(LARGE_WORDS * sizeof *all, CELL_WORDS);
    make_tenured();
    test_what_they_had_before();
    test_stores();
    test_shared_cards();
    test_static_data();
    unit_clean_stack();
    test_deaths();
    return 0;
}
