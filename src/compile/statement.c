/* SPDX-License-Identifier: MIT */
/* Statements. */
#include "compile/compile_int.h"

static void emit_nop(struct compiler *c)
{
    emit(c, OPCODE_NOP, 0, 0, 0, 0);
}

static void emit_plain_jump(struct compiler *c, int32_t label)
{
    emit_jump(c, OPCODE_JUMP, 0, 0, 0, label)->no_line = true;
}

/* ---- Bodies of modules and classes */

static bool annotates(struct stmt_seq *body);

static bool handlers_annotate(struct excepthandler_seq *handlers)
{
    for (size_t i = 0; i < handlers->count; i++) {
        if (annotates(handlers->items[i]->v.ExceptHandler.body)) {
            return true;
        }
    }
    return false;
}

static bool cases_annotate(struct match_case_seq *cases)
{
    for (size_t i = 0; i < cases->count; i++) {
        if (annotates(cases->items[i]->body)) {
            return true;
        }
    }
    return false;
}

static bool stmt_annotates(struct stmt *s)
{
    switch (s->kind) {
    case STMT_AnnAssign: return true;
    case STMT_For:
    case STMT_AsyncFor: return annotates(s->v.For.body) || annotates(s->v.For.orelse);
    case STMT_While: return annotates(s->v.While.body) || annotates(s->v.While.orelse);
    case STMT_If: return annotates(s->v.If.body) || annotates(s->v.If.orelse);
    case STMT_With:
    case STMT_AsyncWith: return annotates(s->v.With.body);
    case STMT_Match: return cases_annotate(s->v.Match.cases);
    case STMT_Try:
    case STMT_TryStar:
        return annotates(s->v.Try.body) || handlers_annotate(s->v.Try.handlers) ||
               annotates(s->v.Try.orelse) || annotates(s->v.Try.finalbody);
    default: return false;
    }
}

/* Is there an annotated assignment in the body, or inside its compound statements? */
static bool annotates(struct stmt_seq *body)
{
    for (size_t i = 0; i < body->count; i++) {
        if (stmt_annotates(body->items[i])) {
            return true;
        }
    }
    return false;
}

void body_compile(struct compiler *c, struct stmt_seq *body)
{
    if (body->count == 0) {
        return;
    }
    bool module = c->unit->kind == UNIT_MODULE;
    if (module) {
        c->unit->pos = POS_OF(body->items[0]);
    }
    if (annotates(body)) {
        emit(c, OPCODE_SETUP_ANNOTATIONS, 0, 0, 0, 0);
    }
    PyObject *doc = module && c->interactive ? NULL : body_docstring(body);
    size_t start = 0;
    if (doc != NULL && c->optimize < 2) {
        int reg = temp_push(c);
        c->unit->pos = POS_OF(body->items[0]->v.Expr.value);
        emit_const(c, reg, value_from_object(doc));
        name_store(c, names.__doc__, reg);
        c->unit->top = reg;
        start = 1;
    }
    stmts_compile(c, body, start);
}

/* ---- Conditions and loops */

static void if_compile(struct compiler *c, struct stmt *s)
{
    int32_t end = label_new(c);
    int32_t otherwise = s->v.If.orelse->count > 0 ? label_new(c) : end;
    expr_jump_if(c, s->v.If.test, false, otherwise);
    stmts_compile(c, s->v.If.body, 0);
    if (otherwise != end) {
        emit_plain_jump(c, end);
        label_place(c, otherwise);
        stmts_compile(c, s->v.If.orelse, 0);
    }
    label_place(c, end);
}

static void while_compile(struct compiler *c, struct stmt *s)
{
    struct block *block = block_push(c, BLOCK_WHILE);
    int32_t body = label_new(c), test = block->next = label_new(c),
            end = block->exit = label_new(c);
    struct source_position saved = c->unit->pos;
    c->unit->pos = POS_OF(s->v.While.test);
    emit_jump(c, OPCODE_JUMP, 0, 0, 0, test);
    c->unit->pos = saved;
    label_place(c, body);
    stmts_compile(c, s->v.While.body, 0);
    label_place(c, test);
    c->unit->pos = saved;
    expr_jump_if(c, s->v.While.test, true, body);
    c->unit->pos = saved;
    block_pop(c);
    stmts_compile(c, s->v.While.orelse, 0);
    label_place(c, end);
}

