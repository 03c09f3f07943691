/* SPDX-License-Identifier: MIT */
/* What the unit tests of thread/ and heap/ share. */
#ifndef OROCHI_TEST_UNIT_H
#define OROCHI_TEST_UNIT_H

#include <stdio.h>
#include <string.h>

#include "heap/heap.h"
#include "thread/lock.h"

/* The frames of sanitizers are so big that old ones stay readable: garbage survives by chance. */
#if defined(__SANITIZE_ADDRESS__) || defined(THREAD_SANITIZER)
#define UNIT_EXACT false
#else
#define UNIT_EXACT true
#endif

static inline void unit_trace_nothing(struct _object *object, struct tracer *tracer)
{
    (void)object;
    (void)tracer;
}

static inline void unit_start(void)
{
    heap_hooks.trace_object = unit_trace_nothing;
    heap_options.verify = true;
    heap_init_runtime();
    thread_init_main();
}

/* Overwrites what calls have left below the caller's frame. */
static NO_INLINE UNUSED void unit_clean_stack(void)
{
    volatile char waste[65536];
    for (size_t i = 0; i < sizeof waste; i++) {
        waste[i] = 0;
    }
}

/* Runs f on n threads and waits for them. */
static uint32_t unit_running;
static void (*unit_function)(unsigned number);
static uint32_t unit_numbers;

static inline void unit_thread(struct _object *argument)
{
    (void)argument;
    unit_function(atomic_fetch_add_relaxed(&unit_numbers, 1));
    atomic_fetch_sub_acq_rel(&unit_running, 1);
}

static inline void unit_run_threads(unsigned n, void (*f)(unsigned number))
{
    unit_function = f;
    unit_numbers = 0;
    atomic_store_release(&unit_running, n);
    for (unsigned i = 0; i < n; i++) {
        unsigned long id;
        check(thread_start(unit_thread, NULL, false, 0, &id) == 0);
    }
    thread_detach();
    while (atomic_load_acquire(&unit_running) != 0) {
        struct timespec nap = {0, 1000000};
        nanosleep(&nap, NULL);
    }
    thread_reattach();
    while (thread_count() > 1) {
        thread_safepoint_quiet(thread_current());
    }
}

#endif
