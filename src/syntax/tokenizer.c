/* SPDX-License-Identifier: MIT */
/* The tokenizer reads UTF-8 text line by line and delivers one token per call.
 *
 * Its state is visible to error messages: they show the line that was read last and columns that
 * depend on how far the tokenizer has come, so the cursor, `lineno` and `saw_end` advance exactly
 * when a character is looked at. `line_end` bounds the line in progress; looking beyond it starts
 * the next line. Brackets are kept on a stack, inside them newlines are spaces. */
#include "syntax/tokenizer.h"

#include <ctype.h>
#include <string.h>

#include "object/exception.h"
#include "object/list.h"
#include "object/str.h"
#include "syntax/syntax.h"

enum { END_OF_TEXT = -1, TAB_SIZE = 8 };

void tokenizer_init(struct tokenizer *t, const char *text, size_t length, PyObject *filename)
{
    memset(t, 0, sizeof *t);
    t->text = t->cursor = t->line_end = t->line_start = t->error_start = text;
    t->end = text + length;
    t->at_line_start = true;
    t->filename = filename;
}

static NO_INLINE int next_line_char(struct tokenizer *t)
{
    if (t->cursor == t->end || t->failure != TOKENIZER_FINE) {
        t->saw_end = true;
        return END_OF_TEXT;
    }
    if (t->token_start == NULL) {
        t->error_start = t->cursor;
    }
    t->line_start = t->cursor;
    t->lineno++;
    const char *newline = memchr(t->cursor, '\n', (size_t)(t->end - t->cursor));
    t->line_end = newline != NULL ? newline + 1 : t->end;
    return (unsigned char)*t->cursor++;
}

static inline int next_char(struct tokenizer *t)
{
    if (LIKELY(t->cursor != t->line_end)) {
        return (unsigned char)*t->cursor++;
    }
    return next_line_char(t);
}

static inline void back_up(struct tokenizer *t, int c)
{
    if (c != END_OF_TEXT) {
        t->cursor--;
    }
}

void tokenizer_raise(struct tokenizer *t, int column, int end_column, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    PyObject *message = str_format_v(format, arguments);
    va_end(arguments);
    if (message == NULL) {
        t->failure = TOKENIZER_RAISED;
        return;
    }
    PyObject *before = decode_replacing(t->line_start, (size_t)(t->cursor - t->line_start));
    const char *newline = memchr(t->line_start, '\n', (size_t)(t->end - t->line_start));
    const char *line_end = newline != NULL ? newline : t->end;
    PyObject *line = decode_replacing(t->line_start, (size_t)(line_end - t->line_start));
    if (before != NULL && line != NULL) {
        column = column == -1 ? (int)str_length(before) : column;
        end_column = end_column == -1 ? column : end_column;
        syntax_error_raise(PyExc_SyntaxError, message, t->filename, t->lineno, column, line,
                           t->lineno, end_column);
    }
    t->failure = TOKENIZER_RAISED;
}

/* ---- Indentation. */

/* After a backslash: the newline must follow, and a line after it. */
static bool continue_line(struct tokenizer *t)
{
    int c = next_char(t);
    if (c != '\n') {
        t->failure = TOKENIZER_BAD_CONTINUATION;
        return false;
    }
    c = next_char(t);
    if (c == END_OF_TEXT) {
        t->failure = TOKENIZER_AT_END;
        t->cursor = t->line_end;
        return false;
    }
    back_up(t, c);
    return true;
}

static bool push_indent(struct tokenizer *t, int column, int alternative)
{
    if (t->indent_depth + 1 >= TOKENIZER_MAX_INDENT) {
        t->failure = TOKENIZER_TOO_DEEP;
        t->cursor = t->line_end;
        return false;
    }
    if (alternative <= t->alternative_indents[t->indent_depth]) {
        t->failure = TOKENIZER_TABS;
        t->cursor = t->line_end;
        return false;
    }
    t->pending_dedents++;
    t->indent_depth++;
    t->indents[t->indent_depth] = column;
    t->alternative_indents[t->indent_depth] = alternative;
    return true;
}

