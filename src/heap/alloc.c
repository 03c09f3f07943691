/* SPDX-License-Identifier: MIT */
/* Allocation: the slow paths. A thread has a current block per kind and size class, and takes from
 * it one run of neighbouring free cells after the other; heap_alloc in heap.h takes cells from the
 * run. The first runs after a collection come from blocks on the pool's lists, which stay there.
 * Nothing here is atomic but the pool's lock, taken for these runs and once per block. */
#include "heap/foreign.h"
#include "heap/heap_int.h"
#include "heap/watch.h"

#include "base/os.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* tracemalloc's function, or NULL. Atomic. While it is set, runs are one cell long, so that every
 * allocation comes here. */
static heap_watcher watcher;

/* A thread reports what it has allocated in steps of this many bytes. */
#define REPORT_BYTES ((size_t)64 << 10)

struct heap_budget heap_budget;

static struct heap_run *find_run(struct allocator *a, unsigned kind, unsigned size_class)
{
    return size_class < HEAP_FAST_CLASSES ? &a->fast.runs[kind][size_class]
                                          : &a->slow_runs[kind][size_class - HEAP_FAST_CLASSES];
}

void allocator_started(struct thread *t)
{
    struct allocator *a = calloc(1, sizeof *a);
    if (a == NULL) {
        fatal_memory("no memory for a thread's allocator");
    }
    home_take(a);
    t->heap = &a->fast;
}

/* ---- When to collect. */

bool budget_is_spent(void)
{
    if (atomic_load_relaxed(&heap_budget.allocated) >= heap_budget.threshold) {
        return true;
    }
    int64_t grown = atomic_load_relaxed(&heap_budget.external) - heap_budget.external_base;
    return atomic_load_relaxed(&heap_budget.heavy) >= heap_budget.heavy_threshold ||
           (grown > 0 &&
            (uint64_t)grown + atomic_load_relaxed(&heap_budget.allocated) >= heap_budget.threshold);
}

static void report(struct allocator *a, size_t bytes)
{
    a->unreported += bytes;
    if (a->unreported >= REPORT_BYTES) {
        atomic_fetch_add_relaxed(&heap_budget.allocated, a->unreported);
        a->unreported = 0;
    }
}

static void collect_if_spent(struct thread *t)
{
    if (t != NULL && budget_is_spent()) {
        thread_request(t, POLL_COLLECT);
    }
}

void heap_account_external(ptrdiff_t delta)
{
    atomic_fetch_add_relaxed(&heap_budget.external, (int64_t)delta);
    if (delta > 0) {
        collect_if_spent(thread_current());
    }
}

void heap_account_external_freed(size_t bytes)
{
    atomic_fetch_add_relaxed(&heap_budget.external_freed, (int64_t)bytes);
}

void heap_account_heavy(size_t bytes)
{
    struct thread *t = thread_current();
    atomic_fetch_add_relaxed(&heap_budget.heavy, (int64_t)bytes);
    atomic_fetch_add_relaxed(&heap_budget.heavy_held, (int64_t)bytes);
    atomic_fetch_add_relaxed(&heap_budget.heavy_taken, (int64_t)bytes);
    if (t != NULL && t->prompt != NULL) {
        t->prompt->heavy_bytes += bytes;
    }
    collect_if_spent(t);
}

void heap_account_heavy_freed(size_t bytes)
{
    int64_t freed = (int64_t)bytes;
    atomic_fetch_add_relaxed(&heap_budget.heavy_held, -freed);
    if (!heap_frees_found && atomic_fetch_add_relaxed(&heap_budget.heavy, -freed) < freed) {
        atomic_store_relaxed(&heap_budget.heavy, INT64_C(0)); /* it was older than that */
    }
}

/* Collects, or asks for it, if it is due; stops if somebody wants the world stopped. */
static void collect_if_due(struct thread *t)
{
    if (thread_lock_depth > 0 || t->stops_world ||
        atomic_load_relaxed(&t->status) != THREAD_RUNNING) {
        if (budget_is_spent()) {
            thread_request(t, POLL_COLLECT);
        }
        return;
    }
    if (atomic_load_relaxed(&t->poll) & POLL_STOP_WORLD) {
        thread_safepoint_quiet(t);
    }
    if (budget_is_spent()) {
        heap_collect(COLLECT_ALLOCATION);
    }
}

/* ---- Runs. */

