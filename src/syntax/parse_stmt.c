/* SPDX-License-Identifier: MIT */
/* Simple statements, and lines of them. */
#include "object/list.h"
#include "syntax/parser_int.h"

/* ---- Type comments. */

PyObject *parse_type_comment(struct parser *p, bool *ok)
{
    *ok = true;
    if (peek(p) != TOKEN_TYPE_COMMENT) {
        return NULL;
    }
    const struct token *t = token_at(p, p->position++);
    PyObject *comment = decode_replacing(token_text(p, t), token_length(t));
    if (comment == NULL) {
        p->failed = true;
        *ok = false;
    }
    return comment;
}

/* ---- Assignments. The left side is parsed as an expression; what follows decides. */

static bool starts_with_name(const struct parser *p, size_t start)
{
    return token_at(p, start)->kind == TOKEN_NAME;
}

static struct expr *parse_right_side(struct parser *p)
{
    return peek(p) == KEYWORD_YIELD ? parse_yield(p) : parse_star_expressions(p);
}

static bool is_single_target(const struct expr *e)
{
    return e->kind == EXPR_Name || e->kind == EXPR_Attribute || e->kind == EXPR_Subscript;
}

/* target ':' annotation ['=' value] */
static struct stmt *parse_annotated(struct parser *p, struct expr *target, size_t start)
{
    size_t colon = p->position++;
    bool simple = target->kind == EXPR_Name && starts_with_name(p, start);
    struct expr *annotation = parse_expression(p), *value = NULL;
    if (annotation == NULL) {
        return fail(p, colon);
    }
    size_t equal = p->position;
    if (accept(p, TOKEN_EQUAL)) {
        value = parse_right_side(p);
        if (value == NULL) {
            p->position = equal;
        }
    }
    if (p->failed || !check_version(p, 6, "Variable annotation syntax is")) {
        return NULL;
    }
    set_context(p, target, EXPR_CONTEXT_Store);
    return stmt_AnnAssign(p->arena, target, annotation, value, simple, position_from(p, start));
}

static struct stmt *parse_augmented(struct parser *p, struct expr *target, size_t start,
                                    enum token_kind kind)
{
    size_t operator_ = p->position++;
    struct expr *value = parse_right_side(p);
    if (value == NULL) {
        return fail(p, operator_);
    }
    if (kind == TOKEN_AT_EQUAL && !check_version(p, 5, "The '@' operator is")) {
        return NULL;
    }
    set_context(p, target, EXPR_CONTEXT_Store);
    return stmt_AugAssign(p->arena, target, (enum operator)(kind - TOKEN_PLUS_EQUAL), value,
                          position_from(p, start));
}

/* first '=' ... '=' value. Soft failure if what follows the last '=' that fits is no value. */
static struct stmt *parse_plain_assignment(struct parser *p, struct expr *first, size_t start)
{
    struct node_list targets;
    struct expr *e = first;
    list_init_nodes(&targets);
    while (peek(p) == TOKEN_EQUAL) {
        if (e->kind == EXPR_Yield || e->kind == EXPR_YieldFrom || !is_target(e, true, true)) {
            return NULL;
        }
        if (!node_list_push(&targets, e)) {
            return NULL;
        }
        p->position++;
        e = parse_right_side(p);
        if (e == NULL) {
            return NULL;
        }
    }
    bool ok;
    PyObject *comment = parse_type_comment(p, &ok);
    for (size_t i = 0; i < targets.count; i++) {
        set_context(p, targets.items[i], EXPR_CONTEXT_Store);
    }
    struct expr_seq *seq = ok ? node_list_seq(p, &targets) : NULL;
    return seq != NULL ? stmt_Assign(p->arena, seq, e, comment, position_from(p, start)) : NULL;
}

static bool is_augmented(enum token_kind kind)
{
    return kind >= TOKEN_PLUS_EQUAL && kind <= TOKEN_DOUBLE_SLASH_EQUAL;
}

/* ---- Mistakes in assignments (second pass). The position ends at `start`. */

