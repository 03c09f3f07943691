/* SPDX-License-Identifier: MIT */
/* Functions, lambdas, classes and comprehensions: whatever has a code object of its own. */
#include "compile/compile_int.h"

enum make_function_flags {
    WITH_DEFAULTS = 1,
    WITH_KWDEFAULTS = 2,
    WITH_ANNOTATIONS = 4,
    WITH_CLOSURE = 8
};

bool is_top_level_await(struct compiler *c)
{
    return c->top_level_await && c->unit->kind == UNIT_MODULE;
}

PyObject *body_docstring(struct stmt_seq *body)
{
    if (body->count == 0 || body->items[0]->kind != STMT_Expr) {
        return NULL;
    }
    struct expr *e = body->items[0]->v.Expr.value;
    bool text = e->kind == EXPR_Constant && str_check_exact(e->v.Constant.value);
    return text ? value_object(e->v.Constant.value) : NULL;
}

/* ---- Making function objects */

/* The register of the cell that the current unit has for a free variable of a unit inside it. */
static int cell_register(struct compiler *c, PyObject *name)
{
    struct scope *scope = c->unit->scope;
    if (scope->needs_class_closure && name == names.__class__) {
        return c->unit->fast_count;
    }
    struct symbol *s = scope_symbol(scope, name);
    check(s != NULL && s->reg >= 0);
    return s->reg;
}

/* A tuple of the cells that the code needs; false if it needs none. */
static bool closure_into(struct compiler *c, PyObject *code, int reg)
{
    PyCodeObject *base = (PyCodeObject *)code;
    if (base->co_nfreevars == 0) {
        return false;
    }
    int mark = c->unit->top;
    int first = temp_push_many(c, base->co_nfreevars);
    for (int i = 0; i < base->co_nfreevars; i++) {
        int position = base->co_nlocalsplus - base->co_nfreevars + i;
        emit_move(c, first + i, cell_register(c, tuple_object(base->co_localsplusnames, position)));
    }
    emit_abc(c, OPCODE_BUILD_TUPLE, reg, first, base->co_nfreevars);
    c->unit->top = mark;
    return true;
}

void function_make(struct compiler *c, PyObject *code, struct scope *scope, int base, int flags)
{
    if (c->failed) {
        return;
    }
    int closure = temp_push(c);
    if (closure_into(c, code, closure)) {
        flags |= WITH_CLOSURE;
    }
    emit_imm(c, OPCODE_LOAD_CONST, base, const_add_unshared(c, value_from_object(code)));
    emit(c, OPCODE_MAKE_FUNCTION, base, base, 0, flags);
    c->unit->top = base + 1;
}

/* ---- Defaults and annotations: each goes to the next temporary. Return their flag or 0. */

static bool all_constant(const struct expr_seq *list)
{
    for (size_t i = 0; i < list->count; i++) {
        if (list->items[i]->kind != EXPR_Constant) {
            return false;
        }
    }
    return true;
}

static int defaults_push(struct compiler *c, struct expr_seq *defaults)
{
    if (defaults->count == 0) {
        return 0;
    }
    int reg = temp_push(c);
    if (all_constant(defaults)) {
        PyObject *tuple = keep(c, tuple_new((Py_ssize_t)defaults->count));
        for (size_t i = 0; i < defaults->count && tuple != NULL; i++) {
            tuple_init_item(tuple, (Py_ssize_t)i, defaults->items[i]->v.Constant.value);
        }
        if (tuple != NULL) {
            emit_const(c, reg, value_from_object(tuple));
        }
        return WITH_DEFAULTS;
    }
    int first = c->unit->top;
    for (size_t i = 0; i < defaults->count; i++) {
        expr_temp(c, defaults->items[i]);
    }
    emit_abc(c, OPCODE_BUILD_TUPLE, reg, first, (int)defaults->count);
    c->unit->top = reg + 1;
    return WITH_DEFAULTS;
}

static int kwdefaults_push(struct compiler *c, struct arguments *a)
{
    int count = 0, reg = c->unit->top;
    for (size_t i = 0; i < a->kwonlyargs->count; i++) {
        struct expr *value = a->kw_defaults->items[i];
        if (value == NULL) {
            continue;
        }
        int key = temp_push_many(c, 2);
        PyObject *name = compile_mangle(c, c->unit->private_name, a->kwonlyargs->items[i]->arg);
        emit_const(c, key, value_from_object(name));
        expr_into(c, value, key + 1);
        count++;
    }
    if (count == 0) {
        return 0;
    }
    emit_abc(c, OPCODE_BUILD_MAP, reg, reg, count);
    c->unit->top = reg + 1;
    return WITH_KWDEFAULTS;
}

