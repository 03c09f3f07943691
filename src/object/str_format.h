/* SPDX-License-Identifier: MIT */
/* str.format and what shares its grammar: the string.Formatter helpers of module _string. */
#ifndef OROCHI_OBJECT_STR_FORMAT_H
#define OROCHI_OBJECT_STR_FORMAT_H

#include "object/str_int.h"

Value str_format_method(Value self, const Value *args, size_t nargs, PyObject *kwnames);
Value str_format_map(Value self, Value mapping);
/* _string.formatter_parser, _string.formatter_field_name_split */
Value str_formatter_parser(Value s);
Value str_formatter_field_name_split(Value s);
extern PyTypeObject formatter_iterator_type, field_name_iterator_type;

#endif
