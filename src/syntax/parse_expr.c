/* SPDX-License-Identifier: MIT */
/* Expressions, from operators outwards; atoms are in parse_atom.c. */
#include "syntax/parser_int.h"

/* ---- Operators. */

static int binary_precedence(enum token_kind kind)
{
    switch (kind) {
    case TOKEN_BAR: return 1;
    case TOKEN_CARET: return 2;
    case TOKEN_AMPERSAND: return 3;
    case TOKEN_LEFT_SHIFT:
    case TOKEN_RIGHT_SHIFT: return 4;
    case TOKEN_PLUS:
    case TOKEN_MINUS: return 5;
    case TOKEN_STAR:
    case TOKEN_AT:
    case TOKEN_SLASH:
    case TOKEN_PERCENT:
    case TOKEN_DOUBLE_SLASH: return 6;
    default: return 0;
    }
}

static struct expr *parse_factor(struct parser *p);

static struct expr *parse_await(struct parser *p)
{
    size_t start = p->position;
    if (!accept(p, KEYWORD_AWAIT)) {
        return parse_primary(p);
    }
    struct expr *value = parse_primary(p);
    if (value == NULL || !check_version(p, 5, "Await expressions are")) {
        return fail(p, start);
    }
    return expr_Await(p->arena, value, position_from(p, start));
}

static struct expr *parse_power(struct parser *p)
{
    size_t start = p->position;
    struct expr *base = parse_await(p);
    if (base == NULL || peek(p) != TOKEN_DOUBLE_STAR) {
        return base;
    }
    size_t operator_ = p->position++;
    struct expr *exponent = parser_enter(p, 2) ? parse_factor(p) : NULL;
    parser_leave(p, 2);
    if (exponent == NULL) {
        p->position = operator_;
        return p->failed ? NULL : base;
    }
    return expr_BinOp(p->arena, base, OPERATOR_Pow, exponent, position_from(p, start));
}

static struct expr *parse_unary(struct parser *p, enum unaryop op)
{
    size_t start = p->position++;
    struct expr *operand = parser_enter(p, 1) ? parse_factor(p) : NULL;
    parser_leave(p, 1);
    if (operand == NULL) {
        return fail(p, start);
    }
    return expr_UnaryOp(p->arena, op, operand, position_from(p, start));
}

static struct expr *parse_factor(struct parser *p)
{
    switch (peek(p)) {
    case TOKEN_PLUS: return parse_unary(p, UNARYOP_UAdd);
    case TOKEN_MINUS: return parse_unary(p, UNARYOP_USub);
    case TOKEN_TILDE: return parse_unary(p, UNARYOP_Invert);
    default: return parse_power(p);
    }
}

/* Precedence climbing; left operands associate to the left. */
static struct expr *parse_binary(struct parser *p, int minimum)
{
    size_t start = p->position;
    struct expr *left = parse_factor(p);
    if (left == NULL) {
        return NULL;
    }
    for (;;) {
        enum token_kind kind = peek(p);
        int precedence = binary_precedence(kind);
        if (precedence < minimum || precedence == 0) {
            return left;
        }
        size_t operator_ = p->position++;
        struct expr *right = parse_binary(p, precedence + 1);
        if (right == NULL) {
            p->position = operator_;
            return p->failed ? NULL : left;
        }
        if (kind == TOKEN_AT && !check_version(p, 5, "The '@' operator is")) {
            return NULL;
        }
        left = expr_BinOp(p->arena, left, (enum operator)(kind - TOKEN_PLUS), right,
                          position_from(p, start));
        if (left == NULL) {
            return NULL;
        }
    }
}

struct expr *parse_bitwise_or(struct parser *p)
{
    void *known;
    if (p->second_pass && memo_find(p, MEMO_BITWISE_OR, &known)) {
        return known;
    }
    size_t start = p->position;
    struct expr *e = parse_binary(p, 1);
    memo_store(p, MEMO_BITWISE_OR, start, e);
    return e;
}

