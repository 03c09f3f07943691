/* SPDX-License-Identifier: MIT */
/* The encoding that a source file declares (PEP 263). */
#ifndef OROCHI_BASE_SOURCE_CODING_H
#define OROCHI_BASE_SOURCE_CODING_H

#include <stdbool.h>

enum { SOURCE_CODING_MAX = 64 };

/* Finds "coding[:=] name" in a comment that is alone on line 1, or on line 2 if line 1 is blank or
 * a comment. Writes the name as it is spelt, cut to SOURCE_CODING_MAX - 1 bytes; false if the text
 * (from behind a byte order mark up to `end`) declares none. */
bool source_find_coding(const char *text, const char *end, char out[SOURCE_CODING_MAX]);

#endif
