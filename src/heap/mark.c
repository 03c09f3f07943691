/* SPDX-License-Identifier: MIT */
/* Marking: the tracer that trace functions talk to, and the threads that mark in parallel.
 *
 * A cell's mark bit is set before the cell is pushed, so each cell is pushed once. Every marker has
 * a stack of its own; the stacks are address space that could hold every cell there is, so they
 * cannot overflow. A marker with more than it needs gives half of its stack to the shared queue
 * when somebody is idle. Marking is over when all are idle and the queue is empty.
 *
 * Large arrays are traced in pieces: an entry with bit 0 set means "the rest of this CELL_WORDS
 * cell from here on". So the stack stays short, and others can take a share of one big list. */
#include "heap/heap_int.h"
#include "heap/tenure.h"

#include "base/os.h"

#include <pthread.h>
#include <signal.h>
#include <string.h>

#include <Python.h>

#define MARKERS_MAX 16
#define STACK_BYTES ((size_t)1 << 36)
#define PIECE_WORDS 256
#define DONATE_ABOVE 64
#define DONATE_ABOVE_AWAKE 8
#define TAKE_MAX 512
#define FETCH_AHEAD 8
#define AWAKE_PAUSES 32
/* Less is marked without helpers: waking them costs more than they save. */
#define PARALLEL_BYTES ((size_t)32 << 20)

struct tracer {
    uintptr_t *stack;
    size_t count;
    bool parallel;
    void (*report)(void *argument, const void *p); /* not NULL: called instead of marking */
    void *argument;
} __attribute__((aligned(64)));

static struct tracer tracers[MARKERS_MAX];

/* Under shared.lock, but for the atomic fields. */
static struct {
    pthread_mutex_t lock;
    pthread_cond_t changed;
    uintptr_t *queue;
    size_t count;    /* atomic */
    unsigned active; /* atomic; markers that take part in this phase */
    unsigned idle;   /* atomic; of those, how many wait */
    /* The markers are threads of mark_from, which do not sleep. Written when no other one runs. */
    bool awake;
    bool over;        /* nobody may join any more */
    uint64_t phase;   /* changes when helpers shall start */
    unsigned helpers; /* threads that were made */
    unsigned running; /* helpers that have not finished this phase */
} shared = {.lock = PTHREAD_MUTEX_INITIALIZER, .changed = PTHREAD_COND_INITIALIZER};

struct tracer *mark_tracer(void)
{
    return &tracers[0];
}

/* Room for every cell of a sparse heap, should all be of the smallest size. */
static size_t stack_bytes(void)
{
    return heap_is_sparse() ? block_limit * (BLOCK_BYTES / class_sizes[0]) * sizeof(uintptr_t)
                            : STACK_BYTES >> (42 - HEAP_RANGE_BITS);
}

static uintptr_t *reserve_stack(void)
{
    uintptr_t *stack = os_reserve_writable(stack_bytes());
    if (stack == NULL) {
        fatal_memory("no address space for a mark stack");
    }
    return stack;
}

/* ---- Setting mark bits. */

static ALWAYS_INLINE bool set_mark(struct tracer *tracer, struct block *b, unsigned i)
{
    uint64_t *word = &b->marked[i / 64];
    uint64_t mask = UINT64_C(1) << (i % 64);
    uint64_t old = atomic_load_relaxed(word);
    if (old & mask) {
        return false;
    }
    if (tracer->parallel) {
        return (atomic_fetch_or_relaxed(word, mask) & mask) == 0;
    }
    atomic_store_relaxed(word, old | mask);
    return true;
}

static ALWAYS_INLINE void push(struct tracer *tracer, uintptr_t entry)
{
    tracer->stack[tracer->count++] = entry;
}

