/* SPDX-License-Identifier: MIT */
/* Primaries: atoms with their attributes, calls and subscripts; displays and comprehensions. */
#include "syntax/parser_int.h"

/* ---- Comprehensions. */

static struct comprehension *parse_for_if_clause(struct parser *p)
{
    size_t start = p->position;
    bool async = accept(p, KEYWORD_ASYNC);
    if (!accept(p, KEYWORD_FOR)) {
        return fail(p, start);
    }
    if (async && !check_version(p, 6, "Async comprehensions are")) {
        return NULL;
    }
    struct expr *target = parse_star_targets(p);
    if (target == NULL || !accept(p, KEYWORD_IN)) {
        p->position = start + async + 1;
        struct expr *bad = p->diagnose ? parse_star_expressions(p) : NULL;
        if (bad != NULL) {
            raise_invalid_target(p, bad, TARGET_FOR);
        }
        return fail(p, start);
    }
    struct expr *iter = parse_disjunction(p);
    if (iter == NULL) {
        return fail(p, start);
    }
    struct node_list conditions;
    list_init_nodes(&conditions);
    while (peek(p) == KEYWORD_IF) {
        size_t keyword = p->position++;
        struct expr *condition = parse_disjunction(p);
        if (condition == NULL) {
            p->position = keyword;
            break;
        }
        if (!node_list_push(&conditions, condition)) {
            return NULL;
        }
    }
    struct expr_seq *ifs = p->failed ? NULL : node_list_seq(p, &conditions);
    return ifs != NULL ? comprehension_new(p->arena, target, iter, ifs, async) : NULL;
}

static bool starts_for_clause(struct parser *p)
{
    enum token_kind kind = peek(p);
    return kind == KEYWORD_FOR || (kind == KEYWORD_ASYNC && peek_at(p, 1) == KEYWORD_FOR);
}

struct comprehension_seq *parse_for_if_clauses(struct parser *p)
{
    struct node_list clauses;
    list_init_nodes(&clauses);
    while (starts_for_clause(p)) {
        struct comprehension *c = parse_for_if_clause(p);
        if (c == NULL || !node_list_push(&clauses, c)) {
            break;
        }
    }
    return p->failed || clauses.count == 0 ? NULL : node_list_seq(p, &clauses);
}

/* Where the last clause ends. */
struct ast_position comprehension_end(const struct comprehension_seq *s)
{
    const struct comprehension *last = s->items[s->count - 1];
    return position_of(last->ifs->count > 0 ? last->ifs->items[last->ifs->count - 1] : last->iter);
}

/* ---- Mistakes in displays (second pass). All leave the position at `start`, the bracket. */

/* "[*x for x in y]", "[x, y for ...]" */
static void diagnose_comprehension(struct parser *p, size_t start)
{
    bool round = token_at(p, start)->kind == TOKEN_LPAREN;
    p->position = start + 1;
    struct expr *a = parse_starred_expression(p);
    if (a != NULL && parse_for_if_clauses(p) != NULL) {
        raise_at(p, position_of(a), "iterable unpacking cannot be used in comprehension");
        return;
    }
    p->position = start + 1;
    if (round || p->failed) {
        p->position = start;
        return;
    }
    a = parse_star_named_expression(p);
    size_t comma = p->position;
    if (a != NULL && peek(p) == TOKEN_COMMA) {
        struct node_list list;
        list_init_nodes(&list);
        parse_more(p, &list, parse_star_named_expression);
        struct ast_position end = list.count > 0 ? position_of(list.items[list.count - 1])
                                                 : position_of_token(token_at(p, comma));
        if (!p->failed && parse_for_if_clauses(p) != NULL) {
            raise_range(p, position_of(a), end,
                        "did you forget parentheses around the comprehension target?");
        }
    }
    p->position = start;
}

/* "(*x)", "(**x)" */
static void diagnose_group(struct parser *p, size_t start)
{
    p->position = start + 1;
    struct expr *a = parse_starred_expression(p);
    if (a != NULL && peek(p) == TOKEN_RPAREN) {
        raise_at(p, position_of(a), "cannot use starred expression here");
        return;
    }
    p->position = start + 1;
    if (accept(p, TOKEN_DOUBLE_STAR) && parse_expression(p) != NULL && peek(p) == TOKEN_RPAREN) {
        raise_token(p, start + 1, "cannot use double starred expression here");
    }
    p->position = start;
}