static bool pop_indents(struct tokenizer *t, int column, int alternative)
{
    while (t->indent_depth > 0 && column < t->indents[t->indent_depth]) {
        t->pending_dedents--;
        t->indent_depth--;
    }
    if (column != t->indents[t->indent_depth]) {
        t->failure = TOKENIZER_BAD_DEDENT;
        t->cursor = t->line_end;
        return false;
    }
    if (alternative != t->alternative_indents[t->indent_depth]) {
        t->failure = TOKENIZER_TABS;
        t->cursor = t->line_end;
        return false;
    }
    return true;
}

static bool change_indent(struct tokenizer *t, int column, int alternative)
{
    if (column == t->indents[t->indent_depth]) {
        if (alternative != t->alternative_indents[t->indent_depth]) {
            t->failure = TOKENIZER_TABS;
            t->cursor = t->line_end;
            return false;
        }
        return true;
    }
    return column > t->indents[t->indent_depth] ? push_indent(t, column, alternative)
                                                : pop_indents(t, column, alternative);
}

/* Measures the spaces at the start of a line. If backslashes split them, the first part counts. */
static bool read_indentation(struct tokenizer *t, bool *blank)
{
    int column = 0, alternative = 0, continued = 0, c;
    t->at_line_start = false;
    for (;;) {
        c = next_char(t);
        if (c == ' ') {
            column++;
            alternative++;
        } else if (c == '\t') {
            column = (column / TAB_SIZE + 1) * TAB_SIZE;
            alternative++;
        } else if (c == '\f') {
            column = alternative = 0;
        } else if (c == '\\') {
            continued = continued != 0 ? continued : column;
            if (!continue_line(t)) {
                return false;
            }
        } else {
            break;
        }
    }
    back_up(t, c);
    *blank = c == '#' || c == '\n';
    if (*blank || t->level > 0) {
        return true;
    }
    if (continued != 0) {
        column = alternative = continued;
    }
    return change_indent(t, column, alternative);
}

/* ---- Comments. */

/* A comment that reads "# type: ..." is a token when type comments are asked for. */
static bool read_type_comment(struct tokenizer *t, bool blank, struct token *token)
{
    const char *p = t->token_start;
    for (const char *prefix = "# type: "; *prefix != '\0'; prefix++) {
        if (*prefix == ' ') {
            while (p < t->cursor && (*p == ' ' || *p == '\t')) {
                p++;
            }
        } else if (p < t->cursor && *p == *prefix) {
            p++;
        } else {
            return false;
        }
    }
    const char *after = p + 6;
    token->end = (uint32_t)(t->cursor - t->text);
    if (t->cursor >= after && memcmp(p, "ignore", 6) == 0 &&
        !(t->cursor > after && ((unsigned char)*after >= 128 || isalnum((unsigned char)*after)))) {
        token->kind = TOKEN_TYPE_IGNORE;
        token->start = (uint32_t)(after - t->text);
        t->token_start = after;
        if (blank) { /* the rest of the line belongs to the comment */
            next_char(t);
            t->at_line_start = true;
        }
    } else {
        token->kind = TOKEN_TYPE_COMMENT;
        token->start = (uint32_t)(p - t->text);
        t->token_start = p;
    }
    return true;
}

/* ---- Numbers. A number must not run into a name, unless a keyword follows that could: "1if x". */

static int warn_number(struct tokenizer *t, const char *kind)
{
    PyObject *message = str_format("invalid %s literal", kind);
    if (message == NULL || syntax_warn(PyExc_SyntaxWarning, message, t->filename, t->lineno) < 0) {
        if (message != NULL && error_matches(PyExc_SyntaxWarning)) {
            error_clear();
            tokenizer_raise(t, -1, -1, "invalid %s literal", kind);
        }
        t->failure = TOKENIZER_RAISED;
        return -1;
    }
    return 0;
}

