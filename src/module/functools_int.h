/* SPDX-License-Identifier: MIT */
/* The types of module _functools. */
#ifndef OROCHI_MODULE_FUNCTOOLS_INT_H
#define OROCHI_MODULE_FUNCTOOLS_INT_H

#include "object/native.h"
#include "object/object.h"

extern PyTypeObject partial_type;
extern PyTypeObject lru_cache_type; /* functools._lru_cache_wrapper */
extern PyTypeObject lru_link_type;

#endif
