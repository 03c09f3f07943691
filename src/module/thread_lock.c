/* SPDX-License-Identifier: MIT */
/* _thread.lock and _thread.RLock: a byte in the object, a place in the parking lot when they are
 * contended. An uncontended acquire or release is one compare-and-swap.
 *
 * States of the byte: 0 free, HELD, HELD | WAITERS. As with byte locks, a thread that was woken
 * takes the lock with WAITERS set, since others may still sleep. */
#include "module/thread_int.h"

#include "base/os.h"
#include "object/float.h"
#include "object/int.h"
#include "object/list.h"
#include "object/str.h"
#include "thread/lock.h"
#include "vm/frame.h"

#include <math.h>

enum { HELD = BYTE_LOCK_HELD, WAITERS = BYTE_LOCK_WAITERS };

/* The longest pause of a waiter that spins; all of them together take a few microseconds. */
#define SPIN_PAUSES_MAX 64

struct lock {
    PyObject_HEAD PyObject *weak_list;
    uint8_t state; /* atomic */
};

struct rlock {
    PyObject_HEAD PyObject *weak_list;
    uint8_t state;  /* atomic */
    uint64_t owner; /* atomic: serial of the thread that holds it, else 0 */
    uint64_t count; /* atomic: only the owner changes it, repr() looks at it */
};

static struct lock *lock_cast(Value v)
{
    return (struct lock *)value_object(v);
}
static struct rlock *rlock_cast(Value v)
{
    return (struct rlock *)value_object(v);
}

/* ---- The mechanism. */

static ALWAYS_INLINE bool try_acquire(uint8_t *state)
{
    uint8_t expected = 0;
    return __atomic_compare_exchange_n(state, &expected, HELD, 0, __ATOMIC_ACQUIRE,
                                       __ATOMIC_RELAXED);
}

/* Tries to take the lock with the WAITERS bit in `mark`, or announces that this thread waits;
 * returns the state to park on, 0 if the lock was taken. */
static uint8_t take_or_announce(uint8_t *state, uint8_t mark)
{
    uint8_t seen = atomic_load_relaxed(state);
    for (;;) {
        if ((seen & HELD) == 0) {
            if (__atomic_compare_exchange_n(state, &seen, (uint8_t)(HELD | mark), 0,
                                            __ATOMIC_ACQUIRE, __ATOMIC_RELAXED)) {
                return 0;
            }
        } else if ((seen & WAITERS) || atomic_cas_relaxed(state, seen, (uint8_t)(HELD | WAITERS))) {
            return HELD | WAITERS;
        }
    }
}

/* A lock that is held for a moment only comes free while a waiter would still be falling asleep.
 * The pauses between two looks get longer, so that whoever has the lock can go on with it in his
 * own cache for a while: a lock that changes hands at every release is slower than a sleep. */
static bool spin(uint8_t *state)
{
    for (unsigned pauses = 1; pauses <= SPIN_PAUSES_MAX; pauses *= 2) {
        for (unsigned i = 0; i < pauses; i++) {
            atomic_pause();
        }
        if (atomic_load_relaxed(state) == 0 && try_acquire(state)) {
            return true;
        }
    }
    return false;
}

/* Waits for the lock: 1 taken, 0 timeout, -1 with an exception from a signal handler.
 * May run Python code (signal handlers). */
static int acquire_slow(uint8_t *state, int64_t timeout_ns)
{
    struct thread *t = thread_current();
    int64_t deadline = timeout_ns < 0 ? -1 : os_monotonic_ns() + timeout_ns;
    uint8_t mark = 0;
    for (;;) {
        uint8_t waiting = take_or_announce(state, mark);
        if (waiting == 0) {
            return 1;
        }
        int64_t left = -1;
        if (timeout_ns >= 0) {
            left = deadline - os_monotonic_ns();
            left = left > 0 ? left : 0;
        }
        switch (park(state, waiting, left, true)) {
        case PARK_WOKEN: mark = WAITERS; break;
        case PARK_CHANGED: break;
        case PARK_TIMEOUT: return 0;
        case PARK_INTERRUPTED:
            if (thread_poll_slow(t) < 0) {
                return -1;
            }
            break;
        }
    }
}

