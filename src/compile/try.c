/* SPDX-License-Identifier: MIT */
/* try, with, and leaving them.
 *
 * A handler has two registers E, E + 1: the exception, and the one that was being handled before.
 * PUSH_EXC E opens it, POP_EXC E closes it on every way out. What runs inside is covered by a
 * cleanup handler, whose exception arrives in E + 2: it does POP_EXC E and raises on. */
#include "compile/compile_int.h"

/* An open exception handler. */
struct open_handler {
    int reg;         /* E */
    int outer;       /* handler outside of it */
    int32_t cleanup; /* label */
};

static void emit_plain_jump(struct compiler *c, int32_t label)
{
    emit_jump(c, OPCODE_JUMP, 0, 0, 0, label)->no_line = true;
}

/* Starts the handler at `label`, for exceptions that arrive in R[reg]. */
static struct open_handler open_handler(struct compiler *c, int32_t label, int reg)
{
    struct open_handler h = {reg, c->unit->handler, label_new(c)};
    label_place(c, label);
    int needed = reg + 3 - c->unit->top;
    if (needed > 0) {
        temp_push_many(c, needed);
    }
    emit_a(c, OPCODE_PUSH_EXC, reg); /* cannot fail: what it opens covers what follows */
    c->unit->handler = handler_new(c, h.cleanup, reg + 2);
    return h;
}

/* Ends it: control does not fall out of what was generated before. */
static void close_handler(struct compiler *c, const struct open_handler *h)
{
    c->unit->handler = h->outer;
    label_place(c, h->cleanup);
    emit_a(c, OPCODE_POP_EXC, h->reg);
    c->unit->code[c->unit->count - 1].no_line = true;
    emit_a(c, OPCODE_RERAISE, h->reg + 2);
    c->unit->code[c->unit->count - 1].no_line = true;
}

static void unbind_name(struct compiler *c, PyObject *name)
{
    if (name == NULL) {
        return;
    }
    int local = name_local(c, name);
    int32_t before = c->unit->count;
    if (local >= 0) {
        emit_a(c, OPCODE_LOAD_NULL, local);
    } else {
        int reg = temp_push(c);
        emit_none(c, reg);
        name_store(c, name, reg);
        name_delete(c, name);
        c->unit->top = reg;
    }
    for (; before < c->unit->count; before++) {
        c->unit->code[before].no_line = true;
    }
}

/* ---- Leaving blocks */

static bool needs_unwinding(const struct block *b)
{
    switch (b->kind) {
    case BLOCK_FINALLY_TRY:
    case BLOCK_FINALLY_END:
    case BLOCK_WITH:
    case BLOCK_ASYNC_WITH:
    case BLOCK_HANDLER: return true;
    default: return false;
    }
}

bool blocks_need_unwinding(struct compiler *c)
{
    for (int i = 0; i < c->unit->block_count; i++) {
        if (needs_unwinding(&c->unit->blocks[i])) {
            return true;
        }
    }
    return false;
}

/* exit(None, None, None); the exit function and its self, or NULL, are in R[reg] and R[reg + 1]. */
static void call_exit(struct compiler *c, int reg, bool async)
{
    int base = temp_push_many(c, 5);
    emit_move(c, base, reg);
    emit_move(c, base + 1, reg + 1);
    for (int i = 2; i <= 4; i++) {
        emit_none(c, base + i);
    }
    emit_abc(c, OPCODE_CALL_METHOD, base, 3, 0);
    if (async) {
        c->unit->top = base + 1;
        emit_await(c, base, base, 2);
    }
    c->unit->top = base;
}

static void unwind_one(struct compiler *c, const struct block *b)
{
    struct unit *u = c->unit;
    switch (b->kind) {
    case BLOCK_FINALLY_TRY: stmts_compile(c, b->final, 0); break;
    case BLOCK_FINALLY_END: emit_a(c, OPCODE_POP_EXC, b->reg); break;
    case BLOCK_HANDLER:
        emit_a(c, OPCODE_POP_EXC, b->reg);
        unbind_name(c, b->name);
        break;
    case BLOCK_WITH:
    case BLOCK_ASYNC_WITH:
        u->pos = b->pos;
        call_exit(c, b->reg, b->kind == BLOCK_ASYNC_WITH);
        break;
    default: break;
    }
}

