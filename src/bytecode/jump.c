/* SPDX-License-Identifier: MIT */
/* Where a trace function may make a frame go on (frame.f_lineno = n). A `for` body needs its
 * iterator, a handler its exception, a `with` body its exit function: they lie in temporaries, so
 * control may leave such blocks but not enter them from outside. */
#include "bytecode/code_int.h"

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
    bool with = op_at(code, handler) == OPCODE_PUSH_EXC &&
                op_at(code, handler + 1) == OPCODE_WITH_EXCEPT_START;
    return with ? "incompatible stacks" : NULL;
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
    for (uint32_t pc = 0; pc < code->count; pc++) {
        bool starts = code_line(code, pc) == *found_line &&
                      (pc == 0 || code_line(code, pc - 1) != *found_line);
        if (!starts) {
            continue;
        }
        const char *handlers = handlers_problem(code, from, pc);
        *problem = handlers != NULL ? handlers : loops_problem(code, from, pc);
        if (*problem == NULL) {
            return pc;
        }
    }
    return -1;
}
