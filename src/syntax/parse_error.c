/* SPDX-License-Identifier: MIT */
/* Syntax errors: where they are, what they are called, and the text that they show. */
#include "object/int.h"
#include "syntax/parser_int.h"

/* Offsets of an error before they become characters: bytes from 1; -1 and 0 stay as they are. */
struct error_place {
    int lineno, column, end_lineno, end_column;
};

/* The line to show: the text in progress if the tokenizer has come no further, else from the
 * whole source, without its newline. */
static const char *find_line(const struct parser *p, int lineno, size_t *length)
{
    const struct tokenizer *t = &p->tokenizer;
    if (t->lineno <= lineno && t->line_end > t->text) {
        *length = (size_t)(t->line_end - t->error_start);
        return t->error_start;
    }
    const char *line = t->text;
    int relative = p->is_fstring ? lineno - p->first_line + 1 : lineno;
    for (int i = 1; i < relative; i++) {
        const char *newline = memchr(line, '\n', (size_t)(t->end - line));
        if (newline == NULL || newline + 1 > t->line_end) {
            break;
        }
        line = newline + 1;
    }
    const char *newline = memchr(line, '\n', (size_t)(t->end - line));
    *length = (size_t)((newline != NULL ? newline : t->end) - line);
    return line;
}

static int count_characters(const char *line, size_t length, int bytes)
{
    if (bytes < 0) {
        return bytes;
    }
    bool beyond = (size_t)bytes > length;
    PyObject *text = decode_replacing(line, beyond ? length : (size_t)bytes);
    if (text == NULL) {
        error_clear();
        return bytes;
    }
    return (int)str_length(text) + beyond;
}

static void *raise_place(struct parser *p, PyObject *type, struct error_place e, PyObject *message)
{
    bool was_set = p->failed && error_occurred();
    p->failed = true;
    if (was_set || message == NULL) {
        return NULL;
    }
    if (p->is_fstring) {
        message = str_format("f-string: %U", message);
        e.column -= p->first_column;
        e.end_column -= p->first_column;
    }
    size_t length;
    const char *line = find_line(p, e.lineno, &length);
    PyObject *text = decode_replacing(line, length);
    if (message == NULL || text == NULL) {
        return NULL;
    }
    if (!p->byte_columns) {
        e.column = count_characters(line, length, e.column);
        if (e.end_column > 0) {
            e.end_column = count_characters(line, length, e.end_column);
        }
    }
    syntax_error_raise(type, message, p->filename, e.lineno, e.column, text, e.end_lineno,
                       e.end_column);
    return NULL;
}

#define FORMAT_MESSAGE(message)                                                                    \
    va_list arguments;                                                                             \
    va_start(arguments, format);                                                                   \
    PyObject *message = str_format_v(format, arguments);                                           \
    va_end(arguments)

void *raise_last(struct parser *p, PyObject *type, const char *format, ...)
{
    FORMAT_MESSAGE(message);
    struct error_place place = {0, 0, 0, -1};
    if (p->token_count > 0) {
        const struct token *t = &p->tokens[p->token_count - 1];
        const struct tokenizer *k = &p->tokenizer;
        place.lineno = t->lineno;
        place.end_lineno = t->end_lineno;
        place.end_column = t->end_col_offset == -1 ? -1 : t->end_col_offset + 1;
        if (p->is_file && type == PyExc_IndentationError) {
            /* A program's file is read by lines; of one that should have been indented only the
             * beginning is known. */
            place.end_lineno = place.lineno;
            place.end_column = 0;
        }
        if (t->col_offset == -1) {
            bool unknown = k->cursor == k->error_start ||
                           (p->is_file && (t->kind == TOKEN_END || t->kind == TOKEN_DEDENT));
            place.column = unknown ? 0 : (int)(k->cursor - k->line_start);
        } else {
            place.column = t->col_offset + 1;
        }
    }
    return raise_place(p, type, place, message);
}

void *raise_location(struct parser *p, PyObject *type, int lineno, int column, int end_lineno,
                     int end_column, const char *format, ...)
{
    FORMAT_MESSAGE(message);
    struct error_place place = {lineno, column + 1, end_lineno, end_column + 1};
    return raise_place(p, type, place, message);
}

void *raise_range(struct parser *p, struct ast_position start, struct ast_position end,
                  const char *format, ...)
{
    FORMAT_MESSAGE(message);
    struct error_place place = {start.lineno, start.col_offset + 1, end.end_lineno,
                                end.end_col_offset + 1};
    return raise_place(p, PyExc_SyntaxError, place, message);
}

void *raise_at(struct parser *p, struct ast_position where, const char *format, ...)
{
    FORMAT_MESSAGE(message);
    struct error_place place = {where.lineno, where.col_offset + 1, where.end_lineno,
                                where.end_col_offset + 1};
    return raise_place(p, PyExc_SyntaxError, place, message);
}