static void for_compile(struct compiler *c, struct stmt *s)
{
    struct expr *target = s->v.For.target;
    struct source_position head = POS_OF(s);
    int it = temp_push(c);
    int iterable = expr_operand(c, s->v.For.iter, it, NULL);
    struct block *block = block_push(c, BLOCK_FOR);
    int32_t body = label_new(c), next = block->next = label_new(c),
            end = block->exit = label_new(c);
    emit_ab(c, OPCODE_GET_ITER, it, iterable);
    emit_plain_jump(c, next);
    int local = target->kind == EXPR_Name ? name_local(c, target->v.Name.id) : -1;
    bool direct = local >= 0 && !str_equal_text(target->v.Name.id, "__debug__");
    int mark = c->unit->top;
    int item = direct ? local : temp_push(c);
    label_place(c, body);
    if (!direct) {
        target_store(c, target, item);
    }
    c->unit->top = mark;
    stmts_compile(c, s->v.For.body, 0);
    label_place(c, next);
    c->unit->pos = head;
    emit_jump(c, OPCODE_FOR_LOOP, item, it, 0, body);
    block_pop(c);
    stmts_compile(c, s->v.For.orelse, 0);
    label_place(c, end);
}

void async_for_open(struct compiler *c, int it, struct expr *target, int32_t next, int32_t except)
{
    struct unit *u = c->unit;
    int mark = u->top, outer = u->handler;
    label_place(c, next);
    int exception = temp_push_many(c, 2);
    u->top = mark;
    u->handler = handler_new(c, except, exception);
    int result = temp_push(c), awaitable = temp_push(c);
    emit_ab(c, OPCODE_GET_ANEXT, awaitable, it);
    emit_await_loop(c, result, awaitable);
    u->handler = outer;
    target_store(c, target, result);
    u->top = mark;
}

void async_for_close(struct compiler *c, int32_t next, int32_t except)
{
    int exception = temp_push_many(c, 2);
    emit_plain_jump(c, next);
    label_place(c, except);
    emit_a(c, OPCODE_PUSH_EXC, exception);
    emit_a(c, OPCODE_END_ASYNC_FOR, exception);
    c->unit->top = exception;
}

static void async_for_compile(struct compiler *c, struct stmt *s)
{
    if (c->unit->kind != UNIT_ASYNC_FUNCTION && !is_top_level_await(c)) {
        compile_error(c, c->unit->pos, "'async for' outside async function");
        return;
    }
    int it = temp_push(c);
    int iterable = expr_operand(c, s->v.For.iter, it, NULL);
    emit_ab(c, OPCODE_GET_AITER, it, iterable);
    struct block *block = block_push(c, BLOCK_FOR);
    int32_t next = block->next = label_new(c), end = block->exit = label_new(c);
    int32_t except = label_new(c);
    async_for_open(c, it, s->v.For.target, next, except);
    stmts_compile(c, s->v.For.body, 0);
    c->unit->pos = POS_OF(s);
    async_for_close(c, next, except);
    block_pop(c);
    stmts_compile(c, s->v.For.orelse, 0);
    label_place(c, end);
}

/* The position on the block stack of the innermost loop, or -1. */
static int find_loop(struct compiler *c)
{
    for (int i = c->unit->block_count - 1; i >= 0; i--) {
        enum block_kind kind = c->unit->blocks[i].kind;
        if (kind == BLOCK_WHILE || kind == BLOCK_FOR) {
            return i;
        }
        if (kind == BLOCK_GROUP_HANDLER) {
            compile_error(c, c->unit->pos,
                          "'break', 'continue' and 'return' cannot appear in an except* block");
            return i;
        }
    }
    return -1;
}

static void loop_jump(struct compiler *c, bool is_break)
{
    int loop = find_loop(c);
    if (loop < 0) {
        compile_error(c, c->unit->pos,
                      is_break ? "'break' outside loop" : "'continue' not properly in loop");
        return;
    }
    if (c->failed) {
        return;
    }
    struct block *block = &c->unit->blocks[loop];
    int32_t label = is_break ? block->exit : block->next;
    if (blocks_need_unwinding(c)) {
        emit_nop(c);
    }
    int handler = c->unit->handler;
    bool unwound = blocks_unwind(c, loop + 1);
    emit_jump(c, OPCODE_JUMP, 0, 0, 0, label)->no_line = unwound;
    c->unit->handler = handler;
}

static bool in_group_handler(struct compiler *c)
{
    for (int i = 0; i < c->unit->block_count; i++) {
        if (c->unit->blocks[i].kind == BLOCK_GROUP_HANDLER) {
            compile_error(c, c->unit->pos,
                          "'break', 'continue' and 'return' cannot appear in an except* block");
            return true;
        }
    }
    return false;
}

static void emit_return(struct compiler *c, struct expr *value, int reg, bool no_line)
{
    if (reg < 0 && (value == NULL || value_is_none(value->v.Constant.value))) {
        emit(c, OPCODE_RETURN_NONE, 0, 0, 0, 0)->no_line = no_line;
        return;
    }
    if (reg < 0) {
        reg = temp_push(c);
        emit_const(c, reg, value->v.Constant.value);
        c->unit->code[c->unit->count - 1].no_line = no_line;
    }
    emit(c, OPCODE_RETURN_VALUE, reg, 0, 0, 0)->no_line = no_line;
}

