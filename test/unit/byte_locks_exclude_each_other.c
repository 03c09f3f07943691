/* SPDX-License-Identifier: MIT */
#include "unit.h"

#define THREADS 8
#define ROUNDS 100000

static struct {
    uint8_t lock;
    uint64_t count; /* under lock */
} shared[2];
static struct mutex outer = MUTEX_INIT(TYPE);
static uint64_t outer_count;

static void count(unsigned number)
{
    (void)number;
    for (int i = 0; i < ROUNDS; i++) {
        byte_lock(&shared[0].lock);
        shared[0].count++;
        byte_unlock(&shared[0].lock);
        if (i % 8 == 0) {
            byte_lock_pair(&shared[i % 16 == 0].lock, &shared[i % 16 != 0].lock);
            shared[1].count++;
            byte_unlock_pair(&shared[0].lock, &shared[1].lock);
            mutex_lock(&outer);
            outer_count++;
            mutex_unlock(&outer);
        }
        thread_safepoint_quiet(thread_current());
    }
}

/* A chain of threads, each of which wakes the next one. */
static uint8_t turn;

static void take_turns(unsigned number)
{
    for (int i = 0; i < 200; i++) {
        for (;;) {
            uint8_t now = atomic_load_acquire(&turn);
            if (now == number) {
                break;
            }
            park(&turn, now, -1, false);
        }
        atomic_store_release(&turn, (uint8_t)((number + 1) % THREADS));
        unpark(&turn, THREADS);
    }
}

int main(void)
{
    unit_start();
    shared[0].lock = 0xA4; /* the upper bits belong to somebody else */
    unit_run_threads(THREADS, count);
    check(shared[0].count == (uint64_t)THREADS * ROUNDS && shared[0].lock == 0xA4);
    check(shared[1].count == (uint64_t)THREADS * ROUNDS / 8);
    check(outer_count == (uint64_t)THREADS * ROUNDS / 8);

    unit_run_threads(THREADS, take_turns);

    uint8_t never = 7;
    check(park(&never, 6, -1, false) == PARK_CHANGED);
    check(park(&never, 7, 2000000, false) == PARK_TIMEOUT);
    /* Only a real signal ends a sleep, once; what interrupt_main sets does not. */
    thread_request(thread_current(), POLL_SIGNAL);
    check(park(&never, 7, 2000000, true) == PARK_TIMEOUT);
    thread_interrupt_park(thread_current());
    check(park(&never, 7, 2000000, false) == PARK_TIMEOUT);
    check(park(&never, 7, -1, true) == PARK_INTERRUPTED);
    check(park(&never, 7, 2000000, true) == PARK_TIMEOUT);
    check(unpark(&never, 1) == 0);
    return 0;
}
