/* SPDX-License-Identifier: MIT */
/* The matcher for one width of characters: included by sre_engine.c with CHAR and NAME defined. */

/* How many characters from `position` on, at most `most`, match the instruction at pc. */
static Py_ssize_t NAME(count)(const struct sre_state *s, uint32_t pc, Py_ssize_t position,
                              Py_ssize_t most)
{
    const struct sre_program *p = s->program;
    const CHAR *start = (const CHAR *)s->data + position, *c = start;
    const CHAR *end = (const CHAR *)s->data + s->end;
    if (most < end - c) {
        end = c + most;
    }
    const uint32_t *code = p->code + pc;
    switch (code[0]) {
    case SRE_ANY_ALL: return end - start;
    case SRE_ANY:
        if (sizeof(CHAR) == 1) {
            const void *newline = memchr(c, '\n', (size_t)(end - c));
            return newline != NULL ? (const CHAR *)newline - start : end - start;
        }
        while (c < end && *c != '\n') {
            c++;
        }
        return c - start;
    case SRE_LITERAL:
        while (c < end && *c == code[1]) {
            c++;
        }
        return c - start;
    case SRE_NOT_LITERAL:
        if (sizeof(CHAR) == 1 && code[1] < 256) {
            const void *found = memchr(c, (int)code[1], (size_t)(end - c));
            return found != NULL ? (const CHAR *)found - start : end - start;
        }
        while (c < end && *c != code[1]) {
            c++;
        }
        return c - start;
    default: break;
    }
    if (p->sets[pc] != 0) {
        const uint32_t *bitmap = p->bitmaps + 8 * (p->sets[pc] - 1);
        while (c < end) {
            uint32_t ch = *c;
            bool in = ch < 256 ? bit(bitmap, ch) : sre_in(code[0], code + 2, ch);
            if (!in) {
                break;
            }
            c++;
        }
        return c - start;
    }
    while (c < end && sre_matches_one(p, pc, *c)) {
        c++;
    }
    return c - start;
}

static bool NAME(at)(const struct sre_state *s, uint32_t at, Py_ssize_t position)
{
    const CHAR *text = s->data;
    switch (at) {
    case SRE_AT_BEGINNING:
    case SRE_AT_BEGINNING_STRING: return position == s->begin;
    case SRE_AT_BEGINNING_LINE: return position == s->begin || text[position - 1] == '\n';
    case SRE_AT_END:
        return position == s->end || (position + 1 == s->end && text[position] == '\n');
    case SRE_AT_END_LINE: return position == s->end || text[position] == '\n';
    case SRE_AT_END_STRING: return position == s->end;
    default: break;
    }
    if (s->begin == s->end) {
        return false;
    }
    bool before = position > s->begin && is_word_for(at, text[position - 1]);
    bool here = position < s->end && is_word_for(at, text[position]);
    bool negated =
        at == SRE_AT_NON_BOUNDARY || at == SRE_AT_LOC_NON_BOUNDARY || at == SRE_AT_UNI_NON_BOUNDARY;
    return (before != here) != negated;
}

static uint32_t NAME(fold)(uint32_t op, uint32_t c)
{
    return op == SRE_GROUPREF_IGNORE       ? sre_lower_ascii(c)
           : op == SRE_GROUPREF_UNI_IGNORE ? char_to_lower(c)
           : op == SRE_GROUPREF_LOC_IGNORE ? sre_lower_locale(c)
                                           : c;
}

/* The length of the group's text if it stands at position too, else -1. */
static Py_ssize_t NAME(same_text)(const struct sre_state *s, uint32_t op, uint32_t group,
                                  Py_ssize_t position)
{
    const CHAR *text = s->data;
    Py_ssize_t from = s->marks[2 * group], to = s->marks[2 * group + 1];
    if (from < 0 || to < from || to - from > s->end - position) {
        return -1;
    }
    for (Py_ssize_t i = 0; i < to - from; i++) {
        if (NAME(fold)(op, text[from + i]) != NAME(fold)(op, text[position + i])) {
            return -1;
        }
    }
    return to - from;
}

