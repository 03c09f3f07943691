/* SPDX-License-Identifier: MIT */
/* What the generated field tables (syntax/ast_tables.h) are made of. */
#ifndef OROCHI_SYNTAX_AST_INFO_H
#define OROCHI_SYNTAX_AST_INFO_H

#include <stdbool.h>
#include <stddef.h>

#include "syntax/ast.h"
#include "syntax/ast_types.h"

enum ast_quantity { AST_ONE, AST_OPTIONAL, AST_MANY, AST_MANY_OR_NONE /* items may be absent */ };

struct ast_field {
    const char *name;
    enum ast_type type;
    enum ast_quantity quantity;
    size_t offset; /* in the node's struct */
};

struct ast_case { /* an alternative of a sum type */
    const char *name, *doc;
    size_t field_count;
    const struct ast_field *fields;
};

struct ast_node_info {
    const char *name, *doc;
    bool is_sum;
    bool is_enum; /* no alternative has fields: an enum in C */
    size_t attribute_count;
    size_t count; /* of cases, or of the product's fields */
    size_t size;
    const struct ast_field *attributes;
    const struct ast_case *cases;   /* of a sum */
    const struct ast_field *fields; /* of a product */
};

#endif
