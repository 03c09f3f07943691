/* SPDX-License-Identifier: MIT */
/* Thread records, their states, safepoints, and stopping the world. The mechanism is explained at
 * the top of thread/thread.c; the order of locks is in docs/locking.md.
 *
 * States of a thread
 *   RUNNING   executes Python or ported code and may touch objects. It reaches a safepoint in
 *             bounded time. Only the thread itself leaves this state.
 *   DETACHED  is blocked, in a system call, or inside Py_BEGIN_ALLOW_THREADS. It touches no
 *             object, holds no byte lock, and its stack does not change above `stack_top`; a
 *             collection does not wait for it.
 *   STOPPED   stands at a safepoint because another thread stopped the world; or anywhere in
 *             extension code, where a signal has stopped it. */
#ifndef OROCHI_THREAD_THREAD_H
#define OROCHI_THREAD_THREAD_H

#include <pthread.h>
#include <Python.h>
#include <stdbool.h>
#include <stdint.h>

#include "base/atomic.h"
#include "base/value.h"

struct frame;
struct heap_prompt;
struct heap_thread;

/* THREAD_ASLEEP: stopped, and sleeps until it is not. */
enum thread_status { THREAD_DETACHED, THREAD_RUNNING, THREAD_STOPPED, THREAD_ASLEEP };

/* Reasons in the poll word; each is one bit. Zero means: nothing to do. */
enum thread_poll {
    POLL_STOP_WORLD = 1 << 0,      /* another thread stops the world */
    POLL_SIGNAL = 1 << 1,          /* a signal handler ran; main thread only */
    POLL_PENDING_CALL = 1 << 2,    /* Py_AddPendingCall */
    POLL_ASYNC_EXCEPTION = 1 << 3, /* PyThreadState_SetAsyncExc */
    POLL_FINALIZERS = 1 << 4,      /* dead objects wait for their finalizers */
    POLL_COLLECT = 1 << 5,         /* the allocator asks for a collection at the next safepoint */
    POLL_CHAOS = 1 << 6,           /* chaos mode or gc-stress: always set, every poll is slow */
    POLL_TRACING = 1 << 7,         /* sys.settrace or setprofile state changed */
    POLL_EXTENSION = 1 << 8,       /* another thread waits for the extension lock */
    POLL_PROMPT = 1 << 9,          /* an object may have died that somebody watches; vm/prompt.c */
};

enum { THREAD_LENT_MAX = 16, THREAD_EXTENSION_STAYS = 16 };

struct thread {
    /* CPython's record comes first: extensions read its fields. curexc_* and exc_info are the
     * thread's real error state. Owner thread only. */
    PyThreadState state;

    /* Atomic: set by any thread, cleared by the owner. */
    uint32_t poll;
    /* Atomic; transitions as described above. */
    uint32_t status;
    /* Atomic: a signal came while the thread slept, or may have; park takes it away. Unlike
     * POLL_SIGNAL, which interrupt_main sets as well, without ending anybody's sleep. */
    uint32_t interrupted;
    /* Atomic: the thread sleeps where it may hold locks, as it waits for another one, or was
     * interrupted in extension code, perhaps in malloc; see world_stop_unlocked. */
    bool may_hold_locks;
    /* The thread executes extension code: a signal may stop it where it is (world.c). Written by
     * the owner with plain stores; its signal handler reads it, others take it for a hint. */
    bool in_extension;

