/* SPDX-License-Identifier: MIT */
/* Compound statements but match, which is in parse_match.c. */
#include "syntax/parser_int.h"

/* ---- Blocks. */

/* "expected an indented block after X on line N" when the line after "X:" is not indented. */
static bool check_block(struct parser *p, size_t header, const char *what)
{
    if (!missing_block(p)) {
        return true;
    }
    p->position++; /* the newline */
    raise_last(p, PyExc_IndentationError, "expected an indented block after %s on line %d", what,
               token_at(p, header)->lineno);
    return false;
}

struct stmt_seq *parse_block(struct parser *p)
{
    size_t start = p->position;
    struct node_list body;
    list_init_nodes(&body);
    if (peek(p) != TOKEN_NEWLINE) {
        return parse_simple_statements(p, &body) ? node_list_seq(p, &body) : NULL;
    }
    p->position++;
    if (!accept(p, TOKEN_INDENT)) {
        if (p->diagnose && !p->failed) {
            raise_last(p, PyExc_IndentationError, "expected an indented block");
        }
        return fail(p, start);
    }
    while (peek(p) != TOKEN_DEDENT && peek(p) != TOKEN_END && parse_statement(p, &body)) {
    }
    if (p->failed || body.count == 0 || !accept(p, TOKEN_DEDENT)) {
        return fail(p, start);
    }
    return node_list_seq(p, &body);
}

/* ':' block, with "expected ':'" where the line ends without one (forced: anywhere). */
static struct stmt_seq *parse_suite(struct parser *p, size_t header, const char *what, bool forced)
{
    if (forced) {
        if (!expect_forced(p, TOKEN_COLON, ":")) {
            return NULL;
        }
    } else if (!accept(p, TOKEN_COLON)) {
        if (p->diagnose && peek(p) == TOKEN_NEWLINE && !p->failed) {
            raise_last(p, PyExc_SyntaxError, "expected ':'");
        }
        return NULL;
    }
    return check_block(p, header, what) ? parse_block(p) : NULL;
}

/* ['else' ':' block]; *ok is false if there is an else that is wrong. */
static struct stmt_seq *parse_else(struct parser *p, bool *ok)
{
    size_t start = p->position;
    *ok = true;
    if (!accept(p, KEYWORD_ELSE)) {
        return NULL;
    }
    struct stmt_seq *body = parse_suite(p, start, "'else' statement", true);
    *ok = body != NULL;
    return body != NULL ? body : fail(p, start);
}

/* ---- if, while, for. */

static struct stmt *parse_if(struct parser *p, const char *what)
{
    size_t start = p->position++;
    struct expr *test = parse_named_expression(p);
    struct stmt_seq *body = test != NULL ? parse_suite(p, start, what, false) : NULL;
    if (body == NULL) {
        return fail(p, start);
    }
    struct stmt_seq *orelse = NULL;
    bool ok = true;
    if (peek(p) == KEYWORD_ELIF) {
        struct stmt *nested = parser_enter(p, 4) ? parse_if(p, "'elif' statement") : NULL;
        parser_leave(p, 4);
        orelse = nested != NULL ? stmt_seq_new(p->arena, 1) : NULL;
        ok = orelse != NULL;
        if (ok) {
            heap_init(orelse, &orelse->items[0], nested);
        }
    } else {
        orelse = parse_else(p, &ok);
    }
    if (p->failed) {
        return NULL;
    }
    return stmt_If(p->arena, test, body, orelse, position_from(p, start));
}

static struct stmt *parse_while(struct parser *p)
{
    size_t start = p->position++;
    struct expr *test = parse_named_expression(p);
    struct stmt_seq *body = test != NULL ? parse_suite(p, start, "'while' statement", false) : NULL;
    bool ok;
    if (body == NULL) {
        return fail(p, start);
    }
    struct stmt_seq *orelse = parse_else(p, &ok);
    return p->failed ? NULL : stmt_While(p->arena, test, body, orelse, position_from(p, start));
}