/* The first cell at or after i that is free, or taken; `end` if there is none before. */
static ALWAYS_INLINE unsigned find_cell(const struct block *b, unsigned i, unsigned end, bool taken)
{
    while (i < end) {
        uint64_t bits = (taken ? b->allocated[i / 64] : ~b->allocated[i / 64]) >> (i % 64);
        if (bits != 0) {
            i += (unsigned)__builtin_ctzll(bits);
            return i < end ? i : end;
        }
        i = (i / 64 + 1) * 64;
    }
    return end;
}

static void clear_run(const struct heap_run *run, const struct block *b)
{
    if (!heap_clears_heads(b->kind) || b->cell_size <= HEAP_CLEARED_HEAD) {
        memset(run->next, 0, (size_t)(run->limit - run->next));
        return;
    }
    for (char *cell = run->next; cell < run->limit; cell += b->cell_size) {
        memset(cell, 0, HEAP_CLEARED_HEAD);
    }
}

/* Takes the next run out of the block, not cleared; false if the block is full. */
static bool find_run_in(struct heap_run *run, uint32_t number, unsigned bytes)
{
    struct block *b = &blocks[number];
    unsigned start = find_cell(b, b->free_index, b->cell_count, false);
    if (start == b->cell_count) {
        atomic_store_relaxed(&b->free_index, start);
        return false;
    }
    bool single = b->cell_size >= bytes || atomic_load_relaxed(&watcher) != NULL;
    unsigned most = start + (single ? 1 : bytes / b->cell_size);
    unsigned limit = find_cell(b, start + 1, most < b->cell_count ? most : b->cell_count, true);
    atomic_store_relaxed(&b->free_index, limit);
    run->next = block_address(number) + (size_t)start * b->cell_size;
    run->limit = block_address(number) + (size_t)limit * b->cell_size;
    return true;
}

/* Memory that nobody has touched yet is asked for a few pages at a time: a page fault for each
 * costs twice as much, and is half of start-up on a virtual machine. More at a time saves little,
 * and takes memory for size classes of few cells. */
#define POPULATE_BYTES ((uintptr_t)8192)
#define POPULATE_MOST ((size_t)128 << 10)

/* Where the run begins the next few pages of a fresh block. */
static void populate_run(const struct heap_run *run)
{
    char *pages = (char *)((uintptr_t)(run->limit - 1) & ~(POPULATE_BYTES - 1));
    if (pages >= run->next) {
        os_populate(pages, POPULATE_BYTES);
    }
}

static void prepare_run(struct allocator *a, struct heap_run *run, uint32_t number)
{
    if (!blocks[number].zeroed) {
        clear_run(run, &blocks[number]);
    } else {
        populate_run(run);
    }
    report(a, (size_t)(run->limit - run->next));
}

/* From the block of the thread. */
static bool take_run(struct allocator *a, struct heap_run *run, uint32_t number)
{
    if (!find_run_in(run, number, RUN_BYTES)) {
        return false;
    }
    prepare_run(a, run, number);
    return true;
}

/* From the first block of the pool's list; false when memory ran out. */
static bool take_shared_run(struct allocator *a, struct heap_run *run, unsigned kind,
                            unsigned size_class)
{
    unsigned bytes = a->shared_runs[kind][size_class]++ == 0 ? FIRST_RUN_BYTES : RUN_BYTES;
    uint32_t *list = &pool.partial[kind][size_class];
    mutex_lock(&pool.lock);
    while (*list != 0 && !find_run_in(run, *list, bytes)) {
        *list = blocks[*list].next; /* it is full */
    }
    if (*list == 0 && (*list = block_take_locked(kind, size_class, 0)) != 0) {
        find_run_in(run, *list, bytes);
    }
    uint32_t number = *list;
    mutex_unlock(&pool.lock);
    if (number != 0) {
        prepare_run(a, run, number);
    }
    return number != 0;
}

/* From a block that the thread has filled before. */
static bool take_own(struct allocator *a, struct heap_run *run, unsigned kind, unsigned size_class)
{
    uint32_t *own = &a->own[kind][size_class];
    while (*own != 0) {
        uint32_t number = *own;
        *own = blocks[number].next;
        blocks[number].next = 0;
        if (take_run(a, run, number)) {
            a->current[kind][size_class] = number;
            return true;
        }
    }
    return false;
}

static uint32_t take_block(unsigned kind, unsigned size_class, unsigned home)
{
    mutex_lock(&pool.lock);
    uint32_t number = pool.partial[kind][size_class];
    if (number != 0) {
        pool.partial[kind][size_class] = blocks[number].next;
        blocks[number].next = 0;
    } else {
        number = block_take_locked(kind, size_class, home);
    }
    mutex_unlock(&pool.lock);
    return number;
}

