/* SPDX-License-Identifier: MIT */
/* Foreign cells: memory that extension code allocates (PyObject_Malloc, tp_alloc, PyObject_New),
 * in blocks of a kind of their own in the observed region.
 *
 * A bit per cell says what a cell is: raw memory (0), which only its owner frees, or an object (1).
 *  - Raw cells are marked, but not traced: what extension code keeps there, it counts.
 *  - Objects with a C count are roots. One that is found dead is queued, and
 * heap_hooks.foreign_dead deallocates it by CPython's rules, which ends with heap_free_foreign.
 *  - A free cell counts as an object without type, so that the next sweep takes it if nobody has
 *    taken it from the free list of its class before. The lists are under the extension lock and
 *    dropped by every collection; their heads are kept as complements, to be no roots. */
#include "heap/foreign.h"

#include "heap/heap_int.h"

#include "base/os.h"
#include "base/reference_count.h"
#include "thread/extension_lock.h"

#include <string.h>

#include <Python.h>

bool heap_scan_counts;

struct foreign_word (*foreign_words)[BITMAP_WORDS]; /* atomic */
static bool some_are_heavy;                         /* atomic; set under the extension lock */

struct free_cell {
    Py_ssize_t count;   /* 0 */
    PyTypeObject *type; /* NULL */
    uint64_t next;      /* complement of the address */
};
static uint64_t free_lists[CLASS_COUNT]; /* complements; under the extension lock */

/* Bytes of a cell above which memset is worth the call. */
#define CLEARED_BY_WORDS 128

static void ensure_table(void)
{
    if (UNLIKELY(atomic_load_acquire(&foreign_words) == NULL)) {
        mutex_lock(&pool.lock);
        if (foreign_words == NULL) {
            void *table = os_reserve_writable(block_limit * sizeof *foreign_words);
            if (table == NULL) {
                fatal_memory("no address space for the table of foreign objects");
            }
            cycles_init_locked();
            atomic_store_release(&foreign_words, table);
        }
        mutex_unlock(&pool.lock);
    }
}

/* The block of a foreign cell, or NULL. */
static ALWAYS_INLINE struct block *find_foreign(const void *p)
{
    struct block *b = heap_is_observed((uint64_t)(uintptr_t)p) ? block_find(p) : NULL;
    return b != NULL && b->kind == HEAP_FOREIGN ? b : NULL;
}

bool heap_is_foreign(const void *p)
{
    return find_foreign(p) != NULL;
}

/* Where the bits of a foreign cell are. */
struct place {
    struct block *b;
    struct foreign_word *word;
    unsigned i; /* of the cell in its block */
    uint64_t mask;
};

/* p: the beginning of an allocated foreign cell. */
static ALWAYS_INLINE struct place place_of(const void *p)
{
    size_t number = block_number(p);
    struct block *b = &blocks[number];
    unsigned i = block_cell_index(b, p);
    return (struct place){b, &foreign_words[number - REGION_BLOCKS][i / 64], i,
                          UINT64_C(1) << (i % 64)};
}

/* The last cell that was given out, which is often adopted next, or disowned, which is freed next.
 * Under the extension lock; forgotten by each collection. */
static struct {
    uint64_t cell; /* complement of the address */
    struct place at;
} recent;

static ALWAYS_INLINE struct place note_place(const void *p, struct place at)
{
    recent.cell = ~(uint64_t)(uintptr_t)p;
    recent.at = at;
    return at;
}

/* False if p, which somebody allocated, is no foreign cell. An allocated cell begins in its own
 * block, not in the tail of a span: that is all find_foreign would look for besides. */
static ALWAYS_INLINE bool look_up_place(const void *p, struct place *at)
{
    size_t of_region = block_number(p) - REGION_BLOCKS;
    if (UNLIKELY(of_region >= block_limit ||
                 blocks[REGION_BLOCKS + of_region].kind != HEAP_FOREIGN)) {
        return false;
    }
    *at = place_of(p);
    return true;
}

/* The same for one that holds the extension lock. */
static ALWAYS_INLINE bool find_place(const void *p, struct place *at)
{
    if (LIKELY(recent.cell == ~(uint64_t)(uintptr_t)p)) {
        *at = recent.at;
        return true;
    }
    return look_up_place(p, at);
}

/* Most bits are as they should be. */
static ALWAYS_INLINE void clear_foreign_bit(uint64_t *word, uint64_t mask)
{
    uint64_t old = atomic_load_relaxed(word);
    if ((old & mask) != 0) {
        atomic_store_relaxed(word, old & ~mask);
    }
}

/* ---- Objects that hold much memory outside of the heap. */

bool foreign_is_heavy(const struct _object *object)
{
    if (!atomic_load_acquire(&some_are_heavy)) {
        return false;
    }
    const struct block *b = block_find(object);
    unsigned i = block_cell_index(b, object);
    return atomic_load_relaxed(&foreign_word(b, i / 64)->heavy) >> (i % 64) & 1;
}

