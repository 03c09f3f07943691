/* SPDX-License-Identifier: MIT */
/* The extension lock; extension_lock.h says what it is.
 *
 * A free lock is taken, and given up, with one atomic exchange of the owner. Who finds it taken
 *  1. stays awake for SPIN_NS, unless somebody else does (the spinner), and asks the owner for the
 *     lock (POLL_EXTENSION). That decides at its next poll: the lock changes hands if the owner is
 *     going to be in Python code for LONG_NS, or was so long already. Handing it to another
 *     processor and back takes about as long, most of it for the lines of the cache that extension
 *     code writes; so one that calls extension code again and again is left alone. How long it
 * stays away after a call of a function is remembered per thread and function;
 *  2. then stands in a queue and sleeps. After PATIENCE_NS it asks in any case.
 * Who gives the lock up makes the spinner the owner, which is awake. Else it wakes the first
 * sleeper, but lets go of the lock: the sleeper may need long to get a processor, and until then
 * the lock would be of no use to anybody. Only who has waited for STARVING_NS becomes the owner in
 * its sleep, so that nobody starves. (A thread that owns the lock while it is DETACHED is no
 * danger: it does nothing else than wake up.)
 *
 * The queue is under `guard`, a leaf lock that is held for a few instructions. Giving up and
 * queueing cross (Dekker): the one stores the owner and looks at the queue, the other queues and
 * looks at the owner. The record of the owner may be looked at under the guard: a thread that ends
 * passes through the guard after it has given the lock up (extension_lock_forget).
 *
 * Rejected: a spinner that watches whether the owner is in extension code. Each of the owner's
 * crossings then had to fetch its record back from the other processor.
 * Rejected: handing over always. Two threads of Python and small NumPy calls took two to three
 * times as long as one after the other. */
#include "thread/extension_lock.h"

#include <dlfcn.h>
#include <errno.h>
#include <pthread.h>
#include <stdio.h>
#include <string.h>

#include "base/os.h"
#include "thread/thread_int.h"

#define SPIN_NS INT64_C(20000)
#define LONG_NS INT64_C(3000)
#define ASK_NS INT64_C(1000)
#define PAUSES_PER_LOOK 16
#define PATIENCE_NS INT64_C(2000000)
#define STARVING_NS INT64_C(5000000)

/* thread.extension_stays */
enum { STAY_LONG = 2, STAY_LONG_MAX = 3 };

/* HANDED: it owns the lock, as the spinner. OWNS: it does, and is out of the queue. */
enum waiter_word { WAITER_SLEEPS, WAITER_WOKEN, WAITER_HANDED, WAITER_OWNS };

struct waiter {
    struct thread *thread;
    const char *module; /* NULL: no log */
    int64_t since;
    struct waiter *next; /* under guard */
    uint32_t word;       /* futex; enum waiter_word; raised under guard, but for HANDED */
};

struct thread *extension_lock_owner; /* atomic; from NULL by anybody, else by the owner */
static PyThreadState **owner_mirror; /* constant once set; *owner_mirror: by the owner */
static pthread_mutex_t guard = PTHREAD_MUTEX_INITIALIZER;
static struct waiter *first;       /* atomic; written under guard */
static bool somebody_is_impatient; /* atomic: has waited for PATIENCE_NS; until the next release */
static struct waiter *spinner; /* atomic; by itself, or to NULL by who hands the lock over to it */

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

/* Asks the owner for the lock. Not, if somebody is about to change it. */
static void ask_owner(void)
{
    if (pthread_mutex_trylock(&guard) == 0) {
        struct thread *owner = atomic_load_acquire(&extension_lock_owner);
        if (owner != NULL) {
            thread_request(owner, POLL_EXTENSION);
        }
        pthread_mutex_unlock(&guard);
    }
}

/* Until the spinner owns the lock, or SPIN_NS are over. The owner's record is touched as seldom as
 * can be: its processor would have to fetch the line back for each crossing. */
static void look_for_a_while(struct waiter *w)
{
    int64_t now = os_monotonic_ns(), end = now + SPIN_NS, next = now;
    while (now < end) {
        if (try_own(w->thread, w->module)) {
            return;
        }
        if (now >= next) {
            ask_owner();
            next = now + ASK_NS;
        }
        for (int i = 0; i < PAUSES_PER_LOOK; i++) {
            if (atomic_load_acquire(&w->word) >= WAITER_HANDED) {
                return;
            }
            atomic_pause();
        }
        now = os_monotonic_ns();
    }
}

static bool become_spinner(struct waiter *w)
{
    static unsigned processors; /* atomic */
    if (UNLIKELY(atomic_load_relaxed(&processors) == 0)) {
        atomic_store_relaxed(&processors, os_processor_count());
    }
    struct waiter *nobody = NULL;
    return atomic_load_relaxed(&processors) > 1 && atomic_load_relaxed(&spinner) == NULL &&
           __atomic_compare_exchange_n(&spinner, &nobody, w, 0, __ATOMIC_SEQ_CST, __ATOMIC_RELAXED);
}