static void annotation_value_into(struct compiler *c, struct expr *annotation, int reg)
{
    if (c->future_flags & CO_FUTURE_ANNOTATIONS) {
        PyObject *text = keep(c, expr_unparse(annotation));
        if (text != NULL) {
            emit_const(c, reg, value_from_object(text));
        }
    } else if (annotation->kind == EXPR_Starred) { /* *args: *Ts */
        int value = expr_any(c, annotation->v.Starred.value);
        emit_abc(c, OPCODE_UNPACK_SEQUENCE, reg, value, 1);
    } else {
        expr_into(c, annotation, reg);
    }
}

static int annotation_push(struct compiler *c, PyObject *name, struct expr *annotation)
{
    if (annotation == NULL) {
        return 0;
    }
    int reg = temp_push_many(c, 2);
    emit_const(c, reg, value_from_object(compile_mangle(c, c->unit->private_name, name)));
    annotation_value_into(c, annotation, reg + 1);
    c->unit->top = reg + 2;
    return 1;
}

static int parameter_annotations_push(struct compiler *c, struct arg_seq *list)
{
    int count = 0;
    for (size_t i = 0; i < list->count; i++) {
        count += annotation_push(c, list->items[i]->arg, list->items[i]->annotation);
    }
    return count;
}

static int annotations_push(struct compiler *c, struct arguments *a, struct expr *returns)
{
    int reg = c->unit->top;
    int count = parameter_annotations_push(c, a->args);
    count += parameter_annotations_push(c, a->posonlyargs);
    count += a->vararg != NULL ? annotation_push(c, a->vararg->arg, a->vararg->annotation) : 0;
    count += parameter_annotations_push(c, a->kwonlyargs);
    count += a->kwarg != NULL ? annotation_push(c, a->kwarg->arg, a->kwarg->annotation) : 0;
    PyObject *return_name = keep(c, str_intern_text("return"));
    count += return_name != NULL ? annotation_push(c, return_name, returns) : 0;
    if (count == 0) {
        return 0;
    }
    emit_abc(c, OPCODE_BUILD_TUPLE, reg, reg, 2 * count);
    c->unit->top = reg + 1;
    return WITH_ANNOTATIONS;
}

static bool check_parameters(struct compiler *c, struct arguments *a)
{
    struct arg_seq *lists[] = {a->posonlyargs, a->args, a->kwonlyargs};
    for (size_t i = 0; i < 3; i++) {
        for (size_t j = 0; j < lists[i]->count; j++) {
            if (name_is_forbidden(c, lists[i]->items[j]->arg, EXPR_CONTEXT_Store)) {
                return false;
            }
        }
    }
    return (a->vararg == NULL || !name_is_forbidden(c, a->vararg->arg, EXPR_CONTEXT_Store)) &&
           (a->kwarg == NULL || !name_is_forbidden(c, a->kwarg->arg, EXPR_CONTEXT_Store));
}

static void set_counts(struct unit *u, struct arguments *a)
{
    u->posonlyargcount = (int)a->posonlyargs->count;
    u->argcount = (int)(a->posonlyargs->count + a->args->count);
    u->kwonlyargcount = (int)a->kwonlyargs->count;
}

static void emit_generator_start(struct compiler *c)
{
    struct scope *scope = c->unit->scope;
    bool coroutine = c->unit->kind == UNIT_ASYNC_FUNCTION ||
                     (c->unit->kind == UNIT_COMPREHENSION && scope->coroutine);
    if (scope->generator || coroutine) {
        /* What is thrown into one that has not started comes from a line, but from no piece of it.
         */
        struct source_position saved = c->unit->pos;
        c->unit->pos = (struct source_position){.line = c->unit->first_line,
                                                .end_line = c->unit->first_line,
                                                .column = -1,
                                                .end_column = -1};
        emit(c, OPCODE_RETURN_GENERATOR, 0, 0, 0, 0);
        c->unit->pos = saved;
    }
}

/* ---- def and lambda */

