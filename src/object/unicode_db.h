/* SPDX-License-Identifier: MIT */
/* The Unicode character database beyond what str needs: categories, decompositions, names,
 * normalization. `old`: version 3.2 instead of 14.0. Module unicodedata shows it to Python. */
#ifndef OROCHI_OBJECT_UNICODE_DB_H
#define OROCHI_OBJECT_UNICODE_DB_H

#include "object/str.h"

const char *db_category(Py_UCS4 c, bool old);
const char *db_bidirectional(Py_UCS4 c, bool old);
const char *db_east_asian_width(Py_UCS4 c, bool old);
int db_combining(Py_UCS4 c, bool old);
bool db_is_mirrored(Py_UCS4 c, bool old);
int db_decimal(Py_UCS4 c, bool old); /* -1: none */
int db_digit(Py_UCS4 c, bool old);
bool db_numeric(Py_UCS4 c, bool old, double *out);
PyObject *db_decomposition(Py_UCS4 c, bool old); /* "<tag> 0020 0308", "" */

enum normal_form { FORM_NFC, FORM_NFD, FORM_NFKC, FORM_NFKD };
PyObject *str_normalize(PyObject *s, enum normal_form form, bool old);

/* Length of the name written to out (NUL-terminated), 0 if there is none. */
int db_char_name(Py_UCS4 c, char *out, size_t size);
/* The character of the name or alias, any case; -1 if there is none. */
int32_t db_name_lookup(const char *name, Py_ssize_t length);
/* Named sequences too; in version 3.2 neither these nor aliases. How many characters, 0: none. */
enum { DB_NAME_MAX = 256, DB_SEQUENCE_MAX = 16 };
int db_name_lookup_text(const char *name, Py_ssize_t length, bool old, Py_UCS4 *out);

#endif