static bool is_name_char(int c)
{
    return isalnum(c) || c == '_' || c >= 128;
}

static bool follows_word(struct tokenizer *t, const char *word)
{
    size_t n = strlen(word);
    return strncmp(t->cursor, word, n) == 0 && !is_name_char((unsigned char)t->cursor[n]);
}

static bool starts_keyword(struct tokenizer *t, int c)
{
    switch (c) {
    case 'a': return follows_word(t, "nd");
    case 'e': return follows_word(t, "lse");
    case 'f': return follows_word(t, "or");
    case 'i': return *t->cursor == 'f' || *t->cursor == 'n' || *t->cursor == 's';
    case 'n': return follows_word(t, "ot");
    case 'o': return follows_word(t, "r");
    default: return false;
    }
}

/* c was read after the number. */
static bool check_number_end(struct tokenizer *t, int c, const char *kind)
{
    if (c == END_OF_TEXT || !is_name_char(c)) {
        back_up(t, c);
        return true;
    }
    bool keyword = starts_keyword(t, c);
    back_up(t, c);
    if (keyword) {
        return warn_number(t, kind) == 0;
    }
    tokenizer_raise(t, -1, -1, "invalid %s literal", kind);
    return false;
}

/* The rest of a run of decimal digits; *c is the character after it. */
static bool read_decimal_tail(struct tokenizer *t, int *c)
{
    for (;;) {
        do {
            *c = next_char(t);
        } while (*c >= '0' && *c <= '9');
        if (*c != '_') {
            return true;
        }
        *c = next_char(t);
        if (*c < '0' || *c > '9') {
            back_up(t, *c);
            tokenizer_raise(t, -1, -1, "invalid decimal literal");
            return false;
        }
    }
}

static bool is_radix_digit(int c, int radix)
{
    return radix == 16 ? c != END_OF_TEXT && isxdigit(c) : c >= '0' && c < '0' + radix;
}

static bool read_radix(struct tokenizer *t, int radix, const char *kind)
{
    int c = next_char(t);
    do {
        if (c == '_') {
            c = next_char(t);
        }
        if (!is_radix_digit(c, radix)) {
            if (c >= '0' && c <= '9') {
                tokenizer_raise(t, -1, -1, "invalid digit '%c' in %s literal", c, kind);
            } else {
                back_up(t, c);
                tokenizer_raise(t, -1, -1, "invalid %s literal", kind);
            }
            return false;
        }
        do {
            c = next_char(t);
        } while (is_radix_digit(c, radix));
    } while (c == '_');
    if (radix < 10 && c >= '0' && c <= '9') {
        tokenizer_raise(t, -1, -1, "invalid digit '%c' in %s literal", c, kind);
        return false;
    }
    return check_number_end(t, c, kind);
}

/* From the exponent or imaginary suffix on; c is the character in question. */
static bool read_number_suffix(struct tokenizer *t, int c)
{
    if (c == 'e' || c == 'E') {
        int e = c;
        c = next_char(t);
        if (c == '+' || c == '-') {
            c = next_char(t);
            if (c < '0' || c > '9') {
                back_up(t, c);
                tokenizer_raise(t, -1, -1, "invalid decimal literal");
                return false;
            }
        } else if (c < '0' || c > '9') {
            back_up(t, c);
            return check_number_end(t, e, "decimal");
        }
        if (!read_decimal_tail(t, &c)) {
            return false;
        }
    }
    if (c == 'j' || c == 'J') {
        return check_number_end(t, next_char(t), "imaginary");
    }
    return check_number_end(t, c, "decimal");
}

/* After the point. */
static bool read_fraction(struct tokenizer *t)
{
    int c = next_char(t);
    if (c >= '0' && c <= '9' && !read_decimal_tail(t, &c)) {
        return false;
    }
    return read_number_suffix(t, c);
}