/* May a match go on at position with the code whose first set is noted at `place`? */
static ALWAYS_INLINE bool NAME(may_follow)(const struct sre_state *s, size_t place,
                                           Py_ssize_t position)
{
    const struct sre_program *p = s->program;
    if (p->first_of[place] == 0) {
        return true;
    }
    const struct sre_first *f = &p->first[p->first_of[place] - 1];
    if (position >= s->end) {
        return f->end;
    }
    uint32_t c = ((const CHAR *)s->data)[position];
    return c < 256 ? bit(f->bitmap, c) : f->beyond;
}

/* A REPEAT_ONE's tail at `place` starts with no character that is repeated. */
static ALWAYS_INLINE bool NAME(is_disjoint)(const struct sre_state *s, size_t place)
{
    uint32_t i = s->program->first_of[place];
    return i != 0 && (sizeof(CHAR) == 1 ? s->program->first[i - 1].disjoint_narrow
                                        : s->program->first[i - 1].disjoint);
}

/* The last position from `position` down to `low` where the tail of the REPEAT_ONE at `place` may
 * start; -1 if there is none. */
static ALWAYS_INLINE Py_ssize_t NAME(last_start)(const struct sre_state *s, size_t place,
                                                 Py_ssize_t position, Py_ssize_t low)
{
    while (!NAME(may_follow)(s, place, position)) {
        if (--position < low) {
            return -1;
        }
    }
    return position;
}

