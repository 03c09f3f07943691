/* SPDX-License-Identifier: MIT */
/* Roots: where marking begins. Threads' records and value stacks, C stacks, the writable static
 * data of the executable, and ranges that were registered. All but what hooks trace is scanned
 * conservatively: a word counts if it is the address of a live cell or points into one. */
#include "heap/roots.h"
#include "heap/heap_int.h"
#include "heap/tenure.h"

#include <link.h>
#include <stdlib.h>
#include <string.h>

#include <Python.h>

struct root_range {
    const char *start, *end;
};

/* Writable static data of our own. The table is filled at start-up, and constant from then on. */
struct static_range {
    const uint64_t *start, *end;
    uint64_t *excluded; /* bit per word: not scanned here; atomic */
};
#define STATIC_RANGES_MAX 8
HOLDS_NO_CELLS static struct static_range static_ranges[STATIC_RANGES_MAX];
static unsigned static_count;

/* Static objects that are traced rather than scanned. The table grows under ranges_lock; a stop
 * reads it without. */
struct static_object {
    void *start;
    size_t bytes;
    void (*trace)(void *object, struct tracer *tracer);
};
#define STATIC_OBJECTS_MAX 1024
HOLDS_NO_CELLS static struct static_object static_objects[STATIC_OBJECTS_MAX];
static size_t static_object_count; /* atomic */

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
            start += -(uintptr_t)start & 7;
            size_t words = (size_t)(end - start) / 8;
            uint64_t *excluded = calloc(words / 64 + 1, sizeof *excluded);
            if (excluded == NULL) {
                fatal_memory("no memory for the table of static data");
            }
            const uint64_t *first = (const uint64_t *)(const void *)start;
            static_ranges[static_count++] = (struct static_range){first, first + words, excluded};
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

void (*heap_trace_caches)(struct tracer *tracer, enum marking marking);

void heap_exclude_range(const void *start, size_t bytes)
{
    const uint64_t *word = (const uint64_t *)(((uintptr_t)start + 7) & ~(uintptr_t)7);
    const uint64_t *end = (const uint64_t *)(((uintptr_t)start + bytes) & ~(uintptr_t)7);
    for (unsigned i = 0; i < static_count; i++) {
        const struct static_range *range = &static_ranges[i];
        if (word < range->start || end > range->end) {
            continue;
        }
        for (size_t n; word < end; word += n) {
            size_t at = (size_t)(word - range->start), left = (size_t)(end - word);
            n = 64 - at % 64 < left ? 64 - at % 64 : left;
            uint64_t mask = (n == 64 ? UINT64_MAX : (UINT64_C(1) << n) - 1) << at % 64;
            atomic_fetch_or_relaxed(&range->excluded[at / 64], mask);
        }
        return;
    }
}

void heap_add_static(void *start, size_t bytes, void (*trace)(void *object, struct tracer *tracer))
{
    mutex_lock(&ranges_lock);
    size_t count = static_object_count;
    check(count < STATIC_OBJECTS_MAX);
    static_objects[count] = (struct static_object){start, bytes, trace};
    atomic_store_release(&static_object_count, count + 1);
    heap_remember_range(start, bytes);
    heap_exclude_range(start, bytes);
    mutex_unlock(&ranges_lock);
}

static void trace_static_object(void *object, struct tracer *tracer)
{
    const struct static_object *o = object;
    if (o->trace != NULL) {
        o->trace(o->start, tracer);
    } else {
        trace_words(tracer, o->start, o->bytes / sizeof(Value));
    }
}

static size_t range_bytes(const struct static_range *range)
{
    return (size_t)(range->end - range->start) * sizeof *range->start;
}

static bool static_data_is_dirty(void)
{
    bool dirty = false;
    for (unsigned i = 0; i < static_count; i++) {
        dirty |= cards_are_dirty(static_ranges[i].start, range_bytes(&static_ranges[i]));
    }
    return dirty;
}

static void trace_static_objects(struct tracer *tracer, enum marking marking)
{
    bool all = marking == MARK_FULL || marking == PROBE_ALL;
    if (!all && !static_data_is_dirty()) {
        return;
    }
    size_t count = atomic_load_acquire(&static_object_count);
    for (size_t i = 0; i < count; i++) {
        struct static_object *o = &static_objects[i];
        if (all || cards_are_dirty(o->start, o->bytes)) {
            trace_static_object(o, tracer);
        }
    }
}

void roots_clean_cards(void)
{
    for (unsigned i = 0; i < static_count; i++) {
        cards_forget(static_ranges[i].start, range_bytes(&static_ranges[i]));
    }
}

