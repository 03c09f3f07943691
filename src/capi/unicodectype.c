/* SPDX-License-Identifier: MIT */
/* What Py_UNICODE_ISALPHA and its like ask of a character. */
#include "capi/capi_int.h"
#include "object/unicode_data.h"
#include "object/unicode_db.h"

int _PyUnicode_IsAlpha(Py_UCS4 c)
{
    return char_is_alpha(c);
}

int _PyUnicode_IsDecimalDigit(Py_UCS4 c)
{
    return char_is_decimal(c);
}

int _PyUnicode_IsDigit(Py_UCS4 c)
{
    return char_is_digit(c);
}

int _PyUnicode_IsNumeric(Py_UCS4 c)
{
    return char_is_numeric(c);
}

int _PyUnicode_IsLowercase(Py_UCS4 c)
{
    return char_is_lower(c);
}

int _PyUnicode_IsUppercase(Py_UCS4 c)
{
    return char_is_upper(c);
}

int _PyUnicode_IsTitlecase(Py_UCS4 c)
{
    return char_is_title(c);
}

int _PyUnicode_IsWhitespace(const Py_UCS4 c)
{
    return char_is_space(c);
}

int _PyUnicode_IsLinebreak(const Py_UCS4 c)
{
    return char_is_linebreak(c);
}

int _PyUnicode_IsPrintable(Py_UCS4 c)
{
    return char_is_printable(c);
}

int _PyUnicode_IsXidStart(Py_UCS4 c)
{
    return char_is_xid_start(c);
}

int _PyUnicode_IsXidContinue(Py_UCS4 c)
{
    return char_is_xid_continue(c);
}

int _PyUnicode_IsCased(Py_UCS4 c)
{
    return char_is_cased(c);
}

int _PyUnicode_IsCaseIgnorable(Py_UCS4 c)
{
    return char_is_case_ignorable(c);
}

int _PyUnicode_ToDecimalDigit(Py_UCS4 c)
{
    return char_to_decimal(c);
}

int _PyUnicode_ToDigit(Py_UCS4 c)
{
    return char_to_digit(c);
}

Py_UCS4 _PyUnicode_ToLowercase(Py_UCS4 c)
{
    return char_to_lower(c);
}

Py_UCS4 _PyUnicode_ToUppercase(Py_UCS4 c)
{
    return char_to_upper(c);
}

Py_UCS4 _PyUnicode_ToTitlecase(Py_UCS4 c)
{
    return char_to_title(c);
}

double _PyUnicode_ToNumeric(Py_UCS4 c)
{
    double value;
    return db_numeric(c, false, &value) ? value : -1.0;
}
