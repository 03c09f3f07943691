/* SPDX-License-Identifier: MIT */
/* The heap: a non-moving, generational mark-and-sweep collector that stops the world.
 *
 * Terms
 *   cell    a piece of memory that the collector owns; has a kind (what is in it) and a size.
 *   block   32 KiB of cells of one size class and one kind, aligned to its size.
 *   span    several blocks that hold one large cell.
 *   region  half of the heap's address range: ordinary cells, and observed objects (those whose
 *           death somebody can see; only they can have finalizers).
 *   run     neighbouring free cells of a block that a thread has taken to allocate from.
 *
 * Addresses. The heap is one range of 2^42 bytes, aligned to its size, reserved at start-up and
 * made readable piece by piece. So a word is a heap address if its upper bits are the heap's; the
 * block number is a shift, the cell number a multiplication with the reciprocal of the cell size,
 * and any pointer into a cell leads to it. What the collector knows about cells (allocated bits,
 * mark bits, kind, size) is in a table of its own, indexed by block number: marking does not touch
 * pages that only hold leaves, and a child of fork() shares them with its parent for longer.
 *
 * Is a cell allocated? Its block has a free index: cells below it are, cells above are if their bit
 * is set. Allocation moves the free index over the next run of cells without bit; so a fresh cell
 * needs no bookkeeping. During a stop allocators_flush() has taken back what the threads had not
 * used of the runs of their blocks; what is left of runs from shared blocks is swept as dead.
 *
 * Generations. Mark bits are sticky (Demers and others, Combining generational and conservative
 * garbage collection, 1990): what a collection has found alive keeps its mark and is old. A young
 * collection traces only what was allocated since, from the roots and from old cells in which
 * references were stored meanwhile (cards.c); so most collections cost what little is both young
 * and alive. A full collection clears the marks first. One survival makes a cell old. A middle
 * collection clears all marks but those of tenured cells (tenure.c).
 *
 * A collection
 *   1. Stop the world (thread/world.c). Every thread's registers, C stack and value stack are
 *      readable.
 *   2. Take the runs away from the threads.
 *   3. Full: clear the marks. Middle: clear those of all but tenured cells, and trace these where
 *      they may refer to others. Young: trace the old cells on dirty cards. Mark from the roots
 *      (roots.c), with threads that stand at a safepoint and are still awake, or with helper
 *      threads when there is much to mark (mark.c).
 *   4. Clear weak references whose referents are not marked; queue their callbacks.
 *   5. Queue dead objects that want to be finalized; mark them and what they refer to. Then the
 *      same with dead objects of extensions (foreign.c, cycles.c), which are deallocated by hand.
 *   6. Drop weak references that are themselves dead. Let others drop entries of caches that are
 *      about to die (hooks.before_sweep).
 *   7. Sweep (sweep.c): the mark bits become the allocated bits, in blocks that have young cells.
 *   8. Compute when to collect next; resume the world. Finalizers run at the next safepoint.
 *
 * When. Threads count what they allocate, 64 KiB at a time. A collection is due when that exceeds
 * `young_bytes`, and some more for each thread beyond two that allocates, or a part of a big heap;
 * memory outside the heap that objects hold counts too. What a young collection costs hardly
 * depends on how much was allocated, and all threads wait for it; but as much for each thread would
 * double the peak memory of small programs. Three times as much where extension code is
 * interrupted. The first one comes later: start-up makes little
 * garbage. It is a middle or a full one if what is alive beyond what modules take has grown by
 * `growth`, and by a minimum, since the last of these. The allocating thread collects where it is,
 * if it holds no lock; else at its next safepoint. gc.disable() does not switch that off, because
 * here a dead object has no other way out: it makes the heap grow longer first.
 *
 * Invariants
 *   1. Nobody but the collector in a stop sets or clears allocated and mark bits.
 *   2. Outside of a collection the mark bits are the allocated bits, but for young cells that a
 *      probe has marked (prompt.c).
 *   3. A free cell is not referred to; a run is zeroed before its first cell is handed out.
 *   4. A block is in at most one place: current for one thread, on one list of the pool or of the
 *      thread that filled it, full, or free.
 *   5. pool.lock is only held by RUNNING threads that cannot stop meanwhile, so it is free in a
 *      stop.
 *   6. An old cell that refers to a young one lies on a dirty card, or its maker still has it on a
 *      C stack; scratch and foreign cells excepted.
 *   7. A tenured cell that refers to one that is not lies on a dirty card, or on one that its block
 *      remembers.
 *
 * Rejected: free lists through the cells (sweeping would write to every dead cell, and dead
 * memory would have to be zeroed at once or twice); headers in front of cells (C code knows the
 * layout of objects from their first byte); moving (C code holds pointers). */