    /* Owner thread only (the collector reads them while the world is stopped). */
    Value *value_stack;           /* base of the value stack */
    Value *value_stack_limit;     /* a window may not reach beyond this */
    Value *value_stack_top;       /* everything at or above is free; updated by vm/ at calls */
    struct frame *frame;          /* innermost Python frame, or NULL */
    void *frame_stack;            /* control stack: mapped by vm/ at the thread's first call */
    void *frame_stack_limit;      /* a frame at or above is too deep: RecursionError */
    struct heap_thread *heap;     /* allocation state: current blocks, barrier buffers */
    struct heap_prompt *prompt;   /* observed objects that the thread holds (heap/prompt.c) */
    void *stack_base;             /* highest address of the C stack */
    void *stack_top;              /* where conservative scanning starts while not RUNNING */
    uint32_t recursion_depth;     /* of guarded recursion in C: recursion_enter */
    uint32_t signal_deferrals;    /* entries of functions while a signal waited */
    const void *signals_wait_at;  /* the instruction that released a lock: not at its poll */
    bool in_finalizer;            /* a finalizer or callback runs: what it raises is lost */
    int64_t signals_waited_since; /* when a signal first waited for one to end, or 0 */
    char *stack_guard;            /* a C call below this address raises RecursionError */
    uintptr_t registers[16];      /* callee-saved registers, stored together with stack_top */
    /* The last one that was called, for -X ext-lock-log; NULL: none since a poll, at the time
     * `extension_left`, found that somebody waits for the extension lock (extension_lock.c). */
    const void *extension_function;
    int64_t extension_left;
    uint8_t *extension_stay; /* the counter for how long it stays away now; or NULL */
    uint8_t extension_stays[THREAD_EXTENSION_STAYS];

    /* Private objects of extensions that registers of the thread's frames own (vm/temporary.c),
     * outermost frames first. Owner thread only; their counts make them roots. */
    struct {
        struct _object *object;
        const struct frame *frame;
        uint32_t reg; /* of the frame */
    } lent[THREAD_LENT_MAX];
    uint32_t lent_count;
    /* What extension code returned last, if it was private until then (capi/capi_int.h). A word
     * to compare with, which keeps nothing alive. Owner thread only. */
    const struct _object *published;

    /* Under the thread list lock. */
    struct thread *next, *previous;
    pthread_t handle;
    bool daemon;
    bool stops_world; /* this thread stopped the world; owner thread only */

    /* What the thread sleeps on in the parking lot: 0 asleep, 1 woken, 2 interrupted. Atomic. */
    uint32_t park_word;
    int native_id;   /* constant: gettid() */
    uint64_t serial; /* constant: never used again */

    /* Values that belong to the thread and must stay alive: thread-local dict, current context, ...
     * Owner thread only; traced as roots together with the PyObject* fields of `state`. */
    Value locals[8];
};

/* Who uses which of thread.locals. */
enum thread_local_slot {
    THREAD_LOCAL_START,   /* the argument of thread_start, then the thread's sentinel lock */
    THREAD_LOCAL_DICT,    /* _thread._local: {local object: dict} */
    THREAD_LOCAL_CONTEXT, /* the current contextvars context */
    THREAD_LOCAL_ASYNC,   /* asynchronous generator hooks */
    THREAD_LOCAL_REPR,    /* containers whose repr is running */
    THREAD_LOCAL_TRACE,   /* sys.settrace */
    THREAD_LOCAL_PROFILE, /* sys.setprofile */
    THREAD_LOCAL_OTHER,
};

/* What `state.interp` of every record is: set once, at start-up. */
extern PyInterpreterState *thread_interpreter;

extern _Thread_local struct thread *thread_current_record;

/* The calling thread's record; NULL on a thread that Orochi did not attach. No safepoint. */
static ALWAYS_INLINE struct thread *thread_current(void)
{
    return thread_current_record;
}

/* Start-up: makes the record of the main thread, RUNNING. */
void thread_init_main(void);
/* After thread_freeze_others: the calling thread, the last that runs, gives its record up. Nobody
 * is main thread then. */
void thread_exit_main(void);
/* After thread_exit_main, before another thread_init_main: the world goes on without those that
 * were frozen. They sleep for ever; what their stacks hold is no root any more. */
void thread_forget_frozen(void);

/* Makes a RUNNING record for the calling OS thread (new Python threads, PyGILState_Ensure).
 * NULL when memory ran out. */
struct thread *thread_attach_new(void);
/* A record that belongs to no OS thread yet, DETACHED; the caller is RUNNING. NULL when memory ran
 * out. A record that an OS thread leaves behind when it ends is such a one again. */
struct thread *thread_new_unbound(void);
bool thread_is_unbound(const struct thread *t);
/* The calling OS thread, which has no record, takes it: RUNNING. */
void thread_bind(struct thread *t);
/* Frees a record that is unbound. */
void thread_discard(struct thread *t);
/* The newest record, for PyInterpreterState_ThreadHead; an unlocked look. */
struct thread *thread_first(void);
/* The calling thread leaves for good: its record is removed and freed. */
void thread_exit_current(void);

