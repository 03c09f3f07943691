/* SPDX-License-Identifier: MIT */
/* Arguments of calls and parameters of functions and lambdas. */
#include "syntax/parser_int.h"

/* ---- Arguments: positional and *x first, then name=x and *x, after the first **x no *x. */

struct argument_lists {
    struct node_list args, keywords;
    bool saw_double_star;
};

static bool push_keyword(struct parser *p, struct argument_lists *lists, PyObject *name,
                         struct expr *value, size_t start)
{
    struct keyword *k = keyword_new(p->arena, name, value, position_from(p, start));
    return k != NULL && node_list_push(&lists->keywords, k);
}

/* "True=1", "x=y for ...", "x.y=1" in the place of a keyword argument. */
static void diagnose_keyword(struct parser *p)
{
    size_t start = p->position;
    enum token_kind first = peek(p);
    bool constant = first == KEYWORD_TRUE || first == KEYWORD_FALSE || first == KEYWORD_NONE;
    bool named = first == TOKEN_NAME && peek_at(p, 1) == TOKEN_EQUAL;
    if (constant && peek_at(p, 1) == TOKEN_EQUAL) {
        raise_range(p, position_of_token(token_at(p, start)),
                    position_of_token(token_at(p, start + 1)), "cannot assign to %s",
                    first == KEYWORD_TRUE    ? "True"
                    : first == KEYWORD_FALSE ? "False"
                                             : "None");
        return;
    }
    if (named) {
        p->position += 2;
        if (parse_expression(p) != NULL && parse_for_if_clauses(p) != NULL) {
            raise_range(p, position_of_token(token_at(p, start)),
                        position_of_token(token_at(p, start + 1)),
                        "invalid syntax. Maybe you meant '==' or ':=' instead of '='?");
        }
    } else {
        struct expr *a = parse_expression(p);
        if (a != NULL && peek(p) == TOKEN_EQUAL) {
            raise_range(p, position_of(a), position_of_token(token_at(p, p->position)),
                        "expression cannot contain assignment, perhaps you meant \"==\"?");
        }
    }
    p->position = start;
}

/* One argument in keyword position. */
static bool parse_keyword_argument(struct parser *p, struct argument_lists *lists)
{
    size_t start = p->position;
    if (p->diagnose) {
        diagnose_keyword(p);
        if (p->failed) {
            return false;
        }
    }
    if (accept(p, TOKEN_DOUBLE_STAR)) {
        struct expr *value = parse_expression(p);
        if (value == NULL) {
            p->position = start;
            return false;
        }
        lists->saw_double_star = true;
        return push_keyword(p, lists, NULL, value, start);
    }
    if (peek(p) == TOKEN_NAME && peek_at(p, 1) == TOKEN_EQUAL) {
        p->position += 2;
        struct expr *value = parse_expression(p);
        if (value == NULL) {
            p->position = start;
            return false;
        }
        PyObject *name = parser_identifier(p, start);
        return name != NULL && push_keyword(p, lists, name, value, start);
    }
    if (peek(p) == TOKEN_STAR && !lists->saw_double_star) {
        struct expr *value = parse_starred_expression(p);
        return value != NULL && node_list_push(&lists->args, value);
    }
    return false;
}

/* One argument before the first keyword. */
static struct expr *parse_positional_argument(struct parser *p)
{
    size_t start = p->position;
    if (peek(p) == TOKEN_NAME && peek_at(p, 1) == TOKEN_EQUAL) {
        return NULL;
    }
    struct expr *e;
    if (peek(p) == TOKEN_STAR) {
        e = parse_starred_expression(p);
    } else if (peek(p) == TOKEN_NAME && peek_at(p, 1) == TOKEN_WALRUS) {
        e = parse_named_expression(p);
    } else {
        e = parse_expression(p);
        if (e != NULL && peek(p) == TOKEN_WALRUS) {
            e = NULL;
        }
    }
    if (e == NULL || peek(p) == TOKEN_EQUAL) {
        return fail(p, start);
    }
    return e;
}