/* Is awake for the lock for a while, unless somebody else is. True if it got the lock. */
static bool spin(struct waiter *w)
{
    if (!become_spinner(w)) {
        return false;
    }
    look_for_a_while(w);
    struct waiter *self = w;
    if (!__atomic_compare_exchange_n(&spinner, &self, NULL, 0, __ATOMIC_ACQ_REL,
                                     __ATOMIC_RELAXED)) {
        while (atomic_load_acquire(&w->word) < WAITER_HANDED) {
            atomic_pause(); /* it is being handed over */
        }
    }
    return extension_lock_is_mine(w->thread);
}

/* ---- When is it worth giving up? If the owner stays outside for longer than it takes to hand the
 * lock to another processor and back. What it did after its last calls of the same function tells:
 * a counter per function (as in a branch predictor) that goes up for a long stay. */

static uint8_t *stays_after(struct thread *t, const void *function)
{
    return &t->extension_stays[((uintptr_t)function >> 4) % THREAD_EXTENSION_STAYS];
}

static void note_stay(struct thread *t, bool is_long)
{
    uint8_t *stays = t->extension_stay;
    if (stays != NULL) {
        *stays = is_long ? STAY_LONG_MAX : *stays > 0 ? *stays - 1 : 0;
        t->extension_stay = NULL;
    }
}

/* The first poll since the last call of extension code notes the time, and asks the counter. */
static bool stays_outside(struct thread *t)
{
    int64_t now = os_monotonic_ns();
    if (t->extension_function != NULL) {
        t->extension_stay = stays_after(t, t->extension_function);
        t->extension_function = NULL; /* the next call sets it */
        t->extension_left = now;
        return *t->extension_stay >= STAY_LONG;
    }
    return now - t->extension_left >= LONG_NS;
}

/* ---- Waiting in the queue. */

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

/* For one that got the lock while it was awake: by itself, as the spinner, or as a starving one. */
static void dequeue(const struct waiter *w)
{
    pthread_mutex_lock(&guard);
    if (w->word != WAITER_OWNS) {
        dequeue_locked(w);
    }
    pthread_mutex_unlock(&guard);
}

static bool try_from_queue(struct waiter *w, bool woken)
{
    if (try_own(w->thread, w->module)) {
        return true;
    }
    bool patient = os_monotonic_ns() - w->since < PATIENCE_NS;
    if (!patient) {
        atomic_store_relaxed(&somebody_is_impatient, true);
        ask_owner();
    }
    return (woken || !patient) && spin(w);
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
    w.since = os_monotonic_ns();
    note_stay(t, w.since - t->extension_left >= LONG_NS);
    if (try_own(t, w.module)) {
        return;
    }
    thread_detach();
    if (!spin(&w)) {
        enqueue(&w);
        sleep_for_lock(&w);
    }
    if (w.module != NULL) {
        note_wait(w.module, os_monotonic_ns() - w.since);
    }
    thread_reattach();
}

/* For the owner: makes the spinner, which is awake, the next one. */
static bool hand_to_spinner(void)
{
    struct waiter *w = atomic_load_relaxed(&spinner);
    if (w == NULL ||
        !__atomic_compare_exchange_n(&spinner, &w, NULL, 0, __ATOMIC_ACQ_REL, __ATOMIC_RELAXED)) {
        return false;
    }
    if (UNLIKELY(w->module != NULL)) { /* then this is under the guard */
        note_hold_locked(w->module);
    }
    set_mirror(w->thread);
    atomic_store_seq_cst(&extension_lock_owner, w->thread);
    atomic_store_release(&w->word, WAITER_HANDED);
    return true;
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
    uint32_t word = WAITER_SLEEPS;
    return w != NULL && __atomic_compare_exchange_n(&w->word, &word, WAITER_WOKEN, 0,
                                                    __ATOMIC_RELEASE, __ATOMIC_RELAXED)
               ? &w->word
               : NULL;
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
    const uint32_t *word = NULL;
    if (hand_over_locked(next)) {
        word = &next->word;
    } else if (!hand_to_spinner()) {
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
    if (UNLIKELY(atomic_load_relaxed(&somebody_is_impatient))) {
        atomic_store_relaxed(&somebody_is_impatient, false);
    }
    if (logs || atomic_load_relaxed(&first) != NULL) {
        release_slow();
        return;
    }
    if (hand_to_spinner()) {
        return;
    }
    atomic_store_seq_cst(&extension_lock_owner, NULL);
    if (atomic_load_seq_cst(&first) != NULL) {
        wake_first();
    }
}

void extension_lock_poll(struct thread *t)
{
    if (extension_lock_is_mine(t) &&
        (atomic_load_relaxed(&somebody_is_impatient) || stays_outside(t))) {
        extension_lock_release(t);
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
    spinner = NULL;
    somebody_is_impatient = false;
    if (extension_lock_owner != self) {
        atomic_store_relaxed(&extension_lock_owner, NULL);
    }
}