static PyObject *function_code(struct compiler *c, struct stmt *s, int first_line)
{
    enum unit_kind kind = s->kind == STMT_AsyncFunctionDef ? UNIT_ASYNC_FUNCTION : UNIT_FUNCTION;
    struct unit *u = unit_enter(c, kind, s->v.FunctionDef.name, s, first_line);
    if (c->failed) {
        return unit_leave(c);
    }
    set_counts(u, s->v.FunctionDef.args);
    emit_generator_start(c);
    PyObject *doc = body_docstring(s->v.FunctionDef.body);
    bool shown = doc != NULL && c->optimize < 2;
    const_add(c, shown ? value_from_object(doc) : VALUE_NONE);
    stmts_compile(c, s->v.FunctionDef.body, doc != NULL);
    emit(c, OPCODE_RETURN_NONE, 0, 0, 0, 0)->no_line = true;
    return unit_leave(c);
}

/* The callables, in consecutive temporaries. */
static void decorators_push(struct compiler *c, struct expr_seq *list)
{
    for (size_t i = 0; i < list->count; i++) {
        expr_temp(c, list->items[i]);
    }
}

/* What is decorated lies in R[reg], the decorators right below it. Returns the final register. */
static int decorators_apply(struct compiler *c, struct expr_seq *list, int reg)
{
    struct source_position saved = c->unit->pos;
    for (size_t i = list->count; i-- > 0;) {
        c->unit->pos = POS_OF(list->items[i]);
        reg--;
        emit_abc(c, OPCODE_CALL, reg, 1, 0);
    }
    c->unit->pos = saved;
    return reg;
}

static int first_line_of(struct stmt *s, struct expr_seq *decorators)
{
    return decorators->count > 0 ? decorators->items[0]->lineno : s->lineno;
}

void function_compile(struct compiler *c, struct stmt *s)
{
    struct arguments *a = s->v.FunctionDef.args;
    struct expr_seq *decorators = s->v.FunctionDef.decorator_list;
    if (!check_parameters(c, a)) {
        return;
    }
    int mark = c->unit->top;
    decorators_push(c, decorators);
    int base = temp_push(c);
    int flags = defaults_push(c, a->defaults);
    flags |= kwdefaults_push(c, a);
    flags |= annotations_push(c, a, s->v.FunctionDef.returns);
    PyObject *code = function_code(c, s, first_line_of(s, decorators));
    function_make(c, code, NULL, base, flags);
    name_store(c, s->v.FunctionDef.name, decorators_apply(c, decorators, base));
    c->unit->top = mark;
}

void lambda_into(struct compiler *c, struct expr *e, int reg)
{
    struct arguments *a = e->v.Lambda.args;
    if (!check_parameters(c, a)) {
        return;
    }
    int base = temp_push(c);
    int flags = defaults_push(c, a->defaults);
    flags |= kwdefaults_push(c, a);
    struct unit *u = unit_enter(c, UNIT_LAMBDA, keep(c, str_intern_text("<lambda>")), e, e->lineno);
    if (!c->failed) {
        set_counts(u, a);
        emit_generator_start(c);
        const_add(c, VALUE_NONE); /* so that the lambda has no docstring */
        u->pos = POS_OF(e->v.Lambda.body);
        emit_a(c, OPCODE_RETURN_VALUE, expr_any(c, e->v.Lambda.body));
    }
    PyObject *code = unit_leave(c);
    function_make(c, code, NULL, base, flags);
    emit_move(c, reg, base);
}

/* ---- class */

static void store_const(struct compiler *c, PyObject *name, Value value)
{
    int reg = temp_push(c);
    emit_const(c, reg, value);
    name_store(c, name, reg);
    c->unit->top = reg;
}

static PyObject *class_code(struct compiler *c, struct stmt *s, int first_line)
{
    struct unit *u = unit_enter(c, UNIT_CLASS, s->v.ClassDef.name, s, first_line);
    if (c->failed) {
        return unit_leave(c);
    }
    u->private_name = s->v.ClassDef.name;
    int reg = temp_push(c);
    name_load_into(c, names.__name__, reg);
    name_store(c, names.__module__, reg);
    c->unit->top = reg;
    store_const(c, names.__qualname__, value_from_object(u->qualname));
    body_compile(c, s->v.ClassDef.body);
    if (u->scope->needs_class_closure) {
        emit_name(c, OPCODE_STORE_NAME, u->fast_count, names.__classcell__);
        c->unit->code[c->unit->count - 1].no_line = true;
        emit_a(c, OPCODE_RETURN_VALUE, u->fast_count);
        c->unit->code[c->unit->count - 1].no_line = true;
    } else {
        emit(c, OPCODE_RETURN_NONE, 0, 0, 0, 0)->no_line = true;
    }
    return unit_leave(c);
}

