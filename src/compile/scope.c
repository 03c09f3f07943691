/* SPDX-License-Identifier: MIT */
/* The walk that collects the names of all blocks. See compile/scope.h. */
#include "compile/compile_int.h"
#include "syntax/walk.h"

/* From tree nodes to their scopes. */
struct scope_map {
    struct scope **buckets;
    size_t size, count;
};

struct walk {
    struct ast_visitor visitor;
    struct compiler *c;
    struct scope *scope;
    PyObject *private_name;
};

static void visit_expr(struct walk *w, struct expr *e);
static void visit_stmts(struct walk *w, struct stmt_seq *body);

/* ---- Symbol tables */

static size_t hash_address(const void *p)
{
    return ((uintptr_t)p >> 4) * 0x9E3779B97F4A7C15u >> 20;
}

struct symbol *scope_symbol(struct scope *scope, PyObject *name)
{
    if (scope->index_size == 0) {
        return NULL;
    }
    for (size_t i = hash_address(name);; i++) {
        uint32_t found = scope->index[i & (scope->index_size - 1)];
        if (found == 0) {
            return NULL;
        }
        if (scope->symbols[found - 1]->name == name) {
            return scope->symbols[found - 1];
        }
    }
}

static void index_symbol(struct scope *scope, size_t position)
{
    size_t i = hash_address(scope->symbols[position]->name);
    while (scope->index[i & (scope->index_size - 1)] != 0) {
        i++;
    }
    scope->index[i & (scope->index_size - 1)] = (uint32_t)position + 1;
}

static void grow_symbols(struct compiler *c, struct scope *scope)
{
    size_t capacity = scope->capacity == 0 ? 8 : scope->capacity * 2;
    scope->symbols = region_grow(c, scope->symbols, scope->capacity * sizeof *scope->symbols,
                                 capacity * sizeof *scope->symbols);
    scope->capacity = capacity;
    scope->index_size = capacity * 2;
    scope->index = region_alloc(c, scope->index_size * sizeof *scope->index);
    for (size_t i = 0; i < scope->count; i++) {
        index_symbol(scope, i);
    }
}

struct symbol *scope_add_symbol(struct compiler *c, struct scope *scope, PyObject *name)
{
    struct symbol *symbol = scope_symbol(scope, name);
    if (symbol != NULL) {
        return symbol;
    }
    if (scope->count == scope->capacity) {
        grow_symbols(c, scope);
    }
    symbol = region_alloc(c, sizeof *symbol);
    symbol->name = name;
    scope->symbols[scope->count++] = symbol;
    index_symbol(scope, scope->count - 1);
    return symbol;
}

static void grow_map(struct compiler *c, struct scope_map *map)
{
    size_t old_size = map->size;
    struct scope **old = map->buckets;
    map->size = old_size == 0 ? 64 : old_size * 4;
    map->buckets = region_alloc(c, map->size * sizeof *map->buckets);
    for (size_t i = 0; i < old_size; i++) {
        for (struct scope *s = old[i], *next; s != NULL; s = next) {
            next = s->next_in_map;
            struct scope **bucket = &map->buckets[hash_address(s->key) & (map->size - 1)];
            s->next_in_map = *bucket;
            *bucket = s;
        }
    }
}

static void map_scope(struct compiler *c, struct scope *scope)
{
    struct scope_map *map = c->scope_map;
    if (map->count >= map->size) {
        grow_map(c, map);
    }
    map->count++;
    struct scope **bucket = &map->buckets[hash_address(scope->key) & (map->size - 1)];
    scope->next_in_map = *bucket;
    *bucket = scope;
}

struct scope *scope_find(struct compiler *c, const void *key)
{
    struct scope_map *map = c->scope_map;
    struct scope *s = map->buckets[hash_address(key) & (map->size - 1)];
    while (s != NULL && s->key != key) {
        s = s->next_in_map;
    }
    return s;
}

/* ---- Blocks */

static bool is_function_like(const struct scope *s)
{
    return s->type == SCOPE_FUNCTION;
}

static void link_child(struct scope *parent, struct scope *child)
{
    if (parent->last_child != NULL) {
        parent->last_child->next = child;
    } else {
        parent->first_child = child;
    }
    parent->last_child = child;
}

