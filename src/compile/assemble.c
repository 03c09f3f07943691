/* SPDX-License-Identifier: MIT */
/* From a unit's intermediate instructions to a code object. */
#include "bytecode/opcode.h"
#include "compile/compile_int.h"
#include "object/bytes.h"

struct assembler {
    struct compiler *c;
    struct unit *u;
    struct instruction *words;
    struct source_position *positions;
    struct exception_range *ranges;
    uint32_t count, range_count;
    uint32_t *pc_of; /* per intermediate instruction; dead ones have that of the next live one */
};

static void number_instructions(struct assembler *a)
{
    uint32_t pc = 0;
    for (int32_t i = 0; i < a->u->count; i++) {
        const struct ir *x = &a->u->code[i];
        a->pc_of[i] = pc;
        pc += x->dead ? 0 : opcode_is_fused(x->op) ? 2 : 1;
    }
    a->pc_of[a->u->count] = pc;
}

static uint32_t label_pc(const struct assembler *a, int32_t label)
{
    return a->pc_of[a->u->labels[label]];
}

static void put_jump(struct assembler *a, struct instruction word, const struct ir *x)
{
    word.target = (int32_t)label_pc(a, x->label) - (int32_t)a->count - 1;
    a->words[a->count] = word;
    a->positions[a->count++] = x->pos;
}

static bool fits(int32_t operand)
{
    return operand >= 0 && operand <= UINT16_MAX;
}

static void put(struct assembler *a, const struct ir *x)
{
    struct instruction word = {.op = x->op, .d = x->d, .a = (uint16_t)x->a};
    const char *format = opcode_table[x->op].format;
    if (!fits(x->a) || !fits(x->b) || !fits(x->c)) {
        if (!a->c->failed) {
            error_raise(PyExc_SystemError, "code object %U is too large", a->u->name);
        }
        a->c->failed = true;
        return;
    }
    if (opcode_has_jump(x->op)) {
        put_jump(a, word, x);
        return;
    }
    if (strchr(format, 'I') != NULL) {
        word.target = x->imm;
    } else {
        word.b = (uint16_t)x->b;
        word.c = (uint16_t)x->c;
    }
    a->words[a->count] = word;
    a->positions[a->count++] = x->pos;
    if (opcode_is_fused(x->op)) {
        put_jump(a, (struct instruction){.op = OPCODE_JUMP}, x);
    }
}

static void cover(struct assembler *a, const struct ir *x, uint32_t start)
{
    if (x->handler < 0) {
        return;
    }
    struct handler h = a->u->handlers[x->handler];
    struct exception_range range = {start, a->count, label_pc(a, h.label), (uint32_t)h.reg};
    struct exception_range *last = a->range_count > 0 ? &a->ranges[a->range_count - 1] : NULL;
    if (last != NULL && last->end == start && last->handler == range.handler &&
        last->reg == range.reg) {
        last->end = a->count;
    } else {
        a->ranges[a->range_count++] = range;
    }
}

static void put_all(struct assembler *a)
{
    for (int32_t i = 0; i < a->u->count && !a->c->failed; i++) {
        const struct ir *x = &a->u->code[i];
        if (!x->dead) {
            uint32_t start = a->count;
            put(a, x);
            cover(a, x, start);
        }
    }
}

/* ---- Variables and flags */

static int variable_kind(const struct unit *u, const struct symbol *s)
{
    if (s->reg < u->fast_count) {
        return s->scope == SCOPE_CELL ? KIND_LOCAL | KIND_CELL : KIND_LOCAL;
    }
    return s->scope == SCOPE_CELL ? KIND_CELL : KIND_FREE;
}

static bool set_variables(struct compiler *c, struct unit *u, struct code_spec *spec)
{
    PyObject *variables = keep(c, tuple_new(u->local_count));
    PyObject *kinds = keep(c, bytes_new(NULL, u->local_count));
    if (variables == NULL || kinds == NULL) {
        return false;
    }
    for (size_t i = 0; i < u->scope->count; i++) {
        struct symbol *s = u->scope->symbols[i];
        if (s->reg >= 0) {
            tuple_init_item(variables, s->reg, value_from_object(s->name));
            bytes_data(kinds)[s->reg] = (char)variable_kind(u, s);
        }
    }
    if (u->scope->needs_class_closure) {
        tuple_init_item(variables, u->fast_count, value_from_object(names.__class__));
        bytes_data(kinds)[u->fast_count] = KIND_CELL;
    }
    spec->localsplus_names = variables;
    spec->localsplus_kinds = kinds;
    return true;
}

static int code_flags(struct compiler *c, struct unit *u)
{
    struct scope *scope = u->scope;
    int flags = c->future_flags & PyCF_MASK;
    bool coroutine =
        scope->coroutine && (u->kind == UNIT_ASYNC_FUNCTION || u->kind == UNIT_COMPREHENSION);
    if (scope->type == SCOPE_FUNCTION) {
        flags |= CO_NEWLOCALS | CO_OPTIMIZED;
        flags |= scope->nested ? CO_NESTED : 0;
        if (scope->generator) {
            flags |= coroutine ? CO_ASYNC_GENERATOR : CO_GENERATOR;
        } else if (coroutine) {
            flags |= CO_COROUTINE;
        }
        flags |= scope->varargs ? CO_VARARGS : 0;
        flags |= scope->varkeywords ? CO_VARKEYWORDS : 0;
    } else if (is_top_level_await(c) && scope->coroutine) {
        flags |= CO_COROUTINE;
    }
    return flags;
}

static PyObject *make(struct assembler *a)
{
    struct compiler *c = a->c;
    struct unit *u = a->u;
    struct code_spec spec = {
        .name = u->name,
        .qualname = u->qualname,
        .filename = c->filename,
        .argcount = u->argcount,
        .posonlyargcount = u->posonlyargcount,
        .kwonlyargcount = u->kwonlyargcount,
        .flags = code_flags(c, u),
        .first_line = u->first_line,
        .consts = keep(c, list_to_tuple(u->consts)),
        .names = keep(c, list_to_tuple(u->names)),
        .registers = (uint32_t)u->max,
        .instructions = a->words,
        .positions = a->positions,
        .count = a->count,
        .ranges = a->ranges,
        .range_count = a->range_count,
    };
    if (c->failed || !set_variables(c, u, &spec)) {
        return NULL;
    }
    return code_new(&spec);
}

PyObject *unit_assemble(struct compiler *c, struct unit *u)
{
    struct assembler a = {.c = c, .u = u};
    size_t limit = 2 * (size_t)u->count + 1;
    a.pc_of = region_alloc(c, ((size_t)u->count + 1) * sizeof *a.pc_of);
    a.words = region_alloc(c, limit * sizeof *a.words);
    a.positions = region_alloc(c, limit * sizeof *a.positions);
    a.ranges = region_alloc(c, limit * sizeof *a.ranges);
    number_instructions(&a);
    put_all(&a);
    return c->failed ? NULL : make(&a);
}
