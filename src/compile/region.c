/* SPDX-License-Identifier: MIT */
/* The compiler's working memory: chunks from malloc, all freed at the end. It holds no reference
 * that keeps an object alive; that is what compiler.keep is for. */
#include <stdlib.h>

#include "compile/compile_int.h"

struct region {
    struct region *previous;
    char *next, *end;
    char memory[];
};
enum { REGION_CHUNK = 32 * 1024 };

void *region_alloc(struct compiler *c, size_t bytes)
{
    bytes = (bytes + 15) & ~(size_t)15;
    if (c->region == NULL || (size_t)(c->region->end - c->region->next) < bytes) {
        size_t size = bytes > REGION_CHUNK ? bytes : REGION_CHUNK;
        struct region *chunk = malloc(sizeof *chunk + size);
        if (chunk == NULL) {
            fatal_memory("out of memory while compiling");
        }
        chunk->previous = c->region;
        chunk->next = chunk->memory;
        chunk->end = chunk->memory + size;
        c->region = chunk;
    }
    void *result = c->region->next;
    c->region->next += bytes;
    return memset(result, 0, bytes);
}

void *region_grow(struct compiler *c, void *old, size_t old_bytes, size_t new_bytes)
{
    void *result = region_alloc(c, new_bytes);
    if (old_bytes > 0) {
        memcpy(result, old, old_bytes);
    }
    return result;
}

void region_free(struct compiler *c)
{
    while (c->region != NULL) {
        struct region *previous = c->region->previous;
        free(c->region);
        c->region = previous;
    }
}

PyObject *keep(struct compiler *c, PyObject *object)
{
    if (object == NULL || list_append(c->keep, value_from_object(object)) < 0) {
        c->failed = true;
    }
    return object;
}
