/* SPDX-License-Identifier: MIT */
/* Searching: the C library's memchr, memrchr and memmem, which are vectorised and linear. Wider
 * characters are searched as bytes; a hit that is not at a character boundary is skipped. */
#include "object/str_search.h"

#include <string.h>

#include "object/str_int.h"

/* memmem builds a table first, which costs more than most searches take. So the places where the
 * first bytes occur are tried, as long as they are far between. m > 1. */
static const char *find_text(const char *data, size_t n, const char *needle, size_t m)
{
    const char *p = data, *last = data + (n - m);
    size_t head = m < 16 ? m : 16;
    for (ptrdiff_t tries = 0; p <= last; p++, tries++) {
        if (tries > 4 + (p - data) / 16) {
            return memmem(p, (size_t)(last - p) + m, needle, m);
        }
        p = memchr(p, *needle, (size_t)(last - p) + 1);
        if (p == NULL) {
            return NULL;
        }
        if (memcmp(p, needle, head) == 0) {
            return head == m ? p : memmem(p, (size_t)(last - p) + m, needle, m);
        }
    }
    return NULL;
}

static Py_ssize_t find_bytes(const char *data, size_t n, const void *needle, size_t m, size_t width)
{
    const char *p = data, *end = data + n;
    while ((p = memmem(p, (size_t)(end - p), needle, m)) != NULL) {
        size_t offset = (size_t)(p - data);
        if (offset % width == 0) {
            return (Py_ssize_t)(offset / width);
        }
        p++;
    }
    return -1;
}

static Py_ssize_t find_char2(const Py_UCS2 *p, Py_ssize_t n, Py_UCS4 c)
{
    for (Py_ssize_t i = 0; i < n; i++) {
        if (p[i] == c) {
            return i;
        }
    }
    return -1;
}

Py_ssize_t search_char(int kind, const void *data, Py_ssize_t n, Py_UCS4 c)
{
    if (n <= 0) {
        return -1;
    }
    if (kind == 1) {
        const char *p = c > 0xff ? NULL : memchr(data, (int)c, (size_t)n);
        return p == NULL ? -1 : p - (const char *)data;
    }
    if (kind == 2) {
        return c > 0xffff ? -1 : find_char2(data, n, c);
    }
    const wchar_t *p = wmemchr(data, (wchar_t)c, (size_t)n);
    return p == NULL ? -1 : p - (const wchar_t *)data;
}

Py_ssize_t search_char_back(int kind, const void *data, Py_ssize_t n, Py_UCS4 c)
{
    if (n <= 0) {
        return -1;
    }
    if (kind == 1) {
        const char *p = c > 0xff ? NULL : memrchr(data, (int)c, (size_t)n);
        return p == NULL ? -1 : p - (const char *)data;
    }
    for (Py_ssize_t i = n; --i >= 0;) {
        if (str_read(kind, data, i) == c) {
            return i;
        }
    }
    return -1;
}

Py_ssize_t search_forward(int kind, const void *data, Py_ssize_t n, const void *needle,
                          Py_ssize_t m)
{
    if (m == 0) {
        return n >= 0 ? 0 : -1;
    }
    if (m > n) {
        return -1;
    }
    if (m == 1) {
        return search_char(kind, data, n, str_read(kind, needle, 0));
    }
    if (kind == 1) {
        const char *p = find_text(data, (size_t)n, needle, (size_t)m);
        return p == NULL ? -1 : p - (const char *)data;
    }
    return find_bytes(data, (size_t)(n * kind), needle, (size_t)(m * kind), (size_t)kind);
}

Py_ssize_t search_back(int kind, const void *data, Py_ssize_t n, const void *needle, Py_ssize_t m)
{
    if (m > n) {
        return -1;
    }
    if (m == 0) {
        return n;
    }
    Py_UCS4 first = str_read(kind, needle, 0);
    Py_ssize_t i = n - m;
    while ((i = search_char_back(kind, data, i + 1, first)) >= 0) {
        if (memcmp((const char *)data + i * kind, needle, (size_t)(m * kind)) == 0) {
            return i;
        }
        i--;
    }
    return -1;
}

