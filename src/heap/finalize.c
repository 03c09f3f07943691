/* SPDX-License-Identifier: MIT */
/* Finalizers. After marking, each dead object of the observed region is asked whether it wants to
 * be finalized. If so it is marked again, with all it refers to, and queued; a mutator thread
 * runs the queue at a safepoint. A bit per cell remembers that it was asked, so it happens once: at
 * the next collection that finds the object dead it just dies. Callbacks of weak references use the
 * same queue. */
#include "heap/heap_int.h"

#include "base/os.h"

#include <string.h>

enum { FOREIGN_NONE, FOREIGN_CLEAR, FOREIGN_DEALLOCATE, FOREIGN_HEAVY };

struct pending {
    struct _object *object;   /* to be finalized; or the weak reference */
    struct _object *callback; /* or NULL */
    uint8_t foreign;          /* an object of an extension: what to do with it */
};

/* Under queue_lock; the collector in a stop. Entries from first to count wait. */
static struct mutex queue_lock = MUTEX_INIT(FINALIZERS);
static struct pending *queue;
static size_t queue_first, queue_count, queue_room;

/* A bit per cell of the observed region, touched only where there are objects. */
uint64_t (*finalized_bits)[BITMAP_WORDS];

static void ensure_bits(void)
{
    if (atomic_load_acquire(&finalized_bits) == NULL) {
        mutex_lock(&queue_lock);
        if (finalized_bits == NULL) {
            void *table = os_reserve_writable(block_limit * sizeof *finalized_bits);
            if (table == NULL) {
                fatal_memory("no address space for the finalizer bits");
            }
            atomic_store_release(&finalized_bits, table);
        }
        mutex_unlock(&queue_lock);
    }
}

static uint64_t *find_word(const struct _object *object, uint64_t *mask)
{
    struct block *b = block_find(object);
    unsigned i = block_cell_index(b, object);
    *mask = UINT64_C(1) << (i % 64);
    return &finalized_bits[(size_t)(b - blocks) - REGION_BLOCKS][i / 64];
}

bool heap_was_finalized(const struct _object *object)
{
    if (!heap_is_observed((uint64_t)(uintptr_t)object) ||
        atomic_load_acquire(&finalized_bits) == NULL) {
        return false;
    }
    uint64_t mask;
    return (atomic_load_relaxed(find_word(object, &mask)) & mask) != 0;
}

void heap_set_finalized(struct _object *object)
{
    if (heap_is_observed((uint64_t)(uintptr_t)object)) {
        ensure_bits();
        uint64_t mask;
        uint64_t *word = find_word(object, &mask);
        atomic_fetch_or_relaxed(word, mask);
    }
}

void finalized_bits_sweep(size_t number, const struct block *b)
{
    if (finalized_bits == NULL) {
        return;
    }
    uint64_t *bits = finalized_bits[number - REGION_BLOCKS];
    for (unsigned w = 0; w < (b->cell_count + 63u) / 64; w++) {
        if (bits[w] != 0) {
            bits[w] &= b->marked[w];
        }
    }
}

/* Not by realloc: whoever was stopped in extension code may hold a lock of malloc. */
static void grow_queue(void)
{
    size_t room = queue_room * 2 + 512;
    struct pending *bigger = os_reserve_writable(room * sizeof *queue);
    if (bigger == NULL) {
        fatal_memory("no memory for the queue of finalizers");
    }
    if (queue != NULL) {
        memcpy(bigger, queue, queue_count * sizeof *queue);
        os_release(queue, queue_room * sizeof *queue);
    }
    queue = bigger;
    queue_room = room;
}

static void enqueue_locked(struct _object *object, struct _object *callback, uint8_t foreign)
{
    if (queue_count == queue_room) {
        memmove(queue, queue + queue_first, (queue_count - queue_first) * sizeof *queue);
        queue_count -= queue_first;
        queue_first = 0;
        if (queue_count * 2 >= queue_room) {
            grow_queue();
        }
    }
    queue[queue_count++] = (struct pending){object, callback, foreign};
}

void finalizers_queue_callback(struct _object *reference, struct _object *callback)
{
    enqueue_locked(reference, callback, FOREIGN_NONE);
}

void finalizers_queue_heavy(struct _object *object)
{
    object->ob_refcnt++;
    enqueue_locked(object, NULL, FOREIGN_HEAVY);
}

void finalizers_trace(struct tracer *tracer)
{
    for (size_t i = queue_first; i < queue_count; i++) {
        trace_pointer(tracer, queue[i].object);
        trace_pointer(tracer, queue[i].callback);
    }
}

/* ---- Finding the dead. */

