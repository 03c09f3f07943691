/* SPDX-License-Identifier: MIT */
/* Cycles through objects of extensions. A C count is a root because nobody knows who holds it. But
 * what a tracked object of an extension counts, its tp_traverse tells. So a full collection
 *   1. takes from the C counts what tracked foreign objects explain: a count that is left is held
 *      by somebody else, and only that is a root (cycles_explain);
 *   2. gives the counts back when the roots were found (cycles_restore);
 *   3. follows the references that tp_traverse tells wherever it marks a foreign object
 *      (cycles_follow);
 *   4. puts the dead in an order (cycles_sort_dead): first those that no other dead one leads to,
 *      which can be deallocated; then the rest, which are in cycles or behind others.
 * The heap counts every dead one that it queues once more, so that nobody else frees it.
 *
 * Not if a thread was stopped in the middle of extension code: there it may have stored a reference
 * and not counted it yet. Then, and in young collections, all counts are roots. */
#include "heap/heap_int.h"

#include "base/os.h"
#include "base/reference_count.h"

#include <string.h>

#include <Python.h>

/* By block of the observed region. */
static uint64_t (*visited)[BITMAP_WORDS]; /* in a stop: its references were followed */

static bool following;  /* in a stop */
static size_t followed; /* how many were; in a stop */

/* A growing array, not in malloc memory (thread/thread.h, world_stop). */
struct pile {
    PyObject **items;
    size_t count, room;
};
static struct pile explained; /* whose count was lowered, once per step; in a stop */
static struct pile waiting;   /* marked, to be followed; in a stop */
static struct pile dead;      /* in a stop */

static void pile_push(struct pile *p, PyObject *object)
{
    if (p->count == p->room) {
        size_t room = p->room * 2 + 4096;
        PyObject **bigger = os_reserve_writable(room * sizeof *bigger);
        if (bigger == NULL) {
            fatal_memory("no memory to find cycles of extension objects");
        }
        if (p->items != NULL) {
            memcpy(bigger, p->items, p->count * sizeof *bigger);
            os_release(p->items, p->room * sizeof *bigger);
        }
        p->items = bigger;
        p->room = room;
    }
    p->items[p->count++] = object;
}

/* Empty, and small again. */
static void pile_clear(struct pile *p)
{
    if (p->room > 4096) {
        os_release(p->items, p->room * sizeof *p->items);
        *p = (struct pile){NULL, 0, 0};
    }
    p->count = 0;
}

void cycles_init_locked(void)
{
    visited = os_reserve_writable(block_limit * sizeof *visited);
    if (visited == NULL) {
        fatal_memory("no address space for a table of foreign objects");
    }
}

/* ---- Which objects are complete. */

void heap_track_foreign(struct _object *object, bool track)
{
    if (heap_is_foreign(object)) {
        const struct block *b = block_find(object);
        unsigned i = block_cell_index(b, object);
        set_foreign_bit(&foreign_word(b, i / 64)->tracked, UINT64_C(1) << (i % 64), track);
    }
}

bool heap_foreign_is_tracked(const struct _object *object)
{
    const struct block *b = block_find(object);
    return foreign_is_tracked(b, block_cell_index(b, object));
}

/* ---- Counts. */

static PyObject *object_at(size_t number, const struct block *b, unsigned i)
{
    return (PyObject *)(void *)(block_address(number) +
                                (b->reciprocal != 0 ? (size_t)i * b->cell_size : 0));
}

static int explain(PyObject *target, void *argument)
{
    (void)argument;
    if (heap_contains(target) && object_is_counted(target)) {
        target->ob_refcnt--;
        pile_push(&explained, target);
    }
    return 0;
}

static void explain_block(size_t number, struct block *b, void *argument)
{
    (void)argument;
    if (b->kind != HEAP_FOREIGN) {
        return;
    }
    memset(visited[number - REGION_BLOCKS], 0, sizeof *visited);
    for (unsigned i = 0; i < b->cell_count; i++) {
        PyObject *object = object_at(number, b, i);
        if (foreign_is_tracked(b, i) && block_has_cell(b, i) && foreign_is_object(b, i) &&
            object->ob_type != NULL) {
            heap_hooks.foreign_traverse(object, explain, NULL);
        }
    }
}

