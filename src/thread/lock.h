/* SPDX-License-Identifier: MIT */
/* Locks: one byte in the object, a parking lot on the side (thread/parking.c).
 *
 * A byte lock protects one container for a few instructions. Its holder runs no Python code,
 * reaches no safepoint, allocates only through heap_alloc (which does not collect under a lock),
 * and does not block except for a byte lock of an object that the lock order allows.
 * A mutex protects runtime state (block pool, thread list, intern table ...) and has a rank;
 * debug builds check that ranks only increase. The table of ranks is thread/lock_ranks.def. */
#ifndef OROCHI_THREAD_LOCK_H
#define OROCHI_THREAD_LOCK_H

#include "base/atomic.h"
#include "base/debug.h"

enum { BYTE_LOCK_HELD = 1, BYTE_LOCK_WAITERS = 2 };

/* How many byte locks and mutexes the calling thread holds. While it is not zero the thread neither
 * stops nor collects: heap_alloc asks here. */
extern _Thread_local uint32_t thread_lock_depth;

/* Set for good when a second thread comes, before it may touch an object, while nobody holds a byte
 * lock. As long as it is zero byte locks only count, and what they guard needs no atomic operation.
 * THREAD_MANY_CHAOS: and whoever got a byte lock yields now and then (chaos mode).
 */
enum { THREAD_MANY = 1, THREAD_MANY_CHAOS };
extern uint8_t thread_many;

COLD void byte_lock_slow(uint8_t *lock);
COLD void byte_unlock_slow(uint8_t *lock);
COLD void byte_lock_chaos(void);

/* Blocks until the lock is held. The two low bits of the byte are the lock's; the other six
 * are preserved. No safepoint (the waiter counts as detached while it is parked). */
static inline void byte_lock(uint8_t *lock)
{
    thread_lock_depth++;
    uint8_t many = thread_many;
    if (LIKELY(!many)) {
        return;
    }
    uint8_t free_state =
        (uint8_t)(atomic_load_relaxed(lock) & ~(BYTE_LOCK_HELD | BYTE_LOCK_WAITERS));
    if (UNLIKELY(!__atomic_compare_exchange_n(lock, &free_state, free_state | BYTE_LOCK_HELD, 0,
                                              __ATOMIC_ACQUIRE, __ATOMIC_RELAXED))) {
        byte_lock_slow(lock);
    }
    if (UNLIKELY(many == THREAD_MANY_CHAOS)) {
        byte_lock_chaos();
    }
}

/* A plain store: an atomic exchange would cost as much as what the lock protects. A waiter that
 * sets its bit between the load and the store is not woken; so waiters sleep for a short time only.
 */
static inline void byte_unlock(uint8_t *lock)
{
    if (UNLIKELY(thread_many)) {
        uint8_t state = atomic_load_relaxed(lock);
        if (UNLIKELY(state & BYTE_LOCK_WAITERS)) {
            byte_unlock_slow(lock);
        } else {
            atomic_store_release(lock, (uint8_t)(state & ~BYTE_LOCK_HELD));
        }
    }
    thread_lock_depth--;
}

/* Locks two objects in address order; a == b is allowed. */
void byte_lock_pair(uint8_t *a, uint8_t *b);
void byte_unlock_pair(uint8_t *a, uint8_t *b);

/* Ranks, lowest (outermost) first: a mutex is only taken while all held ones rank lower. */
enum lock_rank {
#define LOCK_RANK(name, reason) RANK_##name,
#include "thread/lock_ranks.def"
#undef LOCK_RANK
};

struct mutex {
    uint8_t state;
    uint8_t rank;
};
#define MUTEX_INIT(rank_name)                                                                      \
    {                                                                                              \
        0, RANK_##rank_name                                                                        \
    }

/* Taking a mutex may block; the waiter counts as detached while it is parked. */
void mutex_lock(struct mutex *m);
void mutex_unlock(struct mutex *m);
bool mutex_is_held(struct mutex *m); /* debug builds: by the calling thread */

/* The parking lot: a thread sleeps on an address until another wakes it.
 * park: sleeps while *address == expected (one byte), at most timeout_ns (negative: no limit);
 * detaches the thread meanwhile if it is RUNNING. Returns PARK_WOKEN, PARK_CHANGED (the byte was
 * not `expected`), PARK_TIMEOUT, or PARK_INTERRUPTED (a signal arrived and `interruptible`). */
enum park_result { PARK_WOKEN, PARK_CHANGED, PARK_TIMEOUT, PARK_INTERRUPTED };
enum park_result park(const uint8_t *address, uint8_t expected, int64_t timeout_ns,
                      bool interruptible);
/* Wakes up to `count` threads parked on the address; returns how many. */
int unpark(const uint8_t *address, int count);

#endif
