/* SPDX-License-Identifier: MIT */
/* match statements and patterns. `match` and `case` are names elsewhere, so a match statement that
 * does not work out is parsed again as an expression. */
#include "syntax/parser_int.h"

static struct pattern *parse_pattern(struct parser *p);
static struct pattern *parse_maybe_star(struct parser *p);

/* ---- Values: literals and dotted names as expressions. */

static struct expr *parse_signed(struct parser *p)
{
    size_t start = p->position;
    bool minus = accept(p, TOKEN_MINUS);
    if (peek(p) != TOKEN_NUMBER) {
        return fail(p, start);
    }
    struct expr *number = parse_number(p);
    if (number == NULL || !minus) {
        return number;
    }
    return expr_UnaryOp(p->arena, UNARYOP_USub, number, position_from(p, start));
}

static bool is_complex(const struct expr *e)
{
    Value v = e->v.Constant.value;
    return value_is_object(v) && value_object(v)->ob_type == &PyComplex_Type;
}

/* A number, or real +/- imaginary. */
static struct expr *parse_numeric_literal(struct parser *p)
{
    size_t start = p->position;
    struct expr *real = parse_signed(p);
    enum token_kind kind = real != NULL ? peek(p) : TOKEN_END;
    if (kind != TOKEN_PLUS && kind != TOKEN_MINUS) {
        return real;
    }
    p->position++;
    size_t imaginary_start = p->position;
    if (peek(p) != TOKEN_NUMBER) {
        return fail(p, start);
    }
    const struct expr *number = real->kind == EXPR_UnaryOp ? real->v.UnaryOp.operand : real;
    if (is_complex(number)) {
        return raise_at(p, position_of(real), "real number required in complex literal");
    }
    struct expr *imaginary = parse_number(p);
    if (imaginary == NULL) {
        return fail(p, start);
    }
    if (!is_complex(imaginary)) {
        return raise_token(p, imaginary_start, "imaginary number required in complex literal");
    }
    return expr_BinOp(p->arena, real, kind == TOKEN_PLUS ? OPERATOR_Add : OPERATOR_Sub, imaginary,
                      position_from(p, start));
}

/* NAME ('.' NAME)* */
static struct expr *parse_name_or_attribute(struct parser *p)
{
    size_t start = p->position;
    struct expr *e = parser_name(p, EXPR_CONTEXT_Load);
    while (e != NULL && peek(p) == TOKEN_DOT && peek_at(p, 1) == TOKEN_NAME) {
        PyObject *name = parser_identifier(p, p->position + 1);
        p->position += 2;
        e = name == NULL
                ? NULL
                : expr_Attribute(p->arena, e, name, EXPR_CONTEXT_Load, position_from(p, start));
    }
    return e;
}

static bool continues_name(enum token_kind kind)
{
    return kind == TOKEN_DOT || kind == TOKEN_LPAREN || kind == TOKEN_EQUAL;
}

/* The name that a pattern binds; NULL if the token is none, or "_". */
static PyObject *parse_capture_target(struct parser *p)
{
    if (peek(p) != TOKEN_NAME || token_is(p, p->position, "_") || continues_name(peek_at(p, 1))) {
        return NULL;
    }
    return parser_identifier(p, p->position++);
}

static Value keyword_value(enum token_kind kind)
{
    return kind == KEYWORD_NONE ? VALUE_NONE : kind == KEYWORD_TRUE ? VALUE_TRUE : VALUE_FALSE;
}

/* ---- Sequences. */

static struct pattern_seq *parse_pattern_list(struct parser *p, struct pattern *first,
                                              struct pattern *(*item)(struct parser *))
{
    struct node_list list;
    list_init_nodes(&list);
    if (first != NULL) {
        if (!node_list_push(&list, first)) {
            return NULL;
        }
    }
    while (list.count == 0 || accept(p, TOKEN_COMMA)) {
        struct pattern *next = item(p);
        if (next == NULL) {
            break;
        }
        if (!node_list_push(&list, next)) {
            return NULL;
        }
    }
    return p->failed ? NULL : node_list_seq(p, &list);
}

static struct pattern *parse_maybe_star(struct parser *p)
{
    size_t start = p->position;
    if (!accept(p, TOKEN_STAR)) {
        return parse_pattern(p);
    }
    PyObject *name = NULL;
    if (peek(p) == TOKEN_NAME && token_is(p, p->position, "_")) {
        p->position++;
    } else {
        name = parse_capture_target(p);
        if (name == NULL) {
            return fail(p, start);
        }
    }
    return pattern_MatchStar(p->arena, name, position_from(p, start));
}

