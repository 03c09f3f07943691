/* SPDX-License-Identifier: MIT */
/* What literal.c and fstring.c share. */
#ifndef OROCHI_SYNTAX_STRING_INT_H
#define OROCHI_SYNTAX_STRING_INT_H

#include "syntax/parser_int.h"

struct string_parts {
    const char *text; /* between the quotes */
    size_t length;
    bool bytes, raw, format, unicode;
};
struct string_parts string_split(const char *text, size_t length);
bool string_warn_brace(struct parser *p, size_t token);
/* Adjacent strings, f-strings among them or not, from token `start` up to `end`. */
struct expr *parse_joined(struct parser *p, size_t start, size_t end, bool format);

#endif
