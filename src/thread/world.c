/* SPDX-License-Identifier: MIT */
/* Stopping the world; thread.c explains the protocol.
 *
 * A thread inside extension code polls nothing, perhaps for seconds. So the stopper sends it a
 * signal, whose handler stops it if `in_extension` says that it is there: its registers are on its
 * stack then, in the frame of the signal. In our own code the handler does nothing, as the thread
 * will poll soon; extension code that is just being entered polls after it has set the flag. The
 * stopper only sees the flag as a hint, perhaps late, so it looks again after a while. */
#include "thread/thread_int.h"

#include "base/os.h"
#include "thread/extension_lock.h"

#include <errno.h>
#include <sched.h>
#include <signal.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

/* Ignored by default, rarely used, and passed by debuggers; Go's runtime uses it in the same way.
 * A program that handles it gets stops that wait for extension code. */
#define STOP_SIGNAL SIGURG
#define LOOK_AGAIN_NS INT64_C(500000)

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

static bool interrupted_extension; /* in a stop; atomic */

bool world_interrupts_extension(void)
{
    return atomic_load_relaxed(&interrupted_extension);
}

static void stop_in_extension(int number)
{
    (void)number;
    struct thread *t = thread_current();
    int saved = errno;
    if (t != NULL && atomic_load_relaxed(&t->in_extension) && thread_lock_depth == 0 &&
        atomic_load_relaxed(&t->status) == THREAD_RUNNING &&
        (atomic_load_seq_cst(&t->poll) & POLL_STOP_WORLD)) {
        atomic_store_relaxed(&interrupted_extension, true);
        atomic_store_relaxed(&t->may_hold_locks, true);
        thread_stop_here(t, false);
        atomic_store_relaxed(&t->may_hold_locks, false);
    }
    errno = saved;
}

/* False if the program has a handler of its own. */
static bool ensure_handler(void)
{
    struct sigaction action = {.sa_flags = SA_RESTART}, old;
    if (sigaction(STOP_SIGNAL, NULL, &old) < 0) {
        return false;
    }
    if (old.sa_handler == SIG_DFL) {
        action.sa_handler = stop_in_extension;
        sigfillset(&action.sa_mask);
        return sigaction(STOP_SIGNAL, &action, NULL) == 0;
    }
    return old.sa_handler == stop_in_extension;
}

/* True if there was some. */
static bool signal_extension_code(struct thread *self)
{
    bool ready = false;
    mutex_lock(&world.list_lock);
    for (struct thread *t = world.first; t != NULL; t = t->next) {
        if (t != self && atomic_load_relaxed(&t->in_extension) &&
            atomic_load_relaxed(&t->status) == THREAD_RUNNING) {
            if (!ready && !ensure_handler()) {
                break;
            }
            ready = true;
            syscall(SYS_tgkill, getpid(), t->native_id, STOP_SIGNAL);
        }
    }
    mutex_unlock(&world.list_lock);
    return ready;
}

void world_tell_stopper(void)
{
    __atomic_fetch_add(&world.sequence, 1, __ATOMIC_SEQ_CST);
    if (atomic_load_seq_cst(&world.stopper_sleeps)) {
        os_futex_wake(&world.sequence, INT32_MAX);
    }
}

/* How long the stopper stays awake: until a thread gets to a safepoint; until a signal has arrived,
 * which takes as long as falling asleep and being woken does. */
#define PAUSES_FOR_POLL 200
#define PAUSES_FOR_SIGNAL 2000

static bool spin_until_changed(uint32_t sequence, unsigned pauses)
{
    for (unsigned i = 0; i < pauses; i++) {
        if (atomic_load_relaxed(&world.sequence) != sequence) {
            return true;
        }
        atomic_pause();
    }
    return false;
}

static void wait_until_stopped(struct thread *self, bool interrupt)
{
    for (;;) {
        uint32_t sequence = atomic_load_seq_cst(&world.sequence);
        if (count_running(self) == 0) {
            return;
        }
        if (spin_until_changed(sequence, PAUSES_FOR_POLL)) {
            continue;
        }
        if (interrupt && signal_extension_code(self) &&
            spin_until_changed(sequence, PAUSES_FOR_SIGNAL)) {
            continue;
        }
        atomic_store_seq_cst(&world.stopper_sleeps, true);
        os_futex_wait(&world.sequence, sequence, interrupt ? LOOK_AGAIN_NS : -1);
        atomic_store_relaxed(&world.stopper_sleeps, false);
    }
}

/* A stop that came before the threads which slept during the last one run again would stop them
 * once more, and so on. At most so long. */
#define GIVE_WAY_NS INT64_C(1000000)

static void give_way(void)
{
    if (atomic_load_seq_cst(&world.waking) == 0) {
        return;
    }
    int64_t end = os_monotonic_ns() + GIVE_WAY_NS;
    while (atomic_load_seq_cst(&world.waking) != 0 && os_monotonic_ns() < end) {
        sched_yield();
    }
}

static void stop(bool interrupt)
{
    struct thread *self = thread_current();
    debug_assert(!self->stops_world);
    debug_assert(atomic_load_relaxed(&self->status) == THREAD_RUNNING);
    mutex_lock(&world.stop_lock);
    self->stops_world = true;
    atomic_store_relaxed(&interrupted_extension, false);
    if (!world.frozen) {
        give_way();
        ask_all_to_stop(self);
        wait_until_stopped(self, interrupt);
    }
}