/* "(a, b): int" and the like. */
static void diagnose_annotation(struct parser *p, size_t start)
{
    size_t inner = start;
    while (peek_at(p, inner - start) == TOKEN_LPAREN) {
        inner++;
    }
    p->position = start;
    struct expr *a = parse_atom(p);
    if (a != NULL && (a->kind == EXPR_List || a->kind == EXPR_Tuple) && peek(p) == TOKEN_COLON) {
        p->position++;
        if (parse_expression(p) != NULL) {
            raise_at(p, position_of(a), "only single target (not %s) can be annotated",
                     expr_kind_name(a));
        }
    }
    p->position = start;
    a = p->failed ? NULL : parse_star_named_expression(p);
    if (a != NULL && accept(p, TOKEN_COMMA)) {
        while (parse_star_named_expression(p) != NULL) { /* any number of lists */
            struct node_list rest;
            list_init_nodes(&rest);
            parse_more(p, &rest, parse_star_named_expression);
        }
        if (!p->failed && accept(p, TOKEN_COLON) && parse_expression(p) != NULL) {
            raise_at(p, position_of(a), "only single target (not tuple) can be annotated");
        }
    }
    p->position = start;
    a = p->failed ? NULL : parse_expression(p);
    if (a != NULL && accept(p, TOKEN_COLON) && parse_expression(p) != NULL) {
        raise_at(p, position_of(a), "illegal target for annotation");
    }
    p->position = start;
}

static void diagnose_assignment(struct parser *p)
{
    size_t start = p->position;
    diagnose_annotation(p, start);
    if (p->failed) {
        return;
    }
    size_t target = start;
    for (;;) {
        p->position = target;
        struct expr *e = parse_star_targets(p);
        if (e == NULL || !accept(p, TOKEN_EQUAL)) {
            break;
        }
        target = p->position;
    }
    p->position = target;
    struct expr *e = p->failed ? NULL : parse_star_expressions(p);
    if (e != NULL && peek(p) == TOKEN_EQUAL) {
        raise_invalid_target(p, e, TARGET_STAR);
    }
    p->position = target;
    e = p->failed ? NULL : parse_yield(p);
    if (e != NULL && peek(p) == TOKEN_EQUAL) {
        raise_at(p, position_of(e), "assignment to yield expression not possible");
    }
    p->position = start;
    e = p->failed ? NULL : parse_star_expressions(p);
    if (e != NULL && is_augmented(peek(p))) {
        p->position++;
        if (parse_right_side(p) != NULL) {
            raise_at(p, position_of(e), "'%s' is an illegal expression for augmented assignment",
                     expr_kind_name(e));
        }
    }
    p->position = start;
}

static struct stmt *finish_assignment(struct parser *p, struct expr *e, size_t start)
{
    enum token_kind kind = peek(p);
    if (kind == TOKEN_EQUAL) {
        return parse_plain_assignment(p, e, start);
    }
    if (kind == TOKEN_COLON) {
        return is_single_target(e) ? parse_annotated(p, e, start) : NULL;
    }
    if (is_augmented(kind) && is_single_target(e)) {
        return parse_augmented(p, e, start, kind);
    }
    return NULL;
}

static struct stmt *parse_expression_statement(struct parser *p)
{
    size_t start = p->position;
    struct expr *e = parse_right_side(p);
    enum token_kind kind = e != NULL ? peek(p) : TOKEN_NEWLINE;
    if (kind == TOKEN_EQUAL || kind == TOKEN_COLON || is_augmented(kind)) {
        size_t after = p->position;
        struct stmt *s = finish_assignment(p, e, start);
        if (s != NULL || p->failed || error_occurred()) {
            return s;
        }
        p->position = after;
    }
    if (p->diagnose && !p->failed) {
        size_t after = p->position;
        p->position = start;
        diagnose_assignment(p);
        p->position = after;
    }
    if (e == NULL || p->failed) {
        return fail(p, start);
    }
    return stmt_Expr(p->arena, e, position_from(p, start));
}

/* ---- Statements that begin with a keyword. */

static struct stmt *parse_return(struct parser *p)
{
    size_t start = p->position++;
    struct expr *value = parse_star_expressions(p);
    return p->failed ? NULL : stmt_Return(p->arena, value, position_from(p, start));
}

static struct stmt *parse_raise(struct parser *p)
{
    size_t start = p->position++;
    struct expr *exception = parse_expression(p), *cause = NULL;
    size_t from = p->position;
    if (exception != NULL && accept(p, KEYWORD_FROM)) {
        cause = parse_expression(p);
        if (cause == NULL) {
            p->position = from;
        }
    }
    return p->failed ? NULL : stmt_Raise(p->arena, exception, cause, position_from(p, start));
}

static struct stmt *parse_assert(struct parser *p)
{
    size_t start = p->position++;
    struct expr *test = parse_expression(p), *message = NULL;
    if (test == NULL) {
        return fail(p, start);
    }
    size_t comma = p->position;
    if (accept(p, TOKEN_COMMA)) {
        message = parse_expression(p);
        if (message == NULL) {
            p->position = comma;
        }
    }
    return p->failed ? NULL : stmt_Assert(p->arena, test, message, position_from(p, start));
}

