/* SPDX-License-Identifier: MIT */
/* The parser: recursive descent over a lazily filled token array.
 *
 * Conventions
 *  - A parse function that does not match returns NULL and leaves the position where it was. It
 * takes the longest prefix that fits and leaves the rest to its caller, as the grammar (a PEG)
 * demands: "1 +" is the expression 1, and whoever wants the end of the line finds the '+'.
 *  - Targets are parsed as expressions and then checked and converted, so almost nothing is
 *    parsed twice: only parenthesized with-items, and match statements that turn out to be
 *    expressions.
 *  - `failed` says that an exception is set; then every token reads as TOKEN_ERROR, so everything
 *    returns NULL soon.
 *
 * Errors take two passes. The first only finds that the source is wrong. The second, with
 * `diagnose` set, looks in the same functions for mistakes that have a message of their own; it
 * memoizes, since it tries things more than once. If it finds none, the last token that the first
 * pass looked at is reported as invalid syntax.
 *
 * A parser belongs to one thread. Trees, names and constants live in heap cells that it refers to
 * from the C stack; tokens hold offsets only and are malloc'ed. */
#include <stdlib.h>

#include "syntax/parser_int.h"

bool node_list_grow(struct node_list *l)
{
    size_t capacity = l->capacity * 4;
    void **items = heap_alloc(capacity * sizeof *items, CELL_SCRATCH);
    if (items == NULL) {
        error_no_memory();
        return false;
    }
    heap_init_copy(items, (Value *)(void *)items, (const Value *)(const void *)l->items, l->count);
    l->items = items;
    l->capacity = capacity;
    return true;
}

void *node_list_seq(struct parser *p, const struct node_list *l)
{
    struct expr_seq *seq = expr_seq_new(p->arena, l->count);
    if (seq != NULL) {
        heap_init_copy(seq, (Value *)(void *)seq->items, (const Value *)(const void *)l->items,
                       l->count);
    }
    return seq;
}

/* ---- Tokens. */

/* Single mode: the end of the text ends the statement; open blocks too, unless told otherwise. */
static void end_single_statement(struct parser *p, struct token *t)
{
    t->kind = TOKEN_NEWLINE;
    p->started = false;
    if (p->tokenizer.indent_depth > 0 && !(p->flags & PyCF_DONT_IMPLY_DEDENT)) {
        p->tokenizer.pending_dedents = -p->tokenizer.indent_depth;
        p->tokenizer.indent_depth = 0;
    }
}

/* The tokenizer counts columns from the start of its text; an f-string's text begins elsewhere. */
static void shift_columns(struct parser *p, struct token *t)
{
    if (p->is_fstring && p->tokenizer.lineno == p->first_line) {
        if (t->col_offset >= 0) {
            t->col_offset += p->first_column;
        }
        if (t->end_col_offset >= 0) {
            t->end_col_offset += p->first_column;
        }
    }
}

static void fail_token(struct parser *p)
{
    struct tokenizer *t = &p->tokenizer;
    switch (t->failure) {
    case TOKENIZER_AT_END:
        if (t->level > 0) {
            raise_unclosed(p);
        } else {
            raise_last(p, PyExc_SyntaxError, "unexpected EOF while parsing");
        }
        break;
    case TOKENIZER_BAD_DEDENT:
        raise_last(p, PyExc_IndentationError,
                   "unindent does not match any outer indentation level");
        break;
    case TOKENIZER_TABS:
        raise_location(p, PyExc_TabError, t->lineno, 0, t->lineno, -1,
                       "inconsistent use of tabs and spaces in indentation");
        break;
    case TOKENIZER_TOO_DEEP:
        raise_location(p, PyExc_IndentationError, t->lineno, 0, t->lineno, -1,
                       "too many levels of indentation");
        break;
    case TOKENIZER_BAD_CONTINUATION:
        raise_location(p, PyExc_SyntaxError, t->lineno, (int)(t->cursor - t->error_start - 1),
                       t->lineno, -1, "unexpected character after line continuation character");
        break;
    case TOKENIZER_BAD_DECODE: {
        PyObject *text = object_str(value_from_object(error_take()));
        if (text != NULL) {
            raise_last(p, PyExc_SyntaxError, "(unicode error) %U", text);
        }
        break;
    }
    default: break;
    }
    p->failed = true;
}

