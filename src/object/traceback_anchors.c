/* SPDX-License-Identifier: MIT */
/* Which part of an expression's text is the operator: the ^ among the ~ in "~~^~~".
 *
 * The text is known to be one expression. A scan over its tokens finds the binary operator that
 * binds weakest outside of all brackets; anything that binds weaker than | (comparisons, `and`,
 * `if`, commas, ...) means that the expression is no binary operation. Without any operator, text
 * that ends in a subscript is one. */
#include "object/traceback_int.h"

#include <string.h>

#include "object/str.h"

enum token_kind { TOKEN_END, TOKEN_OPERAND, TOKEN_OPERATOR, TOKEN_OPEN, TOKEN_CLOSE, TOKEN_OTHER };

struct token {
    enum token_kind kind;
    Py_ssize_t start, end;
    int binding; /* of an operator: 1 for | up to 6 for **; unary + - ~ count as 5.5: see below */
    char open;   /* of TOKEN_OPEN */
};

static Py_UCS4 at(PyObject *s, Py_ssize_t i)
{
    return i < str_length(s) ? str_at(s, i) : 0;
}

static bool is_name_char(Py_UCS4 c)
{
    return c == '_' || c >= 128 || str_char_is_xid_continue(c);
}

/* Skips a string literal whose quote stands at i; returns where it ends. */
static Py_ssize_t skip_string(PyObject *s, Py_ssize_t i)
{
    Py_UCS4 quote = at(s, i);
    Py_ssize_t width = at(s, i + 1) == quote && at(s, i + 2) == quote ? 3 : 1;
    i += width;
    while (i < str_length(s)) {
        if (at(s, i) == '\\') {
            i += 2;
        } else if (at(s, i) == quote &&
                   (width == 1 || (at(s, i + 1) == quote && at(s, i + 2) == quote))) {
            return i + width;
        } else {
            i++;
        }
    }
    return i;
}

static bool word_is(PyObject *s, Py_ssize_t start, Py_ssize_t end, const char *word)
{
    Py_ssize_t n = (Py_ssize_t)strlen(word);
    if (end - start != n) {
        return false;
    }
    for (Py_ssize_t i = 0; i < n; i++) {
        if (at(s, start + i) != (Py_UCS4)word[i]) {
            return false;
        }
    }
    return true;
}

static enum token_kind classify_word(PyObject *s, Py_ssize_t start, Py_ssize_t end)
{
    static const char *const keywords[] = {"and", "or",     "not",   "if",    "else", "in",   "is",
                                           "for", "lambda", "await", "yield", "from", "async"};
    for (size_t i = 0; i < sizeof keywords / sizeof *keywords; i++) {
        if (word_is(s, start, end, keywords[i])) {
            return TOKEN_OTHER;
        }
    }
    return TOKEN_OPERAND;
}

static int binding_of(Py_UCS4 c, bool doubled)
{
    switch (c) {
    case '|': return 1;
    case '^': return 2;
    case '&': return 3;
    case '<':
    case '>': return doubled ? 4 : 0;
    case '+':
    case '-': return 5;
    case '*': return doubled ? 7 : 6;
    case '/':
    case '%':
    case '@': return 6;
    default: return 0;
    }
}

static Py_ssize_t skip_number(PyObject *s, Py_ssize_t i)
{
    for (Py_UCS4 c = at(s, i); is_name_char(c) || c == '.'; c = at(s, i)) {
        i++;
        Py_UCS4 next = at(s, i);
        bool exponent = (c | 0x20) == 'e' && (next == '+' || next == '-');
        i += exponent;
    }
    return i;
}