#include "heap/heap_int.h"
#include "heap/roots.h"
#include "heap/tenure.h"
#include "heap/walk.h"

#include "base/os.h"

#include <stdio.h>
#include <string.h>

struct heap_options heap_options = {.young_bytes = (size_t)11 << 18,
                                    .growth = 0.6,
                                    .minimum_bytes = (size_t)3 << 18,
                                    .enabled = true};

/* Big heaps: a young collection only when this part of what is alive has been allocated. */
#define YOUNG_PART 8
struct heap_hooks heap_hooks;

static struct heap_stats stats; /* written in a stop */
static uint64_t last_freed_cells;

static void collect_requested(struct thread *t)
{
    (void)t;
    if (budget_is_spent()) {
        heap_collect(COLLECT_ALLOCATION);
    }
}

static void stress(struct thread *t)
{
    static uint32_t safepoints;
    (void)t;
    if (heap_options.stress_interval != 0 &&
        atomic_fetch_add_relaxed(&safepoints, 1) % heap_options.stress_interval == 0) {
        heap_collect(COLLECT_STRESS);
    }
}

static void thread_started(struct thread *t)
{
    allocator_started(t);
    prompt_thread_started(t);
}

static void thread_ending(struct thread *t)
{
    prompt_thread_ending(t);
    if (t->heap != NULL) {
        allocator_ending(t);
    }
    /* What this thread was asked to finalize is left to the main thread. */
    if (t != thread_main() && finalizers_pending()) {
        thread_request(thread_main(), POLL_FINALIZERS);
    }
}

static void forked(struct thread *t)
{
    (void)t;
    mark_forked();
}

void heap_init_runtime(void)
{
    blocks_init();
    tenure_init();
    mark_begin(0); /* takes address space while there is some */
    roots_init();
    if (heap_options.markers == 0) {
        unsigned processors = os_processor_count();
        heap_options.markers = processors < 4 ? processors : 4;
    }
    cards_init();
    prompt_init();
    heap_renew_threshold();
    thread_hooks.started = thread_started;
    thread_hooks.ending = thread_ending;
    thread_hooks.forked = forked;
    thread_hooks.stress = stress;
    thread_hooks.collect = collect_requested;
    thread_hooks.run_finalizers = finalizers_run;
    if (heap_options.stress_interval != 0) {
        thread_request_always(POLL_CHAOS);
    }
}

/* ---- Collecting. */

/* A program that has switched collections off gets few of them. */
#define DISABLED_FACTOR 16
/* What each thread beyond the second adds to young_bytes, in sixteenths of it, and how many threads
 * may add. */
#define YOUNG_SIXTEENTHS 3
#define YOUNG_THREADS_FREE 2
#define YOUNG_THREADS_MAX 8
/* ... and by what it grows where a stop had to interrupt extension code by a signal: that takes as
 * long as a quarter of a collection, and such programs are not small. */
#define YOUNG_INTERRUPTING 3

static unsigned allocating_threads = 1; /* between the last two collections; written in a stop */

static int64_t external_held(void)
{
    return atomic_load_relaxed(&heap_budget.external) +
           atomic_load_relaxed(&heap_budget.heavy_held) -
           atomic_load_relaxed(&heap_budget.external_freed);
}

/* Most of what is big dies promptly, and what a collection finds alive does not any more. */
#define HEAVY_MINIMUM ((int64_t)16 << 20)
#define HEAVY_LOST_PART 16

static void set_thresholds(void)
{
    int64_t heavy = atomic_load_relaxed(&heap_budget.heavy_held) / 4 * 3;
    heap_budget.heavy_threshold = heavy > HEAVY_MINIMUM ? heavy : HEAVY_MINIMUM;
    size_t factor = heap_options.enabled ? 1 : DISABLED_FACTOR;
    size_t part = (size_t)stats.live_bytes / YOUNG_PART;
    size_t young = heap_options.young_bytes;
    if (allocating_threads > YOUNG_THREADS_FREE) {
        young += young / 16 * YOUNG_SIXTEENTHS * (allocating_threads - YOUNG_THREADS_FREE);
    }
    young = world_interrupts_extension() ? young * YOUNG_INTERRUPTING : young;
    young = stats.collections == 0 ? young / 11 * 16 : young; /* little of start-up's is garbage */
    heap_budget.threshold = (part > young ? part : young) * factor;
}

