/* SPDX-License-Identifier: MIT */
/* str methods about case and kinds of characters, and the ASCII case loops that bytes shares. */
#ifndef OROCHI_OBJECT_STR_CASE_H
#define OROCHI_OBJECT_STR_CASE_H

#include "object/str_int.h"

enum ascii_case { ASCII_LOWER, ASCII_UPPER, ASCII_TITLE, ASCII_SWAP, ASCII_CAPITALIZE };
void ascii_map_case(enum ascii_case map, const unsigned char *from, unsigned char *to,
                    Py_ssize_t n);

Value str_lower(Value self);
Value str_upper(Value self);
Value str_title(Value self);
Value str_casefold(Value self);
Value str_swapcase(Value self);
Value str_capitalize(Value self);
Value str_isalpha(Value self);
Value str_isalnum(Value self);
Value str_isdecimal(Value self);
Value str_isdigit(Value self);
Value str_isnumeric(Value self);
Value str_isspace(Value self);
Value str_isprintable(Value self);
Value str_isascii(Value self);
Value str_islower(Value self);
Value str_isupper(Value self);
Value str_istitle(Value self);
Value str_isidentifier(Value self);

#endif
