/* SPDX-License-Identifier: MIT */
/* f-strings, and adjacent strings that are joined.
 *
 * The literal parts are decoded here. An expression between braces is found by matching quotes and
 * brackets, and goes, put in parentheses, to a parser of its own. */
#include "syntax/string_int.h"

enum { FSTRING_MAX_NESTING = 2, FSTRING_MAX_BRACKETS = 200 };

/* The parts of the result; adjacent literals are merged. */
struct joiner {
    struct parser *p;
    struct node_list values;
    PyObject *literal; /* what has come since the last expression, or NULL */
    PyObject *kind;    /* "u" if the first token has that prefix */
    struct ast_position position;
};

/* One f-string token being read. */
struct fstring {
    struct parser *p;
    struct joiner *joiner;
    const char *s, *end;
    const char *token_text;
    size_t token;
    bool raw;
};

static void *raise_fstring(struct fstring *f, const char *message)
{
    return raise_last(f->p, PyExc_SyntaxError, "f-string: %s", message);
}

static bool add_literal(struct joiner *j, PyObject *text)
{
    if (text == NULL) {
        j->p->failed = true;
        return false;
    }
    if (str_length(text) == 0) {
        return true;
    }
    j->literal = j->literal == NULL ? text : str_concat(j->literal, text);
    j->p->failed = j->p->failed || j->literal == NULL;
    return !j->p->failed;
}

static bool flush_literal(struct joiner *j)
{
    if (j->literal == NULL) {
        return true;
    }
    struct expr *e =
        expr_Constant(j->p->arena, value_from_object(j->literal), j->kind, j->position);
    j->literal = NULL;
    return e != NULL && node_list_push(&j->values, e);
}

static struct expr *finish_joined(struct joiner *j)
{
    if (!flush_literal(j)) {
        return NULL;
    }
    struct expr_seq *values = node_list_seq(j->p, &j->values);
    return values != NULL ? expr_JoinedStr(j->p->arena, values, j->position) : NULL;
}

/* Skips "\N{name}", whose braces are no expression. After the backslash; the result is the
 * character to go on with, or -1 to go on after it. */
static int skip_escape(struct fstring *f)
{
    int c = (unsigned char)*f->s++;
    if (c == 'N') {
        if (f->s < f->end && *f->s++ == '{') {
            while (f->s < f->end && *f->s++ != '}') {
            }
        }
        return -1;
    }
    if (c == '{' && !string_warn_brace(f->p, f->token)) {
        return -1;
    }
    return c;
}

/* Reads literal text up to a brace that means something. *more: a doubled brace ended it and the
 * literal goes on. */
static bool read_literal(struct fstring *f, int nesting, bool *more)
{
    const char *start = f->s, *literal_end = f->end;
    *more = false;
    while (f->s < f->end) {
        int c = (unsigned char)*f->s++;
        if (c == '\\' && !f->raw && f->s < f->end) {
            c = skip_escape(f);
            if (f->p->failed) {
                return false;
            }
        }
        if (c != '{' && c != '}') {
            continue;
        }
        if (nesting == 0 && f->s < f->end && *f->s == c) {
            literal_end = f->s++;
            *more = true;
            break;
        }
        if (nesting == 0 && c == '}') {
            raise_fstring(f, "single '}' is not allowed");
            return false;
        }
        f->s--;
        literal_end = f->s;
        break;
    }
    if (literal_end == f->end && f->s < f->end) {
        literal_end = f->s;
    }
    return literal_end == start ||
           add_literal(f->joiner,
                       string_decode(f->p, start, (size_t)(literal_end - start), f->raw, f->token));
}

/* ---- Expressions. */

struct bracket_stack {
    char quote; /* 0 outside of strings */
    int quote_size;
    int depth;
    char open[FSTRING_MAX_BRACKETS];
};

/* In a string inside the expression. */
static void scan_quoted(struct fstring *f, struct bracket_stack *b, char c)
{
    if (c != b->quote) {
        return;
    }
    if (b->quote_size == 3) {
        if (f->s + 2 < f->end && f->s[1] == c && f->s[2] == c) {
            f->s += 2;
            b->quote = 0;
        }
    } else {
        b->quote = 0;
    }
}

static void open_quote(struct fstring *f, struct bracket_stack *b, char c)
{
    b->quote = c;
    b->quote_size = 1;
    if (f->s + 2 < f->end && f->s[1] == c && f->s[2] == c) {
        b->quote_size = 3;
        f->s += 2;
    }
}

