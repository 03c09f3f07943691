/* SPDX-License-Identifier: MIT */
/* The heap: cells that never move, owned by a tracing collector. heap/heap.c explains the
 * mechanism.
 *
 * What C code of ours may rely on
 *  - A Value or pointer to a cell (also an interior pointer) in a local variable, a register, the
 *    value stack, or any writable static variable keeps the cell alive. No handles, no rooting.
 *  - A reference in malloc memory or in a _Thread_local variable keeps nothing alive: use a heap
 *    cell, or heap_add_root_range.
 *  - heap_alloc never runs Python code. It may start a collection only when the caller holds no
 *    lock; a cell just allocated is alive because its address is on the stack.
 *  - Memory comes zeroed. */
#ifndef OROCHI_HEAP_HEAP_H
#define OROCHI_HEAP_HEAP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "base/atomic.h"
#include "base/debug.h"
#include "base/value.h"
#include "thread/thread.h"

struct _object;
struct tracer;
struct _typeobject;

/* What the collector finds in a cell. */
enum cell_kind {
    CELL_OBJECT,   /* starts with PyObject; traced by its type's trace function */
    CELL_LEAF,     /* starts with PyObject; refers to nothing, its type is static */
    CELL_WORDS,    /* an array of Values or pointers: each word is traced, zero and markers skip */
    CELL_RAW,      /* bytes: refers to nothing */
    CELL_INTERNAL, /* first word is a const struct cell_type * */
    CELL_SCRATCH,  /* as CELL_WORDS, but written with plain stores: work memory of one thread. Only
                    * C stacks, fresh cells and other scratch may refer to it */
    CELL_KIND_COUNT
};

/* Describes a kind of internal cell (dict tables, shapes, cache records ...). */
struct cell_type {
    const char *name;
    void (*trace)(void *cell, struct tracer *tracer); /* NULL: refers to nothing */
    bool shared; /* describes objects rather than being part of one: gc.get_referents stops here */
    /* NULL, or traces what is stored between the addresses, and may trace what overlaps them. For
     * tables that are big, and once they are in use only change through the write barrier, with the
     * slot's own address: after a store in one place they are not traced whole. */
    void (*trace_part)(void *cell, const char *from, const char *to, struct tracer *tracer);
    /* Whatever refers to such a cell has referred to one that keeps it before: where that reference
     * is replaced, no card need tell (shape.c). */
    bool kept_by_origin;
};

/* ---- Allocation. NULL when memory ran out (no exception is set). Cells of 32 bytes and more are
 * aligned to 16 if their size is a multiple of 16, else to 8. */
static ALWAYS_INLINE void *heap_alloc(size_t bytes, enum cell_kind kind);
/* Same, in the observed region (design 3.1): objects whose death somebody can see. Finalizers
 * only run for these. kind is CELL_OBJECT or CELL_LEAF. */
static ALWAYS_INLINE void *heap_alloc_observed(size_t bytes, enum cell_kind kind);
/* How many bytes the cell that holds the pointer can use (>= what was asked for). */
size_t heap_cell_size(const void *cell);
/* The start of the live cell that contains p, or NULL. O(1), any pointer is allowed. */
void *heap_find_cell(const void *p);

/* The heap is one reserved address range of 2^HEAP_RANGE_BITS bytes, aligned to its size; its
 * upper half is the observed region. */
#ifdef THREAD_SANITIZER
#define HEAP_RANGE_BITS 38 /* ThreadSanitizer leaves less address space */
#else
#define HEAP_RANGE_BITS 42
#endif
extern uintptr_t heap_base;
extern uintptr_t heap_observed_start; /* the middle: ordinary cells lie below */
static inline bool heap_contains(const void *p)
{
    return (((uintptr_t)p ^ heap_base) >> HEAP_RANGE_BITS) == 0;
}
static inline bool heap_is_observed(uint64_t bits)
{
    return (bits - heap_observed_start) >> (HEAP_RANGE_BITS - 1) == 0;
}

/* The fast path of allocation: the calling thread has a run of free, zeroed cells per size class
 * and kind, and takes the next one. Observed objects and leaves have kinds of their own. */
enum { HEAP_OBSERVED_OBJECT = CELL_KIND_COUNT, HEAP_OBSERVED_LEAF, HEAP_FOREIGN, HEAP_KIND_COUNT };
#define HEAP_FAST_CLASSES 22
#define HEAP_FAST_MAX 1024

struct heap_run {
    char *next;  /* the next free cell */
    char *limit; /* next == limit: none is left */
};