/* Takes a comparison operator; false if there is none. */
static bool parse_comparison_operator(struct parser *p, enum cmpop *op)
{
    enum token_kind kind = peek(p);
    if (kind >= TOKEN_EQUAL_EQUAL && kind <= TOKEN_GREATER_EQUAL) {
        const struct token *t = token_at(p, p->position);
        if (kind == TOKEN_NOT_EQUAL &&
            (*token_text(p, t) == '<') != ((p->flags & CO_FUTURE_BARRY_AS_BDFL) != 0)) {
            if (*token_text(p, t) == '!') {
                raise_last(p, PyExc_SyntaxError, "with Barry as BDFL, use '<>' instead of '!='");
            }
            return false;
        }
        *op = (enum cmpop)(kind - TOKEN_EQUAL_EQUAL);
        p->position++;
        return true;
    }
    if (kind == KEYWORD_IN) {
        *op = CMPOP_In;
        p->position++;
        return true;
    }
    if (kind == KEYWORD_NOT && peek_at(p, 1) == KEYWORD_IN) {
        *op = CMPOP_NotIn;
        p->position += 2;
        return true;
    }
    if (kind == KEYWORD_IS) {
        p->position++;
        *op = accept(p, KEYWORD_NOT) ? CMPOP_IsNot : CMPOP_Is;
        return true;
    }
    return false;
}

static struct expr *finish_comparison(struct parser *p, struct expr *left, size_t start,
                                      const struct node_list *operands, const enum cmpop *ops)
{
    struct cmpop_seq *operators = cmpop_seq_new(p->arena, operands->count);
    struct expr_seq *comparators = node_list_seq(p, operands);
    if (operators == NULL || comparators == NULL) {
        return NULL;
    }
    memcpy(operators->items, ops, operands->count * sizeof *ops);
    return expr_Compare(p->arena, left, operators, comparators, position_from(p, start));
}

static NO_INLINE struct expr *parse_comparison_chain(struct parser *p, struct expr *left,
                                                     size_t start)
{
    struct node_list operands;
    enum cmpop few[8], *ops = few;
    size_t capacity = 8;
    list_init_nodes(&operands);
    for (;;) {
        size_t operator_ = p->position;
        enum cmpop op;
        if (!parse_comparison_operator(p, &op)) {
            break;
        }
        struct expr *right = parse_bitwise_or(p);
        if (right == NULL) {
            p->position = operator_;
            break;
        }
        if (operands.count == capacity) {
            enum cmpop *grown = heap_alloc(capacity * 2 * sizeof *ops, CELL_RAW);
            if (grown == NULL) {
                error_no_memory();
                p->failed = true;
                return NULL;
            }
            memcpy(grown, ops, capacity * sizeof *ops);
            ops = grown;
            capacity *= 2;
        }
        ops[operands.count] = op;
        if (!node_list_push(&operands, right)) {
            return NULL;
        }
    }
    if (p->failed) {
        return NULL;
    }
    return operands.count == 0 ? left : finish_comparison(p, left, start, &operands, ops);
}

static bool starts_comparison(enum token_kind kind)
{
    return (kind >= TOKEN_EQUAL_EQUAL && kind <= TOKEN_GREATER_EQUAL) || kind == KEYWORD_IN ||
           kind == KEYWORD_NOT || kind == KEYWORD_IS;
}

static struct expr *parse_comparison(struct parser *p)
{
    size_t start = p->position;
    struct expr *left = parse_bitwise_or(p);
    if (left == NULL || LIKELY(!starts_comparison(peek(p)))) {
        return left;
    }
    return parse_comparison_chain(p, left, start);
}