/* Runs the code on the subject from `start`. 1, 0, or -1 with an exception set. */
static int NAME(run)(struct sre_state *s, Py_ssize_t start)
{
    const struct sre_program *program = s->program;
    const uint32_t *code = program->code;
    const CHAR *text = s->data;
    const Py_ssize_t end = s->end;
    struct sre_stack *k = s->stack;
    Py_ssize_t position = start, barrier = -1;
    uint32_t pc = 0, steps = 0;
    int32_t loop = -1;
    k->choice_count = k->trail_count = k->loop_count = 0;
    s->lastindex = -1;
    for (size_t i = 0; i < 2 * program->groups; i++) {
        s->marks[i] = -1;
    }

/* Pushes a choice and fills what all kinds share. */
#define CHOOSE(kind_, pc_, low_)                                                                   \
    do {                                                                                           \
        struct choice *new_choice = push_choice(k);                                                \
        if (new_choice == NULL) {                                                                  \
            goto no_memory;                                                                        \
        }                                                                                          \
        *new_choice = (struct choice){                                                             \
            (kind_),      (pc_),  position, (low_), k->trail_count, loop, (int32_t)k->loop_count,  \
            s->lastindex, barrier};                                                                \
    } while (0)
#define RAISE_BARRIER(kind_, pc_, low_)                                                            \
    do {                                                                                           \
        CHOOSE(kind_, pc_, low_);                                                                  \
        barrier = (Py_ssize_t)k->choice_count - 1;                                                 \
    } while (0)

    for (;;) {
        switch (code[pc]) {
        case SRE_LITERAL:
            if (position >= end || text[position] != code[pc + 1]) {
                goto fail;
            }
            position++;
            pc += 2;
            continue;
        case SRE_ANY:
        case SRE_ANY_ALL:
            if (position >= end || (code[pc] == SRE_ANY && text[position] == '\n')) {
                goto fail;
            }
            position++;
            pc += 1;
            continue;
        case SRE_NOT_LITERAL:
        case SRE_LITERAL_IGNORE:
        case SRE_NOT_LITERAL_IGNORE:
        case SRE_LITERAL_UNI_IGNORE:
        case SRE_NOT_LITERAL_UNI_IGNORE:
        case SRE_LITERAL_LOC_IGNORE:
        case SRE_NOT_LITERAL_LOC_IGNORE:
        case SRE_CATEGORY:
            if (position >= end || !sre_matches_one(program, pc, text[position])) {
                goto fail;
            }
            position++;
            pc += 2;
            continue;
        case SRE_IN:
        case SRE_IN_IGNORE:
        case SRE_IN_UNI_IGNORE:
        case SRE_IN_LOC_IGNORE:
            if (position >= end || !is_in(program, pc, text[position])) {
                goto fail;
            }
            position++;
            pc += 1 + code[pc + 1];
            continue;
        case SRE_MARK: {
            uint32_t i = code[pc + 1];
            if (!push_undo(k, (struct undo){i, s->marks[i], 0})) {
                goto no_memory;
            }
            s->marks[i] = position;
            if (i & 1) {
                s->lastindex = i / 2 + 1;
            }
            pc += 2;
            continue;
        }
        case SRE_AT:
            if (!NAME(at)(s, code[pc + 1], position)) {
                goto fail;
            }
            pc += 2;
            continue;
        case SRE_JUMP: pc += 1 + code[pc + 1]; continue;
        case SRE_INFO: pc += 1 + code[pc + 1]; continue;
        case SRE_BRANCH: pc += 1; goto alternative;
        case SRE_GROUPREF:
        case SRE_GROUPREF_IGNORE:
        case SRE_GROUPREF_LOC_IGNORE:
        case SRE_GROUPREF_UNI_IGNORE: {
            Py_ssize_t length = NAME(same_text)(s, code[pc], code[pc + 1], position);
            if (length < 0) {
                goto fail;
            }
            position += length;
            pc += 2;
            continue;
        }
        case SRE_GROUPREF_EXISTS: {
            uint32_t i = code[pc + 1];
            bool set = s->marks[2 * i] >= 0 && s->marks[2 * i + 1] >= s->marks[2 * i];
            pc += set ? 3 : 1 + code[pc + 2]; /* the skip counts from its own place, less one */
            continue;
        }
        case SRE_REPEAT_ONE: {
            /* <skip> <min> <max> one SUCCESS tail */
            Py_ssize_t min = code[pc + 2], max = code[pc + 3];
            if (min > end - position) {
                goto fail;
            }
            Py_ssize_t taken = NAME(count)(s, pc + 4, position,
                                           max == (Py_ssize_t)SRE_MAXREPEAT ? end - position : max);
            if (taken < min) {
                goto fail;
            }
            Py_ssize_t low = position + min;
            uint32_t tail = pc + 1 + code[pc + 1];
            position += taken;
            if (NAME(is_disjoint)(s, pc)) {
                if (!NAME(may_follow)(s, pc, position)) {
                    goto fail;
                }
            } else if (position > low && !(code[tail] == SRE_SUCCESS && barrier < 0 && !s->full)) {
                position = NAME(last_start)(s, pc, position, low);
                if (position < 0) {
                    goto fail;
                }
                if (position > low) {
                    position--;
                    CHOOSE(CHOICE_REPEAT_ONE, pc, low);
                    position++;
                }
            }
            pc = tail;
            continue;
        }
        case SRE_POSSESSIVE_REPEAT_ONE: {
            Py_ssize_t min = code[pc + 2], max = code[pc + 3];
            Py_ssize_t taken = NAME(count)(s, pc + 4, position,
                                           max == (Py_ssize_t)SRE_MAXREPEAT ? end - position : max);
            if (taken < min) {
                goto fail;
            }
            position += taken;
            pc += 1 + code[pc + 1];
            continue;
        }
        case SRE_MIN_REPEAT_ONE: {
            Py_ssize_t min = code[pc + 2];
            if (min > 0) {
                if (min > end - position || NAME(count)(s, pc + 4, position, min) < min) {
                    goto fail;
                }
                position += min;
            }
            CHOOSE(CHOICE_MIN_ONE, pc + 1, min);
            pc += 1 + code[pc + 1];
            continue;
        }
        case SRE_REPEAT:
            if (code[pc + 2] == 0 && !NAME(may_follow)(s, pc, position)) {
                pc += 2 + code[pc + 1];
                continue;
            }
            if (!push_loop(k, (struct loop){pc + 1, loop, -1, -1})) {
                goto no_memory;
            }
            loop = (int32_t)k->loop_count - 1;
            pc += 1 + code[pc + 1];
            continue;
        case SRE_MAX_UNTIL: {
            const struct loop *l = &k->loops[loop];
            uint32_t body = l->pc;
            Py_ssize_t rounds = l->count + 1, last = l->last;
            if (rounds < (Py_ssize_t)code[body + 1]) {
                if (!set_loop(k, loop, rounds, last)) {
                    goto no_memory;
                }
                pc = body + 3;
                continue;
            }
            bool more = (rounds < (Py_ssize_t)code[body + 2] || code[body + 2] == SRE_MAXREPEAT) &&
                        position != last && NAME(may_follow)(s, body - 1, position);
            if (more) {
                if (NAME(may_follow)(s, pc, position)) {
                    CHOOSE(CHOICE_MAX_LEAVE, pc + 1, 0);
                }
                if (!set_loop(k, loop, rounds, position)) {
                    goto no_memory;
                }
                pc = body + 3;
                continue;
            }
            loop = l->outer;
            pc += 1;
            continue;
        }
        case SRE_MIN_UNTIL: {
            const struct loop *l = &k->loops[loop];
            Py_ssize_t rounds = l->count + 1;
            if (rounds < (Py_ssize_t)code[l->pc + 1]) {
                uint32_t body = l->pc;
                if (!set_loop(k, loop, rounds, l->last)) {
                    goto no_memory;
                }
                pc = body + 3;
                continue;
            }
            CHOOSE(CHOICE_MIN_ROUND, pc + 1, 0);
            loop = k->loops[loop].outer;
            pc += 1;
            continue;
        }
        case SRE_POSSESSIVE_REPEAT:
            RAISE_BARRIER(BARRIER_POSSESSIVE, pc + 1, 0);
            if (code[pc + 3] == 0) {
                goto possessive_done;
            }
            pc += 4;
            continue;
        case SRE_ATOMIC_GROUP:
            RAISE_BARRIER(BARRIER_ATOMIC, pc + 1 + code[pc + 1], 0);
            pc += 2;
            continue;
        case SRE_ASSERT:
        case SRE_ASSERT_NOT: {
            Py_ssize_t back = code[pc + 2];
            bool negative = code[pc] == SRE_ASSERT_NOT;
            uint32_t behind = pc + 1 + code[pc + 1];
            if (position - s->begin < back) {
                if (!negative) {
                    goto fail;
                }
                pc = behind;
                continue;
            }
            RAISE_BARRIER(negative ? BARRIER_ASSERT_NOT : BARRIER_ASSERT, behind, 0);
            position -= back;
            pc += 3;
            continue;
        }
        case SRE_SUCCESS: {
            if (barrier < 0) {
                if ((s->full && position != end) || (s->must_advance && position == start)) {
                    goto fail;
                }
                s->start = start;
                s->position = position;
                return 1;
            }
            struct choice c = k->choices[barrier];
            if (c.kind == BARRIER_POSSESSIVE) {
                uint32_t skip = c.pc;
                Py_ssize_t rounds = c.low + 1;
                k->choice_count = (size_t)barrier;
                barrier = c.barrier;
                loop = c.loop;
                bool again =
                    (rounds < (Py_ssize_t)code[skip + 2] || code[skip + 2] == SRE_MAXREPEAT) &&
                    !(position == c.position && rounds >= (Py_ssize_t)code[skip + 1]);
                if (!again) {
                    pc = skip + code[skip] + 1;
                    continue;
                }
                RAISE_BARRIER(BARRIER_POSSESSIVE, skip, rounds);
                pc = skip + 3;
                continue;
            }
            k->choice_count = (size_t)barrier;
            barrier = c.barrier;
            loop = c.loop;
            if (c.kind == BARRIER_ASSERT_NOT) {
                undo_to(s, c.trail);
                k->loop_count = (size_t)c.loops;
                s->lastindex = c.lastindex;
                goto fail;
            }
            if (c.kind == BARRIER_ASSERT) {
                position = c.position;
            }
            pc = c.pc;
            continue;
        }
        default: goto fail; /* FAILURE */
        }

    alternative: /* pc: the skip word of an alternative; 0 ends them */
        while (code[pc] != 0 && !NAME(may_follow)(s, pc, position)) {
            pc += code[pc];
        }
        if (code[pc] == 0) {
            goto fail;
        }
        {
            uint32_t other = pc + code[pc];
            while (code[other] != 0 && !NAME(may_follow)(s, other, position)) {
                other += code[other];
            }
            if (code[other] != 0) {
                CHOOSE(CHOICE_BRANCH, other, 0);
            }
        }
        pc += 1;
        continue;

    possessive_done : {
        struct choice c = k->choices[barrier];
        k->choice_count = (size_t)barrier;
        barrier = c.barrier;
        pc = c.pc + code[c.pc] + 1;
        continue;
    }

    fail:
        if (UNLIKELY((++steps & 0x3fff) == 0) && thread_safepoint(thread_current()) < 0) {
            return -1;
        }
        if (k->choice_count == 0) {
            return 0;
        }
        struct choice *c = &k->choices[k->choice_count - 1];
        undo_to(s, c->trail);
        position = c->position;
        loop = c->loop;
        k->loop_count = (size_t)c->loops;
        s->lastindex = c->lastindex;
        pc = c->pc;
        switch (c->kind) {
        case CHOICE_BRANCH: k->choice_count--; goto alternative;
        case CHOICE_REPEAT_ONE: {
            /* The choice's position is the next one to try. */
            Py_ssize_t low = c->low;
            position = NAME(last_start)(s, pc, position, low);
            if (position > low) {
                c->position = position - 1;
            } else {
                k->choice_count--;
                if (position < 0) {
                    goto fail;
                }
            }
            pc += 1 + code[pc + 1];
            continue;
        }
        case CHOICE_MIN_ONE: {
            Py_ssize_t max = code[pc + 2];
            bool endless = code[pc + 2] == SRE_MAXREPEAT;
            uint32_t tail = pc + code[pc];
            do { /* one more, and on to where the tail may match */
                if ((!endless && c->low >= max) || position >= end ||
                    !sre_matches_one(program, pc + 3, text[position])) {
                    k->choice_count--;
                    goto fail;
                }
                position++;
                c->low++;
            } while (!NAME(may_follow)(s, pc - 1, position));
            c->position = position;
            pc = tail;
            continue;
        }
        case CHOICE_MAX_LEAVE:
            k->choice_count--;
            loop = k->loops[loop].outer;
            continue;
        case CHOICE_MIN_ROUND: {
            k->choice_count--;
            const struct loop *l = &k->loops[loop];
            uint32_t body = l->pc;
            Py_ssize_t rounds = l->count + 1;
            if ((rounds >= (Py_ssize_t)code[body + 2] && code[body + 2] != SRE_MAXREPEAT) ||
                position == l->last) {
                goto fail;
            }
            if (!set_loop(k, loop, rounds, position)) {
                goto no_memory;
            }
            pc = body + 3;
            continue;
        }
        case BARRIER_POSSESSIVE: {
            Py_ssize_t rounds = c->low;
            barrier = c->barrier;
            k->choice_count--;
            if (rounds < (Py_ssize_t)code[pc + 1]) {
                goto fail;
            }
            pc += code[pc] + 1;
            continue;
        }
        case BARRIER_ASSERT_NOT:
            barrier = c->barrier;
            k->choice_count--;
            continue;
        default: /* BARRIER_ATOMIC, BARRIER_ASSERT */
            barrier = c->barrier;
            k->choice_count--;
            goto fail;
        }
    }

no_memory:
    error_no_memory();
    return -1;
#undef CHOOSE
#undef RAISE_BARRIER
}

