/* SPDX-License-Identifier: MIT */
/* Shared by float.c and float_methods.c. */
#ifndef OROCHI_OBJECT_FLOAT_INT_H
#define OROCHI_OBJECT_FLOAT_INT_H

#include "object/float.h"
#include "object/native.h"

extern const struct native_def float_methods[];
extern const struct getset_def float_getsets[];

#endif
