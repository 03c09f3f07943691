/* SPDX-License-Identifier: MIT */
/* The compiler: from syntax trees to code objects.
 *
 *  1. fold.c replaces constant expressions in the tree (`2 * 3`, `-1`, `(1, 2)`, `x in {1, 2}`).
 *  2. scope.c collects the names of all blocks, resolve.c decides where each name lives.
 *  3. statement.c and its siblings (expression, name, call, function, try, match) generate
 *     intermediate instructions, one unit per code object (unit.c). A unit has a register for each
 *     variable, and above them temporaries, which are allocated as a strict stack. Expressions are
 *     compiled into a wanted register; locals are operands as they are. An instruction is stamped
 *     with its source position and with the exception handler that is active.
 *  4. optimize.c threads jumps, removes dead code, checks of locals that are bound on all paths,
 * and NOPs; assemble.c lays the words out and makes the tables.
 *
 * Rules that all generating functions keep:
 *  - A register that is a local is written by the last instruction of an expression only: if
 *    anything before fails, or reads the local, the old value is still there.
 *  - A local may be an operand directly unless an expression that is evaluated between the load and
 *    the use may rebind it (only := can); then it is copied to a temporary first.
 *  - After a call, temporaries above its base are dead.
 *  - Errors do not unwind: compiler.failed is set and generation goes on in vain. */
#include "compile/compile_int.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include "object/dict.h"
#include "object/exception.h"
#include "object/int.h"

int compile_default_optimize;

enum { DEPTH_FACTOR = 3, DEFAULT_DEPTH = 1000 };
enum { COLUMN_NONE = -2 }; /* an error without an end column */

/* ---- Errors */

/* Line `number` of a file, or None. */
static Value read_line(PyObject *filename, int number)
{
    if (filename == NULL || number <= 0) {
        return VALUE_NONE;
    }
    const char *path = str_utf8(filename, NULL);
    FILE *file = path == NULL ? NULL : fopen(path, "rb");
    if (file == NULL) {
        error_clear();
        return VALUE_NONE;
    }
    char *line = NULL;
    size_t capacity = 0;
    ssize_t length = -1;
    for (int i = 0; i < number; i++) {
        length = getline(&line, &capacity, file);
    }
    Value text = length < 0 ? VALUE_NONE : value_from_object(str_from_utf8(line, length));
    free(line);
    fclose(file);
    if (value_is_null(text)) {
        error_clear();
        return VALUE_NONE;
    }
    return text;
}

static Value make_syntax_error(struct compiler *c, struct source_position pos, PyObject *message)
{
    Value details[] = {
        value_from_object(c->filename),
        value_from_int(pos.line),
        value_from_int(pos.column + 1),
        read_line(c->filename, pos.line),
        value_from_int(pos.end_line),
        pos.end_column == COLUMN_NONE ? VALUE_NONE : value_from_int(pos.end_column + 1),
    };
    PyObject *tuple = tuple_from_array(details, 6);
    if (message == NULL || tuple == NULL) {
        return VALUE_NULL;
    }
    return object_call2(value_from_object(PyExc_SyntaxError), value_from_object(message),
                        value_from_object(tuple));
}

static void raise_syntax_error(struct compiler *c, struct source_position pos, PyObject *message)
{
    c->failed = true;
    Value error = make_syntax_error(c, pos, message);
    if (!value_is_null(error)) {
        error_set_instance(value_object(error));
    }
}

void compile_error(struct compiler *c, struct source_position pos, const char *format, ...)
{
    if (c->failed) {
        return;
    }
    va_list arguments;
    va_start(arguments, format);
    PyObject *message = str_format_v(format, arguments);
    va_end(arguments);
    raise_syntax_error(c, pos, message);
}

void compile_warn(struct compiler *c, struct source_position pos, const char *format, ...)
{
    if (c->failed) {
        return;
    }
    va_list arguments;
    va_start(arguments, format);
    PyObject *message = keep(c, str_format_v(format, arguments));
    va_end(arguments);
    if (message == NULL || syntax_warn(PyExc_SyntaxWarning, message, c->filename, pos.line) == 0) {
        return;
    }
    if (!error_matches(PyExc_SyntaxWarning)) {
        c->failed = true;
        return;
    }
    error_clear(); /* a warning turned into an exception reads as a SyntaxError */
    raise_syntax_error(c, pos, message);
}

