/* SPDX-License-Identifier: MIT */
#include "base/debug.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

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

void fatal_memory(const char *what)
{
    fprintf(stderr, "MemoryError: %s\n", what);
    fflush(stderr);
    _exit(1);
}

void check_failed(const char *condition, const char *file, int line)
{
    fatal_error("check failed at %s:%d: %s", file, line, condition);
}