static int acquire(uint8_t *state, int64_t timeout_ns)
{
    if (LIKELY(try_acquire(state))) {
        return 1;
    }
    if (timeout_ns == 0) {
        return 0;
    }
    return spin(state) ? 1 : acquire_slow(state, timeout_ns);
}

/* False if it was not locked. */
static ALWAYS_INLINE bool release(uint8_t *state)
{
    uint8_t seen = HELD;
    /* Whoever takes the lock may run first, and interrupt this thread: that comes after the release
     * and not in it, where threading's Condition.wait could not undo it. */
    struct thread *t = thread_current();
    t->signals_wait_at = t->frame != NULL ? t->frame->pc : NULL;
    if (LIKELY(
            __atomic_compare_exchange_n(state, &seen, 0, 0, __ATOMIC_RELEASE, __ATOMIC_RELAXED))) {
        return true;
    }
    if (seen == 0 || __atomic_exchange_n(state, 0, __ATOMIC_RELEASE) == 0) {
        return false;
    }
    unpark(state, 1);
    return true;
}

/* ---- Arguments. */

int thread_timeout(Value v, int64_t *out)
{
    double seconds;
    int64_t whole;
    if (float_check(v)) {
        seconds = float_value(v);
        if (isnan(seconds)) {
            return error_raise_int(PyExc_ValueError, "Invalid value NaN (not a number)");
        }
        double ns = ceil(seconds * 1e9);
        if (!(ns > -9223372036854775808.0 && ns < 9223372036854775808.0)) {
            return error_raise_int(PyExc_OverflowError,
                                   "timestamp too large to convert to C _PyTime_t");
        }
        *out = (int64_t)ns;
        return 0;
    }
    Value index = object_index(v);
    if (value_is_null(index)) {
        return -1;
    }
    if (int_clip_i64(index, &whole) != 0 || whole > INT64_MAX / 1000000000 ||
        whole < INT64_MIN / 1000000000) {
        return error_raise_int(PyExc_OverflowError,
                               "timestamp too large to convert to C _PyTime_t");
    }
    *out = whole * 1000000000;
    return 0;
}

/* (blocking=True, timeout=-1) to nanoseconds: 0 do not wait, negative no limit. */
static int parse_acquire(const Value *args, size_t nargs, PyObject *kwnames, int64_t *timeout_ns)
{
    static const struct native_signature *cache;
    Value bound[2];
    int blocking = 1;
    *timeout_ns = -1;
    if (nargs == 0 && kwnames == NULL) {
        return 0;
    }
    if (native_bind("acquire", "(blocking=True, timeout=-1)", &cache, args, nargs, kwnames, bound) <
        0) {
        return -1;
    }
    if (!value_is_absent(bound[0]) && arg_int(bound[0], &blocking) < 0) {
        return -1;
    }
    bool no_limit = true;
    if (!value_is_absent(bound[1])) {
        if (thread_timeout(bound[1], timeout_ns) < 0) {
            return -1;
        }
        no_limit = *timeout_ns == -1000000000;
    }
    if (!blocking && !no_limit) {
        return error_raise_int(PyExc_ValueError, "can't specify a timeout for a non-blocking call");
    }
    if (*timeout_ns < 0 && !no_limit) {
        return error_raise_int(PyExc_ValueError, "timeout value must be positive");
    }
    if (!blocking) {
        *timeout_ns = 0;
    } else if (no_limit) {
        *timeout_ns = -1;
    }
    return 0;
}

static Value acquired(int result)
{
    return result < 0 ? VALUE_NULL : value_from_bool(result != 0);
}

/* ---- lock. */

PyObject *thread_lock_new(void)
{
    return object_alloc_bytes(&thread_lock_type, sizeof(struct lock));
}

void thread_lock_release_quietly(PyObject *lock)
{
    release(&((struct lock *)lock)->state);
}

static Value lock_acquire(Value self, const Value *args, size_t nargs, PyObject *kwnames)
{
    int64_t timeout;
    if (parse_acquire(args, nargs, kwnames, &timeout) < 0) {
        return VALUE_NULL;
    }
    return acquired(acquire(&lock_cast(self)->state, timeout));
}

static Value lock_enter(Value self)
{
    return acquired(acquire(&lock_cast(self)->state, -1));
}

