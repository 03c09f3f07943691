/* SPDX-License-Identifier: MIT */
/* Threads: how they come and go, and how they stop.
 *
 * Every OS thread that touches objects has a record (struct thread). It begins with CPython's
 * PyThreadState, because extensions read that, and goes on with what Orochi needs: a poll word, a
 * status, a value stack, allocation state, and the bounds of the C stack.
 *
 * States, and who may do what
 *   RUNNING   The thread executes Python or ported code. It owns its stack, its record and the
 * cells that it has just allocated. Nobody reads its stack. Only the thread itself leaves this
 *             state, and it does so in bounded time, because it polls.
 *   DETACHED  The thread waits, or runs code that touches no object. Its C stack above stack_top,
 *             its saved registers and its record are constant; anybody who holds it in STOPPED may
 *             read them. The thread itself goes back to RUNNING with one compare-and-swap.
 *   STOPPED   The world is stopped, and this thread is part of it. The stopper may read and write
 *             everything that the thread owns. The thread cannot leave this state; world_resume
 *             makes it DETACHED, after which the thread reattaches if it wants to. Before it falls
 *             asleep it says so, with the status ASLEEP: nobody else need be woken.
 *
 * Transitions
 *   RUNNING  -> DETACHED  thread_detach (exchange), by the thread
 *   DETACHED -> RUNNING   thread_reattach (compare-and-swap), by the thread
 *   RUNNING  -> STOPPED   thread_stop_here, at a safepoint, or in extension code by the handler of
 *                         a signal, by the thread
 *   DETACHED -> STOPPED   world_stop (compare-and-swap), by the stopper
 *   STOPPED  -> DETACHED  world_resume, by the stopper
 *
 * Stopping the world (world.c)
 *   1. The stopper takes the stop lock (waiting for it detached, so it can be stopped meanwhile).
 *   2. Under the list lock it sets POLL_STOP_WORLD in every other poll word and notes that a stop
 * is under way; records that are added later start as STOPPED.
 *   3. It looks at every record: DETACHED ones it makes STOPPED; if none is RUNNING, it is done.
 * Else it sleeps on world.sequence, which threads bump when they leave RUNNING with the bit set
 * (they wake it only if it has said that it sleeps), and looks again. A thread that detaches stores
 * its status first and reads its poll word second; the stopper sets the poll word first and reads
 * the status second; both sequentially consistent. So either the stopper sees the new status, or
 * the thread sees the bit and wakes the stopper.
 *
 * Invariants
 *   1. A thread that holds a lock (thread_lock_depth > 0) reaches no safepoint: heap_alloc neither
 *      stops nor collects then. It may wait for an inner lock, detached.
 *   2. Whoever waits for anything unbounded is DETACHED.
 *   3. A record is only removed by its own thread while that is RUNNING, so never during a stop.
 *
 * Rejected: signals that stop threads anywhere in our code (then nothing would be known about
 * half-made objects); a lock around detach and reattach (every system call would pay for it). */
#include "thread/thread_int.h"

#include "base/os.h"
#include "thread/extension_lock.h"

#include <errno.h>
#include <sched.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

/* Room that code in C may use below stack_guard, which only checks now and then. */
#define STACK_MARGIN ((size_t)256 << 10)
#define SMALL_STACK_MARGIN ((size_t)32 << 10)

_Thread_local struct thread *thread_current_record;
_Thread_local uint32_t thread_lock_depth;
uint8_t thread_many;
struct thread_hooks thread_hooks;
struct thread *main_thread;

struct thread *thread_main(void)
{
    return main_thread;
}

static void find_stack_bounds(struct thread *t)
{
    pthread_attr_t attributes;
    void *low = NULL;
    size_t size = 0;
    if (pthread_getattr_np(pthread_self(), &attributes) != 0) {
        fatal_error("cannot find the bounds of the C stack");
    }
    pthread_attr_getstack(&attributes, &low, &size);
    pthread_attr_destroy(&attributes);
    size_t margin = size >= 8 * STACK_MARGIN ? STACK_MARGIN : SMALL_STACK_MARGIN;
    if (margin > size / 2) {
        margin = size / 2;
    }
    t->stack_base = (char *)low + size;
    t->stack_guard = (char *)low + margin;
}

