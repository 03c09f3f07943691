/* SPDX-License-Identifier: MIT */
/* Passes over the intermediate instructions of a unit: jump threading, dead code, line numbers of
 * artificial instructions, NOPs, and checks of locals that cannot fail. A line that has been
 * written must still show when tracing, so jumps and NOPs that are a line's only instruction stay.
 */
#include "compile/compile_int.h"

static bool ends_flow(uint8_t op)
{
    return op == OPCODE_JUMP || op == OPCODE_RETURN_VALUE || op == OPCODE_RETURN_NONE ||
           op == OPCODE_RAISE || op == OPCODE_RERAISE;
}

/* The first live instruction at or after i; u->count if there is none. */
static int32_t live_from(const struct unit *u, int32_t i)
{
    while (i < u->count && u->code[i].dead) {
        i++;
    }
    return i;
}

static int32_t target_of(const struct unit *u, const struct ir *i)
{
    return live_from(u, u->labels[i->label]);
}

static int32_t label_at(struct compiler *c, int32_t index)
{
    int32_t label = label_new(c);
    c->unit->labels[label] = index;
    return label;
}

/* ---- Jumps */

static bool is_truth_jump(uint8_t op)
{
    return op == OPCODE_JUMP_IF_TRUE || op == OPCODE_JUMP_IF_FALSE;
}

/* May a jump of `from` that leads to the jump `to` go to its target at once? */
static bool may_skip(const struct ir *from, const struct ir *to)
{
    return to->no_line || from->pos.line == to->pos.line;
}

static void thread_jump(struct compiler *c, struct unit *u, int32_t index)
{
    enum { MAX_STEPS = 16 };
    for (int step = 0; step < MAX_STEPS; step++) {
        struct ir *from = &u->code[index];
        int32_t target = target_of(u, from);
        if (target >= u->count || target == index) {
            return;
        }
        const struct ir *to = &u->code[target];
        if (to->op == OPCODE_JUMP && may_skip(from, to) && to->label != from->label) {
            from->label = to->label;
        } else if (is_truth_jump(from->op) && is_truth_jump(to->op) && from->a == to->a) {
            /* The second test of the same register is decided by the first. */
            from->label = from->op == to->op ? to->label : label_at(c, target + 1);
        } else {
            return;
        }
    }
}

static void thread_jumps(struct compiler *c, struct unit *u)
{
    for (int32_t i = 0; i < u->count; i++) {
        if (!u->code[i].dead && u->code[i].label >= 0 && u->code[i].op != OPCODE_SEND) {
            thread_jump(c, u, i);
        }
    }
}

/* A return without a line is copied to every jump that leads there, so that it has the line of the
 * statement before it. */
static void copy_returns(struct compiler *c, struct unit *u)
{
    int32_t count = u->count;
    for (int32_t i = 0; i < count; i++) {
        if (u->code[i].dead || u->code[i].label < 0) {
            continue;
        }
        int32_t target = target_of(u, &u->code[i]);
        if (target >= u->count || u->code[target].op != OPCODE_RETURN_NONE ||
            !u->code[target].no_line) {
            continue;
        }
        if (u->code[i].op == OPCODE_JUMP) {
            u->code[i].op = OPCODE_RETURN_NONE;
            u->code[i].label = -1;
            continue;
        }
        struct source_position pos = u->code[i].pos;
        int32_t label = label_at(c, u->count);
        u->code[i].label = label;
        struct ir *copy = emit(c, OPCODE_RETURN_NONE, 0, 0, 0, 0);
        copy->pos = pos;
        copy->handler = -1;
    }
}

/* ---- Dead code */

static void mark(const struct unit *u, bool *seen, int32_t *stack, int32_t *depth, int32_t index)
{
    if (index < u->count && !seen[index]) {
        seen[index] = true;
        stack[(*depth)++] = index;
    }
}