static struct expr *parse_inversion(struct parser *p)
{
    if (peek(p) != KEYWORD_NOT) {
        return parse_comparison(p);
    }
    size_t start = p->position++;
    struct expr *operand = parser_enter(p, 2) ? parse_inversion(p) : NULL;
    parser_leave(p, 2);
    if (operand == NULL) {
        return fail(p, start);
    }
    return expr_UnaryOp(p->arena, UNARYOP_Not, operand, position_from(p, start));
}

/* a OP b OP c ... as one BoolOp. */
static NO_INLINE struct expr *parse_bool_chain(struct parser *p, struct expr *first, size_t start,
                                               enum token_kind keyword, enum boolop op,
                                               struct expr *(*operand)(struct parser *))
{
    struct node_list values;
    list_init_nodes(&values);
    if (!node_list_push(&values, first)) {
        return NULL;
    }
    while (peek(p) == keyword) {
        size_t operator_ = p->position++;
        struct expr *next = operand(p);
        if (next == NULL) {
            p->position = operator_;
            break;
        }
        if (!node_list_push(&values, next)) {
            return NULL;
        }
    }
    if (p->failed) {
        return NULL;
    }
    if (values.count == 1) {
        return first;
    }
    struct expr_seq *seq = node_list_seq(p, &values);
    return seq != NULL ? expr_BoolOp(p->arena, op, seq, position_from(p, start)) : NULL;
}

static struct expr *parse_conjunction(struct parser *p)
{
    size_t start = p->position;
    struct expr *first = parse_inversion(p);
    if (first == NULL || peek(p) != KEYWORD_AND) {
        return first;
    }
    return parse_bool_chain(p, first, start, KEYWORD_AND, BOOLOP_And, parse_inversion);
}

struct expr *parse_disjunction(struct parser *p)
{
    void *known;
    if (p->second_pass && memo_find(p, MEMO_DISJUNCTION, &known)) {
        return known;
    }
    size_t start = p->position;
    struct expr *e = parse_conjunction(p);
    if (e != NULL && peek(p) == KEYWORD_OR) {
        e = parse_bool_chain(p, e, start, KEYWORD_OR, BOOLOP_Or, parse_conjunction);
    }
    memo_store(p, MEMO_DISJUNCTION, start, e);
    return e;
}

/* ---- Mistakes around expressions (second pass). Each returns with the position at `start`, and
 * with p->failed set if it raised. */

static struct expr *parse_expression_uncached(struct parser *p);

/* CPython compares the name's length only, so prefixes of soft keywords count too. */
static bool is_soft_keyword(const struct parser *p, size_t index)
{
    const struct token *t = token_at(p, index);
    const char *text = token_text(p, t);
    size_t n = token_length(t);
    return strncmp("_", text, n) == 0 || strncmp("match", text, n) == 0 ||
           strncmp("case", text, n) == 0;
}

static bool is_legacy_name(const struct expr *e)
{
    return e->kind == EXPR_Name &&
           (str_equal_text(e->v.Name.id, "print") || str_equal_text(e->v.Name.id, "exec"));
}

/* "a b" inside brackets: a comma is missing. The position is after a. */
static void diagnose_missing_comma(struct parser *p, struct expr *a)
{
    size_t after = p->position;
    p->diagnose = false;
    struct expr *b = parse_expression_uncached(p);
    p->diagnose = true;
    if (b != NULL && !is_legacy_name(a) && token_at(p, p->position - 1)->level > 0) {
        raise_range(p, position_of(a), position_of(b),
                    "invalid syntax. Perhaps you forgot a comma?");
    }
    p->position = after;
}