/* ---- Parentheses: tuple, group, generator expression. */

static struct expr *parse_tuple_rest(struct parser *p, size_t start, struct expr *first)
{
    struct node_list list;
    list_init_nodes(&list);
    if ((first != NULL && !node_list_push(&list, first)) ||
        !parse_more(p, &list, parse_star_named_expression) || !accept(p, TOKEN_RPAREN)) {
        return NULL;
    }
    struct expr_seq *elements = node_list_seq(p, &list);
    return elements == NULL
               ? NULL
               : expr_Tuple(p->arena, elements, EXPR_CONTEXT_Load, position_from(p, start));
}

static struct expr *parse_genexp_rest(struct parser *p, size_t start, struct expr *element)
{
    struct comprehension_seq *generators = parse_for_if_clauses(p);
    if (generators == NULL || !accept(p, TOKEN_RPAREN)) {
        return NULL;
    }
    return expr_GeneratorExp(p->arena, element, generators, position_from(p, start));
}

static struct expr *parse_parenthesized(struct parser *p, size_t start)
{
    if (accept(p, TOKEN_RPAREN)) {
        return expr_Tuple(p->arena, NULL, EXPR_CONTEXT_Load, position_from(p, start));
    }
    if (peek(p) == KEYWORD_YIELD) {
        struct expr *e = parse_yield(p);
        return e != NULL && accept(p, TOKEN_RPAREN) ? e : NULL;
    }
    bool star = peek(p) == TOKEN_STAR;
    struct expr *e = parse_star_named_expression(p);
    if (e == NULL) {
        return NULL;
    }
    switch (peek(p)) {
    case TOKEN_COMMA: return parse_tuple_rest(p, start, e);
    case TOKEN_RPAREN:
        if (star) {
            return NULL;
        }
        p->position++;
        return e;
    case KEYWORD_FOR:
    case KEYWORD_ASYNC: return star ? NULL : parse_genexp_rest(p, start, e);
    default: return NULL;
    }
}

static struct expr *parse_round(struct parser *p)
{
    size_t start = p->position++;
    struct expr *e = parse_parenthesized(p, start);
    if (e != NULL || p->failed) {
        return e;
    }
    if (p->diagnose) {
        diagnose_group(p, start);
        if (!p->failed) {
            diagnose_comprehension(p, start);
        }
    }
    return fail(p, start);
}

/* The parenthesized generator expression that is the only argument of a call. */
struct expr *parse_genexp(struct parser *p)
{
    size_t start = p->position;
    if (!accept(p, TOKEN_LPAREN)) {
        return NULL;
    }
    struct expr *element = parse_named_expression(p);
    struct expr *e = NULL;
    if (element != NULL && starts_for_clause(p)) {
        e = parse_genexp_rest(p, start, element);
    }
    return e != NULL ? e : fail(p, start);
}

/* ---- Brackets: list, list comprehension. */

static struct expr *parse_square_rest(struct parser *p, size_t start)
{
    struct node_list list;
    list_init_nodes(&list);
    struct expr *first = parse_star_named_expression(p);
    if (first != NULL && starts_for_clause(p) && first->kind != EXPR_Starred) {
        struct comprehension_seq *generators = parse_for_if_clauses(p);
        if (generators == NULL || !accept(p, TOKEN_RBRACKET)) {
            return NULL;
        }
        return expr_ListComp(p->arena, first, generators, position_from(p, start));
    }
    if (first != NULL &&
        (!node_list_push(&list, first) || !parse_more(p, &list, parse_star_named_expression))) {
        return NULL;
    }
    if (p->failed || !accept(p, TOKEN_RBRACKET)) {
        return NULL;
    }
    struct expr_seq *elements = node_list_seq(p, &list);
    return elements == NULL
               ? NULL
               : expr_List(p->arena, elements, EXPR_CONTEXT_Load, position_from(p, start));
}