static Value lock_release(Value self)
{
    if (!release(&lock_cast(self)->state)) {
        return error_raise(PyExc_RuntimeError, "release unlocked lock");
    }
    return VALUE_NONE;
}

static Value lock_exit(Value self, const Value *args, size_t nargs, PyObject *kwnames)
{
    return lock_release(self);
}

static Value lock_locked(Value self)
{
    return value_from_bool(atomic_load_relaxed(&lock_cast(self)->state) & HELD);
}

static Value lock_reinit(Value self)
{
    atomic_store_release(&lock_cast(self)->state, 0);
    return VALUE_NONE;
}

static Value lock_repr(Value self)
{
    bool held = atomic_load_relaxed(&lock_cast(self)->state) & HELD;
    return value_from_object(str_format("<%s %s object at 0x%zx>", held ? "locked" : "unlocked",
                                        value_type(self)->tp_name, (size_t)value_object(self)));
}

static void trace_nothing(PyObject *self, struct tracer *tracer)
{
    (void)self;
    (void)tracer;
}

static const struct native_def lock_methods[] = {
    {"__enter__", "($self, /)", "Lock the lock.", .f0 = lock_enter},
    {"__exit__", NULL, "Release the lock.", .raw = lock_exit},
    {"_at_fork_reinit", "($self, /)", "Makes the lock free again, in a forked child.",
     .f0 = lock_reinit},
    {"acquire", NULL, "Lock the lock.  Returns whether it was taken.", .raw = lock_acquire},
    {"acquire_lock", NULL, "Old name of acquire().", .raw = lock_acquire},
    {"locked", "($self, /)", "Whether the lock is held.", .f0 = lock_locked},
    {"locked_lock", "($self, /)", "Old name of locked().", .f0 = lock_locked},
    {"release", "($self, /)", "Release the lock.", .f0 = lock_release},
    {"release_lock", "($self, /)", "Old name of release().", .f0 = lock_release},
    {NULL},
};

static struct type_info lock_info = {
    .ops = {.repr = lock_repr},
    .trace = trace_nothing,
    .methods = lock_methods,
    .flags = TYPE_NO_NEW,
};

PyTypeObject thread_lock_type = {
    STATIC_TYPE_HEAD,
    .tp_name = "_thread.lock",
    .tp_doc = "A lock, made by allocate_lock().",
    .tp_basicsize = sizeof(struct lock),
    .tp_flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_DISALLOW_INSTANTIATION,
    .tp_weaklistoffset = offsetof(struct lock, weak_list),
    .tp_cache = (PyObject *)&lock_info,
};

/* ---- RLock. */

static void set_count(struct rlock *r, uint64_t count)
{
    atomic_store_relaxed(&r->count, count);
}

static bool rlock_is_mine(const struct rlock *r)
{
    return atomic_load_relaxed(&r->owner) == thread_current()->serial;
}

static int rlock_take(struct rlock *r, int64_t timeout)
{
    if (rlock_is_mine(r)) {
        set_count(r, r->count + 1);
        return 1;
    }
    int result = acquire(&r->state, timeout);
    if (result > 0) {
        atomic_store_relaxed(&r->owner, thread_current()->serial);
        set_count(r, 1);
    }
    return result;
}

static Value rlock_acquire(Value self, const Value *args, size_t nargs, PyObject *kwnames)
{
    int64_t timeout;
    if (parse_acquire(args, nargs, kwnames, &timeout) < 0) {
        return VALUE_NULL;
    }
    return acquired(rlock_take(rlock_cast(self), timeout));
}

static Value rlock_enter(Value self)
{
    return acquired(rlock_take(rlock_cast(self), -1));
}

static Value rlock_release(Value self)
{
    struct rlock *r = rlock_cast(self);
    if (!rlock_is_mine(r)) {
        return error_raise(PyExc_RuntimeError, "cannot release un-acquired lock");
    }
    set_count(r, r->count - 1);
    if (r->count == 0) {
        atomic_store_relaxed(&r->owner, 0);
        release(&r->state);
    }
    return VALUE_NONE;
}

static Value rlock_exit(Value self, const Value *args, size_t nargs, PyObject *kwnames)
{
    return rlock_release(self);
}

