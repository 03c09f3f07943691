/* SPDX-License-Identifier: MIT */
/* Walking the observed region alone. */
#ifndef OROCHI_HEAP_WALK_H
#define OROCHI_HEAP_WALK_H

#include "heap/heap.h"

/* heap_for_each_object for the observed region: files, generators, objects with __del__. Its cost
 * does not depend on how many other objects there are. */
void heap_for_each_observed(bool (*f)(struct _object *, void *), void *argument);

#endif
