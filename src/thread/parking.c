/* SPDX-License-Identifier: MIT */
/* The parking lot: a hash table from addresses to the threads that sleep on them. So a lock needs
 * no more than two bits where it lives.
 *
 * A bucket is a spin lock and a list, first come first served. A waiter lives on the stack of the
 * thread that sleeps; the word that it sleeps on is in the thread's record, so that a signal
 * handler can wake it (thread_interrupt_park). The value at the address is compared under the
 * bucket's lock, and unpark takes that lock too: a thread that changes the value and then unparks
 * cannot slip in between the comparison and the enqueueing. */
#include "thread/thread_int.h"

#include "base/os.h"

#include <sched.h>
#include <string.h>

#define BUCKET_COUNT 256

enum { ASLEEP, WOKEN, INTERRUPTED, ASLEEP_FIRMLY /* not interruptible */ };

struct waiter {
    const uint8_t *address;
    uint32_t *word; /* atomic */
    struct waiter *next;
};

struct bucket {
    uint8_t held;                /* atomic: spin lock */
    struct waiter *first, *last; /* under held */
} __attribute__((aligned(64)));

HOLDS_NO_CELLS static struct bucket buckets[BUCKET_COUNT];

static struct bucket *find_bucket(const void *address)
{
    uint64_t hash = (uint64_t)(uintptr_t)address * UINT64_C(0x9E3779B97F4A7C15);
    return &buckets[hash >> 56];
}

static void bucket_lock(struct bucket *b)
{
    for (unsigned i = 0; __atomic_exchange_n(&b->held, 1, __ATOMIC_ACQUIRE) != 0; i++) {
        if (i < 50) {
            atomic_pause();
        } else {
            sched_yield();
        }
    }
}

static void bucket_unlock(struct bucket *b)
{
    atomic_store_release(&b->held, 0);
}

static void enqueue_locked(struct bucket *b, struct waiter *w)
{
    w->next = NULL;
    if (b->last != NULL) {
        b->last->next = w;
    } else {
        b->first = w;
    }
    b->last = w;
}

static void unlink_locked(struct bucket *b, struct waiter *before, struct waiter *w)
{
    if (before != NULL) {
        before->next = w->next;
    } else {
        b->first = w->next;
    }
    if (b->last == w) {
        b->last = before;
    }
}

/* Takes the waiter out of its bucket; false if an unpark has done so already. */
static bool withdraw(struct waiter *w)
{
    struct bucket *b = find_bucket(w->address);
    bool found = false;
    bucket_lock(b);
    struct waiter *before = NULL;
    for (struct waiter *i = b->first; i != NULL; before = i, i = i->next) {
        if (i == w) {
            unlink_locked(b, before, w);
            found = true;
            break;
        }
    }
    bucket_unlock(b);
    return found;
}

/* Sleeps until the word changes or the time is over. */
static enum park_result sleep_on(struct thread *t, struct waiter *w, int64_t timeout_ns,
                                 bool interruptible)
{
    int64_t deadline = timeout_ns < 0 ? 0 : os_monotonic_ns() + timeout_ns;
    for (;;) {
        uint32_t state = atomic_load_acquire(w->word);
        if (state == WOKEN) {
            return PARK_WOKEN;
        }
        if (interruptible && t != NULL && atomic_load_seq_cst(&t->interrupted)) {
            return PARK_INTERRUPTED;
        }
        int64_t left = -1;
        if (timeout_ns >= 0) {
            left = deadline - os_monotonic_ns();
            if (left <= 0) {
                return PARK_TIMEOUT;
            }
        }
        os_futex_wait(w->word, interruptible ? ASLEEP : ASLEEP_FIRMLY, left);
    }
}

enum park_result park(const uint8_t *address, uint8_t expected, int64_t timeout_ns,
                      bool interruptible)
{
    struct thread *t = thread_current();
    uint32_t own_word;
    struct waiter w = {.address = address, .word = t != NULL ? &t->park_word : &own_word};
    struct bucket *b = find_bucket(address);
    bucket_lock(b);
    if (atomic_load_acquire(address) != expected) {
        bucket_unlock(b);
        return PARK_CHANGED;
    }
    atomic_store_seq_cst(w.word, interruptible ? ASLEEP : ASLEEP_FIRMLY);
    enqueue_locked(b, &w);
    bucket_unlock(b);

    bool detach = t != NULL && atomic_load_relaxed(&t->status) == THREAD_RUNNING;
    if (detach) {
        atomic_store_relaxed(&t->may_hold_locks, thread_lock_depth > 1);
        thread_detach();
    }
    enum park_result result = sleep_on(t, &w, timeout_ns, interruptible);
    if (result != PARK_WOKEN && !withdraw(&w)) {
        /* An unpark chose this waiter: it counts as woken, once the waker has let go of it. */
        while (atomic_load_acquire(w.word) != WOKEN) {
            atomic_pause();
        }
        result = PARK_WOKEN;
    }
    if (detach) {
        thread_reattach();
        atomic_store_relaxed(&t->may_hold_locks, false);
    }
    if (result == PARK_INTERRUPTED) {
        atomic_store_seq_cst(&t->interrupted, 0);
    }
    return result;
}

int unpark(const uint8_t *address, int count)
{
    struct bucket *b = find_bucket(address);
    struct waiter *woken = NULL, **end = &woken;
    int n = 0;
    bucket_lock(b);
    struct waiter *before = NULL, *next;
    for (struct waiter *w = b->first; w != NULL && n < count; w = next) {
        next = w->next;
        if (w->address != address) {
            before = w;
            continue;
        }
        unlink_locked(b, before, w);
        w->next = NULL;
        *end = w;
        end = &w->next;
        n++;
    }
    bucket_unlock(b);
    for (struct waiter *w = woken; w != NULL; w = next) {
        next = w->next;
        uint32_t *word = w->word;
        /* After this store the waiter may be gone, and even its record: then the wake-up goes to an
         * address where nobody sleeps, or wakes somebody who looks again. */
        __atomic_store_n(word, WOKEN, __ATOMIC_SEQ_CST);
        os_futex_wake(word, 1);
    }
    return n;
}

void thread_interrupt_park(struct thread *t)
{
    atomic_store_seq_cst(&t->interrupted, 1);
    uint32_t asleep = ASLEEP;
    if (atomic_cas_acq_rel(&t->park_word, asleep, INTERRUPTED)) {
        os_futex_wake(&t->park_word, 1);
    }
}

void parking_reset(void)
{
    memset(buckets, 0, sizeof buckets);
}
