/* SPDX-License-Identifier: MIT */
/* Programs of the regular expression engine: character classes, sets, and the check that every jump
 * and every operand lies within the code, so that the matcher need not look. */
#include "module/sre_int.h"

#include <ctype.h>
#include <string.h>

#include "object/unicode_data.h"

/* ---- Characters. */

static bool is_word_ascii(uint32_t c)
{
    return c < 128 && (ascii_is_alnum(c) || c == '_');
}
static bool is_word_locale(uint32_t c)
{
    return c < 256 && (isalnum((int)c) || c == '_');
}
static bool is_word_unicode(uint32_t c)
{
    return char_is_alnum(c) || c == '_';
}
static bool is_space_ascii(uint32_t c)
{
    return c == ' ' || (c >= 9 && c <= 13);
}

bool sre_category(uint32_t category, uint32_t c)
{
    bool yes;
    switch (category >> 1) { /* odd numbers are the negations */
    case 0: yes = c < 128 && ascii_is_digit(c); break;
    case 1: yes = is_space_ascii(c); break;
    case 2: yes = is_word_ascii(c); break;
    case 3: yes = c == '\n'; break;
    case 4: yes = is_word_locale(c); break;
    case 5: yes = char_is_decimal(c); break;
    case 6: yes = char_is_space(c); break;
    case 7: yes = is_word_unicode(c); break;
    default: yes = char_is_linebreak(c); break;
    }
    return yes != (category & 1);
}

uint32_t sre_lower_ascii(uint32_t c)
{
    return c < 128 ? ascii_to_lower(c) : c;
}
uint32_t sre_lower_locale(uint32_t c)
{
    return c < 256 ? (uint32_t)tolower((int)c) : c;
}
uint32_t sre_upper_locale(uint32_t c)
{
    return c < 256 ? (uint32_t)toupper((int)c) : c;
}

/* ---- Sets. */

static bool bit(const uint32_t *words, uint32_t i)
{
    return words[i >> 5] >> (i & 31) & 1;
}

bool sre_charset(const uint32_t *set, uint32_t c)
{
    bool found = true;
    for (;;) {
        switch (*set++) {
        case SRE_FAILURE: return !found;
        case SRE_LITERAL:
            if (c == *set++) {
                return found;
            }
            break;
        case SRE_CATEGORY:
            if (sre_category(*set++, c)) {
                return found;
            }
            break;
        case SRE_CHARSET:
            if (c < 256 && bit(set, c)) {
                return found;
            }
            set += 8;
            break;
        case SRE_RANGE:
            if (set[0] <= c && c <= set[1]) {
                return found;
            }
            set += 2;
            break;
        case SRE_RANGE_UNI_IGNORE: {
            uint32_t upper = char_to_upper(c);
            if ((set[0] <= c && c <= set[1]) || (set[0] <= upper && upper <= set[1])) {
                return found;
            }
            set += 2;
            break;
        }
        case SRE_NEGATE: found = !found; break;
        default: { /* BIGCHARSET: chunk count, 256 chunk numbers, chunks of 256 bits */
            uint32_t chunks = *set++;
            if (c < 65536) {
                uint32_t chunk = ((const unsigned char *)set)[c >> 8];
                if (bit(set + 64 + chunk * 8, c & 255)) {
                    return found;
                }
            }
            set += 64 + chunks * 8;
            break;
        }
        }
    }
}

bool sre_in(uint32_t op, const uint32_t *set, uint32_t c)
{
    switch (op) {
    case SRE_IN: return sre_charset(set, c);
    case SRE_IN_IGNORE: return sre_charset(set, sre_lower_ascii(c));
    case SRE_IN_UNI_IGNORE: return sre_charset(set, char_to_lower(c));
    default: {
        uint32_t lower = sre_lower_locale(c);
        if (sre_charset(set, lower)) {
            return true;
        }
        uint32_t upper = sre_upper_locale(c);
        return upper != lower && sre_charset(set, upper);
    }
    }
}

/* ---- The check. It walks the code like the compiler that wrote it: block by block. */

struct checker {
    struct sre_program *program;
    const uint32_t *code;
    size_t sets_found;
    int depth;
};