static bool close_fstring_bracket(struct fstring *f, struct bracket_stack *b, char c)
{
    if (b->depth == 0) {
        raise_last(f->p, PyExc_SyntaxError, "f-string: unmatched '%c'", c);
        return false;
    }
    char open = b->open[--b->depth];
    if ((open == '(' && c == ')') || (open == '[' && c == ']') || (open == '{' && c == '}')) {
        return true;
    }
    raise_last(f->p, PyExc_SyntaxError,
               "f-string: closing parenthesis '%c' does not match opening parenthesis '%c'", c,
               open);
    return false;
}

/* Does c, outside of brackets, end the expression? Skips the first half of "!=" and its like. */
static bool ends_expression(struct fstring *f, char c)
{
    if (f->s + 1 < f->end && f->s[1] == '=' && (c == '!' || c == '=' || c == '<' || c == '>')) {
        f->s++;
        return false;
    }
    return c == '!' || c == ':' || c == '}' || c == '=';
}

/* Moves to the character that ends the expression. */
static bool scan_expression(struct fstring *f)
{
    struct bracket_stack b;
    b.quote = 0;
    b.depth = 0;
    for (; f->s < f->end; f->s++) {
        char c = *f->s;
        if (c == '\\') {
            raise_last(f->p, PyExc_SyntaxError,
                       "f-string expression part cannot include a backslash");
            return false;
        }
        if (b.quote != 0) {
            scan_quoted(f, &b, c);
        } else if (c == '\'' || c == '"') {
            open_quote(f, &b, c);
        } else if (c == '[' || c == '{' || c == '(') {
            if (b.depth == FSTRING_MAX_BRACKETS) {
                raise_fstring(f, "too many nested parenthesis");
                return false;
            }
            b.open[b.depth++] = c;
        } else if (c == '#') {
            raise_last(f->p, PyExc_SyntaxError, "f-string expression part cannot include '#'");
            return false;
        } else if (b.depth == 0 && strchr("!:}=<>", c) != NULL && c != '\0') {
            if (ends_expression(f, c)) {
                break;
            }
        } else if (c == ']' || c == '}' || c == ')') {
            if (!close_fstring_bracket(f, &b, c)) {
                return false;
            }
        }
    }
    if (b.quote != 0) {
        raise_fstring(f, "unterminated string");
        return false;
    }
    if (b.depth > 0) {
        raise_last(f->p, PyExc_SyntaxError, "f-string: unmatched '%c'", b.open[b.depth - 1]);
        return false;
    }
    if (f->s >= f->end) {
        raise_fstring(f, "expecting '}'");
        return false;
    }
    return true;
}

static bool is_blank(char c)
{
    return c == ' ' || c == '\t' || c == '\n' || c == '\f';
}

/* The expression from `start` up to the cursor; its brace stands before `start`. */
static struct expr *compile_expression(struct fstring *f, const char *start)
{
    const char *c = start;
    while (c < f->s && is_blank(*c)) {
        c++;
    }
    if (c == f->s) {
        if (*f->s == '!' || *f->s == ':' || *f->s == '=') {
            return raise_last(f->p, PyExc_SyntaxError, "f-string: expression required before '%c'",
                              *f->s);
        }
        return raise_fstring(f, "empty expression not allowed");
    }
    const struct token *t = token_at(f->p, f->token);
    const char *brace = start - 1, *line = f->token_text;
    int lineno = t->lineno;
    for (const char *q = f->token_text; q < brace; q++) {
        if (*q == '\n') {
            lineno++;
            line = q + 1;
        }
    }
    const char *first = start;
    while (*first == ' ' || *first == '\t' || *first == '\f') {
        first++;
    }
    int column = *first == '\n' ? 0 : (int)(brace - line);
    if (lineno == t->lineno) {
        column += t->col_offset;
    }
    return parse_fstring_expression(f->p, start, (size_t)(f->s - start), lineno, column);
}

static struct expr *parse_parts(struct fstring *f, int nesting);

/* "!r". *conversion stays -1 if there is none. */
static bool read_conversion(struct fstring *f, int *conversion)
{
    if (*f->s != '!') {
        return true;
    }
    f->s++;
    if (f->s >= f->end) {
        raise_fstring(f, "expecting '}'");
        return false;
    }
    *conversion = (unsigned char)*f->s++;
    if (*conversion != 's' && *conversion != 'r' && *conversion != 'a') {
        raise_fstring(f, "invalid conversion character: expected 's', 'r', or 'a'");
        return false;
    }
    return true;
}