Py_ssize_t search_count(int kind, const void *data, Py_ssize_t n, const void *needle, Py_ssize_t m,
                        Py_ssize_t max)
{
    if (n < 0 || max <= 0) {
        return 0;
    }
    if (m == 0) {
        return n < max ? n + 1 : max;
    }
    Py_ssize_t count = 0, at = 0;
    while (count < max) {
        Py_ssize_t i = search_forward(kind, (const char *)data + at * kind, n - at, needle, m);
        if (i < 0) {
            break;
        }
        count++;
        at += i + m;
    }
    return count;
}

/* ---- On str objects. */

void slice_clip(Py_ssize_t length, Py_ssize_t *start, Py_ssize_t *end)
{
    if (*end > length) {
        *end = length;
    } else if (*end < 0) {
        *end = *end + length < 0 ? 0 : *end + length;
    }
    if (*start < 0) {
        *start = *start + length < 0 ? 0 : *start + length;
    }
}

const void *str_data_as(PyObject *s, int kind)
{
    int own = str_kind(s);
    if (own == kind) {
        return str_data(s);
    }
    Py_ssize_t n = str_length(s);
    void *wide = heap_alloc((size_t)(n * kind) + 8, CELL_RAW);
    if (wide == NULL) {
        error_no_memory();
        return NULL;
    }
    str_copy_chars(kind, wide, 0, own, str_data(s), 0, n);
    return wide;
}

Py_ssize_t str_find(PyObject *s, PyObject *sub, Py_ssize_t start, Py_ssize_t end, int direction)
{
    slice_clip(str_length(s), &start, &end);
    int kind = str_kind(s);
    Py_ssize_t m = str_length(sub);
    if (end - start < m || str_kind(sub) > kind) {
        return -1;
    }
    const char *data = (const char *)str_data(s) + start * kind;
    Py_ssize_t i;
    if (m == 1) {
        Py_UCS4 c = str_at(sub, 0);
        i = direction > 0 ? search_char(kind, data, end - start, c)
                          : search_char_back(kind, data, end - start, c);
    } else {
        const void *needle = str_data_as(sub, kind);
        if (needle == NULL) {
            return -2;
        }
        i = direction > 0 ? search_forward(kind, data, end - start, needle, m)
                          : search_back(kind, data, end - start, needle, m);
    }
    return i < 0 ? -1 : i + start;
}

Py_ssize_t str_find_char(PyObject *s, Py_UCS4 c, Py_ssize_t start, Py_ssize_t end, int direction)
{
    slice_clip(str_length(s), &start, &end);
    int kind = str_kind(s);
    const char *data = (const char *)str_data(s) + start * kind;
    Py_ssize_t i = direction > 0 ? search_char(kind, data, end - start, c)
                                 : search_char_back(kind, data, end - start, c);
    return i < 0 ? -1 : i + start;
}

Py_ssize_t str_count(PyObject *s, PyObject *sub, Py_ssize_t start, Py_ssize_t end)
{
    slice_clip(str_length(s), &start, &end);
    int kind = str_kind(s);
    if (end - start < str_length(sub) || str_kind(sub) > kind) {
        return 0;
    }
    const void *needle = str_data_as(sub, kind);
    if (needle == NULL) {
        return -2;
    }
    return search_count(kind, (const char *)str_data(s) + start * kind, end - start, needle,
                        str_length(sub), PY_SSIZE_T_MAX);
}

/* Whether s[start:end] begins (at_end: ends) with the other. */
bool str_tail_match(PyObject *s, PyObject *sub, Py_ssize_t start, Py_ssize_t end, bool at_end)
{
    slice_clip(str_length(s), &start, &end);
    Py_ssize_t m = str_length(sub);
    if (end - start < m) {
        return false;
    }
    if (at_end) {
        start = end - m;
    }
    int ks = str_kind(s), kb = str_kind(sub);
    const void *ds = str_data(s), *db = str_data(sub);
    if (ks == kb) {
        return memcmp((const char *)ds + start * ks, db, (size_t)(m * ks)) == 0;
    }
    for (Py_ssize_t i = 0; ks > kb && i < m; i++) {
        if (str_read(ks, ds, start + i) != str_read(kb, db, i)) {
            return false;
        }
    }
    return ks > kb || m == 0;
}
