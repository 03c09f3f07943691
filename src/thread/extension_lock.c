/* SPDX-License-Identifier: MIT */
/* The extension lock; extension_lock.h says what it is.
 *
 * A free lock is taken, and given up, with one atomic exchange of the owner. Who finds it taken
 *  1. looks at the owner for SPIN_NS, unless somebody else does. One that stays outside of
 *     extension code for OUTSIDE_NS runs Python code, and is asked for the lock (POLL_EXTENSION),
 *     which it gives up at its next poll. One that calls extension code again and again is left
 *     alone: handing the lock to and fro for each call would cost more than it brings;
 *  2. then stands in a queue and sleeps. After PATIENCE_NS it asks in any case.
 * Who gives the lock up while others sleep wakes the first, but lets go of the lock: the sleeper
 * may need long to get a processor, and until then the lock would be of no use to anybody. Only who
 * has waited for STARVING_NS becomes the owner in its sleep, so that nobody starves. (A thread that
 * owns the lock while it is DETACHED is no danger: it does nothing else than wake up.)
 *
 * The queue is under `guard`, a leaf lock that is held for a few instructions. Giving up and
 * queueing cross (Dekker): the one stores the owner and looks at the queue, the other queues and
 * looks at the owner. The record of the owner may be looked at under the guard: a thread that ends
 * passes through the guard after it has given the lock up (extension_lock_forget).
 *
 * Rejected: handing over always. Two threads of Python and small NumPy calls convoyed: each found
 * the lock with a sleeping owner, and slept. */
#include "thread/extension_lock.h"

#include <dlfcn.h>
#include <errno.h>
#include <pthread.h>
#include <stdio.h>
#include <string.h>

#include "base/os.h"
#include "thread/thread_int.h"

#define SPIN_NS INT64_C(20000)
#define OUTSIDE_NS INT64_C(2000)
#define PAUSES_PER_LOOK 4
#define PATIENCE_NS INT64_C(200000)
#define STARVING_NS INT64_C(5000000)

enum waiter_word { WAITER_SLEEPS, WAITER_WOKEN, WAITER_OWNS };

struct waiter {
    struct thread *thread;
    const char *module; /* NULL: no log */
    int64_t since;
    struct waiter *next; /* under guard */
    uint32_t word;       /* futex; enum waiter_word; raised under guard */
};

struct thread *extension_lock_owner; /* atomic; from NULL by anybody, else by the owner */
static PyThreadState **owner_mirror; /* constant once set; *owner_mirror: by the owner */
static pthread_mutex_t guard = PTHREAD_MUTEX_INITIALIZER;
static struct waiter *first; /* atomic; written under guard */

/* ---- The log. */

struct module_use {
    const char *file;
    uint64_t holds, waits;
    int64_t held, longest_hold, waited, longest_wait; /* ns */
};

#define MODULES_MAX 128
static bool logs;                                          /* constant after start-up */
HOLDS_NO_CELLS static struct module_use uses[MODULES_MAX]; /* under guard, as all below */
static size_t use_count;
static struct module_use *holder; /* whose hold it is, since `held_since`; or NULL */
static int64_t held_since;

static const char *module_of(const struct thread *t)
{
    Dl_info info;
    const void *function = t->extension_function;
    return function != NULL && dladdr(function, &info) != 0 && info.dli_fname != NULL
               ? info.dli_fname
               : "other";
}

static struct module_use *use_of_locked(const char *file)
{
    for (size_t i = 0; i < use_count; i++) {
        if (strcmp(uses[i].file, file) == 0) {
            return &uses[i];
        }
    }
    if (use_count < MODULES_MAX) {
        uses[use_count].file = file;
        return &uses[use_count++];
    }
    return &uses[MODULES_MAX - 1];
}

static void note_hold_locked(const char *module)
{
    if (UNLIKELY(module != NULL)) {
        holder = use_of_locked(module);
        held_since = os_monotonic_ns();
    }
}

static void note_end_locked(void)
{
    if (UNLIKELY(holder != NULL)) {
        int64_t ns = os_monotonic_ns() - held_since;
        holder->holds++;
        holder->held += ns;
        holder->longest_hold = ns > holder->longest_hold ? ns : holder->longest_hold;
        holder = NULL;
    }
}

static void note_wait(const char *module, int64_t ns)
{
    pthread_mutex_lock(&guard);
    struct module_use *use = use_of_locked(module);
    use->waits++;
    use->waited += ns;
    use->longest_wait = ns > use->longest_wait ? ns : use->longest_wait;
    pthread_mutex_unlock(&guard);
}

