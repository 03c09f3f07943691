/* SPDX-License-Identifier: MIT */
/* What the files of src/heap/ share; heap.c explains the mechanism. */
#ifndef OROCHI_HEAP_HEAP_INT_H
#define OROCHI_HEAP_HEAP_INT_H

#include "heap/prompt.h"
#include "heap/roots.h"
#include "thread/lock.h"

#define BLOCK_BITS 15
#define BLOCK_BYTES ((size_t)1 << BLOCK_BITS)
#define BLOCK_COUNT ((size_t)1 << (HEAP_RANGE_BITS - BLOCK_BITS))
#define REGION_BLOCKS (BLOCK_COUNT / 2)

/* Small cells; anything bigger has a span of blocks of its own. */
#define SMALL_MAX HEAP_SMALL_MAX
#define CLASS_COUNT 37
#define CELLS_MAX (BLOCK_BYTES / 24)
#define BITMAP_WORDS ((CELLS_MAX + 63) / 64)
#define CARD_BYTES ((size_t)1 << HEAP_CARD_SHIFT)
#define BLOCK_CARDS (BLOCK_BYTES / CARD_BYTES)

/* A run of cells that a thread takes at once is at most this long: zeroed just before use. */
#define RUN_BYTES 4096
/* The first runs of a thread in a class come from a block that threads share, so that it does not
 * hold a block for every class of which it needs a few cells; so many, and how long the first is.
 */
#define SHARED_RUNS 2
#define FIRST_RUN_BYTES 1024

extern const uint16_t class_sizes[CLASS_COUNT];

/* What a block is used for; dense, so that most questions touch only this table. */
enum block_use { BLOCK_FREE, BLOCK_SMALL, BLOCK_LARGE, BLOCK_TAIL };

/* The side table of one block; of the first block of a large span. In memory of its own, so that
 * marking writes no page that holds cells. */
struct block {
    /* Constant while the block is in use. */
    uint32_t cell_size;  /* 0: free, or not the first block of a span */
    uint32_t reciprocal; /* ceil(2^32 / cell_size); 0 for a large span: always cell 0 */
    uint16_t cell_count;
    uint8_t kind; /* enum cell_kind, or an observed kind */
    uint8_t size_class;
    bool zeroed;        /* free cells from free_index on read as zero */
    uint32_t span;      /* blocks of a large span, else 1 */
    size_t large_bytes; /* usable bytes of a large span */

    /* The thread that allocates from it; else under pool.lock. The collector in a stop. */
    uint32_t free_index; /* cells below are allocated, or in a run; above, those with the bit set.
                          * Grows while threads ask about cells that they have: atomic */
    uint32_t next;       /* next block of the list of its class, 0 at the end */

    bool tenured;  /* some of its cells are (tenure.c); in a stop */
    uint32_t live; /* cells that outlived the last collection; in a stop */

    uint64_t allocated[BITMAP_WORDS]; /* those cells; written in a stop */
    /* Between collections the same, but for freed foreign cells and what the last probe found
     * (prompt.c); atomic while marking. */
    uint64_t marked[BITMAP_WORDS];
};

/* How many blocks of each region can be used; constant. REGION_BLOCKS unless the heap is sparse. */
extern size_t block_limit;
static inline bool heap_is_sparse(void)
{
    return block_limit != REGION_BLOCKS;
}

extern struct block *blocks; /* by block number */
extern uint32_t *block_uses; /* enum block_use, for tails | distance to the head << 2 */
/* Of the thread that filled the block last, or 0 (home.c). Written by whoever takes it from the
 * pool, or allocates from it; read in a stop, and of free blocks under pool.lock. Not in struct
 * block: who passes by need not touch that. */
extern uint8_t *block_homes;

/* One half of the heap. */
struct region {
    size_t first;      /* block number; constant */
    size_t limit;      /* of `committed`; constant */
    size_t frontier;   /* blocks from here on were never used; under pool.lock */
    size_t committed;  /* blocks before this are readable; under pool.lock */
    uint64_t *free;    /* bit per block of the region: free; under pool.lock */
    uint64_t *dirty;   /* bit per free block: may hold old data; under pool.lock */
    size_t free_count; /* of blocks below the frontier; under pool.lock */
    size_t hint;       /* no free block below this one; under pool.lock */
};

