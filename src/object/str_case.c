/* SPDX-License-Identifier: MIT */
/* str methods about case and kinds of characters: lower, title, isalpha ... ASCII strings go
 * through byte loops; others through the tables, with full mappings (one to up to three). */
#include "object/str_case.h"

#include "object/unicode_data.h"

/* ---- Case mapping. */

enum case_map { MAP_LOWER, MAP_UPPER, MAP_TITLE, MAP_FOLD, MAP_SWAP, MAP_CAPITALIZE };

/* Lower case of a capital sigma depends on what stands around it. */
static Py_UCS4 lower_sigma(int kind, const void *data, Py_ssize_t n, Py_ssize_t at)
{
    Py_ssize_t i = at - 1;
    while (i >= 0 && char_is_case_ignorable(str_read(kind, data, i))) {
        i--;
    }
    bool final = i >= 0 && char_is_cased(str_read(kind, data, i));
    if (final) {
        i = at + 1;
        while (i < n && char_is_case_ignorable(str_read(kind, data, i))) {
            i++;
        }
        final = i == n || !char_is_cased(str_read(kind, data, i));
    }
    return final ? 0x3c2 : 0x3c3;
}

static int lower_at(int kind, const void *data, Py_ssize_t n, Py_ssize_t i, Py_UCS4 *out)
{
    Py_UCS4 c = str_read(kind, data, i);
    if (c == 0x3a3) {
        out[0] = lower_sigma(kind, data, n, i);
        return 1;
    }
    return char_full_lower(c, out);
}

static int map_at(enum case_map map, int kind, const void *data, Py_ssize_t n, Py_ssize_t i,
                  bool *previous_cased, Py_UCS4 *out)
{
    Py_UCS4 c = str_read(kind, data, i);
    switch (map) {
    case MAP_LOWER: return lower_at(kind, data, n, i, out);
    case MAP_UPPER: return char_full_upper(c, out);
    case MAP_FOLD: return char_full_fold(c, out);
    case MAP_CAPITALIZE: return i == 0 ? char_full_title(c, out) : lower_at(kind, data, n, i, out);
    case MAP_SWAP:
        if (char_is_upper(c)) {
            return lower_at(kind, data, n, i, out);
        }
        if (char_is_lower(c)) {
            return char_full_upper(c, out);
        }
        out[0] = c;
        return 1;
    default: {
        int count = *previous_cased ? lower_at(kind, data, n, i, out) : char_full_title(c, out);
        *previous_cased = char_is_cased(c);
        return count;
    }
    }
}

static Value map_wide(PyObject *s, enum case_map map)
{
    struct str_builder b;
    str_builder_init(&b);
    int kind = str_kind(s);
    Py_ssize_t n = str_length(s);
    const void *data = str_data(s);
    bool previous_cased = false;
    if (str_builder_reserve(&b, n, 0x7f) < 0) {
        return VALUE_NULL;
    }
    for (Py_ssize_t i = 0; i < n; i++) {
        Py_UCS4 out[CHAR_MAPPING_MAX];
        int count = map_at(map, kind, data, n, i, &previous_cased, out);
        for (int j = 0; j < count; j++) {
            if (str_builder_char(&b, out[j]) < 0) {
                return VALUE_NULL;
            }
        }
    }
    return value_from_object(str_builder_finish(&b));
}

/* Changes the case of those of eight characters that lie among the 26 letters from `first` on. */
static ALWAYS_INLINE void flip_eight(const unsigned char *from, unsigned char *to,
                                     unsigned char first)
{
    const uint64_t ones = UINT64_C(0x0101010101010101), high = ones * 0x80;
    uint64_t w;
    memcpy(&w, from, 8);
    uint64_t low = w & ~high; /* no sum below carries into the next byte */
    uint64_t reach = low + ones * (0x80u - first), pass = low + ones * (0x80u - first - 26);
    w ^= ((reach & ~pass & ~w) & high) >> 2;
    memcpy(to, &w, 8);
}