static void remove_unreachable(struct compiler *c, struct unit *u)
{
    bool *seen = region_alloc(c, (size_t)u->count + 1);
    int32_t *stack = region_alloc(c, ((size_t)u->count + 1) * sizeof *stack);
    int32_t depth = 0;
    mark(u, seen, stack, &depth, live_from(u, 0));
    while (depth > 0) {
        int32_t index = stack[--depth];
        const struct ir *i = &u->code[index];
        if (!ends_flow(i->op)) {
            mark(u, seen, stack, &depth, live_from(u, index + 1));
        }
        if (i->label >= 0) {
            mark(u, seen, stack, &depth, target_of(u, i));
        }
        if (i->handler >= 0) {
            mark(u, seen, stack, &depth, live_from(u, u->labels[u->handlers[i->handler].label]));
        }
    }
    for (int32_t i = 0; i < u->count; i++) {
        u->code[i].dead |= !seen[i];
    }
}

/* ---- Lines */

/* Artificial instructions take the position of what runs before them. */
static void spread_lines(struct compiler *c, struct unit *u)
{
    int32_t *jumper = region_alloc(c, ((size_t)u->count + 1) * sizeof *jumper);
    for (int32_t i = 0; i < u->count; i++) {
        if (!u->code[i].dead && u->code[i].label >= 0) {
            int32_t target = target_of(u, &u->code[i]);
            if (jumper[target] == 0) {
                jumper[target] = i + 1;
            }
        }
    }
    int32_t previous = -1;
    for (int32_t i = 0; i < u->count; i++) {
        struct ir *x = &u->code[i];
        if (x->dead) {
            continue;
        }
        if (x->no_line) {
            int32_t from =
                previous >= 0 && !ends_flow(u->code[previous].op) ? previous : jumper[i] - 1;
            x->pos = from >= 0      ? u->code[from].pos
                     : previous < 0 ? (struct source_position){u->first_line, u->first_line, 0, 0}
                                    : (struct source_position){-1, -1, -1, -1};
        }
        previous = i;
    }
}

static bool *find_targets(struct compiler *c, struct unit *u)
{
    bool *targets = region_alloc(c, (size_t)u->count + 1);
    for (int32_t i = 0; i < u->count; i++) {
        if (!u->code[i].dead && u->code[i].label >= 0) {
            targets[target_of(u, &u->code[i])] = true;
        }
    }
    for (int32_t i = 0; i < u->handler_count; i++) {
        targets[live_from(u, u->labels[u->handlers[i].label])] = true;
    }
    return targets;
}

/* Would removing an instruction that does nothing make its line disappear? */
static bool line_shows(const struct unit *u, const bool *targets, int32_t index, int32_t previous)
{
    const struct ir *x = &u->code[index];
    if (x->pos.line < 0 || x->no_line) {
        return false;
    }
    if (previous >= 0 && !targets[index] && u->code[previous].pos.line == x->pos.line) {
        return false;
    }
    int32_t next = live_from(u, index + 1);
    return next >= u->count || u->code[next].pos.line != x->pos.line;
}

static void remove_nops(struct compiler *c, struct unit *u)
{
    bool *targets = find_targets(c, u);
    int32_t previous = -1;
    for (int32_t i = 0; i < u->count; i++) {
        struct ir *x = &u->code[i];
        if (x->dead) {
            continue;
        }
        if (x->op == OPCODE_JUMP && target_of(u, x) == live_from(u, i + 1)) {
            x->op = OPCODE_NOP;
            x->label = -1;
        }
        if (x->op == OPCODE_NOP && !line_shows(u, targets, i, previous)) {
            x->dead = true;
            int32_t next = live_from(u, i + 1);
            targets[next] |= targets[i];
            continue;
        }
        previous = i;
    }
}

/* ---- Checks of locals: a forward analysis of which locals are bound on all paths. */

struct flow {
    struct unit *u;
    size_t words;
    int32_t *block_of; /* for leaders: block number + 1, else 0 */
    uint64_t *in;      /* per block */
    bool *reached, *queued;
    int32_t *start; /* per block: first instruction */
    int32_t *queue, queue_count, block_count;
    uint64_t *state;
};

