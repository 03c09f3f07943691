/* SPDX-License-Identifier: MIT */
/* What the files of the builtins module share. */
#ifndef OROCHI_MODULE_BUILTINS_H
#define OROCHI_MODULE_BUILTINS_H

#include "object/native.h"

/* module/builtins_code.c: compile, eval, exec. */
Value builtin_compile(Value self, const Value *args);
Value builtin_eval(Value self, const Value *args);
Value builtin_exec(Value self, const Value *args);

/* Reads a line for input() from the terminal, with its end, after the prompt. None: it is to be
 * read from sys.stdin. Set at start-up by capi/, for the module readline; may be NULL. */
extern Value (*builtins_read_terminal)(const char *prompt);

#endif