/* The same for n characters, which are few more often than not. */
static void flip_range(const unsigned char *from, unsigned char *to, Py_ssize_t n,
                       unsigned char first)
{
    Py_ssize_t done = 0;
    for (; n - done >= 8; done += 8) {
        flip_eight(from + done, to + done, first);
    }
    for (Py_ssize_t i = done; i < n; i++) {
        unsigned char c = from[i];
        to[i] = (unsigned char)(c ^ ((unsigned char)(c - first) < 26) << 5);
    }
}

static void map_title(const unsigned char *from, unsigned char *to, Py_ssize_t n)
{
    bool previous = false;
    for (Py_ssize_t i = 0; i < n; i++) {
        unsigned char c = from[i];
        to[i] = (unsigned char)(previous ? ascii_to_lower(c) : ascii_to_upper(c));
        previous = ascii_is_alpha(c);
    }
}

void ascii_map_case(enum ascii_case map, const unsigned char *from, unsigned char *to, Py_ssize_t n)
{
    switch (map) {
    case ASCII_LOWER: flip_range(from, to, n, 'A'); break;
    case ASCII_UPPER: flip_range(from, to, n, 'a'); break;
    case ASCII_CAPITALIZE:
        flip_range(from, to, n, 'A');
        if (n > 0) {
            to[0] = (unsigned char)ascii_to_upper(from[0]);
        }
        break;
    case ASCII_SWAP:
        for (Py_ssize_t i = 0; i < n; i++) {
            to[i] = ascii_is_alpha(from[i]) ? from[i] ^ 32 : from[i];
        }
        break;
    case ASCII_TITLE: map_title(from, to, n); break;
    }
}

/* Lower case of Latin-1 text: there, each letter has one of the same width. */
static Value lower_latin1(PyObject *s)
{
    Py_ssize_t n = str_length(s);
    PyObject *r = str_alloc(n, 1, false);
    if (r == NULL) {
        return VALUE_NULL;
    }
    const unsigned char *from = str_data(s);
    unsigned char *to = str_writable(r);
    for (Py_ssize_t i = 0; i < n; i++) {
        unsigned char c = from[i];
        bool upper = (unsigned char)(c - 'A') < 26 || (unsigned char)(c - 0xc0) < 0x1f;
        to[i] = (unsigned char)(upper && c != 0xd7 ? c + 32 : c);
    }
    return value_from_object(r);
}

/* Upper case of Latin-1 text; VALUE_ABSENT if a letter's is wider or longer. */
static Value upper_latin1(PyObject *s)
{
    Py_ssize_t n = str_length(s);
    const unsigned char *from = str_data(s);
    PyObject *r = str_alloc(n, 1, false);
    if (r == NULL) {
        return VALUE_NULL;
    }
    unsigned char *to = str_writable(r);
    for (Py_ssize_t i = 0; i < n; i++) {
        unsigned char c = from[i];
        if (c == 0xb5 || c == 0xdf || c == 0xff) { /* micro, sharp s, y with two dots */
            return VALUE_ABSENT;
        }
        bool lower = (unsigned char)(c - 'a') < 26 || c > 0xdf;
        to[i] = (unsigned char)(lower && c != 0xf7 ? c - 32 : c);
    }
    return value_from_object(r);
}

static Value map_case(Value self, enum case_map map)
{
    static const enum ascii_case ascii[] = {
        [MAP_LOWER] = ASCII_LOWER, [MAP_UPPER] = ASCII_UPPER, [MAP_TITLE] = ASCII_TITLE,
        [MAP_FOLD] = ASCII_LOWER,  [MAP_SWAP] = ASCII_SWAP,   [MAP_CAPITALIZE] = ASCII_CAPITALIZE,
    };
    PyObject *s = value_object(self);
    if (!str_is_ascii(s)) {
        Value v = str_kind(s) > 1    ? VALUE_ABSENT
                  : map == MAP_LOWER ? lower_latin1(s)
                  : map == MAP_UPPER ? upper_latin1(s)
                                     : VALUE_ABSENT;
        return value_is_absent(v) ? map_wide(s, map) : v;
    }
    Py_ssize_t n = str_length(s);
    PyObject *r = str_new(n, 0x7f);
    if (r == NULL) {
        return VALUE_NULL;
    }
    ascii_map_case(ascii[map], str_data(s), str_writable(r), n);
    return value_from_object(r);
}