/* As many arguments as fit, without a trailing comma. False if there is none. */
static bool parse_argument_list(struct parser *p, struct argument_lists *lists)
{
    size_t start = p->position, end = start;
    bool any = false, keywords = false;
    list_init_nodes(&lists->args);
    list_init_nodes(&lists->keywords);
    lists->saw_double_star = false;
    for (;;) {
        struct expr *e = keywords ? NULL : parse_positional_argument(p);
        if (e != NULL) {
            if (!node_list_push(&lists->args, e)) {
                return false;
            }
        } else {
            keywords = true;
            if (p->failed || !parse_keyword_argument(p, lists)) {
                break;
            }
        }
        any = true;
        end = p->position;
        if (!accept(p, TOKEN_COMMA)) {
            break;
        }
    }
    p->position = end;
    return any && !p->failed;
}

/* The rest is wrong: say why if we can. The position is at the first argument. */
static void diagnose_arguments(struct parser *p, size_t start)
{
    struct argument_lists lists, more;
    bool any = parse_argument_list(p, &lists);
    size_t end = p->position;
    struct ast_position whole = position_from(p, start);
    if (any && peek(p) == TOKEN_COMMA && peek_at(p, 1) == TOKEN_STAR) {
        raise_at(p, whole, "iterable argument unpacking follows keyword argument unpacking");
        return;
    }
    p->position = start;
    struct expr *a = p->failed ? NULL : parse_expression(p);
    struct comprehension_seq *clauses = a != NULL ? parse_for_if_clauses(p) : NULL;
    if (clauses != NULL && accept(p, TOKEN_COMMA)) {
        /* What follows does not matter, but its errors come first. */
        if (!parse_argument_list(p, &more) && !p->failed && parse_expression(p) != NULL) {
            parse_for_if_clauses(p);
        }
        raise_range(p, position_of(a), comprehension_end(clauses),
                    "Generator expression must be parenthesized");
        return;
    }
    if (p->failed || !any) {
        return;
    }
    p->position = end;
    size_t count = lists.args.count + lists.keywords.count;
    clauses = parse_for_if_clauses(p);
    if (clauses != NULL && count > 1 && lists.args.count > 0) {
        raise_range(p, position_of(lists.args.items[lists.args.count - 1]),
                    comprehension_end(clauses), "Generator expression must be parenthesized");
        return;
    }
    p->position = end;
    if (p->failed || !accept(p, TOKEN_COMMA)) {
        return;
    }
    size_t next = p->position;
    a = parse_expression(p);
    clauses = a != NULL ? parse_for_if_clauses(p) : NULL;
    if (clauses != NULL) {
        raise_range(p, position_of(a), position_of(clauses->items[clauses->count - 1]->target),
                    "Generator expression must be parenthesized");
        return;
    }
    p->position = next;
    if (!p->failed && parse_argument_list(p, &more)) {
        struct keyword *last =
            lists.keywords.count > 0 ? lists.keywords.items[lists.keywords.count - 1] : NULL;
        raise_last(p, PyExc_SyntaxError, "%s",
                   last != NULL && last->arg == NULL
                       ? "positional argument follows keyword argument unpacking"
                       : "positional argument follows keyword argument");
    }
}

/* The only argument of a call may be a generator expression without parentheses of its own; it
 * then has those of the call. */
static bool parse_lone_genexp(struct parser *p, struct call_arguments *out,
                              const struct argument_lists *lists)
{
    if (lists->args.count != 1 || lists->keywords.count != 0 ||
        (peek(p) != KEYWORD_FOR && peek(p) != KEYWORD_ASYNC)) {
        return false;
    }
    size_t after = p->position;
    struct expr *element = lists->args.items[0];
    struct comprehension_seq *clauses =
        element->kind == EXPR_Starred ? NULL : parse_for_if_clauses(p);
    if (clauses == NULL || peek(p) != TOKEN_RPAREN) {
        p->position = after;
        return false;
    }
    p->position++;
    out->position = (struct ast_position){0, 0, 0, 0};
    struct expr *genexp = NULL;
    struct expr_seq *args = expr_seq_new(p->arena, 1);
    if (args != NULL) {
        size_t open = after;
        while (!(token_at(p, open)->kind == TOKEN_LPAREN &&
                 token_at(p, open)->level == token_at(p, p->position - 1)->level + 1)) {
            open--;
        }
        genexp = expr_GeneratorExp(p->arena, element, clauses, position_from(p, open));
    }
    p->position--;
    if (genexp == NULL) {
        p->failed = true;
        return false;
    }
    heap_init(args, &args->items[0], genexp);
    out->args = args;
    return true;
}

