/* SPDX-License-Identifier: MIT */
/* object.__reduce__ and its relatives. */
#ifndef OROCHI_OBJECT_OBJECT_REDUCE_H
#define OROCHI_OBJECT_OBJECT_REDUCE_H

#include "object/object.h"

Value object_reduce(Value self);
Value object_reduce_ex(Value self, Value protocol);
Value object_getstate(Value self);

#endif