/* Less where address space is scarce. The same for all threads: the first call decides. */
static size_t choose_value_stack_bytes(void)
{
    size_t share = (os_address_limit() / 64) & ~(size_t)4095;
    share = share < VALUE_STACK_MAX ? share : VALUE_STACK_MAX;
    return share > VALUE_STACK_MIN ? share : VALUE_STACK_MIN;
}

static size_t value_stack_bytes; /* constant once the main thread has a record */

PyInterpreterState *thread_interpreter;

static struct thread *record_new(void)
{
    struct thread *t = calloc(1, sizeof *t);
    if (t == NULL) {
        return NULL;
    }
    if (value_stack_bytes == 0) {
        value_stack_bytes = choose_value_stack_bytes();
    }
    t->value_stack = os_reserve_writable(value_stack_bytes);
    if (t->value_stack == NULL) {
        free(t);
        return NULL;
    }
    t->value_stack_limit = t->value_stack + value_stack_bytes / sizeof(Value);
    t->value_stack_top = t->value_stack;
    t->status = THREAD_DETACHED;
    t->state.exc_info = &t->state.exc_state;
    t->state.gilstate_counter = 1; /* pybind11 counts from here, and would end the thread at 0 */
    static uint64_t serials;       /* atomic */
    t->serial = atomic_fetch_add_relaxed(&serials, 1) + 1;
    t->state.id = t->serial;
    t->state.interp = thread_interpreter;
    /* Compiled modules count their own recursion down; ours is in recursion_depth. */
    t->state.recursion_limit = t->state.recursion_remaining = 1000;
    return t;
}

static void record_free(struct thread *t)
{
    os_release(t->value_stack, value_stack_bytes);
    free(t);
}

/* Adds the record to the list; during a stop it begins as stopped. */
static void record_add(struct thread *t)
{
    mutex_lock(&world.list_lock);
    atomic_fetch_or_relaxed(&t->poll, world.always);
    if (world.stopping) {
        atomic_fetch_or_relaxed(&t->poll, POLL_STOP_WORLD);
        atomic_store_relaxed(&t->status, THREAD_STOPPED);
    }
    t->previous = NULL;
    t->next = world.first;
    if (world.first != NULL) {
        world.first->previous = t;
    }
    world.first = t;
    atomic_store_relaxed(&world.count, world.count + 1);
    mutex_unlock(&world.list_lock);
}

static void unlink_record_locked(struct thread *t)
{
    if (t->previous != NULL) {
        t->previous->next = t->next;
    } else {
        world.first = t->next;
    }
    if (t->next != NULL) {
        t->next->previous = t->previous;
    }
    atomic_store_relaxed(&world.count, world.count - 1);
}

/* The calling OS thread takes the record as its own and becomes RUNNING. Before that nothing may be
 * written: a collector may be reading the record. */
static void record_adopt(struct thread *t)
{
    thread_current_record = t;
    thread_reattach();
    t->handle = pthread_self();
    t->native_id = (int)syscall(SYS_gettid);
    t->state.thread_id = (unsigned long)t->handle;
    t->state.native_thread_id = (unsigned long)t->native_id;
    find_stack_bounds(t);
    t->stack_top = t->stack_base;
}

static void started(struct thread *t)
{
    if (thread_hooks.started != NULL) {
        thread_hooks.started(t);
    }
}

/* An OS thread of the program's own ends and has not given its record up: whoever has the record's
 * address may still free it, or give it to another. Its stack is no root any more. */
static void leave_record(void *unused)
{
    struct thread *t = thread_current();
    if (t == NULL || world.frozen) {
        return;
    }
    if (atomic_load_relaxed(&t->status) != THREAD_RUNNING) {
        thread_reattach();
    }
    thread_enter_ours(t);
    t->stack_top = NULL;
    t->handle = 0;
    thread_detach_saved(t);
    thread_current_record = NULL;
}

static pthread_key_t end_key;
static pthread_once_t end_key_once = PTHREAD_ONCE_INIT;

