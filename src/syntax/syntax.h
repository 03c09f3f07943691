/* SPDX-License-Identifier: MIT */
/* Source text to syntax trees. The node types are generated from syntax/ast.def into
 * "syntax/ast.h"; this is the entry. syntax/parser.c explains the parser. */
#ifndef OROCHI_SYNTAX_SYNTAX_H
#define OROCHI_SYNTAX_SYNTAX_H

#include "object/object.h"
#include "syntax/ast.h"

enum parse_mode { PARSE_FILE, PARSE_EVAL, PARSE_SINGLE, PARSE_FUNC_TYPE };

struct parse_options {
    PyObject *filename;  /* str, for error messages */
    int flags;           /* PyCF_* of compile.h: PyCF_TYPE_COMMENTS, PyCF_DONT_IMPLY_DEDENT,
                            PyCF_ALLOW_INCOMPLETE_INPUT, PyCF_IGNORE_COOKIE, future flags */
    int feature_version; /* minor version, 11 by default */
    bool is_file;        /* a program's file: encoding errors are worded differently */
};

/* A tree and all its nodes live in heap cells (an arena of WORDS cells), so that object constants
 * in them stay alive as long as the tree is referenced. */
struct syntax_tree {
    const struct cell_type *cell;
    struct mod *root;
    struct arena *arena;
};

struct syntax_tree *syntax_tree_new(struct mod *root, struct arena *arena);

/* NULL with SyntaxError, IndentationError, TabError, MemoryError ... set. The source need not be
 * NUL-terminated; a PEP 263 cookie and BOM are honoured unless PyCF_IGNORE_COOKIE. */
struct syntax_tree *syntax_parse(const char *source, size_t length, enum parse_mode mode,
                                 const struct parse_options *options);

/* What the parser needs from above: set once at start-up. */
struct syntax_hooks {
    Value (*import_module)(const char *name); /* importlib.import_module */
};
extern struct syntax_hooks syntax_hooks;
/* getattr(import_module(module), attribute) */
Value syntax_import(const char *module, const char *attribute);
/* warnings.warn_explicit(message, category, filename, lineno). 0, or -1 if it became an exception.
 */
int syntax_warn(PyObject *category, PyObject *message, PyObject *filename, int lineno);
/* Sets a SyntaxError (or a subclass) with its details. text may be NULL (None); end_lineno
 * SYNTAX_NO_END leaves both ends out. Offsets count characters from 1. */
enum { SYNTAX_NO_END = -2 };
void syntax_error_raise(PyObject *type, PyObject *message, PyObject *filename, int lineno,
                        int offset, PyObject *text, int end_lineno, int end_offset);

/* Conversions with the `ast` module's objects (module/_ast.c). */
/* Is it an instance of ast.AST? 1, 0, -1 */
int syntax_is_tree(Value object);
Value syntax_to_object(struct syntax_tree *tree);
struct syntax_tree *syntax_from_object(Value object, enum parse_mode mode);

#endif
