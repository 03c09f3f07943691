/* SPDX-License-Identifier: MIT */
/* Atomic operations, with the memory order in the name of each.
 *
 * These are macros over the compiler's type-generic builtins, because many of the fields that
 * threads share are declared by CPython's headers as plain integers and pointers. A plain access
 * to a shared field needs a comment that says what protects it. */
#ifndef OROCHI_BASE_ATOMIC_H
#define OROCHI_BASE_ATOMIC_H

#include <stdint.h>

#define atomic_load_relaxed(p) __atomic_load_n((p), __ATOMIC_RELAXED)
#define atomic_load_acquire(p) __atomic_load_n((p), __ATOMIC_ACQUIRE)
#define atomic_load_seq_cst(p) __atomic_load_n((p), __ATOMIC_SEQ_CST)
#define atomic_store_relaxed(p, v) __atomic_store_n((p), (v), __ATOMIC_RELAXED)
#define atomic_store_release(p, v) __atomic_store_n((p), (v), __ATOMIC_RELEASE)
#define atomic_store_seq_cst(p, v) __atomic_store_n((p), (v), __ATOMIC_SEQ_CST)
#define atomic_exchange_acq_rel(p, v) __atomic_exchange_n((p), (v), __ATOMIC_ACQ_REL)
#define atomic_fetch_add_relaxed(p, v) __atomic_fetch_add((p), (v), __ATOMIC_RELAXED)
#define atomic_fetch_add_acq_rel(p, v) __atomic_fetch_add((p), (v), __ATOMIC_ACQ_REL)
#define atomic_fetch_sub_acq_rel(p, v) __atomic_fetch_sub((p), (v), __ATOMIC_ACQ_REL)
#define atomic_fetch_or_relaxed(p, v) __atomic_fetch_or((p), (v), __ATOMIC_RELAXED)
#define atomic_fetch_or_acq_rel(p, v) __atomic_fetch_or((p), (v), __ATOMIC_ACQ_REL)
#define atomic_fetch_and_acq_rel(p, v) __atomic_fetch_and((p), (v), __ATOMIC_ACQ_REL)

/* Strong compare-and-swap: `expected` is an lvalue that receives the value found on failure. */
#define atomic_cas_acq_rel(p, expected, desired)                                                   \
    __atomic_compare_exchange_n((p), &(expected), (desired), 0, __ATOMIC_ACQ_REL, __ATOMIC_ACQUIRE)
#define atomic_cas_relaxed(p, expected, desired)                                                   \
    __atomic_compare_exchange_n((p), &(expected), (desired), 0, __ATOMIC_RELAXED, __ATOMIC_RELAXED)

#define atomic_fence_seq_cst() __atomic_thread_fence(__ATOMIC_SEQ_CST)

/* Tells the processor that this is a spin-wait loop. */
static inline void atomic_pause(void)
{
#if defined(__x86_64__)
    __builtin_ia32_pause();
#endif
}

#endif