static ALWAYS_INLINE void mark_address(struct tracer *tracer, const void *p)
{
    if (UNLIKELY(tracer->report != NULL)) {
        tracer->report(tracer->argument, p);
        return;
    }
    struct block *b = block_find(p);
    if (UNLIKELY(b == NULL)) {
        return;
    }
    unsigned i = block_cell_index(b, p);
    if (block_is_marked(b, i) || UNLIKELY(!block_has_cell(b, i)) || !set_mark(tracer, b, i)) {
        return; /* most are marked already */
    }
    unsigned kind = kind_plain(b->kind);
    if (kind != CELL_LEAF && kind != CELL_RAW) {
        char *start = block_address((size_t)(b - blocks));
        push(tracer, (uintptr_t)start + (b->reciprocal != 0 ? (size_t)i * b->cell_size : 0));
    }
}

void mark_cell_only(struct tracer *tracer, struct block *b, unsigned i)
{
    set_mark(tracer, b, i);
}

static ALWAYS_INLINE void trace_word(struct tracer *tracer, uintptr_t word)
{
    if (heap_contains((const void *)word)) {
        mark_address(tracer, (const void *)word);
    }
}

void trace_pointer(struct tracer *tracer, const void *p)
{
    trace_word(tracer, (uintptr_t)p);
}

void trace_words(struct tracer *tracer, const Value *words, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        const void *p = (const void *)(uintptr_t)atomic_load_relaxed(&words[i].bits);
        if (heap_contains(p)) {
            mark_address(tracer, p);
        }
    }
}

/* Stacks of other threads may hold anything, red zones of sanitizers included. */
__attribute__((no_sanitize("address", "thread"))) void
trace_conservatively(struct tracer *tracer, const void *from, const void *to)
{
    const volatile uintptr_t *word =
        (const volatile uintptr_t *)(((uintptr_t)from + 7) & ~(uintptr_t)7);
    const uintptr_t *end = to;
    for (; word + 4 <= end; word += 4) {
        uintptr_t a = word[0], b = word[1], c = word[2], d = word[3];
        if ((a | b | c | d) == 0) {
            continue; /* much of static data is empty */
        }
        trace_word(tracer, a);
        trace_word(tracer, b);
        trace_word(tracer, c);
        trace_word(tracer, d);
    }
    for (; word + 1 <= end; word++) {
        trace_word(tracer, *word);
    }
}

/* ---- Tracing cells. */

static void trace_words_from(struct tracer *tracer, const Value *words)
{
    const struct block *b = block_find(words);
    uintptr_t start = (uintptr_t)block_address((size_t)(b - blocks));
    size_t bytes = block_cell_bytes(b);
    if (b->reciprocal != 0) {
        start += (size_t)block_cell_index(b, words) * bytes;
    }
    size_t count = (start + bytes - (uintptr_t)words) / sizeof *words;
    if (count > PIECE_WORDS && LIKELY(tracer->report == NULL)) {
        push(tracer, (uintptr_t)(words + PIECE_WORDS) | 1);
        count = PIECE_WORDS;
    }
    trace_words(tracer, words, count);
}

static void trace_cell(struct tracer *tracer, uintptr_t entry)
{
    void *cell = (void *)(entry & ~(uintptr_t)1);
    if (entry & 1) {
        trace_words_from(tracer, cell);
        return;
    }
    const struct block *b = block_find(cell);
    switch (kind_plain(b->kind)) {
    case CELL_OBJECT:
        /* An object that was just allocated may not have its header yet. */
        if (((PyObject *)cell)->ob_type != NULL &&
            (LIKELY(b->kind != HEAP_FOREIGN) || foreign_is_object(b, block_cell_index(b, cell)))) {
            heap_hooks.trace_object(cell, tracer);
        }
        break;
    case CELL_INTERNAL: {
        const struct cell_type *type = *(const struct cell_type *const *)cell;
        if (type != NULL && type->trace != NULL) {
            type->trace(cell, tracer);
        }
        break;
    }
    case CELL_SCRATCH:
    case CELL_WORDS: trace_words_from(tracer, cell); break;
    default: break;
    }
}

void mark_again(struct tracer *tracer, const void *cell)
{
    push(tracer, (uintptr_t)cell);
}

/* ---- Reporting instead of marking. */

