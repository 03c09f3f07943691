/* SPDX-License-Identifier: MIT */
/* Checks that a tree which did not come from the parser is one that it could have made. */
#ifndef OROCHI_SYNTAX_VALIDATE_H
#define OROCHI_SYNTAX_VALIDATE_H

#include "syntax/ast.h"

/* 0, or -1 with ValueError, TypeError, or RecursionError when it nests more than max_depth. */
int tree_validate(struct mod *root, int max_depth);

#endif