/* Stores the callee-saved registers and the stack pointer where the collector finds them. Inline,
 * because a called function would have pushed some of them into a frame that is gone when the
 * thread blocks. */
static ALWAYS_INLINE void thread_save_registers(struct thread *t)
{
#if defined(__x86_64__)
    __asm__ volatile("movq %%rbx, 0(%0)\n\tmovq %%rbp, 8(%0)\n\tmovq %%r12, 16(%0)\n\t"
                     "movq %%r13, 24(%0)\n\tmovq %%r14, 32(%0)\n\tmovq %%r15, 40(%0)\n\t"
                     "movq %%rsp, 48(%0)"
                     :
                     : "r"(t->registers)
                     : "memory");
    t->stack_top = (void *)t->registers[6];
#elif defined(__aarch64__)
    __asm__ volatile("stp x19, x20, [%0]\n\tstp x21, x22, [%0, 16]\n\tstp x23, x24, [%0, 32]\n\t"
                     "stp x25, x26, [%0, 48]\n\tstp x27, x28, [%0, 64]\n\tstr x29, [%0, 80]\n\t"
                     "mov x9, sp\n\tstr x9, [%0, 88]"
                     :
                     : "r"(t->registers)
                     : "memory", "x9");
    t->stack_top = (void *)t->registers[11];
#else
#error "say how to save the callee-saved registers of this processor"
#endif
}

/* The boundary between extension code and ours, as a stopper of the world sees it. In extension
 * code the thread may be stopped anywhere; it holds no lock of the runtime, and what it has of
 * the heap is on its stack, in its registers or counted. */
static ALWAYS_INLINE void thread_enter_ours(struct thread *t)
{
    atomic_store_relaxed(&t->in_extension, false);
    __atomic_signal_fence(__ATOMIC_SEQ_CST);
}
/* Look at the poll word afterwards: a signal that came before was ignored. */
static ALWAYS_INLINE void thread_enter_extension(struct thread *t)
{
    __atomic_signal_fence(__ATOMIC_SEQ_CST);
    atomic_store_relaxed(&t->in_extension, true);
    __atomic_signal_fence(__ATOMIC_SEQ_CST);
}

/* RUNNING -> DETACHED, before anything that may block. Nothing may touch an object until
 * thread_reattach. Nested pairs are not allowed. No safepoint, takes no lock. Must be called from
 * the frame that blocks (or above). */
void thread_detach_saved(struct thread *t);
static ALWAYS_INLINE void thread_detach(void)
{
    struct thread *t = thread_current();
    thread_enter_ours(t);
    thread_save_registers(t);
    thread_detach_saved(t);
}
/* DETACHED -> RUNNING; blocks while the world is stopped. Preserves errno. */
void thread_reattach(void);

/* The slow path of a poll: stops if asked, runs signal handlers, finalizers and collections.
 * May run Python code. Returns 0, or -1 with an exception set. */
COLD int thread_poll_slow(struct thread *t);
COLD int thread_poll_slow_but_signals(struct thread *t);

/* A safepoint. May run Python code, may collect. 0, or -1 with an exception set. */
static ALWAYS_INLINE int thread_safepoint(struct thread *t)
{
    if (UNLIKELY(atomic_load_relaxed(&t->poll) != 0)) {
        return thread_poll_slow(t);
    }
    return 0;
}

/* A safepoint that only stops and collects: runs no Python code and cannot fail. For loops in
 * ported code that run long without calling back. */
void thread_safepoint_quiet(struct thread *t);

void thread_request(struct thread *t, enum thread_poll reason);

/* Stops all other threads, at safepoints or in extension code. Not reentrant; the caller must be
 * RUNNING; it may hold locks that come before WORLD. While stopped, it may access every object, and
 * must not allocate beyond what heap_alloc can serve without a collection. Nor may it call malloc
 * or stdio: a thread that was stopped in extension code may be in there, with a lock. */