/* What threads get blocks from. */
struct pool {
    struct mutex lock;
    struct region regions[2];                       /* ordinary, observed */
    uint32_t partial[HEAP_KIND_COUNT][CLASS_COUNT]; /* blocks with free cells; under lock */
    size_t used_blocks;                             /* under lock */
    size_t committed;                               /* of both regions; under lock */
    size_t most;                                    /* that committed may reach; under lock */
    unsigned reserve;                               /* steps that raise it; under lock */
};
extern struct pool pool;

static inline unsigned kind_region(unsigned kind)
{
    return kind >= CELL_KIND_COUNT;
}
static inline unsigned kind_plain(unsigned kind)
{
    return kind == HEAP_OBSERVED_OBJECT || kind == HEAP_FOREIGN ? CELL_OBJECT
           : kind == HEAP_OBSERVED_LEAF                         ? CELL_LEAF
                                                                : kind;
}

static inline size_t block_number(const void *p)
{
    return ((uintptr_t)p - heap_base) >> BLOCK_BITS;
}
static inline char *block_address(size_t number)
{
    return (char *)(heap_base + (number << BLOCK_BITS));
}
/* The block that p lies in, or the head of its span; NULL if nothing is allocated there. */
static ALWAYS_INLINE struct block *block_find(const void *p)
{
    size_t number = block_number(p);
    if (UNLIKELY(number % REGION_BLOCKS >= block_limit)) {
        return NULL;
    }
    struct block *b = &blocks[number];
    if (LIKELY(b->cell_size != 0)) {
        return b;
    }
    uint32_t use = block_uses[number];
    return (use & 3) == BLOCK_TAIL ? &blocks[number - (use >> 2)] : NULL;
}
static inline unsigned block_cell_index(const struct block *b, const void *p)
{
    uint64_t offset = (uintptr_t)p & (BLOCK_BYTES - 1);
    return (unsigned)((offset * b->reciprocal) >> 32);
}
static inline bool block_has_cell(const struct block *b, unsigned i)
{
    return i < b->cell_count &&
           (i < atomic_load_relaxed(&b->free_index) || (b->allocated[i / 64] >> (i % 64) & 1));
}
/* Allocated since the last collection. */
static inline bool block_cell_is_young(const struct block *b, unsigned i)
{
    return i < atomic_load_relaxed(&b->free_index) && !(b->allocated[i / 64] >> (i % 64) & 1);
}
/* The cells of one word of the bitmaps that are allocated. */
static ALWAYS_INLINE uint64_t present_cells(const struct block *b, unsigned word)
{
    unsigned first = word * 64;
    uint64_t fresh = b->free_index <= first        ? 0
                     : b->free_index >= first + 64 ? UINT64_MAX
                                                   : (UINT64_C(1) << (b->free_index - first)) - 1;
    uint64_t bits = b->allocated[word] | fresh;
    return b->cell_count >= first + 64 ? bits
                                       : bits & ((UINT64_C(1) << (b->cell_count - first)) - 1);
}

static ALWAYS_INLINE uint64_t unmarked_cells(const struct block *b, unsigned word)
{
    return present_cells(b, word) & ~atomic_load_relaxed(&b->marked[word]);
}

static inline bool block_is_marked(const struct block *b, unsigned i)
{
    return atomic_load_relaxed(&b->marked[i / 64]) >> (i % 64) & 1;
}
static inline size_t block_cell_bytes(const struct block *b)
{
    return b->reciprocal != 0 ? b->cell_size : b->large_bytes;
}

/* ---- block.c */
void blocks_init(void);
/* pool.lock is held. 0 when memory ran out: block 0 is never used. home: see home.c; or 0. */
uint32_t block_take_locked(unsigned kind, unsigned size_class, unsigned home);
uint32_t span_take_locked(unsigned kind, size_t bytes);
/* An allocation of few bytes fails: the next ones may use some of the reserve. */
void blocks_ran_out(void);
/* World stopped. */
void block_give_back(size_t number);
/* Calls f for every block in use, heads of large spans included. World stopped. */
void blocks_for_each(void (*f)(size_t number, struct block *b, void *argument), void *argument);
/* The same for those of observed objects. */
void blocks_for_each_observed(void (*f)(size_t number, struct block *b, void *argument),
                              void *argument);
/* For those of a few; false if there are none from the from-th on. */
bool blocks_for_some(size_t from, size_t count,
                     void (*f)(size_t number, struct block *b, void *argument), void *argument);