void extension_lock_enable_log(void)
{
    logs = true;
}

void extension_lock_print_log(void)
{
    if (!logs) {
        return;
    }
    pthread_mutex_lock(&guard);
    note_end_locked();
    fprintf(stderr,
            "orochi ext-lock-log: module, holds, ms held, longest; waits, ms waited, longest\n");
    for (size_t i = 0; i < use_count; i++) {
        const struct module_use *u = &uses[i];
        const char *slash = strrchr(u->file, '/');
        fprintf(stderr, "orochi ext-lock-log: %s, %llu, %.3f, %.3f; %llu, %.3f, %.3f\n",
                slash != NULL ? slash + 1 : u->file, (unsigned long long)u->holds,
                (double)u->held / 1e6, (double)u->longest_hold / 1e6, (unsigned long long)u->waits,
                (double)u->waited / 1e6, (double)u->longest_wait / 1e6);
    }
    pthread_mutex_unlock(&guard);
}

/* ---- Taking and releasing. */

static void set_mirror(const struct thread *t)
{
    PyThreadState **mirror = atomic_load_acquire(&owner_mirror);
    if (mirror != NULL) {
        atomic_store_relaxed(mirror, (PyThreadState *)(uintptr_t)&t->state);
    }
}

void extension_lock_set_mirror(PyThreadState **mirror)
{
    atomic_store_release(&owner_mirror, mirror);
    if (extension_lock_owner != NULL) {
        set_mirror(extension_lock_owner);
    }
}

static bool try_own(struct thread *t, const char *module)
{
    struct thread *nobody = NULL;
    if (atomic_load_relaxed(&extension_lock_owner) != NULL ||
        !__atomic_compare_exchange_n(&extension_lock_owner, &nobody, t, 0, __ATOMIC_SEQ_CST,
                                     __ATOMIC_RELAXED)) {
        return false;
    }
    set_mirror(t);
    if (UNLIKELY(module != NULL)) {
        pthread_mutex_lock(&guard);
        note_hold_locked(module);
        pthread_mutex_unlock(&guard);
    }
    return true;
}

/* Was the owner seen outside of extension code? It is asked for the lock if `ask` says so. Not, if
 * somebody is about to change that. */
static bool look_at_owner(bool ask)
{
    if (pthread_mutex_trylock(&guard) != 0) {
        return false;
    }
    struct thread *owner = atomic_load_relaxed(&extension_lock_owner);
    bool outside = owner != NULL && !atomic_load_relaxed(&owner->in_extension);
    if (ask && owner != NULL && (atomic_load_relaxed(&owner->poll) & POLL_EXTENSION) == 0) {
        thread_request(owner, POLL_EXTENSION);
    }
    pthread_mutex_unlock(&guard);
    return outside;
}

/* True if it got the lock. `ask`: at once, else when the owner has been in Python code for a while.
 */
static bool look_for_a_while(struct thread *t, const char *module, bool ask)
{
    int64_t now = os_monotonic_ns(), end = now + SPIN_NS, inside = ask ? 0 : now;
    while (now < end) {
        for (int i = 0; i < PAUSES_PER_LOOK; i++) {
            if (try_own(t, module)) {
                return true;
            }
            atomic_pause();
        }
        bool outside = look_at_owner(now - inside >= OUTSIDE_NS);
        now = os_monotonic_ns();
        inside = outside || ask ? inside : now;
    }
    return false;
}

static bool somebody_spins; /* atomic */

static bool spin(struct thread *t, const char *module, bool ask)
{
    static unsigned processors; /* atomic */
    if (UNLIKELY(atomic_load_relaxed(&processors) == 0)) {
        atomic_store_relaxed(&processors, os_processor_count());
    }
    if (atomic_load_relaxed(&processors) == 1 ||
        __atomic_exchange_n(&somebody_spins, true, __ATOMIC_ACQUIRE)) {
        return false;
    }
    bool owns = look_for_a_while(t, module, ask);
    atomic_store_release(&somebody_spins, false);
    return owns;
}

static void enqueue(struct waiter *w)
{
    pthread_mutex_lock(&guard);
    struct waiter **end = &first;
    while (*end != NULL) {
        end = &(*end)->next;
    }
    atomic_store_seq_cst(end, w);
    pthread_mutex_unlock(&guard);
}

static void dequeue_locked(const struct waiter *w)
{
    struct waiter **place = &first;
    while (*place != w) {
        place = &(*place)->next;
    }
    atomic_store_relaxed(place, w->next);
}

