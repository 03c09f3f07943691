/* SPDX-License-Identifier: MIT */
/* Numbers as format(), f-strings and the % operator show them. */
#ifndef OROCHI_OBJECT_NUMBER_FORMAT_H
#define OROCHI_OBJECT_NUMBER_FORMAT_H

#include "object/object.h"

/* For the % operator: sign (only '-'), prefix and digits, as ASCII str; the caller adds '+' or ' ',
 * and pads. code of int: d i u o x X; `precision` is the least number of digits, -1: none.
 * code of float: e E f F g G. NULL with an exception set. */
PyObject *number_printf_int(Value v, char code, bool alternate, int precision);
PyObject *number_printf_float(double d, char code, bool alternate, int precision);
/* May a grouping character (0: none) stand with a format code (0: none)? 0, or -1 with ValueError.
 */
int number_check_grouping(Py_UCS4 grouping, Py_UCS4 type);

#endif