static struct expr *parse_square(struct parser *p)
{
    size_t start = p->position++;
    struct expr *e = parse_square_rest(p, start);
    if (e != NULL || p->failed) {
        return e;
    }
    if (p->diagnose) {
        diagnose_comprehension(p, start);
    }
    return fail(p, start);
}

/* ---- Braces: dict, set and their comprehensions. */

/* One "key: value" or "**mapping" (key NULL). */
static bool parse_pair(struct parser *p, struct expr **key, struct expr **value)
{
    size_t start = p->position;
    *key = NULL;
    if (accept(p, TOKEN_DOUBLE_STAR)) {
        *value = parse_bitwise_or(p);
    } else {
        *key = parse_expression(p);
        *value = *key != NULL && accept(p, TOKEN_COLON) ? parse_expression(p) : NULL;
    }
    if (*value == NULL) {
        p->position = start;
    }
    return *value != NULL;
}

static struct expr *finish_dict(struct parser *p, size_t start, struct node_list *keys,
                                struct node_list *values)
{
    if (p->failed || !accept(p, TOKEN_RBRACE)) {
        return NULL;
    }
    struct expr_seq *key_seq = node_list_seq(p, keys);
    struct expr_seq *value_seq = node_list_seq(p, values);
    if (key_seq == NULL || value_seq == NULL) {
        return NULL;
    }
    return expr_Dict(p->arena, key_seq, value_seq, position_from(p, start));
}

/* After '{': a dict display or a dict comprehension. */
static struct expr *parse_dict(struct parser *p, size_t start)
{
    struct node_list keys, values;
    struct expr *key, *value;
    list_init_nodes(&keys);
    list_init_nodes(&values);
    if (!parse_pair(p, &key, &value)) {
        return finish_dict(p, start, &keys, &values);
    }
    if (key != NULL && starts_for_clause(p)) {
        struct comprehension_seq *generators = parse_for_if_clauses(p);
        if (generators == NULL || !accept(p, TOKEN_RBRACE)) {
            return NULL;
        }
        return expr_DictComp(p->arena, key, value, generators, position_from(p, start));
    }
    do {
        if (!node_list_push(&keys, key) || !node_list_push(&values, value)) {
            return NULL;
        }
    } while (accept(p, TOKEN_COMMA) && parse_pair(p, &key, &value));
    return finish_dict(p, start, &keys, &values);
}

static struct expr *parse_set(struct parser *p, size_t start)
{
    struct expr *first = parse_star_named_expression(p);
    if (first == NULL) {
        return NULL;
    }
    if (starts_for_clause(p) && first->kind != EXPR_Starred) {
        struct comprehension_seq *generators = parse_for_if_clauses(p);
        if (generators == NULL || !accept(p, TOKEN_RBRACE)) {
            return NULL;
        }
        return expr_SetComp(p->arena, first, generators, position_from(p, start));
    }
    struct node_list list;
    list_init_nodes(&list);
    if (!node_list_push(&list, first) || !parse_more(p, &list, parse_star_named_expression) ||
        !accept(p, TOKEN_RBRACE)) {
        return NULL;
    }
    struct expr_seq *elements = node_list_seq(p, &list);
    return elements != NULL ? expr_Set(p->arena, elements, position_from(p, start)) : NULL;
}

/* "key: *value", "key: }" after `key`. True if it raised. */
static bool diagnose_value(struct parser *p)
{
    if (peek(p) != TOKEN_COLON) {
        return false;
    }
    size_t colon = p->position++;
    if (peek(p) == TOKEN_STAR) {
        size_t star = p->position++;
        if (parse_bitwise_or(p) != NULL) {
            raise_from(p, position_of_token(token_at(p, star)),
                       "cannot use a starred expression in a dictionary value");
            return true;
        }
    } else if (peek(p) == TOKEN_RBRACE || peek(p) == TOKEN_COMMA) {
        raise_token(p, colon, "expression expected after dictionary key and ':'");
        return true;
    }
    return p->failed;
}

