/* SPDX-License-Identifier: MIT */
/* Look-ups in the generated database, names, and normalization (UAX #15). */
#include "object/unicode_db.h"

#include <stdio.h>

#include "object/codec.h"
#include "object/str_int.h"
#include "object/unicode_data.h"
#include "object/unicode_db.inc"

/* ---- Records. */

#define TWO_LEVELS(name, c)                                                                        \
    name##_pages[((uint32_t)name##_index[(c) >> DB_PAGE_BITS] << DB_PAGE_BITS) +                   \
                 ((c) & ((1u << DB_PAGE_BITS) - 1))]

static inline const struct db_record *record(Py_UCS4 c, bool old)
{
    return &db_records[old ? TWO_LEVELS(old_record, c) : TWO_LEVELS(new_record, c)];
}

static inline const uint32_t *decomposition(Py_UCS4 c, bool old)
{
    return &db_decompositions[old ? TWO_LEVELS(old_decomposition, c)
                                  : TWO_LEVELS(new_decomposition, c)];
}

const char *db_category(Py_UCS4 c, bool old)
{
    return db_categories[record(c, old)->category];
}
const char *db_bidirectional(Py_UCS4 c, bool old)
{
    return db_bidirectionals[record(c, old)->bidirectional];
}
const char *db_east_asian_width(Py_UCS4 c, bool old)
{
    return db_widths[record(c, old)->width];
}
int db_combining(Py_UCS4 c, bool old)
{
    return record(c, old)->combining;
}
bool db_is_mirrored(Py_UCS4 c, bool old)
{
    return record(c, old)->mirrored != 0;
}
int db_decimal(Py_UCS4 c, bool old)
{
    return record(c, old)->decimal;
}
int db_digit(Py_UCS4 c, bool old)
{
    return record(c, old)->digit;
}

bool db_numeric(Py_UCS4 c, bool old, double *out)
{
    int index = record(c, old)->numeric;
    *out = db_numerics[index];
    return index != 0;
}

PyObject *db_decomposition(Py_UCS4 c, bool old)
{
    const uint32_t *d = decomposition(c, old);
    uint32_t count = *d & 0xff;
    const char *tag = db_tags[*d >> 8];
    struct str_builder b;
    str_builder_init(&b);
    if (str_builder_text(&b, tag) < 0) {
        return NULL;
    }
    for (uint32_t i = 0; i < count; i++) {
        char text[16];
        int n = snprintf(text, sizeof text, i > 0 || *tag ? " %04X" : "%04X", d[1 + i]);
        if (str_builder_ascii(&b, text, n) < 0) {
            return NULL;
        }
    }
    return str_builder_finish(&b);
}

/* ---- Normalization. */

enum {
    HANGUL_S = 0xac00,
    HANGUL_L = 0x1100,
    HANGUL_V = 0x1161,
    HANGUL_T = 0x11a7,
    HANGUL_L_COUNT = 19,
    HANGUL_V_COUNT = 21,
    HANGUL_T_COUNT = 28,
    HANGUL_N_COUNT = HANGUL_V_COUNT * HANGUL_T_COUNT,
    HANGUL_S_COUNT = HANGUL_L_COUNT * HANGUL_N_COUNT
};

/* A growing array of characters in a raw heap cell. */
struct chars {
    Py_UCS4 *data;
    size_t length, capacity;
};

static int push(struct chars *a, Py_UCS4 c)
{
    if (a->length == a->capacity) {
        size_t capacity = a->capacity * 2 + 32;
        Py_UCS4 *fresh = heap_alloc(capacity * sizeof *fresh, CELL_RAW);
        if (fresh == NULL) {
            error_no_memory();
            return -1;
        }
        if (a->length > 0) {
            memcpy(fresh, a->data, a->length * sizeof *fresh);
        }
        a->data = fresh;
        a->capacity = capacity;
    }
    a->data[a->length++] = c;
    return 0;
}

static int push_decomposed(struct chars *a, Py_UCS4 c, bool compatible, bool old)
{
    if (c - HANGUL_S < HANGUL_S_COUNT) {
        Py_UCS4 i = c - HANGUL_S, t = i % HANGUL_T_COUNT;
        if (push(a, HANGUL_L + i / HANGUL_N_COUNT) < 0 ||
            push(a, HANGUL_V + i % HANGUL_N_COUNT / HANGUL_T_COUNT) < 0) {
            return -1;
        }
        return t == 0 ? 0 : push(a, HANGUL_T + t);
    }
    const uint32_t *d = decomposition(c, old);
    uint32_t count = *d & 0xff;
    if (count == 0 || (*d >> 8 != 0 && !compatible)) {
        return push(a, c);
    }
    for (uint32_t i = 0; i < count; i++) {
        if (push_decomposed(a, d[1 + i], compatible, old) < 0) {
            return -1;
        }
    }
    return 0;
}