bool parse_arguments(struct parser *p, struct call_arguments *out, bool genexp)
{
    size_t start = p->position;
    struct argument_lists lists;
    out->args = NULL;
    out->keywords = NULL;
    bool any = parse_argument_list(p, &lists);
    if (p->failed) {
        return false;
    }
    if (any && genexp && parse_lone_genexp(p, out, &lists)) {
        return true;
    }
    if (any && !p->failed) {
        accept(p, TOKEN_COMMA);
        if (peek(p) == TOKEN_RPAREN) {
            out->args = node_list_seq(p, &lists.args);
            out->keywords = node_list_seq(p, &lists.keywords);
            return out->args != NULL && out->keywords != NULL;
        }
    }
    p->position = start;
    if (p->diagnose && !p->failed) {
        diagnose_arguments(p, start);
        p->position = start;
    }
    return false;
}

/* ---- Parameters. One loop with the state of what has been seen, for functions and lambdas. */

struct parameter_lists {
    struct node_list positional_only, positional, defaults, keyword_only, keyword_defaults;
    struct arg *vararg, *kwarg;
    bool lambda, saw_slash, saw_star, bare_star, saw_default;
};

static bool ends_parameter(enum token_kind kind, bool lambda)
{
    return kind == TOKEN_COMMA || kind == (lambda ? TOKEN_COLON : TOKEN_RPAREN);
}

/* NAME [':' annotation]; star_annotation: after '*', where the annotation may be *Ts. */
static struct arg *parse_parameter(struct parser *p, bool lambda, bool star_annotation)
{
    size_t start = p->position;
    if (peek(p) != TOKEN_NAME) {
        return NULL;
    }
    PyObject *name = parser_identifier(p, p->position++);
    struct expr *annotation = NULL;
    if (name == NULL) {
        return NULL;
    }
    if (!lambda && accept(p, TOKEN_COLON)) {
        annotation = star_annotation ? parse_star_expression(p) : parse_expression(p);
        if (annotation == NULL) {
            return fail(p, start);
        }
    }
    return arg_new(p->arena, name, annotation, NULL, position_from(p, start));
}

/* A comma and the type comment around it; or the comment at the end of the list. */
static bool finish_parameter(struct parser *p, struct arg *parameter, bool lambda)
{
    accept(p, TOKEN_COMMA);
    if (!lambda && peek(p) == TOKEN_TYPE_COMMENT) {
        bool ok;
        PyObject *comment = parse_type_comment(p, &ok);
        if (!ok) {
            return false;
        }
        if (parameter != NULL) {
            heap_store(parameter, &parameter->type_comment, comment);
        }
    }
    return true;
}

/* "(a, b)" where a parameter belongs. */
static void diagnose_parenthesized(struct parser *p, bool lambda)
{
    size_t start = p->position++;
    if (parse_parameter(p, true, false) == NULL) {
        p->position = start;
        return;
    }
    while (accept(p, TOKEN_COMMA) && parse_parameter(p, true, false) != NULL) {
    }
    if (peek(p) == TOKEN_RPAREN && !p->failed) {
        raise_range(p, position_of_token(token_at(p, start)),
                    position_of_token(token_at(p, p->position)),
                    lambda ? "Lambda expression parameters cannot be parenthesized"
                           : "Function parameters cannot be parenthesized");
    }
    p->position = start;
}

/* '=' expression. *value is NULL if there is none. False: failed, or '=' without an expression. */
static bool parse_default(struct parser *p, struct parameter_lists *l, struct expr **value)
{
    *value = NULL;
    if (peek(p) != TOKEN_EQUAL) {
        return true;
    }
    size_t equal = p->position++;
    if (p->diagnose && ends_parameter(peek(p), false) && !p->failed) {
        raise_token(p, equal, "expected default value expression");
        return false;
    }
    *value = parse_expression(p);
    if (*value == NULL) {
        p->position = equal;
    }
    return *value != NULL;
}

