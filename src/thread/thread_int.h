/* SPDX-License-Identifier: MIT */
/* What the files of src/thread/ share. */
#ifndef OROCHI_THREAD_THREAD_INT_H
#define OROCHI_THREAD_THREAD_INT_H

#include "thread/lock.h"
#include "thread/thread.h"

#define VALUE_STACK_MIN ((size_t)1 << 20)
/* Most bytes of address space for a thread's value stack. ThreadSanitizer's shadow memory is four
 * times as big, and touched. */
#ifdef THREAD_SANITIZER
#define VALUE_STACK_MAX ((size_t)4 << 20)
#else
#define VALUE_STACK_MAX ((size_t)256 << 20)
#endif

/* State of the world. `list` and `stopping` are under list_lock; the rest as said. */
struct world {
    struct mutex stop_lock; /* held by the stopper from world_stop to world_resume */
    struct mutex list_lock;
    struct thread *first; /* under list_lock */
    uint32_t count;       /* atomic; written under list_lock */
    bool stopping;        /* under list_lock */
    bool frozen;          /* the other threads sleep for ever; main thread only */
    uint32_t always;      /* poll bits that every new thread gets; under list_lock */
    uint32_t sequence;    /* atomic futex: changes when a thread leaves RUNNING during a stop */
    bool stopper_sleeps;  /* atomic: on `sequence` */
    uint32_t waking;      /* atomic: resumed threads that slept, and do not run yet */
};
extern struct world world;
extern struct thread *main_thread;

/* A thread has left RUNNING while somebody stops the world. */
void world_tell_stopper(void);
/* In a signal handler: waits until the world goes on, or for a while. */
void world_stay_idle(const struct thread *t);

/* Chaos mode: yields now and then. */
extern bool chaos_enabled;
void chaos_yield_slow(void);
static inline void chaos_point(void)
{
    if (UNLIKELY(chaos_enabled)) {
        chaos_yield_slow();
    }
}

/* world_stop at a moment when no other thread holds a runtime lock, or one of the C library as it
 * may in extension code, for stops that these threads do not survive. Ordinary stops may find a
 * thread asleep that waits for a lock and holds others. */
void world_stop_unlocked(void);
/* Stops until the world is resumed. at_safepoint: it may take part in what the stopper does. */
void thread_stop_here(struct thread *t, bool at_safepoint);
/* For a thread that is about to stop at a safepoint: true if it may take part in what is done
 * meanwhile. Then it calls world_take_part once it is STOPPED, which returns when it is not any
 * more, or after a while in which there was nothing to do. */
bool world_stay_awake(void);
void world_take_part(const struct thread *t);
/* After fork() in the child: forgets threads that stayed awake in the stop. */
void world_forked(void);
/* After fork() in the child: forgets the waiters of threads that are gone. */
void parking_reset(void);

#endif
