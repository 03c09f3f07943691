/* SPDX-License-Identifier: MIT */
/* Arenas: memory for syntax trees. An arena is a chain of WORDS cells, so that the strings and
 * constants that nodes refer to stay alive as long as anything refers to the tree. Owned by one
 * thread while it grows; a finished tree is constant. */
#ifndef OROCHI_SYNTAX_ARENA_H
#define OROCHI_SYNTAX_ARENA_H

#include "heap/heap.h"
#include "object/error.h"

struct arena_chunk {
    struct arena_chunk *previous;
    char memory[];
};

struct arena { /* a WORDS cell */
    struct arena_chunk *chunk;
    char *next, *end; /* free memory in the chunk */
};

struct ast_position { /* lines from 1, columns in UTF-8 bytes from 0 */
    int lineno, col_offset, end_lineno, end_col_offset;
};

/* What empty sequences of all types point to. */
struct ast_empty_seq {
    size_t count;
};
extern const struct ast_empty_seq ast_empty_seq;

struct arena *arena_new(void); /* NULL with MemoryError */
void *arena_alloc_slow(struct arena *arena, size_t bytes);

/* Zeroed memory, aligned to 8 bytes; NULL with MemoryError. */
static inline void *arena_alloc(struct arena *arena, size_t bytes)
{
    bytes = (bytes + 7) & ~(size_t)7;
    if (UNLIKELY((size_t)(arena->end - arena->next) < bytes)) {
        return arena_alloc_slow(arena, bytes);
    }
    void *result = arena->next;
    arena->next += bytes;
    return result;
}

/* A sequence with its count set; items are zero. */
static inline void *arena_alloc_seq(struct arena *arena, size_t count, size_t head, size_t item)
{
    size_t *seq = (size_t *)arena_alloc(arena, head + count * item);
    if (seq != NULL) {
        *seq = count;
    }
    return seq;
}

#endif