void roots_report_statics(void (*f)(void *argument, const void *p), void *argument)
{
    size_t count = atomic_load_acquire(&static_object_count);
    for (size_t i = 0; i < count; i++) {
        mark_report_with(trace_static_object, &static_objects[i], f, argument);
    }
}

/* The words of one word of the bitmap. */
static void trace_static_words(struct tracer *tracer, const struct static_range *range, size_t at)
{
    uint64_t scanned = ~atomic_load_relaxed(&range->excluded[at / 64]);
    while (scanned != 0) {
        unsigned first = (unsigned)__builtin_ctzll(scanned);
        uint64_t rest = ~(scanned >> first);
        unsigned n = rest == 0 ? 64 - first : (unsigned)__builtin_ctzll(rest);
        const uint64_t *start = range->start + at + first, *end = start + n;
        trace_conservatively(tracer, start, end < range->end ? end : range->end);
        if (first + n == 64) {
            break;
        }
        scanned &= UINT64_MAX << (first + n);
    }
}

static void trace_static_data(struct tracer *tracer)
{
    for (unsigned i = 0; i < static_count; i++) {
        const struct static_range *range = &static_ranges[i];
        for (size_t at = 0; at < (size_t)(range->end - range->start); at += 64) {
            trace_static_words(tracer, range, at);
        }
    }
}

/* Made by the linker: the variables with HOLDS_NO_CELLS. */
extern const char __start_no_cells[] __attribute__((visibility("hidden")));
extern const char __stop_no_cells[] __attribute__((visibility("hidden")));

void roots_init(void)
{
    static_count = 0;
    unsigned seen = 0;
    dl_iterate_phdr(find_static_data, &seen);
    heap_exclude_range(__start_no_cells, (size_t)(__stop_no_cells - __start_no_cells));
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

/* What threads that search for roots together share. */
struct search {
    enum marking marking;
    struct thread *requester; /* the thread that asked for this collection, or NULL */
    uint32_t number;          /* of the search; never 0 */
    struct block_share cards, counts;
};

/* One of them. */
struct searcher {
    struct search *search;
    struct tracer *tracer;
    bool first;
};

/* Is this thread's record left to trace? Records may be added during a stop, so that a thread has
 * no fixed place in the list; what has no allocator yet is for the first searcher, which meets each
 * record once. */
static bool claim_thread(const struct searcher *searcher, const struct thread *t)
{
    struct allocator *a = thread_allocator(t);
    if (a == NULL) {
        return searcher->first;
    }
    uint32_t number = searcher->search->number;
    return __atomic_exchange_n(&a->traced_by, number, __ATOMIC_RELAXED) != number;
}

static void trace_thread(struct thread *t, void *argument)
{
    const struct searcher *searcher = argument;
    struct tracer *tracer = searcher->tracer;
    if (!claim_thread(searcher, t)) {
        return;
    }
    cards_keep(t, t + 1);
    trace_conservatively(tracer, t, t + 1);
    if (heap_hooks.trace_value_stack != NULL) {
        heap_hooks.trace_value_stack(t, tracer, t == searcher->search->requester);
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

static void trace_roots(struct tracer *tracer, enum marking marking)
{
    if (heap_trace_caches != NULL) {
        heap_trace_caches(tracer, marking);
    }
    trace_static_objects(tracer, marking);
    trace_static_data(tracer);
    for (size_t i = 0; i < range_count; i++) {
        trace_conservatively(tracer, ranges[i].start, ranges[i].end);
    }
}

/* What lies in blocks is shared. Each thread traces its own stacks, so that it finds what it has in
 * its cache; the rest is for the first. */
static void search(void *argument, struct tracer *tracer, unsigned number)
{
    struct search *s = argument;
    struct searcher searcher = {s, tracer, number == 0};
    trace_thread(thread_current(), &searcher);
    if (number == 0) {
        trace_roots(tracer, s->marking);
        thread_for_each(trace_thread, &searcher);
    }
    if (s->marking != MARK_FULL && s->marking != PROBE_ALL) {
        cards_trace(tracer, &s->cards);
    } else if (tenure_bytes() > 0) {
        cards_trace_tenured(tracer, &s->cards);
    }
    if (heap_scan_counts) {
        foreign_trace_roots(tracer, &s->counts);
    }
}

void roots_mark(enum collect_cause cause, enum marking marking)
{
    static uint32_t searches; /* in a stop */
    searches += searches == UINT32_MAX ? 2 : 1;
    struct search s = {.marking = marking,
                       .requester = cause == COLLECT_REQUEST ? thread_current() : NULL,
                       .number = searches};
    cards_trace_begin(marking == PROBE_NEW);
    mark_from(search, &s);
    cards_trace_begin(false);
}