static bool add_type_ignore(struct parser *p, const struct token *t)
{
    PyObject *tag = decode_replacing(token_text(p, t), token_length(t));
    struct type_ignore *ignore =
        tag != NULL ? type_ignore_TypeIgnore(p->arena, t->lineno, tag) : NULL;
    return ignore != NULL && node_list_push(p->type_ignores, ignore);
}

static bool fetch_one(struct parser *p)
{
    if (p->token_count == p->token_capacity) {
        size_t capacity = p->token_capacity == 0 ? 64 : p->token_capacity * 2;
        struct token *grown = realloc(p->tokens, capacity * sizeof *grown);
        if (grown == NULL) {
            error_no_memory();
            p->failed = true;
            return false;
        }
        p->tokens = grown;
        p->token_capacity = capacity;
    }
    struct token *t = &p->tokens[p->token_count];
    tokenizer_next(&p->tokenizer, t);
    while (t->kind == TOKEN_TYPE_IGNORE) {
        if (!add_type_ignore(p, t)) {
            p->failed = true;
            return false;
        }
        tokenizer_next(&p->tokenizer, t);
    }
    if (p->mode == PARSE_SINGLE && t->kind == TOKEN_END && p->started) {
        end_single_statement(p, t);
    } else {
        p->started = true;
    }
    shift_columns(p, t);
    p->token_count++;
    if (t->kind == TOKEN_ERROR) {
        fail_token(p);
        return false;
    }
    return true;
}

enum token_kind parser_fetch(struct parser *p, size_t index)
{
    while (!p->failed && index >= p->token_count) {
        if (p->token_count > 0 && p->tokens[p->token_count - 1].kind == TOKEN_END) {
            return TOKEN_END;
        }
        fetch_one(p);
    }
    return p->failed ? TOKEN_ERROR : (enum token_kind)p->tokens[index].kind;
}

bool token_is(const struct parser *p, size_t index, const char *text)
{
    const struct token *t = token_at(p, index);
    size_t n = strlen(text);
    return token_length(t) == n && memcmp(token_text(p, t), text, n) == 0;
}

struct ast_position position_from(const struct parser *p, size_t start)
{
    size_t last = p->position;
    while (last > start + 1) {
        uint8_t kind = p->tokens[last - 1].kind;
        if (kind != TOKEN_NEWLINE && kind != TOKEN_INDENT && kind != TOKEN_DEDENT &&
            kind != TOKEN_END) {
            break;
        }
        last--;
    }
    const struct token *first = &p->tokens[start];
    const struct token *end = &p->tokens[last > start ? last - 1 : start];
    return (struct ast_position){first->lineno, first->col_offset, end->end_lineno,
                                 end->end_col_offset};
}

/* ---- Names. */
enum { NAME_CACHE_SIZE = 512 };

static PyObject *identifier_new(struct parser *p, const struct token *t)
{
    const char *text = token_text(p, t);
    Py_ssize_t length = (Py_ssize_t)token_length(t);
    if (t->is_ascii) {
        PyObject *name = str_from_ascii(text, length);
        return name != NULL ? str_intern(name) : NULL;
    }
    PyObject *name = str_from_utf8(text, length);
    if (name == NULL) {
        return NULL;
    }
    Value normalize = syntax_import("unicodedata", "normalize");
    PyObject *form = value_is_null(normalize) ? NULL : str_intern_text("NFKC");
    if (form == NULL) {
        return NULL;
    }
    Value normal = object_call2(normalize, value_from_object(form), value_from_object(name));
    if (!value_is_null(normal) && !str_check_exact(normal)) {
        return error_raise_null(PyExc_TypeError,
                                "unicodedata.normalize() must return a string, not %T", normal);
    }
    return value_is_null(normal) ? NULL : str_intern(value_object(normal));
}