static struct scope *enter(struct walk *w, enum scope_type type, PyObject *name, const void *key,
                           struct source_position pos)
{
    struct scope *scope = region_alloc(w->c, sizeof *scope);
    scope->type = type;
    scope->name = name;
    scope->key = key;
    scope->pos = pos;
    scope->parent = w->scope;
    scope->private_name = w->private_name;
    if (w->scope != NULL) {
        scope->nested = w->scope->nested || is_function_like(w->scope);
        scope->comp_iter_expr = w->scope->comp_iter_expr;
        if (type != SCOPE_ANNOTATION) {
            link_child(w->scope, scope);
        }
    }
    if (type != SCOPE_ANNOTATION) {
        map_scope(w->c, scope);
    }
    w->scope = scope;
    return scope;
}

static void leave(struct walk *w)
{
    w->scope = w->scope->parent;
}

/* ---- Names */

static void define_in(struct walk *w, struct scope *scope, PyObject *name, int flag,
                      struct source_position pos)
{
    name = compile_mangle(w->c, w->private_name, name);
    if (w->c->failed) {
        return;
    }
    struct symbol *symbol = scope_add_symbol(w->c, scope, name);
    if ((flag & DEF_PARAM) && (symbol->flags & DEF_PARAM)) {
        compile_error(w->c, pos, "duplicate argument '%U' in function definition", name);
        return;
    }
    symbol->flags |= flag;
    if ((flag & DEF_GLOBAL) && scope != w->c->scopes) {
        scope_add_symbol(w->c, w->c->scopes, name)->flags |= DEF_GLOBAL;
    }
    if (w->scope->comp_iter_target) {
        if (symbol->flags & (DEF_GLOBAL | DEF_NONLOCAL)) {
            compile_error(
                w->c, pos,
                "comprehension inner loop cannot rebind assignment expression target '%U'", name);
            return;
        }
        symbol->flags |= DEF_COMP_ITER;
    }
}

static void define(struct walk *w, PyObject *name, int flag, struct source_position pos)
{
    define_in(w, w->scope, name, flag, pos);
}

static int look_up(struct walk *w, struct scope *scope, PyObject *name)
{
    struct symbol *s = scope_symbol(scope, compile_mangle(w->c, w->private_name, name));
    return s != NULL ? s->flags : 0;
}

static void record_directive(struct walk *w, PyObject *name, struct source_position pos)
{
    struct directive *d = region_alloc(w->c, sizeof *d);
    d->name = compile_mangle(w->c, w->private_name, name);
    d->pos = pos;
    d->next = w->scope->directives;
    w->scope->directives = d;
}

static void visit_global(struct walk *w, struct identifier_seq *list, bool nonlocal,
                         struct source_position pos)
{
    const char *what = nonlocal ? "nonlocal" : "global";
    for (size_t i = 0; i < list->count && !w->c->failed; i++) {
        PyObject *name = list->items[i];
        int flags = look_up(w, w->scope, name);
        if (flags & DEF_PARAM) {
            compile_error(w->c, pos, "name '%U' is parameter and %s", name, what);
        } else if (flags & USE) {
            compile_error(w->c, pos, "name '%U' is used prior to %s declaration", name, what);
        } else if (flags & DEF_ANNOT) {
            compile_error(w->c, pos, "annotated name '%U' can't be %s", name, what);
        } else if (flags & DEF_LOCAL) {
            compile_error(w->c, pos, "name '%U' is assigned to before %s declaration", name, what);
        }
        define(w, name, nonlocal ? DEF_NONLOCAL : DEF_GLOBAL, pos);
        record_directive(w, name, pos);
    }
}

/* ---- Expressions */

static void visit_exprs(struct walk *w, struct expr_seq *list)
{
    for (size_t i = 0; i < list->count; i++) {
        if (list->items[i] != NULL) {
            visit_expr(w, list->items[i]);
        }
    }
}

static void visit_optional(struct walk *w, struct expr *e)
{
    if (e != NULL) {
        visit_expr(w, e);
    }
}

static void visit_keywords(struct walk *w, struct keyword_seq *list)
{
    for (size_t i = 0; i < list->count; i++) {
        visit_expr(w, list->items[i]->value);
    }
}

