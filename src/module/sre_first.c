/* SPDX-License-Identifier: MIT */
/* First sets: which characters may stand at a position where code is about to match. They are
 * computed once per pattern, for the places where the matcher chooses: a search's start, the
 * alternatives of a branch, the body of a loop and what follows it, the tail of a repeated
 * character. The matcher then leaves out choices that cannot succeed, and a repeat whose tail can
 * start with none of the repeated characters makes no choice at all.
 *
 * A set may be too large, never too small. So assertions count for nothing or for what they look
 * at, and code that may match nothing, or is too involved, gives the set of everything. */
#include "module/sre_int.h"

#include <string.h>

enum { MOST_STEPS = 400, MOST_DEPTH = 24 };

struct search {
    const struct sre_program *program;
    const uint32_t *repeats; /* for MAX_UNTIL and MIN_UNTIL: where their REPEAT stands */
    struct sre_first *set;
    int steps, depth;
    bool everything; /* gave up */
};

static void add_code(struct search *s, size_t pc);

/* The characters below 256 that the single-character instruction at pc takes; false if that changes
 * with the locale. */
static bool find_narrow(const struct sre_program *p, size_t pc, uint32_t bitmap[8])
{
    const uint32_t *code = p->code + pc;
    memset(bitmap, 0, 8 * sizeof *bitmap);
    switch (code[0]) {
    case SRE_LITERAL:
        if (code[1] < 256) {
            bitmap[code[1] >> 5] = 1u << (code[1] & 31);
        }
        return true;
    case SRE_IN:
    case SRE_IN_IGNORE:
    case SRE_IN_UNI_IGNORE:
        if (p->sets[pc] != 0) {
            memcpy(bitmap, p->bitmaps + 8 * (p->sets[pc] - 1), 8 * sizeof *bitmap);
        }
        return p->sets[pc] != 0;
    case SRE_IN_LOC_IGNORE:
    case SRE_LITERAL_LOC_IGNORE:
    case SRE_NOT_LITERAL_LOC_IGNORE: return false;
    default: break;
    }
    for (uint32_t c = 0; c < 256; c++) {
        bitmap[c >> 5] |= (uint32_t)sre_matches_one(p, (uint32_t)pc, c) << (c & 31);
    }
    return code[0] != SRE_CATEGORY || code[1] >> 1 != SRE_CATEGORY_LOC_WORD >> 1;
}

static void add_one(struct search *s, size_t pc)
{
    const uint32_t *code = s->program->code + pc;
    uint32_t bitmap[8];
    if (!find_narrow(s->program, pc, bitmap)) {
        s->everything = true;
        return;
    }
    for (int i = 0; i < 8; i++) {
        s->set->bitmap[i] |= bitmap[i];
    }
    s->set->beyond = s->set->beyond || code[0] != SRE_LITERAL || code[1] >= 256;
}

static void add_branch(struct search *s, size_t pc)
{
    const uint32_t *code = s->program->code;
    for (size_t i = pc + 1; code[i] != 0 && !s->everything; i += code[i]) {
        add_code(s, i + 1);
    }
}

/* What a loop may go on with: another round, or what is behind it. */
static void add_until(struct search *s, size_t pc)
{
    size_t repeat = s->repeats[pc];
    add_code(s, repeat + 4);
    add_code(s, pc + 1);
}

/* Of a lookahead: the body must match here too, so its set will do. */
static bool add_lookahead(struct search *s, size_t pc)
{
    const uint32_t *code = s->program->code + pc;
    if (code[0] != SRE_ASSERT || code[2] != 0) {
        return false;
    }
    struct sre_first set = *s->set;
    struct search body = *s;
    body.set = &set;
    add_code(&body, pc + 3);
    s->steps = body.steps;
    if (!body.everything) {
        *s->set = set;
    }
    return !body.everything;
}

/* Adds what the instruction at pc may take. Where code goes on if it may have taken nothing; else
 * 0, also after giving up. */
static size_t add_instruction(struct search *s, size_t pc)
{
    const uint32_t *code = s->program->code + pc;
    switch (code[0]) {
    case SRE_FAILURE: return 0;
    case SRE_ANY:
    case SRE_ANY_ALL:
    case SRE_LITERAL:
    case SRE_NOT_LITERAL:
    case SRE_LITERAL_IGNORE:
    case SRE_NOT_LITERAL_IGNORE:
    case SRE_LITERAL_UNI_IGNORE:
    case SRE_NOT_LITERAL_UNI_IGNORE:
    case SRE_CATEGORY:
    case SRE_IN:
    case SRE_IN_IGNORE:
    case SRE_IN_UNI_IGNORE: add_one(s, pc); return 0;
    case SRE_MARK: return pc + 2;
    case SRE_AT:
        if (code[1] == SRE_AT_END || code[1] == SRE_AT_END_LINE || code[1] == SRE_AT_END_STRING) {
            s->set->end = true;
            if (code[1] != SRE_AT_END_STRING) {
                s->set->bitmap[0] |= 1u << '\n';
            }
            return 0;
        }
        return pc + 2;
    case SRE_JUMP:
    case SRE_INFO: return pc + 1 + code[1];
    case SRE_BRANCH: add_branch(s, pc); return 0;
    case SRE_REPEAT_ONE:
    case SRE_MIN_REPEAT_ONE:
    case SRE_POSSESSIVE_REPEAT_ONE:
        if (code[3] > 0) {
            add_one(s, pc + 4);
        }
        return code[2] == 0 ? pc + 1 + code[1] : 0;
    case SRE_REPEAT: add_code(s, pc + 4); return code[2] == 0 ? pc + 2 + code[1] : 0;
    case SRE_MAX_UNTIL:
    case SRE_MIN_UNTIL: add_until(s, pc); return 0;
    case SRE_ATOMIC_GROUP: add_code(s, pc + 2); return 0;
    case SRE_ASSERT:
    case SRE_ASSERT_NOT: return add_lookahead(s, pc) ? 0 : pc + 1 + code[1];
    default: s->everything = true; return 0;
    }
}