PyObject *parser_identifier(struct parser *p, size_t index)
{
    const struct token *t = token_at(p, index);
    const char *text = token_text(p, t);
    size_t length = token_length(t);
    uint32_t hash = 2166136261u;
    for (size_t i = 0; i < length; i++) {
        hash = (hash ^ (unsigned char)text[i]) * 16777619u;
    }
    PyObject **slot = &p->names[(hash ^ hash >> 15) % NAME_CACHE_SIZE];
    if (*slot != NULL && t->is_ascii && (size_t)str_length(*slot) == length &&
        str_is_ascii(*slot) && memcmp(str_data(*slot), text, length) == 0) {
        return *slot;
    }
    PyObject *name = identifier_new(p, t);
    if (name == NULL) {
        p->failed = true;
        return NULL;
    }
    heap_store(p->names, slot, name);
    return name;
}

struct expr *parser_name(struct parser *p, enum expr_context ctx)
{
    PyObject *id = parser_identifier(p, p->position);
    if (id == NULL) {
        return NULL;
    }
    p->position++;
    return expr_Name(p->arena, id, ctx, position_of_token(token_at(p, p->position - 1)));
}

bool parser_enter_slow(struct parser *p)
{
    if (!p->failed) {
        p->failed = true;
        error_no_memory();
    }
    return false;
}

/* ---- Memoization: an open-addressing table of (rule, position, diagnose) in a heap cell. */
struct memo_entry {
    uint64_t key; /* 0: empty */
    void *result;
    uint64_t end;
};
struct memo {
    size_t count, capacity;
    struct memo_entry entries[];
};

/* What was found without looking for mistakes is taken over when looking for them, except where the
 * rule itself looks. */
static uint64_t memo_key(const struct parser *p, enum memo_rule rule, size_t start)
{
    bool apart = rule == MEMO_NAMED_EXPRESSION || rule == MEMO_STAR_EXPRESSIONS;
    return ((uint64_t)start * MEMO_RULE_COUNT + rule) * 2 + (apart && p->diagnose) + 1;
}

static struct memo_entry *memo_slot(struct memo *m, uint64_t key)
{
    size_t i = (key * UINT64_C(0x9E3779B97F4A7C15) >> 20) & (m->capacity - 1);
    while (m->entries[i].key != 0 && m->entries[i].key != key) {
        i = (i + 1) & (m->capacity - 1);
    }
    return &m->entries[i];
}

bool memo_find(struct parser *p, enum memo_rule rule, void **result)
{
    if (p->memo == NULL) {
        return false;
    }
    struct memo_entry *e = memo_slot(p->memo, memo_key(p, rule, p->position));
    if (e->key == 0) {
        return false;
    }
    *result = e->result;
    if (e->result != NULL) {
        p->position = e->end;
    }
    return true;
}

static bool memo_grow(struct parser *p)
{
    struct memo *old = p->memo;
    size_t capacity = old == NULL ? 256 : old->capacity * 2;
    struct memo *m =
        heap_alloc(sizeof(struct memo) + capacity * sizeof(struct memo_entry), CELL_SCRATCH);
    if (m == NULL) {
        return false; /* only a cache */
    }
    m->capacity = capacity;
    for (size_t i = 0; old != NULL && i < old->capacity; i++) {
        if (old->entries[i].key != 0) {
            struct memo_entry *e = memo_slot(m, old->entries[i].key);
            e->key = old->entries[i].key;
            e->end = old->entries[i].end;
            heap_init(m, &e->result, old->entries[i].result);
        }
    }
    m->count = old == NULL ? 0 : old->count;
    p->memo = m;
    return true;
}

