/* SPDX-License-Identifier: MIT */
/* What the files of the builtins module share. */
#ifndef OROCHI_MODULE_BUILTINS_H
#define OROCHI_MODULE_BUILTINS_H

#include "object/native.h"

/* module/builtins_code.c: compile, eval, exec. */
Value builtin_compile(Value self, const Value *args);
Value builtin_eval(Value self, const Value *args);
Value builtin_exec(Value self, const Value *args);

#endif