void mark_report(const void *cell, void (*f)(void *argument, const void *p), void *argument)
{
    struct tracer tracer = {.report = f, .argument = argument};
    trace_cell(&tracer, (uintptr_t)cell);
}

void mark_report_with(void (*trace)(void *, struct tracer *), void *traced,
                      void (*f)(void *argument, const void *p), void *argument)
{
    struct tracer tracer = {.report = f, .argument = argument};
    trace(traced, &tracer);
}

/* How many cells between objects are looked into: enough for any object, too few to get lost. */
#define VISIT_CELLS 64

struct visit {
    bool (*f)(struct _object *, void *);
    void *argument;
    bool ended;
    unsigned cells; /* that are no objects, seen so far */
};

static void visit_address(void *argument, const void *p)
{
    struct visit *visit = argument;
    void *cell = heap_find_cell(p);
    if (cell == NULL || visit->ended) {
        return;
    }
    const struct block *b = block_find(cell);
    if (b->kind == HEAP_FOREIGN && !foreign_is_object(b, block_cell_index(b, cell))) {
        return;
    }
    switch (kind_plain(b->kind)) {
    case CELL_OBJECT:
    case CELL_LEAF:
        visit->ended = ((PyObject *)cell)->ob_type != NULL && !visit->f(cell, visit->argument);
        return;
    case CELL_RAW: return;
    case CELL_INTERNAL: {
        const struct cell_type *type = *(const struct cell_type *const *)cell;
        if (type == NULL || type->shared) {
            return;
        }
        break;
    }
    default: break;
    }
    if (visit->cells++ < VISIT_CELLS) {
        mark_report(cell, visit_address, visit);
    }
}

bool heap_visit_references(struct _object *object, bool (*f)(struct _object *, void *),
                           void *argument)
{
    struct visit visit = {.f = f, .argument = argument};
    mark_report(object, visit_address, &visit);
    return !visit.ended;
}

/* ---- Sharing work. */

/* Markers that are awake do not fall asleep for the few instructions under the lock. */
static void lock_shared(void)
{
    if (!shared.awake) {
        pthread_mutex_lock(&shared.lock);
        return;
    }
    for (unsigned turn = 0; pthread_mutex_trylock(&shared.lock) != 0; turn++) {
        world_pause(turn);
    }
}

static void tell_sleepers(void)
{
    if (!shared.awake) {
        pthread_cond_broadcast(&shared.changed);
    }
}

/* Gives the older half of the stack away. */
static void donate(struct tracer *tracer)
{
    size_t n = tracer->count / 2;
    lock_shared();
    memcpy(shared.queue + shared.count, tracer->stack, n * sizeof *tracer->stack);
    atomic_store_relaxed(&shared.count, shared.count + n);
    tell_sleepers();
    pthread_mutex_unlock(&shared.lock);
    memmove(tracer->stack, tracer->stack + n, (tracer->count - n) * sizeof *tracer->stack);
    tracer->count -= n;
}

/* With the lock, which it gives up meanwhile. For the turn-th time. */
static void wait_for_change(unsigned turn)
{
    if (!shared.awake) {
        pthread_cond_wait(&shared.changed, &shared.lock);
        return;
    }
    pthread_mutex_unlock(&shared.lock);
    for (unsigned i = 0; i < AWAKE_PAUSES && atomic_load_relaxed(&shared.count) == 0 &&
                         atomic_load_relaxed(&shared.idle) < atomic_load_relaxed(&shared.active);
         i++) {
        world_pause(turn * AWAKE_PAUSES + i);
    }
    lock_shared();
}