static struct stmt *parse_for(struct parser *p, size_t start, bool async)
{
    size_t keyword = p->position++;
    struct expr *target = parse_star_targets(p);
    if (target == NULL || !accept(p, KEYWORD_IN)) {
        p->position = keyword + 1;
        struct expr *bad = p->diagnose && !p->failed ? parse_star_expressions(p) : NULL;
        if (bad != NULL) {
            raise_invalid_target(p, bad, TARGET_FOR);
        }
        return fail(p, start);
    }
    struct expr *iter = parse_star_expressions(p);
    if (iter == NULL) {
        return fail(p, start);
    }
    bool ok = true;
    if (!accept(p, TOKEN_COLON)) {
        if (p->diagnose && peek(p) == TOKEN_NEWLINE && !p->failed) {
            raise_last(p, PyExc_SyntaxError, "expected ':'");
        }
        return fail(p, start);
    }
    PyObject *comment = parse_type_comment(p, &ok);
    struct stmt_seq *body =
        ok && check_block(p, keyword, "'for' statement") ? parse_block(p) : NULL;
    if (body == NULL) {
        return fail(p, start);
    }
    struct stmt_seq *orelse = parse_else(p, &ok);
    if (p->failed) {
        return NULL;
    }
    if (async) {
        return !check_version(p, 5, "Async for loops are")
                   ? NULL
                   : stmt_AsyncFor(p->arena, target, iter, body, orelse, comment,
                                   position_from(p, start));
    }
    return stmt_For(p->arena, target, iter, body, orelse, comment, position_from(p, start));
}

/* ---- with. */

static struct withitem *parse_with_item(struct parser *p)
{
    size_t start = p->position;
    struct expr *context = parse_expression(p);
    if (context == NULL) {
        return NULL;
    }
    size_t as = p->position;
    if (accept(p, KEYWORD_AS)) {
        struct expr *target = parse_star_target(p);
        enum token_kind next = peek(p);
        if (target != NULL &&
            (next == TOKEN_COMMA || next == TOKEN_RPAREN || next == TOKEN_COLON)) {
            return withitem_new(p->arena, context, target);
        }
        if (p->diagnose && !p->failed) {
            p->position = as + 1;
            struct expr *bad = parse_expression(p);
            next = peek(p);
            if (bad != NULL &&
                (next == TOKEN_COMMA || next == TOKEN_RPAREN || next == TOKEN_COLON)) {
                raise_invalid_target(p, bad, TARGET_STAR);
            }
        }
        if (p->failed) {
            return fail(p, start);
        }
        p->position = as;
    }
    return withitem_new(p->arena, context, NULL);
}

static struct withitem_seq *parse_with_items(struct parser *p, bool trailing_comma)
{
    struct node_list items;
    list_init_nodes(&items);
    for (;;) {
        size_t start = p->position;
        struct withitem *item = parse_with_item(p);
        if (item == NULL) {
            if (items.count > 0 && !p->failed) {
                p->position = start - 1; /* the comma */
            }
            break;
        }
        if (!node_list_push(&items, item)) {
            return NULL;
        }
        if (!accept(p, TOKEN_COMMA)) {
            break;
        }
    }
    if (trailing_comma) {
        accept(p, TOKEN_COMMA);
    }
    return items.count > 0 && !p->failed ? node_list_seq(p, &items) : NULL;
}

/* '(' items [','] ')' ':', with the position after the parenthesis. NULL if it is something else.
 */
static struct withitem_seq *parse_parenthesized_items(struct parser *p)
{
    size_t start = p->position;
    if (!accept(p, TOKEN_LPAREN)) {
        return NULL;
    }
    struct withitem_seq *items = parse_with_items(p, true);
    if (items != NULL && accept(p, TOKEN_RPAREN) && peek(p) == TOKEN_COLON) {
        return items;
    }
    return fail(p, start);
}

/* No colon: "expected ':'" if the header is fine up to the end of the line. */
static void diagnose_with(struct parser *p, size_t first)
{
    for (int parentheses = 0; parentheses < 2 && !p->failed; parentheses++) {
        p->position = first;
        if (parentheses && !accept(p, TOKEN_LPAREN)) {
            break;
        }
        bool fine = false;
        do {
            fine = parse_expression(p) != NULL;
            if (fine && accept(p, KEYWORD_AS)) {
                fine = parse_star_target(p) != NULL;
            }
        } while (fine && accept(p, TOKEN_COMMA) && !(parentheses && peek(p) == TOKEN_RPAREN));
        if (fine && parentheses) {
            fine = accept(p, TOKEN_RPAREN);
        }
        if (fine && peek(p) == TOKEN_NEWLINE && !p->failed) {
            raise_last(p, PyExc_SyntaxError, "expected ':'");
        }
    }
}

