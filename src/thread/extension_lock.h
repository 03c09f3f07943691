/* SPDX-License-Identifier: MIT */
/* The extension lock: what extension code has instead of the global lock of CPython.
 *
 * It is sticky: a thread that took it keeps it, also while it runs Python code afterwards, until
 *  - it detaches (thread_detach), which every blocking call and PyEval_SaveThread does; or
 *  - another thread asks for it, because it has waited a while, or has seen the owner run Python
 *    code: then it is given up at a safepoint that may run Python code (thread_poll_slow); or
 *  - it ends.
 * So whoever comes back to extension code from anything that may block or run Python code asks
 * again: extension_lock_take. A test and a branch if the thread still has it.
 *
 * It is outermost: it may be waited for only by a thread that holds no other lock of the runtime
 * (the waiter is DETACHED); it may be held while any other lock is taken. */
#ifndef OROCHI_THREAD_EXTENSION_LOCK_H
#define OROCHI_THREAD_EXTENSION_LOCK_H

#include "base/atomic.h"
#include "base/debug.h"

#include <Python.h>

struct thread;

/* The thread that may run extension code, or NULL. A thread may only compare it with itself:
 * that answer cannot change behind its back while it is RUNNING. */
extern struct thread *extension_lock_owner;

static ALWAYS_INLINE bool extension_lock_is_mine(const struct thread *t)
{
    return atomic_load_relaxed(&extension_lock_owner) == t;
}

/* May wait, detached. No Python code. */
COLD void extension_lock_take_slow(struct thread *t);
static ALWAYS_INLINE void extension_lock_take(struct thread *t)
{
    if (UNLIKELY(!extension_lock_is_mine(t))) {
        extension_lock_take_slow(t);
    }
}
/* The owner gives it up; nothing if it is not the caller's. Who has waited for long gets it, or who
 * is awake for it. */
void extension_lock_release(struct thread *t);
/* The same, at a poll of the thread that may run Python code, if somebody has asked for it and is
 * to get it now; who asked and does not get it asks again. */
void extension_lock_poll(struct thread *t);
/* Gives it up for a thread whose record is about to be freed. */
void extension_lock_forget(struct thread *t);
/* From now on *mirror is the state of the last owner: what CPython's headers take for the current
 * thread. Set once, before a second thread may want the lock. */
void extension_lock_set_mirror(PyThreadState **mirror);
/* -X ext-lock-log: from now on holds and waits are counted, for the module whose function the
 * thread called last. A hold lasts until the lock is given up, Python code in between included. */
void extension_lock_enable_log(void);
/* Prints them to stderr, if they were counted. */
void extension_lock_print_log(void);
/* All other threads are gone or frozen (the child of fork(), shutdown). */
void extension_lock_alone(struct thread *self);

#endif
