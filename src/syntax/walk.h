/* SPDX-License-Identifier: MIT */
/* Visiting the children of AST nodes; the functions are generated from ast.def. */
#ifndef OROCHI_SYNTAX_WALK_H
#define OROCHI_SYNTAX_WALK_H

#include "syntax/ast.h"

/* A pass over the tree: put it first into the pass's own state. Its functions see each expression,
 * statement and pattern; what lies between (arguments, comprehensions, handlers, cases ...) is
 * passed through. */
struct ast_visitor {
    void (*visit_expr)(struct ast_visitor *v, struct expr *e);
    void (*visit_stmt)(struct ast_visitor *v, struct stmt *s);
    void (*visit_pattern)(struct ast_visitor *v, struct pattern *p);
    void (*visit_annotation)(struct ast_visitor *v, struct expr *e); /* an expression, too */
};

/* Calls the visitor's functions for the nearest such nodes below, in the order of the fields. */
void mod_children(struct mod *node, struct ast_visitor *v);
void stmt_children(struct stmt *node, struct ast_visitor *v);
void expr_children(struct expr *node, struct ast_visitor *v);
void pattern_children(struct pattern *node, struct ast_visitor *v);

#endif
