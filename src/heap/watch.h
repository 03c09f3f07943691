/* SPDX-License-Identifier: MIT */
/* Watching allocation, for tracemalloc. */
#ifndef OROCHI_HEAP_WATCH_H
#define OROCHI_HEAP_WATCH_H

#include <stdbool.h>
#include <stddef.h>

/* Called for each cell that is allocated, by the thread that does. It may hold locks of any rank up
 * to HEAP_POOL; so the function allocates nothing from the heap and reaches no safepoint. */
typedef void (*heap_watcher)(void *cell, size_t bytes);

/* From now on every allocation takes the slow path and is told; NULL ends that. Stops the world:
 * the caller is RUNNING and holds no lock. */
void heap_watch(heap_watcher watcher);

#endif
