/* SPDX-License-Identifier: MIT */
/* What the files of the _thread module share. */
#ifndef OROCHI_MODULE_THREAD_INT_H
#define OROCHI_MODULE_THREAD_INT_H

#include "object/native.h"
#include "object/object.h"

extern PyTypeObject thread_lock_type, thread_rlock_type, thread_local_type;

/* A new unlocked lock; NULL with an exception. */
PyObject *thread_lock_new(void);
/* Unlocks it if it is locked. No Python code. */
void thread_lock_release_quietly(PyObject *lock);
/* A thread ends: its values of all thread-local objects go. */
void thread_local_forget(struct thread *t);
/* Seconds to nanoseconds, rounded up. 0, or -1 with an exception. */
int thread_timeout(Value v, int64_t *out);

#endif
