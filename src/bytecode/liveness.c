/* SPDX-License-Identifier: MIT */
/* Which temporaries an instruction, or what may run after it, reads before it writes them. The
 * usual backward analysis, to a fixed point; it is made only when a trace function jumps, so it may
 * be slow. */
#include "bytecode/liveness.h"
#include "bytecode/code_int.h"
#include "bytecode/opcode.h"
#include "bytecode/operands.h"
#include "heap/heap.h"

/* One set: `words` words of 64 registers each, temporaries only. */
static uint64_t *set_of(const struct liveness *l, uint32_t pc)
{
    return &l->sets[(size_t)pc * l->words];
}

static void change(const struct liveness *l, uint64_t *set, struct register_range range, bool add)
{
    for (uint32_t r = range.first; r < range.first + range.count; r++) {
        if (r >= l->first) {
            uint64_t bit = (uint64_t)1 << ((r - l->first) & 63);
            uint64_t *word = &set[(r - l->first) / 64];
            *word = add ? *word | bit : *word & ~bit;
        }
    }
}

static void unite(const struct liveness *l, uint64_t *set, uint32_t pc,
                  struct register_range without)
{
    uint64_t copy[LIVENESS_MOST_WORDS];
    memcpy(copy, set_of(l, pc), l->words * sizeof *copy);
    change(l, copy, without, false);
    for (uint32_t w = 0; w < l->words; w++) {
        set[w] |= copy[w];
    }
}

static uint32_t jump_target(const struct code *code, uint32_t pc)
{
    return (uint32_t)((int64_t)pc + 1 + code->instructions[pc].target);
}

static bool falls_through(uint8_t op)
{
    return op != OPCODE_JUMP && op != OPCODE_RETURN_VALUE && op != OPCODE_RETURN_NONE &&
           op != OPCODE_RAISE && op != OPCODE_RERAISE;
}

/* What is live where the instruction goes on, less what it has written by then. */
static void unite_successors(const struct liveness *l, uint64_t *set, uint32_t pc, uint8_t op,
                             struct register_range written)
{
    const struct code *code = l->code;
    const struct register_range nothing = {0, 0};
    if (opcode_is_fused(op)) {
        unite(l, set, jump_target(code, pc + 1), op == OPCODE_FOR_ITER ? nothing : written);
        unite(l, set, pc + 2, op == OPCODE_FOR_LOOP ? nothing : written);
        return;
    }
    if (opcode_has_jump(op)) {
        unite(l, set, jump_target(code, pc), written);
    }
    if (falls_through(op) && pc + 1 < code->count) {
        unite(l, set, pc + 1, written);
    }
}

/* Recomputes one set; true if it grew. */
static bool update(const struct liveness *l, uint32_t pc)
{
    uint64_t set[LIVENESS_MOST_WORDS] = {0};
    struct instruction i = l->code->instructions[pc];
    i.op = opcode_generic(i.op);
    struct operands o = instruction_operands(i);
    unite_successors(l, set, pc, i.op, o.writes[0]);
    const struct exception_range *range = code_find_handler(l->code, pc);
    if (range != NULL) {
        unite(l, set, range->handler, (struct register_range){range->reg, 1});
    }
    for (int r = 0; r < 3; r++) {
        change(l, set, o.reads[r], true);
    }
    bool grew = memcmp(set, set_of(l, pc), l->words * sizeof *set) != 0;
    memcpy(set_of(l, pc), set, l->words * sizeof *set);
    return grew;
}

bool liveness_compute(struct liveness *l, const struct code *code)
{
    l->code = code;
    l->first = (uint32_t)code->base.co_nlocalsplus;
    l->words = (code->registers - l->first + 63) / 64;
    l->sets = NULL;
    if (l->words > LIVENESS_MOST_WORDS) {
        return false;
    }
    size_t bytes = (size_t)code->count * l->words * sizeof *l->sets;
    l->sets = heap_alloc(bytes > 0 ? bytes : 1, CELL_RAW);
    if (l->sets == NULL) {
        return false;
    }
    memset(l->sets, 0, bytes);
    bool grew = l->words > 0;
    while (grew) {
        grew = false;
        for (uint32_t pc = code->count; pc-- > 0;) {
            grew |= update(l, pc);
        }
    }
    return true;
}

bool liveness_has(const struct liveness *l, uint32_t pc, uint32_t reg)
{
    return (set_of(l, pc)[(reg - l->first) / 64] >> ((reg - l->first) & 63) & 1) != 0;
}

void code_clear_dead_temporaries(const struct code *code, uint32_t pc, Value *window)
{
    struct liveness l;
    if (!liveness_compute(&l, code)) {
        return;
    }
    for (uint32_t reg = l.first; reg < code->registers; reg++) {
        if (!liveness_has(&l, pc, reg)) {
            window[reg] = VALUE_NULL;
        }
    }
}