/* Of what is alive, so much is the interpreter's and its modules': it does not grow. */
#define STARTUP_BYTES ((size_t)4 << 20)

/* After a full collection. */
static void set_full_threshold(void)
{
    /* Some of what was freed had lost its size on the way (capi/obmalloc.c). */
    int64_t lost = atomic_load_relaxed(&heap_budget.heavy_held) / HEAVY_LOST_PART;
    atomic_fetch_add_relaxed(&heap_budget.heavy_held, -lost);
    size_t factor = heap_options.enabled ? 1 : DISABLED_FACTOR;
    size_t live = (size_t)stats.live_bytes;
    size_t grows = live > STARTUP_BYTES ? live - STARTUP_BYTES : 0;
    size_t growth = (size_t)((double)grows * heap_options.growth);
    size_t minimum = heap_options.minimum_bytes;
    minimum = stats.full_collections == 0 ? minimum * 5 : minimum;
    heap_budget.full_threshold = live + (growth > minimum ? growth : minimum) * factor;
    heap_budget.full_external = external_held();
}

void heap_renew_threshold(void)
{
    set_thresholds();
    set_full_threshold();
}

/* A young collection finds little where nothing is young, and nothing at all of what is old. */
static bool wants_more_than_young(enum collect_cause cause)
{
    if (cause == COLLECT_STRESS) {
        return stats.collections % 4 == 0;
    }
    int64_t held = external_held();
    if (held < heap_budget.full_external) {
        heap_budget.full_external = held; /* the dead of the last full one were freed after it */
    }
    /* Half as much again: few objects hold much outside, so that looking for them is cheap. */
    uint64_t external = (uint64_t)(held - heap_budget.full_external) * 3 / 2;
    return cause != COLLECT_ALLOCATION || stats.live_bytes + external >= heap_budget.full_threshold;
}

/* A middle collection is enough so many times in a row, if it leaves less alive than what the last
 * full one set as the limit: some of that may be tenured and dead. Written in a stop. */
#define MIDDLE_MOST 16
static unsigned middle_in_a_row;
static uint64_t full_limit, live_after_last; /* bytes; after the last middle or full one */

static enum generation choose_generation(enum collect_cause cause)
{
    if (!wants_more_than_young(cause)) {
        return GENERATION_YOUNG;
    }
    bool middle =
        tenure_bytes() > 0 && middle_in_a_row < MIDDLE_MOST &&
        (cause == COLLECT_STRESS || (cause == COLLECT_ALLOCATION && live_after_last < full_limit));
    return middle ? GENERATION_MIDDLE : GENERATION_FULL;
}

static void note_generation(enum generation generation)
{
    live_after_last = stats.live_bytes;
    set_full_threshold();
    if (generation == GENERATION_FULL) {
        middle_in_a_row = 0;
        full_limit = heap_budget.full_threshold;
        return;
    }
    middle_in_a_row++;
    uint64_t least = live_after_last + heap_options.minimum_bytes;
    if (least < heap_budget.full_threshold) {
        heap_budget.full_threshold = full_limit > least ? full_limit : least;
    }
}

static void mark_all(enum collect_cause cause, enum generation generation)
{
    struct tracer *tracer = mark_tracer();
    bool full = generation != GENERATION_YOUNG;
    size_t all =
        (pool.used_blocks << BLOCK_BITS) - (generation == GENERATION_MIDDLE ? tenure_bytes() : 0);
    mark_begin(full ? all : atomic_load_relaxed(&heap_budget.allocated));
    prompt_before_mark();
    mark_clear(generation);
    cycles_explain(full);
    roots_mark(cause, full ? MARK_FULL : MARK_YOUNG);
    cycles_restore();
    finalizers_trace(tracer);
    cycles_mark(tracer);
    weakrefs_clear_dead();
    if (finalizers_queue_dead(tracer)) {
        cycles_mark(tracer);
    }
    if (heap_scan_counts) {
        if (finalizers_queue_foreign(tracer)) {
            cycles_mark(tracer);
        }
        foreign_before_sweep();
    }
    if (heap_options.verify) {
        cards_verify();
    }
}

