/* SPDX-License-Identifier: MIT */
/* Look-ups in the generated character tables; see unicode_data.h. */
#include "object/unicode_data.h"

#include "object/str.h"
#include "object/unicode_tables.inc"

static inline const struct char_record *record(uint32_t c)
{
    if (c >= 0x110000) {
        c = 0x10ffff;
    }
    uint32_t page = char_index[c >> CHAR_PAGE_BITS];
    return &char_records[char_pages[(page << CHAR_PAGE_BITS) + (c & ((1 << CHAR_PAGE_BITS) - 1))]];
}

static inline bool has(uint32_t c, uint16_t flag)
{
    return (record(c)->flags & flag) != 0;
}

bool char_is_alpha(uint32_t c)
{
    return has(c, CHAR_ALPHA);
}
bool char_is_decimal(uint32_t c)
{
    return has(c, CHAR_DECIMAL);
}
bool char_is_digit(uint32_t c)
{
    return has(c, CHAR_DIGIT);
}
bool char_is_numeric(uint32_t c)
{
    return has(c, CHAR_NUMERIC);
}
bool char_is_alnum(uint32_t c)
{
    return has(c, CHAR_ALPHA | CHAR_DECIMAL | CHAR_DIGIT | CHAR_NUMERIC);
}
bool char_is_lower(uint32_t c)
{
    return has(c, CHAR_LOWER);
}
bool char_is_upper(uint32_t c)
{
    return has(c, CHAR_UPPER);
}
bool char_is_title(uint32_t c)
{
    return has(c, CHAR_TITLE);
}
bool char_is_space(uint32_t c)
{
    return has(c, CHAR_SPACE);
}
bool char_is_printable(uint32_t c)
{
    return has(c, CHAR_PRINTABLE);
}
bool char_is_xid_start(uint32_t c)
{
    return has(c, CHAR_XID_START);
}
bool char_is_xid_continue(uint32_t c)
{
    return has(c, CHAR_XID_CONTINUE);
}
bool char_is_linebreak(uint32_t c)
{
    return has(c, CHAR_LINEBREAK);
}
bool char_is_cased(uint32_t c)
{
    return has(c, CHAR_CASED);
}
bool char_is_case_ignorable(uint32_t c)
{
    return has(c, CHAR_CASE_IGNORABLE);
}
int char_to_decimal(uint32_t c)
{
    return record(c)->decimal;
}
int char_to_digit(uint32_t c)
{
    return record(c)->digit;
}

uint32_t char_to_lower(uint32_t c)
{
    return c + (uint32_t)record(c)->lower;
}
uint32_t char_to_upper(uint32_t c)
{
    return c + (uint32_t)record(c)->upper;
}
uint32_t char_to_title(uint32_t c)
{
    return c + (uint32_t)record(c)->title;
}

/* The pool's text at the index, or the simple mapping if there is none. */
static int full(uint32_t index, uint32_t plain, uint32_t *out)
{
    if (index == 0) {
        out[0] = plain;
        return 1;
    }
    uint32_t n = char_pool[index];
    for (uint32_t i = 0; i < n; i++) {
        out[i] = char_pool[index + 1 + i];
    }
    return (int)n;
}

int char_full_lower(uint32_t c, uint32_t *out)
{
    return full(record(c)->full_lower, char_to_lower(c), out);
}
int char_full_upper(uint32_t c, uint32_t *out)
{
    return full(record(c)->full_upper, char_to_upper(c), out);
}
int char_full_title(uint32_t c, uint32_t *out)
{
    return full(record(c)->full_title, char_to_title(c), out);
}
int char_full_fold(uint32_t c, uint32_t *out)
{
    return full(record(c)->full_fold, char_to_lower(c), out);
}

bool str_char_is_space(Py_UCS4 c)
{
    return char_is_space(c);
}
bool str_char_is_xid_start(Py_UCS4 c)
{
    return c == '_' || char_is_xid_start(c);
}
bool str_char_is_xid_continue(Py_UCS4 c)
{
    return char_is_xid_continue(c);
}
bool str_char_is_printable(Py_UCS4 c)
{
    return char_is_printable(c);
}
int str_char_to_decimal(Py_UCS4 c)
{
    return char_to_decimal(c);
}
int str_char_to_digit(Py_UCS4 c)
{
    return char_to_digit(c);
}