static void add_code(struct search *s, size_t pc)
{
    if (++s->depth > MOST_DEPTH) {
        s->everything = true;
    }
    do {
        if (++s->steps > MOST_STEPS) {
            s->everything = true;
        }
        pc = s->everything ? 0 : add_instruction(s, pc);
    } while (pc != 0);
    s->depth--;
}

/* The set of the code at pc; false if it is that of everything. */
static bool find_first(const struct sre_program *program, const uint32_t *repeats, size_t pc,
                       struct sre_first *set)
{
    struct search s = {.program = program, .repeats = repeats, .set = set};
    memset(set, 0, sizeof *set);
    add_code(&s, pc);
    return !s.everything;
}

/* ---- Where they are wanted. */

struct filler {
    struct sre_program *program;
    uint32_t *repeats;
    size_t count; /* of sets */
};

static struct sre_first *add_set(struct filler *f, size_t at, size_t pc)
{
    struct sre_first *set = &f->program->first[f->count];
    if (!find_first(f->program, f->repeats, pc, set)) {
        return NULL;
    }
    f->program->first_of[at] = (uint32_t)++f->count;
    return set;
}

/* Does the tail of the REPEAT_ONE at pc start with no character that is repeated? */
static void note_disjoint(const struct sre_program *p, size_t pc, struct sre_first *tail)
{
    uint32_t repeated[8], common = 0;
    if (!find_narrow(p, pc + 4, repeated)) {
        return;
    }
    for (int i = 0; i < 8; i++) {
        common |= repeated[i] & tail->bitmap[i];
    }
    tail->disjoint_narrow = common == 0;
    tail->disjoint = common == 0 && !tail->beyond;
}

/* The size of the instruction at pc, the bodies of blocks left out. */
static size_t step(const uint32_t *code)
{
    switch (code[0]) {
    case SRE_SUCCESS:
    case SRE_FAILURE:
    case SRE_ANY:
    case SRE_ANY_ALL:
    case SRE_MAX_UNTIL:
    case SRE_MIN_UNTIL: return 1;
    case SRE_IN:
    case SRE_IN_IGNORE:
    case SRE_IN_UNI_IGNORE:
    case SRE_IN_LOC_IGNORE:
    case SRE_INFO: return 1 + code[1];
    case SRE_REPEAT_ONE:
    case SRE_MIN_REPEAT_ONE:
    case SRE_POSSESSIVE_REPEAT_ONE:
    case SRE_REPEAT:
    case SRE_POSSESSIVE_REPEAT: return 4;
    case SRE_ASSERT:
    case SRE_ASSERT_NOT:
    case SRE_GROUPREF_EXISTS: return 3;
    default: return 2; /* one operand, or the skip of an alternative or atomic group */
    }
}

/* Calls `visit` for each instruction from pc up to end, in blocks within blocks too. */
static void walk(struct filler *f, size_t pc, size_t end,
                 void (*visit)(struct filler *f, size_t pc))
{
    const uint32_t *code = f->program->code;
    while (pc < end) {
        visit(f, pc);
        if (code[pc] != SRE_BRANCH) {
            pc += step(code + pc);
            continue;
        }
        size_t i = pc + 1;
        for (; code[i] != 0; i += code[i]) {
            walk(f, i + 1, i + code[i], visit);
        }
        pc = i + 1;
    }
}

static void count_places(struct filler *f, size_t pc)
{
    const uint32_t *code = f->program->code + pc;
    switch (code[0]) {
    case SRE_BRANCH:
        for (size_t i = 1; code[i] != 0; i += code[i]) {
            f->count++;
        }
        break;
    case SRE_REPEAT_ONE:
    case SRE_MIN_REPEAT_ONE: f->count++; break;
    case SRE_REPEAT:
        f->repeats[pc + 1 + code[1]] = (uint32_t)pc;
        f->count += 2;
        break;
    default: break;
    }
}

static void fill_places(struct filler *f, size_t pc)
{
    const uint32_t *code = f->program->code + pc;
    switch (code[0]) {
    case SRE_BRANCH:
        for (size_t i = 1; code[i] != 0; i += code[i]) {
            add_set(f, pc + i, pc + i + 1);
        }
        break;
    case SRE_REPEAT_ONE: {
        struct sre_first *tail = add_set(f, pc, pc + 1 + code[1]);
        if (tail != NULL) {
            note_disjoint(f->program, pc, tail);
        }
        break;
    }
    case SRE_MIN_REPEAT_ONE: add_set(f, pc, pc + 1 + code[1]); break;
    case SRE_REPEAT:
        add_set(f, pc, pc + 4);
        add_set(f, pc + 1 + code[1], pc + 2 + code[1]);
        break;
    default: break;
    }
}

int sre_first_init(struct sre_program *program)
{
    struct filler f = {.program = program, .count = 1};
    size_t bytes = (program->size + 1) * sizeof(uint32_t);
    f.repeats = heap_alloc(bytes, CELL_RAW);
    program->first_of = heap_alloc(bytes, CELL_RAW);
    if (f.repeats != NULL && program->first_of != NULL) {
        walk(&f, 0, program->size, count_places);
        program->first = heap_alloc(f.count * sizeof *program->first, CELL_RAW);
    }
    if (program->first == NULL) {
        error_no_memory();
        return -1;
    }
    f.count = 0;
    walk(&f, 0, program->size, fill_places);
    add_set(&f, program->size, 0);
    return 0;
}
