/* SPDX-License-Identifier: MIT */
/* Arenas: see syntax/arena.h. */
#include "syntax/arena.h"

enum { CHUNK_BYTES = 16 * 1024 };

const struct ast_empty_seq ast_empty_seq = {0};

struct arena *arena_new(void)
{
    struct arena *arena = heap_alloc(sizeof(struct arena), CELL_SCRATCH);
    if (arena == NULL) {
        error_no_memory();
    }
    return arena;
}

/* The request goes into a fresh chunk; what was left of the old one is given up. */
void *arena_alloc_slow(struct arena *arena, size_t bytes)
{
    size_t size = sizeof(struct arena_chunk) + bytes;
    if (size < CHUNK_BYTES) {
        size = CHUNK_BYTES;
    }
    struct arena_chunk *chunk = heap_alloc(size, CELL_SCRATCH);
    if (chunk == NULL) {
        error_no_memory();
        return NULL;
    }
    heap_init(chunk, &chunk->previous, arena->chunk);
    heap_store(arena, &arena->chunk, chunk);
    if (bytes > CHUNK_BYTES / 2) { /* a chunk of its own: the arena has no room left */
        arena->next = arena->end = NULL;
        return chunk->memory;
    }
    arena->next = chunk->memory + bytes;
    arena->end = (char *)chunk + size;
    return chunk->memory;
}
