/* SPDX-License-Identifier: MIT */
/* The matcher of regular expressions.
 *
 * It runs the code of a pattern with an explicit stack of choices instead of C recursion:
 *  - A choice is pushed where the match may go on in another way: the next alternative, one
 *    character less of a repeat, leaving a loop. It remembers pc, position, the current loop and
 *    how long the trail was.
 *  - The trail records every overwritten mark and loop counter. Failing pops the newest choice, and
 *    undoes the trail down to what the choice remembers.
 *  - Loops of more than one character (REPEAT .. UNTIL) have a record with their count and the
 * place where the last round began; records are allocated in a growing array and freed by
 * backtracking.
 *  - Assertions, atomic groups and possessive repeats push a barrier; when their body succeeds, all
 *    choices above the barrier are dropped. When it fails, the barrier itself is popped.
 * Nothing on the three stacks refers to objects: they live in malloc memory and may hold
 * millions of entries. Every so many steps the matcher stops at a safepoint.
 *
 * The body of the matcher is compiled three times, for characters of 1, 2 and 4 bytes. */
#include "module/sre_int.h"

#include <stdlib.h>
#include <string.h>

#include "object/unicode_data.h"

enum choice_kind {
    CHOICE_BRANCH,     /* pc: the next alternative's skip word */
    CHOICE_REPEAT_ONE, /* pc: the tail; low: position after the fewest characters */
    CHOICE_MIN_ONE,    /* pc: the MIN_REPEAT_ONE's skip word; low: characters taken */
    CHOICE_MAX_LEAVE,  /* pc: behind MAX_UNTIL; loop: the loop that is left */
    CHOICE_MIN_ROUND,  /* pc: behind MIN_UNTIL; loop: the loop that gets another round */
    BARRIER_ATOMIC,    /* pc: behind the group */
    BARRIER_ASSERT,    /* pc: behind the assertion */
    BARRIER_ASSERT_NOT,
    BARRIER_POSSESSIVE, /* pc: the skip word; low: rounds done */
};

struct choice {
    uint32_t kind, pc;
    Py_ssize_t position, low;
    size_t trail;
    int32_t loop, loops; /* the current loop, and how many loop records there were */
    Py_ssize_t lastindex;
    Py_ssize_t barrier; /* of barriers: the one below; -1: none */
};

struct loop {
    uint32_t pc;   /* the REPEAT's skip word */
    int32_t outer; /* -1: none */
    Py_ssize_t count, last;
};

/* An old value of a mark (index >= 0) or of a loop's count and last (index = -1 - loop). */
struct undo {
    Py_ssize_t index, value, last;
};

struct sre_stack {
    struct choice *choices;
    struct loop *loops;
    struct undo *trail;
    size_t choice_count, choice_capacity, trail_count, trail_capacity, loop_count, loop_capacity;
};

/* Stacks that wait for the next match, one for each of a few slots; a thread looks into the slot
 * that its record's address chooses. Atomic: whoever takes a pointer out owns the stack. */
enum { SPARE_SLOTS = 64, SPARE_LIMIT = 4096 };
static struct sre_stack *spares[SPARE_SLOTS];

static struct sre_stack **spare_slot(void)
{
    return &spares[((uintptr_t)thread_current() >> 10) % SPARE_SLOTS];
}

void sre_stack_release(struct sre_stack *stack)
{
    if (stack == NULL) {
        return;
    }
    bool small = stack->choice_capacity <= SPARE_LIMIT && stack->loop_capacity <= SPARE_LIMIT &&
                 stack->trail_capacity <= SPARE_LIMIT;
    struct sre_stack *empty = NULL;
    if (small && atomic_cas_acq_rel(spare_slot(), empty, stack)) {
        return;
    }
    free(stack->choices);
    free(stack->loops);
    free(stack->trail);
    free(stack);
}

static bool grow(void **array, size_t *capacity, size_t item)
{
    size_t wanted = *capacity == 0 ? 32 : *capacity * 2;
    void *bigger = realloc(*array, wanted * item);
    if (bigger == NULL) {
        return false;
    }
    *array = bigger;
    *capacity = wanted;
    return true;
}

static inline struct choice *push_choice(struct sre_stack *k)
{
    if (UNLIKELY(k->choice_count == k->choice_capacity) &&
        !grow((void **)&k->choices, &k->choice_capacity, sizeof *k->choices)) {
        return NULL;
    }
    return &k->choices[k->choice_count++];
}

static inline bool push_undo(struct sre_stack *k, struct undo u)
{
    if (k->choice_count == 0) {
        return true; /* there is nothing to go back to */
    }
    if (UNLIKELY(k->trail_count == k->trail_capacity) &&
        !grow((void **)&k->trail, &k->trail_capacity, sizeof *k->trail)) {
        return false;
    }
    k->trail[k->trail_count++] = u;
    return true;
}