static struct token next_token(PyObject *s, Py_ssize_t i)
{
    while (i < str_length(s) && str_char_is_space(at(s, i))) {
        i++;
    }
    struct token t = {TOKEN_OTHER, i, i + 1, 0, 0};
    Py_UCS4 c = at(s, i);
    if (i >= str_length(s)) {
        t.kind = TOKEN_END;
    } else if ((c >= '0' && c <= '9') || (c == '.' && at(s, i + 1) >= '0' && at(s, i + 1) <= '9')) {
        t.kind = TOKEN_OPERAND;
        t.end = skip_number(s, i);
    } else if (is_name_char(c)) {
        while (is_name_char(at(s, t.end))) {
            t.end++;
        }
        t.kind = classify_word(s, t.start, t.end);
        if ((at(s, t.end) == '"' || at(s, t.end) == '\'') && t.end - t.start <= 2) {
            t.end = skip_string(s, t.end);
        }
    } else if (c == '"' || c == '\'') {
        t.kind = TOKEN_OPERAND;
        t.end = skip_string(s, i);
    } else if (c == '(' || c == '[' || c == '{') {
        t.kind = TOKEN_OPEN;
        t.open = (char)c;
    } else if (c == ')' || c == ']' || c == '}') {
        t.kind = TOKEN_CLOSE;
    } else if (c == '.') {
        t.kind = TOKEN_OPERAND;
    } else {
        bool doubled = at(s, i + 1) == c && (c == '*' || c == '/' || c == '<' || c == '>');
        t.binding = binding_of(c, doubled);
        t.kind = t.binding != 0 ? TOKEN_OPERATOR : TOKEN_OTHER;
        t.end += doubled;
    }
    return t;
}

/* What a scan outside of brackets has found. */
struct scan {
    struct token best; /* the operator that binds weakest, rightmost of equals */
    bool found, weaker, unary_first;
    Py_ssize_t subscript, after; /* the last top-level '[' behind an operand, and its end */
    Py_ssize_t content_end;      /* where what stands in these brackets ends */
};

static void scan_operator(struct scan *scan, const struct token *t, bool after_operand)
{
    if (!after_operand) {
        scan->unary_first = scan->unary_first || !scan->found;
        return;
    }
    bool right_associative = t->binding == 7;
    if (!scan->found || t->binding < scan->best.binding ||
        (t->binding == scan->best.binding && !right_associative)) {
        scan->best = *t;
        scan->found = true;
    }
}

static struct scan scan_expression(PyObject *s)
{
    struct scan scan = {.subscript = -1, .after = -1};
    bool after_operand = false;
    int depth = 0;
    char brackets_open = 0;
    Py_ssize_t open_at = 0;
    Py_ssize_t last_end = 0;
    for (struct token t = next_token(s, 0); t.kind != TOKEN_END; t = next_token(s, t.end)) {
        if (t.kind == TOKEN_OPEN) {
            if (depth++ == 0) {
                brackets_open = after_operand ? t.open : 0;
                open_at = t.start;
            }
        } else if (t.kind == TOKEN_CLOSE) {
            if (--depth == 0) {
                scan.subscript = brackets_open == '[' ? open_at : -1;
                scan.after = t.end;
                scan.content_end = last_end;
            }
        } else if (depth == 0 && t.kind == TOKEN_OPERATOR) {
            scan_operator(&scan, &t, after_operand);
        } else if (depth == 0 && t.kind == TOKEN_OTHER) {
            scan.weaker = true;
        }
        last_end = t.end;
        after_operand = t.kind == TOKEN_OPERAND || t.kind == TOKEN_CLOSE;
    }
    return scan;
}

void traceback_find_anchors(PyObject *segment, Py_ssize_t *left, Py_ssize_t *right)
{
    *left = *right = -1;
    if (segment == NULL) {
        error_clear();
        return;
    }
    struct scan scan = scan_expression(segment);
    if (scan.weaker) {
        return;
    }
    if (scan.found) { /* -a ** b is a unary operation */
        if (!(scan.unary_first && scan.best.binding == 7)) {
            *left = scan.best.start;
            *right = scan.best.end;
        }
    } else if (!scan.unary_first && scan.subscript > 0 && scan.after == str_length(segment)) {
        Py_ssize_t from = scan.subscript; /* the marks begin right behind the value */
        while (from > 0 && str_char_is_space(at(segment, from - 1))) {
            from--;
        }
        *left = from;
        *right = scan.content_end + 1;
    }
}