/* The size of a set up to `end`, FAILURE included; 0 if it is malformed. */
static size_t check_set(const struct checker *c, size_t at, size_t end, bool *fixed)
{
    size_t i = at;
    while (i < end) {
        uint32_t op = c->code[i++];
        switch (op) {
        case SRE_FAILURE: return i - at;
        case SRE_NEGATE: break;
        case SRE_LITERAL: i += 1; break;
        case SRE_CATEGORY:
            if (i >= end || c->code[i] >= SRE_CATEGORY_COUNT) {
                return 0;
            }
            *fixed = *fixed && c->code[i] >> 1 != 4;
            i += 1;
            break;
        case SRE_CHARSET: i += 8; break;
        case SRE_RANGE:
        case SRE_RANGE_UNI_IGNORE: i += 2; break;
        case SRE_BIGCHARSET: {
            if (i >= end || c->code[i] > 256) {
                return 0;
            }
            uint32_t chunks = c->code[i++];
            if (i + 64 + chunks * 8 > end) {
                return 0;
            }
            const unsigned char *map = (const unsigned char *)&c->code[i];
            for (int j = 0; j < 256; j++) {
                if (map[j] >= chunks) {
                    return 0;
                }
            }
            i += 64 + chunks * 8;
            break;
        }
        default: return 0;
        }
    }
    return 0;
}

static bool check_code(struct checker *c, size_t i, size_t end);

/* A jump distance stored at i, counted from i itself, must stay within the block. */
static bool skip_fits(const struct checker *c, size_t i, size_t end, size_t minimum)
{
    return i < end && c->code[i] >= minimum && c->code[i] <= end - i;
}

static bool check_in(struct checker *c, uint32_t op, size_t i, size_t end)
{
    bool fixed = op != SRE_IN_LOC_IGNORE;
    if (!skip_fits(c, i, end, 2)) {
        return false;
    }
    size_t size = check_set(c, i + 1, i + c->code[i], &fixed);
    if (size == 0 || size + 1 != c->code[i]) {
        return false;
    }
    if (fixed) {
        c->program->sets[i - 1] = (uint32_t)++c->sets_found;
    }
    return true;
}

static bool check_branch(struct checker *c, size_t i, size_t end, size_t *next)
{
    size_t target = 0;
    while (i < end && c->code[i] != 0) {
        if (!skip_fits(c, i, end, 3)) {
            return false;
        }
        size_t stop = i + c->code[i]; /* behind the operand of JUMP */
        if (c->code[stop - 2] != SRE_JUMP || c->code[stop - 1] > end - (stop - 1)) {
            return false;
        }
        size_t to = stop - 1 + c->code[stop - 1];
        if (!check_code(c, i + 1, stop - 2) || (target != 0 && to != target)) {
            return false;
        }
        target = to;
        i = stop;
    }
    *next = i + 1;
    return i < end && (target == 0 || target == i + 1);
}

static bool check_repeat_one(struct checker *c, size_t i, size_t end)
{
    if (!skip_fits(c, i, end, 4)) {
        return false;
    }
    size_t stop = i + c->code[i];
    return c->code[i + 1] <= c->code[i + 2] && c->code[stop - 1] == SRE_SUCCESS &&
           check_code(c, i + 3, stop - 1);
}

static bool check_info(struct checker *c, size_t i, size_t end)
{
    if (!skip_fits(c, i, end, 4)) {
        return false;
    }
    size_t stop = i + c->code[i];
    uint32_t flags = c->code[i + 1];
    size_t at = i + 4;
    if (flags & SRE_INFO_PREFIX) {
        if (at + 2 > stop || c->code[at] > stop - at - 2 || c->code[at + 1] > c->code[at]) {
            return false;
        }
        at += 2 + 2 * (size_t)c->code[at];
    }
    if (flags & SRE_INFO_CHARSET) {
        bool fixed = true; /* the set is not used: first sets tell more */
        size_t size = check_set(c, at, stop, &fixed);
        if (size == 0) {
            return false;
        }
        at += size;
    }
    return at == stop;
}

static bool check_repeat(struct checker *c, uint32_t op, size_t i, size_t end, size_t *next)
{
    if (!skip_fits(c, i, end, 3)) {
        return false;
    }
    size_t stop = i + c->code[i];
    if (stop >= end || c->code[i + 1] > c->code[i + 2]) {
        return false;
    }
    uint32_t closing = c->code[stop];
    *next = stop + 1;
    return (op == SRE_REPEAT ? closing == SRE_MAX_UNTIL || closing == SRE_MIN_UNTIL
                             : closing == SRE_SUCCESS) &&
           check_code(c, i + 3, stop);
}

/* A block that ends with SUCCESS and has so many operands before it, the skip included. */
static bool check_block(struct checker *c, size_t operands, size_t i, size_t end)
{
    if (!skip_fits(c, i, end, operands + 1)) {
        return false;
    }
    size_t stop = i + c->code[i];
    return c->code[stop - 1] == SRE_SUCCESS && check_code(c, i + operands, stop - 1);
}

/* The parts follow in line: yes, JUMP, no. */
static bool check_groupref_exists(const struct checker *c, size_t i, size_t end)
{
    return i + 1 < end && c->code[i] < c->program->groups && c->code[i + 1] >= 1 &&
           c->code[i + 1] <= end - i; /* the skip counts from its own place, less one */
}