static bool refuse_in_annotation(struct walk *w, const char *what, struct expr *e)
{
    if (w->scope->type != SCOPE_ANNOTATION) {
        return false;
    }
    compile_error(w->c, POS_OF(e), "'%s' can not be used within an annotation", what);
    return true;
}

static bool refuse_in_comprehension(struct walk *w, struct expr *e)
{
    static const char *const where[] = {
        [COMP_LIST] = "'yield' inside list comprehension",
        [COMP_SET] = "'yield' inside set comprehension",
        [COMP_DICT] = "'yield' inside dict comprehension",
        [COMP_GENERATOR] = "'yield' inside generator expression",
    };
    if (w->scope->comprehension == COMP_NONE) {
        return false;
    }
    compile_error(w->c, POS_OF(e), "%s", where[w->scope->comprehension]);
    return true;
}

/* := inside a comprehension binds its name in the block around all comprehensions. */
static void extend_walrus(struct walk *w, struct expr *target)
{
    PyObject *name = target->v.Name.id;
    struct source_position pos = POS_OF(target);
    for (struct scope *s = w->scope; s != NULL; s = s->parent) {
        if (s->comprehension != COMP_NONE) {
            if (look_up(w, s, name) & DEF_COMP_ITER) {
                compile_error(
                    w->c, pos,
                    "assignment expression cannot rebind comprehension iteration variable '%U'",
                    name);
                return;
            }
            continue;
        }
        if (s->type == SCOPE_CLASS) {
            compile_error(w->c, pos,
                          "assignment expression within a comprehension cannot be used "
                          "in a class body");
            return;
        }
        bool global = s->type == SCOPE_MODULE || (look_up(w, s, name) & DEF_GLOBAL);
        define(w, name, global ? DEF_GLOBAL : DEF_NONLOCAL, pos);
        record_directive(w, name, pos);
        if (s->type == SCOPE_MODULE) {
            define_in(w, s, name, DEF_GLOBAL, pos);
        } else {
            define_in(w, s, name, DEF_LOCAL, pos);
        }
        return;
    }
}

static void visit_walrus(struct walk *w, struct expr *e)
{
    if (refuse_in_annotation(w, "named expression", e)) {
        return;
    }
    if (w->scope->comp_iter_expr > 0) {
        compile_error(w->c, POS_OF(e),
                      "assignment expression cannot be used in a comprehension "
                      "iterable expression");
        return;
    }
    if (w->scope->comprehension != COMP_NONE) {
        extend_walrus(w, e->v.NamedExpr.target);
    }
    w->scope->has_walrus = true;
    visit_expr(w, e->v.NamedExpr.value);
    visit_expr(w, e->v.NamedExpr.target);
}

static void visit_generator_clause(struct walk *w, struct comprehension *g, bool outermost)
{
    w->scope->comp_iter_target = true;
    visit_expr(w, g->target);
    w->scope->comp_iter_target = false;
    if (!outermost) {
        w->scope->comp_iter_expr++;
        visit_expr(w, g->iter);
        w->scope->comp_iter_expr--;
    }
    visit_exprs(w, g->ifs);
    if (g->is_async) {
        w->scope->coroutine = true;
    }
}

static void visit_comprehension(struct walk *w, struct expr *e, enum comprehension_kind kind,
                                const char *name, struct comprehension_seq *generators,
                                struct expr *elt, struct expr *value)
{
    w->scope->comp_iter_expr++;
    visit_expr(w, generators->items[0]->iter);
    w->scope->comp_iter_expr--;
    PyObject *scope_name = keep(w->c, str_intern_text(name));
    PyObject *argument = keep(w->c, str_intern_text(".0"));
    if (w->c->failed) {
        return;
    }
    struct scope *scope = enter(w, SCOPE_FUNCTION, scope_name, e, POS_OF(e));
    define(w, argument, DEF_PARAM, POS_OF(e));
    scope->comprehension = kind;
    for (size_t i = 0; i < generators->count; i++) {
        visit_generator_clause(w, generators->items[i], i == 0);
    }
    visit_optional(w, value);
    visit_expr(w, elt);
    scope->generator = kind == COMP_GENERATOR;
    bool is_async = scope->coroutine && kind != COMP_GENERATOR;
    leave(w);
    if (is_async) {
        w->scope->coroutine = true;
    }
}

