/* SPDX-License-Identifier: MIT */
/* What the files of the parser share; syntax/parser.c explains the conventions. */
#ifndef OROCHI_SYNTAX_PARSER_INT_H
#define OROCHI_SYNTAX_PARSER_INT_H

#include <string.h>

#include "object/exception.h"
#include "object/list.h"
#include "object/str.h"
#include "syntax/syntax.h"
#include "syntax/tokenizer.h"

struct memo;

/* Lives on the C stack of the parsing thread, so its references are found there. */
struct parser {
    struct tokenizer tokenizer;
    struct token *tokens; /* malloc'ed: what was read so far */
    size_t token_count, token_capacity;
    size_t position; /* the next token */
    struct arena *arena;
    PyObject *filename;
    enum parse_mode mode;
    int flags, feature_version;
    bool failed; /* an exception is set: every token looks like TOKEN_ERROR from here on */
    bool second_pass;
    bool diagnose;     /* look for mistakes that have messages of their own; second pass only */
    bool is_file;      /* as in struct parse_options */
    bool byte_columns; /* error offsets count bytes: the source's encoding was not given */
    bool in_match_case;
    bool started; /* single mode: a token came, an end still has to become a newline */
    int depth;    /* nesting of calls, counted where source code can nest without end */
    /* f-string expressions: parsed by a parser of their own on "(expression)". */
    bool is_fstring;
    int first_line, first_column; /* where that text begins */
    PyObject **names;             /* a WORDS cell: recently used identifiers by hash */
    struct memo *memo;            /* second pass: what was parsed where */
    struct node_list *type_ignores;
};

/* A growing array on the C stack; what does not fit goes to the heap. */
struct node_list {
    void **items;
    size_t count, capacity;
    void *local[8];
};
static inline void list_init_nodes(struct node_list *l)
{
    l->items = l->local;
    l->count = 0;
    l->capacity = sizeof l->local / sizeof l->local[0];
}
bool node_list_grow(struct node_list *l);
/* False with an exception set when memory ran out. */
static inline bool node_list_push(struct node_list *l, void *item)
{
    if (UNLIKELY(l->count == l->capacity) && !node_list_grow(l)) {
        return false;
    }
    l->items[l->count++] = item;
    return true;
}
/* A sequence of pointers (struct expr_seq and so on) from the list; NULL with an exception. */
void *node_list_seq(struct parser *p, const struct node_list *l);

/* ---- Tokens. */
enum token_kind parser_fetch(struct parser *p, size_t index);
static inline enum token_kind peek_at(struct parser *p, size_t ahead)
{
    size_t index = p->position + ahead;
    if (UNLIKELY(index >= p->token_count || p->failed)) {
        return parser_fetch(p, index);
    }
    return (enum token_kind)p->tokens[index].kind;
}
static inline enum token_kind peek(struct parser *p)
{
    return peek_at(p, 0);
}
static inline bool accept(struct parser *p, enum token_kind kind)
{
    if (peek(p) == kind) {
        p->position++;
        return true;
    }
    return false;
}
static inline const struct token *token_at(const struct parser *p, size_t index)
{
    return &p->tokens[index];
}
static inline const char *token_text(const struct parser *p, const struct token *t)
{
    return p->tokenizer.text + t->start;
}
static inline size_t token_length(const struct token *t)
{
    return t->end - t->start;
}
bool token_is(const struct parser *p, size_t index, const char *text);
/* From the token at `start` to the last one before the position that is no white space. */
struct ast_position position_from(const struct parser *p, size_t start);
static inline struct ast_position position_of_token(const struct token *t)
{
    return (struct ast_position){t->lineno, t->col_offset, t->end_lineno, t->end_col_offset};
}
static inline struct ast_position position_of(const struct expr *e)
{
    return (struct ast_position){e->lineno, e->col_offset, e->end_lineno, e->end_col_offset};
}
/* The interned identifier of a NAME token; NULL with an exception. */
PyObject *parser_identifier(struct parser *p, size_t index);
struct expr *parser_name(struct parser *p, enum expr_context ctx); /* takes a NAME token */

/* Gives up: returns NULL after resetting the position, so that `return fail(p, start);` works. */
static inline void *fail(struct parser *p, size_t start)
{
    p->position = start;
    return NULL;
}
/* Guards recursion: false with MemoryError when the source nests too deeply. */
bool parser_enter_slow(struct parser *p);
enum { PARSER_MAX_DEPTH = 6000 };
static inline bool parser_enter(struct parser *p, int cost)
{
    p->depth += cost;
    if (UNLIKELY(p->depth > PARSER_MAX_DEPTH || thread_stack_is_low())) {
        return parser_enter_slow(p);
    }
    return true;
}
static inline void parser_leave(struct parser *p, int cost)
{
    p->depth -= cost;
}