/* A collection, whatever the budget says, if one is possible here. */
static bool collect_for_memory(struct thread *t)
{
    if (thread_lock_depth > 0 || t->stops_world ||
        atomic_load_relaxed(&t->status) != THREAD_RUNNING) {
        return false;
    }
    heap_collect(COLLECT_ALLOCATION);
    return true;
}

static unsigned find_class(size_t bytes)
{
    if (bytes <= HEAP_FAST_MAX) {
        return heap_fast_class[(bytes + 7) / 8];
    }
    unsigned i = HEAP_FAST_CLASSES;
    while (class_sizes[i] < bytes) {
        i++;
    }
    return i;
}

/* Fills the run; false when memory ran out. */
static bool refill(struct thread *t, struct heap_run *run, unsigned kind, unsigned size_class)
{
    struct allocator *a = thread_allocator(t);
    uint32_t *current = &a->current[kind][size_class];
    if (*current != 0 && take_run(a, run, *current)) {
        return true;
    }
    *current = 0;
    collect_if_due(t);
    if (take_own(a, run, kind, size_class)) {
        return true;
    }
    if (a->shared_runs[kind][size_class] < SHARED_RUNS &&
        take_shared_run(a, run, kind, size_class)) {
        return true;
    }
    bool collected = false;
    for (;;) {
        uint32_t number = take_block(kind, size_class, a->home);
        if (number == 0) {
            if (collected || !collect_for_memory(t)) {
                blocks_ran_out();
                return false;
            }
            collected = true;
        } else if (take_run(a, run, number)) {
            *current = number;
            block_homes[number] = a->home;
            return true;
        }
    }
}

static void tell_watcher(void *cell, size_t bytes)
{
    heap_watcher f = atomic_load_acquire(&watcher);
    if (UNLIKELY(f != NULL)) {
        f(cell, bytes);
    }
}

void heap_watch(heap_watcher f)
{
    atomic_store_release(&watcher, f);
    if (f != NULL) {
        heap_collect(COLLECT_REQUEST); /* takes the runs of all threads away */
    }
}

static void *alloc_small(struct thread *t, size_t bytes, unsigned kind)
{
    unsigned size_class = find_class(bytes);
    struct heap_run *run = find_run(thread_allocator(t), kind, size_class);
    if (run->next == run->limit && !refill(t, run, kind, size_class)) {
        return NULL;
    }
    char *cell = run->next;
    run->next += class_sizes[size_class];
    tell_watcher(cell, bytes);
    return cell;
}

/* More than the machine has is refused at once instead of killing the process later. */
static size_t memory_limit(void)
{
    static size_t limit; /* atomic */
    size_t known = atomic_load_relaxed(&limit);
    if (known == 0) {
        size_t memory = (size_t)sysconf(_SC_PHYS_PAGES) * (size_t)sysconf(_SC_PAGESIZE);
        size_t space = os_address_limit();
        known = memory < space ? memory : space;
        atomic_store_relaxed(&limit, known);
    }
    return known;
}

static uint32_t take_span(unsigned kind, size_t bytes)
{
    mutex_lock(&pool.lock);
    uint32_t number = span_take_locked(kind, bytes);
    mutex_unlock(&pool.lock);
    return number;
}

/* Clears the first `cleared` bytes, or all that the cell has: its owner may use the rest, too, and
 * the collector looks at it. */
static void *alloc_large(struct thread *t, size_t bytes, unsigned kind, size_t cleared)
{
    struct allocator *a = thread_allocator(t);
    if (bytes > memory_limit()) {
        return NULL;
    }
    report(a, bytes);
    collect_if_due(t);
    uint32_t number = take_span(kind, bytes);
    if (number == 0 && collect_for_memory(t)) {
        number = take_span(kind, bytes);
    }
    if (number == 0) {
        return NULL;
    }
    void *cell = block_address(number);
    if (!blocks[number].zeroed) {
        size_t size = blocks[number].large_bytes;
        memset(cell, 0, cleared < size ? cleared : size);
    } else if (bytes <= POPULATE_MOST) { /* of what is bigger not all may be used */
        os_populate(cell, bytes);
    }
    tell_watcher(cell, bytes);
    return cell;
}

NO_INLINE void *heap_alloc_slow(size_t bytes, unsigned kind)
{
    struct thread *t = thread_current();
    debug_assert(!t->in_extension);
    return bytes <= SMALL_MAX ? alloc_small(t, bytes, kind) : alloc_large(t, bytes, kind, SIZE_MAX);
}

