/* SPDX-License-Identifier: MIT */
/* The extension lock; extension_lock.h says what it is.
 *
 * Waiters stand in a queue under `guard`, a leaf lock that is held for a few instructions. The
 * lock is handed over, not thrown open: the releaser makes the first waiter the owner and wakes
 * it, so nobody starves, and a thread that becomes owner while it sleeps (DETACHED) is no danger,
 * because it does nothing else than wake up. A waiter first waits for PATIENCE_NS, in case the
 * owner blocks or ends by itself, then asks it with POLL_EXTENSION, again and again. */
#include "thread/extension_lock.h"

#include <dlfcn.h>
#include <errno.h>
#include <pthread.h>
#include <stdio.h>
#include <string.h>

#include "base/os.h"
#include "thread/thread_int.h"

#define PATIENCE_NS INT64_C(200000)
#define ASK_AGAIN_NS INT64_C(5000000)

struct waiter {
    struct thread *thread;
    const char *module; /* NULL: no log */
    struct waiter *next;
    uint32_t granted; /* futex: 1 when the thread owns the lock */
};

struct thread *extension_lock_owner; /* written under guard */
static PyThreadState **owner_mirror; /* constant once set; *owner_mirror under guard */
static pthread_mutex_t guard = PTHREAD_MUTEX_INITIALIZER;
static struct waiter *first, **last = &first; /* under guard */

/* ---- The log. */

struct module_use {
    const char *file;
    uint64_t holds, waits;
    int64_t held, longest_hold, waited, longest_wait; /* ns */
};

#define MODULES_MAX 128
static bool logs;                           /* constant after start-up */
static struct module_use uses[MODULES_MAX]; /* under guard, as all below */
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

static void own_locked(struct thread *t, const char *module)
{
    note_hold_locked(module);
    atomic_store_relaxed(&extension_lock_owner, t);
    if (owner_mirror != NULL) {
        atomic_store_relaxed(owner_mirror, &t->state);
    }
}

void extension_lock_set_mirror(PyThreadState **mirror)
{
    pthread_mutex_lock(&guard);
    owner_mirror = mirror;
    if (extension_lock_owner != NULL) {
        own_locked(extension_lock_owner, NULL);
    }
    pthread_mutex_unlock(&guard);
}

/* Takes the lock if it is free, else joins the queue; true if taken. */
static bool take_or_queue(struct waiter *w)
{
    pthread_mutex_lock(&guard);
    bool taken = extension_lock_owner == NULL;
    if (taken) {
        own_locked(w->thread, w->module);
    } else {
        *last = w;
        last = &w->next;
    }
    pthread_mutex_unlock(&guard);
    return taken;
}

static void ask_owner(struct thread *t, void *argument)
{
    (void)argument;
    if (extension_lock_is_mine(t)) {
        thread_request(t, POLL_EXTENSION);
    }
}

void extension_lock_take_slow(struct thread *t)
{
    struct waiter w = {.thread = t, .module = logs ? module_of(t) : NULL};
    debug_assert(!t->in_extension);
    if (take_or_queue(&w)) {
        return;
    }
    int64_t patience = PATIENCE_NS, start = w.module != NULL ? os_monotonic_ns() : 0;
    thread_detach();
    while (atomic_load_acquire(&w.granted) == 0) {
        if (os_futex_wait(&w.granted, 0, patience) == ETIMEDOUT) {
            thread_for_each(ask_owner, NULL);
            patience = ASK_AGAIN_NS;
        }
    }
    if (w.module != NULL) {
        note_wait(w.module, os_monotonic_ns() - start);
    }
    thread_reattach();
}

void extension_lock_release(struct thread *t)
{
    pthread_mutex_lock(&guard);
    struct waiter *w = extension_lock_owner == t ? first : NULL;
    if (extension_lock_owner == t) {
        note_end_locked();
    }
    if (w != NULL) {
        first = w->next;
        if (first == NULL) {
            last = &first;
        }
        own_locked(w->thread, w->module);
        atomic_store_release(&w->granted, 1);
        os_futex_wake(&w->granted, 1);
    } else if (extension_lock_owner == t) {
        atomic_store_relaxed(&extension_lock_owner, NULL);
    }
    pthread_mutex_unlock(&guard);
}

void extension_lock_alone(struct thread *self)
{
    pthread_mutex_init(&guard, NULL);
    first = NULL;
    last = &first;
    if (extension_lock_owner != self) {
        atomic_store_relaxed(&extension_lock_owner, NULL);
    }
}