/* A number that starts with 0 and has no radix letter: zeros, or a float. c follows the 0. */
static bool read_zeros(struct tokenizer *t, int c)
{
    bool nonzero = false;
    for (;;) {
        if (c == '_') {
            c = next_char(t);
            if (c < '0' || c > '9') {
                back_up(t, c);
                tokenizer_raise(t, -1, -1, "invalid decimal literal");
                return false;
            }
        }
        if (c != '0') {
            break;
        }
        c = next_char(t);
    }
    const char *zeros_end = t->cursor;
    if (c >= '0' && c <= '9') {
        nonzero = true;
        if (!read_decimal_tail(t, &c)) {
            return false;
        }
    }
    if (c == '.') {
        return read_fraction(t);
    }
    if (c == 'e' || c == 'E' || c == 'j' || c == 'J') {
        return read_number_suffix(t, c);
    }
    if (nonzero) {
        back_up(t, c);
        tokenizer_raise(t, (int)(t->token_start + 1 - t->line_start),
                        (int)(zeros_end - t->line_start),
                        "leading zeros in decimal integer literals are not permitted; "
                        "use an 0o prefix for octal integers");
        return false;
    }
    return check_number_end(t, c, "decimal");
}

static bool read_number(struct tokenizer *t, int c)
{
    if (c == '0') {
        c = next_char(t);
        switch (c) {
        case 'x':
        case 'X': return read_radix(t, 16, "hexadecimal");
        case 'o':
        case 'O': return read_radix(t, 8, "octal");
        case 'b':
        case 'B': return read_radix(t, 2, "binary");
        default: return read_zeros(t, c);
        }
    }
    if (!read_decimal_tail(t, &c)) {
        return false;
    }
    if (c == '.') {
        return read_fraction(t);
    }
    return read_number_suffix(t, c);
}

/* ---- Strings: only their extent; syntax/string.c decodes them. */
static bool fail_unterminated(struct tokenizer *t, int quotes)
{
    int detected = t->lineno;
    t->cursor = t->token_start + 1;
    t->line_start = t->string_line;
    t->lineno = t->first_lineno;
    tokenizer_raise(t, -1, -1,
                    quotes == 3 ? "unterminated triple-quoted string literal (detected at line %d)"
                                : "unterminated string literal (detected at line %d)",
                    detected);
    return false;
}

static bool read_string(struct tokenizer *t, int quote)
{
    int quotes = 1, closing = 0;
    t->first_lineno = t->lineno;
    t->string_line = t->line_start;
    int c = next_char(t);
    if (c == quote) {
        c = next_char(t);
        if (c == quote) {
            quotes = 3;
        } else {
            closing = 1; /* the empty string */
        }
    }
    if (c != quote) {
        back_up(t, c);
    }
    while (closing != quotes) {
        c = next_char(t);
        if (c == END_OF_TEXT || (quotes == 1 && c == '\n')) {
            t->open_string = c == END_OF_TEXT;
            return fail_unterminated(t, quotes);
        }
        if (c == quote) {
            closing++;
        } else {
            closing = 0;
            if (c == '\\') {
                next_char(t);
            }
        }
    }
    return true;
}

/* ---- Names. */

/* Checks that a name with characters beyond ASCII is an identifier. */
static bool check_identifier(struct tokenizer *t)
{
    PyObject *name = str_from_utf8(t->token_start, t->cursor - t->token_start);
    if (name == NULL) {
        t->failure =
            error_matches(PyExc_UnicodeDecodeError) ? TOKENIZER_BAD_DECODE : TOKENIZER_RAISED;
        return false;
    }
    const char *p = t->token_start;
    for (Py_ssize_t i = 0; i < str_length(name); i++) {
        Py_UCS4 c = str_at(name, i);
        p += c < 0x80 ? 1 : c < 0x800 ? 2 : c < 0x10000 ? 3 : 4;
        if (c == '_' || (i == 0 ? str_char_is_xid_start(c) : str_char_is_xid_continue(c))) {
            continue;
        }
        t->cursor = p;
        char hex[12];
        snprintf(hex, sizeof hex, "%04X", (unsigned)c);
        if (str_char_is_printable(c)) {
            tokenizer_raise(t, -1, -1, "invalid character '%U' (U+%s)", str_from_char(c), hex);
        } else {
            tokenizer_raise(t, -1, -1, "invalid non-printable character U+%s", hex);
        }
        return false;
    }
    return true;
}

