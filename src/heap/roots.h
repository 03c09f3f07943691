/* SPDX-License-Identifier: MIT */
/* What a collection need not scan, and caches that it treats as roots. */
#ifndef OROCHI_HEAP_ROOTS_H
#define OROCHI_HEAP_ROOTS_H

#include "heap/heap.h"

/* Static data of the executable that holds no reference to a cell, or whose references
 * heap_trace_caches knows: it is not scanned. At start-up, before there are other threads. */
void heap_exclude_range(const void *start, size_t bytes);

/* Called when the roots are traced, if not NULL; the world is stopped. `full`: caches are cleared,
 * so that they keep nothing alive for longer; else their entries are traced. */
extern void (*heap_trace_caches)(struct tracer *tracer, bool full);

/* In a collection: does it free old cells, too? Then a table that holds cells weakly must look at
 * all of them; in a young one those that came since the last collection are enough. */
bool heap_collects_old(void);

#endif