void *raise_from(struct parser *p, struct ast_position start, const char *format, ...)
{
    FORMAT_MESSAGE(message);
    const struct tokenizer *t = &p->tokenizer;
    struct error_place place = {start.lineno, start.col_offset + 1, t->lineno,
                                (int)(t->cursor - t->line_start)};
    return raise_place(p, PyExc_SyntaxError, place, message);
}

void *raise_token(struct parser *p, size_t token, const char *format, ...)
{
    FORMAT_MESSAGE(message);
    const struct token *t = token_at(p, token);
    struct error_place place = {t->lineno, t->col_offset + 1, t->end_lineno, t->end_col_offset + 1};
    return raise_place(p, PyExc_SyntaxError, place, message);
}

void *raise_unclosed(struct parser *p)
{
    const struct tokenizer *t = &p->tokenizer;
    int i = t->level - 1;
    return raise_location(p, PyExc_SyntaxError, t->bracket_lines[i], t->bracket_columns[i],
                          t->bracket_lines[i], -1, "'%c' was never closed", t->brackets[i]);
}

bool check_version(struct parser *p, int version, const char *what)
{
    if (p->feature_version >= version) {
        return true;
    }
    raise_last(p, PyExc_SyntaxError, "%s only supported in Python 3.%d and greater", what, version);
    return false;
}

bool expect_forced(struct parser *p, enum token_kind kind, const char *text)
{
    if (accept(p, kind)) {
        return true;
    }
    if (!p->failed) {
        raise_token(p, p->position, "expected '%s'", text);
    }
    return false;
}

bool missing_block(struct parser *p)
{
    return p->diagnose && peek(p) == TOKEN_NEWLINE && peek_at(p, 1) != TOKEN_INDENT && !p->failed;
}

static const char *constant_name(Value v)
{
    if (value_is_none(v)) {
        return "None";
    }
    return v.bits == VALUE_TRUE.bits       ? "True"
           : v.bits == VALUE_FALSE.bits    ? "False"
           : v.bits == VALUE_ELLIPSIS.bits ? "ellipsis"
                                           : "literal";
}

const char *expr_kind_name(const struct expr *e)
{
    static const char *const names_by_kind[] = {
        [EXPR_BoolOp] = "expression",
        [EXPR_NamedExpr] = "named expression",
        [EXPR_BinOp] = "expression",
        [EXPR_UnaryOp] = "expression",
        [EXPR_Lambda] = "lambda",
        [EXPR_IfExp] = "conditional expression",
        [EXPR_Dict] = "dict literal",
        [EXPR_Set] = "set display",
        [EXPR_ListComp] = "list comprehension",
        [EXPR_SetComp] = "set comprehension",
        [EXPR_DictComp] = "dict comprehension",
        [EXPR_GeneratorExp] = "generator expression",
        [EXPR_Await] = "await expression",
        [EXPR_Yield] = "yield expression",
        [EXPR_YieldFrom] = "yield expression",
        [EXPR_Compare] = "comparison",
        [EXPR_Call] = "function call",
        [EXPR_FormattedValue] = "f-string expression",
        [EXPR_JoinedStr] = "f-string expression",
        [EXPR_Attribute] = "attribute",
        [EXPR_Subscript] = "subscript",
        [EXPR_Starred] = "starred",
        [EXPR_Name] = "name",
        [EXPR_List] = "list",
        [EXPR_Tuple] = "tuple",
        [EXPR_Slice] = "slice",
    };
    return e->kind == EXPR_Constant ? constant_name(e->v.Constant.value) : names_by_kind[e->kind];
}

static struct expr *find_invalid_element(struct expr_seq *elements, enum target_use use)
{
    for (size_t i = 0; i < elements->count; i++) {
        struct expr *child = find_invalid_target(elements->items[i], use);
        if (child != NULL) {
            return child;
        }
    }
    return NULL;
}

struct expr *find_invalid_target(struct expr *e, enum target_use use)
{
    switch (e->kind) {
    case EXPR_List: return find_invalid_element(e->v.List.elts, use);
    case EXPR_Tuple: return find_invalid_element(e->v.Tuple.elts, use);
    case EXPR_Starred: return use == TARGET_DEL ? e : find_invalid_target(e->v.Starred.value, use);
    case EXPR_Compare:
        /* "for x in y" without its keyword reads as the comparison "x in y". */
        if (use == TARGET_FOR) {
            return e->v.Compare.ops->items[0] == CMPOP_In
                       ? find_invalid_target(e->v.Compare.left, use)
                       : NULL;
        }
        return e;
    case EXPR_Name:
    case EXPR_Subscript:
    case EXPR_Attribute: return NULL;
    default: return e;
    }
}

void *raise_invalid_target(struct parser *p, struct expr *e, enum target_use use)
{
    struct expr *invalid = find_invalid_target(e, use);
    if (invalid == NULL) {
        return NULL;
    }
    return raise_at(p, position_of(invalid),
                    use == TARGET_DEL ? "cannot delete %s" : "cannot assign to %s",
                    expr_kind_name(invalid));
}