static void make_end_key(void)
{
    if (pthread_key_create(&end_key, leave_record) != 0) {
        fatal_error("no key for the end of threads");
    }
}

/* From now on the end of the calling OS thread is noticed. */
static void watch_end(void)
{
    pthread_once(&end_key_once, make_end_key);
    pthread_setspecific(end_key, &end_key);
}

void thread_init_main(void)
{
    struct thread *t = record_new();
    if (t == NULL) {
        fatal_memory("no memory for the main thread");
    }
    main_thread = t;
    started(t);
    record_add(t);
    record_adopt(t);
    watch_end();
}

/* The caller is RUNNING. The others are asked to be outside of all byte locks while it changes;
 * asleep, too. */
static void ensure_many(void)
{
    if (!thread_many) {
        world_stop_unlocked();
        thread_many = chaos_enabled ? THREAD_MANY_CHAOS : THREAD_MANY;
        world_resume();
    }
}

struct thread *thread_attach_new(void)
{
    struct thread *t = record_new();
    if (t != NULL) {
        started(t);
        record_add(t);
        record_adopt(t);
        watch_end();
        ensure_many();
    }
    return t;
}

void thread_exit_current(void)
{
    struct thread *t = thread_current();
    thread_enter_ours(t);
    extension_lock_release(t);
    if (thread_hooks.ending != NULL) {
        thread_hooks.ending(t);
    }
    extension_lock_forget(t);
    mutex_lock(&world.list_lock);
    unlink_record_locked(t);
    /* A stopper may be waiting for this thread; it is not in the list any more. */
    atomic_store_seq_cst(&t->status, THREAD_DETACHED);
    thread_current_record = NULL;
    bool wake = world.stopping;
    mutex_unlock(&world.list_lock);
    if (wake) {
        world_tell_stopper();
    }
    record_free(t);
}

void thread_exit_main(void)
{
    static struct thread nobody; /* signal handlers may still send their requests */
    atomic_store_release(&main_thread, &nobody);
    thread_exit_current();
}

void thread_forget_frozen(void)
{
    world_forked();
    parking_reset();
    mutex_lock(&world.list_lock);
    world.first = NULL;
    world.stopping = false;
    world.frozen = false;
    atomic_store_relaxed(&world.count, 0);
    mutex_unlock(&world.list_lock);
}

struct start_request {
    void (*function)(struct _object *argument);
    struct thread *record;
};

static void *thread_main_function(void *argument)
{
    struct start_request request = *(struct start_request *)argument;
    free(argument);
    record_adopt(request.record);
    /* The record's slot has kept the argument alive; from here on this stack does. */
    struct _object *object = value_object(request.record->locals[THREAD_LOCAL_START]);
    request.record->locals[THREAD_LOCAL_START] = VALUE_NULL;
    request.function(object);
    thread_exit_current();
    return NULL;
}

static void discard_unstarted(struct thread *t)
{
    if (thread_hooks.thread_exit != NULL) {
        thread_hooks.thread_exit(t);
    }
    if (thread_hooks.ending != NULL) {
        thread_hooks.ending(t);
    }
    mutex_lock(&world.list_lock);
    unlink_record_locked(t);
    mutex_unlock(&world.list_lock);
    record_free(t);
}

/* ---- Records that wait for an OS thread. */

struct thread *thread_first(void)
{
    return world.first;
}

bool thread_is_unbound(const struct thread *t)
{
    return t->handle == 0;
}

struct thread *thread_new_unbound(void)
{
    struct thread *t = record_new();
    if (t != NULL) {
        started(t);
        record_add(t);
        ensure_many();
    }
    return t;
}

void thread_bind(struct thread *t)
{
    record_adopt(t);
    watch_end();
}

void thread_discard(struct thread *t)
{
    discard_unstarted(t);
}