void memo_store(struct parser *p, enum memo_rule rule, size_t start, void *result)
{
    if (!p->second_pass || p->failed) {
        return;
    }
    if ((p->memo == NULL || p->memo->count * 2 >= p->memo->capacity) && !memo_grow(p)) {
        return;
    }
    uint64_t key = memo_key(p, rule, start);
    struct memo_entry *e = memo_slot(p->memo, key);
    if (e->key == 0) {
        p->memo->count++;
        e->key = key;
    }
    e->end = p->position;
    heap_store(p->memo, &e->result, result);
}

/* ---- Whole inputs. */

static struct mod *parse_file(struct parser *p)
{
    struct node_list body;
    list_init_nodes(&body);
    while (peek(p) != TOKEN_END) {
        if (!parse_statement(p, &body)) {
            return NULL;
        }
    }
    struct stmt_seq *statements = node_list_seq(p, &body);
    struct type_ignore_seq *ignores = node_list_seq(p, p->type_ignores);
    if (statements == NULL || ignores == NULL) {
        return NULL;
    }
    return mod_Module(p->arena, statements, ignores);
}

static struct mod *parse_single(struct parser *p)
{
    struct node_list body;
    list_init_nodes(&body);
    size_t start = p->position;
    if (starts_compound(p)) {
        struct stmt *s = parse_compound(p);
        if (s != NULL) {
            if (!accept(p, TOKEN_NEWLINE) || !node_list_push(&body, s)) {
                return NULL;
            }
        } else if (p->failed) {
            return NULL;
        }
    }
    if (body.count == 0) {
        if (accept(p, TOKEN_NEWLINE)) {
            struct stmt *pass = stmt_Pass(p->arena, position_from(p, start));
            if (pass == NULL || !node_list_push(&body, pass)) {
                return NULL;
            }
        } else if (!parse_simple_statements(p, &body)) {
            return NULL;
        }
    }
    struct stmt_seq *statements = node_list_seq(p, &body);
    return statements != NULL ? mod_Interactive(p->arena, statements) : NULL;
}

/* star_expressions without stars at the top: a tuple or one expression. */
static struct expr *parse_expressions(struct parser *p)
{
    size_t start = p->position;
    struct expr *first = parse_expression(p);
    if (first == NULL || peek(p) != TOKEN_COMMA) {
        return first;
    }
    struct node_list list;
    list_init_nodes(&list);
    if (!node_list_push(&list, first) || !parse_more(p, &list, parse_expression)) {
        return NULL;
    }
    struct expr_seq *elements = node_list_seq(p, &list);
    return elements == NULL
               ? NULL
               : expr_Tuple(p->arena, elements, EXPR_CONTEXT_Load, position_from(p, start));
}

static struct mod *parse_eval(struct parser *p)
{
    struct expr *body = parse_expressions(p);
    if (body == NULL) {
        return NULL;
    }
    while (accept(p, TOKEN_NEWLINE)) {
    }
    return peek(p) == TOKEN_END ? mod_Expression(p->arena, body) : NULL;
}

/* "(int, *str, **Any) -> bool" */
static struct mod *parse_func_type(struct parser *p)
{
    struct node_list types;
    list_init_nodes(&types);
    if (!accept(p, TOKEN_LPAREN)) {
        return NULL;
    }
    int stars = 0; /* a starred type comes after the plain ones, a doubly starred one last */
    while (peek(p) != TOKEN_RPAREN && stars < 2) {
        int here = accept(p, TOKEN_STAR) ? 1 : accept(p, TOKEN_DOUBLE_STAR) ? 2 : 0;
        struct expr *type = here > stars || here + stars == 0 ? parse_expression(p) : NULL;
        if (type == NULL || !node_list_push(&types, type)) {
            return NULL;
        }
        stars = here;
        if (!accept(p, TOKEN_COMMA)) {
            break;
        }
    }
    if (!accept(p, TOKEN_RPAREN) || !accept(p, TOKEN_ARROW)) {
        return NULL;
    }
    struct expr *returns = parse_expression(p);
    if (returns == NULL) {
        return NULL;
    }
    while (accept(p, TOKEN_NEWLINE)) {
    }
    struct expr_seq *seq = node_list_seq(p, &types);
    return seq != NULL && peek(p) == TOKEN_END ? mod_FunctionType(p->arena, seq, returns) : NULL;
}