struct keyword_row {
    const char *text;
    uint8_t length, kind;
};

/* Keywords by first letter; within a letter the common ones first. */
static const struct keyword_row keywords[] = {
    {"False", 5, KEYWORD_FALSE},
    {"None", 4, KEYWORD_NONE},
    {"True", 4, KEYWORD_TRUE},
    {"and", 3, KEYWORD_AND},
    {"as", 2, KEYWORD_AS},
    {"assert", 6, KEYWORD_ASSERT},
    {"async", 5, KEYWORD_ASYNC},
    {"await", 5, KEYWORD_AWAIT},
    {"break", 5, KEYWORD_BREAK},
    {"class", 5, KEYWORD_CLASS},
    {"continue", 8, KEYWORD_CONTINUE},
    {"def", 3, KEYWORD_DEF},
    {"del", 3, KEYWORD_DEL},
    {"else", 4, KEYWORD_ELSE},
    {"elif", 4, KEYWORD_ELIF},
    {"except", 6, KEYWORD_EXCEPT},
    {"for", 3, KEYWORD_FOR},
    {"from", 4, KEYWORD_FROM},
    {"finally", 7, KEYWORD_FINALLY},
    {"global", 6, KEYWORD_GLOBAL},
    {"if", 2, KEYWORD_IF},
    {"in", 2, KEYWORD_IN},
    {"is", 2, KEYWORD_IS},
    {"import", 6, KEYWORD_IMPORT},
    {"lambda", 6, KEYWORD_LAMBDA},
    {"not", 3, KEYWORD_NOT},
    {"nonlocal", 8, KEYWORD_NONLOCAL},
    {"or", 2, KEYWORD_OR},
    {"pass", 4, KEYWORD_PASS},
    {"return", 6, KEYWORD_RETURN},
    {"raise", 5, KEYWORD_RAISE},
    {"try", 3, KEYWORD_TRY},
    {"with", 4, KEYWORD_WITH},
    {"while", 5, KEYWORD_WHILE},
    {"yield", 5, KEYWORD_YIELD},
    {"", 0, 0},
};

/* Index of the first keyword with a letter, or of the sentinel. */
static uint8_t first_keyword(char letter)
{
    static const uint8_t starts['z' - 'A' + 1] = {
        ['F' - 'A'] = 1,  ['N' - 'A'] = 2,  ['T' - 'A'] = 3,  ['a' - 'A'] = 4,  ['b' - 'A'] = 9,
        ['c' - 'A'] = 10, ['d' - 'A'] = 12, ['e' - 'A'] = 14, ['f' - 'A'] = 17, ['g' - 'A'] = 20,
        ['i' - 'A'] = 21, ['l' - 'A'] = 25, ['n' - 'A'] = 26, ['o' - 'A'] = 28, ['p' - 'A'] = 29,
        ['r' - 'A'] = 30, ['t' - 'A'] = 32, ['w' - 'A'] = 33, ['y' - 'A'] = 35,
    };
    unsigned index = (unsigned)(unsigned char)letter - 'A';
    uint8_t start = index < sizeof starts ? starts[index] : 0;
    return start == 0 ? (uint8_t)(sizeof keywords / sizeof keywords[0] - 1) : (uint8_t)(start - 1);
}

static uint8_t name_kind(const char *text, size_t length)
{
    if (length < 2 || length > 8) {
        return TOKEN_NAME;
    }
    for (const struct keyword_row *k = &keywords[first_keyword(*text)]; k->text[0] == *text; k++) {
        if (k->length == length && memcmp(k->text, text, length) == 0) {
            return k->kind;
        }
    }
    return TOKEN_NAME;
}