struct heap_thread { /* owner thread only; the collector empties it while the world is stopped */
    struct heap_run runs[HEAP_KIND_COUNT][HEAP_FAST_CLASSES];
    /* ... and more, in heap_int.h */
};

/* Size class by (bytes + 7) / 8. */
static const uint8_t heap_fast_class[HEAP_FAST_MAX / 8 + 1] = {
    0,  0,  0,  0,  1,  2,  3,  4,  5,  6,  6,  7,  7,  8,  8,  9,  9,  10, 10, 10, 10, 11,
    11, 11, 11, 12, 12, 12, 12, 13, 13, 13, 13, 14, 14, 14, 14, 14, 14, 14, 14, 15, 15, 15,
    15, 15, 15, 15, 15, 16, 16, 16, 16, 16, 16, 16, 16, 17, 17, 17, 17, 17, 17, 17, 17, 18,
    18, 18, 18, 18, 18, 18, 18, 18, 18, 18, 18, 18, 18, 18, 18, 19, 19, 19, 19, 19, 19, 19,
    19, 19, 19, 19, 19, 19, 19, 19, 19, 20, 20, 20, 20, 20, 20, 20, 20, 20, 20, 20, 20, 20,
    20, 20, 20, 21, 21, 21, 21, 21, 21, 21, 21, 21, 21, 21, 21, 21, 21, 21, 21};
static const uint16_t heap_fast_size[HEAP_FAST_CLASSES] = {24,  32,  40,  48,  56,  64,  80,  96,
                                                           112, 128, 160, 192, 224, 256, 320, 384,
                                                           448, 512, 640, 768, 896, 1024};

void *heap_alloc_slow(size_t bytes, unsigned kind);
/* An observed object was allocated: the thread looks for where it goes (below, Prompt deaths). */
void heap_prompt_born(void *cell);

static ALWAYS_INLINE void *heap_alloc_kind(size_t bytes, unsigned kind)
{
    if (LIKELY(bytes <= HEAP_FAST_MAX)) {
        unsigned size_class = heap_fast_class[(bytes + 7) / 8];
        struct heap_run *run = &thread_current()->heap->runs[kind][size_class];
        char *cell = run->next;
        if (LIKELY(cell != run->limit)) {
            run->next = cell + heap_fast_size[size_class];
            return cell;
        }
    }
    return heap_alloc_slow(bytes, kind);
}

/* Cells in which the collector reads nothing come with a head that is zero; the rest is cleared by
 * heap_alloc, unless the cell is bigger than HEAP_SMALL_MAX and was cleared as a whole. */
enum { HEAP_CLEARED_HEAD = 64, HEAP_SMALL_MAX = 16384 };
static ALWAYS_INLINE bool heap_clears_heads(unsigned kind)
{
    return kind == CELL_LEAF || kind == CELL_RAW;
}

static ALWAYS_INLINE void *heap_alloc(size_t bytes, enum cell_kind kind)
{
    char *cell = heap_alloc_kind(bytes, (unsigned)kind);
    if (heap_clears_heads(kind) && bytes > HEAP_CLEARED_HEAD && bytes <= HEAP_SMALL_MAX &&
        LIKELY(cell != NULL)) {
        memset(cell + HEAP_CLEARED_HEAD, 0, bytes - HEAP_CLEARED_HEAD);
    }
    return cell;
}

/* For text, bytes and digits that the caller fills: what lies beyond the first HEAP_CLEARED_HEAD
 * bytes need not read as zero. */
void *heap_alloc_uncleared_slow(size_t bytes, enum cell_kind kind);
static ALWAYS_INLINE void *heap_alloc_uncleared(size_t bytes, enum cell_kind kind)
{
    return bytes <= HEAP_FAST_MAX ? heap_alloc_kind(bytes, (unsigned)kind)
                                  : heap_alloc_uncleared_slow(bytes, kind);
}

static ALWAYS_INLINE void *heap_alloc_observed(size_t bytes, enum cell_kind kind)
{
    void *cell =
        heap_alloc_kind(bytes, kind == CELL_LEAF ? HEAP_OBSERVED_LEAF : HEAP_OBSERVED_OBJECT);
    if (LIKELY(cell != NULL)) {
        heap_prompt_born(cell);
    }
    return cell;
}

/* ---- Writing references into cells.
 * Every store of a reference into a cell that another thread or the collector may already see goes
 * through the barrier; stores into a cell that was just allocated and is not yet shared use the
 * heap_init_ forms. The barrier is told the container, the slot, the old and the new value. */
/* The barrier of a generational collector (card marking; Wilson and Moher, Design of the
 * opportunistic garbage collector, 1989): a byte per card of 128 bytes of heap says that a
 * reference was stored there since the last collection. The byte is only written when it is not set
 * yet, so that threads which write to neighbouring cells do not fight for its cache line. */