/* The next position from `from` up to `last` where the prefix stands, or -1. */
static Py_ssize_t NAME(find_prefix)(const struct sre_state *s, const uint32_t *prefix,
                                    Py_ssize_t length, Py_ssize_t from, Py_ssize_t last)
{
    const CHAR *text = s->data;
    CHAR first = (CHAR)prefix[0];
    for (Py_ssize_t i = 0; i < length; i++) {
        if (prefix[i] != (CHAR)prefix[i]) {
            return -1;
        }
    }
    if (last > s->end - length) {
        last = s->end - length;
    }
    while (from <= last) {
        if (sizeof(CHAR) == 1) {
            const CHAR *found = memchr(text + from, first, (size_t)(last - from + 1));
            if (found == NULL) {
                return -1;
            }
            from = found - text;
        } else if (text[from] != first) {
            from++;
            continue;
        }
        Py_ssize_t i = 1;
        while (i < length && text[from + i] == prefix[i]) {
            i++;
        }
        if (i == length) {
            return from;
        }
        from++;
    }
    return -1;
}

static void NAME(take_literal)(struct sre_state *s, Py_ssize_t position, Py_ssize_t length)
{
    s->start = position;
    s->position = position + length;
    s->lastindex = -1;
    for (size_t i = 0; i < 2 * s->program->groups; i++) {
        s->marks[i] = -1;
    }
}

