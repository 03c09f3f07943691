/* SPDX-License-Identifier: MIT */
/* Stopping the world; thread.c explains the protocol. */
#include "thread/thread_int.h"

#include "base/os.h"
#include "thread/extension_lock.h"

#include <time.h>

struct world world = {.stop_lock = MUTEX_INIT(WORLD), .list_lock = MUTEX_INIT(THREAD_LIST)};

bool world_is_stopped(void)
{
    struct thread *t = thread_current();
    return t != NULL && t->stops_world;
}

static void ask_all_to_stop(struct thread *self)
{
    mutex_lock(&world.list_lock);
    world.stopping = true;
    for (struct thread *t = world.first; t != NULL; t = t->next) {
        if (t != self) {
            __atomic_fetch_or(&t->poll, POLL_STOP_WORLD, __ATOMIC_SEQ_CST);
        }
    }
    mutex_unlock(&world.list_lock);
}

/* Makes detached threads stopped ones; returns how many still run. */
static unsigned count_running(struct thread *self)
{
    unsigned running = 0;
    mutex_lock(&world.list_lock);
    for (struct thread *t = world.first; t != NULL; t = t->next) {
        if (t == self) {
            continue;
        }
        uint32_t status = THREAD_DETACHED;
        __atomic_compare_exchange_n(&t->status, &status, THREAD_STOPPED, 0, __ATOMIC_SEQ_CST,
                                    __ATOMIC_SEQ_CST);
        running += status == THREAD_RUNNING;
    }
    mutex_unlock(&world.list_lock);
    return running;
}

static void wait_until_stopped(struct thread *self)
{
    for (unsigned round = 0;; round++) {
        uint32_t sequence = atomic_load_seq_cst(&world.sequence);
        if (count_running(self) == 0) {
            return;
        }
        for (int i = 0; i < 200 && atomic_load_relaxed(&world.sequence) == sequence; i++) {
            atomic_pause();
        }
        if (atomic_load_relaxed(&world.sequence) == sequence) {
            os_futex_wait(&world.sequence, sequence, -1);
        }
    }
}

void world_stop(void)
{
    struct thread *self = thread_current();
    debug_assert(!self->stops_world);
    debug_assert(atomic_load_relaxed(&self->status) == THREAD_RUNNING);
    mutex_lock(&world.stop_lock);
    self->stops_world = true;
    if (!world.frozen) {
        ask_all_to_stop(self);
        wait_until_stopped(self);
    }
}

void world_resume(void)
{
    struct thread *self = thread_current();
    debug_assert(self->stops_world);
    if (!world.frozen) {
        mutex_lock(&world.list_lock);
        world.stopping = false;
        for (struct thread *t = world.first; t != NULL; t = t->next) {
            if (t != self) {
                atomic_fetch_and_acq_rel(&t->poll, ~(uint32_t)POLL_STOP_WORLD);
                atomic_store_seq_cst(&t->status, THREAD_DETACHED);
                os_futex_wake(&t->status, INT32_MAX);
            }
        }
        mutex_unlock(&world.list_lock);
    }
    self->stops_world = false;
    mutex_unlock(&world.stop_lock);
}

static bool somebody_waits_holding(void)
{
    for (struct thread *t = world.first; t != NULL; t = t->next) {
        if (atomic_load_relaxed(&t->waits_holding)) {
            return true;
        }
    }
    return false;
}

void world_stop_unlocked(void)
{
    world_stop();
    while (somebody_waits_holding()) {
        world_resume();
        nanosleep(&(struct timespec){.tv_nsec = 100000}, NULL);
        world_stop();
    }
}

void thread_freeze_others(void)
{
    world_stop_unlocked();
    world.frozen = true;
    extension_lock_alone(thread_current());
    thread_current()->stops_world = false;
    mutex_unlock(&world.stop_lock);
}

bool thread_others_are_frozen(void)
{
    return world.frozen;
}