static bool writes_a(uint8_t op)
{
    switch (op) {
    case OPCODE_MOVE:
    case OPCODE_LOAD_CONST:
    case OPCODE_LOAD_INT:
    case OPCODE_LOAD_DEREF:
    case OPCODE_LOAD_CLASSDEREF:
    case OPCODE_LOAD_GLOBAL:
    case OPCODE_LOAD_NAME:
    case OPCODE_LOAD_ATTR:
    case OPCODE_LOAD_ITEM:
    case OPCODE_LOAD_SLICE:
    case OPCODE_BUILD_SLICE:
    case OPCODE_BINARY:
    case OPCODE_INPLACE:
    case OPCODE_BINARY_IMM:
    case OPCODE_INPLACE_IMM:
    case OPCODE_UNARY:
    case OPCODE_NOT:
    case OPCODE_COMPARE:
    case OPCODE_IS:
    case OPCODE_CONTAINS:
    case OPCODE_GET_ITER:
    case OPCODE_BUILD_TUPLE:
    case OPCODE_BUILD_LIST:
    case OPCODE_BUILD_LIST_FOR:
    case OPCODE_BUILD_CONST_LIST:
    case OPCODE_BUILD_SET:
    case OPCODE_BUILD_MAP:
    case OPCODE_BUILD_STRING:
    case OPCODE_FORMAT_VALUE:
    case OPCODE_LIST_TO_TUPLE:
    case OPCODE_MAKE_FUNCTION:
    case OPCODE_MAKE_COMPREHENSION:
    case OPCODE_YIELD_VALUE:
    case OPCODE_IMPORT_NAME:
    case OPCODE_IMPORT_FROM:
    case OPCODE_CHECK_LOCAL: return true;
    default: return false;
    }
}

static void set_bit(uint64_t *bits, size_t i)
{
    bits[i / 64] |= (uint64_t)1 << (i % 64);
}
static void clear_bit(uint64_t *bits, size_t i)
{
    bits[i / 64] &= ~((uint64_t)1 << (i % 64));
}
static bool get_bit(const uint64_t *bits, size_t i)
{
    return bits[i / 64] >> (i % 64) & 1;
}

static void define_range(const struct flow *f, int32_t first, int32_t count)
{
    for (int32_t i = first; i < first + count && i < f->u->fast_count; i++) {
        set_bit(f->state, (size_t)i);
    }
}

/* Applies an instruction to the state. True if it unbinds something. */
static bool apply(const struct flow *f, const struct ir *i)
{
    if (i->op == OPCODE_UNPACK_SEQUENCE) {
        define_range(f, i->a, i->c);
    } else if (i->op == OPCODE_UNPACK_EX) {
        define_range(f, i->a, i->c + i->d + 1);
    } else if (i->a < f->u->fast_count) {
        if (i->op == OPCODE_DELETE_LOCAL || i->op == OPCODE_LOAD_NULL) {
            clear_bit(f->state, (size_t)i->a);
            return true;
        }
        if (writes_a(i->op)) {
            set_bit(f->state, (size_t)i->a);
        }
    }
    return false;
}

/* Narrows what is known at the start of the block at an instruction. */
static void flow_to(struct flow *f, int32_t index)
{
    int32_t block = f->block_of[index] - 1;
    if (block < 0) {
        return;
    }
    uint64_t *in = &f->in[(size_t)block * f->words];
    bool changed = !f->reached[block];
    for (size_t w = 0; w < f->words; w++) {
        uint64_t narrowed = f->reached[block] ? in[w] & f->state[w] : f->state[w];
        changed |= narrowed != in[w];
        in[w] = narrowed;
    }
    f->reached[block] = true;
    if (changed && !f->queued[block]) {
        f->queued[block] = true;
        f->queue[f->queue_count++] = block;
    }
}

static void flow_to_handler(struct flow *f, const struct ir *i)
{
    if (i->handler >= 0) {
        flow_to(f, live_from(f->u, f->u->labels[f->u->handlers[i->handler].label]));
    }
}

/* The item of a loop is bound on the way to the body only. */
static void flow_to_target(struct flow *f, const struct ir *i)
{
    bool loop = i->op == OPCODE_FOR_LOOP && i->a < f->u->fast_count;
    bool was = loop && get_bit(f->state, (size_t)i->a);
    if (loop) {
        set_bit(f->state, (size_t)i->a);
    }
    flow_to(f, target_of(f->u, i));
    if (loop && !was) {
        clear_bit(f->state, (size_t)i->a);
    }
}