static struct stmt *parse_with(struct parser *p, size_t start, bool async)
{
    size_t keyword = p->position++, first = p->position;
    bool ok = true, parenthesized = true;
    struct withitem_seq *items = parse_parenthesized_items(p);
    if (items == NULL && !p->failed) {
        parenthesized = false;
        items = parse_with_items(p, false);
    }
    if (items == NULL || !accept(p, TOKEN_COLON)) {
        if (p->diagnose && !p->failed) {
            diagnose_with(p, first);
        }
        return fail(p, start);
    }
    PyObject *comment = parenthesized ? NULL : parse_type_comment(p, &ok);
    struct stmt_seq *body =
        ok && check_block(p, keyword, "'with' statement") ? parse_block(p) : NULL;
    if (body == NULL) {
        return fail(p, start);
    }
    if (parenthesized && !check_version(p, 9, "Parenthesized context managers are")) {
        return NULL;
    }
    if (async) {
        return !check_version(p, 5, "Async with statements are")
                   ? NULL
                   : stmt_AsyncWith(p->arena, items, body, comment, position_from(p, start));
    }
    return stmt_With(p->arena, items, body, comment, position_from(p, start));
}

/* ---- try. */

/* After "except A": ", B" lacks parentheses. */
static void diagnose_except(struct parser *p, size_t type)
{
    size_t after = p->position;
    struct expr *a = NULL;
    if (peek(p) == TOKEN_COMMA) {
        p->position = type;
        a = parse_expression(p);
        struct node_list rest;
        list_init_nodes(&rest);
        if (a != NULL && parse_more(p, &rest, parse_expression) && rest.count > 0) {
            if (accept(p, KEYWORD_AS)) {
                accept(p, TOKEN_NAME);
            }
            if (peek(p) == TOKEN_COLON && !p->failed) {
                raise_from(p, position_of(a), "multiple exception types must be parenthesized");
                return;
            }
        }
        p->position = after;
    }
}

struct except_header {
    struct expr *type; /* NULL: catches everything */
    PyObject *name;
    bool star;
};

/* 'except' ['*'] [type ['as' name]]; false without a match. */
static bool parse_except_header(struct parser *p, struct except_header *h)
{
    size_t start = p->position;
    *h = (struct except_header){NULL, NULL, false};
    if (!accept(p, KEYWORD_EXCEPT)) {
        return false;
    }
    h->star = accept(p, TOKEN_STAR);
    size_t type_start = p->position;
    h->type = parse_expression(p);
    if (!p->failed && h->type != NULL && peek(p) == KEYWORD_AS && peek_at(p, 1) == TOKEN_NAME) {
        h->name = parser_identifier(p, p->position + 1);
        p->position += 2;
    }
    if (p->diagnose && !p->failed) {
        if (h->type != NULL) {
            diagnose_except(p, type_start);
        } else if (h->star && (peek(p) == TOKEN_NEWLINE || peek(p) == TOKEN_COLON)) {
            raise_last(p, PyExc_SyntaxError, "expected one or more exception types");
        }
    }
    if (p->failed || (h->star && h->type == NULL)) {
        p->position = start;
        return false;
    }
    return true;
}

static struct excepthandler *parse_except(struct parser *p, bool *star)
{
    size_t start = p->position;
    struct except_header h;
    if (!parse_except_header(p, &h)) {
        return NULL;
    }
    *star = h.star;
    struct stmt_seq *body =
        parse_suite(p, start, h.star ? "'except*' statement" : "'except' statement", false);
    if (body == NULL) {
        return fail(p, start);
    }
    return excepthandler_ExceptHandler(p->arena, h.type, h.name, body, position_from(p, start));
}

/* A handler of the other kind follows. */
static void diagnose_mixed_handlers(struct parser *p, bool star)
{
    size_t except = p->position;
    struct except_header h;
    if (peek(p) != KEYWORD_EXCEPT || (peek_at(p, 1) == TOKEN_STAR) == star) {
        return;
    }
    if (parse_except_header(p, &h)) {
        if (peek(p) == TOKEN_NEWLINE) {
            raise_last(p, PyExc_SyntaxError, "expected ':'");
        } else if (peek(p) == TOKEN_COLON) {
            raise_range(p, position_of_token(token_at(p, except)),
                        position_of_token(token_at(p, except + h.star)),
                        "cannot have both 'except' and 'except*' on the same 'try'");
        }
    }
    p->position = except;
}

static bool parse_handlers(struct parser *p, struct node_list *handlers, bool *star)
{
    while (peek(p) == KEYWORD_EXCEPT) {
        bool this_star;
        size_t start = p->position;
        if (handlers->count > 0 && (peek_at(p, 1) == TOKEN_STAR) != *star) {
            break;
        }
        struct excepthandler *h = parse_except(p, &this_star);
        if (h == NULL) {
            p->position = start;
            break;
        }
        *star = this_star;
        if (!node_list_push(handlers, h)) {
            return false;
        }
    }
    return !p->failed;
}