static struct expr *parse_del_target(struct parser *p)
{
    size_t start = p->position;
    struct expr *e = parse_primary(p);
    return e != NULL && is_target(e, false, true) ? e : fail(p, start);
}

static struct stmt *parse_del(struct parser *p)
{
    size_t start = p->position++;
    struct node_list targets;
    list_init_nodes(&targets);
    struct expr *first = parse_del_target(p);
    if (first != NULL && node_list_push(&targets, first) &&
        parse_more(p, &targets, parse_del_target) &&
        (peek(p) == TOKEN_SEMICOLON || peek(p) == TOKEN_NEWLINE)) {
        for (size_t i = 0; i < targets.count; i++) {
            set_context(p, targets.items[i], EXPR_CONTEXT_Del);
        }
        struct expr_seq *seq = node_list_seq(p, &targets);
        return seq != NULL ? stmt_Delete(p->arena, seq, position_from(p, start)) : NULL;
    }
    if (p->diagnose && !p->failed) {
        p->position = start + 1;
        struct expr *bad = parse_star_expressions(p);
        if (bad != NULL) {
            raise_invalid_target(p, bad, TARGET_DEL);
        }
    }
    return fail(p, start);
}

static struct stmt *parse_names(struct parser *p, bool global)
{
    size_t start = p->position++;
    struct node_list list;
    list_init_nodes(&list);
    do {
        if (peek(p) != TOKEN_NAME) {
            p->position -= list.count > 0;
            break;
        }
        PyObject *name = parser_identifier(p, p->position++);
        if (name == NULL || !node_list_push(&list, name)) {
            return NULL;
        }
    } while (accept(p, TOKEN_COMMA));
    if (list.count == 0 || p->failed) {
        return fail(p, start);
    }
    struct identifier_seq *seq = node_list_seq(p, &list);
    if (seq == NULL) {
        return NULL;
    }
    return global ? stmt_Global(p->arena, seq, position_from(p, start))
                  : stmt_Nonlocal(p->arena, seq, position_from(p, start));
}

/* ---- Imports. */

/* a.b.c as one name. */
static PyObject *parse_dotted_name(struct parser *p)
{
    if (peek(p) != TOKEN_NAME) {
        return NULL;
    }
    PyObject *name = parser_identifier(p, p->position++);
    while (name != NULL && peek(p) == TOKEN_DOT && peek_at(p, 1) == TOKEN_NAME) {
        PyObject *part = parser_identifier(p, p->position + 1);
        p->position += 2;
        name = part != NULL ? str_format("%U.%U", name, part) : NULL;
        name = name != NULL ? str_intern(name) : NULL;
    }
    p->failed = p->failed || name == NULL;
    return name;
}

/* ['as' NAME]; false when the name is missing. */
static bool parse_as_name(struct parser *p, PyObject **name)
{
    *name = NULL;
    size_t start = p->position;
    if (accept(p, KEYWORD_AS)) {
        if (peek(p) != TOKEN_NAME) {
            p->position = start;
            return !p->failed;
        }
        *name = parser_identifier(p, p->position++);
        return *name != NULL;
    }
    return !p->failed;
}

static struct stmt *parse_import(struct parser *p)
{
    size_t start = p->position++;
    struct node_list list;
    list_init_nodes(&list);
    do {
        size_t item = p->position;
        PyObject *name = parse_dotted_name(p), *as_name;
        if (name == NULL) {
            if (p->failed || list.count == 0) {
                return fail(p, start);
            }
            p->position = item - 1;
            break;
        }
        if (!parse_as_name(p, &as_name)) {
            return NULL;
        }
        struct alias *alias = alias_new(p->arena, name, as_name, position_from(p, item));
        if (alias == NULL || !node_list_push(&list, alias)) {
            return NULL;
        }
    } while (accept(p, TOKEN_COMMA));
    struct alias_seq *aliases = node_list_seq(p, &list);
    return aliases != NULL ? stmt_Import(p->arena, aliases, position_from(p, start)) : NULL;
}

/* NAME ['as' NAME] (',' ...)*; the position is after the last item, before a trailing comma. */
static struct alias_seq *parse_import_names(struct parser *p)
{
    struct node_list list;
    list_init_nodes(&list);
    size_t end = p->position;
    do {
        size_t item = p->position;
        PyObject *as_name;
        if (peek(p) != TOKEN_NAME) {
            break;
        }
        PyObject *name = parser_identifier(p, p->position++);
        if (name == NULL || !parse_as_name(p, &as_name)) {
            return NULL;
        }
        struct alias *alias = alias_new(p->arena, name, as_name, position_from(p, item));
        if (alias == NULL || !node_list_push(&list, alias)) {
            return NULL;
        }
        end = p->position;
    } while (accept(p, TOKEN_COMMA));
    p->position = end;
    return list.count > 0 && !p->failed ? node_list_seq(p, &list) : NULL;
}

