/* SPDX-License-Identifier: MIT */
/* _symtable: the compiler's scopes, for the symtable module. */
#include <Python.h>
#include <structmember.h>

#include "compile/compile.h"
#include "compile/scope.h"
#include "object/bytes.h"
#include "object/int.h"
#include "object/list.h"
#include "object/native.h"
#include "object/str.h"

/* One block. Constant. */
struct entry {
    PyObject base;
    PyObject *id, *name, *symbols, *varnames, *children, *nested, *type, *lineno;
};

static struct entry *entry_cast(Value v)
{
    return (struct entry *)(void *)value_object(v);
}

static void entry_trace(PyObject *self, struct tracer *tracer)
{
    struct entry *e = (struct entry *)(void *)self;
    trace_words(tracer, (const Value *)(const void *)&e->id, 8);
}

static Value entry_repr(Value self)
{
    struct entry *e = entry_cast(self);
    return value_from_object(str_format("<symtable entry %U(%S), line %S>", e->name,
                                        value_from_object(e->id), value_from_object(e->lineno)));
}

static const struct member_def entry_members[] = {
    {"children", T_OBJECT, offsetof(struct entry, children), READONLY},
    {"id", T_OBJECT, offsetof(struct entry, id), READONLY},
    {"lineno", T_OBJECT, offsetof(struct entry, lineno), READONLY},
    {"name", T_OBJECT, offsetof(struct entry, name), READONLY},
    {"nested", T_OBJECT, offsetof(struct entry, nested), READONLY},
    {"symbols", T_OBJECT, offsetof(struct entry, symbols), READONLY},
    {"type", T_OBJECT, offsetof(struct entry, type), READONLY},
    {"varnames", T_OBJECT, offsetof(struct entry, varnames), READONLY},
    {0},
};

static struct type_info entry_info = {
    .ops = {.repr = entry_repr},
    .trace = entry_trace,
    .members = entry_members,
    .flags = TYPE_NO_NEW,
};
static PyTypeObject entry_type = {
    STATIC_TYPE_HEAD,
    .tp_name = "symtable entry",
    .tp_basicsize = sizeof(struct entry),
    .tp_flags = Py_TPFLAGS_DEFAULT,
    .tp_cache = (PyObject *)&entry_info,
};

/* From the compiler's description, children included. */
static PyObject *entry_new(PyObject *description)
{
    enum { CHILDREN = 4, PART_COUNT = 8 };
    struct entry *e = (struct entry *)(void *)object_alloc_bytes(&entry_type, sizeof *e);
    if (e == NULL) {
        return NULL;
    }
    PyObject **slots = &e->id;
    for (int i = 0; i < PART_COUNT; i++) {
        heap_init(e, &slots[i], tuple_object(description, i));
    }
    PyObject *children = list_new(0);
    PyObject *descriptions = tuple_object(description, CHILDREN);
    for (Py_ssize_t i = 0; i < list_length(descriptions) && children != NULL; i++) {
        PyObject *child = entry_new(value_object(list_find(descriptions, i)));
        if (child == NULL || list_append(children, value_from_object(child)) < 0) {
            return NULL;
        }
    }
    heap_store(e, &e->children, children);
    return children == NULL ? NULL : (PyObject *)e;
}

static int parse_mode_of(PyObject *text)
{
    if (str_equal_text(text, "exec")) {
        return PARSE_FILE;
    }
    if (str_equal_text(text, "eval")) {
        return PARSE_EVAL;
    }
    if (str_equal_text(text, "single")) {
        return PARSE_SINGLE;
    }
    return error_raise_int(PyExc_ValueError,
                           "symtable() arg 3 must be 'exec' or 'eval' or 'single'");
}

static PyObject *decode_filename(Value v)
{
    if (str_check(v)) {
        return value_object(v);
    }
    Value method;
    if (object_find_special(v, names.__fspath__, &method) > 0) {
        Value path = object_call0(method);
        return value_is_null(path) ? NULL : decode_filename(path);
    }
    if (error_occurred()) {
        return NULL;
    }
    if (!object_has_buffer(v)) {
        return error_raise_null(PyExc_TypeError,
                                "expected str, bytes or os.PathLike object, not %T", v);
    }
    if (!bytes_check(v) &&
        error_warn(PyExc_DeprecationWarning, 1,
                   "path should be string, bytes, or os.PathLike, not %T", v) < 0) {
        return NULL;
    }
    PyObject *bytes = bytes_from_value(v);
    return bytes == NULL ? NULL : str_from_filename(bytes_data(bytes), bytes_length(bytes));
}

static Value symtable_symtable(Value self, const Value *args)
{
    const char *text;
    Py_ssize_t length;
    struct parse_options parse = {.feature_version = 11};
    if (str_check(args[0])) {
        text = str_utf8(value_object(args[0]), &length);
        parse.flags = PyCF_IGNORE_COOKIE;
    } else if (bytes_check(args[0])) {
        text = bytes_data(value_object(args[0]));
        length = bytes_length(value_object(args[0]));
    } else {
        return error_raise(PyExc_TypeError, "symtable() arg 1 must be a string or bytes object");
    }
    PyObject *filename = decode_filename(args[1]);
    PyObject *start = filename == NULL ? NULL : arg_str(args[2], "symtable", "argument 3");
    int mode = start == NULL ? -1 : parse_mode_of(start);
    if (text == NULL || mode < 0) {
        return VALUE_NULL;
    }
    parse.filename = filename;
    struct syntax_tree *tree = syntax_parse(text, (size_t)length, (enum parse_mode)mode, &parse);
    struct compile_options options = {.filename = filename};
    PyObject *symbols = tree == NULL ? NULL : compile_symbols(tree, &options);
    return symbols == NULL ? VALUE_NULL : value_from_object(entry_new(symbols));
}

static const struct native_def functions[] = {
    {"symtable", "($module, source, filename, startstr, /)", "Returns the scopes of source text.",
     .n = symtable_symtable},
    {0},
};

static const struct {
    const char *name;
    int value;
} constants[] = {
    {"USE", USE},
    {"DEF_GLOBAL", DEF_GLOBAL},
    {"DEF_NONLOCAL", DEF_NONLOCAL},
    {"DEF_LOCAL", DEF_LOCAL},
    {"DEF_PARAM", DEF_PARAM},
    {"DEF_FREE", DEF_FREE},
    {"DEF_FREE_CLASS", DEF_FREE_CLASS},
    {"DEF_IMPORT", DEF_IMPORT},
    {"DEF_BOUND", DEF_BOUND},
    {"DEF_ANNOT", DEF_ANNOT},
    {"TYPE_FUNCTION", SCOPE_FUNCTION},
    {"TYPE_CLASS", SCOPE_CLASS},
    {"TYPE_MODULE", SCOPE_MODULE},
    {"LOCAL", SCOPE_LOCAL},
    {"GLOBAL_EXPLICIT", SCOPE_GLOBAL_EXPLICIT},
    {"GLOBAL_IMPLICIT", SCOPE_GLOBAL_IMPLICIT},
    {"FREE", SCOPE_FREE},
    {"CELL", SCOPE_CELL},
    {"SCOPE_OFF", SYMBOL_SCOPE_SHIFT},
    {"SCOPE_MASK", SYMBOL_SCOPE_MASK},
};

static int exec(PyObject *module)
{
    for (size_t i = 0; i < sizeof constants / sizeof *constants; i++) {
        if (module_add_int(module, constants[i].name, constants[i].value) < 0) {
            return -1;
        }
    }
    return type_ready(&entry_type);
}

const struct module_def symtable_module = {"_symtable", "The compiler's scopes.", functions, exec};