/* Does a string prefix (u, b, r, f, br, fr; any case) get one letter longer by c? */
static bool extends_prefix(unsigned *seen, int c)
{
    enum { B = 1, U = 2, R = 4, F = 8 };
    unsigned letter, excluded;
    switch (c) {
    case 'b':
    case 'B':
        letter = B;
        excluded = B | U | F;
        break;
    case 'u':
    case 'U':
        letter = U;
        excluded = B | U | R | F;
        break;
    case 'r':
    case 'R':
        letter = R;
        excluded = R | U;
        break;
    case 'f':
    case 'F':
        letter = F;
        excluded = F | B | U;
        break;
    default: return false;
    }
    if (*seen & excluded) {
        return false;
    }
    *seen |= letter;
    return true;
}

/* Is what follows async or await something that they could belong to? */
static bool starts_async(struct tokenizer *t)
{
    const char *c = t->cursor;
    while (*c == ' ' || *c == '\t') {
        c++;
    }
    return c > t->cursor && (isalnum((unsigned char)*c) || strchr("_'\"([{", *c) != NULL) &&
           *c != '\0';
}

/* A name, or a string with a prefix. c is its first character. */
static bool read_name(struct tokenizer *t, int c, struct token *token)
{
    unsigned seen = 0;
    while (extends_prefix(&seen, c)) {
        c = next_char(t);
        if (c == '"' || c == '\'') {
            token->kind = TOKEN_STRING;
            return read_string(t, c);
        }
    }
    bool ascii = true;
    while (is_name_char(c)) {
        ascii = ascii && c < 128;
        c = next_char(t);
        if (c == END_OF_TEXT) {
            break;
        }
    }
    back_up(t, c);
    token->is_ascii = ascii;
    token->kind = name_kind(t->token_start, (size_t)(t->cursor - t->token_start));
    if (t->soft_async && (token->kind == KEYWORD_ASYNC || token->kind == KEYWORD_AWAIT) &&
        !starts_async(t)) {
        token->kind = TOKEN_NAME;
    }
    return ascii || check_identifier(t);
}

/* ---- Operators and brackets. */

/* Takes the next character if it is `wanted`. */
static bool take(struct tokenizer *t, int wanted)
{
    int c = next_char(t);
    if (c == wanted) {
        return true;
    }
    back_up(t, c);
    return false;
}

static uint8_t read_doubled(struct tokenizer *t, int c, uint8_t single, uint8_t single_equal,
                            uint8_t doubled, uint8_t doubled_equal)
{
    if (take(t, c)) {
        return take(t, '=') ? doubled_equal : doubled;
    }
    return take(t, '=') ? single_equal : single;
}