#define HEAP_CARD_SHIFT 7
#define HEAP_CARD_COUNT ((size_t)1 << 24) /* 2 GiB of heap; what lies further shares its cards */
extern uint8_t *heap_cards;
static ALWAYS_INLINE uint8_t *heap_card(const void *slot)
{
    return &heap_cards[((uintptr_t)slot >> HEAP_CARD_SHIFT) % HEAP_CARD_COUNT];
}
/* A byte per group of cards: not all of them are clean. Most groups are, and then a collection need
 * not look at the cards. */
#define HEAP_GROUP_SHIFT 15
#define HEAP_GROUP_COUNT (HEAP_CARD_COUNT >> (HEAP_GROUP_SHIFT - HEAP_CARD_SHIFT))
extern uint8_t heap_groups[HEAP_GROUP_COUNT]; /* atomic; cleared in a stop */
static ALWAYS_INLINE uint8_t *heap_group(const void *slot)
{
    return &heap_groups[((uintptr_t)slot >> HEAP_GROUP_SHIFT) % HEAP_GROUP_COUNT];
}

/* States of a card; cards.c has more. With the flag, references to observed objects may have been
 * stored there: what is overwritten is looked at. A flag that is lost in a race of two stores makes
 * a death late (prompt.c). */
enum { CARD_CLEAN, CARD_DIRTY, CARD_OBSERVED = 8 };

/* Makes the card dirty. For an object or internal cell that is about to be, or was just, filled
 * with plain stores: its address will do. No safepoint may come between the stores and this. */
static ALWAYS_INLINE void heap_remember(const void *slot)
{
    uint8_t *card = heap_card(slot);
    uint8_t state = atomic_load_relaxed(card);
    if (state != CARD_DIRTY) {
        atomic_store_relaxed(card, (uint8_t)(CARD_DIRTY | (state & CARD_OBSERVED)));
        atomic_store_relaxed(heap_group(slot), (uint8_t)1);
    }
}

/* Makes every card of the range dirty: for arrays in which references are moved by plain stores.
 * They stay dirty through collections that find a pointer to the array on a C stack. */
void heap_remember_range(const void *from, size_t bytes);

/* Notes a candidate of the calling thread: an object whose last holder may be gone. No safepoint.
 */
void heap_prompt_note(struct _object *object);
/* The barrier where the old or the new value may be an observed object: counts references. */
void heap_prompt_stored(void *container, void *slot, uint64_t old_bits, uint64_t new_bits);

static ALWAYS_INLINE void heap_barrier(void *container, void *slot, uint64_t old_bits,
                                       uint64_t new_bits)
{
    if (__builtin_constant_p(new_bits) && new_bits == 0) {
        if (UNLIKELY(atomic_load_relaxed(heap_card(slot)) & CARD_OBSERVED)) {
            heap_prompt_stored(container, slot, old_bits, new_bits);
        }
    } else if (LIKELY(new_bits < heap_observed_start)) { /* all that may be young, or a marker */
        uint8_t *card = heap_card(slot);
        uint8_t state = atomic_load_relaxed(card);
        if (UNLIKELY(state != CARD_DIRTY)) {
            if (UNLIKELY(state & CARD_OBSERVED)) {
                heap_prompt_stored(container, slot, old_bits, new_bits);
            } else if (value_is_object((Value){new_bits})) {
                atomic_store_relaxed(card, (uint8_t)CARD_DIRTY);
                atomic_store_relaxed(heap_group(slot), (uint8_t)1);
            }
        }
    } else if (UNLIKELY(heap_is_observed(new_bits) || heap_is_observed(old_bits))) {
        heap_prompt_stored(container, slot, old_bits, new_bits);
    }
}

/* Publishes with release order, so that what the new value refers to is visible before it. */
static ALWAYS_INLINE void heap_store_value(void *container, Value *slot, Value value)
{
    heap_barrier(container, slot, atomic_load_relaxed(&slot->bits), value.bits);
    atomic_store_release(&slot->bits, value.bits);
}

/* For PyObject * (and any other cell pointer) fields. */
#define heap_store(container, slot, pointer)                                                       \
    heap_store_value((container), (Value *)(void *)(slot), value_from_object(pointer))

static ALWAYS_INLINE void heap_init_value(void *container, Value *slot, Value value)
{
    heap_barrier(container, slot, 0, value.bits);
    atomic_store_relaxed(&slot->bits, value.bits);
}
#define heap_init(container, slot, pointer)                                                        \
    heap_init_value((container), (Value *)(void *)(slot), value_from_object(pointer))