struct search {
    struct tracer *tracer;            /* NULL: take the living too */
    bool (*wanted)(struct _object *); /* or NULL */
    size_t found;
};

static void ask_object(struct search *search, struct _object *object)
{
    if (object->ob_type == NULL || !heap_hooks.needs_finalizer(object) ||
        heap_was_finalized(object) || (search->wanted != NULL && !search->wanted(object))) {
        return;
    }
    heap_set_finalized(object);
    enqueue_locked(object, NULL, FOREIGN_NONE);
    search->found++;
}

static void ask_block(size_t number, struct block *b, void *argument)
{
    struct search *search = argument;
    for (unsigned w = 0; w * 64 < b->cell_count; w++) {
        uint64_t bits = search->tracer == NULL ? present_cells(b, w) : unmarked_cells(b, w);
        for (; bits != 0; bits &= bits - 1) {
            unsigned i = w * 64 + (unsigned)__builtin_ctzll(bits);
            if (b->kind != HEAP_FOREIGN || foreign_is_object(b, i)) {
                size_t offset = b->reciprocal != 0 ? (size_t)i * b->cell_size : 0;
                ask_object(search, (struct _object *)(void *)(block_address(number) + offset));
            }
        }
    }
}

bool finalizers_queue_dead(struct tracer *tracer)
{
    if (heap_hooks.needs_finalizer == NULL) {
        return false;
    }
    struct search search = {.tracer = tracer};
    blocks_for_each_observed(ask_block, &search);
    /* Only now are they marked, so that one dead object does not hide another. */
    if (search.found > 0) {
        finalizers_trace(tracer);
    }
    return search.found > 0;
}

static void queue_foreign(struct _object *object, bool clear)
{
    enqueue_locked(object, NULL, clear ? FOREIGN_CLEAR : FOREIGN_DEALLOCATE);
}

bool finalizers_queue_foreign(struct tracer *tracer)
{
    size_t before = queue_count - queue_first;
    cycles_queue_dead(tracer, queue_foreign);
    bool found = queue_count - queue_first != before;
    if (found) {
        finalizers_trace(tracer);
    }
    return found;
}

void heap_queue_all_finalizers(bool (*wanted)(struct _object *))
{
    struct search search = {.wanted = wanted};
    ensure_bits();
    world_stop();
    if (heap_hooks.needs_finalizer != NULL) {
        blocks_for_each_observed(ask_block, &search);
    }
    world_resume();
}

/* ---- Running them. */

bool finalizers_pending(void)
{
    return atomic_load_relaxed(&queue_first) < atomic_load_relaxed(&queue_count);
}

#define BATCH 16

/* The next one; or, if it is to be deallocated, all up to BATCH that are. */
static size_t take(struct pending *out)
{
    size_t n = 0;
    mutex_lock(&queue_lock);
    while (queue_first + n < queue_count && n < BATCH) {
        out[n] = queue[queue_first + n];
        if (out[n].foreign != FOREIGN_DEALLOCATE) {
            n += n == 0; /* on its own */
            break;
        }
        n++;
    }
    atomic_store_relaxed(&queue_first, queue_first + n);
    mutex_unlock(&queue_lock);
    return n;
}

static _Thread_local bool running; /* this thread runs the queue already */
_Thread_local bool heap_frees_found;

static void run(const struct pending *p)
{
    if (p->callback != NULL) {
        heap_hooks.weakref_callback(p->object, p->callback);
    } else if (p->foreign == FOREIGN_CLEAR) {
        heap_hooks.foreign_clear(p->object);
    } else if (p->foreign == FOREIGN_HEAVY) {
        heap_hooks.foreign_dead(p->object);
    } else if (p->foreign == FOREIGN_DEALLOCATE) {
        heap_frees_found = true;
        heap_hooks.foreign_dead(p->object);
        heap_frees_found = false;
    } else {
        heap_hooks.finalize(p->object);
    }
}

int finalizers_run(struct thread *t)
{
    struct pending next[BATCH];
    if (running) {
        return 0; /* the outer loop goes on with the queue */
    }
    bool outer = t->in_finalizer;
    running = t->in_finalizer = true;
    for (size_t count; (count = take(next)) > 0;) {
        for (size_t i = 0; i < count; i++) {
            run(&next[i]);
            heap_forget_word(&next[i].object);
        }
        /* Signal handlers waited for its end. What one raises belongs to the code around. */
        if (UNLIKELY(atomic_load_relaxed(&t->poll) & POLL_SIGNAL) && finalizers_pending()) {
            thread_request(t, POLL_FINALIZERS);
            break;
        }
    }
    running = false;
    t->in_finalizer = outer;
    return 0;
}

void heap_run_finalizers(void)
{
    finalizers_run(thread_current());
}