static void diagnose_expression(struct parser *p)
{
    size_t start = p->position;
    bool is_name = peek(p) == TOKEN_NAME;
    bool skip = is_name && (peek_at(p, 1) == TOKEN_STRING || is_soft_keyword(p, start));
    struct expr *a = parse_disjunction(p);
    if (a != NULL && !skip) {
        diagnose_missing_comma(p, a);
    }
    if (a != NULL && !p->failed && accept(p, KEYWORD_IF)) {
        struct expr *b = parse_disjunction(p);
        if (b != NULL && peek(p) != KEYWORD_ELSE && peek(p) != TOKEN_COLON && !p->failed) {
            raise_range(p, position_of(a), position_of(b), "expected 'else' after 'if' expression");
        }
    }
    p->position = start;
    if (p->failed || !is_name || peek_at(p, 1) == TOKEN_LPAREN) {
        return;
    }
    p->position++;
    struct expr *b = parse_star_expressions(p);
    if (b != NULL && (token_is(p, start, "print") || token_is(p, start, "exec"))) {
        const char *name = token_is(p, start, "print") ? "print" : "exec";
        raise_range(p, position_of_token(token_at(p, start)), position_of(b),
                    "Missing parentheses in call to '%s'. Did you mean %s(...)?", name, name);
    }
    p->position = start;
}

/* ---- expression: conditional, disjunction, lambda. */

static NO_INLINE struct expr *parse_conditional(struct parser *p, struct expr *body, size_t start)
{
    size_t keyword = p->position++;
    struct expr *test = parse_disjunction(p);
    struct expr *orelse = NULL;
    if (test != NULL && accept(p, KEYWORD_ELSE)) {
        orelse = parse_expression(p);
    }
    if (orelse == NULL) {
        p->position = keyword;
        return p->failed ? NULL : body;
    }
    return expr_IfExp(p->arena, test, body, orelse, position_from(p, start));
}

static struct expr *parse_expression_uncached(struct parser *p)
{
    if (p->diagnose) {
        diagnose_expression(p);
        if (p->failed) {
            return NULL;
        }
    }
    size_t start = p->position;
    if (peek(p) == KEYWORD_LAMBDA) {
        return parse_lambda(p);
    }
    struct expr *e = parse_disjunction(p);
    if (e != NULL && peek(p) == KEYWORD_IF) {
        return parse_conditional(p, e, start);
    }
    return e;
}

enum { EXPRESSION_COST = 16 };

struct expr *parse_expression(struct parser *p)
{
    void *known;
    if (p->second_pass && memo_find(p, MEMO_EXPRESSION, &known)) {
        return known;
    }
    size_t start = p->position;
    struct expr *e = parser_enter(p, EXPRESSION_COST) ? parse_expression_uncached(p) : NULL;
    parser_leave(p, EXPRESSION_COST);
    memo_store(p, MEMO_EXPRESSION, start, e);
    return e;
}

/* ---- named_expression. */

/* A list, tuple or generator expression, True, False or None: other messages are for these. */
static bool starts_with_display(struct parser *p)
{
    switch (peek(p)) {
    case KEYWORD_TRUE:
    case KEYWORD_FALSE:
    case KEYWORD_NONE: return true;
    case TOKEN_LBRACKET:
    case TOKEN_LPAREN: {
        struct expr *e = parse_atom(p);
        return e != NULL &&
               (e->kind == EXPR_List || e->kind == EXPR_Tuple || e->kind == EXPR_GeneratorExp);
    }
    default: return false;
    }
}

/* "if x = 3": an assignment where a comparison was meant. Leaves the position at the start. */
static void diagnose_named_expression(struct parser *p)
{
    size_t start = p->position;
    struct expr *a = parse_expression(p);
    if (a != NULL && accept(p, TOKEN_WALRUS) && parse_expression(p) != NULL) {
        raise_at(p, position_of(a), "cannot use assignment expressions with %s", expr_kind_name(a));
        return;
    }
    p->position = start;
    bool excluded = starts_with_display(p);
    p->position = start;
    a = p->failed ? NULL : parse_bitwise_or(p);
    size_t equal = p->position;
    bool plain_name = token_at(p, start)->kind == TOKEN_NAME && equal == start + 1;
    if (a != NULL && (plain_name || !excluded) && accept(p, TOKEN_EQUAL)) {
        struct expr *b = parse_bitwise_or(p);
        bool alone = b != NULL && peek(p) != TOKEN_EQUAL && peek(p) != TOKEN_WALRUS && !p->failed;
        if (alone && plain_name) {
            raise_range(p, position_of(a), position_of(b),
                        "invalid syntax. Maybe you meant '==' or ':=' instead of '='?");
        } else if (alone) {
            raise_at(p, position_of(a),
                     "cannot assign to %s here. Maybe you meant '==' instead of '='?",
                     expr_kind_name(a));
        }
    }
    p->position = start;
}