NO_INLINE void *heap_alloc_uncleared_slow(size_t bytes, enum cell_kind kind)
{
    struct thread *t = thread_current();
    return bytes <= SMALL_MAX ? alloc_small(t, bytes, (unsigned)kind)
                              : alloc_large(t, bytes, (unsigned)kind, HEAP_CLEARED_HEAD);
}

/* ---- Taking runs away. */

static void flush_run(struct heap_run *run, uint32_t *current)
{
    if (*current != 0) {
        struct block *b = &blocks[*current];
        /* Cells of the run that were not handed out are free. They were zeroed, but nobody may
         * rely on that: another thread zeroes them again. */
        unsigned unused = (unsigned)((size_t)(run->limit - run->next) / b->cell_size);
        b->free_index -= unused;
        *current = 0;
    }
    run->next = run->limit = NULL; /* what is left of a shared run is swept as dead */
}

/* True if the thread had a block. */
static bool flush(struct allocator *a)
{
    bool had_block = false;
    for (unsigned kind = 0; kind < HEAP_KIND_COUNT; kind++) {
        for (unsigned c = 0; c < CLASS_COUNT; c++) {
            struct heap_run *run = find_run(a, kind, c);
            had_block |= run->limit != NULL;
            flush_run(run, &a->current[kind][c]);
        }
    }
    memset(a->shared_runs, 0, sizeof a->shared_runs);
    memset(a->own, 0, sizeof a->own);
    return had_block;
}

static void flush_thread(struct thread *t, void *active)
{
    if (t->heap != NULL) {
        struct allocator *a = thread_allocator(t);
        a->active = flush(a);
        *(unsigned *)active += a->active;
        a->unreported = 0;
    }
}

unsigned allocators_flush(void)
{
    unsigned active = 0;
    homes_calm_down();
    thread_for_each(flush_thread, &active);
    return active;
}

static void unmark_run(const struct heap_run *run)
{
    if (run->next == run->limit) {
        return;
    }
    struct block *b = &blocks[block_number(run->next)];
    unsigned i = block_cell_index(b, run->next);
    for (unsigned n = (unsigned)((size_t)(run->limit - run->next) / b->cell_size); n > 0;
         n--, i++) {
        b->marked[i / 64] &= ~(UINT64_C(1) << (i % 64));
    }
}

static void unmark_runs(struct thread *t, void *argument)
{
    (void)argument;
    if (t->heap == NULL) {
        return;
    }
    struct allocator *a = thread_allocator(t);
    for (unsigned kind = 0; kind < HEAP_KIND_COUNT; kind++) {
        for (unsigned c = 0; c < CLASS_COUNT; c++) {
            unmark_run(find_run(a, kind, c));
        }
    }
}

void allocators_unmark_runs(void)
{
    thread_for_each(unmark_runs, NULL);
}

static void give_to_pool_locked(unsigned kind, unsigned size_class, uint32_t number)
{
    blocks[number].next = pool.partial[kind][size_class];
    pool.partial[kind][size_class] = number;
}

/* The blocks that the thread has go back to the lists of their classes. */
void allocator_ending(struct thread *t)
{
    struct allocator *a = thread_allocator(t);
    mutex_lock(&pool.lock);
    for (unsigned kind = 0; kind < HEAP_KIND_COUNT; kind++) {
        for (unsigned c = 0; c < CLASS_COUNT; c++) {
            uint32_t number = a->current[kind][c];
            if (number != 0) {
                flush_run(find_run(a, kind, c), &a->current[kind][c]);
                give_to_pool_locked(kind, c, number);
            }
            while ((number = a->own[kind][c]) != 0) {
                a->own[kind][c] = blocks[number].next;
                give_to_pool_locked(kind, c, number);
            }
        }
    }
    mutex_unlock(&pool.lock);
    home_leave(a);
    atomic_fetch_add_relaxed(&heap_budget.allocated, a->unreported);
    t->heap = NULL;
    free(a);
}

/* ---- Questions about cells. */

void *heap_find_cell(const void *p)
{
    if (!heap_contains(p)) {
        return NULL;
    }
    struct block *b = block_find(p);
    if (b == NULL) {
        return NULL;
    }
    unsigned i = block_cell_index(b, p);
    if (!block_has_cell(b, i)) {
        return NULL;
    }
    size_t number = (size_t)(b - blocks);
    return block_address(number) + (b->reciprocal != 0 ? (size_t)i * b->cell_size : 0);
}

size_t heap_cell_size(const void *cell)
{
    struct block *b = block_find(cell);
    check(b != NULL);
    return block_cell_bytes(b);
}
