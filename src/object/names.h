/* SPDX-License-Identifier: MIT */
/* Interned names that C code uses: names.__init__ and so on. object/names.def lists them. */
#ifndef OROCHI_OBJECT_NAMES_H
#define OROCHI_OBJECT_NAMES_H

#include <Python.h>

struct name_table {
#define NAME(identifier) PyObject *identifier;
#define NAME_AS(identifier, text) PyObject *identifier;
#include "object/names.def"
#undef NAME
#undef NAME_AS
};
/* Filled at start-up, constant afterwards. */
extern struct name_table names;
int names_init(void);

#endif