void cycles_explain(bool full)
{
    following = full && foreign_words != NULL && !world_interrupts_extension();
    if (following) {
        blocks_for_each_observed(explain_block, NULL);
    }
}

void cycles_restore(void)
{
    for (size_t i = 0; i < explained.count; i++) {
        explained.items[i]->ob_refcnt++;
    }
    pile_clear(&explained);
}

/* ---- Following. */

/* Takes the object if its references were not followed yet. */
static bool take(size_t number, struct block *b, unsigned i)
{
    uint64_t *word = &visited[number - REGION_BLOCKS][i / 64];
    uint64_t mask = UINT64_C(1) << (i % 64);
    bool wanted = (*word & mask) == 0 && block_is_marked(b, i) && foreign_is_tracked(b, i) &&
                  foreign_is_object(b, i) && object_at(number, b, i)->ob_type != NULL;
    if (wanted) {
        *word |= mask;
        followed++;
    }
    return wanted;
}

static int follow(PyObject *target, void *tracer)
{
    trace_pointer(tracer, target);
    if (heap_is_foreign(target)) {
        struct block *b = block_find(target);
        unsigned i = block_cell_index(b, target);
        if (take((size_t)(b - blocks), b, i)) {
            pile_push(&waiting, target);
        }
    }
    return 0;
}

static void follow_block(size_t number, struct block *b, void *tracer)
{
    if (b->kind != HEAP_FOREIGN) {
        return;
    }
    for (unsigned i = 0; i < b->cell_count; i++) {
        if (i % 64 == 0 && (b->marked[i / 64] & ~visited[number - REGION_BLOCKS][i / 64]) == 0) {
            i += 63;
        } else if (take(number, b, i)) {
            pile_push(&waiting, object_at(number, b, i));
        }
    }
    while (waiting.count > 0) {
        heap_hooks.foreign_traverse(waiting.items[--waiting.count], follow, tracer);
    }
}

void cycles_mark(struct tracer *tracer)
{
    mark_finish();
    while (following) {
        size_t before = followed;
        blocks_for_each_observed(follow_block, tracer);
        if (followed == before) {
            pile_clear(&waiting);
            return;
        }
        mark_finish();
    }
}

/* ---- The dead. */

static void note_dead(PyObject *object, void *argument)
{
    (void)argument;
    pile_push(&dead, object);
}

static void queue_dead(PyObject *object, void *queue)
{
    void (*const *put)(PyObject *, bool) = queue;
    object->ob_refcnt++;
    (*put)(object, false);
}

void cycles_queue_dead(struct tracer *tracer, void (*queue)(PyObject *, bool clear))
{
    if (!following) { /* counts are roots: no dead object leads to another one */
        foreign_for_each_dead(queue_dead, &queue);
        return;
    }
    foreign_for_each_dead(note_dead, NULL);
    for (size_t i = 0; i < dead.count; i++) {
        mark_again(tracer, dead.items[i]);
        heap_hooks.foreign_traverse(dead.items[i], follow, tracer);
    }
    while (waiting.count > 0) {
        heap_hooks.foreign_traverse(waiting.items[--waiting.count], follow, tracer);
    }
    cycles_mark(tracer);
    for (size_t i = 0; i < dead.count; i++) {
        dead.items[i]->ob_refcnt++;
        if (!cell_is_marked(dead.items[i])) {
            queue(dead.items[i], false);
            dead.items[i] = NULL;
        }
    }
    for (int clear = 1; clear >= 0; clear--) {
        for (size_t i = 0; i < dead.count; i++) {
            if (dead.items[i] != NULL) {
                queue(dead.items[i], clear != 0);
            }
        }
    }
    pile_clear(&dead);
}
