/* SPDX-License-Identifier: MIT */
/* The regular expression engine: what _sre.c, sre_code.c and sre_engine.c share. The code words are
 * those that Debian's re package emits (magic 20220615). sre_engine.c explains the matcher. */
#ifndef OROCHI_MODULE_SRE_INT_H
#define OROCHI_MODULE_SRE_INT_H

#include "object/object.h"

enum { SRE_MAGIC = 20220615 };
#define SRE_MAXREPEAT 4294967295u
#define SRE_MAXGROUPS 1073741823

enum sre_op {
    SRE_FAILURE,
    SRE_SUCCESS,
    SRE_ANY,
    SRE_ANY_ALL,
    SRE_ASSERT,
    SRE_ASSERT_NOT,
    SRE_AT,
    SRE_BRANCH,
    SRE_CATEGORY,
    SRE_CHARSET,
    SRE_BIGCHARSET,
    SRE_GROUPREF,
    SRE_GROUPREF_EXISTS,
    SRE_IN,
    SRE_INFO,
    SRE_JUMP,
    SRE_LITERAL,
    SRE_MARK,
    SRE_MAX_UNTIL,
    SRE_MIN_UNTIL,
    SRE_NOT_LITERAL,
    SRE_NEGATE,
    SRE_RANGE,
    SRE_REPEAT,
    SRE_REPEAT_ONE,
    SRE_SUBPATTERN,
    SRE_MIN_REPEAT_ONE,
    SRE_ATOMIC_GROUP,
    SRE_POSSESSIVE_REPEAT,
    SRE_POSSESSIVE_REPEAT_ONE,
    SRE_GROUPREF_IGNORE,
    SRE_IN_IGNORE,
    SRE_LITERAL_IGNORE,
    SRE_NOT_LITERAL_IGNORE,
    SRE_GROUPREF_LOC_IGNORE,
    SRE_IN_LOC_IGNORE,
    SRE_LITERAL_LOC_IGNORE,
    SRE_NOT_LITERAL_LOC_IGNORE,
    SRE_GROUPREF_UNI_IGNORE,
    SRE_IN_UNI_IGNORE,
    SRE_LITERAL_UNI_IGNORE,
    SRE_NOT_LITERAL_UNI_IGNORE,
    SRE_RANGE_UNI_IGNORE,
    SRE_OP_COUNT
};

enum sre_at {
    SRE_AT_BEGINNING,
    SRE_AT_BEGINNING_LINE,
    SRE_AT_BEGINNING_STRING,
    SRE_AT_BOUNDARY,
    SRE_AT_NON_BOUNDARY,
    SRE_AT_END,
    SRE_AT_END_LINE,
    SRE_AT_END_STRING,
    SRE_AT_LOC_BOUNDARY,
    SRE_AT_LOC_NON_BOUNDARY,
    SRE_AT_UNI_BOUNDARY,
    SRE_AT_UNI_NON_BOUNDARY,
    SRE_AT_COUNT
};

enum { SRE_CATEGORY_LOC_WORD = 8, SRE_CATEGORY_COUNT = 18 };
enum { SRE_FLAG_LOCALE = 4, SRE_FLAG_UNICODE = 32 };
enum { SRE_INFO_PREFIX = 1, SRE_INFO_LITERAL = 2, SRE_INFO_CHARSET = 4 };

/* Which characters may stand where code is about to match; see sre_first.c. */
struct sre_first {
    uint32_t bitmap[8]; /* those below 256 */
    bool beyond;        /* all others */
    bool end;           /* it may match at the end of the subject */
    /* Of a repeat's tail: it starts with nothing that is repeated; narrow: below 256. */
    bool disjoint, disjoint_narrow;
};

/* A pattern's program; constant after sre_program_init. The arrays are RAW cells. */
struct sre_program {
    uint32_t *code;
    size_t size;
    uint32_t *sets; /* for the set at code[i]: index + 1 of its bitmap for characters below 256 */
    uint32_t *bitmaps;  /* 8 words each */
    uint32_t *first_of; /* for a choice at code[i]: index + 1 of the first set; [size]: the start */
    struct sre_first *first;
    size_t groups;
};
/* Checks the code and prepares the sets. 0; -1 with RuntimeError("invalid SRE code"). */
int sre_program_init(struct sre_program *program);
/* Finds the first sets; 0, or -1 with MemoryError. */
int sre_first_init(struct sre_program *program);
/* Does a character match the single-character instruction at pc? */
bool sre_matches_one(const struct sre_program *p, uint32_t pc, uint32_t c);

bool sre_category(uint32_t category, uint32_t c);
/* Is c in the set program at `set`? */
bool sre_charset(const uint32_t *set, uint32_t c);
uint32_t sre_lower_ascii(uint32_t c);
uint32_t sre_lower_locale(uint32_t c);
uint32_t sre_upper_locale(uint32_t c);
/* Is c in the set, as the IN opcode compares? */
bool sre_in(uint32_t op, const uint32_t *set, uint32_t c);

/* One search or match over one subject. Positions count characters. */
struct sre_state {
    const struct sre_program *program;
    const void *data;      /* the whole subject */
    int width;             /* bytes per character: 1, 2 or 4 */
    Py_ssize_t begin, end; /* the part that may be looked at: pos and endpos */
    Py_ssize_t start;      /* where the match starts or may start */
    Py_ssize_t position;   /* after a match: where it ends */
    bool full, must_advance;
    Py_ssize_t *marks;       /* 2 per group, -1: unset; the caller's */
    Py_ssize_t lastindex;    /* -1: none */
    struct sre_stack *stack; /* kept between matches; see sre_engine.c */
};
/* 1 found, 0 not, -1 with an exception set. */
int sre_match(struct sre_state *s);
int sre_search(struct sre_state *s);
/* Gives a state's stack (or NULL) back, for the thread's next match. */
void sre_stack_release(struct sre_stack *stack);

#endif
