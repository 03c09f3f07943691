/* SPDX-License-Identifier: MIT */
/* Assertions, in three levels, and the attributes that the code base uses.
 *
 * check()        always on: cheap, guards memory safety.
 * debug_assert() debug builds (-Dchecks=true): internal invariants.
 * Expensive walkers, such as the heap verifier, are functions of their own that stress builds
 * and `-X gc-stress` call. */
#ifndef OROCHI_BASE_DEBUG_H
#define OROCHI_BASE_DEBUG_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define NO_RETURN __attribute__((noreturn))
#define NO_INLINE __attribute__((noinline))
#define ALWAYS_INLINE inline __attribute__((always_inline))
#define COLD __attribute__((cold, noinline))
#define PRINTF_LIKE(fmt, args) __attribute__((format(printf, fmt, args)))
/* A static variable that the collector need not scan: it refers to no cell (heap/roots.c). */
#define HOLDS_NO_CELLS __attribute__((section("no_cells")))
#define MUST_USE __attribute__((warn_unused_result))
#define UNUSED __attribute__((unused))
/* For loops worth vectorising; clang does so anyway. */
#ifdef __clang__
#define VECTORIZED
#else
#define VECTORIZED __attribute__((optimize("O3")))
#endif
/* gcc defines a macro in builds with ThreadSanitizer; clang wants to be asked. */
#if defined(__SANITIZE_THREAD__)
#define THREAD_SANITIZER 1
#elif defined(__has_feature)
#if __has_feature(thread_sanitizer)
#define THREAD_SANITIZER 1
#endif
#endif
#define LIKELY(x) __builtin_expect(!!(x), 1)
#define UNLIKELY(x) __builtin_expect(!!(x), 0)

/* Prints "Fatal Orochi error: ..." and aborts. Never returns; takes no lock; safe anywhere. */
NO_RETURN COLD void fatal_error(const char *format, ...) PRINTF_LIKE(1, 2);
/* For what cannot be told by an exception: prints "MemoryError: ..." and exits with 1. */
NO_RETURN COLD void fatal_memory(const char *what);
NO_RETURN COLD void check_failed(const char *condition, const char *file, int line);

#define check(condition)                                                                           \
    (LIKELY(condition) ? (void)0 : check_failed(#condition, __FILE__, __LINE__))

#ifdef OROCHI_CHECKS
#define debug_assert(condition) check(condition)
#else
#define debug_assert(condition) ((void)sizeof(!(condition)))
#endif

#endif