static struct expr *parse_assignment_expression(struct parser *p)
{
    size_t start = p->position;
    struct expr *target = parser_name(p, EXPR_CONTEXT_Store);
    if (target == NULL || !accept(p, TOKEN_WALRUS)) {
        return fail(p, start);
    }
    struct expr *value = parse_expression(p);
    if (value == NULL || !check_version(p, 8, "Assignment expressions are")) {
        return fail(p, start);
    }
    return expr_NamedExpr(p->arena, target, value, position_from(p, start));
}

struct expr *parse_named_expression(struct parser *p)
{
    if (peek(p) == TOKEN_NAME && peek_at(p, 1) == TOKEN_WALRUS) {
        return parse_assignment_expression(p);
    }
    void *known;
    if (p->second_pass && memo_find(p, MEMO_NAMED_EXPRESSION, &known)) {
        return known;
    }
    size_t start = p->position;
    if (p->diagnose) {
        diagnose_named_expression(p);
    }
    struct expr *e = p->failed ? NULL : parse_expression(p);
    if (e != NULL && peek(p) == TOKEN_WALRUS) {
        e = fail(p, start);
    }
    memo_store(p, MEMO_NAMED_EXPRESSION, start, e);
    return e;
}

/* ---- Stars and lists. */

static struct expr *parse_star(struct parser *p, struct expr *(*operand)(struct parser *))
{
    size_t start = p->position;
    if (!accept(p, TOKEN_STAR)) {
        return NULL;
    }
    struct expr *value = operand(p);
    if (value == NULL) {
        return fail(p, start);
    }
    return expr_Starred(p->arena, value, EXPR_CONTEXT_Load, position_from(p, start));
}

struct expr *parse_star_expression(struct parser *p)
{
    return peek(p) == TOKEN_STAR ? parse_star(p, parse_bitwise_or) : parse_expression(p);
}

struct expr *parse_star_named_expression(struct parser *p)
{
    return peek(p) == TOKEN_STAR ? parse_star(p, parse_bitwise_or) : parse_named_expression(p);
}

struct expr *parse_starred_expression(struct parser *p)
{
    return parse_star(p, parse_expression);
}

bool parse_more(struct parser *p, struct node_list *list, struct expr *(*item)(struct parser *))
{
    while (accept(p, TOKEN_COMMA)) {
        struct expr *e = item(p);
        if (e == NULL) {
            break; /* a trailing comma */
        }
        if (!node_list_push(list, e)) {
            p->failed = true;
        }
    }
    return !p->failed;
}

static NO_INLINE struct expr *parse_tuple_tail(struct parser *p, struct expr *first, size_t start,
                                               struct expr *(*item)(struct parser *))
{
    struct node_list list;
    list_init_nodes(&list);
    if (!node_list_push(&list, first) || !parse_more(p, &list, item)) {
        return NULL;
    }
    struct expr_seq *elements = node_list_seq(p, &list);
    return elements == NULL
               ? NULL
               : expr_Tuple(p->arena, elements, EXPR_CONTEXT_Load, position_from(p, start));
}

struct expr *parse_star_expressions(struct parser *p)
{
    void *known;
    if (p->second_pass && memo_find(p, MEMO_STAR_EXPRESSIONS, &known)) {
        return known;
    }
    size_t start = p->position;
    struct expr *e = parse_star_expression(p);
    if (e != NULL && peek(p) == TOKEN_COMMA) {
        e = parse_tuple_tail(p, e, start, parse_star_expression);
    }
    memo_store(p, MEMO_STAR_EXPRESSIONS, start, e);
    return e;
}

