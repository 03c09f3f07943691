/* SPDX-License-Identifier: MIT */
/* Conversions between numbers and text that need no objects. */
#ifndef OROCHI_BASE_TEXT_NUMBER_H
#define OROCHI_BASE_TEXT_NUMBER_H

#include <stdbool.h>
#include <stddef.h>

/* Writes the shortest decimal text that reads back as d, as Python's repr(float) does
 * ("1.0", "1e+16", "nan", "inf", "-0.0"). `out` holds at least 32 bytes; returns the length. */
size_t text_from_double(double d, char *out);

/* Correctly rounded decimal to double. Reads the longest prefix of [text, text+length) that is a
 * Python float literal without underscores (also "inf", "infinity", "nan", any case, with sign).
 * Returns the number of bytes read, 0 if there is none. */
size_t text_to_double(const char *text, size_t length, double *out);

/* Formats d as C's printf does for code 'e','E','f','F','g','G', plus 'r' (shortest repr), with
 * Python's spelling of inf and nan. Returns a malloc'ed string that the caller frees, or NULL when
 * memory ran out. `alternate` is '#', `add_dot_zero` appends ".0" to an integral result,
 * `always_sign` writes '+'. */
char *text_format_double(double d, char code, int precision, bool always_sign, bool alternate,
                         bool add_dot_zero);

#endif