static struct mod *parse_fstring(struct parser *p)
{
    struct expr *e = parse_star_expressions(p);
    return e != NULL ? mod_Expression(p->arena, e) : NULL;
}

static struct mod *parse_input(struct parser *p)
{
    if (p->is_fstring) {
        return parse_fstring(p);
    }
    switch (p->mode) {
    case PARSE_EVAL: return parse_eval(p);
    case PARSE_SINGLE: return parse_single(p);
    case PARSE_FUNC_TYPE: return parse_func_type(p);
    default: return parse_file(p);
    }
}

/* ---- What to report when there was no match. */

/* Reads the rest of the source: an error of the tokenizer is the better message. */
static void check_rest(struct parser *p)
{
    PyObject *current = error_take();
    p->failed = false;
    int error_line = p->token_count > 0 ? p->tokens[p->token_count - 1].lineno : 0;
    struct token t;
    do {
        tokenizer_next(&p->tokenizer, &t);
    } while (t.kind != TOKEN_ERROR && t.kind != TOKEN_END);
    if (t.kind == TOKEN_ERROR && !error_occurred() && p->tokenizer.level > 0 &&
        error_line > p->tokenizer.bracket_lines[p->tokenizer.level - 1]) {
        raise_unclosed(p);
    }
    if (p->tokenizer.failure == TOKENIZER_BAD_DECODE) {
        error_clear();
    }
    if (!error_occurred()) {
        error_restore(current);
    }
    p->failed = true;
}

static bool tokenizer_is_fine(const struct parser *p)
{
    return p->tokenizer.failure == TOKENIZER_FINE && !p->tokenizer.saw_end;
}

static void report_generic(struct parser *p, size_t last)
{
    if (p->token_count == 0) {
        raise_last(p, PyExc_SyntaxError, "error at start before reading any input");
        return;
    }
    struct token *t = &p->tokens[last];
    if (t->kind == TOKEN_INDENT || t->kind == TOKEN_DEDENT) {
        raise_last(p, PyExc_IndentationError,
                   t->kind == TOKEN_INDENT ? "unexpected indent" : "unexpected unindent");
        return;
    }
    raise_range(p, position_of_token(t), position_of_token(t), "invalid syntax");
    check_rest(p);
}

static void diagnose(struct parser *p)
{
    enum tokenizer_failure failure = p->tokenizer.failure;
    if ((p->flags & PyCF_ALLOW_INCOMPLETE_INPUT) && p->tokenizer.saw_end &&
        (failure == TOKENIZER_FINE || failure == TOKENIZER_AT_END || p->tokenizer.open_string)) {
        error_clear();
        p->failed = false;
        raise_last(p, PyExc_SyntaxError, "incomplete input");
        return;
    }
    if (!error_occurred()) {
        size_t last = p->token_count - 1;
        p->position = 0;
        p->depth = 0;
        p->failed = false;
        p->second_pass = p->diagnose = true;
        parse_input(p);
        if (!error_occurred()) {
            report_generic(p, last);
            return;
        }
    }
    if (tokenizer_is_fine(p) && error_matches(PyExc_SyntaxError)) {
        check_rest(p);
    }
}

/* Single mode: only blank lines and comments may follow the statement. */
static bool more_statements_follow(struct parser *p)
{
    const char *c = p->tokenizer.cursor;
    for (;;) {
        while (*c == ' ' || *c == '\t' || *c == '\n' || *c == '\f') {
            c++;
        }
        if (*c == '\0') {
            return false;
        }
        if (*c != '#') {
            return true;
        }
        while (*c != '\0' && *c != '\n') {
            c++;
        }
    }
}