static void return_compile(struct compiler *c, struct stmt *s)
{
    struct expr *value = s->v.Return.value;
    struct unit *u = c->unit;
    if (u->scope->type != SCOPE_FUNCTION) {
        compile_error(c, u->pos, "'return' outside function");
        return;
    }
    if (value != NULL && u->kind == UNIT_ASYNC_FUNCTION && u->scope->generator) {
        compile_error(c, u->pos, "'return' with value in async generator");
        return;
    }
    if (in_group_handler(c)) {
        return;
    }
    bool unwinding = blocks_need_unwinding(c),
         constant = value == NULL || value->kind == EXPR_Constant;
    int reg = -1;
    if (!constant) {
        reg = unwinding ? expr_temp(c, value) : expr_any(c, value);
    }
    if (value == NULL || value->lineno != s->lineno || unwinding) {
        emit_nop(c);
    }
    int handler = u->handler;
    bool unwound = blocks_unwind(c, 0);
    emit_return(c, value, reg, unwound);
    u->handler = handler;
}

/* ---- Imports */

static void import_module(struct compiler *c, int reg, PyObject *name, int level, Value fromlist)
{
    int arguments = temp_push_many(c, 2);
    emit_const(c, arguments, value_from_int(level));
    emit_const(c, arguments + 1, fromlist);
    emit_attr(c, OPCODE_IMPORT_NAME, reg, arguments, name);
    c->unit->top = arguments;
}

static PyObject *name_part(struct compiler *c, PyObject *name, Py_ssize_t start, Py_ssize_t end)
{
    PyObject *part = keep(c, str_substring(name, start, end));
    return part == NULL ? NULL : keep(c, str_intern(part));
}

/* import a.b.c as d: d is the submodule, not the package. */
static void import_as(struct compiler *c, struct alias *alias, int reg)
{
    PyObject *name = alias->name;
    Py_ssize_t length = str_length(name), dot = str_find_char(name, '.', 0, length, 1);
    while (dot >= 0) {
        Py_ssize_t next = str_find_char(name, '.', dot + 1, length, 1);
        PyObject *part = name_part(c, name, dot + 1, next >= 0 ? next : length);
        if (part == NULL) {
            return;
        }
        emit_attr(c, OPCODE_IMPORT_FROM, reg, reg, part);
        dot = next;
    }
    name_store(c, alias->asname, reg);
}

static PyObject *interned(struct compiler *c, PyObject *name)
{
    return compile_mangle(c, NULL, name);
}

static void import_compile(struct compiler *c, struct stmt *s)
{
    for (size_t i = 0; i < s->v.Import.names->count && !c->failed; i++) {
        struct alias *alias = s->v.Import.names->items[i];
        int reg = temp_push(c);
        import_module(c, reg, interned(c, alias->name), 0, VALUE_NONE);
        if (alias->asname != NULL) {
            import_as(c, alias, reg);
        } else {
            Py_ssize_t length = str_length(alias->name);
            Py_ssize_t dot = str_find_char(alias->name, '.', 0, length, 1);
            PyObject *top = dot < 0 ? alias->name : name_part(c, alias->name, 0, dot);
            if (top != NULL) {
                name_store(c, top, reg);
            }
        }
        c->unit->top = reg;
    }
}

static void import_from_compile(struct compiler *c, struct stmt *s)
{
    struct alias_seq *list = s->v.ImportFrom.names;
    PyObject *module = s->v.ImportFrom.module != NULL ? s->v.ImportFrom.module : str_empty();
    if (s->lineno > c->future_line && s->v.ImportFrom.level == 0 &&
        str_equal_text(module, "__future__")) {
        compile_error(c, c->unit->pos,
                      "from __future__ imports must occur at the beginning of the file");
        return;
    }
    PyObject *fromlist = keep(c, tuple_new((Py_ssize_t)list->count));
    for (size_t i = 0; i < list->count && fromlist != NULL; i++) {
        tuple_init_item(fromlist, (Py_ssize_t)i,
                        value_from_object(interned(c, list->items[i]->name)));
    }
    if (fromlist == NULL) {
        return;
    }
    int reg = temp_push(c), item = temp_push(c);
    import_module(c, reg, interned(c, module), s->v.ImportFrom.level, value_from_object(fromlist));
    for (size_t i = 0; i < list->count && !c->failed; i++) {
        struct alias *alias = list->items[i];
        if (i == 0 && str_equal_text(alias->name, "*")) {
            emit_a(c, OPCODE_IMPORT_STAR, reg);
            break;
        }
        emit_attr(c, OPCODE_IMPORT_FROM, item, reg, interned(c, alias->name));
        name_store(c, alias->asname != NULL ? alias->asname : alias->name, item);
    }
}