/* ---- Errors. All set p->failed and return NULL. Columns are bytes from 0. */
void *raise_last(struct parser *p, PyObject *type, const char *format, ...); /* at the last token */
void *raise_range(struct parser *p, struct ast_position start, struct ast_position end,
                  const char *format, ...);
void *raise_at(struct parser *p, struct ast_position where, const char *format, ...);
void *raise_from(struct parser *p, struct ast_position start, const char *format, ...);
void *raise_token(struct parser *p, size_t token, const char *format, ...);
void *raise_location(struct parser *p, PyObject *type, int lineno, int column, int end_lineno,
                     int end_column, const char *format, ...);
void *raise_unclosed(struct parser *p);
/* "... only supported in Python 3.N and greater"; true if the version is fine. */
bool check_version(struct parser *p, int version, const char *what);
/* How messages call an expression: "function call", "literal" ... */
const char *expr_kind_name(const struct expr *e);
enum target_use { TARGET_STAR, TARGET_DEL, TARGET_FOR };
struct expr *find_invalid_target(struct expr *e, enum target_use use);
/* "cannot assign to X" if e contains an invalid target. */
void *raise_invalid_target(struct parser *p, struct expr *e, enum target_use use);
/* Takes the token, or raises that it was expected; in the first pass, too. */
bool expect_forced(struct parser *p, enum token_kind kind, const char *text);
/* After "header:" of the statement that began at token `start`. */
bool missing_block(struct parser *p);

/* ---- Memoization for the second pass. */
enum memo_rule {
    MEMO_EXPRESSION,
    MEMO_NAMED_EXPRESSION,
    MEMO_BITWISE_OR,
    MEMO_PRIMARY,
    MEMO_STAR_EXPRESSIONS,
    MEMO_DISJUNCTION,
    MEMO_LAMBDA,
    MEMO_RULE_COUNT
};
bool memo_find(struct parser *p, enum memo_rule rule, void **result);
void memo_store(struct parser *p, enum memo_rule rule, size_t start, void *result);

/* ---- Expressions (parse_expr.c, parse_atom.c). NULL: no match (position unchanged), or p->failed.
 */
struct expr *parse_expression(struct parser *p);
struct expr *parse_named_expression(struct parser *p);
struct expr *parse_disjunction(struct parser *p);
struct expr *parse_bitwise_or(struct parser *p);
struct expr *parse_primary(struct parser *p);
struct expr *parse_atom(struct parser *p);
struct expr *parse_star_expression(struct parser *p);
struct expr *parse_star_expressions(struct parser *p);
struct expr *parse_star_named_expression(struct parser *p);
struct expr *parse_starred_expression(struct parser *p); /* '*' expression */
struct expr *parse_yield(struct parser *p);
struct expr *parse_slices(struct parser *p);
struct expr *parse_lambda(struct parser *p);
struct expr *parse_genexp(struct parser *p);
struct comprehension_seq *parse_for_if_clauses(struct parser *p);
/* A list of items separated by commas, after the first; a trailing comma is taken. */
bool parse_more(struct parser *p, struct node_list *list, struct expr *(*item)(struct parser *));
/* A target: Name, Attribute, Subscript, Tuple, List (star: a Starred of these). */
struct expr *parse_star_target(struct parser *p);
struct expr *parse_star_targets(struct parser *p);
bool is_target(const struct expr *e, bool star, bool nested);
bool set_context(struct parser *p, struct expr *e, enum expr_context ctx);
struct comprehension *last_comprehension(struct comprehension_seq *s);
struct ast_position comprehension_end(const struct comprehension_seq *s);

/* ---- Arguments and parameters (parse_args.c). */
struct call_arguments {
    struct expr_seq *args;
    struct keyword_seq *keywords;
    struct ast_position position;
};
/* Up to ')'. genexp: a generator expression may stand alone. */
bool parse_arguments(struct parser *p, struct call_arguments *out, bool genexp);
struct arguments *parse_parameters(struct parser *p, bool lambda); /* may be empty */

/* ---- Literals (literal.c, fstring.c). */
struct expr *parse_number(struct parser *p);
struct expr *parse_strings(struct parser *p);
PyObject *string_decode(struct parser *p, const char *text, size_t length, bool raw, size_t token);
/* Runs a parser on "(expression)" of an f-string. */
struct expr *parse_fstring_expression(struct parser *parent, const char *text, size_t length,
                                      int lineno, int column);

/* ---- Statements (parse_stmt.c, parse_compound.c, parse_match.c). */
bool parse_statement(struct parser *p, struct node_list *out); /* one line may hold many */
bool parse_simple_statements(struct parser *p, struct node_list *out);
struct stmt *parse_compound(struct parser *p);
struct stmt *parse_match(struct parser *p);
struct stmt_seq *parse_block(struct parser *p);
bool starts_compound(struct parser *p);
PyObject *parse_type_comment(struct parser *p, bool *ok); /* optional */

#endif