/* Checks a block whose opcode stands before i and whose first operand skips it. */
static bool check_skipping(struct checker *c, uint32_t op, size_t i, size_t end)
{
    switch (op) {
    case SRE_INFO: return check_info(c, i, end);
    case SRE_REPEAT_ONE:
    case SRE_MIN_REPEAT_ONE:
    case SRE_POSSESSIVE_REPEAT_ONE: return check_repeat_one(c, i, end);
    case SRE_ATOMIC_GROUP: return check_block(c, 1, i, end);
    case SRE_ASSERT:
    case SRE_ASSERT_NOT: return check_block(c, 2, i, end) && c->code[i + 1] < 0x80000000u;
    case SRE_IN:
    case SRE_IN_IGNORE:
    case SRE_IN_UNI_IGNORE:
    case SRE_IN_LOC_IGNORE: return check_in(c, op, i, end);
    default: return false;
    }
}

/* Checks the operands of the instruction whose opcode stands before i; *next is the one after. */
static bool check_one(struct checker *c, uint32_t op, size_t i, size_t end, size_t *next)
{
    uint32_t groups = (uint32_t)c->program->groups;
    *next = i + 1;
    switch (op) {
    case SRE_MARK: return i < end && c->code[i] < 2 * groups;
    case SRE_LITERAL:
    case SRE_NOT_LITERAL:
    case SRE_LITERAL_IGNORE:
    case SRE_NOT_LITERAL_IGNORE:
    case SRE_LITERAL_LOC_IGNORE:
    case SRE_NOT_LITERAL_LOC_IGNORE:
    case SRE_LITERAL_UNI_IGNORE:
    case SRE_NOT_LITERAL_UNI_IGNORE: return i < end;
    case SRE_SUCCESS:
    case SRE_FAILURE:
    case SRE_ANY:
    case SRE_ANY_ALL: *next = i; return true;
    case SRE_AT: return i < end && c->code[i] < SRE_AT_COUNT;
    case SRE_CATEGORY: return i < end && c->code[i] < SRE_CATEGORY_COUNT;
    case SRE_BRANCH: return check_branch(c, i, end, next);
    case SRE_REPEAT:
    case SRE_POSSESSIVE_REPEAT: return check_repeat(c, op, i, end, next);
    case SRE_GROUPREF:
    case SRE_GROUPREF_IGNORE:
    case SRE_GROUPREF_LOC_IGNORE:
    case SRE_GROUPREF_UNI_IGNORE: return i < end && c->code[i] < groups;
    case SRE_JUMP: return i < end && c->code[i] <= end - i;
    case SRE_GROUPREF_EXISTS: *next = i + 2; return check_groupref_exists(c, i, end);
    default: *next = i < end && c->code[i] <= end - i ? i + c->code[i] : end;
    }
    return check_skipping(c, op, i, end);
}

static bool check_code(struct checker *c, size_t i, size_t end)
{
    if (++c->depth > 2000) {
        return false;
    }
    while (i < end) {
        uint32_t op = c->code[i];
        if (op >= SRE_OP_COUNT || !check_one(c, op, i + 1, end, &i) || i > end) {
            return false;
        }
    }
    c->depth--;
    return true;
}

/* ---- Bitmaps for the characters that nearly all text consists of. */

static void fill_bitmap(uint32_t *words, uint32_t op, const uint32_t *set)
{
    for (uint32_t ch = 0; ch < 256; ch++) {
        if (sre_in(op, set, ch)) {
            words[ch >> 5] |= 1u << (ch & 31);
        }
    }
}

int sre_program_init(struct sre_program *program)
{
    program->sets = heap_alloc((program->size + 1) * sizeof(uint32_t), CELL_RAW);
    if (program->sets == NULL) {
        error_no_memory();
        return -1;
    }
    struct checker c = {program, program->code, 0, 0};
    if (program->groups > SRE_MAXGROUPS || program->size == 0 ||
        program->code[program->size - 1] != SRE_SUCCESS || !check_code(&c, 0, program->size - 1)) {
        return error_raise_int(PyExc_RuntimeError, "invalid SRE code");
    }
    program->bitmaps = heap_alloc((c.sets_found + 1) * 8 * sizeof(uint32_t), CELL_RAW);
    if (program->bitmaps == NULL) {
        error_no_memory();
        return -1;
    }
    for (size_t i = 0; i < program->size; i++) {
        if (program->sets[i] != 0) {
            fill_bitmap(program->bitmaps + 8 * (program->sets[i] - 1), program->code[i],
                        &program->code[i + 2]);
        }
    }
    return sre_first_init(program);
}