Value str_lower(Value self)
{
    return map_case(self, MAP_LOWER);
}
Value str_upper(Value self)
{
    return map_case(self, MAP_UPPER);
}
Value str_title(Value self)
{
    return map_case(self, MAP_TITLE);
}
Value str_casefold(Value self)
{
    return map_case(self, MAP_FOLD);
}
Value str_swapcase(Value self)
{
    return map_case(self, MAP_SWAP);
}
Value str_capitalize(Value self)
{
    return map_case(self, MAP_CAPITALIZE);
}

/* ---- Predicates: all characters have the property, and there is one. */

static ALWAYS_INLINE Value all_chars(Value self, bool (*test)(uint32_t),
                                     bool (*ascii_test)(uint32_t))
{
    PyObject *s = value_object(self);
    int kind = str_kind(s);
    const void *data = str_data(s);
    Py_ssize_t n = str_length(s);
    for (Py_ssize_t i = 0; i < n; i++) {
        Py_UCS4 c = str_read(kind, data, i);
        if (!(c < 128 ? ascii_test(c) : test(c))) {
            return VALUE_FALSE;
        }
    }
    return value_from_bool(n > 0);
}

static inline bool ascii_is_printable(uint32_t c)
{
    return c - ' ' < 0x7f - ' ';
}

Value str_isalpha(Value self)
{
    return all_chars(self, char_is_alpha, ascii_is_alpha);
}
Value str_isalnum(Value self)
{
    return all_chars(self, char_is_alnum, ascii_is_alnum);
}
Value str_isdecimal(Value self)
{
    return all_chars(self, char_is_decimal, ascii_is_digit);
}
Value str_isdigit(Value self)
{
    return all_chars(self, char_is_digit, ascii_is_digit);
}
Value str_isnumeric(Value self)
{
    return all_chars(self, char_is_numeric, ascii_is_digit);
}
Value str_isspace(Value self)
{
    return all_chars(self, char_is_space, ascii_is_space);
}

Value str_isprintable(Value self)
{
    return str_length(value_object(self)) == 0
               ? VALUE_TRUE
               : all_chars(self, char_is_printable, ascii_is_printable);
}

Value str_isascii(Value self)
{
    return value_from_bool(str_is_ascii(value_object(self)));
}

/* Some character has the case, and none has another. */
static Value has_case(Value self, bool (*wanted)(uint32_t), bool (*other)(uint32_t))
{
    PyObject *s = value_object(self);
    int kind = str_kind(s);
    const void *data = str_data(s);
    bool any = false;
    for (Py_ssize_t i = 0; i < str_length(s); i++) {
        Py_UCS4 c = str_read(kind, data, i);
        if (other(c) || char_is_title(c)) {
            return VALUE_FALSE;
        }
        any = any || wanted(c);
    }
    return value_from_bool(any);
}

Value str_islower(Value self)
{
    return has_case(self, char_is_lower, char_is_upper);
}
Value str_isupper(Value self)
{
    return has_case(self, char_is_upper, char_is_lower);
}

Value str_istitle(Value self)
{
    PyObject *s = value_object(self);
    int kind = str_kind(s);
    const void *data = str_data(s);
    bool any = false, previous_cased = false;
    for (Py_ssize_t i = 0; i < str_length(s); i++) {
        Py_UCS4 c = str_read(kind, data, i);
        bool starts = char_is_upper(c) || char_is_title(c);
        bool cased = starts || char_is_lower(c);
        if (cased && starts == previous_cased) {
            return VALUE_FALSE;
        }
        any = any || cased;
        previous_cased = cased;
    }
    return value_from_bool(any);
}

bool str_is_identifier(PyObject *s)
{
    Py_ssize_t n = str_length(s);
    if (n == 0 || !str_char_is_xid_start(str_at(s, 0))) {
        return false;
    }
    int kind = str_kind(s);
    const void *data = str_data(s);
    for (Py_ssize_t i = 1; i < n; i++) {
        if (!char_is_xid_continue(str_read(kind, data, i))) {
            return false;
        }
    }
    return true;
}

Value str_isidentifier(Value self)
{
    return value_from_bool(str_is_identifier(value_object(self)));
}