/* ---- Small statements */

static void assert_compile(struct compiler *c, struct stmt *s)
{
    struct expr *test = s->v.Assert.test;
    bool tuple = (test->kind == EXPR_Tuple && test->v.Tuple.elts->count > 0) ||
                 (test->kind == EXPR_Constant && tuple_check_exact(test->v.Constant.value) &&
                  tuple_length(value_object(test->v.Constant.value)) > 0);
    if (tuple) {
        compile_warn(c, c->unit->pos, "assertion is always true, perhaps remove parentheses?");
    }
    if (c->optimize > 0) {
        return;
    }
    int32_t end = label_new(c);
    expr_jump_if(c, test, true, end);
    int reg = temp_push(c);
    emit_a(c, OPCODE_LOAD_ASSERTION_ERROR, reg);
    if (s->v.Assert.msg != NULL) {
        expr_temp(c, s->v.Assert.msg);
        emit_abc(c, OPCODE_CALL, reg, 1, 0);
    }
    emit(c, OPCODE_RAISE, reg, 0, 0, 1);
    label_place(c, end);
}

static void raise_compile(struct compiler *c, struct stmt *s)
{
    if (s->v.Raise.exc == NULL) {
        emit(c, OPCODE_RAISE, 0, 0, 0, 0);
        return;
    }
    int exception = expr_operand(c, s->v.Raise.exc, -1, s->v.Raise.cause);
    if (s->v.Raise.cause == NULL) {
        emit(c, OPCODE_RAISE, exception, 0, 0, 1);
        return;
    }
    int cause = expr_any(c, s->v.Raise.cause);
    emit(c, OPCODE_RAISE, exception, cause, 0, 2);
}

static void expr_compile(struct compiler *c, struct stmt *s)
{
    struct expr *value = s->v.Expr.value;
    if (c->interactive && c->unit->kind == UNIT_MODULE) {
        emit_a(c, OPCODE_PRINT_EXPR, expr_any(c, value));
    } else if (value->kind == EXPR_Constant) {
        emit_nop(c);
    } else {
        int reg = expr_any(c, value);
        if (value->kind == EXPR_BinOp && reg_is_temp(c, reg)) {
            emit_a(c, OPCODE_LOAD_NULL, reg); /* vm/temporary.c drops it there */
        } else if (value->kind == EXPR_Call && reg_is_temp(c, reg)) {
            ignore_result(c, reg);
        }
    }
}

static void delete_compile(struct compiler *c, struct stmt *s)
{
    for (size_t i = 0; i < s->v.Delete.targets->count; i++) {
        target_delete(c, s->v.Delete.targets->items[i]);
    }
}

static void stmt_inner(struct compiler *c, struct stmt *s)
{
    switch (s->kind) {
    case STMT_FunctionDef:
    case STMT_AsyncFunctionDef: function_compile(c, s); break;
    case STMT_ClassDef: class_compile(c, s); break;
    case STMT_Return: return_compile(c, s); break;
    case STMT_Delete: delete_compile(c, s); break;
    case STMT_Assign: assign_compile(c, s->v.Assign.targets, s->v.Assign.value); break;
    case STMT_AugAssign: aug_assign_compile(c, s); break;
    case STMT_AnnAssign: ann_assign_compile(c, s); break;
    case STMT_For: for_compile(c, s); break;
    case STMT_AsyncFor: async_for_compile(c, s); break;
    case STMT_While: while_compile(c, s); break;
    case STMT_If: if_compile(c, s); break;
    case STMT_With:
    case STMT_AsyncWith: with_compile(c, s); break;
    case STMT_Match: match_compile(c, s); break;
    case STMT_Raise: raise_compile(c, s); break;
    case STMT_Try:
    case STMT_TryStar: try_compile(c, s); break;
    case STMT_Assert: assert_compile(c, s); break;
    case STMT_Import: import_compile(c, s); break;
    case STMT_ImportFrom: import_from_compile(c, s); break;
    case STMT_Global:
    case STMT_Nonlocal: break;
    case STMT_Expr: expr_compile(c, s); break;
    case STMT_Pass: emit_nop(c); break;
    case STMT_Break: loop_jump(c, true); break;
    case STMT_Continue: loop_jump(c, false); break;
    }
}

void stmts_compile(struct compiler *c, struct stmt_seq *body, size_t start)
{
    for (size_t i = start; i < body->count && compile_enter(c); i++) {
        int mark = c->unit->top;
        c->unit->pos = POS_OF(body->items[i]);
        stmt_inner(c, body->items[i]);
        c->unit->top = mark;
        compile_leave(c);
    }
}