/* The next position from `position` up to `last` where a match may start, or -1. */
static Py_ssize_t NAME(find_start)(const struct sre_state *s, const struct sre_first *first,
                                   Py_ssize_t position, Py_ssize_t last)
{
    const CHAR *text = s->data;
    Py_ssize_t stop = last < s->end ? last + 1 : s->end;
    for (; position < stop; position++) {
        uint32_t c = text[position];
        if (c < 256 ? bit(first->bitmap, c) : first->beyond) {
            return position;
        }
    }
    return position <= last && first->end ? position : -1;
}

/* A match that starts at s->start or later. */
static int NAME(search)(struct sre_state *s)
{
    const struct sre_program *p = s->program;
    const uint32_t *code = p->code;
    Py_ssize_t last = s->end, prefix_length = 0;
    const uint32_t *prefix = NULL, *start = code;
    const struct sre_first *first =
        p->first_of[p->size] != 0 ? &p->first[p->first_of[p->size] - 1] : NULL;
    bool literal = false;
    if (code[0] == SRE_INFO) {
        start += 1 + code[1];
        last = s->end - (Py_ssize_t)code[3];
        if (code[2] & SRE_INFO_PREFIX) {
            prefix_length = code[5];
            prefix = code + 7;
            literal = (code[2] & SRE_INFO_LITERAL) != 0 && !s->full;
        }
    }
    if (start[0] == SRE_AT &&
        (start[1] == SRE_AT_BEGINNING || start[1] == SRE_AT_BEGINNING_STRING)) {
        last = last < s->begin ? last : s->begin; /* it can start there only */
    }
    uint32_t steps = 0;
    for (Py_ssize_t position = s->start; position <= last; position++) {
        if (prefix != NULL) {
            position = NAME(find_prefix)(s, prefix, prefix_length, position, last);
        } else if (first != NULL) {
            position = NAME(find_start)(s, first, position, last);
        }
        if (position < 0) {
            return 0;
        }
        if (literal) {
            NAME(take_literal)(s, position, prefix_length);
            return 1;
        }
        int status = NAME(run)(s, position);
        if (status != 0) {
            return status;
        }
        s->must_advance = false;
        if (UNLIKELY((++steps & 0x3fff) == 0) && thread_safepoint(thread_current()) < 0) {
            return -1;
        }
    }
    return 0;
}