void world_stop(void);
void world_resume(void);
/* In a stop: a thread was stopped in the middle of extension code. */
bool world_interrupts_extension(void);
/* In a stop: runs job(argument, 0) here, and meanwhile job(argument, 1), job(argument, 2) .. on
 * threads that have reached a safepoint and do not sleep yet, if there are any; at most `most` in
 * all. Returns when all have ended. The job keeps the rules of a stop, and waits for nothing but
 * others of its kind that have begun. */
void world_run_together(void (*job)(void *argument, unsigned number), void *argument,
                        unsigned most);
/* Are there such threads? */
bool world_has_company(void);
/* For the turn-th look at what another of them does: it may have lost its processor. */
void world_pause(unsigned turn);
/* True if the calling thread stopped the world. */
bool world_is_stopped(void);

/* Calls f on every thread record, under the thread list lock. f must not block. */
void thread_for_each(void (*f)(struct thread *, void *), void *argument);
/* Without the lock: for signal handlers of a process that is about to die, and the like. */
void thread_for_each_unlocked(void (*f)(struct thread *, void *), void *argument);
/* How many records there are; an unlocked snapshot. */
size_t thread_count(void);

/* True if less than `bytes` of C stack are left; recursion in C checks this. No safepoint. */
static inline bool thread_stack_is_low(void)
{
    char here;
    return &here < thread_current()->stack_guard;
}

/* Wakes the thread if it sleeps interruptibly in park(), or lets it not fall asleep; for signal
 * handlers, after thread_request. Async-signal-safe. */
void thread_interrupt_park(struct thread *t);
struct thread *thread_main(void);
static inline bool thread_is_main(void)
{
    return thread_current() == thread_main();
}
/* Runs f(argument) on a new OS thread that is attached, RUNNING and counted. 0 or an errno value.
 * stack_bytes 0: the default size. The argument is kept alive until f has been entered. */
int thread_start(void (*f)(struct _object *argument), struct _object *argument, bool daemon,
                 size_t stack_bytes, unsigned long *id);

/* fork(): before stops the other threads at safepoints, so that no lock is held by one of them;
 * the child continues with the calling thread alone. */
void thread_before_fork(void);
void thread_after_fork_parent(void);
void thread_after_fork_child(void);
/* In the child of a fork() that nobody has prepared: as if thread_before_fork had been called. What
 * the other threads were in the middle of stays undone. */
void thread_adopt_fork(void);

/* Shutdown: from now on every other thread that reaches a safepoint or wants to reattach sleeps
 * for ever. It holds no runtime lock then. The caller is the main thread, RUNNING. */
void thread_freeze_others(void);
bool thread_others_are_frozen(void);

/* Chaos mode (-X chaos=seed): random yields at polls and lock operations. Prints the seed; 0 takes
 * one from the clock. Call at start-up. */
void thread_enable_chaos(uint64_t seed);
/* Sets bits in the poll word of every thread there is and will be (POLL_CHAOS). */
void thread_request_always(enum thread_poll reason);

/* Hooks for what lies above: set once at start-up. */
struct thread_hooks {
    /* Maps what a thread that is about to be started needs, so that its starter hears of a lack of
     * memory. 0 or -1, without an exception. May be NULL. */
    int (*prepare)(struct thread *);
    void (*started)(struct thread *);    /* a record was made; before it runs anything */
    void (*ending)(struct thread *);     /* RUNNING; about to be removed */
    void (*forked)(struct thread *);     /* in the child of fork(); the world is still stopped */
    void (*stress)(struct thread *);     /* POLL_CHAOS: the heap counts safepoints for gc-stress */
    int (*run_signals)(struct thread *); /* POLL_SIGNAL */
    int (*run_pending_calls)(struct thread *); /* POLL_PENDING_CALL */
    int (*run_finalizers)(struct thread *);    /* POLL_FINALIZERS */
    int (*raise_async)(struct thread *);       /* POLL_ASYNC_EXCEPTION */
    void (*collect)(struct thread *);          /* POLL_COLLECT */
    void (*thread_exit)(struct thread *);      /* frees the control stack; may be NULL */
};
extern struct thread_hooks thread_hooks;

#endif
