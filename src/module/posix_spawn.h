/* SPDX-License-Identifier: MIT */
/* Argument and environment vectors for exec and spawn; the fork hooks for _posixsubprocess. */
#ifndef OROCHI_MODULE_POSIX_SPAWN_H
#define OROCHI_MODULE_POSIX_SPAWN_H

#include "object/object.h"

/* NULL-terminated strings in a heap cell; their bytes objects are kept alive by `owners`. */
struct string_vector {
    char **strings;
    PyObject *owners; /* a list */
    size_t count;
};
/* From a list or tuple of path-likes. 0, or -1 with an exception. */
int vector_from_sequence(Value sequence, const char *function, struct string_vector *out);
/* "key=value" for each item of a mapping. */
int vector_from_environment(Value mapping, struct string_vector *out);

void posix_prepare_fork(void);
void posix_continue_parent(void);
void posix_continue_child(void);

#endif