/* While a block's way out is generated, only the blocks outside of it are on the stack. The active
 * handler and position are left as what follows, a jump or a return, needs them. */
bool blocks_unwind(struct compiler *c, int down_to)
{
    struct unit *u = c->unit;
    int count = u->block_count;
    struct block saved[MAX_BLOCKS];
    memcpy(saved, u->blocks, sizeof saved);
    bool unwound = false;
    while (u->block_count > down_to && !c->failed) {
        const struct block *b = &saved[--u->block_count];
        u->handler = b->handler;
        if (needs_unwinding(b)) {
            unwind_one(c, b);
            unwound = true;
        }
    }
    memcpy(u->blocks, saved, sizeof saved);
    u->block_count = count;
    return unwound;
}

/* ---- try ... finally */

static void try_except(struct compiler *c, struct stmt *s);
static void try_star(struct compiler *c, struct stmt *s);

static void try_body(struct compiler *c, struct stmt *s)
{
    if (s->v.Try.handlers->count == 0) {
        stmts_compile(c, s->v.Try.body, 0);
        stmts_compile(c, s->v.Try.orelse, 0);
    } else if (s->kind == STMT_TryStar) {
        try_star(c, s);
    } else {
        try_except(c, s);
    }
}

static void try_finally(struct compiler *c, struct stmt *s)
{
    struct unit *u = c->unit;
    int32_t handler = label_new(c), end = label_new(c);
    int reg = u->top, outer = u->handler;
    struct block *block = block_push(c, BLOCK_FINALLY_TRY);
    block->final = s->v.Try.finalbody;
    u->handler = handler_new(c, handler, reg);
    try_body(c, s);
    u->handler = outer;
    block_pop(c);
    stmts_compile(c, s->v.Try.finalbody, 0);
    emit_plain_jump(c, end);
    struct open_handler h = open_handler(c, handler, reg);
    u->code[u->count - 1].no_line = true;
    block_push(c, BLOCK_FINALLY_END)->handler = outer;
    u->blocks[u->block_count - 1].reg = reg;
    stmts_compile(c, s->v.Try.finalbody, 0);
    emit(c, OPCODE_RERAISE, reg, 0, 0, 0)->no_line = true;
    block_pop(c);
    close_handler(c, &h);
    label_place(c, end);
    u->top = reg;
}

/* ---- try ... except */

/* One except clause; the exception is in R[h->reg]. */
static void except_clause(struct compiler *c, struct excepthandler *e, const struct open_handler *h,
                          int32_t end)
{
    struct unit *u = c->unit;
    PyObject *name = e->v.ExceptHandler.name;
    int32_t next = label_new(c), unbind = label_new(c);
    int mark = u->top, cleanup = u->handler;
    u->pos = POS_OF(e);
    if (e->v.ExceptHandler.type != NULL) {
        int type = expr_any(c, e->v.ExceptHandler.type);
        int match = temp_push(c);
        emit_abc(c, OPCODE_CHECK_EXC_MATCH, match, h->reg, type);
        emit_jump(c, OPCODE_JUMP_IF_FALSE, match, 0, 0, next);
        u->top = mark;
    } else {
        emit(c, OPCODE_NOP, 0, 0, 0, 0); /* its line shows when tracing */
    }
    struct block *block = block_push(c, BLOCK_HANDLER);
    block->reg = h->reg;
    block->name = name;
    block->handler = h->outer;
    if (name != NULL) {
        name_store(c, name, h->reg);
        u->handler = handler_new(c, unbind, h->reg + 2);
    }
    stmts_compile(c, e->v.ExceptHandler.body, 0);
    block_pop(c);
    u->handler = h->outer;
    emit(c, OPCODE_POP_EXC, h->reg, 0, 0, 0)->no_line = true;
    unbind_name(c, name);
    emit_plain_jump(c, end);
    u->handler = cleanup;
    if (name != NULL) {
        label_place(c, unbind);
        unbind_name(c, name);
        emit(c, OPCODE_RERAISE, h->reg + 2, 0, 0, 0)->no_line = true;
    }
    label_place(c, next);
    u->top = mark;
}