void class_compile(struct compiler *c, struct stmt *s)
{
    struct expr_seq *decorators = s->v.ClassDef.decorator_list;
    int mark = c->unit->top;
    decorators_push(c, decorators);
    PyObject *code = class_code(c, s, first_line_of(s, decorators));
    int base = temp_push_many(c, 2);
    emit_a(c, OPCODE_LOAD_BUILD_CLASS, base);
    function_make(c, code, NULL, base + 1, 0);
    int name = temp_push(c);
    emit_const(c, name, value_from_object(s->v.ClassDef.name));
    call_arguments(c, base, 2, s->v.ClassDef.bases, s->v.ClassDef.keywords);
    name_store(c, s->v.ClassDef.name, decorators_apply(c, decorators, base));
    c->unit->top = mark;
}

/* ---- Comprehensions */

struct comprehension_parts {
    enum comprehension_kind kind;
    const char *name;
    struct comprehension_seq *generators;
    struct expr *elt, *value;
};

static struct comprehension_parts parts_of(struct expr *e)
{
    switch (e->kind) {
    case EXPR_ListComp:
        return (struct comprehension_parts){COMP_LIST, "<listcomp>", e->v.ListComp.generators,
                                            e->v.ListComp.elt, NULL};
    case EXPR_SetComp:
        return (struct comprehension_parts){COMP_SET, "<setcomp>", e->v.SetComp.generators,
                                            e->v.SetComp.elt, NULL};
    case EXPR_DictComp:
        return (struct comprehension_parts){COMP_DICT, "<dictcomp>", e->v.DictComp.generators,
                                            e->v.DictComp.key, e->v.DictComp.value};
    default:
        return (struct comprehension_parts){
            COMP_GENERATOR, "<genexpr>", e->v.GeneratorExp.generators, e->v.GeneratorExp.elt, NULL};
    }
}

static void clause_compile(struct compiler *c, const struct comprehension_parts *p, size_t i,
                           int result);

/* The innermost part: adds one element, or yields it. */
static void element_compile(struct compiler *c, const struct comprehension_parts *p, int result)
{
    int mark = c->unit->top;
    struct source_position saved = c->unit->pos;
    c->unit->pos = POS_OF(p->elt);
    if (p->kind == COMP_DICT) {
        int key = expr_operand(c, p->elt, -1, p->value);
        int value = expr_any(c, p->value);
        c->unit->pos.end_line = p->value->end_lineno;
        c->unit->pos.end_column = p->value->end_col_offset;
        emit_abc(c, OPCODE_MAP_ADD, result, key, value);
    } else if (p->kind == COMP_GENERATOR) {
        int value = expr_any(c, p->elt);
        int sent = temp_push(c);
        if (c->unit->scope->coroutine) {
            emit_ab(c, OPCODE_ASYNC_GEN_WRAP, sent, value);
            value = sent;
        }
        c->unit->pos = saved;
        emit_ab(c, OPCODE_YIELD_VALUE, sent, value);
    } else {
        int value = expr_any(c, p->elt);
        emit_ab(c, p->kind == COMP_SET ? OPCODE_SET_ADD : OPCODE_LIST_APPEND, result, value);
    }
    c->unit->pos = saved;
    c->unit->top = mark;
}

static void clause_body(struct compiler *c, const struct comprehension_parts *p, size_t i,
                        int result, int32_t next)
{
    struct comprehension *g = p->generators->items[i];
    for (size_t j = 0; j < g->ifs->count; j++) {
        expr_jump_if(c, g->ifs->items[j], false, next);
    }
    if (i + 1 < p->generators->count) {
        clause_compile(c, p, i + 1, result);
    } else {
        element_compile(c, p, result);
    }
}

static int clause_iterator(struct compiler *c, struct comprehension *g, bool outermost)
{
    if (outermost) {
        return 0; /* the parameter .0 */
    }
    int it = temp_push(c);
    int iterable = expr_operand(c, g->iter, it, NULL);
    emit_ab(c, g->is_async ? OPCODE_GET_AITER : OPCODE_GET_ITER, it, iterable);
    return it;
}

