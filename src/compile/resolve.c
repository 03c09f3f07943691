/* SPDX-License-Identifier: MIT */
/* Decides for each name of each scope where it lives. Works top down: a name that a scope does not
 * bind is looked for in the functions around it; when one binds it, its symbol becomes a cell there
 * and a free variable in all scopes between. */
#include "compile/compile_int.h"

static struct source_position directive_position(struct scope *scope, PyObject *name)
{
    struct source_position pos = scope->pos;
    for (struct directive *d = scope->directives; d != NULL; d = d->next) {
        if (d->name == name) {
            pos = d->pos; /* the list runs backwards: the first statement counts */
        }
    }
    return pos;
}

/* The scope whose variable a free use of `name` in `scope` means, or NULL: a global. */
static struct scope *find_binder(struct scope *scope, PyObject *name)
{
    for (struct scope *s = scope->parent; s != NULL; s = s->parent) {
        if (s->type == SCOPE_CLASS && name == names.__class__) {
            return s;
        }
        struct symbol *symbol = s->type == SCOPE_FUNCTION ? scope_symbol(s, name) : NULL;
        if (symbol == NULL) {
            continue;
        }
        if (symbol->scope == SCOPE_GLOBAL_EXPLICIT) {
            return NULL;
        }
        if (symbol->scope == SCOPE_LOCAL || symbol->scope == SCOPE_CELL) {
            return s;
        }
    }
    return NULL;
}

static void pass_through(struct compiler *c, struct scope *scope, PyObject *name)
{
    struct symbol *symbol = scope_symbol(scope, name);
    if (symbol == NULL) {
        symbol = scope_add_symbol(c, scope, name);
        symbol->scope = SCOPE_FREE;
        return;
    }
    if (symbol->scope == SCOPE_FREE) {
        return;
    }
    if (scope->type == SCOPE_CLASS && (symbol->flags & (DEF_BOUND | DEF_GLOBAL))) {
        symbol->flags |= DEF_FREE_CLASS;
        return;
    }
    symbol->scope = SCOPE_FREE;
}

static void bind_free(struct compiler *c, struct scope *scope, struct symbol *symbol,
                      struct scope *binder)
{
    symbol->scope = SCOPE_FREE;
    for (struct scope *s = scope->parent; s != binder; s = s->parent) {
        pass_through(c, s, symbol->name);
    }
    if (binder->type == SCOPE_CLASS) {
        binder->needs_class_closure = true;
        return;
    }
    scope_symbol(binder, symbol->name)->scope = SCOPE_CELL;
}

static void resolve_nonlocal(struct compiler *c, struct scope *scope, struct symbol *symbol)
{
    struct source_position pos = directive_position(scope, symbol->name);
    if (scope->type == SCOPE_MODULE) {
        compile_error(c, pos, "nonlocal declaration not allowed at module level");
        return;
    }
    struct scope *binder = find_binder(scope, symbol->name);
    if (binder == NULL) {
        compile_error(c, pos, "no binding for nonlocal '%U' found", symbol->name);
        return;
    }
    bind_free(c, scope, symbol, binder);
}

static void resolve_symbol(struct compiler *c, struct scope *scope, struct symbol *symbol)
{
    if (symbol->flags & DEF_GLOBAL) {
        if (symbol->flags & DEF_NONLOCAL) {
            compile_error(c, directive_position(scope, symbol->name),
                          "name '%U' is nonlocal and global", symbol->name);
        }
        symbol->scope = SCOPE_GLOBAL_EXPLICIT;
    } else if (symbol->flags & DEF_NONLOCAL) {
        resolve_nonlocal(c, scope, symbol);
    } else if (symbol->flags & DEF_BOUND) {
        symbol->scope = SCOPE_LOCAL;
    } else {
        struct scope *binder = find_binder(scope, symbol->name);
        if (binder != NULL) {
            bind_free(c, scope, symbol, binder);
        } else {
            symbol->scope = SCOPE_GLOBAL_IMPLICIT;
        }
    }
}

void scopes_resolve(struct compiler *c, struct scope *scope)
{
    for (size_t i = 0; i < scope->count && !c->failed; i++) {
        resolve_symbol(c, scope, scope->symbols[i]);
    }
    for (struct scope *child = scope->first_child; child != NULL && !c->failed;
         child = child->next) {
        scopes_resolve(c, child);
    }
}
