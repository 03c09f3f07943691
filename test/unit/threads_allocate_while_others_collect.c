/* SPDX-License-Identifier: MIT */
#include "unit.h"

#define THREADS 8

static void *shared_heads[THREADS]; /* atomic */

static void work(unsigned number)
{
    struct thread *t = thread_current();
    void **own = NULL;
    size_t length = 0;
    for (size_t i = 0; i < 60000; i++) {
        size_t bytes = 24 + (i * 7919 + number) % 300;
        void **cell = heap_alloc(bytes, CELL_WORDS);
        for (size_t w = 0; w < bytes / 8; w++) {
            check(cell[w] == NULL);
        }
        cell[1] = (void *)(uintptr_t)(UINT64_C(0xFFFE) << 48 | i);
        cell[0] = own;
        own = cell;
        if (++length == 500) {
            uint64_t expected = i;
            for (void **p = own; p != NULL; p = p[0]) {
                check((uint64_t)(uintptr_t)p[1] == (UINT64_C(0xFFFE) << 48 | expected));
                expected--;
            }
            atomic_store_release(&shared_heads[number], (void *)own);
            own = NULL;
            length = 0;
        }
        if (i % 100 == 0) {
            void **other = atomic_load_acquire(&shared_heads[(number + i) % THREADS]);
            size_t n = 0;
            for (; other != NULL; other = other[0]) {
                n++;
            }
            check(n == 0 || n == 500);
        }
        thread_safepoint_quiet(t);
    }
}

int main(void)
{
    unit_start();
    heap_options.markers = 3;
    heap_options.young_bytes = 512 << 10;
    heap_options.minimum_bytes = 1 << 20;
    heap_renew_threshold();
    unit_run_threads(THREADS, work);
    struct heap_stats stats;
    heap_get_stats(&stats);
    check(stats.collections > 10);
    heap_options.minimum_bytes = 8 << 20;
    heap_options.stress_interval = 2000;
    thread_request_always(POLL_CHAOS);
    unit_run_threads(THREADS, work);
    return 0;
}