static void visit_parameters(struct walk *w, struct arg_seq *list)
{
    for (size_t i = 0; i < list->count; i++) {
        define(w, list->items[i]->arg, DEF_PARAM, POS_OF(list->items[i]));
    }
}

static void visit_arguments(struct walk *w, struct arguments *a)
{
    visit_parameters(w, a->posonlyargs);
    visit_parameters(w, a->args);
    visit_parameters(w, a->kwonlyargs);
    if (a->vararg != NULL) {
        define(w, a->vararg->arg, DEF_PARAM, POS_OF(a->vararg));
        w->scope->varargs = true;
    }
    if (a->kwarg != NULL) {
        define(w, a->kwarg->arg, DEF_PARAM, POS_OF(a->kwarg));
        w->scope->varkeywords = true;
    }
}

static void visit_lambda(struct walk *w, struct expr *e)
{
    visit_exprs(w, e->v.Lambda.args->defaults);
    visit_exprs(w, e->v.Lambda.args->kw_defaults);
    PyObject *name = keep(w->c, str_intern_text("lambda"));
    enter(w, SCOPE_FUNCTION, name, e, POS_OF(e));
    visit_arguments(w, e->v.Lambda.args);
    visit_expr(w, e->v.Lambda.body);
    leave(w);
}

static void visit_name(struct walk *w, struct expr *e)
{
    bool load = e->v.Name.ctx == EXPR_CONTEXT_Load;
    define(w, e->v.Name.id, load ? USE : DEF_LOCAL, POS_OF(e));
    if (load && is_function_like(w->scope) && str_equal_text(e->v.Name.id, "super")) {
        define(w, names.__class__, USE, POS_OF(e));
    }
}

static void visit_yield(struct walk *w, struct expr *e, struct expr *value, const char *what)
{
    if (refuse_in_annotation(w, what, e)) {
        return;
    }
    visit_optional(w, value);
    w->scope->generator = true;
    refuse_in_comprehension(w, e);
}

static void visit_await(struct walk *w, struct expr *e)
{
    if (!refuse_in_annotation(w, "await expression", e)) {
        visit_expr(w, e->v.Await.value);
        w->scope->coroutine = true;
    }
}

static void visit_expr_inner(struct walk *w, struct expr *e)
{
    switch (e->kind) {
    case EXPR_NamedExpr: visit_walrus(w, e); break;
    case EXPR_Lambda: visit_lambda(w, e); break;
    case EXPR_ListComp:
        visit_comprehension(w, e, COMP_LIST, "listcomp", e->v.ListComp.generators,
                            e->v.ListComp.elt, NULL);
        break;
    case EXPR_SetComp:
        visit_comprehension(w, e, COMP_SET, "setcomp", e->v.SetComp.generators, e->v.SetComp.elt,
                            NULL);
        break;
    case EXPR_DictComp:
        visit_comprehension(w, e, COMP_DICT, "dictcomp", e->v.DictComp.generators,
                            e->v.DictComp.key, e->v.DictComp.value);
        break;
    case EXPR_GeneratorExp:
        visit_comprehension(w, e, COMP_GENERATOR, "genexpr", e->v.GeneratorExp.generators,
                            e->v.GeneratorExp.elt, NULL);
        break;
    case EXPR_Await: visit_await(w, e); break;
    case EXPR_Yield: visit_yield(w, e, e->v.Yield.value, "yield expression"); break;
    case EXPR_YieldFrom: visit_yield(w, e, e->v.YieldFrom.value, "yield expression"); break;
    case EXPR_Name: visit_name(w, e); break;
    default: expr_children(e, &w->visitor); break;
    }
}

static void visit_expr(struct walk *w, struct expr *e)
{
    if (compile_enter(w->c)) {
        visit_expr_inner(w, e);
        compile_leave(w->c);
    }
}

static void expr_visitor(struct ast_visitor *v, struct expr *e)
{
    visit_expr((struct walk *)v, e);
}

/* ---- Patterns */

static void define_optional(struct walk *w, PyObject *name, struct pattern *p)
{
    if (name != NULL) {
        define(w, name, DEF_LOCAL, POS_OF(p));
    }
}