bool compile_enter(struct compiler *c)
{
    if (c->failed) {
        return false;
    }
    if (++c->depth > c->depth_limit || thread_stack_is_low()) {
        c->depth--;
        error_raise(PyExc_RecursionError, "maximum recursion depth exceeded during compilation");
        c->failed = true;
        return false;
    }
    return true;
}

/* ---- Mangling of private names */

static PyObject *intern(struct compiler *c, PyObject *name)
{
    if (!str_check_exact(value_from_object(name)) || str_is_interned(name)) {
        return name;
    }
    return keep(c, str_intern(name));
}

PyObject *compile_mangle(struct compiler *c, PyObject *private_name, PyObject *name)
{
    Py_ssize_t length = str_length(name);
    if (private_name == NULL || length < 3 || str_at(name, 0) != '_' || str_at(name, 1) != '_' ||
        (str_at(name, length - 1) == '_' && str_at(name, length - 2) == '_') ||
        str_find_char(name, '.', 0, length, 1) >= 0) {
        return intern(c, name);
    }
    Py_ssize_t start = 0;
    while (start < str_length(private_name) && str_at(private_name, start) == '_') {
        start++;
    }
    if (start == str_length(private_name)) {
        return intern(c, name);
    }
    PyObject *stripped = keep(c, str_substring(private_name, start, str_length(private_name)));
    PyObject *mangled = stripped == NULL ? NULL : keep(c, str_format("_%U%U", stripped, name));
    return mangled == NULL ? name : intern(c, mangled);
}

/* ---- Future statements */

struct future {
    const char *name;
    int flag;
};
static const struct future futures[] = {
    {"nested_scopes", 0},    {"generators", 0},
    {"division", 0},         {"absolute_import", 0},
    {"with_statement", 0},   {"print_function", 0},
    {"unicode_literals", 0}, {"barry_as_FLUFL", CO_FUTURE_BARRY_AS_BDFL},
    {"generator_stop", 0},   {"annotations", CO_FUTURE_ANNOTATIONS},
};

static void read_future(struct compiler *c, struct stmt *s, struct alias *alias)
{
    struct source_position pos = {s->lineno, s->lineno, s->col_offset, COLUMN_NONE};
    for (size_t i = 0; i < sizeof futures / sizeof *futures; i++) {
        if (str_equal_text(alias->name, futures[i].name)) {
            c->future_flags |= futures[i].flag;
            return;
        }
    }
    if (str_equal_text(alias->name, "braces")) {
        compile_error(c, pos, "not a chance");
    } else {
        compile_error(c, pos, "future feature %U is not defined", alias->name);
    }
}

static bool is_future_import(const struct stmt *s)
{
    return s->kind == STMT_ImportFrom && s->v.ImportFrom.level == 0 &&
           s->v.ImportFrom.module != NULL && str_equal_text(s->v.ImportFrom.module, "__future__");
}

/* On the line of the statement before it, it is reported at once, at a column that counts from 0;
 * else when the statement is compiled. */
static void late_future(struct compiler *c, struct stmt *s, int previous_line)
{
    if (s->lineno > previous_line) {
        return;
    }
    struct source_position pos = {s->lineno, s->lineno, s->col_offset - 1, COLUMN_NONE};
    compile_error(c, pos, "from __future__ imports must occur at the beginning of the file");
}

static void read_futures(struct compiler *c, struct stmt_seq *body)
{
    bool done = false;
    for (size_t i = 0; i < body->count && !c->failed; i++) {
        struct stmt *s = body->items[i];
        if (!is_future_import(s)) {
            bool docstring = i == 0 && s->kind == STMT_Expr &&
                             s->v.Expr.value->kind == EXPR_Constant &&
                             str_check(s->v.Expr.value->v.Constant.value);
            done = done || !docstring;
            continue;
        }
        if (done) {
            late_future(c, s, i > 0 ? body->items[i - 1]->lineno : 0);
            return;
        }
        c->future_line = s->lineno;
        for (size_t j = 0; j < s->v.ImportFrom.names->count; j++) {
            read_future(c, s, s->v.ImportFrom.names->items[j]);
        }
    }
}

/* ---- Entry */

static struct stmt_seq *root_body(struct mod *root)
{
    return root->kind == MOD_Module ? root->v.Module.body : root->v.Interactive.body;
}

