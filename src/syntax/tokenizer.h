/* SPDX-License-Identifier: MIT */
/* The tokenizer: UTF-8 text to tokens. syntax/tokenizer.c explains it. */
#ifndef OROCHI_SYNTAX_TOKENIZER_H
#define OROCHI_SYNTAX_TOKENIZER_H

#include <Python.h>
#include <stdbool.h>

#include "base/debug.h"
#include "syntax/token.h"

enum { TOKENIZER_MAX_INDENT = 100, TOKENIZER_MAX_LEVEL = 200 };

/* Why a TOKEN_ERROR was made; the parser words the error, but for TOKENIZER_RAISED. */
enum tokenizer_failure {
    TOKENIZER_FINE,
    TOKENIZER_RAISED,           /* an exception is set */
    TOKENIZER_AT_END,           /* the text ended where it must not */
    TOKENIZER_TABS,             /* inconsistent tabs and spaces */
    TOKENIZER_TOO_DEEP,         /* too many levels of indentation */
    TOKENIZER_BAD_DEDENT,       /* matches no outer level */
    TOKENIZER_BAD_CONTINUATION, /* text after a backslash */
    TOKENIZER_BAD_DECODE,       /* an identifier is not UTF-8; the UnicodeDecodeError is set */
};

struct tokenizer {
    const char *text, *end; /* the whole text; *end is NUL */
    const char *cursor;     /* the next character */
    const char *line_end;   /* end of the line that was read last, after its newline */
    const char *line_start;
    const char *error_start; /* where the text of an error begins: the line of the last token */
    const char *token_start; /* NULL between tokens */
    int lineno;              /* of the line that was read last */
    int first_lineno;        /* of the string token that was read last */
    const char *string_line; /* start of its first line */
    bool at_line_start;
    bool saw_end;     /* the end of the text has been read */
    bool open_string; /* it ended inside a string */
    bool type_comments;
    bool soft_async; /* before 3.7: async and await are keywords only where they work */
    enum tokenizer_failure failure;

    int pending_dedents; /* > 0: INDENTs to deliver, < 0: DEDENTs */
    int indent_depth;
    int indents[TOKENIZER_MAX_INDENT];
    int alternative_indents[TOKENIZER_MAX_INDENT]; /* with tabs counting 1 */
    int level;                                     /* open brackets */
    char brackets[TOKENIZER_MAX_LEVEL];
    int bracket_lines[TOKENIZER_MAX_LEVEL];
    int bracket_columns[TOKENIZER_MAX_LEVEL];

    PyObject *filename;
};

void tokenizer_init(struct tokenizer *t, const char *text, size_t length, PyObject *filename);
/* Fills *token; columns count from the start of the line. On failure its kind is TOKEN_ERROR and
 * t->failure tells why. May run Python code (warnings). */
void tokenizer_next(struct tokenizer *t, struct token *token);
/* Raises a SyntaxError at the cursor; columns of -1 mean the cursor's. */
void tokenizer_raise(struct tokenizer *t, int column, int end_column, const char *format, ...);

/* Decodes source text: BOM, PEP 263 cookie, newlines. Returns UTF-8 text in a heap cell, or NULL
 * with an exception. add_newline: the text shall end with one. *declared: the encoding is known,
 * not assumed. */
struct parse_options;
const char *source_decode(const char *source, size_t length, bool add_newline,
                          const struct parse_options *options, size_t *out_length, bool *declared);
/* UTF-8 to str, bad bytes become U+FFFD. */
PyObject *decode_replacing(const char *text, size_t length);
/* The Unicode character at text (at least one byte before end), U+FFFD if malformed. */
Py_UCS4 utf8_decode_char(const char *text, const char *end, int *length);
size_t utf8_encode_char(Py_UCS4 c, char *out);

#endif
