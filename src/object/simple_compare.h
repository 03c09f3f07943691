/* SPDX-License-Identifier: MIT */
/* Comparing values of simple types (exact numbers, strings, bytes, tuples of such) without Python
 * code, so that it can be done under a lock. */
#ifndef OROCHI_OBJECT_SIMPLE_COMPARE_H
#define OROCHI_OBJECT_SIMPLE_COMPARE_H

#include "object/object.h"

enum { SIMPLE_DEPTH = 4 }; /* how deep tuples are looked into */

/* 1, 0, or -1 if that cannot be said without running Python code. No safepoint. */
int value_equal_simple(Value a, Value b, int depth);
int value_less_simple(Value a, Value b, int depth);

#endif