/* The same for a cell that its maker fills, who still has it on the C stack: no card need tell of
 * it (cards.c), and old cells beside it are not traced for it. */
static ALWAYS_INLINE void heap_fill_value(void *container, Value *slot, Value value)
{
    if (UNLIKELY(heap_is_observed(value.bits))) {
        heap_prompt_stored(container, slot, 0, value.bits);
    }
    atomic_store_relaxed(&slot->bits, value.bits);
}
#define heap_fill(container, slot, pointer)                                                        \
    heap_fill_value((container), (Value *)(void *)(slot), value_from_object(pointer))

/* Bulk forms. copy: into fresh memory. move: within a container, regions may overlap; each word is
 * stored atomically, so a concurrent reader sees an old or a new one. set_all: so is `value`, which
 * is not in the heap. */
void heap_init_copy(void *container, Value *slots, const Value *source, size_t count);
void heap_move(void *container, Value *to, const Value *from, size_t count);
void heap_set_all(void *container, Value *slots, size_t count, Value value);

/* ---- Tracing: what a trace function calls for each reference. NULL, markers and pointers outside
 * the heap are ignored. */
void trace_pointer(struct tracer *tracer, const void *cell_or_interior);
void trace_words(struct tracer *tracer, const Value *words, size_t count);
/* Memory that may hold anything: whatever is the address of a live cell counts. */
void trace_conservatively(struct tracer *tracer, const void *from, const void *to);
static inline void trace_value(struct tracer *tracer, Value v)
{
    if (value_is_object(v)) {
        trace_pointer(tracer, (const void *)(uintptr_t)v.bits);
    }
}

/* ---- Roots. Writable static data of the executable, C stacks and value stacks are roots already.
 * `range` may be any memory; it is scanned conservatively. */
void heap_add_root_range(const void *range, size_t bytes);
void heap_remove_root_range(const void *range);

/* ---- Collection. */
enum collect_cause {
    COLLECT_ALLOCATION,
    COLLECT_EXTERNAL_MEMORY,
    COLLECT_REQUEST,
    COLLECT_STRESS,
    COLLECT_SHUTDOWN
};
/* A full collection now. The caller is RUNNING and holds no lock. Finalizers of what died are
 * queued, not run. Returns how many objects died. */
size_t heap_collect(enum collect_cause cause);
/* Bytes of malloc memory that objects hold changed by delta; part of what triggers a collection. */
void heap_account_external(ptrdiff_t delta);
/* Some of it is freed, soon after it was accounted for: what leads to the next young collection is
 * what is taken meanwhile, but what leads to a full one is what stays. */
void heap_account_external_freed(size_t bytes);

struct heap_stats {
    uint64_t collections, middle_collections, full_collections, live_bytes, live_cells,
        freed_bytes_last, heap_bytes;
    uint64_t pause_ns_last, pause_ns_max, stop_ns_last, stop_ns_max, threshold_bytes;
};
void heap_get_stats(struct heap_stats *out);

struct heap_options {
    uint32_t stress_interval; /* -X gc-stress[=n]: collect at every nth safepoint; 0: off */
    bool log;                 /* -X gc-log */
    bool verify;              /* run the verifier after each collection */
    uint32_t markers;         /* -X gc-threads=n */
    size_t young_bytes;   /* -X gc-young=n: collect when so much has been allocated per thread */
    double growth;        /* -X gc-growth=f: collect all when the heap has grown by this factor */
    size_t minimum_bytes; /* -X gc-min=n: and by at least so much */
    bool enabled;         /* gc.enable(), gc.disable() */
};
extern struct heap_options heap_options;
void heap_renew_threshold(void); /* after a change of heap_options */

void heap_init_runtime(void); /* start-up, before any thread record exists */
/* Checks every invariant of the heap; the world must be stopped. Aborts with a message. */
void heap_verify(void);
/* Calls f for each live object; stops the world. f must not allocate. */
void heap_for_each_object(bool (*f)(struct _object *, void *), void *argument);
/* Calls f for each object of the heap that the object refers to, directly or through cells that are
 * no objects, until f returns false; returns false then. The world must be stopped. */
bool heap_visit_references(struct _object *object, bool (*f)(struct _object *, void *),
                           void *argument);
/* How near the next collection is, from 0 to 1. */
double heap_progress(void);

/* ---- Finalizers and weak references (heap/finalize.c, heap/weakref.c).
 * Objects in the observed region are asked when they die: hooks.needs_finalizer. Dead ones are
 * resurrected, queued, and finalized once, on a mutator thread at a safepoint. */
