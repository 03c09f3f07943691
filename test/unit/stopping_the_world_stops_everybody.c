/* SPDX-License-Identifier: MIT */
#include "unit.h"

#include <time.h>

#define THREADS 12

static uint64_t counters[THREADS]; /* plain: own thread, or the stopper */
static uint32_t stop_requested;

static void storm(unsigned number)
{
    struct thread *t = thread_current();
    for (unsigned i = 0; i < 3000; i++) {
        counters[number]++;
        thread_safepoint_quiet(t);
        if (i % 16 == number) {
            thread_detach();
            thread_reattach();
        }
        if (i % 64 == number) {
            world_stop();
            uint64_t before[THREADS], sum = 0;
            memcpy(before, counters, sizeof before);
            for (int k = 0; k < 50; k++) {
                sum += counters[k % THREADS];
            }
            check(memcmp(before, counters, sizeof before) == 0);
            counters[(number + 1) % THREADS] += sum & 0;
            world_resume();
        }
    }
}

static void spawn_and_end(unsigned number)
{
    for (unsigned i = 0; i < 20 && !atomic_load_relaxed(&stop_requested); i++) {
        check(heap_alloc(64, CELL_WORDS) != NULL);
        if (number % 2 == 0) {
            heap_collect(COLLECT_REQUEST);
        }
        thread_safepoint_quiet(thread_current());
    }
}

int main(void)
{
    unit_start();
    unit_run_threads(THREADS, storm);
    for (unsigned i = 0; i < THREADS; i++) {
        check(counters[i] == 3000);
    }
    for (int i = 0; i < 10; i++) {
        unit_run_threads(THREADS, spawn_and_end);
    }
    unit_run_threads(100, spawn_and_end);
    thread_freeze_others();
    heap_collect(COLLECT_SHUTDOWN);
    return 0;
}