static struct alias_seq *parse_import_star(struct parser *p)
{
    size_t start = p->position++;
    PyObject *star = str_intern_text("*");
    struct alias *alias =
        star != NULL ? alias_new(p->arena, star, NULL, position_from(p, start)) : NULL;
    struct alias_seq *seq = alias != NULL ? alias_seq_new(p->arena, 1) : NULL;
    if (seq != NULL) {
        heap_init(seq, &seq->items[0], alias);
    }
    return seq;
}

static struct alias_seq *parse_import_targets(struct parser *p)
{
    size_t start = p->position;
    if (peek(p) == TOKEN_STAR) {
        return parse_import_star(p);
    }
    bool parentheses = accept(p, TOKEN_LPAREN);
    struct alias_seq *aliases = parse_import_names(p);
    if (aliases == NULL) {
        return fail(p, start);
    }
    if (parentheses) {
        accept(p, TOKEN_COMMA);
        return accept(p, TOKEN_RPAREN) ? aliases : fail(p, start);
    }
    if (peek(p) != TOKEN_COMMA) {
        return p->failed ? NULL : aliases;
    }
    if (p->diagnose && peek_at(p, 1) == TOKEN_NEWLINE && !p->failed) {
        raise_last(p, PyExc_SyntaxError,
                   "trailing comma not allowed without surrounding parentheses");
    }
    return fail(p, start);
}

static struct stmt *parse_import_from(struct parser *p)
{
    size_t start = p->position++;
    int level = 0;
    for (;;) {
        if (accept(p, TOKEN_DOT)) {
            level++;
        } else if (accept(p, TOKEN_ELLIPSIS)) {
            level += 3;
        } else {
            break;
        }
    }
    PyObject *module = parse_dotted_name(p);
    if (p->failed || (module == NULL && level == 0) || !accept(p, KEYWORD_IMPORT)) {
        return fail(p, start);
    }
    struct alias_seq *aliases = parse_import_targets(p);
    if (aliases == NULL) {
        return fail(p, start);
    }
    return stmt_ImportFrom(p->arena, module, aliases, level, position_from(p, start));
}

static struct stmt *parse_word(struct parser *p, enum token_kind kind)
{
    struct ast_position position = position_of_token(token_at(p, p->position++));
    return kind == KEYWORD_PASS    ? stmt_Pass(p->arena, position)
           : kind == KEYWORD_BREAK ? stmt_Break(p->arena, position)
                                   : stmt_Continue(p->arena, position);
}

static struct stmt *parse_simple_statement(struct parser *p)
{
    enum token_kind kind = peek(p);
    switch (kind) {
    case KEYWORD_RETURN: return parse_return(p);
    case KEYWORD_IMPORT: return parse_import(p);
    case KEYWORD_FROM: return parse_import_from(p);
    case KEYWORD_RAISE: return parse_raise(p);
    case KEYWORD_PASS:
    case KEYWORD_BREAK:
    case KEYWORD_CONTINUE: return parse_word(p, kind);
    case KEYWORD_DEL: return parse_del(p);
    case KEYWORD_ASSERT: return parse_assert(p);
    case KEYWORD_GLOBAL: return parse_names(p, true);
    case KEYWORD_NONLOCAL: return parse_names(p, false);
    default: return parse_expression_statement(p);
    }
}

/* simple (';' simple)* [';'] NEWLINE */
bool parse_simple_statements(struct parser *p, struct node_list *out)
{
    size_t start = p->position, count = out->count;
    do {
        if (out->count > count && peek(p) == TOKEN_NEWLINE) {
            break;
        }
        struct stmt *s = parse_simple_statement(p);
        if (s == NULL || !node_list_push(out, s)) {
            break;
        }
    } while (accept(p, TOKEN_SEMICOLON));
    if (!p->failed && out->count > count && accept(p, TOKEN_NEWLINE)) {
        return true;
    }
    out->count = count;
    p->position = start;
    return false;
}

bool parse_statement(struct parser *p, struct node_list *out)
{
    if (starts_compound(p)) {
        struct stmt *s = parse_compound(p);
        if (s != NULL) {
            return node_list_push(out, s);
        }
        if (p->failed) {
            return false;
        }
    }
    return parse_simple_statements(p, out);
}
