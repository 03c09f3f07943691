/* SPDX-License-Identifier: MIT */
/* The heap verifier: walks every side table and checks the invariants that heap.c lists. */
#include "heap/heap_int.h"

#include <Python.h>

struct census {
    size_t used_blocks;
};

static void verify_cells(size_t number, const struct block *b)
{
    unsigned kind = kind_plain(b->kind);
    for (unsigned i = 0; i < b->cell_count; i++) {
        if (!block_has_cell(b, i)) {
            continue;
        }
        const char *cell = block_address(number) + (size_t)i * b->cell_size;
        const PyObject *object = (const PyObject *)cell;
        if ((kind == CELL_OBJECT || kind == CELL_LEAF) &&
            (b->kind != HEAP_FOREIGN || foreign_is_object(b, i)) && object->ob_type != NULL) {
            const void *type = object->ob_type;
            if (heap_contains(type) && heap_find_cell(type) == NULL) {
                fatal_error("heap: object %p has a type %p that is not alive", (const void *)object,
                            type);
            }
        }
        check(heap_find_cell(cell + b->cell_size - 1) == cell);
    }
}

static void verify_block(size_t number, struct block *b, void *argument)
{
    struct census *census = argument;
    census->used_blocks += b->span;
    check(b->kind < HEAP_KIND_COUNT && kind_region(b->kind) == (number >= REGION_BLOCKS));
    for (unsigned w = 0; w < (b->cell_count + 63u) / 64; w++) {
        check(b->marked[w] == b->allocated[w]);
    }
    if (b->reciprocal == 0) {
        check(block_uses[number] == BLOCK_LARGE && b->cell_count == 1);
        for (uint32_t i = 1; i < b->span; i++) {
            check(block_uses[number + i] == (BLOCK_TAIL | i << 2));
        }
        return;
    }
    check(b->size_class < CLASS_COUNT && b->cell_size == class_sizes[b->size_class]);
    check(b->free_index <= b->cell_count);
    verify_cells(number, b);
}

/* The blocks of the lists, each of which belongs to `home` if that is not 0. */
static void verify_lists(uint32_t (*lists)[CLASS_COUNT], unsigned home)
{
    for (unsigned kind = 0; kind < HEAP_KIND_COUNT; kind++) {
        for (unsigned c = 0; c < CLASS_COUNT; c++) {
            for (uint32_t n = lists[kind][c]; n != 0; n = blocks[n].next) {
                check(block_uses[n] == BLOCK_SMALL);
                check(blocks[n].kind == kind && blocks[n].size_class == c);
                check(home == 0 || block_homes[n] == home);
            }
        }
    }
}

static void verify_thread(struct thread *t, void *unused)
{
    (void)unused;
    if (t->heap != NULL) {
        struct allocator *a = thread_allocator(t);
        verify_lists(a->own, a->home);
    }
}

void heap_verify(void)
{
    struct census census = {0};
    check(world_is_stopped());
    blocks_for_each(verify_block, &census);
    check(census.used_blocks == pool.used_blocks);
    verify_lists(pool.partial, 0);
    thread_for_each(verify_thread, NULL);
}
