/* SPDX-License-Identifier: MIT */
/* The table of interned names, filled at start-up. */
#include "object/names.h"

#include "object/str.h"

struct name_table names;

int names_init(void)
{
#define NAME_AS(identifier, text)                                                                  \
    if ((names.identifier = str_intern_text(text)) == NULL) {                                      \
        return -1;                                                                                 \
    }
#define NAME(identifier) NAME_AS(identifier, #identifier)
#include "object/names.def"
#undef NAME
#undef NAME_AS
    return 0;
}