static Value rlock_is_owned(Value self)
{
    return value_from_bool(rlock_is_mine(rlock_cast(self)));
}

/* For Condition: gives the lock up whatever its count is, and takes it back. */
static Value rlock_release_save(Value self)
{
    struct rlock *r = rlock_cast(self);
    if (!rlock_is_mine(r)) {
        return error_raise(PyExc_RuntimeError, "cannot release un-acquired lock");
    }
    Value state[2] = {int_from_u64(r->count), int_from_u64(thread_current()->state.thread_id)};
    PyObject *saved = tuple_from_array(state, 2);
    if (saved != NULL) {
        set_count(r, 0);
        atomic_store_relaxed(&r->owner, 0);
        release(&r->state);
    }
    return value_from_object(saved);
}

static Value rlock_acquire_restore(Value self, Value saved)
{
    struct rlock *r = rlock_cast(self);
    uint64_t count;
    if (!tuple_check(saved) || tuple_length(value_object(saved)) != 2) {
        return error_raise(PyExc_TypeError,
                           "_acquire_restore() needs the result of _release_save()");
    }
    if (int_to_u64(tuple_get(value_object(saved), 0), &count) < 0 || acquire(&r->state, -1) < 0) {
        return VALUE_NULL;
    }
    atomic_store_relaxed(&r->owner, thread_current()->serial);
    set_count(r, count);
    return VALUE_NONE;
}

static Value rlock_reinit(Value self)
{
    struct rlock *r = rlock_cast(self);
    set_count(r, 0);
    atomic_store_relaxed(&r->owner, 0);
    atomic_store_release(&r->state, 0);
    return VALUE_NONE;
}

struct find_owner {
    uint64_t serial;
    unsigned long id;
};

static void find_owner(struct thread *t, void *argument)
{
    struct find_owner *search = argument;
    if (t->serial == search->serial) {
        search->id = t->state.thread_id;
    }
}

static Value rlock_repr(Value self)
{
    struct rlock *r = rlock_cast(self);
    struct find_owner owner = {.serial = atomic_load_relaxed(&r->owner)};
    if (owner.serial != 0) {
        thread_for_each(find_owner, &owner);
    }
    return value_from_object(str_format(
        "<%s %s object owner=%ld count=%zu at 0x%zx>", owner.serial != 0 ? "locked" : "unlocked",
        value_type(self)->tp_name, (long)owner.id, (size_t)atomic_load_relaxed(&r->count),
        (size_t)value_object(self)));
}

static Value rlock_new(PyTypeObject *type, const Value *args, size_t nargs, PyObject *kwnames)
{
    return value_from_object(object_alloc(type, 0));
}

static const struct native_def rlock_methods[] = {
    {"__enter__", "($self, /)", "Take the lock.", .f0 = rlock_enter},
    {"__exit__", NULL, "Release the lock.", .raw = rlock_exit},
    {"_acquire_restore", "($self, state, /)", "Takes the lock as _release_save() found it.",
     .f1 = rlock_acquire_restore},
    {"_at_fork_reinit", "($self, /)", "Makes the lock free again, in a forked child.",
     .f0 = rlock_reinit},
    {"_is_owned", "($self, /)", "Does this thread hold the lock?", .f0 = rlock_is_owned},
    {"_release_save", "($self, /)",
     "Releases the lock altogether; returns what _acquire_restore() needs.",
     .f0 = rlock_release_save},
    {"acquire", NULL, "Take the lock, once more if this thread has it.", .raw = rlock_acquire},
    {"release", "($self, /)", "Release the lock.", .f0 = rlock_release},
    {NULL},
};

static struct type_info rlock_info = {
    .ops = {.repr = rlock_repr, .new_ = rlock_new},
    .trace = trace_nothing,
    .methods = rlock_methods,
};

PyTypeObject thread_rlock_type = {
    STATIC_TYPE_HEAD,
    .tp_name = "_thread.RLock",
    .tp_basicsize = sizeof(struct rlock),
    .tp_flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_BASETYPE,
    .tp_weaklistoffset = offsetof(struct rlock, weak_list),
    .tp_cache = (PyObject *)&rlock_info,
};
