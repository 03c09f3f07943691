/* SPDX-License-Identifier: MIT */
/* The extension lock; extension_lock.h says what it is.
 *
 * Waiters stand in a queue under `guard`, a leaf lock that is held for a few instructions. The
 * lock is handed over, not thrown open: the releaser makes the first waiter the owner and wakes
 * it, so nobody starves, and a thread that becomes owner while it sleeps (DETACHED) is no danger,
 * because it does nothing else than wake up. A waiter first waits for PATIENCE_NS, in case the
 * owner blocks or ends by itself, then asks it with POLL_EXTENSION, again and again. */
#include "thread/extension_lock.h"

#include <errno.h>
#include <pthread.h>

#include "base/os.h"
#include "thread/thread_int.h"

#define PATIENCE_NS INT64_C(200000)
#define ASK_AGAIN_NS INT64_C(5000000)

struct waiter {
    struct thread *thread;
    struct waiter *next;
    uint32_t granted; /* futex: 1 when the thread owns the lock */
};

struct thread *extension_lock_owner; /* written under guard */
static PyThreadState **owner_mirror; /* constant once set; *owner_mirror under guard */
static pthread_mutex_t guard = PTHREAD_MUTEX_INITIALIZER;
static struct waiter *first, **last = &first; /* under guard */

static void own_locked(struct thread *t)
{
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
        own_locked(extension_lock_owner);
    }
    pthread_mutex_unlock(&guard);
}

/* Takes the lock if it is free, else joins the queue; true if taken. */
static bool take_or_queue(struct waiter *w)
{
    pthread_mutex_lock(&guard);
    bool taken = extension_lock_owner == NULL;
    if (taken) {
        own_locked(w->thread);
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
    struct waiter w = {.thread = t};
    if (take_or_queue(&w)) {
        return;
    }
    int64_t patience = PATIENCE_NS;
    thread_detach();
    while (atomic_load_acquire(&w.granted) == 0) {
        if (os_futex_wait(&w.granted, 0, patience) == ETIMEDOUT) {
            thread_for_each(ask_owner, NULL);
            patience = ASK_AGAIN_NS;
        }
    }
    thread_reattach();
}

void extension_lock_release(struct thread *t)
{
    pthread_mutex_lock(&guard);
    struct waiter *w = extension_lock_owner == t ? first : NULL;
    if (w != NULL) {
        first = w->next;
        if (first == NULL) {
            last = &first;
        }
        own_locked(w->thread);
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