bool heap_was_finalized(const struct _object *object);
void heap_set_finalized(struct _object *object);

struct heap_hooks {
    void (*trace_object)(struct _object *object, struct tracer *tracer);
    bool (*needs_finalizer)(struct _object *object); /* no safepoint, world stopped */
    void (*finalize)(struct _object *object);        /* may run Python; exceptions are unraisable */
    bool (*is_spent)(struct _object *object);        /* its finalizer would do nothing now */
    bool (*is_holder)(struct _object *object);       /* worth watching for what it refers to */
    void (*foreign_dead)(struct _object *object);    /* may run Python and extension code */
    /* A dead object that others, as dead, may still count: drops what it refers to. The heap has
     * counted the dead once more; foreign_dead gives that up. May run extension code. */
    void (*foreign_clear)(struct _object *object);
    /* Calls visit for each reference that the object counts. World stopped; runs the extension's
     * function. */
    void (*foreign_traverse)(struct _object *object,
                             int (*visit)(struct _object *target, void *argument), void *argument);
    void (*weakref_callback)(struct _object *reference, struct _object *callback);
    void (*trace_thread)(struct thread *t, struct tracer *tracer); /* frames of the VM */
    /* The thread's value stack; `at_call`: this thread asked for the collection from a native
     * function, so that its top frame is at a call, too. NULL: all of the stack is scanned. */
    void (*trace_value_stack)(struct thread *t, struct tracer *tracer, bool at_call);
    void (*before_sweep)(void); /* world stopped, marks final: clear caches */
};
extern struct heap_hooks heap_hooks;
/* True while a collection's marks are valid (inside before_sweep): is this cell about to die? */
bool heap_is_dead(const void *cell);

/* Queues the finalizers of all observed objects that are wanted, dead or not: at exit. `wanted` is
 * called while the world is stopped. */
void heap_queue_all_finalizers(bool (*wanted)(struct _object *));
/* Runs what is queued, on the calling thread. May run Python code. */
void heap_run_finalizers(void);

/* ---- Extensions (heap/foreign.c).
 * Set once an extension has been loaded: objects with a C count above zero are roots. */
extern bool heap_scan_counts;
/* Foreign cells: memory that extension code asked for. As raw memory it stays until it is freed by
 * hand and is not traced. Once adopted it starts with an object, is traced like one, and when it is
 * found dead, it is queued and hooks.foreign_dead is called for it on a mutator thread. */
/* May wait for the extension lock. Not zeroed. */
void *heap_alloc_foreign(size_t bytes) MUST_USE;
/* The same for one that the extension lock is held for, and that has a cell ready; else NULL. */
void *heap_take_foreign(size_t bytes) MUST_USE;
void heap_adopt_foreign(struct _object *object);
/* Raw again: whoever frees the object by hand says so first. False: it is not in a foreign cell. */
bool heap_disown_foreign(struct _object *object);
/* By hand; the memory is reused at once. Other memory is left alone. The extension lock is held. */
void heap_free_foreign(void *cell);
/* A tracked object is complete, so that hooks.traverse may be called for it. */
void heap_track_foreign(struct _object *object, bool tracked);
bool heap_foreign_is_tracked(const struct _object *object);
bool heap_is_foreign(const void *p);

/* Weak references. A PyWeakReference is a heap object whose wr_object the collector replaces by
 * weakref_dead_mark (None) when the referent dies. The list per referent hangs at
 * tp_weaklistoffset, is under a mutex of heap/weakref.c, and is traced by nobody: neither the word
 * at tp_weaklistoffset nor wr_object, wr_prev and wr_next are references for the collector. */
struct _object *weakref_new(struct _object *referent, struct _object *callback,
                            struct _typeobject *type);
/* The referent, or NULL if it is dead. No lock. */
struct _object *weakref_get(struct _object *reference);
extern struct _object *weakref_dead_mark; /* set at start-up to None */

/* The mechanism below object/weakref.c. The referent's type has a tp_weaklistoffset.
 * attach: makes a fresh reference refer; with `share` returns another reference of the same type
 * without callback if there is one, instead of the given one. NULL: no memory. */
struct _object *weakref_attach(struct _object *reference, struct _object *referent, bool share);
struct _object *weakref_find_shared(struct _object *referent, struct _typeobject *type);
/* Up to `room` references to the object; returns how many there are. */
size_t weakref_list(struct _object *referent, struct _object **out, size_t room);
void weakref_clear(struct _object *reference);
/* Clears the first reference to the object and returns it; NULL when none is left. For extension
 * objects that are deallocated (PyObject_ClearWeakRefs). */
struct _object *weakref_clear_first(struct _object *referent);

#endif
