/* SPDX-License-Identifier: MIT */
/* Tables and small data that inline functions of the headers read. */
#include "capi/capi_int.h"

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

char _PyByteArray_empty_string[] = "";