/* Takes a share of the queue; waits for one. False when marking is over. */
static bool take_share(struct tracer *tracer)
{
    bool found = false;
    lock_shared();
    atomic_fetch_add_relaxed(&shared.idle, 1);
    for (unsigned turn = 0; shared.count == 0 && atomic_load_relaxed(&shared.idle) < shared.active;
         turn++) {
        wait_for_change(turn);
    }
    if (shared.count > 0) {
        size_t n = shared.count / shared.active + 1;
        n = n < TAKE_MAX ? n : TAKE_MAX;
        n = n < shared.count ? n : shared.count;
        atomic_store_relaxed(&shared.count, shared.count - n);
        memcpy(tracer->stack, shared.queue + shared.count, n * sizeof *tracer->stack);
        tracer->count = n;
        atomic_fetch_add_relaxed(&shared.idle, (unsigned)-1);
        found = true;
    } else {
        shared.over = true;
        tell_sleepers();
    }
    pthread_mutex_unlock(&shared.lock);
    return found;
}

/* Entries that come off the stack wait in a short queue while the processor fetches their cells
 * (Cher, Hosking, Vitek: Software prefetching for mark-sweep garbage collection, 2004). */
static void drain(struct tracer *tracer)
{
    size_t most = shared.awake ? DONATE_ABOVE_AWAKE : DONATE_ABOVE;
    uintptr_t fetched[FETCH_AHEAD] = {0};
    unsigned waiting = 0, turn = 0;
    while (tracer->count > 0 || waiting > 0) {
        uintptr_t entry = fetched[turn];
        fetched[turn] = 0;
        if (tracer->count > 0) {
            fetched[turn] = tracer->stack[--tracer->count];
            __builtin_prefetch((const void *)fetched[turn]);
            waiting++;
        }
        turn = (turn + 1) % FETCH_AHEAD;
        if (entry == 0) {
            continue;
        }
        waiting--;
        trace_cell(tracer, entry);
        if (tracer->count > most && tracer->parallel && atomic_load_relaxed(&shared.idle) > 0) {
            donate(tracer);
        }
    }
}

static void mark_together(struct tracer *tracer)
{
    do {
        drain(tracer);
    } while (take_share(tracer));
}

/* ---- Helper threads: they live as long as the process and touch nothing but marks. */

static void *helper_main(void *argument)
{
    struct tracer *tracer = argument;
    unsigned number = (unsigned)(tracer - tracers);
    uint64_t phase = 0;
    pthread_mutex_lock(&shared.lock);
    for (;;) {
        while (shared.phase == phase || number >= shared.active) {
            phase = shared.phase;
            pthread_cond_wait(&shared.changed, &shared.lock);
        }
        phase = shared.phase;
        pthread_mutex_unlock(&shared.lock);
        tracer->parallel = true;
        mark_together(tracer);
        pthread_mutex_lock(&shared.lock);
        shared.running--;
        pthread_cond_broadcast(&shared.changed);
    }
    return NULL;
}

static bool start_helper(void)
{
    struct tracer *tracer = &tracers[shared.helpers + 1];
    tracer->stack = tracer->stack != NULL ? tracer->stack : reserve_stack();
    tracer->count = 0;
    sigset_t all, old;
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &old);
    pthread_t handle;
    int error = pthread_create(&handle, NULL, helper_main, tracer);
    pthread_sigmask(SIG_SETMASK, &old, NULL);
    if (error == 0) {
        pthread_detach(handle);
        shared.helpers++;
    }
    return error == 0;
}

static unsigned ensure_helpers(void)
{
    unsigned wanted = heap_options.markers < MARKERS_MAX ? heap_options.markers : MARKERS_MAX;
    /* Making a thread takes locks of the C library. */
    while (shared.helpers + 1 < wanted && !world_interrupts_extension() && start_helper()) {
    }
    return wanted < shared.helpers + 1 ? wanted : shared.helpers + 1;
}

static size_t size_to_mark;

static void clear_block(size_t number, struct block *b, void *argument)
{
    const enum generation *generation = argument;
    if (*generation != GENERATION_YOUNG || b->kind == CELL_SCRATCH) {
        tenure_clear_marks(number, b, *generation != GENERATION_FULL);
    }
}

void mark_clear(enum generation generation)
{
    blocks_for_each(clear_block, &generation);
}

void mark_begin(size_t bytes)
{
    size_to_mark = bytes;
    if (tracers[0].stack == NULL) {
        tracers[0].stack = reserve_stack();
        if (!heap_is_sparse()) {
            shared.queue = reserve_stack();
        }
    }
    tracers[0].count = 0;
    tracers[0].parallel = false;
}