int thread_start(void (*f)(struct _object *argument), struct _object *argument, bool daemon,
                 size_t stack_bytes, unsigned long *id)
{
    struct start_request *request = malloc(sizeof *request);
    struct thread *t = record_new();
    if (request == NULL || t == NULL) {
        free(request);
        if (t != NULL) {
            record_free(t);
        }
        return ENOMEM;
    }
    if (thread_hooks.prepare != NULL && thread_hooks.prepare(t) < 0) {
        free(request);
        record_free(t);
        return ENOMEM;
    }
    request->function = f;
    request->record = t;
    t->daemon = daemon;
    started(t);
    record_add(t);
    /* Only now: a collection finds the argument on this stack before, and in the record after. */
    t->locals[THREAD_LOCAL_START] = value_from_object(argument);
    if (!thread_many) {
        thread_many = chaos_enabled ? THREAD_MANY_CHAOS
                                    : THREAD_MANY; /* the caller is alone and holds no lock */
    }

    pthread_attr_t attributes;
    pthread_attr_init(&attributes);
    pthread_attr_setdetachstate(&attributes, PTHREAD_CREATE_DETACHED);
    if (stack_bytes != 0) {
        pthread_attr_setstacksize(&attributes, stack_bytes);
    }
    pthread_t handle;
    int error = pthread_create(&handle, &attributes, thread_main_function, request);
    pthread_attr_destroy(&attributes);
    if (error != 0) {
        discard_unstarted(t);
        free(request);
        return error;
    }
    *id = (unsigned long)handle;
    return 0;
}

/* ---- Detaching and reattaching. */

void thread_detach_saved(struct thread *t)
{
    debug_assert(!t->in_extension);
    debug_assert(atomic_load_relaxed(&t->status) == THREAD_RUNNING);
    if (UNLIKELY(extension_lock_is_mine(t))) {
        extension_lock_release(t);
    }
    atomic_store_seq_cst(&t->status, THREAD_DETACHED);
    if (UNLIKELY(atomic_load_seq_cst(&t->poll) & POLL_STOP_WORLD)) {
        world_tell_stopper();
    }
}

void thread_reattach(void)
{
    struct thread *t = thread_current();
    int saved = errno;
    uint32_t resumed = 0; /* how often, since it fell asleep */
    for (;;) {
        uint32_t status = THREAD_DETACHED;
        if (LIKELY(__atomic_compare_exchange_n(&t->status, &status, THREAD_RUNNING, 0,
                                               __ATOMIC_SEQ_CST, __ATOMIC_ACQUIRE))) {
            break;
        }
        status = THREAD_STOPPED;
        if (__atomic_compare_exchange_n(&t->status, &status, THREAD_ASLEEP, 0, __ATOMIC_SEQ_CST,
                                        __ATOMIC_RELAXED)) {
            while (atomic_load_seq_cst(&t->status) == THREAD_ASLEEP) {
                os_futex_wait(&t->status, THREAD_ASLEEP, -1);
            }
            resumed++;
        }
    }
    if (UNLIKELY(resumed > 0)) {
        __atomic_fetch_sub(&world.waking, resumed, __ATOMIC_SEQ_CST);
    }
    errno = saved;
}

NO_INLINE void thread_stop_here(struct thread *t, bool at_safepoint)
{
    int saved = errno;
    thread_save_registers(t);
    bool awake = at_safepoint && world_stay_awake();
    atomic_store_seq_cst(&t->status, THREAD_STOPPED);
    world_tell_stopper();
    if (awake) {
        world_take_part(t);
    } else if (!at_safepoint) {
        world_stay_idle(t);
    }
    thread_reattach();
    errno = saved;
}

/* ---- Polls. */

void thread_request(struct thread *t, enum thread_poll reason)
{
    atomic_fetch_or_acq_rel(&t->poll, (uint32_t)reason);
}

void thread_request_always(enum thread_poll reason)
{
    mutex_lock(&world.list_lock);
    world.always |= (uint32_t)reason;
    for (struct thread *t = world.first; t != NULL; t = t->next) {
        thread_request(t, reason);
    }
    mutex_unlock(&world.list_lock);
}

/* Takes the bit away if it is set; says whether it was. */
static bool take_request(struct thread *t, enum thread_poll reason)
{
    if ((atomic_load_relaxed(&t->poll) & (uint32_t)reason) == 0) {
        return false;
    }
    atomic_fetch_and_acq_rel(&t->poll, ~(uint32_t)reason);
    return true;
}

