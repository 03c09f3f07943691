/* SPDX-License-Identifier: MIT */
/* Tables and small data that inline functions of the headers read. */
#include "capi/capi_int.h"
#include "heap/roots.h"

#define L PY_CTF_LOWER
#define U PY_CTF_UPPER
#define D (PY_CTF_DIGIT | PY_CTF_XDIGIT)
#define X PY_CTF_XDIGIT
#define S PY_CTF_SPACE

const unsigned int _Py_ctype_table[256] = {
    ['\t'] = S,        ['\n'] = S,
    ['\v'] = S,        ['\f'] = S,
    ['\r'] = S,        [' '] = S,
    ['0' ... '9'] = D, ['A' ... 'F'] = U | X,
    ['G' ... 'Z'] = U, ['a' ... 'f'] = L | X,
    ['g' ... 'z'] = L,
};

#define TO_LOWER(c) (unsigned char)((c) >= 'A' && (c) <= 'Z' ? (c) + 32 : (c))
#define TO_UPPER(c) (unsigned char)((c) >= 'a' && (c) <= 'z' ? (c)-32 : (c))
#define FOUR(f, c) f((c)), f((c) + 1), f((c) + 2), f((c) + 3)
#define ROW(f, c) FOUR(f, (c)), FOUR(f, (c) + 4), FOUR(f, (c) + 8), FOUR(f, (c) + 12)
#define QUARTER(f, c) ROW(f, (c)), ROW(f, (c) + 16), ROW(f, (c) + 32), ROW(f, (c) + 48)
#define ALL(f) QUARTER(f, 0), QUARTER(f, 64), QUARTER(f, 128), QUARTER(f, 192)

const unsigned char _Py_ctype_tolower[256] = {ALL(TO_LOWER)};
const unsigned char _Py_ctype_toupper[256] = {ALL(TO_UPPER)};

/* What PyByteArray_AS_STRING gives for an empty one. It may have had bytes a moment ago, when its
 * size was read: so many as fit in here are read or written without harm. */
char _PyByteArray_empty_string[1 << 20];

void capi_init_empty_bytes(void)
{
    heap_exclude_range(_PyByteArray_empty_string, sizeof _PyByteArray_empty_string);
}

/* Which ASCII characters str.strip() takes for space. */
const unsigned char _Py_ascii_whitespace[128] = {
    ['\t'] = 1, ['\n'] = 1, ['\v'] = 1, ['\f'] = 1, ['\r'] = 1,
    [' '] = 1,  [0x1C] = 1, [0x1D] = 1, [0x1E] = 1, [0x1F] = 1,
};

static int compare_folded(const char *a, const char *b, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        int x = Py_TOLOWER(a[i]), y = Py_TOLOWER(b[i]);
        if (x != y || x == 0) {
            return x - y;
        }
    }
    return 0;
}

int PyOS_mystrnicmp(const char *a, const char *b, Py_ssize_t n)
{
    return compare_folded(a, b, (size_t)n);
}

int PyOS_mystricmp(const char *a, const char *b)
{
    return compare_folded(a, b, SIZE_MAX);
}
