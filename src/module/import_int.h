/* SPDX-License-Identifier: MIT */
/* Shared by the files of import. */
#ifndef OROCHI_MODULE_IMPORT_INT_H
#define OROCHI_MODULE_IMPORT_INT_H

#include "module/import.h"

/* load(name), with a line on standard error that says how long it took. */
Value import_load_timed(PyObject *name, Value (*load)(PyObject *name));

#endif