/* Gives memory of free blocks back, all but `keep` of them. World stopped. */
void blocks_discard(size_t keep);

/* ---- home.c: blocks and the threads that filled them. */
/* How blocks are divided in one phase of a stop; all zero at first. */
struct block_share {
    uint64_t
        homes;     /* atomic; bit n: somebody deals with the blocks of home n; bit 0: no more may */
    size_t cursor; /* atomic; of the others */
};
/* blocks_for_each together with others that call it with the same share: each block is met by one
 * of them, if possible by the thread that filled it. Returns when none is left to take. */
void blocks_share(struct block_share *share,
                  void (*f)(size_t number, struct block *b, void *argument), void *argument);
/* The same in two steps: the home whose blocks nobody else will meet, or 0; and with that. */
unsigned blocks_claim(struct block_share *share);
void blocks_share_claimed(struct block_share *share, unsigned home,
                          void (*f)(size_t number, struct block *b, void *argument),
                          void *argument);
/* blocks_for_each by several threads, if f may be called so. */
void blocks_for_each_together(void (*f)(size_t number, struct block *b, void *argument),
                              void *argument);
struct allocator;
/* A thread begins and ends; no lock is needed. */
void home_take(struct allocator *a);
void home_leave(const struct allocator *a);
/* The thread that filled the block last, if it has allocated since the last collection; or NULL.
 * World stopped. */
struct allocator *home_active(size_t number);
/* Before threads are asked whether they have. World stopped. */
void homes_calm_down(void);

/* ---- cards.c: where references were stored since the last collection. World stopped. */
void cards_init(void);
/* Notes what the words in the range lead to: cells that code may still be about to fill without
 * telling the barrier. */
void cards_keep(const void *from, const void *to);
/* Traces the old cells on dirty cards; or only on those that became dirty since the last probe, if
 * since_probe. Shared as blocks_share is; cards_trace_begin goes first. */
void cards_trace_begin(bool since_probe);
/* The same of tenured cells only, and also on the cards that their blocks remember. */
void cards_trace_tenured(struct tracer *tracer, struct block_share *share);
void cards_trace(struct tracer *tracer, struct block_share *share);
/* After a probe: the dirty cards have been traced, but for those of the cells that were noted. */
void cards_settle(void);
/* All cards become clean, but for those of the cells that were noted: first _begin, then each
 * block, perhaps by several threads, then _end. */
void cards_clean_begin(void);
void cards_clean(size_t number, const struct block *b);
void cards_clean_end(void);
/* The same for cards outside of the heap: of static objects. */
bool cards_are_dirty(const void *start, size_t bytes);
void cards_forget(const void *start, size_t bytes);
/* After marking: aborts if a marked cell refers to an unmarked one, because a store has bypassed
 * the barrier. */
void cards_verify(void);
/* Before marking: aborts if an old cell refers to a young one, or a tenured cell to another, and
 * neither a card nor a block tells. */
void cards_verify_told(void);

/* ---- alloc.c: allocation state of a thread. heap_thread comes first. */
struct allocator {
    struct heap_thread fast;
    struct heap_run slow_runs[HEAP_KIND_COUNT][CLASS_COUNT - HEAP_FAST_CLASSES];
    uint32_t current[HEAP_KIND_COUNT][CLASS_COUNT]; /* block number; 0: none */
    uint32_t own[HEAP_KIND_COUNT][CLASS_COUNT]; /* blocks that it filled; a stop adds, it takes */
    uint32_t own_last[HEAP_KIND_COUNT][CLASS_COUNT];   /* their ends, during a sweep */
    uint8_t shared_runs[HEAP_KIND_COUNT][CLASS_COUNT]; /* taken since the last collection */
    uint8_t home;                                      /* constant; 0: none was free */
    uint32_t traced_by; /* atomic: the last search for roots that has traced the thread */
    bool active;        /* has allocated since the last collection; in a stop */
    size_t unreported;  /* bytes allocated since the last addition to heap_budget.allocated */
};
static inline struct allocator *thread_allocator(const struct thread *t)
{
    return (struct allocator *)(void *)t->heap;
}
void allocator_started(struct thread *t);
void allocator_ending(struct thread *t);
/* Takes the runs and blocks of all threads away. World stopped. Returns how many threads have
 * allocated since the last time. */
unsigned allocators_flush(void);
/* What threads may still allocate from their runs is not marked. World stopped. */
void allocators_unmark_runs(void);