static uint8_t read_operator(struct tokenizer *t, int c)
{
    switch (c) {
    case ':': return take(t, '=') ? TOKEN_WALRUS : TOKEN_COLON;
    case ',': return TOKEN_COMMA;
    case ';': return TOKEN_SEMICOLON;
    case '~': return TOKEN_TILDE;
    case '+': return take(t, '=') ? TOKEN_PLUS_EQUAL : TOKEN_PLUS;
    case '-': return take(t, '>') ? TOKEN_ARROW : take(t, '=') ? TOKEN_MINUS_EQUAL : TOKEN_MINUS;
    case '%': return take(t, '=') ? TOKEN_PERCENT_EQUAL : TOKEN_PERCENT;
    case '@': return take(t, '=') ? TOKEN_AT_EQUAL : TOKEN_AT;
    case '|': return take(t, '=') ? TOKEN_BAR_EQUAL : TOKEN_BAR;
    case '^': return take(t, '=') ? TOKEN_CARET_EQUAL : TOKEN_CARET;
    case '&': return take(t, '=') ? TOKEN_AMPERSAND_EQUAL : TOKEN_AMPERSAND;
    case '=': return take(t, '=') ? TOKEN_EQUAL_EQUAL : TOKEN_EQUAL;
    case '!': return take(t, '=') ? TOKEN_NOT_EQUAL : TOKEN_BAD;
    case '*':
        return read_doubled(t, c, TOKEN_STAR, TOKEN_STAR_EQUAL, TOKEN_DOUBLE_STAR,
                            TOKEN_DOUBLE_STAR_EQUAL);
    case '/':
        return read_doubled(t, c, TOKEN_SLASH, TOKEN_SLASH_EQUAL, TOKEN_DOUBLE_SLASH,
                            TOKEN_DOUBLE_SLASH_EQUAL);
    case '<':
        return take(t, '>') ? TOKEN_NOT_EQUAL
                            : read_doubled(t, c, TOKEN_LESS, TOKEN_LESS_EQUAL, TOKEN_LEFT_SHIFT,
                                           TOKEN_LEFT_SHIFT_EQUAL);
    case '>':
        return read_doubled(t, c, TOKEN_GREATER, TOKEN_GREATER_EQUAL, TOKEN_RIGHT_SHIFT,
                            TOKEN_RIGHT_SHIFT_EQUAL);
    default: return TOKEN_BAD;
    }
}

static bool open_bracket(struct tokenizer *t, int c)
{
    if (t->level >= TOKENIZER_MAX_LEVEL) {
        tokenizer_raise(t, -1, -1, "too many nested parentheses");
        return false;
    }
    t->brackets[t->level] = (char)c;
    t->bracket_lines[t->level] = t->lineno;
    t->bracket_columns[t->level] = (int)(t->token_start - t->line_start);
    t->level++;
    return true;
}

static bool close_bracket(struct tokenizer *t, int c)
{
    if (t->level == 0) {
        tokenizer_raise(t, -1, -1, "unmatched '%c'", c);
        return false;
    }
    t->level--;
    char open = t->brackets[t->level];
    if ((open == '(' && c == ')') || (open == '[' && c == ']') || (open == '{' && c == '}')) {
        return true;
    }
    if (t->bracket_lines[t->level] != t->lineno) {
        tokenizer_raise(t, -1, -1,
                        "closing parenthesis '%c' does not match opening parenthesis '%c' "
                        "on line %d",
                        c, open, t->bracket_lines[t->level]);
    } else {
        tokenizer_raise(
            t, -1, -1, "closing parenthesis '%c' does not match opening parenthesis '%c'", c, open);
    }
    return false;
}

static bool read_dot(struct tokenizer *t, struct token *token)
{
    int c = next_char(t);
    if (c >= '0' && c <= '9') {
        back_up(t, c);
        token->kind = TOKEN_NUMBER;
        return read_fraction(t);
    }
    token->kind = TOKEN_DOT;
    if (c == '.') {
        if (take(t, '.')) {
            token->kind = TOKEN_ELLIPSIS;
            return true;
        }
    }
    back_up(t, c);
    return true;
}

/* Looks at the next character, which tells whether the text has ended. */
static void look_ahead(struct tokenizer *t)
{
    back_up(t, next_char(t));
}

static bool read_symbol(struct tokenizer *t, int c, struct token *token)
{
    if (c != '.') {
        look_ahead(t); /* every symbol might be the first half of a longer one */
    }
    switch (c) {
    case '(': token->kind = TOKEN_LPAREN; return open_bracket(t, c);
    case '[': token->kind = TOKEN_LBRACKET; return open_bracket(t, c);
    case '{': token->kind = TOKEN_LBRACE; return open_bracket(t, c);
    case ')': token->kind = TOKEN_RPAREN; return close_bracket(t, c);
    case ']': token->kind = TOKEN_RBRACKET; return close_bracket(t, c);
    case '}': token->kind = TOKEN_RBRACE; return close_bracket(t, c);
    case '.': return read_dot(t, token);
    default: break;
    }
    if (c < 32 || c == 127) {
        char hex[12];
        snprintf(hex, sizeof hex, "%04X", (unsigned)c);
        tokenizer_raise(t, -1, -1, "invalid non-printable character U+%s", hex);
        return false;
    }
    token->kind = read_operator(t, c);
    look_ahead(t); /* after two characters, too: there might be a third */
    return true;
}