/* At '{'. */
static bool read_replacement(struct fstring *f, int nesting)
{
    if (nesting >= FSTRING_MAX_NESTING) {
        raise_fstring(f, "expressions nested too deeply");
        return false;
    }
    const char *start = ++f->s;
    if (!scan_expression(f)) {
        return false;
    }
    struct expr *value = compile_expression(f, start), *spec = NULL;
    if (value == NULL) {
        return false;
    }
    bool self_documenting = *f->s == '=';
    int conversion = -1;
    if (self_documenting) {
        if (!check_version(f->p, 8, "f-string: self documenting expressions are")) {
            return false;
        }
        do {
            f->s++;
        } while (f->s < f->end && is_blank(*f->s));
        if (f->s >= f->end) {
            raise_fstring(f, "expecting '}'");
            return false;
        }
    }
    const char *text_end = f->s;
    if (!read_conversion(f, &conversion)) {
        return false;
    }
    if (f->s < f->end && *f->s == ':') {
        f->s++;
        if (f->s >= f->end) {
            raise_fstring(f, "expecting '}'");
            return false;
        }
        spec = parse_parts(f, nesting + 1);
        if (spec == NULL) {
            return false;
        }
    }
    if (f->s >= f->end || *f->s != '}') {
        raise_fstring(f, "expecting '}'");
        return false;
    }
    f->s++;
    if (self_documenting) {
        if (!add_literal(f->joiner, decode_replacing(start, (size_t)(text_end - start)))) {
            return false;
        }
        if (spec == NULL && conversion == -1) {
            conversion = 'r';
        }
    }
    struct expr *e = expr_FormattedValue(f->p->arena, value, conversion, spec, f->joiner->position);
    return e != NULL && flush_literal(f->joiner) && node_list_push(&f->joiner->values, e);
}

/* Literals and replacements up to the end, or to the '}' of a format spec. */
static bool read_parts(struct fstring *f, int nesting)
{
    for (;;) {
        bool more;
        do {
            if (!read_literal(f, nesting, &more)) {
                return false;
            }
        } while (more);
        if (f->s >= f->end || *f->s == '}') {
            break;
        }
        if (!read_replacement(f, nesting)) {
            return false;
        }
    }
    if (nesting > 0 && (f->s >= f->end || *f->s != '}')) {
        raise_fstring(f, "expecting '}'");
        return false;
    }
    return true;
}

static void joiner_init(struct joiner *j, struct parser *p, struct ast_position position)
{
    j->p = p;
    j->literal = NULL;
    j->kind = NULL;
    j->position = position;
    list_init_nodes(&j->values);
}

/* A format spec: a JoinedStr of its own, whose position is that of its token alone. */
static struct expr *parse_parts(struct fstring *f, int nesting)
{
    struct joiner inner, *outer = f->joiner;
    joiner_init(&inner, f->p, position_of_token(token_at(f->p, f->token)));
    f->joiner = &inner;
    bool ok = read_parts(f, nesting);
    f->joiner = outer;
    return ok ? finish_joined(&inner) : NULL;
}

static bool join_token(struct joiner *j, size_t index)
{
    struct parser *p = j->p;
    const struct token *t = token_at(p, index);
    struct string_parts part = string_split(token_text(p, t), token_length(t));
    if (!part.format) {
        return add_literal(j, string_decode(p, part.text, part.length, part.raw, index));
    }
    if (!check_version(p, 6, "Format strings are")) {
        return false;
    }
    struct fstring f = {.p = p,
                        .joiner = j,
                        .s = part.text,
                        .end = part.text + part.length,
                        .token_text = token_text(p, t),
                        .token = index,
                        .raw = part.raw};
    return read_parts(&f, 0);
}

struct expr *parse_joined(struct parser *p, size_t start, size_t end, bool format)
{
    struct joiner j;
    joiner_init(&j, p, position_from(p, start));
    if (*token_text(p, token_at(p, start)) == 'u' && (j.kind = str_intern_text("u")) == NULL) {
        p->failed = true;
        return NULL;
    }
    for (size_t i = start; i < end; i++) {
        if (!join_token(&j, i)) {
            p->failed = true;
            return NULL;
        }
    }
    if (format) {
        return finish_joined(&j);
    }
    PyObject *text = j.literal != NULL ? j.literal : str_empty();
    return expr_Constant(p->arena, value_from_object(text), j.kind, j.position);
}