/* When to collect. */
struct heap_budget {
    size_t allocated;        /* atomic: bytes handed out since the last collection */
    int64_t external;        /* atomic: bytes outside the heap that objects took, in small pieces */
    int64_t external_freed;  /* atomic: of these, what was freed and is not subtracted there */
    int64_t external_base;   /* its value after the last collection; in a stop */
    int64_t heavy;           /* atomic: the same in big pieces, less what was freed since then */
    int64_t heavy_taken;     /* atomic: all that ever was taken so */
    int64_t heavy_held;      /* atomic: of that, what was not freed again */
    int64_t heavy_threshold; /* collect when so much of it was taken; in a stop */
    size_t threshold;        /* bytes until the next collection; written in a stop, read free */
    /* Bytes alive, and bytes outside the heap above the given figure, that make the next collection
     * a full one; in a stop. */
    size_t full_threshold;
    int64_t full_external;
};
/* The thread deallocates what a collection has found: that is no room for more until the next. */
extern _Thread_local bool heap_frees_found;
extern struct heap_budget heap_budget;
/* Is a collection due? */
bool budget_is_spent(void);

/* ---- mark.c */
struct tracer;
/* `bytes`: how much there is to mark, roughly. */
void mark_begin(size_t bytes);
/* Calls find(argument, tracer, number) and marks everything that can be reached from what it
 * traced, with several threads: those that stand at a safepoint call it, too, with numbers from 1
 * on. */
void mark_from(void (*find)(void *argument, struct tracer *tracer, unsigned number),
               void *argument);
/* Marks everything that can be reached from what was traced so far, with several threads if it is
 * much. */
void mark_finish(void);
void mark_end(void);
/* What a collection looks for among: what is young; all but tenured cells; everything. */
enum generation { GENERATION_YOUNG, GENERATION_MIDDLE, GENERATION_FULL };
/* Clears the mark bits of that, and of scratch. */
void mark_clear(enum generation generation);
/* Traces a cell that is marked already. */
void mark_again(struct tracer *tracer, const void *cell);
/* Calls f for everything that the cell refers to, also below large arrays; marks nothing. */
void mark_report(const void *cell, void (*f)(void *argument, const void *p), void *argument);
/* The same for what `trace` traces of something that is no cell. */
void mark_report_with(void (*trace)(void *, struct tracer *), void *traced,
                      void (*f)(void *argument, const void *p), void *argument);
struct tracer *mark_tracer(void);
void mark_forked(void);
/* Is the live cell that starts here marked? Addresses outside the heap count as marked. */
bool cell_is_marked(const void *cell);

/* ---- roots.c */
void roots_init(void);
/* Marks from the roots, and from dirty cards if `marking` is for the young. */
void roots_mark(enum collect_cause cause, enum marking marking);
/* The cards of static data become clean, all at once, as neighbours share them; and with cells of
 * the heap, which the table does not tell apart: when those have been remembered (tenure.c), and
 * between cards_clean_begin and _end. */
void roots_clean_cards(void);
/* Calls f for everything that static objects refer to. */
void roots_report_statics(void (*f)(void *argument, const void *p), void *argument);

/* ---- sweep.c: frees what is not marked, and cleans the cards, with threads that stand at a
 * safepoint. World stopped. Blocks without young cells are only counted unless `full`. */
struct sweep_result {
    uint64_t live_cells, live_bytes, freed_cells, freed_bytes;
};
void heap_sweep(bool full, struct sweep_result *out);

/* ---- foreign.c: phases of a collection. */
/* Marks what extension code holds: raw foreign cells, and objects with a C count. Shared as
 * blocks_share is. */
void foreign_trace_roots(struct tracer *tracer, struct block_share *share);
/* What 64 foreign cells are. Under the extension lock, so that nobody else writes the words, and in
 * a stop; read free. */