void mark_finish(void)
{
    struct tracer *tracer = &tracers[0];
    unsigned active =
        size_to_mark >= PARALLEL_BYTES && heap_options.markers > 1 && !heap_is_sparse()
            ? ensure_helpers()
            : 1;
    if (active == 1) {
        tracer->parallel = false;
        drain(tracer);
        return;
    }
    tracer->parallel = true;
    pthread_mutex_lock(&shared.lock);
    shared.active = active;
    shared.running = active - 1;
    atomic_store_relaxed(&shared.idle, 0);
    shared.phase++;
    pthread_cond_broadcast(&shared.changed);
    pthread_mutex_unlock(&shared.lock);
    mark_together(tracer);
    pthread_mutex_lock(&shared.lock);
    while (shared.running > 0) {
        pthread_cond_wait(&shared.changed, &shared.lock);
    }
    shared.active = 0;
    pthread_mutex_unlock(&shared.lock);
    tracer->parallel = false;
}

/* ---- Threads that stand at a safepoint. */

struct party {
    void (*find)(void *argument, struct tracer *tracer, unsigned number);
    void *argument;
};

static bool join_markers(struct tracer *tracer)
{
    lock_shared();
    bool joins = !shared.over;
    atomic_store_relaxed(&shared.active, shared.active + joins);
    pthread_mutex_unlock(&shared.lock);
    tracer->count = 0;
    tracer->parallel = true;
    return joins;
}

static void take_part(void *argument, unsigned number)
{
    const struct party *party = argument;
    struct tracer *tracer = &tracers[number];
    if (number == 0 || join_markers(tracer)) {
        party->find(party->argument, tracer, number);
        mark_together(tracer);
    }
}

/* How many may take part. */
static unsigned ensure_stacks(void)
{
    unsigned most = heap_options.markers < MARKERS_MAX ? heap_options.markers : MARKERS_MAX;
    for (unsigned i = 1; i < most; i++) {
        tracers[i].stack = tracers[i].stack != NULL ? tracers[i].stack : reserve_stack();
    }
    return most;
}

void mark_from(void (*find)(void *argument, struct tracer *tracer, unsigned number), void *argument)
{
    struct party party = {find, argument};
    if (size_to_mark >= PARALLEL_BYTES || heap_is_sparse() || heap_options.markers == 1 ||
        !world_has_company()) {
        find(argument, &tracers[0], 0);
        mark_finish();
        return;
    }
    shared.active = 1;
    shared.over = false;
    shared.awake = true;
    atomic_store_relaxed(&shared.idle, 0);
    tracers[0].parallel = true;
    world_run_together(take_part, &party, ensure_stacks());
    tracers[0].parallel = false;
    shared.awake = false;
    shared.active = 0;
}

/* Gives the memory of big stacks back. */
void mark_end(void)
{
    static const size_t kept = (size_t)1 << 20, most = (size_t)256 << 20;
    size_t used = stack_bytes() < most ? stack_bytes() : most;
    if (used <= kept) {
        return;
    }
    for (unsigned i = 0; i < MARKERS_MAX && tracers[i].stack != NULL; i++) {
        os_discard((char *)tracers[i].stack + kept, used - kept);
    }
    if (tracers[1].stack != NULL) {
        os_discard((char *)shared.queue + kept, used - kept);
    }
}

/* The child of a fork has no helpers; they were idle, but for the lock that they wait with. */
void mark_forked(void)
{
    pthread_mutex_init(&shared.lock, NULL);
    pthread_cond_init(&shared.changed, NULL);
    shared.helpers = 0;
}

bool cell_is_marked(const void *cell)
{
    if (!heap_contains(cell)) {
        return true;
    }
    struct block *b = block_find(cell);
    return b == NULL || block_is_marked(b, block_cell_index(b, cell));
}

bool heap_is_dead(const void *cell)
{
    return !cell_is_marked(cell);
}
