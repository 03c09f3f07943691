/* SPDX-License-Identifier: MIT */
/* What _ast.c (classes) and ast_convert.c (conversions) share. */
#ifndef OROCHI_MODULE_AST_INT_H
#define OROCHI_MODULE_AST_INT_H

#include "syntax/ast_info.h"
#include "syntax/syntax.h"

enum { AST_MAX_CASES = 32, AST_MAX_FIELDS = 8, AST_ATTRIBUTES = 4 };

/* Made when the module is first executed; constant afterwards. */
struct ast_classes {
    PyTypeObject *nodes[AST_TYPE_COUNT];                 /* expr, arguments ... */
    PyTypeObject *cases[AST_TYPE_COUNT][AST_MAX_CASES];  /* BoolOp ...; NULL for products */
    PyObject *singletons[AST_TYPE_COUNT][AST_MAX_CASES]; /* instances of Load, Add ... */
    PyObject *field_names[AST_TYPE_COUNT][AST_MAX_CASES][AST_MAX_FIELDS];
    PyObject *attribute_names[AST_ATTRIBUTES];
};
extern struct ast_classes ast_classes;
extern PyTypeObject ast_base_type;
/* Makes sure that the classes are there: imports _ast. 0 or -1. */
int ast_classes_ensure(void);
bool ast_classes_exist(void);
const struct ast_node_info *ast_node(enum ast_type type);

#endif