void thread_safepoint_quiet(struct thread *t)
{
    uint32_t poll = atomic_load_relaxed(&t->poll);
    if (LIKELY((poll & (POLL_STOP_WORLD | POLL_COLLECT | POLL_CHAOS)) == 0)) {
        return;
    }
    debug_assert(thread_lock_depth == 0);
    if (poll & POLL_STOP_WORLD) {
        thread_stop_here(t, true);
    }
    if (take_request(t, POLL_COLLECT) && thread_hooks.collect != NULL) {
        thread_hooks.collect(t);
    }
    if (poll & POLL_CHAOS) {
        chaos_point();
        if (thread_hooks.stress != NULL) {
            thread_hooks.stress(t);
        }
    }
}

static int run_hook(struct thread *t, enum thread_poll reason, int (*hook)(struct thread *))
{
    return take_request(t, reason) && hook != NULL ? hook(t) : 0;
}

int thread_poll_slow(struct thread *t)
{
    if (t == main_thread && (atomic_load_relaxed(&t->poll) & POLL_SIGNAL)) {
        t->signal_deferrals = 0;
        t->signals_waited_since = 0;
        thread_safepoint_quiet(t);
        if (run_hook(t, POLL_SIGNAL, thread_hooks.run_signals) != 0) {
            return -1;
        }
    }
    return thread_poll_slow_but_signals(t);
}

int thread_poll_slow_but_signals(struct thread *t)
{
    thread_safepoint_quiet(t);
    take_request(t, POLL_TRACING);
    if (take_request(t, POLL_EXTENSION)) {
        extension_lock_poll(t);
    }
    if (t == main_thread && run_hook(t, POLL_PENDING_CALL, thread_hooks.run_pending_calls) != 0) {
        return -1;
    }
    if (run_hook(t, POLL_FINALIZERS, thread_hooks.run_finalizers) != 0) {
        return -1;
    }
    return run_hook(t, POLL_ASYNC_EXCEPTION, thread_hooks.raise_async);
}

/* ---- Looking at the list. */

void thread_for_each(void (*f)(struct thread *, void *), void *argument)
{
    bool lock = !world_is_stopped();
    if (lock) {
        mutex_lock(&world.list_lock);
    }
    for (struct thread *t = world.first; t != NULL; t = t->next) {
        f(t, argument);
    }
    if (lock) {
        mutex_unlock(&world.list_lock);
    }
}

void thread_for_each_unlocked(void (*f)(struct thread *, void *), void *argument)
{
    for (struct thread *t = world.first; t != NULL; t = t->next) {
        f(t, argument);
    }
}

size_t thread_count(void)
{
    return atomic_load_relaxed(&world.count);
}

/* ---- fork. */

/* The list lock too: a thread that is just being attached may hold it. */
void thread_before_fork(void)
{
    world_stop_unlocked();
    mutex_lock(&world.list_lock);
}

void thread_after_fork_parent(void)
{
    mutex_unlock(&world.list_lock);
    world_resume();
}

void thread_adopt_fork(void)
{
    world.stop_lock = (struct mutex)MUTEX_INIT(WORLD);
    world.list_lock = (struct mutex)MUTEX_INIT(THREAD_LIST);
    world.stopping = false;
    mutex_lock(&world.stop_lock);
    thread_current()->stops_world = true;
    mutex_lock(&world.list_lock);
}

void thread_after_fork_child(void)
{
    struct thread *self = thread_current();
    world_forked();
    parking_reset();
    extension_lock_alone(self);
    struct thread *next;
    for (struct thread *t = world.first; t != NULL; t = next) {
        next = t->next;
        if (t != self) {
            unlink_record_locked(t);
            record_free(t);
        }
    }
    self->handle = pthread_self();
    self->native_id = (int)syscall(SYS_gettid);
    self->state.native_thread_id = (unsigned long)self->native_id;
    main_thread = self;
    mutex_unlock(&world.list_lock);
    if (thread_hooks.forked != NULL) {
        thread_hooks.forked(self);
    }
    world_resume();
}
