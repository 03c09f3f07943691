/* SPDX-License-Identifier: MIT */
/* From syntax trees to code objects. compile/compile.c explains the passes. */
#ifndef OROCHI_COMPILE_COMPILE_H
#define OROCHI_COMPILE_COMPILE_H

#include "object/object.h"
#include "syntax/syntax.h"

struct compile_options {
    PyObject *filename; /* str (or bytes-like already decoded) */
    int future_flags;   /* CO_FUTURE_* inherited */
    int optimize;       /* -1: as the command line says; 0, 1, 2 */
    bool dont_imply_dedent;
    bool allow_top_level_await;
    bool is_file; /* as in struct parse_options */
};
/* A code object, or NULL with SyntaxError and so on. mode: see enum parse_mode. */
PyObject *compile_tree(struct syntax_tree *tree, const struct compile_options *options);
/* Parse and compile UTF-8 source text. */
PyObject *compile_source(const char *source, size_t length, enum parse_mode mode,
                         const struct compile_options *options);
/* The scopes of a tree, for the symtable module: a tuple (id, name, {name: flags}, [parameter ...],
 * [child ...], nested, type, line), children of the same form. */
PyObject *compile_symbols(struct syntax_tree *tree, const struct compile_options *options);
extern int compile_default_optimize; /* -O */

#endif