bool foreign_is_young(const struct _object *object)
{
    const struct block *b = block_find(object);
    unsigned i = block_cell_index(b, object);
    return block_cell_is_young(b, i) ||
           (atomic_load_relaxed(&foreign_word(b, i / 64)->heavy_young) >> (i % 64) & 1);
}

void foreign_set_heavy(struct _object *object)
{
    atomic_store_release(&some_are_heavy, true);
    const struct block *b = block_find(object);
    unsigned i = block_cell_index(b, object);
    struct foreign_word *word = foreign_word(b, i / 64);
    set_foreign_bit(&word->heavy, UINT64_C(1) << (i % 64), true);
    set_foreign_bit(&word->heavy_young, UINT64_C(1) << (i % 64), !cell_is_marked(object));
}

void foreign_unmark_young(struct block *b)
{
    for (unsigned w = 0; w < (b->cell_count + 63u) / 64; w++) {
        /* those that were freed stay unmarked */
        b->marked[w] &= b->allocated[w] & ~foreign_word(b, w)->heavy_young;
    }
}

static void age_block(size_t number, struct block *b, void *argument)
{
    (void)number;
    (void)argument;
    for (unsigned w = 0; b->kind == HEAP_FOREIGN && w < BITMAP_WORDS; w++) {
        foreign_word(b, w)->heavy_young = 0;
    }
}

/* ---- Allocation. */

static unsigned class_of(size_t bytes)
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

static ALWAYS_INLINE void *take_free(unsigned size_class)
{
    struct free_cell *cell = (struct free_cell *)(uintptr_t)~free_lists[size_class];
    if (free_lists[size_class] == 0) {
        return NULL;
    }
    free_lists[size_class] = cell->next;
    return cell;
}

static ALWAYS_INLINE void clear_cell(void *cell, unsigned size_class)
{
    size_t bytes = class_sizes[size_class];
    if (bytes > CLEARED_BY_WORDS) {
        memset(cell, 0, bytes);
        return;
    }
    struct words {
        uint64_t word[2];
    };
    char *end = (char *)cell + bytes;
    for (char *p = cell; p < end - 8; p += sizeof(struct words)) {
        *(struct words *)(void *)p = (struct words){{0, 0}};
        __asm__("" : "+r"(p) : : "memory"); /* else the loop becomes memset */
    }
    ((uint64_t *)(void *)end)[-1] = 0;
}

/* What a cell is: an object or not, tracked or not. */
static ALWAYS_INLINE void set_bits(struct place at, bool is_object, bool tracked)
{
    set_foreign_bit(&at.word->objects, at.mask, is_object);
    if (tracked) {
        set_foreign_bit(&at.word->tracked, at.mask, true);
    } else {
        clear_foreign_bit(&at.word->tracked, at.mask);
    }
}

void *heap_take_foreign(size_t bytes)
{
    if (bytes > HEAP_FAST_MAX || UNLIKELY(pressure_until_look <= 1)) {
        return NULL;
    }
    void *cell = take_free(heap_fast_class[(bytes + 7) / 8]);
    if (LIKELY(cell != NULL)) {
        struct place at = note_place(cell, place_of(cell));
        set_foreign_bit(&at.word->objects, at.mask, false);
        pressure_until_look--;
    }
    return cell;
}

static ALWAYS_INLINE void *alloc_cell(size_t bytes, bool is_object, bool tracked)
{
    ensure_table();
    struct thread *t = thread_current();
    void *cell;
    do { /* an allocation that collects may lose the lock, and then the cell is left to the sweep */
        extension_lock_take(t);
        unsigned size_class = bytes <= SMALL_MAX ? class_of(bytes) : 0;
        cell = bytes <= SMALL_MAX ? take_free(size_class) : NULL;
        if (cell == NULL) {
            cell = heap_alloc_kind(bytes, HEAP_FOREIGN);
        } else if (is_object) {
            clear_cell(cell, size_class);
        }
    } while (cell != NULL && UNLIKELY(!extension_lock_is_mine(t)));
    if (cell != NULL) {
        set_bits(place_of(cell), is_object, tracked);
        if (UNLIKELY(--pressure_until_look == 0)) {
            pressure_look();
        }
    }
    return cell;
}

void *heap_alloc_foreign(size_t bytes)
{
    return alloc_cell(bytes, false, false);
}

void *heap_alloc_foreign_object(size_t bytes, bool tracked)
{
    return alloc_cell(bytes, true, tracked);
}

void heap_adopt_foreign(struct _object *object)
{
    struct place at;
    if (find_place(object, &at)) {
        set_foreign_bit(&at.word->objects, at.mask, true);
    }
}

bool heap_disown_foreign(struct _object *object)
{
    struct place at;
    if (!find_place(object, &at)) {
        return false;
    }
    set_bits(note_place(object, at), false, false);
    return true;
}

