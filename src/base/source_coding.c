/* SPDX-License-Identifier: MIT */
/* The encoding that a source file declares. */
#include "base/source_coding.h"

#include <ctype.h>
#include <string.h>

static bool find_in_line(const char *line, const char *end, char out[SOURCE_CODING_MAX])
{
    const char *p = line;
    while (p < end && (*p == ' ' || *p == '\t' || *p == '\f')) {
        p++;
    }
    if (p == end || *p != '#') {
        return false;
    }
    for (; p + 6 < end; p++) {
        if (memcmp(p, "coding", 6) != 0 || (p[6] != ':' && p[6] != '=')) {
            continue;
        }
        const char *name = p + 7;
        while (name < end && (*name == ' ' || *name == '\t')) {
            name++;
        }
        size_t n = 0;
        while (name + n < end && n < SOURCE_CODING_MAX - 1 &&
               (isalnum((unsigned char)name[n]) || strchr("-_.", name[n]) != NULL)) {
            out[n] = name[n];
            n++;
        }
        out[n] = '\0';
        if (n > 0) {
            return true;
        }
    }
    return false;
}

static bool line_is_blank(const char *line, const char *end)
{
    while (line < end && (*line == ' ' || *line == '\t' || *line == '\f')) {
        line++;
    }
    return line == end || *line == '#' || *line == '\n' || *line == '\r';
}

static const char *find_line_end(const char *p, const char *end)
{
    while (p < end && *p != '\n' && *p != '\r') {
        p++;
    }
    return p;
}

bool source_find_coding(const char *text, const char *end, char out[SOURCE_CODING_MAX])
{
    const char *line_end = find_line_end(text, end);
    if (find_in_line(text, line_end, out)) {
        return true;
    }
    if (!line_is_blank(text, line_end) || line_end == end) {
        return false;
    }
    const char *second = line_end + 1;
    if (*line_end == '\r' && second < end && *second == '\n') {
        second++;
    }
    return find_in_line(second, find_line_end(second, end), out);
}