static void try_except(struct compiler *c, struct stmt *s)
{
    struct unit *u = c->unit;
    struct excepthandler_seq *handlers = s->v.Try.handlers;
    int32_t handler = label_new(c), otherwise = label_new(c), end = label_new(c);
    int reg = u->top, outer = u->handler;
    block_push(c, BLOCK_TRY_EXCEPT);
    u->handler = handler_new(c, handler, reg);
    stmts_compile(c, s->v.Try.body, 0);
    u->handler = outer;
    block_pop(c);
    emit_plain_jump(c, otherwise);
    struct open_handler h = open_handler(c, handler, reg);
    u->code[u->count - 1].no_line = true;
    block_push(c, BLOCK_OTHER);
    for (size_t i = 0; i < handlers->count; i++) {
        struct excepthandler *e = handlers->items[i];
        if (e->v.ExceptHandler.type == NULL && i + 1 < handlers->count) {
            compile_error(c, POS_OF(e), "default 'except:' must be last");
        }
        except_clause(c, e, &h, end);
    }
    emit(c, OPCODE_RERAISE, reg, 0, 0, 0)->no_line = true;
    block_pop(c);
    close_handler(c, &h);
    u->top = reg;
    label_place(c, otherwise);
    stmts_compile(c, s->v.Try.orelse, 0);
    label_place(c, end);
}

/* ---- try ... except*
 * Registers after E + 2: the list of what was raised, the rest that no clause took yet. */

static void star_clause(struct compiler *c, struct excepthandler *e, int list, int rest)
{
    struct unit *u = c->unit;
    PyObject *name = e->v.ExceptHandler.name;
    int32_t next = label_new(c), raised = label_new(c);
    int mark = u->top, cleanup = u->handler;
    u->pos = POS_OF(e);
    int match = temp_push_many(c, 2);
    int type = expr_any(c, e->v.ExceptHandler.type);
    emit_abc(c, OPCODE_CHECK_EG_MATCH, match, rest, type);
    emit_move(c, rest, match + 1);
    emit_jump(c, OPCODE_JUMP_IF_NONE, match, 0, 0, next);
    u->top = match + 2;
    int exception = temp_push(c);
    emit_a(c, OPCODE_PUSH_EXC, match);
    struct block *block = block_push(c, BLOCK_GROUP_HANDLER);
    block->handler = cleanup;
    u->handler = handler_new(c, raised, exception);
    if (name != NULL) {
        name_store(c, name, match);
    }
    stmts_compile(c, e->v.ExceptHandler.body, 0);
    block_pop(c);
    u->handler = cleanup;
    emit(c, OPCODE_POP_EXC, match, 0, 0, 0)->no_line = true;
    unbind_name(c, name);
    emit_plain_jump(c, next);
    label_place(c, raised);
    emit(c, OPCODE_POP_EXC, match, 0, 0, 0)->no_line = true;
    unbind_name(c, name);
    emit(c, OPCODE_LIST_APPEND, list, exception, 0, 0)->no_line = true;
    label_place(c, next);
    u->top = mark;
}

static void star_end(struct compiler *c, const struct open_handler *h, int list, int rest,
                     int32_t end)
{
    int32_t empty = label_new(c), fine = label_new(c);
    int32_t first = c->unit->count;
    int result = temp_push(c);
    emit_jump(c, OPCODE_JUMP_IF_NONE, rest, 0, 0, empty);
    emit_ab(c, OPCODE_LIST_APPEND, list, rest);
    label_place(c, empty);
    emit_abc(c, OPCODE_PREP_RERAISE_STAR, result, h->reg, list);
    emit_jump(c, OPCODE_JUMP_IF_NONE, result, 0, 0, fine);
    emit_a(c, OPCODE_RERAISE, result);
    label_place(c, fine);
    emit_a(c, OPCODE_POP_EXC, h->reg);
    emit_jump(c, OPCODE_JUMP, 0, 0, 0, end);
    for (; first < c->unit->count; first++) {
        c->unit->code[first].no_line = true;
    }
}

