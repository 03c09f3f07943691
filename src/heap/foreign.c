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
#include "heap/heap_int.h"

#include "base/os.h"
#include "thread/extension_lock.h"

#include <string.h>

#include <Python.h>

#define COUNT_MASK (((Py_ssize_t)1 << 40) - 1)

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

static uint64_t *find_bit(const void *cell, uint64_t *mask)
{
    const struct block *b = block_find(cell);
    unsigned i = block_cell_index(b, cell);
    *mask = UINT64_C(1) << (i % 64);
    return &objects[(size_t)(b - blocks) - REGION_BLOCKS][i / 64];
}

static void set_bit(void *cell, bool is_object)
{
    uint64_t mask;
    uint64_t *word = find_bit(cell, &mask);
    if (is_object) {
        atomic_fetch_or_acq_rel(word, mask);
    } else {
        atomic_fetch_and_acq_rel(word, ~mask);
    }
}

bool foreign_is_object(const struct block *b, unsigned i)
{
    return atomic_load_relaxed(&objects[(size_t)(b - blocks) - REGION_BLOCKS][i / 64]) >> (i % 64) &
           1;
}

bool heap_is_foreign(const void *p)
{
    if (!heap_is_observed((uint64_t)(uintptr_t)p)) {
        return false;
    }
    const struct block *b = block_find(p);
    return b != NULL && b->kind == HEAP_FOREIGN;
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

void *heap_alloc_foreign(size_t bytes)
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
        set_bit(cell, false);
    }
    return cell;
}

void heap_adopt_foreign(struct _object *object)
{
    if (heap_is_foreign(object)) {
        set_bit(object, true);
    }
}

void heap_disown_foreign(struct _object *object)
{
    if (heap_is_foreign(object)) {
        heap_track_foreign(object, false);
        set_bit(object, false);
    }
}

void heap_free_foreign(void *p)
{
    struct free_cell *cell = p;
    const struct block *b = block_find(p);
    cell->count = 0;
    cell->type = NULL;
    heap_track_foreign((struct _object *)p, false);
    set_bit(cell, true);
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
        } else if ((object->ob_refcnt & COUNT_MASK) != 0) {
            trace_pointer(tracer, object);
        }
    }
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
    for (unsigned i = 0; i < b->cell_count; i++) {
        const PyObject *object =
            (const PyObject *)(const void *)(block_address(number) + (size_t)i * b->cell_size);
        if (block_has_cell(b, i) && !block_is_marked(b, i) &&
            (object->ob_refcnt & COUNT_MASK) != 0) {
            trace_pointer(tracer, object);
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
    for (unsigned i = 0; i < b->cell_count; i++) {
        if (block_has_cell(b, i) && foreign_is_object(b, i) && !block_is_marked(b, i)) {
            size_t offset = b->reciprocal != 0 ? (size_t)i * b->cell_size : 0;
            PyObject *object = (PyObject *)(void *)(block_address(number) + offset);
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
