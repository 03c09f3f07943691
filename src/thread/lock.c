/* SPDX-License-Identifier: MIT */
/* Byte locks and ranked mutexes, slow paths; lock.h has the fast ones.
 *
 * Both are the three-state lock of the futex literature: free, held, held with waiters. A waiter
 * sets BYTE_LOCK_WAITERS before it parks, and takes the lock with that bit set when it has been
 * woken, since it cannot know whether others still sleep. An unlock that finds the bit clears both
 * and wakes one. Locks are never handed over: a thread that wakes up while the world is stopped
 * must not own anything. */
#include "thread/thread_int.h"

#include <sched.h>

/* How long a waiter stays awake. A byte lock is held for a few instructions, or a page fault;
 * falling asleep and being woken takes as long as all these rounds. A mutex may be held for as
 * long as a collection takes. */
#define SPINS_FOR_BYTE_LOCK 1000
#define SPINS_FOR_MUTEX 40

/* How long a waiter for a byte lock sleeps at most: see byte_unlock. */
#define BYTE_LOCK_PARK_NS 200000

/* Waits until the lock can be taken, and takes it. Looks again after each timeout. */
static void acquire(uint8_t *lock, unsigned most_spins, int64_t timeout_ns)
{
    uint8_t mark = 0;
    unsigned spins = 0;
    for (;;) {
        uint8_t seen = atomic_load_relaxed(lock);
        if ((seen & BYTE_LOCK_HELD) == 0) {
            uint8_t wanted = (uint8_t)(seen | BYTE_LOCK_HELD | mark);
            if (__atomic_compare_exchange_n(lock, &seen, wanted, 0, __ATOMIC_ACQUIRE,
                                            __ATOMIC_RELAXED)) {
                return;
            }
            continue;
        }
        if (spins < most_spins) {
            spins++;
            atomic_pause();
            continue;
        }
        uint8_t waiting = (uint8_t)(seen | BYTE_LOCK_WAITERS);
        if (seen != waiting && !atomic_cas_relaxed(lock, seen, waiting)) {
            continue;
        }
        park(lock, waiting, timeout_ns, false);
        mark = BYTE_LOCK_WAITERS;
        spins = 0;
    }
}

static void release(uint8_t *lock)
{
    uint8_t old =
        __atomic_fetch_and(lock, (uint8_t) ~(BYTE_LOCK_HELD | BYTE_LOCK_WAITERS), __ATOMIC_RELEASE);
    check(old & BYTE_LOCK_HELD);
    if (old & BYTE_LOCK_WAITERS) {
        unpark(lock, 1);
    }
}

void byte_lock_slow(uint8_t *lock)
{
    chaos_point();
    acquire(lock, SPINS_FOR_BYTE_LOCK, BYTE_LOCK_PARK_NS);
}

void byte_lock_chaos(void)
{
    chaos_point();
}

void byte_unlock_slow(uint8_t *lock)
{
    release(lock);
}

void byte_lock_pair(uint8_t *a, uint8_t *b)
{
    if (a == b) {
        byte_lock(a);
        return;
    }
    byte_lock(a < b ? a : b);
    byte_lock(a < b ? b : a);
}

void byte_unlock_pair(uint8_t *a, uint8_t *b)
{
    byte_unlock(a);
    if (a != b) {
        byte_unlock(b);
    }
}

/* ---- Mutexes. Checked builds remember what the thread holds. */

#ifdef OROCHI_CHECKS
#define HELD_MAX 16
static _Thread_local struct mutex *held[HELD_MAX];
static _Thread_local unsigned held_count;

static const char *rank_name(unsigned rank)
{
    static const char *const rank_names[] = {
#define LOCK_RANK(name, reason) #name,
#include "thread/lock_ranks.def"
#undef LOCK_RANK
    };
    return rank_names[rank];
}

static void note_locked(struct mutex *m)
{
    for (unsigned i = 0; i < held_count; i++) {
        if (held[i]->rank >= m->rank) {
            fatal_error("lock order: %s taken under %s", rank_name(m->rank),
                        rank_name(held[i]->rank));
        }
    }
    check(held_count < HELD_MAX);
    held[held_count++] = m;
}

static void note_unlocked(struct mutex *m)
{
    for (unsigned i = held_count; i-- > 0;) {
        if (held[i] == m) {
            held[i] = held[--held_count];
            return;
        }
    }
    fatal_error("mutex %s unlocked by a thread that does not hold it", rank_name(m->rank));
}

bool mutex_is_held(struct mutex *m)
{
    for (unsigned i = 0; i < held_count; i++) {
        if (held[i] == m) {
            return true;
        }
    }
    return false;
}
#else
static void note_locked(struct mutex *m)
{
    (void)m;
}
static void note_unlocked(struct mutex *m)
{
    (void)m;
}
bool mutex_is_held(struct mutex *m)
{
    return (atomic_load_relaxed(&m->state) & BYTE_LOCK_HELD) != 0;
}
#endif

/* Always locked in earnest, unlike a byte lock of a lone thread: a thread that is just being
 * attached takes mutexes, too. */
void mutex_lock(struct mutex *m)
{
    debug_assert(thread_current() == NULL || !thread_current()->in_extension);
    note_locked(m);
    chaos_point();
    thread_lock_depth++;
    uint8_t state = 0;
    if (!__atomic_compare_exchange_n(&m->state, &state, BYTE_LOCK_HELD, 0, __ATOMIC_ACQUIRE,
                                     __ATOMIC_RELAXED)) {
        acquire(&m->state, SPINS_FOR_MUTEX, -1);
    }
    chaos_point();
}

void mutex_unlock(struct mutex *m)
{
    release(&m->state);
    thread_lock_depth--;
    note_unlocked(m);
}
