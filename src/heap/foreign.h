/* SPDX-License-Identifier: MIT */
/* Objects of extension types, made by our own code. */
#ifndef OROCHI_HEAP_FOREIGN_H
#define OROCHI_HEAP_FOREIGN_H

#include "heap/heap.h"

/* A foreign cell that is an object at once. The caller gives it its type before the next
 * safepoint. */
void *heap_alloc_foreign_object(size_t bytes, bool tracked) MUST_USE;

#endif