static bool add_positional(struct parser *p, struct parameter_lists *l, struct arg *parameter,
                           struct expr *value)
{
    if (value != NULL) {
        l->saw_default = true;
        return node_list_push(&l->positional, parameter) && node_list_push(&l->defaults, value);
    }
    if (l->saw_default) {
        if (p->diagnose) {
            raise_at(p,
                     (struct ast_position){parameter->lineno, parameter->col_offset,
                                           parameter->end_lineno, parameter->end_col_offset},
                     "non-default argument follows default argument");
        }
        return false;
    }
    return node_list_push(&l->positional, parameter);
}

static bool parse_plain_parameter(struct parser *p, struct parameter_lists *l)
{
    size_t start = p->position;
    struct arg *parameter = parse_parameter(p, l->lambda, false);
    struct expr *value;
    if (parameter == NULL || !parse_default(p, l, &value)) {
        p->position = start;
        return false;
    }
    if (!ends_parameter(peek(p), l->lambda) && peek(p) != TOKEN_TYPE_COMMENT) {
        /* "a /" or "a b": whoever wants a comma complains, but a star after the slash has its own
         * message. */
        p->position = start;
        return false;
    }
    bool ok = l->saw_star ? node_list_push(&l->keyword_only, parameter) &&
                                node_list_push(&l->keyword_defaults, value)
                          : add_positional(p, l, parameter, value);
    if (!ok) {
        p->position = start;
        return false;
    }
    return finish_parameter(p, parameter, l->lambda);
}

static bool parse_slash(struct parser *p, struct parameter_lists *l)
{
    size_t slash = p->position;
    if (p->diagnose) {
        if (l->saw_star) {
            raise_token(p, slash, "/ must be ahead of *");
        } else if (l->saw_slash) {
            raise_token(p, slash, "/ may appear only once");
        } else if (l->positional.count == 0 && peek_at(p, 1) == TOKEN_COMMA) {
            raise_token(p, slash, "at least one argument must precede /");
        } else if (l->positional.count > 0 && peek_at(p, 1) == TOKEN_STAR) {
            raise_token(p, slash + 1, "expected comma between / and *");
        }
    }
    if (p->failed || l->saw_star || l->saw_slash || l->positional.count == 0 ||
        !ends_parameter(peek_at(p, 1), l->lambda)) {
        return false;
    }
    if (!check_version(p, 8, "Positional-only parameters are")) {
        return false;
    }
    p->position++;
    l->saw_slash = true;
    l->positional_only = l->positional;
    if (l->positional.items == l->positional.local) {
        l->positional_only.items = l->positional_only.local;
    }
    list_init_nodes(&l->positional);
    accept(p, TOKEN_COMMA);
    return true;
}

static bool parse_star_parameter(struct parser *p, struct parameter_lists *l)
{
    size_t star = p->position++;
    if (l->saw_star) {
        bool again = p->diagnose &&
                     (peek(p) == TOKEN_COMMA || (parse_parameter(p, l->lambda, false) != NULL &&
                                                 ends_parameter(peek(p), l->lambda)));
        if (again && !p->failed) {
            raise_token(p, star, "* argument may appear only once");
        }
        p->position = star;
        return false;
    }
    if (peek(p) == TOKEN_COMMA || ends_parameter(peek(p), l->lambda)) {
        bool comma = peek(p) == TOKEN_COMMA;
        enum token_kind after = comma ? peek_at(p, 1) : TOKEN_END;
        if (comma && !l->lambda && after == TOKEN_TYPE_COMMENT) {
            if (p->diagnose) {
                raise_last(p, PyExc_SyntaxError, "bare * has associated type comment");
            }
            p->position = star;
            return false;
        }
        if (!comma || after == (l->lambda ? TOKEN_COLON : TOKEN_RPAREN) ||
            after == TOKEN_DOUBLE_STAR) {
            if (p->diagnose) {
                if (l->lambda) {
                    raise_last(p, PyExc_SyntaxError, "named arguments must follow bare *");
                } else {
                    raise_token(p, star, "named arguments must follow bare *");
                }
            }
            p->position = star;
            return false;
        }
        p->position++;
        l->saw_star = l->bare_star = true;
        return true;
    }
    l->vararg = parse_parameter(p, l->lambda, true);
    if (l->vararg != NULL && p->diagnose && peek(p) == TOKEN_EQUAL) {
        raise_token(p, p->position, "var-positional argument cannot have default value");
    }
    if (l->vararg == NULL || p->failed ||
        (!ends_parameter(peek(p), l->lambda) && peek(p) != TOKEN_TYPE_COMMENT)) {
        p->position = star;
        return false;
    }
    l->saw_star = true;
    return finish_parameter(p, l->vararg, l->lambda);
}