/* For one that got the lock by itself. */
static void dequeue(const struct waiter *w)
{
    pthread_mutex_lock(&guard);
    dequeue_locked(w);
    pthread_mutex_unlock(&guard);
}

static bool try_from_queue(const struct waiter *w, bool woken)
{
    if (try_own(w->thread, w->module)) {
        return true;
    }
    bool patient = os_monotonic_ns() - w->since < PATIENCE_NS;
    bool outside = !patient && look_at_owner(true);
    return (woken || outside) && spin(w->thread, w->module, !patient);
}

/* In the queue; until the thread owns the lock. */
static void sleep_for_lock(struct waiter *w)
{
    int64_t patience = PATIENCE_NS;
    uint32_t word = WAITER_SLEEPS;
    while (word != WAITER_OWNS) {
        if (try_from_queue(w, word == WAITER_WOKEN)) {
            dequeue(w);
            return;
        }
        os_futex_wait(&w->word, WAITER_SLEEPS, patience);
        patience = patience < STARVING_NS ? patience * 2 : patience;
        word = WAITER_WOKEN;
        __atomic_compare_exchange_n(&w->word, &word, WAITER_SLEEPS, 0, __ATOMIC_SEQ_CST,
                                    __ATOMIC_ACQUIRE);
    }
}

void extension_lock_take_slow(struct thread *t)
{
    struct waiter w = {.thread = t, .module = logs ? module_of(t) : NULL};
    debug_assert(!t->in_extension);
    if (try_own(t, w.module)) {
        return;
    }
    w.since = os_monotonic_ns();
    thread_detach();
    if (!spin(t, w.module, false)) {
        enqueue(&w);
        sleep_for_lock(&w);
    }
    if (w.module != NULL) {
        note_wait(w.module, os_monotonic_ns() - w.since);
    }
    thread_reattach();
}

/* Makes the first waiter the owner if it has waited for very long. */
static bool hand_over_locked(struct waiter *w)
{
    if (w == NULL || os_monotonic_ns() - w->since < STARVING_NS) {
        return false;
    }
    dequeue_locked(w);
    note_hold_locked(w->module);
    set_mirror(w->thread);
    atomic_store_seq_cst(&extension_lock_owner, w->thread);
    atomic_store_release(&w->word, WAITER_OWNS);
    return true;
}

/* The word of a waiter that sleeps, and has to be woken; or NULL. */
static const uint32_t *wake_locked(struct waiter *w)
{
    if (w == NULL || atomic_load_relaxed(&w->word) != WAITER_SLEEPS) {
        return NULL;
    }
    atomic_store_release(&w->word, WAITER_WOKEN);
    return &w->word;
}

/* Not under the guard, which others would sleep for meanwhile. The waiter may be gone, having seen
 * its new word: then nobody sleeps at the address, or somebody wakes for nothing, and looks. */
static void wake(const uint32_t *word)
{
    if (word != NULL) {
        os_futex_wake(word, 1);
    }
}

static NO_INLINE void release_slow(void)
{
    pthread_mutex_lock(&guard);
    note_end_locked();
    struct waiter *next = first;
    const uint32_t *word;
    if (hand_over_locked(next)) {
        word = &next->word;
    } else {
        atomic_store_seq_cst(&extension_lock_owner, NULL);
        word = wake_locked(next);
    }
    pthread_mutex_unlock(&guard);
    wake(word);
}

static void wake_first(void)
{
    pthread_mutex_lock(&guard);
    const uint32_t *word = wake_locked(first);
    pthread_mutex_unlock(&guard);
    wake(word);
}

void extension_lock_release(struct thread *t)
{
    if (!extension_lock_is_mine(t)) {
        return;
    }
    if (logs || atomic_load_relaxed(&first) != NULL) {
        release_slow();
        return;
    }
    atomic_store_seq_cst(&extension_lock_owner, NULL);
    if (atomic_load_seq_cst(&first) != NULL) {
        wake_first();
    }
}

void extension_lock_forget(struct thread *t)
{
    extension_lock_release(t);
    pthread_mutex_lock(&guard);
    pthread_mutex_unlock(&guard);
}

void extension_lock_alone(struct thread *self)
{
    pthread_mutex_init(&guard, NULL);
    first = NULL;
    somebody_spins = false;
    if (extension_lock_owner != self) {
        atomic_store_relaxed(&extension_lock_owner, NULL);
    }
}
