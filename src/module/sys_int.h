/* SPDX-License-Identifier: MIT */
/* What the files of the sys module share. */
#ifndef OROCHI_MODULE_SYS_INT_H
#define OROCHI_MODULE_SYS_INT_H

#include "object/object.h"

enum { SYS_DIGITS_THRESHOLD = 640, SYS_DIGITS_DEFAULT = 4300 };

/* sys.setswitchinterval keeps its argument; nothing in Orochi switches by it. Atomic. */
extern unsigned long sys_switch_interval_us;
/* Adds version, flags, float_info and the other constants. 0 or -1. */
int sys_add_information(PyObject *module);

/* sys_audit.c: sys.audit, sys.addaudithook. */
Value sys_audit_function(Value self, const Value *args, size_t nargs, PyObject *kwnames);
Value sys_addaudithook(Value self, const Value *args);

#endif