/* Sorts runs of combining characters by class, stably. Version 3.2 too goes by the classes of 14.0.
 */
static void order(struct chars *a)
{
    for (size_t i = 1; i < a->length; i++) {
        Py_UCS4 c = a->data[i];
        int class = db_combining(c, false);
        size_t j = i;
        while (class != 0 && j > 0 && db_combining(a->data[j - 1], false) > class) {
            a->data[j] = a->data[j - 1];
            j--;
        }
        a->data[j] = c;
    }
}

/* The character that two make, or 0. */
static Py_UCS4 compose_pair(Py_UCS4 first, Py_UCS4 second, bool old)
{
    if (first - HANGUL_L < HANGUL_L_COUNT && second - HANGUL_V < HANGUL_V_COUNT) {
        return HANGUL_S +
               ((first - HANGUL_L) * HANGUL_V_COUNT + (second - HANGUL_V)) * HANGUL_T_COUNT;
    }
    if (first - HANGUL_S < HANGUL_S_COUNT && (first - HANGUL_S) % HANGUL_T_COUNT == 0 &&
        second > HANGUL_T && second < HANGUL_T + HANGUL_T_COUNT) {
        return first + second - HANGUL_T;
    }
    size_t low = 0, high = sizeof compositions / sizeof *compositions;
    while (low < high) {
        size_t middle = (low + high) / 2;
        const struct composition *p = &compositions[middle];
        if (p->first == first && p->second == second) {
            return old && record(p->joined, true)->category == 0 ? 0 : p->joined;
        }
        if (p->first < first || (p->first == first && p->second < second)) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    return 0;
}

static void compose(struct chars *a, bool old)
{
    size_t out = 0, starter = SIZE_MAX;
    int last_class = -1; /* of the character before, since the starter; -1: none between */
    for (size_t i = 0; i < a->length; i++) {
        Py_UCS4 c = a->data[i];
        int class = db_combining(c, false);
        if (starter != SIZE_MAX && (last_class == -1 || (last_class < class && last_class != 0))) {
            Py_UCS4 joined = compose_pair(a->data[starter], c, old);
            if (joined != 0) {
                a->data[starter] = joined;
                continue;
            }
        }
        if (class == 0) {
            starter = out;
            last_class = -1;
        } else {
            last_class = class;
        }
        a->data[out++] = c;
    }
    a->length = out;
}

PyObject *str_normalize(PyObject *s, enum normal_form form, bool old)
{
    if (str_is_ascii(s) || (form == FORM_NFC && str_kind(s) == 1)) {
        return str_exact(s);
    }
    struct chars a = {0};
    bool compatible = form == FORM_NFKC || form == FORM_NFKD;
    for (Py_ssize_t i = 0; i < str_length(s); i++) {
        if (push_decomposed(&a, str_at(s, i), compatible, old) < 0) {
            return NULL;
        }
    }
    order(&a);
    if (form == FORM_NFC || form == FORM_NFKC) {
        compose(&a, old);
    }
    return str_from_ucs4(a.data, (Py_ssize_t)a.length);
}

/* ---- Names. */

static const char *const jamo_l[] = {"G",  "GG", "N", "D",  "DD", "R", "M", "B", "BB", "S",
                                     "SS", "",   "J", "JJ", "C",  "K", "T", "P", "H"};
static const char *const jamo_v[] = {"A",   "AE", "YA", "YAE", "EO", "E",  "YEO",
                                     "YE",  "O",  "WA", "WAE", "OE", "YO", "U",
                                     "WEO", "WE", "WI", "YU",  "EU", "YI", "I"};
static const char *const jamo_t[] = {"",   "G",  "GG", "GS", "N",  "NJ", "NH", "D", "L",  "LG",
                                     "LM", "LB", "LS", "LT", "LP", "LH", "M",  "B", "BS", "S",
                                     "SS", "NG", "J",  "C",  "K",  "T",  "P",  "H"};

static int row_name(size_t row, char *out, size_t size)
{
    const uint16_t *stream = &name_stream[name_offsets[row]];
    size_t n = 0;
    for (int i = 0; i < stream[0]; i++) {
        uint32_t word = stream[1 + i];
        size_t length = word_starts[word + 1] - word_starts[word];
        if (n + length + 2 > size) {
            return 0;
        }
        if (i > 0) {
            out[n++] = ' ';
        }
        memcpy(out + n, word_text + word_starts[word], length);
        n += length;
    }
    out[n] = '\0';
    return (int)n;
}

static int hangul_name(Py_UCS4 c, char *out, size_t size)
{
    Py_UCS4 i = c - HANGUL_S;
    return snprintf(out, size, "HANGUL SYLLABLE %s%s%s", jamo_l[i / HANGUL_N_COUNT],
                    jamo_v[i % HANGUL_N_COUNT / HANGUL_T_COUNT], jamo_t[i % HANGUL_T_COUNT]);
}

int db_char_name(Py_UCS4 c, char *out, size_t size)
{
    if (c - HANGUL_S < HANGUL_S_COUNT) {
        return hangul_name(c, out, size);
    }
    for (size_t i = 0; i < sizeof name_ranges / sizeof *name_ranges; i++) {
        if (c >= name_ranges[i].first && c <= name_ranges[i].last) {
            return snprintf(out, size, "%s%04X", name_ranges[i].prefix, c);
        }
    }
    size_t low = 0, high = NAME_COUNT;
    while (low < high) {
        size_t middle = (low + high) / 2;
        if (name_codes[middle] == c) {
            return row_name(middle, out, size);
        }
        if (name_codes[middle] < c) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    return 0;
}

/* "PREFIX-XXXX" or a Hangul syllable: names that are computed. -1 if it is none of them. */
static int32_t computed_name(const char *name, size_t n)
{
    char full[DB_NAME_MAX + 1];
    const char *dash = memrchr(name, '-', n);
    if (dash != NULL) {
        Py_UCS4 c = 0;
        for (const char *p = dash + 1; p < name + n && c <= 0x10ffff; p++) {
            int digit_value = ascii_is_digit((unsigned char)*p) ? *p - '0'
                              : *p >= 'A' && *p <= 'F'          ? *p - 'A' + 10
                                                                : -1;
            if (digit_value < 0) {
                return -1;
            }
            c = c * 16 + (Py_UCS4)digit_value;
        }
        bool same = c <= 0x10ffff && (size_t)db_char_name(c, full, sizeof full) == n &&
                    memcmp(full, name, n) == 0;
        return same ? (int32_t)c : -1;
    }
    if (n > 16 && memcmp(name, "HANGUL SYLLABLE ", 16) == 0) {
        for (Py_UCS4 c = HANGUL_S; c < HANGUL_S + HANGUL_S_COUNT; c++) {
            if ((size_t)hangul_name(c, full, sizeof full) == n && memcmp(full, name, n) == 0) {
                return (int32_t)c;
            }
        }
    }
    return -1;
}

/* The row of a name, an alias or a sequence, any case; -1 if there is none. */
static int32_t find_row(const char *name, size_t n)
{
    char upper[DB_NAME_MAX + 1], found[DB_NAME_MAX + 1];
    uint32_t h = 2166136261u;
    for (size_t i = 0; i < n; i++) {
        upper[i] = (char)ascii_to_upper((unsigned char)name[i]);
        h = (h ^ (unsigned char)upper[i]) * 16777619u;
    }
    for (uint32_t slot = h & NAME_TABLE_MASK; name_table[slot] != 0;
         slot = (slot + 1) & NAME_TABLE_MASK) {
        size_t row = name_table[slot] - 1u;
        if ((size_t)row_name(row, found, sizeof found) == n && memcmp(found, upper, n) == 0) {
            return (int32_t)row;
        }
    }
    return -1;
}

int32_t db_name_lookup(const char *name, Py_ssize_t length)
{
    if (length > DB_NAME_MAX) {
        return -1;
    }
    int32_t row = find_row(name, (size_t)length);
    if (row >= 0) {
        return name_codes[row] & NAME_IS_SEQUENCE ? -1 : (int32_t)name_codes[row];
    }
    return computed_name(name, (size_t)length);
}

int db_name_lookup_text(const char *name, Py_ssize_t length, bool old, Py_UCS4 *out)
{
    if (length > DB_NAME_MAX) {
        return 0;
    }
    int32_t row = find_row(name, (size_t)length);
    int32_t c = row < 0 ? computed_name(name, (size_t)length) : 0;
    if (c < 0 || (old && row >= NAME_COUNT)) {
        return 0;
    }
    if (row >= 0 && name_codes[row] & NAME_IS_SEQUENCE) {
        const uint32_t *sequence = &name_sequences[name_codes[row] & ~NAME_IS_SEQUENCE];
        for (uint32_t i = 0; i < sequence[0]; i++) {
            out[i] = sequence[1 + i];
        }
        return (int)sequence[0];
    }
    out[0] = row >= 0 ? name_codes[row] : (Py_UCS4)c;
    return old && record(out[0], true)->category == 0 ? 0 : 1;
}

/* \N{...} in literals and namereplace use them from the start. */
__attribute__((constructor)) static void install(void)
{
    codec_name_lookup = db_name_lookup;
    codec_char_name = db_char_name;
}
