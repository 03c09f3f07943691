/* SPDX-License-Identifier: MIT */
/* The types of module _operator. */
#ifndef OROCHI_MODULE_OPERATOR_INT_H
#define OROCHI_MODULE_OPERATOR_INT_H

#include "object/native.h"
#include "object/object.h"

extern PyTypeObject itemgetter_type, attrgetter_type, methodcaller_type;

#endif