/* '(' ... ')': a group, or a sequence if there is a comma or nothing. */
static struct pattern *parse_round_pattern(struct parser *p)
{
    size_t start = p->position++;
    if (accept(p, TOKEN_RPAREN)) {
        return pattern_MatchSequence(p->arena, NULL, position_from(p, start));
    }
    struct pattern *first = parse_maybe_star(p);
    if (first == NULL) {
        return fail(p, start);
    }
    if (peek(p) == TOKEN_RPAREN && first->kind != PATTERN_MatchStar) {
        p->position++;
        return first;
    }
    struct pattern_seq *items =
        peek(p) == TOKEN_COMMA ? parse_pattern_list(p, first, parse_maybe_star) : NULL;
    if (items == NULL || !accept(p, TOKEN_RPAREN)) {
        return fail(p, start);
    }
    return pattern_MatchSequence(p->arena, items, position_from(p, start));
}

static struct pattern *parse_square_pattern(struct parser *p)
{
    size_t start = p->position++;
    struct pattern_seq *items = parse_pattern_list(p, NULL, parse_maybe_star);
    if (items == NULL || !accept(p, TOKEN_RBRACKET)) {
        return fail(p, start);
    }
    return pattern_MatchSequence(p->arena, items, position_from(p, start));
}

/* ---- Mappings. */

static struct expr *parse_mapping_key(struct parser *p)
{
    switch (peek(p)) {
    case TOKEN_NUMBER:
    case TOKEN_MINUS: return parse_numeric_literal(p);
    case TOKEN_STRING: return parse_strings(p);
    case KEYWORD_NONE:
    case KEYWORD_TRUE:
    case KEYWORD_FALSE: return parse_atom(p);
    case TOKEN_NAME: {
        size_t start = p->position;
        struct expr *e = parse_name_or_attribute(p);
        return e != NULL && e->kind == EXPR_Attribute ? e : fail(p, start);
    }
    default: return NULL;
    }
}

static struct pattern *parse_mapping(struct parser *p)
{
    size_t start = p->position++;
    struct node_list keys, patterns;
    PyObject *rest = NULL;
    list_init_nodes(&keys);
    list_init_nodes(&patterns);
    while (peek(p) != TOKEN_RBRACE) {
        if (accept(p, TOKEN_DOUBLE_STAR)) {
            rest = parse_capture_target(p);
            if (rest == NULL) {
                return fail(p, start);
            }
            accept(p, TOKEN_COMMA);
            break;
        }
        struct expr *key = parse_mapping_key(p);
        if (key == NULL || !accept(p, TOKEN_COLON)) {
            return fail(p, start);
        }
        struct pattern *value = parse_pattern(p);
        if (value == NULL) {
            return fail(p, start);
        }
        if (!node_list_push(&keys, key) || !node_list_push(&patterns, value)) {
            return NULL;
        }
        if (!accept(p, TOKEN_COMMA)) {
            break;
        }
    }
    if (!accept(p, TOKEN_RBRACE)) {
        return fail(p, start);
    }
    struct expr_seq *key_seq = node_list_seq(p, &keys);
    struct pattern_seq *pattern_seq = node_list_seq(p, &patterns);
    if (key_seq == NULL || pattern_seq == NULL) {
        return NULL;
    }
    return pattern_MatchMapping(p->arena, key_seq, pattern_seq, rest, position_from(p, start));
}

/* ---- Classes. */

/* After a keyword pattern and its comma: positional patterns are too late. */
static void diagnose_class(struct parser *p)
{
    size_t start = p->position;
    struct node_list late;
    list_init_nodes(&late);
    do {
        if (peek(p) == TOKEN_NAME && peek_at(p, 1) == TOKEN_EQUAL) {
            break;
        }
        struct pattern *item = parse_pattern(p);
        if (item == NULL || !node_list_push(&late, item)) {
            break;
        }
    } while (accept(p, TOKEN_COMMA));
    if (late.count > 0 && !p->failed) {
        const struct pattern *first = late.items[0], *last = late.items[late.count - 1];
        raise_range(p,
                    (struct ast_position){first->lineno, first->col_offset, first->end_lineno,
                                          first->end_col_offset},
                    (struct ast_position){last->lineno, last->col_offset, last->end_lineno,
                                          last->end_col_offset},
                    "positional patterns follow keyword patterns");
    }
    p->position = start;
}

static struct pattern *finish_class(struct parser *p, struct expr *cls, size_t start,
                                    struct node_list *positional, struct node_list *names_,
                                    struct node_list *keyword)
{
    struct pattern_seq *patterns = node_list_seq(p, positional);
    struct identifier_seq *attributes = node_list_seq(p, names_);
    struct pattern_seq *keyword_patterns = node_list_seq(p, keyword);
    if (patterns == NULL || attributes == NULL || keyword_patterns == NULL) {
        return NULL;
    }
    return pattern_MatchClass(p->arena, cls, patterns, attributes, keyword_patterns,
                              position_from(p, start));
}

