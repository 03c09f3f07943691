/* SPDX-License-Identifier: MIT */
/* Scopes: which name of which block is a local, a cell, a free variable, a global. compile/scope.c
 * walks the tree and collects, compile/resolve.c decides. */
#ifndef OROCHI_COMPILE_SCOPE_H
#define OROCHI_COMPILE_SCOPE_H

#include "bytecode/code.h"
#include "syntax/syntax.h"

struct compiler;

/* What was seen of a name in a scope; the values are those that the symtable module shows. */
enum symbol_flags {
    DEF_GLOBAL = 1,
    DEF_LOCAL = 2,
    DEF_PARAM = 4,
    DEF_NONLOCAL = 8,
    USE = 16,
    DEF_FREE = 32,
    DEF_FREE_CLASS = 64, /* free in a function of this class, and a name of the class too */
    DEF_IMPORT = 128,
    DEF_ANNOT = 256,
    DEF_COMP_ITER = 512, /* a comprehension's iteration variable */
    DEF_BOUND = DEF_LOCAL | DEF_PARAM | DEF_IMPORT,
    SYMBOL_SCOPE_SHIFT = 11,
    SYMBOL_SCOPE_MASK = 15
};
enum symbol_scope {
    SCOPE_UNKNOWN,
    SCOPE_LOCAL,
    SCOPE_GLOBAL_EXPLICIT,
    SCOPE_GLOBAL_IMPLICIT,
    SCOPE_FREE,
    SCOPE_CELL
};
enum scope_type { SCOPE_FUNCTION, SCOPE_CLASS, SCOPE_MODULE, SCOPE_ANNOTATION };
enum comprehension_kind { COMP_NONE, COMP_LIST, COMP_DICT, COMP_SET, COMP_GENERATOR };

struct symbol {
    PyObject *name; /* interned, mangled */
    int flags;
    enum symbol_scope scope;
    int reg; /* of the unit that is generated from the scope */
};

/* A global or nonlocal statement, for errors found later. */
struct directive {
    struct directive *next;
    PyObject *name;
    struct source_position pos;
};

struct scope {
    enum scope_type type;
    enum comprehension_kind comprehension;
    PyObject *name;
    const void *key; /* the tree node */
    struct source_position pos;
    struct scope *parent;
    struct scope *first_child, *last_child, *next; /* in source order */
    struct scope *next_in_map;
    struct symbol **symbols; /* in order of first mention */
    size_t count, capacity;
    uint32_t *index; /* hash table of positions + 1, by name address */
    size_t index_size;
    struct directive *directives;
    PyObject *private_name;
    bool nested, generator, coroutine, returns_value, needs_class_closure;
    bool has_walrus; /* binds names of its own by := */
    bool varargs, varkeywords;
    bool comp_iter_target; /* while the target of a comprehension is visited */
    int comp_iter_expr;    /* while its iterable is */
};

/* Walks the tree and resolves all names. Sets c->scopes; on error c->failed. */
void scopes_build(struct compiler *c, struct mod *root);
void scopes_resolve(struct compiler *c, struct scope *scope);
struct scope *scope_find(struct compiler *c, const void *key);
struct symbol *scope_symbol(struct scope *scope, PyObject *name); /* or NULL */
struct symbol *scope_add_symbol(struct compiler *c, struct scope *scope, PyObject *name);

#endif
