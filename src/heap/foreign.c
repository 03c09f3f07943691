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

static uint64_t (*objects)[BITMAP_WORDS]; /* by block of the observed region; atomic bits */

struct free_cell {
    Py_ssize_t count;   /* 0 */
    PyTypeObject *type; /* NULL */
    uint64_t next;      /* complement of the address */
};
static uint64_t free_lists[CLASS_COUNT]; /* complements; under the extension lock */

static void ensure_table(void)
{
    if (UNLIKELY(atomic_load_acquire(&objects) == NULL)) {
        mutex_lock(&pool.lock);
        if (objects == NULL) {
            void *table = os_reserve_writable(block_limit * sizeof *objects);
            if (table == NULL) {
                fatal_memory("no address space for the table of foreign objects");
            }
            cycles_init_locked();
            atomic_store_release(&objects, table);
        }
        mutex_unlock(&pool.lock);
    }
}

static ALWAYS_INLINE void set_bit(const struct block *b, const void *cell, bool is_object)
{
    unsigned i = block_cell_index(b, cell);
    set_foreign_bit(&objects[(size_t)(b - blocks) - REGION_BLOCKS][i / 64], UINT64_C(1) << (i % 64),
                    is_object);
}

/* The block of a foreign cell, or NULL. */
static ALWAYS_INLINE const struct block *find_foreign(const void *p)
{
    const struct block *b = heap_is_observed((uint64_t)(uintptr_t)p) ? block_find(p) : NULL;
    return b != NULL && b->kind == HEAP_FOREIGN ? b : NULL;
}

bool foreign_is_object(const struct block *b, unsigned i)
{
    return atomic_load_relaxed(&objects[(size_t)(b - blocks) - REGION_BLOCKS][i / 64]) >> (i % 64) &
           1;
}

bool heap_is_foreign(const void *p)
{
    return find_foreign(p) != NULL;
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

static void *take_free(size_t bytes)
{
    unsigned c = class_of(bytes);
    if (free_lists[c] == 0) {
        return NULL;
    }
    struct free_cell *cell = (struct free_cell *)(uintptr_t)~free_lists[c];
    free_lists[c] = cell->next;
    memset(cell, 0, class_sizes[c]);
    return cell;
}

static ALWAYS_INLINE void *alloc_cell(size_t bytes, bool is_object, bool tracked)
{
    ensure_table();
    void *cell = NULL;
    if (bytes <= SMALL_MAX && extension_lock_is_mine(thread_current())) {
        cell = take_free(bytes);
    }
    if (cell == NULL) {
        cell = heap_alloc_kind(bytes, HEAP_FOREIGN);
    }
    if (cell != NULL) {
        const struct block *b = block_find(cell);
        cycles_track(b, cell, tracked);
        set_bit(b, cell, is_object);
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
    const struct block *b = find_foreign(object);
    if (b != NULL) {
        set_bit(b, object, true);
    }
}

void heap_disown_foreign(struct _object *object)
{
    const struct block *b = find_foreign(object);
    if (b != NULL) {
        cycles_track(b, object, false);
        set_bit(b, object, false);
    }
}

void heap_free_foreign(void *p)
{
    struct free_cell *cell = p;
    const struct block *b = block_find(p);
    cell->count = 0;
    cell->type = NULL;
    cycles_track(b, p, false);
    set_bit(b, cell, true);
    if (b->reciprocal != 0 && extension_lock_is_mine(thread_current())) {
        cell->next = free_lists[b->size_class];
        free_lists[b->size_class] = ~(uint64_t)(uintptr_t)cell;
    }
}

/* ---- Phases of a collection. */

static void trace_foreign_block(struct tracer *tracer, size_t number, struct block *b)
{
    for (unsigned i = 0; i < b->cell_count; i++) {
        if (!block_has_cell(b, i)) {
            continue;
        }
        const PyObject *object =
            (const PyObject *)(const void *)(block_address(number) + (size_t)i * b->cell_size);
        if (!foreign_is_object(b, i)) {
            mark_cell_only(tracer, b, i);
        } else if (object->ob_type == NULL) {
            b->marked[i / 64] &= ~(UINT64_C(1) << (i % 64)); /* was freed by hand */
        } else if (object_is_counted(object)) {
            trace_pointer(tracer, object);
        }
    }
}

/* The cells of one word of the bitmaps that are allocated and not marked. */
static uint64_t unmarked_cells(const struct block *b, unsigned word)
{
    unsigned first = word * 64;
    uint64_t fresh = b->free_index <= first        ? 0
                     : b->free_index >= first + 64 ? UINT64_MAX
                                                   : (UINT64_C(1) << (b->free_index - first)) - 1;
    uint64_t bits = (b->allocated[word] | fresh) & ~atomic_load_relaxed(&b->marked[word]);
    return b->cell_count >= first + 64 ? bits
                                       : bits & ((UINT64_C(1) << (b->cell_count - first)) - 1);
}

static PyObject *object_at(size_t number, const struct block *b, unsigned i)
{
    return (PyObject *)(void *)(block_address(number) +
                                (b->reciprocal != 0 ? (size_t)i * b->cell_size : 0));
}

static void trace_block(size_t number, struct block *b, void *tracer)
{
    if (b->kind == HEAP_FOREIGN) {
        trace_foreign_block(tracer, number, b);
        return;
    }
    unsigned kind = kind_plain(b->kind);
    if (kind != CELL_OBJECT && kind != CELL_LEAF) {
        return;
    }
    for (unsigned w = 0; w * 64 < b->cell_count; w++) {
        for (uint64_t bits = unmarked_cells(b, w); bits != 0; bits &= bits - 1) {
            const PyObject *object = object_at(number, b, w * 64 + (unsigned)__builtin_ctzll(bits));
            if (object_is_counted(object)) {
                trace_pointer(tracer, object);
            }
        }
    }
}

void foreign_trace_roots(struct tracer *tracer)
{
    ensure_table();
    blocks_for_each(trace_block, tracer);
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
        uint64_t bits = unmarked_cells(b, w) & objects[number - REGION_BLOCKS][w];
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
    blocks_for_each(search_block, &search);
}

void foreign_before_sweep(void)
{
    memset(free_lists, 0, sizeof free_lists);
}