static bool push_loop(struct sre_stack *k, struct loop l)
{
    if (k->loop_count == k->loop_capacity &&
        !grow((void **)&k->loops, &k->loop_capacity, sizeof *k->loops)) {
        return false;
    }
    k->loops[k->loop_count++] = l;
    return true;
}

static void undo_to(struct sre_state *s, size_t trail)
{
    struct sre_stack *k = s->stack;
    while (k->trail_count > trail) {
        const struct undo *u = &k->trail[--k->trail_count];
        if (u->index >= 0) {
            s->marks[u->index] = u->value;
        } else {
            k->loops[-1 - u->index].count = u->value;
            k->loops[-1 - u->index].last = u->last;
        }
    }
}

static bool set_loop(struct sre_stack *k, int32_t loop, Py_ssize_t count, Py_ssize_t last)
{
    struct loop *l = &k->loops[loop];
    if (!push_undo(k, (struct undo){-1 - loop, l->count, l->last})) {
        return false;
    }
    l->count = count;
    l->last = last;
    return true;
}

static bool is_word_for(uint32_t at, uint32_t c)
{
    static const uint32_t word[4] = {0, 0x03ff0000, 0x87fffffe, 0x07fffffe};
    bool locale = at == SRE_AT_LOC_BOUNDARY || at == SRE_AT_LOC_NON_BOUNDARY;
    if (LIKELY(c < 128 && !locale)) {
        return word[c >> 5] >> (c & 31) & 1;
    }
    uint32_t category = at == SRE_AT_BOUNDARY || at == SRE_AT_NON_BOUNDARY ? 4 : locale ? 8 : 14;
    return sre_category(category, c);
}

static inline bool bit(const uint32_t *bitmap, uint32_t c)
{
    return bitmap[c >> 5] >> (c & 31) & 1;
}

/* Of the IN family. */
static inline bool is_in(const struct sre_program *p, uint32_t pc, uint32_t c)
{
    if (LIKELY(c < 256 && p->sets[pc] != 0)) {
        return bit(p->bitmaps + 8 * (p->sets[pc] - 1), c);
    }
    return sre_in(p->code[pc], p->code + pc + 2, c);
}

bool sre_matches_one(const struct sre_program *p, uint32_t pc, uint32_t c)
{
    const uint32_t *code = p->code + pc;
    switch (code[0]) {
    case SRE_ANY: return c != '\n';
    case SRE_ANY_ALL: return true;
    case SRE_LITERAL: return c == code[1];
    case SRE_NOT_LITERAL: return c != code[1];
    case SRE_LITERAL_IGNORE: return sre_lower_ascii(c) == code[1];
    case SRE_NOT_LITERAL_IGNORE: return sre_lower_ascii(c) != code[1];
    case SRE_LITERAL_UNI_IGNORE: return char_to_lower(c) == code[1];
    case SRE_NOT_LITERAL_UNI_IGNORE: return char_to_lower(c) != code[1];
    case SRE_LITERAL_LOC_IGNORE:
    case SRE_NOT_LITERAL_LOC_IGNORE:
        return (c == code[1] || sre_lower_locale(c) == code[1] || sre_upper_locale(c) == code[1]) ==
               (code[0] == SRE_LITERAL_LOC_IGNORE);
    case SRE_CATEGORY: return sre_category(code[1], c);
    default: return is_in(p, pc, c);
    }
}

#define CHAR Py_UCS1
#define NAME(x) x##_1
#include "module/sre_match_template.h"
#undef CHAR
#undef NAME
#define CHAR Py_UCS2
#define NAME(x) x##_2
#include "module/sre_match_template.h"
#undef CHAR
#undef NAME
#define CHAR Py_UCS4
#define NAME(x) x##_4
#include "module/sre_match_template.h"
#undef CHAR
#undef NAME

/* ---- Entry. */

static int prepare(struct sre_state *s)
{
    if (s->stack == NULL) {
        s->stack = atomic_exchange_acq_rel(spare_slot(), NULL);
    }
    if (s->stack == NULL) {
        s->stack = calloc(1, sizeof *s->stack);
        if (s->stack == NULL) {
            error_no_memory();
            return -1;
        }
    }
    return 0;
}

int sre_match(struct sre_state *s)
{
    if (prepare(s) < 0) {
        return -1;
    }
    return s->width == 1   ? run_1(s, s->start)
           : s->width == 2 ? run_2(s, s->start)
                           : run_4(s, s->start);
}

int sre_search(struct sre_state *s)
{
    if (prepare(s) < 0) {
        return -1;
    }
    return s->width == 1 ? search_1(s) : s->width == 2 ? search_2(s) : search_4(s);
}
