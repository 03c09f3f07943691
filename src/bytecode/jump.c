/* SPDX-License-Identifier: MIT */
/* Where a trace function may make a frame go on (frame.f_lineno = n). A `for` body needs its
 * iterator, a handler its exception, a `with` body its exit function, the middle of an expression
 * what was computed before it: they lie in temporaries. So control may leave such places, but enter
 * only those whose live temporaries are live where it comes from: from one `with` body into
 * another, say. */
#include "bytecode/code_int.h"
#include "bytecode/operands.h"

static uint8_t op_at(const struct code *code, uint32_t pc)
{
    return pc < code->count ? opcode_generic(code->instructions[pc].op) : OPCODE_NOP;
}

/* Is pc covered by the handler, directly or through handlers inside of it? */
static bool is_covered_by(const struct code *code, uint32_t pc, uint32_t handler)
{
    const struct exception_range *range = code_find_handler(code, pc);
    for (uint32_t steps = 0; range != NULL && steps < code->count; steps++) {
        if (range->handler == handler) {
            return true;
        }
        range = code_find_handler(code, range->handler);
    }
    return false;
}

/* What code that is covered by this handler relies on; NULL: nothing. */
static const char *handler_problem(const struct code *code, uint32_t handler)
{
    if (op_at(code, handler) == OPCODE_POP_EXC) {
        return "can't jump into an 'except' block as there's no exception";
    }
    return NULL;
}

static const char *handlers_problem(const struct code *code, uint32_t from, uint32_t to)
{
    const struct exception_range *range = code_find_handler(code, to);
    for (uint32_t steps = 0; range != NULL && steps < code->count; steps++) {
        const char *problem = handler_problem(code, range->handler);
        if (problem != NULL && !is_covered_by(code, from, range->handler)) {
            return problem;
        }
        range = code_find_handler(code, range->handler);
    }
    uint8_t op = op_at(code, to);
    return op == OPCODE_PUSH_EXC || op == OPCODE_POP_EXC
               ? "can't jump into an 'except' block as there's no exception"
               : NULL;
}

/* The loops over iterators: from the body's start to the jump back. */
static const char *loops_problem(const struct code *code, uint32_t from, uint32_t to)
{
    for (uint32_t pc = 0; pc + 1 < code->count; pc++) {
        bool jump = op_at(code, pc) == OPCODE_JUMP && code->instructions[pc].target < 0;
        if (!jump) {
            continue;
        }
        uint32_t start = (uint32_t)((int64_t)pc + 1 + code->instructions[pc].target);
        bool loop = (pc > 0 && op_at(code, pc - 1) == OPCODE_FOR_LOOP) ||
                    op_at(code, start) == OPCODE_GET_ANEXT;
        bool enters = to >= start && to <= pc && !(from >= start && from <= pc);
        if (loop && enters) {
            return "can't jump into the body of a for loop";
        }
    }
    return NULL;
}

int code_left_handler(const struct code *code, uint32_t to, uint32_t *position)
{
    const struct exception_range *range = code_find_handler(code, *position);
    while (range != NULL) {
        *position = range->handler;
        if (op_at(code, *position) == OPCODE_POP_EXC && !is_covered_by(code, to, *position)) {
            return code->instructions[*position].a;
        }
        range = code_find_handler(code, *position);
    }
    return -1;
}

/* Does a block around pc keep something in this register: the exception, what `with` calls at its
 * end? Blocks of the same depth keep the same things in the same registers. */
static bool is_of_block(const struct code *code, uint32_t pc, uint32_t reg)
{
    const struct exception_range *range = code_find_handler(code, pc);
    for (uint32_t steps = 0; range != NULL && steps < code->count; steps++) {
        uint32_t handler = range->handler;
        bool with = op_at(code, handler + 1) == OPCODE_WITH_EXCEPT_START;
        uint32_t exit = with ? code->instructions[handler + 1].b : range->reg;
        if (reg - range->reg <= 1 || reg - exit <= 1) {
            return true;
        }
        range = code_find_handler(code, handler);
    }
    return false;
}

static bool is_written_between(const struct code *code, uint32_t from, uint32_t to, uint32_t reg)
{
    for (uint32_t pc = from < to ? from : to; pc < (from < to ? to : from); pc++) {
        struct instruction i = code->instructions[pc];
        i.op = opcode_generic(i.op);
        struct operands o = instruction_operands(i);
        if (reg - o.writes[0].first < o.writes[0].count) {
            return true;
        }
    }
    return false;
}

/* How many temporaries are live at `to`; -1 if one of them has no value, or another one, at `from`.
 */
static int count_live(const struct liveness *l, uint32_t from, uint32_t to)
{
    int live = 0;
    for (uint32_t reg = l->first; reg < l->code->registers; reg++) {
        if (!liveness_has(l, to, reg)) {
            continue;
        }
        if (!liveness_has(l, from, reg) ||
            (!is_of_block(l->code, to, reg) && is_written_between(l->code, from, to, reg))) {
            return -1;
        }
        live++;
    }
    return live;
}

/* Why control may not go on at `to`, where `live` temporaries are live (-1: some have no value). */
static const char *jump_problem(const struct code *code, uint32_t from, uint32_t to, int live)
{
    const char *problem = handlers_problem(code, from, to);
    if (problem == NULL) {
        problem = loops_problem(code, from, to);
    }
    return problem == NULL && live < 0 ? "incompatible stacks" : problem;
}

/* Of several places (the body of `finally` stands in the code twice) the one that keeps the most of
 * what is live is taken. */
int64_t code_find_jump(const struct code *code, uint32_t from, int line, int *found_line,
                       const char **problem)
{
    *found_line = INT32_MAX;
    for (uint32_t pc = 0; pc < code->count; pc++) {
        int at = code_line(code, pc);
        if (at >= line && at < *found_line) {
            *found_line = at;
        }
    }
    *problem = NULL;
    struct liveness l;
    if (!liveness_compute(&l, code)) {
        *problem = "stack too deep to analyze";
        return -1;
    }
    int64_t best = -1;
    int most = -1;
    const char *refused = NULL;
    for (uint32_t pc = 0; pc < code->count; pc++) {
        bool starts = code_line(code, pc) == *found_line &&
                      (pc == 0 || code_line(code, pc - 1) != *found_line);
        if (!starts) {
            continue;
        }
        int live = count_live(&l, from, pc);
        const char *why = jump_problem(code, from, pc, live);
        if (why != NULL) {
            refused = refused == NULL ? why : refused;
        } else if (live > most) {
            most = live;
            best = pc;
        }
    }
    *problem = best < 0 ? refused : NULL;
    return best;
}
