/* SPDX-License-Identifier: MIT */
#include "unit.h"

#include <stdlib.h>

static void **root; /* static data is scanned */

static NO_INLINE void **list_new(size_t length, size_t bytes)
{
    void **head = NULL;
    for (size_t i = 0; i < length; i++) {
        void **cell = heap_alloc(bytes, CELL_WORDS);
        for (size_t w = 0; w < bytes / 8; w++) {
            check(cell[w] == NULL);
        }
        cell[0] = head;
        cell[1] = (void *)(uintptr_t)(i << 50 | 1); /* no address */
        head = cell;
    }
    return head;
}

static size_t list_length(void **head)
{
    size_t n = 0;
    for (; head != NULL; head = head[0]) {
        n++;
    }
    return n;
}

static struct heap_stats stats(void)
{
    struct heap_stats s;
    heap_get_stats(&s);
    return s;
}

static void test_sizes(void)
{
    for (size_t bytes = 1; bytes < 200000; bytes += bytes < 2000 ? 1 : 997) {
        char *cell = heap_alloc(bytes, CELL_RAW);
        check(heap_cell_size(cell) >= bytes && heap_cell_size(cell) < bytes * 2 + 65536);
        check(heap_find_cell(cell) == cell && heap_find_cell(cell + bytes - 1) == cell);
        for (size_t i = 0; i < bytes; i++) {
            check(cell[i] == 0);
        }
        memset(cell, 0xEE, bytes);
        check(bytes < 32 || bytes % 16 != 0 || (uintptr_t)cell % 16 == 0);
    }
    check(heap_find_cell(&stats) == NULL && heap_find_cell(NULL) == NULL);
}

/* A wide cell, held by an interior pointer only. */
static NO_INLINE void test_interior(void)
{
    void **wide = heap_alloc(8 * 300000, CELL_WORDS);
    for (size_t i = 0; i < 300000; i++) {
        wide[i] = heap_alloc(24, CELL_RAW);
        *(uint64_t *)wide[i] = i;
    }
    root = wide + 1000;
    wide = NULL;
    unit_clean_stack();
    heap_collect(COLLECT_REQUEST);
    heap_collect(COLLECT_REQUEST);
    check(stats().live_cells >= 300001 && (!UNIT_EXACT || stats().live_cells < 300200));
    for (size_t i = 0; i < 300000; i++) {
        check(*(uint64_t *)(root - 1000)[i] == i);
    }
}

/* What was registered is a root, malloc memory is not. */
static NO_INLINE void test_ranges(void)
{
    void **outside = malloc(16);
    outside[0] = list_new(1000, 64);
    heap_add_root_range(outside, 16);
    unit_clean_stack();
    heap_collect(COLLECT_REQUEST);
    check(stats().live_cells >= 1000 && list_length(outside[0]) == 1000);
    heap_remove_root_range(outside);
}

int main(void)
{
    unit_start();
    heap_options.markers = 3;
    test_sizes();
    heap_collect(COLLECT_REQUEST);

    root = list_new(200000, 48);
    check(list_new(100000, 48) != NULL);
    unit_clean_stack();
    heap_collect(COLLECT_REQUEST);
    check(list_length(root) == 200000);
    check(stats().live_cells >= 200000 && (!UNIT_EXACT || stats().live_cells < 200200));

    test_interior();
    root = NULL;
    test_ranges();
    unit_clean_stack();
    heap_collect(COLLECT_REQUEST);
    check((!UNIT_EXACT || stats().live_cells < 100));

    check(heap_alloc((size_t)1 << 60, CELL_RAW) == NULL);

    /* Memory does not grow without bound. */
    heap_options.minimum_bytes = 1 << 20;
    heap_renew_threshold();
    for (int i = 0; i < 1000; i++) {
        list_new(5000, 32);
    }
    check(stats().heap_bytes < (size_t)8 << 20);
    return 0;
}
