/* SPDX-License-Identifier: MIT */
#include "base/debug.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

void fatal_error(const char *format, ...)
{
    va_list arguments;
    fputs("Fatal Orochi error: ", stderr);
    va_start(arguments, format);
    vfprintf(stderr, format, arguments);
    va_end(arguments);
    fputc('\n', stderr);
    abort();
}

void check_failed(const char *condition, const char *file, int line)
{
    fatal_error("check failed at %s:%d: %s", file, line, condition);
}