/* cls '(' positional, keyword=pattern, ... ')' */
static struct pattern *parse_class_pattern(struct parser *p, struct expr *cls, size_t start)
{
    struct node_list positional, names_, keyword;
    list_init_nodes(&positional);
    list_init_nodes(&names_);
    list_init_nodes(&keyword);
    p->position++;
    while (peek(p) != TOKEN_RPAREN) {
        if (peek(p) == TOKEN_NAME && peek_at(p, 1) == TOKEN_EQUAL) {
            PyObject *name = parser_identifier(p, p->position);
            p->position += 2;
            struct pattern *value = name != NULL ? parse_pattern(p) : NULL;
            if (value == NULL) {
                return fail(p, start);
            }
            if (!node_list_push(&names_, name) || !node_list_push(&keyword, value)) {
                return NULL;
            }
        } else {
            if (keyword.count > 0) {
                if (p->diagnose) {
                    diagnose_class(p);
                }
                return fail(p, start);
            }
            struct pattern *value = parse_pattern(p);
            if (value == NULL) {
                return fail(p, start);
            }
            if (!node_list_push(&positional, value)) {
                return NULL;
            }
        }
        if (!accept(p, TOKEN_COMMA)) {
            break;
        }
    }
    if (!accept(p, TOKEN_RPAREN)) {
        return fail(p, start);
    }
    return finish_class(p, cls, start, &positional, &names_, &keyword);
}

/* A capture, the wildcard, a value or a class. */
static struct pattern *parse_name_pattern(struct parser *p)
{
    size_t start = p->position;
    if (!continues_name(peek_at(p, 1))) {
        PyObject *name = NULL;
        if (!token_is(p, start, "_")) {
            name = parser_identifier(p, start);
            if (name == NULL) {
                return NULL;
            }
        }
        p->position++;
        return pattern_MatchAs(p->arena, NULL, name, position_from(p, start));
    }
    struct expr *e = parse_name_or_attribute(p);
    if (e == NULL) {
        return fail(p, start);
    }
    if (peek(p) == TOKEN_LPAREN) {
        return parse_class_pattern(p, e, start);
    }
    if (e->kind != EXPR_Attribute || continues_name(peek(p))) {
        return fail(p, start);
    }
    return pattern_MatchValue(p->arena, e, position_from(p, start));
}

/* ---- All patterns. */

static struct pattern *parse_value_pattern(struct parser *p, struct expr *(*value)(struct parser *))
{
    size_t start = p->position;
    struct expr *e = value(p);
    return e != NULL ? pattern_MatchValue(p->arena, e, position_from(p, start)) : NULL;
}

static struct pattern *parse_closed_pattern(struct parser *p)
{
    enum token_kind kind = peek(p);
    switch (kind) {
    case TOKEN_NUMBER:
    case TOKEN_MINUS: return parse_value_pattern(p, parse_numeric_literal);
    case TOKEN_STRING: return parse_value_pattern(p, parse_strings);
    case KEYWORD_NONE:
    case KEYWORD_TRUE:
    case KEYWORD_FALSE:
        p->position++;
        return pattern_MatchSingleton(p->arena, keyword_value(kind),
                                      position_from(p, p->position - 1));
    case TOKEN_NAME: return parse_name_pattern(p);
    case TOKEN_LPAREN: return parse_round_pattern(p);
    case TOKEN_LBRACKET: return parse_square_pattern(p);
    case TOKEN_LBRACE: return parse_mapping(p);
    default: return NULL;
    }
}

static struct pattern *parse_or_pattern(struct parser *p)
{
    size_t start = p->position;
    struct pattern *first = parse_closed_pattern(p);
    if (first == NULL || peek(p) != TOKEN_BAR) {
        return first;
    }
    struct node_list list;
    list_init_nodes(&list);
    if (!node_list_push(&list, first)) {
        return NULL;
    }
    while (peek(p) == TOKEN_BAR) {
        size_t bar = p->position++;
        struct pattern *next = parse_closed_pattern(p);
        if (next == NULL) {
            p->position = bar;
            break;
        }
        if (!node_list_push(&list, next)) {
            return NULL;
        }
    }
    if (list.count == 1 || p->failed) {
        return p->failed ? NULL : first;
    }
    struct pattern_seq *patterns = node_list_seq(p, &list);
    return patterns != NULL ? pattern_MatchOr(p->arena, patterns, position_from(p, start)) : NULL;
}