/* Reads the token that starts with c. */
static bool read_token(struct tokenizer *t, int c, struct token *token)
{
    if (is_name_char(c) && !(c >= '0' && c <= '9')) {
        return read_name(t, c, token);
    }
    if (c >= '0' && c <= '9') {
        token->kind = TOKEN_NUMBER;
        return read_number(t, c);
    }
    if (c == '"' || c == '\'') {
        token->kind = TOKEN_STRING;
        return read_string(t, c);
    }
    return read_symbol(t, c, token);
}

/* Skips spaces and comments. False: *token is complete (a type comment). */
static bool skip_spaces(struct tokenizer *t, bool blank, int *c, struct token *token)
{
    t->token_start = NULL;
    do {
        *c = next_char(t);
    } while (*c == ' ' || *c == '\t' || *c == '\f');
    t->token_start = *c == END_OF_TEXT ? t->cursor : t->cursor - 1;
    if (*c == '#') {
        while (*c != END_OF_TEXT && *c != '\n') {
            *c = next_char(t);
        }
        if (t->type_comments) {
            back_up(t, *c);
            if (read_type_comment(t, blank, token)) {
                return false;
            }
            *c = next_char(t);
        }
    }
    return true;
}

/* Delivers in token->kind; TOKEN_ERROR on failure. Leaves start and end to the caller unless the
 * token has no text (start > end). */
static void read_next(struct tokenizer *t, struct token *token)
{
    bool blank = false, ok = true;
    int c;
    token->kind = TOKEN_ERROR;
    token->start = 1; /* no text */
    token->end = 0;
next_line:
    t->token_start = NULL;
    blank = false;
    if (t->at_line_start && !read_indentation(t, &blank)) {
        return;
    }
    t->token_start = t->cursor;
    if (t->pending_dedents != 0) {
        token->kind = t->pending_dedents < 0 ? TOKEN_DEDENT : TOKEN_INDENT;
        t->pending_dedents += t->pending_dedents < 0 ? 1 : -1;
        return;
    }
again:
    if (!skip_spaces(t, blank, &c, token)) {
        return;
    }
    if (c == END_OF_TEXT) {
        if (t->level > 0) {
            t->failure = TOKENIZER_AT_END;
        } else {
            token->kind = TOKEN_END;
        }
        return;
    }
    if (c == '\n') {
        t->at_line_start = true;
        if (blank || t->level > 0) {
            goto next_line;
        }
        token->kind = TOKEN_NEWLINE;
        token->start = (uint32_t)(t->token_start - t->text);
        token->end = (uint32_t)(t->cursor - 1 - t->text);
        return;
    }
    if (c == '\\') {
        if (!continue_line(t)) {
            return;
        }
        goto again;
    }
    ok = read_token(t, c, token);
    if (!ok) {
        token->kind = TOKEN_ERROR;
        return;
    }
    token->start = (uint32_t)(t->token_start - t->text);
    token->end = (uint32_t)(t->cursor - t->text);
}

void tokenizer_next(struct tokenizer *t, struct token *token)
{
    read_next(t, token);
    bool string = token->kind == TOKEN_STRING;
    const char *line = string ? t->string_line : t->line_start;
    token->lineno = string ? t->first_lineno : t->lineno;
    token->end_lineno = t->lineno;
    token->level = (uint16_t)t->level;
    bool has_text = token->start <= token->end;
    const char *start = t->text + token->start, *end = t->text + token->end;
    token->col_offset = has_text && start >= line ? (int32_t)(start - line) : -1;
    token->end_col_offset = has_text && end >= t->line_start ? (int32_t)(end - t->line_start) : -1;
}