static struct mod *run(struct parser *p)
{
    struct mod *root = parse_input(p);
    if (p->failed || error_occurred()) {
        root = NULL;
    }
    if (root == NULL) {
        diagnose(p);
        return NULL;
    }
    if (p->mode == PARSE_SINGLE && !p->is_fstring && more_statements_follow(p)) {
        raise_last(p, PyExc_SyntaxError,
                   "multiple statements found while compiling a single statement");
        return NULL;
    }
    return root;
}

struct syntax_tree *syntax_tree_new(struct mod *root, struct arena *arena)
{
    struct syntax_tree *tree = heap_alloc(sizeof *tree, CELL_SCRATCH);
    if (tree == NULL) {
        error_no_memory();
        return NULL;
    }
    heap_init(tree, &tree->root, root);
    heap_init(tree, &tree->arena, arena);
    return tree;
}

struct syntax_tree *syntax_parse(const char *source, size_t length, enum parse_mode mode,
                                 const struct parse_options *options)
{
    if (memchr(source, '\0', length) != NULL) {
        return error_raise_null(PyExc_ValueError, "source code string cannot contain null bytes");
    }
    struct parser parser = {.mode = mode,
                            .filename = options->filename,
                            .flags = options->flags,
                            .is_file = options->is_file};
    struct parser *p = &parser;
    size_t text_length;
    bool declared;
    bool add_newline = mode == PARSE_FILE || (mode == PARSE_FUNC_TYPE && length > 0);
    const char *text = source_decode(source, length, add_newline, options, &text_length, &declared);
    if (text == NULL) {
        return NULL;
    }
    p->byte_columns = !declared;
    p->feature_version = options->feature_version > 0 ? options->feature_version : 11;
    p->names = heap_alloc(NAME_CACHE_SIZE * sizeof(PyObject *), CELL_SCRATCH);
    p->arena = arena_new();
    if (p->names == NULL || p->arena == NULL) {
        error_no_memory();
        return NULL;
    }
    struct node_list ignores;
    list_init_nodes(&ignores);
    p->type_ignores = &ignores;
    tokenizer_init(&p->tokenizer, text, text_length, options->filename);
    p->tokenizer.type_comments = (options->flags & PyCF_TYPE_COMMENTS) != 0;
    p->tokenizer.soft_async = p->feature_version < 7;
    struct mod *root = run(p);
    free(p->tokens);
    return root != NULL ? syntax_tree_new(root, p->arena) : NULL;
}

/* The text gets the parentheses that allow spaces and line breaks in it. */
struct expr *parse_fstring_expression(struct parser *parent, const char *text, size_t length,
                                      int lineno, int column)
{
    if (!parser_enter(parent, 100)) {
        return NULL;
    }
    char *copy = heap_alloc(length + 4, CELL_RAW);
    if (copy == NULL) {
        error_no_memory();
        parent->failed = true;
        return NULL;
    }
    copy[0] = '(';
    memcpy(copy + 1, text, length);
    memcpy(copy + 1 + length, ")\n", 3);
    struct parser parser = {
        .mode = PARSE_EVAL,
        .filename = parent->filename,
        .flags = parent->flags,
        .feature_version = parent->feature_version,
        .names = parent->names,
        .arena = parent->arena,
        .is_fstring = true,
        .first_line = lineno,
        .first_column = column,
        .type_ignores = parent->type_ignores,
        .depth = parent->depth,
        .byte_columns = true,
    };
    tokenizer_init(&parser.tokenizer, copy, length + 3, parent->filename);
    parser.tokenizer.lineno = lineno - 1;
    struct mod *root = run(&parser);
    free(parser.tokens);
    parser_leave(parent, 100);
    if (root == NULL) {
        parent->failed = true;
        return NULL;
    }
    return root->v.Expression.body;
}