struct expr *parse_yield(struct parser *p)
{
    size_t start = p->position;
    if (!accept(p, KEYWORD_YIELD)) {
        return NULL;
    }
    if (accept(p, KEYWORD_FROM)) {
        struct expr *value = parse_expression(p);
        if (value != NULL) {
            return expr_YieldFrom(p->arena, value, position_from(p, start));
        }
        p->position = start + 1;
    }
    struct expr *value = parse_star_expressions(p);
    return p->failed ? NULL : expr_Yield(p->arena, value, position_from(p, start));
}

struct expr *parse_lambda(struct parser *p)
{
    size_t start = p->position;
    if (!accept(p, KEYWORD_LAMBDA)) {
        return NULL;
    }
    struct arguments *args = parse_parameters(p, true);
    if (args == NULL || !accept(p, TOKEN_COLON)) {
        return fail(p, start);
    }
    struct expr *body = parse_expression(p);
    if (body == NULL) {
        return fail(p, start);
    }
    return expr_Lambda(p->arena, args, body, position_from(p, start));
}

/* ---- Targets. */

static bool are_targets(const struct expr_seq *elements, bool star)
{
    for (size_t i = 0; i < elements->count; i++) {
        if (!is_target(elements->items[i], star, true)) {
            return false;
        }
    }
    return true;
}

/* star: starred elements are fine (not in del). */
bool is_target(const struct expr *e, bool star, bool nested)
{
    switch (e->kind) {
    case EXPR_Name:
    case EXPR_Attribute:
    case EXPR_Subscript: return true;
    case EXPR_List: return are_targets(e->v.List.elts, star);
    case EXPR_Tuple: return are_targets(e->v.Tuple.elts, star);
    case EXPR_Starred:
        return star && nested && e->v.Starred.value->kind != EXPR_Starred &&
               is_target(e->v.Starred.value, star, nested);
    default: return false;
    }
}

/* Nodes are fresh and belong to this parser, so they change in place. */
bool set_context(struct parser *p, struct expr *e, enum expr_context ctx)
{
    switch (e->kind) {
    case EXPR_Name: e->v.Name.ctx = ctx; return true;
    case EXPR_Attribute: e->v.Attribute.ctx = ctx; return true;
    case EXPR_Subscript: e->v.Subscript.ctx = ctx; return true;
    case EXPR_Starred: e->v.Starred.ctx = ctx; return set_context(p, e->v.Starred.value, ctx);
    case EXPR_List:
    case EXPR_Tuple: {
        struct expr_seq *elements = e->kind == EXPR_List ? e->v.List.elts : e->v.Tuple.elts;
        *(e->kind == EXPR_List ? &e->v.List.ctx : &e->v.Tuple.ctx) = ctx;
        for (size_t i = 0; i < elements->count; i++) {
            set_context(p, elements->items[i], ctx);
        }
        return true;
    }
    default: return false;
    }
}

struct expr *parse_star_target(struct parser *p)
{
    size_t start = p->position;
    struct expr *e = peek(p) == TOKEN_STAR ? parse_star(p, parse_primary) : parse_primary(p);
    if (e == NULL || !is_target(e, true, true)) {
        return fail(p, start);
    }
    set_context(p, e, EXPR_CONTEXT_Store);
    return e;
}

struct expr *parse_star_targets(struct parser *p)
{
    size_t start = p->position;
    struct expr *e = parse_star_target(p);
    if (e == NULL || peek(p) != TOKEN_COMMA) {
        return e;
    }
    e = parse_tuple_tail(p, e, start, parse_star_target);
    if (e != NULL) {
        set_context(p, e, EXPR_CONTEXT_Store);
    }
    return e;
}
