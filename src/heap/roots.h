/* SPDX-License-Identifier: MIT */
/* What a collection need not scan, and caches that it treats as roots. */
#ifndef OROCHI_HEAP_ROOTS_H
#define OROCHI_HEAP_ROOTS_H

#include "heap/heap.h"

/* Static data of the executable that holds no reference to a cell, or whose references
 * heap_trace_caches knows: it is not scanned from now on. */
void heap_exclude_range(const void *start, size_t bytes);

/* A static object of our own that is complete. It is not scanned any more, but traced: by young
 * markings only when its cards are dirty, as those of old cells. So from now on references are
 * stored there through the write barrier. trace NULL: each word is traced. */
void heap_add_static(void *start, size_t bytes, void (*trace)(void *object, struct tracer *tracer));

/* Who traces roots, and how much. A probe (prompt.h) frees nothing, and what it marks is marked
 * again by the next collection; PROBE_NEW goes on from what the last one has marked. */
enum marking { MARK_FULL, MARK_YOUNG, PROBE_ALL, PROBE_YOUNG, PROBE_NEW };

/* Called when the roots are traced, if not NULL; the world is stopped. MARK_FULL: caches are
 * cleared, so that they keep nothing alive for longer; else their entries are traced, for young
 * markings those that came since the last collection. */
extern void (*heap_trace_caches)(struct tracer *tracer, enum marking marking);

/* In a collection: does it free old cells, too? Then a table that holds cells weakly must look at
 * all of them; in a young one those that came since the last collection are enough. */
bool heap_collects_old(void);

#endif
