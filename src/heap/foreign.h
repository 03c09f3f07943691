/* SPDX-License-Identifier: MIT */
/* Objects of extension types, made by our own code; and what they hold outside of the heap. */
#ifndef OROCHI_HEAP_FOREIGN_H
#define OROCHI_HEAP_FOREIGN_H

#include "heap/heap.h"

/* A foreign cell that is an object at once. The caller gives it its type before the next
 * safepoint. */
void *heap_alloc_foreign_object(size_t bytes, bool tracked) MUST_USE;

/* A big piece of memory outside of the heap was taken for an object of an extension, or freed. Such
 * objects die promptly (prompt.c), as far as that is cheap, and only what does not leads to
 * collections. Other memory: heap_account_external. */
#define HEAVY_BYTES ((size_t)256 << 10)
void heap_account_heavy(size_t bytes);
void heap_account_heavy_freed(size_t bytes);

#endif