/* A dict display that went wrong, after '{'. The first pass looks for this, too. */
static void diagnose_dict(struct parser *p, size_t start)
{
    struct expr *key, *value, *a;
    bool many = false;
    p->position = start + 1;
    while (parse_pair(p, &key, &value)) {
        if (!accept(p, TOKEN_COMMA)) {
            p->position = start;
            return;
        }
        many = true;
    }
    size_t item = p->position;
    a = p->failed ? NULL : parse_expression(p);
    if (a != NULL && many && peek(p) != TOKEN_COLON && !p->failed) {
        raise_location(p, PyExc_SyntaxError, a->lineno, a->end_col_offset - 1, a->end_lineno, -1,
                       "':' expected after dictionary key");
        return;
    }
    if (a != NULL) {
        diagnose_value(p);
    }
    if (!p->failed && many) {
        /* The same again for the first item alone. */
        p->position = start + 1;
        a = item != start + 1 ? parse_expression(p) : NULL;
        if (a != NULL) {
            diagnose_value(p);
        }
    }
    p->position = start;
}

/* "{**x for x in y}" */
static void diagnose_dict_comprehension(struct parser *p, size_t start)
{
    p->position = start + 1;
    if (accept(p, TOKEN_DOUBLE_STAR) && parse_bitwise_or(p) != NULL &&
        parse_for_if_clauses(p) != NULL && peek(p) == TOKEN_RBRACE) {
        raise_token(p, start + 1, "dict unpacking cannot be used in dict comprehension");
    }
    p->position = start;
}

static bool starts_set(struct parser *p)
{
    return peek(p) == TOKEN_STAR || (peek(p) == TOKEN_NAME && peek_at(p, 1) == TOKEN_WALRUS);
}

static struct expr *parse_curly(struct parser *p)
{
    size_t start = p->position++;
    struct expr *e = NULL;
    if (!starts_set(p)) {
        e = parse_dict(p, start);
        if (e == NULL && !p->failed) {
            diagnose_dict(p, start);
        }
    }
    if (e == NULL && !p->failed) {
        p->position = start + 1;
        e = parse_set(p, start);
    }
    if (e != NULL || p->failed) {
        return e;
    }
    if (p->diagnose) {
        diagnose_dict_comprehension(p, start);
        if (!p->failed) {
            diagnose_comprehension(p, start);
        }
    }
    return fail(p, start);
}

/* ---- Atoms. */

static struct expr *parse_constant(struct parser *p, Value v)
{
    p->position++;
    return expr_Constant(p->arena, v, NULL, position_of_token(token_at(p, p->position - 1)));
}

struct expr *parse_atom(struct parser *p)
{
    switch (peek(p)) {
    case TOKEN_NAME: return parser_name(p, EXPR_CONTEXT_Load);
    case KEYWORD_TRUE: return parse_constant(p, VALUE_TRUE);
    case KEYWORD_FALSE: return parse_constant(p, VALUE_FALSE);
    case KEYWORD_NONE: return parse_constant(p, VALUE_NONE);
    case TOKEN_ELLIPSIS: return parse_constant(p, VALUE_ELLIPSIS);
    case TOKEN_STRING: return parse_strings(p);
    case TOKEN_NUMBER: return parse_number(p);
    case TOKEN_LPAREN: return parse_round(p);
    case TOKEN_LBRACKET: return parse_square(p);
    case TOKEN_LBRACE: return parse_curly(p);
    default: return NULL;
    }
}

/* ---- Subscripts. */

static struct expr *parse_slice(struct parser *p)
{
    size_t start = p->position;
    struct expr *parts[3] = {NULL, NULL, NULL};
    if (peek(p) == TOKEN_NAME && peek_at(p, 1) == TOKEN_WALRUS) {
        return parse_named_expression(p);
    }
    parts[0] = peek(p) == TOKEN_COLON ? NULL : parse_expression(p);
    if (p->failed) {
        return NULL;
    }
    if (peek(p) != TOKEN_COLON) {
        if (parts[0] != NULL && !p->second_pass && peek(p) != TOKEN_WALRUS) {
            return parts[0];
        }
        p->position = start;
        return parse_named_expression(p);
    }
    for (int i = 1; i < 3 && accept(p, TOKEN_COLON); i++) {
        parts[i] = parse_expression(p);
    }
    return p->failed ? NULL
                     : expr_Slice(p->arena, parts[0], parts[1], parts[2], position_from(p, start));
}

