/* SPDX-License-Identifier: MIT */
/* Roots: where marking begins. Threads' records and value stacks, C stacks, the writable static
 * data of the executable, and ranges that were registered. All but what hooks trace is scanned
 * conservatively: a word counts if it is the address of a live cell or points into one. */
#include "heap/roots.h"
#include "heap/heap_int.h"

#include <link.h>
#include <stdlib.h>
#include <string.h>

#include <Python.h>

struct root_range {
    const char *start, *end;
};

#define STATIC_RANGES_MAX 32
static struct root_range static_ranges[STATIC_RANGES_MAX];
static unsigned static_count;

/* Registered ranges, in malloc memory. */
static struct mutex ranges_lock = MUTEX_INIT(FINALIZERS);
static struct root_range *ranges; /* under ranges_lock */
static size_t range_count, range_room;

/* The dynamic linker makes this part of a segment read-only once it has relocated it: constants. */
static struct root_range find_relocated(const struct dl_phdr_info *info)
{
    for (unsigned i = 0; i < info->dlpi_phnum; i++) {
        const ElfW(Phdr) *header = &info->dlpi_phdr[i];
        if (header->p_type == PT_GNU_RELRO) {
            const char *start = (const char *)(info->dlpi_addr + header->p_vaddr);
            return (struct root_range){start, start + header->p_memsz};
        }
    }
    return (struct root_range){NULL, NULL};
}

static bool holds(const struct dl_phdr_info *info, const void *address)
{
    bool found = false;
    for (unsigned i = 0; i < info->dlpi_phnum; i++) {
        const ElfW(Phdr) *header = &info->dlpi_phdr[i];
        uintptr_t start = info->dlpi_addr + header->p_vaddr;
        found |= header->p_type == PT_LOAD && (uintptr_t)address - start < header->p_memsz;
    }
    return found;
}

static void add_static_data(const struct dl_phdr_info *info)
{
    struct root_range constant = find_relocated(info);
    for (unsigned i = 0; i < info->dlpi_phnum && static_count < STATIC_RANGES_MAX; i++) {
        const ElfW(Phdr) *header = &info->dlpi_phdr[i];
        if (header->p_type == PT_LOAD && (header->p_flags & PF_W)) {
            const char *start = (const char *)(info->dlpi_addr + header->p_vaddr);
            const char *end = start + header->p_memsz;
            if (constant.start >= start && constant.end <= end) {
                start = constant.end; /* it comes first in its segment */
            }
            static_ranges[static_count++] = (struct root_range){start, end};
        }
    }
}

/* The first object that the dynamic linker reports is the executable. Where Orochi is a library,
 * the executable has copies of the library's data that it refers to, and those are the ones in use.
 */
static int find_static_data(struct dl_phdr_info *info, size_t size, void *argument)
{
    (void)size;
    unsigned *seen = argument;
    bool own = holds(info, static_ranges);
    if ((*seen)++ == 0 || own) {
        add_static_data(info);
    }
    return own;
}

void (*heap_trace_caches)(struct tracer *tracer, bool full);

void heap_exclude_range(const void *start, size_t bytes)
{
    const char *from = (const char *)(((uintptr_t)start + 7) & ~(uintptr_t)7);
    const char *to = (const char *)start + (bytes & ~(size_t)7);
    for (unsigned i = 0; i < static_count; i++) {
        struct root_range *range = &static_ranges[i];
        if (from >= range->start && to <= range->end && static_count < STATIC_RANGES_MAX) {
            static_ranges[static_count++] = (struct root_range){to, range->end};
            range->end = from;
            return;
        }
    }
}

void roots_init(void)
{
    static_count = 0;
    unsigned seen = 0;
    dl_iterate_phdr(find_static_data, &seen);
}

void heap_add_root_range(const void *start, size_t bytes)
{
    mutex_lock(&ranges_lock);
    if (range_count == range_room) {
        range_room = range_room * 2 + 8;
        ranges = realloc(ranges, range_room * sizeof *ranges);
        if (ranges == NULL) {
            fatal_memory("no memory for root ranges");
        }
    }
    ranges[range_count++] = (struct root_range){start, (const char *)start + bytes};
    mutex_unlock(&ranges_lock);
}

void heap_remove_root_range(const void *start)
{
    mutex_lock(&ranges_lock);
    for (size_t i = 0; i < range_count; i++) {
        if (ranges[i].start == start) {
            ranges[i] = ranges[--range_count];
            break;
        }
    }
    mutex_unlock(&ranges_lock);
}

struct thread_roots {
    struct tracer *tracer;
    struct thread *requester; /* the thread that asked for this collection, or NULL */
};

static void trace_thread(struct thread *t, void *argument)
{
    const struct thread_roots *roots = argument;
    struct tracer *tracer = roots->tracer;
    cards_keep(t, t + 1);
    trace_conservatively(tracer, t, t + 1);
    if (heap_hooks.trace_value_stack != NULL) {
        heap_hooks.trace_value_stack(t, tracer, t == roots->requester);
    } else {
        trace_conservatively(tracer, t->value_stack, t->value_stack_top);
    }
    if (t->stack_top != NULL) {
        cards_keep(t->stack_top, t->stack_base);
        trace_conservatively(tracer, t->stack_top, t->stack_base);
    }
    if (heap_hooks.trace_thread != NULL) {
        heap_hooks.trace_thread(t, tracer);
    }
}

void roots_trace(struct tracer *tracer, enum collect_cause cause, bool full)
{
    if (heap_trace_caches != NULL) {
        heap_trace_caches(tracer, full);
    }
    struct thread_roots roots = {tracer, cause == COLLECT_REQUEST ? thread_current() : NULL};
    for (unsigned i = 0; i < static_count; i++) {
        trace_conservatively(tracer, static_ranges[i].start, static_ranges[i].end);
    }
    for (size_t i = 0; i < range_count; i++) {
        trace_conservatively(tracer, ranges[i].start, ranges[i].end);
    }
    thread_for_each(trace_thread, &roots);
    if (heap_scan_counts) {
        foreign_trace_roots(tracer);
    }
}
