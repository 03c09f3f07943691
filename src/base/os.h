/* SPDX-License-Identifier: MIT */
/* The operating system: futexes, clocks and address space. All of these are async-signal-safe. */
#ifndef OROCHI_BASE_OS_H
#define OROCHI_BASE_OS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Sleeps while *word == expected, at most timeout_ns (negative: no limit). May return early for any
 * reason; the caller looks again. 0, or an errno value: EAGAIN, EINTR, ETIMEDOUT. */
int os_futex_wait(const uint32_t *word, uint32_t expected, int64_t timeout_ns);
/* Wakes up to count sleepers. */
void os_futex_wake(const uint32_t *word, int count);

int64_t os_monotonic_ns(void);
/* The same as of the system's last timer tick, some milliseconds old; cheaper. */
int64_t os_coarse_ns(void);
unsigned os_processor_count(void);

/* Address space without memory behind it, aligned (a power of two); NULL when there is none. */
void *os_reserve(size_t bytes, size_t alignment);
/* As os_reserve, readable and writable at once; pages come zeroed when touched. */
void *os_reserve_writable(size_t bytes);
/* Makes a part of a reservation readable and writable. */
bool os_commit(void *address, size_t bytes);
/* Asks the kernel to back the range with huge pages where it can. */
void os_prefer_huge_pages(void *address, size_t bytes);
/* Maps zeroed memory exactly there; false if something is there, or memory ran out. */
bool os_map_at(void *address, size_t bytes);
/* How much address space the process may have (ulimit -v); SIZE_MAX: as much as there is. */
size_t os_address_limit(void);
/* Where the data segment ends, which malloc moves. */
uintptr_t os_data_end(void);
/* The most memory that the process had at any time, in bytes. */
size_t os_peak_memory(void);
/* Has the pages of the range, whose start is a page's, mapped in one go, as if they were written
 * to. A kernel older than Linux 5.14 does nothing: they are mapped when they are touched. */
void os_populate(void *address, size_t bytes);
/* Gives the memory back but keeps the addresses; the pages read as zero afterwards. */
void os_discard(void *address, size_t bytes);
void os_release(void *address, size_t bytes);

#endif
