/* SPDX-License-Identifier: MIT */
/* Chaos mode: random yields and short sleeps at polls, before a lock is taken and while it is held,
 * from a printed seed. */
#include "thread/thread_int.h"

#include "base/os.h"

#include <sched.h>
#include <stdio.h>
#include <time.h>

bool chaos_enabled;
static uint64_t chaos_seed;
static uint64_t chaos_threads;
static _Thread_local uint64_t chaos_state;

static uint64_t next_random(void)
{
    if (chaos_state == 0) {
        uint64_t number = atomic_fetch_add_relaxed(&chaos_threads, 1) + 1;
        chaos_state = (chaos_seed + number * UINT64_C(0x9E3779B97F4A7C15)) | 1;
    }
    chaos_state ^= chaos_state << 13;
    chaos_state ^= chaos_state >> 7;
    chaos_state ^= chaos_state << 17;
    return chaos_state;
}

void chaos_yield_slow(void)
{
    uint64_t r = next_random();
    if ((r & 63) == 0) {
        sched_yield();
    } else if ((r & 4095) == 1) {
        struct timespec nap = {0, (long)(r >> 40 & 0xFFFF)};
        nanosleep(&nap, NULL);
    }
}

void thread_enable_chaos(uint64_t seed)
{
    chaos_seed = seed != 0 ? seed : (uint64_t)os_monotonic_ns();
    chaos_enabled = true;
    fprintf(stderr, "orochi: chaos seed %llu\n", (unsigned long long)chaos_seed);
    thread_request_always(POLL_CHAOS);
}