static void pattern_visitor(struct ast_visitor *v, struct pattern *p)
{
    struct walk *w = (struct walk *)v;
    if (!compile_enter(w->c)) {
        return;
    }
    pattern_children(p, v);
    switch (p->kind) {
    case PATTERN_MatchMapping: define_optional(w, p->v.MatchMapping.rest, p); break;
    case PATTERN_MatchStar: define_optional(w, p->v.MatchStar.name, p); break;
    case PATTERN_MatchAs: define_optional(w, p->v.MatchAs.name, p); break;
    default: break;
    }
    compile_leave(w->c);
}

/* ---- Statements */

static void visit_annotation(struct walk *w, struct expr *annotation)
{
    if (annotation == NULL) {
        return;
    }
    bool future = (w->c->future_flags & CO_FUTURE_ANNOTATIONS) != 0;
    if (future) {
        enter(w, SCOPE_ANNOTATION, names.__annotations__, annotation, POS_OF(annotation));
    }
    visit_expr(w, annotation);
    if (future) {
        leave(w);
    }
}

static void annotation_visitor(struct ast_visitor *v, struct expr *annotation)
{
    visit_annotation((struct walk *)v, annotation);
}

static void visit_parameter_annotations(struct walk *w, struct arg_seq *list)
{
    for (size_t i = 0; i < list->count; i++) {
        visit_annotation(w, list->items[i]->annotation);
    }
}

static void visit_function(struct walk *w, struct stmt *s)
{
    struct arguments *a = s->v.FunctionDef.args; /* AsyncFunctionDef has the same fields */
    define(w, s->v.FunctionDef.name, DEF_LOCAL, POS_OF(s));
    visit_exprs(w, a->defaults);
    visit_exprs(w, a->kw_defaults);
    visit_parameter_annotations(w, a->posonlyargs);
    visit_parameter_annotations(w, a->args);
    visit_annotation(w, a->vararg != NULL ? a->vararg->annotation : NULL);
    visit_annotation(w, a->kwarg != NULL ? a->kwarg->annotation : NULL);
    visit_parameter_annotations(w, a->kwonlyargs);
    visit_annotation(w, s->v.FunctionDef.returns);
    visit_exprs(w, s->v.FunctionDef.decorator_list);
    struct scope *scope = enter(w, SCOPE_FUNCTION, s->v.FunctionDef.name, s, POS_OF(s));
    scope->coroutine = s->kind == STMT_AsyncFunctionDef;
    visit_arguments(w, a);
    visit_stmts(w, s->v.FunctionDef.body);
    leave(w);
}

static void visit_class(struct walk *w, struct stmt *s)
{
    define(w, s->v.ClassDef.name, DEF_LOCAL, POS_OF(s));
    visit_exprs(w, s->v.ClassDef.bases);
    visit_keywords(w, s->v.ClassDef.keywords);
    visit_exprs(w, s->v.ClassDef.decorator_list);
    enter(w, SCOPE_CLASS, s->v.ClassDef.name, s, POS_OF(s));
    PyObject *outer = w->private_name;
    w->private_name = s->v.ClassDef.name;
    visit_stmts(w, s->v.ClassDef.body);
    w->private_name = outer;
    leave(w);
}

static void visit_ann_assign(struct walk *w, struct stmt *s)
{
    struct expr *target = s->v.AnnAssign.target;
    if (target->kind == EXPR_Name) {
        PyObject *name = target->v.Name.id;
        int flags = look_up(w, w->scope, name);
        if ((flags & (DEF_GLOBAL | DEF_NONLOCAL)) && w->scope->type != SCOPE_MODULE &&
            s->v.AnnAssign.simple) {
            compile_error(w->c, POS_OF(s), "annotated name '%U' can't be %s", name,
                          flags & DEF_GLOBAL ? "global" : "nonlocal");
            return;
        }
        if (s->v.AnnAssign.simple) {
            define(w, name, DEF_ANNOT | DEF_LOCAL, POS_OF(target));
        } else if (s->v.AnnAssign.value != NULL) {
            define(w, name, DEF_LOCAL, POS_OF(target));
        }
    } else {
        visit_expr(w, target);
    }
    visit_annotation(w, s->v.AnnAssign.annotation);
    visit_optional(w, s->v.AnnAssign.value);
}