static struct stmt *parse_try(struct parser *p)
{
    size_t start = p->position++;
    struct stmt_seq *body = parse_suite(p, start, "'try' statement", true);
    if (body == NULL) {
        return fail(p, start);
    }
    if (p->diagnose && peek(p) != KEYWORD_EXCEPT && peek(p) != KEYWORD_FINALLY && !p->failed) {
        raise_last(p, PyExc_SyntaxError, "expected 'except' or 'finally' block");
        return NULL;
    }
    struct node_list handlers;
    bool star = false, ok = true;
    list_init_nodes(&handlers);
    if (!parse_handlers(p, &handlers, &star)) {
        return NULL;
    }
    if (p->diagnose && handlers.count > 0) {
        diagnose_mixed_handlers(p, star);
        if (p->failed) {
            return NULL;
        }
    }
    struct stmt_seq *orelse = handlers.count > 0 ? parse_else(p, &ok) : NULL;
    struct stmt_seq *finalbody = NULL;
    size_t finally = p->position;
    if (!p->failed && accept(p, KEYWORD_FINALLY)) {
        finalbody = parse_suite(p, finally, "'finally' statement", true);
        if (finalbody == NULL) {
            p->position = finally;
        }
    }
    struct excepthandler_seq *seq = p->failed ? NULL : node_list_seq(p, &handlers);
    if (seq == NULL || (handlers.count == 0 && finalbody == NULL)) {
        return fail(p, start);
    }
    if (star) {
        return !check_version(p, 11, "Exception groups are")
                   ? NULL
                   : stmt_TryStar(p->arena, body, seq, orelse, finalbody, position_from(p, start));
    }
    return stmt_Try(p->arena, body, seq, orelse, finalbody, position_from(p, start));
}

/* ---- def and class. */

/* A type comment after the header, on its line or the next. */
static PyObject *parse_func_type_comment(struct parser *p, bool *ok)
{
    *ok = true;
    if (peek(p) == TOKEN_NEWLINE && p->tokenizer.type_comments &&
        peek_at(p, 1) == TOKEN_TYPE_COMMENT) {
        if (peek_at(p, 2) == TOKEN_NEWLINE && peek_at(p, 3) == TOKEN_INDENT) {
            p->position++;
            return parse_type_comment(p, ok);
        }
        return NULL;
    }
    if (p->diagnose && peek(p) == TOKEN_TYPE_COMMENT && peek_at(p, 1) == TOKEN_NEWLINE &&
        peek_at(p, 2) == TOKEN_TYPE_COMMENT && peek_at(p, 3) == TOKEN_NEWLINE &&
        peek_at(p, 4) == TOKEN_INDENT) {
        raise_last(p, PyExc_SyntaxError, "Cannot have two type comments on def");
        *ok = false;
        return NULL;
    }
    return parse_type_comment(p, ok);
}

static struct stmt *parse_def(struct parser *p, size_t start, bool async,
                              struct expr_seq *decorators)
{
    size_t keyword = p->position++;
    if (peek(p) != TOKEN_NAME) {
        return fail(p, start);
    }
    PyObject *name = parser_identifier(p, p->position++);
    if (name == NULL || !expect_forced(p, TOKEN_LPAREN, "(")) {
        return fail(p, start);
    }
    struct arguments *args = parse_parameters(p, false);
    if (args == NULL || !accept(p, TOKEN_RPAREN)) {
        return fail(p, start);
    }
    struct expr *returns = NULL;
    size_t arrow = p->position;
    if (accept(p, TOKEN_ARROW)) {
        returns = parse_expression(p);
        if (returns == NULL) {
            p->position = arrow;
        }
    }
    if (p->failed || !expect_forced(p, TOKEN_COLON, ":")) {
        return fail(p, start);
    }
    bool ok;
    PyObject *comment = parse_func_type_comment(p, &ok);
    if (!ok || !check_block(p, keyword, "function definition")) {
        return NULL;
    }
    struct stmt_seq *body = parse_block(p);
    if (body == NULL) {
        return fail(p, start);
    }
    if (async) {
        return !check_version(p, 5, "Async functions are")
                   ? NULL
                   : stmt_AsyncFunctionDef(p->arena, name, args, body, decorators, returns, comment,
                                           position_from(p, start));
    }
    return stmt_FunctionDef(p->arena, name, args, body, decorators, returns, comment,
                            position_from(p, start));
}