static void run_block(struct flow *f, int32_t block)
{
    struct unit *u = f->u;
    memcpy(f->state, &f->in[(size_t)block * f->words], f->words * sizeof *f->state);
    int32_t handler = -1;
    for (int32_t i = f->start[block];;) {
        const struct ir *x = &u->code[i];
        if (x->handler != handler) {
            handler = x->handler;
            flow_to_handler(f, x);
        }
        if (apply(f, x)) {
            flow_to_handler(f, x);
        }
        if (x->label >= 0) {
            flow_to_target(f, x);
        }
        if (ends_flow(x->op)) {
            return;
        }
        i = live_from(u, i + 1);
        if (i >= u->count) {
            return;
        }
        if (f->block_of[i] != 0) {
            flow_to(f, i);
            return;
        }
    }
}

static void remove_checks_in(struct flow *f, int32_t block)
{
    struct unit *u = f->u;
    memcpy(f->state, &f->in[(size_t)block * f->words], f->words * sizeof *f->state);
    for (int32_t i = f->start[block];;) {
        struct ir *x = &u->code[i];
        bool known = x->op == OPCODE_CHECK_LOCAL && get_bit(f->state, (size_t)x->a);
        apply(f, x);
        if (ends_flow(x->op)) {
            x->dead |= known;
            return;
        }
        int32_t next = live_from(u, i + 1);
        if (known) { /* becomes a NOP: whether its line shows is looked at later */
            x->op = OPCODE_NOP;
        }
        if (next >= u->count || f->block_of[next] != 0) {
            return;
        }
        i = next;
    }
}

static bool has_checks(const struct unit *u)
{
    for (int32_t i = 0; i < u->count; i++) {
        if (!u->code[i].dead && u->code[i].op == OPCODE_CHECK_LOCAL) {
            return true;
        }
    }
    return false;
}

static void add_leader(struct flow *f, int32_t index)
{
    if (index < f->u->count && f->block_of[index] == 0) {
        f->start[f->block_count] = index;
        f->block_of[index] = ++f->block_count;
    }
}

static void find_leaders(struct flow *f)
{
    struct unit *u = f->u;
    add_leader(f, live_from(u, 0));
    for (int32_t i = 0; i < u->count; i++) {
        const struct ir *x = &u->code[i];
        if (x->dead) {
            continue;
        }
        if (x->label >= 0) {
            add_leader(f, target_of(u, x));
            add_leader(f, live_from(u, i + 1));
        } else if (ends_flow(x->op)) {
            add_leader(f, live_from(u, i + 1));
        }
        if (x->handler >= 0) {
            add_leader(f, live_from(u, u->labels[u->handlers[x->handler].label]));
        }
    }
}

static int parameter_count(const struct unit *u)
{
    return u->argcount + u->kwonlyargcount + u->scope->varargs + u->scope->varkeywords;
}

static void remove_checks(struct compiler *c, struct unit *u)
{
    enum { MAX_FLOW_WORDS = 1 << 22 };
    struct flow f = {.u = u, .words = ((size_t)u->fast_count + 63) / 64};
    if (u->fast_count == 0 || !has_checks(u)) {
        return;
    }
    size_t count = (size_t)u->count + 1;
    f.block_of = region_alloc(c, count * sizeof *f.block_of);
    f.start = region_alloc(c, count * sizeof *f.start);
    find_leaders(&f);
    if ((size_t)f.block_count * f.words > MAX_FLOW_WORDS) {
        return; /* the checks stay */
    }
    f.in = region_alloc(c, (size_t)f.block_count * f.words * sizeof *f.in);
    f.state = region_alloc(c, f.words * sizeof *f.state);
    f.reached = region_alloc(c, (size_t)f.block_count);
    f.queued = region_alloc(c, (size_t)f.block_count);
    f.queue = region_alloc(c, ((size_t)f.block_count + 1) * sizeof *f.queue);
    define_range(&f, 0, parameter_count(u));
    flow_to(&f, live_from(u, 0));
    while (f.queue_count > 0) {
        int32_t block = f.queue[--f.queue_count];
        f.queued[block] = false;
        run_block(&f, block);
    }
    for (int32_t i = 0; i < f.block_count; i++) {
        if (f.reached[i]) {
            remove_checks_in(&f, i);
        }
    }
}

void unit_optimize(struct compiler *c, struct unit *u)
{
    thread_jumps(c, u);
    remove_unreachable(c, u);
    copy_returns(c, u);
    remove_unreachable(c, u);
    remove_checks(c, u);
    spread_lines(c, u);
    remove_nops(c, u);
    remove_nops(c, u);
}