static PyObject *compile_root(struct compiler *c, struct mod *root)
{
    unit_enter(c, UNIT_MODULE, keep(c, str_intern_text("<module>")), root, 1);
    if (c->failed) {
        return NULL;
    }
    if (is_top_level_await(c) && c->unit->scope->coroutine) {
        emit(c, OPCODE_RETURN_GENERATOR, 0, 0, 0, 0);
    }
    int result;
    if (root->kind == MOD_Expression) {
        c->unit->pos = POS_OF(root->v.Expression.body);
        result = expr_any(c, root->v.Expression.body);
        emit_a(c, OPCODE_RETURN_VALUE, result);
    } else {
        body_compile(c, root_body(root));
        emit(c, OPCODE_RETURN_NONE, 0, 0, 0, 0)->no_line = true;
    }
    return unit_leave(c);
}

static void setup(struct compiler *c, struct syntax_tree *tree,
                  const struct compile_options *options)
{
    int limit = thread_current()->state.recursion_limit;
    *c = (struct compiler){
        .tree = tree,
        .filename = options->filename,
        .keep = list_new(0),
        .future_flags = options->future_flags,
        .optimize = options->optimize < 0 ? compile_default_optimize : options->optimize,
        .interactive = tree->root->kind == MOD_Interactive,
        .top_level_await = options->allow_top_level_await,
        .depth_limit = (limit > 0 ? limit : DEFAULT_DEPTH) * DEPTH_FACTOR,
    };
    c->failed = c->keep == NULL;
}

static void prepare(struct compiler *c, struct mod *root)
{
    if (!c->failed && (root->kind == MOD_Module || root->kind == MOD_Interactive)) {
        read_futures(c, root_body(root));
    }
    if (!c->failed) {
        fold_tree(c);
    }
    if (!c->failed) {
        scopes_build(c, root);
    }
}

PyObject *compile_tree(struct syntax_tree *tree, const struct compile_options *options)
{
    struct compiler c;
    setup(&c, tree, options);
    prepare(&c, tree->root);
    PyObject *code = c.failed ? NULL : compile_root(&c, tree->root);
    region_free(&c);
    return c.failed ? NULL : code;
}

PyObject *compile_source(const char *source, size_t length, enum parse_mode mode,
                         const struct compile_options *options)
{
    int flags = (options->future_flags & PyCF_MASK) |
                (options->dont_imply_dedent ? PyCF_DONT_IMPLY_DEDENT : 0);
    struct parse_options parse = {options->filename, flags, 11, options->is_file};
    struct syntax_tree *tree = syntax_parse(source, length, mode, &parse);
    return tree == NULL ? NULL : compile_tree(tree, options);
}

/* ---- The symbol table as Python objects */

static PyObject *scope_description(struct scope *scope);

static PyObject *child_descriptions(struct scope *scope)
{
    PyObject *list = list_new(0);
    for (struct scope *s = scope->first_child; s != NULL && list != NULL; s = s->next) {
        PyObject *child = scope_description(s);
        if (child == NULL || list_append(list, value_from_object(child)) < 0) {
            return NULL;
        }
    }
    return list;
}

static int add_symbols(struct scope *scope, PyObject *symbols, PyObject *parameters)
{
    for (size_t i = 0; i < scope->count; i++) {
        struct symbol *s = scope->symbols[i];
        int flags = s->flags | (int)s->scope << SYMBOL_SCOPE_SHIFT;
        if (dict_set_str(symbols, s->name, value_from_int(flags)) < 0 ||
            ((s->flags & DEF_PARAM) && list_append(parameters, value_from_object(s->name)) < 0)) {
            return -1;
        }
    }
    return 0;
}

static PyObject *scope_description(struct scope *scope)
{
    PyObject *symbols = dict_new(), *parameters = list_new(0);
    PyObject *children = child_descriptions(scope);
    if (symbols == NULL || parameters == NULL || children == NULL ||
        add_symbols(scope, symbols, parameters) < 0) {
        return NULL;
    }
    Value parts[] = {
        int_from_i64((int64_t)(uintptr_t)scope->key),
        value_from_object(scope->name),
        value_from_object(symbols),
        value_from_object(parameters),
        value_from_object(children),
        value_from_int(scope->nested),
        value_from_int(scope->type),
        value_from_int(scope->pos.line),
    };
    return tuple_from_array(parts, sizeof parts / sizeof *parts);
}

PyObject *compile_symbols(struct syntax_tree *tree, const struct compile_options *options)
{
    struct compiler c;
    setup(&c, tree, options);
    if (!c.failed && (tree->root->kind == MOD_Module || tree->root->kind == MOD_Interactive)) {
        read_futures(&c, root_body(tree->root));
    }
    if (!c.failed) {
        scopes_build(&c, tree->root);
    }
    PyObject *result = c.failed ? NULL : scope_description(c.scopes);
    region_free(&c);
    return result;
}