/* Under stress, the cards are verified before each n-th marking: it takes longer than that. */
#define STRESS_TOLD 8

static bool collects_old;

bool heap_collects_old(void)
{
    return collects_old;
}

static enum generation collect_stopped(enum collect_cause cause)
{
    struct sweep_result swept;
    enum generation generation = choose_generation(cause);
    bool full = collects_old = generation != GENERATION_YOUNG;
    unsigned allocating = allocators_flush();
    if (heap_options.verify &&
        (heap_options.stress_interval == 0 || stats.collections % STRESS_TOLD == 0)) {
        cards_verify_told();
    }
    mark_all(cause, generation);
    weakrefs_forget_dead();
    prompt_forget_dead();
    if (heap_hooks.before_sweep != NULL) {
        heap_hooks.before_sweep();
    }
    heap_sweep(full, &swept);

    stats.collections++;
    stats.middle_collections += generation == GENERATION_MIDDLE;
    stats.full_collections += generation == GENERATION_FULL;
    stats.live_cells = swept.live_cells;
    stats.live_bytes = swept.live_bytes;
    stats.freed_bytes_last = swept.freed_bytes;
    stats.heap_bytes = pool.used_blocks << BLOCK_BITS;
    last_freed_cells = swept.freed_cells;
    allocating_threads = allocating < 1                   ? 1
                         : allocating > YOUNG_THREADS_MAX ? YOUNG_THREADS_MAX
                                                          : allocating;
    set_thresholds();
    atomic_store_relaxed(&heap_budget.allocated, 0);
    heap_budget.external_base = atomic_load_relaxed(&heap_budget.external);
    atomic_store_relaxed(&heap_budget.heavy, 0);
    if (full) {
        note_generation(generation);
        mark_end();
    }
    blocks_discard(2 * heap_budget.threshold >> BLOCK_BITS);
    if (heap_options.verify) {
        heap_verify();
    }
    return generation;
}

/* From a copy of the figures, after the stop: meanwhile nobody may call stdio. */
static void log_collection(enum collect_cause cause, enum generation generation,
                           const struct heap_stats *s)
{
    static const char *const generations[] = {"young", "middle", "full"};
    static const char *const causes[] = {"allocation", "external memory", "request", "stress",
                                         "shutdown"};
    fprintf(
        stderr,
        "orochi gc %llu: %s, %s, live %.1f MB in %llu cells, freed %.1f MB, heap %.1f MB, next at "
        "%.1f MB, stop %.3f ms, pause %.3f ms\n",
        (unsigned long long)s->collections, generations[generation], causes[cause],
        (double)s->live_bytes / 1e6, (unsigned long long)s->live_cells,
        (double)s->freed_bytes_last / 1e6, (double)s->heap_bytes / 1e6,
        (double)s->threshold_bytes / 1e6, (double)s->stop_ns_last / 1e6,
        (double)s->pause_ns_last / 1e6);
}

static void note_times(int64_t start, int64_t stopped, int64_t end)
{
    stats.stop_ns_last = (uint64_t)(stopped - start);
    stats.pause_ns_last = (uint64_t)(end - start);
    if (stats.stop_ns_last > stats.stop_ns_max) {
        stats.stop_ns_max = stats.stop_ns_last;
    }
    if (stats.pause_ns_last > stats.pause_ns_max) {
        stats.pause_ns_max = stats.pause_ns_last;
    }
}

NO_INLINE size_t heap_collect(enum collect_cause cause)
{
    struct thread *t = thread_current();
    check(thread_lock_depth == 0 && !t->stops_world);
    int64_t start = os_monotonic_ns();
    world_stop();
    /* Another thread may have collected while this one waited for its turn. */
    if (cause == COLLECT_ALLOCATION && !budget_is_spent()) {
        world_resume();
        return 0;
    }
    thread_save_registers(t);
    int64_t stopped = os_monotonic_ns();
    enum generation generation = collect_stopped(cause);
    size_t freed = last_freed_cells;
    note_times(start, stopped, os_monotonic_ns());
    struct heap_stats copy;
    heap_get_stats(&copy);
    world_resume();
    if (heap_options.log) {
        log_collection(cause, generation, &copy);
    }
    if (finalizers_pending()) {
        thread_request(t, POLL_FINALIZERS);
    }
    return freed;
}