static struct expr *parse_slice_item(struct parser *p)
{
    return peek(p) == TOKEN_STAR ? parse_starred_expression(p) : parse_slice(p);
}

struct expr *parse_slices(struct parser *p)
{
    size_t start = p->position;
    struct expr *first = parse_slice_item(p);
    if (first == NULL || (peek(p) != TOKEN_COMMA && first->kind != EXPR_Starred)) {
        return first;
    }
    struct node_list list;
    list_init_nodes(&list);
    if (!node_list_push(&list, first) || !parse_more(p, &list, parse_slice_item)) {
        return NULL;
    }
    struct expr_seq *elements = node_list_seq(p, &list);
    return elements == NULL
               ? NULL
               : expr_Tuple(p->arena, elements, EXPR_CONTEXT_Load, position_from(p, start));
}

/* ---- Primaries. */

/* After `callee`, at '('. */
static struct expr *parse_call(struct parser *p, struct expr *callee, size_t start)
{
    size_t bracket = p->position++;
    struct call_arguments arguments = {NULL, NULL, {0, 0, 0, 0}};
    if (!accept(p, TOKEN_RPAREN)) {
        bool matched = parse_arguments(p, &arguments, true);
        if (p->failed) {
            return NULL;
        }
        if (!matched || !accept(p, TOKEN_RPAREN)) {
            return fail(p, bracket);
        }
    }
    return expr_Call(p->arena, callee, arguments.args, arguments.keywords, position_from(p, start));
}

static struct expr *parse_subscript(struct parser *p, struct expr *value, size_t start)
{
    size_t bracket = p->position++;
    struct expr *slice = parse_slices(p);
    if (slice == NULL || !accept(p, TOKEN_RBRACKET)) {
        return fail(p, bracket);
    }
    return expr_Subscript(p->arena, value, slice, EXPR_CONTEXT_Load, position_from(p, start));
}

static struct expr *parse_attribute(struct parser *p, struct expr *value, size_t start)
{
    size_t dot = p->position++;
    if (peek(p) != TOKEN_NAME) {
        return fail(p, dot);
    }
    PyObject *name = parser_identifier(p, p->position++);
    return name == NULL
               ? NULL
               : expr_Attribute(p->arena, value, name, EXPR_CONTEXT_Load, position_from(p, start));
}

/* "x[*y for y in z]" and the like read as comprehensions that went wrong. */
static void diagnose_trailer(struct parser *p)
{
    size_t start = p->position;
    enum token_kind kind = peek(p);
    if (kind == TOKEN_LBRACKET || kind == TOKEN_LBRACE ||
        (kind == TOKEN_LPAREN && peek_at(p, 1) == TOKEN_STAR)) {
        diagnose_comprehension(p, start);
        p->position = start;
    }
}

static struct expr *parse_trailers(struct parser *p, struct expr *e, size_t start)
{
    for (;;) {
        struct expr *next;
        if (p->diagnose) {
            diagnose_trailer(p);
        }
        switch (peek(p)) {
        case TOKEN_DOT: next = parse_attribute(p, e, start); break;
        case TOKEN_LPAREN: next = parse_call(p, e, start); break;
        case TOKEN_LBRACKET: next = parse_subscript(p, e, start); break;
        default: return p->failed ? NULL : e;
        }
        if (next == NULL) {
            return p->failed || error_occurred() ? NULL : e;
        }
        e = next;
    }
}

struct expr *parse_primary(struct parser *p)
{
    void *known;
    if (p->second_pass && memo_find(p, MEMO_PRIMARY, &known)) {
        return known;
    }
    size_t start = p->position;
    struct expr *e = parse_atom(p);
    if (e != NULL) {
        e = parse_trailers(p, e, start);
    }
    memo_store(p, MEMO_PRIMARY, start, e);
    return e;
}