/* For a thread that has not got the extension lock, as it should: at worst the owner's next store
 * takes the bit back, and the cell is lost. */
static COLD void free_without_lock(struct free_cell *cell)
{
    struct place at;
    if (look_up_place(cell, &at)) {
        cell->count = 0;
        cell->type = NULL;
        atomic_fetch_or_acq_rel(&at.word->objects, at.mask);
    }
}

/* What is allocated again is young, else only a full collection would find it dead. In our own code
 * nobody marks meanwhile. */
static ALWAYS_INLINE void add_free(struct place at, struct free_cell *cell)
{
    clear_foreign_bit(&at.b->marked[at.i / 64], at.mask);
    cell->next = free_lists[at.b->size_class];
    free_lists[at.b->size_class] = ~(uint64_t)(uintptr_t)cell;
}

void heap_free_foreign(void *p)
{
    struct free_cell *cell = p;
    const struct thread *t = thread_current();
    if (UNLIKELY(t == NULL || !extension_lock_is_mine(t))) {
        free_without_lock(cell);
        return;
    }
    struct place at;
    if (!find_place(p, &at)) {
        return;
    }
    cell->count = 0;
    cell->type = NULL;
    set_foreign_bit(&at.word->objects, at.mask, true);
    clear_foreign_bit(&at.word->tracked, at.mask);
    clear_foreign_bit(&at.word->heavy, at.mask);
    finalized_bit_forget(at.b, at.i);
    if (LIKELY(at.b->reciprocal != 0)) {
        add_free(at, cell);
    }
}

/* ---- Phases of a collection. */

static PyObject *object_at(size_t number, const struct block *b, unsigned i)
{
    return (PyObject *)(void *)(block_address(number) +
                                (b->reciprocal != 0 ? (size_t)i * b->cell_size : 0));
}

/* An old large cell that was freed by hand is not marked any more; a small one is unmarked when it
 * is freed, or waits for a full collection. */
static void forget_freed(size_t number, struct block *b)
{
    if (b->reciprocal == 0 && foreign_is_object(b, 0) && object_at(number, b, 0)->ob_type == NULL) {
        b->marked[0] = 0;
    }
}

#define FETCH_AHEAD 4

static void trace_counted(struct tracer *tracer, size_t number, const struct block *b, unsigned w,
                          uint64_t bits)
{
    for (; bits != 0; bits &= bits - 1) {
        unsigned i = w * 64 + (unsigned)__builtin_ctzll(bits);
        const PyObject *object = object_at(number, b, i);
        __builtin_prefetch((const char *)object + (size_t)b->cell_size * FETCH_AHEAD);
        if (object->ob_type != NULL && object_is_counted(object)) {
            trace_pointer(tracer, object);
        }
    }
}

static void trace_block(size_t number, struct block *b, void *tracer)
{
    unsigned kind = kind_plain(b->kind);
    if (kind != CELL_OBJECT && kind != CELL_LEAF) {
        return;
    }
    bool is_foreign = b->kind == HEAP_FOREIGN;
    if (is_foreign) {
        forget_freed(number, b);
    }
    for (unsigned w = 0; w * 64 < b->cell_count; w++) {
        uint64_t bits = unmarked_cells(b, w);
        uint64_t raw = is_foreign ? bits & ~atomic_load_relaxed(&foreign_word(b, w)->objects) : 0;
        trace_counted(tracer, number, b, w, bits & ~raw);
        for (; raw != 0; raw &= raw - 1) {
            mark_cell_only(tracer, b, w * 64 + (unsigned)__builtin_ctzll(raw));
        }
    }
}

void foreign_trace_roots(struct tracer *tracer, struct block_share *share)
{
    blocks_share(share, trace_block, tracer);
}

struct search {
    void (*f)(struct _object *, void *);
    void *argument;
};

static void search_block(size_t number, struct block *b, void *argument)
{
    const struct search *search = argument;
    if (b->kind != HEAP_FOREIGN) {
        return;
    }
    for (unsigned w = 0; w * 64 < b->cell_count; w++) {
        uint64_t bits = unmarked_cells(b, w) & atomic_load_relaxed(&foreign_word(b, w)->objects);
        for (; bits != 0; bits &= bits - 1) {
            PyObject *object = object_at(number, b, w * 64 + (unsigned)__builtin_ctzll(bits));
            if (object->ob_type != NULL) {
                search->f(object, search->argument);
            }
        }
    }
}

void foreign_for_each_dead(void (*f)(struct _object *, void *), void *argument)
{
    struct search search = {f, argument};
    blocks_for_each_observed(search_block, &search);
}

void foreign_before_sweep(void)
{
    memset(free_lists, 0, sizeof free_lists);
    recent.cell = 0; /* its block may become another's */
    if (some_are_heavy) {
        blocks_for_each_observed(age_block, NULL);
    }
}