static void visit_alias(struct walk *w, struct alias *alias)
{
    PyObject *name = alias->asname != NULL ? alias->asname : alias->name;
    if (str_equal_text(name, "*")) {
        if (w->scope->type != SCOPE_MODULE) {
            compile_error(w->c, POS_OF(alias), "import * only allowed at module level");
        }
        return;
    }
    Py_ssize_t dot = str_find_char(name, '.', 0, str_length(name), 1);
    if (dot >= 0) {
        name = keep(w->c, str_substring(name, 0, dot));
        if (name == NULL) {
            return;
        }
    }
    define(w, name, DEF_IMPORT, POS_OF(alias));
}

static void visit_aliases(struct walk *w, struct alias_seq *list)
{
    for (size_t i = 0; i < list->count; i++) {
        visit_alias(w, list->items[i]);
    }
}

static void visit_try(struct walk *w, struct stmt *s)
{
    visit_stmts(w, s->v.Try.body); /* TryStar has the same fields */
    struct excepthandler_seq *handlers = s->v.Try.handlers;
    for (size_t i = 0; i < handlers->count; i++) {
        struct excepthandler *h = handlers->items[i];
        visit_optional(w, h->v.ExceptHandler.type);
        if (h->v.ExceptHandler.name != NULL) {
            define(w, h->v.ExceptHandler.name, DEF_LOCAL, POS_OF(h));
        }
        visit_stmts(w, h->v.ExceptHandler.body);
    }
    visit_stmts(w, s->v.Try.orelse);
    visit_stmts(w, s->v.Try.finalbody);
}

static void visit_for(struct walk *w, struct stmt *s)
{
    w->scope->coroutine |= s->kind == STMT_AsyncFor && w->scope->type == SCOPE_MODULE;
    visit_expr(w, s->v.For.iter);
    visit_expr(w, s->v.For.target);
    visit_stmts(w, s->v.For.body);
    visit_stmts(w, s->v.For.orelse);
}

/* Most are walked in the order of their fields; some bind names, or are evaluated otherwise. */
static void visit_stmt(struct walk *w, struct stmt *s)
{
    switch (s->kind) {
    case STMT_FunctionDef:
    case STMT_AsyncFunctionDef: visit_function(w, s); break;
    case STMT_ClassDef: visit_class(w, s); break;
    case STMT_Return:
        visit_optional(w, s->v.Return.value);
        w->scope->returns_value |= s->v.Return.value != NULL;
        break;
    case STMT_Assign:
        visit_expr(w, s->v.Assign.value);
        visit_exprs(w, s->v.Assign.targets);
        break;
    case STMT_AnnAssign: visit_ann_assign(w, s); break;
    case STMT_For:
    case STMT_AsyncFor: visit_for(w, s); break;
    case STMT_AsyncWith:
        w->scope->coroutine |= w->scope->type == SCOPE_MODULE;
        stmt_children(s, &w->visitor);
        break;
    case STMT_Try:
    case STMT_TryStar: visit_try(w, s); break;
    case STMT_Import: visit_aliases(w, s->v.Import.names); break;
    case STMT_ImportFrom: visit_aliases(w, s->v.ImportFrom.names); break;
    case STMT_Global: visit_global(w, s->v.Global.names, false, POS_OF(s)); break;
    case STMT_Nonlocal: visit_global(w, s->v.Nonlocal.names, true, POS_OF(s)); break;
    default: stmt_children(s, &w->visitor); break;
    }
}

static void stmt_visitor(struct ast_visitor *v, struct stmt *s)
{
    struct walk *w = (struct walk *)v;
    if (compile_enter(w->c)) {
        visit_stmt(w, s);
        compile_leave(w->c);
    }
}

static void visit_stmts(struct walk *w, struct stmt_seq *body)
{
    for (size_t i = 0; i < body->count; i++) {
        stmt_visitor(&w->visitor, body->items[i]);
    }
}

void scopes_build(struct compiler *c, struct mod *root)
{
    struct walk w = {
        {expr_visitor, stmt_visitor, pattern_visitor, annotation_visitor}, c, NULL, NULL};
    c->scope_map = region_alloc(c, sizeof *c->scope_map);
    PyObject *top = keep(c, str_intern_text("top"));
    if (c->failed) {
        return;
    }
    c->scopes = enter(&w, SCOPE_MODULE, top, root, (struct source_position){0, 0, 0, 0});
    mod_children(root, &w.visitor);
    if (!c->failed) {
        scopes_resolve(c, c->scopes);
    }
}