static void try_star(struct compiler *c, struct stmt *s)
{
    struct unit *u = c->unit;
    struct excepthandler_seq *handlers = s->v.Try.handlers;
    int32_t handler = label_new(c), otherwise = label_new(c), end = label_new(c);
    int reg = u->top, outer = u->handler;
    block_push(c, BLOCK_TRY_EXCEPT);
    u->handler = handler_new(c, handler, reg);
    stmts_compile(c, s->v.Try.body, 0);
    u->handler = outer;
    block_pop(c);
    emit_plain_jump(c, otherwise);
    struct open_handler h = open_handler(c, handler, reg);
    u->code[u->count - 1].no_line = true;
    block_push(c, BLOCK_OTHER);
    int list = temp_push(c), rest = temp_push(c);
    emit_abc(c, OPCODE_BUILD_LIST, list, list, 0);
    u->code[u->count - 1].no_line = true;
    emit_move(c, rest, reg);
    u->code[u->count - 1].no_line = true;
    for (size_t i = 0; i < handlers->count; i++) {
        star_clause(c, handlers->items[i], list, rest);
    }
    star_end(c, &h, list, rest, end);
    block_pop(c);
    close_handler(c, &h);
    u->top = reg;
    label_place(c, otherwise);
    stmts_compile(c, s->v.Try.orelse, 0);
    label_place(c, end);
}

void try_compile(struct compiler *c, struct stmt *s)
{
    emit(c, OPCODE_NOP, 0, 0, 0, 0);
    if (s->v.Try.finalbody->count > 0) {
        try_finally(c, s);
    } else {
        try_body(c, s);
    }
}

/* ---- with */

static void with_item(struct compiler *c, struct stmt *s, size_t i);

static void with_rest(struct compiler *c, struct stmt *s, size_t i)
{
    if (i < s->v.With.items->count) {
        with_item(c, s, i);
    } else {
        stmts_compile(c, s->v.With.body, 0);
    }
}

/* R[exit], R[exit + 1] = the exit function and its self; handler: the exception has arrived in
 * R[exit + 2]. */
static void with_handler(struct compiler *c, int32_t handler, int exit, bool async, int32_t end)
{
    int32_t suppress = label_new(c);
    struct open_handler h = open_handler(c, handler, exit + 2);
    int result = temp_push(c);
    emit_abc(c, OPCODE_WITH_EXCEPT_START, result, exit, h.reg);
    if (async) {
        emit_await(c, result, result, 2);
    }
    emit_jump(c, OPCODE_JUMP_IF_TRUE, result, 0, 0, suppress);
    emit_a(c, OPCODE_RERAISE, h.reg);
    label_place(c, suppress);
    c->unit->handler = h.outer;
    emit_a(c, OPCODE_POP_EXC, h.reg);
    emit_plain_jump(c, end);
    close_handler(c, &h);
}

static void with_item(struct compiler *c, struct stmt *s, size_t i)
{
    struct unit *u = c->unit;
    struct withitem *item = s->v.With.items->items[i];
    bool async = s->kind == STMT_AsyncWith;
    struct source_position head = POS_OF(s);
    int32_t handler = label_new(c), end = label_new(c);
    int exit = temp_push_many(c, 3), outer = u->handler;
    int context = expr_operand(c, item->context_expr, exit + 2, NULL);
    u->pos = head;
    emit_ab(c, async ? OPCODE_BEFORE_ASYNC_WITH : OPCODE_BEFORE_WITH, exit, context);
    if (async) {
        emit_await(c, exit + 2, exit + 2, 1);
    }
    struct block *block = block_push(c, async ? BLOCK_ASYNC_WITH : BLOCK_WITH);
    block->reg = exit;
    block->pos = head;
    u->handler = handler_new(c, handler, exit + 2);
    if (item->optional_vars != NULL) {
        target_store(c, item->optional_vars, exit + 2);
    }
    u->top = exit + 2;
    with_rest(c, s, i + 1);
    u->handler = outer;
    block_pop(c);
    u->pos = head;
    call_exit(c, exit, async);
    emit_plain_jump(c, end);
    with_handler(c, handler, exit, async, end);
    label_place(c, end);
    u->top = exit;
}

void with_compile(struct compiler *c, struct stmt *s)
{
    if (s->kind == STMT_AsyncWith && c->unit->kind != UNIT_ASYNC_FUNCTION &&
        !is_top_level_await(c)) {
        compile_error(c, c->unit->pos, "'async with' outside async function");
        return;
    }
    with_item(c, s, 0);
}