struct foreign_word {
    uint64_t objects; /* objects, or free; else raw memory */
    uint64_t tracked; /* complete objects: tp_traverse may be called */
    uint64_t heavy;   /* objects that hold much memory outside of the heap */
    uint64_t
        heavy_young; /* of these, born since the last collection, maybe in cells that are old */
};
/* By block of the observed region; NULL until there are foreign cells. */
extern struct foreign_word (*foreign_words)[BITMAP_WORDS];
static ALWAYS_INLINE struct foreign_word *foreign_word(const struct block *b, unsigned word)
{
    return &foreign_words[(size_t)(b - blocks) - REGION_BLOCKS][word];
}
static ALWAYS_INLINE void set_foreign_bit(uint64_t *word, uint64_t mask, bool on)
{
    uint64_t old = atomic_load_relaxed(word);
    atomic_store_relaxed(word, on ? old | mask : old & ~mask);
}
static ALWAYS_INLINE bool foreign_is_object(const struct block *b, unsigned i)
{
    return atomic_load_relaxed(&foreign_word(b, i / 64)->objects) >> (i % 64) & 1;
}
static ALWAYS_INLINE bool foreign_is_tracked(const struct block *b, unsigned i)
{
    return atomic_load_relaxed(&foreign_word(b, i / 64)->tracked) >> (i % 64) & 1;
}
/* Does the object hold much memory outside of the heap? */
bool foreign_is_heavy(const struct _object *object);
void foreign_set_heavy(struct _object *object);
/* Was it born since the last collection? Of a heavy one. */
bool foreign_is_young(const struct _object *object);
/* The marks of the last probe go. World stopped. */
void foreign_unmark_young(struct block *b);
/* Calls f for each dead foreign object. */
void foreign_for_each_dead(void (*f)(struct _object *, void *), void *argument);
void foreign_before_sweep(void);

/* ---- pressure.c: memory of extensions that they do not tell of. */
/* How many foreign cells are allocated until the next look. Under the extension lock. */
extern uint32_t pressure_until_look;
/* When that is 0; under the extension lock. May ask for a collection. */
void pressure_look(void);

/* ---- cycles.c: cycles through foreign objects; phases of a collection. */
void cycles_init_locked(void);
/* Before and after the roots were traced: takes from the C counts what is explained, and gives it
 * back. */
void cycles_explain(bool full);
void cycles_restore(void);
/* mark_finish, and what tp_traverse leads to. */
void cycles_mark(struct tracer *tracer);
/* Calls queue for the dead foreign objects, in the order in which they shall be cleared and
 * deallocated; counts each of them once more. What a later one may need is marked then. */
void cycles_queue_dead(struct tracer *tracer, void (*queue)(struct _object *, bool clear));
/* Marks a cell without tracing it. */
void mark_cell_only(struct tracer *tracer, struct block *b, unsigned i);

/* ---- finalize.c and weakref.c: phases of a collection. */
void finalizers_trace(struct tracer *tracer);
/* Resurrects and queues the dead objects that want to be finalized; true if there are any. */
bool finalizers_queue_dead(struct tracer *tracer);
/* Then: queues dead foreign objects, to be deallocated. */
bool finalizers_queue_foreign(struct tracer *tracer);
/* A dead object of an extension, to be deallocated; what it holds counts as never taken. */
void finalizers_queue_heavy(struct _object *object);
void finalizers_queue_callback(struct _object *reference, struct _object *callback);
bool finalizers_pending(void);
int finalizers_run(struct thread *t);
/* Clears the bits of cells that die. */
void finalized_bits_sweep(size_t number, const struct block *b);
/* That of a cell which is freed by hand: who gets it next has not been finalized. By block of the
 * observed region; NULL until something was finalized. */
extern uint64_t (*finalized_bits)[BITMAP_WORDS]; /* atomic */
static ALWAYS_INLINE void finalized_bit_forget(const struct block *b, unsigned i)
{
    uint64_t(*bits)[BITMAP_WORDS] = atomic_load_acquire(&finalized_bits);
    uint64_t mask = UINT64_C(1) << (i % 64);
    if (bits != NULL) {
        uint64_t *word = &bits[(size_t)(b - blocks) - REGION_BLOCKS][i / 64];
        if (UNLIKELY((atomic_load_relaxed(word) & mask) != 0)) {
            atomic_fetch_and_acq_rel(word, ~mask);
        }
    }
}

/* ---- prompt.c */
void prompt_init(void);
void prompt_thread_started(struct thread *t);
void prompt_thread_ending(struct thread *t);
/* Before the marks of a collection: takes those of the last probe away. */
void prompt_before_mark(void);
/* Before the sweep of a collection. */
void prompt_forget_dead(void);

void weakrefs_clear_dead(void);
/* Of one object that is dead, while marks are valid. */
void weakrefs_clear_of(struct _object *referent);
void weakrefs_forget_dead(void);

#define POISON 0xDB

#endif