void world_stop(void)
{
    stop(true);
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
                if (__atomic_exchange_n(&t->status, (uint32_t)THREAD_DETACHED, __ATOMIC_SEQ_CST) ==
                    THREAD_ASLEEP) {
                    __atomic_fetch_add(&world.waking, 1, __ATOMIC_SEQ_CST);
                    os_futex_wake(&t->status, INT32_MAX);
                }
            }
        }
        mutex_unlock(&world.list_lock);
    }
    self->stops_world = false;
    mutex_unlock(&world.stop_lock);
}

/* ---- Working together in a stop.
 *
 * Most stops are shorter than it takes to fall asleep and be woken. So threads at a safepoint stay
 * awake for a while, at most one per other processor, and meanwhile lend a hand. */

#define AWAKE_NS INT64_C(300000)
#define PAUSES_PER_LOOK 16

/* The word: is there a job, how many have joined, and how many of them have not ended. */
#define TOGETHER_OPEN UINT32_C(1)
#define TOGETHER_JOINED UINT32_C(0x100)
#define TOGETHER_WORKING UINT32_C(0x10000)

static struct {
    uint32_t word;  /* atomic; opened and closed by the stopper */
    uint32_t awake; /* atomic: threads in world_take_part */
    uint32_t most;  /* atomic; these are written before the word is opened */
    void (*job)(void *argument, unsigned number);
    void *argument;
} together;

static unsigned joined(uint32_t word)
{
    return word / TOGETHER_JOINED % 256;
}

#define PAUSES_PER_YIELD 1024

void world_pause(unsigned turn)
{
    if (turn % PAUSES_PER_YIELD == PAUSES_PER_YIELD - 1) {
        sched_yield();
    } else {
        atomic_pause();
    }
}

bool world_has_company(void)
{
    return atomic_load_relaxed(&together.awake) != 0;
}

void world_run_together(void (*job)(void *argument, unsigned number), void *argument, unsigned most)
{
    if (!world_has_company()) {
        job(argument, 0);
        return;
    }
    atomic_store_relaxed(&together.most, most < 256 ? most : 255);
    together.job = job;
    together.argument = argument;
    atomic_store_release(&together.word, TOGETHER_OPEN);
    job(argument, 0);
    uint32_t word = atomic_fetch_and_acq_rel(&together.word, ~TOGETHER_OPEN);
    for (unsigned n = 0; word >= TOGETHER_WORKING; n++) {
        world_pause(n);
        word = atomic_load_acquire(&together.word);
    }
}

/* True if there was something to do. */
static bool join(void)
{
    uint32_t word = atomic_load_acquire(&together.word);
    while ((word & TOGETHER_OPEN) && joined(word) + 1 < atomic_load_relaxed(&together.most)) {
        if (__atomic_compare_exchange_n(&together.word, &word,
                                        word + TOGETHER_JOINED + TOGETHER_WORKING, 0,
                                        __ATOMIC_ACQUIRE, __ATOMIC_ACQUIRE)) {
            together.job(together.argument, joined(word) + 1);
            atomic_fetch_add_acq_rel(&together.word, -TOGETHER_WORKING);
            return true;
        }
    }
    return false;
}

static unsigned processor_count(void)
{
    static unsigned processors; /* atomic */
    if (UNLIKELY(atomic_load_relaxed(&processors) == 0)) {
        atomic_store_relaxed(&processors, os_processor_count());
    }
    return atomic_load_relaxed(&processors);
}

bool world_stay_awake(void)
{
    if (atomic_fetch_add_relaxed(&together.awake, 1) + 1 < processor_count()) {
        return true;
    }
    atomic_fetch_add_relaxed(&together.awake, UINT32_MAX);
    return false;
}

/* Looks for a moment whether the world goes on. */
static bool is_resumed(const struct thread *t)
{
    for (int i = 0; i < PAUSES_PER_LOOK; i++) {
        if (atomic_load_relaxed(&t->status) != THREAD_STOPPED) {
            return true;
        }
        atomic_pause();
    }
    return false;
}

void world_take_part(const struct thread *t)
{
    int64_t end = os_monotonic_ns() + AWAKE_NS;
    bool worked = true;
    while ((worked || os_monotonic_ns() < end) && !is_resumed(t)) {
        worked = join();
    }
    atomic_fetch_add_relaxed(&together.awake, UINT32_MAX);
}

void world_stay_idle(const struct thread *t)
{
    int64_t end = os_monotonic_ns() + AWAKE_NS;
    while (processor_count() > 1 && os_monotonic_ns() < end && !is_resumed(t)) {
    }
}

void world_forked(void)
{
    together.word = together.awake = 0;
    world.waking = 0;
}

static bool somebody_may_hold_locks(void)
{
    for (struct thread *t = world.first; t != NULL; t = t->next) {
        if (atomic_load_relaxed(&t->may_hold_locks)) {
            return true;
        }
    }
    return false;
}

/* A thread that an earlier stop interrupted in extension code may not have gone on yet. */
void world_stop_unlocked(void)
{
    stop(false);
    while (somebody_may_hold_locks()) {
        world_resume();
        nanosleep(&(struct timespec){.tv_nsec = 100000}, NULL);
        stop(false);
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