static void clause_compile(struct compiler *c, const struct comprehension_parts *p, size_t i,
                           int result)
{
    struct comprehension *g = p->generators->items[i];
    int mark = c->unit->top;
    int it = clause_iterator(c, g, i == 0);
    struct source_position pos = c->unit->pos;
    int32_t next = label_new(c), other = label_new(c);
    if (g->is_async) {
        block_push(c, BLOCK_OTHER);
        async_for_open(c, it, g->target, next, other);
        clause_body(c, p, i, result, next);
        c->unit->pos = pos;
        async_for_close(c, next, other);
        block_pop(c);
    } else {
        int local = g->target->kind == EXPR_Name ? name_local(c, g->target->v.Name.id) : -1;
        int item = local >= 0 ? local : temp_push(c);
        emit_jump(c, OPCODE_JUMP, 0, 0, 0, next)->no_line = true;
        label_place(c, other);
        if (local < 0) {
            target_store(c, g->target, item);
        }
        clause_body(c, p, i, result, next);
        c->unit->pos = pos;
        label_place(c, next);
        emit_jump(c, OPCODE_FOR_LOOP, item, it, 0, other);
    }
    c->unit->top = mark;
}

static PyObject *comprehension_code(struct compiler *c, struct expr *e,
                                    const struct comprehension_parts *p)
{
    struct unit *u =
        unit_enter(c, UNIT_COMPREHENSION, keep(c, str_intern_text(p->name)), e, e->lineno);
    if (c->failed) {
        return unit_leave(c);
    }
    u->argcount = 1;
    u->pos = POS_OF(e);
    emit_generator_start(c);
    int result = temp_push(c);
    const struct comprehension *outermost = p->generators->items[0];
    if (p->kind == COMP_LIST && p->generators->count == 1 && outermost->ifs->count == 0 &&
        !outermost->is_async) {
        emit_ab(c, OPCODE_BUILD_LIST_FOR, result, 0); /* the parameter .0 */
    } else if (p->kind == COMP_LIST || p->kind == COMP_SET || p->kind == COMP_DICT) {
        emit_abc(c,
                 p->kind == COMP_LIST  ? OPCODE_BUILD_LIST
                 : p->kind == COMP_SET ? OPCODE_BUILD_SET
                                       : OPCODE_BUILD_MAP,
                 result, result, 0);
    }
    clause_compile(c, p, 0, result);
    if (p->kind == COMP_GENERATOR) {
        emit(c, OPCODE_RETURN_NONE, 0, 0, 0, 0);
    } else {
        emit_a(c, OPCODE_RETURN_VALUE, result);
    }
    return unit_leave(c);
}

static bool may_be_async(struct compiler *c)
{
    return c->unit->kind == UNIT_ASYNC_FUNCTION || c->unit->kind == UNIT_COMPREHENSION ||
           is_top_level_await(c);
}

static void comprehension_make(struct compiler *c, PyObject *code, int base)
{
    if (c->failed || ((const PyCodeObject *)code)->co_nfreevars > 0) {
        function_make(c, code, NULL, base, 0);
        return;
    }
    emit_imm(c, OPCODE_LOAD_CONST, base, const_add_unshared(c, value_from_object(code)));
    emit_ab(c, OPCODE_MAKE_COMPREHENSION, base, base);
}

void comprehension_into(struct compiler *c, struct expr *e, int reg)
{
    struct comprehension_parts p = parts_of(e);
    struct comprehension *outermost = p.generators->items[0];
    bool awaited = scope_find(c, e)->coroutine && p.kind != COMP_GENERATOR;
    if (awaited && !may_be_async(c)) {
        compile_error(c, c->unit->pos,
                      "asynchronous comprehension outside of an asynchronous function");
        return;
    }
    int base = reg_is_temp(c, reg) && reg == c->unit->top - 1 ? reg : temp_push(c);
    PyObject *code = comprehension_code(c, e, &p);
    comprehension_make(c, code, base);
    int it = temp_push(c);
    int iterable = expr_operand(c, outermost->iter, it, NULL);
    emit_ab(c, outermost->is_async ? OPCODE_GET_AITER : OPCODE_GET_ITER, it, iterable);
    emit_abc(c, OPCODE_CALL, base, 1, 0);
    if (awaited) {
        emit_await(c, base, base, 0);
    }
    emit_move(c, reg, base);
}