static bool parse_double_star(struct parser *p, struct parameter_lists *l)
{
    size_t star = p->position++;
    l->kwarg = parse_parameter(p, l->lambda, false);
    if (l->kwarg == NULL) {
        p->position = star;
        return false;
    }
    if (p->diagnose) {
        size_t after = p->position;
        if (peek(p) == TOKEN_EQUAL) {
            raise_token(p, after, "var-keyword argument cannot have default value");
        } else if (peek(p) == TOKEN_COMMA) {
            p->position++;
            enum token_kind next = peek(p);
            if (next == TOKEN_NAME) {
                struct arg *follower = parse_parameter(p, l->lambda, false);
                if (follower != NULL) {
                    raise_at(p,
                             (struct ast_position){follower->lineno, follower->col_offset,
                                                   follower->end_lineno, follower->end_col_offset},
                             "arguments cannot follow var-keyword argument");
                }
            } else if (next == TOKEN_STAR || next == TOKEN_DOUBLE_STAR || next == TOKEN_SLASH) {
                raise_token(p, p->position, "arguments cannot follow var-keyword argument");
            }
            p->position = after;
        }
    }
    return !p->failed && finish_parameter(p, l->kwarg, l->lambda);
}

/* True if a parameter was taken and another may follow. */
static bool parse_one_parameter(struct parser *p, struct parameter_lists *l)
{
    switch (peek(p)) {
    case TOKEN_NAME: return parse_plain_parameter(p, l);
    case TOKEN_SLASH: return parse_slash(p, l);
    case TOKEN_STAR: return parse_star_parameter(p, l);
    case TOKEN_DOUBLE_STAR: parse_double_star(p, l); return false;
    case TOKEN_LPAREN:
        if (p->diagnose && !l->saw_star && !l->saw_slash && !l->saw_default) {
            diagnose_parenthesized(p, l->lambda);
        }
        return false;
    default: return false;
    }
}

struct arguments *parse_parameters(struct parser *p, bool lambda)
{
    struct parameter_lists l = {.lambda = lambda};
    list_init_nodes(&l.positional_only);
    list_init_nodes(&l.positional);
    list_init_nodes(&l.defaults);
    list_init_nodes(&l.keyword_only);
    list_init_nodes(&l.keyword_defaults);
    while (parse_one_parameter(p, &l) && !p->failed) {
    }
    if (p->failed || (l.bare_star && l.keyword_only.count == 0)) {
        return NULL;
    }
    struct arg_seq *positional_only = node_list_seq(p, &l.positional_only);
    struct arg_seq *positional = node_list_seq(p, &l.positional);
    struct arg_seq *keyword_only = node_list_seq(p, &l.keyword_only);
    struct expr_seq *defaults = node_list_seq(p, &l.defaults);
    struct expr_seq *keyword_defaults = node_list_seq(p, &l.keyword_defaults);
    if (positional_only == NULL || positional == NULL || keyword_only == NULL || defaults == NULL ||
        keyword_defaults == NULL) {
        return NULL;
    }
    return arguments_new(p->arena, positional_only, positional, l.vararg, keyword_only,
                         keyword_defaults, l.kwarg, defaults);
}