/* "x as _", "x as 1" */
static void diagnose_as(struct parser *p)
{
    size_t target = p->position;
    if (peek(p) == TOKEN_NAME) {
        if (token_is(p, target, "_")) {
            raise_token(p, target, "cannot use '_' as a target");
        }
        return;
    }
    struct expr *e = parse_expression(p);
    if (e != NULL) {
        raise_at(p, position_of(e), "invalid pattern target");
    }
    p->position = target;
}

static struct pattern *parse_pattern(struct parser *p)
{
    size_t start = p->position;
    struct pattern *inner = parser_enter(p, 8) ? parse_or_pattern(p) : NULL;
    parser_leave(p, 8);
    if (inner == NULL || peek(p) != KEYWORD_AS) {
        return inner;
    }
    size_t as = p->position++;
    PyObject *name = parse_capture_target(p);
    if (name == NULL) {
        if (p->diagnose && !p->failed) {
            diagnose_as(p);
        }
        p->position = as;
        return p->failed ? NULL : inner;
    }
    return pattern_MatchAs(p->arena, inner, name, position_from(p, start));
}

/* The patterns of a case: a sequence may go without brackets. */
static struct pattern *parse_patterns(struct parser *p)
{
    size_t start = p->position;
    struct pattern *first = parse_maybe_star(p);
    if (first == NULL) {
        return NULL;
    }
    if (peek(p) != TOKEN_COMMA) {
        return first->kind == PATTERN_MatchStar ? fail(p, start) : first;
    }
    struct pattern_seq *items = parse_pattern_list(p, first, parse_maybe_star);
    return items != NULL ? pattern_MatchSequence(p->arena, items, position_from(p, start)) : NULL;
}

/* ---- The statement. */

/* ':' block after "case ..." or "match ...". True if the colon is there and a block may follow. */
static bool parse_header_end(struct parser *p, size_t keyword, const char *what)
{
    if (!accept(p, TOKEN_COLON)) {
        if (p->diagnose && peek(p) == TOKEN_NEWLINE && !p->failed) {
            raise_last(p, PyExc_SyntaxError, "expected ':'");
        }
        return false;
    }
    if (missing_block(p)) {
        p->position++;
        raise_last(p, PyExc_IndentationError,
                   "expected an indented block after '%s' statement on line %d", what,
                   token_at(p, keyword)->lineno);
    }
    return !p->failed;
}

static struct match_case *parse_case(struct parser *p)
{
    size_t start = p->position;
    if (peek(p) != TOKEN_NAME || !token_is(p, start, "case")) {
        return NULL;
    }
    p->position++;
    struct pattern *pattern = parse_patterns(p);
    struct expr *guard = NULL;
    if (pattern == NULL) {
        return fail(p, start);
    }
    size_t keyword = p->position;
    if (accept(p, KEYWORD_IF)) {
        guard = parse_named_expression(p);
        if (guard == NULL) {
            p->position = keyword;
        }
    }
    if (p->failed || !parse_header_end(p, start, "case")) {
        return fail(p, start);
    }
    struct stmt_seq *body = parse_block(p);
    return body != NULL ? match_case_new(p->arena, pattern, guard, body) : fail(p, start);
}

static struct expr *parse_subject(struct parser *p)
{
    size_t start = p->position;
    struct expr *first = parse_star_named_expression(p);
    if (first == NULL) {
        return NULL;
    }
    if (peek(p) != TOKEN_COMMA) {
        return first->kind == EXPR_Starred ? fail(p, start) : first;
    }
    struct node_list list;
    list_init_nodes(&list);
    if (!node_list_push(&list, first) || !parse_more(p, &list, parse_star_named_expression)) {
        return NULL;
    }
    struct expr_seq *elements = node_list_seq(p, &list);
    return elements == NULL
               ? NULL
               : expr_Tuple(p->arena, elements, EXPR_CONTEXT_Load, position_from(p, start));
}

struct stmt *parse_match(struct parser *p)
{
    size_t start = p->position++;
    struct expr *subject = parse_subject(p);
    if (subject == NULL || !parse_header_end(p, start, "match") || !accept(p, TOKEN_NEWLINE) ||
        !accept(p, TOKEN_INDENT)) {
        return fail(p, start);
    }
    struct node_list cases;
    list_init_nodes(&cases);
    for (;;) {
        struct match_case *c = parse_case(p);
        if (c == NULL) {
            break;
        }
        if (!node_list_push(&cases, c)) {
            return NULL;
        }
    }
    if (p->failed || cases.count == 0 || !accept(p, TOKEN_DEDENT)) {
        return fail(p, start);
    }
    struct match_case_seq *seq = node_list_seq(p, &cases);
    if (seq == NULL || !check_version(p, 10, "Pattern matching is")) {
        return NULL;
    }
    return stmt_Match(p->arena, subject, seq, position_from(p, start));
}
