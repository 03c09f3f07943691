/* SPDX-License-Identifier: MIT */
/* Module _string: what string.Formatter needs of str.format's grammar. */
#include "object/native.h"
#include "object/str_format.h"

static Value formatter_parser(Value self, Value s)
{
    return str_formatter_parser(s);
}

static Value formatter_field_name_split(Value self, Value s)
{
    return str_formatter_field_name_split(s);
}

static const struct native_def functions[] = {
    {"formatter_field_name_split", NULL,
     "Splits a field name into its first part and an iterator of the rest.",
     .f1 = formatter_field_name_split},
    {"formatter_parser", NULL, "An iterator over the parts of a format string.",
     .f1 = formatter_parser},
    {NULL},
};

const struct module_def string_module = {"_string", "string helper module", functions, NULL};
