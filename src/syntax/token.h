/* SPDX-License-Identifier: MIT */
/* Token kinds and the tokens that the parser works on. Offsets point into the tokenizer's text. */
#ifndef OROCHI_SYNTAX_TOKEN_H
#define OROCHI_SYNTAX_TOKEN_H

#include <stdint.h>

enum token_kind {
    TOKEN_END,
    TOKEN_NAME,
    TOKEN_NUMBER,
    TOKEN_STRING,
    TOKEN_NEWLINE,
    TOKEN_INDENT,
    TOKEN_DEDENT,
    TOKEN_TYPE_COMMENT,
    TOKEN_TYPE_IGNORE,
    TOKEN_ERROR, /* the tokenizer failed, or the text ended inside brackets */
    TOKEN_BAD,   /* a character that starts no token, such as '$' */
    /* Punctuation. */
    TOKEN_LPAREN,
    TOKEN_RPAREN,
    TOKEN_LBRACKET,
    TOKEN_RBRACKET,
    TOKEN_LBRACE,
    TOKEN_RBRACE,
    TOKEN_COLON,
    TOKEN_COMMA,
    TOKEN_SEMICOLON,
    TOKEN_DOT,
    TOKEN_ELLIPSIS,
    TOKEN_ARROW,
    TOKEN_WALRUS,
    TOKEN_EQUAL,
    /* Binary operators; up to the comparisons in the order of enum operator. */
    TOKEN_PLUS,
    TOKEN_MINUS,
    TOKEN_STAR,
    TOKEN_AT,
    TOKEN_SLASH,
    TOKEN_PERCENT,
    TOKEN_DOUBLE_STAR,
    TOKEN_LEFT_SHIFT,
    TOKEN_RIGHT_SHIFT,
    TOKEN_BAR,
    TOKEN_CARET,
    TOKEN_AMPERSAND,
    TOKEN_DOUBLE_SLASH,
    /* Augmented assignments in the same order. */
    TOKEN_PLUS_EQUAL,
    TOKEN_MINUS_EQUAL,
    TOKEN_STAR_EQUAL,
    TOKEN_AT_EQUAL,
    TOKEN_SLASH_EQUAL,
    TOKEN_PERCENT_EQUAL,
    TOKEN_DOUBLE_STAR_EQUAL,
    TOKEN_LEFT_SHIFT_EQUAL,
    TOKEN_RIGHT_SHIFT_EQUAL,
    TOKEN_BAR_EQUAL,
    TOKEN_CARET_EQUAL,
    TOKEN_AMPERSAND_EQUAL,
    TOKEN_DOUBLE_SLASH_EQUAL,
    TOKEN_TILDE,
    /* Comparisons in the order of enum cmpop. */
    TOKEN_EQUAL_EQUAL,
    TOKEN_NOT_EQUAL,
    TOKEN_LESS,
    TOKEN_LESS_EQUAL,
    TOKEN_GREATER,
    TOKEN_GREATER_EQUAL,
    /* Keywords. */
    KEYWORD_FALSE,
    KEYWORD_NONE,
    KEYWORD_TRUE,
    KEYWORD_AND,
    KEYWORD_AS,
    KEYWORD_ASSERT,
    KEYWORD_ASYNC,
    KEYWORD_AWAIT,
    KEYWORD_BREAK,
    KEYWORD_CLASS,
    KEYWORD_CONTINUE,
    KEYWORD_DEF,
    KEYWORD_DEL,
    KEYWORD_ELIF,
    KEYWORD_ELSE,
    KEYWORD_EXCEPT,
    KEYWORD_FINALLY,
    KEYWORD_FOR,
    KEYWORD_FROM,
    KEYWORD_GLOBAL,
    KEYWORD_IF,
    KEYWORD_IMPORT,
    KEYWORD_IN,
    KEYWORD_IS,
    KEYWORD_LAMBDA,
    KEYWORD_NONLOCAL,
    KEYWORD_NOT,
    KEYWORD_OR,
    KEYWORD_PASS,
    KEYWORD_RAISE,
    KEYWORD_RETURN,
    KEYWORD_TRY,
    KEYWORD_WHILE,
    KEYWORD_WITH,
    KEYWORD_YIELD,
    TOKEN_KIND_COUNT
};

struct token {
    uint8_t kind;
    uint8_t is_ascii; /* of names */
    uint16_t level;   /* open brackets after this token */
    uint32_t start, end;
    int32_t lineno, col_offset, end_lineno, end_col_offset; /* columns -1: no text of its own */
};

#endif