void heap_get_stats(struct heap_stats *out)
{
    *out = stats;
    out->threshold_bytes = heap_budget.threshold;
}

double heap_progress(void)
{
    double part =
        (double)atomic_load_relaxed(&heap_budget.allocated) / (double)heap_budget.threshold;
    return part < 1 ? part : 1;
}

/* ---- Walking. */

struct walk {
    bool (*f)(struct _object *, void *);
    void *argument;
    bool observed_only;
    bool ended;
};

static void walk_block(size_t number, struct block *b, void *argument)
{
    struct walk *walk = argument;
    unsigned kind = kind_plain(b->kind);
    if ((kind != CELL_OBJECT && kind != CELL_LEAF) ||
        (walk->observed_only && !heap_is_observed((uintptr_t)block_address(number)))) {
        return;
    }
    for (unsigned i = 0; i < b->cell_count && !walk->ended; i++) {
        struct _object *object =
            (struct _object *)(void *)(block_address(number) + (size_t)i * b->cell_size);
        if (block_has_cell(b, i) && (b->kind != HEAP_FOREIGN || foreign_is_object(b, i)) &&
            object->ob_type != NULL) {
            walk->ended = !walk->f(object, walk->argument);
        }
    }
}

static void walk_blocks(bool (*f)(struct _object *, void *), void *argument, bool observed_only)
{
    struct walk walk = {f, argument, observed_only, false};
    world_stop();
    blocks_for_each(walk_block, &walk);
    world_resume();
}

void heap_for_each_object(bool (*f)(struct _object *, void *), void *argument)
{
    walk_blocks(f, argument, false);
}

void heap_for_each_observed(bool (*f)(struct _object *, void *), void *argument)
{
    walk_blocks(f, argument, true);
}

/* ---- Bulk forms of the write barrier. */

void heap_init_copy(void *container, Value *slots, const Value *source, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        uint64_t bits = atomic_load_relaxed(&source[i].bits);
        if (UNLIKELY(heap_is_observed(bits))) {
            heap_prompt_stored(container, &slots[i], 0, bits);
        }
        atomic_store_relaxed(&slots[i].bits, bits);
    }
    heap_remember_range(slots, count * sizeof *slots);
}

/* Might a word of the range refer to an observed object? Only cards can tell. */
static bool range_is_observed(const Value *slots, size_t count)
{
    if (!heap_contains(slots)) {
        return true;
    }
    const char *end = (const char *)(slots + count);
    for (const char *p = (const char *)slots; p < end; p += (size_t)1 << HEAP_CARD_SHIFT) {
        if (atomic_load_relaxed(heap_card(p)) & CARD_OBSERVED) {
            return true;
        }
    }
    return count > 0 && (atomic_load_relaxed(heap_card(end - 1)) & CARD_OBSERVED) != 0;
}

static void move_ordinary(Value *to, const Value *from, size_t count)
{
    if (to < from) {
        for (size_t i = 0; i < count; i++) {
            atomic_store_release(&to[i].bits, atomic_load_relaxed(&from[i].bits));
        }
    } else {
        for (size_t i = count; i-- > 0;) {
            atomic_store_release(&to[i].bits, atomic_load_relaxed(&from[i].bits));
        }
    }
    heap_remember_range(to, count * sizeof *to);
}

void heap_move(void *container, Value *to, const Value *from, size_t count)
{
    if (count > 4 && LIKELY(!range_is_observed(to, count) && !range_is_observed(from, count))) {
        move_ordinary(to, from, count);
    } else if (to < from) {
        for (size_t i = 0; i < count; i++) {
            heap_store_value(container, &to[i], value_load_relaxed(&from[i]));
        }
    } else {
        for (size_t i = count; i-- > 0;) {
            heap_store_value(container, &to[i], value_load_relaxed(&from[i]));
        }
    }
}

void heap_set_all(void *container, Value *slots, size_t count, Value value)
{
    bool observed = count <= 4 || range_is_observed(slots, count);
    for (size_t i = 0; i < count; i++) {
        if (UNLIKELY(observed)) {
            heap_store_value(container, &slots[i], value);
        } else {
            atomic_store_release(&slots[i].bits, value.bits);
        }
    }
}
