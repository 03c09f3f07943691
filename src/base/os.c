/* SPDX-License-Identifier: MIT */
#include "base/os.h"

#include <errno.h>
#include <linux/futex.h>
#include <sched.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

int os_futex_wait(const uint32_t *word, uint32_t expected, int64_t timeout_ns)
{
    struct timespec timeout, *limit = NULL;
    if (timeout_ns >= 0) {
        timeout.tv_sec = timeout_ns / 1000000000;
        timeout.tv_nsec = timeout_ns % 1000000000;
        limit = &timeout;
    }
    int saved = errno;
    int result = 0;
    if (syscall(SYS_futex, word, FUTEX_WAIT_PRIVATE, expected, limit, NULL, 0) != 0) {
        result = errno;
    }
    errno = saved;
    return result;
}

void os_futex_wake(const uint32_t *word, int count)
{
    int saved = errno;
    syscall(SYS_futex, word, FUTEX_WAKE_PRIVATE, count, NULL, NULL, 0);
    errno = saved;
}

static int64_t read_clock(clockid_t clock)
{
    struct timespec now;
    clock_gettime(clock, &now);
    return (int64_t)now.tv_sec * 1000000000 + now.tv_nsec;
}

int64_t os_monotonic_ns(void)
{
    return read_clock(CLOCK_MONOTONIC);
}

int64_t os_coarse_ns(void)
{
    return read_clock(CLOCK_MONOTONIC_COARSE);
}

unsigned os_processor_count(void)
{
    cpu_set_t set;
    if (sched_getaffinity(0, sizeof set, &set) == 0) {
        int count = CPU_COUNT(&set);
        return count > 0 ? (unsigned)count : 1;
    }
    long online = sysconf(_SC_NPROCESSORS_ONLN);
    return online > 0 ? (unsigned)online : 1;
}

void *os_reserve(size_t bytes, size_t alignment)
{
    size_t total = bytes + alignment;
    char *start = mmap(NULL, total, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    if (start == MAP_FAILED) {
        return NULL;
    }
    size_t before = (alignment - ((uintptr_t)start & (alignment - 1))) & (alignment - 1);
    if (before > 0) {
        munmap(start, before);
    }
    if (total - before > bytes) {
        munmap(start + before + bytes, total - before - bytes);
    }
    return start + before;
}

void *os_reserve_writable(size_t bytes)
{
    void *start = mmap(NULL, bytes, PROT_READ | PROT_WRITE,
                       MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    if (start == MAP_FAILED) {
        return NULL;
    }
#ifdef MADV_NOHUGEPAGE
    madvise(start, bytes, MADV_NOHUGEPAGE);
#endif
    return start;
}

bool os_map_at(void *address, size_t bytes)
{
    void *start = mmap(address, bytes, PROT_READ | PROT_WRITE,
                       MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE | MAP_FIXED_NOREPLACE, -1, 0);
    if (start != MAP_FAILED && start != address) { /* a kernel that does not know the flag */
        munmap(start, bytes);
        return false;
    }
    return start == address;
}

size_t os_address_limit(void)
{
    struct rlimit limit;
    if (getrlimit(RLIMIT_AS, &limit) != 0 || limit.rlim_cur == RLIM_INFINITY) {
        return SIZE_MAX;
    }
    return limit.rlim_cur;
}

uintptr_t os_data_end(void)
{
    return (uintptr_t)sbrk(0);
}

size_t os_peak_memory(void)
{
    struct rusage usage;
    return getrusage(RUSAGE_SELF, &usage) == 0 ? (size_t)usage.ru_maxrss * 1024 : 0;
}

bool os_commit(void *address, size_t bytes)
{
    return mprotect(address, bytes, PROT_READ | PROT_WRITE) == 0;
}

void os_prefer_huge_pages(void *address, size_t bytes)
{
#ifdef MADV_HUGEPAGE
    madvise(address, bytes, MADV_HUGEPAGE);
#else
    (void)address;
    (void)bytes;
#endif
}

void os_populate(void *address, size_t bytes)
{
    madvise(address, bytes, MADV_POPULATE_WRITE);
}

void os_discard(void *address, size_t bytes)
{
    madvise(address, bytes, MADV_DONTNEED);
}

void os_release(void *address, size_t bytes)
{
    munmap(address, bytes);
}