static struct stmt *parse_class(struct parser *p, struct expr_seq *decorators)
{
    size_t start = p->position++;
    if (peek(p) != TOKEN_NAME) {
        return fail(p, start);
    }
    PyObject *name = parser_identifier(p, p->position++);
    struct call_arguments bases = {NULL, NULL, {0, 0, 0, 0}};
    size_t open = p->position;
    if (name == NULL) {
        return NULL;
    }
    if (accept(p, TOKEN_LPAREN) && !accept(p, TOKEN_RPAREN)) {
        bool matched = parse_arguments(p, &bases, false);
        if (!matched || !accept(p, TOKEN_RPAREN)) {
            p->position = open;
        }
    }
    if (p->failed) {
        return NULL;
    }
    struct stmt_seq *body = parse_suite(p, start, "class definition", false);
    if (body == NULL) {
        return fail(p, start);
    }
    return stmt_ClassDef(p->arena, name, bases.args, bases.keywords, body, decorators,
                         position_from(p, start));
}

static bool is_simple_decorator(const struct expr *e)
{
    if (e->kind == EXPR_Call) {
        e = e->v.Call.func;
    }
    while (e->kind == EXPR_Attribute) {
        e = e->v.Attribute.value;
    }
    return e->kind == EXPR_Name;
}

static struct stmt *parse_decorated(struct parser *p)
{
    size_t start = p->position;
    struct node_list list;
    list_init_nodes(&list);
    while (accept(p, TOKEN_AT)) {
        struct expr *e = parse_named_expression(p);
        if (e == NULL || !accept(p, TOKEN_NEWLINE)) {
            return fail(p, start);
        }
        if (!is_simple_decorator(e) && !check_version(p, 9, "Generalized decorators are")) {
            return NULL;
        }
        if (!node_list_push(&list, e)) {
            return NULL;
        }
    }
    struct expr_seq *decorators = p->failed ? NULL : node_list_seq(p, &list);
    if (decorators == NULL) {
        return NULL;
    }
    struct stmt *s = NULL;
    size_t definition = p->position;
    if (peek(p) == KEYWORD_DEF) {
        s = parse_def(p, definition, false, decorators);
    } else if (peek(p) == KEYWORD_CLASS) {
        s = parse_class(p, decorators);
    } else if (peek(p) == KEYWORD_ASYNC && peek_at(p, 1) == KEYWORD_DEF) {
        p->position++;
        s = parse_def(p, definition, true, decorators);
    }
    return s != NULL ? s : fail(p, start);
}

static struct stmt *parse_async(struct parser *p)
{
    size_t start = p->position;
    switch (peek_at(p, 1)) {
    case KEYWORD_DEF: p->position++; return parse_def(p, start, true, NULL);
    case KEYWORD_FOR: p->position++; return parse_for(p, start, true);
    case KEYWORD_WITH: p->position++; return parse_with(p, start, true);
    default: return NULL;
    }
}

/* ---- All of them. */

bool starts_compound(struct parser *p)
{
    switch (peek(p)) {
    case KEYWORD_DEF:
    case TOKEN_AT:
    case KEYWORD_ASYNC:
    case KEYWORD_IF:
    case KEYWORD_CLASS:
    case KEYWORD_WITH:
    case KEYWORD_FOR:
    case KEYWORD_TRY:
    case KEYWORD_WHILE: return true;
    case TOKEN_NAME: return token_is(p, p->position, "match");
    default: return false;
    }
}

static struct stmt *parse_compound_kind(struct parser *p)
{
    switch (peek(p)) {
    case KEYWORD_DEF: return parse_def(p, p->position, false, NULL);
    case TOKEN_AT: return parse_decorated(p);
    case KEYWORD_ASYNC: return parse_async(p);
    case KEYWORD_IF: return parse_if(p, "'if' statement");
    case KEYWORD_CLASS: return parse_class(p, NULL);
    case KEYWORD_WITH: return parse_with(p, p->position, false);
    case KEYWORD_FOR: return parse_for(p, p->position, false);
    case KEYWORD_TRY: return parse_try(p);
    case KEYWORD_WHILE: return parse_while(p);
    default: return parse_match(p);
    }
}

struct stmt *parse_compound(struct parser *p)
{
    struct stmt *s = parser_enter(p, 4) ? parse_compound_kind(p) : NULL;
    parser_leave(p, 4);
    return s;
}
